//! Slopes of sums through the slope of the outer function: products, which are written out or a loop.

use uphill_graph::{At, Scalar, Var, loops};

/// So many slopes, and no more, are written out; more are gone through by a loop.
const FEW: usize = 16;

/// For each place of vectors of equal length the sum of their entries there, each through its slope.
pub(super) fn through_all<'g>(parts: &[(&[Var<'g>], Option<Var<'g>>)]) -> Vec<Var<'g>> {
    let parts: Vec<(&[Var<'g>], Slope<'g>)> =
        parts.iter().filter_map(|&(part, slope)| Some((part, Slope::new(slope?)?))).collect();
    let Some((first, _)) = parts.first() else {
        // Nothing depends on sums.
        return Vec::new();
    };
    let length = first.len();
    if let [(all, Slope::One)] = parts.as_slice() {
        return all.to_vec();
    }
    if length <= FEW {
        let at = |k: usize| {
            let terms: Vec<Var<'g>> = parts.iter().map(|(part, slope)| slope.of(part[k])).collect();
            Var::total(&terms)
        };
        return (0..length).map(at).collect();
    }
    loops::map(0..length, |k| {
        let terms: Vec<Var<'g>> = parts.iter().map(|(part, slope)| slope.of(part.at(k))).collect();
        Var::total(&terms)
    })
}

/// What the outer function makes of a change of one sum.
enum Slope<'g> {
    One,
    /// A number that is finite.
    Known(f64),
    Computed {
        slope: Var<'g>,
        /// The slope, or 0 if it is not finite.
        finite: Var<'g>,
    },
}

impl<'g> Slope<'g> {
    /// `None` for 0.
    fn new(slope: Var<'g>) -> Option<Slope<'g>> {
        Some(match slope.constant_value() {
            Some(0.0) => return None,
            Some(1.0) => Slope::One,
            Some(number) if number.is_finite() => Slope::Known(number),
            _ => {
                let is_finite = slope.abs().less(Var::constant(f64::INFINITY));
                let finite = Var::select(is_finite, slope, Var::constant(0.0));
                Slope::Computed { slope, finite }
            }
        })
    }

    /// An entry through it. One that is exactly 0 stays 0 even where the slope is infinite.
    fn of(&self, entry: Var<'g>) -> Var<'g> {
        match *self {
            Slope::One => entry,
            Slope::Known(number) => number * entry,
            Slope::Computed { slope, finite } => {
                let is_zero = entry.equals(Var::constant(0.0));
                Var::select(is_zero, finite, slope) * entry
            }
        }
    }
}
