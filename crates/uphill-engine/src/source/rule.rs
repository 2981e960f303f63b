//! Rules for addresses: lists at even distances, grids, tables, and all of these moved by loops.

use crate::code::{Block, Code, Path, Paths, Spot, Table, Weights};

/// Addresses from `low` to `high`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) low: u32,
    pub(super) high: u32,
}

/// A rule for addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rule {
    /// `first + index·step`, for so many.
    Even {
        first: u32,
        step: i64,
        count: usize,
    },
    /// `first + row·row_step + column·column_step`.
    Grid {
        first: u32,
        steps: [i64; 2],
        counts: [usize; 2],
    },
    Table(Vec<u32>),
    /// An address for each iteration of the loops around.
    Lookup(Lookup),
    /// The addresses of a rule, moved by the loops around.
    Moved {
        base: Box<Rule>,
        /// By how much in an iteration of each loop, outermost first, up to the last that does.
        by: Vec<i64>,
        /// How often each loop runs.
        iterations: Vec<u32>,
        /// What their entries have beyond the lowest, which the rule has with it.
        tables: Vec<Lookup>,
    },
}

/// A table that loops go through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lookup {
    pub(super) entries: Vec<u32>,
    /// The entry of the first iterations.
    pub(super) start: u32,
    /// By how many entries an iteration of each loop goes on.
    pub(super) rows: Vec<i64>,
}

impl Rule {
    /// The entries of a list, in order.
    pub(super) fn list(list: &[u32]) -> Rule {
        let step = match list {
            [] | [_] => 0,
            [first, second, ..] => i64::from(*second) - i64::from(*first),
        };
        let goes_on = |pair: &[u32]| i64::from(pair[1]) - i64::from(pair[0]) == step;
        match list.first() {
            Some(&first) if list.windows(2).all(goes_on) => {
                Rule::Even { first, step, count: list.len() }
            }
            _ => Rule::Table(list.to_vec()),
        }
    }

    /// A single address.
    fn single(first: u32) -> Rule {
        Rule::Even { first, step: 0, count: 1 }
    }

    /// An address in the body of a loop.
    pub(super) fn spot(code: &Code, paths: &Paths, spot: Spot, iterations: &[u32]) -> Rule {
        Rule::moved(Rule::single(spot.address), code, paths.get(spot.path), iterations)
    }

    /// A rule in the body of a loop, whose addresses move along a path.
    pub(super) fn moved(base: Rule, code: &Code, path: &Path, iterations: &[u32]) -> Rule {
        if path.stays() {
            return base;
        }
        let lookup = |table: &Table, entry: &dyn Fn(u32) -> u32| Lookup {
            entries: table.entries(code, iterations).iter().map(|&e| entry(e)).collect(),
            start: table.before(iterations) as u32,
            rows: table.rows.iter().map(|&by| by.into()).collect(),
        };
        // A table alone has addresses.
        if let (&Rule::Even { first, count: 1, .. }, [], [table]) =
            (&base, path.by.as_slice(), path.tables.as_slice())
        {
            return Rule::Lookup(lookup(table, &|entry| entry.wrapping_add(first)));
        }
        let mut lowest = 0_u32;
        let tables = path.tables.iter().map(|table| {
            let entries = table.entries(code, iterations).iter().map(|&entry| entry as i32);
            let low = entries.min().unwrap_or(0);
            lowest = lowest.wrapping_add(low as u32);
            lookup(table, &|entry| entry.wrapping_sub(low as u32))
        });
        let tables = tables.collect();
        Rule::Moved {
            base: Box::new(base.shifted(lowest)),
            by: path.by.iter().map(|&by| by.into()).collect(),
            iterations: iterations.to_vec(),
            tables,
        }
    }

    /// So many addresses further on, wrapping around: own addresses can lie before the first one, where a table leads on.
    fn shifted(self, by: u32) -> Rule {
        match self {
            Rule::Even { first, step, count } => {
                let step = i64::from(step as i32);
                Rule::Even { first: first.wrapping_add(by), step, count }
            }
            Rule::Grid { first, steps, counts } => {
                Rule::Grid { first: first.wrapping_add(by), steps, counts }
            }
            Rule::Table(table) => {
                let table: Vec<u32> = table.iter().map(|at| at.wrapping_add(by)).collect();
                Rule::list(&table)
            }
            moved @ (Rule::Lookup(_) | Rule::Moved { .. }) => moved,
        }
    }

