//! Memory: what a compile or a run takes is told before it is taken, and is not more than was told.
//!
//! An allocator counts what each thread holds, and refuses large pieces where a test asks it to.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use uphill_engine::{Backend, Compiler, Error, OverSamples, Program, Samples};
use uphill_graph::{At, Function, Inputs, Scalar, Table, Var, loops};

mod common;

use common::{all_backends, compile_samples, each, summed};

struct Counting;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
    /// The largest piece that is given.
    static PIECE: Cell<usize> = const { Cell::new(usize::MAX) };
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

#[allow(unsafe_code, reason = "the trait is unsafe")]
// SAFETY: every call that is not refused goes to the system's allocator unchanged; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() > PIECE.get() {
            return std::ptr::null_mut();
        }
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        HELD.set(HELD.get() + layout.size() as isize);
        MOST.set(MOST.get().max(HELD.get()));
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        HELD.set(HELD.get() - layout.size() as isize);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// The result, and by how much this thread's memory grew at most.
fn most<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.get();
    MOST.set(before);
    let result = work();
    (result, (MOST.get() - before) as usize)
}

fn refusing<T>(piece: usize, work: impl FnOnce() -> T) -> T {
    PIECE.set(piece);
    let result = work();
    PIECE.set(usize::MAX);
    result
}

/// What an error says was needed.
fn needed<T>(result: Result<T, Error>) -> usize {
    match result {
        Err(Error::TooLarge { needed, .. } | Error::OutOfMemory { needed, .. }) => needed,
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("no error"),
    }
}

fn chain(links: usize) -> Function {
    let chain = Function::record(["a", "b", "c"], |w| {
        let (mut y, mut p) = (Var::constant(0.5), Var::constant(0.0));
        for _ in 0..links {
            y = y.sin() * w[0] + w[1] * y - y * y * w[2];
            p += y;
        }
        p
    });
    chain.unwrap().with_gradient().unwrap()
}

/// A layer of sigmoids, and the sum of what comes out, with its gradient.
fn layer(inputs: usize, outputs: usize) -> Function {
    let names = Inputs::new().variables("w", inputs * outputs).parameters("x", inputs);
    let function = Function::record(names, |all| {
        let (w, x) = all.split_at(inputs * outputs);
        let mut p = Var::constant(0.0);
        for w in w.chunks(inputs) {
            let mut sum = Var::constant(0.0);
            for (&w, &x) in w.iter().zip(x) {
                sum += w * x;
            }
            p += sum.sigmoid();
        }
        p
    });
    function.unwrap().with_gradient().unwrap()
}

/// Nothing repeats: each term has a shape of its own.
fn irregular(terms: usize) -> Function {
    let function = Function::record(Inputs::new().variables("x", 40), |x| {
        let mut p = Var::constant(0.0);
        let mut state = 1_u64;
        for _ in 0..terms {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let at = |shift: u32| x[(state >> shift) as usize % 40];
            let (a, b, c) = (at(20), at(30), at(40));
            p += match state >> 60 {
                0..4 => a * b + c,
                4..6 => (a * b).sin() * p,
                6..10 => a.exp() / b,
                _ => (a - b) * (c - b),
            };
        }
        p
    });
    function.unwrap().with_gradient().unwrap()
}

/// A chain of neighbours: its derivatives are vectors.
fn neighbours(n: usize) -> Function {
    let function = Function::record(Inputs::new().variables("x", n), |x| {
        loops::sum(1..n, |i| (x.at(i) * x.at(i - 1)).sin() + x.at(i).square())
    });
    function.unwrap()
}

/// A grid, by loops in loops.
fn grid(n: usize) -> Function {
    let function = Function::record(Inputs::new().variables("u", n * n), |u| {
        loops::sum(0..n - 1, |i| {
            loops::sum(0..n - 1, |j| {
                let k = n * i + j;
                (1.0 + (u.at(k) - u.at(k + n)).square() * u.at(k + 1)).sqrt()
            })
        })
    });
    function.unwrap()
}

/// Pairs of points that tables find, with numbers of their own.
fn pairs(n: usize) -> Function {
    let (from, to) = ((0..n).map(|k| k * 7 % 100), (0..n).map(|k| (k * 13 + 5) % 100));
    let tables = [Table::new(from, 100).unwrap(), Table::new(to, 100).unwrap()];
    let numbers: Vec<f64> = (0..n).map(|k| k as f64).collect();
    let function = Function::record(Inputs::new().variables("x", 100), |x| {
        let [from, to] = &tables;
        loops::sum(0..n, |i| (x.at(from.at(i)) - x.at(to.at(i))).square() * i.of(&numbers))
    });
    function.unwrap()
}

