//! The letters: how wide a text is, so that nothing overlaps, and the outlines that a PNG is drawn with.
//!
//! The font is a subset of DejaVu Sans with Latin, Greek, Cyrillic and mathematics; its licence lies beside it. An SVG
//! names DejaVu Sans and fonts that are not wider, so a label that fits here fits there.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use ttf_parser::{Face, OutlineBuilder};

use crate::scene::{Anchor, Outline, Point, Step, Text};

static FONT: &[u8] = include_bytes!("../font/UphillSans.ttf");

/// What an SVG asks for.
pub(crate) const FAMILY: &str = "DejaVu Sans,Verdana,Segoe UI,Arial,sans-serif";

fn face() -> &'static Face<'static> {
    static FACE: OnceLock<Face<'static>> = OnceLock::new();
    FACE.get_or_init(|| Face::parse(FONT, 0).expect("the embedded font is sound"))
}

/// The width of a text, in the unit of `size`.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    let face = face();
    let advance = |letter: char| {
        let glyph = face.glyph_index(letter).unwrap_or_default();
        f64::from(face.glyph_hor_advance(glyph).unwrap_or(0))
    };
    text.chars().map(advance).sum::<f64>() * size / f64::from(face.units_per_em())
}

/// What a text that isn't turned takes: left, top, right and bottom.
pub(crate) fn area(text: &Text) -> [f64; 4] {
    let wide = width(&text.content, text.size);
    let left = match text.anchor {
        Anchor::Start => text.at.x,
        Anchor::Middle => text.at.x - wide / 2.0,
        Anchor::End => text.at.x - wide,
    };
    [left, text.at.y - 0.78 * text.size, left + wide, text.at.y + 0.24 * text.size]
}

/// The text, cut to a width, with an ellipsis where something is missing.
pub(crate) fn fitted(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.into();
    }
    let room = room - width("…", size);
    let mut used = 0.0;
    let kept = text.chars().take_while(|letter| {
        used += width(letter.encode_utf8(&mut [0; 4]), size);
        used <= room
    });
    let kept: String = kept.collect();
    kept.trim_end().to_owned() + "…"
}

/// The text in lines of at most this width, broken between words; a word that is wider alone is cut.
pub(crate) fn wrapped(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let longer = lines.last().map(|line| format!("{line} {word}"));
        match longer.filter(|longer| width(longer, size) <= room) {
            Some(longer) => lines.pop().map_or((), |_| lines.push(longer)),
            None => lines.push(fitted(word, size, room)),
        }
    }
    lines
}

/// The text in two lines of at most this width, broken between words; cut if it is longer.
pub(crate) fn halved(text: &str, size: f64, room: f64) -> [String; 2] {
    let ends = text.char_indices().filter(|(_, letter)| letter.is_whitespace()).map(|(at, _)| at);
    match ends.take_while(|&at| width(&text[..at], size) <= room).last() {
        Some(at) => [text[..at].into(), fitted(text[at..].trim_start(), size, room)],
        None => [fitted(text, size, room), String::new()],
    }
}

/// Names cut to a width such that what tells them apart is kept where that is possible: the beginnings of names that end
/// alike, the ends of those that begin alike, else both.
pub(crate) fn fitted_apart(names: &[&str], size: f64, room: f64) -> Vec<String> {
    let mut ways: [fn(&str, f64, f64) -> String; 3] = [fitted, fitted_end, fitted_both];
    let common = |letters: &dyn Fn(&str) -> Vec<char>| {
        let first = names.first().map(|name| letters(name)).unwrap_or_default();
        let alike = |name: &&str| {
            first.iter().zip(letters(name)).take_while(|(one, other)| *one == other).count()
        };
        names.iter().skip(1).map(alike).min().unwrap_or(0)
    };
    let before = common(&|name| name.chars().collect());
    let behind = common(&|name| name.chars().rev().collect());
    if before > behind {
        ways.swap(0, 1);
    }
    let made = ways.map(|way| names.iter().map(|name| way(name, size, room)).collect::<Vec<_>>());
    let different = |list: &[String]| list.iter().collect::<BTreeSet<_>>().len();
    // The first of the best.
    let best = made.iter().map(|list| different(list)).max().unwrap_or(0);
    made.into_iter().find(|list| different(list) == best).unwrap_or_default()
}

