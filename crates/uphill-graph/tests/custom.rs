//! Operations of a user's: two that need each other, one with state, and what is said about faulty ones.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use uphill_graph::{Custom, CustomOp, Dual, Error, Function, Op, Scalar, Var};

/// Bessel's J₀ by its power series, good to 1e-14 for |x| < 4; its derivative is -J₁.
struct BesselJ0;
/// Bessel's J₁; its derivative is J₀ - J₁/x.
struct BesselJ1;

/// The two rules call each other: handles are made when first asked for, and partials are recorded later still.
fn j0() -> Custom {
    static HANDLE: OnceLock<Custom> = OnceLock::new();
    *HANDLE.get_or_init(|| Custom::define(BesselJ0).unwrap())
}

fn j1() -> Custom {
    static HANDLE: OnceLock<Custom> = OnceLock::new();
    *HANDLE.get_or_init(|| Custom::define(BesselJ1).unwrap())
}

/// `Jₙ(x)` for n = 0 or 1.
fn series(n: i32, x: f64) -> f64 {
    let quarter = -x * x / 4.0;
    let mut term = (x / 2.0).powi(n);
    let mut sum = term;
    for k in 1..40 {
        term *= quarter / (f64::from(k) * f64::from(k + n));
        sum += term;
    }
    sum
}

impl CustomOp for BesselJ0 {
    fn name(&self) -> &str {
        "bessel_j0"
    }
    fn arity(&self) -> usize {
        1
    }
    fn value(&self, x: &[f64]) -> f64 {
        series(0, x[0])
    }
    fn partials<S: Scalar>(&self, x: &[S], _z: S) -> Vec<S> {
        vec![-j1().call(x)]
    }
    fn samples(&self) -> Vec<Vec<f64>> {
        vec![vec![-1.0], vec![0.5], vec![2.5]]
    }
}

impl CustomOp for BesselJ1 {
    fn name(&self) -> &str {
        "bessel_j1"
    }
    fn arity(&self) -> usize {
        1
    }
    fn value(&self, x: &[f64]) -> f64 {
        series(1, x[0])
    }
    fn partials<S: Scalar>(&self, x: &[S], z: S) -> Vec<S> {
        vec![j0().call(x) - z / x[0]]
    }
    fn samples(&self) -> Vec<Vec<f64>> {
        vec![vec![-1.0], vec![0.5], vec![2.5]]
    }
}

/// A few lines that each faulty or stateful operation below fills in.
struct Made {
    name: &'static str,
    arity: usize,
    /// The value is `factor · x²`, and so is the partial `2 · slope · x`, if `slope` is right.
    factor: f64,
    slope: f64,
    partials: usize,
}

const SOUND: Made = Made { name: "scaled_square", arity: 1, factor: 3.0, slope: 3.0, partials: 1 };

impl CustomOp for Made {
    fn name(&self) -> &str {
        self.name
    }
    fn arity(&self) -> usize {
        self.arity
    }
    fn value(&self, x: &[f64]) -> f64 {
        self.factor * x[0] * x[0]
    }
    fn partials<S: Scalar>(&self, x: &[S], _z: S) -> Vec<S> {
        vec![2.0 * self.slope * x[0]; self.partials]
    }
    fn samples(&self) -> Vec<Vec<f64>> {
        vec![vec![1.5; self.arity]]
    }
}

fn close(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() < 1e-12, "{what}: expected {expected}, got {found}");
}

#[test]
fn operations_that_need_each_other() {
    for custom in [j0(), j1()] {
        if let Err(error) = custom.op().check_rule() {
            panic!("{error}");
        }
    }
    let f = Function::record(["x"], |x| j0().call(&[x[0]])).unwrap();
    let x = 1.75;
    // J0' = -J1, J0'' = J1/x - J0, J0''' = J1 + J0/x - 2 J1/x².
    let (zero, one) = (series(0, x), series(1, x));
    let expected = [zero, -one, one / x - zero, one + zero / x - 2.0 * one / (x * x)];

    let gradient = f.gradient().unwrap();
    let second = gradient.gradient().unwrap();
    let third = second.gradient().unwrap();
    for (order, f) in [&f, &gradient, &second, &third].into_iter().enumerate() {
        close(f.value(&[x]).unwrap(), expected[order], &format!("order {order} by gradients"));
        close(
            f.simplify().value(&[x]).unwrap(),
            expected[order],
            &format!("order {order}, simplified"),
        );
    }
    close(f.hessian().unwrap().value(&[x]).unwrap(), expected[2], "hessian");
    close(f.hvp().unwrap().value(&[x, 1.0]).unwrap(), expected[2], "hvp");

    let seed: Dual<Dual<Dual<f64>>> = Dual::new(
        Dual::new(Dual::variable(x), Dual::constant(1.0)),
        Dual::constant(Dual::constant(1.0)),
    );
    let z = j0().call(&[seed]);
    close(z.value.value.value, expected[0], "value by nested duals");
    close(z.tangent.value.value, expected[1], "first order by nested duals");
    close(z.tangent.tangent.value, expected[2], "second order by nested duals");
    close(z.tangent.tangent.tangent, expected[3], "third order by nested duals");
}

