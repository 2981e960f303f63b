//! From a function to a program: passes over a draft, then addresses.
//!
//! In order: simplify (the graph's own); short products, and slopes of sigmoid and tanh; sums of products; sums over samples; running sums;
//! elementary functions in pairs; dense blocks; loops and slots. Each pass can be seen alone: [`Compiler::passes`].

mod blocks;
mod chains;
mod draft;
mod fuse;
mod lower;
mod pace;
mod repeat;
mod roll;
mod slots;
#[cfg(test)]
mod tests;
mod totals;
mod twins;
mod wide;

use uphill_graph::{Function, Laws};

use crate::error::Error;
use crate::program::{Action, Fused, Names, Origin, Program};
use crate::run::ask;
use draft::{Definition, Draft, Output};
pub(crate) use lower::Lowered;
use lower::Rolling;

/// Compiles functions into [`Program`]s.
///
/// Without settings a program takes all inputs at once and gives each output once a call. Inputs that differ from
/// sample to sample are [columns](Compiler::columns); then outputs are one number a sample, or [sums](Compiler::sum)
/// over all samples, of which an [outer function](Compiler::outer) can be taken.
///
/// ```
/// use uphill_engine::Compiler;
/// use uphill_graph::{Function, Scalar};
///
/// let p = Function::record(["w1", "w2", "w3"], |w| {
///     3.0 * (w[0] - 2.0 * w[1] + 5.0 * w[2]) - 7.0 * (2.0 * w[0] - w[1] - 6.0)
/// })?;
/// let program = Compiler::new().compile(&p.with_gradient()?)?;
/// assert_eq!(program.eval(&[1.0, 1.0, 1.0])?, [47.0, -11.0, 1.0, 15.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Compiler {
    columns: Vec<String>,
    sums: Sums,
    outer: Option<Function>,
    strict: bool,
    no_blocks: bool,
    no_loops: bool,
    limit: Option<usize>,
    #[cfg(feature = "jit")]
    machine_code: bool,
}

#[derive(Debug, Clone, Default)]
enum Sums {
    #[default]
    None,
    All,
    Some(Vec<String>),
}

/// A pass, and the draft of the program after it, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// What the pass does.
    pub name: &'static str,
    /// How often it found something to do.
    pub found: usize,
    /// The statements after it, one a line.
    pub text: String,
}

impl Compiler {
    /// A compiler without settings.
    #[must_use]
    pub fn new() -> Compiler {
        Compiler::default()
    }

    /// The inputs of these names differ from sample to sample: single ones, entries (`x[3]`) or whole vectors (`x`).
    /// A run takes one column of numbers for each, in this order.
    #[must_use]
    pub fn columns<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Compiler {
        self.columns = names.into_iter().map(Into::into).collect();
        self
    }

    /// Adds all outputs up over samples: "add all Δw's computed for all input vectors".
    ///
    /// The order of additions is fixed, and does not depend on the machine or the number of threads.
    #[must_use]
    pub fn sum(mut self) -> Compiler {
        self.sums = Sums::All;
        self
    }

    /// Adds the outputs of these names up over samples; the others stay one number a sample.
    #[must_use]
    pub fn sum_of<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Compiler {
        self.sums = Sums::Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// The program's outputs are those of this function of the sums. Its inputs are taken by name: a sum has the name
    /// of its output; others are shared inputs, and `samples` is the number of samples.
    ///
    /// ```
    /// use uphill_engine::{Compiler, Samples};
    /// use uphill_graph::{Function, Scalar};
    ///
    /// // P = −√(Σ (y − w·x)² / M)
    /// let term = Function::record(["w", "x", "y"], |v| (v[2] - v[0] * v[1]).square().named("S"))?;
    /// let outer = Function::record(["S", "samples"], |v| -(v[0] / v[1]).sqrt())?;
    /// let program = Compiler::new().columns(["x", "y"]).sum().outer(&outer).compile(&term)?;
    /// let columns: [&[f64]; 2] = [&[1.0, 2.0], &[5.0, 10.0]];
    /// let p = program.eval_samples(&[2.0], &Samples::columns(&columns)?)?;
    /// assert_eq!(p, [-(45.0_f64 / 2.0).sqrt()]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn outer(mut self, function: &Function) -> Compiler {
        self.outer = Some(function.clone());
        self
    }

    /// Keeps the bits of [`Function::eval`]: no fused multiply-add, and so no dense blocks.
    ///
    /// Sums over samples have the engine's order in any case: [`Function::eval`] knows none.
    #[must_use]
    pub fn strict(mut self) -> Compiler {
        self.strict = true;
        self
    }

    /// Leaves dot products alone instead of gathering them in dense blocks: to see what those are worth.
    #[must_use]
    pub fn without_blocks(mut self) -> Compiler {
        self.no_blocks = true;
        self
    }

