#![doc = include_str!("../README.md")]

mod call;
mod compositions;
mod counter;
mod cursor;
mod error;
mod evaluate;
mod expression;
mod family;
mod foreign;
mod formula;
mod functions;
mod grammar;
mod group;
mod inputs;
mod limits;
mod members;
mod names;
mod place;
mod print;
mod program;
mod repeat;
mod replay;
mod subscript;
mod syntax;
mod tape;
mod tokens;

pub use error::Error;
pub use formula::Formula;
pub use functions::Call;
pub use limits::Limits;
pub use place::Place;
