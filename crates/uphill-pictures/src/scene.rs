//! What a picture is made of: outlines, texts and groups in the order in which they are drawn, with paints by purpose.
//!
//! [`svg`](crate::svg) writes a scene as text, [`png`](crate::png) draws the same scene into pixels. Neither decides
//! where anything goes.

use crate::error::Error;
use crate::theme::{Paint, Theme};

/// A finished picture, to be written as SVG or PNG on a light or a dark ground.
///
/// The same data gives the same bytes, on every machine.
///
/// ```
/// use uphill_pictures::{Fit, Theme};
/// let picture = Fit::new(&[1.0, 2.0, 3.0], &[2.1, 3.9, 6.2], &[2.0, 4.0, 6.0])?.picture();
/// assert!(picture.svg(Theme::Light).starts_with("<svg xmlns="));
/// assert_eq!(&picture.png(Theme::Dark, 2.0)?[1..4], b"PNG");
/// assert_eq!((picture.width(), picture.height()), (800.0, 600.0));
/// # Ok::<(), uphill_pictures::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// For people who don't see the picture: what it is, and what it shows.
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) items: Vec<Item>,
}

impl Picture {
    pub(crate) fn new(width: f64, height: f64, title: impl Into<String>) -> Picture {
        let (title, description) = (title.into(), String::new());
        Picture { width, height, title, description, items: Vec::new() }
    }

    /// The width in pixels, at scale 1.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.width
    }

    /// The height in pixels, at scale 1.
    #[must_use]
    pub fn height(&self) -> f64 {
        self.height
    }

    /// The title.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What the picture shows, in a sentence or two, for people who don't see it.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The picture as SVG: text that needs nothing else, and scales to any size.
    #[must_use]
    pub fn svg(&self, theme: Theme) -> String {
        crate::svg::write(self, theme)
    }

    /// The picture as the bytes of a PNG file. The font comes with this crate.
    ///
    /// # Arguments
    ///
    /// `scale`: pixels for each unit of the picture: 1 for the sizes above, 2 for dense screens.
    ///
    /// # Errors
    ///
    /// [`Error::Pixels`] if the scale is not above 0, or there would be more than 50 million pixels.
    pub fn png(&self, theme: Theme, scale: f64) -> Result<Vec<u8>, Error> {
        crate::png::draw(self, theme, scale)
    }

    pub(crate) fn shape(&mut self, outline: Outline, fill: Option<Ink>, stroke: Option<Stroke>) {
        self.items.push(Item::Shape { outline, fill, stroke });
    }

    pub(crate) fn line(&mut self, points: &[Point], stroke: Stroke) {
        self.shape(Outline::through(points), None, Some(stroke));
    }

    pub(crate) fn text(&mut self, text: Text) {
        self.items.push(Item::Text(text));
    }

    /// A text on a plate, which can be read on any colour; `x` is its middle, `y` its baseline.
    pub(crate) fn label(&mut self, x: f64, y: f64, size: f64, content: impl Into<String>) {
        let text = Text::new(x, y, size, content).anchor(Anchor::Middle);
        let width = crate::font::width(&text.content, size) + 10.0;
        let (left, top, height) = (x - width / 2.0, y - size * 0.95, size * 1.3);
        let plate = Outline::Box { left, top, width, height, round: 4.0 };
        self.shape(plate, Some(Ink { paint: Paint::Ground, opacity: 0.8 }), None);
        self.text(text);
    }
}

/// A place in a picture: right and down from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

impl Point {
    pub(crate) fn new(x: f64, y: f64) -> Point {
        Point { x, y }
    }

    /// The point a part of the way to another one.
    pub(crate) fn towards(self, other: Point, part: f64) -> Point {
        Point::new(self.x + part * (other.x - self.x), self.y + part * (other.y - self.y))
    }

