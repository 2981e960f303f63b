//! What a surface is of: P by two inputs of a formula, or by two weights of a saved network.

use uphill_graph::Function;
use uphill_nn::Row;

use super::Hill;
use crate::error::Error;
use crate::formula;
use crate::numbers::short;
use crate::trained::Trained;

/// What is climbed: P by two numbers, and its derivatives by both.
pub(crate) struct Ground<'g> {
    /// What P is called.
    pub(super) name: String,
    /// What stands behind `P over … and …` in the title.
    pub(super) others: &'static str,
    /// What is held, and where the numbers come from, in sentences.
    pub(super) notes: Vec<String>,
    pub(super) axes: [Side; 2],
    pub(super) slopes: Slopes<'g>,
    pub(super) value: Value<'g>,
    /// P of the training at all weights, where the ground is that of a network.
    whole: Option<Whole<'g>>,
    /// What a change is multiplied by beside the rate, since a training climbs the sum over its rows.
    pub(super) rows: f64,
}

type Value<'g> = Box<dyn Fn([f64; 2]) -> Result<f64, Error> + 'g>;
type Whole<'g> = Box<dyn Fn(&[f64]) -> Result<f64, Error> + 'g>;
type Slopes<'g> = Box<dyn Fn([f64; 2]) -> Result<[f64; 2], Error> + 'g>;

/// One of the two numbers.
pub(super) struct Side {
    pub(super) name: String,
    /// What is written beside the axis.
    pub(super) label: String,
    /// The range that was given.
    pub(super) range: Option<[f64; 2]>,
    /// Its place among inputs or weights.
    place: usize,
    /// The number it has where all others have theirs, if it is known.
    pub(super) centre: Option<f64>,
}

/// A name with a range, if there is one.
type Named = (String, Option<[f64; 2]>);

impl Hill {
    fn named(&self) -> Result<[Option<Named>; 2], Error> {
        let one = |option: &str, text: &Option<String>| {
            text.as_ref().map(|text| named(option, text)).transpose()
        };
        Ok([one("--x", &self.x)?, one("--y", &self.y)?])
    }

    /// P of a formula with one output over two of its inputs; the others have their numbers by `--at`.
    ///
    /// # Errors
    ///
    /// [`Error::Use`] where it isn't clear which two are meant, or another input has no number;
    /// [`Error::UnknownName`].
    pub(crate) fn over_inputs<'f>(
        &self,
        function: &'f Function,
        at: Option<&str>,
    ) -> Result<Ground<'f>, Error> {
        let inputs: Vec<String> = function.input_names().collect();
        let known = || inputs.iter().map(String::as_str);
        let mut given = formula::assignments("--at", at.unwrap_or_default())?;
        let number = |given: &[(String, f64)], name: &str| {
            given.iter().find(|(other, _)| other == name).map(|&(_, number)| number)
        };
        let named = self.named()?;
        let is_named = |name: &str| named.iter().flatten().any(|(other, _)| other == name);
        let is_open = |name: &&str| inputs.len() == 2 || number(&given, name).is_none();
        let open: Vec<String> =
            known().filter(|name| !is_named(name)).filter(is_open).map(str::to_owned).collect();
        let mut open = open.into_iter();
        let mut axes = Vec::with_capacity(2);
        for side in named {
            let Some((name, range)) = side.or_else(|| Some((open.next()?, None))) else {
                return Err(Error::Use(format!(
                    "a surface is over two inputs; name them by --x and --y (the formula has {})",
                    crate::names::few(known())
                )));
            };
            let Some(place) = inputs.iter().position(|input| *input == name) else {
                return Err(Error::unknown("input", &name, "the formula", known()));
            };
            let (centre, label) = (number(&given, &name), name.clone());
            axes.push(Side { place, range, centre, name, label });
        }
        let axes = two(axes)?;
        for side in &axes {
            // They may be left open; where they are not, their numbers are the middle of the picture.
            if side.centre.is_none() {
                given.push((side.name.clone(), 0.0));
            }
        }
        let point = formula::point("--at", &inputs, &given)?;
        let held: Vec<String> = given
            .iter()
            .filter(|(name, _)| axes.iter().all(|side| side.name != *name))
            .map(|(name, number)| format!("{name} = {}", short(*number, 5).replacen('-', "−", 1)))
            .collect();
        let places = axes.each_ref().map(|side| side.place);
        let put = move |at: [f64; 2]| {
            let mut point = point.clone();
            places.into_iter().zip(at).for_each(|(place, number)| point[place] = number);
            point
        };
        let gradient = function.gradient_wrt(&axes.each_ref().map(|side| &side.name))?;
        let put_too = put.clone();
        Ok(Ground {
            name: function.output_names().next().unwrap_or("P").to_owned(),
            others: "",
            notes: if held.is_empty() {
                Vec::new()
            } else {
                vec![format!("Here {}.", held.join(", "))]
            },
            axes,
            whole: None,
            rows: 1.0,
            value: Box::new(move |at| Ok(function.value(&put(at))?)),
            slopes: Box::new(move |at| {
                let point = put_too(at);
                // Outside of a domain there is no slope, whatever the rules make of the numbers.
                if function.value(&point)?.is_nan() {
                    return Ok([f64::NAN; 2]);
                }
                let slopes = gradient.eval(&point)?;
                Ok([slopes[0], slopes[1]])
            }),
        })
    }

    /// P of a saved network over two of its weights; the others are as they were saved.
    ///
    /// # Errors
    ///
    /// [`Error::Use`] if two weights are not named, [`Error::UnknownName`].
    pub(crate) fn over_weights<'t>(&self, trained: &'t Trained) -> Result<Ground<'t>, Error> {
        let weights = trained.saved.model.network().weights();
        let mut axes = Vec::with_capacity(2);
        for side in self.named()? {
            let Some((name, range)) = side else {
                let known = weights.iter().map(|weight| weight.name.as_str());
                let what = "a surface is over two weights; name them by --x and --y";
                return Err(Error::Use(format!(
                    "{what} (the model has {})",
                    crate::names::few(known)
                )));
            };
            let place = trained.weight(&name)?;
            let (name, centre) = (weights[place].name.clone(), Some(trained.weights()[place]));
            let label = match trained.is_of_scaled_input(place) {
                true => format!("{name} (input scaled)"),
                false => name.clone(),
            };
            axes.push(Side { name, label, range, place, centre });
        }
        let axes = two(axes)?;
        let places = axes.each_ref().map(|side| side.place);
        let put = move |at: [f64; 2]| {
            let mut weights = trained.weights().to_vec();
            places.into_iter().zip(at).for_each(|(place, number)| weights[place] = number);
            weights
        };
        let rows = trained.rows_of_a_sum();
        Ok(Ground {
            name: if rows == 1.0 { "P".into() } else { "P a row".into() },
            others: ", the others as saved",
            notes: vec![trained.told()],
            axes,
            whole: Some(Box::new(move |weights| Ok(trained.problem.performance(weights)? / rows))),
            rows,
            value: Box::new(move |at| Ok(trained.problem.performance(&put(at))? / rows)),
            slopes: Box::new(move |at| {
                let gradient = trained.problem.gradient(&put(at))?;
                Ok(places.map(|place| gradient[place] / rows))
            }),
        })
    }
}

