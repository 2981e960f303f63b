//! Operations on lists of operands: sums, products and dot products.
//!
//! A few registers of lanes go through the whole list before the next few do, so that each operand is read once and the
//! result written once, and the target may be an operand.

use std::marker::PhantomData;

use super::space::{Source, Space};
use super::vector::{Element, Set, Task, Vector};

/// How many registers of lanes go through a list together: enough to hide the latency of an addition.
const TOGETHER: usize = 6;

/// A reduction from the first term to the last; a term has `N` operands.
pub(super) trait Chain<const N: usize> {
    /// The result for no terms.
    const EMPTY: f64;

    /// `#[inline(always)]` in every implementation, as the others.
    fn first<V: Vector>(term: [V; N]) -> V;
    fn next<V: Vector>(sum: V, term: [V; N]) -> V;
    #[inline(always)]
    fn end<V: Vector>(sum: V, _count: usize) -> V {
        sum
    }
}

pub(super) struct Sum;
pub(super) struct Mean;
pub(super) struct Product;
/// Each product is rounded, then each sum.
pub(super) struct PlainDot;
/// Each product but the first is added with one rounding.
pub(super) struct FusedDot;

macro_rules! chain {
    ($($Name:ident of $N:literal, $empty:expr, $term:pat => $first:expr; $sum:ident => $next:expr;)+) => { $(
        impl Chain<$N> for $Name {
            const EMPTY: f64 = $empty;
            #[inline(always)]
            fn first<V: Vector>($term: [V; $N]) -> V {
                $first
            }
            #[inline(always)]
            fn next<V: Vector>($sum: V, $term: [V; $N]) -> V {
                $next
            }
        }
    )+ };
}

chain! {
    Sum of 1, 0.0, [x] => x; sum => sum.add(x);
    Product of 1, 1.0, [x] => x; product => product.multiply(x);
    PlainDot of 2, 0.0, [x, y] => x.multiply(y); sum => sum.add(x.multiply(y));
    FusedDot of 2, 0.0, [x, y] => x.multiply(y); sum => x.fused(y, sum);
}

impl Chain<1> for Mean {
    const EMPTY: f64 = f64::NAN;
    #[inline(always)]
    fn first<V: Vector>([x]: [V; 1]) -> V {
        x
    }
    #[inline(always)]
    fn next<V: Vector>(sum: V, [x]: [V; 1]) -> V {
        sum.add(x)
    }
    #[inline(always)]
    fn end<V: Vector>(sum: V, count: usize) -> V {
        sum.divide(sum.constant(V::Element::from_f64(count as f64)))
    }
}

/// Runs a list of terms through a chain.
///
/// Safety of the task: `target` is good for writing `lanes` numbers, a multiple of [`Element::LINE`] and no more than
/// the vectors of the space hold; it is one of these vectors.
pub(super) struct List<'a, F, E: Element, const N: usize> {
    pub(super) target: *mut E,
    pub(super) space: Space<'a, E>,
    pub(super) addresses: &'a [u32],
    pub(super) lanes: usize,
    pub(super) chain: PhantomData<F>,
}

impl<F: Chain<N>, E: Element, const N: usize> Task for List<'_, F, E, N> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Set>(self) {
        let width = E::Vector::<S>::LANES;
        let mut lane = 0;
        // SAFETY: the caller vouches for instructions and lanes.
        unsafe {
            while lane + TOGETHER * width <= self.lanes {
                self.group::<E::Vector<S>, TOGETHER>(lane);
                lane += TOGETHER * width;
            }
            while lane < self.lanes {
                self.group::<E::Vector<S>, 1>(lane);
                lane += width;
            }
        }
    }
}

impl<F: Chain<N>, E: Element, const N: usize> List<'_, F, E, N> {
    /// # Safety
    ///
    /// As for the task; `W` registers of lanes from `lane` on exist.
    #[inline(always)]
    unsafe fn group<V: Vector<Element = E>, const W: usize>(&self, lane: usize) {
        let mut terms = self.addresses.chunks_exact(N);
        // SAFETY: the caller vouches for instructions and lanes.
        unsafe {
            let mut sums = [V::splat(E::from_f64(F::EMPTY)); W];
            if let Some(term) = terms.next() {
                self.term::<V, W, true>(&mut sums, lane, term);
                for term in terms {
                    self.term::<V, W, false>(&mut sums, lane, term);
                }
                for sum in &mut sums {
                    *sum = F::end(*sum, self.addresses.len() / N);
                }
            }
            for w in 0..W {
                sums[w].store(self.target.add(lane + w * V::LANES));
            }
        }
    }

    /// Adds one term to the sums. Each mixture of vectors and numbers has a loop of its own: numbers are spread once.
    ///
    /// # Safety
    ///
    /// As for [`List::group`].
    #[inline(always)]
    unsafe fn term<V: Vector<Element = E>, const W: usize, const FIRST: bool>(
        &self,
        sums: &mut [V; W],
        lane: usize,
        addresses: &[u32],
    ) {
        // Of terms of one operand, the second is never looked at.
        let (x, y) = (self.space.source(addresses[0]), self.space.source(addresses[N - 1]));
        // SAFETY: the caller vouches for instructions and lanes.
        unsafe {
            match (x, y) {
                (Source::Lanes(x), Source::Lanes(y)) => {
                    for w in 0..W {
                        let (x, y) = (load::<V>(x, lane, w), load::<V>(y, lane, w));
                        sums[w] = add::<F, V, N, FIRST>(sums[w], x, y);
                    }
                }
                (Source::Lanes(x), Source::Number(y)) => {
                    let y = V::splat(y);
                    for w in 0..W {
                        sums[w] = add::<F, V, N, FIRST>(sums[w], load::<V>(x, lane, w), y);
                    }
                }
                (Source::Number(x), Source::Lanes(y)) => {
                    let x = V::splat(x);
                    for w in 0..W {
                        sums[w] = add::<F, V, N, FIRST>(sums[w], x, load::<V>(y, lane, w));
                    }
                }
                (Source::Number(x), Source::Number(y)) => {
                    let (x, y) = (V::splat(x), V::splat(y));
                    for w in 0..W {
                        sums[w] = add::<F, V, N, FIRST>(sums[w], x, y);
                    }
                }
            }
        }
    }
}

/// Register `w` of the lanes from `lane` on.
///
/// # Safety
///
/// The processor must have the vector's instructions, and the lanes must exist.
#[inline(always)]
unsafe fn load<V: Vector>(first: *const V::Element, lane: usize, w: usize) -> V {
    // SAFETY: the caller vouches for it.
    unsafe { V::load(first.add(lane + w * V::LANES)) }
}

/// The next sum, or the first; of terms of one operand, `y` is not used.
#[inline(always)]
fn add<F: Chain<N>, V: Vector, const N: usize, const FIRST: bool>(sum: V, x: V, y: V) -> V {
    let mut term = [y; N];
    term[0] = x;
    if FIRST { F::first(term) } else { F::next(sum, term) }
}
