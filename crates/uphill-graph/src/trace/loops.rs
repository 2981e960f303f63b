//! Traces of functions with loops: the lines of some iterations, between those of the graph around.

use std::collections::BTreeSet;

use super::{Adjoint, Line, Sweep, TRACE_VERSION, Trace};
use crate::birth;
use crate::error::Error;
use crate::formula_text::Style;
use crate::function::Function;
use crate::graph::{Loop, Slice};
use crate::layout::{Bodies, Detail, Layout, Turn, joined};
use crate::node::{Node, NodeId};
use crate::place_text::{Called, Names};
use crate::print::number;
use crate::rerun::Rerun;
use crate::walk::{Feed, Outcome, Walk};

/// Of longer vectors of inputs those entries are told that are read.
const SHORT: usize = 32;
/// Of longer vectors the first entries are told.
const MOST_ENTRIES: usize = 8;

/// Which iterations of loops are told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Iterations {
    /// The first and the last one.
    #[default]
    FirstAndLast,
    /// The ones of these numbers, counted from 0, so far as a loop has them.
    These(Vec<usize>),
}

impl Function {
    /// Traces the function at `x`, and some iterations of its loops.
    ///
    /// What a loop's body computes has the iteration behind its name: `y[i=0]`. A state is called so before its iteration,
    /// and by its name alone behind the loop; a term of a sum is called as the sum. Of vectors of more than 32 inputs
    /// those are told that these iterations read. On the way back, adjoints are those of inputs, without terms: each
    /// goes through all iterations.
    ///
    /// Without loops this is [`Function::trace_with`].
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`].
    ///
    /// # Complexity
    ///
    /// That of a few evaluations of the function and of the gradient of each output.
    ///
    /// ```
    /// use uphill_graph::{At, Detail, Function, Inputs, Iterations, Scalar, Var, loops};
    /// let p = Function::record(Inputs::new().variables("x", 4), |x| {
    ///     loops::fold(0..4, x[0], |i, s: Var<'_>| (s + x.at(i)).named("sum") * 0.5)
    /// })?;
    /// let expected = "\
    /// uphill trace 1
    /// forward
    ///   x[0]     = 2
    ///   x[1]     = 4
    ///   x[2]     = 6
    ///   x[3]     = 8
    ///   s1[i=1]  = next s1 of i=0 = 2
    ///   sum[i=1] = s1[i=1] + x[1] = 6
    ///   s1[i=2]  = sum[i=1]*0.5 = 3
    ///   s1       = next s1 of i=3 = 6.25
    ///   P        = s1 = 6.25
    /// backward
    ///   dP/dx[0] = 0.125
    ///   dP/dx[1] = 0.125
    ///   dP/dx[2] = 0.25
    ///   dP/dx[3] = 0.5
    /// ";
    /// let second = Iterations::These(vec![1]);
    /// let trace = p.trace_iterations(&[2.0, 4.0, 6.0, 8.0], Detail::Shared, &second)?;
    /// assert_eq!(trace.to_string(), expected);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn trace_iterations(
        &self,
        x: &[f64],
        detail: Detail,
        iterations: &Iterations,
    ) -> Result<Trace, Error> {
        match self.graph().is_written_out() {
            false => trace(self, x, detail, iterations),
            true => self.trace_with(x, detail),
        }
    }
}

fn trace(
    function: &Function,
    x: &[f64],
    detail: Detail,
    iterations: &Iterations,
) -> Result<Trace, Error> {
    let function = &*function.with_single_outputs();
    let values = function.node_values(x)?;
    let graph = function.graph();
    let (layout, names) = Layout::with_names(function, detail, Bodies::Traced);
    let short = graph.inputs().spans().filter(|(_, positions)| positions.len() <= SHORT);
    let read: BTreeSet<usize> = short.flat_map(|(_, positions)| positions).collect();
    let mut telling = Telling { function, detail, iterations, names, read, lines: Vec::new() };
    telling.lines(&layout, &values, None, &[]);
    for &(name, node) in &layout.aliases {
        let formula = Some(layout.label(node));
        telling.line(name.into(), node, formula, values[node.index()], true);
    }
    let mut troubles = Vec::new();
    for output in function.outputs() {
        telling.read_by(&layout, output.node);
        let value = values[output.node.index()];
        if !value.is_finite() {
            let story = birth::story(function, &values, output.node);
            troubles.push(format!("{} = {}: {story}", output.name, number(value, None)));
        }
    }
    let Telling { read, lines, .. } = telling;
    let mut backward = Vec::new();
    for output in function.outputs() {
        backward.push(sweep(function, &output.name, x, &read, &mut troubles)?);
    }
    let inputs = read.iter().map(|&position| {
        let node = graph.input_nodes()[position];
        let name = graph.inputs().name(position);
        Line { name, node, formula: None, value: x[position], named: true }
    });
    Ok(Trace {
        version: TRACE_VERSION,
        function: function.signature(),
        forward: inputs.chain(lines).collect(),
        backward,
        troubles,
    })
}

