//! Rows that ranks share: what all have found, or the error of the first that failed.

use uphill_ranks::{Alone, Communicator, Failure, Place, Tree, any, gather, settled};

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

    /// The sum over all ranks, unless one of them failed.
    pub(crate) fn finish<J: Fn(&mut Vec<f64>, &[f64])>(
        &self,
        tree: Tree<J>,
        own: Result<(), Error>,
    ) -> Result<Option<Vec<f64>>, Error> {
        let said = own.as_ref().copied().map_err(Failure::of);
        let sum = tree.finish(self.communicator, said);
        settled(self.communicator, sum, own).map(|(sum, ())| sum)
    }

    /// The numbers that ranks have found, in their order, of those that have any.
    pub(crate) fn gather(
        &self,
        own: Result<Option<Vec<f64>>, Error>,
    ) -> Result<Vec<Vec<f64>>, Error> {
        let bytes = |numbers: &Option<Vec<f64>>| {
            numbers.iter().flatten().flat_map(|number| number.to_le_bytes()).collect()
        };
        let said = own.as_ref().map(bytes).map_err(Failure::of);
        let all = gather(self.communicator, said);
        let (all, _) = settled(self.communicator, all, own)?;
        let numbers = |message: Vec<u8>| -> Vec<f64> {
            message.as_chunks().0.iter().map(|eight| f64::from_le_bytes(*eight)).collect()
        };
        Ok(all.into_iter().map(numbers).filter(|numbers| !numbers.is_empty()).collect())
    }
}

/// Whether any rank is asked to stop; where one is lost, whatever comes next tells so.
pub(crate) fn asked(ranks: &dyn Communicator, own: bool) -> bool {
    any(ranks, own).unwrap_or(true)
}
