//! A saved network on the rows of a table: what is evaluated, checked and drawn.

use std::sync::Arc;

use uphill_learn::{Measure, TableModel, encoded};
use uphill_nn::{Problem, Samples};
use uphill_ranks::Alone;
use uphill_table::Tally;

use crate::error::Error;
use crate::file::Input;
use crate::model;
use crate::numbers::counted;
use crate::output::Output;
use crate::table::{self, Fill, StoredOptions};
use crate::train::data;

/// A saved network, the rows of a table as its samples, and its performance on them.
pub(crate) struct Trained {
    /// The model, with its recipe and settings.
    pub(crate) saved: TableModel,
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
        Trained::read_rows([model, table], options, fill, output, false)
    }

    /// The same, but P is that of the training: on the rows that it left for itself, by the split that it made.
    ///
    /// # Errors
    ///
    /// As [`Trained::read`]; [`Error::Table`] if the table is too small for that split.
    pub(crate) fn read_as_trained(
        model: &str,
        table: &str,
        options: &StoredOptions,
        output: &Output,
    ) -> Result<Trained, Error> {
        Trained::read_rows([model, table], options, None, output, true)
    }

    fn read_rows(
        [model, table]: [&str; 2],
        options: &StoredOptions,
        fill: Option<Fill>,
        output: &Output,
        as_trained: bool,
    ) -> Result<Trained, Error> {
        let [model, table] = both(model, table)?;
        let mut saved = model::read(&model)?;
        options.written.change(&mut saved.recipe, fill)?;
        let recipe = Arc::new(saved.recipe.clone());
        let mut reader = table::open(&table, recipe.format.clone())?;
        let (store, tally) = recipe.read_rows(&mut reader, options.memory)?;
        let remarks = reader.remarks().into_iter().chain(tally.remarks(reader.name(), "skipped"));
        remarks.for_each(|remark| output.remark(&remark));
        let training = match as_trained {
            true => {
                let (file, memory) = ((&table, &reader), options.memory);
                let settings = &saved.settings;
                Some(
                    data::divided(&store, recipe.clone(), settings, memory, file, &Alone)?.training,
                )
            }
            false => None,
        };
        let samples = encoded(store, &recipe)?;
        let climbed = training.as_ref().unwrap_or(&samples);
        let performance = saved.settings.performance.clone();
        let problem = Problem::new(saved.model.network(), performance, climbed)?;
        Ok(Trained { saved, samples, problem, tally })
    }

    /// By what P is divided to be P a row: the number of its rows where it is a sum over them, else 1.
    pub(crate) fn rows_of_a_sum(&self) -> f64 {
        match self.saved.settings.performance.measure {
            Measure::Rms => 1.0,
            _ => self.problem.samples().len() as f64,
        }
    }

    /// Which rows P is of, and what it is, in a sentence.
    pub(crate) fn told(&self) -> String {
        let (rows, all) = (self.problem.samples().len(), self.samples.len());
        let of = match rows == all {
            true => counted(rows, "row"),
            false => format!("the training's {rows} of {}", counted(all, "row")),
        };
        format!("P is {}, on {of}.", self.problem.performance_name())
    }

    /// Whether a weight is on an input that isn't as in the table.
    pub(crate) fn is_of_scaled_input(&self, weight: usize) -> bool {
        let network = self.saved.model.network();
        let scaled = self.saved.recipe.scaled_inputs();
        let edges = network.nodes().iter().flat_map(|node| &node.incoming);
        edges
            .filter(|edge| edge.weight == weight)
            .any(|edge| scaled.get(edge.from).is_some_and(|&scaled| scaled))
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
