//! Reverse mode: the chain rule from an output back to the inputs, written as new nodes behind the old ones.
//!
//! The adjoint of a node is the sum over its users of their adjoint times their local partial; it is a node like any
//! other. So P and its gradient are one [`Function`], and second derivatives, printing and compilation need nothing new.

mod activity;
mod implicit;
mod loops;
mod roots;
mod up_to;
mod waiting;

pub(crate) use loops::read_back;
pub(crate) use up_to::Stop;

use std::collections::HashMap;

use smallvec::SmallVec;

use crate::error::Error;
use crate::function::Function;
use crate::graph::{Loop, Slice};
use crate::guard::Guard;
use crate::inputs::{InputGroup, Inputs, Role};
use crate::loop_writer::input_slices;
use crate::node::{Node, NodeId};
use crate::op::{Condition, Op};
use crate::record::Recorder;
use crate::scalar::Scalar;
use crate::slopes::{Slope, Slopes};
use crate::var::Var;
use crate::walk::Feed;
use activity::finite;
pub(crate) use activity::{active, active_in_body, active_inputs, chooses_with_poles};
pub(crate) use roots::{slope_of_squared_root, squared_root};
use waiting::{Taken, Waiting};

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
        let function = &*self.rolled();
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
        let function = &*self.rolled();
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
            match own.as_slice() {
                // A vector of one entry is a value like any other.
                &[seed] => seeds.push((slice, Slope::One(seed))),
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

/// An adjoint that a sweep starts with.
struct Seed<'g> {
    to: Slice,
    adjoint: Slope<'g>,
    /// Where this is 0, the adjoint does not count: nothing flows back.
    counts: Option<Var<'g>>,
}

/// Deals with a loop that a sweep comes to, or tells that it is to be gone through.
type Stops<'s, 'f, 'g> = dyn FnMut(&mut Waiting<'f, 'g>, NodeId) -> bool + 's;

/// What a reverse sweep over one function needs to know, for one choice of inputs.
pub(crate) struct Sweep<'f> {
    function: &'f Function,
    wrt: Vec<NodeId>,
    /// Whether each node depends differentiably on those inputs.
    active: Vec<bool>,
    /// Whether an adjoint of exactly 0 stays 0 all the way from each node to the inputs; empty if nothing asks.
    finite: Vec<bool>,
    /// Whether inputs are of a loop's body, with more behind them.
    is_body: bool,
    /// Whether it matters that an entry of a vector has no adjoint, where it could have one of 0.
    absent: bool,
}

impl<'f> Sweep<'f> {
    pub(crate) fn new(function: &'f Function, wrt: &[usize]) -> Sweep<'f> {
        let inputs = function.graph().input_nodes();
        Sweep::of_nodes(function, wrt.iter().map(|&position| inputs[position]).collect())
    }

    /// The sweep that ends at these inputs.
    pub(crate) fn of_nodes(function: &'f Function, wrt: Vec<NodeId>) -> Sweep<'f> {
        let active = active(function, &wrt);
        let finite = finite(function.graph(), &active, &[]);
        let absent = function.graph().has_loops() && chooses_with_poles(function.graph());
        Sweep { function, wrt, active, finite, is_body: false, absent }
    }

    /// The sweep over a body, which ends at its active inputs. Behind what is read of loops and behind states there may be
    /// anything that the loop and the graph around do.
    fn of_body(
        function: &'f Function,
        repeated: &Loop,
        inputs: &[bool],
        around: &[bool],
    ) -> Sweep<'f> {
        let slices = input_slices(function.graph());
        let active_slices = slices.iter().zip(inputs).filter(|(_, active)| **active);
        let wrt: Vec<NodeId> = active_slices
            .flat_map(|(slice, _)| (0..slice.width).map(|k| NodeId::new(slice.first.index() + k)))
            .collect();
        let active = active(function, &wrt);
        let mut behind: Vec<(Slice, bool)> =
            slices.into_iter().zip(around.iter().copied()).collect();
        loop {
            let finite = finite(function.graph(), &active, &behind);
            let mut changed = false;
            for (input, feed) in repeated.feeds.iter().enumerate() {
                if let Feed::Carried { from } = feed
                    && !finite[repeated.body.outputs[*from].first.index()]
                {
                    changed |= std::mem::replace(&mut behind[input].1, false);
                }
            }
            if !changed {
                let absent = chooses_with_poles(function.graph());
                return Sweep { function, wrt, active, finite, is_body: true, absent };
            }
        }
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
        let seed = |&(to, adjoint): &(Slice, Slope<'g>)| Seed { to, adjoint, counts: None };
        let seeds: Vec<Seed<'g>> = seeds.iter().map(seed).collect();
        self.swept(recorder, &seeds, seen, None).finish()
    }

    /// [`Sweep::adjoints_of_parts`], with seeds that may not count, and with what is known of where results count. If
    /// there are `stops`, it is told each loop, and whether that is dealt with; what comes to inputs is still waiting then.
    fn swept<'g>(
        &self,
        recorder: &'g Recorder,
        seeds: &[Seed<'g>],
        seen: &[NodeId],
        mut stops: Option<&mut Stops<'_, 'f, 'g>>,
    ) -> Waiting<'f, 'g> {
        let graph = self.function.graph();
        let mut waiting = Waiting::new(graph, recorder, self.absent);
        let mut masked: Vec<(NodeId, Var<'g>)> = Vec::new();
        for seed in seeds {
            let guard = match seed.counts {
                None => Guard::ALWAYS,
                Some(value) => {
                    match waiting.guards.and(Guard::ALWAYS, Condition { value, is: true }) {
                        Some(guard) => guard,
                        None => continue,
                    }
                }
            };
            match seed.adjoint {
                Slope::One(adjoint) => waiting.add(seed.to.first, adjoint, guard),
                Slope::Vector(adjoint) => waiting.add_vector(seed.to.first, adjoint, guard, None),
            }
        }
        let last = seeds.iter().map(|seed| seed.to.first).max();
        let mut x: SmallVec<[Var<'g>; 8]> = SmallVec::new();
        for id in graph.heads().rev().skip_while(|head| last.is_none_or(|last| *head > last)) {
            let (op, operands) = match graph.node(id) {
                Node::Op(op, operands) => (op, operands),
                Node::Result { number, operands, .. } => {
                    let repeated = graph.repeated(number);
                    if let Some(equations) = &repeated.equations {
                        let solved = (&**repeated, equations);
                        self.through_equations(&mut waiting, recorder, id, solved, operands);
                        continue;
                    }
                    if !stops.as_mut().is_some_and(|stops| stops(&mut waiting, id)) {
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
                        waiting.end(graph.part(id));
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
            let at = |first: NodeId| recorder.var(NodeId::new(first.index() + k));
            let own = match whole {
                Some(Taken { adjoint: Slope::One(adjoint), guard, .. }) => Some((adjoint, guard)),
                Some(Taken { adjoint: Slope::Vector(first), guard, each: None }) => {
                    Some((at(first), guard))
                }
                Some(Taken { adjoint: Slope::Vector(first), guard, each: Some(each) }) => {
                    let counts = Condition { value: at(each), is: true };
                    waiting.guards.and(guard, counts).map(|guard| (at(first), guard))
                }
                None => waiting.take(NodeId::new(head.index() + k)),
            };
            if let Some((adjoint, guard)) = own.filter(|_| self.active[entry.index()]) {
                waiting.add(entry, adjoint, guard);
            }
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
