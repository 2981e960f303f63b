//! Jacobians and Hessians: which entries can be other than zero, and how few sweeps give them all.
//!
//! Columns that share no row can be differentiated in one forward sweep, rows that share no column in one reverse
//! sweep (Curtis, Powell and Reid 1974). Greedy colouring groups them; the direction with fewer groups is taken.

use crate::error::Error;
use crate::forward::tangents;
use crate::function::Function;
use crate::node::{Node, NodeId};
use crate::record::Recorder;
use crate::reverse::{Sweep, active};
use crate::scalar::Scalar;
use crate::var::Var;

/// The entries of a Jacobian or Hessian that can be other than zero, and the function that computes them.
#[derive(Debug, Clone)]
pub struct Sparse {
    /// The number of rows: outputs.
    pub rows: usize,
    /// The number of columns: inputs by which the derivatives were taken.
    pub columns: usize,
    /// Row and column of each entry, row by row.
    pub entries: Vec<(usize, usize)>,
    /// One output an entry, in the order of [`Sparse::entries`].
    pub function: Function,
    /// How many sweeps it took: the number of colours.
    pub sweeps: usize,
}

impl Function {
    /// The Jacobian by all variables: one output an entry, row by row, `dP1/dw1`, `dP1/dw2`, …, zeros included.
    ///
    /// Taken by rows (reverse) or by columns (forward), whichever takes fewer sweeps.
    ///
    /// # Errors
    ///
    /// [`Error::DuplicateName`] if two outputs and inputs give one derivative's name.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let o = Function::record_many(["w1", "w2", "w3"], |w| {
    ///     vec![w[0] - 2.0 * w[1] + 5.0 * w[2], 2.0 * w[0] - w[1] - 6.0]
    /// })?;
    /// assert_eq!(o.jacobian()?.eval(&[1.0, 1.0, 1.0])?, [1.0, -2.0, 5.0, 2.0, -1.0, 0.0]);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn jacobian(&self) -> Result<Function, Error> {
        self.jacobian_at(&self.inputs().variable_positions(), Layout::Dense, first_order)
            .map(|s| s.function)
    }

    /// The Jacobian by the inputs of these names.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`], or [`Error::DuplicateName`] for an input named twice.
    pub fn jacobian_wrt<N: AsRef<str>>(&self, names: &[N]) -> Result<Function, Error> {
        self.jacobian_at(&self.inputs().select(names)?, Layout::Dense, first_order)
            .map(|s| s.function)
    }

    /// The entries of the Jacobian that can be other than zero.
    ///
    /// # Errors
    ///
    /// As [`Function::jacobian`].
    ///
    /// ```
    /// use uphill_graph::{Function, Inputs};
    /// let inputs = Inputs::new().variables("x", 100);
    /// let f = Function::record_many(inputs, |x| x.windows(2).map(|x| x[0] * x[1]).collect())?;
    /// let jacobian = f.sparse_jacobian()?;
    /// assert_eq!(jacobian.entries.len(), 198); // of 9900
    /// assert_eq!(jacobian.sweeps, 2);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn sparse_jacobian(&self) -> Result<Sparse, Error> {
        self.jacobian_at(&self.inputs().variable_positions(), Layout::Sparse, first_order)
    }

    /// The Hessian by all variables: one output an entry, row by row, `d2P/dw1dw1`, `d2P/dw1dw2`, …, zeros included.
    ///
    /// # Errors
    ///
    /// [`Error::NotScalar`] unless the function has exactly one output.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record(["x", "y"], |v| v[0] * v[0] * v[1])?;
    /// assert_eq!(f.hessian()?.eval(&[2.0, 3.0])?, [6.0, 4.0, 4.0, 0.0]);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn hessian(&self) -> Result<Function, Error> {
        self.hessian_at(&self.inputs().variable_positions(), Layout::Dense).map(|s| s.function)
    }

    /// The Hessian by the inputs of these names.
    ///
    /// # Errors
    ///
    /// [`Error::NotScalar`], [`Error::UnknownName`], or [`Error::DuplicateName`] for an input named twice.
    pub fn hessian_wrt<N: AsRef<str>>(&self, names: &[N]) -> Result<Function, Error> {
        self.hessian_at(&self.inputs().select(names)?, Layout::Dense).map(|s| s.function)
    }

    /// The entries of the Hessian that can be other than zero.
    ///
    /// # Errors
    ///
    /// [`Error::NotScalar`].
    pub fn sparse_hessian(&self) -> Result<Sparse, Error> {
        self.hessian_at(&self.inputs().variable_positions(), Layout::Sparse)
    }

    fn hessian_at(&self, wrt: &[usize], layout: Layout) -> Result<Sparse, Error> {
        let output = self.single_output("a Hessian")?.name.clone();
        let names: Vec<String> = wrt.iter().map(|&position| self.inputs().name(position)).collect();
        let gradient = self.gradient_wrt(&names)?;
        gradient.jacobian_at(wrt, layout, |_, row, column| {
            format!("d2{output}/d{}d{}", names[row], names[column])
        })
    }

    fn jacobian_at(
        &self,
        wrt: &[usize],
        layout: Layout,
        name: impl Fn(&Jacobian<'_>, usize, usize) -> String,
    ) -> Result<Sparse, Error> {
        let jacobian = Jacobian { function: self, wrt };
        let outputs = self.outputs().len();
        let pattern = pattern(self, wrt);
        let by_column = transpose(&pattern, wrt.len());
        let column_colours = colour(&by_column, outputs);
        let row_colours = colour(&pattern, wrt.len());
        let recorder = Recorder::continuing(self.graph().clone());
        let forward = count(&column_colours) < count(&row_colours);
        let sweeps = count(if forward { &column_colours } else { &row_colours });
        let entries = if forward {
            jacobian.forward(&recorder, &pattern, &column_colours)
        } else {
            jacobian.reverse(&recorder, &pattern, &row_colours)
        };
        let entries: Vec<(usize, usize, Var<'_>)> = match layout {
            Layout::Sparse => entries,
            Layout::Dense => fill(entries, outputs, wrt.len()),
        };
        for &(row, column, value) in &entries {
            recorder.output(name(&jacobian, row, column), value);
        }
        let entries: Vec<(usize, usize)> =
            entries.iter().map(|&(row, column, _)| (row, column)).collect();
        let function = recorder.finish()?.into_simplified();
        Ok(Sparse { rows: outputs, columns: wrt.len(), entries, function, sweeps })
    }
}

