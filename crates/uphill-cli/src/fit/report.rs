//! What a fit found, as text and as JSON.

use std::fmt::Write as _;

use uphill_solve::{Basis, Fitted, Parameter, State};

use crate::error::Error;
use crate::json::Json;
use crate::numbers::{counted, short};

/// A fit, and the level of its confidence intervals.
pub(super) struct Report<'f> {
    pub(super) fitted: &'f Fitted,
    pub(super) level: f64,
}

/// What is said of standard errors, where that is needed.
fn remark(basis: Basis) -> Option<&'static str> {
    match basis {
        Basis::Curvature => {
            Some("standard errors come from P's curvature: they hold if P is a log-likelihood")
        }
        Basis::Robust => {
            Some("standard errors are Huber's: errors beyond the width count as the width")
        }
        Basis::NoDegrees => Some("as many parameters as observations: no standard errors"),
        Basis::NoSummit => Some("no standard errors: they tell of a smooth summit"),
        Basis::Undetermined => Some("no standard errors: not all parameters are determined here"),
        _ => None,
    }
}

/// So many digits that the last one is a part of the standard error; eight at least.
fn digits(parameter: &Parameter) -> usize {
    let size = |number: f64| number.abs().log10().floor();
    let beyond =
        parameter.standard_error.map_or(0.0, |error| size(parameter.value) - size(error) + 2.0);
    // What is not finite is as good as 0.
    (beyond as usize).clamp(8, 17)
}

impl Report<'_> {
    pub(super) fn json(&self) -> Result<Json, Error> {
        let null = || Json::Other(serde_json::Value::Null);
        let number = |x: Option<f64>| x.map_or(null(), Json::Number);
        let fitted = self.fitted;
        let mut parameters = Vec::new();
        for Parameter { name, value, standard_error, .. } in fitted.parameters() {
            let interval = fitted.interval(name, self.level)?;
            let interval = interval.map_or(null(), |(low, high)| {
                Json::List(vec![Json::Number(low), Json::Number(high)])
            });
            let entry = Json::Object(vec![
                ("value".into(), Json::Number(*value)),
                ("std_error".into(), number(*standard_error)),
                ("interval".into(), interval),
            ]);
            parameters.push((name.clone(), entry));
        }
        let rows = |rows: Vec<Vec<f64>>| {
            let row = |row: Vec<f64>| Json::List(row.into_iter().map(Json::Number).collect());
            Json::List(rows.into_iter().map(row).collect())
        };
        let [starts, agreed] = fitted.starts();
        Ok(Json::Object(
            [
                ("parameters", Json::Object(parameters)),
                ("rss", Json::Number(fitted.squares())),
                ("stopped", Json::Text(fitted.ending().to_string())),
                ("ending", Json::Text(fitted.ending().name().into())),
                ("performance", Json::Number(fitted.performance())),
                ("residual_std_error", number(fitted.residual_standard_error())),
                ("degrees_of_freedom", Json::Number(fitted.degrees_of_freedom())),
                ("r_squared", number(fitted.r_squared())),
                ("aic", number(fitted.aic())),
                ("covariance", fitted.covariance().map_or(null(), rows)),
                ("confidence", Json::Number(self.level)),
                ("rows", Json::Number(fitted.rows() as f64)),
                ("iterations", Json::Number(fitted.iterations() as f64)),
                ("method", Json::Text(fitted.method().name().into())),
                ("starts", Json::Number(starts as f64)),
                ("agreed", Json::Number(agreed as f64)),
                ("converged", Json::Other(fitted.is_converged().into())),
            ]
            .map(|(key, value)| (key.to_owned(), value))
            .into(),
        ))
    }

    pub(super) fn text(&self) -> String {
        let fitted = self.fitted;
        let percent = short(100.0 * self.level, 6);
        let has_errors = fitted.covariance().is_some();
        let interval = format!("{percent} % interval");
        let interval = if has_errors { interval.as_str() } else { "" };
        let header = ["parameter", "value", "standard error", interval, ""].map(String::from);
        let rows = fitted.parameters().iter().map(|parameter| {
            let error = parameter.standard_error.map_or("-".to_owned(), |error| short(error, 6));
            let digits = digits(parameter);
            let interval = fitted.interval(&parameter.name, self.level).ok().flatten();
            let interval = interval.map_or(String::new(), |(low, high)| {
                format!("{} .. {}", short(low, digits - 3), short(high, digits - 3))
            });
            let note = match parameter.state {
                State::Free => "",
                State::Fixed => "fixed",
                State::AtBound => "at its bound",
            };
            let value = short(parameter.value, digits);
            vec![parameter.name.clone(), value, error, interval, note.to_owned()]
        });
        let mut text = crate::columns::table(&header, rows);
        let deviation = fitted.residual_standard_error().map_or(String::new(), |deviation| {
            format!(", residual standard error {}", short(deviation, 6))
        });
        let _ = writeln!(
            text,
            "\nP = {}, residual sum of squares {}{deviation}",
            short(fitted.performance(), 8),
            short(fitted.squares(), 8),
        );
        let mut quality = Vec::new();
        quality.extend(fitted.r_squared().map(|r| format!("R² = {}", short(r, 6))));
        quality.extend(fitted.aic().map(|aic| format!("AIC = {}", short(aic, 6))));
        if !quality.is_empty() {
            let _ = writeln!(text, "{}", quality.join(", "));
        }
        let rows = counted(fitted.rows(), "row");
        let iterations = counted(fitted.iterations() as usize, "iteration");
        let _ = writeln!(text, "{rows}, {iterations} by {}", fitted.method().name());
        let [starts, agreed] = fitted.starts();
        if starts > 1 {
            let _ = writeln!(text, "{agreed} of {starts} starts led to this height");
        }
        let _ = writeln!(text, "{}", fitted.ending());
        if let Some(remark) = remark(fitted.basis()) {
            let _ = writeln!(text, "{remark}");
        }
        text
    }
}
