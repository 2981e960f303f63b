//! The invariants of graphs, checked.

use std::ops::Range;

use crate::error::Error;
use crate::graph::{Graph, Loop, Slice};
use crate::inputs::check_name;
use crate::node::{Node, NodeId};
use crate::op::{Arity, Op};
use crate::walk::{Feed, Outcome, Walk};

/// How deep loops may nest.
pub(crate) const DEEPEST: usize = 16;

impl Graph {
    /// Checks every invariant. Debug builds do so after each transformation.
    ///
    /// 1. Operands come before their users.
    /// 2. Each operation has as many operands as its arity says.
    /// 3. The exponent of `powi` and orders, such as that of `polygamma`, are constant whole numbers in range.
    /// 4. There is one node for each declared input, in the order of the inputs; input names are unique and printable.
    /// 5. Given names are unique, printable, unlike every input's, and given to operations and numbers only.
    ///
    /// # Errors
    ///
    /// The first breach, with the node's number. Cost: linear in nodes and edges.
    pub fn verify(&self) -> Result<(), Error> {
        self.verify_to_depth(DEEPEST)
    }

    fn verify_to_depth(&self, depth: usize) -> Result<(), Error> {
        let invalid = |what: String| Err(Error::Invalid { what });
        self.inputs().check()?;
        let mut inputs = 0;
        for id in self.heads() {
            let width = self.width(id);
            let mut slots = self.operand_slots(id);
            if width > 1 {
                slots.end = self.operand_slots(NodeId::new(id.index() + width - 1)).end;
            }
            let Some(operands) = self.operand_list(slots) else {
                return invalid(format!("node {id} has operands outside the pool"));
            };
            if let Some(late) = operands.iter().find(|operand| **operand >= id) {
                return invalid(format!(
                    "node {id} uses node {late}, which does not come before it"
                ));
            }
            match self.node(id) {
                Node::Input(position) if position == inputs => {
                    let nodes = self.input_nodes().get(inputs..inputs + width);
                    let each = (0..width).map(|k| NodeId::new(id.index() + k));
                    if !nodes.is_some_and(|nodes| nodes.iter().copied().eq(each)) {
                        return invalid(format!(
                            "node {id} is input {position}, which is not known to be there"
                        ));
                    }
                    inputs += width;
                }
                Node::Input(position) => {
                    return invalid(format!(
                        "node {id} is input {position}, expected input {inputs}"
                    ));
                }
                Node::Constant(_) => {
                    if !self.has_constants(id) {
                        return invalid(format!("node {id} has constants which are missing"));
                    }
                }
                Node::Op(op, operands) => {
                    let fits = op.arity().accepts(operands.len());
                    if !fits || op.whole_operand().is_some() {
                        self.verify_op(id, op)?;
                    }
                }
                Node::Copy(_) => {
                    if operands.len() != width {
                        return invalid(format!(
                            "node {id} is a vector of {width} with {} entries",
                            operands.len()
                        ));
                    }
                }
                Node::Result { number, operands, .. } => {
                    let repeated = self.repeated(number);
                    let Some(depth) = depth.checked_sub(1) else {
                        return invalid(format!(
                            "node {id} is a loop in loops more than {DEEPEST} deep"
                        ));
                    };
                    self.verify_loop(repeated, operands, width, depth).map_err(
                        |error| match error {
                            Error::Invalid { what } => {
                                Error::Invalid { what: format!("node {id}, a loop: {what}") }
                            }
                            other => other,
                        },
                    )?;
                }
            }
        }
        if inputs != self.inputs().len() || inputs != self.input_nodes().len() {
            return invalid(format!(
                "{} inputs are declared, {inputs} have nodes",
                self.inputs().len(),
            ));
        }
        let mut seen = std::collections::HashSet::new();
        for (id, name) in self.names() {
            check_name(name)?;
            if id.index() >= self.len() || matches!(self.node(id), Node::Input(_)) {
                return invalid(format!(
                    "the name `{name}` is given to {id}, which is no operation or number"
                ));
            }
            if !seen.insert(name) || self.inputs().positions(name).is_ok() {
                return Err(Error::DuplicateName { kind: "node", name: name.to_owned() });
            }
        }
        Ok(())
    }

