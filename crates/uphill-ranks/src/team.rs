//! Ranks that are threads of one process: for tests, and for whoever wants a few without MPI.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
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
