//! The rows of a table that one rank has, with those of the others in mind: counted, drawn one after the other, brought to
//! where they are summed up, and summed up.

use uphill_ranks::{Communicator, GRAIN, Place, Tree, agree, gather_counts, level};
use uphill_table::recipe::Recipe;
use uphill_table::scaling::Summary;
use uphill_table::split::Split;
use uphill_table::{Store, StoreWriter};

use crate::error::{Error, LARGEST};

/// Rows as a rank has read them.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'r> {
    pub(crate) store: &'r Store,
    /// What errors call the table.
    pub(crate) table: &'r str,
    /// How many bytes of what is made of them stay in memory.
    pub(crate) memory: u64,
    pub(crate) ranks: &'r dyn Communicator,
}

impl Rows<'_> {
    /// How many bytes may be kept at a time: rows that go to other ranks lie twice for a while.
    pub(crate) fn kept(&self) -> u64 {
        if self.ranks.count() == 1 { self.memory } else { self.memory / 2 }
    }

    /// How many rows of each class all ranks have; numbers that are too large are errors. `class` may change its row.
    pub(crate) fn counted(
        &self,
        recipe: &Recipe,
        classes: usize,
        class: impl Fn(&mut [f64]) -> usize,
    ) -> Result<Vec<usize>, Error> {
        let before = before(self.ranks, self.store.row_count())?;
        let mut row = Vec::new();
        let mut own = vec![0_usize; classes];
        let looked = self.store.visit(|place, numbers| {
            if let Some(column) = numbers.iter().position(|number| number.abs() > LARGEST) {
                return Err(Error::TooLarge {
                    table: self.table.to_owned(),
                    row: before + place,
                    column: recipe.columns()[column].clone(),
                    number: numbers[column],
                });
            }
            row.clear();
            row.extend_from_slice(numbers);
            own[class(&mut row)] += 1;
            Ok(())
        });
        let mut all = vec![0; classes];
        let told = gather_counts(self.ranks, looked.map(|()| own))?;
        for (rank, counts) in told.into_iter().enumerate() {
            if counts.len() != classes {
                return Err(uphill_ranks::Error::Strange { rank }.into());
            }
            all.iter_mut().zip(counts).for_each(|(all, count)| *all += count);
        }
        Ok(all)
    }

    /// The rows that a rank has drawn for a part, brought to where they are summed up; of the memory a part has its share.
    pub(crate) fn levelled(&self, drawn: StoreWriter, share: f64) -> Result<Store, Error> {
        let drawn = agree(self.ranks, drawn.finish().map_err(Error::from))?;
        levelled(drawn, (self.kept() as f64 * share) as u64, self.ranks)
    }
}

/// The rows that a rank has read, brought to where they are summed up: each rank gets its
/// [`share`](uphill_ranks::share) of the rows of all. Up to `memory` bytes of them stay in memory.
///
/// # Errors
///
/// [`Error::Table`] if a temporary file fails; [`Error::Ranks`].
pub fn levelled(rows: Store, memory: u64, ranks: &dyn Communicator) -> Result<Store, Error> {
    if ranks.count() == 1 {
        return Ok(rows);
    }
    let mut writer = StoreWriter::new(rows.width(), memory);
    let read = |first: usize, into: &mut [f64]| {
        rows.read(first, into).map_err(|source| {
            let what = "the temporary file".into();
            Error::from(uphill_table::Error::Read { what, source })
        })
    };
    level(ranks, rows.row_count(), rows.width(), read, |row| Ok(writer.push(row)?))?;
    agree(ranks, writer.finish().map_err(Error::from))
}

/// How many rows the ranks before this one have.
fn before(ranks: &dyn Communicator, own: usize) -> Result<usize, Error> {
    let counts = gather_counts::<Error>(ranks, Ok(vec![own]))?;
    Ok(counts.iter().take(ranks.rank()).flatten().sum())
}

/// Draws with one rank after the other: what a row is for depends on what became of those before it.
pub(crate) fn one_after_the_other<E>(
    split: &mut Split,
    ranks: &dyn Communicator,
    draw: impl FnOnce(&mut Split) -> Result<(), E>,
) -> Result<(), Error>
where
    Error: From<E>,
{
    let rank = ranks.rank();
    let mut drawn = Ok(());
    if rank > 0 {
        let message = ranks.receive(rank - 1)?;
        let state = message.as_chunks().0.iter().map(|eight| u64::from_le_bytes(*eight));
        if !split.go_on(&state.collect::<Vec<_>>()) {
            drawn = Err(uphill_ranks::Error::Strange { rank: rank - 1 }.into());
        }
    }
    drawn = drawn.and_then(|()| Ok(draw(split)?));
    // Even after a failure, so that nobody waits; then all hear of it.
    if rank + 1 < ranks.count() {
        let state = split.state().into_iter().flat_map(u64::to_le_bytes).collect::<Vec<_>>();
        ranks.send(rank + 1, &state)?;
    }
    agree(ranks, drawn)
}

/// What columns are like, and how often each category of an input comes.
type Summed = (Vec<Summary>, Vec<Vec<f64>>);

/// What the columns of the rows of all ranks are like, and how often each category of an input comes, for inputs that have
/// so many. Grains of rows are joined in the shape of their tree.
pub(crate) fn summed_up(
    rows: &Store,
    categories: &[usize],
    ranks: &dyn Communicator,
) -> Result<Summed, Error> {
    let width = rows.width();
    let place = Place::find(ranks, rows.row_count())?;
    let nothing = || -> Summed {
        let summaries = vec![Summary::default(); width];
        let counts: Vec<Vec<f64>> = categories.iter().map(|count| vec![0.0; *count]).collect();
        (summaries, counts)
    };
    let numbers = |(summaries, counts): &Summed| -> Vec<f64> {
        let counts = counts.iter().flatten().copied();
        summaries.iter().flat_map(Summary::numbers).chain(counts).collect()
    };
    let of = |numbers: &[f64]| -> Summed {
        let (summaries, mut rest) = numbers.split_at(5 * width);
        let summaries = summaries.as_chunks().0.iter().map(|five| Summary::of(*five)).collect();
        let counts = categories.iter().map(|count| {
            let (counts, others) = rest.split_at(*count);
            rest = others;
            counts.to_vec()
        });
        (summaries, counts.collect())
    };
    let mut tree = Tree::new(place.first, |left: &mut Vec<f64>, right: &[f64]| {
        let (mut summaries, mut counts) = of(left);
        let (later, more) = of(right);
        summaries.iter_mut().zip(&later).for_each(|(summary, later)| summary.join(later));
        for (count, more) in counts.iter_mut().flatten().zip(more.iter().flatten()) {
            *count += more;
        }
        *left = numbers(&(summaries, counts));
    });
    let mut now = nothing();
    let looked = rows.visit(|row, numbers_of_row| {
        let (summaries, counts) = &mut now;
        summaries.iter_mut().zip(numbers_of_row).for_each(|(summary, &x)| summary.note(x));
        let known = counts.iter_mut().zip(numbers_of_row);
        for (counts, &place) in known.filter(|(c, place)| !c.is_empty() && !place.is_nan()) {
            counts[place as usize] += 1.0;
        }
        if (row + 1).is_multiple_of(GRAIN) || row + 1 == rows.row_count() {
            tree.push(numbers(&std::mem::replace(&mut now, nothing())));
        }
        Ok::<(), Error>(())
    });
    Ok(tree.finish(ranks, looked)?.map_or_else(nothing, |all| of(&all)))
}
