//! What work costs grows as its input does: functions twice as long ask for about twice the memory, added up over all
//! that was asked for, so a text or a list that is copied again and again for each of its parts shows.
//!
//! Counted are bytes, not seconds: the numbers are the same in each run.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use uphill_engine::Compiler;
use uphill_graph::{Function, Inputs, Scalar, Var};

struct Counting;

thread_local! {
    static BYTES: Cell<u64> = const { Cell::new(0) };
}

#[allow(unsafe_code, reason = "the trait is unsafe")]
// SAFETY: every call goes to the system's allocator unchanged; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        BYTES.with(|bytes| bytes.set(bytes.get() + layout.size() as u64));
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

/// How many bytes some work asks for, all that it gives back included.
fn bytes(work: impl FnOnce()) -> u64 {
    let before = BYTES.get();
    work();
    BYTES.get() - before
}

fn record(inputs: Inputs, code: impl for<'g> Fn(&[Var<'g>]) -> Var<'g>) -> Function {
    Function::record(inputs, code).unwrap()
}

fn pair() -> Inputs {
    Inputs::new().variable("x").variable("b")
}

/// Named values, each of the one before; all read `b`.
fn chain(lines: usize) -> Function {
    record(pair(), |v| (0..lines).fold(v[0], |y, k| (y.sin() + v[1] * y).named(&format!("y{k}"))))
}

/// The same without names.
fn unnamed(lines: usize) -> Function {
    record(pair(), |v| (0..lines).fold(v[0], |y, _| y.sin() + v[1] * y))
}

/// Named values, each of the one before and of an input of its own.
fn inputs_along(lines: usize) -> Function {
    record(Inputs::new().variables("x", lines), |v| {
        let mut y = v[0];
        for (k, x) in v.iter().enumerate() {
            y = (y * 0.5 + x.sin()).named(&format!("y{k}"));
        }
        y
    })
}

/// One value of many named ones, in one sum.
fn wide(lines: usize) -> Function {
    record(pair(), |v| {
        (0..lines).map(|k| (v[0] * k as f64 + v[1]).sin().named(&format!("y{k}"))).sum()
    })
}

/// One value of many inputs, a product of sums of two.
fn product(lines: usize) -> Function {
    record(Inputs::new().variables("x", lines), |v| {
        v.iter().map(|&x| x + 1.5).product::<Var<'_>>().named("product")
    })
}

/// Roots that are squared, each of which is looked at by itself.
fn squared_roots(lines: usize) -> Function {
    record(pair(), |v| {
        (0..lines).fold(v[0], |y, k| (y + v[1]).sqrt().square().named(&format!("y{k}")))
    })
}

type Work = fn(&Function);

fn at(function: &Function) -> Vec<f64> {
    vec![0.3; function.inputs().len()]
}

/// The story of the output's derivative by an input, counted from the first or the last one, in every script.
fn explain(function: &Function, input: usize) {
    let (of, by) = (&function.outputs()[0].name, function.inputs().name(input));
    let story = function.explain(of, &by, &at(function)).unwrap();
    drop((story.to_string(), story.ascii(), story.latex()));
}

const WORKS: [(&str, Work); 10] = [
    ("simplify", |f| drop(f.simplify())),
    ("gradient", |f| drop(f.gradient().unwrap())),
    ("compile", |f| drop(Compiler::new().compile(&f.with_gradient().unwrap()).unwrap())),
    ("print", |f| drop(f.to_string())),
    ("trace", |f| drop(f.trace(&at(f)).unwrap().to_string())),
    ("explain, the first input", |f| explain(f, 0)),
    ("explain, the last input", |f| explain(f, f.inputs().len() - 1)),
    ("derive", |f| {
        let last = f.inputs().name(f.inputs().len() - 1);
        let story = f.derive(&f.outputs()[0].name, &last).unwrap();
        drop((story.to_string(), story.ascii(), story.latex()));
    }),
    ("formulas", |f| {
        let formulas = f.formulas();
        drop((formulas.to_string(), formulas.ascii(), formulas.latex()));
    }),
    ("file", |f| drop(Function::from_json(&f.to_json()).unwrap())),
];

#[test]
fn twice_the_lines_cost_twice_as_much() {
    type Make = fn(usize) -> Function;
    let shapes: [(&str, Make); 6] = [
        ("a chain", chain),
        ("a chain without names", unnamed),
        ("an input for each line", inputs_along),
        ("a wide sum", wide),
        ("a wide product", product),
        ("squared roots", squared_roots),
    ];
    let mut dear = Vec::new();
    for (shape, make) in shapes {
        let (small, large) = (make(500), make(1_000));
        for (name, work) in WORKS {
            let [one, two] = [&small, &large].map(|function| bytes(|| work(function)));
            let ratio = two as f64 / one as f64;
            // Names get a digit more and lists grow by doubling; what is copied for each of its parts comes near 4.
            if ratio > 2.5 {
                dear.push(format!(
                    "{shape}, {name}: {one} bytes, {two} for twice the lines: {ratio:.2}"
                ));
            }
        }
    }
    assert!(dear.is_empty(), "\n{}", dear.join("\n"));
}
