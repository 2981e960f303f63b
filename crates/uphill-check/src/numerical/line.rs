//! The slope of every output along one line through the point: an axis or any direction.
//!
//! Steps start large and shrink until no output's answer gets better. A step too large for the function (it overflows,
//! leaves the domain, crosses a switch, or skips over oscillations) is passed over, so no scale need be known.

use std::cmp::Ordering;

use super::extrapolate::{Limit, SHRINK};
use super::track::{Choice, Quotients, Track};
use super::{Error, Estimate, Kink, Subject};

/// So many steps lead from a large one to below the last bit.
const STEPS: usize = 80;

/// Which way to go from the point.
#[derive(Debug, Clone, Copy)]
pub(super) enum Direction<'a> {
    /// Along the axis of one input.
    Axis(usize),
    /// Along a vector.
    Along(&'a [f64]),
}

impl Direction<'_> {
    /// The point at a distance, and the distance that rounding left of it.
    pub(super) fn point(self, x: &[f64], distance: f64) -> (Vec<f64>, f64) {
        let mut point = x.to_vec();
        match self {
            Direction::Axis(position) => {
                point[position] += distance;
                let left = point[position] - x[position];
                (point, left)
            }
            Direction::Along(direction) => {
                for (coordinate, part) in point.iter_mut().zip(direction) {
                    *coordinate += distance * part;
                }
                (point, distance)
            }
        }
    }

    /// The first step, a given part of the size of things.
    pub(super) fn first_step(self, x: &[f64], part: f64) -> f64 {
        let size = match self {
            Direction::Axis(position) => x[position].abs().max(1.0),
            Direction::Along(direction) => {
                let largest = |list: &[f64]| list.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
                largest(x).max(1.0) / largest(direction)
            }
        };
        part * size
    }

    /// How much the rounding of a point can move it along a direction, for a unit of distance.
    fn blur(self, x: &[f64]) -> f64 {
        match self {
            Direction::Axis(_) => 0.0,
            Direction::Along(_) => x.iter().fold(0.0_f64, |a, b| a.max(b.abs())) * f64::EPSILON,
        }
    }
}

/// What the subject gives at the point itself, wanted for every line through it.
pub(super) struct Centre<'a> {
    pub(super) x: &'a [f64],
    pub(super) values: Vec<f64>,
    pub(super) switches: Vec<Ordering>,
}

impl<'a> Centre<'a> {
    pub(super) fn new<S: Subject + ?Sized>(subject: &S, x: &'a [f64]) -> Result<Self, Error> {
        Ok(Centre { x, values: subject.values(x)?, switches: subject.switches(x) })
    }

    /// The outputs at another point, as many as here.
    pub(super) fn others<S: Subject + ?Sized>(
        &self,
        subject: &S,
        point: &[f64],
    ) -> Result<Vec<f64>, Error> {
        let values = subject.values(point)?;
        let (expected, got) = (self.values.len(), values.len());
        if expected == got {
            return Ok(values);
        }
        let what = "the outputs at a point close by".to_owned();
        Err(Error::WrongLength { what, expected, got })
    }

    /// The first switch that one of the points is on another side of, and whether one of them is really crossed: the
    /// centre is not on it.
    pub(super) fn switched<S: Subject + ?Sized>(
        &self,
        subject: &S,
        points: &[&[f64]],
    ) -> (Option<usize>, bool) {
        if self.switches.is_empty() {
            return (None, false);
        }
        let (mut first, mut crossed) = (None, false);
        for point in points {
            let there = subject.switches(point);
            for (position, (here, there)) in self.switches.iter().zip(there).enumerate() {
                if *here != there {
                    let crossing = *here != Ordering::Equal;
                    if first.is_none() || (crossing && !crossed) {
                        first = Some(position);
                    }
                    crossed |= crossing;
                }
            }
        }
        (first, crossed)
    }
}

