//! Summits of which a mix of parameters is hardly determined: whether P is higher, or as high, far away along it.
//!
//! A ridge that rises to infinity looks like a summit as soon as its rise is lost in rounding, and the summit itself may
//! lie on the other side of infinity, where signs change. Second derivatives can't tell, as they are next to nothing.
//! So it is climbed from places in proportion: parameters times powers of one factor, as ridges to infinity go.

use uphill_graph::Scalar;

use crate::climb::{Climber, End, Space};
use crate::error::Error;
use crate::ground::{Ground, look_around};
use crate::place::ABOVE_NOISE;

/// P differs by less than this part of it: as high.
const LEVEL: f64 = 1e-9;
/// Powers of e by which the parameter that changes most is moved.
const STEPS: [f64; 4] = [1.5, -1.5, 9.0, -9.0];
/// A parameter has part in a mix if its part is at least this of the largest.
const PART: f64 = 0.1;
/// Factors to which a parameter of a valley is moved.
const FACTORS: [f64; 8] = [4.0, 0.25, -1.0, 256.0, 1e-3, 16_384.0, 1e6, 64.0];
/// So many parameters of a valley are moved.
const MOST_PLACES: usize = 3;

/// What was seen far away.
pub(crate) enum Seen {
    /// A higher end.
    Higher(End),
    /// Exactly as high to both sides.
    Valley(Vec<usize>),
    /// As high, and further on.
    Endless,
    /// Nothing as high.
    Nothing,
}

/// Climbs from places along each way, which tells by what part of itself each parameter changes.
pub(crate) fn probe<'r>(
    climber: &mut dyn Climber<'r>,
    space: &Space,
    best: &End,
    ways: &[Vec<f64>],
) -> Result<Seen, Error> {
    let noise = ABOVE_NOISE * climber.hill().sizes(&best.at)?.noise;
    for way in ways {
        let parts: Vec<usize> = (0..way.len()).filter(|&place| way[place].abs() > PART).collect();
        let (mut level, mut same, mut highest) = ([0, 0], 0, None::<End>);
        for step in STEPS {
            let point = in_proportion(space, &best.at, way, step);
            let Some(end) = climbed(climber, space, &point)? else { continue };
            if is_higher(climber, highest.as_ref().unwrap_or(best), &end)? {
                highest = Some(end);
                continue;
            }
            let fall = best.value - end.value;
            if fall <= LEVEL * best.value.abs() + noise && is_elsewhere(space, best, &end, &parts) {
                level[usize::from(step < 0.0)] += 1;
                same += usize::from(fall.abs() <= noise);
            }
        }
        // Beyond infinity, and from there back to where numbers still tell.
        let far = |&place: &usize| {
            f64::abs(Scalar::ln((best.at[place] / space.unit(place, &space.start)).abs()))
        };
        let far = parts.iter().map(far).filter(|far| far.is_finite()).fold(0.0, f64::max);
        for step in [0.0, far / 2.0, -far / 2.0, far, -far] {
            let mut flipped = in_proportion(space, &best.at, way, step);
            for &place in &parts {
                flipped[place] = space.within(place, -flipped[place]);
            }
            if let Some(end) = climbed(climber, space, &flipped)?
                && is_higher(climber, highest.as_ref().unwrap_or(best), &end)?
            {
                highest = Some(end);
            }
        }
        if let Some(end) = highest {
            return Ok(Seen::Higher(end));
        }
        match level {
            [0, 0] => {}
            _ if same == STEPS.len() => return Ok(Seen::Valley(parts)),
            _ => return Ok(Seen::Endless),
        }
    }
    Ok(Seen::Nothing)
}

