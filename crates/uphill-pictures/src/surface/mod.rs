//! P over two weights: the slides' Figure 1, as contours and as a surface, with the way uphill on it.
//!
//! A [`Surface`] holds the values on a grid; `flat.rs` draws it from above, `solid.rs` from the side, `constraints.rs` what a
//! problem allows. Where P is not finite the picture has a hole.

mod bar;
mod constraints;
mod flat;
pub(crate) mod isolines;
mod levels;
mod solid;

use crate::axis::Axis;
use crate::chart::{note_lines, notes_height, side};
use crate::error::Error;
use crate::scene::{Picture, Point};
use constraints::Constraints;
use levels::Levels;

/// How many values a side has where a function is sampled.
const SAMPLES: usize = 101;
/// The longest side of a grid that is taken.
const LARGEST_SIDE: usize = 1000;
/// Of longer paths, so many points are drawn.
const LONGEST_PATH: usize = 600;

/// Which sides of a picture are as somebody wants them; others are as small as equal units allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sized {
    Neither,
    Width,
    Both,
}

/// P over two chosen weights, with a path and a gradient if wanted.
///
/// The lecture's linear example, where `w1` is held at 1: P = 3·o1 − 7·o2 = w2 + 15·w3 + 31.
///
/// ```
/// use uphill_pictures::{Axis, Surface, Theme};
///
/// let w2 = Axis::new("w2", -20.0, 20.0)?;
/// let w3 = Axis::new("w3", -20.0, 20.0)?;
/// let surface = Surface::sample(w2, w3, |w2, w3| w2 + 15.0 * w3 + 31.0)?
///     .title("P over w2 and w3")
///     .equal_units()
///     .gradient([0.0, 0.0], [1.0, 15.0])?;
/// let contours = surface.contours().svg(Theme::Light);
/// assert!(contours.contains("∇P = (1, 15)"));
/// let solid = surface.solid().svg(Theme::Light);
/// assert!(solid.contains("w3"));
/// # Ok::<(), uphill_pictures::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Surface {
    x: Axis,
    y: Axis,
    name: String,
    title: Option<String>,
    columns: usize,
    /// Row after row, the first at the lower end of y.
    values: Vec<f64>,
    levels: Levels,
    path: Vec<[f64; 3]>,
    /// P where the path begins and ends, if it is not that of the ground there.
    ends: Option<[f64; 2]>,
    gradient: Option<Gradient>,
    constraints: Constraints,
    notes: Vec<String>,
    equal_units: bool,
    azimuth: f64,
    size: [f64; 2],
    sized: Sized,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Gradient {
    at: [f64; 2],
    change: [f64; 2],
}

impl Surface {
    /// Computes P on a grid of 101 by 101 points.
    ///
    /// # Arguments
    ///
    /// `x` and `y`: the two weights and their ranges; `performance`: P at two weights, where others are held. It may be
    /// infinite or NaN in places: these are left blank.
    ///
    /// # Errors
    ///
    /// [`Error::FiniteNowhere`]; [`Error::Range`] for values beyond 1e300.
    ///
    /// ```
    /// use uphill_pictures::{Axis, Surface};
    /// let axis = |name| Axis::new(name, -1.0, 1.0);
    /// assert!(Surface::sample(axis("a")?, axis("b")?, |a, b| (a * b).ln()).is_ok());
    /// let error = Surface::sample(axis("a")?, axis("b")?, |_, _| f64::NAN).unwrap_err();
    /// assert_eq!(error.to_string(), "P is finite nowhere in these ranges; choose others");
    /// # Ok::<(), uphill_pictures::Error>(())
    /// ```
    pub fn sample(
        x: Axis,
        y: Axis,
        mut performance: impl FnMut(f64, f64) -> f64,
    ) -> Result<Surface, Error> {
        let (columns, rows) = (x.steps(SAMPLES), y.steps(SAMPLES));
        let cells = rows.iter().flat_map(|&y| columns.iter().map(move |&x| (x, y)));
        let values = cells.map(|(x, y)| performance(x, y)).collect();
        Surface::from_values(x, y, SAMPLES, values)
    }

