//! Forward mode on graphs: tangents written as new nodes; Jacobian-vector and Hessian-vector products.

mod implicit;
mod loops;

use std::collections::HashMap;

use smallvec::SmallVec;

use crate::error::Error;
use crate::function::Function;
use crate::graph::Slice;
use crate::guard::{Guard, Guards};
use crate::inputs::{InputGroup, Inputs, Role};
use crate::loop_writer::zeros;
use crate::node::{Node, NodeId};
use crate::op::Condition;
use crate::record::Recorder;
use crate::reverse::{chooses_with_poles, operand_var, slope_of_squared_root};
use crate::scalar::Scalar;
use crate::slopes::{Slope, Slopes};
use crate::var::Var;

impl Function {
    /// The Jacobian-vector product: further inputs `dw1`, `dw2`, …, one a variable, and as outputs the derivatives in
    /// that direction, named `dP1`, `dP2`, …. One forward sweep.
    ///
    /// # Errors
    ///
    /// [`Error::DuplicateName`] if a name that this makes is taken.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record_many(["x", "y"], |v| vec![v[0] * v[1], v[0] + v[1]])?;
    /// // at (2, 3) in direction (1, 10)
    /// assert_eq!(f.jvp()?.eval(&[2.0, 3.0, 1.0, 10.0])?, [23.0, 11.0]);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn jvp(&self) -> Result<Function, Error> {
        let function = &*self.rolled();
        let recorder = Recorder::continuing(function.graph().clone());
        let variables = self.inputs().spans().filter(|(group, _)| group.role == Role::Variable);
        let variables: Vec<_> =
            variables.map(|(group, positions)| (group.clone(), positions)).collect();
        let groups = variables.iter().map(|(group, _)| InputGroup {
            name: format!("d{}", group.name),
            length: group.length,
            role: Role::Parameter,
        });
        let mut directions = recorder.inputs(Inputs::from_iter(groups))?.into_iter();
        let mut seeds = Vec::new();
        let inputs = function.graph().input_nodes();
        for (group, positions) in variables {
            let own: Vec<Var<'_>> = directions.by_ref().take(positions.len()).collect();
            let whole = group.length.is_some() && function.graph().has_loops();
            match own.first().and_then(|first| first.id()).filter(|_| whole && own.len() > 1) {
                Some(first) => seeds.push((inputs[positions.start], Slope::Vector(first))),
                None => {
                    let each = positions.zip(own);
                    seeds.extend(each.map(|(p, direction)| (inputs[p], Slope::One(direction))));
                }
            }
        }
        let mut tangents = all_tangents(function, &recorder, &always(&seeds)).slopes;
        for output in function.outputs() {
            if output.length.is_some() && output.count() > 1 {
                let slice = Slice { first: output.node, width: output.count() };
                let first = tangents.of_slice(slice);
                let first = first.unwrap_or_else(|| zeros(&recorder, slice.width));
                recorder.vector_output(format!("d{}", output.name), first, slice.width);
            } else {
                for (name, node) in output.names().zip(output.nodes()) {
                    let tangent = tangents.of(node).unwrap_or(Var::constant(0.0));
                    recorder.output(format!("d{name}"), tangent);
                }
            }
        }
        drop(tangents);
        Ok(recorder.finish()?.into_simplified())
    }

    /// The Hessian-vector product: further inputs `dw1`, `dw2`, …, and as outputs the change of the gradient in that
    /// direction. Forward over reverse, so the cost is a small multiple of the function's, whatever the number of
    /// variables.
    ///
    /// # Errors
    ///
    /// [`Error::NotScalar`]; [`Error::DuplicateName`] if a name that this makes is taken.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record(["x", "y"], |v| v[0] * v[0] * v[1])?;
    /// // Hessian [[2y, 2x], [2x, 0]] at (2, 3), times (1, 10)
    /// assert_eq!(f.hvp()?.eval(&[2.0, 3.0, 1.0, 10.0])?, [46.0, 4.0]);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn hvp(&self) -> Result<Function, Error> {
        self.gradient()?.jvp()
    }
}

/// Writes the tangents of these nodes, given those of some inputs; `None` where a node does not depend on them.
pub(crate) fn tangents<'g>(
    function: &Function,
    recorder: &'g Recorder,
    seeds: &[(NodeId, Var<'g>)],
    nodes: &[NodeId],
) -> Vec<Option<Var<'g>>> {
    let known: Vec<_> = seeds.iter().map(|&(input, seed)| (input, Slope::One(seed))).collect();
    let tangents = all_tangents(function, recorder, &always(&known)).slopes;
    nodes.iter().map(|&node| tangents.of(node)).collect()
}

