//! From instructions to Cranelift's intermediate form.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{
    AbiParam, InstBuilder, MemFlags, SigRef, Signature, StackSlotData, StackSlotKind, Type, Value,
    types,
};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::{FunctionBuilder, Variable};
use uphill_graph::Op;

use super::calls::{self, Kept};
use crate::program::{Action, Code, Instruction, Layout, Step};
use crate::scalar_kernels;

const F64: Type = types::F64;
/// Up to so many pairs, a dot product is written out.
const WRITTEN_OUT: usize = 96;

/// For how many instructions a value is remembered in long code, before it is read from memory again.
const REMEMBERED: usize = 24;

/// An address as it is in a loop: where it is in the first iteration, and how it moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Spot {
    /// Addresses from the start of memory, and by how many it moves.
    Even(u32, i32),
    /// Where its table starts in the pool.
    Table(u32),
}

/// What is known of the machine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Machine {
    pub(super) pointer: Type,
    pub(super) convention: CallConv,
    /// Whether it has an instruction for fused multiply-add.
    pub(super) has_fused: bool,
}

pub(super) struct Translator<'t, 'f> {
    code: &'t Code,
    layout: &'t Layout,
    build: &'t mut FunctionBuilder<'f>,
    kept: &'t mut Kept,
    pointer: Type,
    machine: Machine,
    memory: Value,
    partials: Value,
    lane: Value,
    /// What is known to be at an address, in straight code.
    known: HashMap<u32, Value>,
    signatures: HashMap<usize, SigRef>,
    /// In a loop: how addresses are found.
    looping: Option<Looping>,
}

/// The state of a loop that is being translated.
struct Looping {
    iteration: Variable,
    /// For each step, the memory moved by so many iterations of it.
    moved: HashMap<i32, Variable>,
    /// Registers for addresses that don't move, or that the next iteration reads.
    registers: HashMap<Spot, Variable>,
    /// What is known to be at a place in this iteration.
    known: HashMap<Spot, Value>,
    /// Whether two places that move differently may meet: then everything is read from memory.
    may_meet: bool,
}

impl<'t, 'f> Translator<'t, 'f> {
    pub(super) fn new(
        code: &'t Code,
        layout: &'t Layout,
        build: &'t mut FunctionBuilder<'f>,
        kept: &'t mut Kept,
        machine: Machine,
    ) -> Translator<'t, 'f> {
        let entry = build.current_block().expect("the caller has entered the first block");
        let &[memory, partials, lane] = build.block_params(entry) else {
            unreachable!("the caller has declared three parameters")
        };
        Translator {
            code,
            layout,
            build,
            kept,
            pointer: machine.pointer,
            machine,
            memory,
            partials,
            lane,
            known: HashMap::new(),
            signatures: HashMap::new(),
            looping: None,
        }
    }

    pub(super) fn run(&mut self, range: Range<usize>) {
        let mut position = range.start;
        let careful = self.code.instructions.len() <= super::CAREFUL;
        let mut kept_for = 0;
        while position < range.end {
            // The simple register allocator takes long for values that live long, and spills them anyway.
            kept_for += 1;
            if !careful && kept_for > REMEMBERED {
                self.known.clear();
                kept_for = 0;
            }
            let instruction = self.code.instructions[position];
            position += 1;
            if instruction.action == Action::Loop {
                let length = self.code.loops[instruction.x as usize].length as usize;
                self.repeated(&instruction, position..position + length);
                position += length;
                self.known.clear();
            } else {
                let operands: Vec<Spot> =
                    self.code.operands(&instruction).iter().map(|&a| Spot::Even(a, 0)).collect();
                self.instruction(&instruction, Spot::Even(instruction.target, 0), &operands);
            }
        }
    }

    // Places.

    fn byte(address: u32) -> i32 {
        // Memory of more than 2 GiB is out of reach of an offset; `Compiled::new` refuses it.
        (address as i32).wrapping_mul(8)
    }

