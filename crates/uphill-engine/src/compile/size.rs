//! How much memory a compile takes, told before it is taken: `tests/memory.rs` finds that it is at most so much.

use uphill_graph::{Feed, Function, Graph, Loop, Node, Outcome, Walk};

/// A statement and its value, and the tables of the passes.
const NODE: usize = 128;
/// A name, a place and a number.
const NAME: usize = 128;
/// The operand of a statement, twice.
const EDGE: usize = 16;
/// An operand that is an entry of a vector is a value too.
const ENTRY: usize = 96;
/// A number of a table, in the graph and in the program, while lists grow.
const NUMBER: usize = 48;
/// A place in a table of a loop, while the list grows.
const PLACE: usize = 16;
/// A node in a list of inputs.
const LISTED: usize = 32;
/// A loop's own lists.
const LOOP: usize = 8192;

/// Of a function; over samples each of its outputs is one by itself.
pub(super) fn bytes(function: &Function, over_samples: bool) -> usize {
    let graph = function.graph();
    let inputs = function.inputs().groups().len();
    let outputs = match over_samples {
        true => function.output_count(),
        false => function.outputs().len(),
    };
    let names = 4096 + (inputs + outputs) * NAME;
    names.saturating_add(match graph.has_loops() {
        true => of_graph(graph, 0),
        false => graph.len() * NODE + graph.edge_count() * EDGE,
    })
}

/// Of what is wide, the parts.
fn of_graph(graph: &Graph, depth: u32) -> usize {
    let mut bytes = 0_usize;
    for head in graph.heads() {
        let own = NODE + instruction(depth);
        bytes = bytes.saturating_add(own).saturating_add(match graph.node(head) {
            // A body lists the nodes of its inputs, and is written a few times on the way.
            Node::Input(_) if depth > 0 => graph.width(head) * LISTED,
            Node::Input(_) => 0,
            Node::Constant(_) => graph.width(head) * NUMBER,
            Node::Op(_, operands) => operands.len() * (EDGE + ENTRY + place(depth)),
            Node::Copy(_) => graph.width(head) * (EDGE + ENTRY + instruction(depth)),
            Node::Result { number, .. } => of_loop(graph.repeated(number), depth + 1),
        });
    }
    bytes
}

fn of_loop(repeated: &Loop, depth: u32) -> usize {
    let places = |walk: &Walk| match walk.lookup() {
        Some(_) => repeated.iterations().saturating_mul(PLACE),
        None => 0,
    };
    let feeds = repeated.feeds().iter().map(|feed| match feed {
        Feed::Read(walk) => places(walk),
        Feed::Carried { .. } | Feed::Counter { .. } => instruction(depth),
    });
    let outcomes = repeated.outcomes().iter().map(|&outcome| {
        // A sum is cleared, added to, and added up from its eight turns; many are by a loop.
        let instructions = match outcome {
            Outcome::Sum { output } => 24 * repeated.output_width(output).min(32),
            Outcome::Last { .. } | Outcome::Sequence { .. } | Outcome::Target { .. } => 8,
        };
        instructions.saturating_mul(instruction(depth))
    });
    let writes = repeated.targets().iter().flat_map(|target| target.writes());
    let writes = writes.map(|(_, walk)| places(walk).saturating_add(2 * instruction(depth)));
    let own = LOOP.saturating_add(of_graph(repeated.body(), depth));
    feeds.chain(outcomes).chain(writes).fold(own, usize::saturating_add)
}

/// What is written of one instruction with up to four places. In a loop with sums it stands twice, in whole blocks and in
/// the rest.
fn instruction(depth: u32) -> usize {
    (1 << depth.min(16)) * 3 * 24 + 4 * place(depth)
}

/// How one place moves with two loops for each that is open.
fn place(depth: u32) -> usize {
    (1 << depth.min(16)) * 3 * 8 * 2 * depth as usize
}
