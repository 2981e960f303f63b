//! Places without slope that are no summits: parameters at 0 whose square the model looks at, bounds that press on the
//! way, symmetric starts. And summits at a bound that are.

use uphill_graph::Scalar;

use crate::Due::{Or, Summit, Valley};
use crate::models::{decay, decays, line, low_pass, made, rise, two_decays};
use crate::{Ground, INFINITE, LINE, LOST};

pub(crate) fn grounds() -> Vec<Ground> {
    let decay = Ground { parameters: "a k c", code: decay, data: decays, ..LINE };
    let sine = Ground {
        name: "a wave in antiphase, whose amplitude meets its bound",
        parameters: "a b c d",
        code: |w, x| w[0] * (w[1] * x[0] - w[2]).sin() + w[3],
        data: || made(33, 0.0, 0.25, 0.05, |x| 4.0 * (1.3 * x - 0.7).sin() + 2.0),
        bounds: &[
            ("a", 0.0, 20.0),
            ("b", 1.1, 1.5),
            ("c", 0.0, std::f64::consts::TAU),
            ("d", -10.0, 10.0),
        ],
        starts: &[
            &[1.0, 1.3, 3.8, 0.0],
            &[1.0, 1.2, 4.5, 3.0],
            &[1.0, 1.45, 3.0, 3.0],
            &[0.0, 1.3, 3.8, 0.0],
            &[1.0, 1.15, 2.2, 5.0],
            &[1.0, 1.1, 0.0, 3.0],
            &[2.0, 1.5, 6.0, -3.0],
        ],
        due: Summit(0.041_048_716_588),
        quasi: Some(Or(0.041_048_716_588, LOST)),
        ..LINE
    };
    vec![
        sine,
        Ground {
            name: "a square at 0, at its bound",
            parameters: "R C",
            code: low_pass,
            data: || made(40, 1.0, 1.0, 0.2, |x| 50.0 / (1.0 + (0.08 * x).powi(2)).sqrt()),
            bounds: &[("C", 0.0, INFINITE)],
            starts: &[&[10.0, 0.0], &[10.0, 1e-9], &[10.0, 5.0], &[1e3, 1e-3]],
            due: Summit(0.885_175_967_641),
            quasi: Some(Or(0.885_175_967_641, LOST)),
            at: &[50.045_437, 0.080_038_94],
            ..LINE
        },
        Ground {
            name: "a product whose factors are both 0",
            code: rise,
            data: || made(20, 0.5, 0.5, 0.05, |x| 5.0 * (1.0 - (-0.4 * x).exp())),
            starts: &[&[0.0, 0.0], &[0.0, 1.0], &[1.0, 0.0]],
            due: Summit(0.024_612_404_750),
            quasi: Some(Summit(0.024_612_404_750)),
            at: &[5.008_705, 0.400_032_8],
            ..LINE
        },
        Ground {
            name: "a square at 0",
            parameters: "w",
            code: |w, x| w[0].square() * x[0],
            data: || line(10, 0.0, 2.0),
            starts: &[&[0.0], &[1e-9], &[100.0]],
            due: Summit(0.010_553_565_384),
            quasi: Some(Summit(0.010_553_565_384)),
            ..LINE
        },
        Ground {
            name: "a square whose best is 0",
            parameters: "w",
            code: |w, x| w[0].square() * x[0],
            data: || line(10, 0.0, -2.0),
            starts: &[&[0.0], &[1.0], &[-100.0]],
            due: Summit(1_537.227_232_233),
            quasi: Some(Summit(1_537.227_232_233)),
            at: &[],
            ..LINE
        },
        Ground {
            name: "a product of two that only counts as such, from 0",
            code: |w, x| w[0] * w[1] * x[0],
            data: || line(10, 0.0, 2.0),
            starts: &[&[0.0, 0.0], &[1.0, 1.0], &[1e-6, 1e6], &[-4.7e-7, 3.19e7]],
            due: Valley(0.010_553_565_384, &["a", "b"]),
            quasi: Some(Valley(0.010_553_565_384, &["a", "b"])),
            ..LINE
        },
        Ground {
            name: "a neuron whose weights are 0",
            code: |w, x| w[0] * (w[1] * x[0]).tanh(),
            data: || made(20, 0.5, 0.5, 0.05, |x| 3.0 * (0.5 * x).tanh()),
            starts: &[&[0.0, 0.0]],
            due: Summit(0.024_587_424_540),
            quasi: Some(Summit(0.024_587_424_540)),
            ..LINE
        },
        Ground {
            name: "two decays that start as one",
            parameters: "a k b l",
            code: two_decays,
            data: || made(25, 0.2, 0.4, 0.01, |x| 4.0 * (-0.2 * x).exp() + 6.0 * (-1.5 * x).exp()),
            starts: &[&[1.0, 0.5, 1.0, 0.5], &[5.0, 1.0, 5.0, 1.0]],
            due: Summit(0.001_182_065_952),
            quasi: Some(Or(0.001_182_065_952, LOST)),
            ..LINE
        },
        Ground {
            name: "two neurons that start as one",
            parameters: "a k b l",
            code: |w, x| w[0] * (w[1] * x[0]).tanh() + w[2] * (w[3] * x[0]).tanh(),
            data: || made(20, 0.5, 0.5, 0.0, |x| 3.0 * (0.5 * x).tanh() - 2.0 * (2.0 * x).tanh()),
            starts: &[&[1.0, 1.0, 1.0, 1.0]],
            due: Or(0.0, LOST),
            quasi: Some(Or(0.0, LOST)),
            ..LINE
        },
        Ground {
            name: "a bound that holds",
            starts: &[&[1.0, 1.0, 0.0], &[1.0, 0.5, 0.0], &[1.0, 2.0, 0.0]],
            bounds: &[("k", 0.5, 2.0)],
            due: Summit(0.973_610_594_982),
            quasi: Some(Summit(0.973_610_594_982)),
            at: &[5.412_054, 0.5, 1.524_715],
            ..decay
        },
        Ground {
            name: "a bound that is left",
            starts: &[&[1.0, 2.0, 0.0], &[1.0, 0.0, 0.0], &[1.0, 2.0, 3.0]],
            bounds: &[("k", 0.0, 2.0), ("c", 0.0, 3.0)],
            due: Summit(0.003_865_947_219),
            quasi: Some(Or(0.003_865_947_219, LOST)),
            ..decay
        },
        Ground {
            name: "a corner that holds",
            starts: &[&[0.0, 0.0], &[0.5, 1.0], &[-3.0, -5.0]],
            bounds: &[("a", -INFINITE, 0.5), ("b", -INFINITE, 1.0)],
            due: Summit(444.008_647_585),
            quasi: Some(Summit(444.008_647_585)),
            at: &[0.5, 1.0],
            ..LINE
        },
        Ground {
            name: "one bound of two that holds",
            starts: &[&[0.0, 0.0], &[8.0, 1.0], &[-3.0, -5.0]],
            bounds: &[("a", -INFINITE, 8.0), ("b", -INFINITE, 1.0)],
            due: Summit(82.753_011_836),
            quasi: Some(Summit(82.753_011_836)),
            at: &[6.510_455, 1.0],
            ..LINE
        },
        Ground {
            name: "a parameter that is kept",
            starts: &[&[1.0, 1.0, 1.0], &[1.0, 100.0, 1.0]],
            fixed: &["c"],
            due: Summit(0.003_933_630_986),
            quasi: Some(Or(0.003_933_630_986, LOST)),
            at: &[5.004_207, 0.299_681_4, 1.0],
            ..decay
        },
        Ground {
            name: "nothing that may move",
            starts: &[&[1.0, 2.0]],
            fixed: &["a", "b"],
            due: Summit(0.011_812_313_147),
            quasi: Some(Summit(0.011_812_313_147)),
            ..LINE
        },
    ]
}
