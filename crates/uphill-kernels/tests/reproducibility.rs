//! The bits of every function at some 30,000 arguments each, as one number a function. Another
//! platform, compiler or version of a dependency that changes a single bit fails here. Where a
//! kernel is changed on purpose, the message gives the new numbers.

use uphill_kernels as k;

fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
    *state
}

/// Any double, or one of the ordinary range, by turns.
fn argument(state: &mut u64, i: u32) -> f64 {
    let bits = next(state);
    let unit = (bits >> 11) as f64 / 9007199254740992.0;
    match i % 5 {
        0 => f64::from_bits(bits),
        1 => (unit - 0.5) * 1600.0,
        2 => (unit - 0.5) * 40.0,
        3 => (unit - 0.5) * 2.0,
        _ => unit * 4.0,
    }
}

/// FNV-1a over the results' bits. NaN counts as one value: IEEE 754 leaves its bits open.
fn checksum(mut result: impl FnMut(&mut u64, u32) -> f64) -> u64 {
    let mut state = 41;
    let mut sum = 0xcbf2_9ce4_8422_2325u64;
    for i in 0..30_000 {
        let value = result(&mut state, i);
        let bits = if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() };
        for byte in bits.to_le_bytes() {
            sum = (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    sum
}

macro_rules! sums {
    (one: $($one:ident $due:literal)*; two: $($two:ident $due_two:literal)*) => {
        vec![
            $((stringify!($one), checksum(|s, i| k::$one(argument(s, i))), $due),)*
            $((stringify!($two), checksum(|s, i| k::$two(argument(s, i), argument(s, i + 1))), $due_two),)*
        ]
    };
}

#[test]
fn every_bit_is_as_committed() {
    let mut sums: Vec<(&str, u64, u64)> = sums! {
        one:
        exp 0 exp2 0 expm1 0 sigmoid 0 softplus 0 ln 0 log2 0 log10 0 log1p 0
        sin 0 cos 0 tan 0 sin_bounded 0 cos_bounded 0 tan_bounded 0
        asin 0 acos 0 atan 0 sinh 0 cosh 0 tanh 0 asinh 0 acosh 0 atanh 0
        sqrt 0 cbrt 0 erf 0 ln_gamma 0 digamma 0 trigamma 0;
        two:
        atan2 0 hypot 0 pow 0
    };
    let powi = checksum(|s, i| k::powi(argument(s, i), (next(s) >> 40) as i32 % 50));
    sums.push(("powi", powi, 0));
    let fused = checksum(|s, i| k::mul_add(argument(s, i), argument(s, i + 1), argument(s, i + 2)));
    sums.push(("mul_add", fused, 0));
    let changed: String = sums
        .iter()
        .filter(|(_, found, due)| found != due)
        .map(|(name, found, _)| format!("{name} {found:#018x}\n"))
        .collect();
    assert!(changed.is_empty(), "these have other bits now:\n{changed}");
}
