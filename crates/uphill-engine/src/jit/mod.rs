//! Machine code for one sample at a time, made by Cranelift while the program runs.
//!
//! Long code becomes several functions, so that time and memory for compiling stay linear. Values stay in registers up to
//! the next call of a Rust function; what is needed behind it is in memory (`plan.rs`). Loops become loops (`loops.rs`).
//! Pages of code are written, then made executable and never written again; they are given back when the code is dropped.
//!
//! This is a module with `unsafe` code: calls of what was made here, and addresses that were verified with the program.

#![allow(unsafe_code)]

mod calls;
mod loops;
mod module;
mod operations;
mod plan;
mod spots;
mod translate;

use std::collections::HashMap;
use std::sync::Arc;

use cranelift_codegen::Context;
use cranelift_codegen::ir::AbiParam;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_jit::JITModule;
use cranelift_module::Module;

use crate::code::{Abreast, CallCode, Layout, Outputs, Partials, Verified};
use crate::error::Error;
use crate::steps::Loops;
use calls::Kept;
pub(crate) use module::at_once;
use module::{builder, define, has_fused, side_by_side};
pub(crate) use plan::LENGTH;
use plan::{Plan, Use};
use translate::{Known, Machine, Shared, Translator};

/// Memory; then partial sums and the number of one, or inputs and outputs; and the loops that run abreast, in code that has
/// any.
type Entry = unsafe extern "C" fn(*mut f64, *const f64, *mut f64, *mut Loops<'_>);

/// The machine code of a program. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Compiled(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    /// For programs without samples: all of it, from inputs to outputs.
    whole: Option<Part>,
    before: Part,
    sample: Part,
    after: Part,
    layout: Layout,
    /// How many numbers the whole gives.
    output_count: usize,
    at_once: AtOnce,
}

/// The whole as one call, and what it needs.
#[derive(Debug, Clone, Copy)]
struct AtOnce {
    entry: Entry,
    memory: usize,
    input_count: usize,
    output_count: usize,
}

impl AtOnce {
    /// Nothing fits this one.
    const NONE: AtOnce =
        AtOnce { entry: nothing, memory: usize::MAX, input_count: 0, output_count: 0 };

    fn of(part: &Part, input_count: usize, output_count: usize) -> AtOnce {
        match *part.entries {
            [entry]
                if part.direct_inputs
                    && part.direct_outputs
                    && !part.has_custom
                    && !part.has_abreast =>
            {
                AtOnce { entry, memory: part.memory, input_count, output_count }
            }
            _ => AtOnce::NONE,
        }
    }
}

