//! Derivatives of any order, three ways that must agree: gradients of gradients, nested duals, and by hand.
//! Run: `cargo run --release --example higher_order`
#![allow(clippy::print_stdout)] // an example speaks to people

use uphill::prelude::*;

/// f(x) = sin(x) · e^(x/2), whose n-th derivative is Im((1/2 + i)ⁿ e^((1/2 + i) x)).
fn f<S: Scalar>(x: S) -> S {
    x.sin() * (0.5 * x).exp()
}

fn by_hand(order: u32, x: f64) -> f64 {
    let rate = uphill::Complex64::new(0.5, 1.0);
    (rate.powu(order) * (rate * x).exp()).im
}

fn main() -> Result<(), uphill::Error> {
    let x = 0.7;

    println!("order  graph of graph        by hand               nodes");
    let mut derivative = Function::record(["x"], |x| f(x[0]))?;
    for order in 0..=6 {
        let value = derivative.value(&[x])?;
        println!("{order:5}  {value:<20}  {:<20}  {}", by_hand(order, x), derivative.graph().len());
        derivative = derivative.gradient()?;
    }

    // The same by forward mode: a dual of a dual of a dual.
    let inner = Dual::new(Dual::variable(x), Dual::constant(1.0));
    let one = Dual::new(Dual::constant(1.0), Dual::constant(0.0));
    let y = f(Dual::new(inner, one));
    println!("\nnested duals, third derivative: {}", y.tangent.tangent.tangent);

    // A Hessian times a vector costs about as much as a few gradients, however many variables there are.
    let rosenbrock = Function::record(Inputs::new().variables("x", 1000), |x| {
        -x.windows(2)
            .map(|x| 100.0 * (x[1] - x[0].square()).square() + (1.0 - x[0]).square())
            .sum::<Var<'_>>()
    })?;
    let hessian = rosenbrock.sparse_hessian()?;
    println!("\n{}", rosenbrock.summary());
    println!(
        "Hessian: {} of {} entries, {} sweeps",
        hessian.entries.len(),
        1000 * 1000,
        hessian.sweeps
    );
    println!("Hessian-vector product: {} operations", rosenbrock.hvp()?.graph().operation_count());
    Ok(())
}
