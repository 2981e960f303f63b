//! P over two of its inputs or weights: which two, their ranges, and the climb on the surface.
//!
//! A `Ground` is what is climbed, a formula with its other inputs fixed or a saved network with its other weights as
//! they were saved; [`Hill`] holds the options that make a surface of it.

use clap::Args;
use uphill_graph::Function;
use uphill_nn::Row;
use uphill_pictures::{Axis, Surface};

use crate::error::Error;
use crate::formula;
use crate::numbers::short;
use crate::output::Output;
use crate::trained::Trained;

/// How far an axis goes to each side of what is known of it, where no range is given.
const AROUND: f64 = 2.0;

/// The options of a surface.
#[derive(Debug, Args)]
pub struct Hill {
    /// The input or weight along the first axis, and its range, such as `w1=-1..1`
    /// [default: the first input that --at leaves open; the range follows from the climb, or is 2 to each side]
    #[arg(
        long,
        value_name = "NAME[=LOW..HIGH]",
        allow_hyphen_values = true,
        help_heading = "Surface"
    )]
    pub x: Option<String>,

    /// The one along the second axis
    #[arg(
        long,
        value_name = "NAME[=LOW..HIGH]",
        allow_hyphen_values = true,
        help_heading = "Surface"
    )]
    pub y: Option<String>,

    /// Climb from here: the numbers of both, such as `0.5,-0.9`
    #[arg(long, value_name = "X,Y", allow_hyphen_values = true, help_heading = "Surface")]
    pub start: Option<String>,

    /// What the gradient is multiplied by in each step of the climb
    #[arg(
        long,
        value_name = "RATE",
        allow_negative_numbers = true,
        default_value_t = 0.1,
        requires = "start",
        help_heading = "Surface"
    )]
    pub rate: f64,

    /// The number of steps of the climb
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t = 50,
        value_parser = clap::value_parser!(u32).range(0..=1_000_000),
        requires = "start",
        help_heading = "Surface"
    )]
    pub steps: u32,

    /// Draw the gradient here as an arrow on the contours
    #[arg(long, value_name = "X,Y", allow_hyphen_values = true, help_heading = "Surface")]
    pub arrow: Option<String>,

    /// Draw a unit as long on both axes, so that the gradient is at right angles to the contours
    #[arg(long, help_heading = "Surface")]
    pub equal_units: bool,

    /// The number of values on each side of the grid on which P is computed
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t = 101,
        value_parser = clap::value_parser!(u16).range(2..=1000),
        help_heading = "Surface"
    )]
    pub grid: u16,
}

/// What is climbed: P by two numbers, and its derivatives by both.
pub(crate) struct Ground<'g> {
    /// What P is called.
    name: String,
    /// What stands behind `P over … and …` in the title.
    others: &'static str,
    axes: [Side; 2],
    slopes: Slopes<'g>,
    value: Value<'g>,
}

type Value<'g> = Box<dyn Fn([f64; 2]) -> Result<f64, Error> + 'g>;
type Slopes<'g> = Box<dyn Fn([f64; 2]) -> Result<[f64; 2], Error> + 'g>;

/// One of the two numbers.
struct Side {
    name: String,
    /// The range that was given.
    range: Option<[f64; 2]>,
    /// Its place among inputs or weights.
    place: usize,
    /// The number it has where all others have theirs, if it is known.
    centre: Option<f64>,
}

/// A name with a range, if there is one.
type Named = (String, Option<[f64; 2]>);

