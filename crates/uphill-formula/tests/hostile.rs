//! Texts that want to crash the reader, fill its memory or keep it busy: each gets an error, soon.

use std::time::{Duration, Instant};

use uphill_formula::{Error, Formula, Limits};

/// On a stack no larger than that of any thread.
fn read(text: String) -> Result<Formula, Error> {
    let begun = Instant::now();
    let reader = std::thread::Builder::new().stack_size(1 << 20);
    let handle = reader.spawn(move || {
        let formula = Formula::parse(&text)?;
        // What is accepted must also print, and give a function.
        let _ = (formula.to_string(), formula.clone(), formula.function()?);
        Ok::<_, Error>(formula)
    });
    let result = handle.expect("a thread").join().expect("no panic");
    // Seconds where nothing else runs; what grows without bound is no end in sight.
    assert!(begun.elapsed() < Duration::from_secs(600), "that took {:?}", begun.elapsed());
    if let Err(error) = &result {
        assert!(error.to_string().len() < 2000, "a message that nobody reads");
    }
    result
}

fn too_deep(text: String) {
    let result = read(text);
    assert!(matches!(result, Err(Error::TooDeep { .. })), "{result:?}");
}

fn too_large(text: &str) {
    let result = read(text.into());
    assert!(matches!(result, Err(Error::TooLarge { .. })), "{result:?}");
}

#[test]
fn deep_texts() {
    for (open, middle, close) in [
        ("(", "x", ")"),
        ("-", "x", ""),
        ("not ", "x", ""),
        ("x^", "x", ""),
        ("2^-", "x", ""),
        ("sin(", "x", ")"),
        ("w[", "1", "]"),
        ("sum(i, 1..2, ", "i", ")"),
        ("if(x < 1, ", "x", ", 2)"),
        ("1 + 2*(", "x", ")"),
        ("ä(", "x", ")"),
    ] {
        let many = 100_000.min(1_000_000 / (open.len() + close.len()));
        too_deep(format!("P = {}{middle}{}", open.repeat(many), close.repeat(many)));
        let closed = close.repeat(many);
        let result = read(format!("P = {}{closed}", open.repeat(many)));
        assert!(result.is_err());
    }
    let many = 100_000;
    assert!(read(format!("P = {}x", "+".repeat(many))).is_ok(), "a plus leaves nothing");
    assert!(read("(".repeat(many)).is_err());
    assert!(read(")".repeat(many)).is_err());
    assert!(read(format!("P = {}", "(x".repeat(many))).is_err());
}

#[test]
fn the_deepest_text_that_is_accepted_needs_little_stack() {
    let limits = Limits { depth: usize::MAX, ..Limits::default() };
    for (open, close) in [("(", ")"), ("-", ""), ("x^", ""), ("sin(1 + 2*", ")"), ("f(1 + 2*", ")")]
    {
        let text = move |depth: usize| {
            format!("f(x) = sin(x); P = {}x{}", open.repeat(depth), close.repeat(depth))
        };
        let limits = limits.clone();
        let reader = std::thread::Builder::new().stack_size(1 << 20);
        let deepest = reader.spawn(move || {
            let read = |depth: &usize| Formula::parse_within(&text(*depth), &limits);
            let depth = (1..150).take_while(|depth| read(depth).is_ok()).last()?;
            let formula = read(&depth).ok()?;
            Formula::parse_within(&formula.to_string(), &limits).ok()?.function().ok()?;
            Some(depth)
        });
        let deepest = deepest.expect("a thread").join().expect("no panic");
        assert!((30..=100).contains(&deepest.expect("it reads again")), "{open}: {deepest:?}");
    }
}

