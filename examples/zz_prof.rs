use uphill::*;
fn chain<S: Scalar>(abc: &[S], operations: usize) -> S {
    let (mut y, mut performance) = (S::constant(0.5), S::constant(0.0));
    for _ in 0..operations / 8 {
        y = y.sin() * abc[0] + abc[1] * y - y * y * abc[2];
        performance += y;
    }
    performance
}
fn main() {
    let what = std::env::args().nth(1).unwrap();
    let n: usize = std::env::args().nth(2).unwrap().parse().unwrap();
    let reps: usize = std::env::args().nth(3).unwrap().parse().unwrap();
    let rec = || Function::record(["a", "b", "c"], |abc| chain(abc, n)).unwrap();
    let f = rec();
    let mut best = f64::MAX;
    for _ in 0..reps {
        let t = std::time::Instant::now();
        match what.as_str() {
            "record" => drop(rec()),
            "simplify" => drop(f.simplify()),
            "gradient" => drop(f.gradient()),
            "verify" => drop(f.verify()),
            _ => drop(f.eval(&[1.3, 0.4, 0.3])),
        }
        best = best.min(t.elapsed().as_secs_f64());
    }
    println!("{what} {n}: best {:.2} ns/op", best * 1e9 / n as f64);
}