    /// The pointer and offset of a place.
    fn place(&mut self, spot: Spot) -> (Value, i32) {
        match spot {
            Spot::Even(address, 0) => (self.memory, Self::byte(address)),
            Spot::Even(address, by) => {
                let moved = self.looping.as_ref().map(|looping| looping.moved[&by]);
                let base = match moved {
                    Some(variable) => self.build.use_var(variable),
                    None => self.memory,
                };
                (base, Self::byte(address))
            }
            Spot::Table(start) => {
                let table = self.kept.table(start);
                let iteration = self.looping.as_ref().map(|looping| looping.iteration);
                let iteration = match iteration {
                    Some(variable) => self.build.use_var(variable),
                    None => self.build.ins().iconst(self.pointer, 0),
                };
                let table = self.build.ins().iconst(self.pointer, table as i64);
                let offset = self.build.ins().ishl_imm(iteration, 2);
                let entry = self.build.ins().iadd(table, offset);
                let address = self.build.ins().load(types::I32, MemFlags::trusted(), entry, 0);
                let address = self.build.ins().uextend(self.pointer, address);
                let bytes = self.build.ins().ishl_imm(address, 3);
                (self.build.ins().iadd(self.memory, bytes), 0)
            }
        }
    }

    fn read(&mut self, spot: Spot) -> Value {
        match (&self.looping, spot) {
            (None, Spot::Even(address, 0)) => {
                if let Some(&value) = self.known.get(&address) {
                    return value;
                }
            }
            (Some(looping), _) if !looping.may_meet => {
                if let Some(&value) = looping.known.get(&spot) {
                    return value;
                }
                if let Some(&variable) = looping.registers.get(&spot) {
                    return self.build.use_var(variable);
                }
            }
            _ => {}
        }
        let (base, offset) = self.place(spot);
        let value = self.build.ins().load(F64, MemFlags::trusted(), base, offset);
        match (&mut self.looping, spot) {
            (None, Spot::Even(address, _)) => {
                self.known.insert(address, value);
            }
            (Some(looping), Spot::Even(..)) => {
                looping.known.insert(spot, value);
            }
            _ => {}
        }
        value
    }

    fn write(&mut self, spot: Spot, value: Value) {
        match (&mut self.looping, spot) {
            (None, Spot::Even(address, _)) => {
                self.known.insert(address, value);
            }
            (Some(looping), Spot::Even(..)) if !looping.may_meet => {
                looping.known.insert(spot, value);
                if let Some(&variable) = looping.registers.get(&spot) {
                    self.build.def_var(variable, value);
                    if matches!(spot, Spot::Even(_, 0)) {
                        // Stored behind the loop.
                        return;
                    }
                }
            }
            _ => {}
        }
        let (base, offset) = self.place(spot);
        self.build.ins().store(MemFlags::trusted(), value, base, offset);
    }

    // Loops.

