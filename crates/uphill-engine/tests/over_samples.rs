//! Functions over samples beside the same written out: values, gradients, products and Hessians, by every backend and any
//! number of threads, with gathered inputs, outer functions and no samples at all.

use uphill_engine::{Backend, Compiler, OverSamples, Program, Samples};
use uphill_graph::{Dual, Function, Inputs, Scalar};

mod common;

use common::{all_backends, compile_samples};

fn number(k: usize) -> f64 {
    let mixed = (k as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 11) as f64 / 9_007_199_254_740_992.0
}

/// A function over samples: with its derivatives, and written out over all of them.
struct Case {
    name: &'static str,
    function: OverSamples,
    /// For each column what is taken of a number between 0 and 1.
    columns: Vec<fn(f64) -> f64>,
    /// Numbers of samples.
    counts: &'static [usize],
    has_hessian: bool,
}

const MANY: &[usize] = &[0, 1, 7, 25, 1000];

fn cases() -> Vec<Case> {
    vec![
        plain_sum(),
        root_of_mean(),
        two_sums_and_a_prior(),
        more_weights_than_a_few(),
        a_loop_in_the_term(),
        layers_of_loops(),
        mixture(),
        springs(),
        factors_with_a_decay(),
        cameras(),
    ]
}

fn unit(x: f64) -> f64 {
    x
}

fn plain_sum() -> Case {
    let inputs = Inputs::new().variables("b", 3).parameter("x").parameter("y");
    let term =
        Function::record(inputs, |v| -(v[4] - v[0] * (-(v[1] * v[3])).exp() - v[2]).square());
    let function = OverSamples::new(term.unwrap(), ["x", "y"]).unwrap().sum();
    let columns: Vec<fn(f64) -> f64> = vec![unit, |x| 1.0 + x];
    Case { name: "a sum", function, columns, counts: MANY, has_hessian: true }
}

/// Columns that were declared as variables are held fixed; so is the number of samples.
fn root_of_mean() -> Case {
    let term = Function::record(["w", "x", "y", "t"], |v| {
        (v[2] - (v[0] * v[1] - v[3]).sigmoid()).square().named("S")
    });
    let outer = Function::record(["S", "samples"], |v| -(v[0] / v[1]).sqrt()).unwrap();
    let function = OverSamples::new(term.unwrap(), ["x", "y"]).unwrap().sum();
    let function = function.outer(&outer).unwrap();
    let columns: Vec<fn(f64) -> f64> = vec![|x| 4.0 * x - 2.0, unit];
    Case { name: "a root", function, columns, counts: &[1, 9, 1000], has_hessian: true }
}

/// Two sums, a variable that the outer function alone reads, and one that both do.
fn two_sums_and_a_prior() -> Case {
    let inputs = Inputs::new().variable("a").variable("b").parameters("x", 2);
    let term = Function::record_many(inputs, |v| {
        let off = v[0] * v[2] + v[1].sin() * v[3];
        vec![off.square().named("S"), (off * v[1] + 2.0).square().named("T")]
    });
    let outer = Function::record(["T", "S", "b", "c", "samples"], |v| {
        -(v[0] / (v[1] + v[3].square())).ln() - v[2].square() * v[3] + v[4]
    });
    let function = OverSamples::new(term.unwrap(), ["x"]).unwrap().sum();
    let function = function.outer(&outer.unwrap()).unwrap();
    let columns: Vec<fn(f64) -> f64> = vec![unit, |x| 1.0 - x];
    Case { name: "two sums", function, columns, counts: &[1, 25, 1000], has_hessian: true }
}

/// So many slopes that the outer function goes through them by loops.
fn more_weights_than_a_few() -> Case {
    let inputs = Inputs::new().variables("w", 21).parameters("x", 20);
    let term = Function::record(inputs, |v| {
        let sum = Scalar::dot(&v[..20], &v[21..]);
        (sum - v[20]).tanh().square().named("S")
    });
    let inputs = Inputs::new().variable("S").variables("w", 21).parameter("samples");
    let outer = Function::record(inputs, |v| {
        let decay =
            uphill_graph::loops::sum(0..21, |i| uphill_graph::At::at(&v[1..22], i).square());
        -(v[0] / v[22]).sqrt() - 0.01 * decay
    });
    let function = OverSamples::new(term.unwrap(), ["x"]).unwrap().sum();
    let function = function.outer(&outer.unwrap()).unwrap();
    let columns: Vec<fn(f64) -> f64> = vec![unit; 20];
    Case { name: "21 weights", function, columns, counts: &[1, 70], has_hessian: true }
}

