use std::time::Instant;
use uphill_graph::{Function, Inputs, Scalar, Var};
fn rss() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .unwrap()
        .lines()
        .find(|l| l.starts_with("VmHWM"))
        .unwrap()
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        / 1024
}
fn main() {
    let which = std::env::args().nth(1).unwrap();
    let n: usize = std::env::args().nth(2).unwrap().parse().unwrap();
    let t = Instant::now();
    let f = match which.as_str() {
        "w5" => Function::record(Inputs::new().variables("x", n).parameters("l", n - 2), |v| {
            let (x, l) = v.split_at(n);
            let mut p = Var::constant(0.0);
            for i in 1..n {
                p += 100.0 * (x[i - 1].square() - x[i]).square() + (x[i - 1] - 1.0).square();
            }
            for i in 0..n - 2 {
                p += l[i]
                    * (3.0 * x[i + 1].powi(3) + 2.0 * x[i + 2] - 5.0
                        + (x[i + 1] - x[i + 2]).sin() * (x[i + 1] + x[i + 2]).sin()
                        + 4.0 * x[i + 1]
                        - x[i] * (x[i] - x[i + 1]).exp()
                        - 3.0);
            }
            p
        })
        .unwrap(),
        "w7" => Function::record(Inputs::new().variables("z", n * n), |z| {
            let mut p = Var::constant(0.0);
            for i in 0..n - 1 {
                for j in 0..n - 1 {
                    let a = z[i * n + j + 1] - z[i * n + j];
                    let b = z[(i + 1) * n + j] - z[i * n + j];
                    p += (1.0 + a.square() + b.square()).sqrt();
                }
            }
            p
        })
        .unwrap(),
        _ => {
            let mut s = 12345u64;
            let mut next = || {
                s = s.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                (s >> 33) as usize % n
            };
            let pairs: Vec<(usize, usize)> = (0..n).map(|_| (next(), next())).collect();
            Function::record(Inputs::new().variables("x", 3 * n), |x| {
                let mut p = Var::constant(0.0);
                for &(a, b) in &pairs {
                    let d: Vec<Var> = (0..3).map(|k| x[3 * a + k] - x[3 * b + k]).collect();
                    let length = (d[0].square() + d[1].square() + d[2].square() + 0.01).sqrt();
                    p += (length - 1.0).square();
                }
                p
            })
            .unwrap()
        }
    };
    println!(
        "recorded {:.3} s, {} ops, {} MB",
        t.elapsed().as_secs_f64(),
        f.graph().operation_count(),
        rss()
    );
    println!("{}", f.loops());
    let t = Instant::now();
    let h = f.sparse_hessian().unwrap();
    println!(
        "sparse {:.3} s, {} ops, {} entries, {} sweeps, {} MB",
        t.elapsed().as_secs_f64(),
        h.function.graph().operation_count(),
        h.entries.len(),
        h.sweeps,
        rss()
    );
}
