//! Graphs that are being written: the main one, and the bodies of the loops that are open, one inside of the other.
//!
//! Nodes of a body have numbers from [`BODIES`] on, a range for each depth, and no number is given twice: so a value that
//! is used where it does not exist is known. What a body reads from around it becomes an input of the body, at every
//! depth between.

use std::collections::HashMap;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::graph::{BODIES, Body, Graph, Loop, Slice};
use crate::index::Spot;
use crate::inputs::InputGroup;
use crate::node::{Node, NodeId};
use crate::op::Op;
use crate::repetition::follow::{Follower, LOOKED_AT, Operand, Repeated};
use crate::repetition::period::{least_crossed, period};
use crate::verify::DEEPEST;
use crate::walk::{Feed, Lookup, Outcome, Walk};

/// How many bits a number within a depth has.
const BITS: u32 = 26;

/// The body of a loop that is open.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    graph: Graph,
    /// The number of its first node, within its depth.
    first: u32,
    /// What its counter is known by.
    token: u32,
    iterations: usize,
    feeds: Vec<Feed>,
    /// One a feed: the node of the graph around it.
    operands: Vec<Option<NodeId>>,
    /// Inputs that are there already, by what they read: node, walk and width.
    reads: HashMap<(NodeId, Key, usize), NodeId>,
    constants: HashMap<u64, NodeId>,
}

/// A walk, to be looked for.
type Key = (i64, i64, Option<(usize, i64, i64)>);

fn key(walk: &Walk) -> Key {
    let lookup = walk.lookup.as_ref();
    let lookup = lookup.map(|l| (Arc::as_ptr(&l.places).cast::<u32>() as usize, l.first, l.step));
    (walk.start, walk.stride, lookup)
}

/// A vector among the nodes: entry `k` is node `first + step·k`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) first: NodeId,
    pub(crate) step: i64,
    pub(crate) length: usize,
}

/// What a closed loop gives, as nodes of the graph around it.
pub(crate) struct Given {
    pub(crate) iterations: usize,
    pub(crate) last: Vec<NodeId>,
    pub(crate) sequences: Vec<NodeId>,
    pub(crate) sums: Vec<NodeId>,
}

/// After how many nodes it is first looked for repetitions.
const FIRST_LOOK: usize = 1 << 16;

/// When it is looked for repetitions.
#[derive(Debug, Clone)]
struct Watch {
    /// At this number of nodes.
    next: usize,
    /// A period that was seen, and in how many operations it begins anew.
    ahead: Option<(usize, usize)>,
}

impl Default for Watch {
    fn default() -> Watch {
        Watch { next: usize::MAX, ahead: None }
    }
}

/// All graphs that are being written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Levels {
    pub(crate) main: Graph,
    scopes: Vec<Scope>,
    /// By depth: the number of the next node of a body.
    next: [u32; DEEPEST],
    tokens: u32,
    /// What is too large to have a number.
    pub(crate) too_large: Option<String>,
    /// A loop that is followed, and those that were: the main graph has a stand-in for each.
    pub(crate) follower: Option<Box<Follower>>,
    pub(crate) followed: Vec<Repeated>,
    /// Whether numbers lie behind what reads them.
    numbers_behind: bool,
    watch: Watch,
}

impl Levels {
    pub(crate) fn new(main: Graph) -> Levels {
        Levels { main, ..Levels::default() }
    }

    /// Looks for repetitions from now on.
    pub(crate) fn watch(&mut self) {
        self.watch = Watch { next: FIRST_LOOK, ahead: None };
    }