#[test]
fn long_texts() {
    let fills = |piece: &str| piece.repeat(1_000_000 / piece.len());
    let sum = read(format!("P = {}x", &fills("x+")[..999_990])).expect("a million characters");
    assert_eq!(sum.function().expect("a function").value(&[1.0]), Ok(499_996.0));
    assert!(read(format!("P = {}x", fills("x*y-"))).is_ok());
    assert!(read(format!("P = {}1", fills("1<2 and "))).is_ok());
    assert!(read(format!("P = {}", fills("9"))).is_err());
    assert!(read(format!("P = 0.{}", fills("9"))).is_ok());
    assert!(read(fills("x")).is_err());
    assert!(read(fills("`")).is_err());
    assert!(read(fills("\n")).is_err());
    assert!(read(fills("# P")).is_err());
    assert!(read(fills("P = 1;")).is_err());
    assert!(read(fills("f(x) = x;")).is_err());
    assert!(read(fills("\u{202e}")).is_err());
    assert!(read(format!("f({}) = 1; P = f(1)", fills("x,"))).is_err());
    assert!(read(format!("P = f({}1)", fills("1,"))).is_err());
    assert!(read(format!("P = sum({}1)", fills("1,"))).is_ok());
    assert!(read(format!("P = {}x", fills("x+").repeat(2))).is_err());
    let long = Formula::parse(&" ".repeat(2_000_000));
    assert!(matches!(long, Err(Error::TooLong { bytes: 2_000_000, .. })));
}

#[test]
fn many_definitions() {
    let chain = |k: usize| format!("x{k} = x{}\n", k + 1);
    let forwards: String = (0..40_000).map(chain).collect();
    let backwards: String = (0..40_000).rev().map(chain).collect();
    assert!(read(forwards.clone()).is_ok());
    assert!(read(backwards).is_ok());
    let circle = read(forwards + "x40000 = x0");
    assert!(matches!(circle, Err(Error::Cycle { .. })), "{circle:?}");
    // Each one finds out on the way that it needs the next.
    let hidden: String = (0..10_000).map(|k| format!("x[{k}] = 2*x[{k} + 1]\n")).collect();
    too_deep(hidden);
    let functions: String = (0..10_000).map(|k| format!("f{k}(x) = f{}(x)\n", k + 1)).collect();
    too_deep(functions + "f10000(x) = x\nP = f0(y)");
}

#[test]
fn large_work() {
    too_large("P = sum(i, 1..1000000000, x^i)");
    too_large("P = sum(i, 1..1000000000, 0)");
    too_large("P = sum(i, 1..10000, sum(j, 1..10000, sum(k, 1..10000, 1)))");
    too_large("P = sum(i, -9007199254740992..9007199254740992, x)");
    too_large("variables w[0..9007199254740992]; P = w[0]");
    too_large("variables w[1..9007199254740992]; P = w[1]");
    too_large("variables a[0..900000], b[0..900000]; P = a[0]");
    let doubling: String =
        (1..60).map(|k| format!("f{k}(x) = f{}(x) + f{}(x)\n", k - 1, k - 1)).collect();
    too_large(&format!("f0(x) = x + x\n{doubling}P = f59(y)"));
    too_large(&format!("f0(x) = 1\n{doubling}P = f59(1)"));
    // A value that is used twice is computed once.
    let shared: String = (1..1000).map(|k| format!("x{k} = x{} + x{}\n", k - 1, k - 1)).collect();
    assert!(read(shared).is_ok());
}

#[test]
fn recursion() {
    for text in [
        "f(x) = f(x - 1); P = f(3)",
        "f(x) = if(x < 1, 1, x*f(x - 1)); P = 3",
        "f(x) = g(x); g(x) = f(x); P = f(3)",
        "P = P + 1",
        "P = f(1); f(x) = P*x",
        "x[1] = sum(i, 1..2, x[i]); P = x[1]",
        "x[1] = x[1 + 1]; x[2] = x[2 - 1]",
    ] {
        let result = read(text.into());
        assert!(matches!(result, Err(Error::Cycle { .. })), "{text}: {result:?}");
    }
}

