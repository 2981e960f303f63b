//! A function that comes of another has the same names in the same memory: a network has a million of them, and each
//! derivative makes several passes over a graph.

use uphill_graph::{Function, Inputs, Scalar};

#[test]
fn derivatives_and_passes_share_their_inputs_names() -> Result<(), uphill_graph::Error> {
    let inputs = Inputs::new().variables("w", 3).parameter("x").variable("b");
    let f = Function::record(inputs.clone(), |v| {
        (v[0] * v[3] + v[1].sin() * v[2] + v[4] + v[3] * v[0]).named("sum").sigmoid()
    })?;
    let names = inputs.groups().as_ptr();
    for (what, other) in [
        ("the recording", f.clone()),
        ("gradient", f.gradient()?),
        ("with_gradient", f.with_gradient()?),
        ("simplify", f.simplify()),
        ("flatten", f.flatten()),
        ("select", f.with_gradient()?.select(&["P"])?),
    ] {
        assert_eq!(other.inputs(), &inputs, "{what}");
        assert!(std::ptr::eq(other.inputs().groups().as_ptr(), names), "{what} has copied names");
    }
    // What has more inputs has names of its own, and leaves these as they are.
    let product = f.vjp()?;
    assert_eq!(product.inputs().len(), inputs.len() + 1);
    assert_eq!(f.inputs(), &inputs);
    Ok(())
}
