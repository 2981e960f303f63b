//! The inputs of a function: single ones and vectors, variables and parameters, without one string a vector entry.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::Error;

/// Whether derivatives are taken by an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Derivatives are taken by it unless other inputs are asked for.
    Variable,
    /// Held fixed: derivatives are taken by it only if it is asked for.
    Parameter,
}

/// One named input, or a vector of them.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputGroup {
    /// The name: `w1`, or `w` for the vector `w[0]`, `w[1]`, ….
    pub name: String,
    /// The number of entries of a vector; none for a single input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
    /// Whether derivatives are taken by it.
    pub role: Role,
}

impl InputGroup {
    /// An input of a loop's body, which is called by its position alone, so that equal bodies are equal.
    pub(crate) fn fed(position: usize, width: usize) -> InputGroup {
        let length = (width != 1).then_some(width as u32);
        InputGroup { name: format!("i{position}"), length, role: Role::Variable }
    }
}

/// The inputs of a function, in order.
///
/// Wherever inputs are asked for, an array or vector of names will do: each is a variable.
///
/// ```
/// use uphill_graph::{Function, Inputs};
///
/// let inputs = Inputs::new().variables("w", 2).parameter("x");
/// let f = Function::record(inputs, |i| i[0] * i[2] + i[1])?;
/// assert_eq!(f.input_names().collect::<Vec<_>>(), ["w[0]", "w[1]", "x"]);
/// assert_eq!(f.gradient()?.eval(&[5.0, 6.0, 2.0])?, [2.0, 1.0]); // by w alone
/// # Ok::<(), uphill_graph::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Inputs(
    // Every pass over a graph makes one with the same inputs: a million names are copied for none.
    Arc<Named>,
);

/// Groups, and where they are found.
#[derive(Debug, Clone, Default)]
struct Named {
    groups: Vec<InputGroup>,
    /// The first position of each group, then the total.
    starts: Vec<u64>,
    by_name: HashMap<String, u32>,
    /// Names given twice, reported once the inputs are used.
    repeated: Option<String>,
}

impl PartialEq for Inputs {
    fn eq(&self, other: &Inputs) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.groups == other.0.groups
    }
}

impl Inputs {
    /// No inputs yet.
    #[must_use]
    pub fn new() -> Inputs {
        Inputs::default()
    }

    /// Adds one variable.
    #[must_use]
    pub fn variable(self, name: impl Into<String>) -> Inputs {
        self.with(name.into(), None, Role::Variable)
    }

    /// Adds a vector of variables `name[0]`, `name[1]`, ….
    #[must_use]
    pub fn variables(self, name: impl Into<String>, length: usize) -> Inputs {
        self.with(name.into(), Some(length), Role::Variable)
    }

    /// Adds one parameter.
    #[must_use]
    pub fn parameter(self, name: impl Into<String>) -> Inputs {
        self.with(name.into(), None, Role::Parameter)
    }

    /// Adds a vector of parameters `name[0]`, `name[1]`, ….
    #[must_use]
    pub fn parameters(self, name: impl Into<String>, length: usize) -> Inputs {
        self.with(name.into(), Some(length), Role::Parameter)
    }

    fn with(mut self, name: String, length: Option<usize>, role: Role) -> Inputs {
        let length = length.map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        self.push(InputGroup { name, length, role });
        self
    }

    pub(crate) fn push(&mut self, group: InputGroup) {
        let next = self.len_u64() + u64::from(group.length.unwrap_or(1));
        let named = Arc::make_mut(&mut self.0);
        let index = named.groups.len() as u32;
        if named.by_name.insert(group.name.clone(), index).is_some() {
            named.repeated.get_or_insert_with(|| group.name.clone());
        }
        if named.starts.is_empty() {
            named.starts.push(0);
        }
        named.starts.push(next);
        named.groups.push(group);
    }

    /// The groups, in order.
    #[must_use]
    pub fn groups(&self) -> &[InputGroup] {
        &self.0.groups
    }

    /// The groups, each with its positions.
    pub(crate) fn spans(&self) -> impl Iterator<Item = (&InputGroup, std::ops::Range<usize>)> {
        let spans = self.0.groups.iter().zip(self.0.starts.windows(2));
        spans.map(|(group, span)| (group, span[0] as usize..span[1] as usize))
    }

    fn len_u64(&self) -> u64 {
        self.0.starts.last().copied().unwrap_or(0)
    }

