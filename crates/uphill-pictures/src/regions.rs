//! Decision regions: which class is computed where, over two inputs, with samples on the regions.
//!
//! Each class has a colour and a shape. A region's border is where two outputs are equal, found between the points of
//! the grid.

use crate::axis::Axis;
use crate::chart::{
    Frame, TICK_SIZE, draw_notes, draw_title, note_lines, notes_height, side, y_margin,
};
use crate::error::Error;
use crate::font;
use crate::number::short;
use crate::scene::{Group, Item, Outline, Picture, Point, Step, Stroke, Text};
use crate::surface::isolines::{self, Grid, Place};
use crate::surface::thinned;
use crate::theme::Paint;

/// How many points a side has at which the classes are computed.
const SAMPLES: usize = 161;
/// More classes can't be told apart.
const MOST_CLASSES: usize = 12;
/// Of more samples, so many are drawn.
const MOST_SAMPLES: usize = 2000;
/// The rows of the legend, and the room above and below them.
const ROW: f64 = 22.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 58.0;

/// Regions of the computed class over two inputs, with samples.
///
/// ```
/// use uphill_pictures::{Axis, Regions, Theme};
///
/// let axis = |name| Axis::new(name, -1.0, 1.0);
/// let outputs = |x: f64, y: f64| vec![x + y, x - y];
/// let picture = Regions::sample(axis("length (cm)")?, axis("width (cm)")?, ["above", "below"], outputs)?
///     .samples([([0.5, 0.5], [0, 0]), ([0.1, -0.5], [0, 1])])?
///     .title("Above or below?")
///     .picture();
/// assert!(picture.svg(Theme::Light).contains("length (cm)"));
/// assert!(picture.description().contains("1 of 2 samples is computed otherwise"));
/// # Ok::<(), uphill_pictures::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Regions {
    x: Axis,
    y: Axis,
    classes: Vec<String>,
    /// For each class the outputs on the grid, row after row, the first at the lower end of y.
    outputs: Vec<Vec<f64>>,
    samples: Vec<Sample>,
    notes: Vec<String>,
    title: Option<String>,
    size: [f64; 2],
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Sample {
    at: [f64; 2],
    desired: usize,
    computed: usize,
}

impl Regions {
    /// Computes the outputs on a grid of 161 by 161 points. The class with the largest output is that of a place, the
    /// first of them if several are.
    ///
    /// # Arguments
    ///
    /// `x` and `y`: the two inputs and their ranges; `classes`: their names; `outputs`: one number a class for two inputs,
    /// where others are held.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] with fewer than two classes, [`Error::TooLarge`] with more than 12; [`Error::WrongLength`] for
    /// another number of outputs; [`Error::NotFinite`] with the position of the output.
    pub fn sample<N: Into<String>>(
        x: Axis,
        y: Axis,
        classes: impl IntoIterator<Item = N>,
        mut outputs: impl FnMut(f64, f64) -> Vec<f64>,
    ) -> Result<Regions, Error> {
        let classes: Vec<String> = classes.into_iter().map(Into::into).collect();
        Error::check_enough("classes of regions", 2, classes.len())?;
        if classes.len() > MOST_CLASSES {
            return Err(Error::TooLarge {
                what: "classes of regions".into(),
                count: classes.len(),
                limit: MOST_CLASSES,
                advice: "join some of them",
            });
        }
        let mut of_class = vec![Vec::with_capacity(SAMPLES * SAMPLES); classes.len()];
        for &at_y in &y.steps(SAMPLES) {
            for &at_x in &x.steps(SAMPLES) {
                let outputs = outputs(at_x, at_y);
                Error::check_length("the outputs of regions", classes.len(), outputs.len())?;
                Error::check_finite("the output of regions", &outputs)?;
                of_class.iter_mut().zip(outputs).for_each(|(list, output)| list.push(output));
            }
        }
        let (samples, notes, title) = (Vec::new(), Vec::new(), None);
        let size = [720.0, 640.0];
        Ok(Regions { x, y, classes, outputs: of_class, samples, notes, title, size })
    }

    /// Adds samples: where they are, and the numbers of their desired and their computed class. Those outside of the
    /// ranges are not drawn; of more than 2000, evenly chosen ones are.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] with the position of the sample; [`Error::TooLarge`] for a number that no class has.
    pub fn samples(
        mut self,
        samples: impl IntoIterator<Item = ([f64; 2], [usize; 2])>,
    ) -> Result<Regions, Error> {
        for (index, (at, [desired, computed])) in samples.into_iter().enumerate() {
            if let Some(&value) = at.iter().find(|part| !part.is_finite()) {
                return Err(Error::NotFinite {
                    what: "the place of a sample".into(),
                    index,
                    value,
                });
            }
            if desired.max(computed) >= self.classes.len() {
                return Err(Error::TooLarge {
                    what: format!("the class of sample {index}"),
                    count: desired.max(computed),
                    limit: self.classes.len() - 1,
                    advice: "classes are counted from 0",
                });
            }
            self.samples.push(Sample { at, desired, computed });
        }
        Ok(self)
    }

