//! What is to be compiled: a plain function, or one over samples; and what a program says of its inputs and outputs.

use uphill_graph::Function;

use super::draft::{Draft, Output};
use super::lower;
use crate::code::{Action, Layout, Outputs, Place};
use crate::over::{Fate, OverSamples, Yield};
use crate::program::{Gather, Gathering, Names, Origin, Scatter};

/// What is to be compiled.
#[derive(Clone, Copy)]
pub(super) struct Job<'f> {
    /// Of all inputs, or of one sample.
    pub(super) function: &'f Function,
    pub(super) over: Option<&'f OverSamples>,
}

impl<'f> Job<'f> {
    pub(super) fn over(over: &'f OverSamples) -> Job<'f> {
        Job { function: &over.term, over: Some(over) }
    }

    /// What a program remembers to tell where trouble arose.
    pub(super) fn origin(&self) -> Origin {
        match self.over {
            None => Origin::Plain(self.function.clone()),
            Some(over) => Origin::Over(over.clone()),
        }
    }

    /// The column at which the inputs of this number that are gathered start: behind the columns that are given.
    pub(super) fn first_gathered(&self, number: u32) -> u32 {
        self.over.map_or(0, |over| {
            let before = &over.gathered[..number as usize];
            over.columns.len() as u32 + before.iter().map(|gathered| gathered.width).sum::<u32>()
        })
    }

    pub(super) fn names(&self) -> Names {
        let Some(over) = self.over else {
            return Names { shared: self.function.inputs().clone(), columns: Vec::new() };
        };
        let mut columns = over.columns.clone();
        for gathered in &over.gathered {
            let positions = over.term.inputs().positions(&gathered.local).unwrap_or(0..0);
            columns.extend(positions.map(|position| over.term.inputs().name(position)));
        }
        Names { shared: over.shared.iter().cloned().collect(), columns }
    }

    /// What a run gives where nothing comes after the sums.
    pub(super) fn outputs(&self, draft: &Draft, places: &[Place], layout: &Layout) -> Outputs {
        let Some(over) = self.over else { return lower::named(draft, places) };
        let mut outputs = Outputs::default();
        for results in over.results() {
            let place = match results.given {
                Yield::Each(output) => places[output],
                Yield::Sum(sum) => Place::PerCall(layout.sums + sum),
                Yield::Target(target) => Place::PerCall(layout.targets + target),
            };
            outputs.push(results.name, results.entry, place, results.count);
        }
        outputs
    }
}

/// What is loaded before a sample, and added behind it, by columns of indices.
pub(super) fn gathering(over: &OverSamples, places: &[Place], layout: &Layout) -> Gathering {
    let mut gathering = Gathering { given: over.columns.len() as u32, ..Gathering::default() };
    let mut to = over.columns.len() as u32;
    for gathered in &over.gathered {
        let from = layout.shared + over.shared_place(&gathered.from).unwrap_or(0);
        let (width, rows) = (gathered.width, gathered.rows);
        let index = gathering.index(gathered.by, rows, &gathered.from);
        gathering.gathers.push(Gather { index, from, width, to });
        to += width;
    }
    for (place, fate) in places.iter().zip(&over.fates) {
        if let (Fate::Scatter { of, first }, Some(address)) = (*fate, place.per_sample()) {
            let Gather { index, width: stride, .. } = gathering.gathers[of as usize];
            gathering.scatters.push(Scatter { index, address, first, stride });
        }
    }
    gathering
}

/// Outputs that don't differ from sample to sample, one number a sample like the others.
pub(super) fn per_sample(draft: &mut Draft, summed: &[Option<u32>]) {
    for (position, summed) in summed.iter().enumerate() {
        let Output::Value(value) = draft.outputs[position].1 else { continue };
        if summed.is_some() || draft.definitions[value as usize].is_varying() {
            continue;
        }
        let copy = draft.new_value(true);
        let statement = draft.statement(Action::Copy, copy, &[value]);
        draft.statements.push(statement);
        draft.outputs[position].1 = Output::Value(copy);
    }
}