    /// Leaves repeated pieces written out instead of making loops of them: to see what those are worth.
    #[must_use]
    pub fn without_loops(mut self) -> Compiler {
        self.no_loops = true;
        self
    }

    /// Makes machine code too, for one sample at a time: for programs that are called many times. Feature `jit`.
    ///
    /// It takes about 2 µs an instruction outside of loops, and about as long again for small programs, on which more care
    /// is spent.
    #[cfg(feature = "jit")]
    #[must_use]
    pub fn machine_code(mut self) -> Compiler {
        self.machine_code = true;
        self
    }

    /// Makes machine code if so many calls are likely to pay for making it. Feature `jit`.
    #[cfg(feature = "jit")]
    #[must_use]
    pub fn expect_calls(mut self, calls: u64) -> Compiler {
        // Making it costs about as much as a thousand runs by the interpreter, and halves the time of each.
        self.machine_code = calls > 2000;
        self
    }

    /// Refuses to compile what would take more memory than this many bytes, before it is taken.
    #[must_use]
    pub fn limit(mut self, bytes: usize) -> Compiler {
        self.limit = Some(bytes);
        self
    }

    /// Compiles.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] if a name is unknown or given twice; [`Error::TooLarge`] beyond [`Compiler::limit`];
    /// [`Error::Invalid`] if the outer function asks for what there is not, or there is one without sums.
    ///
    /// # Complexity
    ///
    /// Linear in nodes and edges.
    pub fn compile(&self, function: &Function) -> Result<Program, Error> {
        let mut ignore = |_: &'static str, _: usize, _: &Draft| {};
        self.run(function, &mut ignore)
    }

