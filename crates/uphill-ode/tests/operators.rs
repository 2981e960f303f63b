//! What `diffsol`'s solvers are given: for dense and sparse matrices, each product and each matrix of each function is the
//! Jacobian of the recorded function, transposed and with a minus where that is asked for.

use diffsol::{
    ConstantOp, ConstantOpSens, ConstantOpSensAdjoint, FaerMat, FaerSparseMat, Matrix, NalgebraMat,
    NonLinearOp, NonLinearOpAdjoint, NonLinearOpJacobian, NonLinearOpSens, NonLinearOpSensAdjoint,
    OdeEquations, Op, Vector,
};
use uphill_graph::{Function, Inputs, Scalar};
use uphill_ode::{Equations, Operator, System, diffsol};

const TIME: f64 = 0.7;
const STATES: [f64; 3] = [1.3, -0.4, 2.0];
const PARAMETERS: [f64; 2] = [0.9, 1.7];

fn rates<S: Scalar>(t: S, y: &[S], p: &[S]) -> Vec<S> {
    vec![p[0] * y[1] * t, (y[0] * y[2]).sin(), p[0] * p[1] - y[2].square()]
}

fn seen<S: Scalar>(_t: S, y: &[S], p: &[S]) -> Vec<S> {
    vec![y[2] * p[1], y[0].exp() + y[1]]
}

fn crossing<S: Scalar>(t: S, y: &[S], p: &[S]) -> Vec<S> {
    vec![y[0] * p[0] - t]
}

fn start<S: Scalar>(p: &[S]) -> Vec<S> {
    vec![p[0].square(), S::constant(0.5), p[0] / p[1]]
}

/// Values and Jacobian, row by row, of a function of `width` inputs, from the reference interpreter.
struct Exact {
    values: Vec<f64>,
    jacobian: Vec<Vec<f64>>,
}

impl Exact {
    fn new(function: &Function, at: &[f64]) -> Exact {
        let entries = function.jacobian().unwrap().eval(at).unwrap();
        let jacobian = entries.chunks(at.len()).map(<[f64]>::to_vec).collect();
        Exact { values: function.eval(at).unwrap(), jacobian }
    }

    fn columns(&self, range: std::ops::Range<usize>) -> Vec<Vec<f64>> {
        self.jacobian.iter().map(|row| row[range.clone()].to_vec()).collect()
    }
}

fn near(what: &str, got: &[f64], exact: &[f64]) {
    assert_eq!(got.len(), exact.len(), "{what}");
    for (got, exact) in got.iter().zip(exact) {
        assert!((got - exact).abs() < 1e-12, "{what}: {got}, exact {exact}");
    }
}

/// A matrix beside the exact one, or its transpose with a minus.
fn matrix<M: Matrix<T = f64>>(what: &str, got: &M, exact: &[Vec<f64>], is_adjoint: bool) {
    let (rows, columns) = (exact.len(), exact.first().map_or(0, Vec::len));
    let shape = if is_adjoint { (columns, rows) } else { (rows, columns) };
    assert_eq!((got.nrows(), got.ncols()), shape, "{what}");
    let mut all = vec![0.0; rows * columns];
    let (places, values) = got.triplet_iter();
    for ((row, column), value) in places.zip(values) {
        let place = if is_adjoint { column * columns + row } else { row * columns + column };
        all[place] += if is_adjoint { -value } else { value };
    }
    near(what, &all, &exact.concat());
}

fn times(exact: &[Vec<f64>], v: &[f64]) -> Vec<f64> {
    exact.iter().map(|row| row.iter().zip(v).map(|(a, b)| a * b).sum()).collect()
}

fn minus_transposed_times(exact: &[Vec<f64>], v: &[f64]) -> Vec<f64> {
    let sum = |column: usize| -exact.iter().zip(v).map(|(row, v)| row[column] * v).sum::<f64>();
    (0..exact[0].len()).map(sum).collect()
}

