//! A saved network on the rows of a table: what is evaluated, checked and drawn.

use std::sync::Arc;

use uphill_nn::{Problem, Samples};

use crate::error::Error;
use crate::file::Input;
use crate::model::Saved;
use crate::output::Output;
use crate::table::{self, Fill, StoredOptions, Tally};
use crate::train::data;

/// A saved network, the rows of a table as its samples, and its performance on them.
pub(crate) struct Trained {
    /// The model, with its recipe and settings.
    pub(crate) saved: Saved,
    /// The rows, encoded by the recipe whenever they are read.
    pub(crate) samples: Samples,
    /// P of the network on the rows, by the performance that it was trained with.
    pub(crate) problem: Problem,
    /// The missing cells.
    pub(crate) tally: Tally,
}

impl Trained {
    /// Reads model and table, as the model remembers that it is written unless options say otherwise. Remarks on the table
    /// are made.
    ///
    /// # Errors
    ///
    /// [`Error::Use`] if both come from standard input; those of reading them.
    pub(crate) fn read(
        model: &str,
        table: &str,
        options: &StoredOptions,
        fill: Option<Fill>,
        output: &Output,
    ) -> Result<Trained, Error> {
        let [model, table] = both(model, table)?;
        let mut saved = Saved::read(&model)?;
        saved.recipe.change(&options.written, fill)?;
        let recipe = Arc::new(saved.recipe.clone());
        let mut reader = table::open(&table, recipe.format.clone())?;
        let (store, tally) = data::stored(&mut reader, &recipe, options.memory)?;
        let remarks = reader.remarks().into_iter().chain(tally.remarks(reader.name(), "skipped"));
        remarks.for_each(|remark| output.remark(&remark));
        let samples = data::encoded(store, &recipe)?;
        let problem =
            Problem::new(saved.model.network(), saved.settings.performance.clone(), &samples)?;
        Ok(Trained { saved, samples, problem, tally })
    }

    /// The weights that were saved.
    pub(crate) fn weights(&self) -> &[f64] {
        self.saved.model.weights()
    }

    /// The place of the weight of this name, where `->` may stand for `→`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`].
    pub(crate) fn weight(&self, name: &str) -> Result<usize, Error> {
        let network = self.saved.model.network();
        network.weight(name).map_err(|_| {
            let known = network.weights().iter().map(|weight| weight.name.as_str());
            Error::unknown("weight", &name.replace("->", "→"), "the model", known)
        })
    }
}

/// Two files of which only one can be standard input.
pub(crate) fn both(model: &str, table: &str) -> Result<[Input; 2], Error> {
    if model == "-" && table == "-" {
        let what = "model and table can't both come from standard input; name a file for one";
        return Err(Error::Use(what.into()));
    }
    Ok([model.into(), table.into()])
}