    /// Takes P from a grid of values.
    ///
    /// # Arguments
    ///
    /// `columns`: how many values a row has, from the lower end of `x` to the upper one, in even steps. `values`: row
    /// after row, from the lower end of `y` to the upper one.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] with fewer than two rows or columns, [`Error::WrongLength`] if the last row is not full,
    /// [`Error::TooLarge`] with more than 1000 rows or columns, [`Error::FiniteNowhere`],
    /// [`Error::Range`] for values beyond 1e300.
    pub fn from_values(
        x: Axis,
        y: Axis,
        columns: usize,
        values: Vec<f64>,
    ) -> Result<Surface, Error> {
        Error::check_enough("columns of a surface", 2, columns)?;
        let rows = values.len().div_ceil(columns);
        Error::check_length("the grid of a surface", rows * columns, values.len())?;
        Error::check_enough("rows of a surface", 2, rows)?;
        for (what, count) in [("columns of a surface", columns), ("rows of a surface", rows)] {
            if count > LARGEST_SIDE {
                return Err(Error::TooLarge {
                    what: what.into(),
                    count,
                    limit: LARGEST_SIDE,
                    advice: "take every second or tenth",
                });
            }
        }
        let levels = Levels::of(&values)?;
        Ok(Surface {
            x,
            y,
            name: "P".into(),
            title: None,
            columns,
            values,
            levels,
            path: Vec::new(),
            ends: None,
            gradient: None,
            constraints: Constraints::default(),
            notes: Vec::new(),
            equal_units: false,
            azimuth: -60.0,
            size: [800.0, 640.0],
            sized: Sized::Neither,
        })
    }