#[derive(Debug, Clone, Copy)]
enum Layout {
    Dense,
    Sparse,
}

struct Jacobian<'f> {
    function: &'f Function,
    wrt: &'f [usize],
}

fn first_order(jacobian: &Jacobian<'_>, row: usize, column: usize) -> String {
    let output = &jacobian.function.outputs()[row].name;
    format!("d{output}/d{}", jacobian.function.inputs().name(jacobian.wrt[column]))
}

impl Jacobian<'_> {
    /// One forward sweep a colour of columns.
    fn forward<'g>(
        &self,
        recorder: &'g Recorder,
        pattern: &[Vec<usize>],
        colours: &[usize],
    ) -> Vec<(usize, usize, Var<'g>)> {
        let inputs = self.function.graph().input_nodes();
        let sweeps: Vec<_> = (0..count(colours))
            .map(|colour| {
                let columns = (0..colours.len()).filter(|&column| colours[column] == colour);
                let seeds: Vec<_> =
                    columns.map(|c| (inputs[self.wrt[c]], Var::constant(1.0))).collect();
                tangents(self.function, recorder, &seeds)
            })
            .collect();
        self.gather(pattern, |row, column| sweeps[colours[column]][row])
    }

    /// One reverse sweep a colour of rows.
    fn reverse<'g>(
        &self,
        recorder: &'g Recorder,
        pattern: &[Vec<usize>],
        colours: &[usize],
    ) -> Vec<(usize, usize, Var<'g>)> {
        let sweep = Sweep::new(self.function, self.wrt);
        let outputs = self.function.outputs();
        let sweeps: Vec<_> = (0..count(colours))
            .map(|colour| {
                let rows = (0..colours.len()).filter(|&row| colours[row] == colour);
                let seeds: Vec<_> =
                    rows.map(|row| (outputs[row].node, Var::constant(1.0))).collect();
                sweep.adjoints(recorder, &seeds)
            })
            .collect();
        self.gather(pattern, |row, column| Some(sweeps[colours[row]][column]))
    }

    fn gather<'g>(
        &self,
        pattern: &[Vec<usize>],
        value: impl Fn(usize, usize) -> Option<Var<'g>>,
    ) -> Vec<(usize, usize, Var<'g>)> {
        let entries = pattern
            .iter()
            .enumerate()
            .flat_map(|(row, columns)| columns.iter().map(move |&c| (row, c)));
        entries
            .map(|(row, column)| (row, column, value(row, column).unwrap_or(Var::constant(0.0))))
            .collect()
    }
}

