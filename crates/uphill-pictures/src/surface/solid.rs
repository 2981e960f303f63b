//! The surface from the side: faces from the farthest to the nearest, between walls with round numbers.
//!
//! The box has sides from −1 to 1 and is seen from above at 30 degrees, without perspective. The path is cut into pieces
//! that are drawn with the face they lie on, so that hills hide what is behind them; a faint line shows the rest.

use uphill_graph::Scalar;

use super::bar::{self, Bar};
use super::constraints::{self, SHADE};
use super::{Drawing, LONGEST_PATH, Surface, thinned};
use crate::axis::{Axis, Scale};
use crate::chart::{
    NAME_SIZE, TICK_SIZE, axis_names, draw_notes, draw_title, first_fitting, note_lines,
    notes_height,
};
use crate::font;
use crate::number::short;
use crate::scene::{Anchor, Item, Outline, Picture, Point, Stroke, Text};
use crate::theme::Paint;

/// The most faces along a side.
const FACES: usize = 42;
/// Half of the box's height.
const TALL: f64 = 0.72;

pub(super) fn draw(surface: &Surface) -> Drawing {
    let mut picture = Picture::new(surface.size[0], surface.size[1], surface.full_title());
    picture.description = surface.description();
    draw_title(&mut picture, 24.0);
    let lines = note_lines(&surface.all_notes(), surface.size[0]);
    draw_notes(&mut picture, &lines);
    let Some(solid) = Solid::new(surface, notes_height(&lines)) else {
        return Drawing { picture, path: vec![None; surface.path.len()] };
    };
    solid.draw_walls(&mut picture);
    solid.draw_faces(&mut picture);
    solid.draw_faint_path(&mut picture);
    solid.draw_optimum(&mut picture);
    let height = (surface.size[1] - 130.0 - notes_height(&lines)).clamp(100.0, 420.0);
    let left = surface.size[0] - bar::width(surface) - 4.0;
    Bar { left, top: 66.0, height }.draw(&mut picture, surface, true);
    let path = surface.path.iter().map(|point| solid.on_path(point)).collect();
    Drawing { picture, path }
}

struct Solid<'s> {
    surface: &'s Surface,
    height: Scale,
    camera: Camera,
    /// The columns and rows of the surface's grid that are drawn.
    columns: Vec<usize>,
    rows: Vec<usize>,
}

/// Where a place in the box is in the picture.
#[derive(Debug, Clone, Copy)]
struct Camera {
    cosine: f64,
    sine: f64,
    scale: f64,
    shift: Point,
}

impl Camera {
    /// For a surface with so much room for notes below it.
    fn new(surface: &Surface, below: f64) -> Camera {
        let [width, height] = surface.size;
        let angle = surface.azimuth / 180.0 * std::f64::consts::PI;
        let (cosine, sine) = (<f64 as Scalar>::cos(angle), <f64 as Scalar>::sin(angle));
        let mut camera = Camera { cosine, sine, scale: 1.0, shift: Point::default() };
        let corners = [-1.0, 1.0].map(|x| [-1.0, 1.0].map(|y| [-TALL, TALL].map(|z| [x, y, z])));
        let corners: Vec<Point> =
            corners.as_flattened().as_flattened().iter().map(|p| camera.point(*p)).collect();
        let low = |part: fn(&Point) -> f64| corners.iter().map(part).fold(f64::INFINITY, f64::min);
        let high =
            |part: fn(&Point) -> f64| corners.iter().map(part).fold(f64::NEG_INFINITY, f64::max);
        let (left, right) = (low(|p| p.x), high(|p| p.x));
        let (top, bottom) = (low(|p| p.y), high(|p| p.y));
        let narrow = width < 600.0;
        let (room_left, room_right) = if narrow { (66.0, 8.0) } else { (110.0, 40.0) };
        let room_right = room_right + bar::width(surface);
        let (room_top, room_bottom) = (52.0, 66.0 + below);
        let (width, height) = (width - room_left - room_right, height - room_top - room_bottom);
        camera.scale = (width / (right - left)).min(height / (bottom - top));
        let middle = Point::new((left + right) / 2.0, (top + bottom) / 2.0);
        camera.shift = Point::new(
            room_left + width / 2.0 - camera.scale * middle.x,
            room_top + height / 2.0 - camera.scale * middle.y,
        );
        camera
    }

