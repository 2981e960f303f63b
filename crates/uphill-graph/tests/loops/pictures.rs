//! Pictures of functions with loops: a frame around each body, which is drawn once.

use std::collections::HashSet;

use uphill_graph::{At, Detail, Function, Inputs, PictureOptions, Scalar, loops};

use crate::forms::{FORMS, inputs};
use crate::roots::ROOTS;

fn recorded(name: &str) -> Function {
    let (_, code) = FORMS.iter().find(|(form, _)| *form == name).unwrap();
    Function::record(inputs(), code).unwrap()
}

fn shared() -> PictureOptions {
    PictureOptions::new().detail(Detail::Shared)
}

#[test]
fn dot_of_loops() {
    let names = ["sum", "fold of two", "nested with states", "gather", "a vector made in a body"];
    let all = names.map(|name| {
        let f = recorded(name);
        format!("# {name}\n{}", f.to_dot(&PictureOptions::new()).unwrap())
    });
    insta::assert_snapshot!("dot_of_loops", all.join("\n"));
    let gradient = recorded("sum").gradient().unwrap().simplify();
    insta::assert_snapshot!("dot_of_a_gradient", gradient.to_dot(&shared()).unwrap());
}

#[test]
fn mermaid_of_loops() {
    let names = ["scan", "nested", "gather in nests", "counter", "a vector put together"];
    let all = names.map(|name| {
        let f = recorded(name);
        format!("# {name}\n{}", f.to_mermaid(&shared()).unwrap())
    });
    insta::assert_snapshot!("mermaid_of_loops", all.join("\n"));
}

/// In every picture: arrows between shapes that are there, each shape once, and something that leads to each output.
#[test]
fn arrows_join_what_is_drawn() {
    for (name, code) in FORMS.iter().chain(ROOTS) {
        let f = Function::record(inputs(), code).unwrap();
        for f in [f.clone(), f.gradient().unwrap(), f.hvp().unwrap().simplify()] {
            for options in [PictureOptions::new(), shared()] {
                let dot = f.to_dot(&options).unwrap();
                let lines = dot.lines().map(str::trim).filter(|line| !line.starts_with("node ["));
                let mut shapes = HashSet::new();
                let mut ends = HashSet::new();
                for line in lines.filter(|line| !line.starts_with("edge [")) {
                    if let Some((from, rest)) = line.split_once(" -> ") {
                        let to = rest.split([' ', ';']).next().unwrap();
                        ends.extend([from.to_owned(), to.to_owned()]);
                    } else if let Some((key, _)) = line.split_once(" [label=") {
                        assert!(shapes.insert(key.to_owned()), "{name}: {key} twice\n{dot}");
                    }
                }
                let missing: Vec<_> = ends.difference(&shapes).collect();
                assert!(missing.is_empty(), "{name}: {missing:?}\n{dot}");
                assert!(dot.contains("peripheries=2"), "{name}\n{dot}");
                assert_eq!(dot.matches('{').count(), dot.matches('}').count(), "{name}");
                let mermaid = f.to_mermaid(&options).unwrap();
                let count = |what: &str| mermaid.matches(what).count();
                assert_eq!(count("  subgraph "), count("  end\n"), "{name}\n{mermaid}");
                assert_eq!(count("  subgraph "), dot.matches("subgraph ").count(), "{name}");
            }
        }
    }
}

#[test]
fn a_body_counts_once() {
    let f = Function::record(Inputs::new().variables("x", 100_000), |x| {
        loops::sum(1..100_000, |i| (x.at(i) - x.at(i - 1)).square())
    })
    .unwrap();
    let options = PictureOptions::new().limit(6);
    assert!(f.to_dot(&options).unwrap().contains("for i in 0..99999"));
    let error = f.to_dot(&PictureOptions::new().limit(3)).unwrap_err().to_string();
    assert!(error.contains("a picture of 6 nodes, where at most 3 are allowed"), "{error}");
}
