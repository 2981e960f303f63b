//! argmin's solvers maximise a performance: L-BFGS and Newton-CG, with and without a frozen weight.
#![cfg(feature = "argmin")]

use argmin::core::{Executor, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::newton::NewtonCG;
use argmin::solver::quasinewton::LBFGS;
use uphill_nn::{
    Activation, BinaryCrossEntropyOfSums, Network, Problem, Samples, SquaredError, Start,
    WeightDecay,
};
use uphill_solve::Downhill;

fn exclusive_or() -> Samples {
    Samples::new([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [[0.0], [1.0], [1.0], [0.0]])
        .unwrap()
}

#[test]
fn l_bfgs_trains_exclusive_or() {
    let network = Network::layered(&[2, 3, 1]).bias().build().unwrap();
    let performance = WeightDecay { of: SquaredError, strength: 1e-4 };
    let problem = Problem::new(&network, performance, &exclusive_or()).unwrap();
    let start = Start::Uniform(1.0).weights(&network, 5).unwrap();
    let result =
        Executor::new(Downhill::new(problem.clone()), LBFGS::new(MoreThuenteLineSearch::new(), 7))
            .configure(|state| state.param(start).max_iters(300))
            .run()
            .unwrap();
    let weights = result.state().get_best_param().unwrap();
    assert!(problem.largest_error(weights).unwrap() < 0.2);
    let gradient = problem.gradient(weights).unwrap();
    assert!(gradient.iter().all(|entry| entry.abs() < 1e-5), "a summit: {gradient:?}");
}

/// Logistic regression is concave: both solvers must reach the one summit.
#[test]
fn newton_cg_reaches_the_summit_that_l_bfgs_reaches() {
    let network =
        Network::layered(&[2, 1]).activation(Activation::Identity).bias().build().unwrap();
    let samples = Samples::new(
        [[0.0, 0.3], [1.0, -0.2], [2.0, 0.5], [3.0, 0.1], [1.5, 0.9]],
        [[0.0], [0.0], [1.0], [1.0], [0.0]],
    )
    .unwrap();
    for frozen in [false, true] {
        let network = match frozen {
            true => network.clone().freeze(["x2→o1"]).unwrap(),
            false => network.clone(),
        };
        let performance = WeightDecay { of: BinaryCrossEntropyOfSums, strength: 0.1 };
        let problem = Problem::new(&network, performance, &samples).unwrap();
        let start = vec![0.25; 3];
        let newton = NewtonCG::<_, f64>::new(MoreThuenteLineSearch::new());
        let newton = Executor::new(Downhill::new(problem.clone()), newton)
            .configure(|state| state.param(start.clone()).max_iters(100))
            .run()
            .unwrap();
        let l_bfgs = LBFGS::new(MoreThuenteLineSearch::new(), 7);
        let l_bfgs = Executor::new(Downhill::new(problem.clone()), l_bfgs)
            .configure(|state| state.param(start.clone()).max_iters(100))
            .run()
            .unwrap();
        let (newton, l_bfgs) =
            (newton.state().get_best_param().unwrap(), l_bfgs.state().get_best_param().unwrap());
        for (a, b) in newton.iter().zip(l_bfgs) {
            assert!((a - b).abs() < 1e-4, "{newton:?} and {l_bfgs:?}");
        }
        assert!(problem.gradient(newton).unwrap().iter().all(|entry| entry.abs() < 1e-4));
        assert_eq!(newton[1] == 0.25, frozen);
    }
}
