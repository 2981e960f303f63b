//! Random programs: every executor gives the bits of the reference interpreter, at points and over samples, also of
//! derivatives.

use arbitrary::{Result, Unstructured};
use uphill_engine::{Backend, Compiler, InstructionSet, OutputsF32, OverSamples, Program, Samples};
use uphill_graph::Function;

use super::functions::{OPERATIONS, same};
use super::recipe::Recipe;

/// How many numbers a sample has at most.
const COLUMNS: usize = 4;

const NUMBERS: [f64; 16] = [
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
    5e-324,
    1e300,
    709.5,
    -745.2,
    0.3,
    -0.7,
];

/// A program, derived, compiled and run in every way.
pub(crate) fn programs(bytes: &[u8]) {
    // Bytes that end too early are no program.
    let _ = run(&mut Unstructured::new(bytes));
}

fn number(u: &mut Unstructured<'_>) -> Result<f64> {
    Ok(match u.arbitrary::<u8>()? {
        choice @ 0..16 => NUMBERS[usize::from(choice)],
        other => (f64::from(other) - 128.0) / 32.0,
    })
}

fn run(u: &mut Unstructured<'_>) -> Result<()> {
    let recipe = Recipe::read(u)?;
    let derivative = u.arbitrary::<u8>()? % 6;
    let columns = usize::from(u.arbitrary::<u8>()?) % COLUMNS;
    let compiler = match u.arbitrary::<u8>()? % 4 {
        0 => Compiler::new(),
        1 => Compiler::new().without_blocks(),
        2 => Compiler::new().without_loops(),
        _ => Compiler::new().strict(),
    };
    let numbers: Vec<f64> = (0..64).map(|_| number(u)).collect::<Result<_>>()?;
    let Ok(function) = recipe.record() else { return Ok(()) };
    at_a_point(&compiler, &function, derivative, &numbers);
    over_samples(&compiler, &function, derivative, columns.min(recipe.inputs), &numbers);
    Ok(())
}

/// The function itself, or one of its derivatives, if it has it.
fn derived(function: &Function, derivative: u8) -> Option<Function> {
    match derivative {
        0 => Some(function.clone()),
        1 => function.with_gradient().ok(),
        2 => function.jvp().ok(),
        3 => function.vjp().ok(),
        4 => function.hvp().ok(),
        _ => function.simplify().jacobian().ok(),
    }
}

fn backends() -> Vec<Backend> {
    let mut all = vec![Backend::Automatic, Backend::Scalar, Backend::MachineCode];
    all.extend(InstructionSet::available().into_iter().map(Backend::Lanes));
    all
}

fn compare(got: &[f64], due: &[f64], what: &str, function: &Function) {
    for (k, (got, due)) in got.iter().zip(due).enumerate() {
        assert!(same(*got, *due), "{what}, output {k}: {got:e}, expected {due:e}\n{function}");
    }
}

fn at_a_point(compiler: &Compiler, function: &Function, derivative: u8, numbers: &[f64]) {
    let Some(function) = derived(function, derivative) else { return };
    function.verify().expect("a valid derivative");
    if function.graph().run_operations() > OPERATIONS {
        return;
    }
    let x: Vec<f64> =
        numbers.iter().copied().cycle().take(function.graph().inputs().len()).collect();
    let strict = Compiler::new().strict().compile(&function).expect("a program");
    let program = compiler.clone().machine_code().compile(&function).expect("a program");
    let once = |program: &Program, backend| {
        let mut outputs = vec![0.0; program.output_count()];
        let mut workspace = program.workspace().backend(backend);
        program.run(&mut workspace, &x, &mut outputs).expect("a run");
        outputs
    };
    let values = function.eval(&x).expect("values");
    compare(&once(&strict, Backend::Reference), &values, "a strict program", &function);
    let due = once(&program, Backend::Reference);
    for backend in backends() {
        compare(&once(&program, backend), &due, &format!("{backend:?}"), &function);
    }
}

fn over_samples(
    compiler: &Compiler,
    function: &Function,
    derivative: u8,
    columns: usize,
    numbers: &[f64],
) {
    let count = [1, 9, 25][columns % 3];
    let inputs = function.graph().inputs().len();
    let names: Vec<String> = (inputs - columns..inputs).map(|k| format!("x[{k}]")).collect();
    let Ok(each) = OverSamples::new(function.clone(), names) else { return };
    let over = match derivative {
        0 => each,
        1 => each.sum(),
        2 => match each.sum().with_gradient() {
            Ok(over) => over,
            Err(_) => return,
        },
        3 => match each.sum().hvp() {
            Ok(over) => over,
            Err(_) => return,
        },
        _ => return,
    };
    if function.graph().run_operations() > OPERATIONS / 20 {
        return;
    }
    let Ok(program) = compiler.clone().machine_code().compile_samples(&over) else { return };
    let mut all = numbers.iter().copied().cycle();
    let shared: Vec<f64> = all.by_ref().take(2 * inputs).collect();
    let data: Vec<f64> = all.skip(7).take(count * columns).collect();
    let samples = match columns {
        0 => Samples::without_columns(count),
        width => Samples::rows(&data, width).expect("rows"),
    };
    let run = |backend, threads| {
        let mut outputs = vec![0.0; program.output_length(count)];
        let mut workspace = program.workspace().backend(backend);
        if threads > 1 {
            workspace = workspace.threads(threads).expect("threads");
        }
        let shared = [inputs - columns, 2 * (inputs - columns)].map(|length| &shared[..length]);
        let one = program.run_samples(&mut workspace, shared[0], &samples, &mut outputs);
        one.or_else(|_| program.run_samples(&mut workspace, shared[1], &samples, &mut outputs))
            .expect("as many numbers as shared inputs, or twice as many with a direction");
        outputs
    };
    let due = run(Backend::Reference, 1);
    for backend in backends() {
        let what = format!("{backend:?} over {count} samples");
        compare(&run(backend, 1), &due, &what, function);
    }
    compare(&run(Backend::Automatic, 2), &due, "two threads", function);
    in_single_precision(&program, &shared[..inputs - columns], &data, columns, function);
}

/// By each instruction set the same bits.
fn in_single_precision(
    program: &Program,
    shared: &[f64],
    data: &[f64],
    columns: usize,
    function: &Function,
) {
    if columns == 0 {
        return;
    }
    let rounded: Vec<f32> = data.iter().map(|&x| x as f32).collect();
    let samples = Samples::rows(&rounded, columns).expect("rows");
    let Ok(due) = program.eval_samples_f32(shared, &samples) else { return };
    for set in InstructionSet::available() {
        let mut workspace = program.workspace_f32().instruction_set(set);
        let mut got = due.clone();
        got.per_call.fill(f64::NAN);
        let OutputsF32 { per_call, per_sample } = &mut got;
        program
            .run_samples_f32(&mut workspace, shared, &samples, per_call, per_sample)
            .expect("a run");
        compare(&got.per_call, &due.per_call, &format!("{set:?} in single precision"), function);
        let wide = |all: &[f32]| all.iter().map(|&x| f64::from(x)).collect::<Vec<f64>>();
        let what = format!("{set:?} in single precision, of a sample");
        compare(&wide(&got.per_sample), &wide(&due.per_sample), &what, function);
    }
}
