//! From a function to a program: passes over a draft, then addresses.
//!
//! In order: loops are found and simplified (the graph's own); short products, and slopes of sigmoid and tanh; sums of products; sums over samples; running sums;
//! elementary functions in pairs; dense blocks; slots. Each pass can be seen alone: [`Compiler::passes`].

mod blocks;
mod chains;
mod draft;
mod fuse;
mod lower;
mod plan;
mod print;
mod read;
mod repeat;
mod size;
mod slots;
#[cfg(test)]
mod tests;
mod totals;
mod twins;
mod writer;

use uphill_graph::{Function, Laws};

use crate::code::{Action, Layout, Outputs, Place};
use crate::error::{Error, ask};
use crate::over::{Fate, Given, Outer, OverSamples, Read, Yield};
use crate::program::{Fused, Gather, Gathering, Names, Origin, Program, Scatter};
use draft::{Definition, Draft, DraftLoop, Output};
use lower::Counts;
use read::{Inputs, read};

/// Compiles functions into [`Program`]s: those of numbers, by [`Compiler::compile`], and those over samples, by
/// [`Compiler::compile_samples`].
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
    strict: bool,
    no_blocks: bool,
    no_loops: bool,
    limit: Option<usize>,
    #[cfg(feature = "jit")]
    machine_code: bool,
    #[cfg(feature = "jit")]
    threads: Option<std::num::NonZero<usize>>,
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

    /// Writes loops out ([`Function::unrolled`]) and looks for none ([`Function::rolled`]): to see what those are worth.
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

    /// Makes machine code on so many threads, of which the caller is one; 0 for as many as the machine runs at once. Feature
    /// `jit`.
    ///
    /// Code outside of loops is cut into functions of a thousand instructions, which are compiled side by side, each in 8 MB
    /// at most. The code doesn't depend on it. Without this the caller works alone.
    ///
    /// ```
    /// use uphill_engine::Compiler;
    /// use uphill_graph::{Function, Scalar};
    /// let f = Function::record(["x"], |x| (0..5000).fold(x[0], |y, _| (y + 0.5).sin()))?;
    /// let compiler = Compiler::new().without_loops().machine_code();
    /// let (one, two) = (compiler.compile(&f)?, compiler.threads(2).compile(&f)?);
    /// assert_eq!(one.eval(&[0.25])?, two.eval(&[0.25])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "jit")]
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Compiler {
        let all = || std::thread::available_parallelism().ok();
        self.threads = std::num::NonZero::new(threads).or_else(all);
        self
    }

    /// Refuses to compile what would take more memory than this many bytes, before it is taken.
    #[must_use]
    pub fn limit(mut self, bytes: usize) -> Compiler {
        self.limit = Some(bytes);
        self
    }

    /// Compiles a function: a program that takes all inputs at once and gives each output once a call.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] beyond [`Compiler::limit`].
    ///
    /// # Complexity
    ///
    /// Linear in nodes and edges.
    pub fn compile(&self, function: &Function) -> Result<Program, Error> {
        self.run(Job { function, over: None }, &mut |_, _, _| {})
    }

    /// Compiles a function over samples: a program that takes shared inputs and [`Samples`](crate::Samples).
    ///
    /// # Errors
    ///
    /// As [`Compiler::compile`].
    ///
    /// # Complexity
    ///
    /// Linear in nodes and edges of the term and the outer function, whatever the number of samples.
    pub fn compile_samples(&self, function: &OverSamples) -> Result<Program, Error> {
        self.run(Job::over(function), &mut |_, _, _| {})
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
        self.noted(Job { function, over: None })
    }

    /// The same over samples.
    ///
    /// # Errors
    ///
    /// As [`Compiler::compile`].
    pub fn passes_over_samples(&self, function: &OverSamples) -> Result<Vec<Pass>, Error> {
        self.noted(Job::over(function))
    }

    fn noted(&self, job: Job<'_>) -> Result<Vec<Pass>, Error> {
        let mut passes = Vec::new();
        let mut note = |name: &'static str, found: usize, draft: &Draft| {
            passes.push(Pass { name, found, text: draft.to_string() });
        };
        self.run(job, &mut note)?;
        Ok(passes)
    }

    fn run(
        &self,
        job: Job<'_>,
        note: &mut dyn FnMut(&'static str, usize, &Draft),
    ) -> Result<Program, Error> {
        self.check_limit(job.function, job.over.is_some())?;
        let laws = if self.strict { Laws::Exact } else { Laws::Slopes };
        let function = match self.no_loops {
            false => job.function.rolled().simplify_with(laws),
            true if job.function.graph().has_loops() => {
                let written_out = job.function.unrolled()?;
                self.check_limit(&written_out, job.over.is_some())?;
                written_out.simplify_with(laws)
            }
            true => job.function.simplify_with(laws),
        };
        let given = job.over.map(OverSamples::given);
        let mut draft = match &given {
            None => read(&function, Inputs::Shared),
            Some(given) => {
                let input = |position: usize| match given[position] {
                    Given::Shared(place) => Definition::Shared(place),
                    Given::Column(column) => Definition::Column(column),
                    Given::Gathered { of, entry } => {
                        Definition::Column(job.first_gathered(of) + entry)
                    }
                };
                let mut draft = read(&function, Inputs::Each(&input));
                draft.single_outputs();
                draft
            }
        };
        drop(function);
        let names = job.names();
        note("simplify", 0, &draft);

        let dots_within: usize = draft.loops().map(|each| self.in_body(each)).sum();
        fuse::products(&mut draft);
        let slopes = fuse::slopes(&mut draft);
        note("slopes of sigmoid and tanh from their outputs", slopes, &draft);
        let products = if self.strict { 0 } else { fuse::sums(&mut draft) };
        note("sums of products: multiply-adds and dot products", products, &draft);
        let fates = job.over.map_or(&[][..], |over| over.fates.as_slice());
        let summed = fates.iter().map(|fate| match fate {
            Fate::Sum(sum) => Some(*sum),
            Fate::Each | Fate::Scatter { .. } => None,
        });
        let summed: Vec<Option<u32>> = summed.collect();
        if job.over.is_some() {
            per_sample(&mut draft, &summed);
        }
        let outer_products = totals::totals(&mut draft, &summed, !self.strict);
        note("sums over samples", outer_products, &draft);
        let chains = chains::chains(&mut draft);
        note("running sums", chains, &draft);
        let twins = twins::twins(&mut draft);
        note("elementary functions in pairs", twins, &draft);
        let dots = if self.strict || self.no_blocks { 0 } else { blocks::blocks(&mut draft) };
        let dots = dots_within + dots;
        note("dense blocks", dots, &draft);

        let outer = job.over.and_then(|over| over.outer.as_ref());
        let after = outer.map(|outer| self.after(outer));
        let counts = Counts {
            shared: names.shared.len(),
            columns: names.columns.len(),
            targets: job.over.map_or(0, OverSamples::target_count),
        };
        let (mut lowered, places) = lower::lower(&draft, after.as_ref(), counts);
        if after.is_none() {
            lowered.outputs = job.outputs(&draft, &places, &lowered.layout);
        }
        let gathering = job.over.map(|over| gathering(over, &places, &lowered.layout));
        drop((draft, after));
        let fused = Fused { slopes, products, outer_products, chains, dots };
        #[cfg(feature = "jit")]
        let names_count =
            names.shared.groups().len() + names.columns.len() + lowered.outputs.list().len();
        let mut program =
            Program::new(lowered, names, fused, job.over.is_some())?.made_from(job.origin());
        if let Some(gathering) = gathering {
            program = program.gathering(gathering)?;
        }
        #[cfg(feature = "jit")]
        if self.machine_code {
            let instructions = program.instructions();
            // Cranelift's own, for the pieces that it is at, and what stays.
            let threads = self.threads.map_or(1, std::num::NonZero::get);
            let piece = instructions.min(crate::jit::LENGTH * crate::jit::at_once(threads));
            let more = (256 << 10) + piece * 8192 + instructions * 1024;
            let what = || format!("machine code for {instructions} instructions");
            let held = 4096 + names_count * 128 + 2 * program.report().bytes;
            self.within_limit(held, more, what)?;
            return program.with_machine_code(threads);
        }
        Ok(program)
    }

    /// The passes that bodies of loops go through; returns how many dot products went into blocks.
    fn in_body(&self, repeated: &mut DraftLoop) -> usize {
        let body = &mut repeated.body;
        let mut dots: usize = body.loops().map(|each| self.in_body(each)).sum();
        fuse::products(body);
        fuse::slopes(body);
        if !self.strict {
            fuse::sums(body);
        }
        chains::chains(body);
        twins::twins(body);
        if !self.strict && !self.no_blocks {
            dots += blocks::blocks(body);
            blocks::hold(repeated);
        }
        dots
    }

    fn check_limit(&self, function: &Function, over_samples: bool) -> Result<(), Error> {
        let needed = size::bytes(function, over_samples);
        // What is wide is one.
        let what = || format!("compiling {} nodes", function.graph().heads().count());
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

    /// The draft of the outer function.
    fn after(&self, outer: &Outer) -> Draft {
        let function = outer.function.simplify();
        let input = |position: usize| match outer.reads[position] {
            Read::Sum(sum) => Definition::Sum(sum),
            Read::Target(target) => Definition::Target(target),
            Read::Shared(place) => Definition::Shared(place),
            Read::Count => Definition::SampleCount,
            Read::Zero => Definition::Constant(0.0),
        };
        let mut after = read(&function, Inputs::Each(&input));
        after.loops().for_each(|each| {
            self.in_body(each);
        });
        fuse::products(&mut after);
        if !self.strict {
            fuse::sums(&mut after);
        }
        after.sweep();
        after
    }
}

/// What is to be compiled.
#[derive(Clone, Copy)]
struct Job<'f> {
    /// Of all inputs, or of one sample.
    function: &'f Function,
    over: Option<&'f OverSamples>,
}

