//! Forward mode on graphs: tangents written as new nodes; Jacobian-vector and Hessian-vector products.

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
use crate::record::Recorder;
use crate::reverse::{operand_var, slope_of_squared_root};
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
        let function = &*self.with_loops_found();
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
        let mut tangents = all_tangents(function, &recorder, &seeds);
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
    let tangents = all_tangents(function, recorder, &known);
    nodes.iter().map(|&node| tangents.of(node)).collect()
}

/// Writes the tangents of all nodes, given those of some inputs and vectors of inputs.
fn all_tangents<'f, 'g>(
    function: &'f Function,
    recorder: &'g Recorder,
    seeds: &[(NodeId, Slope<'g>)],
) -> Slopes<'f, 'g> {
    let graph = function.graph();
    let mut tangents = Slopes::new(graph, recorder);
    // Where a tangent counts, if not always; it is exactly 0 elsewhere.
    let mut guarded: HashMap<NodeId, Guard> = HashMap::new();
    let mut guards = Guards::new(recorder);
    for &(input, seed) in seeds {
        match seed {
            Slope::One(seed) => tangents.set(input, seed),
            Slope::Vector(first) => tangents.set_vector(input, first),
        }
    }
    let mut x: SmallVec<[Var<'g>; 8]> = SmallVec::new();
    for id in graph.heads() {
        let (op, operands) = match graph.node(id) {
            Node::Op(op, operands) => (op, operands),
            Node::Input(_) | Node::Constant(_) => continue,
            Node::Copy(_) => {
                for (k, entry) in graph.vector(id).iter().enumerate() {
                    if let Some(tangent) = tangents.of(*entry) {
                        tangents.set(NodeId::new(id.index() + k), tangent);
                    }
                }
                continue;
            }
            Node::Result { number, operands, .. } => {
                loops::through_loop(&mut tangents, recorder, id, graph.repeated(number), operands);
                continue;
            }
        };
        if operands.iter().all(|operand| tangents.of(*operand).is_none()) {
            continue;
        }
        if let Some(root) = function.squared_root(op, operands) {
            let Some(tangent) = tangents.of(root) else { continue };
            let guard = guarded.get(&root).copied().unwrap_or(Guard::ALWAYS);
            let partial = slope_of_squared_root(operand_var(recorder, graph, root));
            let tangent = guards.mask(tangent.times(partial), guard);
            tangents.set(id, tangent);
            if guard != Guard::ALWAYS {
                guarded.insert(id, guard);
            }
            continue;
        }
        x.clear();
        x.extend(operands.iter().map(|&operand| operand_var(recorder, graph, operand)));
        let tangent = |k: usize| tangents.of(operands[k]);
        let terms = op.chain_all(
            &x,
            recorder.var(id),
            |k| tangent(k).unwrap_or(Var::constant(0.0)),
            |k| tangent(k).is_some(),
        );
        let terms = operands.iter().zip(terms).filter_map(|(operand, term)| {
            let term = term.filter(|term| term.value.constant_value() != Some(0.0))?;
            Some((term, guarded.get(operand).copied().unwrap_or(Guard::ALWAYS)))
        });
        let (tangent, guard) = if op.has_choices() {
            let chosen = terms.filter_map(|(term, guard)| {
                let counts = term.only_if;
                Some((term.value, counts.map_or(Some(guard), |c| guards.and(guard, c))?))
            });
            let chosen = chosen.collect();
            let Some((sum, guard)) = guards.sum(chosen) else { continue };
            (guards.mask(sum, guard), guard)
        } else {
            let (mut sum, mut of_each) = (None, SmallVec::<[Guard; 4]>::new());
            for (term, guard) in terms {
                // A finite partial leaves a tangent of exactly 0 as it is.
                let finite = op.has_finite_partials();
                let value = if finite { term.value } else { guards.mask(term.value, guard) };
                sum = Some(sum.map_or(value, |sum| sum + value));
                of_each.push(guard);
            }
            let Some(sum) = sum else { continue };
            (sum, guards.any(of_each.into_iter()))
        };
        tangents.set(id, tangent);
        if guard != Guard::ALWAYS {
            guarded.insert(id, guard);
        }
    }
    tangents
}
