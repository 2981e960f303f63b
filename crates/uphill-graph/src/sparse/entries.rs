//! Places and names of a sparse matrix, kept in little: four bytes an entry, and no name before it is asked for.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::pattern::Pattern;
use crate::inputs::Inputs;

/// Row and column of each entry of a sparse matrix, row by row. A clone shares them.
///
/// ```
/// use uphill_graph::Function;
/// let f = Function::record(["x", "y"], |v| v[0] * v[0] * v[1])?;
/// let entries = f.sparse_hessian()?.entries;
/// assert_eq!(entries, [(0, 0), (0, 1), (1, 0)]);
/// assert_eq!((entries.len(), entries.get(1)), (3, Some((0, 1))));
/// assert_eq!((entries.find(1, 0), entries.find(1, 1)), (Some(2), None));
/// # Ok::<(), uphill_graph::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Entries(Arc<Pattern>);

impl Entries {
    pub(super) fn new(pattern: Pattern) -> Entries {
        Entries(Arc::new(pattern))
    }

    pub(super) fn pattern(&self) -> &Pattern {
        &self.0
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Row and column of each entry, row by row.
    pub fn iter(&self) -> impl Iterator<Item = (usize, usize)> + Clone + '_ {
        self.0.entries()
    }

    /// Row and column of the entry with this number. Cost: the logarithm of the rows.
    #[must_use]
    pub fn get(&self, number: usize) -> Option<(usize, usize)> {
        self.0.place(number)
    }

    /// The number of the entry in this row and column, if there is one. Cost: the logarithm of the row's entries.
    #[must_use]
    pub fn find(&self, row: usize, column: usize) -> Option<usize> {
        if row >= self.0.rows() {
            return None;
        }
        let place = self.0.row(row).binary_search(&u32::try_from(column).ok()?).ok()?;
        Some(self.0.slots(row).start + place)
    }
}

impl fmt::Debug for Entries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<const COUNT: usize> PartialEq<[(usize, usize); COUNT]> for Entries {
    fn eq(&self, other: &[(usize, usize); COUNT]) -> bool {
        self.iter().eq(other.iter().copied())
    }
}

/// The names of a matrix's rows or columns, made when they are asked for. A clone shares them.
///
/// ```
/// use uphill_graph::{Function, Inputs};
/// let f = Function::record(Inputs::new().variables("x", 3), |x| x[0] * x[2])?;
/// let names = f.sparse_hessian()?.column_names;
/// assert_eq!(names, ["x[0]", "x[1]", "x[2]"]);
/// assert_eq!(names.get(2).as_deref(), Some("x[2]"));
/// # Ok::<(), uphill_graph::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Names {
    /// Named one by one or as vectors.
    groups: Inputs,
    chosen: Chosen,
}

/// Which of all names.
#[derive(Clone, PartialEq)]
enum Chosen {
    Range(Range<usize>),
    List(Arc<[u32]>),
}

impl Names {
    pub(super) fn all(groups: Inputs) -> Names {
        let chosen = Chosen::Range(0..groups.len());
        Names { groups, chosen }
    }

    /// Those at these positions.
    pub(super) fn some(groups: Inputs, positions: &[usize]) -> Names {
        let first = positions.first().copied().unwrap_or(0);
        let range = first..first + positions.len();
        let chosen = match positions.iter().copied().eq(range.clone()) {
            true => Chosen::Range(range),
            false => Chosen::List(positions.iter().map(|&position| position as u32).collect()),
        };
        Names { groups, chosen }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.chosen {
            Chosen::Range(range) => range.len(),
            Chosen::List(list) => list.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The name of this row or column.
    #[must_use]
    pub fn get(&self, line: usize) -> Option<String> {
        let position = match &self.chosen {
            Chosen::Range(range) => range.clone().nth(line)?,
            Chosen::List(list) => *list.get(line)? as usize,
        };
        Some(self.groups.name(position))
    }

    /// All names, in order.
    pub fn iter(&self) -> impl Iterator<Item = String> + '_ {
        (0..self.len()).filter_map(|line| self.get(line))
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<const COUNT: usize> PartialEq<[&str; COUNT]> for Names {
    fn eq(&self, other: &[&str; COUNT]) -> bool {
        self.len() == COUNT && self.iter().eq(other.iter().copied())
    }
}
