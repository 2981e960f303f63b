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
        "chain" => Function::record(["x", "c"], |v| {
            let mut x = v[0];
            for _ in 0..n / 2 {
                x = (x * v[1]).sin();
            }
            x
        })
        .unwrap(),
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
        "lstm" => {
            let h = 14;
            Function::record(
                Inputs::new().variables("w", 2 * 4 * h * (2 * h + 1)).variables("o", 8 * (h + 1)),
                |v| {
                    let (w, o) = v.split_at(2 * 4 * h * (2 * h + 1));
                    let mut hs = vec![vec![Var::constant(0.0); h]; 2];
                    let mut cs = vec![vec![Var::constant(0.0); h]; 2];
                    let mut p = Var::constant(0.0);
                    let mut s = 12345u64;
                    for _ in 0..n {
                        let mut x: Vec<Var> = (0..h)
                            .map(|_| {
                                s = s.wrapping_mul(6364136223846793005).wrapping_add(1);
                                Var::constant(f64::from((s >> 63) as u32))
                            })
                            .collect();
                        for l in 0..2 {
                            let mut gates = vec![];
                            for g in 0..4 {
                                for j in 0..h {
                                    let r = &w[((l * 4 + g) * h + j) * (2 * h + 1)..][..2 * h + 1];
                                    let mut net = r[2 * h];
                                    for k in 0..h {
                                        net += r[k] * x[k];
                                    }
                                    for k in 0..h {
                                        net += r[h + k] * hs[l][k];
                                    }
                                    gates.push(if g == 3 { net.tanh() } else { net.sigmoid() });
                                }
                            }
                            for j in 0..h {
                                cs[l][j] = gates[j] * cs[l][j] + gates[h + j] * gates[3 * h + j];
                                hs[l][j] = gates[2 * h + j] * cs[l][j].tanh();
                            }
                            x = hs[l].clone();
                        }
                        let y: Vec<Var> = (0..8)
                            .map(|j| {
                                let mut a = o[j * (h + 1) + h];
                                for k in 0..h {
                                    a += o[j * (h + 1) + k] * x[k];
                                }
                                a
                            })
                            .collect();
                        p += y[3] - Var::log_sum_exp(&y);
                    }
                    p
                },
            )
            .unwrap()
        }
        _ => Function::record(Inputs::new().variables("x", 64), |v| {
            // unlike operations
            let mut s = 1u64;
            let mut vals: Vec<Var> = v.to_vec();
            for _ in 0..n {
                s = s.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                let a = vals[(s >> 33) as usize % vals.len()];
                let b = vals[(s >> 20) as usize % vals.len()];
                vals.push(match (s >> 40) % 7 {
                    0 => a + b,
                    1 => a * b,
                    2 => a - b,
                    3 => a.sin(),
                    4 => a.tanh(),
                    5 => a.max(b),
                    _ => a.square(),
                });
            }
            *vals.last().unwrap()
        })
        .unwrap(),
    };
    println!(
        "recorded {:.3} s, {} ops, {} MB",
        t.elapsed().as_secs_f64(),
        f.graph().operation_count(),
        rss()
    );
    let t = Instant::now();
    let r = f.rolled();
    println!(
        "rolled {:.3} s, {} ops, {} MB",
        t.elapsed().as_secs_f64(),
        r.graph().operation_count(),
        rss()
    );
    drop(r);
    let t = Instant::now();
    let told = f.loops();
    println!("loops {:.3} s\n{}", t.elapsed().as_secs_f64(), told);
    let t = Instant::now();
    let g = f.with_gradient().unwrap();
    println!(
        "gradient {:.3} s, {} ops, {} MB",
        t.elapsed().as_secs_f64(),
        g.graph().operation_count(),
        rss()
    );
    println!("{}", g.loops());
}
