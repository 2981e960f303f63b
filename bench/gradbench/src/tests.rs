//! Each eval on a small input, beside numbers found in another way: closed forms and differences.

mod models;

use serde_json::{Value, json};

use crate::protocol::answer;

/// What a function gives for an input, by way of the protocol.
fn output(module: &str, function: &str, input: &Value) -> Value {
    let message = json!({
        "id": 7, "kind": "evaluate", "module": module, "function": function, "input": input,
    });
    let answer: Value = serde_json::from_str(&answer(&message.to_string()).unwrap()).unwrap();
    assert_eq!(answer["id"], 7);
    assert_eq!(answer["success"], true, "{module}::{function}: {answer}");
    let names: Vec<_> = answer["timings"].as_array().unwrap().iter().map(|t| &t["name"]).collect();
    assert_eq!(names, ["prepare", "evaluate"]);
    answer["output"].clone()
}

/// All numbers of an output, in order.
fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        number => vec![number.as_f64().unwrap()],
    }
}

#[track_caller]
fn assert_near(got: &[f64], due: &[f64], tolerance: f64) {
    assert_eq!(got.len(), due.len());
    for (k, (got, due)) in got.iter().zip(due).enumerate() {
        assert!((got - due).abs() <= tolerance * (1.0 + due.abs()), "number {k}: {got}, not {due}");
    }
}

/// Slopes by central differences.
fn slopes(x: &[f64], f: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let step = 1e-5;
    let moved = |k: usize, by: f64| {
        let mut x = x.to_vec();
        x[k] += by;
        f(&x)
    };
    (0..x.len()).map(|k| (moved(k, step) - moved(k, -step)) / (2.0 * step)).collect()
}

/// Numbers between 0 and 1 without a pattern.
fn some(count: usize) -> Vec<f64> {
    (1..=count).map(|k| (k as f64 * 0.754_877_666).fract()).collect()
}

