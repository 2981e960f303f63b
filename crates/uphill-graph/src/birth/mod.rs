//! Where an infinity or a NaN came into the world: the first node that has one though its operands have none.
//!
//! In a loop that is an operation in one of its iterations.

mod loops;
mod roots;

use crate::formula_text::Style;
use crate::function::Function;
use crate::graph::Graph;
use crate::layout::{Bodies, Detail, Layout, Turn};
use crate::node::{Node, NodeId};
use crate::op::Form;
use crate::place_text::Names;
use crate::print::number;
use roots::Ended;

/// Where trouble arose.
struct Birth {
    /// The loops around it, from the outermost on: the first node of each in the graph around it, and the iteration.
    trail: Vec<(NodeId, usize)>,
    /// The node, of the innermost body.
    node: NodeId,
    value: f64,
    /// The values of its operands.
    operands: Vec<f64>,
    /// Of a root that was not found: where the search ended.
    ended: Option<Ended>,
}

/// One step back.
enum Way {
    /// It arose at this very node.
    Here,
    From(NodeId),
    /// It arose in a loop's body.
    Born(Birth),
}

/// NaN is the worse trouble: an infinity beside it explains a NaN only if no operand is NaN itself.
fn worst(values: &[f64], ids: &[NodeId]) -> Option<NodeId> {
    let nan = ids.iter().copied().find(|id| values[id.index()].is_nan());
    nan.or_else(|| ids.iter().copied().find(|id| values[id.index()].is_infinite()))
}

/// Where the trouble of a node arose, and the way from there to the node.
fn follow(graph: &Graph, values: &[f64], node: NodeId) -> (Birth, Vec<NodeId>) {
    let mut path = vec![node];
    let mut at = node;
    let birth = loop {
        let way = match graph.node(at) {
            Node::Result { number, .. } if graph.repeated(number).is_implicit() => {
                roots::through(graph, values, at)
            }
            Node::Result { .. } => loops::through(graph, values, at),
            _ => worst(values, graph.operands(at)).map_or(Way::Here, Way::From),
        };
        match way {
            Way::From(from) => {
                path.push(from);
                at = from;
            }
            Way::Born(birth) => break birth,
            Way::Here => {
                path.pop();
                let operands = match graph.node(at) {
                    Node::Op(_, operands) => operands.iter().map(|id| values[id.index()]).collect(),
                    _ => Vec::new(),
                };
                let (trail, value) = (Vec::new(), values[at.index()]);
                break Birth { trail, node: at, value, operands, ended: None };
            }
        }
    };
    path.reverse();
    (birth, path)
}

/// Says in words where the trouble of a node of the function arose and which way it took.
pub(crate) fn story(function: &Function, values: &[f64], node: NodeId) -> String {
    let (layout, names) = Layout::with_names(function, Detail::Shared, Bodies::Inside);
    story_by(&layout, names, values, node)
}

/// As [`story`], by the names of a layout.
pub(crate) fn story_by(layout: &Layout<'_>, names: Names, values: &[f64], node: NodeId) -> String {
    let (birth, path) = follow(layout.graph, values, node);
    let mut words = told(layout, layout, names, &birth, &birth.trail, &[]);
    for &id in path.iter().filter(|id| layout.is_atom(**id)) {
        words.push_str(" -> ");
        words.push_str(&layout.label(id));
    }
    words
}

/// What happened where trouble arose, in the graph of a layout or, by the trail, in the body of a loop there. `here` has the
/// places of the very iteration.
fn told(
    layout: &Layout<'_>,
    here: &Layout<'_>,
    mut names: Names,
    birth: &Birth,
    trail: &[(NodeId, usize)],
    around: &[(String, usize)],
) -> String {
    if let [(head, iteration), trail @ ..] = trail {
        let counter = names.counter(around.len());
        let mut other_names = names.clone();
        let (all, one) = (Turn::Every(&counter), Turn::One(&counter, *iteration));
        let body = Layout::of_body(layout, *head, all, Detail::Shared, &mut names);
        let this = Layout::of_body(here, *head, one, Detail::Shared, &mut other_names);
        let around = [around, &[(counter.clone(), *iteration)]].concat();
        return told(&body, &this, names, birth, trail, &around);
    }
    let graph = layout.graph;
    let (born, value) = (birth.node, number(birth.value, None));
    let when: Vec<String> = around.iter().map(|(i, number)| format!("{i} = {number}")).collect();
    let when = match when.is_empty() {
        true => String::new(),
        false => format!(" in iteration {}", when.join(", ")),
    };
    match graph.node(born) {
        Node::Input(_) => format!("born at input {} = {value}{when}", layout.label(born)),
        Node::Constant(_) => format!("born at the constant {value}{when}"),
        Node::Copy(_) => format!("born at {} = {value}{when}", layout.label(born)),
        Node::Result { .. } => match &birth.ended {
            None => {
                format!("born at {} = {value}{when}, a sum of finite terms", layout.label(born))
            }
            Some(ended) => {
                let unknowns = (0..graph.width(born)).map(|k| NodeId::new(born.index() + k));
                let names: Vec<String> = unknowns.map(|id| here.label(id)).collect();
                let formula = layout.formula(born, &Style::TRACE);
                let label = layout.label(born);
                format!("born at {label} = {formula}{when}: {}", ended.told(&names))
            }
        },
        Node::Op(op, operands) => {
            let is_number = |id: NodeId| matches!(graph.node(id), Node::Constant(_));
            let mut from: Vec<String> = Vec::new();
            for (&operand, &value) in operands.iter().zip(&birth.operands) {
                let told = format!("{} = {}", here.label(operand), number(value, None));
                if !is_number(operand) && !from.contains(&told) {
                    from.push(told);
                }
            }
            let formula = layout.formula(born, &Style::TRACE);
            let label = if layout.is_atom(born) {
                format!("{} = ", layout.label(born))
            } else {
                String::new()
            };
            let from =
                if from.is_empty() { String::new() } else { format!(", from {}", from.join(", ")) };
            let is_left =
                birth.value.is_nan() && birth.operands.iter().all(|operand| operand.is_finite());
            let domain = op.domain().filter(|_| is_left).map_or(String::new(), |domain| {
                let name = match op.form() {
                    Form::Infix(symbol, _) => symbol,
                    _ => op.name(),
                };
                format!(" ({name} is defined for {domain})")
            });
            format!("born at {label}{formula}{when}{from}{domain}")
        }
    }
}