    /// Compiles, and tells what the program looked like after each pass.
    ///
    /// # Errors
    ///
    /// As [`Compiler::compile`].
    ///
    /// ```
    /// use uphill_engine::Compiler;
    /// use uphill_graph::Function;
    /// let f = Function::record(["x", "y", "z"], |v| v[0] * v[1] + v[2])?;
    /// let passes = Compiler::new().passes(&f)?;
    /// assert_eq!(passes[0].text, "v3 = mul(w0, w1)\nv4 = add(v3, w2)\nP: v4\n");
    /// assert_eq!(passes[2].text, "v4 = multiply_add(w0, w1, w2)\nP: v4\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn passes(&self, function: &Function) -> Result<Vec<Pass>, Error> {
        let mut passes = Vec::new();
        let mut note = |name: &'static str, found: usize, draft: &Draft| {
            passes.push(Pass { name, found, text: draft.to_string() });
        };
        self.run(function, &mut note)?;
        Ok(passes)
    }

    fn run(
        &self,
        function: &Function,
        note: &mut dyn FnMut(&'static str, usize, &Draft),
    ) -> Result<Program, Error> {
        self.check_limit(function)?;
        let laws = if self.strict { Laws::Exact } else { Laws::Slopes };
        let given = function;
        let function = function.simplify_with(laws);
        let mut column_of = vec![None; function.inputs().len()];
        let columns = function.inputs().select(&self.columns)?;
        for (column, &position) in columns.iter().enumerate() {
            column_of[position] = Some(column as u32);
        }
        let shared: Vec<usize> =
            (0..column_of.len()).filter(|&position| column_of[position].is_none()).collect();
        let mut place = vec![0; column_of.len()];
        for (number, &position) in shared.iter().enumerate() {
            place[position] = number as u32;
        }
        let mut draft = Draft::read(&function, |position| match column_of[position] {
            Some(column) => Definition::Column(column),
            None => Definition::Shared(place[position]),
        });
        let summed = self.summed(&function)?;
        let input_name = |&position: &usize| function.inputs().name(position);
        let names = Names {
            shared: shared.iter().map(input_name).collect(),
            columns: columns.iter().map(input_name).collect(),
        };
        drop(function);
        note("simplify", 0, &draft);

        wide::bodies(&mut draft).for_each(|body| self.in_body(body));
        fuse::products(&mut draft);
        let slopes = fuse::slopes(&mut draft);
        note("slopes of sigmoid and tanh from their outputs", slopes, &draft);
        let products = if self.strict { 0 } else { fuse::sums(&mut draft) };
        note("sums of products: multiply-adds and dot products", products, &draft);
        let over_samples = !columns.is_empty() || summed.contains(&true);
        if over_samples {
            per_sample(&mut draft, &summed);
        }
        let outer_products = totals::totals(&mut draft, &summed, !self.strict);
        note("sums over samples", outer_products, &draft);
        let chains = chains::chains(&mut draft);
        note("running sums", chains, &draft);
        let twins = twins::twins(&mut draft);
        note("elementary functions in pairs", twins, &draft);
        let dots = if self.strict || self.no_blocks { 0 } else { blocks::blocks(&mut draft) };
        note("dense blocks", dots, &draft);

        let after = self.after(&draft, &names)?;
        let rolling = if self.no_loops { Rolling::Off } else { Rolling::On };
        let lowered =
            lower::lower(&draft, after.as_ref(), names.shared.len(), names.columns.len(), rolling);
        drop((draft, after));
        let fused = Fused { slopes, products, outer_products, chains, dots };
        #[cfg(feature = "jit")]
        let names_count = names.shared.len() + names.columns.len() + summed.len();
        let origin = Origin { function: given.clone(), columns, outer: self.outer.clone() };
        let program = Program::new(lowered, names, fused, over_samples)?.made_from(origin);
        #[cfg(feature = "jit")]
        if self.machine_code {
            let instructions = program.instructions();
            // Cranelift's own, for the piece that it is at, and what stays.
            let piece = instructions.min(crate::jit::LENGTH);
            let more = (256 << 10) + piece * 8192 + instructions * 1024;
            let what = || format!("machine code for {instructions} instructions");
            let held = 4096 + names_count * 128 + 2 * program.report().bytes;
            self.within_limit(held, more, what)?;
            return program.with_machine_code();
        }
        Ok(program)
    }

    /// The passes that bodies of loops go through.
    fn in_body(&self, body: &mut Draft) {
        wide::bodies(body).for_each(|body| self.in_body(body));
        fuse::products(body);
        fuse::slopes(body);
        if !self.strict {
            fuse::sums(body);
        }
        chains::chains(body);
        twins::twins(body);
    }

    fn check_limit(&self, function: &Function) -> Result<(), Error> {
        let graph = function.graph();
        let names = function.inputs().len() + function.output_count();
        // A statement and its value, its operands twice, an instruction, and the tables of the passes: at most so much,
        // as `tests/memory.rs` finds.
        let needed = 4096 + names * 128 + graph.len() * 128 + graph.edge_count() * 16;
        let what = || format!("compiling {} nodes", graph.len());
        self.within_limit(0, needed, what)
    }

    /// Whether so much more can be taken, beside what is held.
    fn within_limit(
        &self,
        held: usize,
        more: usize,
        what: impl Fn() -> String,
    ) -> Result<(), Error> {
        match self.limit {
            Some(limit) if held + more > limit => {
                Err(Error::TooLarge { what: what(), needed: held + more, limit })
            }
            _ => ask(more, what),
        }
    }

    /// For each output, whether it is added up over samples.
    fn summed(&self, function: &Function) -> Result<Vec<bool>, Error> {
        let mut summed = vec![matches!(self.sums, Sums::All); function.output_count()];
        if let Sums::Some(names) = &self.sums {
            let all: Vec<uphill_graph::Output> = function.single_outputs().collect();
            for name in names {
                let asked: Vec<String> = function.output(name)?.names().collect();
                for (summed, output) in summed.iter_mut().zip(&all) {
                    *summed |= asked.contains(&output.name);
                }
            }
        }
        Ok(summed)
    }

    /// The draft of the outer function.
    fn after(&self, draft: &Draft, names: &Names) -> Result<Option<Draft>, Error> {
        let Some(outer) = &self.outer else { return Ok(None) };
        if draft.sum_count == 0 {
            return Err(Error::Invalid {
                what: "an outer function, but no output is added up over samples: use `sum`".into(),
            });
        }
        let outer = outer.simplify();
        let mut inputs = Vec::new();
        for name in outer.input_names() {
            let sum = draft.outputs.iter().find_map(|(output, place)| match place {
                Output::Sum(position) if *output == name => Some(Definition::Sum(*position)),
                _ => None,
            });
            let shared = names.shared.iter().position(|shared| *shared == name);
            let shared = shared.map(|position| Definition::Shared(position as u32));
            let samples = (name == "samples").then_some(Definition::SampleCount);
            inputs.push(sum.or(shared).or(samples).ok_or_else(|| Error::Invalid {
                what: format!(
                    "the outer function asks for `{name}`, which is neither a sum, a shared input, nor `samples`"
                ),
            })?);
        }
        let mut after = Draft::read(&outer, |position| inputs[position]);
        fuse::products(&mut after);
        if !self.strict {
            fuse::sums(&mut after);
        }
        Ok(Some(after))
    }
}

/// Outputs that don't differ from sample to sample, one number a sample like the others.
fn per_sample(draft: &mut Draft, summed: &[bool]) {
    for (position, &summed) in summed.iter().enumerate() {
        let Output::Value(value) = draft.outputs[position].1 else { continue };
        if summed || draft.definitions[value as usize].is_varying() {
            continue;
        }
        let copy = draft.new_value(true);
        let statement = draft.statement(Action::Copy, copy, &[value]);
        draft.statements.push(statement);
        draft.outputs[position].1 = Output::Value(copy);
    }
}
