//! The inputs of a formula: declared ones, or all names that nothing defines, in the order of the text.

use std::collections::HashMap;

use uphill_graph::{Inputs, Role};

use crate::error::Error;
use crate::limits::Limits;
use crate::names;
use crate::place::Source;
use crate::syntax::{Declaration, Statement};

/// The inputs that a text declares; none, if it leaves that to the names that turn up.
pub(crate) fn declared(
    source: Source<'_>,
    statements: &[Statement],
    limits: &Limits,
) -> Result<Option<Inputs>, Error> {
    let mut declared = None;
    let mut listed = Listed { source, limit: limits.operations, names: HashMap::new(), count: 0 };
    for statement in statements {
        if let Statement::Inputs(role, declarations) = statement {
            let mut inputs = declared.take().unwrap_or_default();
            for declaration in declarations {
                inputs = listed.add(inputs, *role, declaration)?;
            }
            declared = Some(inputs);
        }
    }
    Ok(declared)
}

/// What has been declared, with the lines.
struct Listed<'t> {
    source: Source<'t>,
    limit: usize,
    /// Whether the name is a vector's, and where it was declared.
    names: HashMap<String, (bool, usize)>,
    count: usize,
}

impl Listed<'_> {
    fn add(&mut self, inputs: Inputs, role: Role, new: &Declaration) -> Result<Inputs, Error> {
        let name = new.target.name.as_str();
        let place = |hint: &str| self.source.place(&new.target.span, hint);
        let count = new.range.map_or(1, |(from, to)| to - from + 1);
        self.count = self.count.saturating_add(usize::try_from(count).unwrap_or(usize::MAX));
        if self.count > self.limit {
            return Err(Error::TooLarge { limit: self.limit, place: place("so many inputs") });
        }
        match new.range {
            Some((0, last)) => {
                self.once(name.to_owned(), true, new)?;
                let length = usize::try_from(last + 1).unwrap_or(usize::MAX);
                Ok(match role {
                    Role::Variable => inputs.variables(name, length),
                    Role::Parameter => inputs.parameters(name, length),
                })
            }
            Some((from, to)) => (from..=to).try_fold(inputs, |inputs, index| {
                self.single(inputs, role, format!("{name}[{index}]"), new)
            }),
            None => self.single(inputs, role, name.to_owned(), new),
        }
    }

    fn single(
        &mut self,
        inputs: Inputs,
        role: Role,
        name: String,
        new: &Declaration,
    ) -> Result<Inputs, Error> {
        self.once(name.clone(), false, new)?;
        Ok(match role {
            Role::Variable => inputs.variable(name),
            Role::Parameter => inputs.parameter(name),
        })
    }

    /// Notes a name, or that it has been declared already. Entries and a vector of one name exclude each other.
    fn once(&mut self, name: String, vector: bool, new: &Declaration) -> Result<(), Error> {
        let line = self.source.place(&new.target.span, "").line();
        let base = names::base(&name).to_owned();
        let known = match self.names.get(&name) {
            Some((_, line)) => Some(*line),
            None => match self.names.get(&base) {
                Some((true, line)) => Some(*line),
                _ => None,
            },
        };
        let entries = format!("{base}[]");
        let known = known.or_else(|| {
            let entries = self.names.get(&entries).filter(|_| vector);
            entries.map(|(_, line)| *line)
        });
        if let Some(first) = known {
            return Err(Error::DefinedTwice {
                name,
                first: format!("declared in line {first}"),
                second: "declared here".into(),
                place: self.source.place(&new.target.span, ""),
            });
        }
        if base != name {
            self.names.entry(entries).or_insert((false, line));
        }
        self.names.insert(name, (vector, line));
        Ok(())
    }
}

/// Orders the inputs that turned up by the first appearance of their names; entries of one vector stand together, by
/// index, wherever they appear. If vectors are wanted, entries `x[0]`, `x[1]`, …, none of which is missing, are one. Gives the
/// inputs and the place of each among them.
pub(crate) fn ordered(
    names: &[String],
    appearance: &[&str],
    vectors: bool,
) -> (Inputs, Vec<usize>) {
    let mut ranks: HashMap<&str, usize> = HashMap::new();
    for (rank, base) in appearance.iter().enumerate() {
        ranks.entry(base).or_insert(rank);
    }
    let key = |name: &str| {
        let (base, indices) = names::entry(name).unwrap_or((name, Vec::new()));
        (ranks.get(base).copied().unwrap_or(usize::MAX), indices)
    };
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by_cached_key(|&input| key(&names[input]));
    let mut positions = vec![0; names.len()];
    for (position, &input) in order.iter().enumerate() {
        positions[input] = position;
    }
    let mut inputs = Inputs::new();
    for own in order.chunk_by(|&x, &y| names::base(&names[x]) == names::base(&names[y])) {
        let is_place = |(place, &input): (usize, &usize)| {
            names::entry(&names[input]).is_some_and(|(_, indices)| indices == [place as u64])
        };
        let base = names::base(&names[own[0]]);
        if vectors && ranks.contains_key(base) && own.iter().enumerate().all(is_place) {
            inputs = inputs.variables(base, own.len());
            continue;
        }
        inputs = own.iter().fold(inputs, |inputs, &input| inputs.variable(names[input].clone()));
    }
    (inputs, positions)
}
