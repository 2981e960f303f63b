//! P over two of its numbers as a hill: what is climbed, the way uphill, and which part of it is seen.
//!
//! `ground.rs` is what is climbed, `climb.rs` goes uphill on it and stops where that leads nowhere, `window.rs` says which
//! ranges are seen; a [`Hill`] makes a [`Surface`] of them.

mod climb;
mod ground;
mod window;

use uphill_graph::Function;
use uphill_nn::{Problem, Row};

use crate::axis::Axis;
use crate::error::Error;
use crate::surface::Surface;
use climb::Climb;
use ground::{Ground, Side};
use window::Window;

/// How many values a side has where nothing else is said.
const GRID: usize = 101;

/// A performance over two of its numbers, inputs of a function or weights of a network, with the way uphill.
///
/// The ranges follow from the climb: its way and the summit beyond its end lie well inside, and a unit is as long on both
/// axes, so that the way crosses contours at right angles.
///
/// ```
/// use uphill_graph::Function;
/// use uphill_pictures::{Hill, Theme};
///
/// let p = Function::record(["x", "y"], |v| -(v[0] * v[0] + 3.0 * v[1] * v[1]))?;
/// let (surface, stopped) = Hill::over_inputs(&p, ["x", "y"], &[0.0, 0.0])?
///     .start([1.5, 1.0])
///     .rate(0.1)
///     .steps(50)
///     .surface()?;
/// assert!(stopped.is_none());
/// let svg = surface.title("The way uphill").contours().svg(Theme::Light);
/// assert!(svg.contains("start: P = −5.25"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Hill<'g> {
    ground: Ground<'g>,
    start: Option<[f64; 2]>,
    rate: f64,
    steps: usize,
    arrow: Option<[f64; 2]>,
    trail: Option<Trail>,
    limited: Option<(&'g Function, Vec<[f64; 2]>)>,
    bounds: [[f64; 2]; 2],
    optimum: Option<[f64; 2]>,
    equal_units: Option<bool>,
    shape: f64,
    grid: usize,
}

/// The way of a training over two of its weights.
struct Trail {
    /// Both weights in each row of the history, and P of the ground there.
    points: Vec<[f64; 3]>,
    /// P of the training in the first and the last row.
    ends: [f64; 2],
}

impl std::fmt::Debug for Hill<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hill")
            .field("name", &self.ground.name)
            .field("axes", &self.ground.axes)
            .field("start", &self.start)
            .finish_non_exhaustive()
    }
}

impl<'g> Hill<'g> {
    fn new(ground: Ground<'g>) -> Hill<'g> {
        Hill {
            ground,
            start: None,
            rate: 0.1,
            steps: 50,
            arrow: None,
            trail: None,
            limited: None,
            bounds: [[f64::NEG_INFINITY, f64::INFINITY]; 2],
            optimum: None,
            equal_units: None,
            shape: 1.0,
            grid: GRID,
        }
    }

    /// P of a function, its first output, over two of its inputs.
    ///
    /// # Arguments
    ///
    /// `names`: the two; `at`: a number for each input, by which the others are held. Those of the two are the middle of
    /// the picture if nothing else says what is seen.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] if an input is unknown or both are the same; [`Error::WrongLength`] if the point has another number
    /// of entries.
    pub fn over_inputs(
        function: &'g Function,
        names: [&str; 2],
        at: &[f64],
    ) -> Result<Hill<'g>, Error> {
        Ok(Hill::new(Ground::over_inputs(function, names, at)?))
    }

