//! What all libraries' scalars can do, and how each of them says it.

use std::ops::{Add, Div, Mul, Neg, Sub};

use ad_trait::differentiable_function::DifferentiableFunctionTrait;
use ad_trait::forward_ad::adfn::adfn;
use ad_trait::hyper_ad::hyper::HyperAD_ADFN;
use ad_trait::reverse_ad::adr::adr;
use ad_trait::{AD, F64};
use num_dual::{Dual2SVec64, DualNum, DualSVec64};
use uphill_engine::tape::Active;
use uphill_graph::{Scalar, Var};

/// A number of some library.
pub trait Number:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// The number and a constant.
    fn plus(self, constant: f64) -> Self;
    /// The number times a constant.
    fn scaled(self, factor: f64) -> Self;
    fn sin(self) -> Self;
    fn exp(self) -> Self;
    fn recip(self) -> Self;

    fn square(self) -> Self {
        self * self
    }
}

macro_rules! number {
    ([$($generics:tt)*] $type:ty, $plus:expr, $scaled:expr, $sin:path, $exp:path, $recip:path, $get:tt) => {
        impl<$($generics)*> Number for $type {
            #[inline(always)]
            fn plus(self, constant: f64) -> Self {
                $plus(self, constant)
            }
            #[inline(always)]
            fn scaled(self, factor: f64) -> Self {
                $scaled(self, factor)
            }
            #[inline(always)]
            fn sin(self) -> Self {
                number!($get self $sin)
            }
            #[inline(always)]
            fn exp(self) -> Self {
                number!($get self $exp)
            }
            #[inline(always)]
            fn recip(self) -> Self {
                number!($get self $recip)
            }
        }
    };
    (value $self:ident $function:path) => { $function($self) };
    (reference $self:ident $function:path) => { $function(&$self) };
}

/// For uphill, which has constants as they are.
macro_rules! of_uphill {
    ([$($generics:tt)*] $type:ty) => {
        number!([$($generics)*] $type, |x, c| x + c, |x, c| x * c, Scalar::sin, Scalar::exp, Scalar::recip, value);
    };
}
of_uphill!(['g] Var<'g>);
of_uphill!(['t] Active<'t>);
of_uphill!([] uphill_graph::Dual<f64>);

macro_rules! of_num_dual {
    ([$($generics:tt)*] $type:ty) => {
        number!([$($generics)*] $type, |x, c| x + c, |x, c| x * c, DualNum::sin, DualNum::exp, DualNum::recip, reference);
    };
}
of_num_dual!([] num_dual::Dual64);
of_num_dual!([const N: usize] DualSVec64<N>);
of_num_dual!([const N: usize] Dual2SVec64<N>);

macro_rules! of_echidna {
    ($type:ty) => {
        number!([] $type, |x, c| x + c, |x, c| x * c, echidna_float::sin, echidna_float::exp, echidna_float::recip, value);
    };
}
of_echidna!(echidna::Dual<f64>);
of_echidna!(echidna::Reverse<f64>);
of_echidna!(echidna::BReverse<f64>);

/// echidna's functions are those of num-traits, by way of its own trait.
mod echidna_float {
    use echidna::Scalar;

    #[inline(always)]
    pub(super) fn sin<T: Scalar>(x: T) -> T {
        x.sin()
    }

    #[inline(always)]
    pub(super) fn exp<T: Scalar>(x: T) -> T {
        x.exp()
    }

    #[inline(always)]
    pub(super) fn recip<T: Scalar>(x: T) -> T {
        x.recip()
    }
}

macro_rules! of_ad_trait {
    ([$($generics:tt)*] $type:ty) => {
        number!([$($generics)*] $type, |x, c| x + F64(c), |x, c| x * F64(c), ad_trait_field::sin, ad_trait_field::exp, ad_trait_field::recip, value);
    };
}
of_ad_trait!([] adr);
of_ad_trait!([const N: usize] adfn<N>);
of_ad_trait!([const N: usize] HyperAD_ADFN<N>);

/// ad_trait's functions are those of simba, by way of its own trait.
mod ad_trait_field {
    use ad_trait::AD;

    #[inline(always)]
    pub(super) fn sin<T: AD>(x: T) -> T {
        x.sin()
    }

    #[inline(always)]
    pub(super) fn exp<T: AD>(x: T) -> T {
        x.exp()
    }

    #[inline(always)]
    pub(super) fn recip<T: AD>(x: T) -> T {
        x.recip()
    }
}

number!(
    ['t] reverse::Var<'t>,
    |x, c| x + c,
    |x, c| x * c,
    reverse::Var::sin,
    reverse::Var::exp,
    reverse::Var::recip,
    reference
);

/// What a sample holds: a plain number, or an input of a tape that is recorded once for all samples.
pub trait Datum<N>: Copy {
    /// This times a number.
    fn times(self, number: N) -> N;
    /// This less a number.
    fn less(self, number: N) -> N;
}

impl<N: Number> Datum<N> for f64 {
    #[inline(always)]
    fn times(self, number: N) -> N {
        number.scaled(self)
    }
    #[inline(always)]
    fn less(self, number: N) -> N {
        (-number).plus(self)
    }
}

impl<N: Number> Datum<N> for N {
    #[inline(always)]
    fn times(self, number: N) -> N {
        self * number
    }
    #[inline(always)]
    fn less(self, number: N) -> N {
        self - number
    }
}

/// Code of one output as ad_trait takes it: a type with a method.
pub struct Code<F> {
    pub inputs: usize,
    pub code: F,
}

impl<T: AD, F: Fn(&[T]) -> T> DifferentiableFunctionTrait<T> for Code<F> {
    const NAME: &'static str = "code";

    fn call(&self, inputs: &[T], _freeze: bool) -> Vec<T> {
        vec![(self.code)(inputs)]
    }

    fn num_inputs(&self) -> usize {
        self.inputs
    }

    fn num_outputs(&self) -> usize {
        1
    }
}
