//! What is to be reached: figures of all workloads, from the least times that they left.

use uphill_bench::summary::{Due, Figure, best, find, largest, ratio, scaled, worst};

use crate::plain;

pub fn all() -> Vec<Figure> {
    use Due::{AtLeast, AtMost, Told};
    let mut all = Vec::new();
    let mut add = |workload, what: &str, measured, due| {
        all.push(Figure { workload, what: what.into(), measured, due });
    };
    for (workload, operations) in [("W1, 10^4", "10000"), ("W1, 10^6", "1000000")] {
        let title = format!("W1, evaluated again, {operations} operations");
        let hand = best(&title, "by hand", &[]);
        let again = best(&title, "uphill, ", &["eval"]);
        add(workload, "evaluated again, by hand = 1", ratio(again, hand), AtMost(1.3));
        let title = format!("W1, {operations} operations");
        let compile = scaled(best(&title, "compile", &["machine"]), 1e6);
        add(workload, "compile, µs an operation", compile, AtMost(0.5));
        let machine = scaled(best(&title, "compile, with machine", &[]), 1e6);
        add(workload, "compile with machine code, µs an operation", machine, AtMost(2.0));
        let straight = scaled(best(&title, "compile, without loops, with machine", &[]), 1e6);
        add(workload, "the same, written out instead of in loops", straight, AtMost(2.0));
        let straight = best(&title, "compile on two threads, without loops", &[]);
        add(workload, "the same on two threads", scaled(straight, 1e6), AtMost(2.0));
        let bytes = best(&title, "memory", &["without"]);
        add(workload, "memory, bytes an operation", bytes, AtMost(24.0));
    }
    // Adept's 4.8 ns where the loop by hand takes 2.6.
    let title = "W1, evaluated again, 1000000 operations";
    let tape = ratio(best(title, "fresh tape: ", &[]), best(title, "by hand", &[]));
    add("W1, 10^6", "fresh tape, by hand = 1 (Adept: 1.85)", tape, AtMost(1.85));

    let title = "W2, P and gradient over 100,000";
    let lanes = best(title, "uphill", &["thread", "AVX2"]);
    let vectorised = best(title, "by hand, vectorised", &["AVX2"]);
    add("W2", "by hand and vectorised = 1", ratio(lanes, vectorised), AtMost(1.0));
    let avx2 = best(title, "uphill, lanes, AVX2", &[]);
    let vectorised = best(title, "by hand, vectorised by the compiler, AVX2", &[]);
    add("W2", "with AVX2 alone, by hand and vectorised = 1", ratio(avx2, vectorised), AtMost(1.0));
    let scalar = best(title, "by hand, one sample", &[]);
    add("W2", "times as fast as by hand, one sample at a time", ratio(scalar, lanes), AtLeast(3.0));

    let one = "W3, one gradient over 1000 samples, one thread";
    let blocks = best(one, "uphill", &["without", "AVX2"]);
    add("W3", "faer's products = 1", ratio(blocks, best(one, "faer", &[])), AtMost(1.05));
    let two = best("W3 on two threads", "uphill", &[]);
    let speedup = ratio(best("W3 on two threads", "the same on one", &[]), two);
    add("W3", "two threads, times as fast as one", speedup, AtLeast(1.9));
    let faer = ratio(two, best("W3 on two threads", "faer", &[]));
    add("W3", "two threads, faer's products on two = 1", faer, Told);
    let plain = best(one, "uphill without", &[]);
    add(
        "W3",
        "without dense blocks, faer's products = 1",
        ratio(plain, best(one, "faer", &[])),
        Told,
    );

    let title = "W4, 2-2-1 network";
    let fast = best(title, "uphill", &["interpreter", "eval"]);
    add("W4", "by hand = 1", ratio(fast, best(title, "by hand", &[])), AtMost(1.2));
    let interpreted = scaled(best(title, "uphill, scalar interpreter", &[]), 1e9);
    add("W4", "scalar interpreter, ns", interpreted, AtMost(60.0));

    let (what, slowest) = match worst("Functions, net") {
        Some((name, seconds)) => (format!("the slowest, {name}, ns an element"), Some(seconds)),
        None => ("the slowest, ns an element".into(), None),
    };
    add("functions", &what, scaled(slowest, 1e9), AtMost(0.5));

    let title = "Training, iris 4-6-3";
    let trainer = best(title, "uphill, the trainer", &[]);
    add(
        "training",
        "one step, by hand = 1",
        ratio(trainer, best(title, "by hand", &[])),
        AtMost(1.2),
    );

    for dimensions in ["10", "32"] {
        let title = format!("GMM, d = {dimensions}, k = 25");
        let (hand, ours) =
            (best(&title, "by hand", &[]), best(&title, "uphill, over samples", &[]));
        add("GMM", &format!("d = {dimensions}, by hand = 1"), ratio(ours, hand), AtMost(1.0));
    }

    for name in plain::FUNCTIONS {
        let title = format!("Plain numbers, {name}");
        let library = best(&title, "the standard library", &[]);
        let what = format!("{name} on `f64`, the standard library = 1");
        add("plain numbers", &what, ratio(best(&title, "uphill", &[]), library), AtMost(1.5));
    }
    for (what, title) in [
        ("time a node, the least = 1", "Growth of time, nodes"),
        ("time a sample, the least = 1", "Growth of time, samples"),
        ("time a weight, the least = 1", "Growth of time, weights"),
        ("time a weight of a problem, the least = 1", "Growth of time, weights of a problem"),
        ("time a line of an explanation, the least = 1", "Growth of time, lines of an explanation"),
        ("memory a node, the least = 1", "Growth of memory, nodes"),
        ("memory a weight, the least = 1", "Growth of memory, weights"),
        ("memory a weight of a problem, the least = 1", "Growth of memory, weights of a problem"),
    ] {
        let (what, most) = match worst(title) {
            Some((row, most)) => (format!("{what}: {row}"), Some(most)),
            None => (what.into(), None),
        };
        add("growth", &what, most, AtMost(2.0));
    }
    for (what, title) in [
        ("twice the weights of a problem, once = 1", "Twice the weights of a problem"),
        ("twice the lines of an explanation, once = 1", "Twice the lines of an explanation"),
    ] {
        let (what, most) = match worst(title) {
            Some((row, most)) => (format!("{what}: {row}"), Some(most)),
            None => (what.into(), None),
        };
        add("growth", &what, most, AtMost(2.5));
    }
    all.extend(loops());
    all.extend(abreast());
    all
}

