//! Not yet replaced.
#![allow(missing_docs, clippy::must_use_candidate)]
macro_rules! fw { ($($n:ident = $m:ident),* $(,)?) => { $( #[inline] pub fn $n(x: f64) -> f64 { libm::$m(x) } )* } }
fw!(exp=exp, exp2=exp2, expm1=expm1, ln=log, log2=log2, log10=log10, log1p=log1p, sin=sin, cos=cos, tan=tan, sin_bounded=sin, cos_bounded=cos, tan_bounded=tan, asin=asin, acos=acos, atan=atan, sinh=sinh, cosh=cosh, tanh=tanh, asinh=asinh, acosh=acosh, atanh=atanh, cbrt=cbrt, erf=erf, ln_gamma=lgamma);
pub const TRIGONOMETRIC_BOUND: f64 = 1_073_741_824.0;
pub fn atan2(y: f64, x: f64) -> f64 { libm::atan2(y, x) }
pub fn hypot(y: f64, x: f64) -> f64 { libm::hypot(y, x) }
pub fn pow(x: f64, y: f64) -> f64 { libm::pow(x, y) }
pub fn sigmoid(x: f64) -> f64 { 1.0 / (1.0 + libm::exp(-x)) }
pub fn softplus(x: f64) -> f64 { if x > 0.0 { x + libm::log1p(libm::exp(-x)) } else { libm::log1p(libm::exp(x)) } }
pub fn digamma(mut x: f64) -> f64 {
    if x <= 0.0 { let a = core::f64::consts::PI * x; return digamma(1.0 - x) - core::f64::consts::PI * libm::cos(a) / libm::sin(a); }
    let mut s = 0.0;
    while x < 10.0 { s -= 1.0 / x; x += 1.0; }
    let z = 1.0 / (x * x);
    s + libm::log(x) - 0.5 / x - z * (1.0 / 12.0 - z * (1.0 / 120.0 - z * (1.0 / 252.0 - z * (1.0 / 240.0 - z / 132.0))))
}
pub fn trigamma(mut x: f64) -> f64 {
    if x <= 0.0 { let a = libm::sin(core::f64::consts::PI * x) / core::f64::consts::PI; return 1.0 / (a * a) - trigamma(1.0 - x); }
    let mut s = 0.0;
    while x < 10.0 { s += 1.0 / (x * x); x += 1.0; }
    let z = 1.0 / (x * x);
    s + 1.0 / x + 0.5 * z + z / x * (1.0 / 6.0 - z * (1.0 / 30.0 - z * (1.0 / 42.0 - z * (1.0 / 30.0 - z * (5.0 / 66.0)))))
}
