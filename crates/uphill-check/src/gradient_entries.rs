//! The entries of a check at one point: what was computed beside what the oracle says, entry by entry or along random
//! directions.
//!
//! A direction of ±1 in every variable sees every entry. If one disagrees, halving the set of variables and keeping
//! the half with the larger difference leads to one that is to blame.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use uphill_graph::Function;

use crate::numerical::{Derivative, Error, Estimate, Oracle, Subject};
use crate::report::{Allowed, Entry, Place, Verdict};

/// Gradients by more variables are checked along directions.
const MANY: usize = 200;
/// Along so many.
const DIRECTIONS: usize = 16;

/// A user's code for a derivative.
pub(crate) type Given<'f> = Box<dyn Fn(&[f64]) -> Vec<f64> + 'f>;

/// What is judged.
pub(crate) enum Judged<'f> {
    /// The graph of a derivative.
    Function(Box<Function>),
    /// A user's code.
    Given(Given<'f>),
}

pub(crate) struct Comparison<'f, S: ?Sized> {
    pub(crate) subject: &'f S,
    pub(crate) derivative: Derivative,
    pub(crate) judged: Judged<'f>,
    pub(crate) oracle: Oracle,
    pub(crate) tolerance: f64,
    pub(crate) absolute: f64,
    pub(crate) directions: Option<usize>,
    pub(crate) random: ChaCha8Rng,
    pub(crate) inputs: Option<Vec<String>>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) title: Option<String>,
}

