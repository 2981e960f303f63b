//! What is climbed: P by two inputs of a function or two weights of a network, and its slopes.

use uphill_graph::Function;
use uphill_nn::Problem;

use crate::error::Error;
use crate::number::short;

/// How far an axis goes to each side of what is known of it, where no range is given.
pub(super) const AROUND: f64 = 2.0;

/// P by two numbers.
pub(super) struct Ground<'g> {
    /// What P is called.
    pub(super) name: String,
    /// What is held, and other sentences below the picture.
    pub(super) notes: Vec<String>,
    pub(super) axes: [Side; 2],
    /// How many samples a network has.
    pub(super) samples: usize,
    /// By what P is divided; steps are those of the whole.
    pub(super) rows: f64,
    /// All inputs or weights.
    held: Vec<f64>,
    of: Of<'g>,
}

enum Of<'g> {
    Function { value: &'g Function, gradient: Box<Function> },
    Network(&'g Problem),
}

/// One of the two numbers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Side {
    pub(super) name: String,
    /// What is written beside the axis.
    pub(super) label: String,
    /// The range that was given.
    pub(super) range: Option<[f64; 2]>,
    /// The number it has where all others have theirs.
    pub(super) centre: f64,
    /// Its place among inputs or weights.
    place: usize,
}

impl<'g> Ground<'g> {
    pub(super) fn over_inputs(
        function: &'g Function,
        names: [&str; 2],
        at: &[f64],
    ) -> Result<Ground<'g>, Error> {
        let inputs: Vec<String> = function.input_names().collect();
        Error::check_length("a number for each input", inputs.len(), at.len())?;
        let gradient = function.gradient_wrt(&names)?;
        let place = |name: &str| inputs.iter().position(|input| input == name).unwrap_or_default();
        let axes = axes(names, names.map(place), at)?;
        let held: Vec<String> = inputs
            .iter()
            .zip(at)
            .filter(|(name, _)| !names.contains(&name.as_str()))
            .map(|(name, &number)| format!("{name} = {}", short(number)))
            .collect();
        let notes = if held.is_empty() { None } else { Some(format!("Here {}.", held.join(", "))) };
        Ok(Ground {
            name: function.output_names().next().unwrap_or_else(|| "P".into()),
            notes: notes.into_iter().collect(),
            axes,
            samples: 0,
            rows: 1.0,
            held: at.to_vec(),
            of: Of::Function { value: function, gradient: Box::new(gradient) },
        })
    }

    pub(super) fn over_weights(
        problem: &'g Problem,
        names: [&str; 2],
        weights: &[f64],
    ) -> Result<Ground<'g>, Error> {
        let network = problem.network();
        Error::check_length("weights", network.weight_count(), weights.len())?;
        Error::check_finite("weight", weights)?;
        let places = [network.weight(names[0])?, network.weight(names[1])?];
        Ok(Ground {
            name: "P".into(),
            notes: Vec::new(),
            axes: axes(places.map(|place| &*network.weights()[place].name), places, weights)?,
            samples: problem.samples().len(),
            rows: 1.0,
            held: weights.to_vec(),
            of: Of::Network(problem),
        })
    }

    pub(super) fn places(&self) -> [usize; 2] {
        self.axes.each_ref().map(|side| side.place)
    }

    fn put(&self, at: [f64; 2]) -> Vec<f64> {
        let mut all = self.held.clone();
        self.places().into_iter().zip(at).for_each(|(place, number)| all[place] = number);
        all
    }

    /// P at all inputs or weights.
    pub(super) fn whole(&self, all: &[f64]) -> Result<f64, Error> {
        Ok(match &self.of {
            Of::Function { value, .. } => value.eval(all)?[0],
            Of::Network(problem) => problem.performance(all)? / self.rows,
        })
    }

    pub(super) fn value(&self, at: [f64; 2]) -> Result<f64, Error> {
        self.whole(&self.put(at))
    }

    /// Whether another function has the inputs of this one's.
    pub(super) fn check_inputs(&self, other: &Function) -> Result<(), Error> {
        Error::check_enough("inputs of a function", 1, usize::from(self.is_function()))?;
        Error::check_length("inputs of the constraints", self.held.len(), other.inputs().len())
    }

    fn is_function(&self) -> bool {
        matches!(self.of, Of::Function { .. })
    }

    /// What another function of the same inputs gives.
    pub(super) fn outputs(&self, function: &Function, at: [f64; 2]) -> Result<Vec<f64>, Error> {
        Ok(function.eval(&self.put(at))?)
    }

    pub(super) fn slopes(&self, at: [f64; 2]) -> Result<[f64; 2], Error> {
        let all = self.put(at);
        Ok(match &self.of {
            Of::Function { gradient, .. } => {
                // Outside of a domain there is no slope, whatever the rules make of the numbers.
                if self.whole(&all)?.is_nan() {
                    return Ok([f64::NAN; 2]);
                }
                let slopes = gradient.eval(&all)?;
                [slopes[0], slopes[1]]
            }
            Of::Network(problem) => {
                let gradient = problem.gradient(&all)?;
                self.places().map(|place| gradient[place] / self.rows)
            }
        })
    }
}

fn axes(names: [&str; 2], places: [usize; 2], at: &[f64]) -> Result<[Side; 2], Error> {
    if places[0] == places[1] {
        let (axis, low, high) = (names[1].to_owned(), at[places[1]], at[places[1]]);
        return Err(Error::Range { axis, low, high, why: "both axes are the same" });
    }
    Ok([0, 1].map(|k| Side {
        name: names[k].into(),
        label: names[k].into(),
        range: None,
        centre: at[places[k]],
        place: places[k],
    }))
}