/// As [`fitted`], with the end kept.
fn fitted_end(text: &str, size: f64, room: f64) -> String {
    let turned = |text: &str| text.chars().rev().collect::<String>();
    if width(text, size) <= room { text.into() } else { turned(&fitted(&turned(text), size, room)) }
}

/// As [`fitted`], with both ends kept.
fn fitted_both(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.into();
    }
    let half = (room + width("…", size)) / 2.0;
    let start = fitted(text, size, half);
    start + fitted_end(text, size, half).trim_start_matches('…')
}

/// The outlines of a text that begins at the origin, with its baseline on y = 0.
pub(crate) fn outlines(text: &str, size: f64) -> Outline {
    let face = face();
    let scale = size / f64::from(face.units_per_em());
    let mut pen = Pen { steps: Vec::new(), x: 0.0, scale, last: Point::default() };
    for letter in text.chars() {
        let glyph = face.glyph_index(letter).unwrap_or_default();
        face.outline_glyph(glyph, &mut pen);
        pen.x += f64::from(face.glyph_hor_advance(glyph).unwrap_or(0)) * scale;
    }
    Outline::Path(pen.steps)
}

struct Pen {
    steps: Vec<Step>,
    x: f64,
    scale: f64,
    last: Point,
}

impl Pen {
    fn at(&mut self, x: f32, y: f32) -> Point {
        Point::new(self.x + f64::from(x) * self.scale, -f64::from(y) * self.scale)
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.last = self.at(x, y);
        self.steps.push(Step::Move(self.last));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.last = self.at(x, y);
        self.steps.push(Step::Line(self.last));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (corner, end) = (self.at(x1, y1), self.at(x, y));
        let (one, two) = (self.last.towards(corner, 2.0 / 3.0), end.towards(corner, 2.0 / 3.0));
        self.steps.push(Step::Curve(one, two, end));
        self.last = end;
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let (one, two, end) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.steps.push(Step::Curve(one, two, end));
        self.last = end;
    }

    fn close(&mut self) {
        self.steps.push(Step::Close);
    }
}

#[cfg(test)]
mod tests {
    use super::{face, fitted, fitted_apart, width, wrapped};

    #[test]
    fn every_sign_of_ours_has_a_letter() {
        for letter in "∂∇σβΣΔ→−·⋅×√∞≤≥²³⁰⁴⁵⁶⁷⁸⁹⁻₀₁₂…⋮‖|äéßŁ".chars()
        {
            assert!(face().glyph_index(letter).is_some(), "{letter}");
        }
    }

    #[test]
    fn texts_are_cut_to_fit() {
        assert_eq!(fitted("short", 12.0, 100.0), "short");
        let cut = fitted("a rather long name of a weight", 12.0, 100.0);
        assert!(cut.ends_with('…') && width(&cut, 12.0) <= 100.0, "{cut}");
    }

    #[test]
    fn different_names_stay_different() {
        let cut = |names: &[&str], room: f64| fitted_apart(names, 12.0, room).join(" ");
        assert_eq!(cut(&["a", "bc"], 80.0), "a bc");
        assert_eq!(cut(&["species=setosa", "kind"], 80.0), "species=s… kind");
        let irises = ["species=setosa", "species=versicolor", "species=virginica"];
        let ends = fitted_apart(&irises, 12.0, 82.0);
        for (end, name) in ends.iter().zip(["setosa", "versicolor", "virginica"]) {
            assert!(end.starts_with('…') && end.ends_with(name), "{ends:?}");
        }
        let starts = fitted_apart(&["left_in_cm", "right_in_cm"], 12.0, 50.0);
        assert!(starts[0].starts_with("left") && starts[1].starts_with("right"), "{starts:?}");
        let both = ["sepal_length_cm", "petal_length_cm", "petal_longer_cm"];
        for name in fitted_apart(&both, 12.0, 70.0) {
            assert!(width(&name, 12.0) <= 70.0, "{name}");
        }
    }

    #[test]
    fn texts_break_between_words() {
        assert_eq!(wrapped("to be or not", 12.0, 50.0), ["to be or", "not"]);
        assert!(wrapped("", 12.0, 50.0).is_empty());
        assert_eq!(wrapped("incomprehensible it", 12.0, 50.0), ["incom…", "it"]);
    }
}
