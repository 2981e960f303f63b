//! Graphs from what a file says, by the calls that a recorder uses, once inputs, nodes and names are known to fit together.
//!
//! Widths are added up before anything is written, so that what a file declares costs nothing.

use std::sync::Arc;

use super::MOST_INPUTS;
use super::entries::{FeedEntry, ResultEntry, WalkEntry};
use super::object::Object;
use super::read::{Entry, LoopEntry, Names, Nodes};
use super::words::shortened;
use crate::error::Error;
use crate::function::InputGroup;
use crate::graph::{BODIES, Body, Graph, Loop, Slice};
use crate::implicit::Equations;
use crate::inputs::check_name;
use crate::node::NodeId;
use crate::verify::DEEPEST;
use crate::walk::{Feed, Lookup, Outcome, Target, Walk};

pub(super) struct Builder {
    pub(super) tables: Vec<Arc<[u32]>>,
    /// How many inputs have been declared by the lengths of vectors alone.
    pub(super) inputs: u64,
}

fn wrong<T>(what: String) -> Result<T, Error> {
    Err(Error::Format { what })
}

/// A number of the file as an index; what is too large for one is too large for everything.
fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

impl Builder {
    /// The graph of a function, or of a body in so many loops less than the most.
    pub(super) fn graph(
        &mut self,
        groups: Vec<InputGroup>,
        nodes: Nodes,
        names: Names,
        depth: usize,
    ) -> Result<Graph, Error> {
        let is_flat = !nodes.kinds.iter().any(|kind| matches!(kind, Entry::Inputs));
        let declared: u64 = groups.iter().map(|group| u64::from(group.length.unwrap_or(1))).sum();
        let found = nodes.kinds.iter().filter(|kind| matches!(kind, Entry::Input)).count();
        if is_flat && declared != found as u64 {
            return wrong(format!(
                "`inputs` declares {declared} in all, entries of vectors counted, but `nodes` has {found} times \"input\""
            ));
        }
        for group in &groups {
            check_name(&group.name)?;
        }
        let mut graph = Graph::default();
        let mut groups = groups.into_iter();
        let mut kinds = nodes.kinds.into_iter().peekable();
        let mut operands = nodes.operands.as_slice();
        let mut numbers = nodes.numbers.as_slice();
        while let Some(kind) = kinds.next() {
            let number = graph.len();
            match kind {
                Entry::Constant(value) => {
                    graph.push_constant(value);
                }
                Entry::Constants(count) => {
                    let (own, rest) = numbers.split_at(count as usize);
                    check_room(&graph, own.len() as u64)?;
                    graph.push_constants(own.iter().copied());
                    numbers = rest;
                }
                Entry::Op(op, count) => {
                    let (own, rest) = operands.split_at(count as usize);
                    check_operands(own, number)?;
                    graph.push_op(op, own);
                    operands = rest;
                }
                Entry::Vector(count) => {
                    let (own, rest) = operands.split_at(count as usize);
                    check_operands(own, number)?;
                    check_room(&graph, own.len() as u64)?;
                    graph.push_vector(own);
                    operands = rest;
                }
                Entry::Input => {
                    let Some(group) = next_group(&mut graph, &mut groups) else {
                        return wrong(format!("node n{number} is an input that is not declared"));
                    };
                    for place in 1..group.length.unwrap_or(1) {
                        if kinds.next_if(|kind| matches!(kind, Entry::Input)).is_none() {
                            return wrong(format!(
                                "node n{} stands where the input `{}[{place}]` must be: entries of a vector follow one another",
                                number + place as usize,
                                shortened(&group.name),
                            ));
                        }
                    }
                    graph.push_inputs([group].into_iter().collect());
                }
                Entry::Inputs => {
                    let Some(group) = next_group(&mut graph, &mut groups) else {
                        return wrong(format!("node n{number} is an input that is not declared"));
                    };
                    let Some(length) = group.length.map(u64::from) else {
                        return wrong(format!(
                            "node n{number} is a vector of inputs, but `{}` is a single input",
                            shortened(&group.name)
                        ));
                    };
                    check_room(&graph, length)?;
                    self.inputs += length;
                    if self.inputs > MOST_INPUTS {
                        return wrong(format!(
                            "vectors of inputs with more than {MOST_INPUTS} entries in all are written one by one: \"input\" for each entry"
                        ));
                    }
                    graph.push_inputs([group].into_iter().collect());
                }
                Entry::Loop(entry) => {
                    let Some(depth) = depth.checked_sub(1) else {
                        return wrong(format!(
                            "node n{number} is a loop in loops more than {DEEPEST} deep"
                        ));
                    };
                    let (repeated, own) = self.repeated(*entry, depth)?;
                    check_operands(&own, number)?;
                    check_room(&graph, repeated.width() as u64)?;
                    graph.push_loop(Arc::new(repeated), &own);
                }
            }
        }
        if let Some(group) = next_group(&mut graph, &mut groups) {
            return wrong(format!(
                "`inputs` declares `{}`, which `nodes` does not have",
                shortened(&group.name)
            ));
        }
        let length = graph.len() as u64;
        for (node, name) in names.0 {
            if node >= length {
                return wrong(format!(
                    "the name `{}` is given to node n{node}, of {length} nodes",
                    shortened(&name)
                ));
            }
            graph.set_name(NodeId::new(node as usize), &name);
        }
        Ok(graph)
    }

