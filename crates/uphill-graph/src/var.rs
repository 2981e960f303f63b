//! What scalar code computes with while it is recorded: a copyable handle, a number or a node.

use crate::node::NodeId;
use crate::op::Op;
use crate::record::Recorder;
use crate::scalar::Scalar;

/// A constant, or a node of the graph that a [`Recorder`] holds.
///
/// `Copy`, with every operator in every order, so that `3.0 * o1 - 7.0 * o2` is written as it stands. Operations on
/// constants alone are computed at once and need no graph.
///
/// # Panics
///
/// Operations on variables of two recordings panic, naming where both recordings began: this is a slip of the
/// program, not of its data.
#[derive(Clone, Copy)]
pub struct Var<'g>(pub(crate) Source<'g>);

#[derive(Clone, Copy)]
pub(crate) enum Source<'g> {
    Constant(f64),
    Node(&'g Recorder, NodeId),
}

impl<'g> Var<'g> {
    /// The node's number; `None` for a constant.
    #[must_use]
    pub fn id(self) -> Option<NodeId> {
        match self.0 {
            Source::Constant(_) => None,
            Source::Node(_, id) => Some(id),
        }
    }

    /// The number, if this is a constant.
    #[must_use]
    pub fn constant_value(self) -> Option<f64> {
        match self.0 {
            Source::Constant(value) => Some(value),
            Source::Node(..) => None,
        }
    }

    /// Gives the node a name, for traces, explanations and pictures; constants stay as they are.
    ///
    /// A name given a second time in one recording becomes `name#2`, then `name#3`, so that a function which names its
    /// parts can be called twice. A node keeps its first name, and an input its own.
    #[must_use]
    pub fn named(self, name: &str) -> Var<'g> {
        if let Source::Node(recorder, id) = self.0 {
            recorder.name(id, name);
        }
        self
    }

    fn is(self, number: f64) -> bool {
        self.constant_value() == Some(number)
    }
}

impl std::fmt::Debug for Var<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Source::Constant(value) => write!(f, "{value:?}"),
            Source::Node(_, id) => write!(f, "{id:?}"),
        }
    }
}

crate::scalar_operators!(['g] Var<'g>);

impl<'g> Scalar for Var<'g> {
    #[inline]
    fn constant(value: f64) -> Var<'g> {
        Var(Source::Constant(value))
    }

    fn named(self, name: &str) -> Var<'g> {
        Var::named(self, name)
    }

    #[track_caller]
    #[inline]
    fn apply(op: Op, x: &[Var<'g>]) -> Var<'g> {
        apply(op, x)
    }

    /// Where a factor is the number 0 there is no dependence, and nothing is recorded.
    #[track_caller]
    fn times(self, partial: Var<'g>) -> Var<'g> {
        if self.is(0.0) || partial.is(0.0) {
            Var::constant(0.0)
        } else if partial.is(1.0) {
            self
        } else if self.is(1.0) {
            partial
        } else if partial.is(-1.0) {
            -self
        } else if self.is(-1.0) {
            -partial
        } else {
            self * partial
        }
    }
}

#[track_caller]
#[inline]
fn apply<'g>(op: Op, x: &[Var<'g>]) -> Var<'g> {
    // The two lengths that nearly all operations have get code of their own, without loops.
    match *x {
        [x] => apply_to_one(op, x),
        [x, y] => apply_to_two(op, x, y),
        _ => apply_to_any(op, x),
    }
}

#[track_caller]
#[inline]
fn apply_to_one<'g>(op: Op, x: Var<'g>) -> Var<'g> {
    match x.0 {
        Source::Node(recorder, _) => Var(Source::Node(recorder, recorder.push(op, &[x]))),
        Source::Constant(number) => Var(Source::Constant(op.value(&[number]))),
    }
}

#[track_caller]
#[inline]
fn apply_to_two<'g>(op: Op, x: Var<'g>, y: Var<'g>) -> Var<'g> {
    match (x.0, y.0) {
        (Source::Node(recorder, _), _) | (_, Source::Node(recorder, _)) => {
            Var(Source::Node(recorder, recorder.push(op, &[x, y])))
        }
        (Source::Constant(x), Source::Constant(y)) => Var(Source::Constant(op.value(&[x, y]))),
    }
}

#[track_caller]
fn apply_to_any<'g>(op: Op, x: &[Var<'g>]) -> Var<'g> {
    // A choice that is made already is no choice.
    if let (Op::Select, &[condition, x, y]) = (op, x)
        && let Some(condition) = condition.constant_value()
    {
        return if condition == 0.0 { y } else { x };
    }
    match x
        .iter()
        .find_map(|x| if let Source::Node(recorder, _) = x.0 { Some(recorder) } else { None })
    {
        Some(recorder) => Var(Source::Node(recorder, recorder.push(op, x))),
        None => {
            let numbers: smallvec::SmallVec<[f64; 4]> =
                x.iter().filter_map(|x| x.constant_value()).collect();
            Var(Source::Constant(op.value(&numbers)))
        }
    }
}
