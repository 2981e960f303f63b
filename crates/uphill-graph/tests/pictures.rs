//! Pictures of functions as text, kept as snapshots: what a user sees in Graphviz and in Markdown.
//!
//! The lecture's linear example shows the plain look, one with odd names the quoting, and a function with all kinds of
//! nodes the rest: parameters, branches, pairs of factors, numbers as outputs.

use uphill_graph::{Detail, Error, Function, Inputs, NodeId, Op, PictureOptions, Scalar, Var};

/// The lecture's linear example.
fn lecture() -> Function {
    Function::record(["w1", "w2", "w3"], |w| {
        let o1 = (w[0] - 2.0 * w[1] + 5.0 * w[2]).named("o1");
        let o2 = (2.0 * w[0] - w[1] - 6.0).named("o2");
        3.0 * o1 - 7.0 * o2
    })
    .unwrap()
}

/// Names that mean something to Graphviz, to Mermaid, to Markdown or to HTML.
fn odd_names() -> Function {
    Function::record(["Robert→H1", r#"say "x""#, r"back\slash", "&lt; <b>", "1. #35; *`"], |v| {
        let sum = (v[0] + v[1]).named("Σ | {f} \\n");
        (sum * v[2] + v[3] / v[4]).named("end]\" --> n0")
    })
    .unwrap()
}

/// Every kind of node.
fn all_kinds() -> Function {
    let inputs = Inputs::new().variables("w", 2).parameter("rate");
    Function::record_many(inputs, |i| {
        let ten = (i[0] * 0.0 + 10.0).named("offset");
        let pairs = Scalar::apply(Op::Dot, &[i[0], ten, i[1], i[1]]);
        let number = <Var<'_> as Scalar>::constant;
        let large = i[2].greater(number(0.5));
        let chosen = Scalar::select(large, pairs.square(), pairs.recip());
        vec![
            chosen.clamp(number(-1.0), number(1.0)),
            i[1],
            i[0].max(number(3.0)).named("ceiling"),
            pairs,
        ]
    })
    .unwrap()
}

fn at(function: &Function, x: &[f64]) -> Vec<(NodeId, f64)> {
    function.graph().ids().zip(function.node_values(x).unwrap()).collect()
}

#[test]
fn dot_of_the_lecture() {
    insta::assert_snapshot!(lecture().to_dot(&PictureOptions::new()).unwrap());
}

#[test]
fn mermaid_of_the_lecture() {
    insta::assert_snapshot!(lecture().to_mermaid(&PictureOptions::new()).unwrap());
}

#[test]
fn values_and_adjoints_stand_on_the_nodes() {
    let f = lecture();
    let adjoints = [("o1", 3.0), ("o2", -7.0), ("w1", -11.0), ("w2", 1.0), ("w3", 15.0)];
    let options = PictureOptions::new()
        .detail(Detail::Shared)
        .values(at(&f, &[1.0, 1.0, 0.1]))
        .adjoints(adjoints.map(|(name, adjoint)| (f.graph().find(name).unwrap(), adjoint)))
        .digits(4);
    insta::assert_snapshot!("annotated_dot", f.to_dot(&options).unwrap());
    insta::assert_snapshot!("annotated_mermaid", f.to_mermaid(&options).unwrap());
}

#[test]
fn odd_names_are_quoted() {
    let f = odd_names();
    insta::assert_snapshot!("odd_names_dot", f.to_dot(&PictureOptions::new()).unwrap());
    insta::assert_snapshot!("odd_names_mermaid", f.to_mermaid(&PictureOptions::new()).unwrap());
}

#[test]
fn every_kind_of_node_has_its_look() {
    let f = all_kinds();
    insta::assert_snapshot!("all_kinds_dot", f.to_dot(&PictureOptions::new()).unwrap());
    insta::assert_snapshot!("all_kinds_mermaid", f.to_mermaid(&PictureOptions::new()).unwrap());
    let shared = PictureOptions::new().detail(Detail::Shared);
    insta::assert_snapshot!("all_kinds_shared_dot", f.to_dot(&shared).unwrap());
}

#[test]
fn the_same_function_gives_the_same_text() {
    for options in [PictureOptions::new(), PictureOptions::new().detail(Detail::Shared)] {
        assert_eq!(all_kinds().to_dot(&options), all_kinds().to_dot(&options));
        assert_eq!(all_kinds().to_mermaid(&options), all_kinds().to_mermaid(&options));
    }
}

#[test]
fn a_function_without_anything_is_an_empty_picture() {
    let f = Function::record_many(Inputs::new(), |_| vec![]).unwrap();
    assert_eq!(f.to_mermaid(&PictureOptions::new()).unwrap(), "flowchart LR\n");
    assert!(f.to_dot(&PictureOptions::new()).unwrap().ends_with(";\n}\n"));
}

#[test]
fn large_pictures_are_refused_and_say_how_to_get_them() {
    let f = Function::record(["x"], |x| (0..20_000).fold(x[0], |y, _| y.sin())).unwrap();
    let error = f.to_dot(&PictureOptions::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "not supported: a picture of 20001 nodes, where at most 10000 are allowed; \
         raise it with `PictureOptions::limit(20001)`, or draw less with `Detail::Shared`"
    );
    assert_eq!(f.to_mermaid(&PictureOptions::new()), Err(error));
    assert!(f.to_dot(&PictureOptions::new().limit(20_001)).is_ok());
    assert!(f.to_dot(&PictureOptions::new().detail(Detail::Shared)).is_ok());

    // Numbers stand beside each use, so each use counts.
    let sum = Function::record(["x"], |x| {
        let two = Scalar::constant(2.0);
        Scalar::apply(Op::Sum, &[x[0], two, two, two])
    })
    .unwrap();
    let error = sum.to_dot(&PictureOptions::new().limit(4)).unwrap_err();
    assert!(error.to_string().contains("a picture of 5 nodes"), "{error}");
    assert!(sum.to_dot(&PictureOptions::new().limit(5)).is_ok());
}

#[test]
fn a_value_for_a_node_of_elsewhere_is_an_error() {
    let small = Function::record(["x"], |x| x[0].sin()).unwrap();
    let values = at(&lecture(), &[1.0, 1.0, 1.0]);
    let error = small.to_dot(&PictureOptions::new().values(values)).unwrap_err();
    assert!(matches!(&error, Error::UnknownName { kind: "node", .. }), "{error}");
    assert_eq!(error.to_string(), "no node is named `n17`; known: n0, n1");
}
