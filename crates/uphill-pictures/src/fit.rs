//! A fit: data and the model's curve above, what the model leaves unexplained below.

use crate::axis::{Axis, Kind, Scale};
use crate::chart::{
    Frame, Sign, draw_legend, draw_notes, draw_title, note_lines, notes_height, side, y_margin,
};
use crate::error::Error;
use crate::number::short;
use crate::scene::{Ink, Outline, Picture, Point, Stroke};
use crate::theme::Paint;

const SIZE: [f64; 2] = [800.0, 600.0];
/// The room above, between and below the two charts.
const ROOM: [f64; 3] = [62.0, 22.0, 58.0];
/// How many points a curve is sampled at.
const SAMPLES: usize = 401;

/// Data, a model's curve, and residuals: desired minus computed.
///
/// ```
/// use uphill_pictures::{Fit, Theme};
///
/// let x = [1.0, 2.0, 3.0, 4.0];
/// let desired = [2.1, 3.9, 6.2, 7.9];
/// let model = |x: f64| 1.97 * x + 0.1;
/// let picture = Fit::new(&x, &desired, &x.map(model))?
///     .curve(model)
///     .band(|x| (model(x) - 0.2, model(x) + 0.2))
///     .notes(["slope 1.97 ± 0.06"])
///     .names("load (kg)", "length (mm)")
///     .title("A spring")
///     .picture();
/// assert!(picture.svg(Theme::Light).contains("load (kg)"));
/// # Ok::<(), uphill_pictures::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    x: Vec<f64>,
    desired: Vec<f64>,
    residuals: Vec<f64>,
    curve: Vec<[f64; 2]>,
    /// Whether the model is a curve, or else a value for each row.
    is_joined: bool,
    /// Along the curve, the lowest and highest of its band.
    band: Vec<[f64; 3]>,
    /// How far each row's data may be off, or nothing.
    errors: Vec<f64>,
    notes: Vec<String>,
    names: [String; 2],
    title: Option<String>,
    size: [f64; 2],
}

impl Fit {
    /// Data and what the model computes for each row.
    ///
    /// # Arguments
    ///
    /// `x`: the column along which the fit is drawn; `desired`: the data; `computed`: the model at each row.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] without data, [`Error::WrongLength`], [`Error::NotFinite`] with the row, [`Error::Range`] for
    /// numbers beyond 1e300.
    pub fn new(x: &[f64], desired: &[f64], computed: &[f64]) -> Result<Fit, Error> {
        Error::check_enough("rows of data", 1, x.len())?;
        Error::check_length("the desired values", x.len(), desired.len())?;
        Error::check_length("the computed values", x.len(), computed.len())?;
        Error::check_finite("x", x)?;
        Error::check_finite("the desired value", desired)?;
        Error::check_finite("the computed value", computed)?;
        let residuals: Vec<f64> = desired.iter().zip(computed).map(|(d, o)| d - o).collect();
        Axis::around("x", x)?;
        Axis::around("y", &[desired, computed].concat())?;
        Axis::around("desired − computed", &residuals)?;
        Ok(Fit {
            x: x.to_vec(),
            desired: desired.to_vec(),
            residuals,
            curve: x.iter().copied().zip(computed.iter().copied()).map(Into::into).collect(),
            is_joined: true,
            band: Vec::new(),
            errors: Vec::new(),
            notes: Vec::new(),
            names: ["x".into(), "y".into()],
            title: None,
            size: SIZE,
        })
    }

    /// Draws the model as a curve from the lowest x to the highest. Where it is not finite, the curve is interrupted.
    ///
    /// Without it, the computed values are joined in the order of x; see [`Fit::apart`] for models of several columns.
    #[must_use]
    pub fn curve(mut self, model: impl Fn(f64) -> f64) -> Fit {
        let steps = self.steps();
        // At one x there is no curve, but a number for each row.
        if !steps.is_empty() {
            self.curve = steps.into_iter().map(|x| [x, model(x)]).collect();
        }
        self
    }

    /// Draws a band about the curve, such as its confidence band: its lowest and highest number at an x. Where these are
    /// not finite, there is none.
    #[must_use]
    pub fn band(mut self, band: impl Fn(f64) -> (f64, f64)) -> Fit {
        let at = |x: f64| {
            let (low, high) = band(x);
            [x, low, high]
        };
        self.band = self.steps().into_iter().map(at).collect();
        self
    }