    fn point(&self, [x, y, z]: [f64; 3]) -> Point {
        // From above at 30 degrees: sine ½, cosine ½√3.
        const STEEP: f64 = 0.866_025_403_784_438_6;
        let across = -self.sine * x + self.cosine * y;
        let away = self.cosine * x + self.sine * y;
        let up = STEEP * z - 0.5 * away;
        Point::new(self.shift.x + self.scale * across, self.shift.y - self.scale * up)
    }

    /// The sides of the box that are near: −1 or 1 along x and y.
    fn near(&self) -> (f64, f64) {
        let side = |part: f64| if part >= 0.0 { 1.0 } else { -1.0 };
        (side(self.cosine), side(self.sine))
    }
}

impl Solid<'_> {
    fn new(surface: &Surface, below: f64) -> Option<Solid<'_>> {
        let (low, high) = surface.levels.extremes();
        let bounds = surface.levels.bounds();
        let height = if bounds.len() > 1 {
            Axis::new("", low.min(bounds[0]), high.max(bounds[bounds.len() - 1]))
        } else {
            Axis::around("", &[low])
        };
        let faces = if surface.size[0] < 600.0 { FACES * 5 / 8 } else { FACES };
        let chosen = |count: usize| thinned(count, faces + 1).collect::<Vec<usize>>();
        Some(Solid {
            surface,
            height: height.ok()?.scale(),
            camera: Camera::new(surface, below),
            columns: chosen(surface.columns),
            rows: chosen(surface.rows()),
        })
    }

    fn up(&self, value: f64) -> f64 {
        (2.0 * self.height.place(value) - 1.0).clamp(-1.0, 1.0) * TALL
    }

    /// The place in the box of a drawn column and row.
    fn corner(&self, column: usize, row: usize) -> Option<[f64; 3]> {
        let (column, row) = (self.columns[column], self.rows[row]);
        let value = self.surface.value(column, row);
        let along = |k: usize, count: usize| 2.0 * k as f64 / (count as f64 - 1.0) - 1.0;
        let (x, y) = (along(column, self.surface.columns), along(row, self.surface.rows()));
        value.is_finite().then(|| [x, y, self.up(value)])
    }

    /// Where a point of the path is in the box; none outside.
    fn in_box(&self, [x, y, value]: &[f64; 3]) -> Option<[f64; 3]> {
        let place = |axis: &Axis, at: f64| 2.0 * axis.scale().place(at) - 1.0;
        let (x, y) = (place(&self.surface.x, *x), place(&self.surface.y, *y));
        (x.abs() <= 1.0 + 1e-9 && y.abs() <= 1.0 + 1e-9).then(|| [x, y, self.up(*value)])
    }

    /// The points of the path that are drawn.
    fn shown_path(&self) -> Vec<[f64; 3]> {
        let path = &self.surface.path;
        thinned(path.len(), LONGEST_PATH).map(|k| path[k]).collect()
    }

    fn on_path(&self, point: &[f64; 3]) -> Option<Point> {
        self.in_box(point).map(|place| self.camera.point(place))
    }

    fn draw_walls(&self, picture: &mut Picture) {
        let (near_x, near_y) = self.camera.near();
        let surface = self.surface;
        let grid = Stroke::new(Paint::Faint, 1.0);
        let line = |picture: &mut Picture, from: [f64; 3], to: [f64; 3], stroke: Stroke| {
            picture.line(&[self.camera.point(from), self.camera.point(to)], stroke);
        };
        let place = |scale: Scale, at: f64| 2.0 * scale.place(at) - 1.0;
        let (x_scale, y_scale) = (surface.x.scale(), surface.y.scale());
        let centre = self.camera.point([0.0, 0.0, -TALL]);
        // As many numbers as have room along an edge.
        let about = |from: [f64; 3], to: [f64; 3], each: f64, most: usize| {
            let length = self.camera.point(from).distance(self.camera.point(to));
            ((length / each) as usize).clamp(2, most)
        };
        let x_about = about([-1.0, near_y, -TALL], [1.0, near_y, -TALL], 34.0, 5);
        let y_about = about([near_x, -1.0, -TALL], [near_x, 1.0, -TALL], 34.0, 5);
        let z_about = about([near_x, near_y, -TALL], [near_x, near_y, TALL], 27.0, 6);
        let x_ticks: Vec<(f64, String)> =
            x_scale.ticks(x_about).into_iter().map(|t| (place(x_scale, t.at), t.label)).collect();
        let y_ticks: Vec<(f64, String)> =
            y_scale.ticks(y_about).into_iter().map(|t| (place(y_scale, t.at), t.label)).collect();
        let z_ticks: Vec<(f64, String)> =
            self.height.ticks(z_about).into_iter().map(|t| (self.up(t.at), t.label)).collect();
        for &(x, _) in &x_ticks {
            line(picture, [x, -1.0, -TALL], [x, 1.0, -TALL], grid);
            line(picture, [x, -near_y, -TALL], [x, -near_y, TALL], grid);
        }
        for &(y, _) in &y_ticks {
            line(picture, [-1.0, y, -TALL], [1.0, y, -TALL], grid);
            line(picture, [-near_x, y, -TALL], [-near_x, y, TALL], grid);
        }
        for &(z, _) in &z_ticks {
            line(picture, [-1.0, -near_y, z], [1.0, -near_y, z], grid);
            line(picture, [-near_x, -1.0, z], [-near_x, 1.0, z], grid);
        }
        // The two edges of the floor in front, and the upright edge at the left.
        let edge = Stroke::new(Paint::Muted, 1.0);
        let sides = [(near_x, -near_y), (-near_x, near_y)];
        let at = |(x, y): (f64, f64)| self.camera.point([x, y, -TALL]).x;
        let left = if at(sides[0]) < at(sides[1]) { sides[0] } else { sides[1] };
        line(picture, [-1.0, near_y, -TALL], [1.0, near_y, -TALL], edge);
        line(picture, [near_x, -1.0, -TALL], [near_x, 1.0, -TALL], edge);
        line(picture, [left.0, left.1, -TALL], [left.0, left.1, TALL], edge);
        let x_edge = x_ticks.into_iter().map(|(x, label)| ([x, near_y, -TALL], label));
        let y_edge = y_ticks.into_iter().map(|(y, label)| ([near_x, y, -TALL], label));
        // Where the upright edge stands on an edge of the floor, it has the corner for its own numbers.
        let foot = self.camera.point([left.0, left.1, -TALL]);
        let free =
            |(place, _): &([f64; 3], String)| self.camera.point(*place).distance(foot) > 14.0;
        let (x_edge, y_edge) = (x_edge.filter(free).collect(), y_edge.filter(free).collect());
        let room = (0.4 * surface.size[0]).max(150.0);
        let [x_name, y_name] = axis_names([surface.x.name(), surface.y.name()], [room; 2]);
        let sides =
            [(x_edge, [0.0, near_y, -TALL], x_name), (y_edge, [near_x, 0.0, -TALL], y_name)];
        // Numbers first, so that names keep clear of both.
        let edges = sides
            .map(|(ticks, middle, name)| (draw_edge(picture, self, ticks, middle, centre), name));
        for (edge, name) in edges {
            draw_edge_name(picture, self, edge, name);
        }
        let mut widest = 0.0_f64;
        for (z, label) in z_ticks {
            let at = self.camera.point([left.0, left.1, z]);
            picture.line(&[at, Point::new(at.x - 5.0, at.y)], edge);
            widest = widest.max(font::width(&label, TICK_SIZE));
            let text = Text::new(at.x - 9.0, at.y + 4.5, TICK_SIZE, label).anchor(Anchor::End);
            picture.text(text.paint(Paint::Muted));
        }
        let at = self.camera.point([left.0, left.1, 0.0]);
        let name = font::fitted(&surface.name, NAME_SIZE, 300.0);
        let x = (at.x - 9.0 - widest - 12.0).max(NAME_SIZE);
        picture.text(Text::new(x, at.y, NAME_SIZE, name).anchor(Anchor::Middle).turned());
    }

    /// Faces and the pieces of the path on them, from the farthest to the nearest.
    fn draw_faces(&self, picture: &mut Picture) {
        let mesh = Stroke::new(Paint::Black, 0.4).opacity(0.35);
        let mut pieces = self.pieces();
        let (near_x, near_y) = self.camera.near();
        let order = |count: usize, near: f64| -> Vec<usize> {
            if near > 0.0 { (0..count).collect() } else { (0..count).rev().collect() }
        };
        let mut faces = Vec::new();
        for column in order(self.columns.len() - 1, near_x) {
            for row in order(self.rows.len() - 1, near_y) {
                faces.extend(self.face(column, row));
                let face = column * (self.rows.len() - 1) + row;
                if let Some(lines) = pieces.remove(&face) {
                    picture
                        .items
                        .push(Item::Mesh { faces: std::mem::take(&mut faces), stroke: mesh });
                    for line in &lines {
                        picture.line(line, Stroke::new(Paint::White, 4.2));
                    }
                    for line in &lines {
                        picture.line(line, Stroke::new(Paint::Trail, 2.4));
                    }
                }
            }
        }
        picture.items.push(Item::Mesh { faces, stroke: mesh });
    }

    fn face(&self, column: usize, row: usize) -> Option<(Vec<Point>, Paint)> {
        let corners = [
            self.corner(column, row)?,
            self.corner(column + 1, row)?,
            self.corner(column + 1, row + 1)?,
            self.corner(column, row + 1)?,
        ];
        let indices = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)];
        let values = indices.map(|(c, r)| self.surface.value(self.columns[c], self.rows[r]));
        let place = values.iter().map(|&value| self.surface.levels.place(value)).sum::<f64>() / 4.0;
        // The light comes from the upper left.
        let difference = |a: [f64; 3], b: [f64; 3]| [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
        let (u, v) = (difference(corners[0], corners[2]), difference(corners[1], corners[3]));
        let normal =
            [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
        let length = normal.iter().map(|part| part * part).sum::<f64>().sqrt().max(1e-12);
        let camera = self.camera;
        let light = [
            camera.cosine * 0.4 + camera.sine * 0.5,
            camera.sine * 0.4 - camera.cosine * 0.5,
            0.77,
        ];
        let bright: f64 = normal.iter().zip(light).map(|(n, l)| n / length * l).sum();
        let is_allowed = indices.iter().all(|&(column, row)| {
            let value = self.rows[row] * self.surface.columns + self.columns[column];
            self.surface.constraints.allow(value)
        });
        let shade = if is_allowed { 1.0 } else { SHADE };
        let paint = Paint::Shaded(place, shade * (0.78 + 0.22 * bright.clamp(-1.0, 1.0)));
        Some((corners.map(|corner| self.camera.point(corner)).to_vec(), paint))
    }

    /// The pieces of the path, by the face on which they lie.
    fn pieces(&self) -> std::collections::BTreeMap<usize, Vec<Vec<Point>>> {
        let mut pieces = std::collections::BTreeMap::<usize, Vec<Vec<Point>>>::new();
        let cell = |at: f64, count: usize| {
            let place = (at + 1.0) / 2.0 * (count - 1) as f64;
            (place.max(0.0) as usize).min(count - 2)
        };
        for pair in self.shown_path().windows(2) {
            let (Some(from), Some(to)) = (self.in_box(&pair[0]), self.in_box(&pair[1])) else {
                continue;
            };
            let far = (to[0] - from[0]).abs().max((to[1] - from[1]).abs());
            let count = ((far * FACES as f64).ceil() as usize).clamp(1, 4 * FACES);
            let at = |k: usize| {
                let part = k as f64 / count as f64;
                std::array::from_fn(|i| from[i] + part * (to[i] - from[i]))
            };
            for k in 0..count {
                let (start, end): ([f64; 3], [f64; 3]) = (at(k), at(k + 1));
                let column = cell((start[0] + end[0]) / 2.0, self.columns.len());
                let row = cell((start[1] + end[1]) / 2.0, self.rows.len());
                let (start, end) = (self.camera.point(start), self.camera.point(end));
                let lines = pieces.entry(column * (self.rows.len() - 1) + row).or_default();
                match lines.last_mut() {
                    Some(line) if line.last() == Some(&start) => line.push(end),
                    _ => lines.push(vec![start, end]),
                }
            }
        }
        pieces
    }

    /// The lines on which equations hold, through hills that are before them, and the optimum.
    fn draw_optimum(&self, picture: &mut Picture) {
        let surface = self.surface;
        let [columns, rows] = [surface.columns, surface.rows()].map(|count| count as f64 - 1.0);
        for line in constraints::lines(surface) {
            let place = |place: &super::isolines::Place| {
                let value = surface.between(place.column, place.row);
                let (x, y) = (2.0 * place.column / columns - 1.0, 2.0 * place.row / rows - 1.0);
                value.is_finite().then(|| self.camera.point([x, y, self.up(value)]))
            };
            let points: Vec<Option<Point>> = line.iter().map(place).collect();
            for part in points.split(Option::is_none).filter(|part| part.len() > 1) {
                let part: Vec<Point> = part.iter().copied().flatten().collect();
                picture.line(&part, Stroke::new(Paint::White, 3.6));
                picture.line(&part, Stroke::new(Paint::Second, 2.0));
            }
        }
        let Some(place) = surface.constraints.optimum else { return };
        let Some(at) = self.on_path(&place) else { return };
        constraints::draw_mark(picture, at, Paint::Trail);
        let right = surface.size[0] - bar::width(surface) - 12.0;
        let label = constraints::label(surface, place[2], 0.55 * right);
        let half = font::width(&label, NAME_SIZE) / 2.0 + 6.0;
        let x = at.x.clamp(half.min(right / 2.0), (right - half).max(right / 2.0));
        picture.label(x, at.y - 14.0, NAME_SIZE, label);
    }

    fn draw_faint_path(&self, picture: &mut Picture) {
        let points: Vec<Option<Point>> =
            self.shown_path().iter().map(|point| self.on_path(point)).collect();
        for part in points.split(Option::is_none).filter(|part| part.len() > 1) {
            let part: Vec<Point> = part.iter().copied().flatten().collect();
            picture.line(&part, Stroke::new(Paint::Trail, 1.6).opacity(0.45).dashed(3.0, 4.0));
        }
        let ends = [(points.first(), "start"), (points.last(), "end")];
        let values = self.surface.told_ends();
        let width = self.surface.size[0];
        let heights = ends.map(|(point, _)| point.copied().flatten().map_or(0.0, |p| p.y));
        for (k, ((point, word), value)) in ends.into_iter().zip(values).enumerate() {
            let Some(&Some(point)) = point else { continue };
            let paint = if word == "end" { Paint::Trail } else { Paint::White };
            let ring = Outline::Circle { centre: point, radius: 5.0 };
            picture.shape(ring.clone(), None, Some(Stroke::new(Paint::White, 4.5)));
            picture.shape(ring, Some(paint.into()), Some(Stroke::new(Paint::Trail, 2.2)));
            let right = width - bar::width(self.surface) - 12.0;
            let told = [
                format!("{word}: {} = {}", self.surface.name, short(value)),
                format!("{word}: {}", short(value)),
            ];
            let label = first_fitting(told, NAME_SIZE, 0.55 * right);
            let half = font::width(&label, NAME_SIZE) / 2.0 + 6.0;
            let x = point.x.clamp(half.min(right / 2.0), (right - half).max(right / 2.0));
            let lower = heights[k] > heights[1 - k];
            let y = if lower { point.y + 24.0 } else { point.y - 13.0 };
            picture.label(x, y, NAME_SIZE, label);
        }
    }
}

