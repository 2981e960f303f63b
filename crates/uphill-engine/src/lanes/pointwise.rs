//! Operations made of exact arithmetic and comparisons: the same few vector instructions for each register of lanes.
//!
//! An operand that is one number for all lanes is a single cache line that holds it everywhere, and a step of zero: so
//! there is one loop for every mixture of operands, and nothing is spread over a whole vector. The target may be one of
//! the operands, since each register is read before it is written.

use std::marker::PhantomData;

use super::vector::{Element, Set, Task, Vector};

/// Where the numbers of an operand lie.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operand<E> {
    pub(super) first: *const E,
    /// 1 for a vector of lanes, 0 for one number, which fills a cache line.
    pub(super) step: usize,
}

impl<E: Element> Operand<E> {
    /// The number in one lane.
    ///
    /// # Safety
    ///
    /// The operand must be good for reading that many lanes.
    #[inline(always)]
    pub(super) unsafe fn lane(self, lane: usize) -> E {
        // SAFETY: the caller vouches for it.
        unsafe { *self.first.add(lane * self.step) }
    }
}

/// A function of `N` numbers, lane by lane.
pub(super) trait Pointwise<const N: usize> {
    /// `#[inline(always)]` in every implementation.
    fn apply<V: Vector>(operands: [V; N]) -> V;
}

/// Applies a function to whole vectors.
///
/// Safety of the task: `target` is good for writing `lanes` numbers, a multiple of [`Element::LINE`]; operands are good
/// for reading as many, and each either is the target or doesn't overlap it.
pub(super) struct Map<F, E, const N: usize> {
    pub(super) target: *mut E,
    pub(super) operands: [Operand<E>; N],
    pub(super) lanes: usize,
    pub(super) function: PhantomData<F>,
}

impl<F: Pointwise<N>, E: Element, const N: usize> Task for Map<F, E, N> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Set>(self) {
        let lanes = E::Vector::<S>::LANES;
        let mut operands = self.operands;
        let mut target = self.target;
        for _ in 0..self.lanes / E::LINE {
            for part in 0..E::LINE / lanes {
                // SAFETY: the caller vouches for instructions and lanes; a step of 0 stays in its cache line.
                unsafe {
                    let mut x = [E::Vector::<S>::splat(E::ZERO); N];
                    for k in 0..N {
                        x[k] = E::Vector::<S>::load(operands[k].first.add(part * lanes));
                    }
                    F::apply(x).store(target.add(part * lanes));
                }
            }
            // Past the end only after the last round, where nothing is read.
            target = target.wrapping_add(E::LINE);
            for operand in &mut operands {
                operand.first = operand.first.wrapping_add(operand.step * E::LINE);
            }
        }
    }
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
    Copy(x) = x;
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
    MultiplyAdd(x, y, z) = x.fused(y, z);
    NegativeMultiplyAdd(x, y, z) = x.negate().fused(y, z);
    MultiplySubtract(x, y, z) = x.fused(y, z.negate());
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
    /// The third operand is the logarithm of the second.
    Xlogy(x, y, logarithm) = {
        let nan = y.unordered(y);
        let product = x.multiply(logarithm);
        product.only_where(nan, x.zero().only_where(x.equal(x.zero()), product))
    };
}

/// Integer powers with one exponent for all lanes, by the scheme of [`uphill_kernels::powi`].
///
/// Safety of the task: `x` is good for reading and `target` for writing `lanes` numbers, a multiple of [`f64::LINE`];
/// they are the same or don't overlap.
pub(super) struct Powi {
    pub(super) target: *mut f64,
    pub(super) x: *const f64,
    pub(super) exponent: i32,
    pub(super) lanes: usize,
}

impl Task for Powi {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Set>(self) {
        for lane in (0..self.lanes).step_by(S::F64::LANES) {
            // SAFETY: the caller vouches for instructions and lanes.
            unsafe {
                powi(S::F64::load(self.x.add(lane)), self.exponent).store(self.target.add(lane));
            }
        }
    }
}

#[inline(always)]
fn powi<V: Vector>(x: V, exponent: i32) -> V {
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
