//! Reverse mode: the chain rule from an output back to the inputs, written as new nodes behind the old ones.
//!
//! The adjoint of a node is the sum over its users of their adjoint times their local partial; it is a node like any
//! other. So P and its gradient are one [`Function`], and second derivatives, printing and compilation need nothing new.

mod loops;
mod up_to;
mod waiting;

pub(crate) use loops::read_back;

use std::collections::HashMap;

use smallvec::SmallVec;

use crate::error::Error;
use crate::function::Function;
use crate::graph::{Graph, Loop, Slice};
use crate::guard::Guard;
use crate::inputs::{InputGroup, Inputs, Role};
use crate::loop_writer::input_slices;
use crate::node::{Node, NodeId};
use crate::op::Op;
use crate::record::Recorder;
use crate::scalar::Scalar;
use crate::slopes::{Slope, Slopes};
use crate::var::Var;
use crate::walk::{Feed, Outcome};
use waiting::Waiting;

impl Function {
    /// The gradient by all variables: outputs `dP/dw1`, `dP/dw2`, … in the order of the inputs.
    ///
    /// The result is simplified, keeping IEEE results.
    ///
    /// # Errors
    ///
    /// [`Error::NotScalar`] unless the function has exactly one output.
    ///
    /// # Complexity
    ///
    /// Linear in nodes and edges. The gradient costs at most about four operations for each of the function's own.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let p = Function::record(["w1", "w2", "w3"], |w| {
    ///     3.0 * (w[0] - 2.0 * w[1] + 5.0 * w[2]) - 7.0 * (2.0 * w[0] - w[1] - 6.0)
    /// })?;
    /// assert_eq!(p.gradient()?.eval(&[0.0, 0.0, 0.0])?, [-11.0, 1.0, 15.0]);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn gradient(&self) -> Result<Function, Error> {
        self.gradient_at(&self.inputs().variable_positions(), false)
    }

    /// The gradient by the inputs of these names: single ones, entries (`w[3]`) or whole vectors (`w`).
    ///
    /// # Errors
    ///
    /// [`Error::NotScalar`], [`Error::UnknownName`], or [`Error::DuplicateName`] for an input named twice.
    pub fn gradient_wrt<N: AsRef<str>>(&self, names: &[N]) -> Result<Function, Error> {
        self.gradient_at(&self.inputs().select(names)?, false)
    }

    /// The function and its gradient in one: outputs `P`, `dP/dw1`, `dP/dw2`, …; what they share is computed once.
    ///
    /// # Errors
    ///
    /// As [`Function::gradient`].
    pub fn with_gradient(&self) -> Result<Function, Error> {
        self.gradient_at(&self.inputs().variable_positions(), true)
    }

    pub(crate) fn gradient_at(&self, wrt: &[usize], with_value: bool) -> Result<Function, Error> {
        let function = &*self.with_loops_found();
        let output = function.single_output("a gradient")?;
        let recorder = Recorder::continuing(function.graph().clone());
        if with_value {
            recorder.output(&output.name, recorder.var(output.node));
        }
        let sweep = Sweep::new(function, wrt);
        let adjoints = sweep.all_adjoints(&recorder, &[(output.node, Var::constant(1.0))], &[]);
        function.output_adjoints(&recorder, wrt, &adjoints, |input| {
            format!("d{}/d{input}", output.name)
        });
        drop(adjoints);
        Ok(recorder.finish()?.into_simplified())
    }

    /// The vector-Jacobian product: further inputs `adjoint_P1`, …, one an output, and as outputs the weighted sums of
    /// partial derivatives `Σ_j adjoint_j · ∂P_j/∂w`, named `bar_w1`, …. One reverse sweep.
    ///
    /// # Errors
    ///
    /// [`Error::DuplicateName`] if a name that this makes is taken.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record_many(["x", "y"], |v| vec![v[0] * v[1], v[0] + v[1]])?;
    /// // 10 · ∂(xy) + 1 · ∂(x+y) at (2, 3)
    /// assert_eq!(f.vjp()?.eval(&[2.0, 3.0, 10.0, 1.0])?, [31.0, 21.0]);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn vjp(&self) -> Result<Function, Error> {
        let function = &*self.with_loops_found();
        let wrt = self.inputs().variable_positions();
        let recorder = Recorder::continuing(function.graph().clone());
        let groups = self.outputs().iter().map(|output| InputGroup {
            name: format!("adjoint_{}", output.name),
            length: output.length,
            role: Role::Parameter,
        });
        let mut first = recorder.inputs(Inputs::from_iter(groups))?.into_iter();
        let mut seeds = Vec::new();
        for output in function.outputs() {
            let own: Vec<Var<'_>> = first.by_ref().take(output.count()).collect();
            let slice = Slice { first: output.node, width: output.count() };
            match (output.length, own.as_slice()) {
                (None, &[seed]) => seeds.push((slice, Slope::One(seed))),
                _ if function.graph().part(output.node) == slice => {
                    seeds.extend(own[0].id().map(|first| (slice, Slope::Vector(first))));
                }
                _ => seeds.extend(
                    output
                        .nodes()
                        .zip(own)
                        .map(|(node, seed)| (Slice::one(node), Slope::One(seed))),
                ),
            }
        }
        let sweep = Sweep::new(function, &wrt);
        let adjoints = sweep.adjoints_of_parts(&recorder, &seeds, &[]);
        function.output_adjoints(&recorder, &wrt, &adjoints, |input| format!("bar_{input}"));
        drop(adjoints);
        Ok(recorder.finish()?.into_simplified())
    }

    /// Makes adjoints of inputs outputs: one a vector, where a loop gives it as one.
    fn output_adjoints(
        &self,
        recorder: &Recorder,
        wrt: &[usize],
        adjoints: &Slopes<'_, '_>,
        name: impl Fn(&str) -> String,
    ) {
        let mut vectors = HashMap::new();
        if self.graph().has_loops() {
            for (group, positions) in self.inputs().spans() {
                vectors.insert(positions.start, (group, positions));
            }
        }
        let mut at = 0;
        while let Some(&position) = wrt.get(at) {
            if let Some((group, positions)) = vectors.get(&position)
                && group.length.is_some()
                && wrt[at..]
                    .get(..positions.len())
                    .is_some_and(|wrt| wrt.iter().copied().eq(positions.clone()))
            {
                let first = self.graph().input_nodes()[position];
                let part = Slice { first, width: positions.len() };
                if let Some(vector) = adjoints.whole(part) {
                    recorder.vector_output(name(&group.name), vector, part.width);
                    at += part.width;
                    continue;
                }
            }
            let adjoint = adjoints.of(self.graph().input_nodes()[position]);
            recorder
                .output(name(&self.inputs().name(position)), adjoint.unwrap_or(Var::constant(0.0)));
            at += 1;
        }
    }
}

