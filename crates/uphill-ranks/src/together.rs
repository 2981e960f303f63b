//! What ranks do together: everybody learns what each has to say, or that one of them failed.
//!
//! All goes along one tree of ranks: up to rank 0, then down again, so that a message passes few ranks however many there
//! are. A rank that failed says so in the place of what it has to add; nobody waits for it.

use crate::communicator::Communicator;
use crate::error::{Error, Failure, RankError};
use crate::message::{Reader, Writer};

/// What goes up: what was collected, or the failure of the first rank that has one.
pub(crate) type Collected<T> = Result<T, (usize, Failure)>;

const FINE: u64 = 0;
const INTERRUPTED: u64 = 1;
const FAILED: u64 = 2;

/// Tells a rank what was collected.
fn tell(
    ranks: &dyn Communicator,
    to: usize,
    collected: &Collected<impl AsRef<[u8]>>,
) -> Result<(), Error> {
    let mut message = Writer::default();
    match collected {
        Ok(bytes) => {
            message.whole(FINE);
            message.0.extend(bytes.as_ref());
        }
        Err((rank, failure)) => {
            message.whole(match failure {
                Failure::Interrupted => INTERRUPTED,
                Failure::Failed(_) => FAILED,
            });
            message.whole(*rank as u64);
            if let Failure::Failed(what) = failure {
                message.0.extend(what.as_bytes());
            }
        }
    }
    ranks.send(to, &message.0)
}

/// What a rank was told.
fn told(ranks: &dyn Communicator, from: usize) -> Result<Collected<Vec<u8>>, Error> {
    let mut bytes = ranks.receive(from)?;
    let mut message = Reader(&bytes);
    let strange = Error::Strange { rank: from };
    let failed = match message.whole() {
        Some(FINE) => {
            bytes.drain(..8);
            return Ok(Ok(bytes));
        }
        Some(INTERRUPTED) => Failure::Interrupted,
        Some(FAILED) => {
            Failure::Failed(String::from_utf8_lossy(message.0.get(8..).unwrap_or_default()).into())
        }
        _ => return Err(strange),
    };
    match message.count() {
        Some(rank) => Ok(Err((rank, failed))),
        None => Err(strange),
    }
}

/// Collects along the tree of ranks: rank 0 has all in the end, the others have sent theirs on.
///
/// `add` gets what a rank behind this one has collected; `write` makes a message of it all.
pub(crate) fn collect<T>(
    ranks: &dyn Communicator,
    mut own: Collected<T>,
    mut add: impl FnMut(&mut T, &[u8]) -> Option<()>,
    write: impl Fn(&T) -> Vec<u8>,
) -> Result<Option<Collected<T>>, Error> {
    let (rank, count) = (ranks.rank(), ranks.count());
    let mut step = 1;
    while step < count {
        if !rank.is_multiple_of(2 * step) {
            tell(ranks, rank - step, &own.as_ref().map(write).map_err(Clone::clone))?;
            return Ok(None);
        }
        let other = rank + step;
        if other < count {
            match (told(ranks, other)?, &mut own) {
                (Ok(bytes), Ok(all)) => {
                    add(all, &bytes).ok_or(Error::Strange { rank: other })?;
                }
                (Err(failure), Ok(_)) => own = Err(failure),
                // The first rank's failure counts.
                (_, Err(_)) => {}
            }
        }
        step *= 2;
    }
    Ok(Some(own))
}

/// Sends what rank 0 has down the tree of ranks.
pub(crate) fn spread(
    ranks: &dyn Communicator,
    known: Option<Collected<Vec<u8>>>,
) -> Result<Vec<u8>, Error> {
    let (rank, count) = (ranks.rank(), ranks.count());
    let known = match known {
        Some(known) => known,
        // Its lowest bit tells from where.
        None => told(ranks, rank & (rank - 1))?,
    };
    let reach = if rank == 0 { count.next_power_of_two() } else { 1 << rank.trailing_zeros() };
    let mut step = reach / 2;
    while step > 0 {
        if rank + step < count {
            tell(ranks, rank + step, &known)?;
        }
        step /= 2;
    }
    known.map_err(|(rank, failure)| failure.told_by(rank))
}

/// What each rank has to say, in their order, known to all.
///
/// # Errors
///
/// Of the first rank that failed its own error, as it is; on all others [`Error::Elsewhere`] with its sentence, or
/// [`Error::Interrupted`]. [`Error::Silent`] and [`Error::Strange`] where a rank is lost, unless this one has an error of its
/// own.
pub fn gather<E: RankError>(
    ranks: &dyn Communicator,
    own: Result<Vec<u8>, E>,
) -> Result<Vec<Vec<u8>>, E> {
    let (said, own) = told_of(own);
    settled(ranks, gathered(ranks, said), own).map(|(all, ())| all)
}