    /// Calls the value something else than P.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Surface {
        self.name = name.into();
        self
    }

    /// Sets the title; otherwise it is `P over w2 and w3`.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Surface {
        self.title = Some(title.into());
        self
    }

    /// Adds the way uphill: the two weights and P after each change. Parts outside of the ranges are not drawn; of more
    /// than 600 points, evenly chosen ones are.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] with the position of the point.
    pub fn path(mut self, points: impl IntoIterator<Item = [f64; 3]>) -> Result<Surface, Error> {
        let points: Vec<[f64; 3]> = points.into_iter().collect();
        for (index, point) in points.iter().enumerate() {
            if let Some(&value) = point.iter().find(|part| !part.is_finite()) {
                return Err(Error::NotFinite { what: "the path".into(), index, value });
            }
        }
        self.path = points;
        Ok(self)
    }

    /// Adds a way that changes more than the two weights, as a training does. The ground is P where all others are held,
    /// so the way is a projection: it may seem to go downhill. The picture says so.
    ///
    /// # Arguments
    ///
    /// `points`: as for [`Surface::path`], with P of the ground; `ends`: P of the training, where it began and ended.
    ///
    /// # Errors
    ///
    /// As [`Surface::path`], for the ends, too.
    ///
    /// ```
    /// use uphill_pictures::{Axis, Surface, Theme};
    /// let axis = |name| Axis::new(name, -1.0, 1.0);
    /// let way = [[0.5, 0.5, -0.5], [0.0, 0.1, -0.01]];
    /// let surface = Surface::sample(axis("a")?, axis("b")?, |a, b| -a * a - b * b)?.projected_path(way, [-3.0, 0.0])?;
    /// let svg = surface.contours().svg(Theme::Light);
    /// assert!(svg.contains("start: P = −3") && svg.contains("projected"));
    /// # Ok::<(), uphill_pictures::Error>(())
    /// ```
    pub fn projected_path(
        self,
        points: impl IntoIterator<Item = [f64; 3]>,
        ends: [f64; 2],
    ) -> Result<Surface, Error> {
        Error::check_finite("P at the ends of the path", &ends)?;
        let mut surface = self.path(points)?;
        surface.ends = Some(ends);
        Ok(surface)
    }

    /// Adds the gradient by the two weights at a point, as an arrow in the contours. It is drawn with its true length
    /// where that fits, and tells its numbers.
    ///
    /// An arrow is at right angles to the contours only where both axes have [equal units](Surface::equal_units).
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`].
    pub fn gradient(mut self, at: [f64; 2], gradient: [f64; 2]) -> Result<Surface, Error> {
        Error::check_finite("the place of the gradient", &at)?;
        Error::check_finite("the gradient", &gradient)?;
        self.gradient = Some(Gradient { at, change: gradient });
        Ok(self)
    }

    /// Shades where a constraint doesn't hold.
    ///
    /// # Arguments
    ///
    /// `slack`: for each value of the grid, in their order, how far the constraint is from not holding there: negative where it
    /// doesn't, as where it is NaN.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`].
    ///
    /// ```
    /// use uphill_pictures::{Axis, Surface};
    /// let axis = |name| Axis::new(name, 0.0, 2.0);
    /// let places = [0.0, 1.0, 2.0].map(|y| [0.0, 1.0, 2.0].map(|x| [x, y])).concat();
    /// let values = places.iter().map(|[x, y]| x + y).collect();
    /// let slack: Vec<f64> = places.iter().map(|[x, y]| x * y - 1.0).collect();
    /// let surface = Surface::from_values(axis("x")?, axis("y")?, 3, values)?
    ///     .inequality(&slack)?
    ///     .optimum([1.0, 1.0], 2.0)?;
    /// let picture = surface.contours();
    /// assert!(picture.description().contains("The optimum, P = 2, is at x = 1 and y = 1."));
    /// assert!(picture.description().contains("Shaded: where constraints don't hold."));
    /// # Ok::<(), uphill_pictures::Error>(())
    /// ```
    pub fn inequality(mut self, slack: &[f64]) -> Result<Surface, Error> {
        Error::check_length("the slack of a constraint", self.values.len(), slack.len())?;
        self.constraints.inequality(slack);
        Ok(self)
    }

    /// Draws the line on which an equation holds.
    ///
    /// # Arguments
    ///
    /// `difference`: for each value of the grid, in their order, its left side less its right one.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`].
    pub fn equation(mut self, difference: Vec<f64>) -> Result<Surface, Error> {
        Error::check_length("the difference of an equation", self.values.len(), difference.len())?;
        self.constraints.equations.push(difference);
        Ok(self)
    }

    /// Marks the best place that constraints leave, and tells P there.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`].
    pub fn optimum(mut self, at: [f64; 2], value: f64) -> Result<Surface, Error> {
        Error::check_finite("the place of the optimum", &at)?;
        Error::check_finite("P at the optimum", &[value])?;
        self.constraints.optimum = Some([at[0], at[1], value]);
        Ok(self)
    }

    /// Draws a unit as long on both axes of the contours, so that right angles are right.
    #[must_use]
    pub fn equal_units(mut self) -> Surface {
        self.equal_units = true;
        self
    }

    /// Looks at the solid surface from another side: the angle in degrees from the x axis, counterclockwise seen from
    /// above. It is −60 otherwise; an angle that is not finite changes nothing.
    #[must_use]
    pub fn seen_from(mut self, degrees: f64) -> Surface {
        if degrees.is_finite() {
            self.azimuth = degrees % 360.0;
        }
        self
    }

    /// Says something below the picture: what is held where, say. Long notes break into lines.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Surface {
        self.notes.push(text.into());
        self
    }

    /// Sets the size in pixels, each side at least 320 and at most 4000; otherwise it is 800 by 640, and smaller where
    /// equal units need less. Letters stay as large.
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Surface {
        self.size = [width, height].map(side);
        self.sized = Sized::Both;
        self
    }

    /// The same for pages: this wide, and no higher than this and than equal units need.
    pub(crate) fn within(self, width: u32, height: u32) -> Surface {
        Surface { sized: Sized::Width, ..self.size(width, height) }
    }

    /// From above: bands of colour with a line between, where each band is one step of P.
    #[must_use]
    pub fn contours(&self) -> Picture {
        flat::draw(self).picture
    }

    /// From the side: the surface in three dimensions.
    #[must_use]
    pub fn solid(&self) -> Picture {
        solid::draw(self).picture
    }

    /// Both pictures, with the places of the path's points in each.
    pub(crate) fn drawings(&self) -> [Drawing; 2] {
        [flat::draw(self), solid::draw(self)]
    }

    /// The height in pixels that its notes need in a picture of this width.
    pub(crate) fn notes_room(&self, width: u32) -> u32 {
        let lines = note_lines(&self.all_notes(), f64::from(width));
        notes_height(&lines).ceil() as u32
    }

    pub(crate) fn path_points(&self) -> &[[f64; 3]] {
        &self.path
    }

    pub(crate) fn names(&self) -> [&str; 3] {
        [self.x.name(), self.y.name(), &self.name]
    }

    fn rows(&self) -> usize {
        self.values.len() / self.columns
    }

    fn value(&self, column: usize, row: usize) -> f64 {
        self.values[row * self.columns + column]
    }

    /// P between the values of the grid.
    fn between(&self, column: f64, row: f64) -> f64 {
        let (left, below) = (column as usize, row as usize);
        let (right, above) = ((left + 1).min(self.columns - 1), (below + 1).min(self.rows() - 1));
        let (across, up) = (column - left as f64, row - below as f64);
        let along = |row: usize| {
            let (from, to) = (self.value(left, row), self.value(right, row));
            if across == 0.0 { from } else { from + across * (to - from) }
        };
        let (from, to) = (along(below), along(above));
        if up == 0.0 { from } else { from + up * (to - from) }
    }

    fn full_title(&self) -> String {
        let default = || format!("{} over {} and {}", self.name, self.x.name(), self.y.name());
        self.title.clone().unwrap_or_else(default)
    }

    /// What is said below the picture.
    fn all_notes(&self) -> Vec<String> {
        let mut notes = self.notes.clone();
        notes.extend(self.constraints.note());
        if self.ends.is_some() {
            notes.push(format!(
                "The way changed all weights and is projected onto these two: the ground is {} with the others held, so \
                 the way may seem to go downhill.",
                self.name
            ));
        }
        notes
    }

    /// P as it is told where the path begins and ends.
    fn told_ends(&self) -> [f64; 2] {
        let ground = [self.path.first(), self.path.last()].map(|point| point.map_or(0.0, |p| p[2]));
        self.ends.unwrap_or(ground)
    }

    fn gradient_name(&self) -> String {
        if self.name.contains(' ') {
            format!("∇({})", self.name)
        } else {
            format!("∇{}", self.name)
        }
    }

    fn description(&self) -> String {
        let number = crate::number::short;
        let (low, high) = self.levels.extremes();
        let mut text = format!(
            "{} from {} to {} over {} from {} to {} and {} from {} to {}.",
            self.name,
            number(low),
            number(high),
            self.x.name(),
            number(self.x.low()),
            number(self.x.high()),
            self.y.name(),
            number(self.y.low()),
            number(self.y.high()),
        );
        if !self.path.is_empty() {
            let [first, last] = self.told_ends();
            text += &format!(" The path begins at {} = {}", self.name, number(first));
            text += &format!(" and ends at {} = {}.", self.name, number(last));
        }
        for note in self.all_notes().into_iter().chain(self.constraints.told(self)) {
            text += &format!(" {note}");
        }
        if self.values.iter().any(|value| !value.is_finite()) {
            text += &format!(" Where {} is not finite, nothing is drawn.", self.name);
        }
        text
    }
}

/// A picture of a surface, and where in it each point of the path is; none for those outside.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Drawing {
    pub(crate) picture: Picture,
    pub(crate) path: Vec<Option<Point>>,
}

/// Evenly chosen positions of a list, the first and the last among them.
pub(crate) fn thinned(length: usize, most: usize) -> impl Iterator<Item = usize> {
    let count = length.min(most);
    let last = count.saturating_sub(1).max(1);
    (0..count).map(move |k| if length <= most { k } else { k * (length - 1) / last })
}
