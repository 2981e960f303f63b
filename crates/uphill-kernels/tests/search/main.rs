//! Every function's stated error bound, searched for: where an error is large, its neighbourhood is tried for a larger one.
//!
//! Samples alone miss what happens beside roots, poles and switches. Points are drawn over all exponents and beside
//! special numbers; the worst of them are moved, by steps of all sizes, as long as the error grows. The truth has 77
//! digits. `UPHILL_SEARCH=100000` draws as many points; with it the worst of each function is told.

#[allow(dead_code, reason = "the sweep over all rules asks for more")]
mod big;
mod gamma;

use big::Big;
use gamma::{ln_gamma, polygamma};
use uphill_kernels as k;

/// How an error is measured, as in `accuracy.rs`.
#[derive(Clone, Copy)]
enum Scale {
    /// In units of the true value's last place.
    Ulp,
    /// In units of 2⁻⁵³ times the true value, 1 or the argument's logarithm, whichever is largest.
    Height,
    /// In ulp for positive arguments, else in units of 2⁻⁵³ times the true value or 1, whichever is larger.
    UlpForPositive,
}

type Truth = fn(Big) -> Option<Big>;

struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * ((self.bits() >> 11) as f64 / 9_007_199_254_740_992.0)
    }

    fn sign(&mut self) -> f64 {
        if self.bits() & 1 == 0 { 1.0 } else { -1.0 }
    }

    /// A step of any size up to the number itself.
    fn step(&mut self) -> f64 {
        self.sign() * self.between(-54.0, -1.0).exp2()
    }

    fn argument(&mut self) -> f64 {
        match self.bits() % 8 {
            0 => self.sign() * self.between(-1074.0, 1023.9).exp2(),
            1 => self.between(-800.0, 800.0),
            2 => self.between(-40.0, 40.0),
            3 => self.between(-1.0, 1.0),
            4 => self.between(-40.0, 40.0).round() + self.step(),
            5 => self.sign() * self.between(-30.0, 10.0).exp2(),
            _ => {
                let special = SPECIAL[self.bits() as usize % SPECIAL.len()];
                self.sign() * special * (1.0 + self.step())
            }
        }
    }
}

/// Roots, poles, and where kernels go over from one formula to another.
const SPECIAL: [f64; 24] = [
    1.0,
    0.5,
    2.0,
    std::f64::consts::FRAC_PI_2,
    std::f64::consts::FRAC_PI_4,
    std::f64::consts::PI,
    355.0,
    std::f64::consts::LN_2,
    0.346_573_590_279_972_6,
    0.414_213_562_373_095,
    2.414_213_562_373_095,
    std::f64::consts::SQRT_2,
    std::f64::consts::FRAC_1_SQRT_2,
    1.461_632_144_968_362_2,
    0.504_083_008_264_455_4,
    2.457_024_738_220_800_6,
    10.000_000_159_417_645,
    32.769_229_980_141_745,
    10.0,
    12.0,
    36.7,
    37.333_829_799_263_21,
    709.78,
    744.9,
];

/// `ln(1 + x)` and `eˣ - 1` by their series where 77 digits would cancel.
fn log1p(x: Big) -> Big {
    if x.abs() < Big::from(1e-20) {
        return x - x.square() * 0.5 + x.cube() / 3.0 - x.square().square() * 0.25;
    }
    (1.0 + x).ln()
}

fn expm1(x: Big) -> Big {
    if x.abs() < Big::from(1e-20) {
        return x + x.square() * 0.5 + x.cube() / 6.0 + x.square().square() / 24.0;
    }
    x.exp() - 1.0
}

fn erf(x: Big) -> Option<Big> {
    if x.abs() > Big::from(9.0) {
        return Some(Big::from(if x.is_negative() { -1.0 } else { 1.0 }));
    }
    let (mut term, mut sum) = (x, x);
    for n in 1..400 {
        term = -term * x.square() / f64::from(n);
        sum = sum + term / f64::from(2 * n + 1);
    }
    Some(sum * 2.0 / Big::pi().sqrt())
}

fn positive(x: Big) -> Option<Big> {
    (!x.is_negative() && !x.is_zero()).then_some(x)
}

fn within_one(x: Big) -> Option<Big> {
    (x.abs() < Big::from(1.0)).then_some(x)
}

/// The distance from `x` to the next double away from 0.
fn ulp(x: f64) -> f64 {
    let x = x.abs().min(f64::MAX);
    (x.next_up() - x).max(x - x.next_down()).min(2f64.powi(971))
}

fn error(found: f64, due: Big, scale: Scale, x: f64) -> f64 {
    let near = due.near();
    if near.abs() >= f64::MAX {
        return if found.abs() >= f64::MAX && found * near > 0.0 { 0.0 } else { f64::INFINITY };
    }
    if !found.is_finite() {
        return f64::INFINITY;
    }
    let unit = match scale {
        Scale::Ulp => ulp(near),
        Scale::UlpForPositive if x > 0.0 => ulp(near),
        Scale::Height => near.abs().max(1.0).max(x.abs().ln()) * f64::EPSILON / 2.0,
        Scale::UlpForPositive => near.abs().max(1.0) * f64::EPSILON / 2.0,
    };
    ((Big::from(found) - due).abs() / unit).near()
}

