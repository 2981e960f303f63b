//! Functions as drafts: one statement an operation. With loops and vectors there is a value for each node that is used by
//! itself, and one for each vector.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use uphill_graph::{Feed, Function, Graph, Loop, Node, NodeId, Slice};

use super::draft::{Definition, Draft, DraftLoop, Output, Source, Statement, Wide};
use crate::code::Action;

/// What the inputs of a function are.
#[derive(Clone, Copy)]
pub(super) enum Inputs<'i> {
    /// The shared ones, in order.
    Shared,
    /// Something else each, by position.
    Each(&'i dyn Fn(usize) -> Definition),
}

impl Inputs<'_> {
    pub(super) fn at(self, position: usize) -> Definition {
        match self {
            Inputs::Shared => Definition::Shared(position as u32),
            Inputs::Each(input) => input(position),
        }
    }

    /// Where so many inputs come from, if they are all of a kind and lie one after the other.
    pub(super) fn source(self, position: usize, count: usize) -> Option<Source> {
        let Inputs::Each(input) = self else { return Some(Source::Shared(position as u32)) };
        let follows = |kind: fn(u32) -> Definition, first: u32| {
            (0..count).all(|k| input(position + k) == kind(first + k as u32))
        };
        match input(position) {
            Definition::Shared(at) => follows(Definition::Shared, at).then_some(Source::Shared(at)),
            Definition::Column(at) => {
                follows(Definition::Column, at).then_some(Source::Columns(at))
            }
            Definition::Sum(at) => follows(Definition::Sum, at).then_some(Source::Sums(at)),
            Definition::Target(at) => {
                follows(Definition::Target, at).then_some(Source::Targets(at))
            }
            _ => None,
        }
    }
}

/// The nodes of a function, one statement an operation; `input` says what each input is.
pub(super) fn read(function: &Function, inputs: Inputs<'_>) -> Draft {
    let graph = function.graph();
    let is_single = |output: &uphill_graph::Output| output.length.is_none();
    if graph.has_loops() || !function.outputs().iter().all(is_single) {
        return with_vectors(function, inputs);
    }
    let mut draft = Draft::default();
    draft.definitions.reserve_exact(graph.len() + 2);
    draft.statements.reserve_exact(graph.operation_count());
    draft.pool.reserve_exact(graph.edge_count());
    for id in graph.ids() {
        let definition = match graph.node(id) {
            Node::Input(position) => inputs.at(position),
            Node::Constant(number) => Definition::Constant(number),
            // [`with_vectors`] reads these.
            Node::Copy(_) | Node::Result { .. } => Definition::Constant(f64::NAN),
            Node::Op(op, operands) => {
                let operands = operands.iter().map(|operand| operand.index() as u32);
                let first = draft.pool.len() as u32;
                draft.pool.extend(operands);
                let operands = &draft.pool[first as usize..];
                let varying = operands.iter().any(|&x| draft.definitions[x as usize].is_varying());
                draft.statements.push(Statement {
                    action: Action::Op(op),
                    value: id.index() as u32,
                    first,
                    count: operands.len() as u32,
                });
                Definition::Computed { varying }
            }
        };
        draft.definitions.push(definition);
    }
    let outputs = function.outputs().iter();
    draft.outputs = outputs
        .map(|output| (output.name.clone(), Output::Value(output.node.index() as u32)))
        .collect();
    draft
}

/// A function with loops or vectors.
fn with_vectors(function: &Function, inputs: Inputs<'_>) -> Draft {
    let mut reader = Reader::new(function.graph());
    reader.inputs(inputs);
    reader.nodes();
    let outputs = function.outputs().iter();
    reader.draft.outputs = outputs.filter_map(|output| reader.output(output)).collect();
    reader.draft
}

/// A graph on its way to be a draft.
struct Reader<'g> {
    graph: &'g Graph,
    draft: Draft,
    /// The values of nodes and of vectors, by their first nodes.
    parts: FxHashMap<NodeId, u32>,
    single: FxHashMap<NodeId, u32>,
}

