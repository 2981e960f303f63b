//! A fit as numbers to be drawn: data, what the model computes there, and the model along one column with its band.

use uphill_solve::{Columns, Fitted, Prediction};

use super::found::Found;
use crate::error::Error;

/// Data and model along one column of the table.
pub(crate) struct Curve<'f> {
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
    /// The known standard deviation of each row's error, if there are any.
    pub(crate) errors: Vec<f64>,
    /// The number of rows that the table has.
    pub(crate) rows: usize,
    /// Whether the model looks at other columns than this one, so that it is no curve along it.
    pub(crate) is_apart: bool,
    /// The fit, if its right side looks at that column alone.
    along: Option<&'f Fitted>,
}

impl Found {
    /// Data and model along a column, or along the first one on the model's right side. Of more than `most` rows, so
    /// many evenly chosen ones are taken.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`] for a column that the model doesn't use, [`Error::Read`].
    pub(crate) fn curve(&self, column: Option<&str>, most: usize) -> Result<Curve<'_>, Error> {
        let model = &self.text.model;
        let looked_at = model.looked_at();
        let known = || model.columns().iter().map(String::as_str);
        let column = match column {
            Some(name) => {
                let unknown = || Error::unknown("column", name, "the model", known());
                Some(known().position(|column| column == name).ok_or_else(unknown)?)
            }
            None => looked_at.first().and_then(|first| known().position(|column| column == *first)),
        };
        let is_alone = |&column: &usize| looked_at == [model.columns()[column].as_str()];
        let along = column.filter(is_alone).map(|_| &self.fitted);
        let rows = self.stored.store.row_count();
        let mut curve = Curve {
            x_name: column.map_or("row", |column| model.columns()[column].as_str()).to_owned(),
            y_name: unquoted(&self.text.left),
            x: Vec::new(),
            desired: Vec::new(),
            computed: Vec::new(),
            errors: Vec::new(),
            rows,
            is_apart: along.is_none() && !looked_at.is_empty(),
            along,
        };
        let (mut point, columns) = (self.point(), self.columns());
        let mut numbers = vec![0.0; self.stored.store.width()];
        let shown = rows.min(most);
        for k in 0..shown {
            let row = if shown == rows { k } else { k * (rows - 1) / (shown - 1).max(1) };
            self.stored
                .store
                .read(row, &mut numbers)
                .map_err(|source| Error::Read { what: "the temporary file".into(), source })?;
            for (entry, column) in point.iter_mut().zip(&columns) {
                if let Some(column) = *column {
                    *entry = numbers[column];
                }
            }
            let values = model.sides().eval(&point)?;
            curve.x.push(column.map_or((row + 1) as f64, |column| numbers[column]));
            curve.desired.push(values[0]);
            curve.computed.push(values[1]);
            curve.errors.extend(self.sigma.map(|column| numbers[column]));
        }
        Ok(curve)
    }
}

/// A left side that is one name in backquotes, without them.
fn unquoted(left: &str) -> String {
    let name = left.strip_prefix('`').and_then(|left| left.strip_suffix('`'));
    name.filter(|name| !name.contains('`')).unwrap_or(left).to_owned()
}

impl Curve<'_> {
    /// What the model computes at a number of its one column; none if it looks at more columns, or at none.
    pub(crate) fn model(&self) -> Option<impl Fn(f64) -> f64 + '_> {
        let fitted = self.along?;
        Some(move |x| self.prediction(fitted, x, 0.5).map_or(f64::NAN, |there| there.value))
    }

    /// The lowest and highest of the model's confidence band at a number of its one column, at a level.
    pub(crate) fn band(&self, level: f64) -> Option<impl Fn(f64) -> (f64, f64) + '_> {
        let fitted = self.along.filter(|fitted| fitted.covariance().is_some())?;
        let none = (f64::NAN, f64::NAN);
        Some(move |x| {
            self.prediction(fitted, x, level).and_then(|there| there.band).unwrap_or(none)
        })
    }

    fn prediction(&self, fitted: &Fitted, x: f64, level: f64) -> Option<Prediction> {
        let row = Columns::new([(self.x_name.as_str(), vec![x])]).ok()?;
        fitted.predict(&row, level).ok()?.pop()
    }
}
