//! Levenberg's and Marquardt's climb of `P = -Σ r²`: Gauss-Newton steps, damped as far as the last ones failed.
//!
//! Steps are scaled by the largest column lengths so far (Moré 1978) or by those of the moment (Marquardt 1963), the
//! damping follows Nielsen (1999), bounds hold by freezing parameters that would leave them. The end is judged by the
//! relative offset of Bates and Watts (1981): the length of the residuals' part in the span of the Jacobian against that
//! of the rest.

use uphill_graph::Function;

use crate::climb::{Climber, End, Limits, MOST_AT_ONCE, Space, Why};
use crate::error::Error;
use crate::hill::Hill;
use crate::passes::{Pass, Table};
use crate::triangle::Triangle;

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
/// Where so small a part of the squares of what is desired is left, the fit is exact: the rest is rounding.
const EXACT: f64 = 1e-31;
/// Beyond this damping no step is left.
const MOST_DAMPING: f64 = 1e40;
/// A parameter that moves the residuals by less than this part of them, if it is moved by all of itself, has no say here.
const NO_SAY: f64 = 1e-14;

/// The residuals' derivatives by the parameters, folded row by row.
pub(crate) struct Jacobian<'r> {
    pass: Pass<'r>,
    columns: Vec<Vec<f64>>,
}

impl<'r> Jacobian<'r> {
    /// Of a function of `w` and `x` with one output.
    pub(crate) fn new(residual: &Function, width: usize, table: Table<'r>) -> Result<Self, Error> {
        let pass = Pass::each(&residual.with_gradient()?, table)?;
        Ok(Jacobian { pass, columns: vec![Vec::new(); width + 1] })
    }

    /// Residuals and Jacobian at a point, folded.
    pub(crate) fn folded(&mut self, at: &[f64]) -> Result<Triangle, Error> {
        let (width, columns) = (at.len(), &mut self.columns);
        let absorb = |numbers: &mut Vec<f64>, taken: &[usize], results: &[f64]| {
            let count = taken.len();
            if count == 0 {
                return Ok(());
            }
            // The residual is the first output, and the last column.
            let (residual, derivatives) = results.split_at(count);
            for (column, numbers) in columns.iter_mut().zip(derivatives.chunks(count)) {
                column.clear();
                column.extend_from_slice(numbers);
            }
            if let Some(last) = columns.last_mut() {
                last.clear();
                last.extend_from_slice(residual);
            }
            let mut triangle = Triangle::of(width, std::mem::take(numbers));
            triangle.absorb(columns);
            *numbers = triangle.into_numbers();
            Ok(())
        };
        // What grains come down to are rows again.
        let join = |left: &mut Vec<f64>, right: &[f64]| {
            let mut triangle = Triangle::of(width, std::mem::take(left));
            triangle.absorb(&mut Triangle::of(width, right.to_vec()).columns());
            *left = triangle.into_numbers();
        };
        let zero = Triangle::new(width).into_numbers();
        Ok(Triangle::of(width, self.pass.total(at, &zero, absorb, join)?))
    }

    /// Directions of these parameters along which no residual changes, at the precision of numbers.
    pub(crate) fn idle(&mut self, at: &[f64], free: &[usize]) -> Result<Vec<Vec<f64>>, Error> {
        let triangle = self.folded(at)?.damped(free, None);
        let spread = |way: Vec<f64>| {
            let mut all = vec![0.0; at.len()];
            free.iter().zip(way).for_each(|(&place, step)| all[place] = step);
            all
        };
        Ok(triangle.idle().into_iter().map(spread).collect())
    }
}

/// A climb of least squares.
pub(crate) struct Levenberg<'r, 's> {
    pub(crate) hill: Hill<'r>,
    pub(crate) jacobian: Jacobian<'r>,
    pub(crate) limits: Limits<'s>,
    /// The sum of squares of what is desired, weighted.
    pub(crate) desired: f64,
    /// Whether climbing again costs little.
    pub(crate) is_small: bool,
}

impl<'r> Climber<'r> for Levenberg<'r, '_> {
    /// Climbs from a start in one way, then in others, which may find another summit; the highest counts.
    ///
    /// A large table is climbed again only where the first climb led nowhere.
    fn climb(&mut self, space: &Space, start: &[f64]) -> Result<Option<End>, Error> {
        let [first, others @ ..] = &WAYS;
        let Some((mut best, mut triangle)) = self.climb_by(first, space, start)? else {
            return Ok(None);
        };
        for way in others {
            let free: Vec<usize> = (0..start.len()).filter(|&place| !space.fixed[place]).collect();
            let is_sound = best.why != Why::MostIterations
                && triangle.damped(&free, None).inverse_lengths().is_some();
            if best.why == Why::Interrupted || (is_sound && !self.is_small) {
                break;
            }
            let Some((other, folded)) = self.climb_by(way, space, start)? else { break };
            /// By more than rounding.
            const ROUNDING: f64 = 1e-9;
            // P is a sum of squares below 0.
            if -other.value < -best.value * (1.0 - ROUNDING) {
                (best, triangle) = (other, folded);
            }
        }
        Ok(Some(best))
    }

