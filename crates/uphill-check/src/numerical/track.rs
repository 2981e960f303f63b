//! From a sequence of quotients at shrinking steps to one answer: smooth, with two slopes, or neither.
//!
//! Beside the central quotient run two guards, for a slope the quotients of both sides. A step counts only where the
//! guards have settled too: far from the point, or at too large steps, central quotients can agree by accident (all
//! zero, say), their guards don't. Sides that settle on different slopes are a kink. Of the steps that count, the one
//! wins whose extrapolation, its neighbours and the rounding of values at that step leave the least doubt, unless
//! smaller steps contradict it.

use super::extrapolate::{Extrapolation, Limit, Powers};

/// Guards must have settled to this part of the change of the function over the step.
const SETTLED: f64 = 0.02;
/// The slopes of both sides are known to this part of their difference, or there is no kink.
const KNOWN: f64 = 0.1;
/// A slope known to this part of that difference is a smooth one: the corner is rounded, and the steps were too large.
const ROUNDED: f64 = 1e-3;

/// Quotients at one step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quotients {
    pub(super) step: f64,
    pub(super) central: f64,
    pub(super) guards: [f64; 2],
    /// What the rounding of the values can do to a quotient.
    pub(super) noise: f64,
    /// How much the function changes over the step, and the same as a quotient.
    pub(super) change: f64,
    pub(super) scale: f64,
    /// Whether the step leads across a switch that the point itself is not on.
    pub(super) crosses: bool,
    /// The first switch that the step leads across or away from.
    pub(super) switch: Option<usize>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    at: Quotients,
    /// Rows of one run follow each other without a gap.
    run: usize,
    central: Limit,
    guards: [Limit; 2],
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Smooth,
    Kinked,
    Wild,
}

/// The answer so far.
#[derive(Debug, Clone, Copy)]
pub(super) enum Choice {
    /// One number; `crosses` if only steps across a switch gave it.
    Smooth { limit: Limit, row: Quotients },
    /// Two slopes.
    Kink { sides: [f64; 2], error: f64, row: Quotients },
    /// The best of numbers that don't settle.
    Wild { limit: Limit, row: Quotients },
}

#[derive(Debug, Clone)]
pub(super) struct Track {
    /// Whether the guards are the slopes of both sides, which agree where the function is smooth.
    sides: bool,
    central: Extrapolation,
    guards: [Extrapolation; 2],
    run: usize,
    crosses: bool,
    /// How much the function changes over the first step that gave finite numbers, as a quotient.
    span: Option<f64>,
    /// The largest and the smallest change of the function that was seen, zeros aside.
    changes: Option<(f64, f64)>,
    rows: Vec<Row>,
}

impl Track {
    /// For a slope: central quotients, guarded by those of both sides.
    pub(super) fn slope() -> Track {
        Track::new(true, Powers::All)
    }

    /// For a second derivative: central quotients, guarded by others of the same kind.
    pub(super) fn curvature() -> Track {
        Track::new(false, Powers::Even)
    }

    fn new(sides: bool, powers: Powers) -> Track {
        Track {
            sides,
            central: Extrapolation::new(Powers::Even),
            guards: [Extrapolation::new(powers), Extrapolation::new(powers)],
            run: 0,
            crosses: false,
            span: None,
            changes: None,
            rows: Vec::new(),
        }
    }

    fn restart(&mut self) {
        self.run += 1;
        self.central.restart();
        self.guards.iter_mut().for_each(Extrapolation::restart);
    }

    pub(super) fn push(&mut self, at: Quotients) {
        // Steps across a switch and steps that stay on this side of it have nothing to tell each other.
        if at.crosses != self.crosses {
            self.crosses = at.crosses;
            self.changes = None;
            self.restart();
        }
        let at = Quotients { noise: at.noise.max(self.grain(&at)), ..at };
        let [first, second] = &mut self.guards;
        let limits =
            (self.central.push(at.central), first.push(at.guards[0]), second.push(at.guards[1]));
        let finite = at.central.is_finite() && at.guards.iter().all(|guard| guard.is_finite());
        if finite {
            self.span.get_or_insert(at.scale);
        }
        match limits {
            _ if !finite => self.restart(),
            (Some(central), Some(first), Some(second)) => {
                let guards = [first, second];
                let kind = self.kind(&at, guards);
                self.rows.push(Row { at, run: self.run, central, guards, kind });
            }
            _ => {}
        }
    }

    /// What rounding inside the function can do to a quotient, where it shows: the values come in grains, as those of
    /// `(1e8 + x) - 1e8`, so that every change is a whole number of the smallest one, and now there is none.
    fn grain(&mut self, at: &Quotients) -> f64 {
        const WHOLE: f64 = 9e15;
        let change = at.change;
        match self.changes {
            Some((largest, smallest)) if change == 0.0 => {
                let whole = largest % smallest == 0.0 && largest < WHOLE * smallest;
                if whole && largest > smallest { smallest / at.step } else { 0.0 }
            }
            _ if change > 0.0 => {
                let (largest, smallest) = self.changes.unwrap_or((change, change));
                self.changes = Some((largest.max(change), smallest.min(change)));
                0.0
            }
            _ => 0.0,
        }
    }