/// The largest error that was found, and where.
fn worst(f: fn(f64) -> f64, truth: Truth, scale: Scale, count: usize) -> (f64, f64) {
    let mut random = Random(0x00c0_ffee);
    let error_at = |x: f64| match truth(Big::from(x)) {
        Some(due) if due.is_number() => error(f(x), due, scale, x),
        _ => 0.0,
    };
    let mut best: Vec<(f64, f64)> = Vec::new();
    for _ in 0..count {
        let x = random.argument();
        best.push((error_at(x), x));
        if best.len() > 64 {
            best.sort_by(|a, b| b.0.total_cmp(&a.0));
            best.truncate(8);
        }
    }
    best.sort_by(|a, b| b.0.total_cmp(&a.0));
    best.truncate(8);
    for (known, x) in &mut best {
        for _ in 0..count / 16 {
            let moved = *x * (1.0 + random.step());
            let found = error_at(moved);
            if found > *known {
                (*known, *x) = (found, moved);
            }
        }
    }
    best.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((0.0, 0.0))
}

macro_rules! table {
    ($($name:ident $bound:literal $scale:ident $truth:expr;)*) => {
        [$((stringify!($name), k::$name as fn(f64) -> f64, $bound, Scale::$scale, $truth as Truth)),*]
    };
}

#[test]
fn no_error_beyond_its_bound_is_found() {
    let table = table! {
        exp 0.8 Ulp |x| Some(x.exp());
        exp2 0.8 Ulp |x| Some((x * Big::from(2.0).ln()).exp());
        expm1 1.05 Ulp |x| Some(expm1(x));
        sigmoid 1.2 Ulp |x| Some(1.0 / (1.0 + (-x).exp()));
        softplus 1.1 Ulp |x| Some(log1p((-x.abs()).exp()) + x.max(Big::from(0.0)));
        ln 0.7 Ulp |x| Some(positive(x)?.ln());
        log2 0.8 Ulp |x| Some(positive(x)?.ln() / Big::from(2.0).ln());
        log10 0.75 Ulp |x| Some(positive(x)?.ln() / Big::from(10.0).ln());
        log1p 0.7 Ulp |x| positive(1.0 + x).map(|_| log1p(x));
        sin 1.3 Ulp |x| Some(x.sin());
        cos 1.3 Ulp |x| Some(x.cos());
        tan 1.0 Ulp |x| Some(x.sin() / x.cos());
        asin 0.9 Ulp |x| Some(within_one(x)?.asin());
        acos 0.9 Ulp |x| Some(within_one(x)?.acos());
        atan 0.7 Ulp |x| Some(x.atan());
        sinh 1.05 Ulp |x| Some(x.sinh());
        cosh 0.75 Ulp |x| Some(x.cosh());
        tanh 0.75 Ulp |x| (x.abs() < Big::from(50.0)).then(|| x.tanh());
        asinh 1.6 Ulp |x| Some(x.asinh());
        acosh 1.7 Ulp |x| positive(x - 1.0).map(|_| x.acosh());
        atanh 1.5 Ulp |x| Some(within_one(x)?.atanh());
        cbrt 0.51 Ulp |x| Some(x.cbrt());
        erf 0.95 Ulp erf;
        ln_gamma 5.0 UlpForPositive ln_gamma;
        digamma 8.0 Height |x| polygamma(0, x);
        trigamma 5.5 Ulp |x| polygamma(1, x);
    };
    let asked = std::env::var("UPHILL_SEARCH").ok().and_then(|count| count.parse().ok());
    let count: usize = asked.unwrap_or(600);
    let mut lines = String::new();
    for (name, f, bound, scale, truth) in table {
        let (error, x) = worst(f, truth, scale, count);
        let is_beyond = error.is_nan() || error > bound;
        if asked.is_some() || is_beyond {
            let beyond = if is_beyond { "BEYOND " } else { "" };
            lines += &format!("{beyond}{name}: {error:.3} at {x:?}, bound {bound}\n");
        }
    }
    for order in [2, 3, 6] {
        // A unit for each factor of a term, and some for the sum; between poles the terms may cancel.
        let f: fn(f64) -> f64 = match order {
            2 => |x| k::polygamma(2, x),
            3 => |x| k::polygamma(3, x),
            _ => |x| k::polygamma(6, x),
        };
        let truth: Truth = match order {
            2 => |x| polygamma(2, positive(x)?),
            3 => |x| polygamma(3, positive(x)?),
            _ => |x| polygamma(6, positive(x)?),
        };
        let bound = f64::from(order) + 6.0;
        let (error, x) = worst(f, truth, Scale::Ulp, count / 4);
        let is_beyond = error.is_nan() || error > bound;
        if asked.is_some() || is_beyond {
            let beyond = if is_beyond { "BEYOND " } else { "" };
            lines +=
                &format!("{beyond}polygamma({order}, x): {error:.3} at {x:?}, bound {bound}\n");
        }
    }
    assert!(!lines.contains("BEYOND"), "\n{lines}");
    assert!(asked.is_none(), "measured:\n{lines}");
}
