//! Strips: runs of simple instructions that go over a few registers of lanes together, before the next few.
//!
//! Instruction after instruction over a whole tile, each value is written to the first cache and read again. Most are
//! read once, by the next instruction. So a strip passes one value along in registers, as an accumulator machine does,
//! and writes only what is read later (`plan` finds out what that is, and `order` lets readers follow givers). Totals
//! take their terms from the registers too. What is rounded, and the order of sums, are those of the instructions.

mod join;
mod make;
mod order;
mod pieces;
mod plan;
mod registers;
mod run;
mod step;
mod sums;

pub(super) use pieces::MOST_SUMS;
pub(super) use registers::RunStrip;
pub(super) use step::{Moved, Other, Piece, Strip, Strips};
