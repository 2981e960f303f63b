//! Operations made of exact arithmetic and comparisons: the same few vector instructions for each register of lanes.

use super::vector::Vector;

/// A function of `N` numbers, lane by lane.
pub(super) trait Pointwise<const N: usize> {
    /// `#[inline(always)]` in every implementation.
    fn apply<V: Vector>(operands: [V; N]) -> V;
}

macro_rules! pointwise {
    ($($(#[$doc:meta])* $Name:ident($($x:ident),+) = $value:expr;)+) => { $(
        $(#[$doc])*
        pub(super) struct $Name;

        impl Pointwise<{ [$(stringify!($x)),+].len() }> for $Name {
            #[inline(always)]
            fn apply<V: Vector>([$($x),+]: [V; { [$(stringify!($x)),+].len() }]) -> V {
                $value
            }
        }
    )+ };
}

pointwise! {
    Add(x, y) = x.add(y);
    Sub(x, y) = x.subtract(y);
    Mul(x, y) = x.multiply(y);
    Div(x, y) = x.divide(y);
    Neg(x) = x.negate();
    Recip(x) = x.one().divide(x);
    Square(x) = x.multiply(x);
    Sqrt(x) = x.root();
    Relu(x) = x.zero().only_where(x.less_equal(x.zero()), x);
    Abs(x) = x.magnitude();
    Sign(x) = {
        let (zero, one) = (x.zero(), x.one());
        let neither = x.multiply(zero).add(zero);
        one.only_where(zero.less(x), one.negate().only_where(x.less(zero), neither))
    };
    Min(x, y) = x.only_where(x.less(y), y.only_where(y.less_equal(x), x.add(y)));
    Max(x, y) = x.only_where(y.less(x), y.only_where(x.less_equal(y), x.add(y)));
    Clamp(x, lower, upper) = Min::apply([Max::apply([x, lower]), upper]);
    Less(x, y) = x.truth(x.less(y));
    LessEqual(x, y) = x.truth(x.less_equal(y));
    Greater(x, y) = x.truth(y.less(x));
    GreaterEqual(x, y) = x.truth(y.less_equal(x));
    Equal(x, y) = x.truth(x.equal(y));
    NotEqual(x, y) = x.zero().only_where(x.equal(y), x.one());
    Select(condition, x, y) = y.only_where(condition.equal(condition.zero()), x);
    NegativeMultiplyAdd(x, y, z) = x.negate().fused(y, z);
    MultiplySubtract(x, y, z) = x.fused(y, z.negate());
    /// The product is rounded, then the sum.
    AddProduct(x, y, sum) = sum.add(x.multiply(y));
    SigmoidSlope(x, y) = x.multiply(y.multiply(y.one().subtract(y)));
    TanhSlope(x, y) = x.multiply(y.one().subtract(y.multiply(y)));
    /// What rounding loses of `x + y`, added to what was lost before.
    AddLost(before, x, y) = {
        let sum = x.add(y);
        let other = sum.subtract(x);
        before.add(x.subtract(sum.subtract(other)).add(y.subtract(other)))
    };
    /// Of the largest operand, the logarithm of the sum of the exponentials of what is left, and what that sum lost.
    LogSumExp(largest, logarithm, lost) = {
        let finite = largest.subtract(largest).equal(largest.zero());
        largest.add(logarithm.add(lost)).only_where(finite, largest)
    };
}

/// Integer powers with one exponent for all lanes, by the scheme of [`uphill_kernels::powi`].
#[inline(always)]
pub(super) fn powi<V: Vector>(x: V, exponent: i32) -> V {
    let mut rest = exponent.unsigned_abs();
    let (mut power, mut result) = (x, x.one());
    while rest != 0 {
        if rest & 1 == 1 {
            result = result.multiply(power);
        }
        rest >>= 1;
        if rest != 0 {
            power = power.multiply(power);
        }
    }
    if exponent < 0 { x.one().divide(result) } else { result }
}