fn function<M: Matrix<T = f64>>(what: &str, operator: &Operator<'_, M>, exact: &Exact) {
    let context = operator.context().clone();
    let vector = |numbers: &[f64]| M::V::from_slice(numbers, context.clone());
    let (outputs, states, parameters) = (operator.nout(), operator.nstates(), operator.nparams());
    let y = vector(&STATES);
    near(what, &operator.call(&y, TIME).clone_as_vec(), &exact.values);
    let (by_states, by_parameters) = (exact.columns(1..4), exact.columns(4..6));
    let direction =
        |count: usize| -> Vec<f64> { (1..=count).map(|k| 0.3 * k as f64 - 0.5).collect() };
    let zeros = |count| M::V::zeros(count, context.clone());

    let mut into = zeros(outputs);
    operator.jac_mul_inplace(&y, TIME, &vector(&direction(states)), &mut into);
    near(what, &into.clone_as_vec(), &times(&by_states, &direction(states)));
    operator.sens_mul_inplace(&y, TIME, &vector(&direction(parameters)), &mut into);
    near(what, &into.clone_as_vec(), &times(&by_parameters, &direction(parameters)));
    let adjoints = direction(outputs);
    let mut into = zeros(states);
    operator.jac_transpose_mul_inplace(&y, TIME, &vector(&adjoints), &mut into);
    near(what, &into.clone_as_vec(), &minus_transposed_times(&by_states, &adjoints));
    let mut into = zeros(parameters);
    operator.sens_transpose_mul_inplace(&y, TIME, &vector(&adjoints), &mut into);
    near(what, &into.clone_as_vec(), &minus_transposed_times(&by_parameters, &adjoints));

    let new =
        |rows, columns, sparsity| M::new_from_sparsity(rows, columns, sparsity, context.clone());
    let mut jacobian = new(outputs, states, operator.jacobian_sparsity());
    operator.jacobian_inplace(&y, TIME, &mut jacobian);
    matrix(what, &jacobian, &by_states, false);
    matrix(what, &operator.adjoint(&y, TIME), &by_states, true);
    let mut slopes = new(outputs, parameters, operator.sens_sparsity());
    operator.sens_inplace(&y, TIME, &mut slopes);
    matrix(what, &slopes, &by_parameters, false);
    matrix(what, &operator.sens_adjoint(&y, TIME), &by_parameters, true);
}

fn all<M: Matrix<T = f64>>(what: &str) {
    let system =
        System::record(["a", "b", "c"], ["k", "m"], |t, y, p| rates(t, y, p), |p| start(p))
            .unwrap()
            .outputs(["x", "z"], |t, y, p| seen(t, y, p))
            .unwrap()
            .events(["crossing"], |t, y, p| crossing(t, y, p))
            .unwrap();
    let mut equations = Equations::<M>::new(&system).unwrap();
    let context = equations.context().clone();
    equations.set_params(&M::V::from_slice(&PARAMETERS, context.clone()));
    let inputs = || Inputs::new().variable("t").variables("y", 3).variables("p", 2);
    let at = [&[TIME], &STATES[..], &PARAMETERS].concat();
    let exact = |function: Function| Exact::new(&function, &at);
    let of_rates = Function::record_many(inputs(), |v| rates(v[0], &v[1..4], &v[4..])).unwrap();
    let of_seen = Function::record_many(inputs(), |v| seen(v[0], &v[1..4], &v[4..])).unwrap();
    let of_events = Function::record_many(inputs(), |v| crossing(v[0], &v[1..4], &v[4..])).unwrap();
    function(&format!("{what}, rates"), &equations.rhs(), &exact(of_rates));
    function(&format!("{what}, outputs"), &equations.out().unwrap(), &exact(of_seen));
    function(&format!("{what}, events"), &equations.root().unwrap(), &exact(of_events));

    let of_start = Function::record_many(Inputs::new().variables("p", 2), |p| start(p)).unwrap();
    let exact = Exact::new(&of_start, &PARAMETERS);
    let init = equations.init();
    near(what, &init.call(TIME).clone_as_vec(), &exact.values);
    let vector = |numbers: &[f64]| M::V::from_slice(numbers, context.clone());
    let mut into = M::V::zeros(3, context.clone());
    init.sens_mul_inplace(TIME, &vector(&[2.0, -1.0]), &mut into);
    near(what, &into.clone_as_vec(), &times(&exact.jacobian, &[2.0, -1.0]));
    let mut into = M::V::zeros(2, context.clone());
    init.sens_transpose_mul_inplace(TIME, &vector(&[2.0, -1.0, 0.5]), &mut into);
    near(what, &into.clone_as_vec(), &minus_transposed_times(&exact.jacobian, &[2.0, -1.0, 0.5]));
    matrix(what, &init.sens(TIME), &exact.jacobian, false);
    matrix(what, &init.sens_adjoint(TIME), &exact.jacobian, true);

    let mut back = M::V::zeros(2, context.clone());
    equations.get_params(&mut back);
    near(what, &back.clone_as_vec(), &PARAMETERS);
    assert!(equations.trouble(f64::NEG_INFINITY).is_none());
}

#[test]
fn dense_and_sparse_matrices_get_the_same_derivatives() {
    all::<NalgebraMat<f64>>("dense, nalgebra");
    all::<FaerMat<f64>>("dense, faer");
    all::<FaerSparseMat<f64>>("sparse, faer");
}
