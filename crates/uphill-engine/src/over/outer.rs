//! The outer function: what it can ask for, by name, and which of its inputs are variables.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use uphill_graph::{Function, InputGroup, Inputs, Recorder, Role};

use super::function::{Fate, Outer, OverSamples, Read, invalid};
use crate::error::Error;

impl OverSamples {
    /// What a run gives is this function of the sums. Its inputs are taken by name: a sum has the name of its output; then
    /// come shared inputs; `samples` is the number of samples; inputs of other names are shared ones that a run takes
    /// behind those of the term.
    ///
    /// Where a sum of slopes is exactly 0, it stays 0 in the gradient, even where the outer function is infinitely steep: a
    /// root of a sum of squares has its summit, a kink, at a perfect fit.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if no output is a sum, if one is one number a sample, if there is an outer function already, or
    /// if this one asks for a column; [`Error::Graph`] for an input that is partly known.
    pub fn outer(mut self, function: &Function) -> Result<OverSamples, Error> {
        if self.outer.is_some() {
            return Err(invalid("there is an outer function already: make one of both".into()));
        }
        if self.fates.iter().all(|fate| *fate == Fate::Each) {
            return Err(invalid(
                "an outer function, but no output is added up over samples: use `sum`".into(),
            ));
        }
        if let Some(place) = self.fates.iter().position(|fate| *fate == Fate::Each) {
            let name = self.term.output_names().nth(place).unwrap_or_default();
            return Err(invalid(format!(
                "an outer function, but output `{name}` is one number a sample: sum it or leave it out"
            )));
        }
        let known = Known::new(&self);
        let (mut reads, mut further) = (Vec::new(), Vec::new());
        let mut next = self.shared_count() as u32;
        for group in function.inputs().groups() {
            let names = match group.length {
                None => vec![group.name.clone()],
                Some(length) => (0..length).map(|k| format!("{}[{k}]", group.name)).collect(),
            };
            let mut own: Vec<Option<Read>> = names.iter().map(|name| known.read(name)).collect();
            if own.iter().all(Option::is_none) {
                let mut all = names.iter().chain([&group.name]);
                if let Some(name) = all.find(|name| self.columns.contains(name)) {
                    return Err(invalid(format!(
                        "the outer function asks for `{name}`, which differs from sample to sample"
                    )));
                }
                own = (next..).take(own.len()).map(|place| Some(Read::Shared(place))).collect();
                next += own.len() as u32;
                further.push(group.clone());
            }
            for (name, read) in names.iter().zip(own) {
                reads.push(read.ok_or_else(|| {
                    invalid(format!(
                        "the outer function asks for `{name}`, which is neither a sum, a shared input, nor `samples`, as \
                         others of its vector are"
                    ))
                })?);
            }
        }
        Arc::make_mut(&mut self.shared).extend(further);
        let roles = self.roles();
        let is_variable = |read: &Read| match *read {
            Read::Sum(_) | Read::Target(_) => true,
            Read::Shared(place) => roles[place as usize] == Role::Variable,
            Read::Count | Read::Zero => false,
        };
        let function = with_roles(function, |at| is_variable(&reads[at]))?;
        self.outer = Some(Outer { function: function.into_owned(), reads });
        Ok(self)
    }
}

/// What an outer function can ask for, by name.
struct Known {
    sums: HashMap<String, u32>,
    /// Targets and shared inputs: what their first number is, and their length, if they are vectors.
    groups: HashMap<String, (Read, Option<u32>)>,
}

impl Known {
    fn new(function: &OverSamples) -> Known {
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

    fn read(&self, name: &str) -> Option<Read> {
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

/// The function with those inputs as variables for whose positions it is said, and the others as parameters. A vector that has
/// both is one input for each entry.
pub(super) fn with_roles(
    function: &Function,
    is_variable: impl Fn(usize) -> bool,
) -> Result<Cow<'_, Function>, Error> {
    let role = |position| if is_variable(position) { Role::Variable } else { Role::Parameter };
    let (mut groups, mut start) = (Vec::new(), 0);
    for group in function.inputs().groups() {
        let end = start + group.length.unwrap_or(1) as usize;
        let roles: Vec<Role> = (start..end).map(role).collect();
        match roles.iter().all(|role| *role == roles[0]) {
            true => {
                let role = roles.first().copied().unwrap_or(Role::Parameter);
                groups.push(InputGroup { role, ..group.clone() });
            }
            // Some entries of a vector are columns.
            false => groups.extend((start..end).zip(roles).map(|(position, role)| {
                let name = function.inputs().name(position);
                InputGroup { name, length: None, role }
            })),
        }
        start = end;
    }
    if groups == function.inputs().groups() {
        return Ok(Cow::Borrowed(function));
    }
    let recorder = Recorder::new();
    let inputs = recorder.inputs(Inputs::from_iter(groups))?;
    let values = function.node_values(&inputs)?;
    for (id, name) in function.graph().names() {
        let _ = values[id.index()].named(name);
    }
    for output in function.single_outputs() {
        recorder.output(output.name, values[output.node.index()]);
    }
    drop((inputs, values));
    Ok(Cow::Owned(recorder.finish()?))
}
