//! The lecture's linear example: P(o1, o2) = 3 o1 − 7 o2, with o1 and o2 linear in three weights.
//! Prints the function, the Jacobian of o, the gradient of P, the trace, one step uphill at two rates, and the chain
//! rule in words. Run: `cargo run --release --example chain_rule`
#![allow(clippy::print_stdout)] // an example speaks to people

use uphill::prelude::*;

/// o: R³ → R², the inner functions.
fn o<S: Scalar>(w: &[S]) -> [S; 2] {
    [w[0] - 2.0 * w[1] + 5.0 * w[2], 2.0 * w[0] - w[1] - 6.0]
}

/// P: R² → R, the performance.
fn performance<S: Scalar>(o: [S; 2]) -> S {
    3.0 * o[0] - 7.0 * o[1]
}

fn list(numbers: &[f64]) -> String {
    let numbers: Vec<String> = numbers.iter().map(f64::to_string).collect();
    format!("({})", numbers.join(", "))
}

fn main() -> Result<(), uphill::Error> {
    let weights = ["w1", "w2", "w3"];
    let inner = Function::record_many(weights, |w| {
        let [o1, o2] = o(w);
        vec![o1.named("o1"), o2.named("o2")]
    })?;
    let p = Function::record(weights, |w| {
        let [o1, o2] = o(w);
        performance([o1.named("o1"), o2.named("o2")])
    })?;
    let w = [0.0, 0.0, 0.0];

    println!("The function\n{p}");

    let jacobian = inner.jacobian()?.eval(&w)?;
    println!("Jacobian of o by w");
    for (name, row) in inner.output_names().zip(jacobian.chunks(3)) {
        println!("  d{name}/dw = {}", list(row));
    }

    let gradient = p.gradient()?.eval(&w)?;
    println!("\ngradient {}", list(&gradient));

    for rate in [1.0, 2.0] {
        let step: Vec<f64> = gradient.iter().map(|slope| rate * slope).collect();
        let w_new: Vec<f64> = w.iter().zip(&step).map(|(old, step)| old + step).collect();
        println!("step at r = {rate}: {}", list(&step));
        println!("  P goes from {} to {}", p.value(&w)?, p.value(&w_new)?);
    }

    println!("\n{}", p.trace(&w)?);
    for by in weights {
        println!("{}", p.explain("P", by, &w)?);
    }
    Ok(())
}
