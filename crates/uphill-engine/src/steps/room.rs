//! Room for steps: how long their lists get is found out before they are written, so that they take what was told.

use uphill_graph::Op;

use super::scalar;
use super::step::{Binary, Places, Rare, Row, Segment, Step, Steps, Table, Unary, UnaryPair};

/// How long the lists of [`Steps`] are.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sizes {
    pub(super) segments: usize,
    pub(super) steps: usize,
    pub(super) moves: usize,
    pub(super) tables: usize,
    pub(super) rows: usize,
    pub(super) unary: usize,
    pub(super) binary: usize,
    pub(super) pairs: usize,
    pub(super) ops: usize,
    pub(super) body: usize,
    pub(super) moved_tables: usize,
    pub(super) stack: usize,
    /// What is needed while steps are made.
    pub(super) loops: usize,
    pub(super) paths: usize,
}

impl Sizes {
    /// What the lists of the steps take.
    pub(super) fn bytes(&self) -> usize {
        self.segments * size_of::<Segment>()
            + (self.steps + self.body) * size_of::<Step>()
            + self.moves * size_of::<Places>()
            + (self.tables + self.moved_tables) * size_of::<Table>()
            + self.rows * size_of::<Row>()
            + self.unary * size_of::<Unary>()
            + self.binary * size_of::<Binary>()
            + self.pairs * size_of::<UnaryPair>()
            + self.ops * size_of::<Op>()
            + self.stack * size_of::<f64>()
    }
}

impl Steps {
    /// No steps.
    pub(super) fn none() -> Steps {
        Steps::with_room(0, &Sizes::default())
    }

    pub(super) fn with_room(memory: usize, sizes: &Sizes) -> Steps {
        let rare = Rare {
            unary: Vec::with_capacity(sizes.unary),
            binary: Vec::with_capacity(sizes.binary),
            pairs: Vec::with_capacity(sizes.pairs),
            ops: Vec::with_capacity(sizes.ops),
            stack: Vec::with_capacity(sizes.stack),
        };
        Steps {
            memory,
            run: scalar::best(),
            segments: Vec::with_capacity(sizes.segments),
            steps: Vec::with_capacity(sizes.steps),
            moves: Vec::with_capacity(sizes.moves),
            tables: Vec::with_capacity(sizes.tables),
            rows: Vec::with_capacity(sizes.rows),
            rare,
            body: Vec::with_capacity(sizes.body),
            moved_tables: Vec::with_capacity(sizes.moved_tables),
            abreast: Vec::new(),
        }
    }
}
