//! From instructions to Cranelift's intermediate form: places, registers, and code outside of loops.
//!
//! `loops.rs` has loops, `operations.rs` what each action becomes.

use cranelift_codegen::ir::{InstBuilder, MemFlags, SigRef, Type, Value, types};
use cranelift_codegen::isa::CallConv;
use cranelift_codegen::packed_option::PackedOption;
use cranelift_frontend::FunctionBuilder;

use super::calls::Kept;
use super::loops::Looping;
use super::plan::Plan;
use super::spots::Spots;
use crate::code::{Action, Code, Layout, Paths, Spot};

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
}

pub(super) struct Translator<'t, 's, 'f> {
    pub(super) shared: &'t mut Shared<'s>,
    pub(super) build: &'t mut FunctionBuilder<'f>,
    pub(super) memory: Value,
    /// The partial sums, or the inputs.
    pub(super) second: Value,
    /// Which partial sum, or the outputs.
    pub(super) third: Value,
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
        let &[memory, second, third] = build.block_params(entry) else {
            unreachable!("the caller has declared three parameters")
        };
        shared.known.clear();
        Translator {
            shared,
            build,
            memory,
            second,
            third,
            signatures: [None; 10],
            looping: Vec::new(),
            paths: Paths::default(),
            partner: None,
        }
    }

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

    /// Writes the outputs.
    fn outputs(&mut self) {
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
