//! The frame of a chart: its title, axes with round numbers and names, grid lines, and lines cut at its edges.

use crate::axis::{Scale, Tick};
use crate::font;
use crate::scene::{Anchor, Outline, Picture, Point, Stroke, Text};
use crate::theme::Paint;

pub(crate) const TITLE_SIZE: f64 = 18.0;
pub(crate) const NAME_SIZE: f64 = 14.0;
pub(crate) const TICK_SIZE: f64 = 12.5;

/// A side of a picture as somebody wants it, within what can be drawn.
pub(crate) fn side(pixels: u32) -> f64 {
    f64::from(pixels.clamp(320, 4000))
}

/// A rectangle with a scale along two of its sides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Frame {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) x: Scale,
    pub(crate) y: Scale,
    /// How far left of it the name of y stands.
    pub(crate) margin: f64,
}

impl Frame {
    pub(crate) fn right(&self) -> f64 {
        self.left + self.width
    }

    pub(crate) fn bottom(&self) -> f64 {
        self.top + self.height
    }

    pub(crate) fn point(&self, x: f64, y: f64) -> Point {
        let x = self.left + self.width * self.x.place(x);
        Point::new(x, self.bottom() - self.height * self.y.place(y))
    }

    fn marks(&self) -> (Vec<Tick>, Vec<Tick>) {
        (
            self.x.ticks((self.width / 90.0) as usize),
            self.y.ticks(((self.height / 60.0) as usize).max(4)),
        )
    }

    /// The lines behind everything.
    pub(crate) fn draw_grid(&self, picture: &mut Picture) {
        let (across, up) = self.marks();
        let stroke = Stroke::new(Paint::Faint, 1.0);
        for tick in across {
            let x = self.point(tick.at, self.y.low).x;
            picture.line(&[Point::new(x, self.top), Point::new(x, self.bottom())], stroke);
        }
        for tick in up {
            let y = self.point(self.x.low, tick.at).y;
            picture.line(&[Point::new(self.left, y), Point::new(self.right(), y)], stroke);
        }
    }

    /// The frame, its numbers, and its names; without a name for x, no numbers either.
    pub(crate) fn draw_axes(&self, picture: &mut Picture, x_name: Option<&str>, y_name: &str) {
        let outline = Outline::Box {
            left: self.left,
            top: self.top,
            width: self.width,
            height: self.height,
            round: 0.0,
        };
        picture.shape(outline, None, Some(Stroke::new(Paint::Muted, 1.0)));
        let (across, up) = self.marks();
        let stroke = Stroke::new(Paint::Muted, 1.0);
        for tick in across {
            let at = Point::new(self.point(tick.at, self.y.low).x, self.bottom());
            picture.line(&[at, Point::new(at.x, at.y + 5.0)], stroke);
            if x_name.is_some() {
                let label = Text::new(at.x, at.y + 19.0, TICK_SIZE, tick.label);
                picture.text(label.anchor(Anchor::Middle).paint(Paint::Muted));
            }
        }
        for tick in up {
            let at = Point::new(self.left, self.point(self.x.low, tick.at).y);
            picture.line(&[at, Point::new(at.x - 5.0, at.y)], stroke);
            let label = Text::new(at.x - 9.0, at.y + 4.5, TICK_SIZE, tick.label);
            picture.text(label.anchor(Anchor::End).paint(Paint::Muted));
        }
        // The name of x has the breadth of the picture, below all else.
        let (middle, wide) = (self.left + self.width / 2.0, picture.width - 16.0);
        let [x_told, y_told] =
            axis_names([x_name.unwrap_or_default(), y_name], [wide, self.height]);
        if x_name.is_some() {
            let half = font::width(&x_told, NAME_SIZE) / 2.0 + 8.0;
            let x = middle.clamp(half.min(picture.width / 2.0), (picture.width - half).max(half));
            let y = self.bottom() + 42.0;
            picture.text(Text::new(x, y, NAME_SIZE, x_told).anchor(Anchor::Middle));
        }
        let (x, y) = (self.left - self.margin + NAME_SIZE + 2.0, self.top + self.height / 2.0);
        picture.text(Text::new(x, y, NAME_SIZE, y_told).anchor(Anchor::Middle).turned());
    }

    /// The parts of a line inside the frame.
    pub(crate) fn clipped(&self, points: &[Point]) -> Vec<Vec<Point>> {
        let mut parts: Vec<Vec<Point>> = Vec::new();
        for pair in points.windows(2) {
            let Some((from, to)) = self.clip(pair[0], pair[1]) else { continue };
            match parts.last_mut() {
                Some(part) if part.last() == Some(&from) => part.push(to),
                _ => parts.push(vec![from, to]),
            }
        }
        parts
    }

    /// The part of a segment inside the frame (Liang and Barsky).
    pub(crate) fn clip(&self, from: Point, to: Point) -> Option<(Point, Point)> {
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        let sides = [
            (-dx, from.x - self.left),
            (dx, self.right() - from.x),
            (-dy, from.y - self.top),
            (dy, self.bottom() - from.y),
        ];
        let (mut enters, mut leaves) = (0.0_f64, 1.0_f64);
        for (speed, room) in sides {
            if speed == 0.0 {
                if room < 0.0 {
                    return None;
                }
            } else if speed < 0.0 {
                enters = enters.max(room / speed);
            } else {
                leaves = leaves.min(room / speed);
            }
        }
        if enters > leaves {
            return None;
        }
        let start = if enters > 0.0 { from.towards(to, enters) } else { from };
        let end = if leaves < 1.0 { from.towards(to, leaves) } else { to };
        Some((start, end))
    }