impl<'g> Reader<'g> {
    fn new(graph: &'g Graph) -> Reader<'g> {
        let (parts, single) = (FxHashMap::default(), FxHashMap::default());
        Reader { graph, draft: Draft::default(), parts, single }
    }

    fn define(&mut self, definition: Definition) -> u32 {
        self.draft.definitions.push(definition);
        self.draft.definitions.len() as u32 - 1
    }

    /// The value of a node: its own, or an entry of a vector.
    fn value(&mut self, node: NodeId) -> u32 {
        if let Some(&entry) = self.single.get(&node) {
            return entry;
        }
        if let Some(&value) = self.parts.get(&node)
            && !matches!(self.draft.definitions[value as usize], Definition::Vector { .. })
        {
            return value;
        }
        let part = self.graph.part(node);
        let of = self.parts[&part.first()];
        let place = (node.index() - part.first().index()) as u32;
        let varying = self.draft.definitions[of as usize].is_varying();
        let entry = self.define(Definition::Entry { of, place, varying });
        self.single.insert(node, entry);
        entry
    }

    /// An output of the function with its name, unless it is a vector of nothing.
    fn output(&mut self, output: &uphill_graph::Output) -> Option<(String, Output)> {
        let name = || output.name.clone();
        match output.length {
            None => Some((name(), Output::Value(self.value(output.node)))),
            Some(0) => None,
            // It may be the only entry of its vector, which is then a value.
            Some(1) => {
                Some((format!("{}[0]", output.name), Output::Value(self.value(output.node))))
            }
            Some(count) => {
                let part = self.graph.part(output.node);
                let first = (output.node.index() - part.first().index()) as u32;
                let of = self.parts[&part.first()];
                Some((name(), Output::Entries { of, first, count }))
            }
        }
    }

    /// The value of a slice: a whole vector's, if it starts with it, else that of its first node.
    fn slice(&mut self, slice: Slice) -> u32 {
        match self.parts.get(&slice.first()) {
            Some(&value) if slice.width() > 1 => value,
            _ => self.value(slice.first()),
        }
    }

    fn vector(&mut self, part: Slice, of: Source, varying: bool) -> u32 {
        let length = part.width() as u32;
        let value = match length {
            1 => self.define(Definition::Computed { varying }),
            _ => self.define(Definition::Vector { of, length, varying }),
        };
        self.parts.insert(part.first(), value);
        value
    }

    /// Inputs of a function. Those of a vector are one; put together, if they are of several kinds.
    fn inputs(&mut self, inputs: Inputs<'_>) {
        for head in self.graph.heads() {
            let Node::Input(position) = self.graph.node(head) else { continue };
            let part = self.graph.part(head);
            let first = inputs.at(position);
            if part.width() == 1 {
                let value = self.define(first);
                self.parts.insert(head, value);
            } else if let Some(of) = inputs.source(position, part.width()) {
                self.vector(part, of, first.is_varying());
            } else {
                let places = position..position + part.width();
                let each: Vec<u32> = places.map(|at| self.define(inputs.at(at))).collect();
                self.put_together(part, &each);
            }
        }
    }

    fn put_together(&mut self, part: Slice, each: &[u32]) {
        let varying = each.iter().any(|&x| self.draft.definitions[x as usize].is_varying());
        let result = self.vector(part, Source::Other, varying);
        if let [only] = *each {
            let statement = self.draft.statement(Action::Copy, result, &[only]);
            self.draft.statements.push(statement);
            return;
        }
        self.wide(Wide::Vector { result }, each);
    }

    fn wide(&mut self, wide: Wide, reads: &[u32]) {
        let number = self.draft.wide.len() as u32;
        self.draft.wide.push(wide);
        let statement = self.draft.statement(Action::Loop, number, reads);
        self.draft.statements.push(statement);
    }

    /// All nodes but inputs.
    fn nodes(&mut self) {
        for head in self.graph.heads() {
            match self.graph.node(head) {
                Node::Input(_) => {}
                Node::Constant(number) => match self.graph.part(head).width() {
                    1 => {
                        let value = self.define(Definition::Constant(number));
                        self.parts.insert(head, value);
                    }
                    _ => {
                        let list = self.draft.numbers.len() as u32;
                        self.draft.numbers.push(self.graph.constants_from(head).to_vec());
                        self.vector(self.graph.part(head), Source::Numbers(list), false);
                    }
                },
                Node::Op(op, operands) => {
                    let operands: Vec<u32> = operands.iter().map(|&x| self.value(x)).collect();
                    let varying =
                        operands.iter().any(|&x| self.draft.definitions[x as usize].is_varying());
                    let value = self.define(Definition::Computed { varying });
                    let statement = self.draft.statement(Action::Op(op), value, &operands);
                    self.draft.statements.push(statement);
                    self.parts.insert(head, value);
                }
                Node::Copy(_) => {
                    let each: Vec<u32> =
                        self.graph.vector(head).iter().map(|&x| self.value(x)).collect();
                    self.put_together(self.graph.part(head), &each);
                }
                Node::Result { number, operands, .. } => {
                    self.repeated(head, &Arc::clone(self.graph.repeated(number)), operands);
                }
            }
        }
    }

    fn repeated(&mut self, head: NodeId, repeated: &Arc<Loop>, operands: &[NodeId]) {
        let mut reads = Vec::new();
        let mut of_inputs = Vec::new();
        for (input, operand) in repeated.each_operand(operands).into_iter().enumerate() {
            let Some(node) = operand else {
                of_inputs.push(None);
                continue;
            };
            let part = self.graph.part(node);
            let is_whole = matches!(repeated.feeds()[input], Feed::Read(_)) && part.width() > 1;
            let value = match is_whole && part.first() == node {
                true => self.parts[&node],
                false => self.value(node),
            };
            // All of the vector is read, wherever the walk starts.
            reads.push(value);
            of_inputs.push(Some(value));
        }
        let varying = reads.iter().any(|&x| self.draft.definitions[x as usize].is_varying());
        let mut body = Reader::new(repeated.body());
        let inputs = body.fed(repeated, varying);
        body.nodes();
        let outputs: Vec<u32> =
            repeated.outputs().iter().map(|&output| body.slice(output)).collect();
        body.draft.outputs =
            outputs.iter().map(|&value| (String::new(), Output::Value(value))).collect();
        let results = self.graph.results(head).into_iter();
        let results = results.map(|part| self.vector(part, Source::Other, varying));
        let results: Vec<u32> = results.collect();
        let draft_loop = DraftLoop {
            repeated: Arc::clone(repeated),
            body: body.draft,
            inputs,
            outputs,
            operands: of_inputs,
            results,
        };
        self.wide(Wide::Loop(Box::new(draft_loop)), &reads);
    }

    /// Inputs of a body.
    fn fed(&mut self, repeated: &Loop, varying: bool) -> Vec<u32> {
        let mut inputs = Vec::new();
        for head in self.graph.heads() {
            if let Node::Input(_) = self.graph.node(head) {
                let width = repeated.input_width(inputs.len()) as u32;
                let value = match width {
                    1 => self.define(Definition::Fed { varying }),
                    length => {
                        self.define(Definition::Vector { of: Source::Other, length, varying })
                    }
                };
                self.parts.insert(head, value);
                inputs.push(value);
            }
        }
        inputs
    }
}
