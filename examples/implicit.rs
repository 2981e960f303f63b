//! Values that equations define: Kepler's for the path of a planet, and two that meet in a circuit; with derivatives to any
//! order, and an orbit found from where the planet was seen.
//! Run: `cargo run --release --example implicit`
#![allow(clippy::print_stdout)] // an example speaks to people

use uphill::prelude::*;
use uphill::solve::Climb;

const TRUE: [f64; 2] = [0.2056, 0.7];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // E - M - e·sin E = 0: what cancels stands first, and is exact.
    let kepler = Implicit::record(1, 2, |y, x| vec![y[0] - x[1] - x[0] * y[0].sin()])?;
    let anomaly = Function::record(["e", "M"], |x| {
        kepler.solve(&[Var::constant(std::f64::consts::PI)], x)[0].named("E")
    })?;
    println!("{anomaly}");
    println!("{}", anomaly.gradient_formulas()?);
    let at = [0.2056, 1.0];
    println!("E {:?}", anomaly.value(&at)?);
    println!("gradient {:?}", anomaly.gradient()?.eval(&at)?);
    println!("Hessian {:?}\n", anomaly.hessian()?.eval(&at)?);

    // Where the planet was seen, by its angle from the sun; when it passed the sun and how long its ellipse is are looked for.
    let angle_seen = |w: &[f64], time: f64| {
        let e = kepler.solve(&[time], &[w[0], time - w[1]])[0];
        2.0 * (((1.0 + w[0]) / (1.0 - w[0])).sqrt() * (e / 2.0).tan()).atan()
    };
    let times: Vec<f64> = (0..12).map(|k| 0.25 * f64::from(k)).collect();
    let seen: Vec<f64> = times.iter().map(|&time| angle_seen(&TRUE, time)).collect();
    let p = Function::record(["e", "passed"], |w| {
        let off = loops::sum(0..12, |k| {
            let time = k.of(&times);
            let e = kepler.solve(&[time], &[w[0], time - w[1]])[0];
            let stretch = ((1.0 + w[0]) / (1.0 - w[0])).sqrt();
            (2.0 * (stretch * (e / 2.0).tan()).atan() - k.of(&seen)).square()
        });
        -off
    })?;
    let summit = Climb::new(&p).start([0.1, 0.5]).run()?;
    println!("orbit: e {:.6}, passed {:.6}\n", summit.values[0], summit.values[1]);

    // A diode behind a resistor: what flows through both is the same. Two unknowns: voltage and current.
    let circuit = Implicit::record(2, 2, |y, x| {
        let (voltage, current) = (y[0], y[1]);
        let through_diode = 1e-6 * (voltage / 0.05).expm1();
        vec![current - through_diode, x[0] - x[1] * current - voltage]
    })?;
    let solved = circuit.root(&[0.5, 0.0], &[5.0, 1000.0])?;
    println!("diode: {:.9} V, {:.9} A", solved[0], solved[1]);
    let current = Function::record(["source", "resistance"], |x| {
        circuit.solve(&[0.5, 0.0].map(Var::constant), x)[1].named("current")
    })?;
    println!("slopes {:?}", current.gradient()?.eval(&[5.0, 1000.0])?);
    println!("{}", circuit.root(&[0.5, 0.0], &[f64::NAN, 1000.0]).unwrap_err());
    Ok(())
}