/// Entries that need each other in all ways: each text is read, or refused, soon.
#[test]
fn entries_by_their_index() {
    for (text, is_read) in [
        ("x[i] = x[i - 1] + x[mod(i*7, 10)] for i = 1..1000; x[0] = a; P = x[1000]", false),
        ("x[i] = x[mod(i*7 + 1, 1000)] for i = 0..999; P = x[0]", false),
        ("x[i] = sum(j, 0..i - 1, x[j]) for i = 1..500; x[0] = a; P = x[500]", true),
        ("x[i] = x[i + 1] + x[i + 1 + mod(i, 2)] for i = 0..5000; P = x[0]", false),
        (
            "x[i] = x[i - 1] + x[i - 1 - mod(i, 2)] for i = 2..5000; x[0] = a; x[1] = b; P = x[5000]",
            true,
        ),
        (
            "x[i] = y[i - 1] for i = 1..900; y[i] = z[i]*2 for i = 0..900; z[i] = x[i]*w[i] for i = 0..900; x[0] = 1; P = y[900]",
            true,
        ),
        ("x[i] = y[i]; y[i] = x[i]", false),
        (
            "x[i] = y[i] for i = 0..99; y[i] = z[i] for i = 0..99; z[i] = x[i] for i = 0..99; P = 1",
            false,
        ),
        ("x[i] = y[i - 1] + y[i + 1] for i = 1..99; y[i] = x[i] for i = 2..99; P = x[50]", false),
        ("x[i] = x[i - 100] for i = 100..10000; P = x[10000]", true),
        ("x[i, j] = x[i - 1, j] + 1 for i = 1..3000, j = 1..3000; P = x[1, 1]", false),
        ("x[n] = n for n = 1..x[3]; P = x[1]", false),
        ("x[i] = i for i = 1..y[2]; y[i] = i for i = 1..x[2]; P = x[1]", false),
        ("x[i] = a for i = 5..1; P = x[3]", true),
        ("f(k) = x[k - 1]; x[i] = f(i)*2 for i = 1..900; x[0] = a; P = x[900]", true),
        ("f(k) = x[k]; x[i] = f(i)*2 for i = 1..900; P = x[900]", false),
        (
            "P = sum(i, 1..50, y[i]); y[i] = sum(j, 1..50, z[j]*i) for i = 1..50; z[i] = z[i - 1] for i = 1..50; z[0] = P",
            false,
        ),
        (
            "P = sum(i, 1..50, y[i]); y[i] = sum(j, 1..50, z[j]*i) for i = 1..50; z[i] = z[i - 1] for i = 1..50; z[0] = b",
            true,
        ),
        ("x[i] = 1 for i = 0..9007199254740991", false),
        ("x[i] = 1 for i = -9007199254740991..3", false),
    ] {
        let result = read(text.into());
        assert_eq!(result.is_ok(), is_read, "{text}: {:?}", result.map(|_| ()));
    }
    let nested: String = (0..300)
        .map(|k| format!("x{k}[i] = x{}[i] + x{k}[i - 1] for i = 1..50\n", k + 1))
        .collect();
    assert!(read(nested + "P = x0[50]").is_err(), "a chain of statements is deep");
}

#[test]
fn a_graph_has_no_objection() {
    for text in [
        "`w[03]` = 1; P = `w[3]` + `w[03]`",
        "variables w[0..9]; P = w[0] + `w[03]`",
        "variables w[0..9]; `w[03]` = 1; P = w[0]",
        "variables w[0..9]; variables w[11]; P = w[0]",
        "variables w[11]; variables w[0..9]; P = w[0]",
        "`x#2` = a + a; x = a + 1; P = x + `x#2`",
        "P = w + w[1] + w[1, 2]",
        "P = 0/0; Q = P",
        "a = x; b = x; c = b",
        "P = x; `P ` = 3",
    ] {
        if let Ok(formula) = Formula::parse(text) {
            assert!(formula.function().is_ok(), "{text}: {:?}", formula.function().err());
        }
    }
}
