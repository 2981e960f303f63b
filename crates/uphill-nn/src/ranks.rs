//! Samples that ranks share: where those of this one stand, and what all come to.

use std::sync::Arc;

use uphill_ranks::{Alone, Communicator, Place};

use crate::error::Error;

/// The ranks, and the place of this one's samples among those of all.
#[derive(Clone)]
pub(crate) struct Ranks {
    communicator: Arc<dyn Communicator>,
    place: Place,
}

impl Ranks {
    /// All samples are this rank's.
    pub(crate) fn alone(samples: usize) -> Ranks {
        Ranks { communicator: Arc::new(Alone), place: Place { first: 0, all: samples } }
    }

    /// This rank has so many of the samples.
    pub(crate) fn find(communicator: Arc<dyn Communicator>, own: usize) -> Result<Ranks, Error> {
        let place = Place::find(&*communicator, own)?;
        Ok(Ranks { communicator, place })
    }

    /// The same ranks, of other samples.
    pub(crate) fn with(&self, own: usize) -> Result<Ranks, Error> {
        Ranks::find(Arc::clone(&self.communicator), own)
    }

    pub(crate) fn communicator(&self) -> &dyn Communicator {
        &*self.communicator
    }

    pub(crate) fn is_alone(&self) -> bool {
        self.communicator.count() == 1
    }

    /// The number of the first sample of this rank.
    pub(crate) fn first(&self) -> usize {
        self.place.first
    }

    /// The number of samples of all ranks.
    pub(crate) fn all(&self) -> usize {
        self.place.all
    }

    /// How many samples a sum goes over, if it goes over so many of this rank: some of them, where there is no other.
    pub(crate) fn all_of(&self, own: usize) -> usize {
        if self.is_alone() { own } else { self.all() }
    }
}
