//! The options of a surface: which two inputs or weights, their ranges, and the climb. `uphill_pictures::Hill` goes
//! uphill and draws.

use clap::Args;
use uphill_formula::Problem;
use uphill_graph::Function;
use uphill_nn::Row;
use uphill_pictures::{Hill, Surface};

use crate::error::Error;
use crate::formula;
use crate::output::Output;
use crate::trained::Trained;

/// The options of a surface.
#[derive(Debug, Args)]
pub struct HillOptions {
    /// The input or weight along the first axis, and its range, such as `w1=-1..1`
    /// [default: the first input that --at leaves open; the range holds the climb and its summit, or is 2 to each side
    /// at least]
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

    /// What the gradient is multiplied by in each step of the climb [default: 0.1]
    #[arg(
        long,
        value_name = "RATE",
        allow_negative_numbers = true,
        requires = "start",
        help_heading = "Surface"
    )]
    pub rate: Option<f64>,

    /// The number of steps of the climb [default: 50]
    #[arg(
        long,
        value_name = "COUNT",
        value_parser = clap::value_parser!(u32).range(0..=1_000_000),
        requires = "start",
        help_heading = "Surface"
    )]
    pub steps: Option<u32>,

    /// Draw the gradient here as an arrow on the contours
    #[arg(long, value_name = "X,Y", allow_hyphen_values = true, help_heading = "Surface")]
    pub arrow: Option<String>,

    /// Draw a unit as long on both axes, so that the gradient is at right angles to the contours [default: so, unless
    /// one of two given ranges is more than four times the other]
    #[arg(long, conflicts_with = "own_units", help_heading = "Surface")]
    pub equal_units: bool,

    /// Give each axis a unit of its own, so that the ranges fill the picture
    #[arg(long, help_heading = "Surface")]
    pub own_units: bool,

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

/// A name with a range, if there is one.
type Named = (String, Option<[f64; 2]>);