    /// A loop, and the nodes that it reads.
    fn repeated(&mut self, entry: LoopEntry, depth: usize) -> Result<(Loop, Vec<NodeId>), Error> {
        let (mut groups, mut feeds, mut operands) = (Vec::new(), Vec::new(), Vec::new());
        for Object(FeedEntry { name, length, role, read, carried, counter }) in entry.inputs {
            let mut node = |number: u64| match u32::try_from(number) {
                Ok(number) => {
                    operands.push(NodeId::new(number as usize));
                    Ok(())
                }
                Err(_) => wrong(format!("a loop reads n{number}, and there is no such node")),
            };
            feeds.push(match (read, carried, counter) {
                (Some(Object(read)), None, None) => {
                    node(read.node)?;
                    Feed::Read(self.walk(read.walk)?)
                }
                (None, Some(Object(carried)), None) => {
                    node(carried.first)?;
                    Feed::Carried { from: index(carried.next) }
                }
                (None, None, Some(Object(counter))) => {
                    Feed::Counter { start: counter.start, step: counter.step }
                }
                _ => {
                    return wrong(format!(
                        "the input `{}` of a loop's body has one of `read`, `carried` and `counter`",
                        shortened(&name)
                    ));
                }
            });
            groups.push(InputGroup { name, length, role });
        }
        let graph = self.graph(groups, entry.nodes, entry.names, depth)?;
        let mut outputs = Vec::with_capacity(entry.outputs.len());
        for output in entry.outputs {
            if output.first >= graph.len() as u64 || output.width > graph.len() as u64 {
                return wrong(format!(
                    "an output of a loop's body is node n{}, and there are {} nodes",
                    output.first,
                    graph.len()
                ));
            }
            let first = NodeId::new(index(output.first));
            outputs.push(Slice { first, width: index(output.width) });
        }
        let mut targets = Vec::with_capacity(entry.targets.len());
        for Object(target) in entry.targets {
            let mut writes = Vec::with_capacity(target.adds.len());
            for Object(add) in target.adds {
                writes.push((index(add.output), self.walk(add.walk)?));
            }
            targets.push(Target { width: index(target.length), writes });
        }
        let outcomes = entry.results.iter().map(|result| match *result {
            ResultEntry::Last(input) => Outcome::Last { input: index(input) },
            ResultEntry::Sequence(output) => Outcome::Sequence { output: index(output) },
            ResultEntry::Sum(output) => Outcome::Sum { output: index(output) },
            ResultEntry::Target(target) => Outcome::Target { target: index(target) },
        });
        let repeated = Loop {
            body: Arc::new(Body { graph, outputs }),
            iterations: index(entry.iterations),
            feeds,
            outcomes: outcomes.collect(),
            targets,
            equations: entry
                .zeros
                .map(|zeros| Equations::new(zeros.into_iter().map(index).collect())),
        };
        // Before anybody asks how wide it is.
        repeated.verify_outcomes()?;
        Ok((repeated, operands))
    }

    fn walk(&self, entry: Option<Object<WalkEntry>>) -> Result<Walk, Error> {
        let Some(Object(WalkEntry { start, stride, table, first, step })) = entry else {
            return Ok(Walk::STILL);
        };
        let lookup = match table {
            None if first != 0 || step != 0 => {
                return wrong("a walk has `first` and `step` only beside a `table`".into());
            }
            None => None,
            Some(table) => match self.tables.get(index(table)) {
                Some(places) => Some(Lookup { places: Arc::clone(places), first, step }),
                None => {
                    return wrong(format!(
                        "a walk has table {table}, and there are {}",
                        self.tables.len()
                    ));
                }
            },
        };
        Ok(Walk { start, stride, lookup })
    }
}

/// The next group that has nodes; empty vectors before it are declared.
fn next_group(
    graph: &mut Graph,
    groups: &mut impl Iterator<Item = InputGroup>,
) -> Option<InputGroup> {
    groups.find(|group| {
        let empty = group.length == Some(0);
        if empty {
            graph.push_inputs([group.clone()].into_iter().collect());
        }
        !empty
    })
}

fn check_operands(operands: &[NodeId], number: usize) -> Result<(), Error> {
    match operands.iter().find(|operand| operand.index() >= number) {
        Some(late) => wrong(format!("node n{number}: its operand {late} does not come before it")),
        None => Ok(()),
    }
}

/// So many more nodes have numbers.
fn check_room(graph: &Graph, more: u64) -> Result<(), Error> {
    let most = u64::from(BODIES) - (1 << 20);
    if more > most || graph.len() as u64 + more > most {
        return Err(Error::Unsupported {
            what: format!("a graph with more than {most} nodes, the entries of vectors counted"),
        });
    }
    Ok(())
}
