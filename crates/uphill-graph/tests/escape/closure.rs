//! A variable carried out of the closure of `Function::record`.

fn main() {
    let mut escaped = None;
    let _ = uphill_graph::Function::record(["x"], |x| {
        escaped = Some(x[0]);
        x[0]
    });
    let _ = escaped;
}
