//! From a start to an end that can be named: climb, look around, go on from higher ground, until there is none.

use crate::climb::{Climber, End, Ending, Space, Why};
use crate::error::Error;
use crate::ground::{Ground, look_around};
use crate::weak::{Seen, gains, gone_far, leads_back, probe, stroll};

/// So often it goes on from higher ground.
const MOST_ROUNDS: usize = 30;
/// So often it looks for higher ground along and beside a valley.
const MOST_STROLLS: usize = 3;
/// Where rounding moves P by this part of it, nothing can be told; unless the model fits exactly.
const LOST: f64 = 1e-5;
/// P is the same at two places if it differs by less than this part.
pub(crate) const SAME: f64 = 1e-9;

/// Where a search ended.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) at: Vec<f64>,
    pub(crate) value: f64,
    pub(crate) iterations: u64,
    pub(crate) ending: Ending,
}

/// Climbs from a start as far as it gets; nothing if P or its slopes are not finite there.
///
/// `is_small`: whether the table is so small that climbing again costs little.
pub(crate) fn search<'r>(
    climber: &mut dyn Climber<'r>,
    space: &Space,
    start: &[f64],
    names: &[String],
    is_small: bool,
) -> Result<Option<Found>, Error> {
    let Some(mut best) = climber.climb(space, start)? else { return Ok(None) };
    let listed = |places: &[usize]| places.iter().map(|&place| names[place].clone()).collect();
    let mut has_looked_outside = false;
    let mut strolls = 0;
    let mut ending = Ending::Stalled;
    for _ in 0..MOST_ROUNDS {
        ending = match best.why {
            Why::MostIterations => Ending::MostIterations,
            Why::Interrupted => Ending::Interrupted,
            Why::Kink => Ending::Kink,
            Why::Settled | Why::Stalled | Why::Exact => Ending::Summit,
        };
        if ending != Ending::Summit {
            break;
        }
        if is_small && !has_looked_outside {
            has_looked_outside = true;
            if let Some(end) = outside(climber, space, &best)? {
                best = after(&best, end);
                continue;
            }
        }
        let (ground, noise) = look_around(climber, space, &best.at)?;
        if noise > LOST * best.value.abs() && !is_exact(climber, space, &best)? {
            ending = Ending::Stalled;
            break;
        }
        let (named, tries) = match ground {
            Ground::Summit(ways)
                if ways.is_empty()
                    || !climber.explores()
                    || !is_small && gone_far(space, &best.at).is_empty() =>
            {
                break;
            }
            Ground::Summit(ways) => match probe(climber, space, &best, &ways)? {
                Seen::Higher(end) => {
                    best = further(climber, space, &best, end)?;
                    continue;
                }
                Seen::Valley(places) => {
                    ending = Ending::Valley(listed(&places));
                    break;
                }
                Seen::Endless => {
                    ending = Ending::Endless;
                    break;
                }
                Seen::Nothing => break,
            },
            // Where nothing is left of the errors, what is higher is rounding.
            Ground::Higher(_) | Ground::Slope(_) | Ground::Unknown if best.why == Why::Exact => {
                break;
            }
            Ground::Unknown if best.why == Why::Settled => break,
            Ground::Unknown => (Ending::Stalled, Vec::new()),
            Ground::Valley { places, ways } => {
                if is_small && strolls < MOST_STROLLS && climber.explores() {
                    strolls += 1;
                    // What has no say at all is strolled along alone.
                    let mixes: Vec<Vec<f64>> =
                        ways.iter().filter(|way| is_mix(way)).cloned().collect();
                    let seen = probe(climber, space, &best, &mixes)?;
                    let end = match seen {
                        Seen::Higher(end) => Some(end),
                        _ => stroll(climber, space, &best, &places)?,
                    };
                    if let Some(end) = end {
                        best = further(climber, space, &best, end)?;
                        continue;
                    }
                }
                if !leads_back(climber, space, &best, &ways)? {
                    ending = Ending::Endless;
                    break;
                }
                (Ending::Valley(listed(&places)), Vec::new())
            }
            Ground::Higher(point) | Ground::Slope(point) => (Ending::Stalled, vec![point]),
            Ground::Plateau { flat, tries } => (Ending::Plateau(listed(&flat)), tries),
        };
        ending = named;
        if !climber.explores() {
            break;
        }
        match highest(climber, space, &best, &tries)? {
            Some(end) => best = after(&best, end),
            None => break,
        }
    }
    let at = toward(climber, space, &best, start)?;
    let End { value, iterations, .. } = best;
    Ok(Some(Found { at, value, iterations, ending }))
}

