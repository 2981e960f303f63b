//! A variable used after its recording has ended.

fn main() {
    let recorder = uphill_graph::Recorder::new();
    let x = recorder.variable("x");
    recorder.output("P", x);
    let _ = recorder.finish();
    let _ = x + 1.0;
}
