//! The equations of a Newton step: the Hessian with what bounds add to its diagonal, bordered by the Jacobian; made so that
//! the step leads downhill, factored, and solved with refinement.

use super::iterate::largest;
use super::ldlt::Ldlt;
use super::nonlinear::Nonlinear;

/// What is added to both diagonals of the factored matrix, so that no pivot is 0; refinement takes it out again.
const STATIC: f64 = 1e-9;
/// The most rounds of refinement, and the residual at which they end, relative to the right side.
const ROUNDS: usize = 12;
const REFINED: f64 = 1e-13;
/// A residual of which no direction can be trusted.
const UNREFINED: f64 = 1e-6;

/// The matrix (W + Σ + δw, Jᵀ; J, -δc), its numbers and its factors.
#[derive(Debug)]
pub(crate) struct Newton {
    variables: usize,
    equations: usize,
    /// Row and column of each entry: the diagonal, then those of the Hessian, then those of the Jacobian.
    places: Vec<(usize, usize)>,
    values: Vec<f64>,
    factored: Vec<f64>,
    /// Where the Jacobian's entries begin.
    border: usize,
    factors: Ldlt,
    /// The last shift of the Hessian that was needed.
    last_shift: f64,
    residual: Vec<f64>,
    side: Vec<f64>,
}

impl Newton {
    pub(crate) fn new(problem: &dyn Nonlinear) -> Newton {
        let (variables, equations) = (problem.variables(), problem.equations());
        let size = variables + equations;
        let mut places: Vec<(usize, usize)> = (0..size).map(|k| (k, k)).collect();
        places.extend_from_slice(problem.hessian_places());
        let border = places.len();
        places.extend(
            problem.jacobian_places().iter().map(|&(row, column)| (variables + row, column)),
        );
        Newton {
            variables,
            equations,
            values: vec![0.0; places.len()],
            factored: vec![0.0; places.len()],
            border,
            factors: Ldlt::new(size, &places),
            places,
            last_shift: 0.0,
            residual: vec![0.0; size],
            side: vec![0.0; size],
        }
    }

    /// The numbers of the matrix: what bounds add to the diagonal, Hessian and Jacobian.
    pub(crate) fn set(&mut self, diagonal: &[f64], hessian: &[f64], jacobian: &[f64]) {
        let size = self.variables + self.equations;
        self.values[..self.variables].copy_from_slice(diagonal);
        self.values[self.variables..size].fill(0.0);
        self.values[size..self.border].copy_from_slice(hessian);
        self.values[self.border..].copy_from_slice(jacobian);
    }

    /// The same without variables that are held: these get equations of their own, step = right side.
    pub(crate) fn hold(&mut self, held: &[bool]) {
        for (&(row, column), value) in self.places.iter().zip(&mut self.values) {
            let of_held = |k: usize| k < held.len() && held[k];
            if of_held(row) || of_held(column) {
                *value = f64::from(u8::from(row == column && self.variables > row));
            }
        }
        // The Hessian may have an entry of its own on the diagonal.
        let size = self.variables + self.equations;
        for (&(row, column), value) in self.places[size..].iter().zip(&mut self.values[size..]) {
            if row == column && row < held.len() && held[row] {
                *value = 0.0;
            }
        }
    }

    /// The solution for this right side, of a matrix such that steps lead downhill along the equations: its Hessian is shifted
    /// until as many eigenvalues are negative as there are equations. `barrier` is μ, which says how much equations that depend
    /// on each other give way. The factors stay, for [`Newton::solve`].
    ///
    /// Nothing where no shift will do.
    pub(crate) fn factorise(&mut self, barrier: f64, side: &[f64]) -> Option<Vec<f64>> {
        const FIRST: f64 = 1e-4;
        const LEAST: f64 = 1e-20;
        const MOST: f64 = 1e40;
        let give_way = 1e-8 * barrier.powf(0.25);
        let mut give = 0.0;
        let mut shift = 0.0;
        loop {
            match self.attempt(shift, give, side) {
                Attempt::Solved(solution) => {
                    if shift > 0.0 {
                        self.last_shift = shift;
                    }
                    return Some(solution);
                }
                // Equations that depend on each other: the first thing to try, once.
                Attempt::Unsolved if give == 0.0 && self.equations > 0 => {
                    give = give_way;
                    continue;
                }
                Attempt::Unsolved | Attempt::Uphill => {}
            }
            shift = match shift {
                0.0 if self.last_shift == 0.0 => FIRST,
                0.0 => (self.last_shift / 3.0).max(LEAST),
                _ if self.last_shift == 0.0 => shift * 100.0,
                _ => shift * 8.0,
            };
            if shift > MOST {
                return None;
            }
        }
    }

