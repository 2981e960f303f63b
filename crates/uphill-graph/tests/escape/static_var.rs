//! A variable claimed to live as long as the process.

fn keep(_: uphill_graph::Var<'static>) {}

fn main() {
    let recorder = uphill_graph::Recorder::new();
    keep(recorder.variable("x"));
}
