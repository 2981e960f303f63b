//! Programs as source text: a function in Rust or C99, for build scripts and other languages.
//!
//! Loops stay loops, dense blocks become nests of loops, index tables become constant arrays; long straight code is cut
//! into several functions. What the text computes has the bits of every backend: it does the same operations in the
//! same order, and brings the same elementary functions along. Decisions: docs/adr/0016-source-text.md.

mod access;
mod body;
mod ends;
mod expression;
mod function;
mod kernels;
mod language;
mod library;
mod loops;
mod memory;
mod rule;
mod samples;
mod signature;

use std::collections::BTreeSet;

use crate::error::Error;
use crate::program::Program;
use function::{Function, Writer};
use kernels::{Needs, c_kernels, rust_kernels};
use language::Language;

/// Source text for one or more programs.
///
/// A program without columns and sums becomes a function of one point: `inputs` and `outputs` are arrays, with one
/// number for each input and output, in order. A program over samples becomes a function of any number of them:
/// `inputs` are the inputs that are the same for all, `samples` has a row for each, `outputs` is for outputs that are
/// sums or functions of sums, and `each`, where there are other outputs, has a row for each sample. In C, rows lie one
/// after the other and `count` says how many there are.
///
/// Nothing is allocated. Memory is on the stack; a program that needs more than 1024 numbers of it takes them from its
/// caller as `workspace`, whose size is a constant beside the function, `NAME_WORKSPACE`.
///
/// The numbers are those of [`Program::run`] and [`Program::run_samples`], bit for bit. For that the text has the
/// elementary functions that it calls in a module `kernel` (in C, functions that begin with `uphill_`). They rest on
/// fused multiply-add: compile for processors that have it (`-C target-feature=+fma` or `-march=…`), else each is a call.
///
/// In Rust, some functions need the crate `libm` (0.2), and the text's first lines say so where they do: sine, cosine
/// and tangent for huge arguments, most arc and inverse hyperbolic functions, powers that are not whole, cube roots,
/// `hypot`, `erf` and `ln_gamma`.
///
/// ```
/// use uphill_engine::{Compiler, Source};
/// use uphill_graph::{Function, Scalar};
///
/// let p = Function::record(["w", "x"], |v| -(v[0] * v[1] - 1.0).square())?;
/// let [value, both] = [Compiler::new().compile(&p)?, Compiler::new().compile(&p.with_gradient()?)?];
/// let text = Source::rust().function("performance", &value).function("climb", &both).text()?;
/// assert!(text.contains("pub fn performance(inputs: &[f64; 2], outputs: &mut [f64; 1])"));
/// assert!(text.contains("pub fn climb(inputs: &[f64; 2], outputs: &mut [f64; 3])"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Source<'p> {
    language: Language,
    functions: Vec<(String, &'p Program)>,
    with_std: bool,
    from_crate: bool,
}

