//! Problems with constraints: what texts say, what is wrong with others, and that what is printed reads as the same.

use std::fmt::Write;

use proptest::prelude::*;
use uphill_formula::{Error, Formula, Limits, Problem, Sense};
use uphill_graph::Function;

/// A problem in words: sense, outputs with their limits, bounds by name.
fn told(problem: &Problem) -> String {
    let function = problem.function().expect("a function");
    let range = |low: f64, high: f64| match (low, high) {
        (low, high) if low == high => format!("= {low}"),
        (low, f64::INFINITY) => format!(">= {low}"),
        (f64::NEG_INFINITY, high) => format!("<= {high}"),
        (low, high) => format!("in {low}..{high}"),
    };
    let mut parts = vec![format!("{:?} {}", problem.sense(), function.outputs()[0].name)];
    assert_eq!(function.outputs().len(), problem.constraints().len() + 1);
    assert_eq!(function.inputs(), problem.inputs());
    for (constraint, output) in problem.constraints().iter().zip(&function.outputs()[1..]) {
        assert_eq!(constraint.name, output.name);
        let length = output.length.map_or(String::new(), |length| format!("[{length}]"));
        parts.push(format!("{}{length} {}", output.name, range(constraint.low, constraint.high)));
    }
    let inputs = problem.inputs();
    for bound in problem.bounds() {
        let (first, last) = (bound.positions.start, bound.positions.end - 1);
        let name = match first == last {
            true => inputs.name(first),
            false => format!("{} to {}", inputs.name(first), inputs.name(last)),
        };
        parts.push(format!("{name} {}", range(bound.low, bound.high)));
    }
    parts.join("; ")
}