/// A vector of numbers, and nothing that repeats.
fn slopes(n: usize) -> Function {
    let numbers: Vec<f64> = (0..n).map(|k| k as f64).collect();
    let function = Function::record(Inputs::new().variables("x", n), |x| {
        loops::sum(0..n, |i| x.at(i) * i.of(&numbers))
    });
    function.unwrap().gradient().unwrap()
}

/// So many weights that all terms share.
fn weights(n: usize) -> Function {
    let function = Function::record(Inputs::new().variables("w", n), |w| {
        loops::sum(0..16, |i| {
            let sum = loops::sum(0..n, |j| w.at(j) * (j + i).value().sin());
            sum.sin()
        })
    });
    function.unwrap()
}

/// A carried state of several numbers, and what each step gives.
fn states(n: usize) -> Function {
    let function = Function::record(Inputs::new().variables("p", 6), |p| {
        let start = [p[0], p[1], p[2]];
        let last = loops::fold(0..n, start, |i, [x, y, z]| {
            let pull = (p[3] * x + 0.001 * i.value()).sin();
            [x + 0.1 * y, y - 0.1 * pull * p[4], z + x * p[5]]
        });
        last[0] * last[1] + last[2]
    });
    function.unwrap()
}

#[test]
fn a_compile_takes_no_more_than_it_says() {
    let plain = Compiler::new;
    let functions = [
        ("neighbours", neighbours(3000), plain()),
        ("neighbours, the gradient", neighbours(3000).with_gradient().unwrap(), plain()),
        ("neighbours, the Hessian", neighbours(3000).sparse_hessian().unwrap().function, plain()),
        ("few neighbours, the Hessian", neighbours(9).sparse_hessian().unwrap().function, plain()),
        ("a grid", grid(40), plain()),
        ("a grid, the gradient", grid(40).with_gradient().unwrap(), plain()),
        ("a grid, the Hessian", grid(40).sparse_hessian().unwrap().function, plain()),
        ("pairs", pairs(5000), plain()),
        ("pairs, the gradient", pairs(5000).with_gradient().unwrap(), plain()),
        ("pairs, the Hessian", pairs(5000).sparse_hessian().unwrap().function, plain()),
        ("weights, the gradient", weights(300).with_gradient().unwrap(), plain()),
        ("many weights, the gradient", weights(30_000).with_gradient().unwrap(), plain()),
        ("slopes", slopes(10_000), plain()),
        ("states", states(5000), plain()),
        ("states, the gradient", states(5000).with_gradient().unwrap(), plain()),
        ("states, the Hessian", states(50).hessian().unwrap(), plain()),
        ("a chain", chain(2000), plain()),
        ("a chain without loops", chain(300), plain().without_loops()),
        ("a strict chain", chain(2000), plain().strict()),
        ("a layer", layer(64, 50), plain()),
        ("irregular code", irregular(500), plain()),
        ("little", Function::record(["x"], |x| x[0].exp()).unwrap(), plain()),
    ];
    let layer = layer(64, 50);
    let samples = [
        ("a layer over samples", summed(&layer, &["x"])),
        ("a layer of single samples", each(&layer, &["x"])),
    ];
    type Compile<'f> = Box<dyn Fn(&Compiler) -> Result<Program, Error> + 'f>;
    let plain = functions.iter().map(|(name, function, compiler)| {
        let compile: Compile<'_> = Box::new(|compiler| compiler.compile(function));
        (*name, compiler.clone(), compile)
    });
    let over = samples.iter().map(|(name, function)| {
        let compile: Compile<'_> = Box::new(|compiler| compiler.compile_samples(function));
        (*name, Compiler::new(), compile)
    });
    for (name, compiler, compile) in plain.chain(over) {
        let told = needed(compile(&compiler.clone().limit(0)));
        let (refused, taken) = most(|| compile(&compiler.clone().limit(told - 1)));
        assert_eq!((needed(refused), taken < 1000), (told, true), "{name}: {taken} for an error");
        let refused = refusing(told - 1, || compile(&compiler));
        let text = refused.unwrap_err().to_string();
        assert!(text.ends_with("bytes, and the system gives no more memory"), "{name}: {text}");
        let enough = compiler.clone().limit(told);
        let (_, taken) = most(|| compile(&enough).unwrap());
        assert!(taken <= told, "{name}: {taken}, but {told} was told");
    }
}

