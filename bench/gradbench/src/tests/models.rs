//! The evals that come from ADBench, beside plain code on numbers: another form of each formula, and differences of it.

use serde_json::json;

use super::{assert_near, numbers, output, slopes, some};

fn rows(x: &[f64], width: usize) -> Vec<Vec<f64>> {
    x.chunks(width).map(<[f64]>::to_vec).collect()
}

/// As its README defines it: products of densities, with determinants, and no logarithm before the end.
fn mixture(w: &[f64], x: &[f64], gamma: f64, m: f64) -> f64 {
    let (k, d) = (3, 2);
    let (alpha, w) = w.split_at(k);
    let (mu, w) = w.split_at(k * d);
    let (q, l) = w.split_at(k * d);
    let weights: f64 = alpha.iter().map(|a| a.exp()).sum();
    let pi = std::f64::consts::PI;
    // The precision of a bell, QᵀQ, of Q = [a 0; l b].
    let entries = |bell: usize| (q[2 * bell].exp(), l[bell], q[2 * bell + 1].exp());
    let mut product = 1.0;
    for x in x.chunks(d) {
        let bell = |bell: usize| {
            let (a, l, b) = entries(bell);
            let (x, y) = (x[0] - mu[2 * bell], x[1] - mu[2 * bell + 1]);
            let square = (a * a + l * l) * x * x + 2.0 * l * b * x * y + b * b * y * y;
            alpha[bell].exp() / weights * (-0.5 * square).exp() * (a * b) / (2.0 * pi)
        };
        product *= (0..k).map(bell).sum::<f64>();
    }
    // Wishart's density in two dimensions, whose gamma function is √π Γ(n/2) Γ((n - 1)/2) = π 2^(2 - n) Γ(n - 1).
    let n = 3.0 + m;
    let gammas = pi * 2.0_f64.powf(2.0 - n) * (1..n as u32 - 1).map(f64::from).product::<f64>();
    for bell in 0..k {
        let (a, l, b) = entries(bell);
        let trace = gamma * gamma * (a * a + l * l + b * b);
        let determinant: f64 = (a * b).powi(2);
        product *= determinant.powf((n - 3.0) / 2.0) * (-0.5 * trace).exp() * gamma.powf(2.0 * n)
            / (2.0_f64.powf(n) * gammas);
    }
    product.ln()
}

#[test]
fn gmm() {
    let (d, k, n) = (2, 3, 5);
    let w: Vec<f64> = some(k * (1 + 2 * d + 1)).iter().map(|x| 2.0 * x - 1.0).collect();
    let x = &some(40)[30..][..n * d];
    for (m, gamma) in [(0, 1.0), (2, 0.7)] {
        let (alpha, rest) = w.split_at(k);
        let (mu, rest) = rest.split_at(k * d);
        let (q, l) = rest.split_at(k * d);
        let input = json!({
            "d": d, "k": k, "n": n, "x": rows(x, d), "m": m, "gamma": gamma,
            "alpha": alpha, "mu": rows(mu, d), "q": rows(q, d), "l": rows(l, 1),
        });
        let value = |w: &[f64]| mixture(w, x, gamma, f64::from(m));
        assert_near(&numbers(&output("gmm", "objective", &input)), &[value(&w)], 1e-12);
        let gradient = output("gmm", "jacobian", &input);
        let all = ["alpha", "mu", "q", "l"].map(|name| numbers(&gradient[name])).concat();
        assert_near(&all, &slopes(&w, value), 1e-7);
    }
}

/// What a camera misses a point by: the rotation as a matrix, by its series.
fn missed(v: &[f64], observed: &[f64]) -> [f64; 2] {
    let generator = [[0.0, -v[2], v[1]], [v[2], 0.0, -v[0]], [-v[1], v[0], 0.0]];
    let mut term: [f64; 3] = std::array::from_fn(|i| v[11 + i] - v[3 + i]);
    let mut turned = term;
    for k in 1..30 {
        term = std::array::from_fn(|i| {
            (0..3).map(|j| generator[i][j] * term[j]).sum::<f64>() / f64::from(k)
        });
        (0..3).for_each(|i| turned[i] += term[i]);
    }
    let [x, y] = [turned[0] / turned[2], turned[1] / turned[2]];
    let square = x * x + y * y;
    let scale = v[6] * (1.0 + v[9] * square + v[10] * square * square);
    [0, 1].map(|k| v[14] * (scale * [x, y][k] + v[7 + k] - observed[k]))
}

