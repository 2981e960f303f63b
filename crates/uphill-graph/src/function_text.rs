//! A function as lines of text, loops as blocks of them.
//!
//! Counters go from 0 on, whatever range the code had. A block says `next s1 = …` for what an iteration carries to the
//! next one, `t1[i] = …` for what it keeps, and `t1 += …` for what it adds to a sum or vector that begins as nothing. What
//! is carried is called by the same name in front of the loop, in it, and behind it, where that is its last value.

use std::fmt;
use std::sync::Arc;

use crate::formula_text::Style;
use crate::function::Function;
use crate::graph::{Loop, Slice};
use crate::layout::{Bodies, Detail, Layout, Turn};
use crate::node::{Node, NodeId};
use crate::place_text::{Called, Names};
use crate::print::align;
use crate::walk::{Feed, Outcome, Walk};

/// Outputs in a row that say the same of neighbouring entries: fewer are written one by one.
const SHORTEST_RUN: usize = 3;
/// Of longer tables the first few entries and the last one are shown.
const LONGEST_TABLE: usize = 16;
const SHOWN_OF_LONG_TABLE: usize = 4;

impl fmt::Display for Function {
    /// The inputs, then one line a named, shared or final value.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record(["w1", "w2"], |w| (w[0] - 2.0 * w[1]).named("o1") * 3.0)?;
    /// assert_eq!(f.to_string(), "P(w1, w2)\n  o1 = w1 - 2*w2\n  P  = o1*3\n");
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    ///
    /// A [loop](crate::loops) is a block, told once whatever its length. Counters start at 0, whatever range the code
    /// had. What is carried from one iteration to the next (`s1`) has its first value in front of the block and its last
    /// one behind it; `next s1 = …` takes effect when an iteration ends. `t1[i] = …` keeps a value, `t1 += …` adds to a
    /// sum that begins as nothing. Vectors that were put together are `v1`, lists of numbers `c1`, and tables of places
    /// `table1`; long ones are cut in the middle.
    ///
    /// ```
    /// use uphill_graph::{At, Function, Inputs, Scalar, loops};
    /// let inputs = Inputs::new().variables("x", 8);
    /// let f = Function::record(inputs, |x| {
    ///     let sum: uphill_graph::Var<'_> = loops::sum(1..8, |i| (x.at(i) - x.at(i - 1)).square());
    ///     loops::fold(0..3, sum, |i, s| s * x.at(2 * i))
    /// })?;
    /// let expected = "\
    /// P(x[0..8])
    ///   t1 = sum for i in 0..7:
    ///     (x[i + 1] - x[i])^2
    ///   s1 = t1
    ///   for i in 0..3:
    ///     next s1 = s1*x[2*i]
    ///   P = s1
    /// ";
    /// assert_eq!(f.to_string(), expected);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let function = self.with_single_outputs();
        writeln!(f, "{}", function.signature())?;
        f.write_str(&write(&function))
    }
}

impl Function {
    /// One line that tells the size, whatever it is.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record(["x"], |x| x[0] * x[0])?;
    /// assert_eq!(f.summary(), "P(x): 1 input, 1 output, 1 operation, 2 nodes, 2 edges");
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[must_use]
    pub fn summary(&self) -> String {
        let counted = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        let sizes = [
            counted(self.inputs().len(), "input"),
            counted(self.output_count(), "output"),
            counted(self.graph().operation_count(), "operation"),
            counted(self.graph().len(), "node"),
            counted(self.graph().edge_count(), "edge"),
        ];
        format!("{}: {}", self.signature(), sizes.join(", "))
    }
}

/// All lines but the first, which is the signature.
fn write(function: &Function) -> String {
    let (layout, names) = Layout::with_names(function, Detail::Shared, Bodies::Inside);
    let mut text = Text { names, rows: Vec::new() };
    text.lines(&layout, 0);
    for (name, value) in aliases(&layout) {
        text.equal(0, name, value);
    }
    let tables = text.names.tables().iter();
    let tables: Vec<Row> = tables
        .map(|(places, name)| Row { depth: 0, words: Words::Equal(name.clone(), table(places)) })
        .collect();
    rendered(&[tables, text.rows].concat())
}

#[derive(Debug, Clone)]
struct Row {
    depth: usize,
    words: Words,
}

#[derive(Debug, Clone)]
enum Words {
    Equal(String, String),
    Other(String),
}

