//! What each action becomes: a few instructions, or a call of the function that other backends use.

use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{
    AbiParam, InstBuilder, MemFlags, Signature, StackSlotData, StackSlotKind, Type, Value,
};
use smallvec::SmallVec;
use uphill_graph::{Address, Op, Pair};

use super::calls;
use super::plan::WRITTEN_OUT;
use super::translate::{F64, Translator};
use crate::code::{Action, Instruction, Spot, takes_few_instructions};

type Values = SmallVec<[Value; 4]>;

impl Translator<'_, '_, '_> {
    /// One instruction, at this position of the code; `next` is the first operand of the one behind it.
    pub(super) fn instruction(
        &mut self,
        position: usize,
        instruction: &Instruction,
        target: Spot,
        operands: &[Spot],
        next: Option<Spot>,
    ) {
        if let Some(value) = self.partner.take() {
            self.write(position, target, value);
            return;
        }
        let value = match instruction.action {
            Action::Op(op) if self.shared.plan.is_paired(position) => {
                self.pair(op, position, operands[0], next)
            }
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
                let y = self.read(operands[1]);
                let one = self.build.ins().f64const(1.0);
                let slope = if instruction.action == Action::SigmoidSlope {
                    let rest = self.build.ins().fsub(one, y);
                    self.build.ins().fmul(y, rest)
                } else {
                    let square = self.build.ins().fmul(y, y);
                    self.build.ins().fsub(one, square)
                };
                let x = self.read(operands[0]);
                self.build.ins().fmul(x, slope)
            }
            Action::Dot => self.dot(operands),
            Action::Total => {
                let x = self.read(operands[0]);
                self.total(target, x);
                return;
            }
            Action::Block => {
                let pointer = self.shared.machine.pointer;
                let block = &self.shared.code.blocks[instruction.x as usize];
                let block = self.shared.kept.block(block) as i64;
                let block = self.build.ins().iconst(pointer, block);
                let places = match operands {
                    [inputs, weights] => [target, *inputs, *weights],
                    _ => [Spot::fixed(0); 3],
                };
                let [targets, inputs, weights] = places.map(|spot| {
                    let moved = self.moved_bytes(spot, 1);
                    moved.unwrap_or_else(|| self.build.ins().iconst(pointer, 0))
                });
                let arguments = [block, self.memory, targets, inputs, weights];
                self.call(calls::block as *const () as i64, &[pointer; 5], 0, &arguments);
                self.forget(position);
                return;
            }
            Action::OuterTotal => {
                let pointer = self.shared.machine.pointer;
                let outer = &self.shared.code.outers[instruction.x as usize];
                let outer = self.shared.kept.outer(outer, self.shared.layout.sums) as i64;
                let outer = self.build.ins().iconst(pointer, outer);
                let arguments = [outer, self.memory, self.second, self.third];
                self.call(calls::outer as *const () as i64, &[pointer; 4], 0, &arguments);
                self.forget(position);
                return;
            }
            Action::Loop => return,
        };
        self.forget(position);
        self.write(position, target, value);
    }

    /// The result of an operation, and that of the next instruction, which waits for it.
    fn pair(&mut self, op: Op, position: usize, operand: Spot, next: Option<Spot>) -> Value {
        let x = self.read(operand);
        let other = self.shared.code.instructions[position + 1].action;
        let pair = match other {
            Action::Op(other) => op.beside(other),
            _ => None,
        };
        let results = match (pair, next) {
            (Some(Pair::OfTwo(function)), Some(next)) => {
                let y = self.read(next);
                self.call(function as *const () as i64, &[F64; 2], 2, &[x, y])
            }
            (Some(Pair::OfOne(function)), _) => {
                self.call(function as *const () as i64, &[F64], 2, &[x])
            }
            _ => unreachable!("the plan has paired what can be"),
        };
        self.partner = Some(results[1]);
        results[0]
    }

    /// Adds to this sample's partial of a sum.
    fn total(&mut self, target: Spot, x: Value) {
        let first = self.shared.layout.sums;
        let lane = self.build.ins().ishl_imm(self.third, 3);
        let mut place = self.build.ins().iadd(self.second, lane);
        if let Some(moved) = self.moved_bytes(target, 64) {
            place = self.build.ins().iadd(place, moved);
        }
        let offset = (target.address - first) as i32 * 64;
        let sum = self.build.ins().load(F64, MemFlags::trusted(), place, offset);
        let sum = self.build.ins().fadd(sum, x);
        self.build.ins().store(MemFlags::trusted(), sum, place, offset);
    }

    fn fused(&mut self, x: Value, y: Value, z: Value) -> Value {
        if self.shared.machine.has_fused {
            return self.build.ins().fma(x, y, z);
        }
        self.number(calls::multiply_add as *const () as i64, &[x, y, z])
    }

    /// Whether the number at a place is known to be 1.
    fn is_one(&self, spot: Spot) -> bool {
        let constants = &self.shared.layout.constants;
        spot.stays() && constants.get(spot.address as usize) == Some(&1.0)
    }

    fn dot(&mut self, operands: &[Spot]) -> Value {
        let mut sum = None;
        for pair in operands.chunks_exact(2) {
            let x = self.read(pair[0]);
            // A product by 1 needs no rounding.
            let factor = (!self.is_one(pair[1])).then(|| self.read(pair[1]));
            sum = Some(match (sum, factor) {
                (None, None) => x,
                (None, Some(y)) => self.build.ins().fmul(x, y),
                (Some(before), None) => self.build.ins().fadd(x, before),
                (Some(before), Some(y)) => self.fused(x, y, before),
            });
        }
        sum.unwrap_or_else(|| self.build.ins().f64const(0.0))
    }

    fn op(&mut self, op: Op, operands: &[Spot]) -> Value {
        if !takes_few_instructions(op) || operands.len() > WRITTEN_OUT {
            return self.called(op, operands);
        }
        let x: Values = operands.iter().map(|&spot| self.read(spot)).collect();
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
                let products: Values =
                    x.chunks_exact(2).map(|p| self.build.ins().fmul(p[0], p[1])).collect();
                match products.into_iter().reduce(|a, b| self.build.ins().fadd(a, b)) {
                    Some(sum) => sum,
                    None => self.build.ins().f64const(0.0),
                }
            }
            _ => self.called(op, operands),
        }
    }

    /// An operation by a call: of its own code, or of that which takes a list.
    fn called(&mut self, op: Op, operands: &[Spot]) -> Value {
        let address = op.address().map(|address| match address {
            Address::One(code) => code as *const () as i64,
            Address::Two(code) => code as *const () as i64,
        });
        let Some(address) = address else { return self.value_of_list(op, operands) };
        let x: Values = operands.iter().map(|&spot| self.read(spot)).collect();
        self.number(address, &x)
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
        let pointer = self.shared.machine.pointer;
        let list = self.build.ins().stack_addr(pointer, slot, 0);
        let op = self.shared.kept.op(op) as i64;
        let op = self.build.ins().iconst(pointer, op);
        let count = self.build.ins().iconst(pointer, operands.len() as i64);
        let function = calls::value as *const () as i64;
        self.call(function, &[pointer; 3], 1, &[op, list, count])[0]
    }

    /// A function of up to three numbers.
    fn number(&mut self, address: i64, x: &[Value]) -> Value {
        self.call(address, &[F64; 3][..x.len()], 1, x)[0]
    }

    /// Calls a Rust function with parameters of one kind, which returns so many numbers.
    pub(super) fn call(
        &mut self,
        address: i64,
        kinds: &[Type],
        returns: usize,
        arguments: &[Value],
    ) -> SmallVec<[Value; 2]> {
        let pointer = self.shared.machine.pointer;
        // Distinct for the signatures that there are.
        let key = match (kinds[0] == F64, returns) {
            (true, 1) => kinds.len(),
            (true, _) => 7 + kinds.len(),
            (false, 1) => 5,
            (false, _) => 2 + kinds.len(),
        };
        let signature = match self.signatures[key] {
            Some(signature) => signature,
            None => {
                let mut signature = Signature::new(self.shared.machine.convention);
                signature.params.extend(kinds.iter().map(|&kind| AbiParam::new(kind)));
                signature.returns.extend((0..returns).map(|_| AbiParam::new(F64)));
                let signature = self.build.import_signature(signature);
                *self.signatures[key].insert(signature)
            }
        };
        let function = self.build.ins().iconst(pointer, address);
        let call = self.build.ins().call_indirect(signature, function, arguments);
        self.build.inst_results(call).into()
    }
}
