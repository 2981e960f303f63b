//! Both compilations of every function, at special numbers and at random ones of all magnitudes: the bits of the kernel.

use std::vec::Vec;

use super::*;

const SPECIAL: [f64; 24] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    5e-324,
    -5e-324,
    f64::MIN_POSITIVE,
    f64::MAX,
    f64::MIN,
    0.5,
    -2.0,
    3.0,
    37.0,
    -37.0,
    700.0,
    -700.0,
    709.9,
    -745.5,
    1e10,
    -1e16,
    168.0,
];

/// Random numbers, the same on every run.
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Of any magnitude, but mostly of those at which kernels do something.
    fn number(&mut self) -> f64 {
        let sign = if self.unit() < 0.5 { 1.0 } else { -1.0 };
        match (self.unit() * 6.0) as u32 {
            0 => SPECIAL[(self.unit() * SPECIAL.len() as f64) as usize],
            1 => sign * 2f64.powf(2000.0 * self.unit() - 1000.0),
            2 => sign * 2f64.powf(40.0 * self.unit() - 20.0),
            3 => (20.0 * self.unit() - 10.0).round(),
            4 => sign * 800.0 * self.unit(),
            _ => sign * 4.0 * self.unit(),
        }
    }
}

/// Compares what a function gives with what is due, as bits, but for NaN, which has many.
struct Checked {
    names: Vec<&'static str>,
    failures: Vec<std::string::String>,
}

impl Checked {
    fn check(&mut self, name: &'static str, how: &str, x: &[f64], computed: f64, due: f64) {
        if self.names.last() != Some(&name) {
            self.names.push(name);
        }
        let same = computed.to_bits() == due.to_bits() || (computed.is_nan() && due.is_nan());
        if !same && self.failures.len() < 20 {
            let line = std::format!("{how} `{name}` at {x:?}: {computed:e}, and not {due:e}");
            self.failures.push(line);
        }
    }
}

/// What both compilations give, and the one that is chosen.
macro_rules! each {
    ($checked:ident, $name:ident($($x:expr),+), $at:expr, $due:expr) => {{
        let name = stringify!($name);
        $checked.check(name, "chosen", $at, $name($($x),+), $due);
        $checked.check(name, "plain", $at, plain::$name($($x),+), $due);
    }};
}

/// The address of a function's code, beside the function.
macro_rules! address {
    ($checked:ident, $name:ident($($x:expr),+), $at:expr, $due:expr) => {
        each!($checked, $name($($x),+), $at, $due);
        $checked.check(stringify!($name), "address of", $at, addresses::$name()($($x),+), $due);
    };
}

macro_rules! of_one {
    ($checked:ident $random:ident: $($name:ident)+) => {
        $(for sample in 0..8_000 {
            let x = SPECIAL.get(sample).copied().unwrap_or_else(|| $random.number());
            address!($checked, $name(x), &[x], kernel::$name(x));
        })+
    };
}

macro_rules! of_two {
    ($checked:ident $random:ident: $($name:ident)+) => {
        $(for sample in 0..8_000 {
            let [x, y] = pair(&mut $random, sample);
            address!($checked, $name(x, y), &[x, y], kernel::$name(x, y));
        })+
    };
}

macro_rules! of_an_order {
    ($checked:ident $random:ident: $($name:ident)+) => {
        $(for sample in 0..2_000 {
            let x = SPECIAL.get(sample).copied().unwrap_or_else(|| $random.number());
            let n = [0, 1, 2, 3, 40, 168][sample % 6];
            each!($checked, $name(n, x), &[f64::from(n), x], kernel::$name(n, x));
        })+
    };
}

fn pair(random: &mut Random, sample: usize) -> [f64; 2] {
    let count = SPECIAL.len();
    if sample < count * count {
        [SPECIAL[sample / count], SPECIAL[sample % count]]
    } else {
        [random.number(), random.number()]
    }
}

#[test]
fn every_function_has_the_bits_of_its_kernel() {
    let mut checked = Checked { names: Vec::new(), failures: Vec::new() };
    let mut random = Random(7);
    of_one! { checked random:
        acos acosh asin asinh atan atanh cbrt cos cosh digamma erf erfc erfcx exp exp2 expm1 gamma ln ln_gamma log10 log1p
        log2 log_ndtr sigmoid sin sinh softplus tan tanh trigamma
    }
    of_two! { checked random: atan2 hypot pow }
    of_an_order! { checked random: erfcx_derivative log_ndtr_derivative polygamma }
    for sample in 0..8_000 {
        let [a, b] = pair(&mut random, sample);
        let c = random.number();
        each!(checked, mul_add(a, b, c), &[a, b, c], kernel::mul_add(a, b, c));
        let pairs = [
            ("sin_cos", sin_cos(a), plain::sin_cos(a), kernel::sin_cos(a)),
            (
                "sigmoid_with_slope",
                sigmoid_with_slope(a),
                plain::sigmoid_with_slope(a),
                (kernel::sigmoid(a), kernel::sigmoid(a) * kernel::sigmoid(-a)),
            ),
        ];
        let of_two = |two: Two| (two.0, two.1);
        let (sin_cos, swapped) = (kernel::sin_cos(a), (kernel::cos(a), kernel::sin(a)));
        let [exponentials, sigmoids] =
            [kernel::exp, kernel::sigmoid].map(|one: fn(f64) -> f64| (one(a), one(b)));
        let twos = [
            ("sine_and_cosine", sine_and_cosine(a), plain::sine_and_cosine(a), sin_cos),
            ("cosine_and_sine", cosine_and_sine(a), plain::cosine_and_sine(a), swapped),
            (
                "two_exponentials",
                two_exponentials(a, b),
                plain::two_exponentials(a, b),
                exponentials,
            ),
            ("two_sigmoids", two_sigmoids(a, b), plain::two_sigmoids(a, b), sigmoids),
        ];
        let twos =
            twos.map(|(name, chosen, plain, due)| (name, of_two(chosen), of_two(plain), due));
        for (name, chosen, plain, due) in pairs.into_iter().chain(twos) {
            checked.check(name, "chosen", &[a], chosen.0, due.0);
            checked.check(name, "chosen", &[a], chosen.1, due.1);
            checked.check(name, "plain", &[a], plain.0, due.0);
            checked.check(name, "plain", &[a], plain.1, due.1);
        }
        let list: Vec<f64> = (0..sample % 7).map(|_| random.number()).collect();
        let (chosen, plain) = (log_sum_exp(&list), plain::log_sum_exp(&list));
        checked.check("log_sum_exp", "chosen", &list, chosen, log_sum_exp_of(&list));
        checked.check("log_sum_exp", "plain", &list, plain, log_sum_exp_of(&list));
    }
    assert!(checked.failures.is_empty(), "{:#?}", checked.failures);
    let left_out: Vec<_> = NAMES.iter().filter(|name| !checked.names.contains(name)).collect();
    assert!(left_out.is_empty(), "not looked at: {left_out:?}");
}

/// As the op table says; weights of a sum that is 1 where one operand is far above the others.
#[test]
fn ends_of_log_sum_exp() {
    let infinity = f64::INFINITY;
    assert_eq!(log_sum_exp(&[]), -infinity);
    assert_eq!(log_sum_exp(&[-infinity, -infinity]), -infinity);
    assert_eq!(log_sum_exp(&[1.0, infinity]), infinity);
    assert_eq!(log_sum_exp(&[1000.0]), 1000.0);
    assert_eq!(log_sum_exp(&[-infinity, 2.0]), 2.0);
    assert!(log_sum_exp(&[1.0, f64::NAN]).is_nan());
}
