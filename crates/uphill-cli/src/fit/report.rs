//! What a fit found, as text and as JSON.

use std::fmt::Write as _;

use super::arguments::{Method, Performance};
use super::levenberg::{Climb, Stopped, Summit};
use super::model::Model;
use crate::json::Json;
use crate::numbers::short;

/// The result of a fit.
pub(super) struct Report {
    names: Vec<String>,
    /// The parameters' numbers.
    pub(super) values: Vec<f64>,
    /// None for parameters that are fixed, at a bound, or not determined by the data.
    errors: Vec<Option<f64>>,
    notes: Vec<&'static str>,
    performance: f64,
    /// The sum of squares of residuals.
    pub(super) squares: f64,
    rows: usize,
    free: usize,
    iterations: u64,
    stopped: Stopped,
    method: &'static str,
    remark: Option<&'static str>,
}

impl Report {
    pub(super) fn of_squares(
        model: &Model,
        climb: &Climb<'_>,
        performance: &Performance,
        summit: Summit,
        rows: usize,
    ) -> Report {
        let count = summit.parameters.len();
        let at_bound = |place: usize| {
            let (low, high) = climb.bounds[place];
            summit.parameters[place] <= low || summit.parameters[place] >= high
        };
        let free: Vec<usize> =
            (0..count).filter(|&place| !climb.fixed[place] && !at_bound(place)).collect();
        let lengths = summit.triangle.damped(&free, None).inverse_lengths();
        let degrees = rows.saturating_sub(free.len());
        let deviation = (summit.squares / degrees as f64).sqrt();
        let mut errors = vec![None; count];
        let mut remark = None;
        match lengths {
            Some(lengths) if degrees > 0 => {
                for (&place, length) in free.iter().zip(lengths) {
                    errors[place] = Some(length * deviation);
                }
            }
            Some(_) => remark = Some("as many parameters as rows: no standard errors"),
            None => {
                remark = Some("the data don't determine all parameters: other numbers fit as well");
            }
        }
        let note = |place: usize| match (climb.fixed[place], at_bound(place)) {
            (true, _) => "fixed",
            (false, true) => "at its bound",
            _ => "",
        };
        Report {
            names: model.parameters.clone(),
            notes: (0..count).map(note).collect(),
            errors,
            performance: performance.value(summit.squares, rows),
            squares: summit.squares,
            rows,
            free: free.len(),
            iterations: summit.iterations,
            stopped: summit.stopped,
            method: "levenberg-marquardt",
            remark,
            values: summit.parameters,
        }
    }

    #[allow(clippy::too_many_arguments)] // plain data, named at its one place of use
    pub(super) fn of_ascent(
        model: &Model,
        climb: &Climb<'_>,
        values: Vec<f64>,
        performance: f64,
        squares: f64,
        rows: usize,
        iterations: u64,
        stopped: Stopped,
        method: Method,
    ) -> Report {
        let note = |fixed: &bool| if *fixed { "fixed" } else { "" };
        Report {
            names: model.parameters.clone(),
            errors: vec![None; values.len()],
            notes: climb.fixed.iter().map(note).collect(),
            free: climb.fixed.iter().filter(|fixed| !**fixed).count(),
            values,
            performance,
            squares,
            rows,
            iterations,
            stopped,
            method: if method == Method::Ascent { "ascent" } else { "l-bfgs" },
            remark: Some("standard errors come with levenberg-marquardt alone"),
        }
    }

    fn degrees(&self) -> usize {
        self.rows.saturating_sub(self.free)
    }

    fn deviation(&self) -> Option<f64> {
        (self.degrees() > 0).then(|| (self.squares / self.degrees() as f64).sqrt())
    }

    pub(super) fn json(&self) -> Json {
        let number = |x: Option<f64>| x.map_or(Json::Other(serde_json::Value::Null), Json::Number);
        let parameter = |place: usize| {
            let entry = Json::Object(vec![
                ("value".into(), Json::Number(self.values[place])),
                ("std_error".into(), number(self.errors[place])),
            ]);
            (self.names[place].clone(), entry)
        };
        let parameters = (0..self.names.len()).map(parameter).collect();
        Json::Object(
            [
                ("parameters", Json::Object(parameters)),
                ("rss", Json::Number(self.squares)),
                ("stopped", Json::Text(self.stopped.text().into())),
                ("performance", Json::Number(self.performance)),
                ("residual_std_error", number(self.deviation())),
                ("degrees_of_freedom", Json::Number(self.degrees() as f64)),
                ("rows", Json::Number(self.rows as f64)),
                ("iterations", Json::Number(self.iterations as f64)),
                ("method", Json::Text(self.method.into())),
                ("converged", Json::Other(self.stopped.is_converged().into())),
            ]
            .map(|(key, value)| (key.to_owned(), value))
            .into(),
        )
    }

    pub(super) fn text(&self) -> String {
        let header = ["parameter", "value", "standard error", ""].map(String::from);
        let rows = (0..self.names.len()).map(|place| {
            let error = self.errors[place].map_or("-".to_owned(), |error| short(error, 6));
            let value = short(self.values[place], 8);
            vec![self.names[place].clone(), value, error, self.notes[place].to_owned()]
        });
        let mut text = crate::columns::table(&header, rows);
        let deviation = self.deviation().map_or(String::new(), |deviation| {
            format!(", residual standard error {}", short(deviation, 6))
        });
        let _ = writeln!(
            text,
            "\nP = {}, residual sum of squares {}{deviation}",
            short(self.performance, 8),
            short(self.squares, 8),
        );
        let rows = crate::numbers::counted(self.rows, "row");
        let iterations = crate::numbers::counted(self.iterations as usize, "iteration");
        let _ = writeln!(text, "{rows}, {} by {}", iterations, self.method);
        let _ = writeln!(text, "{}", self.stopped.text());
        if let Some(remark) = self.remark {
            let _ = writeln!(text, "{remark}");
        }
        text
    }
}
