//! How a training went: P above, the length of its gradient below, by the number of changes.
//!
//! Where numbers span more than a factor of 30 and have one sign, the axis goes by factors. P below 0 then climbs towards
//! 0: −10, −1, −0.1.

use uphill_nn::Row;

use crate::axis::{Axis, Kind, Scale};
use crate::chart::{Frame, Sign, draw_legend, draw_title, side, y_margin};
use crate::error::Error;
use crate::number::short;
use crate::scene::{Outline, Picture, Point, Stroke};
use crate::theme::Paint;

const SIZE: [f64; 2] = [800.0, 600.0];
/// The room above, between and below the two charts.
const ROOM: [f64; 3] = [56.0, 22.0, 58.0];
/// Lines with more points are thinned: the first, lowest, highest and last of each part are kept.
const MOST_POINTS: usize = 2400;

/// P and the length of ∇P by the number of changes.
///
/// ```
/// use uphill_nn::{Network, Samples, SquaredError, Stop, Trainer};
/// use uphill_pictures::{Learning, Theme};
///
/// let network = Network::layered(&[1, 1]).build()?;
/// let samples = Samples::new([[0.0], [1.0]], [[0.0], [1.0]])?;
/// let outcome =
///     Trainer::new(&network, SquaredError, &samples).rate(2.0).stop(Stop::changes(50)).train()?;
/// let picture = Learning::of(&outcome.history)?.title("Learning one step").picture();
/// assert!(picture.svg(Theme::Dark).contains("Learning one step"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Learning {
    changes: Vec<f64>,
    performances: Vec<f64>,
    lengths: Vec<f64>,
    validation: Vec<(f64, f64)>,
    name: String,
    title: Option<String>,
    size: [f64; 2],
}

impl Learning {
    /// The history that a training left.
    ///
    /// # Errors
    ///
    /// As [`Learning::new`].
    pub fn of(history: &[Row]) -> Result<Learning, Error> {
        let list = |part: fn(&Row) -> f64| history.iter().map(part).collect::<Vec<f64>>();
        let changes = list(|row| row.change as f64);
        let mut learning = Learning::new(
            &changes,
            &list(|row| row.performance),
            &list(|row| row.gradient_length),
        )?;
        let validation: Vec<(f64, f64)> = history
            .iter()
            .filter_map(|row| row.validation.map(|value| (row.change as f64, value)))
            .collect();
        let values: Vec<f64> = validation.iter().map(|&(_, value)| value).collect();
        Error::check_finite("P over validation samples", &values)?;
        learning.validation = validation;
        Ok(learning)
    }

    /// Lists of numbers: changes made, P there, and the length of its gradient there.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] without numbers, [`Error::WrongLength`] if the lists differ in length, [`Error::NotFinite`] with
    /// the position, [`Error::Range`] for numbers beyond 1e300.
    pub fn new(changes: &[f64], performances: &[f64], lengths: &[f64]) -> Result<Learning, Error> {
        Error::check_enough("a history", 1, changes.len())?;
        Error::check_length("P by change", changes.len(), performances.len())?;
        Error::check_length("the length of the gradient", changes.len(), lengths.len())?;
        Error::check_finite("the number of changes", changes)?;
        Error::check_finite("P", performances)?;
        Error::check_finite("the length of the gradient", lengths)?;
        Axis::around("changes", changes)?;
        Axis::around("P", performances)?;
        Axis::around("length of ∇P", lengths)?;
        Ok(Learning {
            changes: changes.to_vec(),
            performances: performances.to_vec(),
            lengths: lengths.to_vec(),
            validation: Vec::new(),
            name: "P".into(),
            title: None,
            size: SIZE,
        })
    }

