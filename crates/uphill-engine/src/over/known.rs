//! What an outer function can ask for, by name: sums, targets, shared inputs, the number of samples.

use std::collections::HashMap;

use super::{OverSamples, Read};

/// What an outer function can ask for, by name.
pub(super) struct Known {
    sums: HashMap<String, u32>,
    /// Targets and shared inputs: what their first number is, and their length, if they are vectors.
    groups: HashMap<String, (Read, Option<u32>)>,
}

impl Known {
    pub(super) fn new(function: &OverSamples) -> Known {
        let sums = function.sum_names().into_iter().zip(0..).collect();
        let (mut groups, mut first) = (HashMap::new(), 0);
        for group in function.shared.iter() {
            groups.insert(group.name.clone(), (Read::Shared(first), group.length));
            first += group.length.unwrap_or(1);
        }
        let mut first = 0;
        for target in &function.targets {
            groups.insert(target.name.clone(), (Read::Target(first), Some(target.length)));
            first += target.length;
        }
        Known { sums, groups }
    }

    pub(super) fn read(&self, name: &str) -> Option<Read> {
        if let Some(&sum) = self.sums.get(name) {
            return Some(Read::Sum(sum));
        }
        if let Some(&(read, None)) = self.groups.get(name) {
            return Some(read);
        }
        let entry = name.strip_suffix(']').and_then(|rest| {
            let (vector, entry) = rest.rsplit_once('[')?;
            let entry: u32 = entry.parse().ok()?;
            match *self.groups.get(vector)? {
                (Read::Shared(first), Some(length)) if entry < length => {
                    Some(Read::Shared(first + entry))
                }
                (Read::Target(first), Some(length)) if entry < length => {
                    Some(Read::Target(first + entry))
                }
                _ => None,
            }
        });
        entry.or_else(|| (name == "samples").then_some(Read::Count))
    }
}
