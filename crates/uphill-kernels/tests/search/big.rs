//! Numbers of 77 digits whose exponents don't end where those of doubles do, by `astro-float-num`.
//!
//! They are plain values that can be copied, so that the formulas of `textbook.rs` read as in a textbook.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Neg, Sub};

use astro_float_num::{BigFloat, Consts, RoundingMode, Sign};

/// Bits of the mantissa.
const BITS: usize = 256;
const TO_EVEN: RoundingMode = RoundingMode::ToEven;

thread_local! {
    static CONSTANTS: RefCell<Consts> = RefCell::new(Consts::new().expect("memory for π and ln 2"));
}

/// A number, or none where a formula has no value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Big(Option<Parts>);

/// `± 0.mantissa · 2^exponent`; zero has a mantissa of zeros.
#[derive(Debug, Clone, Copy)]
struct Parts {
    mantissa: [u64; BITS / 64],
    sign: Sign,
    exponent: i32,
}

impl From<f64> for Big {
    fn from(x: f64) -> Big {
        // Below the normal range the crate's conversion is off by a factor 2 (version 0.3.7).
        const RAISE: i32 = 200;
        if x == 0.0 || x.is_normal() {
            return Big::pack(&BigFloat::from_f64(x, BITS));
        }
        let raised = Big::pack(&BigFloat::from_f64(x * 2f64.powi(RAISE), BITS));
        Big(raised.0.map(|parts| Parts { exponent: parts.exponent - RAISE, ..parts }))
    }
}

impl Big {
    fn pack(x: &BigFloat) -> Big {
        if x.is_nan() || x.is_inf() {
            return Big(None);
        }
        let mut mantissa = [0; BITS / 64];
        let (words, _, sign, exponent, _) = x.as_raw_parts().expect("a finite number");
        if !x.is_zero() {
            mantissa[BITS / 64 - words.len()..].copy_from_slice(words);
        }
        Big(Some(Parts { mantissa, sign, exponent }))
    }

    fn unpack(self) -> BigFloat {
        match self.0 {
            None => BigFloat::nan(None),
            Some(parts) if parts.mantissa == [0; BITS / 64] => BigFloat::new(BITS),
            Some(parts) => BigFloat::from_words(&parts.mantissa, parts.sign, parts.exponent),
        }
    }

    fn through(self, f: impl Fn(&BigFloat, &mut Consts) -> BigFloat) -> Big {
        CONSTANTS.with_borrow_mut(|constants| Big::pack(&f(&self.unpack(), constants)))
    }

    pub(crate) fn is_number(self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn is_zero(self) -> bool {
        self.0.is_some_and(|parts| parts.mantissa == [0; BITS / 64])
    }

    pub(crate) fn abs(self) -> Big {
        Big(self.0.map(|parts| Parts { sign: Sign::Pos, ..parts }))
    }

    pub(crate) fn is_negative(self) -> bool {
        self.0.is_some_and(|parts| parts.sign == Sign::Neg)
    }

    pub(crate) fn max(self, other: Big) -> Big {
        if self < other { other } else { self }
    }

    /// Near enough for a message.
    pub(crate) fn near(self) -> f64 {
        let Some(parts) = self.0 else { return f64::NAN };
        let mut value = parts.mantissa[BITS / 64 - 1] as f64;
        let mut exponent = parts.exponent - 64;
        while exponent != 0 && value != 0.0 && value.is_finite() {
            let step = exponent.clamp(-1000, 1000);
            value *= 2f64.powi(step);
            exponent -= step;
        }
        if parts.sign == Sign::Neg { -value } else { value }
    }

    /// The largest whole number that is not above it.
    pub(crate) fn floor(self) -> Big {
        self.through(|x, _| x.floor())
    }

    pub(crate) fn square(self) -> Big {
        self * self
    }

    pub(crate) fn cube(self) -> Big {
        self * self * self
    }

    pub(crate) fn powi(self, n: i32) -> Big {
        let power = self.through(|x, _| x.powi(n.unsigned_abs() as usize, BITS, TO_EVEN));
        if n < 0 { Big::from(1.0) / power } else { power }
    }

    pub(crate) fn sqrt(self) -> Big {
        self.through(|x, _| x.sqrt(BITS, TO_EVEN))
    }

    pub(crate) fn cbrt(self) -> Big {
        self.through(|x, _| x.cbrt(BITS, TO_EVEN))
    }

    pub(crate) fn exp(self) -> Big {
        self.through(|x, constants| x.exp(BITS, TO_EVEN, constants))
    }

    pub(crate) fn ln(self) -> Big {
        self.through(|x, constants| x.ln(BITS, TO_EVEN, constants))
    }

    pub(crate) fn sin(self) -> Big {
        self.through(|x, constants| x.sin(BITS, TO_EVEN, constants))
    }

    pub(crate) fn cos(self) -> Big {
        self.through(|x, constants| x.cos(BITS, TO_EVEN, constants))
    }

    pub(crate) fn sinh(self) -> Big {
        self.through(|x, constants| x.sinh(BITS, TO_EVEN, constants))
    }

    pub(crate) fn cosh(self) -> Big {
        self.through(|x, constants| x.cosh(BITS, TO_EVEN, constants))
    }

    pub(crate) fn asin(self) -> Big {
        self.through(|x, constants| x.asin(BITS, TO_EVEN, constants))
    }

    pub(crate) fn acos(self) -> Big {
        self.through(|x, constants| x.acos(BITS, TO_EVEN, constants))
    }

    pub(crate) fn atan(self) -> Big {
        self.through(|x, constants| x.atan(BITS, TO_EVEN, constants))
    }

    pub(crate) fn asinh(self) -> Big {
        self.through(|x, constants| x.asinh(BITS, TO_EVEN, constants))
    }

    pub(crate) fn acosh(self) -> Big {
        self.through(|x, constants| x.acosh(BITS, TO_EVEN, constants))
    }

    pub(crate) fn atanh(self) -> Big {
        self.through(|x, constants| x.atanh(BITS, TO_EVEN, constants))
    }

    pub(crate) fn tanh(self) -> Big {
        self.sinh() / self.cosh()
    }

    pub(crate) fn pow(self, y: Big) -> Big {
        (self.ln() * y).exp()
    }

    pub(crate) fn pi() -> Big {
        CONSTANTS.with_borrow_mut(|constants| Big::pack(&constants.pi(BITS, TO_EVEN)))
    }
}

macro_rules! operators {
    ($($Trait:ident $method:ident;)*) => { $(
        impl $Trait for Big {
            type Output = Big;
            fn $method(self, other: Big) -> Big {
                Big::pack(&self.unpack().$method(&other.unpack(), BITS, TO_EVEN))
            }
        }
        impl $Trait<f64> for Big {
            type Output = Big;
            fn $method(self, other: f64) -> Big {
                $Trait::$method(self, Big::from(other))
            }
        }
        impl $Trait<Big> for f64 {
            type Output = Big;
            fn $method(self, other: Big) -> Big {
                $Trait::$method(Big::from(self), other)
            }
        }
    )* };
}

operators! { Add add; Sub sub; Mul mul; Div div; }

impl Neg for Big {
    type Output = Big;
    fn neg(self) -> Big {
        0.0 - self
    }
}

impl PartialEq for Big {
    fn eq(&self, other: &Big) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Big {
    fn partial_cmp(&self, other: &Big) -> Option<Ordering> {
        self.unpack().cmp(&other.unpack()).map(|sign| sign.cmp(&0))
    }
}