    /// The number of inputs, each vector entry counted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len_u64() as usize
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len_u64() == 0
    }

    fn group_at(&self, position: usize) -> usize {
        self.0.starts.partition_point(|&start| start <= position as u64) - 1
    }

    /// The group of the input at this position, and its place there.
    pub(crate) fn place(&self, position: usize) -> (usize, usize) {
        let group = self.group_at(position);
        (group, position - self.0.starts[group] as usize)
    }

    /// The name of the input at this position: `w1` or `w[3]`.
    ///
    /// # Panics
    ///
    /// If there are not so many inputs.
    #[must_use]
    pub fn name(&self, position: usize) -> String {
        assert!(position < self.len(), "input {position} of {}", self.len());
        let index = self.group_at(position);
        let group = &self.0.groups[index];
        match group.length {
            None => group.name.clone(),
            Some(_) => format!("{}[{}]", group.name, position - self.0.starts[index] as usize),
        }
    }

    /// The names of all inputs, in order.
    pub fn names(&self) -> impl Iterator<Item = String> {
        (0..self.len()).map(|position| self.name(position))
    }

    /// Whether the input at this position is a variable.
    #[must_use]
    pub fn is_variable(&self, position: usize) -> bool {
        self.0.groups[self.group_at(position)].role == Role::Variable
    }

    /// The positions of all variables.
    pub fn variable_positions(&self) -> Vec<usize> {
        let spans = self.0.groups.iter().zip(self.0.starts.windows(2));
        spans
            .filter(|(group, _)| group.role == Role::Variable)
            .flat_map(|(_, span)| span[0] as usize..span[1] as usize)
            .collect()
    }

    /// The positions that a name stands for: one input, one entry of a vector, or a whole vector.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`] if no input is named so.
    pub fn positions(&self, name: &str) -> Result<std::ops::Range<usize>, Error> {
        if let Some(&index) = self.0.by_name.get(name) {
            let index = index as usize;
            return Ok(self.0.starts[index] as usize..self.0.starts[index + 1] as usize);
        }
        let entry = name.strip_suffix(']').and_then(|rest| {
            let (vector, entry) = rest.rsplit_once('[')?;
            let index = *self.0.by_name.get(vector)? as usize;
            let entry: u32 = entry.parse().ok()?;
            (entry < self.0.groups[index].length?)
                .then_some(self.0.starts[index] as usize + entry as usize)
        });
        match entry {
            Some(position) => Ok(position..position + 1),
            None => {
                Err(Error::unknown("input", name, self.0.groups.iter().map(|g| g.name.clone())))
            }
        }
    }

    /// The positions that several names stand for, in the order of the names.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`] for the first unknown one, [`Error::DuplicateName`] if two cover one input.
    pub fn select<N: AsRef<str>>(&self, names: &[N]) -> Result<Vec<usize>, Error> {
        let mut positions = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for name in names {
            for position in self.positions(name.as_ref())? {
                if !seen.insert(position) {
                    return Err(Error::DuplicateName {
                        kind: "selected input",
                        name: self.name(position),
                    });
                }
                positions.push(position);
            }
        }
        Ok(positions)
    }

    /// Checks names and size.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if let Some(name) = &self.0.repeated {
            return Err(Error::DuplicateName { kind: "input", name: name.clone() });
        }
        if self.len_u64() >= u64::from(u32::MAX) {
            return Err(Error::Unsupported { what: format!("{} inputs", self.len_u64()) });
        }
        for group in &self.0.groups {
            check_name(&group.name)?;
            // `w[3]` as a name of its own beside a vector `w` would be two things.
            let vector = group.name.split_once('[').and_then(|(v, _)| self.0.by_name.get(v));
            if vector.is_some_and(|&v| self.0.groups[v as usize].length.is_some()) {
                return Err(Error::DuplicateName { kind: "input", name: group.name.clone() });
            }
        }
        Ok(())
    }
}

/// Names appear in text forms, one line a node: they hold something to see, and no control characters.
pub(crate) fn check_name(name: &str) -> Result<(), Error> {
    if name.trim().is_empty() || name.trim() != name || name.chars().any(char::is_control) {
        let rule =
            "a name is not empty, has no space at its ends and no line break or control character";
        return Err(Error::InvalidName { name: name.into(), rule });
    }
    Ok(())
}

impl<N: Into<String>, const COUNT: usize> From<[N; COUNT]> for Inputs {
    fn from(names: [N; COUNT]) -> Inputs {
        names.into_iter().fold(Inputs::new(), |inputs, name| inputs.variable(name))
    }
}

impl<N: Into<String>> From<Vec<N>> for Inputs {
    fn from(names: Vec<N>) -> Inputs {
        names.into_iter().fold(Inputs::new(), |inputs, name| inputs.variable(name))
    }
}

impl FromIterator<InputGroup> for Inputs {
    fn from_iter<I: IntoIterator<Item = InputGroup>>(groups: I) -> Inputs {
        let mut inputs = Inputs::new();
        groups.into_iter().for_each(|group| inputs.push(group));
        inputs
    }
}

impl From<&[&str]> for Inputs {
    fn from(names: &[&str]) -> Inputs {
        names.iter().fold(Inputs::new(), |inputs, &name| inputs.variable(name))
    }
}

impl From<&[String]> for Inputs {
    fn from(names: &[String]) -> Inputs {
        names.iter().fold(Inputs::new(), |inputs, name| inputs.variable(name))
    }
}
