use std::time::Instant;
use uphill_graph::*;
fn w5<S: Scalar>(x: &[S], l: &[S]) -> S {
    let n = x.len();
    let p = loops::sum(1..n, |i| 100.0 * (x.at(i - 1).square() - x.at(i)).square() + (x.at(i - 1) - 1.0).square());
    let q = loops::sum(0..n - 2, |i| {
        let (a, b, c) = (x.at(i), x.at(i + 1), x.at(i + 2));
        l.at(i) * (3.0 * b.powi(3) + 2.0 * c - 5.0 + (b - c).sin() * (b + c).sin() + 4.0 * b - a * (a - b).exp() - 3.0)
    });
    p + q
}
fn main() {
    for n in [1000, 100_000, 1_000_000] {
        let t = Instant::now();
        let f = Function::record(Inputs::new().variables("x", n).parameters("l", n - 2), |v| w5(&v[..n], &v[n..])).unwrap();
        let t1 = t.elapsed();
        let t = Instant::now();
        let g = f.with_gradient().unwrap();
        let t2 = t.elapsed();
        println!("{n}: record {t1:?} gradient {t2:?}");
        if n == 1000 { 
            println!("{}", f.summary());
            println!("{}", g.graph().operation_count());
            let mut x: Vec<f64> = (0..n).map(|i| if i % 2 == 1 { 1.0 } else { -1.2 }).collect();
            x.extend(vec![0.5; n - 2]);
            let r = g.eval(&x).unwrap();
            println!("{} {}", r[0], r[1..].iter().map(|x| x.abs()).sum::<f64>());
        }
    }
}
