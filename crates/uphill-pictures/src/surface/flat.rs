//! The surface from above: bands of colour, contours, the path, the gradient, and a bar that tells P.

use super::bar::{self, Bar};
use super::constraints;
use super::isolines::{self, Grid, Place};
use super::{Drawing, LONGEST_PATH, Sized, Surface, thinned};
use crate::chart::{
    Frame, NAME_SIZE, draw_notes, draw_title, first_fitting, note_lines, notes_height, y_margin,
};
use crate::font;
use crate::number::short;
use crate::scene::{Outline, Picture, Point, Step, Stroke};
use crate::theme::Paint;

const TOP: f64 = 50.0;
const BOTTOM: f64 = 58.0;
/// From the frame to the bar.
const BESIDE: f64 = 16.0;
/// The narrowest and lowest picture that is made to suit its frame.
const SMALLEST: [f64; 2] = [440.0, 340.0];

pub(super) fn draw(surface: &Surface) -> Drawing {
    let (size, lines, frame) = layout(surface);
    let mut picture = Picture::new(size[0], size[1], surface.full_title());
    picture.description = surface.description();
    draw_title(&mut picture, frame.left);
    draw_field(&mut picture, surface, &frame);
    frame.draw_axes(&mut picture, Some(surface.x.name()), surface.y.name());
    let bar = Bar { left: frame.right() + BESIDE, top: frame.top, height: frame.height };
    bar.draw(&mut picture, surface, false);
    let points: Vec<Point> =
        surface.path.iter().map(|[x, y, _]| near(frame.point(*x, *y))).collect();
    draw_path(&mut picture, surface, &frame, &points);
    draw_gradient(&mut picture, surface, &frame);
    if let Some((at, value)) = constraints::in_frame(surface, &frame) {
        constraints::draw_mark(&mut picture, at, Paint::Trail);
        let label = constraints::label(surface, value, frame.width - 20.0);
        draw_label(&mut picture, &frame, at, label, false);
    }
    draw_notes(&mut picture, &lines);
    let path = points.into_iter().map(|point| Some(point).filter(|&p| frame.holds(p))).collect();
    Drawing { picture, path }
}

/// The size of the picture, the lines of its notes, and its frame. With equal units and no size that somebody wants,
/// the picture is no larger than its frame needs.
fn layout(surface: &Surface) -> ([f64; 2], Vec<String>, Frame) {
    let notes = surface.all_notes();
    let size = surface.size;
    let lines = note_lines(&notes, size[0]);
    let (whole, room) = frame(surface, size, &lines);
    if !surface.equal_units || surface.sized == Sized::Both {
        return (size, lines, whole);
    }
    let width = match surface.sized {
        Sized::Width => size[0],
        _ => (size[0] - room[0] + whole.width).ceil().max(SMALLEST[0]).min(size[0]),
    };
    let lines = note_lines(&notes, width);
    let height = whole.height + TOP + BOTTOM + notes_height(&lines);
    let least = if surface.sized == Sized::Width { 0.0 } else { SMALLEST[1] };
    let size = [width, height.ceil().max(least).min(size[1])];
    let (whole, _) = frame(surface, size, &lines);
    (size, lines, whole)
}

/// A point that is far outside comes nearer, so that lengths stay finite.
fn near(point: Point) -> Point {
    Point::new(point.x.clamp(-1e6, 1e6), point.y.clamp(-1e6, 1e6))
}

/// The frame in a picture of this size, and the room that it has there.
fn frame(surface: &Surface, size: [f64; 2], lines: &[String]) -> (Frame, [f64; 2]) {
    let (x, y) = (surface.x.scale(), surface.y.scale());
    let height = (size[1] - TOP - BOTTOM - notes_height(lines)).max(60.0);
    let mut frame = Frame { left: 0.0, top: TOP, width: 100.0, height, x, y, margin: 0.0 };
    frame.left = y_margin(&frame);
    frame.margin = frame.left;
    frame.width = size[0] - frame.left - BESIDE - bar::width(surface);
    let room = [frame.width, frame.height];
    if surface.equal_units {
        let unit = (room[0] / (x.high - x.low)).min(room[1] / (y.high - y.low));
        // Very long and narrow ranges keep some breadth.
        frame.width = (unit * (x.high - x.low)).max(60.0);
        frame.height = (unit * (y.high - y.low)).max(60.0);
        frame.left += (room[0] - frame.width) / 2.0;
        frame.top += (room[1] - frame.height) / 2.0;
    }
    (frame, room)
}

fn draw_field(picture: &mut Picture, surface: &Surface, frame: &Frame) {
    let (columns, rows) = (surface.columns as f64 - 1.0, surface.rows() as f64 - 1.0);
    let point = |place: &Place| {
        let x = frame.left + frame.width * place.column / columns;
        Point::new(x, frame.bottom() - frame.height * place.row / rows)
    };
    let grid = Grid { columns: surface.columns, values: &surface.values };
    let levels = &surface.levels;
    let mut lines = Vec::new();
    for band in 0..levels.bands() {
        let level = if band == 0 { f64::MIN } else { levels.bounds()[band] };
        let outlines = isolines::outlines(grid, level);
        let mut steps = Vec::new();
        for outline in &outlines {
            let points: Vec<Point> = isolines::straightened(outline.iter().map(point));
            if let Outline::Path(part) = Outline::around(&points) {
                steps.extend(part);
            }
        }
        if !steps.is_empty() {
            picture.shape(
                Outline::Path(steps),
                Some(Paint::Field(levels.shade(band)).into()),
                None,
            );
        }
        if band > 0 {
            lines.push((band, isolines::contours(&outlines)));
        }
    }
    for (band, contours) in lines {
        // Light on the dark half, dark on the light one.
        let paint = if 2 * band < levels.bands() { Paint::White } else { Paint::Black };
        let mut steps = Vec::new();
        for contour in contours {
            if let Outline::Path(part) =
                Outline::through(&isolines::straightened(contour.iter().map(point)))
            {
                steps.extend::<Vec<Step>>(part);
            }
        }
        picture.shape(Outline::Path(steps), None, Some(Stroke::new(paint, 0.8).opacity(0.45)));
    }
    constraints::draw(picture, surface, point);
}

