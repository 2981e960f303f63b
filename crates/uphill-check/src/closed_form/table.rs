//! Every quantity of backpropagation by node and weight, as data and as a text table.
//!
//! A [`Table`] holds, for each sample, a row for each node (σ, o, o(1−o), β) and for each edge i→j
//! (o_i, o_j(1−o_j), β_j and their product times the rate, Δw), and then, for each weight, the sum of
//! its Δw over all edges and samples with the weight before and after. `Display` aligns it, six
//! significant digits a number; serde gives all of them.

use super::backpropagation::{Batch, value};
use super::error::finite;
use super::network::Source;
use super::{Error, Network, Rule, Sample};
use serde::Serialize;
use std::fmt;

/// One batch change of all weights, shown quantity by quantity.
///
/// `Display` prints it as text, for people and snapshot tests.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Table {
    /// What was climbed.
    pub rule: Rule,
    /// The rate r in Δw.
    pub rate: f64,
    /// P before the change.
    pub performance: f64,
    /// Nodes and edges for each sample.
    pub samples: Vec<SampleTable>,
    /// The change of each weight, in the order of the network's weights.
    pub weights: Vec<WeightRow>,
}

/// The quantities for one sample.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SampleTable {
    /// Inputs first, then nodes, in the order of the structure.
    pub nodes: Vec<NodeRow>,
    /// Edges by the node that they lead to, each node's threshold or bias after its incoming weights.
    pub edges: Vec<EdgeRow>,
}

/// An input or node.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NodeRow {
    /// The name.
    pub node: String,
    /// σ; an input has none.
    pub sigma: Option<f64>,
    /// The output o; for an input, the input.
    pub computed: f64,
    /// The slope df/dσ = o(1−o); an input has none.
    pub slope: Option<f64>,
    /// What the output should have been; only an output of the network has it.
    pub desired: Option<f64>,
    /// β = ∂P/∂o in the slides' convention; for an input, ∂P/∂x.
    pub beta: f64,
}

/// A weight i→j on one edge.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EdgeRow {
    /// The node i, or `−1` under a threshold and `+1` under a bias.
    pub source: String,
    /// The node j.
    pub target: String,
    /// The weight's name.
    pub weight: String,
    /// o_i.
    pub source_computed: f64,
    /// o_j(1−o_j).
    pub slope: f64,
    /// β_j.
    pub beta: f64,
    /// Δw(i→j) = r·o_i·o_j(1−o_j)·β_j of this edge and sample.
    pub change: f64,
}

/// A weight with its whole change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WeightRow {
    /// The weight's name.
    pub weight: String,
    /// Its value before the change.
    pub before: f64,
    /// Δw, added up over all samples, and over all edges that share the weight.
    pub change: f64,
    /// Its value after the change.
    pub after: f64,
}

impl Network {
    /// Shows o, σ, o(1−o), β and Δw by node and weight, for one batch change at rate `rate`.
    ///
    /// # Errors
    ///
    /// Those of [`Network::gradient`], and [`Error::NotFinite`] for the rate or a change.
    ///
    /// # Complexity
    ///
    /// Memory in proportion to samples × edges, with names: made to be read.
    ///
    /// # Example
    ///
    /// ```
    /// use uphill_check::closed_form::{Network, OffsetKind, Rule, Sample};
    ///
    /// let network = Network::layered(&[1, 1], OffsetKind::None)?;
    /// let table = network.table(&[0.0], &[Sample::new([4.0], [1.0])], Rule::SLIDES, 1.0)?;
    /// let o1 = table.samples[0].node("o1").expect("the network has a node o1");
    /// assert_eq!((o1.sigma, o1.computed, o1.slope, o1.beta), (Some(0.0), 0.5, Some(0.25), 1.0));
    /// assert_eq!(table.weights[0].change, 4.0 * 0.25 * 1.0);
    /// # Ok::<(), uphill_check::closed_form::Error>(())
    /// ```
    pub fn table(
        &self,
        weights: &[f64],
        samples: &[Sample],
        rule: Rule,
        rate: f64,
    ) -> Result<Table, Error> {
        finite(rate, || "the rate".to_owned())?;
        let batch = Batch::of(self, weights, samples, rule)?;
        let names = self.weight_names();
        let mut changes = vec![0.0; weights.len()];
        let mut tables = Vec::with_capacity(samples.len());
        for (forward, sample) in batch.forwards.iter().zip(samples) {
            let beta = batch.betas(self, weights, forward, &sample.desired)?;
            let mut table = SampleTable { nodes: Vec::new(), edges: Vec::new() };
            for (j, edges) in self.incoming.iter().enumerate() {
                let computes = j >= self.structure().inputs.len();
                let output = self.outputs.iter().position(|&z| z == j);
                table.nodes.push(NodeRow {
                    node: self.name(j).to_owned(),
                    sigma: computes.then_some(forward.sigma[j]),
                    computed: forward.computed[j],
                    slope: computes.then_some(forward.slope[j]),
                    desired: output.map(|z| sample.desired[z]),
                    beta: beta[j],
                });
                for edge in edges {
                    let source_computed = value(edge.source, &forward.computed);
                    let change = rate * (source_computed * forward.slope[j] * beta[j]);
                    changes[edge.weight] += change;
                    table.edges.push(EdgeRow {
                        source: match edge.source {
                            Source::Place(place) => self.name(place).to_owned(),
                            Source::Constant(constant) if constant < 0.0 => "−1".to_owned(),
                            Source::Constant(_) => "+1".to_owned(),
                        },
                        target: self.name(j).to_owned(),
                        weight: names[edge.weight].clone(),
                        source_computed,
                        slope: forward.slope[j],
                        beta: beta[j],
                        change,
                    });
                }
            }
            tables.push(table);
        }
        let mut rows = Vec::with_capacity(weights.len());
        for ((name, &before), &change) in names.iter().zip(weights).zip(&changes) {
            let after = before + finite(change, || format!("Δw of weight {name:?}"))?;
            rows.push(WeightRow { weight: name.clone(), before, change, after });
        }
        Ok(Table { rule, rate, performance: batch.performance, samples: tables, weights: rows })
    }
}

