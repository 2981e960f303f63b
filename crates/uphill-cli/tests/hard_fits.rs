//! Models that are known to be hard to fit, with data made up from them: from a far and a near start to one summit.
//!
//! The models and starts are those of NIST's Statistical Reference Datasets for nonlinear regression; the data are not:
//! numbers of about their size with noise of about theirs, drawn here. So no result is certified. What must hold is
//! that both starts lead to the same numbers to six digits, and that these fit better than those behind the data.

mod common;

use std::f64::consts::PI;
use std::fmt::Write as _;
use std::fs;

use common::run_in;

/// A model, the numbers behind its data, and where the climb starts.
struct Hard {
    name: &'static str,
    model: &'static str,
    /// The same model in Rust, of parameters and the row's x.
    truth: fn(&[f64], &[f64]) -> f64,
    parameters: &'static [f64],
    starts: [&'static [f64]; 2],
    rows: Vec<Vec<f64>>,
    noise: f64,
}

/// Numbers between 0 and 1, the same everywhere.
struct Draw(u64);

impl Draw {
    fn uniform(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// About normal, with deviation 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

fn one(x: &[f64]) -> Vec<Vec<f64>> {
    x.iter().map(|&x| vec![x]).collect()
}

fn spread(from: f64, to: f64, rows: usize) -> Vec<Vec<f64>> {
    (0..rows).map(|row| vec![from + (to - from) * row as f64 / (rows - 1) as f64]).collect()
}

const MISRA: [f64; 14] = [
    77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0,
];

fn gauss(b: &[f64], x: &[f64]) -> f64 {
    let x = x[0];
    b[0] * (-b[1] * x).exp()
        + b[2] * (-((x - b[3]) / b[4]).powi(2)).exp()
        + b[5] * (-((x - b[6]) / b[7]).powi(2)).exp()
}

fn hahn(b: &[f64], x: &[f64]) -> f64 {
    let x = x[0];
    (b[0] + x * (b[1] + x * (b[2] + x * b[3]))) / (1.0 + x * (b[4] + x * (b[5] + x * b[6])))
}

fn hard() -> Vec<Hard> {
    let nelson = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 48.0, 64.0].iter().flat_map(|&weeks| {
        [180.0, 225.0, 250.0, 275.0].iter().flat_map(move |&x| (0..4).map(move |_| vec![weeks, x]))
    });
    let eckerle: Vec<f64> = (0..7)
        .map(|k| 400.0 + 5.0 * f64::from(k))
        .chain((0..19).map(|k| 436.5 + 1.5 * f64::from(k)))
        .chain((0..7).map(|k| 470.0 + 5.0 * f64::from(k)))
        .collect();
    vec![
        Hard {
            name: "Misra1b",
            model: "y = b1 * (1-(1+b2*x/2)**(-2))",
            truth: |b, x| b[0] * (1.0 - (1.0 + b[1] * x[0] / 2.0).powi(-2)),
            parameters: &[338.0, 3.9e-4],
            starts: [&[500.0, 0.0001], &[300.0, 0.0002]],
            rows: one(&MISRA),
            noise: 0.08,
        },
        Hard {
            name: "Misra1c",
            model: "y = b1 * (1-(1+2*b2*x)**(-.5))",
            truth: |b, x| b[0] * (1.0 - (1.0 + 2.0 * b[1] * x[0]).sqrt().recip()),
            parameters: &[636.4, 2.08e-4],
            starts: [&[500.0, 0.0001], &[600.0, 0.0002]],
            rows: one(&MISRA),
            noise: 0.06,
        },
        Hard {
            name: "Misra1d",
            model: "y = b1*b2*x*((1+b2*x)**(-1))",
            truth: |b, x| b[0] * b[1] * x[0] / (1.0 + b[1] * x[0]),
            parameters: &[437.4, 3.02e-4],
            starts: [&[500.0, 0.0001], &[450.0, 0.0003]],
            rows: one(&MISRA),
            noise: 0.07,
        },
        Hard {
            name: "Chwirut1",
            model: "y = exp[-b1*x]/(b2+b3*x)",
            truth: |b, x| (-b[0] * x[0]).exp() / (b[1] + b[2] * x[0]),
            parameters: &[0.19, 0.0061, 0.0105],
            starts: [&[0.1, 0.01, 0.02], &[0.15, 0.008, 0.010]],
            rows: spread(0.5, 6.0, 214),
            noise: 3.4,
        },
        Hard {
            name: "Lanczos1",
            model: "y = b1*exp(-b2*x) + b3*exp(-b4*x) + b5*exp(-b6*x)",
            truth: |b, x| {
                let y: f64 = b.chunks(2).map(|b| b[0] * (-b[1] * x[0]).exp()).sum();
                (y * 1e13).round() / 1e13
            },
            parameters: &[0.0951, 1.0, 0.8607, 3.0, 1.5576, 5.0],
            starts: [&[1.2, 0.3, 5.6, 5.5, 6.5, 7.6], &[0.5, 0.7, 3.6, 4.2, 4.0, 6.3]],
            rows: spread(0.0, 1.15, 24),
            noise: 0.0,
        },
        Hard {
            name: "Lanczos2",
            model: "y = b1*exp(-b2*x) + b3*exp(-b4*x) + b5*exp(-b6*x)",
            truth: |b, x| {
                let y: f64 = b.chunks(2).map(|b| b[0] * (-b[1] * x[0]).exp()).sum();
                (y * 1e5).round() / 1e5
            },
            parameters: &[0.0951, 1.0, 0.8607, 3.0, 1.5576, 5.0],
            starts: [&[1.2, 0.3, 5.6, 5.5, 6.5, 7.6], &[0.5, 0.7, 3.6, 4.2, 4.0, 6.3]],
            rows: spread(0.0, 1.15, 24),
            noise: 0.0,
        },
        Hard {
            name: "Lanczos3",
            model: "y = b1*exp(-b2*x) + b3*exp(-b4*x) + b5*exp(-b6*x)",
            truth: |b, x| {
                let y: f64 = b.chunks(2).map(|b| b[0] * (-b[1] * x[0]).exp()).sum();
                (y * 1e4).round() / 1e4
            },
            parameters: &[0.0951, 1.0, 0.8607, 3.0, 1.5576, 5.0],
            starts: [&[1.2, 0.3, 5.6, 5.5, 6.5, 7.6], &[0.5, 0.7, 3.6, 4.2, 4.0, 6.3]],
            rows: spread(0.0, 1.15, 24),
            noise: 0.0,
        },
        Hard {
            name: "Gauss2",
            model: "y = b1*exp( -b2*x ) + b3*exp( -(x-b4)**2 / b5**2 )\n + b6*exp( -(x-b7)**2 / b8**2 )",
            truth: gauss,
            parameters: &[99.0, 0.011, 101.9, 107.0, 23.6, 72.0, 153.3, 19.5],
            starts: [
                &[96.0, 0.009, 103.0, 106.0, 18.0, 72.0, 151.0, 18.0],
                &[98.0, 0.0105, 103.0, 105.0, 20.0, 73.0, 150.0, 20.0],
            ],
            rows: spread(1.0, 250.0, 250),
            noise: 2.3,
        },
        Hard {
            name: "Gauss3",
            model: "y = b1*exp( -b2*x ) + b3*exp( -(x-b4)**2 / b5**2 ) + b6*exp( -(x-b7)**2 / b8**2 )",
            truth: gauss,
            parameters: &[98.9, 0.0109, 100.7, 111.6, 23.3, 73.7, 147.8, 19.7],
            starts: [
                &[94.9, 0.009, 90.1, 113.0, 20.0, 73.8, 140.0, 20.0],
                &[96.0, 0.0096, 80.0, 110.0, 25.0, 74.0, 139.0, 25.0],
            ],
            rows: spread(1.0, 250.0, 250),
            noise: 2.3,
        },
        Hard {
            name: "Kirby2",
            model: "y = (b1 + b2*x + b3*x**2) / (1 + b4*x + b5*x**2)",
            truth: |b, x| {
                let x = x[0];
                (b[0] + x * (b[1] + x * b[2])) / (1.0 + x * (b[3] + x * b[4]))
            },
            parameters: &[1.67, -0.139, 0.0026, -0.00172, 0.0000217],
            starts: [&[2.0, -0.1, 0.003, -0.001, 0.00001], &[1.5, -0.15, 0.0025, -0.0015, 0.00002]],
            rows: spread(9.65, 371.3, 151),
            noise: 0.16,
        },
        Hard {
            name: "Hahn1",
            model: "y = (b1+b2*x+b3*x**2+b4*x**3) / (1+b5*x+b6*x**2+b7*x**3)",
            truth: hahn,
            parameters: &[1.08, -0.1227, 0.00409, -0.00000143, -0.00576, 0.000241, -0.000000123],
            starts: [
                &[10.0, -1.0, 0.05, -0.00001, -0.05, 0.001, -0.000001],
                &[1.0, -0.1, 0.005, -0.000001, -0.005, 0.0001, -0.0000001],
            ],
            rows: spread(14.13, 851.61, 236),
            noise: 0.08,
        },
        Hard {
            name: "Nelson",
            model: "log[y] = b1 - b2*x1 * exp[-b3*x2]",
            truth: |b, x| (b[0] - b[1] * x[0] * (-b[2] * x[1]).exp()).exp(),
            parameters: &[2.59, 5.62e-9, -0.0577],
            starts: [&[2.0, 0.0001, -0.01], &[2.5, 5e-9, -0.05]],
            rows: nelson.collect(),
            noise: -0.17,
        },
        Hard {
            name: "MGH17",
            model: "y = b1 + b2*exp[-x*b4] + b3*exp[-x*b5]",
            truth: |b, x| b[0] + b[1] * (-x[0] * b[3]).exp() + b[2] * (-x[0] * b[4]).exp(),
            parameters: &[0.375, 1.936, -1.465, 0.01287, 0.02212],
            starts: [&[50.0, 150.0, -100.0, 1.0, 2.0], &[0.5, 1.5, -1.0, 0.01, 0.02]],
            rows: spread(0.0, 320.0, 33),
            noise: 0.0014,
        },
        Hard {
            name: "MGH10",
            model: "y = b1 * exp[b2/(x+b3)]",
            truth: |b, x| b[0] * (b[1] / (x[0] + b[2])).exp(),
            parameters: &[0.00561, 6181.0, 345.2],
            starts: [&[2.0, 400_000.0, 25_000.0], &[0.02, 4000.0, 250.0]],
            rows: spread(50.0, 125.0, 16),
            noise: 2.6,
        },
        Hard {
            name: "Bennett5",
            model: "y = b1 * (b2+x)**(-1/b3)",
            truth: |b, x| b[0] * (b[1] + x[0]).powf(-1.0 / b[2]),
            parameters: &[-2523.5, 46.74, 0.9322],
            starts: [&[-2000.0, 50.0, 0.8], &[-1500.0, 45.0, 0.85]],
            rows: spread(7.447_168, 52.6, 154),
            noise: 0.001_9,
        },
        Hard {
            name: "Rat42",
            model: "y = b1 / (1+exp[b2-b3*x])",
            truth: |b, x| b[0] / (1.0 + (b[1] - b[2] * x[0]).exp()),
            parameters: &[72.5, 2.62, 0.0674],
            starts: [&[100.0, 1.0, 0.1], &[75.0, 2.5, 0.07]],
            rows: one(&[9.0, 14.0, 21.0, 28.0, 42.0, 57.0, 63.0, 70.0, 79.0]),
            noise: 1.2,
        },
        Hard {
            name: "Rat43",
            model: "y = b1 / ((1+exp[b2-b3*x])**(1/b4))",
            truth: |b, x| b[0] / (1.0 + (b[1] - b[2] * x[0]).exp()).powf(1.0 / b[3]),
            parameters: &[699.6, 5.28, 0.76, 1.28],
            starts: [&[100.0, 10.0, 1.0, 1.0], &[700.0, 5.0, 0.75, 1.3]],
            rows: spread(1.0, 15.0, 15),
            noise: 28.0,
        },
        Hard {
            name: "Eckerle4",
            model: "y = (b1/b2) * exp[-0.5*((x-b3)/b2)**2]",
            truth: |b, x| b[0] / b[1] * (-0.5 * ((x[0] - b[2]) / b[1]).powi(2)).exp(),
            parameters: &[1.554, 4.089, 451.54],
            starts: [&[1.0, 10.0, 500.0], &[1.5, 5.0, 450.0]],
            rows: one(&eckerle),
            noise: 0.0067,
        },
        Hard {
            name: "Roszman1",
            model: "y = b1 - b2*x - arctan[b3/(x-b4)]/pi",
            truth: |b, x| b[0] - b[1] * x[0] - (b[2] / (x[0] - b[3])).atan() / PI,
            parameters: &[0.202, -0.0000062, 1204.0, -181.3],
            starts: [&[0.1, -0.00001, 1000.0, -100.0], &[0.2, -0.000005, 1200.0, -150.0]],
            rows: one(&[
                -4868.7, -4868.1, -4867.4, -3375.2, -3373.1, -3372.0, -2473.7, -2472.4, -2469.5,
                -1894.7, -1893.4, -1497.2, -1495.9, -1493.4, -1208.7, -1206.2, -1206.0, -997.9,
                -996.6, -996.3, -834.9, -834.7, -710.0, -530.2, -464.2,
            ]),
            noise: 0.0049,
        },
        Hard {
            name: "ENSO",
            model: "y = b1 + b2*cos( 2*pi*x/12 ) + b3*sin( 2*pi*x/12 ) + b5*cos( 2*pi*x/b4 ) + b6*sin( 2*pi*x/b4 ) + b8*cos( 2*pi*x/b7 ) + b9*sin( 2*pi*x/b7 )",
            truth: |b, x| {
                let wave = |period: f64| (2.0 * PI * x[0] / period).sin_cos();
                let (year, first, second) = (wave(12.0), wave(b[3]), wave(b[6]));
                b[0] + b[1] * year.1
                    + b[2] * year.0
                    + b[4] * first.1
                    + b[5] * first.0
                    + b[7] * second.1
                    + b[8] * second.0
            },
            parameters: &[10.5, 3.08, 0.533, 44.3, -1.62, 0.526, 26.9, 0.212, 1.497],
            starts: [
                &[11.0, 3.0, 0.5, 40.0, -0.7, -1.3, 25.0, -0.3, 1.4],
                &[10.0, 3.0, 0.5, 44.0, -1.5, 0.5, 26.0, -0.1, 1.5],
            ],
            rows: spread(1.0, 168.0, 168),
            noise: 2.2,
        },
    ]
}

impl Hard {
    /// The table, and the squares of the numbers behind it.
    fn table(&self, seed: u64) -> (String, f64) {
        let mut draw = Draw(seed);
        let several = self.rows[0].len() > 1;
        let mut csv = String::from(if several { "y,x1,x2\n" } else { "y,x\n" });
        let mut squares = 0.0;
        for x in &self.rows {
            let noise = self.noise.abs() * draw.normal();
            let truth = (self.truth)(self.parameters, x);
            // A negative number is noise of the logarithm.
            let y = if self.noise < 0.0 { truth * noise.exp() } else { truth + noise };
            squares += noise * noise;
            let x: Vec<String> = x.iter().map(f64::to_string).collect();
            writeln!(csv, "{y},{}", x.join(",")).unwrap();
        }
        (csv, squares)
    }