fn draw_path(picture: &mut Picture, surface: &Surface, frame: &Frame, points: &[Point]) {
    let drawn: Vec<Point> = thinned(points.len(), LONGEST_PATH).map(|k| points[k]).collect();
    let parts = frame.clipped(&drawn);
    for part in &parts {
        picture.line(part, Stroke::new(Paint::White, 4.5));
    }
    for part in &parts {
        picture.line(part, Stroke::new(Paint::Trail, 2.4));
    }
    if points.len() <= 60 {
        for &point in points.iter().filter(|&&point| frame.holds(point)) {
            let dot = Outline::Circle { centre: point, radius: 2.6 };
            picture.shape(dot, Some(Paint::Trail.into()), Some(Stroke::new(Paint::White, 0.8)));
        }
    }
    let (Some(&first), Some(&last)) = (points.first(), points.last()) else { return };
    let values = surface.told_ends();
    let near = first.distance(last) < 48.0;
    // A label keeps off the way where it can: it goes below where the way comes from above.
    let (first_below, last_below) = match near {
        true => (first.y >= last.y, first.y < last.y),
        false => (leaves_upwards(points.iter()), leaves_upwards(points.iter().rev())),
    };
    let ends =
        [(first, "start", Paint::White, first_below), (last, "end", Paint::Trail, last_below)];
    for ((point, word, paint, below), value) in ends.into_iter().zip(values) {
        if !frame.holds(point) || (points.len() == 1 && word == "start") {
            continue;
        }
        let ring = Outline::Circle { centre: point, radius: 5.0 };
        picture.shape(ring.clone(), None, Some(Stroke::new(Paint::White, 4.5)));
        picture.shape(ring, Some(paint.into()), Some(Stroke::new(Paint::Trail, 2.2)));
        let told = [
            format!("{word}: {} = {}", surface.name, short(value)),
            format!("{word}: {}", short(value)),
        ];
        let label = first_fitting(told, NAME_SIZE, frame.width - 20.0);
        draw_label(picture, frame, point, label, below);
    }
}

/// Whether a way is above its first point, some pixels away from it.
fn leaves_upwards<'p>(mut points: impl Iterator<Item = &'p Point>) -> bool {
    let Some(&first) = points.next() else { return false };
    points.find(|point| first.distance(**point) > 24.0).is_some_and(|point| point.y < first.y - 6.0)
}

/// A label beside a point, on the side with more room.
fn draw_label(picture: &mut Picture, frame: &Frame, point: Point, label: String, below: bool) {
    let label = font::fitted(&label, NAME_SIZE, frame.width - 20.0);
    let half = font::width(&label, NAME_SIZE) / 2.0 + 6.0;
    let low = (frame.left + half).min(frame.right());
    let x = point.x.clamp(low, (frame.right() - half).max(low));
    let below = below || point.y < frame.top + 30.0;
    let y = if below && point.y < frame.bottom() - 30.0 { point.y + 22.0 } else { point.y - 12.0 };
    picture.label(x, y, NAME_SIZE, label);
}

fn draw_gradient(picture: &mut Picture, surface: &Surface, frame: &Frame) {
    let Some(gradient) = surface.gradient else { return };
    let [x, y] = gradient.at;
    let from = frame.point(x, y);
    let unit_x = frame.width / (surface.x.high() - surface.x.low());
    let unit_y = frame.height / (surface.y.high() - surface.y.low());
    let (across, up) = (gradient.change[0] * unit_x, -gradient.change[1] * unit_y);
    let length = (across * across + up * up).sqrt();
    if !frame.holds(from) {
        return;
    }
    let [one, two] = gradient.change.map(short);
    let label = format!("{} = ({one}, {two})", surface.gradient_name());
    let dot = Outline::Circle { centre: from, radius: 3.5 };
    if length < 1e-9 || !length.is_finite() {
        picture.shape(dot, Some(Paint::Ink.into()), Some(Stroke::new(Paint::Ground, 1.5)));
        return draw_label(picture, frame, from, label, true);
    }
    let drawn = length.max(50.0);
    let end = Point::new(from.x + across / length * drawn, from.y + up / length * drawn);
    let Some((_, tip)) = frame.clip(from, end) else { return };
    let (ux, uy) = (across / length, up / length);
    let back = |along: f64, aside: f64| {
        Point::new(tip.x - ux * along - uy * aside, tip.y - uy * along + ux * aside)
    };
    let head = Outline::around(&[tip, back(15.0, 6.0), back(11.0, 0.0), back(15.0, -6.0)]);
    let shaft = [from, back(11.0, 0.0)];
    picture.line(&shaft, Stroke::new(Paint::Ground, 6.0));
    picture.shape(head.clone(), None, Some(Stroke::new(Paint::Ground, 4.0)));
    picture.shape(dot, Some(Paint::Ink.into()), Some(Stroke::new(Paint::Ground, 1.5)));
    picture.line(&shaft, Stroke::new(Paint::Ink, 2.6));
    picture.shape(head, Some(Paint::Ink.into()), None);
    // The label keeps off the shaft: it goes below the arrow's foot, or above where the arrow points down.
    draw_label(picture, frame, from, label, up < 0.0);
}
