//! A compiled function: three pieces of code over one space of addresses, owned and ready to run on any thread.

mod gathering;
mod print;
pub(crate) mod report;
#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use uphill_graph::{Function, Inputs};

use crate::code::{
    CallCode, Code, Layout, Outputs, Sampled, Section, Verified, tile_size, verify, verify_layout,
};
use crate::error::Error;
#[cfg(feature = "jit")]
use crate::jit::Compiled;
use crate::over::OverSamples;
pub(crate) use gathering::{Gather, Gathering, Scatter};

/// What a program is made of: code that has not been looked at yet.
pub(crate) struct Lowered {
    pub(crate) layout: Layout,
    pub(crate) before: Code,
    pub(crate) sample: Code,
    pub(crate) after: Code,
    pub(crate) outputs: Outputs,
}

/// A function as it came to the compiler.
#[derive(Debug)]
pub(crate) enum Origin {
    Plain(Function),
    Over(OverSamples),
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
    pub(crate) before: CallCode,
    /// Once a sample.
    pub(crate) sample: Verified,
    /// Once a call: what depends on the sums.
    pub(crate) after: CallCode,
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
    pub(crate) compiled: Option<Compiled>,
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
        let is_output = |at: u32| over_samples || outputs.has(at);
        let whole = Some(&outputs).filter(|_| !over_samples);
        let per_call =
            |code| CallCode::new(verify(code, &layout, Section::PerCall)?, &is_output, whole);
        let (before, after) = (per_call(before)?, per_call(after)?);
        Ok(Program {
            before,
            sample: verify(sample, &layout, Section::PerSample)?,
            after,
            outputs,
            over_samples,
            tile: tile_size(layout.per_sample()),
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

    /// The same program with machine code for it, made on so many threads.
    #[cfg(feature = "jit")]
    pub(crate) fn with_machine_code(mut self, threads: usize) -> Result<Program, Error> {
        let (layout, outputs, over) = (&self.layout, &self.outputs, self.over_samples);
        let once = [&self.before, &self.after];
        let compiled = Compiled::new(layout, once, &self.sample, outputs, over, threads)?;
        self.compiled = Some(compiled);
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

impl Sampled for Program {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn sample(&self) -> &Verified {
        &self.sample
    }

    fn tile(&self) -> usize {
        self.tile as usize
    }

    fn kept(&self) -> Vec<u32> {
        self.read_of_samples().collect()
    }
}

// A program can cross threads.
const _: () = {
    const fn owned<T: Send + Sync + 'static>() {}
    owned::<Program>();
};
