//! A function's way through its piece of the code. Loops stay loops: what does not move stays in a register, and so does what
//! the next iteration reads of this one.
//!
//! That is so for innermost loops. Between the loops in a loop, and beside blocks, values are known from one instruction
//! to the next, and all are in memory.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, MemFlags, StackSlotData, StackSlotKind, types};

use super::calls;
use super::spots::{Spots, handed_on, may_meet, stays_in, written};
use super::translate::{F64, Looping, Translator};
use crate::code::{Action, Item, Nest, Spot};

impl Translator<'_, '_, '_> {
    /// One function: a piece of the code.
    pub(super) fn run(&mut self, piece: usize) {
        let range = self.shared.plan.pieces[piece].clone();
        let code = self.shared.code;
        let mut position = range.start;
        while position < range.end {
            let instruction = code.instructions[position];
            if instruction.action == Action::Loop {
                self.repeated(position);
                position += code.loops[instruction.x as usize].length as usize;
                self.shared.known.clear();
            } else {
                let operands: Spots =
                    code.operands(&instruction).iter().map(|&at| Spot::fixed(at)).collect();
                let target = Spot::fixed(instruction.target);
                let next = code.instructions.get(position + 1).map(|next| Spot::fixed(next.x));
                self.instruction(position, &instruction, target, &operands, next);
            }
            position += 1;
        }
        if piece + 1 == self.shared.plan.pieces.len() {
            self.outputs();
        }
        self.build.ins().return_(&[]);
    }

    /// The loop at that position, with the loops in it.
    pub(super) fn repeated(&mut self, position: usize) {
        let nest = Nest::of(self.shared.code, position, &mut self.paths);
        self.nest(&nest);
    }

    fn nest(&mut self, nest: &Nest) {
        let iterations = nest.iterations[nest.depth() - 1];
        if nest.items.is_empty() {
            return;
        }
        if let Some(&number) = self.shared.abreast.get(&nest.number) {
            self.abreast(number, nest.depth() - 1);
            return;
        }
        let (looping, stored) = self.enter(nest);
        let pointer = self.shared.machine.pointer;
        let head = self.build.create_block();
        let behind = self.build.create_block();
        self.build.ins().jump(head, &[]);
        self.build.switch_to_block(head);
        self.looping.push(looping);
        for (k, item) in nest.items.iter().enumerate() {
            match item {
                Item::Single(single) => {
                    let next = match nest.items.get(k + 1) {
                        Some(Item::Single(next)) => next.operands.first().copied(),
                        _ => None,
                    };
                    let (target, operands) = (single.target, &single.operands);
                    self.instruction(single.position, &single.instruction, target, operands, next);
                }
                Item::Nest(inner) => {
                    self.nest(inner);
                    self.looping.iter_mut().for_each(Looping::forget);
                }
            }
        }
        let Some(looping) = self.looping.pop() else { return };
        // The registers move on: what was written at a place is the next iteration's place before.
        for (written, before) in handed_on(nest, &self.paths) {
            if let (Some(&value), Some(&variable)) =
                (looping.written.get(&written), looping.registers.get(&before))
            {
                self.build.def_var(variable, value);
            }
        }
        for (&path, &variable) in &looping.moved {
            let by = self.paths.get(path).by(nest.depth());
            let place = self.build.use_var(variable);
            let place = self.build.ins().iadd_imm(place, i64::from(by) * 8);
            self.build.def_var(variable, place);
        }
        let iteration = self.build.use_var(looping.iteration);
        let iteration = self.build.ins().iadd_imm(iteration, 1);
        self.build.def_var(looping.iteration, iteration);
        let end = self.build.ins().iconst(pointer, i64::from(iterations));
        let more = self.build.ins().icmp(IntCC::UnsignedLessThan, iteration, end);
        self.build.ins().brif(more, head, &[], behind, &[]);
        self.build.seal_block(head);
        self.build.switch_to_block(behind);
        self.build.seal_block(behind);
        for spot in stored {
            if let Some(&variable) = looping.registers.get(&spot) {
                let value = self.build.use_var(variable);
                let (base, offset) = self.place(spot);
                self.build.ins().store(MemFlags::trusted(), value, base, offset);
            }
        }
    }

    /// A loop that runs abreast, with so many around it. Whatever it reads is in memory.
    fn abreast(&mut self, number: u32, depth: usize) {
        let pointer = self.shared.machine.pointer;
        let bytes = (depth * size_of::<u32>()) as u32;
        let data = StackSlotData::new(StackSlotKind::ExplicitSlot, bytes.max(4), 2);
        let slot = self.build.create_sized_stack_slot(data);
        for around in 0..depth {
            let iteration = self.iteration(around);
            let iteration = self.build.ins().ireduce(types::I32, iteration);
            self.build.ins().stack_store(iteration, slot, (around * size_of::<u32>()) as i32);
        }
        let around = self.build.ins().stack_addr(pointer, slot, 0);
        let number = self.build.ins().iconst(pointer, i64::from(number));
        let depth = self.build.ins().iconst(pointer, depth as i64);
        let arguments = [self.loops, number, self.memory, around, depth];
        self.call(calls::abreast as *const () as i64, &[pointer; 5], 0, &arguments);
    }

    /// Registers for a loop; and the places of those that have to be stored behind it.
    fn enter(&mut self, nest: &Nest) -> (Looping, Vec<Spot>) {
        let pointer = self.shared.machine.pointer;
        let depth = nest.depth();
        let mut looping = Looping {
            iteration: self.build.declare_var(pointer),
            depth,
            moved: HashMap::new(),
            registers: HashMap::new(),
            known: HashMap::new(),
            written: HashMap::new(),
            may_meet: may_meet(self.shared.code, nest, &self.paths),
        };
        let zero = self.build.ins().iconst(pointer, 0);
        self.build.def_var(looping.iteration, zero);
        let mut all = BTreeSet::new();
        nest.each(&mut |single, _| {
            all.extend(single.operands.iter().map(|spot| spot.path));
            all.extend(written(single).map(|spot| spot.path));
        });
        for path in all {
            let path = self.paths.get(path).outer(depth);
            if path.by(depth) == 0 {
                continue;
            }
            let number = self.paths.number(path.clone());
            if let Entry::Vacant(vacant) = looping.moved.entry(number) {
                let variable = self.build.declare_var(pointer);
                let first = self.pointer(&path.outer(depth - 1));
                self.build.def_var(variable, first);
                vacant.insert(variable);
            }
        }
        let mut stored = Vec::new();
        let has_blocks = nest.singles().any(|single| single.instruction.action == Action::Block);
        if looping.may_meet || has_blocks || !nest.is_innermost() {
            return (looping, stored);
        }
        let mut seen = HashSet::new();
        for single in nest.singles() {
            let target = written(single);
            for spot in single.operands.iter().copied().chain(target) {
                if stays_in(&self.paths, spot, depth) && seen.insert(spot) {
                    self.hold(&mut looping, spot, spot);
                }
            }
            stored.extend(
                target
                    .filter(|&spot| stays_in(&self.paths, spot, depth) && !stored.contains(&spot)),
            );
        }
        for (_, before) in handed_on(nest, &self.paths) {
            if !looping.registers.contains_key(&before) {
                // Where it is in the first iteration: as if this loop did not move it.
                let mut path = self.paths.get(before.path).clone();
                path.by = path.outer(depth - 1).by;
                let first = Spot { path: self.paths.number(path), ..before };
                self.hold(&mut looping, before, first);
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
