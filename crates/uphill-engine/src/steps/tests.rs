//! Which steps come of which instructions, and that they give the bits of the reference where places are written and
//! read in ways that a compiled program hardly ever has.

use uphill_graph::Op;

use super::step::{Kind, Steps};
use crate::code::{Action, Code, Instruction, Layout, Loop, Place, Step};
use crate::program::Lowered;
use crate::program::{Fused, Names, Program};
use crate::run::Backend;

/// So many inputs at addresses from 0, and so many places behind them, all of which are outputs.
const INPUTS: u32 = 8;
const END: u32 = 40;

fn program(mut code: Code, lists: &[(usize, &[u32])]) -> Program {
    for &(at, list) in lists {
        let start = code.pool.len() as u32;
        code.pool.extend(list);
        (code.instructions[at].x, code.instructions[at].y) = (start, list.len() as u32);
    }
    let layout = Layout {
        shared_count: INPUTS,
        sums: INPUTS,
        sample_count: INPUTS,
        per_call: END,
        end: END,
        ..Layout::default()
    };
    let outputs = (INPUTS..END).map(|at| (format!("r{at}"), Place::PerCall(at))).collect();
    let (sample, after) = (Code::default(), Code::default());
    let lowered = Lowered { layout, before: code, sample, after, outputs };
    Program::new(lowered, Names::default(), Fused::default(), false).unwrap()
}

fn op(op: Op, target: u32, x: u32, y: u32) -> Instruction {
    Instruction { action: Action::Op(op), target, x, y, z: 0 }
}

fn mul(target: u32, x: u32, y: u32) -> Instruction {
    op(Op::Mul, target, x, y)
}

/// The kinds of the steps; and the values must be the reference's.
fn kinds(program: &Program) -> Vec<Kind> {
    for numbers in [
        [0.5, -1.25, 3.0, 0.0, 2.0, -0.75, 1.5, 0.125],
        [0.0, f64::INFINITY, f64::NAN, -0.0, 1e300, -1e300, 0.0, f64::NEG_INFINITY],
    ] {
        let mut results = [Backend::Reference, Backend::Scalar].map(|backend| {
            let mut workspace = program.workspace().backend(backend);
            let mut outputs = vec![0.0; program.output_count()];
            // The second run finds the memory as the first has left it.
            for _ in 0..2 {
                program.run(&mut workspace, &numbers, &mut outputs).unwrap();
            }
            outputs
        });
        for result in results.iter_mut().flatten() {
            *result = if result.is_nan() { f64::NAN } else { *result };
        }
        let [due, got] = results.map(|values| values.into_iter().map(f64::to_bits));
        assert!(due.eq(got), "{program}");
    }
    let steps = Steps::new(&program.before, 1);
    steps.steps.iter().map(|step| step.kind).collect()
}

fn straight(instructions: Vec<Instruction>, lists: &[(usize, &[u32])]) -> Vec<Kind> {
    kinds(&program(Code { instructions, ..Code::default() }, lists))
}

#[test]
fn what_the_step_before_wrote_stays_in_a_register() {
    let code = vec![
        op(Op::Add, 8, 0, 1),
        op(Op::Sub, 9, 2, 8),
        op(Op::Mul, 10, 9, 9),
        op(Op::Exp, 10, 10, 0),
        op(Op::Div, 11, 8, 10),
        op(Op::Sin, 12, 10, 0),
    ];
    use Kind::*;
    assert_eq!(straight(code, &[]), [Add, SubFromLast, MulLast, UnaryLast, DivByLast, Unary]);
}

#[test]
fn a_function_joins_the_dot_product_before() {
    let dot = Instruction { action: Action::Dot, target: 8, x: 0, y: 0, z: 0 };
    let code = vec![dot, op(Op::Sigmoid, 8, 8, 0), dot, op(Op::Tanh, 9, 8, 0)];
    let list: &[u32] = &[0, 1, 2, 3, 4, 5];
    assert_eq!(straight(code, &[(0, list), (2, list)]), [Kind::DotUnary; 2]);
}

