//! Which pairs of violation and value are worth going to: what a point must improve on, without a penalty that somebody has
//! to choose (Fletcher & Leyffer 2002; Wächter & Biegler 2006).

/// A part of the violation by which a step has to do better.
pub(crate) const OF_VIOLATION: f64 = 1e-5;
/// A part of the violation by which a step has to lower the value.
pub(crate) const OF_VALUE: f64 = 1e-8;

/// Pairs that no later point may be worse than in both.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pairs: Vec<(f64, f64)>,
    most_violation: f64,
}

impl Filter {
    /// Nothing yet but a violation that no point may reach.
    pub(crate) fn new(most_violation: f64) -> Filter {
        Filter { pairs: Vec::new(), most_violation }
    }

    /// Forgets all pairs, since values of another barrier can't be compared with them.
    pub(crate) fn clear(&mut self) {
        self.pairs.clear();
    }

    /// Whether a point of this violation and value may be gone to.
    pub(crate) fn accepts(&self, violation: f64, value: f64) -> bool {
        violation <= self.most_violation
            && self.pairs.iter().all(|&(v, p)| violation <= v || at_most(value, p))
    }

    /// Closes the neighbourhood of a point that was left.
    pub(crate) fn add(&mut self, violation: f64, value: f64) {
        let pair = ((1.0 - OF_VIOLATION) * violation, value - OF_VALUE * violation);
        self.pairs.retain(|&(v, p)| v < pair.0 || p < pair.1);
        self.pairs.push(pair);
    }
}

/// Whether a value is at most another but for rounding.
pub(crate) fn at_most(value: f64, other: f64) -> bool {
    value <= other + 10.0 * f64::EPSILON * other.abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_must_improve_on_each_pair_in_something() {
        let mut filter = Filter::new(100.0);
        assert!(filter.accepts(50.0, 1e9) && !filter.accepts(101.0, -1e9));
        filter.add(10.0, 5.0);
        filter.add(1.0, 8.0);
        for (violation, value, accepted) in [
            (10.0, 5.0, false),
            (11.0, 4.9, true),
            (9.0, 6.0, true),
            (1.0, 9.0, false),
            (0.9, 9.0, true),
            (5.0, 9.0, false),
        ] {
            assert_eq!(filter.accepts(violation, value), accepted, "{violation} {value}");
        }
        filter.clear();
        assert!(filter.accepts(10.0, 5.0));
    }
}
