//! The same functions for lone numbers, at the speed of the processor at hand: with the bits of the crate's own, always.
//!
//! Kernels rest on fused multiply-add. A build for any x86-64 processor calls the C library for each, some 20 times a
//! sine. So each kernel is compiled a second time here for processors with the instruction, and a call asks which it is:
//! a load and a branch. This is the one place of that choice. Where a build has the instruction anyway, on 64-bit ARM
//! always, and without `std`, which detects it, there is one compilation and no choice.
//!
//! Code that is compiled for an instruction set as a whole, loops over lanes above all, calls the functions of the crate's
//! root, which are inlined there.

#![allow(unsafe_code, reason = "code for processors that are known only at run time")]

use crate as kernel;

pub use kernel::{ceil, floor, fmod, modulo, powi, round, sqrt};

/// Compiled twice, with the choice: `"ABI" name(x: T, …) -> T { code }`.
#[cfg(all(target_arch = "x86_64", feature = "std", not(target_feature = "fma")))]
macro_rules! compiled {
    ($($abi:literal $name:ident($($x:ident: $T:ty),+) -> $R:ty { $code:expr })+) => {
        mod plain {
            use super::*;
            $(
                #[inline(never)]
                pub(super) extern $abi fn $name($($x: $T),+) -> $R { $code }
            )+
        }
        #[cfg(test)]
        const NAMES: &[&str] = &[$(stringify!($name)),+];
        mod fused {
            use super::*;
            $(
                #[target_feature(enable = "fma")]
                pub(super) extern $abi fn $name($($x: $T),+) -> $R { $code }
            )+
        }
        $(
            #[doc = concat!("`", stringify!($name), "` at the speed of this processor.")]
            #[inline]
            #[must_use]
            pub fn $name($($x: $T),+) -> $R {
                if is_fused() {
                    // SAFETY: the processor has the one feature that the function is compiled for.
                    unsafe { fused::$name($($x),+) }
                } else {
                    plain::$name($($x),+)
                }
            }
        )+
    };
}

/// Compiled once.
#[cfg(not(all(target_arch = "x86_64", feature = "std", not(target_feature = "fma"))))]
macro_rules! compiled {
    ($($abi:literal $name:ident($($x:ident: $T:ty),+) -> $R:ty { $code:expr })+) => {
        mod plain {
            use super::*;
            $(
                #[inline]
                pub(super) extern $abi fn $name($($x: $T),+) -> $R { $code }
            )+
        }
        #[cfg(all(test, feature = "std"))]
        const NAMES: &[&str] = &[$(stringify!($name)),+];
        $(
            #[doc = concat!("`", stringify!($name), "` at the speed of this processor.")]
            #[inline]
            #[must_use]
            pub fn $name($($x: $T),+) -> $R { plain::$name($($x),+) }
        )+
    };
}

/// Addresses of the code that a call would choose: for machine code, which then asks no more.
macro_rules! addresses {
    (once { $($once:ident($($x:ident),+))+ } $($Type:ty: $($name:ident)+;)+) => {
        /// The code itself that the functions of this module choose, for those who keep its address.
        ///
        /// ```
        /// let sine = uphill_kernels::native::addresses::sin();
        /// assert_eq!(sine(0.5), uphill_kernels::sin(0.5));
        /// ```
        pub mod addresses {
            use super::*;
            $($(
                #[doc = concat!("The code of [`", stringify!($name), "`](super::", stringify!($name), ").")]
                #[must_use]
                pub fn $name() -> $Type {
                    #[cfg(all(target_arch = "x86_64", feature = "std", not(target_feature = "fma")))]
                    if is_fused() {
                        #[target_feature(enable = "fma")]
                        fn address() -> $Type { fused::$name }
                        // SAFETY: the processor has the one feature that the function is compiled for.
                        return unsafe { address() };
                    }
                    plain::$name
                }
            )+)+
            $(
                #[doc = concat!("The code of [`", stringify!($once), "`](super::", stringify!($once), ").")]
                #[must_use]
                pub fn $once() -> extern "C" fn($(addresses!(@ $x)),+) -> f64 {
                    extern "C" fn code($($x: f64),+) -> f64 { kernel::$once($($x),+) }
                    code
                }
            )+
        }
    };
    (@ $x:ident) => { f64 };
}

/// Whether the second compilation can run here. The standard library asks the processor once.
#[cfg(all(target_arch = "x86_64", feature = "std", not(target_feature = "fma")))]
#[inline]
fn is_fused() -> bool {
    std::arch::is_x86_feature_detected!("fma")
}

