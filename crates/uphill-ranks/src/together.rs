//! What ranks do together: everybody learns what each has to say, or that one of them failed.
//!
//! All goes along one tree of ranks: up to rank 0, then down again, so that a message passes few ranks however many there
//! are. A rank that failed says so in the place of what it has to add; nobody waits for it.

use crate::communicator::Communicator;
use crate::error::{Error, Failure};
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
/// [`Error::Elsewhere`] with the sentence of the first rank that failed, on all of them, and [`Error::Interrupted`];
/// [`Error::Silent`] and [`Error::Strange`] where a rank is lost.
pub fn gather(
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

/// What rank 0 has to say, known to all; the others' is not looked at.
///
/// # Errors
///
/// As [`gather`], of rank 0.
pub fn broadcast(
    ranks: &dyn Communicator,
    own: Result<Vec<u8>, Failure>,
) -> Result<Vec<u8>, Error> {
    let is_first = ranks.rank() == 0;
    spread(ranks, is_first.then(|| own.map_err(|failure| (0, failure))))
}

/// Goes on if all ranks can.
///
/// # Errors
///
/// As [`settled`].
pub fn agree<T, E: From<Error> + std::fmt::Display>(
    ranks: &dyn Communicator,
    own: Result<T, E>,
) -> Result<T, E> {
    if ranks.count() == 1 {
        return own;
    }
    let said = own.as_ref().map(|_| Vec::new()).map_err(Failure::of);
    settled(ranks, gather(ranks, said), own).map(|(_, own)| own)
}

/// What ranks found together, beside what this one had to add to it, or why it had nothing.
///
/// # Errors
///
/// Of the first rank that failed its own error, as it is; of all others [`Error::Elsewhere`]. A rank that is lost to the
/// others has its own error, if there is one.
pub fn settled<T, O, E: From<Error>>(
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
