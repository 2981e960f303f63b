//! Fits on ground that is hard to climb: starts without slope, saddles, valleys, plateaus, summits at infinity. What must
//! come out is known from elsewhere: by hand, or by a dense grid over what the model bends with, exact least squares for
//! the rest, and refinement. No row may be called converged unless it is on a summit that is listed.

mod flat;
mod models;
mod own;
mod saddles;
mod valleys;

use models::{Data, line};
use uphill_graph::{Function, Var};
use uphill_solve::{Columns, Ending, Error, Fit, Fitted, Method, Model, Performance, Weights};

/// What must come out of a fit.
#[derive(Clone, Copy)]
enum Due {
    /// A summit of this height: the sum of squares, or P of a performance of one's own.
    Summit(f64),
    /// The same, in a valley of these parameters.
    Valley(f64, &'static [&'static str]),
    /// One of several summits, each the highest place nearby.
    OneOf(&'static [f64]),
    /// This height; or one of these words, none of which says that it is converged.
    Or(f64, &'static [&'static str]),
    /// There is no summit: one of these words.
    Ends(&'static [&'static str]),
    /// An error with these words.
    Fails(&'static str),
}

/// A model, the rows, and from where it is climbed.
#[derive(Clone, Copy)]
struct Ground {
    name: &'static str,
    parameters: &'static str,
    columns: &'static str,
    code: for<'g> fn(&[Var<'g>], &[Var<'g>]) -> Var<'g>,
    /// P's term, if it is not the negative square.
    term: Option<fn() -> Function>,
    performance: Performance,
    data: fn() -> Data,
    /// Each of these must lead there.
    starts: &'static [&'static [f64]],
    bounds: &'static [(&'static str, f64, f64)],
    fixed: &'static [&'static str],
    weights: Option<&'static str>,
    /// From how many starts it is climbed.
    drawn: usize,
    due: Due,
    /// What is due of BFGS, where it is tried too.
    quasi: Option<Due>,
    /// The parameters at the summit, where they are told.
    at: &'static [f64],
}

const LINE: Ground = Ground {
    name: "a line",
    parameters: "a b",
    columns: "x",
    code: |w, x| w[0] + w[1] * x[0],
    term: None,
    performance: Performance::SquaredError,
    data: || line(10, 1.0, 2.0),
    starts: &[],
    bounds: &[],
    fixed: &[],
    weights: None,
    drawn: 1,
    due: Due::Fails(""),
    quasi: None,
    at: &[],
};

const INFINITE: f64 = f64::INFINITY;
/// None of these says that it is converged.
const LOST: &[&str] = &["plateau", "stalled", "endless", "most iterations"];

impl Ground {
    fn fit(&self, start: &[f64], method: Method) -> Result<Fitted, Error> {
        let (parameters, columns) =
            (self.parameters.split_whitespace(), self.columns.split_whitespace());
        let model = Model::record(parameters, columns, "y", self.code)?;
        let model = match self.term {
            Some(term) => model.with_term(term())?,
            None => model,
        };
        let table = Columns::new((self.data)())?;
        let mut fit = Fit::new(&model, &table).start(start).performance(self.performance);
        for (name, low, high) in self.bounds {
            fit = fit.bounds(*name, *low, *high);
        }
        for name in self.fixed {
            fit = fit.fix(*name);
        }
        if let Some(weights) = self.weights {
            fit = fit.weights(weights, Weights::Precision);
        }
        fit.method(method).starts(self.drawn, 1).run()
    }

    /// What is wrong with an end.
    fn wrong(&self, due: &Due, fitted: &Result<Fitted, Error>) -> Option<String> {
        let fit = match (fitted, due) {
            (Err(error), Due::Fails(words)) if error.to_string().contains(words) => return None,
            (Err(error), _) => return Some(format!("failed: {error}")),
            (Ok(fit), _) => fit,
        };
        let is_own = self.term.is_some();
        let height = match (is_own, self.performance) {
            (true, _) => fit.performance(),
            (false, Performance::Huber(_)) => -fit.performance(),
            (false, _) => fit.squares(),
        };
        let scale: f64 = (self.data)()
            .iter()
            .filter(|(name, _)| *name == "y" && !is_own)
            .flat_map(|(_, y)| y)
            .filter(|y| y.abs() < 1e100)
            .map(|y| y * y)
            .sum();
        let is_at = |due: f64| (height - due).abs() <= 1e-6 * due.abs() + 1e-14 * scale;
        let name = fit.ending().name();
        let is_right = match due {
            Due::Summit(due) => matches!(name, "summit" | "kink") && is_at(*due),
            Due::Valley(due, names) => {
                matches!(fit.ending(), Ending::Valley(found) if found == names) && is_at(*due)
            }
            Due::OneOf(due) => fit.is_converged() && due.iter().any(|due| is_at(*due)),
            Due::Or(due, words) => match fit.is_converged() {
                true => is_at(*due),
                false => words.contains(&name),
            },
            Due::Ends(words) => words.contains(&name) && !fit.is_converged(),
            Due::Fails(_) => false,
        };
        if !is_right {
            return Some(format!("{height:e}"));
        }
        if fit.values().iter().any(|value| !value.is_finite()) {
            return Some("a parameter is not finite".into());
        }
        let errors = fit.parameters().iter().filter_map(|parameter| parameter.standard_error);
        if errors.into_iter().any(|error| !(error.is_finite() && error >= 0.0)) {
            return Some("a standard error is not finite".into());
        }
        let is_off = |(found, due): (f64, &f64)| (found - due).abs() > 1e-4 * due.abs() + 1e-9;
        (fit.is_converged() && fit.values().into_iter().zip(self.at).any(is_off))
            .then(|| "a parameter is off".into())
    }
}

fn all() -> Vec<Ground> {
    [flat::grounds(), saddles::grounds(), valleys::grounds(), own::grounds()]
        .into_iter()
        .flatten()
        .collect()
}

/// Each row from each start, by each way of climbing that is due.
#[test]
fn each_ground_is_climbed_or_told_truly() {
    let only = std::env::var("GROUND").unwrap_or_default();
    let (mut count, mut wrong) = (0, Vec::new());
    for ground in all() {
        if !ground.name.contains(&only) {
            continue;
        }
        assert!(!ground.starts.is_empty(), "{} has no start", ground.name);
        for start in ground.starts {
            let plain = (Method::Automatic, Some(&ground.due));
            for (method, due) in [plain, (Method::QuasiNewton, ground.quasi.as_ref())] {
                let Some(due) = due else { continue };
                count += 1;
                let fitted = ground.fit(start, method);
                let told = match &fitted {
                    Ok(fit) => format!(
                        "{} {:?} {:?} in {}",
                        fit.ending().name(),
                        fit.values(),
                        fit.squares(),
                        fit.iterations()
                    ),
                    Err(error) => error.to_string(),
                };
                if let Some(what) = ground.wrong(due, &fitted) {
                    let name = ground.name;
                    wrong.push(format!("{name} from {start:?} by {method:?}: {what}; {told}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}