    /// Says something below the picture: what is held where, say.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Regions {
        self.notes.push(text.into());
        self
    }

    /// Sets the title; otherwise it is `Computed class over …`.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Regions {
        self.title = Some(title.into());
        self
    }

    /// Sets the size in pixels, each side at least 320 and at most 4000; otherwise it is 720 by 640. Letters stay as large.
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Regions {
        self.size = [width, height].map(side);
        self
    }

    /// The picture.
    #[must_use]
    pub fn picture(&self) -> Picture {
        self.drawn(false).0
    }

    /// The picture for a page whose script moves regions and rings, and its frame: left, top, width and height.
    pub(crate) fn live(&self) -> (Picture, [f64; 4]) {
        self.drawn(true)
    }

    /// The height in pixels that its notes need in a picture of this width.
    pub(crate) fn notes_room(&self, width: u32) -> u32 {
        notes_height(&note_lines(&self.notes, f64::from(width))).ceil() as u32
    }

    fn drawn(&self, is_live: bool) -> (Picture, [f64; 4]) {
        let [width, height] = self.size;
        let default = || format!("Computed class over {} and {}", self.x.name(), self.y.name());
        let mut picture = Picture::new(width, height, self.title.clone().unwrap_or_else(default));
        picture.description = self.description();
        let mut notes = self.notes.clone();
        if self.samples.len() > MOST_SAMPLES {
            let count = self.samples.len();
            notes.push(format!("{MOST_SAMPLES} of {count} samples are drawn."));
        }
        let lines = note_lines(&notes, width);
        let (legend, rows) = self.legend(width, is_live || self.wrong() > 0);
        let (x, y) = (self.x.scale(), self.y.scale());
        let top = TOP + ROW * rows as f64 + 8.0;
        let tall = (height - top - BOTTOM - notes_height(&lines)).max(60.0);
        let mut frame = Frame { left: 0.0, top, width, height: tall, x, y, margin: 0.0 };
        frame.left = y_margin(&frame);
        frame.margin = frame.left;
        frame.width = width - frame.left - 24.0;
        draw_title(&mut picture, frame.left);
        self.draw_regions(&mut picture, &frame, is_live);
        self.draw_samples(&mut picture, &frame, is_live);
        frame.draw_axes(&mut picture, Some(self.x.name()), self.y.name());
        for (at, class, name) in legend {
            draw_entry(&mut picture, at, class, name);
        }
        draw_notes(&mut picture, &lines);
        (picture, [frame.left, frame.top, frame.width, frame.height])
    }

    /// Where the signs of the classes stand, and in how many rows; the last one is of samples that are computed otherwise.
    fn legend(&self, width: f64, wrong: bool) -> (Vec<(Point, Option<usize>, String)>, usize) {
        let names =
            self.classes.iter().enumerate().map(|(class, name)| (Some(class), name.clone()));
        let names = names.chain(wrong.then(|| (None, "computed otherwise".to_owned())));
        let (mut x, mut row) = (16.0, 0);
        let mut entries = Vec::new();
        for (class, name) in names {
            let name = font::fitted(&name, TICK_SIZE, width - 80.0);
            let wide = 30.0 + font::width(&name, TICK_SIZE) + 20.0;
            if x + wide > width && x > 16.0 {
                (x, row) = (16.0, row + 1);
            }
            entries.push((Point::new(x, TOP + ROW * row as f64 + 9.0), class, name));
            x += wide;
        }
        (entries, row + 1)
    }

    fn wrong(&self) -> usize {
        self.samples.iter().filter(|sample| sample.desired != sample.computed).count()
    }

    /// Each class over those before it, where its output is larger than theirs; borders on top.
    fn draw_regions(&self, picture: &mut Picture, frame: &Frame, is_live: bool) {
        let put = |picture: &mut Picture, name: &dyn Fn() -> Group, item: Item| {
            picture.items.push(match is_live {
                true => Item::Group(Group { items: vec![item], ..name() }),
                false => item,
            });
        };
        let whole = Outline::Box {
            left: frame.left,
            top: frame.top,
            width: frame.width,
            height: frame.height,
            round: 0.0,
        };
        picture.shape(whole, Some(Paint::Region(0).into()), None);
        let last = (SAMPLES - 1) as f64;
        let point = |place: &Place| {
            let x = frame.left + frame.width * place.column / last;
            Point::new(x, frame.bottom() - frame.height * place.row / last)
        };
        let largest_of = |others: &mut dyn Iterator<Item = usize>, at: usize| {
            others.map(|class| self.outputs[class][at]).fold(f64::NEG_INFINITY, f64::max)
        };
        let mut borders = Vec::new();
        for class in 0..self.classes.len() {
            let ahead = |others: &dyn Fn() -> Vec<usize>| -> Vec<f64> {
                let others = others();
                let own = self.outputs[class].iter().enumerate();
                own.map(|(at, output)| output - largest_of(&mut others.iter().copied(), at))
                    .collect()
            };
            let outlines = |values: &[f64]| {
                isolines::outlines(Grid { columns: SAMPLES, values }, f64::MIN_POSITIVE)
            };
            if class > 0 {
                let values = ahead(&|| (0..class).collect());
                let mut steps = Vec::new();
                for outline in outlines(&values) {
                    let points: Vec<Point> = outline.iter().map(point).collect();
                    if let Outline::Path(part) = Outline::around(&points) {
                        steps.extend(part);
                    }
                }
                if is_live || !steps.is_empty() {
                    let (outline, fill) = (Outline::Path(steps), Some(Paint::Region(class).into()));
                    let name = || Group::new("region").attribute("data-region", class);
                    put(picture, &name, Item::Shape { outline, fill, stroke: None });
                }
            }
            let values = ahead(&|| (0..self.classes.len()).filter(|&k| k != class).collect());
            let outlines = outlines(&values);
            for border in isolines::contours(&outlines) {
                let points: Vec<Point> = border.iter().map(point).collect();
                if let Outline::Path(part) = Outline::through(&points) {
                    borders.extend::<Vec<Step>>(part);
                }
            }
        }
        let (outline, stroke) = (Outline::Path(borders), Some(Stroke::new(Paint::Muted, 1.2)));
        put(picture, &|| Group::new("borders"), Item::Shape { outline, fill: None, stroke });
    }

    fn draw_samples(&self, picture: &mut Picture, frame: &Frame, is_live: bool) {
        let radius = if self.samples.len() > 400 { 3.0 } else { 4.2 };
        for k in thinned(self.samples.len(), MOST_SAMPLES) {
            let Sample { at, desired, computed } = self.samples[k];
            let at = frame.point(at[0].clamp(-1e300, 1e300), at[1].clamp(-1e300, 1e300));
            if !frame.holds(at) {
                continue;
            }
            let rim = Stroke::new(Paint::Ground, 0.9);
            let fill = Some(Paint::Class(desired).into());
            picture.shape(sign(desired, at, radius), fill, Some(rim));
            if is_live {
                let mut group = Group::new("ring").attribute("data-sample", k);
                if desired == computed {
                    group.attributes.push(("visibility", "hidden".into()));
                }
                group.items.push(ring(at, radius));
                picture.items.push(Item::Group(group));
            } else if desired != computed {
                picture.items.push(ring(at, radius));
            }
        }
    }

    fn description(&self) -> String {
        let (wrong, count) = (self.wrong(), self.samples.len());
        let are = if wrong == 1 { "is" } else { "are" };
        format!(
            "Where which of {} classes is computed ({}), over {} from {} to {} and {} from {} to {}. \
             {wrong} of {count} samples {are} computed otherwise than desired.",
            self.classes.len(),
            self.classes.join(", "),
            self.x.name(),
            short(self.x.low()),
            short(self.x.high()),
            self.y.name(),
            short(self.y.low()),
            short(self.y.high()),
        )
    }
}

