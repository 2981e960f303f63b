//! Where numbers of a function over samples stand: inputs of its term, sums, targets, what a run gives.

use std::collections::HashMap;

use uphill_graph::Role;

use super::function::{Fate, Given, OverSamples, Yield};

/// A number that a run gives, or a vector.
pub(crate) struct Results {
    /// The name, or that of the vector that it is of.
    pub(crate) name: String,
    /// Which entry of the vector the first number is.
    pub(crate) entry: Option<u32>,
    pub(crate) count: u32,
    /// Where the first number comes from.
    pub(crate) given: Yield,
}

impl Results {
    /// Each number by itself, with its name.
    pub(crate) fn each(&self) -> impl Iterator<Item = (String, Yield)> {
        (0..self.count).map(|k| {
            let name = match self.entry {
                None => self.name.clone(),
                Some(entry) => format!("{}[{}]", self.name, entry + k),
            };
            (name, self.given.behind(k))
        })
    }
}

impl OverSamples {
    /// The names of sums, one a number.
    pub(crate) fn sum_names(&self) -> Vec<String> {
        let mut names = vec![String::new(); self.sum_count as usize];
        for (name, fate) in self.term.output_names().zip(&self.fates) {
            if let Fate::Sum(sum) = *fate {
                names[sum as usize] = name;
            }
        }
        names
    }

    /// What a run gives without an outer function, in order.
    pub(crate) fn results(&self) -> Vec<Results> {
        let mut results = Vec::new();
        let (mut next, mut first) = (self.targets.iter(), 0);
        let entries = self.term.outputs().iter().flat_map(|output| {
            let is_vector = output.length.is_some();
            (0..output.count() as u32).map(move |k| (&output.name, is_vector.then_some(k)))
        });
        for (place, ((name, entry), fate)) in entries.zip(&self.fates).enumerate() {
            let mut single = |given| {
                results.push(Results { name: name.clone(), entry, count: 1, given });
            };
            match *fate {
                Fate::Each => single(Yield::Each(place)),
                Fate::Sum(sum) => single(Yield::Sum(sum)),
                // Targets come in the order in which they are first added to.
                Fate::Scatter { first: at, .. } if at >= first => {
                    let Some(target) = next.next() else { continue };
                    results.push(Results {
                        name: target.name.clone(),
                        entry: Some(0),
                        count: target.length,
                        given: Yield::Target(first),
                    });
                    first += target.length;
                }
                Fate::Scatter { .. } => {}
            }
        }
        results
    }

    /// The one of these numbers that has this position among them.
    pub(crate) fn result(&self, number: usize) -> Option<Yield> {
        let mut number = u32::try_from(number).ok()?;
        for result in self.results() {
            match number.checked_sub(result.count) {
                None => return Some(result.given.behind(number)),
                Some(behind) => number = behind,
            }
        }
        None
    }

    /// How many shared numbers a run takes.
    pub(crate) fn shared_count(&self) -> usize {
        self.shared.iter().map(|group| group.length.unwrap_or(1) as usize).sum()
    }

    pub(crate) fn target_count(&self) -> u32 {
        self.targets.iter().map(|target| target.length).sum()
    }

    /// The position of a shared input's first number.
    pub(crate) fn shared_place(&self, name: &str) -> Option<u32> {
        let mut first = 0;
        for group in self.shared.iter() {
            if group.name == name {
                return Some(first);
            }
            first += group.length.unwrap_or(1);
        }
        None
    }

    /// For each shared number whether it is a variable.
    pub(super) fn roles(&self) -> Vec<Role> {
        let groups = self.shared.iter();
        groups
            .flat_map(|group| std::iter::repeat_n(group.role, group.length.unwrap_or(1) as usize))
            .collect()
    }

    /// Where each input of the term comes from.
    pub(crate) fn given(&self) -> Vec<Given> {
        let columns: HashMap<&str, u32> =
            self.columns.iter().zip(0..).map(|(name, column)| (name.as_str(), column)).collect();
        let gathered: HashMap<&str, u32> =
            self.gathered.iter().zip(0..).map(|(each, of)| (each.local.as_str(), of)).collect();
        let (mut shared, mut first) = (HashMap::new(), 0);
        for group in self.shared.iter() {
            shared.insert(group.name.as_str(), first);
            first += group.length.unwrap_or(1);
        }
        let mut given = Vec::with_capacity(self.term.inputs().len());
        for group in self.term.inputs().groups() {
            let length = group.length.unwrap_or(1);
            if let Some(&of) = gathered.get(group.name.as_str()) {
                given.extend((0..length).map(|entry| Given::Gathered { of, entry }));
            } else if let Some(&first) = shared.get(group.name.as_str()) {
                given.extend((first..first + length).map(Given::Shared));
            } else {
                for _ in 0..length {
                    let name = self.term.inputs().name(given.len());
                    let column = columns.get(name.as_str()).map(|&column| Given::Column(column));
                    let shared = shared.get(name.as_str()).map(|&place| Given::Shared(place));
                    given.push(column.or(shared).unwrap_or(Given::Shared(u32::MAX)));
                }
            }
        }
        given
    }
}
