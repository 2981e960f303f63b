//! What loops a function has, those of its code and those that were found, and which repetitions were not taken.

use std::fmt;

use super::cut::{Missed, Why};
use crate::function::Function;
use crate::graph::Graph;
use crate::node::Node;
use crate::walk::Feed;

/// The loops of a function: see [`Function::loops`]. As text, a line for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loops {
    /// In order; a loop is followed by those of its body.
    pub found: Vec<FoundLoop>,
    /// Repetitions of more than 8000 operations that stay written out.
    pub missed: Vec<MissedLoop>,
}

/// A loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundLoop {
    /// How many loops it is in.
    pub depth: usize,
    /// The number of iterations.
    pub iterations: usize,
    /// How many operations are written down for an iteration, those of loops in it once.
    pub operations: usize,
    /// How many values go from one iteration to the next.
    pub carried: usize,
    /// How many operands move from iteration to iteration at an even pace.
    pub walks: usize,
    /// How many are looked up in tables.
    pub gathered: usize,
}

/// A repetition that is not taken for a loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissedLoop {
    /// How often the same operations follow one another.
    pub iterations: usize,
    /// How many operations.
    pub operations: u64,
    /// Why it is not taken, and what would help.
    pub why: &'static str,
}

impl Function {
    /// The loops that derivatives of this function work with: those that its code wrote by [`loops`](crate::loops), those
    /// that are found in what a plain `for` wrote down ([`Function::rolled`]), and the repetitions that are not taken.
    ///
    /// ```
    /// use uphill_graph::{Function, Inputs, Scalar};
    /// let f = Function::record(Inputs::new().variables("x", 10_000), |x| {
    ///     let mut p = x[0].square();
    ///     for i in 1..x.len() {
    ///         p += (x[i] - x[i - 1].sin()).square();
    ///     }
    ///     p
    /// })?;
    /// assert_eq!(
    ///     f.loops().to_string(),
    ///     "9999 iterations of 4 operations: 1 carried, 2 walks\n"
    /// );
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[must_use]
    pub fn loops(&self) -> Loops {
        let (list, missed) = self.look();
        let mut found = Vec::new();
        match list {
            Some(list) => collect(super::write::write(self, &list).graph(), 0, &mut found),
            None => collect(self.graph(), 0, &mut found),
        }
        Loops { found, missed: missed.into_iter().map(told).collect() }
    }
}

fn collect(graph: &Graph, depth: usize, found: &mut Vec<FoundLoop>) {
    for head in graph.heads() {
        let Node::Result { number, .. } = graph.node(head) else { continue };
        let repeated = graph.repeated(number);
        let count = |is: &dyn Fn(&Feed) -> bool| repeated.feeds().iter().filter(|f| is(f)).count();
        found.push(FoundLoop {
            depth,
            iterations: repeated.iterations(),
            operations: repeated.body().operation_count(),
            carried: count(&|feed| matches!(feed, Feed::Carried { .. })),
            walks: count(&|feed| {
                matches!(feed, Feed::Read(walk) if walk.lookup().is_none() && !walk.is_still())
            }),
            gathered: count(&|feed| matches!(feed, Feed::Read(walk) if walk.lookup().is_some())),
        });
        collect(repeated.body(), depth + 1, found);
    }
}

fn told(missed: Missed) -> MissedLoop {
    let Missed { iterations, operations, why } = missed;
    let why = match why {
        Why::Crossing => {
            "an iteration reads what another one computed, at no fixed distance: keep such values in a state, or compute \
             them in a loop of their own"
        }
        Why::FarBack => {
            "an iteration reads what more than 4 iterations before it computed: carry it on in a state"
        }
        Why::Uneven => {
            "operands move unevenly: numbers and values take turns in one place, or results are read in no order; \
             `loops::map` with a `Table` says where to read"
        }
        Why::Dense => {
            "rows of a matrix times a vector: written out, they become one dense block of a program"
        }
        Why::Short => "its pieces of equal pace have fewer than 16 iterations or 1024 operations",
    };
    MissedLoop { iterations, operations, why }
}

impl fmt::Display for Loops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for found in &self.found {
            let FoundLoop { depth, iterations, operations, carried, walks, gathered } = found;
            write!(
                f,
                "{:indent$}{iterations} iterations of {operations} operations: ",
                "",
                indent = 2 * depth
            )?;
            write!(f, "{carried} carried, {walks} walks")?;
            if *gathered > 0 {
                write!(f, ", {gathered} by tables")?;
            }
            writeln!(f)?;
        }
        for MissedLoop { iterations, operations, why } in &self.missed {
            writeln!(f, "not taken, {iterations} times {operations} operations: {why}")?;
        }
        Ok(())
    }
}