/// What loops are to reach whose iterations, or whose samples, don't need each other.
fn abreast() -> Vec<Figure> {
    const TWO: &str = "uphill, two threads";
    let mut all = Vec::new();
    let mut add = |title: &str, what: &str, measured, due| {
        all.push(Figure { workload: "abreast", what: format!("{title}: {what}"), measured, due });
    };
    for (title, most) in [
        ("W5, 100000, value and gradient", 1.2),
        ("W5, 100000, Hessian", 1.2),
        ("Rosenbrock, 10000, Hessian", 1.5),
        ("W7, 300, value and gradient", 1.2),
        ("W7, 300, Hessian", f64::INFINITY),
        ("W8, 100000, value and gradient", 1.2),
        ("W8, 100000, Hessian", f64::INFINITY),
        ("W6, 20000, value and gradient", 1.2),
        ("W6, 1000 initial values", 1.3),
    ] {
        let full = format!("Abreast, {title}");
        let hand =
            ["by hand, vectorised (1)", "by hand (1)", "by hand, with value and gradient (1)"];
        let hand = hand.into_iter().find_map(|row| best(&full, row, &[]));
        let one = best(&full, "uphill", &["threads", "interpreter", "one after"]);
        let due = if most.is_finite() { Due::AtMost(most) } else { Due::Told };
        let vectorised = best(&full, "by hand, vectorised (1)", &[]).is_some();
        let whose = if vectorised { "by hand and vectorised" } else { "by hand" };
        add(title, &format!("{whose} = 1"), ratio(one, hand), due);
        let two = ratio(one, best(&full, TWO, &[]));
        let due = if title.starts_with("W5") { Due::AtLeast(1.8) } else { Due::Told };
        add(title, "two threads, times as fast as one", two, due);
        if let Some(interpreter) = best(&full, "uphill, interpreter", &["threads"]) {
            let what = "with machine code, the interpreter = 1";
            add(title, what, ratio(one, Some(interpreter)), Due::AtMost(1.02));
        }
    }
    let title = "Abreast, LSTM, 1024, value and gradient";
    let measured = ratio(
        best(title, "uphill", &["threads", "interpreter"]),
        scaled(best(title, "by hand, the loss alone (1)", &[]), 3.0),
    );
    let what = "LSTM, 1024, value and gradient: three times the plain loss = 1".into();
    all.push(Figure { workload: "abreast", what, measured, due: Due::AtMost(1.2) });
    all
}