    /// Draws how far each row's data may be off, such as its known standard deviation, as a bar to both sides.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`], [`Error::NotFinite`] with the row.
    ///
    /// ```
    /// use uphill_pictures::Fit;
    /// let (x, desired, computed) = ([1.0, 2.0], [2.1, 3.9], [2.0, 4.0]);
    /// let fit = Fit::new(&x, &desired, &computed)?.errors(&[0.1, 0.2])?;
    /// assert!(fit.errors(&[0.1]).is_err());
    /// # Ok::<(), uphill_pictures::Error>(())
    /// ```
    pub fn errors(mut self, errors: &[f64]) -> Result<Fit, Error> {
        Error::check_length("the errors", self.x.len(), errors.len())?;
        Error::check_finite("the error", errors)?;
        self.errors = errors.iter().map(|error| error.abs()).collect();
        Ok(self)
    }

    /// The data's numbers with their errors, to both sides.
    fn reach<'n>(&'n self, numbers: &'n [f64]) -> impl Iterator<Item = f64> + 'n {
        let ends = self.errors.iter().zip(numbers).flat_map(|(error, y)| [y - error, y + error]);
        numbers.iter().copied().chain(ends)
    }

    /// Bars from a number minus its error to that plus it.
    fn draw_errors(&self, picture: &mut Picture, frame: &Frame, numbers: &[f64]) {
        for ((&x, y), error) in self.x.iter().zip(numbers).zip(&self.errors) {
            let ends = [frame.point(x, y - error), frame.point(x, y + error)];
            for part in frame.clipped(&ends) {
                picture.line(&part, Stroke::new(Paint::First, 1.2).opacity(0.6));
            }
        }
    }

    /// Where a curve is sampled: from the lowest x to the highest; nowhere if they are the same.
    fn steps(&self) -> Vec<f64> {
        let low = self.x.iter().copied().fold(f64::INFINITY, f64::min);
        let high = self.x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Axis::new("x", low, high).map_or_else(|_| Vec::new(), |axis| axis.steps(SAMPLES))
    }

    /// Lines below the picture, such as the parameters with their errors.
    #[must_use]
    pub fn notes<N: Into<String>>(mut self, notes: impl IntoIterator<Item = N>) -> Fit {
        self.notes = notes.into_iter().map(Into::into).collect();
        self
    }

    /// Draws what the model computes as a ring for each row: for models of several columns, which are no curve along one.
    ///
    /// ```
    /// use uphill_pictures::{Fit, Theme};
    /// let (x, desired, computed) = ([1.0, 1.0, 2.0], [2.0, 3.0, 4.0], [2.1, 2.9, 4.0]);
    /// let picture = Fit::new(&x, &desired, &computed)?.apart().picture();
    /// let rings = picture.svg(Theme::Light).matches("<circle").count();
    /// assert_eq!(rings, 3 + 3 + 3 + 2); // data, model, residuals, and the legend
    /// # Ok::<(), uphill_pictures::Error>(())
    /// ```
    #[must_use]
    pub fn apart(mut self) -> Fit {
        self.is_joined = false;
        self
    }

    /// The names of x and of the desired value, with their units: `load (kg)`.
    #[must_use]
    pub fn names(mut self, x: impl Into<String>, y: impl Into<String>) -> Fit {
        self.names = [x.into(), y.into()];
        self
    }

