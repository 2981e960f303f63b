//! The steps of a strip: each instruction takes one of its operands from the value that is passed along, if that is it, and
//! the rest from where they lie.

use super::join::join;
use super::pieces::{couples, is_list, operation, takes};
use super::plan::Planner;
use super::step::{Move, Operation, Place, Step, Strip, form};
use crate::code::{Action, Outer, Single, Spot};
use uphill_graph::Op;

/// A step, and the spots of its places as far as they have any.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planned {
    pub(super) step: Step,
    pub(super) target: Option<Spot>,
    pub(super) x: Option<Spot>,
    pub(super) y: Option<Spot>,
    /// Whether `x` is a vector, wherever it moves.
    pub(super) is_of_a_vector: bool,
}

impl Planner<'_> {
    /// The steps of some instructions in an order, in which of couples only the first ones have a place, or all.
    pub(super) fn steps_of(&mut self, singles: &[Single], order: Vec<usize>) -> Strip {
        self.givers.clear();
        self.steps.clear();
        self.value = None;
        let (first_sum, first_move) = (self.strips.sums.len(), self.strips.moves.len());
        // Totals are added in the order of the code.
        let mut first_of: Vec<u32> = Vec::with_capacity(singles.len());
        for single in singles {
            first_of.push((self.strips.sums.len() - first_sum) as u32);
            self.sums(single, first_sum);
        }
        let couples = couples(singles);
        let is_second = |position: usize| position > 0 && couples[position - 1];
        for position in order.into_iter().filter(|&position| !is_second(position)) {
            match couples[position] {
                true => self.couple(&singles[position], &singles[position + 1]),
                false => self.instruction(&singles[position], first_of[position]),
            }
        }
        if self.iterations.is_empty() {
            for (&Spot { address, .. }, &giver) in &self.givers {
                self.steps[giver].step.keep |= self.live[(address - self.layout.per_call) as usize];
            }
        }
        join(&mut self.steps);
        let first_step = self.strips.steps.len();
        for (at, planned) in self.steps.iter().enumerate() {
            let Planned { step, target, x, y, .. } = *planned;
            self.strips.steps.push(step);
            for (place, spot) in [(Place::Target, target), (Place::X, x), (Place::Y, y)] {
                if let Some(spot) = spot.filter(|spot| !spot.stays()) {
                    self.strips.moves.push(Move { at, place, spot });
                }
            }
        }
        Strip {
            steps: first_step..self.strips.steps.len(),
            sums: first_sum..self.strips.sums.len(),
            moves: first_move..self.strips.moves.len(),
        }
    }

    /// Notes the sums that an instruction adds to.
    fn sums(&mut self, single: &Single, first_sum: usize) {
        let outer;
        let addresses = match single.instruction.action {
            Action::Total => std::slice::from_ref(&single.target.address),
            Action::OuterTotal => {
                outer = &self.code.outers[single.instruction.x as usize];
                outer.sums.as_slice()
            }
            _ => return,
        };
        for &address in addresses {
            let sum = address.wrapping_sub(self.layout.sums);
            if single.target.stays() {
                assert!(sum < self.layout.sum_count, "no sum at address {address}");
            } else {
                let at = self.strips.sums.len() - first_sum;
                let place = Place::Sum;
                self.strips.moves.push(Move { at, place, spot: single.target });
            }
            self.strips.sums.push(sum);
        }
    }

    /// The steps of one instruction; `sum` is the first of its totals.
    fn instruction(&mut self, single: &Single, sum: u32) {
        let Single { instruction, target, operands, .. } = single;
        let (action, list) = (instruction.action, operands.as_slice());
        let place =
            self.value.and_then(|value| takes(self.code, instruction, list, value, Spot::fixed));
        match action {
            Action::Total => {
                self.value(place, list[0]);
                self.total(Operation::Total, sum);
                return;
            }
            Action::OuterTotal => {
                self.outer(&self.code.outers[instruction.x as usize], place, sum);
                return;
            }
            Action::Copy => self.step(Operation::Load, 0, list),
            Action::Dot | Action::Op(Op::Dot) => {
                let taken = self.taken(place, [list[0], list[1]]);
                self.value(place, list[taken]);
                self.step(Operation::Mul, last(taken == 1), &[list[1 - taken]]);
                let next = match action {
                    Action::Dot => Operation::MultiplyAdd,
                    _ => Operation::AddProduct,
                };
                for pair in list[2..].chunks_exact(2) {
                    self.step(next, form::LAST, pair);
                }
            }
            action if is_list(action) => {
                let is_product = action == Action::Op(Op::Product);
                let next = if is_product { Operation::Mul } else { Operation::Add };
                let taken = place.unwrap_or(0);
                if list.len() == 1 {
                    self.step(Operation::Load, 0, list);
                } else {
                    self.value(place, list[taken]);
                }
                for (k, &term) in list.iter().enumerate() {
                    if k != taken {
                        self.step(next, 0, &[term]);
                    }
                }
                if action == Action::Op(Op::Mean) {
                    self.step(Operation::Share, 0, &[]);
                    self.last().step.y = list.len() as u32;
                }
            }
            Action::MultiplyAdd | Action::NegativeMultiplyAdd | Action::MultiplySubtract => {
                let Some(operation) = operation(action) else { return };
                let [x, y, z] = [list[0], list[1], list[2]];
                match place {
                    Some(0) => self.step(operation, 0, &[y, z]),
                    // The factors can be exchanged: a sign comes out of either alike.
                    Some(1) => self.step(operation, 0, &[x, z]),
                    _ => {
                        self.value(place, z);
                        self.step(operation, form::LAST, &[x, y]);
                    }
                }
            }
            _ => {
                let Some(operation) = operation(action) else { return };
                let taken = match *list {
                    [x, y] => self.taken(place, [x, y]),
                    _ => 0,
                };
                self.value(place, list[taken]);
                match *list {
                    [x, y] => self.step(operation, last(taken == 1), &[[y, x][taken]]),
                    _ => self.step(operation, 0, &list[1..]),
                }
                if let Action::Op(op) = action {
                    match operation {
                        Operation::Curve => self.last().step.x = self.curve(op, None),
                        Operation::Surface => self.last().step.y = self.curve(op, None),
                        _ => {}
                    }
                }
            }
        }
        self.gives(*target);
    }

    /// The last step gives a value to this place.
    fn gives(&mut self, target: Spot) {
        let (place, giver) = (self.vector(target), self.steps.len() - 1);
        let in_loop = !self.iterations.is_empty();
        let last = self.last();
        (last.step.target, last.target) = (place, Some(target));
        last.step.keep |= in_loop;
        self.givers.insert(target, giver);
        self.value = Some(target);
    }

    /// Two functions of one number.
    fn couple(&mut self, one: &Single, other: &Single) {
        let actions = (one.instruction.action, other.instruction.action);
        let (Action::Op(first), Action::Op(second)) = actions else { return };
        let list = one.operands.as_slice();
        let place = self
            .value
            .and_then(|value| takes(self.code, &one.instruction, list, value, Spot::fixed));
        self.value(place, list[0]);
        self.step(Operation::Curves, 0, &[]);
        self.last().step.x = self.curve(first, Some(second));
        let y = self.vector(other.target);
        (self.last().step.y, self.last().y) = (y, Some(other.target));
        self.gives(one.target);
        self.givers.insert(other.target, self.steps.len() - 1);
        self.value = Some(other.target);
    }

    /// The number of an operation, or of two at once, among the curves.
    fn curve(&mut self, op: Op, other: Option<Op>) -> u32 {
        let known = self.strips.ops.iter().position(|&known| known == (op, other));
        known.unwrap_or_else(|| {
            self.strips.ops.push((op, other));
            self.strips.ops.len() - 1
        }) as u32
    }

    /// Which of two operands is passed along: at best a vector, which is loaded on the way.
    fn taken(&self, place: Option<usize>, [x, y]: [Spot; 2]) -> usize {
        place.unwrap_or(usize::from(self.is_a_vector(y) && !self.is_a_vector(x)))
    }

    /// Whether there is a vector at a place, wherever it moves.
    fn is_a_vector(&self, spot: Spot) -> bool {
        let reach = self.paths.get(spot.path).reach(self.code, &self.iterations);
        let own = i64::from(spot.address as i32);
        (own + reach.low) as u32 >= self.layout.per_call && own + reach.low >= 0
    }

    /// The products of an outer total, row after row; one row or column is passed along.
    fn outer(&mut self, outer: &Outer, place: Option<usize>, sum: u32) {
        let columns = outer.columns.len();
        let by_column = place == Some(1) || place.is_none() && columns == 1 && outer.rows.len() > 1;
        let (outside, inside) =
            if by_column { (&outer.columns, &outer.rows) } else { (&outer.rows, &outer.columns) };
        for (i, &along) in outside.iter().enumerate() {
            self.value(place, Spot::fixed(along));
            for (j, &other) in inside.iter().enumerate() {
                let (row, column) = if by_column { (j, i) } else { (i, j) };
                self.step(Operation::TotalProduct, last(by_column), &[Spot::fixed(other)]);
                self.last().step.target = sum + (row * columns + column) as u32;
            }
        }
    }

    /// Sees to it that the value at a place is passed along, unless it is there already.
    fn value(&mut self, place: Option<usize>, spot: Spot) {
        if place.is_none() || self.value != Some(spot) {
            self.step(Operation::Load, 0, &[spot]);
            self.value = Some(spot);
        }
    }

    fn step(&mut self, operation: Operation, form: u8, operands: &[Spot]) {
        let step = Step { operation, form, keep: false, target: 0, x: 0, y: 0 };
        let mut planned = Planned { step, target: None, x: None, y: None, is_of_a_vector: false };
        for (k, &spot) in operands.iter().enumerate() {
            if let Some(&giver) = self.givers.get(&spot) {
                self.steps[giver].step.keep = true;
            }
            let is_number = spot.stays() && !self.layout.is_per_sample(spot.address);
            let place = if is_number { spot.address } else { self.vector(spot) };
            let (to, own, number) = match k {
                0 => (&mut planned.step.x, &mut planned.x, form::X),
                _ => (&mut planned.step.y, &mut planned.y, form::Y),
            };
            (*to, *own) = (place, Some(spot));
            planned.step.form |= if is_number { number } else { 0 };
        }
        planned.is_of_a_vector = operands.first().is_some_and(|&spot| self.is_a_vector(spot));
        self.steps.push(planned);
    }

    fn total(&mut self, operation: Operation, target: u32) {
        self.step(operation, 0, &[]);
        self.last().step.target = target;
    }

    fn last(&mut self) -> &mut Planned {
        let last = self.steps.len() - 1;
        &mut self.steps[last]
    }

    /// The vector at a place that stays; of others a run finds it.
    fn vector(&self, spot: Spot) -> u32 {
        if !spot.stays() {
            return 0;
        }
        let index = spot.address.wrapping_sub(self.layout.per_call);
        let exists = (index as usize) < self.layout.per_sample();
        assert!(exists, "no vector of lanes at address {}", spot.address);
        index
    }
}

fn last(last: bool) -> u8 {
    if last { form::LAST } else { 0 }
}
