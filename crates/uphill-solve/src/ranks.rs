//! Rows that ranks share: where those of this one stand, and what all have found.

use uphill_ranks::{Alone, Communicator, Place, any, gather_numbers};

use crate::error::Error;

/// The ranks, and the place of this one's rows among those of all.
#[derive(Clone, Copy)]
pub(crate) struct Ranks<'r> {
    communicator: &'r dyn Communicator,
    place: Place,
}

impl<'r> Ranks<'r> {
    /// All rows are this rank's.
    pub(crate) fn alone(rows: usize) -> Ranks<'r> {
        Ranks { communicator: &Alone, place: Place { first: 0, all: rows } }
    }

    /// This rank has so many of the rows.
    pub(crate) fn find(communicator: &'r dyn Communicator, own: usize) -> Result<Ranks<'r>, Error> {
        Ok(Ranks { communicator, place: Place::find(communicator, own)? })
    }

    /// The number of the first row of this rank.
    pub(crate) fn first(&self) -> usize {
        self.place.first
    }

    /// The number of rows of all ranks.
    pub(crate) fn all(&self) -> usize {
        self.place.all
    }

    /// The ranks.
    pub(crate) fn communicator(&self) -> &'r dyn Communicator {
        self.communicator
    }

    /// The numbers that ranks have found, in their order, of those that have any.
    pub(crate) fn gather(
        &self,
        own: Result<Option<Vec<f64>>, Error>,
    ) -> Result<Vec<Vec<f64>>, Error> {
        let all = gather_numbers(self.communicator, own.map(Option::unwrap_or_default))?;
        Ok(all.into_iter().filter(|numbers| !numbers.is_empty()).collect())
    }
}

/// Whether any rank is asked to stop; where one is lost, whatever comes next tells so.
pub(crate) fn asked(ranks: &dyn Communicator, own: bool) -> bool {
    any(ranks, own).unwrap_or(true)
}