    fn start(&self, numbers: &[f64]) -> String {
        let text = |(place, x): (usize, &f64)| format!("b{}={x:?}", place + 1);
        numbers.iter().enumerate().map(text).collect::<Vec<_>>().join(",")
    }
}

/// Values and standard errors, then the squares.
fn fitted(folder: &std::path::Path, hard: &Hard, start: &[f64]) -> (Vec<(f64, f64)>, f64) {
    let start = hard.start(start);
    let arguments = ["fit", hard.model, "--data", "data.csv", "--start", &start, "--json"];
    let told = run_in(folder, &arguments, "");
    let found: serde_json::Value = told
        .lines()
        .find(|line| line.starts_with('{'))
        .map_or(serde_json::Value::Null, |line| serde_json::from_str(line).unwrap());
    let number = |value: &serde_json::Value| value.as_f64().unwrap_or(f64::NAN);
    let of = |place: usize| {
        let parameter = &found["parameters"][format!("b{place}")];
        (number(&parameter["value"]), number(&parameter["std_error"]))
    };
    ((1..=hard.parameters.len()).map(of).collect(), number(&found["rss"]))
}

#[test]
fn both_starts_lead_to_one_summit() {
    let folder = tempfile::tempdir().unwrap();
    let mut failures = String::new();
    for hard in hard() {
        for seed in [1, 2, 3] {
            if seed > 1 && hard.noise == 0.0 {
                continue;
            }
            let (csv, most) = hard.table(seed);
            fs::write(folder.path().join("data.csv"), csv).unwrap();
            let [far, near] = hard.starts.map(|start| fitted(folder.path(), &hard, start));
            let mut wrong = String::new();
            for (place, (one, other)) in far.0.iter().zip(&near.0).enumerate() {
                let same = |a: f64, b: f64| (a - b).abs() <= 1e-7 * b.abs();
                if !same(one.0, other.0) || !same(one.1, other.1) && hard.name != "Lanczos1" {
                    let _ = writeln!(wrong, "  b{}: {one:?}, {other:?}", place + 1);
                }
            }
            if hard.noise != 0.0 && !(far.1 <= most && near.1 <= most) {
                let _ = writeln!(wrong, "  squares {} and {}, at most {most}", far.1, near.1);
            }
            if !wrong.is_empty() {
                let _ = writeln!(
                    failures,
                    "{} ({seed}), squares {} {}\n{wrong}",
                    hard.name, far.1, near.1
                );
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");
}
