//! From instructions to Cranelift's intermediate form: where numbers are, in registers or in memory, in loops or not.
//!
//! `operations.rs` says what each action becomes, `loops.rs` goes through the code.

use std::collections::HashMap;

use cranelift_codegen::ir::{InstBuilder, MemFlags, SigRef, Type, Value, types};
use cranelift_codegen::isa::CallConv;
use cranelift_codegen::packed_option::PackedOption;
use cranelift_frontend::{FunctionBuilder, Variable};

use super::calls::Kept;
use super::plan::Plan;
use super::spots::stays_in;
use crate::code::{Code, Layout, Path, Paths, Spot, Table};

pub(super) const F64: Type = types::F64;

/// What is known of the machine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Machine {
    pub(super) pointer: Type,
    pub(super) convention: CallConv,
    /// Whether it has an instruction for fused multiply-add.
    pub(super) has_fused: bool,
}

impl Machine {
    /// Whether a Rust function can return two numbers in the registers where Cranelift expects them.
    pub(super) fn returns_pairs(&self) -> bool {
        matches!(self.convention, CallConv::SystemV | CallConv::AppleAarch64)
    }
}

/// What is known to be at an address, in code outside of loops.
pub(super) struct Known {
    values: Vec<PackedOption<Value>>,
    set: Vec<u32>,
}

impl Known {
    /// For addresses below `end`.
    pub(super) fn new(end: u32) -> Known {
        Known { values: vec![None.into(); end as usize], set: Vec::new() }
    }

    fn get(&self, address: u32) -> Option<Value> {
        self.values[address as usize].expand()
    }

    pub(super) fn insert(&mut self, address: u32, value: Value) {
        let place = &mut self.values[address as usize];
        if place.is_none() {
            self.set.push(address);
        }
        *place = value.into();
    }

    pub(super) fn clear(&mut self) {
        for address in self.set.drain(..) {
            self.values[address as usize] = None.into();
        }
    }
}

/// What all functions of a part share.
pub(super) struct Shared<'t> {
    pub(super) code: &'t Code,
    pub(super) layout: &'t Layout,
    pub(super) plan: &'t Plan,
    pub(super) machine: Machine,
    pub(super) kept: &'t mut Kept,
    pub(super) known: &'t mut Known,
    /// Addresses of outputs, if machine code writes them.
    pub(super) outputs: &'t [u32],
    /// Of loops that run abreast, by their numbers in the code, which one it is of these.
    pub(super) abreast: &'t HashMap<u32, u32>,
}

/// The state of a loop that is being translated.
pub(super) struct Looping {
    pub(super) iteration: Variable,
    /// How many loops there are with those around it.
    pub(super) depth: usize,
    /// For each path, by its number, that this loop is the last one to move: the memory moved along it.
    pub(super) moved: HashMap<u32, Variable>,
    /// Registers for addresses that don't move, or that the next iteration reads.
    pub(super) registers: HashMap<Spot, Variable>,
    /// What is known to be at a place in this iteration.
    pub(super) known: HashMap<Spot, Value>,
    /// What this iteration wrote.
    pub(super) written: HashMap<Spot, Value>,
    /// Whether two places that move differently may meet: then everything is read from memory.
    pub(super) may_meet: bool,
}

impl Looping {
    pub(super) fn learn(&mut self, spot: Spot, value: Value) {
        self.known.insert(spot, value);
    }

    /// All that is known stands in memory or in registers of the loop.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }
}

pub(super) struct Translator<'t, 's, 'f> {
    pub(super) shared: &'t mut Shared<'s>,
    pub(super) build: &'t mut FunctionBuilder<'f>,
    pub(super) memory: Value,
    /// The partial sums, or the inputs.
    pub(super) second: Value,
    /// Which partial sum, or the outputs.
    pub(super) third: Value,
    /// The loops that run abreast.
    pub(super) loops: Value,
    pub(super) signatures: [Option<SigRef>; 10],
    /// The loops around, outermost first: how addresses are found.
    pub(super) looping: Vec<Looping>,
    pub(super) paths: Paths,
    /// The second result of the instruction before.
    pub(super) partner: Option<Value>,
}

