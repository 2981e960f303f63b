//! The arena: an append-only list of nodes whose operands come before them.
//!
//! So the order of the nodes is an order of evaluation, every pass is a loop, and nothing recurses over depth. A node
//! costs 12 bytes and 4 for each operand; operands of all nodes lie in one pool, numbers in one table.
//!
//! **Invariant:** a graph is never changed once a [`Function`](crate::Function) has it; transformations write a new one.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::error::Error;
use crate::inputs::{InputGroup, Inputs, check_name};
use crate::node::{Kind, Node, NodeId, Stored};
use crate::op::{Arity, Op};

/// A graph of scalar operations: a list of nodes whose operands come before them, so that the order of the nodes is an
/// order of evaluation. petgraph's algorithms run on it: see [`view`](crate::view).
#[derive(Debug, Clone, Default)]
pub struct Graph {
    nodes: Vec<Stored>,
    operands: Vec<NodeId>,
    constants: Vec<f64>,
    inputs: Inputs,
    input_nodes: Vec<NodeId>,
    names: BTreeMap<NodeId, Box<str>>,
    users: OnceLock<Users>,
}

/// For each node, the operand slots that read it: derived data, made when the graph is first walked downstream.
#[derive(Debug, Clone)]
pub(crate) struct Users {
    /// Where each node's users start, then the total.
    starts: Vec<u32>,
    /// The user, and the place in the operand pool (the edge).
    edges: Vec<(NodeId, u32)>,
}

impl Users {
    pub(crate) fn of(&self, node: NodeId) -> &[(NodeId, u32)] {
        &self.edges[self.starts[node.index()] as usize..self.starts[node.index() + 1] as usize]
    }
}

impl PartialEq for Graph {
    /// The same nodes in the same order with the same names; numbers are compared by their bits.
    fn eq(&self, other: &Graph) -> bool {
        let bits = |graph: &Graph| graph.constants.iter().map(|c| c.to_bits()).collect::<Vec<_>>();
        self.nodes == other.nodes
            && self.operands == other.operands
            && bits(self) == bits(other)
            && self.inputs == other.inputs
            && self.names == other.names
    }
}

/// How many bytes a vector may have and still double: up to about here, allocators copy what grows.
const DOUBLING: usize = 32 << 20;

/// Vectors grow by an eighth once they are long: doubling would leave up to half of the memory unused.
#[inline]
fn grow<T>(vector: &mut Vec<T>, additional: usize) {
    if additional > vector.capacity() - vector.len() {
        grow_now(vector, additional);
    }
}

#[cold]
#[inline(never)]
fn grow_now<T>(vector: &mut Vec<T>, additional: usize) {
    let length = vector.len();
    let step = if length * size_of::<T>() < DOUBLING { length } else { length / 8 };
    vector.reserve_exact(additional.max(step).max(16));
}

impl Graph {
    /// The number of nodes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The number of edges: operands of all nodes.
    #[must_use]
    pub fn edge_count(&self) -> usize {
        self.operands.len()
    }

    /// The number of operations: nodes that are neither inputs nor numbers.
    #[must_use]
    pub fn operation_count(&self) -> usize {
        self.nodes.iter().filter(|node| matches!(node.kind, Kind::Op(_))).count()
    }

