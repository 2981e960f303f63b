//! Starts from which P hardly changes: exponentials that vanish or overflow, saturated steps, peaks far away.

use uphill_graph::Scalar;

use crate::Due::{Fails, Or, Summit};
use crate::models::{decay, decays, epidemic, gauss, gausses, logistic, made};
use crate::{Ground, LINE, LOST};

pub(crate) fn grounds() -> Vec<Ground> {
    let decay = Ground { parameters: "a k c", code: decay, data: decays, ..LINE };
    let logistic = Ground {
        parameters: "K r m",
        code: logistic,
        data: || made(21, 0.0, 1.0, 0.1, |x| 10.0 / (1.0 + (-0.8 * (x - 9.0)).exp())),
        ..LINE
    };
    let gauss = Ground { parameters: "a m s", code: gauss, data: gausses, ..LINE };
    vec![
        Ground {
            name: "a decay whose rate is far too large",
            starts: &[&[1.0, 200.0, 0.0], &[1.0, 500.0, 0.0], &[1.0, 5000.0, 0.0]],
            due: Summit(0.003_865_947_219),
            quasi: Some(Or(0.003_865_947_219, LOST)),
            at: &[5.002_548, 0.301_008_7, 1.006_939],
            ..decay
        },
        Ground {
            name: "a decay that grows beyond measure",
            starts: &[&[1.0, -5.0, 0.0], &[1.0, -20.0, 0.0], &[-1.286, -23.216, 0.048]],
            due: Or(0.003_865_947_219, LOST),
            quasi: Some(Or(0.003_865_947_219, LOST)),
            ..decay
        },
        Ground {
            name: "a decay that overflows",
            starts: &[&[1.0, -90.0, 0.0]],
            due: Fails("not finite"),
            quasi: Some(Fails("not finite")),
            ..decay
        },
        Ground {
            name: "a logistic curve whose middle is far away",
            starts: &[&[1.0, 1.0, 100.0], &[1.0, 1.0, -100.0], &[1.0, 1.0, -1000.0]],
            due: Summit(0.098_130_285_906),
            quasi: Some(Or(0.098_130_285_906, LOST)),
            at: &[10.029_062, 0.790_378, 8.994_212],
            ..logistic
        },
        Ground {
            name: "a logistic curve that is a step",
            starts: &[&[1.0, 300.0, 9.5], &[3.024, 6.658, 12_863.55]],
            due: Fails("choose other start values"),
            quasi: Some(Fails("choose other start values")),
            ..logistic
        },
        Ground {
            name: "a peak whose centre is outside of the data",
            starts: &[&[1.0, 60.0, 1.0], &[1.0, 25.0, 1.0], &[1.0, -20.0, 2.0]],
            due: Or(0.009_103_695_486, LOST),
            quasi: Some(Or(0.009_103_695_486, LOST)),
            ..gauss
        },
        Ground {
            name: "a peak as narrow as a needle",
            starts: &[&[1.0, 5.2, 1e-3], &[1.0, 5.0, 1e-3], &[1.0, 6.1, 1e-6]],
            due: Or(0.009_103_695_486, LOST),
            quasi: Some(Or(0.009_103_695_486, LOST)),
            ..gauss
        },
        Ground {
            name: "a peak as wide as the sky",
            starts: &[&[1.0, 5.2, 1e4], &[-0.041, -11.87, -10_047.0]],
            due: Or(0.009_103_695_486, LOST),
            quasi: Some(Or(0.009_103_695_486, LOST)),
            ..gauss
        },
        Ground {
            name: "Hill's function as a step",
            parameters: "v k n",
            code: |w, x| w[0] * x[0].pow(w[2]) / (w[1].pow(w[2]) + x[0].pow(w[2])),
            data: || {
                made(16, 0.5, 0.5, 0.05, |x| 8.0 * x.powf(2.5) / (3.0_f64.powf(2.5) + x.powf(2.5)))
            },
            starts: &[
                &[1.0, 3.2, 60.0],
                &[1.0, 100.0, 8.0],
                &[80.0, 0.01, 2.0],
                &[80.0, 1e-6, 2.0],
                &[80.0, 0.01, 4.0],
            ],
            due: Or(0.019_569_140_119, LOST),
            quasi: Some(Or(0.019_569_140_119, LOST)),
            ..LINE
        },
        Ground {
            name: "a step between two rows",
            parameters: "a b c s",
            code: |w, x| w[0] + w[1] * ((x[0] - w[2]) / w[3]).tanh(),
            data: || made(21, 0.0, 0.5, 0.02, |x| 1.0 + 2.0 * ((x - 4.3) / 0.8).tanh()),
            starts: &[&[0.0, 1.0, 6.1, 1e-6], &[0.0, 1.0, 4.3, 1e-3], &[0.0, 1.0, 40.0, 1.0]],
            due: Or(0.003_609_503_798, LOST),
            quasi: Some(Or(0.003_609_503_798, LOST)),
            ..LINE
        },
        Ground {
            name: "a power with a huge exponent",
            code: |w, x| w[0] * x[0].pow(w[1]),
            data: || made(15, 0.2, 0.2, 0.02, |x| 2.0 * x.powf(1.7)),
            starts: &[&[1.0, 80.0], &[1.0, -150.0], &[1.0, 0.0]],
            due: Summit(0.002_847_690_101),
            quasi: Some(Or(0.002_847_690_101, LOST)),
            at: &[2.003_444, 1.698_306],
            ..LINE
        },
        Ground {
            name: "Gompertz's curve of which one row is left",
            parameters: "a b c",
            code: |w, x| w[0] * (-w[1] * (-w[2] * x[0]).exp()).exp(),
            data: || made(21, 0.0, 0.5, 0.03, |x| 6.0 * (-4.0 * (-0.7 * x).exp()).exp()),
            starts: &[&[1.0, 1.0, -50.0], &[1.0, 1.0, 50.0], &[1.0, 1e3, 0.1]],
            due: Or(0.009_083_561_887, LOST),
            quasi: Some(Or(0.009_083_561_887, LOST)),
            ..LINE
        },
        Ground {
            name: "growth from a plateau",
            parameters: "a k c",
            data: epidemic,
            starts: &[&[1.0, 1.0, 1.0], &[1.0, -0.1, 0.0]],
            due: Summit(12_808.297_554),
            quasi: Some(Or(12_808.297_554, LOST)),
            at: &[29.455_479, -0.065_049_6, -24.395_07],
            ..decay
        },
        Ground {
            name: "a logistic curve that has only begun",
            data: epidemic,
            starts: &[&[1.0, 1.0, 1.0], &[5e3, 0.1, 70.0]],
            due: Or(12_622.341_573, LOST),
            quasi: Some(Or(12_622.341_573, LOST)),
            ..logistic
        },
    ]
}