/// Rows one below the other; equals signs of neighbours are aligned.
fn rendered(rows: &[Row]) -> String {
    let mut out = String::new();
    let same = |a: &Row, b: &Row| {
        let equal = |row: &Row| matches!(row.words, Words::Equal(..));
        a.depth == b.depth && equal(a) && equal(b)
    };
    for rows in rows.chunk_by(same) {
        let indent = "  ".repeat(rows[0].depth + 1);
        let pairs: Vec<(String, String)> = rows
            .iter()
            .filter_map(|row| match &row.words {
                Words::Equal(left, right) => Some((left.clone(), right.clone())),
                Words::Other(_) => None,
            })
            .collect();
        out.push_str(&align(&pairs, &indent));
        for row in rows {
            if let Words::Other(text) = &row.words {
                out.push_str(&format!("{indent}{text}\n"));
            }
        }
    }
    out
}

pub(crate) fn table(places: &Arc<[u32]>) -> String {
    let text = |places: &[u32]| places.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    if places.len() <= LONGEST_TABLE {
        return format!("[{}]", text(places));
    }
    let (first, last) = (text(&places[..SHOWN_OF_LONG_TABLE]), places[places.len() - 1]);
    format!("[{first}, ... ({} more) ..., {last}]", places.len() - SHOWN_OF_LONG_TABLE - 1)
}

/// Outputs that have no line of their own; neighbours that are neighbouring entries or the same value are told at once.
fn aliases(layout: &Layout<'_>) -> Vec<(String, String)> {
    let entry = |name: &str| -> Option<(String, usize)> {
        let (base, index) = name.strip_suffix(']')?.rsplit_once('[')?;
        Some((base.into(), index.parse().ok()?))
    };
    let number = |id: NodeId| match layout.graph.node(id) {
        Node::Constant(number) if !layout.is_atom(id) => Some(number.to_bits()),
        _ => None,
    };
    let mut rows = Vec::new();
    let mut rest = layout.aliases.as_slice();
    while let [(name, first), ..] = rest {
        let (mut same, mut moving) = (1, 1);
        if let Some((base, start)) = entry(name) {
            let follows = |k: usize| {
                rest.get(k).filter(|(name, _)| {
                    entry(name).is_some_and(|(other, index)| other == base && index == start + k)
                })
            };
            let is_same =
                |id: NodeId| id == *first || (number(id).is_some() && number(id) == number(*first));
            while follows(same).is_some_and(|(_, id)| is_same(*id)) {
                same += 1;
            }
            let part = layout.graph.part(*first);
            let inside = |k: usize| first.index() + k < part.first.index() + part.width;
            let named = !matches!(layout.graph.node(*first), Node::Constant(_) | Node::Copy(_));
            while named
                && inside(moving)
                && follows(moving).is_some_and(|(_, id)| id.index() == first.index() + moving)
            {
                moving += 1;
            }
            let run = same.max(moving);
            if run >= SHORTEST_RUN {
                let value = if same >= moving {
                    layout.label(*first)
                } else {
                    layout.slice(Slice { first: *first, width: moving })
                };
                rows.push((format!("{base}[{start}..{}]", start + run), value));
                rest = &rest[run..];
                continue;
            }
        }
        rows.push(((*name).to_owned(), layout.label(*first)));
        rest = &rest[1..];
    }
    rows
}

/// Where the search for a root begins.
fn from(layout: &Layout<'_>, id: NodeId) -> String {
    let Node::Result { number, operands, place } = layout.graph.node(id) else {
        return String::new();
    };
    let repeated = layout.graph.repeated(number);
    let starts = repeated.each_operand(operands).into_iter().zip(&repeated.feeds).enumerate();
    let starts = starts.filter(|(_, (_, feed))| matches!(feed, Feed::Carried { .. }));
    let places = starts.flat_map(|(input, (operand, _))| {
        let nodes = (0..repeated.input_width(input)).map(move |k| operand.map(|id| id.index() + k));
        nodes.flatten()
    });
    match places.skip(place).map(NodeId::new).next() {
        Some(start) if repeated.is_implicit() => format!(" from {}", layout.label(start)),
        _ => String::new(),
    }
}

struct Text {
    names: Names,
    rows: Vec<Row>,
}

impl Text {
    fn equal(&mut self, depth: usize, left: impl Into<String>, right: String) {
        self.rows.push(Row { depth, words: Words::Equal(left.into(), right) });
    }

    fn other(&mut self, depth: usize, text: String) {
        self.rows.push(Row { depth, words: Words::Other(text) });
    }

