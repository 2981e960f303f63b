//! Levenberg's and Marquardt's climb of `P = -Σ r²`: Gauss-Newton steps, damped as far as the last ones failed.
//!
//! Steps are scaled by the largest column lengths so far (Moré 1978) or by those of the moment (Marquardt 1963), the
//! damping follows Nielsen (1999), bounds hold by freezing parameters that would leave them. The end is judged by the
//! relative offset of Bates and Watts (1981): the length of the residuals' part in the span of the Jacobian against that
//! of the rest.

use super::residuals::Residuals;
use super::triangle::Triangle;
use crate::error::Error;

/// Why a climb ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stopped {
    Converged,
    NoImprovement,
    /// At a kink, from which P falls to all sides.
    Kink,
    /// No step leads up, though the gradient says that one should.
    Stalled,
    MostIterations,
    Interrupted,
}

impl Stopped {
    pub(super) fn text(self) -> &'static str {
        match self {
            Stopped::Converged => {
                "converged: the residuals have no part left that the parameters explain"
            }
            Stopped::NoImprovement => {
                "converged: no step improves the performance at the precision of numbers"
            }
            Stopped::Kink => "converged: P has a kink here, and falls to all sides",
            Stopped::Stalled => {
                "no step improves P, but its gradient is not zero: P may have a kink here; it has not converged"
            }
            Stopped::MostIterations => "the most iterations are done; it may not have converged",
            Stopped::Interrupted => "interrupted; it has not converged",
        }
    }

    /// Whether the end is a summit, at the precision of numbers.
    pub(super) fn is_converged(self) -> bool {
        matches!(self, Stopped::Converged | Stopped::NoImprovement | Stopped::Kink)
    }
}

/// Where and how a climb may go.
pub(super) struct Climb<'c> {
    /// The lowest and highest number for each parameter.
    pub(super) bounds: &'c [(f64, f64)],
    /// Parameters that keep their number.
    pub(super) fixed: &'c [bool],
    pub(super) most_iterations: u64,
}

/// Where a climb ended.
pub(super) struct Summit {
    pub(super) parameters: Vec<f64>,
    pub(super) squares: f64,
    pub(super) triangle: Triangle,
    pub(super) iterations: u64,
    pub(super) stopped: Stopped,
}

/// A way to climb: no one way leads from every start to the summit.
struct Way {
    /// The damping to begin with.
    damping: f64,
    /// Whether steps are scaled by the largest column lengths so far, which is steadier, or by those of the moment, which
    /// lets a parameter come back that went through tiny numbers.
    keeps_lengths: bool,
}

const WAYS: [Way; 5] = [
    Way { damping: 1e-3, keeps_lengths: true },
    Way { damping: 1.0, keeps_lengths: true },
    Way { damping: 1e3, keeps_lengths: true },
    Way { damping: 1e-3, keeps_lengths: false },
    Way { damping: 1.0, keeps_lengths: false },
];

/// Small enough for the relative offset: parameters are then off by this part of their standard errors.
const OFFSET: f64 = 1e-9;
/// A table of so many rows costs little to be climbed again.
const SMALL: usize = 10_000;
/// Beyond this damping no step is left.
const MOST_DAMPING: f64 = 1e40;

