//! Where an adjoint or a tangent counts: the conditions of the choices that it has come through.
//!
//! A branch that was not taken contributes exactly nothing, even if its partials are infinite there. A product by 0 can't
//! say that, since an adjoint may be 0 by itself, and 0 times infinity is then an honest NaN. So a sweep knows for each
//! node under which conditions it is reached at all, its *guard*, and writes a `select` where a guarded number leaves the
//! region of its guard. Functions without choices have no guards, and pay nothing.

use std::collections::HashMap;

use smallvec::SmallVec;

use crate::node::NodeId;
use crate::op::Condition;
use crate::record::Recorder;
use crate::scalar::Scalar;
use crate::var::Var;

/// A guard, by number: equal guards have equal numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Guard(u32);

impl Guard {
    /// No condition.
    pub(crate) const ALWAYS: Guard = Guard(0);
}

/// That the condition at a node is true, or that it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Literal {
    condition: NodeId,
    is: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Meaning {
    /// All of these, from the outermost choice to the innermost.
    All(Vec<Literal>),
    /// One of these at least.
    Any(Vec<Guard>),
}

/// What a node gets from one of its neighbours, and where that counts.
pub(crate) type Guarded<'g> = (Var<'g>, Guard);

/// How many terms are searched for two that belong together; more are rare, and are masked one by one.
const SEARCHED: usize = 32;

/// All guards of a sweep.
pub(crate) struct Guards<'g> {
    recorder: &'g Recorder,
    meanings: Vec<Meaning>,
    numbers: HashMap<Meaning, Guard>,
    written: HashMap<Guard, Var<'g>>,
}

impl<'g> Guards<'g> {
    pub(crate) fn new(recorder: &'g Recorder) -> Guards<'g> {
        let always = Meaning::All(Vec::new());
        let numbers = HashMap::from([(always.clone(), Guard::ALWAYS)]);
        Guards { recorder, meanings: vec![always], numbers, written: HashMap::new() }
    }

    /// The guard and a condition; `None` if that can never be.
    pub(crate) fn and(&mut self, guard: Guard, condition: Condition<Var<'g>>) -> Option<Guard> {
        let Some(node) = condition.value.id() else {
            let holds = condition.value.constant_value() != Some(0.0);
            return (holds == condition.is).then_some(guard);
        };
        let literal = Literal { condition: node, is: condition.is };
        let mut all = match &self.meanings[guard.0 as usize] {
            Meaning::All(literals) => literals.clone(),
            Meaning::Any(_) => {
                let condition = self.written(guard).id();
                condition.map(|condition| Literal { condition, is: true }).into_iter().collect()
            }
        };
        if all.contains(&Literal { condition: node, is: !condition.is }) {
            return None;
        }
        if !all.contains(&literal) {
            all.push(literal);
        }
        Some(self.number(Meaning::All(all)))
    }

    /// The sum of terms and where it counts. Terms of the two branches of one choice become one choice between them.
    pub(crate) fn sum(&mut self, mut terms: SmallVec<[Guarded<'g>; 4]>) -> Option<Guarded<'g>> {
        self.join_branches(&mut terms);
        let guard = self.any(terms.iter().map(|&(_, guard)| guard));
        let sum = terms
            .into_iter()
            .map(|(term, own)| if own == guard { term } else { self.mask(term, own) })
            .reduce(|a, b| a + b)?;
        Some((sum, guard))
    }

    /// The guard as a condition, if it has any.
    pub(crate) fn condition(&mut self, guard: Guard) -> Option<Var<'g>> {
        (guard != Guard::ALWAYS).then(|| self.written(guard))
    }

    /// The number where it counts, else exactly 0.
    pub(crate) fn mask(&mut self, number: Var<'g>, guard: Guard) -> Var<'g> {
        if guard == Guard::ALWAYS {
            return number;
        }
        let zero = Var::constant(0.0);
        if let Meaning::All(literals) = &self.meanings[guard.0 as usize]
            && let [literal] = literals[..]
        {
            return self.choice(literal, number, zero);
        }
        Var::select(self.written(guard), number, zero)
    }

    /// As long as two terms belong to the two branches of one choice, they become one.
    fn join_branches(&mut self, terms: &mut SmallVec<[Guarded<'g>; 4]>) {
        if terms.len() > SEARCHED {
            return;
        }
        'again: loop {
            for b in 1..terms.len() {
                for a in 0..b {
                    if let Some(joined) = self.joined(terms[a], terms[b]) {
                        terms.remove(b);
                        terms[a] = joined;
                        continue 'again;
                    }
                }
            }
            return;
        }
    }

    fn joined(&mut self, a: Guarded<'g>, b: Guarded<'g>) -> Option<Guarded<'g>> {
        let (Meaning::All(of_a), Meaning::All(of_b)) =
            (&self.meanings[a.1.0 as usize], &self.meanings[b.1.0 as usize])
        else {
            return None;
        };
        let (&last_a, outer_a) = of_a.split_last()?;
        let (&last_b, outer_b) = of_b.split_last()?;
        let opposite = last_a.condition == last_b.condition && last_a.is != last_b.is;
        if !opposite || outer_a != outer_b {
            return None;
        }
        let outer = Meaning::All(outer_a.to_vec());
        Some((self.choice(last_a, a.0, b.0), self.number(outer)))
    }

    /// Where one of the guards holds.
    pub(crate) fn any(&mut self, guards: impl Iterator<Item = Guard>) -> Guard {
        let mut each: Vec<Guard> = Vec::new();
        for guard in guards {
            match &self.meanings[guard.0 as usize] {
                Meaning::Any(parts) => each.extend(parts),
                Meaning::All(_) => each.push(guard),
            }
        }
        each.sort_unstable();
        each.dedup();
        match each[..] {
            [one] => one,
            // The guard without conditions has the lowest number.
            [Guard::ALWAYS, ..] | [] => Guard::ALWAYS,
            _ => self.number(Meaning::Any(each)),
        }
    }

    fn number(&mut self, meaning: Meaning) -> Guard {
        if let Some(&known) = self.numbers.get(&meaning) {
            return known;
        }
        let guard = Guard(self.meanings.len() as u32);
        self.meanings.push(meaning.clone());
        self.numbers.insert(meaning, guard);
        guard
    }

    fn choice(&self, literal: Literal, holds: Var<'g>, fails: Var<'g>) -> Var<'g> {
        let condition = Condition { value: self.recorder.var(literal.condition), is: literal.is };
        condition.choose(holds, fails)
    }

    /// The guard as a node: not 0 where it holds.
    fn written(&mut self, guard: Guard) -> Var<'g> {
        if let Some(&known) = self.written.get(&guard) {
            return known;
        }
        let (zero, one) = (Var::constant(0.0), Var::constant(1.0));
        let written = match self.meanings[guard.0 as usize].clone() {
            Meaning::All(literals) => literals
                .into_iter()
                .rev()
                .fold(one, |inner, literal| self.choice(literal, inner, zero)),
            Meaning::Any(guards) => guards
                .into_iter()
                .rev()
                .fold(zero, |rest, guard| Var::select(self.written(guard), one, rest)),
        };
        self.written.insert(guard, written);
        written
    }
}
