//! Code: what the compiler writes and every executor runs. The contract between them, which knows neither.
//!
//! `instructions` says what there is, over one space of addresses; `nest` and `ways` how places move with loops; `verify`
//! looks at each address once, so that nobody need look again; `outputs` says where results lie. `sampled` is what runs
//! once a sample, with the one shape of sums; `abreast` what runs once a call, with the loops of it that can run as samples
//! do. Who is outside imports from here; files in here import from each other, downwards.

mod abreast;
mod dead;
mod flat;
mod instructions;
mod nest;
mod outputs;
mod plan;
mod sampled;
mod verify;
mod ways;

pub(crate) use abreast::CallCode;
#[cfg(feature = "jit")]
pub(crate) use instructions::takes_few_instructions;
pub(crate) use instructions::{
    Action, Block, Code, DEEPEST, Instruction, Layout, Loop, Moved, Operands, Outer, Step, Turn,
    Weights,
};
#[cfg(feature = "jit")]
pub(crate) use nest::Reach;
pub(crate) use nest::{Item, Nest, Path, Paths, Single, Spot, Table, Trail};
pub(crate) use outputs::{Outputs, Place};
pub(crate) use plan::{Abreast, Blocks, Body, Group, Plan, Source};
pub(crate) use sampled::{LEAVES, Partials, Sampled, tile_size, tile_total};
pub(crate) use verify::{Section, Verified, verify, verify_layout};
pub(crate) use ways::At;
