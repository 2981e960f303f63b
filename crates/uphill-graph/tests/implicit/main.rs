use uphill_graph::*;
fn kepler() -> Implicit { Implicit::record(1, 2, |y, x| vec![y[0] - x[0] * y[0].sin() - x[1]]).unwrap() }
// circle and line: y1 + y2 = s, y1 y2 = p
fn roots() -> Implicit { Implicit::record(2, 2, |y, x| vec![y[0] + y[1] - x[0], y[0] * y[1] - x[1]]).unwrap() }
#[test]
fn first() {
    let kepler = kepler();
    let f = Function::record(["e", "M"], |x| (2.0 * kepler.solve(&[Var::constant(3.0)], x)[0].named("E")).sin()).unwrap();
    println!("{f}");
    println!("{}", f.gradient().unwrap());
    println!("{}", f.hessian().unwrap());
    println!("{}", f.trace(&[0.5, 1.0]).unwrap());
    println!("{}", f.explain("P", "e", &[0.5, 1.0]).unwrap());
    println!("{}", f.derive("P", "M").unwrap());
    println!("{}", f.gradient_formulas().unwrap());
    println!("{}", f.gradient_formulas().unwrap().latex());
    println!("{}", f.formulas());
    println!("{}", f.to_json());
    assert_eq!(Function::from_json(&f.to_json()).unwrap(), f);
    let g = f.gradient().unwrap().gradient_wrt::<&str>(&[]);
    let _ = g;
    println!("{:?}", f.eval_finite(&[f64::NAN, 1.0]));
    let two = roots();
    println!("{:?}", two.solve(&[1.0, 4.0], &[5.0, 6.0]));
    println!("{:?}", two.root(&[1.0, 1.0], &[5.0, 6.0]));
    println!("{:?}", two.root(&[1.0, 2.0], &[1.0, 6.0]));
    println!("{:?}", Implicit::record(1,1,|y,x| vec![(y[0]-1.0).square()-x[0]]).unwrap().root(&[1.01], &[0.0]));
    println!("{:?}", Implicit::record(1,1,|y,x| vec![y[0].square()-x[0]]).unwrap().root(&[1.0], &[0.0]));
    println!("{:?}", Implicit::record(1,1,|y,x| vec![y[0].square()-x[0]]).unwrap().root(&[1.0], &[-1.0]));
    let f = Function::record_many(["s", "p"], |x| two.solve(&[Var::constant(1.0), Var::constant(4.0)], x)).unwrap();
    println!("{f}");
    println!("{:?}", f.eval(&[5.0, 6.0]));
    let j = f.jacobian().unwrap();
    println!("{j}");
    println!("{:?}", j.eval(&[5.0, 6.0]));
    let k = j.jacobian().unwrap();
    println!("{:?}", k.eval(&[5.0, 6.0]));
    println!("{:?}", k.jacobian().unwrap().eval(&[5.0, 6.0]));
    println!("{} {}", f.jvp().unwrap(), f.vjp().unwrap());
    println!("{}", f.trace(&[5.0, 6.0]).unwrap());
    println!("{}", f.gradient_formulas().unwrap());
    let f = Function::record(["s", "p"], |x| {let y=two.solve(&[Var::constant(1.0), Var::constant(4.0)], x); y[0]*y[0]*y[1]}).unwrap();
    println!("{:?}", f.hessian().unwrap().eval(&[5.0, 6.0]));
    println!("{}", f.hvp().unwrap().summary());
    let d = |v, t| Dual::new(v, t);
    println!("{:?}", two.solve(&[Dual::constant(1.0), Dual::constant(4.0)], &[d(5.0, 1.0), d(6.0, 0.0)]));
    let c = |re, im| Complex64::new(re, im);
    println!("{:?}", two.solve(&[c(1.0, 0.0), c(4.0, 0.0)], &[c(5.0, 1e-20), c(6.0, 0.0)]));
    println!("{:?}", two.solve(&[c(1.0, 0.0), c(4.0, 0.0)], &[c(5.0, 1.0), c(6.0, 0.5)]));
}