    /// The solution for this right side, of the matrix as it is: nothing unless it is that of a minimum.
    pub(crate) fn factorise_exactly(&mut self, side: &[f64]) -> Option<Vec<f64>> {
        self.attempt(0.0, 0.0, side).solution()
    }

    /// Whether the matrix is that of no minimum: some direction along the equations curves down.
    pub(crate) fn curves_down(&mut self) -> bool {
        let nothing = vec![0.0; self.variables + self.equations];
        matches!(self.attempt(0.0, 0.0, &nothing), Attempt::Uphill)
    }

    /// The solution for this right side, with a shift under which all directions along the equations curve up, and no more than
    /// twice what that takes: nothing where none is found.
    pub(crate) fn factorise_narrowly(&mut self, barrier: f64, side: &[f64]) -> Option<Vec<f64>> {
        self.factorise(barrier, side)?;
        let mut shift = self.last_shift;
        while matches!(self.attempt(0.5 * shift, 0.0, side), Attempt::Solved(_)) {
            shift *= 0.5;
        }
        self.attempt(shift, 0.0, side).solution()
    }

    fn attempt(&mut self, shift: f64, give: f64, side: &[f64]) -> Attempt {
        let size = self.variables + self.equations;
        self.factored.copy_from_slice(&self.values);
        for (k, value) in self.factored[..size].iter_mut().enumerate() {
            *value += if k < self.variables { shift } else { -give };
        }
        // What refinement multiplies by has shifts, but not what keeps pivots from 0.
        let exact = self.factored[..size].to_vec();
        for (k, value) in self.factored[..size].iter_mut().enumerate() {
            *value += if k < self.variables { STATIC } else { -STATIC };
        }
        let negative = self.factors.factorise(&self.factored);
        self.factored[..size].copy_from_slice(&exact);
        match negative {
            Some(negative) if negative == self.equations => {
                let mut solution = side.to_vec();
                match self.solve(&mut solution) {
                    true => Attempt::Solved(solution),
                    false => Attempt::Unsolved,
                }
            }
            Some(negative) if negative > self.equations => Attempt::Uphill,
            _ => Attempt::Unsolved,
        }
    }

    /// Solves for this right side, with the factors there are: false if the solution can't be trusted.
    pub(crate) fn solve(&mut self, side: &mut [f64]) -> bool {
        let goal = largest(side);
        self.side.copy_from_slice(side);
        self.factors.solve(side);
        if goal == 0.0 {
            return true;
        }
        let mut before = f64::INFINITY;
        for round in 0..=ROUNDS {
            self.residual.copy_from_slice(&self.side);
            for (&(row, column), value) in self.places.iter().zip(&self.factored) {
                self.residual[row] -= value * side[column];
                if row != column {
                    self.residual[column] -= value * side[row];
                }
            }
            let now = largest(&self.residual) / (goal + largest(side).min(1e6 * goal));
            if !now.is_finite() {
                return false;
            }
            if now <= REFINED || now > 0.5 * before || round == ROUNDS {
                return now.min(before) <= UNREFINED;
            }
            before = now;
            self.factors.solve(&mut self.residual);
            for (x, correction) in side.iter_mut().zip(&self.residual) {
                *x += correction;
            }
        }
        false
    }
}

enum Attempt {
    /// It is a minimum's matrix, and this solves for the right side.
    Solved(Vec<f64>),
    /// Too few eigenvalues are negative, or the equations can't be solved: singular, most likely.
    Unsolved,
    /// Too many are negative: some direction along the equations leads to no minimum.
    Uphill,
}

impl Attempt {
    fn solution(self) -> Option<Vec<f64>> {
        match self {
            Attempt::Solved(solution) => Some(solution),
            Attempt::Unsolved | Attempt::Uphill => None,
        }
    }
}