impl Hill {
    /// Whether anything asks for a surface.
    pub(crate) fn is_asked(&self) -> bool {
        [&self.x, &self.y, &self.start, &self.arrow].into_iter().any(Option::is_some)
    }

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
            axes.push(Side { place, range, centre: number(&given, &name), name });
        }
        let axes = two(axes)?;
        for side in &axes {
            // They may be left open; where they are not, their numbers are the middle of the picture.
            if side.centre.is_none() {
                given.push((side.name.clone(), 0.0));
            }
        }
        let point = formula::point("--at", &inputs, &given)?;
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
            axes,
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
            axes.push(Side { name, range, place, centre });
        }
        let axes = two(axes)?;
        let places = axes.each_ref().map(|side| side.place);
        let put = move |at: [f64; 2]| {
            let mut weights = trained.weights().to_vec();
            places.into_iter().zip(at).for_each(|(place, number)| weights[place] = number);
            weights
        };
        Ok(Ground {
            name: "P".into(),
            others: ", the others as saved",
            axes,
            value: Box::new(move |at| Ok(trained.problem.performance(&put(at))?)),
            slopes: Box::new(move |at| {
                let gradient = trained.problem.gradient(&put(at))?;
                Ok(places.map(|place| gradient[place]))
            }),
        })
    }

    /// The surface, with the climb from `--start` or the path that is given, and the arrow.
    ///
    /// # Errors
    ///
    /// [`Error::Use`] for numbers that can't be read or lead nowhere, [`Error::Picture`].
    pub(crate) fn surface(
        &self,
        ground: &Ground<'_>,
        path: Option<Vec<[f64; 3]>>,
        output: &Output,
    ) -> Result<Surface, Error> {
        let path = match (&self.start, path) {
            (Some(start), _) => self.climb(ground, ground.pair("--start", start)?, output)?,
            (None, path) => path.unwrap_or_default(),
        };
        let arrow = self.arrow.as_ref().map(|at| ground.pair("--arrow", at)).transpose()?;
        let axis = |k: usize| ground.axis(k, path.iter().map(|point| point[k]), arrow);
        let axes = [axis(0)?, axis(1)?];
        let [xs, ys] = axes.each_ref().map(|axis| steps(axis, usize::from(self.grid)));
        let mut values = Vec::with_capacity(xs.len() * ys.len());
        for &y in &ys {
            for &x in &xs {
                values.push((ground.value)([x, y])?);
            }
        }
        let [x, y] = axes;
        let title = format!("{} over {} and {}{}", ground.name, x.name(), y.name(), ground.others);
        let mut surface =
            Surface::from_values(x, y, xs.len(), values)?.named(&ground.name).title(title);
        if self.equal_units {
            surface = surface.equal_units();
        }
        if let Some(at) = arrow {
            let gradient = (ground.slopes)(at)?;
            if gradient.iter().any(|slope| !slope.is_finite()) {
                let [x, y] = gradient;
                return Err(Error::Use(format!("--arrow: the gradient there is ({x}, {y})")));
            }
            surface = surface.gradient(at, gradient)?;
        }
        Ok(surface.path(path)?)
    }

    /// The way uphill: change = rate · gradient.
    fn climb(
        &self,
        ground: &Ground<'_>,
        start: [f64; 2],
        output: &Output,
    ) -> Result<Vec<[f64; 3]>, Error> {
        if !self.rate.is_finite() {
            return Err(Error::Use(format!("--rate {}: give a finite number", self.rate)));
        }
        let value = (ground.value)(start)?;
        if !value.is_finite() {
            return Err(Error::Use(format!("--start: {} is {value} there", ground.name)));
        }
        let ([mut x, mut y], mut path) = (start, vec![[start[0], start[1], value]]);
        for step in 0..self.steps {
            let [by_x, by_y] = (ground.slopes)([x, y])?;
            (x, y) = (x + self.rate * by_x, y + self.rate * by_y);
            let point = [x, y, (ground.value)([x, y])?];
            if point.iter().any(|number| !number.is_finite()) {
                output.remark(&format!(
                    "the climb leaves the finite numbers after {}; a smaller --rate may help",
                    crate::numbers::counted(step as usize, "step")
                ));
                break;
            }
            if is_runaway(&path[0], &point) {
                output.remark(&format!(
                    "the climb runs away to ({}, {}) in step {}, which is not drawn; a smaller --rate may help",
                    short(x, 3),
                    short(y, 3),
                    step + 1
                ));
                break;
            }
            path.push(point);
        }
        Ok(path)
    }
}