/// The adjoints of inputs; of those on which the output does not depend there is none.
fn sweep(
    function: &Function,
    output: &str,
    x: &[f64],
    read: &BTreeSet<usize>,
    troubles: &mut Vec<String>,
) -> Result<Sweep, Error> {
    let groups: Vec<String> =
        function.inputs().groups().iter().map(|group| group.name.clone()).collect();
    let gradient = function.select(&[output])?.gradient_wrt(&groups)?;
    let gradient = gradient.with_single_outputs();
    let values = gradient.node_values(x)?;
    let mut known_trouble = false;
    let mut adjoints = Vec::new();
    for (position, derivative) in gradient.outputs().iter().enumerate() {
        let value = values[derivative.node.index()];
        if !value.is_finite() && !known_trouble {
            known_trouble = true;
            let story = birth::story(&gradient, &values, derivative.node);
            troubles.push(format!("{} = {}: {story}", derivative.name, number(value, None)));
        }
        let is_zero = matches!(gradient.graph().node(derivative.node), Node::Constant(0.0));
        if read.contains(&position) && !is_zero {
            let node = function.graph().input_nodes()[position];
            let name = function.inputs().name(position);
            adjoints.push(Adjoint { name, node, input: true, value, terms: Vec::new() });
        }
    }
    Ok(Sweep { output: output.into(), adjoints })
}

struct Telling<'a> {
    function: &'a Function,
    detail: Detail,
    iterations: &'a Iterations,
    names: Names,
    /// The positions of the inputs that are told.
    read: BTreeSet<usize>,
    lines: Vec<Line>,
}