/// What a vector costs to compile, whatever its length: a name and a place. Numbers that belong to the function are data.
#[test]
fn an_entry_of_a_vector_costs_nothing_to_compile() {
    let gradient = |f: Function| f.with_gradient().unwrap();
    let hessian = |f: Function| f.sparse_hessian().unwrap().function;
    /// A function of so many numbers, and how many bytes each of them may cost.
    type Case<'c> = (&'c str, &'c dyn Fn(usize) -> Function, usize);
    let cases: [Case<'_>; 5] = [
        ("neighbours", &neighbours, 0),
        ("neighbours, the gradient", &|n| gradient(neighbours(n)), 0),
        ("neighbours, the Hessian", &|n| hessian(neighbours(n)), 0),
        ("a grid, the gradient", &|n| gradient(grid(n.isqrt())), 0),
        // The function's numbers, of which the program has a copy, and both while it is made.
        ("slopes", &slopes, 6 * size_of::<f64>()),
    ];
    for (name, function, data) in cases {
        let [small, large] = [100_000, 1_000_000].map(|n| {
            let function = function(n);
            let compile = || Compiler::new().compile(&function).unwrap();
            let told = needed(Compiler::new().limit(0).compile(&function));
            let before = HELD.get();
            let (program, taken) = most(compile);
            let held = (HELD.get() - before) as usize;
            assert_eq!(program.output_count(), function.output_count(), "{name}");
            // A run has its numbers, and no list of the outputs.
            let (inputs, outputs) = (function.inputs().len(), program.output_count());
            let numbers = (inputs + outputs) * size_of::<f64>();
            let run = program.workspace_bytes(0, 1).saturating_sub(numbers);
            [told, taken, held, run].map(|bytes| bytes.saturating_sub(n * data))
        });
        // A quarter of a byte for each of the further numbers: a row of a grid costs something.
        for (what, small, large) in [
            ("told", small[0], large[0]),
            ("taken at most", small[1], large[1]),
            ("held", small[2], large[2]),
            ("a run takes", small[3], large[3]),
        ] {
            assert!(
                large < small + 200_000,
                "{name}, {what}: {small}, and {large} for ten times as much"
            );
        }
    }
}

#[cfg(feature = "jit")]
#[test]
fn machine_code_takes_no_more_than_it_says() {
    let chains = [("a long chain", chain(400), 1), ("a chain of many functions", chain(4000), 2)];
    for (name, function, threads) in [("a layer", layer(8, 5), 1)].into_iter().chain(chains) {
        let compiler = Compiler::new().without_loops().machine_code().threads(threads);
        // Enough for the program, but not for its machine code.
        let compile = needed(compiler.clone().limit(0).compile(&function));
        // What is told first may be a compile of what is simplified on the way.
        let mut told = compile;
        while let Err(error) = compiler.clone().limit(told).compile(&function) {
            told = needed::<Program>(Err(error));
        }
        let enough = compiler.clone().limit(told);
        let (_, taken) = most(|| enough.compile(&function).unwrap());
        assert!(compile < taken && taken <= told, "{name}: {taken}, but {told} was told");
        if threads == 1 {
            assert!(refusing(compile, || compiler.compile(&function)).is_err(), "{name}");
        }
    }
}

/// Programs and inputs, over samples.
fn programs() -> Vec<(&'static str, Program, usize, usize)> {
    let compile = |function: &OverSamples| compile_samples(&Compiler::new(), function);
    let loops = Compiler::new().without_blocks();
    let nothing = Function::record(["a", "x"], |v| v[0] * 2.0).unwrap();
    vec![
        ("a layer, summed", compile(&summed(&layer(20, 30), &["x"])), 600, 20),
        ("a layer, one by one", compile(&each(&layer(7, 5), &["x"])), 35, 7),
        ("a loop over samples", compile_samples(&loops, &summed(&layer(9, 8), &["x"])), 72, 9),
        ("no use of the column", compile(&summed(&nothing, &["x"])), 1, 1),
    ]
}

#[test]
fn a_run_takes_no_more_than_it_says_and_a_second_one_nothing() {
    for (name, program, shared, columns) in &programs() {
        let shared = vec![0.1; *shared];
        for backend in all_backends() {
            for count in [0, 1, 7, 8, 9, 63, 64, 65, 1000, 20_000] {
                let data = vec![0.25; count * columns];
                let samples = Samples::rows(&data, *columns).unwrap();
                let mut outputs = vec![0.0; program.output_length(count)];
                let what = format!("{name}, {backend:?}, {count} samples");
                let mut run = |workspace: &mut _| {
                    program.run_samples(workspace, &shared, &samples, &mut outputs)
                };
                let workspace = || program.workspace().backend(backend);
                let told = needed(run(&mut workspace().limit(0)));
                if backend == Backend::Automatic {
                    assert_eq!(told, program.workspace_bytes(count, 1), "{what}");
                }
                let (refused, taken) = most(|| run(&mut workspace().limit(told - 1)));
                assert_eq!((needed(refused), taken < 1000), (told, true), "{what}: {taken}");
                let refused = refusing(told - 1, || run(&mut workspace()));
                assert!(matches!(refused, Err(Error::OutOfMemory { .. })), "{what}: {refused:?}");

                let mut workspace = workspace().limit(told);
                let (result, taken) = most(|| run(&mut workspace));
                result.unwrap();
                assert!(taken <= told, "{what}: {taken}, but {told} was told");
                let before = ALLOCATIONS.get();
                run(&mut workspace).unwrap();
                let more = ALLOCATIONS.get() - before;
                let lists = program.output_length(1000) >= 1000;
                let may = lists || backend == Backend::Reference;
                assert!(more == 0 || may, "{what}: {more} allocations by the second run");
            }
        }
    }
}