    fn repeated(&mut self, instruction: &Instruction, body: Range<usize>) {
        let repeat = self.code.loops[instruction.x as usize];
        if repeat.iterations == 0 {
            return;
        }
        let mut step = repeat.first_step as usize;
        let mut next = |address: u32| {
            let by = self.code.steps[step];
            step += 1;
            match by {
                Step::By(by) => Spot::Even(address, by),
                Step::Table(start) => Spot::Table(start),
            }
        };
        let body: Vec<(Instruction, Spot, Vec<Spot>)> = self.code.instructions[body]
            .iter()
            .map(|instruction| {
                let target = next(instruction.target);
                let operands = self.code.operands(instruction).into_iter().map(&mut next).collect();
                (*instruction, target, operands)
            })
            .collect();
        let is_table = |spot: &Spot| matches!(spot, Spot::Table(_));
        let has_tables = body
            .iter()
            .any(|(_, target, operands)| is_table(target) || operands.iter().any(is_table));

        let mut looping = Looping {
            iteration: self.build.declare_var(self.pointer),
            moved: HashMap::new(),
            registers: HashMap::new(),
            known: HashMap::new(),
            may_meet: has_tables || may_meet(&body, repeat.iterations),
        };
        let may_meet = looping.may_meet;
        let zero = self.build.ins().iconst(self.pointer, 0);
        self.build.def_var(looping.iteration, zero);
        for spot in body.iter().flat_map(|(_, target, operands)| operands.iter().chain([target])) {
            if let &Spot::Even(_, by) = spot
                && by != 0
                && !looping.moved.contains_key(&by)
            {
                let variable = self.build.declare_var(self.pointer);
                self.build.def_var(variable, self.memory);
                looping.moved.insert(by, variable);
            }
        }
        // What does not move stays in a register.
        let mut written = Vec::new();
        if !may_meet {
            let mut seen = HashSet::new();
            for (instruction, target, operands) in &body {
                let target = (instruction.action != Action::Total).then_some(target);
                for &spot in operands.iter().chain(target) {
                    if matches!(spot, Spot::Even(_, 0)) && seen.insert(spot) {
                        let variable = self.build.declare_var(F64);
                        let value = self.read(spot);
                        self.build.def_var(variable, value);
                        looping.registers.insert(spot, variable);
                    }
                }
                if let Some(&spot @ Spot::Even(_, 0)) = target {
                    written.push(spot);
                }
            }
            // So does what the next iteration reads of this one: at the place before the one written.
            for &(ref instruction, target, _) in &body {
                let Spot::Even(address, by) = target else { continue };
                if by == 0 || instruction.action == Action::Total {
                    continue;
                }
                let before = Spot::Even((i64::from(address) - i64::from(by)) as u32, by);
                let is_read = body.iter().any(|(_, _, operands)| operands.contains(&before));
                if is_read && !looping.registers.contains_key(&before) {
                    let variable = self.build.declare_var(F64);
                    let Spot::Even(start, _) = before else { continue };
                    let value = self.read(Spot::Even(start, 0));
                    self.build.def_var(variable, value);
                    looping.registers.insert(before, variable);
                    // Its own place has the same register, from when it is written on.
                }
            }
        }
        written.sort_unstable_by_key(|spot| match spot {
            Spot::Even(address, _) | Spot::Table(address) => *address,
        });
        written.dedup();

        let head = self.build.create_block();
        let behind = self.build.create_block();
        self.build.ins().jump(head, &[]);
        self.build.switch_to_block(head);
        self.looping = Some(looping);
        for (instruction, target, operands) in &body {
            self.instruction(instruction, *target, operands);
        }
        // The registers move on: what was written at a place is the next iteration's place before.
        let mut moves = Vec::new();
        if let Some(looping) = &self.looping {
            for (&spot, &variable) in &looping.registers {
                if let Spot::Even(address, by) = spot
                    && by != 0
                {
                    let after = Spot::Even((i64::from(address) + i64::from(by)) as u32, by);
                    if let Some(&value) = looping.known.get(&after) {
                        moves.push((variable, value));
                    }
                }
            }
        }
        for (variable, value) in moves {
            self.build.def_var(variable, value);
        }
        let Some(looping) = self.looping.take() else { return };
        for (&by, &variable) in &looping.moved {
            let pointer = self.build.use_var(variable);
            let pointer = self.build.ins().iadd_imm(pointer, i64::from(by) * 8);
            self.build.def_var(variable, pointer);
        }
        let iteration = self.build.use_var(looping.iteration);
        let iteration = self.build.ins().iadd_imm(iteration, 1);
        self.build.def_var(looping.iteration, iteration);
        let end = self.build.ins().iconst(self.pointer, i64::from(repeat.iterations));
        let more = self.build.ins().icmp(IntCC::UnsignedLessThan, iteration, end);
        self.build.ins().brif(more, head, &[], behind, &[]);
        self.build.seal_block(head);
        self.build.switch_to_block(behind);
        self.build.seal_block(behind);
        for spot in written {
            if let (Some(&variable), Spot::Even(address, _)) = (looping.registers.get(&spot), spot)
            {
                let value = self.build.use_var(variable);
                let flags = MemFlags::trusted();
                self.build.ins().store(flags, value, self.memory, Self::byte(address));
            }
        }
    }

    // Instructions.

