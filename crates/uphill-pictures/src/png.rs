//! A scene as pixels: the same outlines as in the SVG, drawn by `tiny-skia`, with letters from the embedded font.

use tiny_skia::{
    Color, FillRule, LineCap, LineJoin, Paint as Brush, Path, PathBuilder, Pixmap, Rect,
    StrokeDash, Transform,
};

use crate::error::Error;
use crate::font;
use crate::scene::{Anchor, Ink, Item, Outline, Picture, Point, Step, Stroke, Text};
use crate::theme::{Paint, Theme, colour};

const MOST_PIXELS: f64 = 5e7;

pub(crate) fn draw(picture: &Picture, theme: Theme, scale: f64) -> Result<Vec<u8>, Error> {
    let (width, height) = ((picture.width * scale).ceil(), (picture.height * scale).ceil());
    let refused = |what: String| Error::Pixels { what };
    if !(scale > 0.0 && scale.is_finite()) {
        return Err(refused(format!("the scale is {scale}, it must be above 0")));
    }
    if width * height > MOST_PIXELS {
        let what = format!(
            "{width} by {height} pixels are more than {MOST_PIXELS:e}; use a smaller scale"
        );
        return Err(refused(what));
    }
    let (columns, rows) = (width.max(1.0) as u32, height.max(1.0) as u32);
    let pixels = Pixmap::new(columns, rows)
        .ok_or_else(|| refused(format!("{columns} by {rows} pixels can't be held")))?;
    let transform = Transform::from_scale(scale as f32, scale as f32);
    let mut canvas = Canvas { pixels, theme, transform };
    let [red, green, blue] = colour(Paint::Ground, theme);
    canvas.pixels.fill(Color::from_rgba8(red, green, blue, 255));
    canvas.items(&picture.items);
    canvas.pixels.encode_png().map_err(|error| refused(error.to_string()))
}

struct Canvas {
    pixels: Pixmap,
    theme: Theme,
    transform: Transform,
}

impl Canvas {
    fn items(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Shape { outline, fill, stroke } => {
                    let Some(path) = path(outline) else { continue };
                    if let Some(ink) = fill {
                        self.fill(&path, *ink, self.transform);
                    }
                    if let Some(stroke) = stroke {
                        self.stroke(&path, *stroke, self.transform);
                    }
                }
                Item::Text(text) => self.text(text),
                Item::Group(group) => self.items(&group.items),
                Item::Mesh { faces, stroke } => {
                    for (points, paint) in faces {
                        let Some(path) = path(&Outline::around(points)) else { continue };
                        self.fill(&path, (*paint).into(), self.transform);
                        self.stroke(&path, *stroke, self.transform);
                    }
                }
            }
        }
    }

    fn brush(&self, ink: Ink) -> Brush<'static> {
        let [red, green, blue] = colour(ink.paint, self.theme);
        let mut brush = Brush { anti_alias: true, ..Brush::default() };
        let alpha = (ink.opacity.clamp(0.0, 1.0) * 255.0).round() as u8;
        brush.set_color_rgba8(red, green, blue, alpha);
        brush
    }

    fn fill(&mut self, path: &Path, ink: Ink, transform: Transform) {
        // Both directions of a letter's inner outlines occur in fonts; isolines turn the other way around holes.
        self.pixels.fill_path(path, &self.brush(ink), FillRule::Winding, transform, None);
    }

    fn stroke(&mut self, path: &Path, stroke: Stroke, transform: Transform) {
        let dash = stroke.dash.and_then(|dash| StrokeDash::new(dash.map(|x| x as f32).into(), 0.0));
        let pen = tiny_skia::Stroke {
            width: stroke.width as f32,
            line_cap: LineCap::Round,
            line_join: LineJoin::Round,
            dash,
            ..tiny_skia::Stroke::default()
        };
        self.pixels.stroke_path(path, &self.brush(stroke.ink), &pen, transform, None);
    }

    fn text(&mut self, text: &Text) {
        let Some(letters) = path(&font::outlines(&text.content, text.size)) else { return };
        let width = font::width(&text.content, text.size);
        let shift = match text.anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => -width / 2.0,
            Anchor::End => -width,
        };
        let mut transform = self.transform.pre_translate(text.at.x as f32, text.at.y as f32);
        if text.turned {
            // A quarter turn against the clock.
            transform = transform.pre_concat(Transform::from_row(0.0, -1.0, 1.0, 0.0, 0.0, 0.0));
        }
        let transform = transform.pre_translate(shift as f32, 0.0);
        if text.halo {
            self.stroke(&letters, Stroke::new(Paint::Ground, 3.0), transform);
        }
        self.fill(&letters, text.paint.into(), transform);
    }
}

fn path(outline: &Outline) -> Option<Path> {
    let mut pen = PathBuilder::new();
    match outline {
        Outline::Box { left, top, width, height, round } if *round <= 0.0 => {
            pen.push_rect(Rect::from_xywh(
                *left as f32,
                *top as f32,
                *width as f32,
                *height as f32,
            )?);
        }
        Outline::Box { left, top, width, height, round } => {
            steps(&mut pen, &rounded(*left, *top, *width, *height, *round));
        }
        Outline::Circle { centre, radius } => {
            pen.push_circle(centre.x as f32, centre.y as f32, *radius as f32);
        }
        Outline::Path(path) => steps(&mut pen, path),
    }
    pen.finish()
}

fn steps(pen: &mut PathBuilder, steps: &[Step]) {
    for step in steps {
        match *step {
            Step::Move(p) => pen.move_to(p.x as f32, p.y as f32),
            Step::Line(p) => pen.line_to(p.x as f32, p.y as f32),
            Step::Curve(a, b, p) => {
                let [a, b, p] = [a, b, p].map(|p| (p.x as f32, p.y as f32));
                pen.cubic_to(a.0, a.1, b.0, b.1, p.0, p.1);
            }
            Step::Close => pen.close(),
        }
    }
}

/// A box with round corners, each a cubic that is nearly a quarter of a circle.
fn rounded(left: f64, top: f64, width: f64, height: f64, round: f64) -> Vec<Step> {
    const BEND: f64 = 0.552_284_75;
    let r = round.min(width / 2.0).min(height / 2.0);
    let (right, bottom) = (left + width, top + height);
    let p = Point::new;
    let corner = |from: Point, corner: Point, to: Point| {
        Step::Curve(from.towards(corner, BEND), to.towards(corner, BEND), to)
    };
    vec![
        Step::Move(p(left + r, top)),
        Step::Line(p(right - r, top)),
        corner(p(right - r, top), p(right, top), p(right, top + r)),
        Step::Line(p(right, bottom - r)),
        corner(p(right, bottom - r), p(right, bottom), p(right - r, bottom)),
        Step::Line(p(left + r, bottom)),
        corner(p(left + r, bottom), p(left, bottom), p(left, bottom - r)),
        Step::Line(p(left, top + r)),
        corner(p(left, top + r), p(left, top), p(left + r, top)),
        Step::Close,
    ]
}