/// A higher end from elsewhere in a valley of these parameters, or beside it: the valley may lead to a pass.
pub(crate) fn stroll<'r>(
    climber: &mut dyn Climber<'r>,
    space: &Space,
    best: &End,
    places: &[usize],
) -> Result<Option<End>, Error> {
    let mut highest: Option<End> = None;
    for &place in places.iter().take(MOST_PLACES) {
        for factor in FACTORS {
            let mut point = best.at.clone();
            let own = if point[place] == 0.0 { space.unit(place, &point) } else { point[place] };
            point[place] = space.within(place, factor * own);
            if point == best.at {
                continue;
            }
            let Some(end) = climbed(climber, space, &point)? else { continue };
            if is_higher(climber, highest.as_ref().unwrap_or(best), &end)? {
                highest = Some(end);
                continue;
            }
            if !is_elsewhere(space, best, &end, places)
                || best.value - end.value > LEVEL * best.value.abs()
                || highest.is_some()
            {
                continue;
            }
            // As high, but perhaps on a saddle.
            let (Ground::Higher(point), _) = look_around(climber, space, &end.at)? else {
                continue;
            };
            if let Some(end) = climbed(climber, space, &point)?
                && is_higher(climber, best, &end)?
            {
                highest = Some(end);
            }
        }
    }
    Ok(highest)
}

/// Whether an end is higher by more than what rounding makes of numbers that went far away.
pub(crate) fn gains<'r>(
    climber: &mut dyn Climber<'r>,
    best: &End,
    end: &End,
) -> Result<bool, Error> {
    let (here, there) =
        (climber.hill().sizes(&best.at)?.noise, climber.hill().sizes(&end.at)?.noise);
    let gain = end.value - best.value;
    Ok(gain > 0.0 && (there <= 4.0 * here || gain > ABOVE_NOISE * there))
}

/// The parameters that have left the start far behind.
pub(crate) fn gone_far(space: &Space, at: &[f64]) -> Vec<usize> {
    const FAR: f64 = 1e4;
    let is_far = |&place: &usize| at[place].abs() > FAR * space.unit(place, &space.start);
    (0..at.len()).filter(is_far).collect()
}

/// Whether a valley leads back to where parameters came from: if it does not, P is only as high far away.
pub(crate) fn leads_back<'r>(
    climber: &mut dyn Climber<'r>,
    space: &Space,
    best: &End,
    ways: &[Vec<f64>],
) -> Result<bool, Error> {
    for place in gone_far(space, &best.at) {
        let mut is_back = ways.iter().all(|way| way[place].abs() <= 1e-9);
        for way in ways.iter().filter(|way| way[place].abs() > 1e-9) {
            let near = space.unit(place, &space.start) / best.at[place].abs();
            let straight = best.at.iter().zip(way).enumerate().map(|(other, (at, way_of))| {
                let own = if *at == 0.0 { space.unit(other, &best.at) } else { *at };
                space.within(other, at + (near - 1.0) / way[place] * way_of * own)
            });
            let ratio = in_proportion(space, &best.at, way, Scalar::ln(near) / way[place]);
            for point in [straight.collect(), ratio] {
                let fall = best.value - climber.hill().value(&point)?;
                let noise = climber.hill().sizes(&best.at)?.noise;
                is_back |= fall.abs() <= ABOVE_NOISE * noise;
            }
        }
        if !is_back {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Where one climb leads; nowhere if nothing is finite there, or if P rises without bound.
fn climbed<'r>(
    climber: &mut dyn Climber<'r>,
    space: &Space,
    point: &[f64],
) -> Result<Option<End>, Error> {
    match climber.climb_once(space, point) {
        Err(Error::Climb { .. }) => Ok(None),
        end => end,
    }
}

fn is_higher<'r>(climber: &mut dyn Climber<'r>, best: &End, end: &End) -> Result<bool, Error> {
    Ok(end.value - best.value > LEVEL * best.value.abs() && gains(climber, best, end)?)
}

/// Whether one of these parameters is another number by far.
fn is_elsewhere(space: &Space, best: &End, end: &End, parts: &[usize]) -> bool {
    parts.iter().any(|&place| {
        let (here, there) = (best.at[place], end.at[place]);
        (here - there).abs() > 0.3 * here.abs().max(there.abs())
            && (here - there).abs() > 1e-9 * space.unit(place, &best.at)
    })
}

/// Each parameter times a power of e, in proportion to its part in the way.
fn in_proportion(space: &Space, at: &[f64], way: &[f64], step: f64) -> Vec<f64> {
    let numbers = at.iter().zip(way).enumerate();
    let moved = |(place, (at, way)): (usize, (&f64, &f64))| match (*at, *way) {
        (at, 0.0) => at,
        (0.0, way) => space.within(place, way * step * space.unit(place, &space.start)),
        (at, way) => space.within(place, at * Scalar::exp(way * step)),
    };
    numbers.map(moved).collect()
}