    /// Whether operations are simply written down: no loop is open, and none is followed.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.scopes.is_empty() && self.follower.is_none()
    }

    /// Whether the main graph is as it should be.
    pub(crate) fn is_whole(&self) -> bool {
        self.followed.is_empty() && !self.numbers_behind
    }

    /// Whether no loop is open.
    #[inline]
    pub(crate) fn is_flat(&self) -> bool {
        self.scopes.is_empty()
    }

    fn depth(&self) -> usize {
        self.scopes.len()
    }

    pub(crate) fn graph_mut(&mut self, level: usize) -> &mut Graph {
        match level.checked_sub(1) {
            None => &mut self.main,
            Some(scope) => &mut self.scopes[scope].graph,
        }
    }

    pub(crate) fn graph(&self, level: usize) -> &Graph {
        match level.checked_sub(1) {
            None => &self.main,
            Some(scope) => &self.scopes[scope].graph,
        }
    }

    /// The graph that a node is of, and its number there.
    #[track_caller]
    pub(crate) fn local(&self, id: NodeId) -> (usize, NodeId) {
        let level = level(id);
        let Some(scope) = level.checked_sub(1) else { return (0, id) };
        let within = (id.index() as u32 - BODIES) & ((1 << BITS) - 1);
        let here = self.scopes.get(scope).and_then(|scope| {
            let local = within.checked_sub(scope.first)?;
            ((local as usize) < scope.graph.len()).then(|| NodeId::new(local as usize))
        });
        match here {
            Some(local) => (level, local),
            None => outside(),
        }
    }

    fn global(&self, level: usize, local: NodeId) -> NodeId {
        match level.checked_sub(1) {
            None => local,
            Some(scope) => {
                let within = self.scopes[scope].first + local.index() as u32;
                NodeId::new((BODIES + ((scope as u32) << BITS) + within) as usize)
            }
        }
    }

    /// Whether a body has no numbers left.
    fn check_room(&mut self) {
        let full = |s: &Scope| s.first as usize + s.graph.len() > (1 << BITS) - (1 << 20);
        if self.main.is_full() || self.scopes.last().is_some_and(full) {
            self.is_full();
        }
    }

    #[cold]
    fn is_full(&mut self) {
        self.too_large.get_or_insert("a graph of more than 4 billion nodes or operands".into());
    }

    /// An operation in the main graph, when no loop is open.
    #[inline]
    pub(crate) fn push_outer(&mut self, op: Op, operands: &[NodeId]) -> NodeId {
        if self.main.is_full() {
            // Keeps running on a stand-in, so that only `finish` has to report it.
            self.is_full();
            return operands[0];
        }
        let id = self.main.push_op(op, operands);
        if id.index() >= self.watch.next {
            self.look();
        }
        id
    }

    /// Looks whether what was written last repeats itself; if so, it is followed from the next iteration on.
    #[cold]
    #[inline(never)]
    fn look(&mut self) {
        let length = self.main.len();
        let begin = |period: usize| Some(Box::new(Follower::new(length, period)));
        match self.watch.ahead {
            Some((period, 1)) => {
                self.follower = begin(period);
                self.watch = Watch::default();
            }
            Some((period, ahead)) => self.watch.ahead = Some((period, ahead - 1)),
            None => match self.main.last_ops(LOOKED_AT).and_then(|ops| seen(&self.main, &ops)) {
                Some((period, 0)) => self.follower = begin(period),
                Some(ahead) => self.watch = Watch { next: 0, ahead: Some(ahead) },
                None => self.watch.next = length + FIRST_LOOK.max(length / 4),
            },
        }
    }

    /// Ends the loop that is followed, if one is; gives the names of what is left. A number has a node already, or gets
    /// one behind what reads it.
    pub(crate) fn end_following(
        &mut self,
        known: &dyn Fn(f64) -> Option<NodeId>,
    ) -> Vec<(NodeId, String)> {
        let Some(follower) = self.follower.take() else { return Vec::new() };
        let (repeated, rest) = follower.end();
        if let Some(repeated) = repeated {
            self.main.push_stand_in(repeated.ops.len(), repeated.iterations as usize);
            self.followed.push(repeated);
        }
        let end = self.main.len() + rest.ops.len();
        let mut numbers: Vec<f64> = Vec::new();
        let mut places: HashMap<u64, NodeId> = HashMap::new();
        let mut operands = rest.operands.into_iter();
        for (op, count) in rest.ops {
            let mut own: SmallVec<[NodeId; 8]> = SmallVec::new();
            for operand in operands.by_ref().take(count as usize) {
                own.push(match operand {
                    Operand::Node(node) => NodeId::new(node as usize),
                    Operand::Number(number) => known(number).unwrap_or_else(|| {
                        *places.entry(number.to_bits()).or_insert_with(|| {
                            numbers.push(number);
                            NodeId::new(end + numbers.len() - 1)
                        })
                    }),
                });
            }
            self.main.push_op(op, &own);
        }
        self.numbers_behind |= !numbers.is_empty();
        numbers.into_iter().for_each(|number| {
            self.main.push_constant(number);
        });
        let length = self.main.len();
        self.watch.next = length + FIRST_LOOK.max(length / 4);
        rest.names
    }

    /// An operation in the innermost body.
    #[track_caller]
    pub(crate) fn push_op(&mut self, op: Op, operands: &[NodeId]) -> NodeId {
        let level = self.depth();
        let mut here: SmallVec<[NodeId; 8]> = SmallVec::with_capacity(operands.len());
        for &operand in operands {
            here.push(self.bring(operand, level));
        }
        self.check_room();
        if self.too_large.is_some() {
            return operands[0];
        }
        let local = self.graph_mut(level).push_op(op, &here);
        self.global(level, local)
    }

    /// A number in the innermost body.
    pub(crate) fn constant(&mut self, number: f64) -> NodeId {
        let level = self.depth();
        let local = self.constant_at(level, number);
        self.global(level, local)
    }

    fn constant_at(&mut self, level: usize, number: f64) -> NodeId {
        let Some(scope) = level.checked_sub(1) else { return self.main.push_constant(number) };
        let Scope { graph, constants, .. } = &mut self.scopes[scope];
        *constants.entry(number.to_bits()).or_insert_with(|| graph.push_constant(number))
    }

    /// A node as one of the graph at a level: an input of each body between, if it is from further out.
    #[track_caller]
    fn bring(&mut self, id: NodeId, to: usize) -> NodeId {
        let (from, local) = self.local(id);
        if from > to {
            outside();
        }
        let mut local = local;
        for level in from + 1..=to {
            local = match self.graph(level - 1).node(local) {
                Node::Constant(number) => self.constant_at(level, number),
                _ => self.feed(level, Feed::Read(Walk::STILL), Some(local), 1),
            };
        }
        local
    }

    /// An input of a body; one that reads the same is the same.
    fn feed(&mut self, level: usize, feed: Feed, operand: Option<NodeId>, width: usize) -> NodeId {
        let scope = &mut self.scopes[level - 1];
        let known = match (&feed, operand) {
            (Feed::Read(walk), Some(operand)) => Some((operand, key(walk), width)),
            _ => None,
        };
        if let Some(&input) = known.as_ref().and_then(|known| scope.reads.get(known)) {
            return input;
        }
        let input = scope.graph.push_group(InputGroup::fed(scope.feeds.len(), width));
        scope.feeds.push(feed);
        scope.operands.push(operand);
        if let Some(known) = known {
            scope.reads.insert(known, input);
        }
        input
    }

    /// Opens the body of a loop; gives what its counter is known by, and its inputs for what is carried.
    ///
    /// `first` are the nodes of the first values.
    #[track_caller]
    pub(crate) fn open(&mut self, iterations: usize, first: &[NodeId]) -> (u32, Vec<NodeId>) {
        let level = self.depth() + 1;
        let counted = u32::try_from(iterations).is_ok();
        if !counted {
            let told = format!("a loop of {iterations} iterations, expected at most {}", u32::MAX);
            self.too_large.get_or_insert(told);
        }
        assert!(level <= DEEPEST, "loops nest more than {DEEPEST} deep");
        let operands: Vec<NodeId> = first.iter().map(|&id| self.bring(id, level - 1)).collect();
        let token = self.push_scope(if counted { iterations } else { 1 });
        let carried = operands.into_iter().enumerate().map(|(from, operand)| {
            let input = self.feed(level, Feed::Carried { from }, Some(operand), 1);
            self.global(level, input)
        });
        (token, carried.collect())
    }

    fn push_scope(&mut self, iterations: usize) -> u32 {
        let token = self.tokens;
        self.tokens += 1;
        self.scopes.push(Scope {
            graph: Graph::default(),
            first: self.next[self.depth()],
            token,
            iterations,
            feeds: Vec::new(),
            operands: Vec::new(),
            reads: HashMap::new(),
            constants: HashMap::new(),
        });
        token
    }

    /// Closes the innermost body. Its outputs are what is carried on, then sequences, then terms of sums.
    #[track_caller]
    pub(crate) fn close(
        &mut self,
        carried: &[NodeId],
        sequences: &[NodeId],
        sums: &[NodeId],
    ) -> Given {
        let level = self.depth();
        let outputs = carried.iter().chain(sequences).chain(sums);
        let outputs: Vec<Slice> = outputs.map(|&id| Slice::one(self.bring(id, level))).collect();
        let last = (0..carried.len()).map(|input| Outcome::Last { input });
        let sequence =
            (0..sequences.len()).map(|k| Outcome::Sequence { output: carried.len() + k });
        let before = carried.len() + sequences.len();
        let sum = (0..sums.len()).map(|k| Outcome::Sum { output: before + k });
        let outcomes = last.chain(sequence).chain(sum).collect();
        let Some(mut scope) = self.scopes.pop() else { outside() };
        self.next[level - 1] = scope.first + scope.graph.len() as u32;
        scope.graph.shrink_to_fit();
        let repeated = Loop {
            body: Arc::new(Body { graph: scope.graph, outputs }),
            iterations: scope.iterations,
            feeds: scope.feeds,
            outcomes,
            targets: Vec::new(),
            equations: None,
        };
        let operands: Vec<NodeId> = scope.operands.into_iter().flatten().collect();
        let iterations = repeated.iterations;
        let starts: Vec<usize> = repeated.places().map(|(_, place)| place.start).collect();
        let head = self.push_loop(Arc::new(repeated), &operands);
        let mut nodes = starts.into_iter().map(|start| NodeId::new(head.index() + start));
        let last = nodes.by_ref().take(carried.len()).collect();
        let sequences = nodes.by_ref().take(sequences.len()).collect();
        Given { iterations, last, sequences, sums: nodes.collect() }
    }

    /// A loop in the innermost graph, whose operands are nodes there.
    fn push_loop(&mut self, repeated: Arc<Loop>, operands: &[NodeId]) -> NodeId {
        let level = self.depth();
        let head = self.graph_mut(level).push_loop(repeated, operands);
        self.check_room();
        self.global(level, head)
    }

    /// A loop that is there already, with vectors of nodes for what it reads, and from which entry on.
    #[track_caller]
    pub(crate) fn push_known_loop(
        &mut self,
        repeated: &Arc<Loop>,
        operands: &[(Spread, usize)],
    ) -> NodeId {
        let level = self.depth();
        let mut nodes = Vec::with_capacity(operands.len());
        for &(vector, before) in operands {
            let first = self.bring_vector(vector, level);
            nodes.push(NodeId::new(first.index() + before));
        }
        self.push_loop(Arc::clone(repeated), &nodes)
    }

    /// A vector with step 1 as one of the graph at a level.
    #[track_caller]
    fn bring_vector(&mut self, spread: Spread, to: usize) -> NodeId {
        let (from, mut local) = self.local(spread.first);
        for level in from + 1..=to {
            local = self.feed(level, Feed::Read(Walk::STILL), Some(local), spread.length);
        }
        local
    }

    /// Whether nodes that lie evenly are entries of one vector.
    #[track_caller]
    pub(crate) fn is_of_one_part(&self, spread: Spread) -> bool {
        let number = |id: NodeId| id.index() as i64;
        let (at, local) = self.local(spread.first);
        let part = self.graph(at).part(local);
        // What was followed will lie in another order.
        let followed = |repeated: &Repeated| repeated.first as usize == part.first.index();
        let part = match at == 0 && self.followed.iter().any(followed) {
            true => Slice::one(local),
            false => part,
        };
        let last = number(local) + spread.step * (spread.length as i64 - 1);
        (number(part.first)..number(part.first) + part.width as i64).contains(&last)
    }

    /// Nodes as a vector: as it lies, if it lies evenly, else put together.
    #[track_caller]
    pub(crate) fn spread(&mut self, nodes: &[NodeId], even_steps: bool) -> Spread {
        let (first, length) = (nodes[0], nodes.len());
        let number = |id: NodeId| id.index() as i64;
        let step = nodes.get(1).map_or(1, |&second| number(second) - number(first));
        let even = (step == 1 || (even_steps && step != 0))
            && nodes.windows(2).all(|pair| number(pair[1]) - number(pair[0]) == step);
        let spread = Spread { first, step, length };
        if even && self.is_of_one_part(spread) {
            return spread;
        }
        let to = nodes.iter().map(|&id| self.local(id).0).max().unwrap_or(0);
        let here: Vec<NodeId> = nodes.iter().map(|&id| self.bring(id, to)).collect();
        let first = self.graph_mut(to).push_vector(&here).first;
        Spread { first: self.global(to, first), step: 1, length }
    }

    /// Numbers as a vector of the main graph.
    pub(crate) fn numbers(&mut self, numbers: &[f64]) -> Spread {
        let Slice { first, width } = self.main.push_constants(numbers.iter().copied());
        Spread { first, step: 1, length: width }
    }

    /// The counter's number at a place that moves with open loops.
    #[track_caller]
    pub(crate) fn counter(&mut self, place: &Spot) -> NodeId {
        let to = self.depth();
        let mut sum: Option<NodeId> = None;
        let terms: Vec<(u32, i64)> = place.terms().collect();
        for (token, coefficient) in terms {
            let level = self.level_of_token(token);
            let start = if sum.is_none() { place.offset() } else { 0 };
            let input = self.feed(level, Feed::Counter { start, step: coefficient }, None, 1);
            let input = self.global(level, input);
            sum = Some(match sum {
                None => input,
                Some(sum) => self.push_op(Op::Add, &[sum, input]),
            });
        }
        match sum {
            Some(sum) => {
                let local = self.bring(sum, to);
                self.global(to, local)
            }
            None => self.constant(place.offset() as f64),
        }
    }

    #[track_caller]
    fn level_of_token(&self, token: u32) -> usize {
        match self.scopes.iter().position(|scope| scope.token == token) {
            Some(scope) => scope + 1,
            None => outside(),
        }
    }

    /// The entry of a vector at a place that moves with open loops, as a node of the innermost body.
    #[track_caller]
    pub(crate) fn entry(&mut self, vector: Spread, place: &Spot) -> NodeId {
        let (vector, place) = self.looked_up(vector, place);
        let (from, first) = self.local(vector.first);
        let to = self.depth();
        let stride = |levels: &Levels, level: usize| {
            vector.step * place.coefficient(levels.scopes[level - 1].token)
        };
        let lookup = place.lookup().map(|lookup| {
            let (token, step) = lookup.terms().next().unwrap_or((u32::MAX, 0));
            (self.level_of_token(token), lookup.walk(step, vector.step))
        });
        for (token, _) in place.terms() {
            assert!(
                self.level_of_token(token) > from,
                "a loop's counter is an index into a vector that its own body makes: make it outside, or choose by `select`"
            );
        }
        // What the loops further in add to a place, at each level: from the lowest to the highest.
        let mut below = vec![(0_i64, 0_i64); to + 1];
        for level in (from + 1..=to).rev() {
            let (mut low, mut high) = below[level];
            let iterations = self.scopes[level - 1].iterations;
            let walks = [Some(Walk::even(0, stride(self, level))), walk_at(&lookup, level)];
            for walk in walks.into_iter().flatten() {
                let Some(span) = walk.span(iterations) else { beyond_table() };
                (low, high) = (low + span.start, high + span.end - 1);
            }
            below[level - 1] = (low, high);
        }
        let offset = vector.step * place.offset();
        let ends = [offset + below[from].0, offset + below[from].1].map(|at| at / vector.step);
        let (low, high) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
        assert!(
            low >= 0 && high < vector.length as i64,
            "the index goes from {low} to {high}, but the length is {}",
            vector.length
        );
        let (mut node, mut start) = (first, offset);
        for (level, &(low, high)) in below.iter().enumerate().skip(from + 1) {
            let walk = self.walk(level, start + low, stride(self, level), walk_at(&lookup, level));
            node = self.feed(level, Feed::Read(walk), Some(node), (high - low + 1) as usize);
            start = -low;
        }
        let node = NodeId::new((node.index() as i64 + if from == to { start } else { 0 }) as usize);
        self.global(to, node)
    }

    /// A walk at one level: even, looked up, or both, for which a table is made.
    fn walk(&self, level: usize, start: i64, stride: i64, lookup: Option<Walk>) -> Walk {
        let Some(lookup) = lookup else { return Walk::even(start, stride) };
        if stride == 0 {
            return Walk { start: start + lookup.start, ..lookup };
        }
        let iterations = self.scopes[level - 1].iterations;
        let places: Vec<i64> = (0..iterations).map(|i| lookup.at(i) + stride * i as i64).collect();
        let low = places.iter().copied().min().unwrap_or(0);
        let places: Vec<u32> = places.iter().map(|place| (place - low) as u32).collect();
        let lookup = Lookup { places: places.into(), first: 0, step: 1 };
        Walk { start: start + low, stride: 1, lookup: Some(lookup) }
    }

    /// A table that several loops look into at once is followed beforehand, entry by entry: then the place moves evenly.
    #[track_caller]
    fn looked_up(&mut self, vector: Spread, place: &Spot) -> (Spread, Spot) {
        let Some(lookup) = place.lookup().filter(|lookup| lookup.terms().count() > 1) else {
            return (vector, place.clone());
        };
        let (from, first) = self.local(vector.first);
        let entries = lookup.table().len();
        let mut body = Graph::default();
        let entry = Slice::one(body.push_group(InputGroup::fed(0, 1)));
        let walk = Walk { start: vector.step * place.offset(), ..lookup.whole(vector.step) };
        let repeated = Loop {
            body: Arc::new(Body { graph: body, outputs: vec![entry] }),
            iterations: entries,
            feeds: vec![Feed::Read(walk)],
            outcomes: vec![Outcome::Sequence { output: 0 }],
            targets: Vec::new(),
            equations: None,
        };
        assert!(
            place.terms().next().is_none(),
            "a table that several loops look into is not an index beside another counter"
        );
        let head = self.graph_mut(from).push_loop(Arc::new(repeated), &[first]);
        let vector = Spread { first: self.global(from, head), step: 1, length: entries };
        (vector, lookup.position())
    }

    /// Opens a body that is only tried, and gives a mark to come back to.
    ///
    /// What a try writes has numbers of its own, so that a value which is put aside and used later is known.
    pub(crate) fn begin_try(&mut self) -> Mark {
        let (scopes, watch) = (self.scopes.clone(), std::mem::take(&mut self.watch));
        let mark = Mark { main: self.main.mark(), scopes, watch };
        if self.depth() < DEEPEST {
            self.push_scope(1);
        }
        mark
    }

    /// Forgets what was written since the mark, but for the numbers that were given.
    pub(crate) fn end_try(&mut self, mark: Mark) {
        let tried = self.next.iter_mut().zip(&self.scopes).skip(mark.scopes.len());
        tried.for_each(|(next, scope)| *next = scope.first + scope.graph.len() as u32);
        self.main.rewind(&mark.main);
        self.scopes = mark.scopes;
        self.watch = mark.watch;
    }
}