#[test]
fn ba() {
    let feature = [0.3, 0.8];
    for rotation in [[0.1, -0.2, 0.3], [0.0; 3]] {
        let rest = [0.2, 0.1, -2.0, 1.5, 0.1, 0.2, 0.05, 0.01, 0.4, 0.5, 0.6, 0.9];
        let v = [&rotation[..], &rest].concat();
        let (n, m, p) = (2, 3, 7);
        let input = json!({
            "n": n, "m": m, "p": p, "cam": v[..11], "x": v[11..14], "w": v[14], "feat": feature,
        });
        let objective = output("ba", "objective", &input);
        let due = missed(&v, &feature);
        assert_near(&numbers(&objective["reproj_error"]["elements"]), &due, 1e-12);
        assert_eq!(objective["reproj_error"]["repeated"], p);
        assert_near(&numbers(&objective["w_err"]["element"]), &[1.0 - 0.81], 1e-12);
        assert_eq!(objective["w_err"]["repeated"], p);

        let jacobian = output("ba", "jacobian", &input);
        let mut due = [0, 1].map(|k| slopes(&v, |v| missed(v, &feature)[k])).concat();
        due.push(-1.8);
        assert_near(&numbers(&jacobian["vals"]), &due, 1e-8);
        let (cameras, points) = (11 * n, 3 * m);
        let row: Vec<usize> =
            (0..11).chain(cameras..cameras + 3).chain([cameras + points]).collect();
        let columns = [&row[..], &row, &[cameras + points + p - 1]].concat();
        assert_eq!(jacobian["cols"], json!(columns));
        let starts: Vec<usize> =
            (0..=2 * p).map(|k| 15 * k).chain((1..=p).map(|k| 30 * p + k)).collect();
        // Here there are fewer rows than GradBench shows.
        assert_eq!(jacobian["rows"], json!([&starts[..], &starts[starts.len() - 1..]].concat()));
    }
}

fn memory(w: &[f64], state: &[f64], text: &[f64], layers: usize, bits: usize) -> f64 {
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let (mut state, extra, mut total) = (state.to_vec(), &w[8 * layers * bits..], 0.0);
    let characters: Vec<&[f64]> = text.chunks(bits).collect();
    for pair in characters.windows(2) {
        let mut y = Vec::new();
        for k in 0..bits {
            let mut x = pair[0][k] * extra[k];
            for layer in 0..layers {
                let w = |row: usize| w[(8 * layer + row) * bits + k];
                let (out, cell) = (2 * layer * bits + k, (2 * layer + 1) * bits + k);
                let (forget, open) = (sigmoid(x * w(0) + w(4)), sigmoid(x * w(2) + w(6)));
                let (keep, change) =
                    (sigmoid(state[out] * w(1) + w(5)), (state[out] * w(3) + w(7)).tanh());
                state[cell] = state[cell] * forget + keep * change;
                state[out] = open * state[cell].tanh();
                x = state[out];
            }
            y.push(x * extra[bits + k] + extra[2 * bits + k]);
        }
        let all = (2.0 + y.iter().map(|y| y.exp()).sum::<f64>()).ln();
        total += pair[1].iter().zip(&y).map(|(bit, y)| bit * (y - all)).sum::<f64>();
    }
    -total / ((characters.len() - 1) * bits) as f64
}

#[test]
fn lstm() {
    let (layers, bits) = (2, 3);
    for characters in [2, 9, 40] {
        let w = some((8 * layers + 3) * bits);
        let state = some(2 * layers * bits);
        let text: Vec<f64> = some(characters * bits).iter().map(|x| x.round()).collect();
        let (main, extra) = w.split_at(8 * layers * bits);
        let input = json!({
            "main_params": rows(main, 4 * bits), "extra_params": rows(extra, bits),
            "state": rows(&state, bits), "sequence": rows(&text, bits),
        });
        let value = |w: &[f64]| memory(w, &state, &text, layers, bits);
        assert_near(&numbers(&output("lstm", "objective", &input)), &[value(&w)], 1e-12);
        assert_near(&numbers(&output("lstm", "jacobian", &input)), &slopes(&w, value), 1e-8);
    }
}

type Matrix = [[f64; 4]; 4];

fn times(a: &Matrix, b: &Matrix) -> Matrix {
    let entry = |i: usize, j: usize| (0..4).map(|k| a[i][k] * b[k][j]).sum();
    std::array::from_fn(|i| std::array::from_fn(|j| entry(i, j)))
}

/// A turn about one of the axes.
fn about(axis: usize, angle: f64) -> Matrix {
    let mut turn: Matrix = std::array::from_fn(|i| std::array::from_fn(|j| f64::from(i == j)));
    let (a, b) = ((axis + 1) % 3, (axis + 2) % 3);
    (turn[a][a], turn[b][b]) = (angle.cos(), angle.cos());
    (turn[a][b], turn[b][a]) = (-angle.sin(), angle.sin());
    turn
}

/// A hand: a wrist, five fingers of four bones, a forearm.
struct Hand {
    parents: Vec<i64>,
    relatives: Vec<Matrix>,
    back: Vec<Matrix>,
    positions: Vec<[f64; 4]>,
    weights: Vec<Vec<f64>>,
    is_mirrored: bool,
}