    fn instruction(&mut self, instruction: &Instruction, target: Spot, operands: &[Spot]) {
        let value = match instruction.action {
            Action::Op(op) => self.op(op, operands),
            Action::Copy => self.read(operands[0]),
            Action::MultiplyAdd | Action::NegativeMultiplyAdd | Action::MultiplySubtract => {
                let [x, y, z] = [0, 1, 2].map(|k| self.read(operands[k]));
                match instruction.action {
                    Action::NegativeMultiplyAdd => {
                        let x = self.build.ins().fneg(x);
                        self.fused(x, y, z)
                    }
                    Action::MultiplySubtract => {
                        let z = self.build.ins().fneg(z);
                        self.fused(x, y, z)
                    }
                    _ => self.fused(x, y, z),
                }
            }
            Action::SigmoidSlope | Action::TanhSlope => {
                let [x, y] = [0, 1].map(|k| self.read(operands[k]));
                let one = self.build.ins().f64const(1.0);
                let slope = if instruction.action == Action::SigmoidSlope {
                    let rest = self.build.ins().fsub(one, y);
                    self.build.ins().fmul(y, rest)
                } else {
                    let square = self.build.ins().fmul(y, y);
                    self.build.ins().fsub(one, square)
                };
                self.strong(x, slope)
            }
            Action::Dot | Action::StrongDot => {
                self.dot(instruction.action == Action::StrongDot, operands)
            }
            Action::Total => {
                let x = self.read(operands[0]);
                // The target of a total does not move but among the sums.
                let Spot::Even(address, by) = target else { return };
                self.total(address, by, x);
                return;
            }
            Action::Block => {
                let block = &self.code.blocks[instruction.x as usize];
                let block = self.kept.block(block) as i64;
                let block = self.build.ins().iconst(self.pointer, block);
                let arguments = [block, self.memory];
                self.call(calls::block as *const () as i64, &[self.pointer; 2], false, &arguments);
                self.known.clear();
                return;
            }
            Action::OuterTotal => {
                let outer = &self.code.outers[instruction.x as usize];
                let outer = self.kept.outer(outer, self.layout.sums) as i64;
                let outer = self.build.ins().iconst(self.pointer, outer);
                let arguments = [outer, self.memory, self.partials, self.lane];
                self.call(calls::outer as *const () as i64, &[self.pointer; 4], false, &arguments);
                return;
            }
            Action::Loop => return,
        };
        self.write(target, value);
    }

    /// Adds to this sample's partial of a sum.
    fn total(&mut self, address: u32, by: i32, x: Value) {
        let first = self.layout.sums;
        let lane = self.build.ins().ishl_imm(self.lane, 3);
        let mut place = self.build.ins().iadd(self.partials, lane);
        if by != 0
            && let Some(looping) = &self.looping
        {
            let iteration = self.build.use_var(looping.iteration);
            let moved = self.build.ins().imul_imm(iteration, i64::from(by) * 64);
            place = self.build.ins().iadd(place, moved);
        }
        let offset = (address - first) as i32 * 64;
        let sum = self.build.ins().load(F64, MemFlags::trusted(), place, offset);
        let sum = self.build.ins().fadd(sum, x);
        self.build.ins().store(MemFlags::trusted(), sum, place, offset);
    }

    fn fused(&mut self, x: Value, y: Value, z: Value) -> Value {
        if self.machine.has_fused {
            return self.build.ins().fma(x, y, z);
        }
        self.call(calls::multiply_add as *const () as i64, &[F64; 3], true, &[x, y, z])
    }

    /// 0 where `x` is 0 and the product NaN.
    fn strong(&mut self, x: Value, y: Value) -> Value {
        let product = self.build.ins().fmul(x, y);
        let (zero, skipped) = self.skipped(x, product);
        self.build.ins().select(skipped, zero, product)
    }

    /// Zero, and whether a strong product is it: `x` is 0 and the product is NaN.
    fn skipped(&mut self, x: Value, product: Value) -> (Value, Value) {
        let zero = self.build.ins().f64const(0.0);
        let nothing = self.build.ins().fcmp(FloatCC::Equal, x, zero);
        let nan = self.build.ins().fcmp(FloatCC::Unordered, product, product);
        (zero, self.build.ins().band(nothing, nan))
    }

    fn dot(&mut self, is_strong: bool, operands: &[Spot]) -> Value {
        let mut pairs = operands.chunks_exact(2);
        let Some(first) = pairs.next() else { return self.build.ins().f64const(0.0) };
        let [x, y] = [0, 1].map(|k| self.read(first[k]));
        let mut sum = if is_strong { self.strong(x, y) } else { self.build.ins().fmul(x, y) };
        for pair in pairs {
            let [x, y] = [0, 1].map(|k| self.read(pair[k]));
            let next = self.fused(x, y, sum);
            sum = if is_strong {
                let product = self.build.ins().fmul(x, y);
                let (zero, skipped) = self.skipped(x, product);
                let same = self.build.ins().fadd(sum, zero);
                self.build.ins().select(skipped, same, next)
            } else {
                next
            };
        }
        sum
    }