impl HillOptions {
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
        let is_given = |name: &str| given.iter().any(|(other, _)| other == name);
        let named = self.named()?;
        let is_named = |name: &str| named.iter().flatten().any(|(other, _)| other == name);
        let is_open = |name: &&str| inputs.len() == 2 || !is_given(name);
        let open: Vec<String> =
            known().filter(|name| !is_named(name)).filter(is_open).map(str::to_owned).collect();
        let mut open = open.into_iter();
        let mut sides = Vec::with_capacity(2);
        for side in named {
            let Some((name, range)) = side.or_else(|| Some((open.next()?, None))) else {
                return Err(Error::Use(format!(
                    "a surface is over two inputs; name them by --x and --y (the formula has {})",
                    crate::names::few(known())
                )));
            };
            if !inputs.contains(&name) {
                return Err(Error::unknown("input", &name, "the formula", known()));
            }
            sides.push((name, range));
        }
        let sides = two(sides)?;
        for (name, _) in &sides {
            // They may be left open; where they are not, their numbers are the middle of the picture.
            if !given.iter().any(|(other, _)| other == name) {
                given.push((name.clone(), 0.0));
            }
        }
        let point = formula::point("--at", &inputs, &given)?;
        let [x, y] = &sides;
        let hill = Hill::over_inputs(function, [&x.0, &y.0], &point)?;
        Ok(Ground { point, ..Ground::new(hill, sides, "") })
    }

    /// A problem over two of its inputs: what its constraints forbid, and its optimum, the others held.
    ///
    /// # Errors
    ///
    /// As [`over_inputs`](HillOptions::over_inputs); [`Error::Use`] for options that have no effect on a problem.
    pub(crate) fn over_problem<'f>(
        &self,
        problem: &'f Problem,
        functions: &'f Functions,
        at: Option<&str>,
        output: &Output,
    ) -> Result<Ground<'f>, Error> {
        for (option, is_given) in
            [("--rate", self.rate.is_some()), ("--steps", self.steps.is_some())]
        {
            if is_given {
                let what = "has no effect on a problem, whose optimum is searched; leave it out";
                return Err(Error::Use(format!("{option} {what}")));
            }
        }
        let mut ground = self.over_inputs(&functions.performance, at)?;
        ground.is_problem = true;
        let inputs = problem.inputs();
        let mut places = [0; 2];
        for (place, name) in places.iter_mut().zip(&ground.names) {
            *place = inputs.positions(name)?.start;
        }
        let mut start = ground.point.clone();
        if let Some(text) = &self.start {
            let pair = ground.pair("--start", text)?;
            places.iter().zip(pair).for_each(|(place, number)| start[*place] = number);
        }
        let mut search = crate::solve::search(problem, &functions.whole);
        for place in (0..start.len()).filter(|place| !places.contains(place)) {
            search = search.bounds(inputs.name(place), start[place], start[place]);
        }
        crate::interrupt::watch();
        let found = search.start(start).stop_when(&crate::interrupt::asked).solve();
        let mut hill = ground.hill.bounds(places.map(|place| {
            let of = problem.bounds().iter().find(|bound| bound.positions.contains(&place));
            of.map_or([f64::NEG_INFINITY, f64::INFINITY], |bound| [bound.low, bound.high])
        }));
        match found {
            Ok(optimum) if optimum.status.is_optimal() => {
                hill = hill.optimum(places.map(|place| optimum.values[place]));
            }
            Ok(optimum) => output.remark(&format!("no optimum is marked; {}", optimum.status)),
            Err(error) => output.remark(&format!("no optimum is marked: {error}")),
        }
        if let Some(limited) = &functions.limited {
            let limits =
                problem.constraints().iter().zip(limited.outputs()).flat_map(|(one, output)| {
                    std::iter::repeat_n([one.low, one.high], output.count())
                });
            hill = hill.subject_to(limited, limits.collect())?;
        }
        Ok(Ground { hill, ..ground })
    }

    /// P of a saved network over two of its weights; the others are as they were saved.
    ///
    /// # Errors
    ///
    /// [`Error::Use`] if two weights are not named, [`Error::UnknownName`].
    pub(crate) fn over_weights<'t>(&self, trained: &'t Trained) -> Result<Ground<'t>, Error> {
        let weights = trained.saved.model.network().weights();
        let (mut sides, mut labels) = (Vec::with_capacity(2), Vec::with_capacity(2));
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
            let name = weights[place].name.clone();
            labels.push(match trained.is_of_scaled_input(place) {
                true => format!("{name} (input scaled)"),
                false => name.clone(),
            });
            sides.push((name, range));
        }
        let sides = two(sides)?;
        let [x, y] = &sides;
        let mut hill = Hill::over_weights(&trained.problem, [&x.0, &y.0], trained.weights())?;
        if trained.rows_of_a_sum() != 1.0 {
            hill = hill.a_row();
        }
        if let Ok(labels) = <[String; 2]>::try_from(labels) {
            hill = hill.labels(labels);
        }
        Ok(Ground::new(hill.note(trained.told()), sides, ", the others as saved"))
    }

    /// The surface, with the climb from `--start` or the way that the ground has, and the arrow.
    ///
    /// # Arguments
    ///
    /// `shape`: the width of the picture's frame by its height, to which ranges that nobody gave are made to suit.
    ///
    /// # Errors
    ///
    /// [`Error::Use`] for numbers that can't be read or lead nowhere, [`Error::Picture`].
    pub(crate) fn surface(
        &self,
        ground: Ground<'_>,
        shape: f64,
        output: &Output,
    ) -> Result<Surface, Error> {
        let start = match ground.is_problem {
            true => None,
            false => self.start.as_ref().map(|at| ground.pair("--start", at)).transpose()?,
        };
        let arrow = self.arrow.as_ref().map(|at| ground.pair("--arrow", at)).transpose()?;
        let title = ground.title();
        let mut hill = ground.hill.shape(shape).grid(usize::from(self.grid));
        if self.equal_units || self.own_units {
            hill = hill.equal_units(self.equal_units);
        }
        if let Some(start) = start {
            let (rate, steps) = (self.rate.unwrap_or(0.1), self.steps.unwrap_or(50));
            if !rate.is_finite() {
                return Err(Error::Use(format!("--rate {rate}: give a finite number")));
            }
            let value = hill.value(start)?;
            if !value.is_finite() {
                return Err(Error::Use(format!("--start: {} is {value} there", hill.name())));
            }
            hill = hill.start(start).rate(rate).steps(steps as usize);
        }
        if let Some(at) = arrow {
            let gradient = hill.slopes(at)?;
            if gradient.iter().any(|slope| !slope.is_finite()) {
                let [x, y] = gradient;
                return Err(Error::Use(format!("--arrow: the gradient there is ({x}, {y})")));
            }
            hill = hill.arrow(at);
        }
        let (surface, stopped) = hill.surface()?;
        if let Some(end) = stopped {
            output.remark(&format!("the climb stops {end}; a smaller --rate may help"));
        }
        Ok(surface.title(title))
    }
}