    /// P of a network on its samples over two of its weights; the others are as given.
    ///
    /// # Errors
    ///
    /// [`Error::Network`] if a weight is unknown; [`Error::WrongLength`], [`Error::NotFinite`] for the weights;
    /// [`Error::Range`] if both are the same.
    ///
    /// ```
    /// use uphill_nn::{Network, Problem, Samples, SquaredError};
    /// use uphill_pictures::{Hill, Theme};
    /// let network = Network::layered(&[1, 1]).build()?;
    /// let samples = Samples::new([[0.0], [1.0]], [[0.0], [1.0]])?;
    /// let problem = Problem::new(&network, SquaredError, &samples)?;
    /// let names: Vec<&str> = network.weights().iter().map(|weight| &*weight.name).collect();
    /// let hill = Hill::over_weights(&problem, [names[0], names[1]], &[1.0, 0.0])?;
    /// let (surface, _) = hill.start([1.0, 0.0]).rate(1.0).surface()?;
    /// assert!(surface.contours().svg(Theme::Light).contains(names[0]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn over_weights(
        problem: &'g Problem,
        names: [&str; 2],
        weights: &[f64],
    ) -> Result<Hill<'g>, Error> {
        Ok(Hill::new(Ground::over_weights(problem, names, weights)?))
    }

    /// Tells P divided by the number of samples, as `P a row`: for sums over the samples of a network. Steps are those of
    /// the sum, as a training makes them.
    #[must_use]
    pub fn a_row(mut self) -> Hill<'g> {
        self.ground.rows = self.ground.samples.max(1) as f64;
        self.ground.name += " a row";
        self
    }

    /// What is written beside the axes; otherwise their names.
    #[must_use]
    pub fn labels(mut self, labels: [String; 2]) -> Hill<'g> {
        for (side, label) in self.ground.axes.iter_mut().zip(labels) {
            side.label = label;
        }
        self
    }

    /// The ranges that are seen; where none is given, it follows from what is on the hill. A climb stops outside of
    /// ranges that are given.
    #[must_use]
    pub fn ranges(mut self, ranges: [Option<[f64; 2]>; 2]) -> Hill<'g> {
        for (side, range) in self.ground.axes.iter_mut().zip(ranges) {
            side.range = range;
        }
        self
    }

    /// Climbs from this point.
    #[must_use]
    pub fn start(mut self, at: [f64; 2]) -> Hill<'g> {
        self.start = Some(at);
        self
    }

    /// What the gradient is multiplied by in each step of the climb; otherwise 0.1.
    #[must_use]
    pub fn rate(mut self, rate: f64) -> Hill<'g> {
        self.rate = rate;
        self
    }

    /// How many steps the climb has; otherwise 50.
    #[must_use]
    pub fn steps(mut self, steps: usize) -> Hill<'g> {
        self.steps = steps;
        self
    }

    /// Draws the gradient at this point as an arrow.
    #[must_use]
    pub fn arrow(mut self, at: [f64; 2]) -> Hill<'g> {
        self.arrow = Some(at);
        self
    }

    /// Lays the way of a training on the ground, if there is no climb: the two weights in each row of its history.
    ///
    /// # Errors
    ///
    /// [`Error::NoWeights`] if a row was kept without weights; [`Error::Empty`] over inputs of a function;
    /// [`Error::Network`] if the weights don't fit the network.
    pub fn trail(mut self, history: &[Row]) -> Result<Hill<'g>, Error> {
        let weights = |row: usize| history[row].weights.as_deref().ok_or(Error::NoWeights { row });
        let point = |row: usize| {
            let [x, y] = self.ground.places().map(|place| weights(row).map(|all| all[place]));
            let (x, y) = (x?, y?);
            Ok([x, y, self.value([x, y])?])
        };
        let points = (0..history.len()).map(point).collect::<Result<Vec<_>, Error>>()?;
        Error::check_enough("rows of a training's way", 1, points.len())?;
        let ends = [0, history.len() - 1].map(|row| self.ground.whole(weights(row)?));
        let [first, last] = ends;
        self.trail = Some(Trail { points, ends: [first?, last?] });
        Ok(self)
    }

    /// Shades where outputs of a function of the same inputs are outside of their limits, and draws lines where those with two
    /// equal limits hold.
    ///
    /// # Arguments
    ///
    /// `limits`: for each output, entry by entry, the least and the greatest number that it may have; infinite where there
    /// is none.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`] for another number of limits or inputs; [`Error::Empty`] over weights of a network.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// use uphill_pictures::Hill;
    ///
    /// let p = Function::record(["x", "y"], |v| v[0] * v[0] + v[1] * v[1])?;
    /// let product = Function::record(["x", "y"], |v| v[0] * v[1])?;
    /// let (surface, _) = Hill::over_inputs(&p, ["x", "y"], &[0.0, 0.0])?
    ///     .subject_to(&product, vec![[4.0, f64::INFINITY]])?
    ///     .bounds([[0.0, 1.0], [0.0, f64::INFINITY]])
    ///     .optimum([1.0, 4.0])
    ///     .surface()?;
    /// let told = surface.contours().description().to_owned();
    /// assert!(told.contains("The optimum, P = 17, is at x = 1 and y = 4."), "{told}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn subject_to(
        mut self,
        limited: &'g Function,
        limits: Vec<[f64; 2]>,
    ) -> Result<Hill<'g>, Error> {
        Error::check_length("limits of outputs", limited.output_count(), limits.len())?;
        self.ground.check_inputs(limited)?;
        self.limited = Some((limited, limits));
        Ok(self)
    }

    /// Shades where one of the two numbers is below its first or above its second bound.
    #[must_use]
    pub fn bounds(mut self, bounds: [[f64; 2]; 2]) -> Hill<'g> {
        self.bounds = bounds;
        self
    }

    /// Marks the best place that constraints leave.
    #[must_use]
    pub fn optimum(mut self, at: [f64; 2]) -> Hill<'g> {
        self.optimum = Some(at);
        self
    }

    /// Whether a unit is as long on both axes; otherwise it is, unless one of two given ranges is more than four times the
    /// other.
    #[must_use]
    pub fn equal_units(mut self, equal: bool) -> Hill<'g> {
        self.equal_units = Some(equal);
        self
    }

    /// The width of the picture's frame by its height, to which ranges that nobody gave are made to suit; otherwise 1.
    #[must_use]
    pub fn shape(mut self, shape: f64) -> Hill<'g> {
        self.shape = shape;
        self
    }

    /// How many values are computed on each side, 2 to 1000; otherwise 101.
    #[must_use]
    pub fn grid(mut self, count: usize) -> Hill<'g> {
        self.grid = count.clamp(2, 1000);
        self
    }

    /// Says something below the picture.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Hill<'g> {
        self.ground.notes.push(text.into());
        self
    }

    /// What P is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.ground.name
    }

    /// P at a point.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`], [`Error::Network`].
    pub fn value(&self, at: [f64; 2]) -> Result<f64, Error> {
        self.ground.value(at)
    }

    /// The derivatives of P by the two at a point; NaN outside of P's domain.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`], [`Error::Network`].
    pub fn slopes(&self, at: [f64; 2]) -> Result<[f64; 2], Error> {
        self.ground.slopes(at)
    }

    /// The surface, and where and why the climb was stopped before its last step, if it was: where it leaves the ranges
    /// that were given, gets faster and faster, or falls from step to step. The picture says so, too.
    ///
    /// # Errors
    ///
    /// [`Error::Climb`] if P is not finite where the climb starts, or the rate isn't; [`Error::NotFinite`] if the gradient
    /// isn't where the arrow is; those of [`Surface::from_values`].
    ///
    /// # Complexity
    ///
    /// An evaluation for each point of the grid, and one with slopes for each step.
    pub fn surface(&self) -> Result<(Surface, Option<String>), Error> {
        let ground = &self.ground;
        let climb = self.start.map(|start| Climb::new(ground, start, self.rate, self.steps));
        let climb = climb.transpose()?;
        let (path, summit) = match (&climb, &self.trail) {
            (Some(climb), _) => (&climb.path[..], climb.summit),
            (None, Some(trail)) => (&trail.points[..], None),
            (None, None) => (&[][..], None),
        };
        let seen = path.iter().map(|point| [point[0], point[1]]).chain(self.arrow).chain(summit);
        let seen = seen.chain(self.corners()).chain(self.optimum);
        let window = Window::new(&ground.axes, seen, self.equal_units, self.shape);
        let axis = |k: usize| {
            let [low, high] = window.ranges[k];
            Axis::new(&ground.axes[k].label, low, high)
        };
        let axes = [axis(0)?, axis(1)?];
        let [xs, ys] = axes.each_ref().map(|axis| axis.steps(self.grid));
        let places: Vec<[f64; 2]> =
            ys.iter().flat_map(|&y| xs.iter().map(move |&x| [x, y])).collect();
        let values: Vec<f64> =
            places.iter().map(|&at| ground.value(at)).collect::<Result<_, Error>>()?;
        let [x, y] = axes;
        let [x_name, y_name] = ground.axes.each_ref().map(|side: &Side| &side.name);
        let title = format!("{} over {x_name} and {y_name}", ground.name);
        let mut surface =
            Surface::from_values(x, y, xs.len(), values)?.named(&ground.name).title(title);
        if window.has_equal_units {
            surface = surface.equal_units();
        } else if !path.is_empty() {
            surface = surface.note(
                "The axes have units of their own, so the way doesn't cross contours at right angles.",
            );
        }
        for note in &ground.notes {
            surface = surface.note(note);
        }
        let stopped = climb.as_ref().and_then(|climb| climb.stopped.clone());
        if let Some(end) = &stopped {
            surface = surface.note(format!("The climb stops {end}."));
        }
        surface = self.constrained(surface, &places)?;
        if let Some(at) = self.arrow {
            surface = surface.gradient(at, self.slopes(at)?)?;
        }
        let surface = match (climb, &self.trail) {
            (Some(climb), _) => surface.path(climb.path)?,
            (None, Some(trail)) => surface.projected_path(trail.points.clone(), trail.ends)?,
            (None, None) => surface,
        };
        Ok((surface, stopped))
    }

    /// The ends of ranges that bounds leave.
    fn corners(&self) -> impl Iterator<Item = [f64; 2]> {
        let [x, y] = self.bounds;
        let ends = [[x[0], y[0]], [x[1], y[1]]];
        ends.into_iter().filter(|end| end.iter().all(|part| part.is_finite()))
    }

    /// Constraints and optimum on a surface with values at these places.
    fn constrained(&self, mut surface: Surface, places: &[[f64; 2]]) -> Result<Surface, Error> {
        for (k, [low, high]) in self.bounds.into_iter().enumerate() {
            surface = limited(surface, places.iter().map(|at| at[k]).collect(), [low, high])?;
        }
        if let Some((function, limits)) = &self.limited {
            let rows = places.iter().map(|&at| self.ground.outputs(function, at));
            let rows: Vec<Vec<f64>> = rows.collect::<Result<_, Error>>()?;
            for (k, limits) in limits.iter().enumerate() {
                surface = limited(surface, rows.iter().map(|row| row[k]).collect(), *limits)?;
            }
        }
        match self.optimum {
            Some(at) => surface.optimum(at, self.value(at)?),
            None => Ok(surface),
        }
    }
}

/// A surface on which these values have limits.
fn limited(surface: Surface, values: Vec<f64>, [low, high]: [f64; 2]) -> Result<Surface, Error> {
    if low == high {
        return surface.equation(values.iter().map(|value| value - low).collect());
    }
    let mut surface = surface;
    if low > f64::NEG_INFINITY {
        let slack: Vec<f64> = values.iter().map(|value| value - low).collect();
        surface = surface.inequality(&slack)?;
    }
    if high < f64::INFINITY {
        let slack: Vec<f64> = values.iter().map(|value| high - value).collect();
        surface = surface.inequality(&slack)?;
    }
    Ok(surface)
}