    fn op(&mut self, op: Op, operands: &[Spot]) -> Value {
        if operands.len() > 2 * WRITTEN_OUT
            || matches!(op, Op::LogSumExp | Op::Clamp | Op::Custom(_))
        {
            return self.value_of_list(op, operands);
        }
        let x: Vec<Value> = operands.iter().map(|&spot| self.read(spot)).collect();
        match op {
            Op::Add => self.build.ins().fadd(x[0], x[1]),
            Op::Sub => self.build.ins().fsub(x[0], x[1]),
            Op::Mul => self.build.ins().fmul(x[0], x[1]),
            Op::Div => self.build.ins().fdiv(x[0], x[1]),
            Op::Neg => self.build.ins().fneg(x[0]),
            Op::Recip => {
                let one = self.build.ins().f64const(1.0);
                self.build.ins().fdiv(one, x[0])
            }
            Op::Square => self.build.ins().fmul(x[0], x[0]),
            Op::Sqrt => self.build.ins().sqrt(x[0]),
            Op::Abs => self.build.ins().fabs(x[0]),
            Op::StrongProduct => self.strong(x[0], x[1]),
            Op::Less => self.truth(FloatCC::LessThan, &x),
            Op::LessEqual => self.truth(FloatCC::LessThanOrEqual, &x),
            Op::Greater => self.truth(FloatCC::GreaterThan, &x),
            Op::GreaterEqual => self.truth(FloatCC::GreaterThanOrEqual, &x),
            Op::Equal => self.truth(FloatCC::Equal, &x),
            Op::NotEqual => self.truth(FloatCC::NotEqual, &x),
            Op::Select => {
                let zero = self.build.ins().f64const(0.0);
                let no = self.build.ins().fcmp(FloatCC::Equal, x[0], zero);
                self.build.ins().select(no, x[2], x[1])
            }
            Op::Min => self.extreme(FloatCC::LessThan, FloatCC::LessThanOrEqual, &x),
            Op::Max => self.extreme(FloatCC::GreaterThan, FloatCC::GreaterThanOrEqual, &x),
            Op::Relu => {
                let zero = self.build.ins().f64const(0.0);
                let low = self.build.ins().fcmp(FloatCC::LessThanOrEqual, x[0], zero);
                self.build.ins().select(low, zero, x[0])
            }
            Op::Sum | Op::Mean => {
                let zero = self.build.ins().f64const(0.0);
                let sum = x.iter().copied().reduce(|a, b| self.build.ins().fadd(a, b));
                let sum = sum.unwrap_or(zero);
                if op == Op::Sum {
                    return sum;
                }
                let count = self.build.ins().f64const(x.len() as f64);
                self.build.ins().fdiv(sum, count)
            }
            Op::Product => match x.iter().copied().reduce(|a, b| self.build.ins().fmul(a, b)) {
                Some(product) => product,
                None => self.build.ins().f64const(1.0),
            },
            Op::Dot => {
                let products: Vec<Value> =
                    x.chunks_exact(2).map(|p| self.build.ins().fmul(p[0], p[1])).collect();
                match products.into_iter().reduce(|a, b| self.build.ins().fadd(a, b)) {
                    Some(sum) => sum,
                    None => self.build.ins().f64const(0.0),
                }
            }
            Op::Powi
            | Op::Pow
            | Op::Cbrt
            | Op::Hypot
            | Op::Exp
            | Op::Exp2
            | Op::Expm1
            | Op::Ln
            | Op::Log2
            | Op::Log10
            | Op::Log1p
            | Op::Sin
            | Op::Cos
            | Op::Tan
            | Op::Asin
            | Op::Acos
            | Op::Atan
            | Op::Atan2
            | Op::Sinh
            | Op::Cosh
            | Op::Tanh
            | Op::Asinh
            | Op::Acosh
            | Op::Atanh
            | Op::Sigmoid
            | Op::Softplus
            | Op::Erf
            | Op::LnGamma
            | Op::Digamma
            | Op::Trigamma
            | Op::Polygamma
            | Op::Sign
            | Op::Xlogy
            | Op::StrongBoth
            | Op::Clamp
            | Op::LogSumExp
            | Op::Custom(_) => {
                let address = match x.len() {
                    1 => scalar_kernels::unary(op).map(|function| function as *const () as i64),
                    2 => scalar_kernels::binary(op).map(|function| function as *const () as i64),
                    _ => None,
                };
                match address {
                    Some(address) => self.call(address, &vec![F64; x.len()], true, &x),
                    None => self.value_of_list(op, operands),
                }
            }
        }
    }

