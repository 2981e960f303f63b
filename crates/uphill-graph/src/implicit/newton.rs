//! Newton's method as the body of a loop: the steps are differentiated never, so they may choose and stop as they like.
//!
//! It goes on to the last bits, since second derivatives are only as good as the value. The end is seen by the steps: they
//! shrink fast near a root at which the Jacobian is regular, and then no more, when rounding is all that is left. What only
//! shrinks by the same part again and again goes to a root at which the Jacobian is singular, and is none for us.

use super::equations::{Equations, jacobian};
use super::linear;
use crate::function::Function;
use crate::graph::{Loop, Slice};
use crate::loop_writer::LoopWriter;
use crate::node::NodeId;
use crate::record::Recorder;
use crate::scalar::Scalar;
use crate::var::Var;
use crate::walk::{Feed, Outcome, Walk};

/// How much of the largest value so far a step must be to have gone nowhere yet, to be near, and to be rounding alone.
const FAR: f64 = 1.0 / 64.0;
const NEAR: f64 = 1e-3;
const TINY: f64 = 1e-9;
/// A step that is less than this part is one to 0.
const NOTHING: f64 = 1e-60;
/// A step is fast if it is at most this part of the one before, and has stopped to shrink if it is more than that.
const FAST: f64 = 1.0 / 8.0;
const STOPPED: f64 = 0.75;

/// The loop that solves F(y, x) = 0.
///
/// # Arguments
///
/// `equations`: F, as a function of the unknowns y and of what is given, x. `most`: how many steps are made at most.
///
/// Its operands are what [`first_values`] lists.
pub(super) fn newton(equations: &Function, unknowns: usize, most: usize) -> Loop {
    let given = equations.inputs().len() - unknowns;
    let positions: Vec<usize> = (0..unknowns).collect();
    let jacobian = jacobian(equations, &positions);
    let body = Recorder::of_a_pass();
    let mut writer = LoopWriter::new(most);
    let around = Some(NodeId::new(0));
    // What loops of F walk along must be one vector.
    let widths = |count: usize| match equations.graph().has_loops() && count > 1 {
        true => vec![count],
        false => vec![1; count],
    };
    let mut feed = |feed: &Feed, widths: &[usize]| -> Vec<Slice> {
        widths.iter().map(|&width| writer.feed(&body, feed.clone(), around, width)).collect()
    };
    let state = Feed::Carried { from: 0 };
    let unknown_parts = feed(&state, &widths(unknowns));
    let given_parts = feed(&Feed::Read(Walk::STILL), &widths(given));
    let other_states = feed(&state, &vec![1; unknowns + 3]);
    let counter = writer.feed(&body, Feed::Counter { start: 0, step: 1 }, None, 1);
    let y = vars(&body, &unknown_parts);
    let x = vars(&body, &given_parts);
    let mut scales = vars(&body, &other_states);
    let others = scales.split_off(unknowns);
    let (before, was_fast, status) = (others[0], others[1], others[2]);
    let counter = body.var(counter.first);

    let mut values = jacobian.eval_scalar(&[y.clone(), x].concat()).unwrap_or_default();
    let slopes = values.split_off(unknowns.min(values.len()));
    let steps = linear::eliminate(&slopes, &values);
    let zero = Var::constant(0.0);
    let next: Vec<Var<'_>> = y.iter().zip(&steps).map(|(&y, &step)| y - step).collect();
    let sizes = y.iter().zip(&next).map(|(y, next)| y.abs().max(next.abs()));
    let wider: Vec<Var<'_>> =
        scales.iter().zip(sizes).map(|(&scale, size)| scale.max(size)).collect();
    let parts_of = steps
        .iter()
        .zip(&wider)
        .map(|(step, &scale)| Var::select(scale.greater(zero), step.abs() / scale, zero));
    let size = parts_of.reduce(Var::max).unwrap_or(zero);
    let to_the_bit = steps
        .iter()
        .zip(&next)
        .map(|(step, next)| step.abs().less_equal(next.abs() * (2.0 * f64::EPSILON)));
    let to_the_bit = to_the_bit.reduce(|a, b| a * b).unwrap_or(zero);
    let to_the_bit = to_the_bit.max(size.less_equal(Var::constant(NOTHING)));
    let last = Var::constant((most - 1) as f64);
    let (fast, after) = end([before, was_fast], size, to_the_bit, counter.greater_equal(last));

    let goes_on = status.greater(zero);
    let keep = |after: Var<'_>, before: Var<'_>| body.node(Var::select(goes_on, after, before));
    let found = after.greater_equal(zero);
    let next = next.iter().map(|&next| Var::select(found, next, Var::constant(f64::NAN)));
    let next: Vec<NodeId> = next.zip(&y).map(|(next, &y)| keep(next, y)).collect();
    let mut states = Vec::with_capacity(writer.feeds.len());
    let mut place = 0;
    for part in &unknown_parts {
        let nodes = &next[place..place + part.width];
        let first = if part.width == 1 { nodes[0] } else { body.push_vector(nodes) };
        states.push(Slice { first, width: part.width });
        place += part.width;
    }
    let wider = wider.iter().zip(&scales).map(|(&after, &before)| (after, before));
    let others = [(size, before), (fast, was_fast), (after, status)];
    let others = wider.chain(others).map(|(after, before)| Slice::one(keep(after, before)));
    states.extend(others);
    let residuals = values.iter().map(|&residual| writer.output(Slice::one(body.node(residual))));
    let residuals = residuals.collect();
    let mut states = states.into_iter();
    for input in 0..writer.feeds.len() {
        if let Feed::Carried { .. } = writer.feeds[input]
            && let Some(state) = states.next()
        {
            writer.feeds[input] = Feed::Carried { from: writer.output(state) };
        }
    }
    for input in 0..unknown_parts.len() {
        writer.outcome(Outcome::Last { input });
    }
    writer.equations = Some(Equations::new(residuals));
    drop((y, scales));
    writer.into_loop(body.into_graph())
}