/// Where the name of an edge would best stand.
struct EdgeName {
    middle: Point,
    /// Away from the floor.
    out: Point,
    /// The widest number, and the lowest one.
    widest: f64,
    lowest: f64,
}

/// The numbers along an edge of the floor, on the outer side.
fn draw_edge(
    picture: &mut Picture,
    solid: &Solid<'_>,
    ticks: Vec<([f64; 3], String)>,
    middle: [f64; 3],
    centre: Point,
) -> EdgeName {
    let middle = solid.camera.point(middle);
    let length = middle.distance(centre).max(1e-9);
    let out = Point::new((middle.x - centre.x) / length, (middle.y - centre.y) / length);
    let moved = |from: Point, by: f64| Point::new(from.x + out.x * by, from.y + out.y * by);
    let (mut widest, mut lowest) = (0.0_f64, 0.0_f64);
    for (place, label) in ticks {
        let from = solid.camera.point(place);
        picture.line(&[from, moved(from, 6.0)], Stroke::new(Paint::Muted, 1.0));
        let at = moved(from, 18.0);
        lowest = lowest.max(at.y + 4.5);
        widest = widest.max(font::width(&label, TICK_SIZE));
        let shift = out.x * font::width(&label, TICK_SIZE) * 0.35;
        let text = Text::new(at.x + shift, at.y + 4.5, TICK_SIZE, label).anchor(Anchor::Middle);
        picture.text(text.paint(Paint::Muted));
    }
    EdgeName { middle, out, widest, lowest }
}