/// Texts, and what they say.
const READ: &[(&str, &str)] = &[
    // Goals.
    ("minimise x^2", "Minimise P"),
    ("maximize x*y", "Maximise P"),
    ("MIN = x; minimize MIN^2", "Minimise P"),
    ("cost = x^2; minimise cost", "Minimise cost"),
    ("minimise cost; cost = x^2", "Minimise cost"),
    ("maximise cost = x^2\nsubject to cost <= 5", "Maximise cost; c1 <= 5"),
    ("maximise `the cost` = x^2", "Maximise the cost"),
    ("maximise w[3] = x^2", "Maximise w[3]"),
    ("maximise (x - 1)*y", "Maximise P"),
    ("maximise -x^2\n  - y^2", "Maximise P"),
    ("maximise P + 1; subject to P <= 3", "Maximise performance; P <= 3"),
    ("minimise 0; subject to x*y = 3", "Minimise P; c1 = 3"),
    ("minimise x subject to x >= 1", "Minimise P; x >= 1"),
    ("minimise x\nsubject to:\n  x >= 1\n", "Minimise P; x >= 1"),
    ("minimise x; subject to", "Minimise P"),
    ("minimise = 3; subject = 2; P = minimise + subject + x; maximise P", "Maximise P"),
    // Relations.
    (
        "minimise x; subject to x*y <= 3; x*y >= 2; x/y = 1; x - y == 0",
        "Minimise P; c1 <= 3; c2 >= 2; c3 = 1; c4 = 0",
    ),
    ("minimise x; subject to 3 <= x*y; 2 >= x*y; 1 = x/y", "Minimise P; c1 >= 3; c2 <= 2; c3 = 1"),
    (
        "minimise x; subject to 1 <= x*y <= 3; 3 >= x*y >= 1; 2 <= x*y <= 2",
        "Minimise P; c1 in 1..3; c2 in 1..3; c3 = 2",
    ),
    ("minimise x; subject to x*y <= y; x^2 >= y^2; x = y", "Minimise P; c1 <= 0; c2 >= 0; c3 = 0"),
    ("minimise x; subject to x*y ≤ 3; x*y ≥ 2", "Minimise P; c1 <= 3; c2 >= 2"),
    // Limits are formulas of numbers.
    (
        "n = 7; low = -n/2; minimise x; subject to low <= x <= n + 1; x*y <= 2*n",
        "Minimise P; c1 <= 14; x in -3.5..8",
    ),
    (
        "s[0] = 1; s[i] = 2*s[i - 1] for i = 1..20; minimise x; subject to x <= s[10]; x + y <= s[3]",
        "Minimise P; c1 <= 8; x <= 1024",
    ),
    (
        "minimise x; subject to x >= sum(i, 1..10, i); x*y <= 3; y <= 4",
        "Minimise P; c1 <= 3; x >= 55; y <= 4",
    ),
    // Names, counted with those that have one.
    (
        "minimise x; subject to power: x*y >= 25; x/y <= 1; `a b`: x - y = 3; x + y <= 9; x >= 0",
        "Minimise P; power >= 25; c2 <= 1; a b = 3; c4 <= 9; x >= 0",
    ),
    (
        "c1 = 3; minimise x*c1*c3; subject to x*y <= 3; c2: x/y <= 1; x + y >= 1",
        "Minimise P; constraint1 <= 3; c2 <= 1; constraint3 >= 1",
    ),
    // Bounds: of one input alone, against numbers.
    (
        "minimise x + y + z; subject to x <= 5; 1 <= y <= 2; z = 3",
        "Minimise P; x <= 5; y in 1..2; z = 3",
    ),
    ("minimise x; subject to x >= 1; x <= 5; x >= 2; 4 >= x", "Minimise P; x in 2..4"),
    (
        "minimise x; subject to floor: x >= 1; x + 0 <= 5; -x <= 3; 2*x <= 9",
        "Minimise P; c1 <= 5; c2 <= 3; c3 <= 9; x >= 1",
    ),
    ("a = x; minimise a; subject to a <= 3", "Minimise a; x <= 3"),
    (
        "variables x[0..9]; minimise x[0]; subject to x[3] <= 3; x[9] >= 1",
        "Minimise P; x[3] <= 3; x[9] >= 1",
    ),
    (
        "variables x; parameters k; minimise x; subject to x*k <= 3; x >= k",
        "Minimise P; c1 <= 3; c2 >= 0",
    ),
    (
        "variables x; parameters k; s[0] = k; s[i] = s[i - 1]*x for i = 1..20; minimise x; subject to s[20] >= 1",
        "Minimise P; c1 >= 1",
    ),
    (
        "variables x; parameters k; s[0] = k; t[0] = x; s[i] = s[i - 1]*2 + t[i - 1] for i = 1..20; \
      t[i] = t[i - 1] + s[i - 1] for i = 1..20; minimise x; subject to s[20] >= 1",
        "Minimise P; c1 >= 1",
    ),
    // Ranges.
    (
        "minimise sum(i, 0..99, x[i]^2); subject to 0 <= x[i] <= 1 for i = 0..99",
        "Minimise P; x[0] to x[99] in 0..1",
    ),
    (
        "variables x[0..99]; minimise x[5]; subject to x[2*i] <= i for i = 0..1; x[i] >= -1 for i = 50..99",
        "Minimise P; x[0] <= 0; x[2] <= 1; x[50] to x[99] >= -1",
    ),
    ("minimise x[0]; subject to x[i]*x[i + 1] >= 2 for i = 0..98", "Minimise P; c1[99] >= 2"),
    (
        "minimise x[0]; subject to chain: 3*x[i + 1]^3 + 2*x[i + 2] - 5 = 0 for i = 0..97",
        "Minimise P; chain[98] = 0",
    ),
    ("minimise x[0]; subject to x[i] >= x[i + 1]^2 for i = 0..2", "Minimise P; c1[3] >= 0"),
    (
        "minimise x[0]; subject to x[i]^2 >= i for i = 0..20; 0.5*i = x[i]*y for i = 1..3",
        "Minimise P; c1[21] >= 0; c2[3] = 0",
    ),
    (
        "minimise x[0]; subject to i <= x[i] <= i + 1 for i = 0..20",
        "Minimise P; x[0] in 0..1; x[1] in 1..2; x[2] in 2..3; x[3] in 3..4; x[4] in 4..5; x[5] in 5..6; x[6] in 6..7; \
      x[7] in 7..8; x[8] in 8..9; x[9] in 9..10; x[10] in 10..11; x[11] in 11..12; x[12] in 12..13; x[13] in 13..14; \
      x[14] in 14..15; x[15] in 15..16; x[16] in 16..17; x[17] in 17..18; x[18] in 18..19; x[19] in 19..20; x[20] in 20..21",
    ),
    (
        "minimise u[0,0]; subject to u[i,j] - u[i,j + 1] <= 1 for i = 0..4, j = 0..3; u[i,j] >= 0 for i = 0..4, j = 0..4",
        "Minimise P; c1[20] <= 1; u[0,0] to u[4,4] >= 0",
    ),
    (
        "minimise r; subject to (x[i] - x[j])^2 + (y[i] - y[j])^2 >= r for i = 0..5, j = i + 1..6",
        "Minimise P; c1[21] >= 0",
    ),
    (
        "low = [1, 2, 3]; minimise x[0]; subject to x[i] >= low[i] for i = 0..2",
        "Minimise P; x[0] >= 1; x[1] >= 2; x[2] >= 3",
    ),
    (
        "minimise x; subject to x^k <= k for k = 1..2; x*k >= 3 for k = 4..4",
        "Minimise P; c1[2] <= 0; c2[1] >= 3",
    ),
    // A line that begins with a minus is a constraint of its own if it compares, else it goes on.
    (
        "minimise x\nsubject to\n-x + y <= 3\n-x*y >= 1\n-1 <= x",
        "Minimise P; c1 <= 3; c2 >= 1; x >= -1",
    ),
    ("minimise x\nsubject to\n1 <= x*y\n  - y\n  x*y\n  + y <= 3", "Minimise P; c1 >= 1; c2 <= 3"),
];

