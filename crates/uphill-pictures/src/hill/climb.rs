//! The way uphill from a point: change = rate · gradient, until it has gone its steps or leads nowhere.
//!
//! A climb that leaves the picture, runs away or falls from step to step would fill the picture with nothing; it is
//! stopped, and its end says so.

use super::ground::{AROUND, Ground};
use crate::error::Error;
use crate::number::rounded;

/// A climb without a given range may go so many times as far as the picture is wide without one.
const FAR: f64 = 10.0;
/// How many steps in a row P may fall.
const FALLS: usize = 3;
/// How many steps are made to find the summit beyond a climb's end.
const SEARCH: usize = 80;

/// A way uphill.
pub(super) struct Climb {
    /// Both numbers and P after each step.
    pub(super) path: Vec<[f64; 3]>,
    /// The summit that the climb would reach, if it is near.
    pub(super) summit: Option<[f64; 2]>,
    /// Where and why it was stopped before its last step: `after 3 steps: …`.
    pub(super) stopped: Option<String>,
}

impl Climb {
    /// Climbs so many steps from a point.
    ///
    /// # Errors
    ///
    /// [`Error::Climb`] for a rate that is not finite, or a start where P is not.
    pub(super) fn new(
        ground: &Ground<'_>,
        start: [f64; 2],
        rate: f64,
        steps: usize,
    ) -> Result<Climb, Error> {
        if !rate.is_finite() {
            return Err(Error::Climb { what: format!("the rate is {rate}; give a finite number") });
        }
        let value = ground.value(start)?;
        if !value.is_finite() {
            let what = format!("{} is {value} at its start; choose another one", ground.name);
            return Err(Error::Climb { what });
        }
        let rate = rate * ground.rows;
        let (mut path, mut stopped) = (vec![[start[0], start[1], value]], None);
        for step in 0..steps {
            let [x, y, _] = path[path.len() - 1];
            let [by_x, by_y] = ground.slopes([x, y])?;
            let (x, y) = (x + rate * by_x, y + rate * by_y);
            let point = [x, y, ground.value([x, y])?];
            let after = steps_told(step);
            if point.iter().any(|number| !number.is_finite()) {
                stopped = Some(format!("after {after}: the next one leaves the finite numbers"));
                break;
            }
            path.push(point);
            let now = steps_told(step + 1);
            if is_outside(ground, &point) {
                stopped = Some(format!("after {now}, out of the picture"));
                break;
            }
            if is_falling(&path) {
                stopped = Some(format!("after {now}: {} falls from step to step", ground.name));
                break;
            }
        }
        if let Some(far) = first_far(ground, &path) {
            let away = rounded(distance(&path[0], &path[far]), 2);
            let now = steps_told(far);
            stopped.get_or_insert_with(|| {
                format!("after {now}, {away} away from its start, where it still gets faster")
            });
            path.truncate(far + 1);
            shorten(ground, &mut path)?;
        }
        let summit = match stopped {
            None => summit(ground, &path, rate)?,
            Some(_) => None,
        };
        Ok(Climb { path, summit, stopped })
    }
}

fn steps_told(count: usize) -> String {
    if count == 1 { "1 step".into() } else { format!("{count} steps") }
}

fn distance(from: &[f64; 3], to: &[f64; 3]) -> f64 {
    (to[0] - from[0]).hypot(to[1] - from[1])
}

/// Whether a point is more than half a picture outside of a range that was given.
fn is_outside(ground: &Ground<'_>, point: &[f64; 3]) -> bool {
    ground.axes.iter().zip(point).any(|(side, &at)| {
        side.range.is_some_and(|[low, high]| {
            let margin = (high - low) / 2.0;
            at < low - margin || at > high + margin
        })
    })
}

/// Whether P has fallen several times in a row, below where the climb began.
fn is_falling(path: &[[f64; 3]]) -> bool {
    let last = &path[path.len().saturating_sub(FALLS + 1)..];
    last.len() > FALLS
        && last.windows(2).all(|pair| pair[1][2] < pair[0][2])
        && last[FALLS][2] < path[0][2]
}

/// How far a climb may go that doesn't come to rest, where no range is given.
fn reach(start: &[f64; 3]) -> f64 {
    FAR * AROUND.max(start[0].abs()).max(start[1].abs())
}

/// The first point that is too far away, of a climb whose steps don't get shorter.
fn first_far(ground: &Ground<'_>, path: &[[f64; 3]]) -> Option<usize> {
    if ground.axes.iter().all(|side| side.range.is_some()) {
        return None;
    }
    let steps = || path.windows(2).map(|pair| distance(&pair[0], &pair[1]));
    let (longest, last) = (steps().fold(0.0, f64::max), steps().next_back()?);
    let is_at_rest = last < longest / 2.0;
    let far = path.iter().position(|point| distance(&path[0], point) > reach(&path[0]));
    far.filter(|_| !is_at_rest)
}

/// Ends the last step where it is too far away.
fn shorten(ground: &Ground<'_>, path: &mut [[f64; 3]]) -> Result<(), Error> {
    let start = path[0];
    let [.., before, last] = path else { return Ok(()) };
    let (mut near, mut far) = (0.0, 1.0);
    let at = |part: f64| [0, 1].map(|k| before[k] + part * (last[k] - before[k]));
    for _ in 0..60 {
        let middle = (near + far) / 2.0;
        let [x, y] = at(middle);
        if distance(&start, &[x, y, 0.0]) > reach(&start) { far = middle } else { near = middle }
    }
    let [x, y] = at(near);
    let value = ground.value([x, y])?;
    if value.is_finite() {
        *last = [x, y, value];
    }
    Ok(())
}

/// The summit above the end of a climb, if a search with steps that suit themselves finds it no farther than the climb
/// was long.
fn summit(ground: &Ground<'_>, path: &[[f64; 3]], rate: f64) -> Result<Option<[f64; 2]>, Error> {
    let (Some(first), Some(last)) = (path.first(), path.last()) else { return Ok(None) };
    let size = |slopes: [f64; 2]| slopes[0].hypot(slopes[1]);
    let small = 1e-6 * size(ground.slopes([first[0], first[1]])?);
    let ([mut x, mut y, mut value], mut rate) = (*last, rate.abs());
    for _ in 0..SEARCH {
        let slopes = ground.slopes([x, y])?;
        if size(slopes) <= small {
            let is_near = distance(last, &[x, y, value]) <= distance(first, last).max(AROUND);
            return Ok(is_near.then_some([x, y]));
        }
        let next = [x + rate * slopes[0], y + rate * slopes[1]];
        let there = ground.value(next)?;
        if there > value {
            ([x, y], value, rate) = (next, there, rate * 1.5);
        } else {
            rate /= 3.0;
        }
    }
    Ok(None)
}