fn a_loop_in_the_term() -> Case {
    let inputs = Inputs::new().variable("rate").variable("first").parameter("x");
    let term = Function::record(inputs, |v| {
        let end = uphill_graph::loops::fold(0..12, v[1], |_, y| y - 0.1 * v[0] * y * v[2]);
        (end - 0.3).square().named("S")
    });
    let outer = Function::record(["S", "samples"], |v| -(v[0] / v[1]).ln()).unwrap();
    let function = OverSamples::new(term.unwrap(), ["x"]).unwrap().sum();
    let function = function.outer(&outer).unwrap();
    let columns: Vec<fn(f64) -> f64> = vec![unit];
    Case { name: "a loop", function, columns, counts: &[1, 100], has_hessian: true }
}

/// Layers whose units a loop computes, and which are read one by one: as entries of its vector, by dense blocks and by sums
/// of products, of which the last comes long after the loop.
fn layers_of_loops() -> Case {
    let (units, outputs) = (12, 8);
    let inputs = Inputs::new().variables("a", units).variables("w", units * outputs);
    let inputs = inputs.variables("t", outputs).parameter("x").parameter("y");
    let term = Function::record(inputs, |v| {
        let (a, rest) = v.split_at(units);
        let (w, rest) = rest.split_at(units * outputs);
        let (x, y) = (rest[outputs], rest[outputs + 1]);
        let layer = uphill_graph::loops::map(0..units, |i| {
            (uphill_graph::At::at(a, i) * x + i.value() * 0.1).sigmoid()
        });
        let computed = w.chunks(units).zip(rest).map(|(w, t)| (Scalar::dot(w, &layer) - *t).tanh());
        computed.map(|o| (o - y).square()).sum::<uphill_graph::Var<'_>>().named("S")
    });
    let function = OverSamples::new(term.unwrap(), ["x", "y"]).unwrap().sum();
    let columns: Vec<fn(f64) -> f64> = vec![|x| 3.0 * x - 1.0, unit];
    Case { name: "layers of loops", function, columns, counts: &[1, 25, 70], has_hessian: true }
}

/// A mixture of two bells: what makes the shares add up to 1 is the outer function's.
fn mixture() -> Case {
    let inputs = Inputs::new().variables("alpha", 2).variables("mean", 2).variables("width", 2);
    let term = Function::record(inputs.parameter("x"), |v| {
        let bell =
            |k: usize| v[k] - v[4 + k] - 0.5 * ((v[6] - v[2 + k]) * (-v[4 + k]).exp()).square();
        Scalar::log_sum_exp(&[bell(0), bell(1)]).named("S")
    });
    let inputs = Inputs::new().variable("S").variables("alpha", 2).variable("samples");
    let outer = Function::record(inputs, |v| v[0] - v[3] * Scalar::log_sum_exp(&v[1..3]));
    let function = OverSamples::new(term.unwrap(), ["x"]).unwrap().sum();
    let function = function.outer(&outer.unwrap()).unwrap();
    let columns: Vec<fn(f64) -> f64> = vec![|x| 3.0 * x - 1.0];
    Case { name: "a mixture", function, columns, counts: MANY, has_hessian: true }
}

/// Both ends of a spring are gathered from one vector.
fn springs() -> Case {
    let inputs = Inputs::new().variables("a", 2).variables("b", 2).parameter("length");
    let term = Function::record(inputs, |v| {
        let length = ((v[0] - v[2]).square() + (v[1] - v[3]).square() + 0.01).sqrt();
        -(length - v[4]).square()
    });
    let function = OverSamples::new(term.unwrap(), ["length"])
        .unwrap()
        .gathered("a", "points", 11, "from")
        .unwrap()
        .gathered("b", "points", 11, "to")
        .unwrap()
        .sum();
    let columns: Vec<fn(f64) -> f64> =
        vec![unit, |x| (11.0 * x).floor(), |x| (97.0 * x).floor() % 11.0];
    Case { name: "springs", function, columns, counts: MANY, has_hessian: false }
}