impl<'f> Job<'f> {
    fn over(over: &'f OverSamples) -> Job<'f> {
        Job { function: &over.term, over: Some(over) }
    }

    /// What a program remembers to tell where trouble arose.
    fn origin(&self) -> Origin {
        match self.over {
            None => Origin::Plain(self.function.clone()),
            Some(over) => Origin::Over(over.clone()),
        }
    }

    /// The column at which the inputs of this number that are gathered start: behind the columns that are given.
    fn first_gathered(&self, number: u32) -> u32 {
        self.over.map_or(0, |over| {
            let before = &over.gathered[..number as usize];
            over.columns.len() as u32 + before.iter().map(|gathered| gathered.width).sum::<u32>()
        })
    }

    fn names(&self) -> Names {
        let Some(over) = self.over else {
            return Names { shared: self.function.inputs().clone(), columns: Vec::new() };
        };
        let mut columns = over.columns.clone();
        for gathered in &over.gathered {
            let positions = over.term.inputs().positions(&gathered.local).unwrap_or(0..0);
            columns.extend(positions.map(|position| over.term.inputs().name(position)));
        }
        Names { shared: over.shared.iter().cloned().collect(), columns }
    }

    /// What a run gives where nothing comes after the sums.
    fn outputs(&self, draft: &Draft, places: &[Place], layout: &Layout) -> Outputs {
        let Some(over) = self.over else { return lower::named(draft, places) };
        let mut outputs = Outputs::default();
        for results in over.results() {
            let place = match results.given {
                Yield::Each(output) => places[output],
                Yield::Sum(sum) => Place::PerCall(layout.sums + sum),
                Yield::Target(target) => Place::PerCall(layout.targets + target),
            };
            outputs.push(results.name, results.entry, place, results.count);
        }
        outputs
    }
}

/// What is loaded before a sample, and added behind it, by columns of indices.
fn gathering(over: &OverSamples, places: &[Place], layout: &Layout) -> Gathering {
    let mut gathering = Gathering { given: over.columns.len() as u32, ..Gathering::default() };
    let mut to = over.columns.len() as u32;
    for gathered in &over.gathered {
        let from = layout.shared + over.shared_place(&gathered.from).unwrap_or(0);
        let (width, rows) = (gathered.width, gathered.rows);
        let index = gathering.index(gathered.by, rows, &gathered.from);
        gathering.gathers.push(Gather { index, from, width, to });
        to += width;
    }
    for (place, fate) in places.iter().zip(&over.fates) {
        if let (Fate::Scatter { of, first }, Some(address)) = (*fate, place.per_sample()) {
            let Gather { index, width: stride, .. } = gathering.gathers[of as usize];
            gathering.scatters.push(Scatter { index, address, first, stride });
        }
    }
    gathering
}

/// Outputs that don't differ from sample to sample, one number a sample like the others.
fn per_sample(draft: &mut Draft, summed: &[Option<u32>]) {
    for (position, summed) in summed.iter().enumerate() {
        let Output::Value(value) = draft.outputs[position].1 else { continue };
        if summed.is_some() || draft.definitions[value as usize].is_varying() {
            continue;
        }
        let copy = draft.new_value(true);
        let statement = draft.statement(Action::Copy, copy, &[value]);
        draft.statements.push(statement);
        draft.outputs[position].1 = Output::Value(copy);
    }
}