/// Puts zeros between the entries, which come row by row.
fn fill<'g>(
    entries: Vec<(usize, usize, Var<'g>)>,
    rows: usize,
    columns: usize,
) -> Vec<(usize, usize, Var<'g>)> {
    let cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
    let mut all: Vec<_> = cells.map(|(row, column)| (row, column, Var::constant(0.0))).collect();
    for entry in entries {
        all[entry.0 * columns + entry.1] = entry;
    }
    all
}

/// For each output, the columns (positions in `wrt`) on which it depends, ascending.
fn pattern(function: &Function, wrt: &[usize]) -> Vec<Vec<usize>> {
    let written_out = function.graph().has_loops().then(|| function.unrolled().ok()).flatten();
    let function = written_out.as_ref().unwrap_or(function);
    let graph = function.graph();
    let inputs: Vec<NodeId> = wrt.iter().map(|&position| graph.input_nodes()[position]).collect();
    let active = active(function, &inputs);
    let mut column_of = vec![usize::MAX; graph.len()];
    for (column, input) in inputs.iter().enumerate() {
        column_of[input.index()] = column;
    }
    let mut seen = vec![usize::MAX; graph.len()];
    let row = |(row, output): (usize, &crate::function::Output)| {
        let mut columns = Vec::new();
        let mut waiting = vec![output.node];
        while let Some(id) = waiting.pop() {
            if !active[id.index()] || seen[id.index()] == row {
                continue;
            }
            seen[id.index()] = row;
            match graph.node(id) {
                Node::Op(op, operands) => {
                    let live = operands.iter().enumerate().filter(|(k, _)| op.differentiable(*k));
                    waiting.extend(live.map(|(_, &operand)| operand));
                }
                Node::Copy(of) => waiting.push(of),
                _ => columns.push(column_of[id.index()]),
            }
        }
        columns.sort_unstable();
        columns
    };
    function.outputs().iter().enumerate().map(row).collect()
}

fn transpose(rows: &[Vec<usize>], columns: usize) -> Vec<Vec<usize>> {
    let mut transposed = vec![Vec::new(); columns];
    for (row, entries) in rows.iter().enumerate() {
        for &column in entries {
            transposed[column].push(row);
        }
    }
    transposed
}

fn count(colours: &[usize]) -> usize {
    colours.iter().max().map_or(0, |largest| largest + 1)
}

/// Colours lines (rows or columns) so that two of one colour share no cross line: greedy, the fullest lines first.
fn colour(lines: &[Vec<usize>], crossings: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_key(|&line| std::cmp::Reverse(lines[line].len()));
    // The colours that each cross line has met already.
    let mut met: Vec<Vec<usize>> = vec![Vec::new(); crossings];
    let mut colours = vec![0; lines.len()];
    let mut taken: Vec<usize> = Vec::new();
    for (turn, &line) in order.iter().enumerate() {
        for &crossing in &lines[line] {
            for &colour in &met[crossing] {
                if colour >= taken.len() {
                    taken.resize(colour + 1, usize::MAX);
                }
                taken[colour] = turn;
            }
        }
        let free = (0..).find(|&c| taken.get(c).is_none_or(|&t| t != turn)).unwrap_or(0);
        colours[line] = free;
        for &crossing in &lines[line] {
            met[crossing].push(free);
        }
    }
    colours
}
