//! All processes that `mpirun` started, as ranks. Messages are bytes; nobody waits without end.
//!
//! Both sides of a message look again and again whether the other is there, first at once, then with pauses. So a wait can
//! end: after a time, or shortly after this process was asked to stop, which is what `mpirun` does to all when one has ended.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mpi::Threading;
use mpi::datatype::Equivalence;
use mpi::environment::Universe;
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator as _, Destination, Source};
use uphill_ranks::{Communicator, Error};

/// Bytes in a piece of a message at most: MPI counts by `int`. What is shorter is the last piece.
const PIECE: usize = 1 << 30;
/// So long a wait looks again at once.
const AT_ONCE: Duration = Duration::from_millis(2);
/// Then it pauses for so long before it looks again.
const PAUSE: Duration = Duration::from_micros(50);
/// What others get to answer once this process was asked to stop.
const LAST_ANSWERS: Duration = Duration::from_millis(300);

/// The ranks that MPI started.
pub struct Mpi {
    /// Ends MPI when it is dropped.
    _universe: Universe,
    rank: usize,
    count: usize,
    patience: Duration,
    stop: Arc<AtomicBool>,
    last_words: fn(&Error),
    /// One thread at a time speaks.
    speaking: Mutex<()>,
}

impl std::fmt::Debug for Mpi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mpi")
            .field("rank", &self.rank)
            .field("count", &self.count)
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}

/// Whether an MPI started this process, as far as its environment tells. A process that nobody started that way is a run of
/// one and needs no MPI.
#[must_use]
pub fn is_started_by_mpi() -> bool {
    const MARKS: [&str; 4] = ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK", "PMI_SIZE"];
    MARKS.iter().any(|mark| std::env::var_os(mark).is_some())
}

impl Mpi {
    /// Begins MPI, once a process; none if it has begun already. A rank that is silent for `patience` is given up.
    #[must_use]
    pub fn begin(patience: Duration) -> Option<Mpi> {
        let (universe, _) = mpi::initialize_with_threading(Threading::Serialized)?;
        let world = universe.world();
        // MPI counts by numbers that are not negative.
        let (rank, count) =
            (world.rank().unsigned_abs() as usize, world.size().unsigned_abs() as usize);
        let stop = Arc::default();
        let speaking = Mutex::default();
        Some(Mpi { _universe: universe, rank, count, patience, stop, last_words: |_| {}, speaking })
    }

    /// Gives up a rank that is silent shortly after this flag was raised.
    #[must_use]
    pub fn stopped_by(mut self, flag: Arc<AtomicBool>) -> Mpi {
        self.stop = flag;
        self
    }

    /// What to say before a message that nobody takes ends all ranks: MPI knows no way to take it back.
    #[must_use]
    pub fn last_words(mut self, say: fn(&Error)) -> Mpi {
        self.last_words = say;
        self
    }

    /// Ends all ranks at once with this exit code, where one of them is lost and MPI can't end as it should.
    pub fn abort(&self, code: i32) -> ! {
        SimpleCommunicator::world().abort(code)
    }
}

impl Communicator for Mpi {
    fn rank(&self) -> usize {
        self.rank
    }

    fn count(&self) -> usize {
        self.count
    }

    fn send(&self, to: usize, message: &[u8]) -> Result<(), Error> {
        let _alone = self.speaking.lock().unwrap_or_else(PoisonError::into_inner);
        let world = SimpleCommunicator::world();
        let process = world.process_at_rank(to as i32);
        let whole = message.chunks_exact(PIECE);
        let rest = whole.remainder();
        for piece in whole.chain([rest]) {
            mpi::request::scope(|scope| {
                let mut request = process.immediate_send(scope, piece);
                let mut wait = Wait::new(self);
                while let Err(unfinished) = request.test() {
                    request = unfinished;
                    if let Err(why) = wait.a_while() {
                        (self.last_words)(&Error::Silent { rank: to, why });
                        self.abort(1);
                    }
                }
            });
        }
        Ok(())
    }

    fn receive(&self, from: usize) -> Result<Vec<u8>, Error> {
        let _alone = self.speaking.lock().unwrap_or_else(PoisonError::into_inner);
        let world = SimpleCommunicator::world();
        let process = world.process_at_rank(from as i32);
        let mut message = Vec::new();
        loop {
            let mut wait = Wait::new(self);
            let (piece, status) = loop {
                match process.immediate_matched_probe() {
                    Some(found) => break found,
                    None => wait.a_while().map_err(|why| Error::Silent { rank: from, why })?,
                }
            };
            let length = status.count(u8::equivalent_datatype()).unsigned_abs() as usize;
            let before = message.len();
            message.resize(before + length, 0_u8);
            piece.matched_receive_into(&mut message[before..]);
            if length < PIECE {
                return Ok(message);
            }
        }
    }
}

/// A wait that has an end.
struct Wait<'m> {
    mpi: &'m Mpi,
    begun: Instant,
    /// When it was first seen that this process was asked to stop.
    asked: Option<Instant>,
}

impl<'m> Wait<'m> {
    fn new(mpi: &'m Mpi) -> Wait<'m> {
        Wait { mpi, begun: Instant::now(), asked: None }
    }

    /// Lets others work for a while.
    ///
    /// # Errors
    ///
    /// Why it has waited long enough.
    fn a_while(&mut self) -> Result<(), String> {
        let waited = self.begun.elapsed();
        if waited > self.mpi.patience {
            return Err(format!("not for {} seconds", self.mpi.patience.as_secs()));
        }
        if self.mpi.stop.load(Ordering::Relaxed)
            && self.asked.get_or_insert_with(Instant::now).elapsed() > LAST_ANSWERS
        {
            return Err("it has ended, or somebody ends this run".into());
        }
        if waited < AT_ONCE {
            std::thread::yield_now();
        } else {
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }
}