    /// The lines of a graph, and its loops between them.
    fn lines(&mut self, layout: &Layout<'_>, depth: usize) {
        let mut blocks = layout.blocks.iter().peekable();
        for number in 0..=layout.lines.len() {
            while let Some((_, head)) = blocks.next_if(|(before, _)| *before == number) {
                self.block(layout, *head, depth);
            }
            if let Some(&id) = layout.lines.get(number) {
                let formula = layout.formula(id, &Style::TRACE) + &from(layout, id);
                self.equal(depth, layout.label(id), formula);
            }
        }
    }

    /// A vector or a loop.
    fn block(&mut self, layout: &Layout<'_>, head: NodeId, depth: usize) {
        match layout.graph.loop_of(head) {
            Some(repeated) => self.repeat(layout, head, repeated, depth),
            None => {
                let whole = Slice { first: head, width: layout.graph.width(head) };
                let entries = head.index()..head.index() + whole.width;
                let list = match layout.graph.node(head) {
                    Node::Copy(_) => layout.list(layout.graph.vector(head).iter().copied()),
                    _ => layout.list(entries.map(NodeId::new)),
                };
                self.equal(depth, layout.called(head).slice(whole.width), list);
            }
        }
    }

    fn repeat(&mut self, around: &Layout<'_>, head: NodeId, repeated: &Loop, depth: usize) {
        let operands = around.graph.operands(head);
        let feeds = || repeated.feeds.iter().zip(repeated.operand_places()).enumerate();
        for (input, (feed, operand)) in feeds() {
            if let (Feed::Carried { .. }, Some(operand)) = (feed, operand) {
                let first = Slice { first: operands[operand], width: repeated.input_width(input) };
                self.equal(depth, around.state(head, input), around.slice(first));
            }
        }
        let counter = self.names.counter(depth);
        let body =
            Layout::of_body(around, head, Turn::Every(&counter), Detail::Shared, &mut self.names);
        let range = format!("for {counter} in 0..{}:", repeated.iterations);
        let results: Vec<(Outcome, Called)> = repeated
            .places()
            .filter(|(_, place)| !place.is_empty())
            .map(|(outcome, place)| {
                (outcome, around.called(NodeId::new(head.index() + place.start)))
            })
            .collect();
        let carries = repeated.feeds.iter().any(|feed| matches!(feed, Feed::Carried { .. }));
        if let ([(Outcome::Sum { output }, called)], false) = (results.as_slice(), carries)
            && repeated.output_width(*output) == 1
        {
            self.other(depth, format!("{called} = sum {range}"));
            self.lines(&body, depth + 1);
            self.other(depth + 1, body.slice(repeated.outputs()[*output]));
        } else {
            self.other(depth, range);
            self.lines(&body, depth + 1);
            self.gives(around, head, repeated, &body, &results, &counter, depth + 1);
        }
        body.leave(&mut self.names);
    }

    /// What an iteration gives: to the next one, and to the loop's results.
    #[allow(clippy::too_many_arguments, reason = "the body, what is around it, and where")]
    fn gives(
        &mut self,
        around: &Layout<'_>,
        head: NodeId,
        repeated: &Loop,
        body: &Layout<'_>,
        results: &[(Outcome, Called)],
        counter: &str,
        depth: usize,
    ) {
        let output = |output: usize| body.slice(repeated.outputs()[output]);
        for (place, (outcome, called)) in results.iter().enumerate() {
            if results[..place].iter().any(|(other, _)| other == outcome) {
                continue;
            }
            match *outcome {
                Outcome::Last { .. } => {}
                Outcome::Sequence { output: from } => {
                    let width = repeated.output_width(from);
                    let walk = Walk::even(0, width as i64);
                    let to = called.along(&walk, counter, &mut self.names);
                    self.equal(depth, to.slice(width), output(from));
                }
                Outcome::Sum { output: from } => {
                    let width = repeated.output_width(from);
                    let to = called.slice(width);
                    self.other(depth, format!("{to} += {}", output(from)));
                }
                Outcome::Target { target } => {
                    for (from, walk) in &repeated.targets[target].writes {
                        let to = called.along(walk, counter, &mut self.names);
                        let to = to.slice(repeated.output_width(*from));
                        self.other(depth, format!("{to} += {}", output(*from)));
                    }
                }
            }
        }
        // The last words: whatever stands before them reads the state as it is.
        for (input, feed) in repeated.feeds.iter().enumerate() {
            if let Feed::Carried { from } = feed {
                self.equal(depth, format!("next {}", around.state(head, input)), output(*from));
            }
        }
    }
}