impl Telling<'_> {
    fn line(
        &mut self,
        name: String,
        node: NodeId,
        formula: Option<String>,
        value: f64,
        named: bool,
    ) {
        self.lines.push(Line { name, node, formula, value, named });
    }

    /// Inputs that a formula reads are told.
    fn read_by(&mut self, layout: &Layout<'_>, id: NodeId) {
        for id in layout.atoms(id).into_iter().chain([id]) {
            if matches!(layout.graph.node(id), Node::Input(_)) {
                let called = layout.label(id);
                let positions = self.function.inputs().positions(&called);
                self.read.extend(positions.ok().filter(|one| one.len() == 1).into_iter().flatten());
            }
        }
    }

    /// The lines of a graph; those of a body belong to the first result of the outermost loop around it.
    fn lines(
        &mut self,
        layout: &Layout<'_>,
        values: &[f64],
        of: Option<NodeId>,
        around: &[(String, usize)],
    ) {
        let mut blocks = layout.blocks.iter().peekable();
        for number in 0..=layout.lines.len() {
            while let Some((_, head)) = blocks.next_if(|(before, _)| *before == number) {
                match layout.graph.loop_of(*head) {
                    Some(repeated) => self.repeat(layout, values, *head, repeated, of, around),
                    None => self.vector(layout, values, *head, of),
                }
            }
            if let Some(&id) = layout.lines.get(number) {
                self.read_by(layout, id);
                let formula = layout.formula(id, &Style::TRACE);
                let (value, named) = (values[id.index()], !layout.is_numbered(id));
                self.line(layout.label(id), of.unwrap_or(id), Some(formula), value, named);
            }
        }
    }

    fn vector(&mut self, layout: &Layout<'_>, values: &[f64], head: NodeId, of: Option<NodeId>) {
        for k in 0..layout.graph.width(head).min(MOST_ENTRIES) {
            let id = NodeId::new(head.index() + k);
            let formula = match layout.graph.node(id) {
                Node::Copy(from) => {
                    self.read_by(layout, from);
                    layout.label(from)
                }
                _ => number(values[id.index()], None),
            };
            let name = layout.called(id).to_string();
            self.line(name, of.unwrap_or(id), Some(formula), values[id.index()], false);
        }
    }

    fn repeat(
        &mut self,
        layout: &Layout<'_>,
        values: &[f64],
        head: NodeId,
        repeated: &Loop,
        of: Option<NodeId>,
        around: &[(String, usize)],
    ) {
        let operands = layout.graph.operands(head);
        let mut again = Rerun::new(repeated, operands, values);
        let count = repeated.iterations();
        let counter = self.names.counter(around.len());
        let node = of.unwrap_or(head);
        let mut told: Option<usize> = None;
        let before = self.names.clone();
        for iteration in self.chosen(count) {
            // Values have the same names in all iterations.
            let mut names = before.clone();
            let turn = Turn::One(&counter, iteration);
            let body = Layout::of_body(layout, head, turn, self.detail, &mut names);
            let inner = again.values(iteration);
            if told.is_none_or(|told| told + 1 != iteration) {
                self.states(layout, &body, &again, &inner, head, iteration, &counter, node);
            }
            for &input in repeated.body().input_nodes() {
                self.read_by(&body, input);
            }
            self.names = names;
            let around = [around, &[(counter.clone(), iteration)]].concat();
            self.lines(&body, &inner, Some(node), &around);
            self.gives(layout, &body, repeated, &inner, head, iteration, &counter, node);
            body.leave(&mut self.names);
            told = Some(iteration);
        }
        for (outcome, range) in repeated.places().filter(|(_, range)| range.len() == 1) {
            let first = NodeId::new(head.index() + range.start);
            let name = layout.called(first).to_string();
            let value = values[first.index()];
            let at = |iteration: usize| format!("{counter}={iteration}");
            let formula = match outcome {
                Outcome::Sum { .. } if count > 0 => {
                    let (one, other) = (joined(&name, &at(0)), joined(&name, &at(count - 1)));
                    format!("sum from {one} to {other}")
                }
                Outcome::Last { .. } if count > 0 && told != Some(count - 1) => {
                    format!("next {name} of {}", at(count - 1))
                }
                _ if count == 0 => number(value, None),
                _ => continue,
            };
            self.line(name, of.unwrap_or(first), Some(formula), value, false);
        }
    }

    fn chosen(&self, count: usize) -> BTreeSet<usize> {
        let numbers = match self.iterations {
            Iterations::FirstAndLast => vec![0, count.saturating_sub(1)],
            Iterations::These(numbers) => numbers.clone(),
        };
        numbers.into_iter().filter(|&iteration| iteration < count).collect()
    }

    /// The states before an iteration.
    #[allow(
        clippy::too_many_arguments,
        reason = "the body in an iteration, what is around it, and where"
    )]
    fn states(
        &mut self,
        around: &Layout<'_>,
        body: &Layout<'_>,
        again: &Rerun<'_>,
        inner: &[f64],
        head: NodeId,
        iteration: usize,
        counter: &str,
        node: NodeId,
    ) {
        for (input, &id) in input_nodes(again.fed.repeated).iter().enumerate() {
            let Feed::Carried { .. } = again.fed.repeated.feeds()[input] else { continue };
            for k in 0..again.fed.repeated.input_width(input).min(MOST_ENTRIES) {
                let entry = NodeId::new(id.index() + k);
                let formula = match (iteration.checked_sub(1), again.fed.operands[input]) {
                    (Some(before), _) => {
                        format!("next {} of {counter}={before}", around.state(head, input))
                    }
                    (None, Some(operand)) => {
                        let first = NodeId::new(operand.index() + k);
                        self.read_by(around, first);
                        around.label(first)
                    }
                    (None, None) => continue,
                };
                self.line(body.label(entry), node, Some(formula), inner[entry.index()], false);
            }
        }
    }

    /// What an iteration gives: states, entries of results, terms.
    #[allow(
        clippy::too_many_arguments,
        reason = "the body in an iteration, what is around it, and where"
    )]
    fn gives(
        &mut self,
        around: &Layout<'_>,
        body: &Layout<'_>,
        repeated: &Loop,
        inner: &[f64],
        head: NodeId,
        iteration: usize,
        counter: &str,
        node: NodeId,
    ) {
        let at = |iteration: usize| format!("{counter}={iteration}");
        let mut given: Vec<(Called, Slice, Option<String>)> = Vec::new();
        for (input, feed) in repeated.feeds().iter().enumerate() {
            let Feed::Carried { from } = feed else { continue };
            let state = around.state(head, input);
            let next = match iteration + 1 == repeated.iterations() {
                true => state.to_owned(),
                false => joined(state, &at(iteration + 1)),
            };
            let width = repeated.output_width(*from);
            let called = if width == 1 { Called::alone(next) } else { Called::vector(next, width) };
            given.push((called, repeated.outputs()[*from], None));
        }
        for (outcome, range) in repeated.places().filter(|(_, range)| !range.is_empty()) {
            let called = around.called(NodeId::new(head.index() + range.start));
            let here = Some(at(iteration));
            match outcome {
                Outcome::Last { .. } => {}
                Outcome::Sequence { output } => {
                    let width = repeated.output_width(output);
                    let to = called.moved(Walk::even(0, width as i64).at(iteration));
                    given.push((to, repeated.outputs()[output], None));
                }
                Outcome::Sum { output } => given.push((called, repeated.outputs()[output], here)),
                Outcome::Target { target } => {
                    for (output, walk) in &repeated.targets()[target].writes {
                        let to = called.moved(walk.at(iteration));
                        given.push((to, repeated.outputs()[*output], here.clone()));
                    }
                }
            }
        }
        for (to, slice, here) in given {
            for k in 0..slice.width.min(MOST_ENTRIES) {
                let id = NodeId::new(slice.first.index() + k);
                self.read_by(body, id);
                let name = to.entry(k).to_string();
                let name = here.as_ref().map_or_else(|| name.clone(), |here| joined(&name, here));
                self.line(name, node, Some(body.label(id)), inner[id.index()], false);
            }
        }
    }
}

fn input_nodes(repeated: &Loop) -> Vec<NodeId> {
    let spans = repeated.body().inputs().spans();
    spans.map(|(_, positions)| repeated.body().input_nodes()[positions.start]).collect()
}