impl Hand {
    fn new(is_mirrored: bool) -> Hand {
        let parents: Vec<i64> = (0..22)
            .map(|b: i64| {
                if b == 0 {
                    -1
                } else if b % 4 == 1 {
                    0
                } else {
                    b - 1
                }
            })
            .collect();
        let numbers = some(24 * 22 + 100);
        let matrix = |k: usize| -> Matrix {
            let entry = |i: usize, j: usize| numbers[12 * k + 4 * i + j] - 0.5;
            let mut matrix: Matrix = std::array::from_fn(|i| {
                std::array::from_fn(|j| if i < 3 { entry(i, j) + f64::from(i == j) } else { 0.0 })
            });
            matrix[3][3] = 1.0;
            matrix
        };
        let vertex = |v: usize| [0, 1, 2, 3].map(|k| if k == 3 { 1.0 } else { numbers[7 * v + k] });
        let weights = |v: usize| (0..22).map(|b| numbers[22 * v + b] / 11.0).collect();
        Hand {
            parents,
            relatives: (0..22).map(matrix).collect(),
            back: (22..44).map(matrix).collect(),
            positions: (0..4).map(vertex).collect(),
            weights: (0..4).map(weights).collect(),
            is_mirrored,
        }
    }

    fn vertex(&self, theta: &[f64], vertex: usize) -> [f64; 3] {
        let mut absolutes: Vec<Matrix> = Vec::new();
        let mut place = [0.0; 4];
        for bone in 0..22 {
            let mut own = self.relatives[bone];
            // Of a finger's bones, 1 to 4, the second bends and spreads, the third and the fourth bend.
            if (1..21).contains(&bone) && bone % 4 != 1 {
                let (finger, joint) = ((bone - 1) / 4, (bone - 1) % 4);
                let angles = &theta[6 + 4 * finger..];
                if joint == 1 {
                    own = times(&own, &about(2, angles[1]));
                }
                own = times(&own, &about(0, angles[[0, 0, 2, 3][joint]]));
            }
            let absolute = match self.parents[bone] {
                -1 => own,
                parent => times(&absolutes[parent as usize], &own),
            };
            let all = times(&absolute, &self.back[bone]);
            absolutes.push(absolute);
            for i in 0..4 {
                let moved: f64 = (0..4).map(|j| all[i][j] * self.positions[vertex][j]).sum();
                place[i] += self.weights[vertex][bone] * moved;
            }
        }
        if self.is_mirrored {
            place[0] = -place[0];
        }
        let generator =
            [[0.0, -theta[2], theta[1]], [theta[2], 0.0, -theta[0]], [-theta[1], theta[0], 0.0]];
        let mut term = [place[0], place[1], place[2]];
        let mut turned: [f64; 3] = std::array::from_fn(|i| term[i] + theta[3 + i]);
        for k in 1..30 {
            term = std::array::from_fn(|i| {
                (0..3).map(|j| generator[i][j] * term[j]).sum::<f64>() / f64::from(k)
            });
            (0..3).for_each(|i| turned[i] += term[i]);
        }
        turned
    }
}

#[test]
fn ht() {
    let theta: Vec<f64> = some(26).iter().map(|x| 2.0 * x - 1.0).collect();
    let (points, us) = (some(6), [[0.2, 0.3], [0.6, -0.1]]);
    let (triangles, correspondences) = ([[0, 1, 2], [3, 2, 1], [0, 3, 1]], [2, 1]);
    for (is_simple, is_mirrored) in [(false, false), (true, true)] {
        let hand = Hand::new(is_mirrored);
        let miss = |point: usize, k: usize, u: &[f64], theta: &[f64]| {
            let vertex =
                |corner: usize| hand.vertex(theta, triangles[correspondences[point]][corner])[k];
            points[3 * point + k]
                - match u {
                    [a, b] => a * vertex(0) + b * vertex(1) + (1.0 - a - b) * vertex(2),
                    _ => hand.vertex(theta, correspondences[point])[k],
                }
        };
        let us: &[[f64; 2]] = if is_simple { &[] } else { &us };
        let input = json!({
            "theta": theta,
            "data": {
                "model": {
                    "bone_count": 22, "bone_names": vec!["bone"; 22], "parents": hand.parents,
                    "base_relatives": hand.relatives, "inverse_base_absolutes": hand.back,
                    "base_positions": hand.positions, "weights": hand.weights,
                    "triangles": triangles, "is_mirrored": is_mirrored,
                },
                "correspondences": correspondences, "points": rows(&points, 3),
            },
            "us": us,
        });
        let (objective, jacobian) =
            (output("ht", "objective", &input), output("ht", "jacobian", &input));
        for (row, of_row) in jacobian.as_array().unwrap().iter().enumerate() {
            let (point, k) = (row / 3, row % 3);
            let u = us.get(point).map_or(&[][..], |u| &u[..]);
            let due = miss(point, k, u, &theta);
            assert_near(&[objective[row].as_f64().unwrap()], &[due], 1e-12);
            let all = [u, &theta].concat();
            let due = slopes(&all, |all| miss(point, k, &all[..u.len()], &all[u.len()..]));
            assert_near(&numbers(of_row), &due, 1e-7);
        }
        assert_eq!(jacobian.as_array().unwrap().len(), 6);
    }
}