#[test]
fn texts_say() {
    let mut wrong = String::new();
    for (text, expected) in READ {
        match Problem::parse(text) {
            Ok(problem) if told(&problem) == *expected => {}
            Ok(problem) => {
                let _ = writeln!(wrong, "{text}\n  says {}\n  not  {expected}", told(&problem));
            }
            Err(error) => {
                let _ = writeln!(wrong, "{text}\n{error}");
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// What is wrong with texts.
const REFUSED: &[(&str, &[&str])] = &[
    (
        "no goal, or several",
        &[
            "P = x^2",
            "cost[1] = x; `a b` = 3",
            "subject to x >= 1",
            "f(x) = x",
            "",
            "minimise x; maximise y",
            "minimise x; subject to x >= 1; minimise y",
            "minimise x; outputs y; y = 3",
            "minimise 3",
            "parameters k; minimise k",
        ],
    ),
    (
        "something else was expected",
        &[
            "minimise",
            "minimise; subject to x >= 1",
            "minimise x, y",
            "minimise cost(x) = x^2",
            "minimise x; subject to x",
            "minimise x; subject to x >= ",
            "minimise x; subject to >= 3",
            "minimise x; subject to y = 2 x >= 1",
            "minimise x; subject to x >= 1 and y >= 1",
            "minimise x; subject to x >= 1, y >= 1",
            "minimise x; subject to x and y",
            "minimise x; subject to variables y",
            "minimise x; subject to f(y) = 3",
            "minimise x; subject to a b: x >= 1",
            "minimise x; subject to x[i] >= 1 for i",
            "minimise x; subject to x[i] >= 1 for i = 3",
            "minimise x; subject to x[i] >= 1, i = 0..3",
            "minimise x; such that x >= 1",
            "P = a : b",
        ],
    ),
    (
        "relations",
        &[
            "minimise x; subject to x > 1",
            "minimise x; subject to 1 < x",
            "minimise x; subject to 1 <= x < 3",
            "minimise x; subject to x != 1",
            "minimise x; subject to 1 <= x >= 0",
            "minimise x; subject to 1 <= x = 3",
            "minimise x; subject to x = y = z",
            "minimise x; subject to 1 <= x <= y <= 3",
            "minimise x; subject to y <= x <= 3",
            "minimise x; subject to 1 <= x*y <= z",
            "minimise x[0]; subject to i <= x[i]^2 <= 2*i for i = 0..20",
            "minimise x[0]; subject to i <= x[i]^2 <= 2*i for i = 0..3",
        ],
    ),
    (
        "what says nothing or can't be",
        &[
            "minimise x; subject to 1 <= 2",
            "minimise x; subject to 3 <= 2",
            "n = 3; minimise x; subject to 1 <= n <= 2",
            "minimise x; subject to i >= 0 for i = 0..20",
            "parameters k; variables x; minimise x; subject to k >= 1",
            "parameters k; variables x; minimise x; subject to k^2 >= k",
            "parameters k[0..99]; variables x; minimise x; subject to k[i] >= 1 for i = 0..99",
            "parameters k[0..99]; variables x; minimise x; subject to k[i]*k[i + 1] >= 1 for i = 0..98",
            "parameters k; variables x; s[0] = k; s[i] = s[i - 1]^2 for i = 1..20; minimise x; subject to s[20] >= 1",
            "parameters k; variables x; minimise x; subject to sum(i, 1..20, k^i) >= 1",
            "minimise x; subject to x <= 1/0",
            "minimise x; subject to x >= 1/0",
            "minimise x; subject to x <= 0/0",
            "minimise x; subject to 5 <= x <= 1",
            "minimise x; subject to 5 <= x*y <= 1",
            "minimise x; subject to x >= 5; x <= 1",
            "minimise x[0]\nsubject to\n  x[i] >= 5 for i = 0..99\n  x[7] = 1",
            "minimise x; subject to x >= 1 for i = 1..3",
            "minimise x[0]; subject to x[i] >= sum(j, 1..3, j) for i = 1..9, j = 1..3",
            "minimise x[0]; subject to x[i] >= 1 for i = 5..1",
            "minimise x[0]; subject to x[i] >= j for i = 5..1, j = 0..2",
            "minimise x[0]; subject to x[i] >= 1 for i = 0..2, i = 0..3",
            "minimise x[0]; subject to x[i] >= 1 for i = 0..n",
            "minimise x[0]; subject to x[i - 1] >= 1 for i = 0..20",
            "minimise x[0]; subject to x[i] >= 1 for i = 0..1e15",
            "minimise x[0]; subject to x[i]*x[j] >= 1 for i = 0..100000, j = 0..100000",
        ],
    ),
    (
        "names",
        &[
            "minimise x; subject to x: x*y >= 1",
            "minimise x[0]; subject to x: x[0]*x[1] >= 1",
            "cost = x; minimise cost; subject to cost: x*y >= 1",
            "f(x) = x; minimise f(x); subject to f: x*y >= 1",
            "minimise x; subject to a: x*y >= 1; a: x >= y",
            "minimise x; subject to sin: x*y >= 1",
            "variables x; minimise x; subject to x*y >= 1",
            "variables width; minimise width; subject to widht >= 1",
            "minimise x; subject to sine(x) >= 1",
            "minimise x; subject to x >= 1; x >= y = 2",
        ],
    ),
];

#[test]
fn messages() {
    let mut all = String::new();
    for (title, texts) in REFUSED {
        let _ = writeln!(all, "===== {title}\n");
        for text in *texts {
            match Problem::parse(text) {
                Err(error) => {
                    let span = error.place().map(uphill_formula::Place::span);
                    assert!(span.is_none_or(|span| text.get(span).is_some()), "{error}");
                    let _ = writeln!(all, "{error}\n");
                }
                Ok(problem) => panic!("no error in {text}: {}", told(&problem)),
            }
        }
    }
    for text in ["minimise x^2", "x = 3; subject to x >= 1", "P = x\nmaximise P"] {
        let error = Formula::parse(text).expect_err("that is a problem");
        let _ = writeln!(all, "{error}\n");
    }
    insta::assert_snapshot!(all.trim_end());
}

#[test]
fn what_is_limited_is_computed() {
    let text = "minimise x[0]*x[2]
        subject to
          x[i]*i >= 1 + i^2 for i = 1..2
          x[i]^2 - y >= i for i = 0..29
          d: x[i]*x[j] <= y*i for i = 0..4, j = i..5
          y = x[1] + x[2]
          3 <= x[1]*y <= 4";
    let problem = Problem::parse(text).expect("it reads");
    let function = problem.function().expect("a function");
    let names: Vec<String> = function.input_names().collect();
    assert_eq!(names, (0..30).map(|i| format!("x[{i}]")).chain(["y".into()]).collect::<Vec<_>>());
    let x: Vec<f64> = (0..31).map(|i| 0.5 + f64::from(i) / 8.0).collect();
    let (y, at) = (x[30], |i: i32| x[i as usize]);
    let mut expected = vec![at(0) * at(2)];
    expected.extend((1..=2).map(|i| at(i) * f64::from(i) - (1.0 + f64::from(i * i))));
    expected.extend((0..30).map(|i| at(i) * at(i) - y - f64::from(i)));
    expected.extend(
        (0..=4)
            .flat_map(|i| (i..=5).map(move |j| (i, j)))
            .map(|(i, j)| at(i) * at(j) - y * f64::from(i)),
    );
    expected.extend([y - (at(1) + at(2)), at(1) * y]);
    assert_eq!(function.eval(&x).expect("values"), expected);
}

/// However many constraints a range has, they are read and derived as one.
#[test]
fn constraints_with_ranges_are_loops() {
    let operations = |count: usize| {
        let text = format!(
            "minimise sum(i, 0..{count}, (x[i] - 1)^2)
             subject to
               3*x[i + 1]^3 + 2*x[i + 2] - 5 + sin(x[i + 1] - x[i + 2]) = 0 for i = 0..{count} - 2
               x[i]*x[{count} - i] <= i for i = 0..{count}
               -10 <= x[i] <= 10 for i = 0..{count}"
        );
        let problem = Problem::parse(&text).expect("it reads");
        assert_eq!(problem.bounds().len(), 1);
        assert_eq!(problem.inputs().groups().len(), 1);
        let function = problem.function().expect("a function");
        // The inputs are the vector that loops read: nothing is copied.
        let stored = |x: &Function| x.graph().len() - x.input_names().count() - x.output_count();
        assert!(stored(&function) < 8, "{function}");
        assert_eq!(function.output_count(), 1 + count - 1 + count + 1);
        let jacobian = function.sparse_jacobian().expect("a Jacobian");
        assert!(jacobian.function.output_count() <= 6 * (count + 1));
        function.graph().operation_count() + jacobian.function.graph().operation_count()
    };
    assert_eq!(operations(100), operations(20_000));
    let several = "minimise r^2; subject to x[i]*x[j] >= r for i = 0..50, j = i + 1..50";
    let function = Problem::parse(several).expect("it reads").function().expect("a function");
    assert!(function.graph().operation_count() < 6, "{function}");
}

#[test]
fn limits_hold() {
    let limits = Limits { bytes: 100, depth: 5, operations: 20, run_operations: 100 };
    for text in [
        "minimise x; subject to x[i]*x[i + 1] >= 1 for i = 0..200",
        "minimise x; subject to x[i] >= 1 for i = 0..200",
        "minimise x; subject to x*i >= j for i = 0..7, j = 0..7",
        "minimise ((((((x))))))",
        "minimise x; subject to ((((((x)))))) >= 3",
    ] {
        let error = Problem::parse_within(text, &limits).expect_err(text);
        assert!(matches!(error, Error::TooLarge { .. } | Error::TooDeep { .. }), "{text}: {error}");
    }
}

/// Texts that want to keep the reader busy: what is asked of a constraint is known from those before it.
#[test]
fn many_constraints_are_read_soon() {
    let lines =
        |count: usize, line: &dyn Fn(usize) -> String| -> String { (0..count).map(line).collect() };
    let chain = lines(20_000, &|k| format!("a{} = a{k} + k\n", k + 1));
    for (text, count) in [
        (
            format!(
                "variables x; parameters k, a0\n{chain}minimise x\nsubject to\n{}",
                lines(20_000, &|_| "x + a20000 >= 1\n".into())
            ),
            20_000,
        ),
        (
            format!(
                "minimise x\nsubject to\n{}",
                lines(40_000, &|k| format!("n{k}: x*y >= {k}\n"))
            ),
            40_000,
        ),
        (format!("minimise x\nsubject to\n{}", lines(40_000, &|k| format!("x{k} >= {k}\n"))), 0),
        (format!("minimise x\nsubject to\nx*y >= 1\n{}", lines(90_000, &|_| "-x\n".into())), 1),
        (
            format!(
                "minimise x\nsubject to\nx*y >= (1\n{})",
                lines(90, &|_| "-(x\n".into()) + &")".repeat(90)
            ),
            1,
        ),
        (
            format!(
                "minimise x[0]\nsubject to\n{}",
                lines(3_000, &|k| format!("x[i] >= {k} for i = 0..99\n"))
            ),
            0,
        ),
        (
            format!(
                "variables x; parameters k; s[0] = k\ns[i] = s[i - 1]*k for i = 1..50\nminimise x\nsubject to\n{}",
                lines(5_000, &|_| "x*s[50] >= s[9]\n".into())
            ),
            5_000,
        ),
    ] {
        match Problem::parse(&text) {
            Ok(problem) => assert_eq!(problem.constraints().len(), count, "{}", &text[..60]),
            Err(error) => assert_eq!(count, 1, "{error}"),
        }
    }
}

/// Constraints as people might write them, most of them right.
fn condition() -> impl Strategy<Value = String> {
    let select = |texts: &[&'static str]| prop::sample::select(texts.to_vec());
    let varies = select(&[
        "x",
        "y",
        "-x",
        "x*y",
        "x[3]",
        "w",
        "sum(k, 1..12, x[k]*k)",
        "if(x > 0, y, 1)",
        "(x < y)",
        "not x",
        "`minimise`",
        "`a b`^2",
    ]);
    let moves =
        select(&["x[i]", "x[i + 1]*y", "x[20 - i]", "x[i]^i", "z[i]", "u[i,i]", "x[i]*i", "x*i"]);
    let number = select(&["2", "n", "-n/2", "1e3", "1/0"]);
    let counter = select(&["i", "2*i", "n", "-3", "i^2"]);
    let relation = || select(&[" <= ", " >= ", " = ", "==", "≤"]);
    let name = || select(&["", "", "", "power: ", "`the name`: ", "y: ", "c1: "]);
    let range =
        select(&[" for i = 0..3", " for i = 0..20", " for k = 0..n, i = 0..k", " for i = 9..n"]);
    let written =
        |name: &str, sides: [&str; 2], relation: &str, third: Option<&str>, range: &str| {
            let third = third.map_or(String::new(), |third| format!("{relation}{third}"));
            format!("{name}{}{relation}{}{third}{range}", sides[0], sides[1])
        };
    let any = |one: &prop::sample::Select<&'static str>,
               other: &prop::sample::Select<&'static str>| {
        prop_oneof![2 => one.clone(), 1 => other.clone()]
    };
    prop_oneof![
        (name(), varies.clone(), relation(), any(&number, &varies))
            .prop_map(move |(name, x, relation, y)| written(name, [x, y], relation, None, "")),
        (name(), moves.clone(), relation(), any(&counter, &moves), range).prop_map(
            move |(name, x, relation, y, range)| written(name, [x, y], relation, None, range)
        ),
        (name(), any(&number, &varies), any(&varies, &moves), any(&number, &counter), relation())
            .prop_map(move |(name, x, y, z, relation)| written(
                name,
                [x, y],
                relation,
                Some(z),
                ""
            )),
    ]
}

fn check(text: &str) -> Result<bool, TestCaseError> {
    let problem = match Problem::parse(text) {
        Ok(problem) => problem,
        Err(error) => {
            let span = error.place().map(uphill_formula::Place::span);
            prop_assert!(span.is_none_or(|span| text.get(span).is_some()));
            return Ok(false);
        }
    };
    let printed = problem.to_string();
    let again = Problem::parse(&printed)
        .map_err(|error| TestCaseError::fail(format!("{text}\nprints\n{printed}\n{error}")))?;
    prop_assert_eq!(&again.to_string(), &printed, "printed twice");
    prop_assert_eq!(told(&again), told(&problem), "{}\nprints\n{}", text, &printed);
    prop_assert_eq!(again.function().ok(), problem.function().ok());
    Ok(true)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn printed_problems_read_the_same(
        sense in prop::sample::select(vec!["minimise ", "maximize cost = ", "maximise "]),
        conditions in prop::collection::vec(condition(), 0..5),
        end in prop::sample::select(vec!["; ", "\n", " # a comment\n\n"]),
    ) {
        let text = format!(
            "n = 3{end}w = x^2{end}z[i] = x[i] + i for i = 0..20{end}{sense}x*y + w{end}subject to{end}{}",
            conditions.join(end)
        );
        check(&text)?;
        // One that is right is seldom beside others that are.
        for condition in &conditions {
            check(&format!("n = 3; w = x^2; z[i] = x[i] + i for i = 0..20; {sense}y; subject to {condition}"))?;
        }
    }

    #[test]
    fn any_tokens_are_read_or_refused(tokens in prop::collection::vec(prop::sample::select(vec![
        "x", "y", "P", "=", "(", ")", "[i]", ",", "..", ";", "\n", "+", "-", "*", "<=", ">=", "<", ":", "not",
        "1", "2", "sum", "minimise", "maximise", "subject to", "subject", "to", "for i = 0..9", "for", "variables", "`é`",
    ]), 0..24)) {
        check(&tokens.join(" "))?;
        check(&format!("minimise x {}", tokens.join(" ")))?;
        check(&format!("minimise x subject to {}", tokens.join(" ")))?;
    }
}

#[test]
fn most_generated_constraints_are_read() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut read = 0;
    for _ in 0..200 {
        let condition = condition().new_tree(&mut runner).expect("a text").current();
        let text = format!(
            "n = 3; w = x^2; z[i] = x[i] + i for i = 0..20; minimise y; subject to {condition}"
        );
        read += usize::from(check(&text).expect("it reads the same"));
    }
    assert!(read > 60, "only {read} of 200 were read, so that little was tested");
}

#[test]
fn printed_as_it_should_be() {
    for (text, printed) in [
        ("minimize (x-1)^2;subject to x≥1", "minimise (x - 1)^2\nsubject to\nx >= 1"),
        (
            "n=9;maximize cost=x*y subject to:power:x*y<=3;`a b`:1<=x[i+1]*y<=n for i=0..n",
            "n = 9\nmaximise cost = x*y\nsubject to\npower: x*y <= 3\n`a b`: 1 <= x[i + 1]*y <= n for i = 0..n",
        ),
        (
            "minimise x\nsubject to\n-x+y<=3\n-(x)*y==x",
            "minimise x\nsubject to\n-x + y <= 3\n-x*y = x",
        ),
        ("minimise x; subject to (x<y)<=0.5", "minimise x\nsubject to\n(x < y) <= 0.5"),
    ] {
        let problem = Problem::parse(text).expect("it reads");
        assert_eq!(problem.to_string(), printed);
    }
    let problem: Problem = "maximise x; subject to x <= 3".parse().expect("it reads");
    assert_eq!(problem.sense(), Sense::Maximise);
}