/// What loops are to reach, each at the size that it is due at or the largest that was measured.
fn loops() -> Vec<Figure> {
    const SECOND: f64 = 1.0;
    const MB: f64 = 1e-6;
    let mut all = Vec::new();
    for (title, figure, unit, scale, size, most) in [
        ("W5, map and sum, gradient", "ready", ", s", SECOND, 1_000_000, 0.1),
        ("W5, map and sum, Hessian", "ready", ", s", SECOND, 1_000_000, 0.1),
        ("W5, map and sum, Hessian", "bytes", ", MB", MB, 1_000_000, 50.0),
        ("W5, plain, gradient", "ready, recording = 1", "", 1.0, 1_000_000, 3.0),
        ("W5, plain, Hessian", "ready, recording = 1", "", 1.0, 1_000_000, 3.0),
        ("W6, scan, gradient", "ready", ", s", SECOND, 1_000_000, 0.1),
        ("W6, scan, gradient", "within 64 MB, without = 1", "", 1.0, 10_000_000, 3.0),
        ("W8, gather and sum, gradient", "ready", ", s", SECOND, 100_000, 0.3),
        ("W8, gather and sum, Hessian", "ready", ", s", SECOND, 100_000, 0.3),
        ("LSTM, plain, gradient", "ready", ", s", SECOND, 8_192, 2.0),
        ("LSTM, plain, gradient", "bytes", ", MB", MB, 8_192, 200.0),
        ("LSTM, plain, gradient", "loops", "", 1.0, 8_192, 19.0),
        ("chain", "gradient, recording = 1", "", 1.0, 10_000_000, 3.0),
        ("arrow", "sweeps", "", 1.0, 4_000, 2.0),
    ] {
        let found = largest(&format!("Loops, {title}"), figure);
        let (here, due) = match found {
            Some((here, _)) if here < size => {
                (format!(", measured at {here}"), Due::AtMostLater(most))
            }
            _ => (String::new(), Due::AtMost(most)),
        };
        let figure = if figure == "bytes" { "at most" } else { figure };
        let what = format!("{title}, {size}: {figure}{unit}{here}");
        let measured = found.map(|(_, value)| value * scale);
        all.push(Figure { workload: "loops", what, measured, due });
    }
    let title = "Loops, W5, map and sum, Hessian";
    let [small, large] = [1_000, 1_000_000].map(|size| find(title, &format!("ready, at {size}")));
    let what = "W5, map and sum, Hessian, 1000000: ready, at 1000 = 1".into();
    all.push(Figure {
        workload: "loops",
        what,
        measured: ratio(large, small),
        due: Due::AtMost(2.0),
    });
    for what in ["record", "gradient"] {
        let measured = find("Loops, without repetitions", what);
        let what = format!("code without repetitions: {what}, a plain list = 1");
        all.push(Figure { workload: "loops", what, measured, due: Due::Told });
    }
    all
}
