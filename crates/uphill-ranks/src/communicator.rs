//! How ranks speak with each other: messages from one to another, in order. All else is made of these.

use crate::error::Error;

/// One rank of a run, and its way to the others.
///
/// All ranks of a run make the same calls in the same order; what they send and receive is then what the others wait for.
/// Messages from one rank to another arrive in the order in which they were sent.
pub trait Communicator: Send + Sync {
    /// The number of this rank, from 0.
    fn rank(&self) -> usize;

    /// The number of ranks.
    fn count(&self) -> usize;

    /// Sends a message. It may wait until the other one receives.
    ///
    /// # Errors
    ///
    /// [`Error::Silent`] if the other one doesn't take it within a bounded time.
    fn send(&self, to: usize, message: &[u8]) -> Result<(), Error>;

    /// Receives the next message from a rank.
    ///
    /// # Errors
    ///
    /// [`Error::Silent`] if none comes within a bounded time.
    fn receive(&self, from: usize) -> Result<Vec<u8>, Error>;
}

/// The only rank of a run: it has nobody to speak to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Alone;

impl Communicator for Alone {
    fn rank(&self) -> usize {
        0
    }

    fn count(&self) -> usize {
        1
    }

    fn send(&self, to: usize, _: &[u8]) -> Result<(), Error> {
        Err(Error::Silent { rank: to, why: "it isn't there".into() })
    }

    fn receive(&self, from: usize) -> Result<Vec<u8>, Error> {
        Err(Error::Silent { rank: from, why: "it isn't there".into() })
    }
}