/// The name of an edge, beyond its numbers and clear of all others.
fn draw_edge_name(picture: &mut Picture, solid: &Solid<'_>, edge: EdgeName, name: String) {
    let EdgeName { middle, out, widest, lowest } = edge;
    let half = font::width(&name, NAME_SIZE) / 2.0 + 4.0;
    let by = 38.0 + out.x.abs() * (widest / 2.0 + half);
    let at = Point::new(middle.x + out.x * by, middle.y + out.y * by);
    let [width, height] = solid.surface.size;
    let right = (width - bar::width(solid.surface) - 8.0).max(2.0 * half);
    let x = at.x.clamp(half, right - half);
    // Where a long name has no room beside the numbers, it goes below them.
    let y = if (x - at.x).abs() > 6.0 { (at.y + 4.5).max(lowest + 30.0) } else { at.y + 4.5 };
    let text = |y: f64| Text::new(x, y.min(height - 8.0), NAME_SIZE, &*name).anchor(Anchor::Middle);
    let taken: Vec<[f64; 4]> = picture.items.iter().filter_map(text_area).collect();
    let is_free = |text: &Text| {
        let [left, top, right, bottom] = font::area(text);
        taken.iter().all(|other| {
            right + 14.0 < other[0] || other[2] + 14.0 < left || bottom < other[1] || other[3] < top
        })
    };
    let lower = (0..6).map(|k| text(y + 6.0 * f64::from(k)));
    let free = lower.clone().find(is_free).unwrap_or_else(|| text(y));
    picture.text(free);
}

/// What a text of a picture takes.
fn text_area(item: &Item) -> Option<[f64; 4]> {
    match item {
        Item::Text(text) if !text.turned => Some(font::area(text)),
        _ => None,
    }
}
