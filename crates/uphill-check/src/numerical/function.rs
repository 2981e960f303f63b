//! A recorded [`Function`] as a subject: it knows its names, runs on complex numbers, and tells where it switches.
//!
//! A switch is a node whose formula changes with the sign of something: `abs`, `relu`, `max`, `clamp`, a comparison,
//! a condition. Its side is the sign of that something. A staircase, `floor` or `mod`, is on one of many steps.

use std::cmp::Ordering;

use uphill_graph::{Complex64, Function, Graph, Node, NodeId, Op};

use super::{Derivative, Error, Subject};

impl Subject for Function {
    fn values(&self, x: &[f64]) -> Result<Vec<f64>, Error> {
        Ok(self.eval(x)?)
    }

    fn input_names(&self, _count: usize) -> Vec<String> {
        self.inputs().names().collect()
    }

    fn output_names(&self, _count: usize) -> Vec<String> {
        Function::output_names(self).collect()
    }

    fn input_count(&self) -> Option<usize> {
        Some(self.inputs().len())
    }

    fn variables(&self, count: usize) -> Vec<usize> {
        (0..count).filter(|&position| self.inputs().is_variable(position)).collect()
    }

    fn complex_values(&self, x: &[Complex64]) -> Result<Vec<Complex64>, Error> {
        if !self.graph().is_written_out() {
            return self.unrolled()?.complex_values(x);
        }
        if let Some(op) = loses_tiny_steps(self.graph()) {
            let why = format!("`{}` is not exact on complex numbers", op.name());
            return Err(Error::NoComplexStep { why });
        }
        Ok(self.eval_scalar(x)?)
    }

    fn switches(&self, x: &[f64]) -> Vec<Ordering> {
        if !self.graph().is_written_out() {
            return self.unrolled().map_or(Vec::new(), |written_out| written_out.switches(x));
        }
        let Ok(values) = self.node_values(x) else { return Vec::new() };
        let mut sides = Vec::new();
        for id in self.graph().ids() {
            if let Node::Op(op, operands) = self.graph().node(id) {
                push_sides(op, operands, &values, &mut sides);
            }
        }
        sides
    }

    fn switch_name(&self, position: usize) -> String {
        if !self.graph().is_written_out() {
            let name = |written_out: Function| written_out.switch_name(position);
            return self.unrolled().map_or_else(|_| format!("switch {}", position + 1), name);
        }
        // Sides are counted on numbers that don't matter: how many a node has depends on its operation alone.
        let blank = vec![0.0; self.graph().len()];
        let mut sides = Vec::new();
        for id in self.graph().ids() {
            if let Node::Op(op, operands) = self.graph().node(id) {
                push_sides(op, operands, &blank, &mut sides);
                if sides.len() > position {
                    return describe(self, id, op, operands);
                }
            }
        }
        format!("switch {}", position + 1)
    }

    fn derivative(&self, derivative: Derivative) -> Result<Function, Error> {
        Ok(match derivative {
            Derivative::Gradient => self.gradient()?,
            Derivative::Jacobian => self.jacobian()?,
            Derivative::Hessian => self.hessian()?,
        })
    }
}

/// An operation in which a step of 1e-20 may be lost, equations that are solved included.
fn loses_tiny_steps(graph: &Graph) -> Option<Op> {
    graph.heads().find_map(|head| match graph.node(head) {
        Node::Op(op, _) => (!keeps_tiny_steps(op)).then_some(op),
        Node::Result { number, .. } => loses_tiny_steps(graph.repeated(number).body()),
        _ => None,
    })
}

/// Whether a step of 1e-20 comes through the operation on complex numbers. The inverse circular functions are formulas
/// in logarithms there, in which `1 + 1e-20` is 1.
fn keeps_tiny_steps(op: Op) -> bool {
    op.is_analytic() && !matches!(op, Op::Asin | Op::Acos | Op::Atan | Op::Atan2)
}

fn side(x: f64, y: f64) -> Ordering {
    // A NaN is on no side; that the function is NaN there is seen elsewhere.
    x.partial_cmp(&y).unwrap_or(Ordering::Equal)
}

/// Which of the steps of a staircase: the last two bits of its number, so that neighbours differ.
fn step(number: f64, jumps: bool) -> [Ordering; 2] {
    let bit = |set: bool| if set { Ordering::Greater } else { Ordering::Less };
    match jumps || number.is_nan() {
        true => [Ordering::Equal; 2],
        false => {
            let last = number.rem_euclid(4.0);
            [bit(last >= 2.0), bit(last % 2.0 >= 1.0)]
        }
    }
}

fn push_sides(op: Op, operands: &[NodeId], values: &[f64], sides: &mut Vec<Ordering>) {
    let x = |k: usize| values[operands[k].index()];
    match op {
        Op::Abs | Op::Relu | Op::Sign | Op::Select | Op::Softsign => sides.push(side(x(0), 0.0)),
        Op::Min
        | Op::Max
        | Op::Less
        | Op::LessEqual
        | Op::Greater
        | Op::GreaterEqual
        | Op::Equal
        | Op::NotEqual => sides.push(side(x(0), x(1))),
        Op::Clamp => sides.extend([side(x(0), x(1)), side(x(0), x(2))]),
        Op::Floor | Op::Ceil => sides.extend(step(x(0).floor(), x(0).floor() == x(0))),
        Op::Round => sides.extend(step(x(0).round(), (x(0) - x(0).round()).abs() == 0.5)),
        Op::Mod | Op::Fmod => {
            let rest = op.value(&[x(0), x(1)]);
            let jumps = rest == 0.0 && (op == Op::Mod || x(0) != 0.0);
            sides.extend(step(((x(0) - rest) / x(1)).round(), jumps));
        }
        Op::Hypot => sides.push(side(x(0).abs().max(x(1).abs()), 0.0)),
        _ => {}
    }
}

/// `abs(w3)`, `gap = max(n7, 0)`: operands by name, by number, or by node.
fn describe(function: &Function, id: NodeId, op: Op, operands: &[NodeId]) -> String {
    let graph = function.graph();
    let text = |&operand: &NodeId| match graph.node(operand) {
        Node::Constant(number) => number.to_string(),
        _ => graph.name(operand).unwrap_or_else(|| operand.to_string()),
    };
    let list: Vec<String> = operands.iter().map(text).collect();
    let call = format!("{}({})", op.name(), list.join(", "));
    match graph.name(id) {
        Some(name) => format!("{name} = {call}"),
        None => call,
    }
}