    fn kind(&self, at: &Quotients, guards: [Limit; 2]) -> Kind {
        let doubt = guards[0].error.max(guards[1].error).max(at.noise);
        let flat = at.scale <= 4.0 * at.noise;
        if doubt > SETTLED * at.scale && !flat {
            Kind::Wild
        } else if self.sides
            && (guards[1].value - guards[0].value).abs()
                > 4.0 * (guards[0].error + guards[1].error) + 64.0 * at.noise
        {
            Kind::Kinked
        } else {
            Kind::Smooth
        }
    }

    /// The rows that have both neighbours in the same run, with these.
    fn triples(&self) -> impl Iterator<Item = [&Row; 3]> {
        let triples = self.rows.windows(3).map(|rows| [&rows[0], &rows[1], &rows[2]]);
        triples.filter(|[before, _, after]| before.run == after.run)
    }

    /// The surest limit of the smooth rows that no later one contradicts.
    fn smooth(&self, crosses: bool) -> Option<(Limit, Quotients)> {
        let rows = self.triples().filter(|[_, row, _]| row.kind == Kind::Smooth);
        let rows = rows.filter(|[_, row, _]| row.at.crosses == crosses);
        let mut limits: Vec<(Limit, Quotients)> =
            rows.map(|rows| (settled(rows), rows[1].at)).collect();
        limits.sort_by(by_error);
        let stands = |(limit, row): &&(Limit, Quotients)| {
            let later = limits.iter().filter(|(_, other)| other.step < row.step);
            let mut apart = later.map(|(other, _)| {
                (other.value - limit.value).abs() > 16.0 * (other.error + limit.error)
            });
            !apart.any(|apart| apart)
        };
        limits.iter().find(stands).copied()
    }

    fn kink(&self) -> Option<([f64; 2], f64, Quotients)> {
        let pairs = self.rows.windows(2).map(|rows| (&rows[0], &rows[1]));
        let pairs = pairs.filter(|(row, next)| row.run == next.run);
        let kinked = pairs.filter(|(a, b)| a.kind == Kind::Kinked && b.kind == Kind::Kinked);
        let doubt = |row: &Row, next: &Row| {
            let errors = (0..2).map(|side| {
                let moved = (row.guards[side].value - next.guards[side].value).abs();
                row.guards[side].error.max(moved)
            });
            errors.sum::<f64>() + row.at.noise
        };
        kinked
            .map(|(row, next)| {
                ([row.guards[0].value, row.guards[1].value], doubt(row, next), row.at)
            })
            .filter(|(sides, doubt, _)| *doubt <= KNOWN * (sides[1] - sides[0]).abs())
            .min_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// The best answer that the rows so far give; none if there are too few.
    pub(super) fn choice(&self) -> Option<Choice> {
        let (clean, across) = (self.smooth(false), self.smooth(true));
        let smooth = match (clean, across) {
            (Some(clean), Some(across)) => {
                let good = clean.0.error <= 1e-6 * clean.0.value.abs().max(clean.1.scale);
                Some(if good || clean.0.error <= across.0.error { clean } else { across })
            }
            (clean, across) => clean.or(across),
        };
        let kink = self.kink().filter(|(sides, error, _)| {
            let rounded = ROUNDED * (sides[1] - sides[0]).abs();
            smooth.is_none_or(|(limit, _)| limit.error > rounded.max(*error))
        });
        if let Some((sides, error, row)) = kink {
            return Some(Choice::Kink { sides, error, row });
        }
        if let Some((limit, row)) = smooth {
            return Some(Choice::Smooth { limit, row });
        }
        let wild = self.triples().map(|rows| {
            let (limit, row) = (settled(rows), rows[1]);
            let error = limit.error + row.guards[0].error + row.guards[1].error;
            (Limit { error, ..limit }, row.at)
        });
        wild.min_by(by_error).map(|(limit, row)| Choice::Wild { limit, row })
    }

    /// A slope that is large for this function: how much it changes over the largest step that it allows.
    pub(super) fn span(&self) -> f64 {
        self.span.unwrap_or(0.0)
    }

    /// Whether smaller steps can't give a better answer.
    pub(super) fn is_done(&self) -> bool {
        let Some(last) = self.rows.last() else { return false };
        match self.choice() {
            Some(Choice::Smooth { limit, row }) if !row.crosses => {
                limit.error <= 1e-12 * limit.value.abs()
                    || limit.error <= 1e-15 * row.scale
                    || last.at.noise >= 4.0 * limit.error
            }
            // A kink in a place where a switch is known to be.
            Some(Choice::Kink { sides, error, row }) => {
                row.switch.is_some() && !row.crosses && error <= 1e-9 * (sides[1] - sides[0]).abs()
            }
            _ => false,
        }
    }
}

/// The limit of the middle row, as far as its neighbours and rounding leave it.
fn settled([before, row, after]: [&Row; 3]) -> Limit {
    let moved = |other: &Row| (row.central.value - other.central.value).abs();
    let error = row.central.error.max(moved(before)).max(moved(after));
    Limit { value: row.central.value, error: error + 2.0 * row.at.noise }
}

fn by_error(a: &(Limit, Quotients), b: &(Limit, Quotients)) -> std::cmp::Ordering {
    a.0.error.total_cmp(&b.0.error)
}