/// Whether a climb is so far from its start that nothing else would be seen in a picture with both: farther than any
/// plot is for, or far and below where it began, as happens by too large steps.
fn is_runaway(start: &[f64; 3], point: &[f64; 3]) -> bool {
    let far = |k: usize| (point[k] - start[k]).abs() / AROUND.max(start[k].abs());
    let far = far(0).max(far(1));
    far > 1e6 || (far > 1e2 && point[2] < start[2])
}

impl Ground<'_> {
    /// Two numbers from a text such as `0.5,-0.9`.
    fn pair(&self, option: &str, text: &str) -> Result<[f64; 2], Error> {
        let numbers: Option<Vec<f64>> = crate::list::parts(text).map(formula::number_of).collect();
        match numbers.as_deref() {
            Some(&[x, y]) if x.is_finite() && y.is_finite() => Ok([x, y]),
            _ => Err(Error::Use(format!(
                "{option} `{text}`: expected the numbers of `{}` and `{}`, such as `0.5,-0.9`",
                self.axes[0].name, self.axes[1].name
            ))),
        }
    }

    /// The range that was given; else one around the path, or around what is known.
    fn axis(
        &self,
        k: usize,
        path: impl Iterator<Item = f64>,
        arrow: Option<[f64; 2]>,
    ) -> Result<Axis, Error> {
        let side = &self.axes[k];
        if let Some([low, high]) = side.range {
            return Ok(Axis::new(&side.name, low, high)?);
        }
        let shown: Vec<f64> = path.chain(arrow.map(|at| at[k])).collect();
        if shown.len() > 1 {
            return Ok(Axis::around(&side.name, &shown)?);
        }
        let centre = shown.first().copied().or(side.centre).unwrap_or(0.0);
        let room = AROUND.max(centre.abs());
        Ok(Axis::new(&side.name, centre - room, centre + room)?)
    }

    /// The way of a training from the two weights in each row of its history, laid on this ground: P is that of the
    /// surface there, where the other weights are as saved, not that of the training.
    ///
    /// # Errors
    ///
    /// [`Error::Use`] for a history without weights, [`Error::Network`].
    pub(crate) fn trail(&self, history: &[Row], file: &str) -> Result<Vec<[f64; 3]>, Error> {
        let places = self.axes.each_ref().map(|side| side.place);
        let point = |row: &Row| {
            let weights = row.weights.as_ref().ok_or_else(|| without_weights(file))?;
            let [x, y] = places.map(|place| weights[place]);
            Ok([x, y, (self.value)([x, y])?])
        };
        history.iter().map(point).collect()
    }
}

/// What a history lacks for a path.
fn without_weights(file: &str) -> Error {
    Error::Use(format!(
        "`{file}` has no columns for the model's weights; `uphill train --history-weights` writes them"
    ))
}

/// Evenly spaced numbers over an axis.
fn steps(axis: &Axis, count: usize) -> Vec<f64> {
    let part = |k: usize| k as f64 / (count - 1) as f64;
    (0..count).map(|k| axis.low() * (1.0 - part(k)) + axis.high() * part(k)).collect()
}

fn two(axes: Vec<Side>) -> Result<[Side; 2], Error> {
    let twice = || Error::Use("--x and --y are the same; a surface is over two".into());
    match <[Side; 2]>::try_from(axes) {
        Ok(axes) if axes[0].place != axes[1].place => Ok(axes),
        _ => Err(twice()),
    }
}

/// `w1=-1..1`, or a name alone. Names of weights may hold `=`, so the last one with a range behind it counts.
fn named(option: &str, text: &str) -> Result<Named, Error> {
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

#[cfg(test)]
mod tests;
