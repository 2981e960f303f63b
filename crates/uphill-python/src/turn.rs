//! One turn of the loop that a group of operations on arrays becomes.

use smallvec::SmallVec;
use uphill_graph::{At, Index, Scalar, Var};

use crate::groups::Group;
use crate::tape::{Does, Entry, Operand, Source};

/// What a turn reads and does, with all that lies outside of the group at hand.
pub(crate) struct Turn<'g> {
    /// For each member its operation, none for a sum of what it reads, and where its operands come from.
    pub(crate) members: Vec<(Option<Does>, SmallVec<[Read<'g>; 2]>)>,
    vectors: Vec<Vec<Var<'g>>>,
    data: Vec<Vec<f64>>,
}

pub(crate) enum Read<'g> {
    Same(Var<'g>),
    /// Another member's result of this turn.
    Member(usize),
    /// An entry of a vector.
    Vector(usize),
    /// A number of a list.
    Data(usize),
}

impl<'g> Turn<'g> {
    /// The turn of a group, with values of the entries `from` which it reads.
    pub(crate) fn of(
        entries: &[Entry],
        group: &Group,
        value: impl Fn(Operand) -> Var<'g>,
    ) -> Turn<'g> {
        let mut turn = Turn { members: Vec::new(), vectors: Vec::new(), data: Vec::new() };
        for (place, member) in group.members.iter().enumerate() {
            let (does, own) = match &entries[member.entry] {
                Entry::Entrywise(own) => (Some(own.does.clone()), own),
                Entry::Sum(own) => (None, own),
                _ => continue,
            };
            let before = &group.members[..place];
            let reads = own.operands.iter().map(|source| {
                if let Source::Run(first) = source
                    && let Ok(other) =
                        before.binary_search_by_key(&(*first as usize), |member| member.entry + 1)
                    && turn.members[other].0.is_some()
                {
                    return Read::Member(other);
                }
                turn.outside(source, group.count, &value)
            });
            let reads = reads.collect();
            turn.members.push((does, reads));
        }
        turn
    }

    fn outside(
        &mut self,
        source: &Source,
        count: usize,
        value: &impl Fn(Operand) -> Var<'g>,
    ) -> Read<'g> {
        if let Source::Same(operand) = source {
            return Read::Same(value(*operand));
        }
        let numbers = (0..count).map(|place| source.at(place).number());
        if let Some(numbers) = numbers.collect() {
            self.data.push(numbers);
            return Read::Data(self.data.len() - 1);
        }
        self.vectors.push((0..count).map(|place| value(source.at(place))).collect());
        Read::Vector(self.vectors.len() - 1)
    }

    /// The members that have to be computed for these.
    pub(crate) fn needed(&self, of: &[usize]) -> Vec<bool> {
        let mut needed = vec![false; self.members.len()];
        of.iter().for_each(|&place| needed[place] = true);
        for (place, (_, reads)) in self.members.iter().enumerate().rev() {
            if needed[place] {
                for read in reads {
                    if let Read::Member(other) = read {
                        needed[*other] = true;
                    }
                }
            }
        }
        needed
    }

    /// What the members that are needed come to in a turn; a sum its term.
    pub(crate) fn values(&self, i: Index<Var<'g>>, needed: &[bool]) -> Vec<Var<'g>> {
        let mut values = Vec::with_capacity(self.members.len());
        for ((does, reads), &needed) in self.members.iter().zip(needed) {
            if !needed {
                values.push(Var::constant(f64::NAN));
                continue;
            }
            let operands: SmallVec<[Var<'g>; 3]> = reads
                .iter()
                .map(|read| match read {
                    Read::Same(value) => *value,
                    Read::Member(place) => values[*place],
                    Read::Vector(vector) => self.vectors[*vector].at(i),
                    Read::Data(data) => i.of(&self.data[*data]),
                })
                .collect();
            values.push(does.as_ref().map_or(operands[0], |does| does.apply(&operands)));
        }
        values
    }
}