#[cfg(feature = "f32")]
#[test]
fn single_precision_takes_no_more_than_it_says() {
    for (name, program, shared, columns) in &programs() {
        let shared = vec![0.1; *shared];
        for count in [0, 1, 63, 1000, 20_000] {
            let data = vec![0.25_f32; count * columns];
            let samples = Samples::rows(&data, *columns).unwrap();
            let mut sums = vec![0.0; program.output_length(0)];
            let mut each = vec![0.0; program.output_length(count) - sums.len()];
            let mut run = |workspace: &mut _| {
                program.run_samples_f32(workspace, &shared, &samples, &mut sums, &mut each)
            };
            let what = format!("{name}, {count} samples");
            let told = needed(run(&mut program.workspace_f32().limit(0)));
            let (refused, taken) = most(|| run(&mut program.workspace_f32().limit(told - 1)));
            assert_eq!((needed(refused), taken < 1000), (told, true), "{what}: {taken}");
            let refused = refusing(told - 1, || run(&mut program.workspace_f32()));
            assert!(matches!(refused, Err(Error::OutOfMemory { .. })), "{what}: {refused:?}");
            let mut workspace = program.workspace_f32().limit(told);
            let (result, taken) = most(|| run(&mut workspace));
            result.unwrap();
            assert!(taken <= told, "{what}: {taken}, but {told} was told");
            let before = ALLOCATIONS.get();
            run(&mut workspace).unwrap();
            let more = ALLOCATIONS.get() - before;
            assert!(more == 0 || !each.is_empty(), "{what}: {more} allocations by the second run");
        }
    }
}

#[test]
fn errors_name_what_was_needed() {
    let function = Function::record(["w", "x"], |v| v[0] * v[1]).unwrap();
    let (compiler, function) = (Compiler::new(), summed(&function, &["x"]));
    let error = compiler.clone().limit(1000).compile_samples(&function).unwrap_err();
    let text = "compiling 3 nodes takes 4896 bytes, more than the limit of 1000";
    assert_eq!(error.to_string(), text);

    let program = compiler.compile_samples(&function).unwrap();
    let samples = Samples::rows(&[1.0; 1000], 1).unwrap();
    let run = |mut workspace| program.run_samples(&mut workspace, &[2.0], &samples, &mut [0.0]);
    let told = program.workspace_bytes(1000, 1);
    let error = run(program.workspace().limit(100)).unwrap_err().to_string();
    let text = format!("running P(w; x) takes {told} bytes, more than the limit of 100");
    assert_eq!(error, text);
    let error = refusing(100, || run(program.workspace())).unwrap_err().to_string();
    let text = format!("running P(w; x) takes {told} bytes, and the system gives no more memory");
    assert_eq!(error, text);
}

#[cfg(feature = "threads")]
#[test]
fn threads_take_memory_of_their_own() {
    let (_, program, shared, columns) = programs().swap_remove(0);
    let (shared, data) = (vec![0.1; shared], vec![0.25; 20_000 * columns]);
    let samples = Samples::rows(&data, columns).unwrap();
    let mut outputs = vec![0.0; program.output_length(20_000)];
    let mut told = Vec::new();
    for threads in [1, 2, 7] {
        let workspace = || program.workspace().threads(threads).unwrap();
        let mut run =
            |mut workspace| program.run_samples(&mut workspace, &shared, &samples, &mut outputs);
        let bytes = needed(run(workspace().limit(0)));
        assert_eq!(bytes, program.workspace_bytes(20_000, threads));
        assert!(refusing(bytes - 1, || run(workspace())).is_err());
        let enough = workspace().limit(bytes);
        let (result, taken) = most(|| run(enough));
        result.unwrap();
        assert!(taken <= bytes, "{threads} threads: {taken}, but {bytes} was told");
        told.push(bytes);
    }
    assert!(told.is_sorted_by(|a, b| a < b), "{told:?}");
    // No more than 64 leaves, however many samples there are.
    assert_eq!(program.workspace_bytes(usize::MAX, 4), program.workspace_bytes(1 << 40, 4));
}
