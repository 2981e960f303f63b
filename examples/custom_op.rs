//! An operation that the op table has not: Lambert's W, with its value and its derivative, used like any other.
//! The derivative is checked, and since it is scalar code, second derivatives come for free.
//! Run: `cargo run --release --example custom_op`
#![allow(clippy::print_stdout)] // an example speaks to people

use uphill::prelude::*;

/// Lambert's W for x ≥ 0: the w for which w·e^w = x.
struct LambertW;

impl CustomOp for LambertW {
    fn name(&self) -> &str {
        "lambert_w"
    }

    fn arity(&self) -> usize {
        1
    }

    /// Newton's method from ln(1 + x).
    fn value(&self, x: &[f64]) -> f64 {
        let mut w = x[0].ln_1p();
        for _ in 0..20 {
            w -= (w * w.exp() - x[0]) / (w.exp() * (w + 1.0));
        }
        w
    }

    /// W′ = 1 / (e^w (1 + w)), from w·e^w = x; `z` is w itself.
    fn partials<S: Scalar>(&self, _x: &[S], z: S) -> Vec<S> {
        vec![1.0 / (z.exp() * (1.0 + z))]
    }

    fn samples(&self) -> Vec<Vec<f64>> {
        vec![vec![0.1], vec![1.0], vec![10.0]]
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let lambert_w = Custom::define(LambertW)?;
    lambert_w.op().check_rule()?;
    println!("the rule of `{}` agrees with differences of its value", lambert_w.name());

    let p = Function::record(["a", "x"], |v| v[0] * lambert_w.call(&[v[1].square()]))?;
    println!("\n{p}");
    println!("its gradient\n{}", p.gradient()?);
    let at = [2.0, 1.5];
    println!("Hessian {:?}", p.hessian()?.eval(&at)?);
    println!("\n{}", p.trace(&at)?);
    Ok(())
}
