//! Which samples each change of the weights looks at: all, one, or a few; in their order or shuffled.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::random::{Permutation, Stream};
use crate::row_source::Rows;

/// Which samples a change adds up Δw over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Order {
    /// All: "Add all Δw's computed for all input vectors", as on the slide.
    #[default]
    FullBatch,
    /// One after the other.
    PerSample {
        /// In an order that is drawn anew for each pass.
        shuffled: bool,
    },
    /// This many at a time; the last batch of a pass may be smaller.
    MiniBatch {
        /// How many.
        size: usize,
        /// In an order that is drawn anew for each pass.
        shuffled: bool,
    },
}

impl Order {
    pub(super) fn check(self) -> Result<(), Error> {
        match self {
            Order::MiniBatch { size: 0, .. } => {
                Err(Error::setting("mini-batches of 0 samples; give at least 1"))
            }
            _ => Ok(()),
        }
    }

    /// The number of samples a change looks at.
    fn size(self, samples: usize) -> usize {
        match self {
            Order::FullBatch => samples,
            Order::PerSample { .. } => 1,
            Order::MiniBatch { size, .. } => size.min(samples),
        }
    }

    /// The number of changes in one pass over the samples.
    #[must_use]
    pub fn changes_per_pass(self, samples: usize) -> usize {
        samples.div_ceil(self.size(samples).max(1)).max(1)
    }

    fn is_shuffled(self) -> bool {
        matches!(
            self,
            Order::PerSample { shuffled: true } | Order::MiniBatch { shuffled: true, .. }
        )
    }
}

/// The batches, by the number of changes: nothing to save, as a pass's order follows from the seed and its number.
pub(super) struct Batches {
    order: Order,
    samples: usize,
    seed: u64,
    pass: usize,
    /// Drawn for this pass; none where rows stay in their order.
    shuffled: Option<Permutation>,
    /// The rows of the last change that was asked for.
    batch: Vec<usize>,
}

impl Batches {
    pub(super) fn new(order: Order, samples: usize, seed: u64) -> Batches {
        let mut batches =
            Batches { order, samples, seed, pass: 0, shuffled: None, batch: Vec::new() };
        batches.draw(0);
        batches
    }

    fn draw(&mut self, pass: usize) {
        self.pass = pass;
        if self.order.is_shuffled() {
            let stream = &mut Stream::new(self.seed, pass as u64 + 1);
            self.shuffled = Some(stream.permutation(self.samples));
        }
    }

    /// The rows for the change that follows after this many.
    pub(super) fn rows(&mut self, changes: usize) -> Rows<'_> {
        let per_pass = self.order.changes_per_pass(self.samples);
        let pass = changes / per_pass;
        if pass != self.pass {
            self.draw(pass);
        }
        let size = self.order.size(self.samples);
        let start = changes % per_pass * size;
        let end = (start + size).min(self.samples);
        let Some(shuffled) = &self.shuffled else { return Rows::Range(start..end) };
        self.batch.clear();
        self.batch.extend((start..end).map(|place| shuffled.at(place)));
        Rows::List(&self.batch)
    }
}
