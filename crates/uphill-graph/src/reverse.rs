//! Reverse mode: the chain rule from an output back to the inputs, written as new nodes behind the old ones.
//!
//! The adjoint of a node is the sum over its users of their adjoint times their local partial; it is a node like any
//! other. So P and its gradient are one [`Function`], and second derivatives, printing and compilation need nothing new.

use std::collections::HashMap;

use smallvec::SmallVec;

use crate::error::Error;
use crate::function::{Function, Output};
use crate::graph::Graph;
use crate::guard::{Guard, Guarded, Guards};
use crate::inputs::Inputs;
use crate::node::{Node, NodeId};
use crate::op::Op;
use crate::record::Recorder;
use crate::scalar::Scalar;
use crate::var::Var;

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

    fn gradient_at(&self, wrt: &[usize], with_value: bool) -> Result<Function, Error> {
        let output = self.single_output("a gradient")?;
        let recorder = Recorder::continuing(self.graph().clone());
        if with_value {
            recorder.output(&output.name, recorder.var(output.node));
        }
        let adjoints =
            Sweep::new(self, wrt).adjoints(&recorder, &[(output.node, Var::constant(1.0))]);
        for (&position, adjoint) in wrt.iter().zip(adjoints) {
            let name = format!("d{}/d{}", output.name, self.inputs().name(position));
            recorder.output(name, adjoint);
        }
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
        let wrt = self.inputs().variable_positions();
        let recorder = Recorder::continuing(self.graph().clone());
        let seeds = self.output_names().map(|name| format!("adjoint_{name}"));
        let seeds = seeds.fold(Inputs::new(), |inputs, name| inputs.parameter(name));
        let seeds = recorder.inputs(seeds)?;
        let seeds: Vec<_> = self.outputs().iter().map(|output| output.node).zip(seeds).collect();
        let adjoints = Sweep::new(self, &wrt).adjoints(&recorder, &seeds);
        for (&position, adjoint) in wrt.iter().zip(adjoints) {
            recorder.output(format!("bar_{}", self.inputs().name(position)), adjoint);
        }
        Ok(recorder.finish()?.into_simplified())
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

/// Adjoints on their way: sums of what counts always, and what still has a guard.
struct Waiting<'g> {
    sums: Vec<Option<Var<'g>>>,
    guarded: HashMap<NodeId, SmallVec<[Guarded<'g>; 4]>>,
    guards: Guards<'g>,
}

impl<'f> Sweep<'f> {
    pub(crate) fn new(function: &'f Function, wrt: &[usize]) -> Sweep<'f> {
        let inputs = function.graph().input_nodes();
        let wrt: Vec<NodeId> = wrt.iter().map(|&position| inputs[position]).collect();
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
        self.wrt.iter().map(|input| adjoints[input.index()].unwrap_or(Var::constant(0.0))).collect()
    }

    /// [`Sweep::adjoints`], of every node that is reached. Those of inputs and of the nodes to be `seen` are exactly 0
    /// where a choice left their branch out; others may be anything there.
    pub(crate) fn all_adjoints<'g>(
        &self,
        recorder: &'g Recorder,
        seeds: &[(NodeId, Var<'g>)],
        seen: &[NodeId],
    ) -> Vec<Option<Var<'g>>> {
        let graph = self.function.graph();
        let mut waiting = Waiting {
            sums: vec![None; graph.len()],
            guarded: HashMap::new(),
            guards: Guards::new(recorder),
        };
        let mut masked: Vec<(NodeId, Var<'g>)> = Vec::new();
        for &(node, seed) in seeds {
            waiting.add(node, seed, Guard::ALWAYS);
        }
        let last = seeds.iter().map(|(node, _)| node.index() + 1).max().unwrap_or(0);
        let mut x: SmallVec<[Var<'g>; 8]> = SmallVec::new();
        for id in graph.ids().take(last).rev() {
            let Some((adjoint, guard)) = waiting.take(id) else { continue };
            let Node::Op(op, operands) = graph.node(id) else {
                waiting.sums[id.index()] = Some(waiting.guards.mask(adjoint, guard));
                continue;
            };
            if guard != Guard::ALWAYS && seen.binary_search(&id).is_ok() {
                masked.push((id, waiting.guards.mask(adjoint, guard)));
            }
            waiting.sums[id.index()] = Some(adjoint);
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
            waiting.sums[node.index()] = Some(adjoint);
        }
        waiting.sums
    }
}

impl<'g> Waiting<'g> {
    fn add(&mut self, node: NodeId, term: Var<'g>, guard: Guard) {
        if term.constant_value() == Some(0.0) {
            return;
        }
        if guard == Guard::ALWAYS {
            let sum = &mut self.sums[node.index()];
            *sum = Some(sum.map_or(term, |sum| sum + term));
        } else {
            self.guarded.entry(node).or_default().push((term, guard));
        }
    }

    /// The adjoint of a node, all of whose users were there, and where it counts.
    #[inline]
    fn take(&mut self, node: NodeId) -> Option<Guarded<'g>> {
        let sum = self.sums[node.index()].map(|sum| (sum, Guard::ALWAYS));
        if self.guarded.is_empty() {
            return sum;
        }
        let Some(mut terms) = self.guarded.remove(&node) else { return sum };
        if let Some(sum) = sum {
            terms.insert(0, sum);
        }
        self.guards.sum(terms)
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
    for id in graph.ids() {
        if let Node::Op(op, operands) = graph.node(id) {
            active[id.index()] = operands
                .iter()
                .enumerate()
                .any(|(k, operand)| active[operand.index()] && op.differentiable(k));
        }
    }
    active
}

/// Whether each node is made by operations with finite partials alone, so that it and all behind it are finite where it
/// is; empty if no operation chooses by its own operands.
fn finite(graph: &Graph, active: &[bool]) -> Vec<bool> {
    let chooses = |id: NodeId| matches!(graph.node(id), Node::Op(op, _) if op != Op::Select && op.has_choices());
    if !graph.ids().any(|id| active[id.index()] && chooses(id)) {
        return Vec::new();
    }
    let mut finite = vec![true; graph.len()];
    for id in graph.ids() {
        if let Node::Op(op, operands) = graph.node(id) {
            // What is divided by a number is multiplied by one.
            let scales = op == Op::Div
                && matches!(graph.node(operands[1]), Node::Constant(number) if number != 0.0);
            finite[id.index()] = (op.has_finite_partials() || scales)
                && operands.iter().all(|operand| finite[operand.index()]);
        }
    }
    finite
}

impl Output {
    pub(crate) fn new(name: impl Into<String>, node: NodeId) -> Output {
        Output { name: name.into(), node }
    }
}
