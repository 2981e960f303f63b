//! A variable must not leave its recording: the compiler refuses most ways out (three more are doctests of [`Var`]), and
//! mixing two recordings panics.

use uphill_graph::{Recorder, Scalar, Var};

/// A variable can't go to another thread, which would write to the graph at the same time: were it `Send` or `Sync`,
/// two impls would fit each line and the type would be ambiguous. (The compiler's message lists the private fields of
/// the recorder, so it is no good as a test.)
const _: u8 = {
    trait Fits<Because> {
        const WAYS: u8 = 1;
    }
    struct IsSend;
    struct IsSync;
    impl<T> Fits<()> for T {}
    impl<T: Send> Fits<IsSend> for T {}
    impl<T: Sync> Fits<IsSync> for T {}
    <Var<'static> as Fits<_>>::WAYS
};

fn panic_message(code: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let panic = std::panic::catch_unwind(code).expect_err("it must panic");
    panic.downcast_ref::<String>().expect("a formatted message").clone()
}

/// The message names the places where both recordings began.
#[test]
fn mixing_two_recordings_panics_with_both_places() {
    let sites = std::sync::Mutex::new((0, 0));
    type Mix = fn(&Recorder, &Recorder);
    let mixes: [(&str, Mix); 4] = [
        ("an operator", |one, other| {
            let _ = one.variable("x") + other.variable("y");
        }),
        ("a function", |one, other| {
            let _ = one.variable("x").hypot(other.variable("y"));
        }),
        ("a select", |one, other| {
            let _ = Scalar::select(one.variable("x"), 1.0.into(), other.variable("y"));
        }),
        ("an output", |one, other| one.output("P", other.variable("y"))),
    ];
    for (name, mix) in mixes {
        let message = panic_message(|| {
            let one = Recorder::new();
            let other = Recorder::new();
            *sites.lock().unwrap() = (line!() - 2, line!() - 1);
            mix(&one, &other);
        });
        let (one, other) = *sites.lock().unwrap();
        for line in [one, other] {
            let site = format!("escape.rs:{line}:");
            assert!(message.contains(&site), "{name}: no `{site}` in: {message}");
        }
    }
}

/// The panic itself is blamed on the line that mixes, not on the inside of the crate.
#[test]
fn the_line_that_mixes_is_blamed() {
    let blamed = std::sync::Arc::new(std::sync::Mutex::new(None));
    let seen = blamed.clone();
    let thread = std::thread::current().id();
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == thread {
            *seen.lock().unwrap() = info.location().map(|at| (at.file().to_owned(), at.line()));
        } else {
            usual(info);
        }
    }));
    let mut line = 0;
    let message = panic_message(std::panic::AssertUnwindSafe(|| {
        let (one, other) = (Recorder::new(), Recorder::new());
        let (x, y) = (one.variable("x"), other.variable("y"));
        line = line!() + 1;
        let _ = x * y;
    }));
    let _ = std::panic::take_hook();
    let (file, blamed) = blamed.lock().unwrap().clone().expect("a place");
    assert!(file.ends_with("escape.rs"), "blamed {file}:{blamed}: {message}");
    assert_eq!(blamed, line, "{message}");
}