/// Whether steps have been fast, and what comes after this one: 1 to go on, 0 at a root, -1 where there is none.
///
/// # Arguments
///
/// The size of the step before, with whether any was fast up to it; that of this one, of the largest value so far. Whether it
/// changes nothing but the last bits, and whether there is no other one.
fn end<'g>(
    [before, was_fast]: [Var<'g>; 2],
    size: Var<'g>,
    to_the_bit: Var<'g>,
    is_last: Var<'g>,
) -> (Var<'g>, Var<'g>) {
    let number = Var::constant;
    let (zero, one) = (number(0.0), number(1.0));
    let is_first = before.equals(number(f64::MAX));
    let shrank = size.less_equal(before * FAST) * size.less_equal(number(FAR));
    let fast = was_fast.max(shrank * (one - is_first));
    let stands = size.greater(before * STOPPED)
        * (fast * before.less_equal(number(NEAR))).max(before.less_equal(number(TINY)));
    let settled = (to_the_bit * fast.max(is_first)).max(stands);
    let ends = Var::select(settled, zero, Var::select(is_last, -one, one));
    let is_number = size.less_equal(number(f64::MAX));
    (fast, Var::select(is_number, ends, -one))
}

/// What the loop reads around it: the start, what is given, and the first values of all other states.
pub(super) fn first_values<S: Scalar>(start: &[S], given: &[S]) -> Vec<S> {
    let scales = std::iter::repeat_n(0.0, start.len());
    let others = scales.chain([f64::MAX, 0.0, 1.0]).map(S::constant);
    start.iter().chain(given).copied().chain(others).collect()
}

/// The operand of each feed that has one, among the values of [`first_values`].
pub(super) fn operands(repeated: &Loop) -> Vec<NodeId> {
    let mut next = 0;
    let mut operands = Vec::new();
    for (input, place) in repeated.operand_places().enumerate() {
        if place.is_some() {
            operands.push(NodeId::new(next));
            next += repeated.input_width(input);
        }
    }
    operands
}

fn vars<'g>(body: &'g Recorder, slices: &[Slice]) -> Vec<Var<'g>> {
    let nodes = slices.iter().flat_map(|slice| (0..slice.width).map(|k| slice.first.index() + k));
    nodes.map(|node| body.var(NodeId::new(node))).collect()
}
