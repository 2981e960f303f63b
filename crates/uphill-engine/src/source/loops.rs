//! Loops in loops: what an iteration has written has a name up to the next loop, and all of it lies in memory.

use super::access::{Touched, Unit, is_written_out};
use super::body::Body;
use super::rule::Rule;
use super::shared::loop_index;
use crate::code::{Action, Item, Nest, Paths, Single, Spot};
use crate::error::Error;

/// A nest as it is written.
struct State {
    paths: Paths,
    /// All that it writes.
    written: Vec<Rule>,
    /// What this iteration has written, by its rule.
    known: Vec<(Rule, String)>,
}

impl<'p> Body<'_, 'p> {
    /// The loop at this position.
    pub(super) fn repeated(&mut self, position: usize) -> Result<(), Error> {
        let written = Touched::by(self.code, Unit::Loop(position)).ruled_writes;
        let mut state = State { paths: Paths::default(), written, known: Vec::new() };
        let nest = Nest::of(self.code, position, &mut state.paths);
        self.nest(&nest, &mut state)
    }

    fn nest(&mut self, nest: &Nest, state: &mut State) -> Result<(), Error> {
        let count = nest.iterations[nest.depth() - 1];
        if nest.items.is_empty() {
            return Ok(());
        }
        self.open(&loop_index(nest.depth() - 1), 0, count as usize);
        state.known.clear();
        for item in &nest.items {
            match item {
                Item::Nest(inner) => {
                    self.nest(inner, state)?;
                    state.known.clear();
                }
                Item::Single(single) if single.instruction.action == Action::Block => {
                    self.moved_block(single, &nest.iterations, state)?;
                }
                Item::Single(single) => self.single(single, &nest.iterations, state)?,
            }
        }
        self.close();
        Ok(())
    }

    fn single(
        &mut self,
        single: &Single,
        iterations: &[u32],
        state: &mut State,
    ) -> Result<(), Error> {
        let mut operands = Vec::with_capacity(single.operands.len());
        for &spot in &single.operands {
            operands.push(self.operand(spot, iterations, state)?);
        }
        let action = single.instruction.action;
        if action == Action::Total {
            let target = Rule::spot(self.code, &state.paths, single.target, iterations);
            let partial = self.partial(&target, &[]);
            self.line(&format!("{partial} += {};", operands[0]));
            return Ok(());
        }
        let value = self.value(action, &operands)?;
        self.store(single.target, &value, iterations, state);
        Ok(())
    }

    fn operand(&mut self, spot: Spot, iterations: &[u32], state: &State) -> Result<String, Error> {
        let rule = Rule::spot(self.code, &state.paths, spot, iterations);
        if let Some((_, name)) = state.known.iter().find(|(known, _)| *known == rule) {
            return Ok(name.clone());
        }
        let address = spot.address;
        if spot.stays() && !state.written.iter().any(|written| written.has(address)) {
            return self.read(address);
        }
        Ok(self.place(&rule, &[]))
    }

    fn store(&mut self, target: Spot, value: &str, iterations: &[u32], state: &mut State) {
        let rule = Rule::spot(self.code, &state.paths, target, iterations);
        let name = self.bind(value);
        let place = self.place(&rule, &[]);
        self.line(&format!("{place} = {name};"));
        state.known.retain(|(other, _)| !rule.may_meet(other));
        state.known.push((rule, name));
    }

    fn moved_block(
        &mut self,
        single: &Single,
        iterations: &[u32],
        state: &mut State,
    ) -> Result<(), Error> {
        let code = self.code;
        let block = &code.blocks[single.instruction.x as usize];
        let (rows, count) = (block.targets.len(), block.inputs.len());
        let [inputs, weights] = [0, 1].map(|k| single.operands[k]);
        if is_written_out(rows, count) {
            for (row, &address) in block.targets.iter().enumerate() {
                let mut pairs = Vec::with_capacity(2 * count);
                for (k, &input) in block.inputs.iter().enumerate() {
                    let weight = block.weights.address(row, k, count);
                    let places =
                        [Spot { address: input, ..inputs }, Spot { address: weight, ..weights }];
                    for spot in places {
                        pairs.push(self.operand(spot, iterations, state)?);
                    }
                }
                let value = self.fused_dot(&pairs);
                self.store(Spot { address, ..single.target }, &value, iterations, state);
            }
            return Ok(());
        }
        let moved = |rule: Rule, spot: Spot| {
            Rule::moved(rule, code, state.paths.get(spot.path), iterations)
        };
        let rules = [
            moved(Rule::list(&block.inputs), inputs),
            moved(Rule::weights(block), weights),
            moved(Rule::list(&block.targets), single.target),
        ];
        self.dense(block, &rules);
        state.known.retain(|(other, _)| !rules[2].may_meet(other));
        Ok(())
    }
}