    /// The weights of a block.
    pub(super) fn weights(block: &Block) -> Rule {
        match &block.weights {
            &Weights::Affine { first, row_step, column_step } => Rule::Grid {
                first,
                steps: [row_step.into(), column_step.into()],
                counts: [block.targets.len(), block.inputs.len()],
            },
            Weights::Table(table) => Rule::list(table),
        }
    }

    /// All addresses, and those between. None for a rule of none.
    pub(super) fn span(&self) -> Option<Span> {
        let (low, high) = match self {
            Rule::Even { count: 0, .. } | Rule::Grid { counts: [0, _] | [_, 0], .. } => {
                return None;
            }
            &Rule::Even { first, step, count } => {
                let reach = step * (count as i64 - 1);
                (i64::from(first) + reach.min(0), i64::from(first) + reach.max(0))
            }
            &Rule::Grid { first, steps, counts } => {
                let reach = [0, 1].map(|k| steps[k] * (counts[k] as i64 - 1));
                let low = reach[0].min(0) + reach[1].min(0);
                let high = reach[0].max(0) + reach[1].max(0);
                (i64::from(first) + low, i64::from(first) + high)
            }
            Rule::Table(table) | Rule::Lookup(Lookup { entries: table, .. }) => {
                return Some(Span { low: *table.iter().min()?, high: *table.iter().max()? });
            }
            Rule::Moved { base, by, iterations, tables } => {
                let own = base.span()?;
                let (low, high) = reach(by, &[], iterations);
                let highest = tables.iter().filter_map(|table| table.entries.iter().max());
                let highest: i64 = highest.map(|&entry| i64::from(entry)).sum();
                (i64::from(own.low) + low, i64::from(own.high) + high + highest)
            }
        };
        Some(Span { low: low as u32, high: high as u32 })
    }

    /// Whether it reaches this address.
    pub(super) fn has(&self, address: u32) -> bool {
        match self {
            Rule::Table(table) | Rule::Lookup(Lookup { entries: table, .. }) => {
                table.contains(&address)
            }
            Rule::Even { .. } | Rule::Grid { .. } | Rule::Moved { .. } => {
                self.span().is_some_and(|span| (span.low..=span.high).contains(&address))
            }
        }
    }

    /// A single address that no table moves: the first one, and how it moves.
    fn even(&self) -> Option<(u32, &[i64], &[u32])> {
        match self {
            &Rule::Even { first, count: 1, .. } => Some((first, &[], &[])),
            Rule::Moved { base, by, iterations, tables, .. } if tables.is_empty() => {
                let (first, _, _) = base.even()?;
                Some((first, by, iterations))
            }
            _ => None,
        }
    }

    /// Whether the two may give one address in the same iteration, unless they are known to be apart.
    pub(super) fn may_meet(&self, other: &Rule) -> bool {
        if let (Some((one, by, iterations)), Some((two, other_by, others))) =
            (self.even(), other.even())
        {
            let iterations = if iterations.is_empty() { others } else { iterations };
            let (low, high) = reach(by, other_by, iterations);
            return (low..=high).contains(&(i64::from(two) - i64::from(one)));
        }
        match (self.span(), other.span()) {
            (Some(one), Some(two)) => one.low <= two.high && two.low <= one.high,
            _ => false,
        }
    }
}

/// How much further one may move than another: at the least and at the most.
fn reach(by: &[i64], other: &[i64], iterations: &[u32]) -> (i64, i64) {
    let (mut low, mut high) = (0, 0);
    for (depth, &iterations) in iterations.iter().enumerate() {
        let at = |by: &[i64]| by.get(depth).copied().unwrap_or(0);
        let last = (at(by) - at(other)) * (i64::from(iterations) - 1);
        (low, high) = (low + last.min(0), high + last.max(0));
    }
    (low, high)
}