    /// A loop's feeds, outputs, results and targets fit its body and the vectors around it.
    fn verify_loop(
        &self,
        repeated: &Loop,
        operands: &[NodeId],
        width: usize,
        depth: usize,
    ) -> Result<(), Error> {
        let check = |holds: bool, what: &dyn Fn() -> String| match holds {
            true => Ok(()),
            false => Err(Error::Invalid { what: what() }),
        };
        let Loop { body, iterations, feeds, outcomes: _, targets, equations } = repeated;
        body.graph.verify_to_depth(depth)?;
        let walks = feeds.iter().filter_map(|feed| match feed {
            Feed::Read(walk) => Some(walk),
            _ => None,
        });
        let added = targets.iter().flat_map(|target| target.writes.iter().map(|(_, walk)| walk));
        let counts = feeds.iter().all(|feed| match *feed {
            Feed::Counter { start, step } => counts_exactly(start, step, *iterations),
            _ => true,
        });
        // Programs count in 32 bits, as nodes do.
        check(u32::try_from(*iterations).is_ok(), &|| {
            format!("{iterations} iterations, expected at most {}", u32::MAX)
        })?;
        check(counts && walks.chain(added).all(|walk| counts_walk(walk, *iterations)), &|| {
            "its counters or walks go beyond 2^53".into()
        })?;
        let groups = body.graph.inputs().groups().len();
        check(feeds.len() == groups, &|| {
            format!("{} feeds for {groups} inputs of its body", feeds.len())
        })?;
        let fed = repeated.operand_places().flatten().count();
        check(operands.len() == fed, &|| format!("{} operands, expected {fed}", operands.len()))?;
        for (output, slice) in body.outputs.iter().enumerate() {
            let inside = slice.first.index() < body.graph.len() && body.graph.is_one_part(*slice);
            check(inside, &|| format!("output {output} of its body is no node or vector of it"))?;
        }
        for (input, (feed, operand)) in feeds.iter().zip(repeated.operand_places()).enumerate() {
            let width = repeated.input_width(input);
            check(width > 0, &|| format!("input {input} of its body is an empty vector"))?;
            let Some(operand) = operand.map(|place| operands[place]) else { continue };
            let reads = match feed {
                Feed::Read(walk) => walk.span(*iterations),
                _ => Walk::STILL.span(1),
            };
            let inside =
                reads.is_some_and(|places| self.holds(Slice { first: operand, width }, places));
            check(inside, &|| {
                format!("input {input} of its body reads outside of the vector of {operand}")
            })?;
            if let Feed::Carried { from } = feed {
                let fits = body.outputs.get(*from).is_some_and(|output| output.width == width);
                check(fits, &|| {
                    format!(
                        "input {input} of its body is carried from output {from}, which is not there or of another width"
                    )
                })?;
            }
        }
        repeated.verify_outcomes()?;
        equations.as_ref().map_or(Ok(()), |equations| equations.verify(repeated))?;
        let is_output = |output: usize| output < body.outputs.len();
        for (number, target) in targets.iter().enumerate() {
            for (output, walk) in &target.writes {
                let inside = is_output(*output)
                    && walk.span(*iterations).is_some_and(|places| {
                        let end = places.end + body.outputs[*output].width as i64 - 1;
                        places.is_empty() || (places.start >= 0 && end <= target.width as i64)
                    });
                check(inside, &|| format!("output {output} is added outside of target {number}"))?;
            }
        }
        check(repeated.width() == width, &|| format!("{} results, {width} nodes", repeated.width()))
    }

    /// Whether the slice, moved by each of these places, stays inside of its part.
    fn holds(&self, slice: Slice, places: Range<i64>) -> bool {
        if slice.first.index() >= self.len() {
            return false;
        }
        let part = self.part(slice.first);
        let offset = (slice.first.index() - part.first.index()) as i64;
        let end =
            places.end.checked_add(slice.width as i64 - 1).and_then(|end| end.checked_add(offset));
        places.is_empty()
            || slice.width == 0
            || (offset.checked_add(places.start).is_some_and(|start| start >= 0)
                && end.is_some_and(|end| end <= part.width as i64))
    }

    fn verify_op(&self, id: NodeId, op: Op) -> Result<(), Error> {
        let operands = self.operands(id);
        if !op.arity().accepts(operands.len()) {
            let expected = match op.arity() {
                Arity::Exactly(1) => "1 operand".into(),
                Arity::Exactly(n) => format!("{n} operands"),
                Arity::Any => "any number of operands".into(),
                Arity::Pairs => "an even number of operands".into(),
            };
            return Err(Error::Invalid {
                what: format!(
                    "node {id}, `{}`, takes {expected}, got {}",
                    op.name(),
                    operands.len()
                ),
            });
        }
        let Some((place, range)) = op.whole_operand() else { return Ok(()) };
        match self.node(operands[place]) {
            Node::Constant(n) if n.fract() == 0.0 && range.contains(&n) => Ok(()),
            _ => Err(Error::Invalid {
                what: format!(
                    "operand {place} of node {id}, `{}`, must be a constant whole number from {} to {}",
                    op.name(),
                    range.start(),
                    range.end()
                ),
            }),
        }
    }
}

impl Loop {
    /// Its results are of what is there.
    pub(crate) fn verify_outcomes(&self) -> Result<(), Error> {
        let is_output = |output: usize| output < self.outputs().len();
        for (place, outcome) in self.outcomes().iter().enumerate() {
            let exists = match *outcome {
                Outcome::Last { input } => {
                    input < self.body().inputs().groups().len()
                        && matches!(self.feeds().get(input), Some(Feed::Carried { .. }))
                }
                Outcome::Sequence { output } | Outcome::Sum { output } => is_output(output),
                Outcome::Target { target } => target < self.targets().len(),
            };
            if !exists {
                return Err(Error::Invalid {
                    what: format!("result {place} of a loop is of what is not there"),
                });
            }
        }
        Ok(())
    }
}

/// Whether all numbers of a counter are whole numbers of `f64`.
fn counts_exactly(start: i64, step: i64, iterations: usize) -> bool {
    const LARGEST: i64 = 1 << 53;
    let inside = |number: i64| (-LARGEST..=LARGEST).contains(&number);
    let last = i64::try_from(iterations).ok().and_then(|n| step.checked_mul(n)?.checked_add(start));
    inside(start) && inside(step) && last.is_some_and(inside)
}

/// Whether nothing overflows on the way of a walk.
fn counts_walk(walk: &Walk, iterations: usize) -> bool {
    match &walk.lookup {
        None => counts_exactly(walk.start, walk.stride, iterations),
        Some(lookup) => {
            counts_exactly(walk.start, walk.stride, u32::MAX as usize)
                && counts_exactly(lookup.first, lookup.step, iterations)
        }
    }
}
