//! What scalar code computes with while it is recorded: a copyable handle, a number or a node.

use std::sync::Arc;

use crate::graph::Loop;
use crate::implicit::Problem;
use crate::index::Spot;
use crate::node::NodeId;
use crate::op::Op;
use crate::record::Written;
use crate::scalar::{Outputs, Results, Scalar};
use crate::scope::{Levels, Spread};
use crate::walk::{Feed, Walk};

/// A constant, or a node of the graph that a [`Recorder`](crate::Recorder) holds.
///
/// `Copy`, with every operator in every order, so that `3.0 * o1 - 7.0 * o2` is written as it stands. Operations on
/// constants alone are computed at once and need no graph.
///
/// A variable lives as long as its recording, which the compiler sees to:
///
/// ```
/// use uphill_graph::Recorder;
///
/// let recorder = Recorder::new();
/// let x = recorder.variable("x");
/// recorder.output("P", x + 1.0);
/// let _ = recorder.finish();
/// ```
///
/// It can't be used after that,
///
/// ```compile_fail,E0505
/// # use uphill_graph::Recorder;
/// let recorder = Recorder::new();
/// let x = recorder.variable("x");
/// recorder.output("P", x + 1.0);
/// let _ = recorder.finish();
/// let _ = x + 1.0;
/// ```
///
/// nor be carried out of the closure of [`Function::record`](crate::Function::record),
///
/// ```compile_fail,E0521
/// # use uphill_graph::Function;
/// let mut escaped = None;
/// let _ = Function::record(["x"], |x| {
///     escaped = Some(x[0]);
///     x[0]
/// });
/// ```
///
/// nor be claimed to live as long as the process:
///
/// ```compile_fail,E0597
/// # use uphill_graph::{Recorder, Var};
/// fn keep(_: Var<'static>) {}
///
/// let recorder = Recorder::new();
/// keep(recorder.variable("x"));
/// ```
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
    Node(&'g Written, NodeId),
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

    /// The recorder of what is no constant.
    #[track_caller]
    fn recorder(self) -> &'g Written {
        match self.0 {
            Source::Node(recorder, _) => recorder,
            Source::Constant(_) => unreachable!("a witness is recorded"),
        }
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

    const RECORDS: bool = true;

    fn known(self) -> Option<f64> {
        self.constant_value()
    }

    fn recorded(x: &[Var<'g>]) -> Option<Var<'g>> {
        x.iter().copied().find(|x| x.id().is_some())
    }

    #[track_caller]
    fn open(recorded: Var<'g>, iterations: usize, first: &[Var<'g>]) -> (u32, Vec<Var<'g>>) {
        let recorder = recorded.recorder();
        recorder.with_levels(|levels| {
            let first = nodes(recorder, levels, first);
            let (token, carried) = levels.open(iterations, &first);
            (token, carried.into_iter().map(|id| recorder.var(id)).collect())
        })
    }

    #[track_caller]
    fn close(recorded: Var<'g>, outputs: Outputs<'_, Var<'g>>) -> Results<Var<'g>> {
        let recorder = recorded.recorder();
        recorder.with_levels(|levels| {
            let carried = nodes(recorder, levels, outputs.carried);
            let sequences = nodes(recorder, levels, outputs.sequences);
            let terms = nodes(recorder, levels, outputs.terms);
            let given = levels.close(&carried, &sequences, &terms);
            let var = |id: NodeId| recorder.var(id);
            let each = |first: NodeId| {
                (0..given.iterations).map(move |i| var(NodeId::new(first.index() + i)))
            };
            Results {
                last: given.last.into_iter().map(var).collect(),
                sequences: given.sequences.into_iter().map(|first| each(first).collect()).collect(),
                sums: given.sums.into_iter().map(var).collect(),
            }
        })
    }

    #[track_caller]
    fn entry(recorded: Var<'g>, x: &[Var<'g>], spot: &Spot) -> Var<'g> {
        let recorder = recorded.recorder();
        recorder.with_levels(|levels| {
            assert!(!x.is_empty(), "an index into a vector that is empty");
            let vector = match (even(recorder, x), numbers(x)) {
                (Some(spread), _) if levels.is_of_one_part(spread) => spread,
                (_, Some(numbers)) => levels.numbers(&numbers),
                _ => {
                    let mut nodes = Vec::with_capacity(x.len());
                    for &x in x {
                        // Numbers belong outside of the loops that are open.
                        nodes.push(match x.constant_value() {
                            Some(number) => levels.main.push_constant(number),
                            None => recorder.node_of(levels, x),
                        });
                    }
                    levels.spread(&nodes, true)
                }
            };
            recorder.var(levels.entry(vector, spot))
        })
    }

    #[track_caller]
    fn datum(recorded: Var<'g>, data: &[f64], spot: &Spot) -> Var<'g> {
        let recorder = recorded.recorder();
        recorder.with_levels(|levels| {
            let vector = levels.numbers(data);
            recorder.var(levels.entry(vector, spot))
        })
    }

    #[track_caller]
    fn counter(recorded: Var<'g>, spot: &Spot) -> Var<'g> {
        let recorder = recorded.recorder();
        recorder.with_levels(|levels| recorder.var(levels.counter(spot)))
    }

    /// A loop of a function that is called becomes a loop of the recording.
    #[track_caller]
    fn repeat(
        repeated: &Arc<Loop>,
        operands: &[NodeId],
        values: &[Var<'g>],
    ) -> Option<Vec<Var<'g>>> {
        let mut read: Vec<(&[Var<'g>], usize)> = Vec::new();
        for (input, (feed, operand)) in
            repeated.feeds().iter().zip(repeated.operand_places()).enumerate()
        {
            let Some(operand) = operand else { continue };
            let still = Walk::STILL;
            let (walk, iterations) = match feed {
                Feed::Read(walk) => (walk, repeated.iterations()),
                _ => (&still, 1),
            };
            let places = walk.span(iterations)?;
            let first = operands[operand].index() as i64;
            let end =
                first + places.end.max(places.start + 1) - 1 + repeated.input_width(input) as i64;
            let low = first + places.start.min(0);
            read.push((&values[low as usize..end as usize], (first - low) as usize));
        }
        let recorded = read.iter().find_map(|(values, _)| Self::recorded(values))?;
        let recorder = recorded.recorder();
        let head = recorder.with_levels(|levels| {
            let mut operands = Vec::with_capacity(read.len());
            for (values, before) in read {
                let vector = match (numbers(values), values) {
                    (Some(numbers), [_, _, ..]) => levels.numbers(&numbers),
                    _ => {
                        let nodes = nodes(recorder, levels, values);
                        levels.spread(&nodes, false)
                    }
                };
                operands.push((vector, before));
            }
            levels.push_known_loop(repeated, &operands)
        });
        Some((0..repeated.width()).map(|k| recorder.var(NodeId::new(head.index() + k))).collect())
    }

    /// It stays a loop wherever it is, since what it was solved by is not what it is differentiated by.
    #[track_caller]
    fn implicit(problem: &Problem<Var<'g>>) -> Vec<Var<'g>> {
        let Problem { repeated, operands, around } = problem;
        let kept = Var::repeat(repeated, operands, around);
        kept.unwrap_or_else(|| {
            let number = |x: &Var<'g>| x.constant_value().unwrap_or(f64::NAN);
            f64::implicit(&problem.map(number)).into_iter().map(Var::constant).collect()
        })
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
fn nodes(recorder: &Written, levels: &mut Levels, x: &[Var<'_>]) -> Vec<NodeId> {
    let mut nodes = Vec::with_capacity(x.len());
    for &x in x {
        nodes.push(recorder.node_of(levels, x));
    }
    nodes
}

/// Nodes of this recording that lie evenly, as nearly all vectors do: for each subscript all are looked at.
fn even(recorder: &Written, x: &[Var<'_>]) -> Option<Spread> {
    let node = |x: &Var<'_>| match x.0 {
        Source::Node(of, id) if std::ptr::eq(of, recorder) => Some(id),
        _ => None,
    };
    let number = |x: &Var<'_>| node(x).map(|id| id.index() as i64);
    let (first, start) = (node(&x[0])?, number(&x[0])?);
    let step = x.get(1).map_or(Some(1), |second| Some(number(second)? - start))?;
    let lies = |(k, x): (i64, &Var<'_>)| number(x) == Some(start + step * k);
    let even = step != 0 && (0..).zip(x).all(lies);
    even.then_some(Spread { first, step, length: x.len() })
}

/// The numbers, if all are.
fn numbers(x: &[Var<'_>]) -> Option<Vec<f64>> {
    x.iter().map(|x| x.constant_value()).collect()
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
