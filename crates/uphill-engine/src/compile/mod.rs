//! From a function to a program: passes over a draft, then addresses.
//!
//! In order: loops are found and simplified (the graph's own); short products, and slopes of sigmoid and tanh; sums of products; sums over samples; running sums;
//! elementary functions in pairs; dense blocks; slots. Each pass can be seen alone: [`Compiler::passes`].

mod blocks;
mod chains;
mod draft;
mod firsts;
mod fuse;
mod job;
mod lower;
mod plan;
mod print;
mod read;
mod repeat;
mod rows;
mod size;
mod slots;
#[cfg(test)]
mod tests;
mod totals;
mod twins;
mod writer;

use uphill_graph::{Function, Laws};

use crate::error::{Error, ask};
use crate::over::{Fate, Given, Outer, OverSamples, Read};
use crate::program::{Fused, Program};
use draft::{Definition, Draft, DraftLoop};
use job::{Job, gathering, per_sample};
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
        let blocks = !self.strict && !self.no_blocks;
        let chains = chains::chains(&mut draft, blocks);
        note("running sums", chains, &draft);
        let twins = twins::twins(&mut draft);
        note("elementary functions in pairs", twins, &draft);
        let dots = if blocks { blocks::blocks(&mut draft) } else { 0 };
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
        let blocks = !self.strict && !self.no_blocks;
        chains::chains(body, blocks);
        twins::twins(body);
        if blocks {
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