compiled! {
    "C" acos(x: f64) -> f64 { kernel::acos(x) }
    "C" acosh(x: f64) -> f64 { kernel::acosh(x) }
    "C" asin(x: f64) -> f64 { kernel::asin(x) }
    "C" asinh(x: f64) -> f64 { kernel::asinh(x) }
    "C" atan(x: f64) -> f64 { kernel::atan(x) }
    "C" atan2(y: f64, x: f64) -> f64 { kernel::atan2(y, x) }
    "C" atanh(x: f64) -> f64 { kernel::atanh(x) }
    "C" cbrt(x: f64) -> f64 { kernel::cbrt(x) }
    "C" cos(x: f64) -> f64 { crate::trig::cos_alone(x) }
    "C" cosh(x: f64) -> f64 { kernel::cosh(x) }
    "C" digamma(x: f64) -> f64 { kernel::digamma(x) }
    "C" erf(x: f64) -> f64 { kernel::erf(x) }
    "C" erfc(x: f64) -> f64 { kernel::erfc(x) }
    "C" erfcx(x: f64) -> f64 { kernel::erfcx(x) }
    "C" erfcx_derivative(n: u32, x: f64) -> f64 { kernel::erfcx_derivative(n, x) }
    "C" exp(x: f64) -> f64 { crate::exp::exp_alone(x) }
    "C" exp2(x: f64) -> f64 { kernel::exp2(x) }
    "C" expm1(x: f64) -> f64 { kernel::expm1(x) }
    "C" gamma(x: f64) -> f64 { kernel::gamma(x) }
    "C" hypot(x: f64, y: f64) -> f64 { kernel::hypot(x, y) }
    "C" ln(x: f64) -> f64 { kernel::ln(x) }
    "C" ln_gamma(x: f64) -> f64 { kernel::ln_gamma(x) }
    "C" log10(x: f64) -> f64 { kernel::log10(x) }
    "C" log1p(x: f64) -> f64 { kernel::log1p(x) }
    "C" log2(x: f64) -> f64 { kernel::log2(x) }
    "C" log_ndtr(x: f64) -> f64 { kernel::log_ndtr(x) }
    "C" log_ndtr_derivative(n: u32, x: f64) -> f64 { kernel::log_ndtr_derivative(n, x) }
    "C" mul_add(a: f64, b: f64, c: f64) -> f64 { kernel::mul_add(a, b, c) }
    "C" polygamma(n: u32, x: f64) -> f64 { kernel::polygamma(n, x) }
    "C" pow(x: f64, y: f64) -> f64 { kernel::pow(x, y) }
    "C" sigmoid(x: f64) -> f64 { crate::exp::sigmoid_alone(x) }
    "C" sin(x: f64) -> f64 { crate::trig::sin_alone(x) }
    "C" sinh(x: f64) -> f64 { kernel::sinh(x) }
    "C" softplus(x: f64) -> f64 { kernel::softplus(x) }
    "C" tan(x: f64) -> f64 { kernel::tan(x) }
    "C" tanh(x: f64) -> f64 { kernel::tanh(x) }
    "C" trigamma(x: f64) -> f64 { kernel::trigamma(x) }

    // What needs several of them, and is worth one choice.
    "Rust" log_sum_exp(x: &[f64]) -> f64 { log_sum_exp_of(x) }
    "Rust" sigmoid_with_slope(x: f64) -> (f64, f64) { sigmoid_and_slope(x) }
    "Rust" sin_cos(x: f64) -> (f64, f64) { kernel::sin_cos(x) }

    // Two at once: they share work, or go into one register.
    "C" sine_and_cosine(x: f64) -> Two { two(kernel::sin_cos(x)) }
    "C" cosine_and_sine(x: f64) -> Two { two(swapped(kernel::sin_cos(x))) }
    "C" two_exponentials(x: f64, y: f64) -> Two { Two(kernel::exp(x), kernel::exp(y)) }
    "C" two_sigmoids(x: f64, y: f64) -> Two { Two(kernel::sigmoid(x), kernel::sigmoid(y)) }
}

/// Two numbers, in two registers.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C)]
pub struct Two(pub f64, pub f64);

#[inline(always)]
fn two((one, other): (f64, f64)) -> Two {
    Two(one, other)
}

#[inline(always)]
fn swapped((one, other): (f64, f64)) -> (f64, f64) {
    (other, one)
}

addresses! {
    once { ceil(x) floor(x) round(x) sqrt(x) fmod(x, y) modulo(x, y) }
    extern "C" fn(f64) -> f64:
        acos acosh asin asinh atan atanh cbrt cos cosh digamma erf erfc erfcx exp exp2 expm1 gamma ln ln_gamma log10 log1p
        log2 log_ndtr sigmoid sin sinh softplus tan tanh trigamma;
    extern "C" fn(f64, f64) -> f64: atan2 hypot pow;
    extern "C" fn(f64) -> Two: sine_and_cosine cosine_and_sine;
    extern "C" fn(f64, f64) -> Two: two_exponentials two_sigmoids;
}

/// `f = σ(x)` and its slope `f(x)·f(-x)`.
#[inline(always)]
fn sigmoid_and_slope(x: f64) -> (f64, f64) {
    let f = crate::exp::sigmoid_alone(x);
    (f, f * crate::exp::sigmoid_alone(-x))
}

/// `ln Σ e^xₖ`; -∞ if empty, NaN if one is.
///
/// The largest operand is taken out first, so that no exponential overflows and the largest one is exact; what the sum
/// loses by rounding is kept, since the logarithm of a sum near 1 would be made of it.
#[inline(always)]
fn log_sum_exp_of(x: &[f64]) -> f64 {
    let Some((&first, rest)) = x.split_first() else { return f64::NEG_INFINITY };
    let mut largest = first;
    for &x in rest {
        // NaN if either is.
        largest = if largest > x {
            largest
        } else if x >= largest {
            x
        } else {
            largest + x
        };
    }
    if !largest.is_finite() {
        return largest;
    }
    let (mut total, mut lost) = (kernel::exp(first - largest), 0.0);
    for &x in rest {
        let term = kernel::exp(x - largest);
        let sum = total + term;
        let other = sum - total;
        lost += (total - (sum - other)) + (term - other);
        total = sum;
    }
    largest + (kernel::ln(total) + lost / total)
}

#[cfg(all(test, feature = "std"))]
mod tests;
