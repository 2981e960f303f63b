//! Ranks that are threads of one process: for tests, and for whoever wants a few without MPI.

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::ScopedJoinHandle;
use std::time::Duration;

use crate::communicator::Communicator;
use crate::error::Error;

/// A thread that is silent for so long is given up.
const PATIENCE: Duration = Duration::from_secs(600);

/// One of the ranks of a [`team`].
#[derive(Debug)]
pub struct Member {
    rank: usize,
    to: Vec<Sender<Vec<u8>>>,
    from: Vec<Mutex<Receiver<Vec<u8>>>>,
}

/// So many ranks, each to be moved to a thread of its own. One that is dropped is told to those who wait for it.
#[must_use]
pub fn team(count: usize) -> Vec<Member> {
    let mut members: Vec<Member> =
        (0..count).map(|rank| Member { rank, to: Vec::new(), from: Vec::new() }).collect();
    for from in 0..count {
        for to in 0..count {
            let (sender, receiver) = channel();
            members[from].to.push(sender);
            // Receivers come in the order of those who send.
            members[to].from.push(Mutex::new(receiver));
        }
    }
    members
}

/// What each of so many ranks finds, in their order, when all do this work at once, each on a thread of its own.
///
/// # Panics
///
/// If the work panics on some rank; the others are told that it has ended, and end first.
pub fn in_threads<T: Send>(count: usize, work: impl Fn(Member) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let work = &work;
        let threads = team(count).into_iter().map(|ranks| scope.spawn(move || work(ranks)));
        let threads: Vec<_> = threads.collect();
        let found = threads.into_iter().map(ScopedJoinHandle::join);
        found.map(|found| found.unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}

impl Communicator for Member {
    fn rank(&self) -> usize {
        self.rank
    }

    fn count(&self) -> usize {
        self.to.len()
    }

    fn send(&self, to: usize, message: &[u8]) -> Result<(), Error> {
        let sent = self.to[to].send(message.to_vec());
        sent.map_err(|_| Error::Silent { rank: to, why: "it has ended".into() })
    }

    fn receive(&self, from: usize) -> Result<Vec<u8>, Error> {
        let receiver = self.from[from].lock().unwrap_or_else(PoisonError::into_inner);
        receiver.recv_timeout(PATIENCE).map_err(|error| {
            let why = match error {
                RecvTimeoutError::Disconnected => "it has ended".into(),
                RecvTimeoutError::Timeout => format!("not for {} seconds", PATIENCE.as_secs()),
            };
            Error::Silent { rank: from, why }
        })
    }
}
