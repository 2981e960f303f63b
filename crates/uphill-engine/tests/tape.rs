//! The fresh tape beside `Function::gradient`: every operation, random code, long chains; its memory, and its limits.
//!
//! Numbers are compared with `==`, so that zeros of either sign are the same; NaN is the same as NaN. Everything else
//! must agree in every bit.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use uphill_engine::Error;
use uphill_engine::tape::{Active, Tape};
use uphill_graph::{Arity, Custom, CustomOp, Dual, Function, Inputs, Op, Scalar, Valued};

/// Counts what each thread allocates.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

#[allow(unsafe_code, reason = "the trait is unsafe")]
// SAFETY: every call goes to the system's allocator unchanged; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn allocations() -> u64 {
    ALLOCATIONS.with(Cell::get)
}

fn same(x: f64, y: f64) -> bool {
    x == y || (x.is_nan() && y.is_nan())
}

/// Code that can be run on both.
trait Code {
    fn run<S: Scalar>(&self, x: &[S]) -> S;
}

/// Value and gradient by a graph: by its vector-Jacobian product with 1, since a gradient graph, whose last adjoint is
/// known, leaves out what is known to cancel.
fn by_graph(code: &impl Code, x: &[f64]) -> Vec<f64> {
    let function = Function::record(Inputs::new().variables("x", x.len()), |x| code.run(x));
    let function = function.unwrap();
    let mut all = function.eval(x).unwrap();
    all.extend(function.vjp().unwrap().eval(&[x, &[1.0]].concat()).unwrap());
    all
}

fn check(tape: &mut Tape, code: &impl Code, x: &[f64], what: &dyn Fn() -> String) {
    check_within(0.0, tape, code, x, what);
}

/// Slopes may differ by so much of the largest.
fn check_within(
    tolerance: f64,
    tape: &mut Tape,
    code: &impl Code,
    x: &[f64],
    what: &dyn Fn() -> String,
) {
    let due = by_graph(code, x);
    let (value, gradient) = tape.gradient(x, |x| code.run(x)).unwrap();
    assert!(same(value, due[0]), "{}: {value:e}, the graph gives {:e}", what(), due[0]);
    let finite = due[1..].iter().filter(|slope| slope.is_finite());
    let room = tolerance * finite.fold(0.0, |largest: f64, slope| largest.max(slope.abs()));
    for (k, (&got, &due)) in gradient.iter().zip(&due[1..]).enumerate() {
        assert!(
            same(got, due) || (got - due).abs() <= room,
            "{}: slope {k} is {got:e}, the graph gives {due:e}",
            what()
        );
    }
}

const SPECIAL: [f64; 16] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    2.5,
    -3.0,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    f64::MIN_POSITIVE,
    -1e-300,
    1e300,
    709.5,
    -745.2,
    1e16,
];

/// Which operand must be a constant of the graph.
fn constant_operand(op: Op) -> Option<usize> {
    op.whole_operand().map(|(place, _)| place)
}

/// One operation, times a factor: then the adjoint that comes back to it is not 1.
struct One {
    op: Op,
    at: Vec<f64>,
    /// Operands that are constants, as bits.
    constants: u32,
    factor: f64,
}

impl Code for One {
    fn run<S: Scalar>(&self, x: &[S]) -> S {
        let is_constant = |k: usize| self.constants >> k & 1 == 1;
        let operand = |k| if is_constant(k) { S::constant(self.at[k]) } else { x[k] };
        let operands: Vec<S> = (0..x.len()).map(operand).collect();
        S::apply(self.op, &operands) * self.factor
    }
}

#[test]
fn every_operation_of_the_table() {
    let mut tape = Tape::new();
    let mut count = 0;
    for &op in Op::ALL {
        let samples = op.samples();
        let width = match op.arity() {
            Arity::Exactly(count) => count,
            Arity::Any | Arity::Pairs => 4,
        };
        let special = (0..SPECIAL.len().pow(width.min(2) as u32)).map(|i| {
            let (i, j) = (i % SPECIAL.len(), i / SPECIAL.len());
            let rest =
                [SPECIAL[i], SPECIAL[j], SPECIAL[(3 * i + 7 * j) % 16], SPECIAL[(i + 5 * j) % 16]];
            rest[..width].to_vec()
        });
        let points: Vec<Vec<f64>> = samples.iter().map(|x| x.to_vec()).chain(special).collect();
        assert!(!samples.is_empty(), "`{}`", op.name());
        for at in points {
            let must = constant_operand(op);
            if must.is_some_and(|k| at[k].fract() != 0.0 || !(0.0..20.0).contains(&at[k])) {
                continue;
            }
            for free in 0..1_u32 << at.len().min(3) {
                let constants = free | must.map_or(0, |k| 1 << k);
                for factor in [1.0, -0.7] {
                    let code = One { op, at: at.clone(), constants, factor };
                    let name =
                        || format!("{factor}·`{}` at {at:?}, constants {constants:b}", op.name());
                    check(&mut tape, &code, &at, &name);
                    count += 1;
                }
            }
        }
    }
    assert!(count > 20_000, "{count}");
}

