//! A variable sent to another thread, which would write to the graph at the same time.

fn main() {
    let recorder = uphill_graph::Recorder::new();
    let x = recorder.variable("x");
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let _ = x + 1.0;
        });
    });
}
