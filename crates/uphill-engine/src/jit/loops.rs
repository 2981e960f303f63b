//! Loops, as loops: what does not move stays in a register, and so does what the next iteration reads of this one.

use std::collections::{HashMap, HashSet};

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, MemFlags, Value, types};
use cranelift_frontend::Variable;

use super::spots::{Body, Spot, may_meet};
use super::translate::{F64, Translator};
use crate::program::Action;

/// The state of a loop that is being translated.
pub(super) struct Looping {
    pub(super) iteration: Variable,
    /// For each step, the memory moved by so many iterations of it.
    moved: HashMap<i32, Variable>,
    /// Registers for addresses that don't move, or that the next iteration reads.
    registers: HashMap<Spot, Variable>,
    /// What is known to be at a place in this iteration.
    known: HashMap<Spot, Value>,
    /// What this iteration wrote.
    written: HashMap<Spot, Value>,
    /// Whether two places that move differently may meet: then everything is read from memory.
    may_meet: bool,
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

impl Translator<'_, '_, '_> {
    /// The pointer and offset of a place that moves.
    pub(super) fn moving_place(&mut self, spot: Spot) -> (Value, i32) {
        let pointer = self.shared.machine.pointer;
        match spot {
            Spot::Even(address, by) => {
                let moved = self.looping.as_ref().map(|looping| looping.moved[&by]);
                let base = match moved {
                    Some(variable) => self.build.use_var(variable),
                    None => self.memory,
                };
                (base, Self::byte(address))
            }
            Spot::Table(start) => {
                let table = self.shared.kept.table(start);
                let iteration = self.looping.as_ref().map(|looping| looping.iteration);
                let iteration = match iteration {
                    Some(variable) => self.build.use_var(variable),
                    None => self.build.ins().iconst(pointer, 0),
                };
                let table = self.build.ins().iconst(pointer, table as i64);
                let offset = self.build.ins().ishl_imm(iteration, 2);
                let entry = self.build.ins().iadd(table, offset);
                let address = self.build.ins().load(types::I32, MemFlags::trusted(), entry, 0);
                let address = self.build.ins().uextend(pointer, address);
                let bytes = self.build.ins().ishl_imm(address, 3);
                (self.build.ins().iadd(self.memory, bytes), 0)
            }
        }
    }

    pub(super) fn read_in_loop(&mut self, spot: Spot) -> Option<Value> {
        let looping = self.looping.as_ref().filter(|looping| !looping.may_meet)?;
        if let Some(&value) = looping.known.get(&spot) {
            return Some(value);
        }
        let variable = *looping.registers.get(&spot)?;
        Some(self.build.use_var(variable))
    }

    pub(super) fn write_in_loop(&mut self, spot: Spot, value: Value) {
        if let (Some(looping), Spot::Even(_, by)) = (&mut self.looping, spot)
            && !looping.may_meet
        {
            looping.known.insert(spot, value);
            looping.written.insert(spot, value);
            if let Some(&variable) = looping.registers.get(&spot) {
                self.build.def_var(variable, value);
                if by == 0 {
                    // Stored behind the loop.
                    return;
                }
            }
        }
        let (base, offset) = self.place(spot);
        self.build.ins().store(MemFlags::trusted(), value, base, offset);
    }

    /// The loop at that position.
    pub(super) fn repeated(&mut self, position: usize) {
        let body = Body::of(self.shared.code, position);
        if body.iterations == 0 {
            return;
        }
        let (looping, stored) = self.enter(&body);
        let pointer = self.shared.machine.pointer;
        let head = self.build.create_block();
        let behind = self.build.create_block();
        self.build.ins().jump(head, &[]);
        self.build.switch_to_block(head);
        self.looping = Some(looping);
        for (k, (instruction, target, operands)) in body.instructions.iter().enumerate() {
            let next = body.instructions.get(k + 1).and_then(|next| next.2.first().copied());
            self.instruction(position + 1 + k, instruction, *target, operands, next);
        }
        let Some(looping) = self.looping.take() else { return };
        // The registers move on: what was written at a place is the next iteration's place before.
        for (written, before) in body.handed_on() {
            if let (Some(&value), Some(&variable)) =
                (looping.written.get(&written), looping.registers.get(&before))
            {
                self.build.def_var(variable, value);
            }
        }
        for (&by, &variable) in &looping.moved {
            let place = self.build.use_var(variable);
            let place = self.build.ins().iadd_imm(place, i64::from(by) * 8);
            self.build.def_var(variable, place);
        }
        let iteration = self.build.use_var(looping.iteration);
        let iteration = self.build.ins().iadd_imm(iteration, 1);
        self.build.def_var(looping.iteration, iteration);
        let end = self.build.ins().iconst(pointer, i64::from(body.iterations));
        let more = self.build.ins().icmp(IntCC::UnsignedLessThan, iteration, end);
        self.build.ins().brif(more, head, &[], behind, &[]);
        self.build.seal_block(head);
        self.build.switch_to_block(behind);
        self.build.seal_block(behind);
        for spot in stored {
            if let (Some(&variable), Spot::Even(address, _)) = (looping.registers.get(&spot), spot)
            {
                let value = self.build.use_var(variable);
                let flags = MemFlags::trusted();
                self.build.ins().store(flags, value, self.memory, Self::byte(address));
            }
        }
    }

    /// Registers for a loop; and the places of those that have to be stored behind it.
    fn enter(&mut self, body: &Body) -> (Looping, Vec<Spot>) {
        let pointer = self.shared.machine.pointer;
        let mut looping = Looping {
            iteration: self.build.declare_var(pointer),
            moved: HashMap::new(),
            registers: HashMap::new(),
            known: HashMap::new(),
            written: HashMap::new(),
            may_meet: body.has_tables() || may_meet(body),
        };
        let zero = self.build.ins().iconst(pointer, 0);
        self.build.def_var(looping.iteration, zero);
        for (_, target, operands) in &body.instructions {
            for &spot in operands.iter().chain([target]) {
                if let Spot::Even(_, by) = spot
                    && by != 0
                    && !looping.moved.contains_key(&by)
                {
                    let variable = self.build.declare_var(pointer);
                    self.build.def_var(variable, self.memory);
                    looping.moved.insert(by, variable);
                }
            }
        }
        let mut stored = Vec::new();
        if looping.may_meet {
            return (looping, stored);
        }
        let mut seen = HashSet::new();
        for (instruction, target, operands) in &body.instructions {
            let target = (instruction.action != Action::Total).then_some(target);
            for &spot in operands.iter().chain(target) {
                if matches!(spot, Spot::Even(_, 0)) && seen.insert(spot) {
                    self.hold(&mut looping, spot, spot);
                }
            }
            if let Some(&spot @ Spot::Even(_, 0)) = target
                && !stored.contains(&spot)
            {
                stored.push(spot);
            }
        }
        for (_, before) in body.handed_on() {
            if let Spot::Even(start, _) = before
                && !looping.registers.contains_key(&before)
            {
                self.hold(&mut looping, before, Spot::Even(start, 0));
            }
        }
        (looping, stored)
    }

    /// A register for a place, which begins with what is there.
    fn hold(&mut self, looping: &mut Looping, spot: Spot, first: Spot) {
        let variable = self.build.declare_var(F64);
        let value = self.read(first);
        self.build.def_var(variable, value);
        looping.registers.insert(spot, variable);
    }
}