    /// The memory held, in bytes, unused capacity included; names and the index of users left out.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.nodes.capacity() * size_of::<Stored>()
            + (self.operands.capacity() + self.input_nodes.capacity()) * size_of::<NodeId>()
            + self.constants.capacity() * size_of::<f64>()
    }

    /// The declared inputs.
    #[must_use]
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// The node of each input, by position.
    #[must_use]
    pub fn input_nodes(&self) -> &[NodeId] {
        &self.input_nodes
    }

    /// All node numbers, in order of evaluation.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = NodeId> + DoubleEndedIterator + use<> {
        (0..self.nodes.len()).map(NodeId::new)
    }

    /// What a node is.
    ///
    /// # Panics
    ///
    /// If the node is not of this graph.
    #[must_use]
    #[inline]
    pub fn node(&self, id: NodeId) -> Node<'_> {
        match self.nodes[id.index()].kind {
            Kind::Input(position) => Node::Input(position as usize),
            Kind::Constant(index) => Node::Constant(self.constants[index as usize]),
            Kind::Op(op) => Node::Op(op, self.operands(id)),
        }
    }

    /// The operands of a node, none for inputs and numbers.
    #[must_use]
    #[inline]
    pub fn operands(&self, id: NodeId) -> &[NodeId] {
        &self.operands[self.operand_slots(id)]
    }

    /// Where a node's operands lie in the pool: the numbers of its edges.
    #[inline]
    pub(crate) fn operand_slots(&self, id: NodeId) -> std::ops::Range<usize> {
        let index = id.index();
        let end = self.nodes.get(index + 1).map_or(self.operands.len(), |next| next.first as usize);
        self.nodes[index].first as usize..end
    }

    /// The operand in a place of the pool.
    pub(crate) fn operand_at(&self, slot: usize) -> NodeId {
        self.operands[slot]
    }

    /// The name of a node: an input's name, or the one that [`Var::named`](crate::Var::named) gave.
    #[must_use]
    pub fn name(&self, id: NodeId) -> Option<String> {
        match self.nodes[id.index()].kind {
            Kind::Input(position) => Some(self.inputs.name(position as usize)),
            _ => self.given_name(id).map(str::to_owned),
        }
    }

    /// The name that was given to an operation or number.
    pub(crate) fn given_name(&self, id: NodeId) -> Option<&str> {
        self.names.get(&id).map(|name| &**name)
    }

    /// All given names, in order of evaluation.
    pub fn names(&self) -> impl Iterator<Item = (NodeId, &str)> {
        self.names.iter().map(|(id, name)| (*id, &**name))
    }

    /// The node of this name, an input's or a given one.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`].
    pub fn find(&self, name: &str) -> Result<NodeId, Error> {
        if let Some((id, _)) = self.names.iter().find(|(_, given)| &***given == name) {
            return Ok(*id);
        }
        if let Ok(positions) = self.inputs.positions(name)
            && positions.len() == 1
        {
            return Ok(self.input_nodes[positions.start]);
        }
        let inputs = self.inputs.groups().iter().map(|group| group.name.clone());
        let given = self.names.values().map(|given| given.to_string());
        Err(Error::unknown("node", name, given.chain(inputs)))
    }

    /// How often each node is read, as an operand.
    pub(crate) fn use_counts(&self) -> Vec<u32> {
        let mut counts = vec![0; self.len()];
        for operand in &self.operands {
            counts[operand.index()] += 1;
        }
        counts
    }

    /// The index of users, made at the first call: 4 bytes a node and 8 an edge.
    pub(crate) fn users(&self) -> &Users {
        self.users.get_or_init(|| {
            let mut starts = vec![0_u32; self.len() + 1];
            for operand in &self.operands {
                starts[operand.index() + 1] += 1;
            }
            for index in 1..starts.len() {
                starts[index] += starts[index - 1];
            }
            let mut next = starts.clone();
            let mut edges = vec![(NodeId::new(0), 0); self.operands.len()];
            for user in self.ids() {
                for slot in self.operand_slots(user) {
                    let place = &mut next[self.operands[slot].index()];
                    edges[*place as usize] = (user, slot as u32);
                    *place += 1;
                }
            }
            Users { starts, edges }
        })
    }

    // Building: only a recorder and the passes do.

    pub(crate) fn push_input_group(&mut self, group: InputGroup) {
        self.inputs.push(group);
        self.push_input_nodes();
    }

    /// Declares inputs behind those that there are; gives their positions.
    pub(crate) fn push_inputs(&mut self, inputs: Inputs) -> std::ops::Range<usize> {
        if self.inputs.groups().is_empty() {
            self.inputs = inputs;
        } else {
            inputs.groups().iter().for_each(|group| self.inputs.push(group.clone()));
        }
        self.push_input_nodes()
    }

    /// Nodes for the inputs that have none yet.
    fn push_input_nodes(&mut self) -> std::ops::Range<usize> {
        let new = self.input_nodes.len()..self.inputs.len();
        for position in new.clone() {
            let id = self.push(Kind::Input(position as u32), &[]);
            self.input_nodes.push(id);
        }
        new
    }

    /// A NaN becomes the one NaN that files can hold: which of its bit patterns an operation gives differs between
    /// processors, and equal graphs must be equal on all.
    pub(crate) fn push_constant(&mut self, value: f64) -> NodeId {
        let value = if value.is_nan() { f64::NAN } else { value };
        let index = self.constants.len() as u32;
        grow(&mut self.constants, 1);
        self.constants.push(value);
        self.push(Kind::Constant(index), &[])
    }

    #[inline]
    pub(crate) fn push_op(&mut self, op: Op, operands: &[NodeId]) -> NodeId {
        self.push(Kind::Op(op), operands)
    }

    #[inline]
    fn push(&mut self, kind: Kind, operands: &[NodeId]) -> NodeId {
        let id = NodeId::new(self.nodes.len());
        grow(&mut self.nodes, 1);
        grow(&mut self.operands, operands.len());
        self.nodes.push(Stored { kind, first: self.operands.len() as u32 });
        // Nearly all lists are so short that calling for a copy of memory costs more than the copy.
        match *operands {
            [] => {}
            [x] => self.operands.push(x),
            [x, y] => self.operands.extend_from_slice(&[x, y]),
            _ => self.operands.extend_from_slice(operands),
        }
        id
    }

    /// Gives back the memory that no node uses: a finished graph does not grow.
    pub(crate) fn shrink_to_fit(&mut self) {
        self.nodes.shrink_to_fit();
        self.operands.shrink_to_fit();
        self.constants.shrink_to_fit();
        self.input_nodes.shrink_to_fit();
    }

    /// Whether the arena's numbering is nearly used up.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.operands.len().max(self.nodes.len()) > (u32::MAX - (1 << 20)) as usize
    }

    pub(crate) fn set_name(&mut self, id: NodeId, name: &str) {
        self.names.insert(id, name.into());
    }

    /// A new, empty graph with the same inputs, their nodes first.
    pub(crate) fn same_inputs(&self) -> Graph {
        let mut graph = Graph { inputs: self.inputs.clone(), ..Graph::default() };
        graph.push_input_nodes();
        graph
    }

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
        let invalid = |what: String| Err(Error::Invalid { what });
        self.inputs.check()?;
        let mut inputs = Vec::with_capacity(self.inputs.len().min(self.len()));
        for id in self.ids() {
            let Some(operands) = self.operands.get(self.operand_slots(id)) else {
                return invalid(format!("node {id} has operands outside the pool"));
            };
            if let Some(late) = operands.iter().find(|operand| **operand >= id) {
                return invalid(format!(
                    "node {id} uses node {late}, which does not come before it"
                ));
            }
            match self.nodes[id.index()].kind {
                Kind::Input(position) if position as usize == inputs.len() => inputs.push(id),
                Kind::Input(position) => {
                    return invalid(format!(
                        "node {id} is input {position}, expected input {}",
                        inputs.len()
                    ));
                }
                Kind::Constant(index) if (index as usize) < self.constants.len() => {}
                Kind::Constant(index) => {
                    return invalid(format!("node {id} is constant {index}, which is missing"));
                }
                Kind::Op(op) => {
                    let fits = op.arity().accepts(operands.len());
                    if !fits || op.whole_operand().is_some() {
                        self.verify_op(id, op)?;
                    }
                }
            }
        }
        if inputs.len() != self.inputs.len() || inputs != self.input_nodes {
            return invalid(format!(
                "{} inputs are declared, {} have nodes",
                self.inputs.len(),
                inputs.len()
            ));
        }
        let mut seen = std::collections::HashSet::new();
        for (id, name) in &self.names {
            check_name(name)?;
            if id.index() >= self.len() || matches!(self.nodes[id.index()].kind, Kind::Input(_)) {
                return invalid(format!(
                    "the name `{name}` is given to {id}, which is no operation or number"
                ));
            }
            if !seen.insert(name) || self.inputs.positions(name).is_ok() {
                return Err(Error::DuplicateName { kind: "node", name: name.to_string() });
            }
        }
        Ok(())
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
