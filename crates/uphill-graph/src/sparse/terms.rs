//! Numbers that belong into a matrix, before it is known where: what a graph, or a body in it, gives for its entries.

use super::places::Path;
use crate::graph::{Graph, Slice};
use crate::loop_writer::LoopWriter;
use crate::node::NodeId;
use crate::record::Recorder;
use crate::walk::Outcome;

/// A number for an entry in each iteration of the loops around it.
#[derive(Debug, Clone)]
pub(super) struct Term {
    /// Where it is computed, one value an iteration.
    pub(super) value: Slice,
    /// How often each loop around runs, the innermost first.
    pub(super) extents: Vec<usize>,
    pub(super) row: Path,
    pub(super) column: Path,
    /// Whether it stands at the mirrored place too: of a Hessian, what two different inputs of a body give. If both are
    /// one input of the function, both places are the same, and count twice.
    pub(super) mirrored: bool,
}

impl Term {
    /// Outside of loops.
    pub(super) fn still(value: NodeId, row: NodeId, column: NodeId, mirrored: bool) -> Term {
        let (row, column) = (Path::still(row), Path::still(column));
        Term { value: Slice::one(value), extents: Vec::new(), row, column, mirrored }
    }

    /// Lets the loop around give this: added up where the place stays the same, else one after the other. What it is in
    /// the graph around, but for the first node.
    pub(super) fn give(&mut self, writer: &mut LoopWriter) {
        let output = writer.output(self.value);
        if self.is_still() {
            writer.outcome(Outcome::Sum { output });
            self.row.stay();
            self.column.stay();
        } else {
            writer.outcome(Outcome::Sequence { output });
            self.extents.push(writer.iterations);
            self.value.width *= writer.iterations;
        }
    }

    /// Whether the loop around doesn't move the place.
    pub(super) fn is_still(&self) -> bool {
        self.row.is_still() && self.column.is_still()
    }
}

/// A loop that gives entries, not yet written: what is done with them is up to who asked.
pub(super) struct Entering {
    /// One loop an iteration of `writer`; the values are of its body, the extents those within.
    pub(super) writer: LoopWriter,
    pub(super) body: Graph,
    pub(super) terms: Vec<Term>,
}

/// What a graph gives for a matrix: of a Hessian, each entry on one side of the diagonal.
#[derive(Default)]
pub(super) struct Found {
    pub(super) graph: Graph,
    /// Numbers outside of loops.
    pub(super) single: Vec<Term>,
    pub(super) loops: Vec<Entering>,
    pub(super) sweeps: usize,
}

impl Found {
    /// All as vectors of numbers: how a body gives them to the loop around.
    pub(super) fn close(self) -> (Graph, Vec<Term>) {
        let recorder = Recorder::continuing(self.graph);
        let mut terms = self.single;
        for Entering { mut writer, body, terms: mut own } in self.loops {
            for term in &mut own {
                term.give(&mut writer);
            }
            let results = writer.write(body, &recorder);
            for (term, first) in own.iter_mut().zip(results) {
                term.value.first = first;
            }
            terms.extend(own);
        }
        (recorder.into_graph(), terms)
    }
}
