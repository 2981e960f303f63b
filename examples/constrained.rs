//! A chain that hangs from two hooks: where it lies lowest, if no link may get longer. What holds each link is its
//! constraint's multiplier: by how much energy would fall if the link were longer, which is half the tension.
//! Run: `cargo run --release --example constrained`
#![allow(clippy::print_stdout)] // an example speaks to people

use uphill::prelude::*;
use uphill::solve::Problem;

const LINKS: usize = 1000;

/// The energy of a chain of this length over its span, and the square of each link's length, as one loop each.
fn chain() -> Result<Function, uphill::Error> {
    let recorder = Recorder::new();
    let points = Inputs::new().variables("x", LINKS + 1).variables("y", LINKS + 1);
    let inputs = recorder.inputs(points)?;
    let (x, y) = inputs.split_at(LINKS + 1);
    let energy = loops::sum(0..LINKS, |i| (y.at(i) + y.at(i + 1)) * (0.5 / LINKS as f64));
    let length = loops::map(0..LINKS, |i| {
        (x.at(i + 1) - x.at(i)).square() + (y.at(i + 1) - y.at(i)).square()
    });
    recorder.output("energy", energy);
    recorder.outputs("length", &length);
    recorder.finish()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // From (0, 1) to (2, 1), three long: so each link is 3/1000.
    let (span, length) = (2.0, 3.0);
    let chain = chain()?;
    println!("{} operations written down for {LINKS} links", chain.graph().operation_count());

    let part = |i: usize| i as f64 / LINKS as f64;
    let x = (0..=LINKS).map(|i| span * part(i));
    // Begun as a parabola.
    let y = (0..=LINKS).map(|i| 1.0 - 4.0 * part(i) * (1.0 - part(i)));
    let square = (length / LINKS as f64).powi(2);
    let mut problem = Problem::minimise(&chain).constrain("length", square, square);
    for (end, at) in [(0, 0.0), (LINKS, span)] {
        let (x, y) = (format!("x[{end}]"), format!("y[{end}]"));
        problem = problem.bounds(x, at, at).bounds(y, 1.0, 1.0);
    }
    let best = problem.start(x.chain(y).collect::<Vec<f64>>()).solve()?;
    println!("{}\nafter {} iterations", best.status, best.iterations);

    // The curve of a chain is a·cosh(x/a), with its a from 2·a·sinh(1/a) = 3.
    let mut a: f64 = 0.6;
    for _ in 0..50 {
        let slope = 2.0 * (1.0 / a).sinh() - 2.0 / a * (1.0 / a).cosh();
        a -= (2.0 * a * (1.0 / a).sinh() - length) / slope;
    }
    let lowest = 1.0 - a * ((1.0 / a).cosh() - 1.0);
    println!("lowest point {:.6}, of a catenary {lowest:.6}", best.values[LINKS + 1 + LINKS / 2]);
    let tension = |link: usize| {
        // Of the energy by the square of the length, as a force along the link.
        -2.0 * best.constraints[link].multiplier * (length / LINKS as f64)
    };
    // The whole chain weighs 1, so that at a hook the tension is (a·cosh(1/a))/3.
    println!(
        "tension at a hook {:.6}, of a catenary {:.6}",
        tension(0),
        a * (1.0 / a).cosh() / length
    );
    println!("tension in the middle {:.6}, of a catenary {:.6}", tension(LINKS / 2), a / length);
    Ok(())
}
