//! A compiled function: three pieces of code over one space of addresses, owned and ready to run on any thread.

mod abreast;
mod code;
mod dead;
mod flat;
mod gathering;
mod nest;
mod origin;
mod outputs;
mod print;
mod report;
#[cfg(test)]
pub(crate) mod tests;
mod verify;
mod ways;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) use abreast::{Abreast, Blocks, Group, Plan, Source};
pub(crate) use code::{
    Action, Block, Code, DEEPEST, Instruction, Layout, Loop, Moved, Operands, Outer, Step, Turn,
    Weights,
};
pub(crate) use gathering::{Gather, Gathering, Scatter};
#[cfg(feature = "jit")]
pub(crate) use nest::Reach;
pub(crate) use nest::{Item, Nest, Path, Paths, Single, Spot, Table, Trail};
pub(crate) use origin::Origin;
pub(crate) use outputs::Outputs;
use outputs::Run;
pub use report::Report;
pub(crate) use verify::Verified;
use verify::{Section, verify, verify_layout};
pub(crate) use ways::At;

use uphill_graph::Inputs;

use crate::compile::Lowered;
use crate::error::Error;

/// Where an output is found after a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// One number a call, at this address.
    PerCall(u32),
    /// One number a sample, at this per-sample address.
    PerSample(u32),
}

impl Place {
    pub(crate) fn per_call(self) -> Option<u32> {
        match self {
            Place::PerCall(address) => Some(address),
            Place::PerSample(_) => None,
        }
    }

    pub(crate) fn per_sample(self) -> Option<u32> {
        match self {
            Place::PerCall(_) => None,
            Place::PerSample(address) => Some(address),
        }
    }

    /// The place so many addresses further on.
    pub(crate) fn behind(self, entries: u32) -> Place {
        match self {
            Place::PerCall(address) => Place::PerCall(address.wrapping_add(entries)),
            Place::PerSample(address) => Place::PerSample(address.wrapping_add(entries)),
        }
    }
}

/// The names of inputs.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Names {
    /// Vectors as one: the function's own inputs, if it is not one over samples.
    pub(crate) shared: Inputs,
    pub(crate) columns: Vec<String>,
}

/// How much the passes found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Fused {
    pub(crate) slopes: usize,
    pub(crate) products: usize,
    pub(crate) outer_products: usize,
    pub(crate) chains: usize,
    pub(crate) dots: usize,
}

/// A compiled function: owned, `Send + Sync`, and never changed.
///
/// Made by a [`Compiler`](crate::Compiler), run with a [`Workspace`](crate::Workspace).
#[derive(Debug, Clone)]
pub struct Program {
    pub(crate) layout: Layout,
    /// Once a call: what depends on shared inputs alone.
    pub(crate) before: Verified,
    /// Once a sample.
    pub(crate) sample: Verified,
    /// Once a call: what depends on the sums.
    pub(crate) after: Verified,
    pub(crate) outputs: Outputs,
    /// Whether there are columns or sums: then it runs over samples.
    pub(crate) over_samples: bool,
    /// How many samples make a tile, the unit of work in which sums are added up: a multiple of 24, at most 192.
    pub(crate) tile: u32,
    pub(crate) names: Names,
    /// What columns of indices gather and where they scatter to.
    pub(crate) gathering: Gathering,
    pub(crate) fused: Fused,
    /// What it was made from, by which trouble is told.
    pub(crate) origin: Option<Arc<Origin>>,
    /// Tells programs apart, so that a workspace notices that it was made for another one.
    pub(crate) identity: u64,
    #[cfg(feature = "jit")]
    pub(crate) compiled: Option<crate::jit::Compiled>,
}

