//! Operations on single numbers, at the speed that the processor has: the bits of `Op::value`, in less time. Every backend
//! takes from here what it has no code of its own for.
//!
//! The kernels rest on fused multiply-add. A build for any x86-64 processor calls the C library for each, some 20 times
//! a sine. So each kernel is compiled a second time for processors with the instruction, and the choice is made at run
//! time. Both give the same bits, since both round correctly; the tests below look at every operation.

#![allow(unsafe_code, reason = "code for processors that are known only at run time")]
#![allow(dead_code, reason = "for tape, interpreter and generated code; each uses a part")]

use uphill_graph::Op;
use uphill_kernels as kernel;

/// A function of one number, whose address generated code can call.
pub(crate) type Unary = extern "C" fn(f64) -> f64;
/// A function of two numbers, whose address generated code can call.
pub(crate) type Binary = extern "C" fn(f64, f64) -> f64;

/// Whether the second compilation can run here. A constant in builds for processors that have the instruction.
#[inline]
fn is_fused() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        std::arch::is_x86_feature_detected!("fma")
    }
    // On 64-bit ARM every build has it; elsewhere there is one compilation.
    #[cfg(not(target_arch = "x86_64"))]
    {
        false
    }
}

/// Functions compiled twice, and the choice: `name(x: T, …) -> T { code }`.
macro_rules! compiled_twice {
    ($($name:ident($($x:ident: $T:ty),+) -> $R:ty { $code:expr })+) => {
        mod plain {
            use super::*;
            $(pub(super) fn $name($($x: $T),+) -> $R { $code })+
        }
        #[cfg(target_arch = "x86_64")]
        mod fused {
            use super::*;
            $(
                #[target_feature(enable = "fma")]
                pub(super) fn $name($($x: $T),+) -> $R { $code }
            )+
        }
        $(
            #[inline]
            pub(crate) fn $name($($x: $T),+) -> $R {
                #[cfg(target_arch = "x86_64")]
                if is_fused() {
                    // SAFETY: the processor has the one feature that the function is compiled for.
                    return unsafe { fused::$name($($x),+) };
                }
                plain::$name($($x),+)
            }
        )+
    };
}

/// Operations with a kernel of their own, compiled twice, and those whose row will do, with addresses for calls. What is
/// not named is computed by its row too, found again in each call.
macro_rules! operations {
    (
        kernels of one { $($One:ident $one:ident { $one_code:expr })+ }
        kernels of two { $($Two:ident $two:ident { $two_code:expr })+ }
        kernels of many { $($Many:ident $many:ident)+ }
        rows of one { $($RowOne:ident)+ }
        rows of two { $($RowTwo:ident)+ }
    ) => {
        compiled_twice! {
            $($one(x: f64) -> f64 { $one_code(x) })+
            $($two(x: f64, y: f64) -> f64 { $two_code(x, y) })+
            sin_and_cos(x: f64) -> (f64, f64) { kernel::sin_cos(x) }
            log_sum_exp(x: &[f64]) -> f64 { log_sum_exp_kernel(x) }
        }

        /// The operation's value: the bits of [`Op::value`].
        ///
        /// # Panics
        ///
        /// If the number of operands does not fit [`Op::arity`].
        #[inline]
        pub(crate) fn value(op: Op, operands: &[f64]) -> f64 {
            match op {
                $(Op::$One => if let &[x] = operands { return $one(x) },)+
                $(Op::$Two => if let &[x, y] = operands { return $two(x, y) },)+
                $(Op::$Many => return $many(operands),)+
                _ => {}
            }
            op.value(operands)
        }

        /// The address of an operation's code; `None` unless it is named here and takes exactly one operand.
        pub(crate) fn unary(op: Op) -> Option<Unary> {
            Some(match op {
                $(Op::$One => {
                    extern "C" fn plain(x: f64) -> f64 { plain::$one(x) }
                    #[cfg(target_arch = "x86_64")]
                    if is_fused() {
                        #[target_feature(enable = "fma")]
                        unsafe extern "C" fn fused(x: f64) -> f64 { $one_code(x) }
                        // SAFETY: the types differ in `unsafe` alone, which stands for the processor's having the
                        // feature; it has it.
                        return Some(unsafe {
                            std::mem::transmute::<unsafe extern "C" fn(f64) -> f64, Unary>(fused)
                        });
                    }
                    plain
                })+
                $(Op::$RowOne => {
                    extern "C" fn row(x: f64) -> f64 { Op::$RowOne.value(&[x]) }
                    row
                })+
                _ => return None,
            })
        }

        /// The address of an operation's code; `None` unless it is named here and takes exactly two operands.
        pub(crate) fn binary(op: Op) -> Option<Binary> {
            Some(match op {
                $(Op::$Two => {
                    extern "C" fn plain(x: f64, y: f64) -> f64 { plain::$two(x, y) }
                    #[cfg(target_arch = "x86_64")]
                    if is_fused() {
                        #[target_feature(enable = "fma")]
                        unsafe extern "C" fn fused(x: f64, y: f64) -> f64 { $two_code(x, y) }
                        // SAFETY: the types differ in `unsafe` alone, which stands for the processor's having the
                        // feature; it has it.
                        return Some(unsafe {
                            std::mem::transmute::<unsafe extern "C" fn(f64, f64) -> f64, Binary>(fused)
                        });
                    }
                    plain
                })+
                $(Op::$RowTwo => {
                    extern "C" fn row(x: f64, y: f64) -> f64 { Op::$RowTwo.value(&[x, y]) }
                    row
                })+
                _ => return None,
            })
        }
    };
}