/// A problem's functions: all of it, its performance alone, and what its constraints limit.
pub(crate) struct Functions {
    whole: Function,
    performance: Function,
    limited: Option<Function>,
}

impl Functions {
    pub(crate) fn of(problem: &Problem) -> Result<Functions, Error> {
        let whole = problem.function()?;
        let performance = whole.select(&[&whole.outputs()[0].name])?;
        let names: Vec<&str> =
            problem.constraints().iter().map(|constraint| constraint.name.as_str()).collect();
        let limited = (!names.is_empty()).then(|| whole.select(&names)).transpose()?;
        Ok(Functions { performance, limited, whole })
    }
}

/// A hill over two named numbers.
pub(crate) struct Ground<'g> {
    hill: Hill<'g>,
    names: [String; 2],
    /// A number for each input of a function.
    point: Vec<f64>,
    is_problem: bool,
    /// What stands behind `P over … and …` in the title.
    others: &'static str,
}

impl<'g> Ground<'g> {
    fn new(hill: Hill<'g>, sides: [Named; 2], others: &'static str) -> Ground<'g> {
        let ranges = sides.each_ref().map(|side| side.1);
        let names = sides.map(|side| side.0);
        Ground { hill: hill.ranges(ranges), names, point: Vec::new(), is_problem: false, others }
    }

    fn title(&self) -> String {
        let [x, y] = &self.names;
        format!("{} over {x} and {y}{}", self.hill.name(), self.others)
    }

    /// Two numbers from a text such as `0.5,-0.9`.
    fn pair(&self, option: &str, text: &str) -> Result<[f64; 2], Error> {
        let numbers: Option<Vec<f64>> = crate::list::parts(text).map(formula::number_of).collect();
        match numbers.as_deref() {
            Some(&[x, y]) if x.is_finite() && y.is_finite() => Ok([x, y]),
            _ => Err(Error::Use(format!(
                "{option} `{text}`: expected the numbers of `{}` and `{}`, such as `0.5,-0.9`",
                self.names[0], self.names[1]
            ))),
        }
    }

    /// The same with the way of a training, from the history in this file.
    ///
    /// # Errors
    ///
    /// [`Error::Use`] for a history without weights, [`Error::Picture`].
    pub(crate) fn trail(self, history: &[Row], file: &str) -> Result<Ground<'g>, Error> {
        if history.iter().any(|row| row.weights.is_none()) {
            return Err(Error::Use(format!(
                "`{file}` has no columns for the model's weights; `uphill train --history-weights` writes them"
            )));
        }
        Ok(Ground { hill: self.hill.trail(history)?, ..self })
    }
}

fn two(sides: Vec<Named>) -> Result<[Named; 2], Error> {
    match <[Named; 2]>::try_from(sides) {
        Ok(sides) if sides[0].0 != sides[1].0 => Ok(sides),
        _ => Err(Error::Use("--x and --y are the same; a surface is over two".into())),
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
mod tests {
    use super::named;

    #[test]
    fn names_and_ranges() {
        assert_eq!(named("--x", "w1").unwrap(), ("w1".into(), None));
        assert_eq!(named("--x", "w1 = -1..2").unwrap(), ("w1".into(), Some([-1.0, 2.0])));
        let pi = std::f64::consts::PI;
        assert_eq!(named("--x", "w[1]=-pi..pi").unwrap(), ("w[1]".into(), Some([-pi, pi])));
        assert_eq!(named("--x", "kind=a→h1.1").unwrap(), ("kind=a→h1.1".into(), None));
        assert_eq!(
            named("--x", "kind=a→h1.1=0..1").unwrap(),
            ("kind=a→h1.1".into(), Some([0.0, 1.0]))
        );
        for text in ["w1=1..1", "w1=2..1", "w1=..1", "w1=a..1", "w1=0..1/0"] {
            let error = named("--x", text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("--x `{text}`: expected a range")), "{error}");
        }
    }
}