    fn climb_once(&mut self, space: &Space, start: &[f64]) -> Result<Option<End>, Error> {
        let most = self.limits.most_iterations;
        self.limits.most_iterations = most.min(MOST_AT_ONCE);
        let found = self.climb_by(&WAYS[0], space, start);
        self.limits.most_iterations = most;
        Ok(found?.map(|(end, _)| end))
    }

    fn hill(&mut self) -> &mut Hill<'r> {
        &mut self.hill
    }

    fn idle(&mut self, at: &[f64], free: &[usize]) -> Result<Vec<Vec<f64>>, Error> {
        self.jacobian.idle(at, free)
    }
}

impl Levenberg<'_, '_> {
    fn squares(&mut self, at: &[f64]) -> Result<f64, Error> {
        Ok(-self.hill.value(at)?)
    }

    fn climb_by(
        &mut self,
        way: &Way,
        space: &Space,
        start: &[f64],
    ) -> Result<Option<(End, Triangle)>, Error> {
        let mut at = start.to_vec();
        let mut squares = self.squares(&at)?;
        let mut triangle = self.jacobian.folded(&at)?;
        if !squares.is_finite() || !triangle.is_finite() {
            return Ok(None);
        }
        let mut scales = vec![0.0_f64; at.len()];
        let (mut damping, mut growth) = (way.damping, 2.0);
        let mut iterations = 0;
        let why = 'climb: loop {
            if (self.limits.stop)() {
                break Why::Interrupted;
            }
            for (place, scale) in scales.iter_mut().enumerate() {
                let length = triangle.length(place);
                *scale = if way.keeps_lengths { scale.max(length) } else { length };
            }
            let free = free(space, &at, &triangle);
            let own = triangle.damped(&free, None);
            if own.explained() <= OFFSET * own.rest() {
                break Why::Settled;
            }
            if squares <= EXACT * self.desired {
                break Why::Exact;
            }
            if iterations == self.limits.most_iterations {
                break Why::MostIterations;
            }
            iterations += 1;
            loop {
                if (self.limits.stop)() {
                    break 'climb Why::Interrupted;
                }
                let weight = |&place: &usize| {
                    damping.sqrt() * if scales[place] > 0.0 { scales[place] } else { 1.0 }
                };
                let weights: Vec<f64> = free.iter().map(weight).collect();
                let all: Vec<usize> = (0..free.len()).collect();
                let mut step = own.damped(&all, Some(&weights)).step();
                let mut there = at.clone();
                for (&place, step) in free.iter().zip(&mut step) {
                    there[place] = space.within(place, at[place] + *step);
                    *step = there[place] - at[place];
                }
                if there == at || damping > MOST_DAMPING {
                    break 'climb Why::Settled;
                }
                let found = self.squares(&there)?;
                if found < squares {
                    let next = self.jacobian.folded(&there)?;
                    if next.is_finite() {
                        let gain = (squares - found) / own.reduction(&step);
                        let less =
                            1.0 - (2.0 * gain - 1.0) * (2.0 * gain - 1.0) * (2.0 * gain - 1.0);
                        damping *= if gain.is_finite() { less.clamp(1.0 / 3.0, 2.0) } else { 1.0 };
                        // Not so small that it takes a hundred failures to come back.
                        damping = damping.max(1e-20);
                        (at, squares, triangle, growth) = (there, found, next, 2.0);
                        break;
                    }
                }
                damping *= growth;
                growth *= 2.0;
            }
        };
        if why == Why::Settled {
            self.polish(space, &mut at, &mut squares, &mut triangle)?;
        }
        Ok(Some((End { at, value: -squares, iterations, why }, triangle)))
    }

    /// Plain Gauss-Newton steps where sums of squares can't tell better from worse any more, but their slopes can.
    fn polish(
        &mut self,
        space: &Space,
        at: &mut Vec<f64>,
        squares: &mut f64,
        triangle: &mut Triangle,
    ) -> Result<(), Error> {
        /// Rounding of sums of squares.
        const NOISE: f64 = 1e-11;
        for _ in 0..5 {
            let free = free(space, at, triangle);
            let own = triangle.damped(&free, None);
            if own.explained() <= OFFSET * own.rest() {
                break;
            }
            let mut there = at.clone();
            for (&place, step) in free.iter().zip(own.step()) {
                there[place] = space.within(place, there[place] + step);
            }
            let found = self.squares(&there)?;
            let folded = self.jacobian.folded(&there)?;
            let is_nearer = folded.damped(&free, None).explained() < own.explained();
            if !folded.is_finite() || !is_nearer || found > *squares * (1.0 + NOISE) {
                break;
            }
            (*at, *squares, *triangle) = (there, found, folded);
        }
        Ok(())
    }
}

/// The parameters that may move: not fixed, not pressed against a bound by the way uphill, and with a say.
fn free(space: &Space, at: &[f64], triangle: &Triangle) -> Vec<usize> {
    // The slopes of P/2, -Jᵀr.
    let slope = |place: usize| -> f64 {
        -(0..=place)
            .map(|row| triangle.entry(row, place) * triangle.entry(row, at.len()))
            .sum::<f64>()
    };
    let slopes: Vec<f64> = (0..at.len()).map(slope).collect();
    let all = triangle.length(at.len());
    let mut free = space.free(at, &slopes);
    free.retain(|&place| triangle.length(place) * space.unit(place, at) > NO_SAY * all);
    free
}
