//! A compiled program with the memory that it runs in, for operators that are called through a shared reference.

use std::cell::RefCell;

use uphill_engine::{Compiler, Program, Workspace};
use uphill_graph::Function;

use crate::error::Error;

/// A program that is run again and again.
#[derive(Debug)]
pub(crate) struct Runner {
    program: Program,
    room: RefCell<Room>,
}

#[derive(Debug)]
struct Room {
    workspace: Workspace,
    inputs: Vec<f64>,
}

impl Runner {
    pub(crate) fn new(function: &Function) -> Result<Runner, Error> {
        let program = Compiler::new().compile(function)?;
        let room = Room { workspace: program.workspace(), inputs: Vec::new() };
        Ok(Runner { program, room: RefCell::new(room) })
    }

    pub(crate) fn output_count(&self) -> usize {
        self.program.output_count()
    }

    /// Runs at inputs that come in pieces. What can't be run, for want of memory, gives NaN: a solver stops at that.
    pub(crate) fn run(&self, inputs: &[&[f64]], outputs: &mut [f64]) {
        let room = &mut *self.room.borrow_mut();
        room.inputs.clear();
        inputs.iter().for_each(|piece| room.inputs.extend_from_slice(piece));
        if self.program.run(&mut room.workspace, &room.inputs, outputs).is_err() {
            outputs.fill(f64::NAN);
        }
    }
}
