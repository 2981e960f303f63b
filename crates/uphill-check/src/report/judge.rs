//! One entry's verdict: what was computed against what the oracle says, and how sure the oracle is.
//!
//! A difference within the tolerance agrees. One that the oracle's own error explains is not held against the computed
//! number: it agrees if that error is small on the scale of the problem, else nothing can be said. Every other
//! difference disagrees. At a kink any slope between the two sides will do.

use super::{Entry, Verdict, number};
use crate::numerical::Estimate;

/// Error estimates are taken to be right up to this factor.
const CAUTION: f64 = 10.0;
/// Doubt of less than this is what the rounding of numbers around 1 leaves.
const ROUNDING: f64 = 1e-12;

/// How much difference is allowed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowed {
    /// As a part of the larger of the two numbers.
    pub(crate) relative: f64,
    /// In any case.
    pub(crate) absolute: f64,
    /// A number that is large among those compared: doubt of less than the relative part of it is no doubt.
    pub(crate) scale: f64,
}

/// Where an entry stands.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) output: String,
    pub(crate) input: String,
    pub(crate) point: usize,
    pub(crate) row: usize,
    pub(crate) column: usize,
}

impl Entry {
    pub(crate) fn new(place: Place, computed: f64, estimate: &Estimate, allowed: Allowed) -> Entry {
        let expected = estimate.value;
        let same = computed == expected;
        let absolute = if same { 0.0 } else { (computed - expected).abs() };
        let larger = computed.abs().max(expected.abs());
        Entry {
            name: place.name,
            output: place.output,
            input: place.input,
            point: place.point,
            row: place.row,
            column: place.column,
            computed,
            expected,
            absolute,
            relative: if absolute == 0.0 || absolute == f64::INFINITY {
                absolute
            } else {
                absolute / larger
            },
            ulps: number::ulps(computed, expected),
            oracle_error: estimate.error,
            verdict: verdict(computed, estimate, allowed),
            switch: estimate.switch.clone(),
        }
    }
}

fn verdict(computed: f64, estimate: &Estimate, allowed: Allowed) -> Verdict {
    if !computed.is_finite() {
        // Where the function jumps there is no slope, and NaN says so.
        if let Some(kink) = estimate.kink
            && computed.is_nan()
            && (kink.left.is_infinite() || kink.right.is_infinite())
        {
            return Verdict::Kink { left: kink.left, right: kink.right };
        }
        let same = computed == estimate.value && estimate.kink.is_none();
        return if same { Verdict::Agrees } else { Verdict::NotFinite };
    }
    let doubt = CAUTION * estimate.error;
    if let Some(kink) = estimate.kink {
        let (low, high) = (kink.left.min(kink.right), kink.left.max(kink.right));
        let slack = allowed.relative * low.abs().max(high.abs()).min(f64::MAX) + doubt;
        let between = computed >= low - slack && computed <= high + slack;
        let Some((left, right)) = between.then_some((kink.left, kink.right)) else {
            return Verdict::Disagrees;
        };
        return Verdict::Kink { left, right };
    }
    if !estimate.is_finite() {
        return Verdict::NotFinite;
    }
    let difference = (computed - estimate.value).abs();
    let larger = computed.abs().max(estimate.value.abs());
    if difference <= (allowed.relative * larger).max(allowed.absolute) {
        Verdict::Agrees
    } else if difference > doubt {
        Verdict::Disagrees
    } else if doubt <= (allowed.relative * allowed.scale).max(allowed.absolute).max(ROUNDING) {
        Verdict::Agrees
    } else {
        Verdict::Unreliable
    }
}