    /// Sets the title; otherwise it is `y by x` with their names.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Fit {
        self.title = Some(title.into());
        self
    }

    /// Sets the size in pixels, each side at least 320 and at most 4000; otherwise it is 800 by 600. Letters stay as large.
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Fit {
        self.size = [width, height].map(side);
        self
    }

    /// The picture.
    #[must_use]
    pub fn picture(&self) -> Picture {
        let [x_name, y_name] = &self.names;
        let [width, height] = self.size;
        let default = || format!("{y_name} by {x_name}");
        let mut picture = Picture::new(width, height, self.title.clone().unwrap_or_else(default));
        let squares = self.residuals.iter().map(|r| r * r).sum::<f64>();
        picture.description = format!(
            "{} rows of data and the model's curve; the sum of squared residuals is {}.",
            self.x.len(),
            short(squares)
        );
        let lines = note_lines(&self.notes, width);
        let tall = height - ROOM.iter().sum::<f64>() - notes_height(&lines);
        let mut upper = Frame {
            left: 0.0,
            top: ROOM[0],
            width,
            height: 0.66 * tall,
            x: scale(&self.x),
            y: self.y_scale(),
            margin: 0.0,
        };
        let top = upper.bottom() + ROOM[1];
        let mut lower = Frame { top, height: 0.34 * tall, y: self.residual_scale(), ..upper };
        upper.left = y_margin(&upper).max(y_margin(&lower));
        (upper.margin, lower.margin) = (upper.left, upper.left);
        upper.width = width - upper.left - 28.0;
        (lower.left, lower.width) = (upper.left, upper.width);
        draw_title(&mut picture, upper.left);

        upper.draw_grid(&mut picture);
        lower.draw_grid(&mut picture);
        let curve = Stroke::new(Paint::Second, 2.4);
        // One x has no curve, so its model is a ring, too.
        let is_joined = self.is_joined && self.x.iter().any(|&x| x != self.x[0]);
        if is_joined {
            for part in self.band_parts(&upper) {
                let fill = Ink { paint: Paint::Second, opacity: 0.18 };
                picture.shape(Outline::around(&part), Some(fill), None);
            }
            for part in self.curve_parts(&upper) {
                picture.line(&part, curve);
            }
        }
        let radius = if self.x.len() > 400 { 2.2 } else { 3.6 };
        let dot = |picture: &mut Picture, centre: Point| {
            let outline = Outline::Circle { centre, radius };
            let rim = Stroke::new(Paint::Ground, 0.8);
            picture.shape(outline, Some(Paint::First.into()), Some(rim));
        };
        self.draw_errors(&mut picture, &upper, &self.desired);
        for (&x, &desired) in self.x.iter().zip(&self.desired) {
            dot(&mut picture, upper.point(x, desired));
        }
        if !is_joined {
            let places = self.curve.iter().map(|&[x, y]| upper.point(x, y));
            // Where the model runs far off, it is outside.
            for centre in places.filter(|at| at.y >= upper.top && at.y <= upper.bottom()) {
                let outline = Outline::Circle { centre, radius: radius + 0.6 };
                picture.shape(outline, None, Some(Stroke::new(Paint::Second, 1.6)));
            }
        }
        let zero = [lower.point(lower.x.low, 0.0), lower.point(lower.x.high, 0.0)];
        picture.line(&zero, Stroke::new(Paint::Second, 1.6));
        self.draw_errors(&mut picture, &lower, &self.residuals);
        for (&x, &residual) in self.x.iter().zip(&self.residuals) {
            let (from, to) = (lower.point(x, 0.0), lower.point(x, residual));
            // With bars of their own, errors reach from the data.
            if self.errors.is_empty() {
                picture.line(&[from, to], Stroke::new(Paint::First, 1.2).opacity(0.6));
            }
            dot(&mut picture, to);
        }
        upper.draw_axes(&mut picture, None, y_name);
        lower.draw_axes(&mut picture, Some(x_name), "data − model");
        let model = if is_joined { Sign::Line(curve) } else { Sign::Ring(Paint::Second) };
        let entries = [(Sign::Dot(Paint::First), "data".into()), (model, "model".into())];
        draw_legend(&mut picture, &entries, upper.right(), 48.0);
        draw_notes(&mut picture, &lines);
        picture
    }

    /// The outlines of the band, cut at the frame's edges.
    fn band_parts(&self, frame: &Frame) -> Vec<Vec<Point>> {
        let is_finite = |[_, low, high]: &[f64; 3]| low.is_finite() && high.is_finite();
        let inside = |x: f64, y: f64| {
            let point = frame.point(x, y);
            Point::new(point.x, point.y.clamp(frame.top, frame.bottom()))
        };
        let part = |part: &[[f64; 3]]| {
            let below = part.iter().map(|[x, low, _]| inside(*x, *low));
            let above = part.iter().rev().map(|[x, _, high]| inside(*x, *high));
            below.chain(above).collect()
        };
        let parts = self.band.split(|at| !is_finite(at));
        parts.filter(|part| part.len() > 1).map(part).collect()
    }

    /// The range of the data, and of curve and band unless they run far off.
    fn y_scale(&self) -> Scale {
        let data = scale(&self.reach(&self.desired).collect::<Vec<f64>>());
        let room = data.high - data.low;
        let near = |y: f64| y.clamp(data.low - room / 2.0, data.high + room / 2.0);
        let curve = self.curve.iter().map(|&[_, y]| y).filter(|y| y.is_finite()).map(near);
        let band = self.band.iter().flat_map(|[_, low, high]| [*low, *high]);
        let band = band.filter(|y| y.is_finite()).map(near);
        let all: Vec<f64> = self.reach(&self.desired).chain(curve).chain(band).collect();
        scale(&all)
    }

    fn residual_scale(&self) -> Scale {
        let largest = self.reach(&self.residuals).map(f64::abs).fold(0.0, f64::max);
        scale(&[-largest, largest])
    }

    fn curve_parts(&self, frame: &Frame) -> Vec<Vec<Point>> {
        let mut points = self.curve.clone();
        points.sort_by(|a, b| a[0].total_cmp(&b[0]));
        let parts = points.split(|[_, y]| !y.is_finite());
        let parts = parts.map(|part| {
            let part: Vec<Point> = part.iter().map(|&[x, y]| frame.point(x, y)).collect();
            frame.clipped(&part)
        });
        parts.flatten().collect()
    }
}

/// The scale that was found possible when the numbers were taken.
fn scale(numbers: &[f64]) -> Scale {
    Axis::around("", numbers)
        .map_or(Scale { kind: Kind::Linear, low: -1.0, high: 1.0 }, |axis| axis.scale())
}