    fn truth(&mut self, condition: FloatCC, x: &[Value]) -> Value {
        let holds = self.build.ins().fcmp(condition, x[0], x[1]);
        let one = self.build.ins().f64const(1.0);
        let zero = self.build.ins().f64const(0.0);
        self.build.ins().select(holds, one, zero)
    }

    /// `if x < y { x } else if y <= x { y } else { x + y }`, or the other way round.
    fn extreme(&mut self, first: FloatCC, second: FloatCC, x: &[Value]) -> Value {
        let one = self.build.ins().fcmp(first, x[0], x[1]);
        let other = self.build.ins().fcmp(second, x[1], x[0]);
        let nan = self.build.ins().fadd(x[0], x[1]);
        let rest = self.build.ins().select(other, x[1], nan);
        self.build.ins().select(one, x[0], rest)
    }

    /// An operation on a list in memory, by a call.
    fn value_of_list(&mut self, op: Op, operands: &[Spot]) -> Value {
        let bytes = (operands.len() * 8) as u32;
        let data = StackSlotData::new(StackSlotKind::ExplicitSlot, bytes.max(8), 3);
        let slot = self.build.create_sized_stack_slot(data);
        for (k, &spot) in operands.iter().enumerate() {
            let value = self.read(spot);
            self.build.ins().stack_store(value, slot, k as i32 * 8);
        }
        let list = self.build.ins().stack_addr(self.pointer, slot, 0);
        let op = self.kept.op(op) as i64;
        let op = self.build.ins().iconst(self.pointer, op);
        let count = self.build.ins().iconst(self.pointer, operands.len() as i64);
        let kinds = [self.pointer; 3];
        self.call(calls::value as *const () as i64, &kinds, true, &[op, list, count])
    }

    fn call(&mut self, address: i64, kinds: &[Type], returns: bool, arguments: &[Value]) -> Value {
        let key = kinds.len() * 4 + usize::from(returns) * 2 + usize::from(kinds[0] == F64);
        let pointer = self.pointer;
        let signature = match self.signatures.get(&key) {
            Some(&signature) => signature,
            None => {
                let mut signature = Signature::new(self.machine.convention);
                signature.params.extend(kinds.iter().map(|&kind| AbiParam::new(kind)));
                if returns {
                    signature.returns.push(AbiParam::new(F64));
                }
                let signature = self.build.import_signature(signature);
                self.signatures.insert(key, signature);
                signature
            }
        };
        let function = self.build.ins().iconst(pointer, address);
        let call = self.build.ins().call_indirect(signature, function, arguments);
        match self.build.inst_results(call) {
            &[value] => value,
            _ => function,
        }
    }
}

/// Whether a place that is written may be the same as one that moves otherwise, in some iteration.
fn may_meet(body: &[(Instruction, Spot, Vec<Spot>)], iterations: u32) -> bool {
    let span = |spot: Spot| match spot {
        Spot::Even(address, by) => {
            let first = i64::from(address);
            let last = first + i64::from(by) * (i64::from(iterations) - 1);
            Some((by, first.min(last), first.max(last)))
        }
        Spot::Table(_) => None,
    };
    let places: HashSet<Spot> = body
        .iter()
        .flat_map(|(_, target, operands)| operands.iter().chain([target]))
        .copied()
        .collect();
    let written: HashSet<Spot> = body.iter().map(|(_, target, _)| *target).collect();
    written.iter().filter_map(|&spot| span(spot)).any(|(by, low, high)| {
        places.iter().filter_map(|&spot| span(spot)).any(|(other_by, other_low, other_high)| {
            by != other_by && low <= other_high && other_low <= high
        })
    })
}