    /// Calls the performance something else than P: `P a row`, say, where it is a mean over rows.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Learning {
        self.name = name.into();
        self
    }

    /// Sets the title; otherwise it is `P by change`.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Learning {
        self.title = Some(title.into());
        self
    }

    /// Sets the size in pixels, each side at least 320 and at most 4000; otherwise it is 800 by 600. Letters stay as large.
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Learning {
        self.size = [width, height].map(side);
        self
    }

    /// The picture.
    #[must_use]
    pub fn picture(&self) -> Picture {
        self.drawing().picture
    }

    pub(crate) fn drawing(&self) -> Drawing {
        // `P a row` is P in another unit; its gradient is that of P.
        let of = self.name.strip_suffix(" a row").unwrap_or(&self.name);
        let default = || format!("{of} by change");
        let [width, height] = self.size;
        let mut picture = Picture::new(width, height, self.title.clone().unwrap_or_else(default));
        picture.description = self.description();
        let x = self.x_scale();
        let validation: Vec<f64> = self.validation.iter().map(|&(_, value)| value).collect();
        let performances = [&self.performances[..], &validation].concat();
        let length_name = format!("length of ∇{of}");
        let y = [fitting(&self.name, &performances), fitting(&length_name, &self.lengths)];
        let tall = height - ROOM.iter().sum::<f64>();
        let (left, top, margin) = (0.0, ROOM[0], 0.0);
        let mut upper = Frame { left, top, width, height: 0.56 * tall, x, y: y[0], margin };
        let top = upper.bottom() + ROOM[1];
        let mut lower = Frame { top, height: 0.44 * tall, y: y[1], ..upper };
        upper.left = y_margin(&upper).max(y_margin(&lower));
        (upper.margin, lower.margin) = (upper.left, upper.left);
        upper.width = width - upper.left - 28.0;
        (lower.left, lower.width) = (upper.left, upper.width);
        draw_title(&mut picture, upper.left);

        upper.draw_grid(&mut picture);
        lower.draw_grid(&mut picture);
        let first = Stroke::new(Paint::First, 2.2);
        let second = Stroke::new(Paint::Second, 2.2);
        let third = Stroke::new(Paint::Third, 2.2).dashed(7.0, 5.0);
        draw_line(
            &mut picture,
            &upper,
            self.changes.iter().copied().zip(self.performances.iter().copied()),
            first,
        );
        if !self.validation.is_empty() {
            draw_line(&mut picture, &upper, self.validation.iter().copied(), third);
            let entries = [
                (Sign::Line(first), "training".to_owned()),
                (Sign::Line(third), "validation".to_owned()),
            ];
            draw_legend(&mut picture, &entries, upper.right(), 44.0);
        }
        draw_line(
            &mut picture,
            &lower,
            self.changes.iter().copied().zip(self.lengths.iter().copied()),
            second,
        );
        let told = |frame: &Frame| if frame.y.kind == Kind::Linear { "" } else { " (log)" };
        upper.draw_axes(&mut picture, None, &format!("{}{}", self.name, told(&upper)));
        lower.draw_axes(&mut picture, Some("changes"), &format!("{length_name}{}", told(&lower)));
        let rows = self.changes.iter().zip(&self.performances).zip(&self.lengths);
        let places = rows.map(|((&change, &performance), &length)| {
            let (one, two) = (upper.point(change, performance), lower.point(change, length));
            [one.x, one.y, two.y]
        });
        let places = places.collect();
        Drawing { picture, places, top: upper.top, bottom: lower.bottom() }
    }

    fn x_scale(&self) -> Scale {
        let low = self.changes.iter().copied().fold(f64::INFINITY, f64::min);
        let high = self.changes.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Axis::new("changes", low, high)
            .or_else(|_| Axis::around("changes", &[low]))
            .map_or(Scale { kind: Kind::Linear, low: 0.0, high: 1.0 }, |axis| axis.scale())
    }

    fn description(&self) -> String {
        let ends = |list: &[f64]| -> (String, String) {
            let told = |x: Option<&f64>| short(x.copied().unwrap_or(f64::NAN));
            (told(list.first()), told(list.last()))
        };
        let (changes, performances) = (ends(&self.changes), ends(&self.performances));
        let lengths = ends(&self.lengths);
        format!(
            "From change {} to change {}, {} went from {} to {}, and the length of its gradient from {} to {}.",
            changes.0, changes.1, self.name, performances.0, performances.1, lengths.0, lengths.1
        )
    }
}

/// The picture, and for each row its place across, and its heights in both charts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Drawing {
    pub(crate) picture: Picture,
    pub(crate) places: Vec<[f64; 3]>,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

/// The scale that was found possible when the numbers were taken.
fn fitting(name: &str, numbers: &[f64]) -> Scale {
    Scale::fitting(name, numbers).unwrap_or(Scale { kind: Kind::Linear, low: -1.0, high: 1.0 })
}

fn draw_line(
    picture: &mut Picture,
    frame: &Frame,
    points: impl Iterator<Item = (f64, f64)>,
    stroke: Stroke,
) {
    let points: Vec<Point> = points.map(|(x, y)| frame.point(x, y)).collect();
    if let [point] = points[..] {
        let dot = Outline::Circle { centre: point, radius: 4.0 };
        return picture.shape(dot, Some(stroke.ink), None);
    }
    picture.line(&thinned(&points), stroke);
}

/// The same line to the eye with fewer points.
fn thinned(points: &[Point]) -> Vec<Point> {
    if points.len() <= MOST_POINTS {
        return points.to_vec();
    }
    let size = points.len().div_ceil(MOST_POINTS / 4);
    let mut kept = Vec::with_capacity(MOST_POINTS + 4);
    for part in points.chunks(size) {
        let extreme = |sign: f64| {
            (0..part.len()).max_by(|&a, &b| (sign * part[a].y).total_cmp(&(sign * part[b].y)))
        };
        let mut chosen = vec![0, part.len() - 1];
        chosen.extend(extreme(1.0));
        chosen.extend(extreme(-1.0));
        chosen.sort_unstable();
        chosen.dedup();
        kept.extend(chosen.into_iter().map(|k| part[k]));
    }
    kept
}
