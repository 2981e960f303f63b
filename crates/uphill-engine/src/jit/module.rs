//! What is asked of Cranelift: a module for this machine, and functions that are compiled side by side.

use cranelift_codegen::Context;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{FuncId, Module, ModuleError, ModuleReloc, default_libcall_names};

use super::plan::CAREFUL;
use crate::error::Error;

/// How many functions are compiled before the next ones are looked at: on several threads a few each, so that none waits
/// long for the others.
pub(crate) fn at_once(threads: usize) -> usize {
    if threads > 1 { 4 * threads } else { 1 }
}

/// Compiles functions on so many threads, of which the caller is one: they don't know each other. These are threads of the
/// standard library, since machine code is there without the feature `threads`; each has milliseconds to do.
pub(super) fn side_by_side(
    contexts: &mut [Context],
    machine: &dyn TargetIsa,
    threads: usize,
) -> Result<(), String> {
    let compile = |contexts: &mut [Context]| {
        contexts.iter_mut().try_for_each(|context| {
            let compiled = context.compile(machine, &mut ControlPlane::default());
            compiled.map(drop).map_err(|error| error.inner.to_string())
        })
    };
    let share = contexts.len().div_ceil(threads.max(1));
    let (own, others) = contexts.split_at_mut(share.min(contexts.len()));
    std::thread::scope(|scope| {
        let others: Vec<_> = others
            .chunks_mut(share.max(1))
            .map(|contexts| {
                let work = move || compile(contexts);
                std::thread::Builder::new().spawn_scoped(scope, work)
            })
            .collect();
        compile(own)?;
        others.into_iter().try_for_each(|thread| {
            let thread = thread.map_err(|error| format!("a thread can't be started: {error}"))?;
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    })
}

/// Puts a compiled function into the module.
pub(super) fn define(
    module: &mut JITModule,
    context: &Context,
) -> Result<FuncId, Box<ModuleError>> {
    let function = module.declare_anonymous_function(&context.func.signature)?;
    if let Some(compiled) = context.compiled_code() {
        let relocations = compiled.buffer.relocs().iter();
        let relocations: Vec<ModuleReloc> = relocations
            .map(|each| ModuleReloc::from_mach_reloc(each, &context.func, function))
            .collect();
        let alignment = u64::from(compiled.buffer.alignment);
        module.define_function_bytes(function, alignment, compiled.code_buffer(), &relocations)?;
    }
    Ok(function)
}

pub(super) fn has_fused() -> bool {
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
pub(super) fn builder(instructions: usize) -> Result<JITBuilder, Error> {
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
        ("unwind_info", "false"),
    ];
    for (name, value) in choices {
        flags.set(name, value).map_err(|error| failed(&error))?;
    }
    let machine = cranelift_native::builder().map_err(|error| failed(&error))?;
    let machine = machine.finish(settings::Flags::new(flags)).map_err(|error| failed(&error))?;
    Ok(JITBuilder::with_isa(machine, default_libcall_names()))
}