operations! {
    kernels of one {
        Cbrt cbrt { kernel::cbrt }
        Exp exp { kernel::exp }
        Exp2 exp2 { kernel::exp2 }
        Expm1 expm1 { kernel::expm1 }
        Ln ln { kernel::ln }
        Log2 log2 { kernel::log2 }
        Log10 log10 { kernel::log10 }
        Log1p log1p { kernel::log1p }
        Sin sin { kernel::sin }
        Cos cos { kernel::cos }
        Tan tan { kernel::tan }
        Asin asin { kernel::asin }
        Acos acos { kernel::acos }
        Atan atan { kernel::atan }
        Sinh sinh { kernel::sinh }
        Cosh cosh { kernel::cosh }
        Tanh tanh { kernel::tanh }
        Asinh asinh { kernel::asinh }
        Acosh acosh { kernel::acosh }
        Atanh atanh { kernel::atanh }
        Sigmoid sigmoid { kernel::sigmoid }
        Softplus softplus { kernel::softplus }
        Erf erf { kernel::erf }
        Erfc erfc { kernel::erfc }
        Erfcx erfcx { kernel::erfcx }
        LogNdtr log_ndtr { kernel::log_ndtr }
        Gamma gamma { kernel::gamma }
        LnGamma ln_gamma { kernel::ln_gamma }
        Digamma digamma { kernel::digamma }
        Trigamma trigamma { kernel::trigamma }
    }
    kernels of two {
        Pow pow { kernel::pow }
        Hypot hypot { kernel::hypot }
        Atan2 atan2 { kernel::atan2 }
        ErfcxDerivative erfcx_derivative { |n: f64, x: f64| kernel::erfcx_derivative(n as u32, x) }
        LogNdtrDerivative log_ndtr_derivative { |n: f64, x: f64| kernel::log_ndtr_derivative(n as u32, x) }
        Polygamma polygamma { |n: f64, x: f64| kernel::polygamma(n as u32, x) }
        Xlogy xlogy { xlogy_kernel }
    }
    kernels of many { LogSumExp log_sum_exp }
    rows of one { Neg Recip Square Sqrt Relu Abs Sign Softsign Floor Ceil Round }
    rows of two {
        Add Sub Mul Div Powi Min Max Less LessEqual Greater GreaterEqual Equal NotEqual
        Mod Fmod
    }
}

#[inline(always)]
fn xlogy_kernel(x: f64, y: f64) -> f64 {
    if x == 0.0 && !y.is_nan() { 0.0 } else { x * kernel::ln(y) }
}

#[inline(always)]
fn log_sum_exp_kernel(x: &[f64]) -> f64 {
    let larger = |a: f64, b: f64| {
        if a > b {
            a
        } else if b >= a {
            b
        } else {
            a + b
        }
    };
    let Some(largest) = x.iter().copied().reduce(larger) else { return f64::NEG_INFINITY };
    if !largest.is_finite() {
        return largest;
    }
    let (mut total, mut lost) = (kernel::exp(x[0] - largest), 0.0);
    for x in &x[1..] {
        let term = kernel::exp(x - largest);
        let sum = total + term;
        let other = sum - total;
        lost += (total - (sum - other)) + (term - other);
        total = sum;
    }
    largest + (kernel::ln(total) + lost / total)
}

#[cfg(test)]
mod tests;
