//! ln |Γ| and its derivatives in numbers of 77 digits: recurrences, asymptotic series and reflection.

use crate::big::Big;

fn number(x: f64) -> Big {
    Big::from(x)
}

/// `ln |Γ(x)|` (NIST Digital Library of Mathematical Functions, 5.5.3 and 5.11.1); `None` at poles.
pub(crate) fn ln_gamma(x: Big) -> Option<Big> {
    if x.is_zero() {
        return None;
    }
    if x.is_negative() {
        let from_pole = x - x.near().round();
        if from_pole.is_zero() || x.near() < -1e15 {
            return None;
        }
        let sine = (from_pole * Big::pi()).sin().abs();
        return Some((Big::pi() / sine).ln() - ln_gamma(1.0 - x)?);
    }
    let (mut x, mut product) = (x, number(1.0));
    while x < number(ASYMPTOTIC) {
        product = product * x;
        x = x + 1.0;
    }
    let mut sum = (x - 0.5) * x.ln() - x + (2.0 * Big::pi()).ln() * 0.5;
    for (k, bernoulli) in bernoulli(30).into_iter().enumerate() {
        let order = 2.0 * (k + 1) as f64;
        sum = sum + bernoulli / (order * (order - 1.0)) / x.powi(2 * k as i32 + 1);
    }
    Some(sum - product.ln())
}

/// The `n`-th derivative of ψ (NIST Digital Library of Mathematical Functions, 5.5.2, 5.11.2 and 5.15.6).
pub(crate) fn polygamma(n: usize, x: Big) -> Option<Big> {
    if x.is_zero() {
        return None;
    }
    if !x.is_negative() {
        return Some(polygamma_of_positive(n, x));
    }
    // The derivatives of cot(πx) are polynomials in it: d/dx P(c) = -π(1 + c²)P′(c).
    let whole = x.near().round();
    let from_pole = x - whole;
    if from_pole.is_zero() || whole < -1e15 {
        return None;
    }
    let angle = from_pole * Big::pi();
    let cotangent = angle.cos() / angle.sin();
    let mut polynomial = vec![0.0, 1.0];
    for _ in 0..n {
        let mut next = vec![0.0; polynomial.len() + 1];
        for (k, coefficient) in polynomial.iter().enumerate().skip(1) {
            next[k - 1] -= k as f64 * coefficient;
            next[k + 1] -= k as f64 * coefficient;
        }
        polynomial = next;
    }
    let value = polynomial.iter().rev().fold(number(0.0), |sum, &c| sum * cotangent + c);
    let turned = Big::pi().powi(n as i32 + 1) * value;
    let mirrored = polygamma_of_positive(n, 1.0 - x);
    Some(if n.is_multiple_of(2) { mirrored - turned } else { -mirrored - turned })
}

/// From here on 30 terms of the asymptotic series give 50 digits.
const ASYMPTOTIC: f64 = 60.0;

fn polygamma_of_positive(n: usize, x: Big) -> Big {
    let sign = if n.is_multiple_of(2) { -1.0 } else { 1.0 };
    let factorial = |n: usize| (2..=n).fold(number(1.0), |product, k| product * k as f64);
    let exponent = n as i32;
    let (mut x, mut sum) = (x, number(0.0));
    while x < number(ASYMPTOTIC) {
        sum = sum + factorial(n) / x.powi(exponent + 1);
        x = x + 1.0;
    }
    // ψ(x) = ln x - 1/(2x) - Σ B₂ₖ/(2k x²ᵏ), and its derivatives term by term.
    let mut tail = if n == 0 { -x.ln() } else { factorial(n - 1) / x.powi(exponent) };
    tail = tail + factorial(n) / (2.0 * x.powi(exponent + 1));
    for (k, bernoulli) in bernoulli(30).into_iter().enumerate() {
        let order = 2 * (k + 1);
        let rising = factorial(order + n - 1) / factorial(order);
        tail = tail + bernoulli * rising / x.powi(order as i32 + exponent);
    }
    sign * (sum + tail)
}

/// Bernoulli's numbers B₂, B₄, …: Σ over k <= m of (m+1 over k)·Bₖ is 0.
fn bernoulli(count: usize) -> Vec<Big> {
    thread_local! {
        static MADE: std::cell::RefCell<Vec<Big>> = const { std::cell::RefCell::new(Vec::new()) };
    }
    MADE.with_borrow_mut(|made| {
        if made.is_empty() {
            let mut all: Vec<Big> = vec![number(1.0)];
            for m in 1..=2 * count {
                let (mut binomial, mut sum) = (number(1.0), number(0.0));
                for (k, &b) in all.iter().enumerate() {
                    sum = sum + binomial * b;
                    binomial = binomial * (m + 1 - k) as f64 / (k + 1) as f64;
                }
                all.push(-sum / (m + 1) as f64);
            }
            *made = all.into_iter().skip(2).step_by(2).collect();
        }
        made.clone()
    })
}