/// How much was written.
pub(crate) struct Mark {
    main: crate::graph::Mark,
    scopes: Vec<Scope>,
    watch: Watch,
}

/// The period of operations, and how many more there are until it begins anew.
fn seen(graph: &Graph, ops: &[NodeId]) -> Option<(usize, usize)> {
    let keys: Vec<u64> = ops.iter().map(|&id| graph.key(id)).collect();
    let period = period(&keys)?;
    let before = ops.len() - 2 * period;
    let last = &ops[before..];
    let reads = (period..2 * period).flat_map(|reader| {
        let makers = graph.operands(last[reader]).iter();
        makers.filter_map(move |maker| Some((last.binary_search(maker).ok()?, reader)))
    });
    let begin = *least_crossed(period, reads).last()?;
    Some((period, begin))
}

fn walk_at(lookup: &Option<(usize, Walk)>, level: usize) -> Option<Walk> {
    lookup.as_ref().filter(|(at, _)| *at == level).map(|(_, walk)| walk.clone())
}

fn level(id: NodeId) -> usize {
    match (id.index() as u32).checked_sub(BODIES) {
        None => 0,
        Some(within) => 1 + (within >> BITS) as usize,
    }
}

#[track_caller]
#[cold]
pub(crate) fn outside() -> ! {
    panic!(
        "a value of a loop's body is used outside of that body: give it back as a result of the loop"
    )
}

#[track_caller]
#[cold]
fn beyond_table() -> ! {
    panic!("a loop looks into a table beyond its end")
}
