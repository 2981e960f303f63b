//! A matrix of derivatives by coloured sweeps: the pattern is searched for, its lines are coloured, and the sweeps of the
//! plan are written behind the graph.

use super::follow;
use super::pattern::Pattern;
use super::plan::{Direction, Pass, Plan};
use crate::error::Error;
use crate::forward::tangents;
use crate::function::{Function, Output};
use crate::graph::Graph;
use crate::node::NodeId;
use crate::record::Recorder;
use crate::reverse::Sweep;
use crate::scalar::Scalar;
use crate::var::Var;

/// Which matrix is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A Jacobian.
    Rectangular,
    /// A Hessian, as the Jacobian of a gradient: both places of an entry have one node.
    Symmetric,
}

/// A matrix that is written.
pub(super) struct Coloured {
    pub(super) graph: Graph,
    pub(super) pattern: Pattern,
    /// The node of each slot.
    pub(super) values: Vec<NodeId>,
    pub(super) sweeps: usize,
}

/// Writes the derivatives of outputs by inputs; `None` if there are more entries than `most`.
///
/// # Errors
///
/// [`Error::Unsupported`] for what is too large.
pub(super) fn coloured(
    graph: Graph,
    outputs: Vec<Output>,
    inputs: &[NodeId],
    shape: Shape,
    most: usize,
) -> Result<Option<Coloured>, Error> {
    let rows: Vec<NodeId> = outputs.iter().flat_map(Output::nodes).collect();
    let pattern = follow::pattern(&graph, &rows, inputs)?;
    let (pattern, plan) = match shape {
        Shape::Rectangular => {
            let plan = Plan::rectangular(&pattern);
            (pattern, plan)
        }
        Shape::Symmetric => {
            let pattern = pattern.symmetric()?;
            let plan = Plan::symmetric(&pattern);
            (pattern, plan)
        }
    };
    if pattern.len() > most {
        return Ok(None);
    }
    let function = Function::from_pass(graph, outputs);
    let recorder = Recorder::continuing(function.graph().clone());
    let backward = Sweep::of_nodes(&function, inputs.to_vec());
    let sweep = |pass: &Pass| run(&function, &recorder, &backward, &rows, inputs, pass);
    let passes: Vec<Vec<Var<'_>>> = plan.passes.iter().map(sweep).collect();
    let values = plan.reads.iter();
    let values = values.map(|read| recorder.node(passes[read.pass as usize][read.at as usize]));
    let values = values.collect();
    let sweeps = plan.passes.len();
    drop(passes);
    // What has become too large is told here.
    let graph = recorder.finish()?.into_graph();
    Ok(Some(Coloured { graph, pattern, values, sweeps }))
}

/// What a sweep gives: a number for each row (forward) or column (reverse).
fn run<'g>(
    function: &Function,
    recorder: &'g Recorder,
    backward: &Sweep<'_>,
    rows: &[NodeId],
    inputs: &[NodeId],
    pass: &Pass,
) -> Vec<Var<'g>> {
    let one = Var::constant(1.0);
    let seeds = |nodes: &[NodeId]| -> Vec<(NodeId, Var<'g>)> {
        pass.seeds.iter().map(|&line| (nodes[line as usize], one)).collect()
    };
    match pass.direction {
        Direction::Forward => {
            let tangents = tangents(function, recorder, &seeds(inputs), rows).into_iter();
            tangents.map(|tangent| tangent.unwrap_or(Var::constant(0.0))).collect()
        }
        Direction::Reverse => backward.adjoints(recorder, &seeds(rows)),
    }
}