/// The tangent of an input, or those of a vector of inputs, that a sweep starts with.
struct Seed<'g> {
    to: NodeId,
    tangent: Slope<'g>,
    /// Where this is 0, the tangent does not count, and is 0 too.
    counts: Option<Var<'g>>,
}

fn always<'g>(seeds: &[(NodeId, Slope<'g>)]) -> Vec<Seed<'g>> {
    seeds.iter().map(|&(to, tangent)| Seed { to, tangent, counts: None }).collect()
}

/// Tangents, and where they count.
struct Tangents<'f, 'g> {
    slopes: Slopes<'f, 'g>,
    /// Where a tangent counts, if not always; it is exactly 0 elsewhere.
    guarded: HashMap<NodeId, Guard>,
    /// Of vectors, by their first nodes: numbers that are 0 for entries which do not count.
    each: HashMap<NodeId, NodeId>,
    /// Of vectors that were put together of the tangents of some entries: which entries have one.
    present: HashMap<NodeId, Vec<bool>>,
    /// Whether it is told that an entry of a vector has no tangent, which else has one of 0.
    absent: bool,
    guards: Guards<'g>,
}

impl<'g> Tangents<'_, 'g> {
    /// Where the tangent of a node counts.
    fn guard(&mut self, node: NodeId) -> Guard {
        if !self.each.is_empty() {
            let part = self.slopes.graph().part(node).first;
            if let Some(each) = self.each.get(&part) {
                let entry = NodeId::new(each.index() + node.index() - part.index());
                let counts = Condition { value: self.slopes.recorder().var(entry), is: true };
                // A node's condition can always be.
                return self.guards.and(Guard::ALWAYS, counts).unwrap_or(Guard::ALWAYS);
            }
        }
        self.guarded.get(&node).copied().unwrap_or(Guard::ALWAYS)
    }

    fn set_guard(&mut self, node: NodeId, guard: Guard) {
        if guard != Guard::ALWAYS {
            self.guarded.insert(node, guard);
        }
    }

    /// Where any entry of a slice has a tangent that counts.
    fn guard_of_any(&mut self, slice: Slice) -> Guard {
        if self.guarded.is_empty() && self.each.is_empty() {
            return Guard::ALWAYS;
        }
        let nodes = (0..slice.width).map(|k| NodeId::new(slice.first.index() + k));
        let nodes: Vec<NodeId> = nodes.filter(|node| self.slopes.of(*node).is_some()).collect();
        let guards: Vec<Guard> = nodes.into_iter().map(|node| self.guard(node)).collect();
        self.guards.any(guards.into_iter())
    }

    /// The tangents of a vector, if any entry has one.
    fn of_part(&mut self, part: Slice) -> Option<NodeId> {
        if part.width > 1 && self.slopes.whole(part).is_none() {
            let nodes = (0..part.width).map(|k| NodeId::new(part.first.index() + k));
            let present: Vec<bool> = nodes.map(|node| self.slopes.own(node).is_some()).collect();
            if present.contains(&true) && present.contains(&false) {
                self.present.insert(part.first, present);
            }
        }
        self.slopes.of_part(part)
    }

    /// Numbers that are 0 for entries of a vector which do not count, or have no tangent; nothing if there are none.
    fn each_of(&mut self, part: Slice) -> Option<NodeId> {
        if let Some(each) = self.each.get(&part.first) {
            return Some(*each);
        }
        let end = NodeId::new(part.first.index() + part.width);
        let inside = |node: &NodeId| (part.first..end).contains(node);
        let present = self.present.get(&part.first).filter(|_| self.absent);
        if present.is_none() && !self.guarded.keys().any(inside) {
            return None;
        }
        let recorder = self.slopes.recorder();
        let conditions = (0..part.width).map(|k| {
            let guard = self.guarded.get(&NodeId::new(part.first.index() + k));
            let condition = guard.and_then(|guard| self.guards.condition(*guard));
            let is_there = present.is_none_or(|present| present[k]);
            recorder.node(condition.unwrap_or(Var::constant(f64::from(u8::from(is_there)))))
        });
        let conditions: Vec<NodeId> = conditions.collect();
        let each = recorder.push_vector(&conditions);
        self.each.insert(part.first, each);
        Some(each)
    }
}