/// What a reverse sweep over one function needs to know, for one choice of inputs.
pub(crate) struct Sweep<'f> {
    function: &'f Function,
    wrt: Vec<NodeId>,
    /// Whether each node depends differentiably on those inputs.
    active: Vec<bool>,
    /// Whether an adjoint of exactly 0 stays 0 all the way from each node to the inputs; empty if nothing asks.
    finite: Vec<bool>,
}

impl<'f> Sweep<'f> {
    pub(crate) fn new(function: &'f Function, wrt: &[usize]) -> Sweep<'f> {
        let inputs = function.graph().input_nodes();
        Sweep::of_nodes(function, wrt.iter().map(|&position| inputs[position]).collect())
    }

    /// The sweep that ends at these inputs.
    pub(crate) fn of_nodes(function: &'f Function, wrt: Vec<NodeId>) -> Sweep<'f> {
        let active = active(function, &wrt);
        let finite = finite(function.graph(), &active);
        Sweep { function, wrt, active, finite }
    }

    /// Writes the adjoints that flow back from the seeded nodes; gives those of the chosen inputs.
    pub(crate) fn adjoints<'g>(
        &self,
        recorder: &'g Recorder,
        seeds: &[(NodeId, Var<'g>)],
    ) -> Vec<Var<'g>> {
        let adjoints = self.all_adjoints(recorder, seeds, &[]);
        self.wrt.iter().map(|&input| adjoints.of(input).unwrap_or(Var::constant(0.0))).collect()
    }

    /// [`Sweep::adjoints`], of every node that is reached. Those of inputs and of the nodes to be `seen` are exactly 0
    /// where a choice left their branch out; others may be anything there.
    pub(crate) fn all_adjoints<'g>(
        &self,
        recorder: &'g Recorder,
        seeds: &[(NodeId, Var<'g>)],
        seen: &[NodeId],
    ) -> Slopes<'f, 'g> {
        let seeds: Vec<_> =
            seeds.iter().map(|&(node, seed)| (Slice::one(node), Slope::One(seed))).collect();
        self.adjoints_of_parts(recorder, &seeds, seen)
    }

    /// [`Sweep::all_adjoints`], with seeds for vectors too.
    pub(crate) fn adjoints_of_parts<'g>(
        &self,
        recorder: &'g Recorder,
        seeds: &[(Slice, Slope<'g>)],
        seen: &[NodeId],
    ) -> Slopes<'f, 'g> {
        self.flow(recorder, seeds, seen, None).finish()
    }

    /// Adjoints on their way to the inputs; if there are loops to stop at, what comes to these and to inputs is still waiting.
    fn flow<'g>(
        &self,
        recorder: &'g Recorder,
        seeds: &[(Slice, Slope<'g>)],
        seen: &[NodeId],
        stops: Option<&[NodeId]>,
    ) -> Waiting<'f, 'g> {
        let graph = self.function.graph();
        let mut waiting = Waiting::new(graph, recorder);
        let mut masked: Vec<(NodeId, Var<'g>)> = Vec::new();
        for &(slice, seed) in seeds {
            match seed {
                Slope::One(seed) => waiting.add(slice.first, seed, Guard::ALWAYS),
                Slope::Vector(seed) => waiting.add_vector(slice.first, seed, Guard::ALWAYS),
            }
        }
        let last = seeds.iter().map(|(slice, _)| slice.first).max();
        let mut x: SmallVec<[Var<'g>; 8]> = SmallVec::new();
        for id in graph.heads().rev().skip_while(|head| last.is_none_or(|last| *head > last)) {
            let (op, operands) = match graph.node(id) {
                Node::Op(op, operands) => (op, operands),
                Node::Result { number, operands, .. } => {
                    if stops.is_none_or(|stops| !stops.contains(&id)) {
                        let repeated = graph.repeated(number);
                        self.through_loop(&mut waiting, recorder, id, repeated, operands);
                    }
                    continue;
                }
                Node::Copy(_) => {
                    self.through_vector(&mut waiting, recorder, id);
                    continue;
                }
                Node::Input(_) | Node::Constant(_) => {
                    if stops.is_none() {
                        end(&mut waiting, graph.part(id));
                    }
                    continue;
                }
            };
            let Some((adjoint, guard)) = waiting.take(id) else { continue };
            if guard != Guard::ALWAYS && seen.binary_search(&id).is_ok() {
                masked.push((id, waiting.guards.mask(adjoint, guard)));
            }
            waiting.set(id, adjoint);
            if !self.active[id.index()] {
                continue;
            }
            if let Some(root) = self.function.squared_root(op, operands) {
                let partial = slope_of_squared_root(operand_var(recorder, graph, root));
                waiting.add(root, adjoint.times(partial), guard);
                continue;
            }
            x.clear();
            x.extend(operands.iter().map(|&operand| operand_var(recorder, graph, operand)));
            let wanted = |k: usize| self.active[operands[k].index()];
            let terms = op.chain_all(&x, recorder.var(id), |_| adjoint, wanted);
            for (&operand, term) in operands.iter().zip(terms) {
                let Some(term) = term else { continue };
                match term.only_if {
                    None => waiting.add(operand, term.value, guard),
                    // The value itself decides, so it is finite, and so is what is behind it: 0 stays 0.
                    Some(_) if op != Op::Select && self.finite[operand.index()] => {
                        waiting.add(operand, term.routed(), guard);
                    }
                    Some(condition) => {
                        if let Some(guard) = waiting.guards.and(guard, condition) {
                            waiting.add(operand, term.value, guard);
                        }
                    }
                }
            }
        }
        for (node, adjoint) in masked {
            waiting.set(node, adjoint);
        }
        waiting
    }

    /// What comes to a vector goes to its entries.
    fn through_vector<'g>(
        &self,
        waiting: &mut Waiting<'_, 'g>,
        recorder: &'g Recorder,
        head: NodeId,
    ) {
        let graph = self.function.graph();
        let part = graph.part(head);
        let whole = if waiting.has_vector(part) { waiting.take_part(part) } else { None };
        for (k, &entry) in graph.vector(head).iter().enumerate() {
            let place = NodeId::new(head.index() + k);
            let own = match whole {
                Some((Slope::Vector(first), guard)) => {
                    Some((recorder.var(NodeId::new(first.index() + k)), guard))
                }
                Some((Slope::One(adjoint), guard)) => Some((adjoint, guard)),
                None => waiting.take(place),
            };
            if let Some((adjoint, guard)) = own.filter(|_| self.active[entry.index()]) {
                waiting.add(entry, adjoint, guard);
            }
        }
    }
}

/// What comes to inputs and numbers stays there, exactly 0 where it does not count.
fn end(waiting: &mut Waiting<'_, '_>, part: Slice) {
    if waiting.has_vector(part) {
        if let Some((adjoint, guard)) = waiting.take_part(part)
            && let Slope::Vector(vector) = waiting.masked(adjoint, part.width, guard)
        {
            waiting.set_vector(part.first, vector);
        }
        return;
    }
    for node in waiting.nodes_of(part) {
        if let Some((adjoint, guard)) = waiting.take(node) {
            let adjoint = waiting.guards.mask(adjoint, guard);
            waiting.set(node, adjoint);
        }
    }
}

/// A node as a variable; numbers as constants, so that what they make can be computed at once.
pub(crate) fn operand_var<'g>(recorder: &'g Recorder, graph: &crate::Graph, id: NodeId) -> Var<'g> {
    match graph.node(id) {
        Node::Constant(number) => Var::constant(number),
        _ => recorder.var(id),
    }
}

impl Function {
    /// [`squared_root`] of a root that nothing else reads and nobody has named: who has, sees its own adjoint.
    pub(crate) fn squared_root(&self, op: Op, operands: &[NodeId]) -> Option<NodeId> {
        let (graph, s) = (self.graph(), squared_root(self.graph(), op, operands)?);
        let root = operands[0];
        let alone = graph.users().of(root).len() == 1;
        let shown = graph.given_name(root).is_some()
            || self.outputs().iter().any(|output| output.node == root);
        (alone && !shown).then_some(s)
    }
}

/// `s`, if the operation squares `√s`: its slope is 1, at 0 too, where the ways of root and square are ∞ and 0.
pub(crate) fn squared_root(graph: &Graph, op: Op, operands: &[NodeId]) -> Option<NodeId> {
    let squares = match (op, operands) {
        (Op::Square, _) => true,
        (Op::Powi, [_, n]) => matches!(graph.node(*n), Node::Constant(2.0)),
        _ => false,
    };
    match graph.node(*operands.first().filter(|_| squares)?) {
        Node::Op(Op::Sqrt, &[s]) => Some(s),
        _ => None,
    }
}

/// The slope of `(√s)²` by `s`: 1 where there is a root.
pub(crate) fn slope_of_squared_root<S: Scalar>(s: S) -> S {
    S::select(s.less(S::constant(0.0)), S::constant(f64::NAN), S::constant(1.0))
}

/// Which nodes depend differentiably on the given ones.
pub(crate) fn active(function: &Function, wrt: &[NodeId]) -> Vec<bool> {
    let graph = function.graph();
    let mut active = vec![false; graph.len()];
    for input in wrt {
        active[input.index()] = true;
    }
    for id in graph.heads() {
        match graph.node(id) {
            Node::Op(op, operands) => {
                active[id.index()] = operands
                    .iter()
                    .enumerate()
                    .any(|(k, operand)| active[operand.index()] && op.differentiable(k));
            }
            Node::Copy(_) => {
                for (k, entry) in graph.vector(id).iter().enumerate() {
                    active[id.index() + k] = active[entry.index()];
                }
            }
            Node::Result { number, operands, .. } => {
                let repeated = graph.repeated(number);
                let inputs = active_inputs(graph, repeated, operands, &active);
                let (inputs, outputs) = active_in_body(repeated, inputs);
                for (outcome, place) in repeated.places() {
                    let is_active = match outcome {
                        Outcome::Last { input } => inputs[input],
                        Outcome::Sequence { output } | Outcome::Sum { output } => outputs[output],
                        Outcome::Target { target } => repeated.targets[target]
                            .writes
                            .iter()
                            .any(|(output, _)| outputs[*output]),
                    };
                    active[id.index() + place.start..id.index() + place.end].fill(is_active);
                }
            }
            Node::Input(_) | Node::Constant(_) => {}
        }
    }
    active
}

/// Whether each input of a body depends on what is active around it, in the first iteration.
pub(crate) fn active_inputs(
    graph: &Graph,
    repeated: &Loop,
    operands: &[NodeId],
    active: &[bool],
) -> Vec<bool> {
    let read = |operand: Option<usize>| {
        operand.is_some_and(|operand| {
            let part = graph.part(operands[operand]);
            active[part.first.index()..part.first.index() + part.width].contains(&true)
        })
    };
    repeated.operand_places().map(read).collect()
}

/// Which inputs and outputs of a body are active, if these inputs are in the first iteration.
pub(crate) fn active_in_body(repeated: &Loop, mut inputs: Vec<bool>) -> (Vec<bool>, Vec<bool>) {
    let function = repeated.body.to_function();
    let slices = input_slices(function.graph());
    loop {
        let each = slices.iter().zip(&inputs).filter(|(_, active)| **active);
        let wrt: Vec<NodeId> = each
            .flat_map(|(slice, _)| (0..slice.width).map(|k| NodeId::new(slice.first.index() + k)))
            .collect();
        let nodes = active(&function, &wrt);
        let is_active = |slice: &Slice| {
            nodes[slice.first.index()..slice.first.index() + slice.width].contains(&true)
        };
        let outputs: Vec<bool> = repeated.body.outputs.iter().map(is_active).collect();
        let mut changed = false;
        for (input, feed) in repeated.feeds.iter().enumerate() {
            if let Feed::Carried { from } = *feed {
                changed |= outputs[from] && !inputs[input];
                inputs[input] |= outputs[from];
            }
        }
        if !changed {
            return (inputs, outputs);
        }
    }
}

/// Whether each node is made by operations with finite partials alone, so that it and all behind it are finite where it
/// is; empty if no operation chooses by its own operands.
fn finite(graph: &Graph, active: &[bool]) -> Vec<bool> {
    let chooses = |id: NodeId| matches!(graph.node(id), Node::Op(op, _) if op != Op::Select && op.has_choices());
    if !graph.heads().any(|id| active[id.index()] && chooses(id)) {
        return Vec::new();
    }
    let mut finite = vec![true; graph.len()];
    for id in graph.heads() {
        if let Node::Op(op, operands) = graph.node(id) {
            // What is divided by a number is multiplied by one.
            let scales = op == Op::Div
                && matches!(graph.node(operands[1]), Node::Constant(number) if number != 0.0);
            finite[id.index()] = (op.has_finite_partials() || scales)
                && operands.iter().all(|operand| finite[operand.index()]);
        } else if let Node::Copy(_) | Node::Result { .. } = graph.node(id) {
            // What a loop does on the way is not looked into.
            finite[id.index()..id.index() + graph.width(id)].fill(false);
        }
    }
    finite
}