/// Random numbers, the same on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (((self.0 >> 32) * end as u64) >> 32) as usize
    }
    fn number(&mut self) -> f64 {
        self.below(4001) as f64 / 1000.0 - 2.0
    }
}

/// Any acyclic code: each step takes inputs, constants and results of earlier steps.
struct Steps {
    constants: Vec<f64>,
    steps: Vec<(Op, Vec<usize>)>,
}

impl Steps {
    fn random(random: &mut Random, inputs: usize, length: usize) -> Steps {
        let constants: Vec<f64> = (0..3).map(|_| random.number()).collect();
        let mut steps = Vec::new();
        while steps.len() < length {
            let op = Op::ALL[random.below(Op::ALL.len())];
            if constant_operand(op).is_some() {
                continue;
            }
            let width = match op.arity() {
                Arity::Exactly(count) => count,
                Arity::Any => random.below(5),
                Arity::Pairs => random.below(3) * 2,
            };
            let known = constants.len() + inputs + steps.len();
            steps.push((op, (0..width).map(|_| known - 1 - random.below(known.min(8))).collect()));
        }
        Steps { constants, steps }
    }
}

impl Code for Steps {
    fn run<S: Scalar>(&self, x: &[S]) -> S {
        let mut all: Vec<S> = self.constants.iter().map(|&c| S::constant(c)).collect();
        all.extend(x);
        for (op, operands) in &self.steps {
            let operands: Vec<S> = operands.iter().map(|&k| all[k]).collect();
            all.push(S::apply(*op, &operands));
        }
        // Most steps count, the last ones most of all; some are dropped.
        all.iter().rev().take(6).fold(S::constant(0.0), |sum, &x| sum * 0.5 + x)
    }
}

#[test]
fn random_code() {
    let mut random = Random(3);
    let mut tape = Tape::new();
    let mut finite = 0;
    for round in 0..3000 {
        let (inputs, length) = (1 + random.below(4), 1 + random.below(30));
        let code = Steps::random(&mut random, inputs, length);
        let x: Vec<f64> = (0..inputs).map(|_| random.number()).collect();
        // A graph adds up the terms that a choice guards behind the others.
        let chooses = code.steps.iter().any(|(op, _)| op.has_choices());
        let tolerance = if chooses { 1e-9 } else { 0.0 };
        let what = || format!("round {round}: {:?} at {x:?}", code.steps);
        check_within(tolerance, &mut tape, &code, &x, &what);
        let (value, gradient) = tape.gradient(&x, |x| code.run(x)).unwrap();
        finite += usize::from(value.is_finite() && gradient.iter().any(|&d| d != 0.0));
    }
    assert!(finite > 500, "{finite} of 3000 were worth comparing");
}

struct Chain(usize);

impl Code for Chain {
    fn run<S: Scalar>(&self, w: &[S]) -> S {
        let (mut y, mut p) = (S::constant(0.5), S::constant(0.0));
        for _ in 0..self.0 {
            y = y.sin() * w[0] + w[1] * y - y * y * w[2];
            p += y;
        }
        p
    }
}

const ABC: [f64; 3] = [1.3, 0.4, 0.3];

#[test]
fn a_chain_of_a_million_operations() {
    let mut tape = Tape::new();
    // The graph finds the loop, and adds what the links give for each input up in blocks; the tape adds it link by link.
    check_within(1e-10, &mut tape, &Chain(125_000), &ABC, &|| "the chain".into());
    // The first link's sine and square are of a constant, and so is what it is added to.
    assert!((999_990..=1_000_000).contains(&tape.operations()), "{}", tape.operations());
    assert!(tape.bytes() < 18 * tape.operations(), "{}", tape.bytes());
}