impl Ground<'_> {
    /// Two numbers from a text such as `0.5,-0.9`.
    pub(super) fn pair(&self, option: &str, text: &str) -> Result<[f64; 2], Error> {
        let numbers: Option<Vec<f64>> = crate::list::parts(text).map(formula::number_of).collect();
        match numbers.as_deref() {
            Some(&[x, y]) if x.is_finite() && y.is_finite() => Ok([x, y]),
            _ => Err(Error::Use(format!(
                "{option} `{text}`: expected the numbers of `{}` and `{}`, such as `0.5,-0.9`",
                self.axes[0].name, self.axes[1].name
            ))),
        }
    }

    /// The way of a training from the two weights in each row of its history, laid on this ground: P is that of the
    /// surface there, where the other weights are as saved; that of the training is told for its two ends.
    ///
    /// # Errors
    ///
    /// [`Error::Use`] for a history without weights, [`Error::Network`].
    pub(crate) fn trail(&self, history: &[Row], file: &str) -> Result<Trail, Error> {
        let places = self.axes.each_ref().map(|side| side.place);
        let weights = |row: &'_ Row| row.weights.clone().ok_or_else(|| without_weights(file));
        let point = |row: &Row| {
            let weights = weights(row)?;
            let [x, y] = places.map(|place| weights[place]);
            Ok([x, y, (self.value)([x, y])?])
        };
        let whole = |row: Option<&Row>| match (row, &self.whole) {
            (Some(row), Some(whole)) => whole(&weights(row)?),
            _ => Ok(0.0),
        };
        let ends = [whole(history.first())?, whole(history.last())?];
        Ok(Trail { points: history.iter().map(point).collect::<Result<_, Error>>()?, ends })
    }
}

/// The way of a training over two of its weights.
pub(crate) struct Trail {
    /// Both weights in each row of the history, and P of the ground there.
    pub(super) points: Vec<[f64; 3]>,
    /// P of the training in the first and the last row.
    pub(super) ends: [f64; 2],
}

/// What a history lacks for a path.
fn without_weights(file: &str) -> Error {
    Error::Use(format!(
        "`{file}` has no columns for the model's weights; `uphill train --history-weights` writes them"
    ))
}

fn two(axes: Vec<Side>) -> Result<[Side; 2], Error> {
    let twice = || Error::Use("--x and --y are the same; a surface is over two".into());
    match <[Side; 2]>::try_from(axes) {
        Ok(axes) if axes[0].place != axes[1].place => Ok(axes),
        _ => Err(twice()),
    }
}

/// `w1=-1..1`, or a name alone. Names of weights may hold `=`, so the last one with a range behind it counts.
pub(super) fn named(option: &str, text: &str) -> Result<Named, Error> {
    let (name, range) = match text.rsplit_once('=') {
        Some((name, range)) if !range.contains('`') => (name, range.split_once("..")),
        _ => (text, None),
    };
    let Some((low, high)) = range else { return Ok((crate::list::one(text.trim()), None)) };
    let name = crate::list::one(name.trim());
    match (formula::number_of(low.trim()), formula::number_of(high.trim())) {
        (Some(low), Some(high)) if low < high && low.is_finite() && high.is_finite() => {
            Ok((name, Some([low, high])))
        }
        _ => Err(Error::Use(format!(
            "{option} `{text}`: expected a range from a lower to a higher number, such as `{name}=-1..1`"
        ))),
    }
}
