//! Where a climb may go, what it is told, and how it ends: what all ways of climbing share.

use std::fmt;

use crate::error::Error;
use crate::hill::Hill;

/// Where a climb ended, in one word.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// On a summit: the slope is 0 at the precision of numbers, and P falls to all sides.
    Summit,
    /// On a summit with a crease: P has a kink there, and no way leads up.
    Kink,
    /// At the height of a summit, but other numbers of these parameters are as high: the data don't tell them apart.
    Valley(Vec<String>),
    /// Where P doesn't depend on these parameters, and looking around found no higher ground: not a summit.
    Plateau(Vec<String>),
    /// Where no step leads up, though the slope is not 0.
    Stalled,
    /// P nears a height that it reaches nowhere: the parameters go on without end.
    Endless,
    /// The most iterations are done.
    MostIterations,
    /// Somebody asked to stop.
    Interrupted,
}

impl Ending {
    /// Whether P is as high here as it gets nearby, at the precision of numbers.
    #[must_use]
    pub fn is_converged(&self) -> bool {
        matches!(self, Ending::Summit | Ending::Kink | Ending::Valley(_))
    }

    /// `summit`, `kink`, `valley`, `plateau`, `stalled`, `endless`, `most iterations`, `interrupted`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Ending::Summit => "summit",
            Ending::Kink => "kink",
            Ending::Valley(_) => "valley",
            Ending::Plateau(_) => "plateau",
            Ending::Stalled => "stalled",
            Ending::Endless => "endless",
            Ending::MostIterations => "most iterations",
            Ending::Interrupted => "interrupted",
        }
    }
}

/// `a`, `b` and `c`.
fn listed(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => "nothing".into(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

impl fmt::Display for Ending {
    /// A sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ending::Summit => write!(f, "converged to a summit: no way leads up from here"),
            Ending::Kink => write!(f, "converged to a kink of P: no way leads up from here"),
            Ending::Valley(names) if names.len() == 1 => write!(
                f,
                "converged, but the data don't determine {}: any number of it is as good",
                listed(names)
            ),
            Ending::Valley(names) => write!(
                f,
                "converged, but the data don't determine {} together: other numbers of them are as good",
                listed(names)
            ),
            Ending::Plateau(names) => write!(
                f,
                "not converged: the climb ended on a plateau, where P doesn't change with {}, and found no way up from \
                 there; try another start, or several",
                listed(names)
            ),
            Ending::Stalled => write!(
                f,
                "not converged: no step improves P, but its slope is not 0; P may have a kink here, or its slopes may be \
                 lost in rounding"
            ),
            Ending::Endless => write!(
                f,
                "not converged: P goes on rising, ever more slowly, as the parameters grow without end"
            ),
            Ending::MostIterations => {
                write!(f, "not converged: the most iterations are done")
            }
            Ending::Interrupted => write!(f, "not converged: interrupted"),
        }
    }
}

/// Where a climb may go, from where.
pub(crate) struct Space {
    pub(crate) start: Vec<f64>,
    /// The lowest and highest number for each parameter.
    pub(crate) bounds: Vec<(f64, f64)>,
    /// Parameters that keep their number.
    pub(crate) fixed: Vec<bool>,
}

impl Space {
    /// The number nearest to this one that a parameter may have.
    pub(crate) fn within(&self, place: usize, number: f64) -> f64 {
        let (low, high) = self.bounds[place];
        number.clamp(low, high)
    }

    /// How far a parameter is likely to be moved: its size here or at the start; a start at 0 counts as 1, since the 0 of
    /// a summit is met but for rounding, which tells no size.
    pub(crate) fn unit(&self, place: usize, at: &[f64]) -> f64 {
        let start = self.start[place].abs();
        at[place].abs().max(if start > 0.0 { start } else { 1.0 })
    }

    /// 1 at the highest number that a parameter may have, -1 at the lowest, 0 between.
    pub(crate) fn side(&self, place: usize, at: &[f64]) -> f64 {
        let (low, high) = self.bounds[place];
        if at[place] <= low {
            -1.0
        } else if at[place] >= high {
            1.0
        } else {
            0.0
        }
    }

    /// The parameters that may move uphill: neither fixed, nor pressed against a bound by the slope.
    pub(crate) fn free(&self, at: &[f64], slopes: &[f64]) -> Vec<usize> {
        let is_pressed = |place: usize| {
            let side = self.side(place, at);
            side != 0.0 && slopes[place] * side >= 0.0
        };
        (0..at.len()).filter(|&place| !self.fixed[place] && !is_pressed(place)).collect()
    }

    /// A point moved along a direction, as far as bounds let it.
    pub(crate) fn moved(&self, at: &[f64], way: &[f64], step: f64) -> Vec<f64> {
        let numbers = at.iter().zip(way).enumerate();
        let moved = |(place, (at, way)): (usize, (&f64, &f64))| {
            if *way == 0.0 { *at } else { self.within(place, at + step * way) }
        };
        numbers.map(moved).collect()
    }
}

/// When to end, whatever there is to be found.
#[derive(Clone, Copy)]
pub(crate) struct Limits<'l> {
    pub(crate) most_iterations: u64,
    pub(crate) stop: &'l dyn Fn() -> bool,
}

/// Why a climb went no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// No step can improve P at the precision of numbers, or the slope is 0.
    Settled,
    /// Nothing is left of the errors but rounding.
    Exact,
    /// P has a kink, and falls to all sides.
    Kink,
    /// No step leads up, though the gradient says that one should.
    Stalled,
    MostIterations,
    Interrupted,
}

/// Where a climb went.
#[derive(Debug, Clone)]
pub(crate) struct End {
    pub(crate) at: Vec<f64>,
    pub(crate) value: f64,
    pub(crate) iterations: u64,
    pub(crate) why: Why,
}

/// Iterations of a climb that only looks where a place leads.
pub(crate) const MOST_AT_ONCE: u64 = 500;

/// A way to climb a hill.
pub(crate) trait Climber<'r> {
    /// Climbs from a point; nothing if P or its slopes are not finite there.
    fn climb(&mut self, space: &Space, start: &[f64]) -> Result<Option<End>, Error>;

    /// Climbs from a point in one way, where several are at hand, and not for long.
    fn climb_once(&mut self, space: &Space, start: &[f64]) -> Result<Option<End>, Error> {
        self.climb(space, start)
    }

    /// Whether it goes on from higher ground that is found by looking around.
    fn explores(&self) -> bool {
        true
    }

    /// The hill.
    fn hill(&mut self) -> &mut Hill<'r>;

    /// Directions along which P doesn't change, at the precision of numbers, though each parameter by itself changes it;
    /// of these parameters.
    fn idle(&mut self, at: &[f64], free: &[usize]) -> Result<Vec<Vec<f64>>, Error>;
}
