//! Machine code for one sample at a time, made by Cranelift while the program runs.
//!
//! Long code becomes several functions, so that time and memory for compiling stay linear. A value is stored when it is
//! computed, and read again from a register as long as the function lasts; loops become loops. Pages of code are
//! written, then made executable and never written again; they are given back when the code is dropped.
//!
//! This is a module with `unsafe` code: calls of what was made here, and addresses that were verified with the program.

#![allow(unsafe_code)]

mod calls;
mod translate;

use std::sync::Arc;

use cranelift_codegen::ir::{AbiParam, InstBuilder};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{Module, default_libcall_names};

use crate::error::Error;
use crate::program::{Action, Code, Layout, Program, Verified};
use crate::run::interpreter::Partials;
use calls::Kept;
use translate::{Machine, Translator};

/// How many instructions go into one function.
pub(crate) const LENGTH: usize = 1500;
/// Up to how many instructions the slow and careful register allocator is used.
const CAREFUL: usize = 600;

type Entry = unsafe extern "C" fn(*mut f64, *mut Partials, usize);

/// The machine code of a program. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Compiled(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    before: Part,
    sample: Part,
    after: Part,
    layout: Layout,
}

/// The machine code of one piece of code, as functions to be called in turn.
struct Part {
    entries: Vec<Entry>,
    /// Freed by [`Drop`]; code goes with it.
    module: Option<JITModule>,
    /// What the code refers to by address.
    _kept: Kept,
    memory: usize,
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} functions of machine code", self.entries.len())
    }
}

// SAFETY: code and what it refers to are never changed after `Part::new`; the module is only touched by `drop`, which has
// it alone.
unsafe impl Send for Part {}
// SAFETY: as above.
unsafe impl Sync for Part {}

impl Drop for Part {
    fn drop(&mut self) {
        self.entries.clear();
        if let Some(module) = self.module.take() {
            // SAFETY: the entries were the only way into this code, and nobody runs it: it is borrowed for a call.
            unsafe { module.free_memory() };
        }
    }
}

impl Compiled {
    /// Compiles a program.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] on a machine that Cranelift makes no code for.
    pub(crate) fn new(program: &Program) -> Result<Compiled, Error> {
        let layout = &program.layout;
        Ok(Compiled(Arc::new(Parts {
            before: Part::new(&program.before, layout)?,
            sample: Part::new(&program.sample, layout)?,
            after: Part::new(&program.after, layout)?,
            layout: layout.clone(),
        })))
    }

    #[inline]
    pub(crate) fn before(&self, memory: &mut [f64]) {
        self.0.before.run(memory, &mut [], 0);
    }

    #[inline]
    pub(crate) fn after(&self, memory: &mut [f64]) {
        self.0.after.run(memory, &mut [], 0);
    }

    /// One sample, which adds to one of the partial sums each.
    #[inline]
    pub(crate) fn sample(&self, memory: &mut [f64], partials: &mut [Partials], lane: usize) {
        assert!(partials.len() == self.0.layout.sum_count as usize && lane < 8, "room for sums");
        self.0.sample.run(memory, partials, lane);
    }
}

impl Part {
    #[inline]
    fn run(&self, memory: &mut [f64], partials: &mut [Partials], lane: usize) {
        assert!(memory.len() >= self.memory, "memory for every address");
        for entry in &self.entries {
            // SAFETY: the code reads and writes verified addresses, all below the length of the memory, and partial
            // sums only in code of samples, for which the caller has checked them.
            unsafe { entry(memory.as_mut_ptr(), partials.as_mut_ptr(), lane) };
        }
    }

    fn new(code: &Verified, layout: &Layout) -> Result<Part, Error> {
        let memory = code.memory();
        if memory > i32::MAX as usize / size_of::<f64>() {
            return Err(Error::Unsupported {
                what: format!("machine code for a memory of {memory} numbers; 2 GiB is the most"),
            });
        }
        let code = code.code();
        if code.instructions.is_empty() {
            let _kept = Kept::default();
            return Ok(Part { entries: Vec::new(), module: None, _kept, memory });
        }
        let mut module = JITModule::new(builder(code.instructions.len())?);
        let mut kept = Kept::new(&code.pool);
        let mut context = module.make_context();
        let mut scratch = FunctionBuilderContext::new();
        let mut functions = Vec::new();
        for range in pieces(code) {
            let pointer = module.target_config().pointer_type();
            for _ in 0..3 {
                context.func.signature.params.push(AbiParam::new(pointer));
            }
            let mut build = FunctionBuilder::new(&mut context.func, &mut scratch);
            let entry = build.create_block();
            build.append_block_params_for_function_params(entry);
            build.switch_to_block(entry);
            build.seal_block(entry);
            let machine = Machine {
                pointer,
                convention: module.isa().default_call_conv(),
                has_fused: has_fused(),
            };
            Translator::new(code, layout, &mut build, &mut kept, machine).run(range);
            build.ins().return_(&[]);
            build.finalize();
            let failed = |error: &dyn std::fmt::Display| Error::Unsupported {
                what: format!("machine code for this program: {error}"),
            };
            let signature = &context.func.signature;
            let function =
                module.declare_anonymous_function(signature).map_err(|error| failed(&error))?;
            module.define_function(function, &mut context).map_err(|error| failed(&error))?;
            module.clear_context(&mut context);
            functions.push(function);
        }
        module.finalize_definitions().map_err(|error| Error::Unsupported {
            what: format!("machine code for this program: {error}"),
        })?;
        let entries = functions
            .into_iter()
            .map(|function| {
                let code = module.get_finalized_function(function);
                // SAFETY: the function was declared with this signature and the platform's convention.
                unsafe { std::mem::transmute::<*const u8, Entry>(code) }
            })
            .collect();
        Ok(Part { entries, module: Some(module), _kept: kept, memory })
    }
}

/// Cuts code where no loop is cut.
fn pieces(code: &Code) -> Vec<std::ops::Range<usize>> {
    let mut pieces = Vec::new();
    let (mut start, mut position) = (0, 0);
    while position < code.instructions.len() {
        let instruction = &code.instructions[position];
        position += match instruction.action {
            Action::Loop => 1 + code.loops[instruction.x as usize].length as usize,
            _ => 1,
        };
        if position - start >= LENGTH {
            pieces.push(start..position);
            start = position;
        }
    }
    if start < position {
        pieces.push(start..position);
    }
    pieces
}

fn has_fused() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        is_x86_feature_detected!("fma")
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        cfg!(target_arch = "aarch64")
    }
}

/// A module for this machine.
fn builder(instructions: usize) -> Result<JITBuilder, Error> {
    let failed = |error: &dyn std::fmt::Display| Error::Unsupported {
        what: format!("machine code on this machine: {error}"),
    };
    let mut flags = settings::builder();
    let careful = instructions <= CAREFUL;
    let choices = [
        ("opt_level", if careful { "speed" } else { "none" }),
        ("regalloc_algorithm", if careful { "backtracking" } else { "single_pass" }),
        ("enable_verifier", "false"),
        ("use_colocated_libcalls", "false"),
        ("is_pic", "false"),
    ];
    for (name, value) in choices {
        flags.set(name, value).map_err(|error| failed(&error))?;
    }
    let machine = cranelift_native::builder().map_err(|error| failed(&error))?;
    let machine = machine.finish(settings::Flags::new(flags)).map_err(|error| failed(&error))?;
    Ok(JITBuilder::with_isa(machine, default_libcall_names()))
}