#[test]
fn a_second_recording_allocates_nothing() {
    let mut tape = Tape::new();
    let mut gradient = [0.0; 3];
    let mut first = None;
    for round in 0..4 {
        let before = (allocations(), tape.heap_bytes());
        let value = tape.gradient_into(&ABC, &mut gradient, |w| Chain(1000).run(w)).unwrap();
        assert_eq!(*first.get_or_insert((value, gradient)), (value, gradient));
        if round > 0 {
            assert_eq!(before, (allocations(), tape.heap_bytes()), "round {round}");
        }
    }
    // A shorter one, a longer one, and one with other inputs: nothing is left of what came before.
    for (links, x) in [(10, ABC), (2000, ABC), (1000, [0.9, 0.1, -0.2]), (1000, ABC)] {
        // The graph has a loop of the longer ones, which adds slopes in turns.
        check_within(1e-13, &mut tape, &Chain(links), &x, &|| format!("{links} links"));
    }
    let (value, wide) = tape.gradient(&[1.0; 100], |x| x.iter().copied().sum()).unwrap();
    assert_eq!((value, wide), (100.0, vec![1.0; 100]));
}

#[test]
fn constants_alone_write_nothing() {
    let mut tape = Tape::new();
    let (value, gradient) = tape
        .gradient(&[2.0, 3.0], |_| {
            let two = Active::constant(2.0);
            let y = (two.sin() * two + 1.0).select_self().sqrt();
            assert!(y.is_constant());
            y
        })
        .unwrap();
    assert_eq!((value, gradient), ((2.0_f64.sin() * 2.0 + 1.0).sqrt(), vec![0.0; 2]));
    assert_eq!((tape.operations(), tape.bytes()), (0, 0));
    // No inputs at all, and an input as it is.
    assert_eq!(tape.gradient(&[], |_| Active::constant(7.0)).unwrap(), (7.0, vec![]));
    assert_eq!(tape.gradient(&[4.0, 5.0], |x| x[1]).unwrap(), (5.0, vec![0.0, 1.0]));
}

trait SelectSelf: Scalar {
    fn select_self(self) -> Self {
        Self::select(Self::constant(1.0), self, Self::constant(0.0))
    }
}

impl SelectSelf for Active<'_> {}

#[test]
fn dropped_values_change_nothing() {
    let mut tape = Tape::new();
    let mut last = None;
    let (value, gradient) = tape
        .gradient(&[3.0, 0.0], |x| {
            let _infinite = x[1].ln() / x[1];
            let y = x[0] * x[0];
            let _later = (y * 1e300 * 1e300).exp();
            last = Some(y.value());
            y
        })
        .unwrap();
    assert_eq!((value, gradient, last), (9.0, vec![6.0, 0.0], Some(9.0)));
    assert_eq!(tape.operations(), 6);
}

#[test]
fn two_tapes_side_by_side() {
    // One recording inside another's code. Its numbers are of another lifetime: see the docs of `Active` for what does
    // not compile. What goes over is a plain number, a constant to the outer tape.
    let (mut outer, mut inner) = (Tape::new(), Tape::new());
    let (value, gradient) = outer
        .gradient(&[3.0], |x| {
            let (_, slope) = inner.gradient(&[x[0].value()], |y| y[0].square()).unwrap();
            x[0] * slope[0]
        })
        .unwrap();
    assert_eq!((value, gradient), (18.0, vec![6.0]));
}

#[test]
fn a_panic_in_the_code_leaves_the_tape_usable() {
    let mut tape = Tape::new();
    let panicking = std::panic::AssertUnwindSafe(|| {
        tape.gradient(
            &[1.0],
            |x| if x[0].sin().value() > 0.0 { panic!("the code's") } else { x[0] },
        )
    });
    assert!(std::panic::catch_unwind(panicking).is_err());
    assert_eq!(tape.gradient(&[3.0], |x| x[0] * x[0]).unwrap(), (9.0, vec![6.0]));
}

#[test]
#[should_panic(expected = "`sin` takes Exactly(1) operands, not 2")]
fn a_wrong_number_of_operands_is_a_slip_of_the_program() {
    drop(Tape::new().gradient(&[1.0], |x| Active::apply(Op::Sin, &[x[0], x[0]])));
}

#[test]
fn errors_name_what_is_wrong() {
    let mut tape = Tape::with_limit(3000);
    let error = tape.gradient(&[0.5], |x| (0..1000).fold(x[0], |y, _| y * y)).unwrap_err();
    assert!(matches!(error, Error::TooLarge { limit: 3000, needed: 3001.., .. }), "{error}");
    // Also where operations of many operands hit it; and the tape works on.
    let error = tape.gradient(&[0.5], |x| Active::total(&[x[0]; 1000])).unwrap_err();
    assert!(matches!(error, Error::TooLarge { .. }), "{error}");
    assert_eq!(tape.gradient(&[3.0], |x| x[0] * x[0]).unwrap(), (9.0, vec![6.0]));
    assert!(tape.bytes() <= 3000);

    let mut short = [7.0];
    let error = tape.gradient_into(&[1.0, 2.0], &mut short, |x| x[0]).unwrap_err();
    assert_eq!(error.to_string(), "the gradient: expected 2 numbers, got 1");
    assert_eq!(short, [7.0]);
    let mut at = tape.linearize(&[1.0], |x| vec![x[0]]).unwrap();
    assert_eq!(at.vjp(&[]).unwrap_err().to_string(), "the seeds: expected 1 numbers, got 0");
}