fn ring(centre: Point, radius: f64) -> Item {
    let outline = Outline::Circle { centre, radius: radius + 3.6 };
    Item::Shape { outline, fill: None, stroke: Some(Stroke::new(Paint::Ink, 1.6)) }
}

/// A sign of the legend, on the colour of its region, and what it stands for.
fn draw_entry(picture: &mut Picture, at: Point, class: Option<usize>, name: String) {
    let centre = Point::new(at.x + 13.0, at.y);
    match class {
        Some(class) => {
            let (left, top) = (at.x, at.y - 9.0);
            let plate = Outline::Box { left, top, width: 26.0, height: 18.0, round: 3.0 };
            let rim = Stroke::new(Paint::Muted, 0.8);
            picture.shape(plate, Some(Paint::Region(class).into()), Some(rim));
            let rim = Stroke::new(Paint::Ground, 0.9);
            picture.shape(sign(class, centre, 4.4), Some(Paint::Class(class).into()), Some(rim));
        }
        None => picture.items.push(ring(centre, 3.6)),
    }
    picture.text(Text::new(at.x + 32.0, at.y + 4.5, TICK_SIZE, name).paint(Paint::Muted));
}

/// The shape of a class: with its colour, no two of twelve are the same.
fn sign(class: usize, at: Point, radius: f64) -> Outline {
    let around = |count: usize, turned: f64| {
        let corner = |k: usize| {
            let angle = (k as f64 / count as f64 + turned) * 2.0 * std::f64::consts::PI;
            let (sine, cosine) = (
                <f64 as uphill_graph::Scalar>::sin(angle),
                <f64 as uphill_graph::Scalar>::cos(angle),
            );
            let radius = 1.25 * radius;
            Point::new(at.x + radius * sine, at.y - radius * cosine)
        };
        Outline::around(&(0..count).map(corner).collect::<Vec<Point>>())
    };
    match class % 5 {
        0 => Outline::Circle { centre: at, radius },
        1 => around(4, 0.125),
        2 => around(3, 0.0),
        3 => around(4, 0.0),
        _ => around(3, 0.5),
    }
}