/// Never called, since no memory is large enough.
unsafe extern "C" fn nothing(_: *mut f64, _: *const f64, _: *mut f64, _: *mut Loops<'_>) {}

/// The machine code of one piece of code, as functions to be called in turn.
struct Part {
    entries: Vec<Entry>,
    /// Freed by [`Drop`]; code goes with it.
    module: Option<JITModule>,
    /// What the code refers to by address.
    _kept: Kept,
    memory: usize,
    direct_inputs: bool,
    direct_outputs: bool,
    /// Whether a custom operation may have panicked when the code is left.
    has_custom: bool,
    /// Whether the code calls loops that run abreast.
    has_abreast: bool,
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
    /// Compiles the code of a program: what runs once a call, once a sample, and on the sums.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] on a machine that Cranelift makes no code for.
    pub(crate) fn new(
        layout: &Layout,
        [before, after]: [&CallCode; 2],
        sample: &Verified,
        outputs: &Outputs,
        over_samples: bool,
        threads: usize,
    ) -> Result<Compiled, Error> {
        let part = |code: &CallCode, how| Part::new(code, code.abreast(), layout, how, threads);
        let mut parts = Parts {
            whole: None,
            before: Part::none(0),
            sample: Part::new(sample, &[], layout, Use::InMemory, threads)?,
            after: part(after, Use::InMemory)?,
            layout: layout.clone(),
            output_count: outputs.len(),
            at_once: AtOnce::NONE,
        };
        if over_samples {
            parts.before = part(before, Use::InMemory)?;
        } else {
            let whole = part(before, Use::Whole(outputs))?;
            parts.at_once = AtOnce::of(&whole, layout.shared_count as usize, outputs.len());
            parts.whole = Some(whole);
        }
        Ok(Compiled(Arc::new(parts)))
    }

    /// A program without samples, if that is one function that reads and writes where the caller has the numbers, and
    /// calls nothing that may panic. `false` where it isn't.
    #[inline(always)]
    pub(crate) fn at_once(&self, memory: &mut [f64], inputs: &[f64], outputs: &mut [f64]) -> bool {
        let AtOnce { entry, memory: numbers, input_count, output_count } = self.0.at_once;
        let fits =
            memory.len() >= numbers && inputs.len() == input_count && outputs.len() == output_count;
        if fits {
            let loops = std::ptr::null_mut();
            // SAFETY: the code reads and writes verified addresses, all below the length of the memory, and as many
            // inputs and outputs as it was made for. It runs no loops abreast.
            unsafe { entry(memory.as_mut_ptr(), inputs.as_ptr(), outputs.as_mut_ptr(), loops) };
        }
        fits
    }

    /// A program without samples, from inputs to its outputs, which lie as told. `false` for one over samples.
    pub(crate) fn whole(
        &self,
        memory: &mut [f64],
        inputs: &[f64],
        lie: &Outputs,
        outputs: &mut [f64],
        loops: &mut Loops<'_>,
        is_given: &dyn Fn(usize) -> bool,
    ) -> bool {
        let Some(part) = &self.0.whole else { return false };
        let layout = &self.0.layout;
        assert!(inputs.len() == layout.shared_count as usize, "an input for each address");
        assert!(outputs.len() == self.0.output_count, "room for outputs");
        if !part.direct_inputs {
            memory[layout.shared as usize..][..inputs.len()].copy_from_slice(inputs);
        }
        if !part.direct_outputs {
            loops.outputs = outputs.as_mut_ptr();
        }
        part.run(memory, inputs.as_ptr(), outputs.as_mut_ptr(), loops);
        if !part.direct_outputs {
            lie.copy_but(memory, 0, outputs, is_given);
        }
        true
    }

    #[inline]
    pub(crate) fn before(&self, memory: &mut [f64], loops: &mut Loops<'_>) {
        self.0.before.run(memory, std::ptr::null(), std::ptr::null_mut(), loops);
    }

    #[inline]
    pub(crate) fn after(&self, memory: &mut [f64], loops: &mut Loops<'_>) {
        self.0.after.run(memory, std::ptr::null(), std::ptr::null_mut(), loops);
    }

    /// One sample, which adds to one of the partial sums each.
    #[inline]
    pub(crate) fn sample(&self, memory: &mut [f64], partials: &mut [Partials], lane: usize) {
        assert!(partials.len() == self.0.layout.sum_count as usize && lane < 8, "room for sums");
        // The code casts them back: it takes the same three words in all its uses.
        let lane = std::ptr::without_provenance_mut(lane);
        self.0.sample.run(memory, partials.as_mut_ptr().cast(), lane, std::ptr::null_mut());
    }
}

impl Part {
    /// No code, for a memory of so many numbers.
    fn none(memory: usize) -> Part {
        Part {
            entries: Vec::new(),
            module: None,
            _kept: Kept::default(),
            memory,
            direct_inputs: false,
            direct_outputs: false,
            has_custom: false,
            has_abreast: false,
        }
    }

    #[inline]
    fn run(&self, memory: &mut [f64], second: *const f64, third: *mut f64, loops: *mut Loops<'_>) {
        assert!(memory.len() >= self.memory, "memory for every address");
        for entry in &self.entries {
            // SAFETY: the code reads and writes verified addresses, all below the length of the memory; partial sums only
            // in code of samples, for which the caller has checked them; inputs and outputs only as a whole program, for
            // which the caller has compared their numbers with those that the code was made for. Loops are those of the
            // code, and code of samples has none.
            unsafe { entry(memory.as_mut_ptr(), second, third, loops) };
        }
        if self.has_custom {
            calls::go_on_with_panic();
        }
    }

    fn new(
        code: &Verified,
        abreast: &[Abreast],
        layout: &Layout,
        how: Use<'_>,
        threads: usize,
    ) -> Result<Part, Error> {
        let memory = code.memory();
        if memory > i32::MAX as usize / size_of::<f64>() {
            return Err(Error::Unsupported {
                what: format!("machine code for a memory of {memory} numbers; 2 GiB is the most"),
            });
        }
        let abreast = abreast.iter().zip(0..);
        let abreast = abreast.filter(|(one, _)| one.plan.is_faster_in_lanes());
        let abreast: HashMap<u32, u32> = abreast.map(|(one, k)| (one.number, k)).collect();
        let code = code.code();
        if code.instructions.is_empty() {
            return Ok(Part::none(memory));
        }
        let failed = |error: &dyn std::fmt::Display| Error::Unsupported {
            what: format!("machine code for this program: {error}"),
        };
        let mut module = JITModule::new(builder(code.instructions.len())?);
        let machine = Machine {
            pointer: module.target_config().pointer_type(),
            convention: module.isa().default_call_conv(),
            has_fused: has_fused(),
        };
        let plan = Plan::new(code, layout, how, machine.returns_pairs());
        let outputs = match how {
            Use::Whole(outputs) if plan.direct_outputs => outputs.call_addresses().collect(),
            Use::Whole(_) | Use::InMemory => Vec::new(),
        };
        let (mut kept, mut known) = (Kept::new(&code.pool), Known::new(layout.end));
        let mut shared = Shared {
            code,
            layout,
            plan: &plan,
            machine,
            kept: &mut kept,
            known: &mut known,
            outputs: &outputs,
            abreast: &abreast,
        };
        let mut scratch = FunctionBuilderContext::new();
        let mut functions = Vec::with_capacity(plan.pieces.len());
        let together = at_once(threads);
        let mut contexts: Vec<Context> =
            (0..together.min(plan.pieces.len())).map(|_| module.make_context()).collect();
        for first in (0..plan.pieces.len()).step_by(together) {
            let contexts = &mut contexts[..together.min(plan.pieces.len() - first)];
            for (piece, context) in (first..).zip(contexts.iter_mut()) {
                let signature = &mut context.func.signature;
                signature.params.extend([AbiParam::new(machine.pointer); 4]);
                let mut build = FunctionBuilder::new(&mut context.func, &mut scratch);
                let entry = build.create_block();
                build.append_block_params_for_function_params(entry);
                build.switch_to_block(entry);
                build.seal_block(entry);
                Translator::new(&mut shared, &mut build).run(piece);
                build.finalize();
            }
            side_by_side(contexts, module.isa(), threads).map_err(|error| failed(&error))?;
            for context in contexts {
                functions.push(define(&mut module, context).map_err(|error| failed(&error))?);
                module.clear_context(context);
            }
        }
        module.finalize_definitions().map_err(|error| failed(&error))?;
        let entries = functions
            .into_iter()
            .map(|function| {
                let code = module.get_finalized_function(function);
                // SAFETY: the function was declared with this signature and the platform's convention.
                unsafe { std::mem::transmute::<*const u8, Entry>(code) }
            })
            .collect();
        Ok(Part {
            entries,
            module: Some(module),
            has_custom: kept.has_custom(),
            has_abreast: !abreast.is_empty(),
            _kept: kept,
            memory,
            direct_inputs: plan.direct_inputs,
            direct_outputs: plan.direct_outputs,
        })
    }
}
