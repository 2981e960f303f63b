//! Operations on single numbers as addresses that generated code can call. Their values are [`Op::value`].
//!
//! The table takes its kernels from [`uphill_kernels::native`], which chooses code for the processor at hand; an address is
//! that of the chosen code. The tests look at every operation.

#![allow(dead_code, reason = "for tape, interpreter and generated code; each uses a part")]

use uphill_graph::Op;
use uphill_kernels::native::addresses;

pub(crate) use uphill_kernels::native::{exp, ln, sigmoid, sin_cos as sin_and_cos, tanh};

/// A function of one number, whose address generated code can call.
pub(crate) type Unary = extern "C" fn(f64) -> f64;
/// A function of two numbers, whose address generated code can call.
pub(crate) type Binary = extern "C" fn(f64, f64) -> f64;

/// Operations with code of their own, and those whose row will do, with addresses for calls. What is not named is
/// computed by its row too, found again in each call.
macro_rules! operations {
    (
        kernels of one { $($One:ident $one:ident)+ }
        kernels of two { $($Two:ident $two:ident)+ }
        rows of one { $($RowOne:ident)+ }
        rows of two { $($RowTwo:ident)+ }
    ) => {
        /// The address of an operation's code; `None` unless it is named here and takes exactly one operand.
        pub(crate) fn unary(op: Op) -> Option<Unary> {
            Some(match op {
                $(Op::$One => addresses::$one(),)+
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
                $(Op::$Two => addresses::$two(),)+
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
        Cbrt cbrt
        Exp exp
        Exp2 exp2
        Expm1 expm1
        Ln ln
        Log2 log2
        Log10 log10
        Log1p log1p
        Sin sin
        Cos cos
        Tan tan
        Asin asin
        Acos acos
        Atan atan
        Sinh sinh
        Cosh cosh
        Tanh tanh
        Asinh asinh
        Acosh acosh
        Atanh atanh
        Sigmoid sigmoid
        Softplus softplus
        Erf erf
        Erfc erfc
        Erfcx erfcx
        LogNdtr log_ndtr
        Gamma gamma
        LnGamma ln_gamma
        Digamma digamma
        Trigamma trigamma
    }
    kernels of two { Pow pow Hypot hypot Atan2 atan2 }
    rows of one { Neg Recip Square Sqrt Relu Abs Sign Softsign Floor Ceil Round }
    rows of two {
        Add Sub Mul Div Powi Min Max Less LessEqual Greater GreaterEqual Equal NotEqual
        Mod Fmod Xlogy Polygamma ErfcxDerivative LogNdtrDerivative
    }
}

#[cfg(test)]
mod tests;