    pub(crate) fn holds(&self, point: Point) -> bool {
        let slack = 1e-6;
        (self.left - slack..=self.right() + slack).contains(&point.x)
            && (self.top - slack..=self.bottom() + slack).contains(&point.y)
    }
}

/// The room that numbers and name need left of a frame.
pub(crate) fn y_margin(frame: &Frame) -> f64 {
    let (_, up) = frame.marks();
    let widest = up.iter().map(|tick| font::width(&tick.label, TICK_SIZE)).fold(0.0, f64::max);
    widest + 9.0 + 12.0 + NAME_SIZE + 4.0
}

/// The title on top, smaller if it is long, in two lines if it is longer, and cut if it is too long; the whole stands in
/// the SVG's title.
pub(crate) fn draw_title(picture: &mut Picture, left: f64) {
    const SMALL: f64 = 14.0;
    let title = picture.title.clone();
    let place = |left: f64| (left, picture.width - left - 12.0);
    // Where it doesn't fit above the frame, it begins at the edge.
    let places = [(place(left), TITLE_SIZE), (place(12.0), 16.0), (place(12.0), SMALL)];
    let fits = |((_, room), size): &((f64, f64), f64)| font::width(&title, *size) <= *room;
    if let Some(((left, _), size)) = places.into_iter().find(fits) {
        picture.text(Text::new(left, 30.0, size, title));
        return;
    }
    let (left, room) = place(12.0);
    let [first, second] = font::halved(&title, SMALL, room);
    picture.text(Text::new(left, 18.0, SMALL, first));
    picture.text(Text::new(left, 36.0, SMALL, second));
}

/// Names of two axes where one has so much room and the other so much: if one is too long, what tells them apart is kept.
pub(crate) fn axis_names(names: [&str; 2], rooms: [f64; 2]) -> [String; 2] {
    let fits = |k: usize| font::width(names[k], NAME_SIZE) <= rooms[k];
    if fits(0) && fits(1) {
        return names.map(str::to_owned);
    }
    [0, 1].map(|k| font::fitted_apart(&names, NAME_SIZE, rooms[k]).swap_remove(k))
}

/// The first of these texts that has room, or the last one, cut.
pub(crate) fn first_fitting<const N: usize>(texts: [String; N], size: f64, room: f64) -> String {
    let fits = |text: &&String| font::width(text, size) <= room;
    match (texts.iter().find(fits), texts.last()) {
        (Some(text), _) => text.clone(),
        (None, last) => font::fitted(last.map_or("", String::as_str), size, room),
    }
}

/// The distance of lines of notes.
const NOTE_STEP: f64 = 17.0;

/// What is said below a picture of this width, in lines.
pub(crate) fn note_lines(notes: &[String], width: f64) -> Vec<String> {
    notes.iter().flat_map(|note| font::wrapped(note, TICK_SIZE, width - 32.0)).collect()
}

/// The room that these lines need.
pub(crate) fn notes_height(lines: &[String]) -> f64 {
    if lines.is_empty() { 0.0 } else { NOTE_STEP * lines.len() as f64 + 4.0 }
}

/// Notes at the lower edge.
pub(crate) fn draw_notes(picture: &mut Picture, lines: &[String]) {
    let top = picture.height - notes_height(lines);
    for (k, line) in lines.iter().enumerate() {
        let y = top + NOTE_STEP * k as f64 + 8.0;
        picture.text(Text::new(16.0, y, TICK_SIZE, line.as_str()).paint(Paint::Muted));
    }
}

/// What a sign in a legend looks like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Sign {
    Line(Stroke),
    Dot(Paint),
    Ring(Paint),
}

/// Signs and what they stand for, in a row that ends at the right. Returns where it begins.
pub(crate) fn draw_legend(
    picture: &mut Picture,
    entries: &[(Sign, String)],
    right: f64,
    y: f64,
) -> f64 {
    let mut x = right;
    for (sign, text) in entries.iter().rev() {
        x -= font::width(text, TICK_SIZE);
        picture.text(Text::new(x, y + 4.5, TICK_SIZE, text.as_str()).paint(Paint::Muted));
        x -= 8.0;
        let centre = Point::new(x - 5.0, y);
        match sign {
            Sign::Line(stroke) => {
                picture.line(&[Point::new(x - 26.0, y), Point::new(x, y)], *stroke);
                x -= 26.0;
            }
            Sign::Dot(paint) => {
                picture.shape(Outline::Circle { centre, radius: 4.0 }, Some((*paint).into()), None);
                x -= 10.0;
            }
            Sign::Ring(paint) => {
                let ring = Outline::Circle { centre, radius: 4.2 };
                picture.shape(ring, None, Some(Stroke::new(*paint, 1.6)));
                x -= 10.0;
            }
        }
        x -= 18.0;
    }
    x
}