#[test]
fn sine_and_cosine_of_one_number_are_one_step() {
    use Kind::*;
    let both =
        |first, second, x| vec![op(Op::Add, 8, 0, 1), op(first, 9, x, 0), op(second, 10, x, 0)];
    assert_eq!(straight(both(Op::Sin, Op::Cos, 2), &[]), [Add, UnaryPair]);
    assert_eq!(straight(both(Op::Cos, Op::Sin, 2), &[]), [Add, UnaryPair]);
    assert_eq!(straight(both(Op::Sin, Op::Cos, 8), &[]), [Add, UnaryPairLast]);
    assert_eq!(straight(both(Op::Cos, Op::Sin, 8), &[]), [Add, UnaryPairLast]);
    assert_eq!(straight(both(Op::Cos, Op::Sin, 9), &[]), [Add, Unary, UnaryLast]);
}

#[test]
fn long_lists_are_several_steps() {
    let pairs: Vec<u32> = (0..16).map(|k| k % INPUTS).collect();
    for count in 0..=8 {
        for action in [Action::Dot, Action::Op(Op::Dot)] {
            let dot = Instruction { action, target: 9, x: 0, y: 0, z: 0 };
            let found = straight(vec![dot], &[(0, &pairs[..2 * count])]).len();
            assert_eq!(found, count.div_ceil(3).max(1), "{action:?} of {count} pairs");
        }
        for op in [Op::Sum, Op::Product, Op::Mean, Op::LogSumExp] {
            let list = Instruction { action: Action::Op(op), target: 9, x: 0, y: 0, z: 0 };
            straight(vec![list, list], &[(0, &pairs[..count]), (1, &pairs[..count])]);
        }
    }
}

#[test]
fn products_of_one_factor_are_one_step_unless_it_is_written() {
    use Kind::*;
    let four = vec![mul(8, 0, 1), mul(9, 0, 2), mul(10, 0, 8), mul(11, 0, 10)];
    assert_eq!(straight(four, &[]), [MulTriple, MulByLast]);
    let after_it = vec![op(Op::Neg, 8, 0, 0), mul(9, 8, 1), mul(10, 8, 9), mul(9, 8, 2)];
    assert_eq!(straight(after_it, &[]), [Neg, MulLast, MulByLast, Mul]);
    let after_it = vec![op(Op::Neg, 8, 0, 0), mul(9, 8, 1), mul(10, 8, 2), mul(8, 8, 3)];
    assert_eq!(straight(after_it, &[]), [Neg, MulTripleLast]);
    let over_it = vec![op(Op::Neg, 8, 0, 0), op(Op::Exp, 9, 1, 0), mul(8, 8, 1), mul(9, 8, 2)];
    assert_eq!(straight(over_it, &[]), [Neg, Unary, Mul, MulLast]);
}

#[test]
fn products_in_a_loop_are_one_step_only_if_their_places_never_meet() {
    use Kind::*;
    let repeated = |by: [i32; 6], table: Option<usize>| {
        let body = vec![mul(8, 20, 1), mul(9, 20, 2)];
        let instructions = [
            vec![
                op(Op::Neg, 20, 0, 0),
                op(Op::Neg, 21, 1, 0),
                Instruction { action: Action::Loop, ..body[0] },
            ],
            body,
        ];
        let mut instructions = instructions.concat();
        instructions[2].x = 0;
        let mut steps: Vec<Step> = by.into_iter().map(Step::By).collect();
        if let Some(at) = table {
            steps[at] = Step::Table(0);
        }
        let loops = vec![Loop { iterations: 3, length: 2, first_step: 0 }];
        // From 20, and from 8, where the target is: it must stay in the memory.
        let pool = vec![0, 1, 0];
        kinds(&program(Code { instructions, pool, loops, steps, ..Code::default() }, &[]))[2..]
            .to_vec()
    };
    assert_eq!(repeated([1, 1, 0, 1, 1, 0], None), [MulPair]);
    assert_eq!(repeated([0, 0, 0, 0, 0, 0], None), [MulPair]);
    // The target comes to where the factor is.
    assert_eq!(repeated([6, 0, 0, 6, 0, 1], None), [Mul, Mul]);
    assert_eq!(repeated([0, 0, 0, 0, 0, 0], Some(1)), [Mul, Mul]);
    assert_eq!(repeated([0, 0, 0, 0, 0, 0], Some(0)), [Mul, Mul]);
}