#[test]
fn messages_are_answered() {
    for (message, due) in [
        (r#"{"id": 0, "kind": "start", "eval": "hello"}"#, r#"{"id":0,"tool":"uphill"}"#),
        (r#"{"id": 1, "kind": "define", "module": "hello"}"#, r#"{"id":1,"success":true}"#),
        (r#"{"id": 3, "kind": "analysis", "of": 2, "valid": true}"#, r#"{"id":3}"#),
    ] {
        assert_eq!(answer(message).unwrap(), due);
    }
    for (message, part) in [
        (r#"{"id": 1, "kind": "define", "module": "no"}"#, "module `no`: expected one of hello, "),
        (
            r#"{"id": 1, "kind": "evaluate", "module": "hello", "function": "cube", "input": 1.0}"#,
            "function `cube`: expected one of square, double",
        ),
        (
            r#"{"id": 1, "kind": "evaluate", "module": "det", "function": "primal", "input": {"A": [1.0], "ell": 2}}"#,
            "input: A: expected 2 × 2 numbers, got 1",
        ),
        (
            r#"{"id": 1, "kind": "evaluate", "module": "det", "function": "primal", "input": 4}"#,
            "the message can't be read: ",
        ),
    ] {
        let answer = answer(message).unwrap();
        assert!(answer.contains(r#""success":false"#) && answer.contains(part), "{answer}");
    }
}

#[test]
fn runs_are_as_many_as_asked_for() {
    let message = r#"{"id": 1, "kind": "evaluate", "module": "lse", "function": "primal",
                      "input": {"x": [1.0, 2.0], "min_runs": 5, "min_seconds": 0}}"#;
    let answer: Value = serde_json::from_str(&answer(message).unwrap()).unwrap();
    assert_eq!(answer["timings"].as_array().unwrap().len(), 6);
}

#[test]
fn hello() {
    assert_eq!(output("hello", "square", &json!(3.0)), 9.0);
    assert_eq!(output("hello", "double", &json!(3.0)), 6.0);
}

#[test]
fn llsq() {
    for (n, m) in [(9, 4), (70, 3)] {
        let x = some(m);
        let value = |x: &[f64]| {
            let square = |i: usize| {
                let t: f64 = -1.0 + i as f64 * 2.0 / (n as f64 - 1.0);
                let sign = if t == 0.0 { 0.0 } else { t.signum() };
                let sum: f64 = x.iter().enumerate().map(|(j, x)| x * t.powi(j as i32)).sum();
                (sign - sum).powi(2)
            };
            (0..n).map(square).sum::<f64>() / 2.0
        };
        let input = json!({"x": x, "n": n});
        assert_near(&numbers(&output("llsq", "primal", &input)), &[value(&x)], 1e-12);
        let gradient = numbers(&output("llsq", "gradient", &input));
        assert_near(&gradient, &slopes(&x, value), 1e-8);
    }
}

#[test]
fn lse() {
    for n in [1, 5, 100, 2500] {
        let x = some(n);
        let sum: f64 = x.iter().map(|x| x.exp()).sum();
        let input = json!({"x": x});
        assert_near(&numbers(&output("lse", "primal", &input)), &[sum.ln()], 1e-12);
        let due: Vec<f64> = x.iter().map(|x| x.exp() / sum).collect();
        assert_near(&numbers(&output("lse", "gradient", &input)), &due, 1e-12);
    }
    // Far from 0, where exponentials alone overflow.
    let far = output("lse", "primal", &json!({"x": [1000.0, 1000.0]}));
    assert_near(&numbers(&far), &[1000.0 + 2.0_f64.ln()], 1e-12);
}

/// By elimination, which the eval isn't about.
fn eliminated(a: &[f64], size: usize) -> f64 {
    let (mut a, mut product) = (a.to_vec(), 1.0);
    for k in 0..size {
        let pivot =
            (k..size).max_by(|&i, &j| a[i * size + k].abs().total_cmp(&a[j * size + k].abs()));
        let pivot = pivot.unwrap();
        if pivot != k {
            (0..size).for_each(|j| a.swap(k * size + j, pivot * size + j));
            product = -product;
        }
        product *= a[k * size + k];
        for i in k + 1..size {
            let factor = a[i * size + k] / a[k * size + k];
            (k..size).for_each(|j| a[i * size + j] -= factor * a[k * size + j]);
        }
    }
    product
}

#[test]
fn det() {
    for size in [1, 2, 5, 9] {
        let a = some(size * size);
        let input = json!({"A": a, "ell": size});
        let due = eliminated(&a, size);
        assert_near(&numbers(&output("det", "primal", &input)), &[due], 1e-12);
        let gradient = numbers(&output("det", "gradient", &input));
        assert_near(&gradient, &slopes(&a, |a| eliminated(a, size)), 1e-8);
    }
}

#[test]
fn ode() {
    // The last number is a product of all x, times a power of the time over a factorial: exact for as many as four.
    for (n, s) in [(1, 1), (4, 1), (4, 10)] {
        let x = some(n);
        let input = json!({"x": x, "s": s});
        let mut due = Vec::new();
        for k in 0..n {
            let before = if k == 0 { 1.0 } else { due[k - 1] };
            due.push(before * x[k] * 2.0 / (k + 1) as f64);
        }
        assert_near(&numbers(&output("ode", "primal", &input)), &due, 1e-12);
        let due: Vec<f64> = x.iter().map(|x| due[n - 1] / x).collect();
        assert_near(&numbers(&output("ode", "gradient", &input)), &due, 1e-12);
    }
}

#[test]
fn kmeans() {
    let (n, k, d) = (40, 3, 2);
    let points = some(n * d);
    let centroids = points[(n - k) * d..].to_vec();
    let squares = |point: &[f64], centroid: &[f64]| -> f64 {
        point.iter().zip(centroid).map(|(p, c)| (p - c).powi(2)).sum()
    };
    let (mut cost, mut sums, mut counts) = (0.0, vec![0.0; k * d], vec![0.0; k]);
    for point in points.chunks(d) {
        let distances: Vec<f64> = centroids.chunks(d).map(|c| squares(point, c)).collect();
        let least = (0..k).min_by(|&i, &j| distances[i].total_cmp(&distances[j])).unwrap();
        cost += distances[least];
        counts[least] += 1.0;
        (0..d).for_each(|l| sums[least * d + l] += point[l]);
    }
    // Newton's step goes to the mean of a centroid's points.
    let due: Vec<f64> = (0..k * d).map(|j| centroids[j] - sums[j] / counts[j / d]).collect();
    let rows = |x: &[f64]| x.chunks(d).map(<[f64]>::to_vec).collect::<Vec<_>>();
    let input = json!({"points": rows(&points), "centroids": rows(&centroids)});
    assert_near(&numbers(&output("kmeans", "cost", &input)), &[cost], 1e-12);
    assert_near(&numbers(&output("kmeans", "dir", &input)), &due, 1e-12);
}

#[test]
fn descents_end_where_they_should() {
    for function in ["ff", "fr", "rf", "rr"] {
        // The least square of a path's end is 0: the path through the origin, found by bisection of plain Euler steps.
        let found = numbers(&output("particle", function, &json!({"w": 0.0})))[0];
        assert!((found - particle_by_bisection()).abs() < 1e-4, "{function}: {found}");
        let found = numbers(&output("saddle", function, &json!({"start": [1.0, 1.0]})));
        assert_near(&found, &[0.0; 4], 1e-4);
    }
}

fn particle_by_bisection() -> f64 {
    let end = |w: f64| {
        let (mut place, mut speed) = ([0.0, 8.0], [0.75, 0.0]);
        loop {
            let mut force = [0.0; 2];
            for charge in [[10.0, 10.0 - w], [10.0, 0.0]] {
                let away: [f64; 2] = std::array::from_fn(|k| place[k] - charge[k]);
                let distance = away[0].hypot(away[1]);
                (0..2).for_each(|k| force[k] += away[k] / distance.powi(3));
            }
            (0..2).for_each(|k| place[k] += 0.1 * speed[k]);
            if place[1] <= 0.0 {
                return place[0] - place[1] / speed[1] * speed[0];
            }
            (0..2).for_each(|k| speed[k] += 0.1 * force[k]);
        }
    };
    let (mut low, mut high) = (0.0, 0.5);
    assert!(end(low) * end(high) < 0.0, "{} {}", end(low), end(high));
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if end(low) * end(middle) <= 0.0 { high = middle } else { low = middle }
    }
    low
}