#[test]
fn several_outputs_and_sweeps() {
    let mut tape = Tape::new();
    let function = Function::record_many(Inputs::new().variables("x", 3), |x| many(x)).unwrap();
    let x = [0.3, -1.2, 0.8];
    let due = function.jacobian().unwrap().eval(&x).unwrap();
    let mut at = tape.linearize(&x, |x| many(x)).unwrap();
    assert_eq!(at.values(), function.eval(&x).unwrap());
    let jacobian = at.jacobian();
    assert_eq!(jacobian.concat(), due[due.len() - 12..]);
    for _ in 0..2 {
        let product = at.vjp(&[1.0, -2.0, 3.0, 4.0]).unwrap();
        for (k, slope) in product.iter().enumerate() {
            let due = jacobian[0][k] - 2.0 * jacobian[1][k] + 3.0 * jacobian[2][k];
            assert!((slope - due).abs() <= 1e-12 * due.abs().max(1.0), "{slope} {due}");
        }
    }
}

/// The fourth output is a constant.
fn many<S: Scalar>(x: &[S]) -> Vec<S> {
    let z = (x[0] * x[1]).tanh();
    vec![z * x[2], x[1], z.exp() - x[0] / x[2], S::constant(2.0)]
}

#[test]
fn hessians_by_tangents() {
    let x = [0.7, 0.2, -0.3];
    let function = Function::record(["a", "b", "c"], |w| Chain(5).run(w)).unwrap();
    let hessian = function.hessian().unwrap().eval(&x).unwrap();
    let mut tape = Tape::new();
    for j in 0..3 {
        let (_, row) = tape
            .gradient(&x, |x| {
                let tangent = |k| Active::constant(if k == j { 1.0 } else { 0.0 });
                let along: Vec<Dual<Active<'_>>> =
                    (0..3).map(|k| Dual::new(x[k], tangent(k))).collect();
                Chain(5).run(&along).tangent
            })
            .unwrap();
        for (k, slope) in row.iter().enumerate() {
            let due = hessian[hessian.len() - 9 + 3 * j + k];
            assert!((slope - due).abs() <= 1e-12 * due.abs().max(1.0), "{j}, {k}: {slope}, {due}");
        }
    }
}

struct Weighted;

impl CustomOp for Weighted {
    fn name(&self) -> &str {
        "weighted_on_a_tape"
    }
    fn arity(&self) -> usize {
        2
    }
    fn value(&self, x: &[f64]) -> f64 {
        x[0] * x[0] * x[1]
    }
    fn partials<S: Scalar>(&self, x: &[S], _: S) -> Vec<S> {
        vec![x[0] * x[1] * 2.0, x[0].square()]
    }
}

#[test]
fn operations_of_ones_own() {
    struct Own(Custom);
    impl Code for Own {
        fn run<S: Scalar>(&self, x: &[S]) -> S {
            self.0.call(&[x[0].sin(), x[1]]) * self.0.call(&[x[0], S::constant(3.0)])
        }
    }
    let own = Own(Custom::define(Weighted).unwrap());
    check(&mut Tape::new(), &own, &[0.3, 1.7], &|| "custom".into());
}

#[test]
fn code_may_branch_on_values() {
    let mut tape = Tape::new();
    for x in [-1.0, 2.0] {
        let (value, gradient) = tape
            .gradient(&[x], |x| {
                assert!(!x[0].is_constant());
                if x[0].value() > 0.0 { x[0] } else { Active::constant(0.0) }
            })
            .unwrap();
        assert_eq!((value, gradient[0]), if x > 0.0 { (x, 1.0) } else { (0.0, 0.0) });
    }
}

#[test]
fn tapes_go_to_other_threads() {
    fn is_send<T: Send>(_: &T) {}
    let mut tape = Tape::new();
    is_send(&tape);
    let there = std::thread::spawn(move || tape.gradient(&ABC, |w| Chain(10).run(w)).unwrap());
    assert_eq!(there.join().unwrap(), Tape::new().gradient(&ABC, |w| Chain(10).run(w)).unwrap());
}
