//! The step before the next: it may take in another instruction.

use smallvec::SmallVec;

use super::step::Kind;
use crate::code::{Paths, Spot};

/// A step that is not written yet.
pub(super) struct Open {
    pub(super) kind: Kind,
    /// The target and the operands.
    pub(super) spots: SmallVec<[Spot; 8]>,
}

/// Whether no table moves a place.
pub(super) fn is_even(paths: &Paths, spot: Spot) -> bool {
    paths.get(spot.path).tables.is_empty()
}

/// Whether two places move alike and are another address each in every iteration.
fn is_apart(paths: &Paths, one: Spot, other: Spot) -> bool {
    is_even(paths, one) && one.path == other.path && one.address != other.address
}

impl Open {
    /// One step for two instructions, where there is one.
    pub(super) fn merge(
        &mut self,
        paths: &Paths,
        kind: Kind,
        target: Spot,
        operands: &[Spot],
    ) -> bool {
        use Kind::{Cos, CosLast, CosSin, CosSinLast, Sin, SinCos, SinCosLast, SinLast};
        use Kind::{Dot3, DotSigmoid, Mul, MulLast, SigmoidLast};
        use Kind::{MulPair, MulPairLast, MulTriple, MulTripleLast};
        if (self.kind, kind) == (Dot3, SigmoidLast) {
            self.kind = DotSigmoid;
            self.spots.push(target);
            return true;
        }
        let more = match (self.kind, kind) {
            (Mul, Mul) => MulPair,
            (MulLast, Mul) => MulPairLast,
            (MulPair, Mul) => MulTriple,
            (MulPairLast, Mul) => MulTripleLast,
            (Sin, Cos) => SinCos,
            (SinLast, Cos) => SinCosLast,
            (Cos, Sin) => CosSin,
            (CosLast, Sin) => CosSinLast,
            _ => return false,
        };
        // `x` is read once, so it must not be written in between.
        let x = self.spots[1];
        let is_free = |&written: &Spot| is_apart(paths, written, x);
        let targets = [self.spots.first(), self.spots.get(3)];
        if operands[0] != x || !is_even(paths, x) || !targets.into_iter().flatten().all(is_free) {
            return false;
        }
        self.kind = more;
        self.spots.push(target);
        self.spots.extend_from_slice(&operands[1..]);
        true
    }
}
