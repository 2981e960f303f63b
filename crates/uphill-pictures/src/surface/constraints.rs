//! What a problem allows, laid on a surface: shade where a constraint doesn't hold, a border around it, lines on which
//! equations hold, and a mark at the optimum.

use super::Surface;
use super::isolines::{self, Grid, Place};
use crate::chart::{Frame, NAME_SIZE, first_fitting};
use crate::number::short;
use crate::scene::{Ink, Outline, Picture, Point, Step, Stroke};
use crate::theme::Paint;

/// How much of the ground's colour lies on what is forbidden.
const VEIL: f64 = 0.62;
/// By how much the light is less on what is forbidden.
pub(super) const SHADE: f64 = 0.5;
/// More than any constraint misses its limit by.
const FARTHEST: f64 = 1e300;

/// Constraints on the grid of a surface.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Constraints {
    /// For each inequality that fails somewhere by how much it does, negative where it holds.
    pub(super) misses: Vec<Vec<f64>>,
    /// For each equation how far its value is from what it should be.
    pub(super) equations: Vec<Vec<f64>>,
    /// The place of the optimum, and P there.
    pub(super) optimum: Option<[f64; 3]>,
}

impl Constraints {
    /// Adds an inequality by how far it is from failing at each value of the grid.
    pub(super) fn inequality(&mut self, slack: &[f64]) {
        let miss = |slack: &f64| match slack.is_nan() {
            true => FARTHEST,
            false => (-slack).clamp(-FARTHEST, FARTHEST),
        };
        let misses: Vec<f64> = slack.iter().map(miss).collect();
        if misses.iter().any(|miss| *miss > 0.0) {
            self.misses.push(misses);
        }
    }

    /// Whether all inequalities hold at a value of the grid.
    pub(super) fn allow(&self, value: usize) -> bool {
        self.misses.iter().all(|misses| misses[value] <= 0.0)
    }

    /// What the shade and the lines mean, below the picture.
    pub(super) fn note(&self) -> Option<String> {
        let shade = "shaded: where constraints don't hold";
        let line = "lines: where equations hold";
        match (self.misses.is_empty(), self.equations.is_empty()) {
            (true, true) => None,
            (false, true) => Some(format!("S{}.", &shade[1..])),
            (true, false) => Some(format!("L{}.", &line[1..])),
            (false, false) => Some(format!("S{}; {line}.", &shade[1..])),
        }
    }

    /// The optimum in a sentence.
    pub(super) fn told(&self, surface: &Surface) -> Option<String> {
        let [x, y, value] = self.optimum?.map(short);
        let [x_name, y_name, name] = surface.names();
        Some(format!("The optimum, {name} = {value}, is at {x_name} = {x} and {y_name} = {y}."))
    }
}

/// The lines on which equations hold.
pub(super) fn lines(surface: &Surface) -> Vec<Vec<Place>> {
    let zero = |values: &Vec<f64>| {
        let grid = Grid { columns: surface.columns, values };
        isolines::contours(&isolines::outlines(grid, 0.0))
    };
    surface.constraints.equations.iter().flat_map(zero).collect()
}

/// Shade, borders and lines from above; `point` says where a place of the grid is in the picture.
pub(super) fn draw(picture: &mut Picture, surface: &Surface, point: impl Fn(&Place) -> Point) {
    let (mut shade, mut borders) = (Vec::new(), Vec::new());
    let path = |places: &[Place], close: bool, to: &mut Vec<Step>| {
        let points = isolines::straightened(places.iter().map(&point));
        let outline = if close { Outline::around(&points) } else { Outline::through(&points) };
        if let Outline::Path(steps) = outline {
            to.extend(steps);
        }
    };
    for misses in &surface.constraints.misses {
        let grid = Grid { columns: surface.columns, values: misses };
        let outlines = isolines::outlines(grid, 0.0);
        // All outlines turn the same way, so that what several constraints forbid is filled once.
        outlines.iter().for_each(|outline| path(outline, true, &mut shade));
        let contours = isolines::contours(&outlines);
        contours.iter().for_each(|border| path(border, false, &mut borders));
    }
    if !shade.is_empty() {
        let ink = Ink { paint: Paint::Ground, opacity: VEIL };
        picture.shape(Outline::Path(shade), Some(ink), None);
        let stroke = Stroke::new(Paint::Ink, 1.3).opacity(0.75);
        picture.shape(Outline::Path(borders), None, Some(stroke));
    }
    let mut equations = Vec::new();
    lines(surface).iter().for_each(|line| path(line, false, &mut equations));
    if !equations.is_empty() {
        for stroke in [Stroke::new(Paint::White, 4.5), Stroke::new(Paint::Second, 2.4)] {
            picture.shape(Outline::Path(equations.clone()), None, Some(stroke));
        }
    }
}

/// The mark at the optimum, and its label, which fits into so much room.
pub(super) fn draw_mark(picture: &mut Picture, at: Point, paint: Paint) {
    let ring = Outline::Circle { centre: at, radius: 6.0 };
    picture.shape(ring.clone(), None, Some(Stroke::new(Paint::White, 5.0)));
    picture.shape(ring, Some(paint.into()), Some(Stroke::new(Paint::Black, 2.2)));
    let dot = Outline::Circle { centre: at, radius: 2.0 };
    picture.shape(dot, Some(Paint::Black.into()), None);
}

/// What stands beside the mark.
pub(super) fn label(surface: &Surface, value: f64, room: f64) -> String {
    let told = [
        format!("optimum: {} = {}", surface.names()[2], short(value)),
        format!("optimum: {}", short(value)),
    ];
    first_fitting(told, NAME_SIZE, room)
}

/// Whether the optimum is in a frame.
pub(super) fn in_frame(surface: &Surface, frame: &Frame) -> Option<(Point, f64)> {
    let [x, y, value] = surface.constraints.optimum?;
    let point = frame.point(x, y);
    frame.holds(point).then_some((point, value))
}
