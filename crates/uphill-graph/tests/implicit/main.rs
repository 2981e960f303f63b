use uphill_graph::*;
fn kepler() -> Implicit { Implicit::record(1, 2, |y, x| vec![y[0] - x[0] * y[0].sin() - x[1]]).unwrap() }
fn newton_steps(f: &Function) -> String { format!("{f}") }
#[test]
fn first() {
    let kepler = kepler();
    for (e, m) in [(0.0, 1.0), (0.5, 1.0), (0.99, 0.01), (0.9, 3.0)] {
        println!("{e} {m} {:?}", kepler.solve(&[3.0], &[e, m]));
    }
    let f = Function::record(["e", "M"], |x| kepler.solve(&[Var::constant(3.0)], x)[0]).unwrap();
    println!("{}", newton_steps(&f));
    println!("{:?}", f.eval(&[0.5, 1.0]));
    let g = f.gradient().unwrap();
    println!("{g}");
    println!("{:?}", g.eval(&[0.5, 1.0]));
    let h = f.hessian().unwrap();
    println!("{h}");
    println!("{:?}", h.eval(&[0.5, 1.0]));
    let t = h.jacobian().unwrap();
    println!("{:?}", t.eval(&[0.5, 1.0]));
    let j = f.jvp().unwrap();
    println!("{j} {:?}", j.eval(&[0.5, 1.0, 1.0, 0.0]));
}