impl<S: Subject + ?Sized> Comparison<'_, S> {
    pub(crate) fn input_names(&self, count: usize) -> Vec<String> {
        match &self.inputs {
            Some(names) => names.clone(),
            None => self.subject.input_names(count),
        }
    }

    /// Adds the entries of one point.
    pub(crate) fn compare(&mut self, position: usize, x: &[f64]) -> Result<(), Error> {
        let names = self.input_names(x.len());
        if names.len() != x.len() {
            let what = format!("point {}", position + 1);
            return Err(Error::WrongLength { what, expected: names.len(), got: x.len() });
        }
        let variables = self.subject.variables(x.len());
        let directions = match self.directions {
            Some(count) => count,
            None if variables.len() > MANY => DIRECTIONS,
            None => 0,
        };
        let along = self.derivative == Derivative::Gradient && directions > 0;
        // The oracle first: it checks the point.
        let expected = match self.derivative {
            _ if along => Vec::new(),
            Derivative::Gradient => vec![self.oracle.gradient(self.subject, x)?],
            Derivative::Jacobian => self.oracle.jacobian(self.subject, x)?,
            Derivative::Hessian => self.oracle.hessian(self.subject, x)?,
        };
        let values = self.subject.values(x)?.len();
        let outputs = self.subject.output_names(values);
        if outputs.len() != values {
            let what = "the names of the outputs".to_owned();
            return Err(Error::WrongLength { what, expected: values, got: outputs.len() });
        }
        let names: Vec<String> =
            variables.iter().map(|&variable| names[variable].clone()).collect();
        if self.title.is_none() {
            self.title = Some(title(self.derivative, &outputs, &names));
        }
        let rows = if along { 1 } else { expected.len() };
        let computed = self.judged_at(x, rows * names.len())?;
        if along {
            let [output] = outputs.as_slice() else {
                return Err(Error::NotScalar { what: "a gradient", outputs: outputs.len() });
            };
            let point = Point { position, x, output, variables: &variables };
            return self.along(&point, &names, &computed, directions);
        }
        for (row, estimates) in expected.iter().enumerate() {
            for (column, estimate) in estimates.iter().enumerate() {
                let input = names[column].clone();
                let (name, output) = match self.derivative {
                    Derivative::Hessian => (
                        format!("d2{}/d{}d{input}", outputs[0], names[row]),
                        format!("d{}/d{}", outputs[0], names[row]),
                    ),
                    _ => (format!("d{}/d{input}", outputs[row]), outputs[row].clone()),
                };
                let place = Place { name, output, input, point: position, row, column };
                let allowed = self.allowed(estimates);
                let number = computed[row * names.len() + column];
                self.entries.push(Entry::new(place, number, estimate, allowed));
            }
        }
        Ok(())
    }

    fn judged_at(&self, x: &[f64], expected: usize) -> Result<Vec<f64>, Error> {
        let computed = match &self.judged {
            Judged::Function(function) => function.eval(x)?,
            Judged::Given(code) => code(x),
        };
        if computed.len() == expected {
            Ok(computed)
        } else {
            let what = "the computed derivative".to_owned();
            Err(Error::WrongLength { what, expected, got: computed.len() })
        }
    }

    /// A slope is large if it is as large as another of its row, or as the function's over a large step.
    fn allowed(&self, row: &[Estimate]) -> Allowed {
        let slopes = row.iter().flat_map(|estimate| [estimate.value.abs(), estimate.span]);
        let scale = slopes.filter(|slope| slope.is_finite()).fold(0.0, f64::max);
        Allowed { relative: self.tolerance, absolute: self.absolute, scale }
    }

    fn along(
        &mut self,
        point: &Point<'_>,
        names: &[String],
        computed: &[f64],
        directions: usize,
    ) -> Result<(), Error> {
        let mut blamed = Vec::new();
        for number in 1..=directions {
            let signs: Vec<f64> = names
                .iter()
                .map(|_| if self.random.next_u64() >> 63 == 0 { 1.0 } else { -1.0 })
                .collect();
            let estimate = self.directional(point, &signs)?;
            let place = Place {
                name: format!("d{} along direction {number}", point.output),
                output: point.output.to_owned(),
                input: format!("direction {number}"),
                point: point.position,
                row: 0,
                column: number - 1,
            };
            let total = along(computed, &signs);
            let allowed = self.allowed(std::slice::from_ref(&estimate));
            let entry = Entry::new(place, total, &estimate, allowed);
            if entry.verdict == Verdict::Disagrees {
                let culprit = self.culprit(point, computed, &signs, total - estimate.value)?;
                if !blamed.contains(&culprit) {
                    blamed.push(culprit);
                }
            }
            self.entries.push(entry);
        }
        for column in blamed {
            let mut signs = vec![0.0; names.len()];
            signs[column] = 1.0;
            let estimate = self.directional(point, &signs)?;
            let place = Place {
                name: format!("d{}/d{}", point.output, names[column]),
                output: point.output.to_owned(),
                input: names[column].clone(),
                point: point.position,
                row: 0,
                column: directions + column,
            };
            let allowed = self.allowed(std::slice::from_ref(&estimate));
            self.entries.push(Entry::new(place, computed[column], &estimate, allowed));
        }
        Ok(())
    }

    /// The variable that a difference along a direction comes from, or most of it.
    fn culprit(
        &self,
        point: &Point<'_>,
        computed: &[f64],
        signs: &[f64],
        difference: f64,
    ) -> Result<usize, Error> {
        let (mut from, mut to, mut difference) = (0, signs.len(), difference);
        while to - from > 1 {
            let middle = from + (to - from) / 2;
            let mut half = vec![0.0; signs.len()];
            half[from..middle].copy_from_slice(&signs[from..middle]);
            let lower = along(computed, &half) - self.directional(point, &half)?.value;
            if lower.abs() >= 0.5 * difference.abs() {
                (to, difference) = (middle, lower);
            } else {
                (from, difference) = (middle, difference - lower);
            }
        }
        Ok(from)
    }

    fn directional(&self, point: &Point<'_>, signs: &[f64]) -> Result<Estimate, Error> {
        let mut direction = vec![0.0; point.x.len()];
        for (&variable, &sign) in point.variables.iter().zip(signs) {
            direction[variable] = sign;
        }
        let mut slopes = self.oracle.directional(self.subject, point.x, &direction)?;
        Ok(slopes.swap_remove(0))
    }
}

/// The point at which directions are tried.
struct Point<'a> {
    position: usize,
    x: &'a [f64],
    output: &'a str,
    variables: &'a [usize],
}

fn along(computed: &[f64], signs: &[f64]) -> f64 {
    // A variable that stands still adds nothing, even if its entry is infinite.
    let moving = computed.iter().zip(signs).filter(|(_, sign)| **sign != 0.0);
    moving.map(|(slope, sign)| slope * sign).sum()
}

/// `Jacobian of P1, P2 by w1, w2`; long lists are cut.
fn title(derivative: Derivative, outputs: &[String], inputs: &[String]) -> String {
    const SHOWN: usize = 6;
    let list = |names: &[String]| {
        let shown = names[..names.len().min(SHOWN)].join(", ");
        if names.len() > SHOWN { format!("{shown}, … ({})", names.len()) } else { shown }
    };
    let what = match derivative {
        Derivative::Gradient => "gradient",
        Derivative::Jacobian => "Jacobian",
        Derivative::Hessian => "Hessian",
    };
    format!("{what} of {} by {}", list(outputs), list(inputs))
}
