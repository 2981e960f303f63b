//! How a user of `uphill` puts a gradient under review: a snapshot of its trace, by `insta`.
//!
//! When someone changes the performance function, `cargo insta review` shows which value, partial or adjoint changed.

use uphill::prelude::*;

/// A user's own performance: the reward of a delivery route by speed and load.
fn reward<S: Scalar>(w: &[S]) -> S {
    let (speed, load) = (w[0], w[1]);
    let earned = (load * speed.tanh()).named("earned");
    let risk = (0.3 * speed.square() + 0.1 * load).softplus().named("risk");
    (earned - risk).named("reward")
}

#[test]
fn the_gradient_of_the_reward_is_reviewed() {
    let reward = Function::record(["speed", "load"], |w| reward(w)).unwrap();
    let trace = reward.trace(&[0.8, 2.0]).unwrap();
    insta::assert_snapshot!(trace.text().digits(12));
}

#[test]
fn the_explanation_of_the_reward_is_reviewed() {
    let reward = Function::record(["speed", "load"], |w| reward(w)).unwrap();
    insta::assert_snapshot!(reward.explain("reward", "speed", &[0.8, 2.0]).unwrap());
}

#[test]
fn two_traces_tell_where_they_part() {
    let one = Function::record(["speed", "load"], |w| reward(w)).unwrap();
    let other = Function::record(["speed", "load"], |w| reward(w) * 1.0000000001).unwrap();
    let at = [0.8, 2.0];
    let difference = one.trace(&at).unwrap().diff(&other.trace(&at).unwrap()).unwrap();
    // All is the same up to `reward`; then one has a line that the other has not.
    insta::assert_snapshot!(difference, @"they part at P: nothing against P = reward*1.0000000001 = 0.4198400970862575");
}
