//! A part of a table's rows, from one file, from several, or from a stretch of one, that is to become a table with the
//! parts that others have.
//!
//! Each numbers its categories as they come to it. When all parts are known, each learns the categories of the others: all
//! then have the same columns, each with numbers of its own.

use serde::{Deserialize, Serialize};

use crate::column::{Draft, ROOM, Seen, Wanted};
use crate::error::Error;
use crate::reader::Reader;
use crate::store::StoreWriter;
use crate::table::Table;
use crate::tally::Tally;

/// Some of the rows of a table, as numbers.
///
/// ```
/// use uphill_table::{Format, Kind, Part, Reader, Wanted};
///
/// let wanted = [Wanted { kind: Kind::Either, ..Wanted::numbers("colour") }];
/// let part = |text: &'static str| -> Result<(Part, Reader), uphill_table::Error> {
///     let mut reader = Reader::new(text.as_bytes(), "t.csv", Format::default())?;
///     let mut part = Part::new(&wanted, 1 << 20);
///     part.read(&mut reader)?;
///     Ok((part, reader))
/// };
/// let (mut own, reader) = part("colour\nred\n")?;
/// let (other, _) = part("colour\nblue\nred\n")?;
/// own.learn(other.findings(), &reader)?;
/// let table = own.finish(&reader)?;
/// assert_eq!(table.column("colour")?.categories().unwrap_or_default(), [("blue", 1), ("red", 0)]);
/// assert_eq!(table.row_count(), 1);
/// # Ok::<(), uphill_table::Error>(())
/// ```
#[derive(Debug)]
pub struct Part {
    drafts: Vec<Draft>,
    store: StoreWriter,
    room: usize,
    /// The missing cells.
    pub tally: Tally,
}

/// What somebody else must know of a part: what its columns hold.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Findings(Vec<Seen>);

impl Part {
    /// Of these columns; at most `memory` bytes of numbers stay in memory.
    #[must_use]
    pub fn new(wanted: &[Wanted], memory: u64) -> Part {
        Part {
            drafts: wanted.iter().cloned().map(Draft::new).collect(),
            store: StoreWriter::new(wanted.len(), memory),
            room: ROOM,
            tally: Tally::default(),
        }
    }

    /// Whether it has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.store.is_empty()
    }

    /// The number of its rows.
    #[must_use]
    pub fn row_count(&self) -> usize {
        self.store.row_count()
    }

    /// Reads all rows that a reader has.
    ///
    /// # Errors
    ///
    /// As [`Table::read`], but for no rows.
    pub fn read(&mut self, reader: &mut Reader) -> Result<(), Error> {
        let names = self.drafts.iter().map(|draft| &draft.wanted().name);
        let places: Vec<usize> = names.map(|name| reader.column(name)).collect::<Result<_, _>>()?;
        reader.ask_for(places.iter().copied());
        let needed = places.iter().zip(&self.drafts);
        let needed = needed.filter(|(_, draft)| !draft.wanted().keeps_missing);
        let needed: Vec<usize> = needed.map(|(&place, _)| place).collect();
        let mut numbers = vec![0.0; places.len()];
        while let Some(row) = reader.next_row()? {
            if let Some(missing) = row.first_missing(&needed) {
                self.tally.skip(&row, missing);
                continue;
            }
            for ((draft, &place), number) in self.drafts.iter_mut().zip(&places).zip(&mut numbers) {
                *number = if draft.keeps(&row, place) {
                    self.tally.keep(&row, place);
                    f64::NAN
                } else {
                    draft.take(&row, place, &mut self.room)?
                };
            }
            self.store.push(&numbers)?;
        }
        Ok(())
    }

    /// What others must know.
    #[must_use]
    pub fn findings(&self) -> Findings {
        Findings(self.drafts.iter().map(Draft::seen).collect())
    }

    /// Learns what another part holds. `reader` is any that read the table's header.
    ///
    /// # Errors
    ///
    /// [`Error::Content`] where one has numbers and the other texts, or both together too many categories.
    pub fn learn(&mut self, other: Findings, reader: &Reader) -> Result<(), Error> {
        let mut pairs = self.drafts.iter_mut().zip(other.0);
        pairs.try_for_each(|(draft, seen)| draft.add(seen, reader.cells()))
    }

    /// All parts are known: the columns are those of the whole table, the rows and missing cells those of this part, which
    /// may have none.
    ///
    /// # Errors
    ///
    /// As [`Table::read`].
    pub fn finish(self, reader: &Reader) -> Result<Table, Error> {
        let columns = self.drafts.into_iter().map(|draft| draft.finish(reader.cells()));
        let columns = columns.collect::<Result<_, _>>()?;
        let (name, format) = (reader.name().to_owned(), reader.format().clone());
        Ok(Table { name, format, columns, store: self.store.finish()?, tally: self.tally })
    }
}