    pub(crate) fn distance(self, other: Point) -> f64 {
        let (x, y) = (other.x - self.x, other.y - self.y);
        (x * x + y * y).sqrt()
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Item {
    Shape {
        outline: Outline,
        fill: Option<Ink>,
        stroke: Option<Stroke>,
    },
    Text(Text),
    Group(Group),
    /// Many small outlines with one stroke.
    Mesh {
        faces: Vec<(Vec<Point>, Paint)>,
        stroke: Stroke,
    },
}

/// Things that belong together, with attributes for scripts and a text that shows when one points at them.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Group {
    pub(crate) attributes: Vec<(&'static str, String)>,
    pub(crate) hint: Option<String>,
    pub(crate) items: Vec<Item>,
}

impl Group {
    pub(crate) fn new(class: &str) -> Group {
        Group { attributes: vec![("class", class.into())], ..Group::default() }
    }

    pub(crate) fn attribute(mut self, name: &'static str, value: impl ToString) -> Group {
        self.attributes.push((name, value.to_string()));
        self
    }

    pub(crate) fn shape(&mut self, outline: Outline, fill: Option<Ink>, stroke: Option<Stroke>) {
        self.items.push(Item::Shape { outline, fill, stroke });
    }

    pub(crate) fn text(&mut self, text: Text) {
        self.items.push(Item::Text(text));
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outline {
    Box { left: f64, top: f64, width: f64, height: f64, round: f64 },
    Circle { centre: Point, radius: f64 },
    Path(Vec<Step>),
}

impl Outline {
    /// A line through points.
    pub(crate) fn through(points: &[Point]) -> Outline {
        let step = |(k, &point): (usize, &Point)| match k {
            0 => Step::Move(point),
            _ => Step::Line(point),
        };
        Outline::Path(points.iter().enumerate().map(step).collect())
    }

    /// The same, back to its first point.
    pub(crate) fn around(points: &[Point]) -> Outline {
        match Outline::through(points) {
            Outline::Path(mut steps) => {
                steps.push(Step::Close);
                Outline::Path(steps)
            }
            other => other,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Step {
    Move(Point),
    Line(Point),
    Curve(Point, Point, Point),
    Close,
}

/// A paint, more or less transparent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ink {
    pub(crate) paint: Paint,
    pub(crate) opacity: f64,
}

impl From<Paint> for Ink {
    fn from(paint: Paint) -> Ink {
        Ink { paint, opacity: 1.0 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stroke {
    pub(crate) ink: Ink,
    pub(crate) width: f64,
    pub(crate) dash: Option<[f64; 2]>,
}

impl Stroke {
    pub(crate) fn new(paint: Paint, width: f64) -> Stroke {
        Stroke { ink: paint.into(), width, dash: None }
    }

    pub(crate) fn opacity(mut self, opacity: f64) -> Stroke {
        self.ink.opacity = opacity;
        self
    }

    pub(crate) fn dashed(mut self, on: f64, off: f64) -> Stroke {
        self.dash = Some([on, off]);
        self
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A line of text; `at` is on its baseline.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Text {
    pub(crate) at: Point,
    pub(crate) size: f64,
    pub(crate) anchor: Anchor,
    pub(crate) paint: Paint,
    /// Reads from below to above.
    pub(crate) turned: bool,
    /// Keeps clear of what lies below.
    pub(crate) halo: bool,
    pub(crate) content: String,
}

impl Text {
    pub(crate) fn new(x: f64, y: f64, size: f64, content: impl Into<String>) -> Text {
        Text {
            at: Point::new(x, y),
            size,
            anchor: Anchor::Start,
            paint: Paint::Ink,
            turned: false,
            halo: false,
            content: content.into(),
        }
    }

    pub(crate) fn anchor(self, anchor: Anchor) -> Text {
        Text { anchor, ..self }
    }

    pub(crate) fn paint(self, paint: Paint) -> Text {
        Text { paint, ..self }
    }

    pub(crate) fn turned(self) -> Text {
        Text { turned: true, ..self }
    }

    pub(crate) fn halo(self) -> Text {
        Text { halo: true, ..self }
    }
}