/// Writes the tangents of all nodes, given those of some inputs and vectors of inputs.
fn all_tangents<'f, 'g>(
    function: &'f Function,
    recorder: &'g Recorder,
    seeds: &[Seed<'g>],
) -> Tangents<'f, 'g> {
    let graph = function.graph();
    let mut tangents = Tangents {
        slopes: Slopes::new(graph, recorder),
        guarded: HashMap::new(),
        each: HashMap::new(),
        present: HashMap::new(),
        absent: graph.has_loops() && chooses_with_poles(graph),
        guards: Guards::new(recorder),
    };
    // A product by an infinite number would make a NaN of what is 0 because it does not count.
    let masks_all = seeds.iter().any(|seed| seed.counts.is_some());
    for seed in seeds {
        let guard = seed
            .counts
            .and_then(|value| tangents.guards.and(Guard::ALWAYS, Condition { value, is: true }));
        let width = match seed.tangent {
            Slope::One(tangent) => {
                tangents.slopes.set(seed.to, tangent);
                1
            }
            Slope::Vector(first) => {
                tangents.slopes.set_vector(seed.to, first);
                graph.part(seed.to).width
            }
        };
        for k in 0..if guard.is_some() { width } else { 0 } {
            let node = NodeId::new(seed.to.index() + k);
            tangents.set_guard(node, guard.unwrap_or(Guard::ALWAYS));
        }
    }
    let mut x: SmallVec<[Var<'g>; 8]> = SmallVec::new();
    for id in graph.heads() {
        let (op, operands) = match graph.node(id) {
            Node::Op(op, operands) => (op, operands),
            Node::Input(_) | Node::Constant(_) => continue,
            Node::Copy(_) => {
                for (k, entry) in graph.vector(id).iter().enumerate() {
                    if let Some(tangent) = tangents.slopes.of(*entry) {
                        let node = NodeId::new(id.index() + k);
                        tangents.slopes.set(node, tangent);
                        let guard = tangents.guard(*entry);
                        tangents.set_guard(node, guard);
                    }
                }
                continue;
            }
            Node::Result { number, operands, .. } => {
                let repeated = graph.repeated(number);
                match &repeated.equations {
                    None => loops::through_loop(&mut tangents, recorder, id, repeated, operands),
                    Some(equations) => {
                        let solved = (&**repeated, equations);
                        implicit::through_equations(&mut tangents, recorder, id, solved, operands);
                    }
                }
                continue;
            }
        };
        if operands.iter().all(|operand| tangents.slopes.of(*operand).is_none()) {
            continue;
        }
        if let Some(root) = function.squared_root(op, operands) {
            let Some(tangent) = tangents.slopes.of(root) else { continue };
            let guard = tangents.guard(root);
            let partial = slope_of_squared_root(operand_var(recorder, graph, root));
            let tangent = tangents.guards.mask(tangent.times(partial), guard);
            tangents.slopes.set(id, tangent);
            tangents.set_guard(id, guard);
            continue;
        }
        x.clear();
        x.extend(operands.iter().map(|&operand| operand_var(recorder, graph, operand)));
        let tangent = |k: usize| tangents.slopes.of(operands[k]);
        let terms = op.chain_all(
            &x,
            recorder.var(id),
            |k| tangent(k).unwrap_or(Var::constant(0.0)),
            |k| tangent(k).is_some(),
        );
        let mut counted: SmallVec<[_; 4]> = SmallVec::new();
        for (operand, term) in operands.iter().zip(terms) {
            if let Some(term) = term.filter(|term| term.value.constant_value() != Some(0.0)) {
                counted.push((term, tangents.guard(*operand)));
            }
        }
        let guards = &mut tangents.guards;
        let (tangent, guard) = if op.has_choices() {
            let chosen = counted.into_iter().filter_map(|(term, guard)| {
                let counts = term.only_if;
                Some((term.value, counts.map_or(Some(guard), |c| guards.and(guard, c))?))
            });
            let chosen = chosen.collect();
            let Some((sum, guard)) = guards.sum(chosen) else { continue };
            (guards.mask(sum, guard), guard)
        } else {
            let (mut sum, mut of_each) = (None, SmallVec::<[Guard; 4]>::new());
            for (term, guard) in counted {
                // A finite partial leaves a tangent of exactly 0 as it is.
                let finite = op.has_finite_partials() && !masks_all;
                let value = if finite { term.value } else { guards.mask(term.value, guard) };
                sum = Some(sum.map_or(value, |sum| sum + value));
                of_each.push(guard);
            }
            let Some(sum) = sum else { continue };
            (sum, guards.any(of_each.into_iter()))
        };
        tangents.slopes.set(id, tangent);
        tangents.set_guard(id, guard);
    }
    tangents
}