#[test]
fn it_prints_shares_and_folds_like_any_other() {
    let f = Function::record(["x"], |x| {
        let twice = j0().call(x) + j0().call(x);
        // Recording computes on constants at once.
        twice * j0().call(&[Var::constant(0.0)])
    });
    let f = f.unwrap();
    assert_eq!(f.graph().operation_count(), 4);
    assert_eq!(f.simplify().graph().operation_count(), 2, "shared and folded:\n{}", f.simplify());
    for text in [f.to_string(), f.simplify().to_string(), f.trace(&[0.5]).unwrap().to_string()] {
        assert!(text.contains("bessel_j0(x)"), "{text}");
    }
    let gradient = f.gradient().unwrap().to_string();
    assert!(gradient.contains("bessel_j1(x)"), "{gradient}");
    assert_eq!(j0().call(&[0.5]), f.value(&[0.5]).unwrap() / 2.0);
    assert_eq!(Custom::from_name("bessel_j0"), Some(j0()));
    assert_eq!(Op::from_name("bessel_j0"), None, "only built-in operations are found so");
}

#[test]
fn an_operation_with_state_is_defined_once() {
    let scaled = Custom::define(SOUND).unwrap();
    scaled.op().check_rule().unwrap();
    let f = Function::record(["x"], |x| scaled.call(x).exp()).unwrap();
    close(f.gradient().unwrap().value(&[0.5]).unwrap(), 3.0 * 0.75_f64.exp(), "slope");
    close(f.hessian().unwrap().value(&[0.5]).unwrap(), 15.0 * 0.75_f64.exp(), "curvature");

    let error = Custom::define(Made { factor: 4.0, ..SOUND }).unwrap_err();
    assert!(matches!(error, Error::DuplicateName { .. }), "{error}");
    assert!(error.to_string().contains("scaled_square"), "{error}");
    // Another type, without state, can't have a name that is taken; the same one gets its handle again.
    assert_eq!(Custom::define(BesselJ0).unwrap(), j0());
}

#[test]
fn names_and_arities_are_checked() {
    for name in ["", "sin", "log_sum_exp", "two words", "2nd", "f(x)", "naïve", "a-b", "new\nline"]
    {
        let error = Custom::define(Made { name, ..SOUND }).unwrap_err();
        assert!(matches!(error, Error::InvalidName { .. }), "{name:?}: {error}");
    }
    let error = Custom::define(Made { name: "of_nothing", arity: 0, ..SOUND }).unwrap_err();
    assert!(error.to_string().contains("of_nothing"), "{error}");
    assert_eq!(Custom::from_name("of_nothing"), None, "what was refused is not defined");
}

#[test]
fn the_check_finds_a_wrong_partial_and_names_it() {
    let wrong = Custom::define(Made { name: "wrong_slope", slope: 3.5, ..SOUND }).unwrap();
    let error = wrong.op().check_rule().unwrap_err();
    assert_eq!((error.op, error.operand, error.rule), ("wrong_slope", 0, 10.5));
    close(error.difference, 9.0, "the difference");
    assert!(error.to_string().contains("wrong_slope"), "{error}");
}

/// One partial for two operands: each mode says so, with the operation's name.
#[test]
fn a_missing_partial_is_named() {
    let lacking = Custom::define(Made { name: "lacking", arity: 2, ..SOUND }).unwrap();
    let f = Function::record(["x", "y"], |x| lacking.call(x)).unwrap();
    assert_eq!(f.value(&[2.0, 0.0]).unwrap(), 12.0, "the value needs no partials");
    let modes: [(&str, &dyn Fn()); 4] = [
        ("partial", &|| assert!(lacking.op().partial(0, &[2.0, 0.0], 12.0).is_nan())),
        ("gradient", &|| assert!(f.gradient().is_err())),
        ("dual", &|| assert!(lacking.call(&[Dual::variable(2.0); 2]).tangent.is_nan())),
        ("check_rule", &|| assert!(lacking.op().check_rule().is_err())),
    ];
    for (mode, run) in modes {
        let panic = catch_unwind(AssertUnwindSafe(run)).expect_err(mode);
        let message = panic.downcast_ref::<String>().expect("a formatted message");
        assert!(message.contains("lacking"), "{mode}: {message}");
        assert!(message.contains("one partial derivative an operand"), "{mode}: {message}");
    }
    let panic = catch_unwind(|| lacking.call(&[1.0])).unwrap_err();
    let message = panic.downcast_ref::<String>().expect("a formatted message");
    assert!(message.contains("`lacking` takes 2 operands"), "{message}");
}
