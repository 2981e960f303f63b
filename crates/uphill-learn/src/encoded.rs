//! Rows of a table's store as samples of a network, encoded by a recipe whenever they are read.

use std::sync::Arc;

use uphill_nn::{RowSource, Samples};
use uphill_table::{Recipe, Store};

use crate::error::Error;

/// Rows of a store, encoded by a recipe: they stay as narrow as the table.
struct Encoded {
    store: Store,
    recipe: Arc<Recipe>,
}

impl RowSource for Encoded {
    fn row_count(&self) -> usize {
        self.store.row_count()
    }

    fn input_count(&self) -> usize {
        self.recipe.input_count()
    }

    fn desired_count(&self) -> usize {
        self.recipe.target.count()
    }

    fn read(&self, first: usize, into: &mut [f64]) -> std::io::Result<()> {
        let width = self.input_count() + self.desired_count();
        let mut raw = vec![0.0; into.len() / width * self.store.width()];
        self.store.read(first, &mut raw)?;
        let mut encoded = Vec::with_capacity(width);
        for (raw, into) in raw.chunks_exact(self.store.width()).zip(into.chunks_exact_mut(width)) {
            encoded.clear();
            self.recipe.encode_inputs(raw, &mut encoded);
            self.recipe.encode_target(raw[raw.len() - 1], &mut encoded);
            into.copy_from_slice(&encoded);
        }
        Ok(())
    }
}

/// Rows of a store as samples: each has the numbers of the recipe's inputs, then that of its target, as
/// [`Recipe::read_rows`] gives them. Scaling and one-hot columns are made whenever a row is read.
///
/// # Errors
///
/// [`Error::Network`] if there are none.
pub fn encoded(store: Store, recipe: &Arc<Recipe>) -> Result<Samples, Error> {
    let source = Encoded { store, recipe: recipe.clone() };
    Ok(Samples::from_source(Arc::new(source))?)
}

/// The same for the rows of one rank of several, which may be none.
pub(crate) fn encoded_part(store: Store, recipe: &Arc<Recipe>) -> Result<Samples, Error> {
    let source = Encoded { store, recipe: recipe.clone() };
    Ok(Samples::part_from_source(Arc::new(source))?)
}