/// Users and films: a root of a mean of squares, and an outer function that reads all that is gathered from.
fn factors_with_a_decay() -> Case {
    let inputs = Inputs::new().variables("u", 3).variables("v", 3).variable("mean");
    let term = Function::record(inputs.parameter("rating"), |v| {
        (v[7] - v[6] - Scalar::dot(&v[..3], &v[3..6])).square().named("S")
    });
    let inputs = Inputs::new().variable("S").variables("users", 15).variables("films", 6);
    let outer = Function::record(inputs.parameter("decay").parameter("samples"), |v| {
        let decay =
            uphill_graph::loops::sum(0..15, |i| uphill_graph::At::at(&v[1..16], i).square());
        -(v[0] / v[23]).sqrt() - v[22] * (decay + Scalar::dot(&v[16..22], &v[16..22]))
    });
    let function = OverSamples::new(term.unwrap(), ["rating"])
        .unwrap()
        .gathered("u", "users", 5, "user")
        .unwrap()
        .gathered("v", "films", 2, "film")
        .unwrap()
        .sum()
        .outer(&outer.unwrap())
        .unwrap();
    let columns: Vec<fn(f64) -> f64> =
        vec![|x| 5.0 * x, |x| (5.0 * x).floor(), |x| (50.0 * x).floor() % 2.0];
    Case { name: "factors", function, columns, counts: &[1, 25, 1000], has_hessian: false }
}

/// A small bundle adjustment: a camera of three numbers, a point of two; cameras are held fixed in every other use.
fn cameras() -> Case {
    let inputs = Inputs::new().variables("camera", 3).variables("point", 2).variable("focus");
    let term = Function::record(inputs.parameters("seen", 2), |v| {
        let (angle, (x, y)) = (v[0], (v[3] - v[1], v[4] - v[2]));
        let turned = (x * angle.cos() - y * angle.sin(), x * angle.sin() + y * angle.cos());
        let off = (v[5] * turned.0 - v[6], v[5] * turned.1 - v[7]);
        -(off.0.square() + off.1.square() + 0.1).sqrt()
    });
    let function = OverSamples::new(term.unwrap(), ["seen"])
        .unwrap()
        .gathered("camera", "cameras", 4, "camera index")
        .unwrap()
        .gathered("point", "points", 30, "point index")
        .unwrap()
        .sum();
    let columns: Vec<fn(f64) -> f64> =
        vec![unit, unit, |x| (4.0 * x).floor(), |x| (300.0 * x).floor() % 30.0];
    Case { name: "cameras", function, columns, counts: &[1, 500], has_hessian: false }
}

/// The samples of a case: row after row.
fn rows(case: &Case, count: usize) -> Vec<f64> {
    let width = case.columns.len();
    (0..count * width).map(|k| case.columns[k % width](number(k + 5))).collect()
}

fn shared(function: &OverSamples) -> Vec<f64> {
    (0..function.shared_names().len()).map(|k| 0.4 + 0.5 * number(k + 1000)).collect()
}

fn run(
    program: &Program,
    backend: Backend,
    threads: usize,
    shared: &[f64],
    samples: &Samples<'_>,
) -> Vec<f64> {
    let mut outputs = vec![f64::NAN; program.output_length(samples.len())];
    let mut workspace = program.workspace().backend(backend);
    #[cfg(feature = "threads")]
    if threads > 1 {
        workspace = workspace.threads(threads).unwrap();
    }
    let _ = threads;
    program.run_samples(&mut workspace, shared, samples, &mut outputs).unwrap();
    let first = outputs.clone();
    program.run_samples(&mut workspace, shared, samples, &mut outputs).unwrap();
    assert!(same(&first, &outputs), "{backend:?}: the second run");
    outputs
}

fn same(one: &[f64], other: &[f64]) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .zip(other)
            .all(|(x, y)| x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan())
}

/// What is off by more than rounding: sums are added in other orders.
fn off(got: &[f64], due: &[f64]) -> Option<String> {
    assert_eq!(got.len(), due.len());
    let scale = due.iter().fold(1e-3_f64, |most, x| most.max(x.abs()));
    let pairs = got.iter().zip(due).enumerate();
    let wrong = pairs.filter(|(_, (x, y))| !((*x - *y).abs() <= 1e-11 * scale || x == y));
    let wrong: Vec<String> =
        wrong.map(|(k, (x, y))| format!("output {k} is {x:e}, due {y:e}")).collect();
    (!wrong.is_empty()).then(|| wrong.join("; "))
}