/// The slope of each output at the centre, by differences.
pub(super) fn slopes<S: Subject + ?Sized>(
    subject: &S,
    centre: &Centre<'_>,
    direction: Direction<'_>,
    first_step: f64,
) -> Result<Vec<Estimate>, Error> {
    let x = centre.x;
    let mut tracks = vec![Track::slope(); centre.values.len()];
    let mut jumps = vec![Jump::default(); centre.values.len()];
    let mut step = direction.first_step(x, first_step);
    for _ in 0..STEPS {
        let (above, up) = direction.point(x, step);
        let (below, down) = direction.point(x, -step);
        if above == x || below == x {
            break;
        }
        let (switch, crosses) = centre.switched(subject, &[&above, &below]);
        let (high, low) = (centre.others(subject, &above)?, centre.others(subject, &below)?);
        for (output, (track, jump)) in tracks.iter_mut().zip(&mut jumps).enumerate() {
            let (high, low, middle) = (high[output], low[output], centre.values[output]);
            let changes = [middle - low, high - middle];
            let change = changes[0].abs().max(changes[1].abs());
            let scale = change / step;
            let size = high.abs().max(low.abs()).max(middle.abs());
            jump.push(changes, size);
            track.push(Quotients {
                step,
                central: (high - low) / (up - down),
                guards: [changes[0] / -down, changes[1] / up],
                noise: (f64::EPSILON * size + direction.blur(x) * scale) / step,
                change,
                scale,
                crosses,
                switch,
            });
        }
        if tracks.iter().all(Track::is_done) {
            break;
        }
        step /= SHRINK;
    }
    let outputs = tracks.iter().zip(&jumps).zip(&centre.values);
    Ok(outputs.map(|((track, jump), value)| answer(subject, track, jump, *value)).collect())
}

fn answer<S: Subject + ?Sized>(subject: &S, track: &Track, jump: &Jump, value: f64) -> Estimate {
    let name = |row: &Quotients| row.switch.map(|switch| subject.switch_name(switch));
    let estimate = |limit: Limit, row: Quotients| Estimate {
        value: limit.value,
        error: limit.error,
        step: row.step,
        span: track.span(),
        switch: name(&row),
        ..Estimate::none()
    };
    let two = |[left, right]: [f64; 2], error: f64, row: Quotients| Estimate {
        kink: Some(Kink { left, right }),
        ..estimate(Limit { value: 0.5 * left + 0.5 * right, error }, row)
    };
    match track.choice() {
        _ if !value.is_finite() => Estimate::none(),
        Some(Choice::Smooth { limit, row }) => {
            let mut estimate = estimate(limit, row);
            // A switch that was only stepped across has no part in this.
            estimate.switch.take_if(|_| row.crosses);
            estimate
        }
        Some(Choice::Kink { sides, error, row }) => two(sides, error, row),
        Some(Choice::Wild { limit, row }) => match jump.slopes() {
            Some(sides) => two(sides, 0.0, row),
            None => estimate(limit, row),
        },
        None => Estimate::none(),
    }
}

/// Watches whether the function still changes by as much when the step has become a thousandth.
#[derive(Debug, Clone, Default)]
struct Jump {
    changes: Vec<[f64; 2]>,
    size: f64,
}

impl Jump {
    /// A thousandth, in steps.
    const MANY: usize = 12;

    fn push(&mut self, changes: [f64; 2], size: f64) {
        self.changes.push(changes);
        self.size = size;
    }

    /// The slopes of both sides, infinite where the function jumps and 0 where it stays; none if it jumps nowhere.
    fn slopes(&self) -> Option<[f64; 2]> {
        let last = self.changes.last()?;
        let before = self.changes.get(self.changes.len().checked_sub(Jump::MANY)?)?;
        let jumps = |side: usize| {
            last[side].abs() > 0.9 * before[side].abs()
                && last[side].abs() < 1.1 * before[side].abs()
                && last[side].abs() > 1e3 * f64::EPSILON * self.size
        };
        let slope = |side: usize| if jumps(side) { last[side] * f64::INFINITY } else { 0.0 };
        (jumps(0) || jumps(1)).then(|| [slope(0), slope(1)])
    }
}
