//! What a training ended with, for people and as JSON.

use serde::Serialize;
use serde_json::{Value, json};
use uphill_learn::{Score, Settings};
use uphill_nn::{Method, Network, Order};
use uphill_table::Tally;
use uphill_table::recipe::{Input, Recipe, SCALED, Target};
use uphill_table::scaling::Scaling;

use crate::numbers::{counted, digits, short};

pub(super) struct Report<'p> {
    pub(super) recipe: &'p Recipe,
    pub(super) in_file: bool,
    pub(super) tally: &'p Tally,
    /// How numbers were scaled; none where an earlier training did it.
    pub(super) scaling: Option<Scaling>,
    pub(super) network: &'p Network,
    pub(super) settings: &'p Settings,
    pub(super) changes: usize,
    pub(super) stopped: String,
    pub(super) interrupted: bool,
    pub(super) best_change: Option<usize>,
    pub(super) training: Score,
    pub(super) validation: Option<Score>,
    pub(super) test: Option<Score>,
    pub(super) saved: Option<String>,
    pub(super) picture: Option<String>,
}

impl Report<'_> {
    fn parts(&self) -> impl Iterator<Item = (&'static str, &Score)> {
        let others = [("validation", &self.validation), ("test", &self.test)];
        let others = others.into_iter().filter_map(|(name, score)| Some((name, score.as_ref()?)));
        [("training", &self.training)].into_iter().chain(others)
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        let mut text = self.setting();
        text += &format!("stopped after {}: {}\n", counted(self.changes, "change"), self.stopped);
        if let Some(best) = self.best_change {
            text += &format!("kept the weights after change {best}, best on validation rows\n");
        }
        text += "\n";
        for (name, score) in self.parts() {
            text += &format!("{:12}{}\n", format!("{name}:"), score.line());
        }
        // The table is of rows that the network has not seen, if there are any.
        let shown = self
            .parts()
            .last()
            .and_then(|(name, score)| Some((name, score.table_with("; --json has all")?)));
        if let Some((name, table)) = shown {
            text += &format!("\n{name} rows by class:\n{table}");
        }
        let files = [("saved to", &self.saved), ("picture of the climb in", &self.picture)];
        let files = files.into_iter().filter_map(|(what, file)| Some((what, file.as_ref()?)));
        for (place, (what, file)) in files.enumerate() {
            let before = if place == 0 { "\n" } else { "" };
            text += &format!("{before}{what} {file}\n");
        }
        text
    }

    /// What was trained, and how.
    fn setting(&self) -> String {
        let rows: Vec<String> = self
            .parts()
            .map(|(name, score)| format!("{} for {name}", counted(score.rows, "row")))
            .collect();
        let place = if self.in_file { "; in a temporary file" } else { "" };
        let target = match &self.recipe.target {
            Target::Number { column, center, width } => {
                let unit = match (*center, *width) == (0.0, 1.0) {
                    true => String::new(),
                    false => format!(
                        "; for the network ({column} − {})/{}, in which P is; errors are in the table's unit",
                        short(*center, 4),
                        short(*width, 4)
                    ),
                };
                format!("`{column}`, a number{unit}")
            }
            Target::Classes { column, classes, .. } => format!(
                "`{column}`, {}: {}",
                counted(classes.len(), "class").replace("classs", "classes"),
                crate::names::few(classes.iter().map(String::as_str))
            ),
        };
        let settings = self.settings;
        let order = match settings.order {
            Order::PerSample { .. } => "one row".into(),
            Order::MiniBatch { size, .. } => format!("{size} rows"),
            _ => "all rows".to_owned(),
        };
        let method = match settings.method {
            Method::Plain => "plain steps".into(),
            Method::Momentum { factor } => format!("momentum {factor}"),
            Method::Adam { .. } => "Adam".to_owned(),
            _ => format!("{:?}", settings.method),
        };
        let decay = match settings.performance.decay {
            0.0 => String::new(),
            decay => format!(" less {decay} × squared weights"),
        };
        format!(
            "table       {}{place}\n\
             target      {target}\n\
             inputs      {}\n\
             network     {}\n\
             performance {}{decay}\n\
             climb       {method}, rate {}, {order} a change, seed {}\n",
            rows.join(", "),
            self.units(),
            self.layers(),
            settings.performance.measure.name(),
            digits(settings.rate.at(0), 3).trim_end_matches('0').trim_end_matches('.'),
            settings.seed,
        )
    }

    /// In which unit columns of numbers enter the network, with the first of them as an example.
    fn units(&self) -> String {
        let example = self.recipe.inputs.iter().find_map(|input| match input {
            Input::Number { column, center, width, .. } if (*center, *width) != (0.0, 1.0) => {
                Some(format!("({column} − {})/{}", short(*center, 4), short(*width, 4)))
            }
            _ => None,
        });
        let numbers = self.recipe.inputs.iter().any(|input| matches!(input, Input::Number { .. }));
        match (example, self.scaling) {
            (Some(example), Some(Scaling::Standard)) => {
                format!(
                    "standardised, to mean 0 and deviation 1 over the training rows: {example}, …"
                )
            }
            (Some(example), Some(Scaling::Range)) => {
                format!("brought to the range from 0 to 1 over the training rows: {example}, …")
            }
            (Some(example), _) => format!("{SCALED}: {example}, …"),
            (None, _) if numbers => "in the table's units".into(),
            (None, _) => "1 for a row's own category, 0 for the others".into(),
        }
    }

    /// Layers by how far they are from the inputs: `4 inputs, 6 sigmoid, 3 softmax; 51 weights`.
    fn layers(&self) -> String {
        let inputs = self.network.inputs().len();
        let mut depths: Vec<usize> = vec![0; inputs];
        let mut layers: Vec<(usize, &str)> = Vec::new();
        for node in self.network.nodes() {
            let depth = node.incoming.iter().map(|edge| depths[edge.from]).max().unwrap_or(0);
            depths.push(depth + 1);
            match layers.get_mut(depth) {
                Some((nodes, _)) => *nodes += 1,
                None => layers.push((1, node.activation.name())),
            }
        }
        let layers: Vec<String> =
            layers.iter().map(|(nodes, activation)| format!("{nodes} {activation}")).collect();
        let weights = counted(self.network.weight_count(), "weight");
        format!("{}, {}; {weights}", counted(inputs, "input"), layers.join(", "))
    }

    /// For programs.
    pub(super) fn json(&self) -> String {
        let columns: Vec<&str> = self.recipe.inputs.iter().map(|input| input.column()).collect();
        let units = self.recipe.inputs.iter().filter_map(|input| match input {
            Input::Number { column, center, width, .. } => {
                Some(json!({ "column": column, "center": center, "width": width }))
            }
            Input::Categories { .. } => None,
        });
        let units: Vec<Value> = units.collect();
        let object = json!({
            "target": self.recipe.target.column(),
            "inputs": columns,
            "units": units,
            "network": {
                "inputs": self.network.inputs(),
                "outputs": self.network.output_names().collect::<Vec<_>>(),
                "nodes": self.network.nodes().len(),
                "weights": self.network.weight_count(),
            },
            "skipped_rows": self.tally.skipped,
            "filled_cells": self.tally.filled,
            "settings": value(self.settings),
            "changes": self.changes,
            "stopped": self.stopped,
            "interrupted": self.interrupted,
            "best_change": self.best_change,
            "training": value(&self.training),
            "validation": value(&self.validation),
            "test": value(&self.test),
            "saved": self.saved.as_ref().map(|file| file.trim_matches('`')),
            "picture": self.picture.as_ref().map(|file| file.trim_matches('`')),
        });
        crate::json::escaped(&format!("{object:#}\n"))
    }
}

fn value(of: &impl Serialize) -> Value {
    serde_json::to_value(of).unwrap_or(Value::Null)
}