/// An end that was reached from another.
fn after(before: &End, end: End) -> End {
    End { iterations: before.iterations + end.iterations, ..end }
}

/// Goes on from a higher end to which a short climb led.
fn further<'r>(
    climber: &mut dyn Climber<'r>,
    space: &Space,
    before: &End,
    end: End,
) -> Result<End, Error> {
    let next = climber.climb(space, &end.at)?.filter(|next| next.value >= end.value);
    Ok(after(before, next.unwrap_or(end)))
}

/// Whether P is next to nothing against what it is where parameters are a tenth larger.
fn is_exact<'r>(climber: &mut dyn Climber<'r>, space: &Space, best: &End) -> Result<bool, Error> {
    const EXACT: f64 = 1e-12;
    let beside = space.moved(&best.at, &best.at, 0.1);
    Ok(best.value.abs() <= EXACT * climber.hill().value(&beside)?.abs())
}

fn is_mix(way: &[f64]) -> bool {
    way.iter().filter(|part| **part != 0.0).count() > 1
}

/// The highest of the ends of climbs from some points, if that is higher than what is known.
fn highest<'r>(
    climber: &mut dyn Climber<'r>,
    space: &Space,
    best: &End,
    points: &[Vec<f64>],
) -> Result<Option<End>, Error> {
    let mut higher: Option<End> = None;
    for point in points {
        let than = higher.as_ref().map_or(best.value, |end| end.value);
        if let Some(end) = climber.climb(space, point)?
            && end.value > than
            && gains(climber, best, &end)?
        {
            higher = Some(end);
        }
    }
    Ok(higher)
}

/// A climb without the bounds that press, and back within them: a bound that is met on the way need not be one that
/// holds at the summit.
fn outside<'r>(
    climber: &mut dyn Climber<'r>,
    space: &Space,
    best: &End,
) -> Result<Option<End>, Error> {
    let is_pressed = |place: usize| !space.fixed[place] && space.side(place, &best.at) != 0.0;
    let pressed: Vec<usize> = (0..best.at.len()).filter(|&place| is_pressed(place)).collect();
    if pressed.is_empty() {
        return Ok(None);
    }
    let mut bounds = space.bounds.clone();
    pressed.iter().for_each(|&place| bounds[place] = (f64::NEG_INFINITY, f64::INFINITY));
    let loose = Space { start: space.start.clone(), bounds, fixed: space.fixed.clone() };
    let Ok(Some(end)) = climber.climb(&loose, &best.at) else { return Ok(None) };
    let is_outside = |&place: &usize| space.within(place, end.at[place]) != end.at[place];
    // The other side of the bound often looks the same; or a turn further, where the bounds are those of an angle.
    let (mut mirrored, mut turned) = (end.at.clone(), end.at.clone());
    for place in pressed.iter().copied().filter(is_outside) {
        let (low, high) = space.bounds[place];
        let (number, width) = (end.at[place], high - low);
        let bound = if number < low { low } else { high };
        mirrored[place] = space.within(place, 2.0 * bound - number);
        let turns = ((number - low) / width).floor();
        let turn = if turns.is_finite() { number - turns * width } else { bound };
        turned[place] = space.within(place, turn);
    }
    let noise = climber.hill().sizes(&best.at)?.noise;
    Ok(highest(climber, space, best, &[mirrored, turned])?
        .filter(|end| end.value > best.value + noise))
}

/// The same summit with the signs of the start, where P is as high there.
fn toward<'r>(
    climber: &mut dyn Climber<'r>,
    space: &Space,
    best: &End,
    start: &[f64],
) -> Result<Vec<f64>, Error> {
    let mut at = best.at.clone();
    let is_turned = |at: &[f64], place: usize| {
        let (low, high) = space.bounds[place];
        at[place] * start[place] < 0.0 && (low..=high).contains(&-at[place])
    };
    let turned: Vec<usize> = (0..at.len()).filter(|&place| is_turned(&at, place)).collect();
    // All together, each alone, and each two.
    let mut groups = vec![turned.clone()];
    groups.extend(turned.iter().map(|&place| vec![place]));
    for (k, &one) in turned.iter().enumerate() {
        groups.extend(turned[k + 1..].iter().map(|&other| vec![one, other]));
    }
    for group in groups.iter().filter(|group| !group.is_empty()).take(64) {
        if !group.iter().all(|&place| is_turned(&at, place)) {
            continue;
        }
        let mut point = at.clone();
        group.iter().for_each(|&place| point[place] = -point[place]);
        if (climber.hill().value(&point)? - best.value).abs() <= SAME * best.value.abs() {
            at = point;
        }
    }
    Ok(at)
}