impl SampleTable {
    /// The row of the input or node of that name, if there is one.
    pub fn node(&self, name: &str) -> Option<&NodeRow> {
        self.nodes.iter().find(|row| row.node == name)
    }
}

impl Table {
    /// The row of the weight of that name, if there is one.
    pub fn weight(&self, name: &str) -> Option<&WeightRow> {
        self.weights.iter().find(|row| row.weight == name)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |x: f64| Cell::Number(significant(x));
        let optional = |x: Option<f64>| Cell::Number(x.map_or_else(String::new, significant));
        for (place, sample) in self.samples.iter().enumerate() {
            writeln!(f, "sample {}", place + 1)?;
            let nodes = sample.nodes.iter().map(|row| {
                vec![
                    Cell::Name(row.node.clone()),
                    optional(row.sigma),
                    number(row.computed),
                    optional(row.slope),
                    optional(row.desired),
                    number(row.beta),
                ]
            });
            write_aligned(f, &["node", "σ", "o", "o(1−o)", "desired", "β"], nodes.collect())?;
            writeln!(f)?;
            let edges = sample.edges.iter().map(|row| {
                vec![
                    Cell::Name(format!("{}→{}", row.source, row.target)),
                    number(row.source_computed),
                    number(row.slope),
                    number(row.beta),
                    number(row.change),
                    Cell::Name(row.weight.clone()),
                ]
            });
            let header = ["i→j", "o_i", "o_j(1−o_j)", "β_j", "Δw", "weight"];
            write_aligned(f, &header, edges.collect())?;
            writeln!(f)?;
        }
        writeln!(
            f,
            "all samples: {:?}, {:?}, P = {}, rate = {}",
            self.rule.performance,
            self.rule.convention,
            significant(self.performance),
            significant(self.rate)
        )?;
        let weights = self.weights.iter().map(|row| {
            vec![
                Cell::Name(row.weight.clone()),
                number(row.before),
                number(row.change),
                number(row.after),
            ]
        });
        write_aligned(f, &["weight", "before", "Δw", "after"], weights.collect())
    }
}

/// Names stand to the left of their column, numbers to the right.
enum Cell {
    Name(String),
    Number(String),
}

impl Cell {
    fn text(&self) -> &str {
        match self {
            Cell::Name(text) | Cell::Number(text) => text,
        }
    }
}

fn write_aligned(f: &mut fmt::Formatter<'_>, header: &[&str], rows: Vec<Vec<Cell>>) -> fmt::Result {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].text().chars().count());
        cells.chain([header[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let is_name = |column: usize| rows.first().is_some_and(|r| matches!(r[column], Cell::Name(_)));
    let mut line = |texts: &mut dyn Iterator<Item = &str>| {
        let mut text = String::new();
        for (column, cell) in texts.enumerate() {
            let (width, gap) = (widths[column], if column == 0 { "" } else { "  " });
            let padded =
                if is_name(column) { format!("{cell:<width$}") } else { format!("{cell:>width$}") };
            text.push_str(gap);
            text.push_str(&padded);
        }
        writeln!(f, "  {}", text.trim_end())
    };
    line(&mut header.iter().copied())?;
    rows.iter().try_for_each(|row| line(&mut row.iter().map(Cell::text)))
}

/// Six significant digits, in scientific form where the plain one would be long, and never `-0`.
fn significant(x: f64) -> String {
    if x == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{x:.5e}");
    let exponent = scientific.split_once('e').and_then(|(_, e)| e.parse::<i32>().ok());
    let decimals = match exponent {
        Some(exponent @ -4..=5) => usize::try_from(5 - exponent).unwrap_or(0),
        _ => return scientific,
    };
    format!("{x:.decimals$}")
}
