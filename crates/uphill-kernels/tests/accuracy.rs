//! Every function against its stated error bound, on tables made with 100 digits
//! (tools/reference.py). With `UPHILL_REFERENCE` set to a directory, tables are read from there
//! where it has one, and the worst error of each is printed: so bounds are measured.

use uphill_kernels as k;

enum Function {
    One(fn(f64) -> f64),
    Two(fn(f64, f64) -> f64),
    /// The first argument is a whole number.
    Order(fn(u32, f64) -> f64),
}
use Function::{One, Order, Two};

/// How an error is measured.
#[derive(Clone, Copy, PartialEq)]
enum Scale {
    /// In units of the true value's last place.
    Ulp,
    /// In units of 2⁻⁵³ times the true value or 1, whichever is larger: near zeros of the function
    /// the error is absolute.
    Mixed,
    /// In ulp where the argument is positive, mixed elsewhere.
    UlpForPositive,
}

impl Scale {
    fn at(self, argument: f64) -> Self {
        match self {
            Self::UlpForPositive if argument > 0.0 => Self::Ulp,
            Self::UlpForPositive => Self::Mixed,
            other => other,
        }
    }
}

macro_rules! table {
    ($($kind:ident $name:ident $bound:literal $scale:ident;)*) => {
        [$((stringify!($name), $kind(k::$name), $bound, Scale::$scale,
            include_str!(concat!("data/", stringify!($name), ".csv")))),*]
    };
}

fn bits(field: &str) -> f64 {
    f64::from_bits(u64::from_str_radix(field, 16).expect("bits in hexadecimal"))
}

/// The distance from `x` to the next double away from 0.
fn ulp(x: f64) -> f64 {
    let exponent = (x.abs().to_bits() >> 52).max(1);
    if exponent > 52 {
        f64::from_bits((exponent - 52) << 52)
    } else {
        f64::from_bits(1 << (exponent - 1))
    }
}

fn error(computed: f64, nearest: f64, excess: f64, scale: Scale) -> f64 {
    if computed == nearest && nearest.is_infinite() {
        return 0.0;
    }
    if !computed.is_finite() && nearest.is_finite() && nearest.abs() < f64::MAX {
        return f64::INFINITY;
    }
    if !computed.is_finite() || !nearest.is_finite() {
        // At the edge of the range: one rounds to infinity, the other to the largest double.
        let one_apart = computed.abs() >= f64::MAX && nearest.abs() >= f64::MAX;
        return if one_apart && computed * nearest > 0.0 { 1.0 } else { f64::INFINITY };
    }
    let unit = ulp(nearest);
    // Scaled separately, so that neither step overflows or underflows.
    let in_ulp = ((computed - nearest) / unit - excess).abs();
    match scale {
        Scale::Ulp => in_ulp,
        _ => in_ulp * unit / (nearest.abs().max(1.0) * 2f64.powi(-53)),
    }
}

#[test]
fn every_function_keeps_its_stated_bound() {
    let table = table! {
        One exp 0.8 Ulp; One exp2 0.8 Ulp; One expm1 1.05 Ulp;
        One sigmoid 1.2 Ulp; One softplus 1.1 Ulp;
        One ln 0.7 Ulp; One log2 0.8 Ulp; One log10 0.75 Ulp; One log1p 0.7 Ulp;
        One sin 1.3 Ulp; One cos 1.3 Ulp; One tan 1.0 Ulp;
        One asin 0.9 Ulp; One acos 0.9 Ulp; One atan 0.7 Ulp; Two atan2 1.4 Ulp;
        One sinh 1.05 Ulp; One cosh 0.75 Ulp; One tanh 0.75 Ulp;
        One asinh 1.6 Ulp; One acosh 1.7 Ulp; One atanh 1.5 Ulp;
        One cbrt 0.51 Ulp; Two hypot 1.0 Ulp; Two pow 0.8 Ulp;
        One erfc 1.1 Ulp; One erfcx 1.3 Ulp; Order erfcx_derivative 6.0 Ulp;
        One log_ndtr 2.0 Ulp; Order log_ndtr_derivative 4.0 Ulp; One gamma 7.0 Ulp;
        One erf 0.95 Ulp; One ln_gamma 5.0 UlpForPositive; One digamma 8.0 Mixed; One trigamma 5.5 Ulp;
    };
    let measured = std::env::var("UPHILL_REFERENCE").ok();
    let mut failures = String::new();
    for (name, function, bound, scale, built_in) in table {
        let denser = measured
            .as_ref()
            .and_then(|directory| std::fs::read_to_string(format!("{directory}/{name}.csv")).ok());
        let text = denser.as_deref().unwrap_or(built_in);
        let mut worst = (0.0, String::new());
        for row in text.lines() {
            let fields: Vec<&str> = row.split(',').collect();
            let (arguments, value) = fields.split_at(fields.len() - 2);
            let computed = match function {
                One(f) => f(bits(arguments[0])),
                Two(f) => f(bits(arguments[0]), bits(arguments[1])),
                Order(f) => f(bits(arguments[0]) as u32, bits(arguments[1])),
            };
            let nearest = bits(value[0]);
            let excess = value[1].parse().expect("a decimal number");
            let found = error(computed, nearest, excess, scale.at(bits(arguments[0])));
            if found > worst.0 || found.is_nan() {
                let at: Vec<f64> = arguments.iter().map(|field| bits(field)).collect();
                worst = (found, format!("at {at:?}: computed {computed:e}, due {nearest:e}"));
            }
        }
        let line = format!("{name}: {:.3}, bound {bound}, {}\n", worst.0, worst.1);
        if measured.is_some() {
            failures += &line;
        }
        if worst.0.is_nan() || worst.0 > bound {
            failures += &format!("BEYOND {line}");
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}