/// The numbers that each rank has, in their order, known to all.
///
/// # Errors
///
/// As [`gather`].
pub fn gather_numbers<E: RankError>(
    ranks: &dyn Communicator,
    own: Result<Vec<f64>, E>,
) -> Result<Vec<Vec<f64>>, E> {
    gather_eights(ranks, own, f64::to_le_bytes, f64::from_le_bytes)
}

/// The counts that each rank has, in their order, known to all.
///
/// # Errors
///
/// As [`gather`].
pub fn gather_counts<E: RankError>(
    ranks: &dyn Communicator,
    own: Result<Vec<usize>, E>,
) -> Result<Vec<Vec<usize>>, E> {
    let bytes = |count: usize| (count as u64).to_le_bytes();
    gather_eights(ranks, own, bytes, |eight| u64::from_le_bytes(eight) as usize)
}

fn gather_eights<T: Copy, E: RankError>(
    ranks: &dyn Communicator,
    own: Result<Vec<T>, E>,
    bytes: impl Fn(T) -> [u8; 8],
    value: impl Fn([u8; 8]) -> T,
) -> Result<Vec<Vec<T>>, E> {
    let own = own.map(|own| own.iter().flat_map(|&one| bytes(one)).collect());
    let list = |(rank, message): (usize, Vec<u8>)| match message.as_chunks() {
        (eights, []) => Ok(eights.iter().map(|&eight| value(eight)).collect()),
        _ => Err(Error::Strange { rank }.into()),
    };
    gather(ranks, own)?.into_iter().enumerate().map(list).collect()
}

/// What rank 0 has to say, known to all; the others' is not looked at.
///
/// # Errors
///
/// As [`gather`], of rank 0.
pub fn broadcast<E: RankError>(
    ranks: &dyn Communicator,
    own: Result<Vec<u8>, E>,
) -> Result<Vec<u8>, E> {
    let is_first = ranks.rank() == 0;
    let (said, own) = told_of(own);
    let known = spread(ranks, is_first.then(|| said.map_err(|failure| (0, failure))));
    settled(ranks, known, if is_first { own } else { Ok(()) }).map(|(known, ())| known)
}

/// Goes on if all ranks can.
///
/// # Errors
///
/// As [`gather`].
pub fn agree<T, E: RankError>(ranks: &dyn Communicator, own: Result<T, E>) -> Result<T, E> {
    if ranks.count() == 1 {
        return own;
    }
    let said = own.as_ref().map(|_| Vec::new()).map_err(E::failure);
    settled(ranks, gathered(ranks, said), own).map(|(_, own)| own)
}

/// What the others are told, and the error that is kept.
pub(crate) fn told_of<T, E: RankError>(own: Result<T, E>) -> (Result<T, Failure>, Result<(), E>) {
    match own {
        Ok(own) => (Ok(own), Ok(())),
        Err(error) => (Err(error.failure()), Err(error)),
    }
}

fn gathered(
    ranks: &dyn Communicator,
    own: Result<Vec<u8>, Failure>,
) -> Result<Vec<Vec<u8>>, Error> {
    let own = own.map_err(|failure| (ranks.rank(), failure));
    let own = own.map(|bytes| {
        let mut message = Writer::default();
        message.bytes(&bytes);
        message.0
    });
    let add = |all: &mut Vec<u8>, bytes: &[u8]| {
        all.extend(bytes);
        Some(())
    };
    let all = spread(ranks, collect(ranks, own, add, Vec::clone)?)?;
    let (mut list, mut message) = (Vec::with_capacity(ranks.count()), Reader(&all));
    while let Some(bytes) = message.bytes() {
        list.push(bytes.to_vec());
    }
    if list.len() == ranks.count() { Ok(list) } else { Err(Error::Strange { rank: 0 }) }
}

/// What ranks found together, beside what this one had to add to it, or why it had nothing.
pub(crate) fn settled<T, O, E: RankError>(
    ranks: &dyn Communicator,
    found: Result<T, Error>,
    own: Result<O, E>,
) -> Result<(T, O), E> {
    match (found, own) {
        (Ok(found), Ok(own)) => Ok((found, own)),
        (Err(Error::Elsewhere { rank, .. }), Err(own)) if rank == ranks.rank() => Err(own),
        (Err(error @ (Error::Elsewhere { .. } | Error::Interrupted)), _) => Err(error.into()),
        (Err(error), Ok(_)) => Err(error.into()),
        (_, Err(own)) => Err(own),
    }
}

/// Whether any rank says yes.
///
/// # Errors
///
/// As [`gather`].
pub fn any(ranks: &dyn Communicator, own: bool) -> Result<bool, Error> {
    if ranks.count() == 1 {
        return Ok(own);
    }
    let add = |all: &mut bool, bytes: &[u8]| {
        *all |= bytes.first()? != &0;
        Some(())
    };
    let write = |all: &bool| vec![u8::from(*all)];
    let all = collect(ranks, Ok(own), add, write)?;
    let all = spread(ranks, all.map(|all| all.map(|all| write(&all))))?;
    all.first().map(|all| *all != 0).ok_or(Error::Strange { rank: 0 })
}
