//! Values and derivatives of random formulas, beside arithmetic of 50 digits (`data/random_formulas.jsonl`).
//!
//! Each of these was once wrong by more than its own steps allow: by rules that took a slope from a rounded result. A
//! line has the formula, the point, the inputs to differentiate by (none: the value) and what is due, with 20 digits.

use uphill_formula::Formula;

/// How much of a result may be wrong.
const TOLERANCE: f64 = 1e-11;

/// A line whose `due` isn't right: fifty digits lost `1 - 2f` of a sigmoid at 10⁻¹⁸⁴. The series of `f(artanh x)` is
/// `½ + x/4 + x³/16 + …`, so its second derivative is `3x/8`.
const CORRECTED: (usize, f64) = (30, 0.375 * 1.4959605701802548e-184);

/// Lines, from 0, where a step of the formula itself loses more than that: why, and what is allowed.
const LOSSES: &[(usize, f64, &str)] = &[(
    22,
    2e-2,
    "log_sum_exp(x, x, x) - x at -4·10^13, where numbers are 0.008 apart, is ln 3 with two digits",
)];

fn found(formula: &str, at: &serde_json::Map<String, serde_json::Value>, by: &[&str]) -> f64 {
    let f = Formula::parse(formula).unwrap().function().unwrap();
    let names: Vec<String> = f.inputs().names().map(|name| name.to_string()).collect();
    let x: Vec<f64> = names.iter().map(|name| at[name].as_f64().unwrap()).collect();
    let axis = |name: &&str| names.iter().position(|known| known == name).unwrap();
    match by.iter().map(axis).collect::<Vec<_>>()[..] {
        [] => f.value(&x).unwrap(),
        [a] => f.gradient().unwrap().eval(&x).unwrap()[a],
        [a, b] => f.hessian().unwrap().eval(&x).unwrap()[a * x.len() + b],
        _ => unreachable!("second derivatives at most"),
    }
}

#[test]
fn random_formulas_agree_with_fifty_digits() {
    let lines = include_str!("data/random_formulas.jsonl").lines();
    let mut wrong = Vec::new();
    let mut count = 0;
    for (number, line) in lines.enumerate() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let formula = case["formula"].as_str().unwrap();
        let by: Vec<&str> =
            case["derivative_by"].as_array().unwrap().iter().filter_map(|by| by.as_str()).collect();
        let due: f64 = match number == CORRECTED.0 {
            true => CORRECTED.1,
            false => case["due"].as_str().unwrap().parse().unwrap(),
        };
        let found = found(formula, case["at"].as_object().unwrap(), &by);
        let error = (found / due - 1.0).abs();
        let lost = LOSSES.iter().find(|(of, ..)| *of == number);
        let allowed = lost.map_or(TOLERANCE, |&(_, allowed, _)| allowed);
        if error.is_nan() || error > allowed {
            let reason = lost.map_or("", |&(.., reason)| reason);
            let at = &case["at"];
            wrong.push(format!("{number}: {formula} at {at}, by {by:?}: {found:e}, due {due:e}, {error:.1e} {reason}"));
        }
        count += 1;
    }
    assert_eq!(count, 68);
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}