impl<'t, 's, 'f> Translator<'t, 's, 'f> {
    pub(super) fn new(
        shared: &'t mut Shared<'s>,
        build: &'t mut FunctionBuilder<'f>,
    ) -> Translator<'t, 's, 'f> {
        let entry = build.current_block().expect("the caller has entered the first block");
        let &[memory, second, third, loops] = build.block_params(entry) else {
            unreachable!("the caller has declared four parameters")
        };
        shared.known.clear();
        Translator {
            shared,
            build,
            memory,
            second,
            third,
            loops,
            signatures: [None; 10],
            looping: Vec::new(),
            paths: Paths::default(),
            partner: None,
        }
    }

    /// Writes the outputs.
    pub(super) fn outputs(&mut self) {
        for (k, &address) in self.shared.outputs.iter().enumerate() {
            let value = self.read(Spot::fixed(address));
            let place = (k * size_of::<f64>()) as i32;
            self.build.ins().store(MemFlags::trusted(), value, self.third, place);
        }
    }

    /// An address as an offset in bytes. `Part::new` refuses memory that is out of reach of one.
    pub(super) fn byte(address: u32) -> i32 {
        (address as i32).wrapping_mul(8)
    }

    /// The pointer and offset of a place.
    pub(super) fn place(&mut self, spot: Spot) -> (Value, i32) {
        if !spot.stays() {
            return self.moving_place(spot);
        }
        let address = spot.address;
        let layout = self.shared.layout;
        let input = address.wrapping_sub(layout.shared);
        if self.shared.plan.direct_inputs && input < layout.shared_count {
            return (self.second, Self::byte(input));
        }
        (self.memory, Self::byte(address))
    }

    /// The memory moved along a path without tables.
    pub(super) fn pointer(&mut self, path: &Path) -> Value {
        let depth = path.by.len();
        if depth == 0 {
            return self.memory;
        }
        let number = self.paths.number(path.clone());
        let variable = self.looping[depth - 1].moved[&number];
        self.build.use_var(variable)
    }

    /// The iteration of the loop that so many loops are around.
    pub(super) fn iteration(&mut self, depth: usize) -> Value {
        let variable = self.looping[depth].iteration;
        self.build.use_var(variable)
    }

    /// The entry of a table in this iteration: an offset.
    fn entry(&mut self, table: &Table) -> Value {
        let pointer = self.shared.machine.pointer;
        let place = self.shared.kept.table(table.start) as i64;
        let mut place = self.build.ins().iconst(pointer, place);
        for (depth, &by) in table.rows.iter().enumerate().filter(|(_, by)| **by != 0) {
            let iteration = self.iteration(depth);
            let moved = self.build.ins().imul_imm(iteration, i64::from(by) * 4);
            place = self.build.ins().iadd(place, moved);
        }
        let entry = self.build.ins().load(types::I32, MemFlags::trusted(), place, 0);
        self.build.ins().sextend(pointer, entry)
    }

    /// The pointer and offset of a place that moves.
    fn moving_place(&mut self, spot: Spot) -> (Value, i32) {
        let path = self.paths.get(spot.path).clone();
        let mut base = self.pointer(&path.outer(path.by.len()));
        for table in &path.tables {
            let entry = self.entry(table);
            let bytes = self.build.ins().ishl_imm(entry, 3);
            base = self.build.ins().iadd(base, bytes);
        }
        (base, Self::byte(spot.address))
    }

    /// By how many bytes a place has moved, if an address takes so many.
    pub(super) fn moved_bytes(&mut self, spot: Spot, each: i64) -> Option<Value> {
        let path = self.paths.get(spot.path).clone();
        let mut sum: Option<Value> = None;
        let even = path.by.iter().enumerate().filter(|(_, by)| **by != 0);
        for (depth, &by) in even {
            let iteration = self.iteration(depth);
            let moved = self.build.ins().imul_imm(iteration, i64::from(by) * each);
            sum = Some(sum.map_or(moved, |sum| self.build.ins().iadd(sum, moved)));
        }
        for table in &path.tables {
            let entry = self.entry(table);
            let moved = self.build.ins().imul_imm(entry, each);
            sum = Some(sum.map_or(moved, |sum| self.build.ins().iadd(sum, moved)));
        }
        sum
    }

    fn read_in_loop(&mut self, spot: Spot) -> Option<Value> {
        let looping = self.looping.last().filter(|looping| !looping.may_meet)?;
        if let Some(&value) = looping.known.get(&spot) {
            return Some(value);
        }
        let variable = *looping.registers.get(&spot)?;
        Some(self.build.use_var(variable))
    }

    fn write_in_loop(&mut self, spot: Spot, value: Value) {
        if let Some(looping) = self.looping.last_mut()
            && !looping.may_meet
        {
            looping.known.insert(spot, value);
            looping.written.insert(spot, value);
            if let Some(&variable) = looping.registers.get(&spot) {
                self.build.def_var(variable, value);
                if stays_in(&self.paths, spot, looping.depth) {
                    // Stored behind the loop.
                    return;
                }
            }
        }
        let (base, offset) = self.place(spot);
        self.build.ins().store(MemFlags::trusted(), value, base, offset);
    }

    pub(super) fn read(&mut self, spot: Spot) -> Value {
        let held = match self.looping.is_empty() {
            true => self.shared.known.get(spot.address),
            false => self.read_in_loop(spot),
        };
        if let Some(value) = held {
            return value;
        }
        let (base, offset) = self.place(spot);
        let value = self.build.ins().load(F64, MemFlags::trusted(), base, offset);
        match self.looping.last_mut() {
            None => self.shared.known.insert(spot.address, value),
            Some(looping) => looping.learn(spot, value),
        }
        value
    }

    pub(super) fn write(&mut self, position: usize, spot: Spot, value: Value) {
        if !self.looping.is_empty() {
            self.write_in_loop(spot, value);
            return;
        }
        self.shared.known.insert(spot.address, value);
        if self.shared.plan.is_stored(position) {
            let (base, offset) = self.place(spot);
            self.build.ins().store(MemFlags::trusted(), value, base, offset);
        }
    }

    /// Registers lose what they hold, if it is so here.
    pub(super) fn forget(&mut self, position: usize) {
        if self.shared.plan.forgets(position) {
            match self.looping.last_mut() {
                Some(looping) => looping.forget(),
                None => self.shared.known.clear(),
            }
        }
    }
}
