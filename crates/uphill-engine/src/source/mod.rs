//! Programs as source text: a function in Rust or C99, for build scripts and other languages.
//!
//! Loops stay loops, dense blocks become nests of loops, index tables become constant arrays; long straight code is cut
//! into several functions. What the text computes has the bits of every backend: it does the same operations in the
//! same order, and brings the same elementary functions along. Decisions: docs/adr/0016-source-text.md,
//! docs/adr/0031-one-source-of-kernels.md.

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
mod shared;
mod signature;

use std::collections::BTreeSet;

use crate::error::Error;
use crate::program::Program;
use function::Writer;
use kernels::{Needs, c_check, c_kernels, rust_kernels};
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
    is_single: bool,
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
    /// doubles that are not rounded twice, and products and sums must not be fused behind the text's back. The text says
    /// so to the compilers that it knows; whatever flags they get, GCC keeps to it or refuses, and so does Clang but for
    /// the flags of the table. For what no compiler tells its text there is a function in it, `NAME_check` with the name
    /// of the first function: it is 0 if numbers are the same as everywhere, so call it once where that counts.
    ///
    /// | flags | GCC | Clang |
    /// | --- | --- | --- |
    /// | none, `-march=…`, any `-std=…` | same bits | same bits |
    /// | `-ffast-math`, `-Ofast`, `-ffinite-math-only` | refused | refused |
    /// | `-ffp-contract=fast` | same bits | `NAME_check()` is 1 |
    /// | `-fassociative-math`, `-fno-signed-zeros`, `-freciprocal-math`, `-funsafe-math-optimizations` | refused | `NAME_check()` is 2 or more |
    #[must_use]
    pub fn c() -> Source<'p> {
        Source::new(Language::C)
    }

    fn new(language: Language) -> Source<'p> {
        Source {
            language,
            functions: Vec::new(),
            with_std: true,
            from_crate: false,
            is_single: false,
        }
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

    /// Text in single precision: `f32`, in C `float`.
    ///
    /// Of a program without samples, all numbers are. Of one over samples, what there is one of a sample: `samples`, `each`
    /// and what is computed of a sample. `inputs`, sums and `outputs` are `f64`, as they are by
    /// `Program::run_samples_f32` (feature `f32`), and the numbers are those of that, bit for bit. Arithmetic is that of
    /// `f32`; elementary functions are those of `f64`, rounded, so each is within 0.51 units in the last place. A caller
    /// gives memory of both kinds where a program over samples needs more than 1024 numbers: `workspace`, and `singles`
    /// with `NAME_SINGLES` numbers.
    ///
    /// ```
    /// use uphill_engine::{Compiler, Source};
    /// use uphill_graph::{Function, Scalar};
    ///
    /// let f = Function::record(["x", "y"], |v| v[0].exp() * v[1] + 2.0)?;
    /// let program = Compiler::new().compile(&f)?;
    /// let text = Source::c().in_single_precision().function("f", &program).text()?;
    /// assert!(text.contains("void f(const float inputs[], float outputs[])"));
    /// assert!(text.contains("const float v1 = (float)uphill_exp((double)inputs[0]);"));
    /// assert!(text.contains("const float v2 = fmaf(v1, inputs[1], 2.0f);"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn in_single_precision(mut self) -> Source<'p> {
        self.is_single = true;
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
        let check = match (self.language, self.functions.first()) {
            (Language::C, Some((first, _))) => c_check(first),
            _ => (String::new(), String::new()),
        };
        names.insert(check.0.to_lowercase());
        let mut needs = Needs::new();
        let mut functions = String::new();
        for (name, program) in &self.functions {
            if !self.language.is_name(name) || !names.insert(name.to_lowercase()) {
                let what = format!(
                    "`{name}` can't be the name of a function here: use letters, digits and `_`, no keyword, and each name once"
                );
                return Err(Error::Invalid { what });
            }
            let mut writer = Writer::new(self.language, program, name, self.is_single);
            functions.push('\n');
            functions += &writer.text()?;
            needs.append(&mut writer.shared.needs);
        }
        let kernels = match self.language {
            Language::Rust => rust_kernels(&needs, self.with_std, self.from_crate)?,
            Language::C => c_kernels(&needs, self.is_single)?,
        };
        Ok(kernels + &functions + &check.1)
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