impl Program {
    pub(crate) fn new(
        lowered: Lowered,
        names: Names,
        fused: Fused,
        over_samples: bool,
    ) -> Result<Program, Error> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let Lowered { layout, before, sample, after, outputs } = lowered;
        verify_layout(&layout, &outputs)?;
        // Code of samples may read whatever the code before them leaves.
        // Vectors are told as one.
        let is_output = |at: u32| {
            let holds = |run: &Run| match run.place {
                Place::PerCall(first) => (first..first + run.count).contains(&at),
                Place::PerSample(_) => false,
            };
            over_samples || outputs.runs().iter().any(holds)
        };
        let per_call = |code| -> Result<Verified, Error> {
            let code = verify(code, &layout, Section::PerCall)?;
            let abreast = abreast::all(&code, &is_output)?;
            Ok(code.with_abreast(abreast))
        };
        Ok(Program {
            before: per_call(before)?,
            sample: verify(sample, &layout, Section::PerSample)?,
            after: per_call(after)?,
            outputs,
            over_samples,
            tile: tile(layout.per_sample()),
            names,
            gathering: Gathering { given: layout.column_count, ..Gathering::default() },
            fused,
            origin: None,
            identity: COUNT.fetch_add(1, Ordering::Relaxed),
            layout,
            #[cfg(feature = "jit")]
            compiled: None,
        })
    }

    /// The same program, which remembers what it was made from.
    pub(crate) fn made_from(mut self, origin: Origin) -> Program {
        self.origin = Some(Arc::new(origin));
        self
    }

    /// The same program, of which some columns are gathered.
    pub(crate) fn gathering(mut self, gathering: Gathering) -> Result<Program, Error> {
        gathering.check(&self.layout)?;
        self.gathering = gathering;
        Ok(self)
    }

    /// The addresses that are read of each sample when its code has run: outputs, then what is scattered.
    pub(crate) fn read_of_samples(&self) -> impl Iterator<Item = u32> {
        self.outputs
            .sample_addresses()
            .chain(self.gathering.scatters.iter().map(|scatter| scatter.address))
    }

    /// The names of the columns that a run takes.
    pub(crate) fn given_columns(&self) -> &[String] {
        &self.names.columns[..self.gathering.given as usize]
    }

    /// The same program with machine code for it.
    #[cfg(feature = "jit")]
    pub(crate) fn with_machine_code(mut self) -> Result<Program, Error> {
        self.compiled = Some(crate::jit::Compiled::new(&self)?);
        Ok(self)
    }

    /// `(P, dP/dw1)(w1; x, y)`: outputs, shared inputs, columns; long lists are cut.
    #[must_use]
    pub fn signature(&self) -> String {
        fn list(names: impl Iterator<Item = String>) -> String {
            const SHOWN: usize = 6;
            let mut list = String::new();
            for (number, name) in names.take(SHOWN + 1).enumerate() {
                if number > 0 {
                    list += ", ";
                }
                list += if number < SHOWN { &name } else { "…" };
            }
            list
        }
        let outputs = list(self.outputs.names());
        let mut inputs = list(self.names.shared.names());
        if self.over_samples {
            inputs += "; ";
            inputs += &list(self.given_columns().iter().cloned());
        }
        if self.outputs.len() == 1 {
            format!("{outputs}({inputs})")
        } else {
            format!("({outputs})({inputs})")
        }
    }
}

/// As many samples as keep the slots near the processor: at best within 24 KiB, at worst within half a mebibyte.
fn tile(per_sample: usize) -> u32 {
    const SIZES: [u32; 4] = [192, 96, 48, 24];
    let bytes = |size: u32| per_sample * size as usize * size_of::<f64>();
    let near = SIZES.into_iter().find(|&size| size >= 96 && bytes(size) <= 24 << 10);
    near.or_else(|| SIZES.into_iter().find(|&size| size <= 96 && bytes(size) <= 512 << 10))
        .unwrap_or(24)
}

// A program can cross threads.
const _: () = {
    const fn owned<T: Send + Sync + 'static>() {}
    owned::<Program>();
};
