//! Value and gradient of one performance by each library, and by uphill: what comes is held against what is due, then it is a
//! row of a table. What a workload has of its own, such as the work by hand, it adds to the same table.

use std::hint::black_box;

use ad_trait::AD;
use ad_trait::differentiable_function::{DerivativeMethodTrait, ForwardADMulti, ReverseAD};
use ad_trait::forward_ad::adfn::adfn;
use ad_trait::reverse_ad::adr::adr;
use echidna::Scalar as _;
use nalgebra::SVector;
use num_dual::DualSVec64;
use reverse::Gradient as _;
use uphill_bench::numbers::Sums;
use uphill_bench::table::Table;
use uphill_engine::tape::{Active, Tape};
use uphill_engine::{Backend, Compiler, Program, Workspace};
use uphill_graph::{Function, Inputs, Scalar as _, Var};

use crate::number::{Code, Number};

/// A performance as generic code.
pub trait Performance {
    /// P of these variables. Constants are made by `constant`, as the library has them.
    fn of<N: Number>(&self, x: &[N], constant: impl Fn(f64) -> N) -> N;
}

/// A performance of so many variables as a graph.
pub fn record(performance: &impl Performance, variables: usize) -> Function {
    let names = Inputs::new().variables("x", variables);
    Function::record(names, |x| performance.of(x, Var::constant)).expect("names")
}

/// Calls of uphill's program of a function, all with the same inputs.
pub struct Calls<'a> {
    program: Program,
    workspace: Workspace,
    inputs: &'a [f64],
    outputs: Vec<f64>,
}

impl<'a> Calls<'a> {
    pub fn new(function: &Function, backend: Backend, inputs: &'a [f64]) -> Calls<'a> {
        let program = Compiler::new().machine_code().compile(function).expect("compiles");
        let workspace = program.workspace().backend(backend);
        Calls { outputs: vec![0.0; program.output_count()], program, workspace, inputs }
    }

    pub fn run(&mut self) -> &[f64] {
        let inputs = black_box(self.inputs);
        self.program.run(&mut self.workspace, inputs, &mut self.outputs).expect("shape");
        &self.outputs
    }
}

/// Gradients of a performance at a point, with their table.
pub struct Gradients<'a, P> {
    performance: &'a P,
    point: &'a [f64],
    due: Sums,
    tolerance: f64,
    pub table: Table<'a>,
}

impl<'a, P: Performance> Gradients<'a, P> {
    pub fn new(
        performance: &'a P,
        point: &'a [f64],
        due: Sums,
        tolerance: f64,
        table: Table<'a>,
    ) -> Self {
        Gradients { performance, point, due, tolerance, table }
    }

    pub fn check(&self, what: &str, p: f64, gradient: &[f64]) {
        Sums::of(p, gradient).check(what, self.due, self.tolerance);
    }

    /// A program of P and its gradient, in this order.
    pub fn compiled(&mut self, name: &str, mut calls: Calls<'a>) {
        let outputs = calls.run();
        self.check(name, outputs[0], &outputs[1..]);
        self.table.row(name, move || {
            black_box(calls.run());
        });
    }

    /// What echidna recorded once, evaluated again.
    pub fn recorded(&mut self) {
        let (performance, point) = (self.performance, self.point);
        let (mut recorded, p) =
            echidna::record(|x| performance.of(x, echidna::BReverse::from_f), point);
        self.check("echidna, recorded once", p, &recorded.gradient(point));
        let mut adjoints = Vec::new();
        self.table.row("echidna, recorded once", move || {
            black_box(recorded.gradient_with_buf(black_box(point), &mut adjoints));
        });
    }

    /// Tapes that are written anew for each gradient.
    pub fn taped(&mut self) {
        let (performance, point) = (self.performance, self.point);
        let mut tape = Tape::new();
        let (p, gradient) =
            tape.gradient(point, |x| performance.of(x, Active::constant)).expect("memory");
        self.check("uphill, fresh tape", p, &gradient);
        let mut slopes = gradient;
        self.table.row("uphill, fresh tape", move || {
            let value = tape.gradient_into(black_box(point), &mut slopes, |x| {
                performance.of(x, Active::constant)
            });
            black_box((value.expect("memory"), &slopes));
        });
        // Gives no value.
        let value = self.due.0;
        self.row(
            "echidna, its tape for one sweep",
            move || {
                echidna::grad(|x| performance.of(x, echidna::Reverse::from_f), black_box(point))
            },
            |slopes| (value, slopes),
        );
        let code = Code { inputs: point.len(), code: |x: &[adr]| performance.of(x, adr::constant) };
        self.row(
            "ad_trait, reverse",
            move || ReverseAD::new().derivative(black_box(point), &code),
            |(p, slopes)| (p[0], slopes.as_slice()),
        );
        self.row(
            "reverse, fresh tape",
            move || {
                let tape = reverse::Tape::new();
                let x = tape.add_vars(black_box(point));
                let p = performance.of(&x, |c| tape.add_var(c));
                (p.val(), p.grad().wrt(&x))
            },
            |(p, slopes)| (*p, slopes),
        );
    }

    /// All directions at once, as many as there are variables.
    pub fn forward<const N: usize>(&mut self, count: &str) {
        let (performance, point) = (self.performance, self.point);
        let variables: [f64; N] = point.try_into().expect("as many variables");
        self.row(
            &format!("num-dual, {count} directions forward"),
            move || {
                num_dual::gradient(
                    |x: SVector<DualSVec64<N>, N>| {
                        performance.of(x.as_slice(), DualSVec64::from_re)
                    },
                    &SVector::from(black_box(variables)),
                )
            },
            |(p, slopes)| (*p, slopes.as_slice()),
        );
        let code = Code { inputs: N, code: |x: &[adfn<N>]| performance.of(x, adfn::constant) };
        self.row(
            &format!("ad_trait, {count} directions forward"),
            move || ForwardADMulti::<adfn<N>>::new().derivative(black_box(point), &code),
            |(p, slopes)| (p[0], slopes.as_slice()),
        );
    }

    fn row<G>(
        &mut self,
        name: &str,
        work: impl Fn() -> G + 'a,
        parts: impl Fn(&G) -> (f64, &[f64]),
    ) {
        let got = work();
        let (p, gradient) = parts(&got);
        self.check(name, p, gradient);
        self.table.row(name, move || {
            black_box(work());
        });
    }
}
