//! What a loop refuses, in words: places that aren't there, and values that leave the body they are of.

use std::panic::{AssertUnwindSafe, catch_unwind};

use uphill_graph::{At, Function, Index, Inputs, Scalar, Table, Var, loops};

type Code = for<'g> fn(&[Var<'g>]) -> Var<'g>;

const OUTSIDE: &str = "a value of a loop's body is used outside of that body: give it back as a \
                       result of the loop";

/// What is wrong, code with three inputs x that is, and what it is told.
const REFUSED: &[(&str, Code, &str)] = &[
    (
        "an index beyond the end",
        |x| loops::sum(0..4, |i| x.at(i)),
        "the index goes from 0 to 3, but the length is 3",
    ),
    (
        "an index before the start",
        |x| loops::sum(0..3, |i| x.at(i - 1) * x[0]),
        "the index is -1, but the length is 3",
    ),
    (
        "a table that is too short",
        |x| {
            let table = Table::new([0, 1], 3).unwrap();
            loops::sum(0..3, |i| x.at(table.at(i)) * x[0])
        },
        "a loop looks into a table beyond its end",
    ),
    (
        "the counter into a vector of its body",
        |x| {
            loops::sum(0..2, |i| {
                let y = [x[0] * 2.0, x.at(i)];
                y.at(i)
            })
        },
        "a loop's counter is an index into a vector that its own body makes: make it outside, or choose by `select`",
    ),
    (
        "a state that grows",
        |x| {
            let grown = loops::fold(0..3, vec![x[0]], |_, mut state: Vec<Var<'_>>| {
                state.push(x[1]);
                state
            });
            grown[0]
        },
        "the state of a loop has 1 values before an iteration and 2 after it",
    ),
    (
        "the first value of a body, put aside",
        |x| {
            let mut first = None;
            let y = loops::map(0..3, |i: Index<Var<'_>>| {
                let y = (x[0] * i.value()).sin();
                first.get_or_insert(y);
                y
            });
            let later = y[0].exp();
            first.map_or(later, |first| first * later)
        },
        OUTSIDE,
    ),
    (
        "the last value of a body, put aside",
        |x| {
            let mut last = x[0];
            let y = loops::map(0..3, |i| {
                last = x.at(i).sin();
                last
            });
            y[0] * last
        },
        OUTSIDE,
    ),
    (
        "a value put aside by a body that gives nothing back",
        |x| {
            let mut total = x[0];
            loops::map(0..3, |i| total += x.at(i));
            total
        },
        OUTSIDE,
    ),
    (
        "a value of an inner body, put aside, in another loop",
        |x| {
            let mut aside = x[0];
            let y = loops::fold(0..2, x[0], |_, s: Var<'_>| {
                s * loops::sum(0..3, |j| {
                    aside = x.at(j).sin();
                    aside
                })
            });
            loops::fold(0..2, y, |_, s: Var<'_>| s * loops::sum(0..3, |j| x.at(j) * aside))
        },
        OUTSIDE,
    ),
    (
        "a value of a body, put aside, as an output",
        |x| {
            let mut aside = x[0];
            loops::map(0..2, |i| {
                aside = x.at(i).sin();
                aside
            });
            aside
        },
        OUTSIDE,
    ),
];

#[test]
fn what_is_wrong_is_told() {
    for (what, code, due) in REFUSED {
        let record =
            || Function::record(Inputs::new().variables("x", 3), code).map(|f| f.to_string());
        let panic = catch_unwind(AssertUnwindSafe(record)).expect_err(what);
        let told = panic.downcast_ref::<String>().cloned();
        let told = told.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        let told = told.unwrap_or_default();
        assert!(told.contains(due), "{what}: {told}");
    }
}

#[test]
fn loops_without_end_are_errors() {
    let error =
        Function::record(["x"], |x| loops::fold(0..5_000_000_000, x[0], |_, s: Var<'_>| s * 0.5));
    let told = error.unwrap_err().to_string();
    assert!(told.contains("5000000000 iterations, expected at most 4294967295"), "{told}");
}
