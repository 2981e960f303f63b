//! A fit as numbers to be drawn: data, what the model computes there, and the model along one column.

use uphill_graph::{Function, Node};

use super::Fitted;
use crate::error::Error;

/// Data and model along one column of the table.
pub(crate) struct Curve {
    /// The column along which it goes, or `row` where the model looks at none.
    pub(crate) x_name: String,
    /// The model's left side.
    pub(crate) y_name: String,
    /// The column's numbers.
    pub(crate) x: Vec<f64>,
    /// The left side for each row.
    pub(crate) desired: Vec<f64>,
    /// The right side for each row.
    pub(crate) computed: Vec<f64>,
    /// The number of rows that the table has.
    pub(crate) rows: usize,
    /// Whether the model looks at other columns than this one, so that it is no curve along it.
    pub(crate) is_apart: bool,
    along: Option<Along>,
}

/// The right side as a function of the one column that it looks at.
struct Along {
    function: Function,
    point: Vec<f64>,
    place: usize,
}

impl Fitted {
    /// Data and model along a column, or along the first one on the model's right side. Of more than `most` rows, so
    /// many evenly chosen ones are taken.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`] for a column that the model doesn't use, [`Error::Read`].
    pub(crate) fn curve(&self, column: Option<&str>, most: usize) -> Result<Curve, Error> {
        let Fitted { model, table, report } = self;
        let sides = model.function("", &["desired", "computed"])?;
        let computed = sides.select(&["computed"])?;
        let inputs: Vec<String> = sides.input_names().collect();
        let looked_at: Vec<&str> = used(&computed)
            .map(|place| inputs[place].as_str())
            .filter(|name| model.columns.iter().any(|column| column == name))
            .collect();
        let column = match column {
            Some(name) => {
                let known = || model.columns.iter().map(String::as_str);
                let unknown = || Error::unknown("column", name, "the model", known());
                Some(known().position(|column| column == name).ok_or_else(unknown)?)
            }
            None => looked_at
                .first()
                .and_then(|first| model.columns.iter().position(|column| column == first)),
        };
        // Where each input's number comes from: a column of the table, or a parameter that was found.
        let columns: Vec<Option<usize>> = inputs
            .iter()
            .map(|input| model.columns.iter().position(|column| column == input))
            .collect();
        let mut point: Vec<f64> = inputs
            .iter()
            .map(|input| model.parameters.iter().position(|parameter| parameter == input))
            .map(|place| place.map_or(0.0, |place| report.values[place]))
            .collect();
        let along =
            column.filter(|&column| looked_at == [model.columns[column].as_str()]).map(|column| {
                Along {
                    place: columns.iter().position(|&other| other == Some(column)).unwrap_or(0),
                    point: point.clone(),
                    function: computed,
                }
            });
        let x_name = column.map_or("row", |column| model.columns[column].as_str()).to_owned();
        let rows = table.row_count();
        let mut curve = Curve {
            x_name,
            y_name: model.left.clone(),
            x: Vec::new(),
            desired: Vec::new(),
            computed: Vec::new(),
            rows,
            is_apart: along.is_none() && !looked_at.is_empty(),
            along,
        };
        let mut numbers = vec![0.0; table.store.width()];
        let shown = rows.min(most);
        for k in 0..shown {
            let row = if shown == rows { k } else { k * (rows - 1) / (shown - 1).max(1) };
            table
                .store
                .read(row, &mut numbers)
                .map_err(|source| Error::Read { what: "the temporary file".into(), source })?;
            for (entry, column) in point.iter_mut().zip(&columns) {
                if let Some(column) = *column {
                    *entry = numbers[column];
                }
            }
            let values = sides.eval(&point)?;
            curve.x.push(column.map_or((row + 1) as f64, |column| numbers[column]));
            curve.desired.push(values[0]);
            curve.computed.push(values[1]);
        }
        Ok(curve)
    }
}

impl Curve {
    /// What the model computes at a number of its one column; none if it looks at more, or at none.
    pub(crate) fn model(&self) -> Option<impl Fn(f64) -> f64 + '_> {
        let along = self.along.as_ref()?;
        Some(|x: f64| {
            let mut point = along.point.clone();
            point[along.place] = x;
            along.function.value(&point).unwrap_or(f64::NAN)
        })
    }
}

/// The positions of the inputs that an output depends on, in order.
fn used(function: &Function) -> impl Iterator<Item = usize> {
    let graph = function.graph();
    let mut needed = vec![false; graph.len()];
    for output in function.outputs() {
        needed[output.node.index()] = true;
    }
    let mut used = vec![false; function.inputs().len()];
    // Operands come before those that use them.
    for id in graph.ids().rev() {
        if !needed[id.index()] {
            continue;
        }
        if let Node::Input(position) = graph.node(id) {
            used[position] = true;
        }
        graph.operands(id).iter().for_each(|operand| needed[operand.index()] = true);
    }
    (0..used.len()).filter(move |&position| used[position])
}