/// Every derivative beside that of the function written out over the samples.
#[test]
fn derivatives_are_those_of_the_function_over_its_samples() {
    let mut failures = Vec::new();
    for case in cases() {
        let p = &case.function;
        let x = shared(p);
        let roles = p.over(&Samples::rows(&rows(&case, 1), case.columns.len()).unwrap()).unwrap();
        let variables = roles.inputs().variable_positions().len();
        let directions: Vec<f64> = (0..variables).map(|k| number(k + 333) - 0.5).collect();
        let along = [x.as_slice(), &directions].concat();
        let mut derivatives = vec![
            ("value", p.clone(), &x),
            ("gradient", p.gradient().unwrap(), &x),
            ("with gradient", p.with_gradient().unwrap(), &x),
            ("jvp", p.jvp().unwrap(), &along),
            ("hvp", p.hvp().unwrap(), &along),
        ];
        if case.has_hessian {
            derivatives.push(("hessian", p.hessian().unwrap(), &x));
        } else {
            assert!(p.hessian().unwrap_err().to_string().contains("hvp"), "{}", case.name);
        }
        for &count in case.counts {
            let rows = rows(&case, count);
            let samples = Samples::rows(&rows, case.columns.len()).unwrap();
            let flat = p.over(&samples).unwrap();
            for (kind, function, at) in &derivatives {
                let flat = match *kind {
                    "value" => flat.clone(),
                    "gradient" => flat.gradient().unwrap(),
                    "with gradient" => flat.with_gradient().unwrap(),
                    "jvp" => flat.jvp().unwrap(),
                    "hvp" => flat.hvp().unwrap(),
                    _ => flat.hessian().unwrap(),
                };
                let what = format!("{}, {kind}, {count} samples", case.name);
                assert_eq!(
                    flat.input_names().collect::<Vec<_>>(),
                    function.shared_names(),
                    "{what}"
                );
                assert_eq!(
                    flat.output_names().collect::<Vec<_>>(),
                    function.output_names(),
                    "{what}"
                );
                let due = flat.eval(at).unwrap();
                let program = compile_samples(&Compiler::new(), function);
                let reference = run(&program, Backend::Reference, 1, at, &samples);
                failures.extend(off(&reference, &due).map(|text| format!("{what}: {text}")));
                for backend in all_backends() {
                    for threads in 1..=4 {
                        let got = run(&program, backend, threads, at, &samples);
                        if !same(&got, &reference) {
                            failures.push(format!(
                                "{what}: {backend:?}, {threads} threads: other bits"
                            ));
                        }
                    }
                }
                let strict = compile_samples(&Compiler::new().strict(), function);
                let strict = run(&strict, Backend::Automatic, 1, at, &samples);
                failures.extend(off(&strict, &due).map(|text| format!("{what}, strict: {text}")));
            }
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// So many samples that threads share leaves, with places that many of them hit.
#[cfg(feature = "threads")]
#[test]
fn many_samples_on_any_number_of_threads() {
    for case in cases() {
        let rows = rows(&case, 20_011);
        let samples = Samples::rows(&rows, case.columns.len()).unwrap();
        let program = Compiler::new().compile_samples(&case.function.with_gradient().unwrap());
        let program = program.unwrap();
        let x = shared(&case.function);
        let due = run(&program, Backend::Automatic, 1, &x, &samples);
        for threads in 2..=4 {
            let got = run(&program, Backend::Automatic, threads, &x, &samples);
            assert!(same(&got, &due), "{}, {threads} threads", case.name);
        }
    }
}

/// Blocks are added one after the other; what was gathered goes to the same places.
#[test]
fn blocks_are_added_up() {
    for case in cases() {
        let (rows, width) = (rows(&case, 500), case.columns.len());
        let program = Compiler::new().compile_samples(&case.function.with_gradient().unwrap());
        let (program, x) = (program.unwrap(), shared(&case.function));
        let whole = program.eval_samples(&x, &Samples::rows(&rows, width).unwrap()).unwrap();
        let mut workspace = program.workspace();
        for size in [500, 450, 1] {
            let mut total = program.total(&mut workspace, &x).unwrap();
            for block in rows.chunks(size * width) {
                total.add(&Samples::rows(block, width).unwrap()).unwrap();
            }
            let mut outputs = vec![f64::NAN; whole.len()];
            total.finish(&mut outputs).unwrap();
            assert_eq!(off(&outputs, &whole), None, "{}, blocks of {size}", case.name);
            assert!(size < 500 || same(&outputs, &whole), "{}", case.name);
        }
    }
}

/// How a Hessian changes along a direction: third derivatives.
#[test]
fn derivatives_of_derivatives_go_on() {
    for case in cases().into_iter().filter(|case| case.has_hessian) {
        let p = &case.function;
        let rows = rows(&case, 40);
        let samples = Samples::rows(&rows, case.columns.len()).unwrap();
        let third = p.hessian().unwrap().jvp().unwrap();
        let program = Compiler::new().compile_samples(&third).unwrap();
        let x = shared(&third);
        let due = p.over(&samples).unwrap().hessian().unwrap().jvp().unwrap();
        assert_eq!(due.input_names().collect::<Vec<_>>(), third.shared_names(), "{}", case.name);
        let got = program.eval_samples(&x, &samples).unwrap();
        assert_eq!(off(&got, &due.eval(&x).unwrap()), None, "{}", case.name);
    }
}

/// A perfect fit is a kink of the root: nothing flows, and where it is flat nothing is lost.
#[test]
fn sums_of_slopes_that_are_0_stay_0() {
    let term = Function::record(["w", "x", "y"], |v| (v[2] - v[0] * v[1]).square().named("S"));
    let sum = OverSamples::new(term.unwrap(), ["x", "y"]).unwrap().sum();
    let root = Function::record(["S", "samples"], |v| -(v[0] / v[1]).sqrt()).unwrap();
    let twice = Function::record(["S"], |v| -2.0 * v[0] * v[0].exp()).unwrap();
    let columns: [&[f64]; 2] = [&[1.0, 2.0], &[3.0, 6.0]];
    let samples = Samples::columns(&columns).unwrap();
    let eval = |function: OverSamples, at: &[f64]| {
        Compiler::new().compile_samples(&function).unwrap().eval_samples(at, &samples).unwrap()
    };
    let root = sum.clone().outer(&root).unwrap();
    assert_eq!(eval(root.with_gradient().unwrap(), &[3.0]), [0.0, 0.0]);
    // At a summit slopes are 0, and their slopes are not.
    let twice = sum.outer(&twice).unwrap();
    assert_eq!(eval(twice.hvp().unwrap(), &[3.0, 1.0]), [-20.0]);
    assert_eq!(eval(twice.hessian().unwrap(), &[3.0]), [-20.0]);
}

/// What a user would write by hand, with a part left out, is seen beside the real gradient.
#[test]
fn a_chain_rule_that_forgets_a_part_is_caught() {
    let case = mixture();
    let p = &case.function;
    let rows = rows(&case, 100);
    let samples = Samples::rows(&rows, 1).unwrap();
    let x = shared(p);
    let term = p.term().clone();
    let slopes = OverSamples::new(term.with_gradient().unwrap(), ["x"]).unwrap().sum();
    let by_hand = |with_shares: bool| {
        let names: Vec<String> =
            ["alpha[0]", "alpha[1]", "mean[0]", "mean[1]", "width[0]", "width[1]"]
                .map(|name| format!("dS/d{name}"))
                .into();
        let mut inputs = names.clone();
        inputs.extend(["alpha[0]", "alpha[1]", "samples"].map(String::from));
        let outer = Function::record_many(inputs, |v| {
            let shares = [v[6], v[7]].map(|alpha| (alpha - Scalar::log_sum_exp(&v[6..8])).exp());
            (0..6)
                .map(|k| match shares.get(k) {
                    Some(&share) if with_shares => v[k] - v[8] * share,
                    _ => v[k],
                })
                .collect()
        });
        let function = slopes.clone().outer(&outer.unwrap()).unwrap();
        Compiler::new().compile_samples(&function).unwrap().eval_samples(&x, &samples).unwrap()
    };
    let gradient = Compiler::new().compile_samples(&p.gradient().unwrap()).unwrap();
    let gradient = gradient.eval_samples(&x, &samples).unwrap();
    assert_eq!(off(&gradient, &by_hand(true)), None);
    assert!(off(&gradient, &by_hand(false)).is_some());
}

/// One observation at a time: the sparse Jacobian of a bundle adjustment is the Jacobian of its term, for each sample.
#[test]
fn a_jacobian_of_gathered_inputs_is_one_a_sample() {
    let inputs = Inputs::new().variables("camera", 2).variables("point", 2).parameter("seen");
    let term = Function::record(inputs, |v| (v[0] * v[2] + v[1] * v[3]).sin() - v[4]).unwrap();
    let jacobian = OverSamples::new(term.jacobian().unwrap(), ["seen"])
        .unwrap()
        .gathered("camera", "cameras", 3, "c")
        .unwrap()
        .gathered("point", "points", 5, "p")
        .unwrap();
    let rows: Vec<f64> =
        (0..12).flat_map(|k| [0.1, f64::from(k % 3), f64::from(k * 7 % 5)]).collect();
    let samples = Samples::rows(&rows, 3).unwrap();
    let x: Vec<f64> = (0..16).map(number).collect();
    let program = compile_samples(&Compiler::new(), &jacobian);
    let got = run(&program, Backend::Reference, 1, &x, &samples);
    for backend in all_backends() {
        assert!(same(&run(&program, backend, 1, &x, &samples), &got), "{backend:?}");
    }
    for (k, row) in rows.chunks(3).enumerate() {
        let (camera, point) = (row[1] as usize * 2, 6 + row[2] as usize * 2);
        let at = [&x[camera..camera + 2], &x[point..point + 2], &row[..1]].concat();
        let due = term.jacobian().unwrap().eval(&at).unwrap();
        for (entry, due) in due.into_iter().enumerate() {
            assert!((got[entry * 12 + k] - due).abs() < 1e-14, "{entry} of sample {k}");
        }
    }
}

/// In single precision too: sums and targets are `f64`, what is gathered is rounded once.
#[cfg(feature = "f32")]
#[test]
fn single_precision_gathers_and_scatters() {
    for case in cases() {
        let rows = rows(&case, 300);
        let single: Vec<f32> = rows.iter().map(|&x| x as f32).collect();
        let wide: Vec<f64> = single.iter().map(|&x| f64::from(x)).collect();
        let width = case.columns.len();
        let program = Compiler::new().compile_samples(&case.function.with_gradient().unwrap());
        let (program, x) = (program.unwrap(), shared(&case.function));
        let due = program.eval_samples(&x, &Samples::rows(&wide, width).unwrap()).unwrap();
        let samples = Samples::rows(&single, width).unwrap();
        let got = program.eval_samples_f32(&x, &samples).unwrap().per_call;
        let scale = due.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
        for (k, (got, due)) in got.iter().zip(&due).enumerate() {
            assert!((got - due).abs() < 2e-5 * scale, "{}, output {k}: {got}, {due}", case.name);
        }
    }
}

#[test]
fn errors_name_what_is_wrong() {
    let inputs = || Inputs::new().variables("a", 2).variable("w").parameter("x");
    let term = || Function::record(inputs(), |v| (v[0] * v[2] - v[3] * v[1]).named("S")).unwrap();
    let each = || OverSamples::new(term(), ["x"]).unwrap();
    let outer = Function::record(["S"], |v| v[0].ln()).unwrap();
    let of_x = Function::record(["S", "x"], |v| v[0] * v[1]).unwrap();
    let texts = [
        (OverSamples::new(term(), ["z"]).err(), "no input is named `z`"),
        (each().outer(&outer).err(), "no output is added up over samples: use `sum`"),
        (each().sum().outer(&of_x).err(), "asks for `x`, which differs from sample to sample"),
        (
            each().gathered("x", "all", 3, "row").err(),
            "`x` is to be gathered from `all`, but it is no shared input",
        ),
        (each().gathered("a", "w", 3, "row").err(), "another input has that name"),
        (
            each().gathered("a", "all", 3, "w").err(),
            "`w` is to be a column of indices, but an input that is shared",
        ),
        (
            each().gathered("a", "all", 3, "row").unwrap().gathered("w", "all", 3, "row").err(),
            "as one of 3 rows of 1, but `a` as one of 3 rows of 2",
        ),
        (each().gradient().err(), "one number a sample: sum it"),
        (
            each().sum().outer(&outer).unwrap().outer(&outer).err(),
            "there is an outer function already",
        ),
    ];
    for (error, due) in texts {
        let text = error.expect(due).to_string();
        assert!(text.contains(due), "{text}\nis not: {due}");
    }
    let function = each().gathered("a", "all", 3, "row").unwrap().sum();
    let program = Compiler::new().compile_samples(&function.gradient().unwrap()).unwrap();
    let x = [0.5; 7];
    for (bad, told) in [(3.0, "3"), (-1.0, "-1"), (0.5, "0.5"), (f64::NAN, "NaN")] {
        let rows = [0.1, 0.0, 0.2, 2.0, 0.3, bad];
        let samples = Samples::rows(&rows, 2).unwrap();
        let taken = Samples::rows(&rows, 2).unwrap().taking(&[1, 2]).unwrap();
        for samples in [samples, taken] {
            let error = program.eval_samples(&x, &samples).unwrap_err().to_string();
            let due = format!(
                "samples: row 2 of column `row` is {told}: expected the number of a row of `all`, a whole number less \
                 than 3"
            );
            assert_eq!(error, due);
            assert_eq!(function.over(&samples).unwrap_err().to_string(), due);
        }
    }
    let error = program.eval_samples(&x, &Samples::rows(&[0.1], 1).unwrap()).unwrap_err();
    assert!(error.to_string().contains("columns of"), "{error}");
}

/// Memory for gathered inputs is told before it is taken.
#[test]
fn a_limit_counts_what_is_kept_of_each_sample() {
    let case = springs();
    let program = Compiler::new().compile_samples(&case.function.gradient().unwrap()).unwrap();
    let rows = rows(&case, 5000);
    let samples = Samples::rows(&rows, 3).unwrap();
    let needed = program.workspace_bytes(5000, 1);
    assert!(needed >= program.workspace_bytes(4000, 1) + 1000 * 4 * 8);
    let (x, mut outputs) = (shared(&case.function), vec![0.0; 22]);
    let mut tight = program.workspace().limit(needed - 1);
    assert!(program.run_samples(&mut tight, &x, &samples, &mut outputs).is_err());
    let mut enough = program.workspace().limit(needed);
    program.run_samples(&mut enough, &x, &samples, &mut outputs).unwrap();
}

/// The function over its samples runs on any scalar.
#[test]
fn over_samples_on_duals() {
    let case = plain_sum();
    let rows = rows(&case, 30);
    let flat = case.function.over(&Samples::rows(&rows, 2).unwrap()).unwrap();
    let x = shared(&case.function);
    let gradient = flat.gradient().unwrap().eval(&x).unwrap();
    for (k, due) in gradient.into_iter().enumerate() {
        let at: Vec<Dual<f64>> = x
            .iter()
            .enumerate()
            .map(|(j, &x)| if j == k { Dual::variable(x) } else { Dual::constant(x) })
            .collect();
        let got = flat.eval_scalar(&at).unwrap()[0].tangent;
        assert!((got - due).abs() <= 1e-12 * due.abs());
    }
}

/// Entries of one vector may be columns, the first one, too; the others are shared, and have derivatives.
#[test]
fn some_entries_of_a_vector_are_columns() {
    for columns in [&["x[0]"][..], &["x[1]"], &["x[2]"], &["x[0]", "x[2]"]] {
        let term = Function::record(Inputs::new().variables("x", 3), |x| {
            x[0] * x[1].square() * x[2].exp() + x[2] * x[1].sin()
        });
        let p = OverSamples::new(term.unwrap(), columns.iter().copied()).unwrap().sum();
        let (width, count) = (columns.len(), 7);
        let data: Vec<f64> = (0..width * count).map(number).collect();
        let samples = Samples::rows(&data, width).unwrap();
        let flat = p.over(&samples).unwrap();
        let x: Vec<f64> = (0..3 - width).map(|k| 0.5 + k as f64).collect();
        let along = [x.clone(), x.iter().map(|x| 1.0 - 2.0 * x).collect()].concat();
        for (what, over, flat, x) in [
            ("gradient", p.gradient().unwrap(), flat.gradient().unwrap(), &x),
            ("jvp", p.jvp().unwrap(), flat.jvp().unwrap(), &along),
            ("hvp", p.hvp().unwrap(), flat.hvp().unwrap(), &along),
        ] {
            let due = flat.eval(x).unwrap();
            let program = compile_samples(&Compiler::new(), &over);
            let got = program.eval_samples(x, &samples).unwrap();
            assert_eq!(got.len(), due.len(), "{what}, {columns:?}");
            for (got, due) in got.iter().zip(&due) {
                assert!(
                    (got - due).abs() <= 1e-12 * due.abs(),
                    "{what}, {columns:?}: {got}, {due}"
                );
            }
        }
    }
}