impl Climb<'_> {
    /// Climbs from a start in one way, then in others, which may find another summit; the highest counts.
    ///
    /// A large table is climbed again only where the first climb led nowhere. None if the model or its derivatives are
    /// not finite at the start.
    pub(super) fn climb(
        &self,
        residuals: &mut Residuals<'_>,
        start: &[f64],
        rows: usize,
    ) -> Result<Option<Summit>, Error> {
        let [first, others @ ..] = &WAYS;
        let Some(mut best) = self.climb_by(first, residuals, start)? else { return Ok(None) };
        for way in others {
            let free = self.free_at(&best.parameters, None);
            let sound = best.stopped != Stopped::MostIterations
                && best.triangle.damped(&free, None).inverse_lengths().is_some();
            if best.stopped == Stopped::Interrupted || (sound && rows > SMALL) {
                break;
            }
            let Some(other) = self.climb_by(way, residuals, start)? else { break };
            // By more than rounding. Where a model has the same values for other signs, the start says which are meant.
            const ROUNDING: f64 = 1e-9;
            let turned = |summit: &Summit| {
                let numbers = summit.parameters.iter().zip(start);
                numbers.filter(|(there, here)| *there * *here < 0.0).count()
            };
            let higher = other.squares < best.squares * (1.0 - ROUNDING);
            let level = other.squares <= best.squares * (1.0 + ROUNDING);
            if higher || level && turned(&other) < turned(&best) {
                best = other;
            }
        }
        Ok(Some(best))
    }

    /// The parameters that may move: not fixed, and not pressed against a bound by the way uphill.
    fn free_at(&self, parameters: &[f64], triangle: Option<&Triangle>) -> Vec<usize> {
        let free = |&place: &usize| {
            let (low, high) = self.bounds[place];
            let Some(triangle) = triangle else { return !self.fixed[place] };
            // The slope of P/2, -Jᵀr.
            let slope: f64 = -(0..=place)
                .map(|row| triangle.entry(row, place) * triangle.entry(row, parameters.len()))
                .sum::<f64>();
            let pressed = parameters[place] <= low && slope <= 0.0
                || parameters[place] >= high && slope >= 0.0;
            !self.fixed[place] && !pressed
        };
        (0..parameters.len()).filter(free).collect()
    }

    fn climb_by(
        &self,
        way: &Way,
        residuals: &mut Residuals<'_>,
        start: &[f64],
    ) -> Result<Option<Summit>, Error> {
        let mut parameters = start.to_vec();
        let mut squares = residuals.squares(&parameters)?;
        let mut triangle = residuals.linearised(&parameters)?;
        if !squares.is_finite() || !triangle.is_finite() {
            return Ok(None);
        }
        let mut scales = vec![0.0_f64; parameters.len()];
        let (mut damping, mut growth) = (way.damping, 2.0);
        let mut iterations = 0;
        let stopped = 'climb: loop {
            if crate::interrupt::asked() {
                break Stopped::Interrupted;
            }
            for (place, scale) in scales.iter_mut().enumerate() {
                let length = triangle.length(place);
                *scale = if way.keeps_lengths { scale.max(length) } else { length };
            }
            let free = self.free_at(&parameters, Some(&triangle));
            let own = triangle.damped(&free, None);
            if own.explained() <= OFFSET * own.rest() {
                break Stopped::Converged;
            }
            if iterations == self.most_iterations {
                break Stopped::MostIterations;
            }
            iterations += 1;
            loop {
                if crate::interrupt::asked() {
                    break 'climb Stopped::Interrupted;
                }
                let weight = |&place: &usize| {
                    damping.sqrt() * if scales[place] > 0.0 { scales[place] } else { 1.0 }
                };
                let weights: Vec<f64> = free.iter().map(weight).collect();
                let mut step =
                    own.damped(&(0..free.len()).collect::<Vec<_>>(), Some(&weights)).step();
                let mut there = parameters.clone();
                for (&place, step) in free.iter().zip(&mut step) {
                    let (low, high) = self.bounds[place];
                    there[place] = (parameters[place] + *step).clamp(low, high);
                    *step = there[place] - parameters[place];
                }
                if there == parameters || damping > MOST_DAMPING {
                    break 'climb Stopped::NoImprovement;
                }
                let found = residuals.squares(&there)?;
                if found < squares {
                    let next = residuals.linearised(&there)?;
                    if next.is_finite() {
                        let gain = (squares - found) / own.reduction(&step);
                        let less =
                            1.0 - (2.0 * gain - 1.0) * (2.0 * gain - 1.0) * (2.0 * gain - 1.0);
                        damping *= if gain.is_finite() { less.clamp(1.0 / 3.0, 2.0) } else { 1.0 };
                        // Not so small that it takes a hundred failures to come back.
                        damping = damping.max(1e-20);
                        (parameters, squares, triangle, growth) = (there, found, next, 2.0);
                        break;
                    }
                }
                damping *= growth;
                growth *= 2.0;
            }
        };
        let mut summit = Summit { parameters, squares, triangle, iterations, stopped };
        if stopped == Stopped::NoImprovement {
            self.polish(residuals, &mut summit)?;
        }
        Ok(Some(summit))
    }

    /// Plain Gauss-Newton steps where sums of squares can't tell better from worse any more, but their slopes can.
    fn polish(&self, residuals: &mut Residuals<'_>, summit: &mut Summit) -> Result<(), Error> {
        /// Rounding of sums of squares.
        const NOISE: f64 = 1e-11;
        for _ in 0..5 {
            let free = self.free_at(&summit.parameters, Some(&summit.triangle));
            let own = summit.triangle.damped(&free, None);
            let mut there = summit.parameters.clone();
            for (&place, step) in free.iter().zip(own.step()) {
                let (low, high) = self.bounds[place];
                there[place] = (there[place] + step).clamp(low, high);
            }
            let squares = residuals.squares(&there)?;
            let triangle = residuals.linearised(&there)?;
            let next = triangle.damped(&free, None);
            let nearer = next.explained() < own.explained();
            if !triangle.is_finite() || !nearer || squares > summit.squares * (1.0 + NOISE) {
                break;
            }
            (summit.parameters, summit.squares, summit.triangle) = (there, squares, triangle);
        }
        Ok(())
    }
}