impl<'p> Source<'p> {
    /// Text in Rust, for every edition; [without the standard library](Source::without_std) and with [kernels from the
    /// crate](Source::kernels_from_crate), for that of 2018 or later.
    ///
    /// It can be a file of its own or be included: give each such text a module of its own, since it has a module
    /// `kernel`.
    #[must_use]
    pub fn rust() -> Source<'p> {
        Source::new(Language::Rust)
    }

    /// Text in C99.
    ///
    /// It needs `fma`, `sqrt` and the like from the C library, with `-lm` where that is asked for. Numbers must be IEEE
    /// doubles that are not rounded twice, and products and sums must not be fused behind the text's back: the text
    /// says so to the compilers that it knows, refuses `-ffast-math`, and for others needs a flag such as
    /// `-ffp-contract=off`.
    #[must_use]
    pub fn c() -> Source<'p> {
        Source::new(Language::C)
    }

    fn new(language: Language) -> Source<'p> {
        Source { language, functions: Vec::new(), with_std: true, from_crate: false }
    }

    /// Adds a function of this name.
    #[must_use]
    pub fn function(mut self, name: impl Into<String>, program: &'p Program) -> Source<'p> {
        self.functions.push((name.into(), program));
        self
    }

    /// Rust text that does without the standard library: fused multiply-add and square root come from the crate
    /// `libm`.
    #[must_use]
    pub fn without_std(mut self) -> Source<'p> {
        self.with_std = false;
        self
    }

    /// Rust text that calls the crate `uphill-kernels` and brings no elementary functions along.
    #[must_use]
    pub fn kernels_from_crate(mut self) -> Source<'p> {
        self.from_crate = true;
        self
    }

    /// The text.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a name that can't be a function's, or that comes twice. [`Error::Unsupported`] for custom
    /// operations, and for functions that the language has no kernel for.
    ///
    /// # Complexity
    ///
    /// Linear in the program's instructions, tables and constants.
    pub fn text(&self) -> Result<String, Error> {
        let mut names = BTreeSet::new();
        let mut needs = Needs::new();
        let mut functions = String::new();
        for (name, program) in &self.functions {
            if !self.language.is_name(name) || !names.insert(name.to_lowercase()) {
                let what = format!(
                    "`{name}` can't be the name of a function here: use letters, digits and `_`, no keyword, and each name once"
                );
                return Err(Error::Invalid { what });
            }
            let mut writer = Writer::new(self.language, program, name);
            let function = writer.function()?;
            needs.append(&mut writer.shared.needs);
            functions.push('\n');
            functions += &self.whole(&function);
        }
        let kernels = match self.language {
            Language::Rust => rust_kernels(&needs, self.with_std, self.from_crate)?,
            Language::C => c_kernels(&needs)?,
        };
        Ok(kernels + &functions)
    }

    fn whole(&self, function: &Function) -> String {
        let Function { head, parts, body, workspace } = function;
        match (self.language, workspace) {
            (Language::Rust, None) => format!("{head} {{\n{parts}{body}}}\n"),
            (Language::Rust, Some((name, size))) => {
                let what = "/// How many numbers the function below works in.\n";
                format!("{what}pub const {name}: usize = {size};\n\n{head} {{\n{parts}{body}}}\n")
            }
            (Language::C, None) => format!("{parts}{head} {{\n{body}}}\n"),
            (Language::C, Some((name, size))) => {
                let what = "/* How many numbers the function below works in. */\n";
                format!("{what}#define {name} {size}\n\n{parts}{head} {{\n{body}}}\n")
            }
        }
    }
}

impl Program {
    /// This program as a Rust function: [`Source::rust`] with one function.
    ///
    /// # Errors
    ///
    /// As [`Source::text`].
    ///
    /// ```
    /// use uphill_engine::Compiler;
    /// use uphill_graph::{Function, Scalar};
    ///
    /// let f = Function::record(["x", "y"], |v| v[0].exp() * v[1] + 2.0)?;
    /// let text = Compiler::new().compile(&f)?.to_rust("f")?;
    /// assert!(text.contains("let v1 = kernel::exp(inputs[0]);"));
    /// assert!(text.contains("let v2 = kernel::mul_add(v1, inputs[1], 2.0);"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_rust(&self, name: &str) -> Result<String, Error> {
        Source::rust().function(name, self).text()
    }

    /// This program as a C99 function: [`Source::c`] with one function.
    ///
    /// # Errors
    ///
    /// As [`Source::text`].
    ///
    /// ```
    /// use uphill_engine::Compiler;
    /// use uphill_graph::{Function, Scalar};
    ///
    /// let f = Function::record(["x", "y"], |v| v[0].exp() * v[1] + 2.0)?;
    /// let text = Compiler::new().compile(&f)?.to_c("f")?;
    /// assert!(text.contains("const double v2 = fma(v1, inputs[1], 2.0);"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_c(&self, name: &str) -> Result<String, Error> {
        Source::c().function(name, self).text()
    }
}

#[cfg(test)]
mod tests;
