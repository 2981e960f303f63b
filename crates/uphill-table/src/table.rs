//! The wanted columns of a whole file, read once: what each holds, its numbers, what was missing.

use std::path::Path;

use crate::column::{Column, Kind, Wanted};
use crate::error::Error;
use crate::format::Format;
use crate::part::Part;
use crate::reader::Reader;
use crate::store::Store;
use crate::tally::Tally;

/// How many bytes of numbers stay in memory where nothing else is said.
const MEMORY: u64 = 256 << 20;

/// The wanted columns of a whole file, as numbers.
#[derive(Debug)]
pub struct Table {
    /// What errors call it: the name of its file.
    pub name: String,
    /// How it is written.
    pub format: Format,
    /// The columns, in the order in which they were wanted.
    pub columns: Vec<Column>,
    /// For each row one number a column: the number itself, or the place of the category; NaN where it is missing.
    pub store: Store,
    /// The missing cells.
    pub tally: Tally,
}

impl Table {
    /// Reads all columns of a file: numbers where every cell is one, else categories. Where the format says what a
    /// missing cell looks like, missing ones are NaN. Up to 256 MiB of numbers stay in memory.
    ///
    /// # Errors
    ///
    /// As [`Table::read`]; [`Error::Format`] for a format that contradicts itself.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("t.csv");
    /// # std::fs::write(&path, "colour;mass\nred;1,5\nblue;?\nred;2,5\n")?;
    /// use uphill_table::{Format, Table};
    ///
    /// let missing = Some(vec!["?".to_owned()]);
    /// let format = Format { delimiter: ';', decimal: ',', missing, ..Format::default() };
    /// let table = Table::open(&path, format)?;
    /// let mass = table.numbers("mass")?;
    /// assert_eq!(mass[0], 1.5);
    /// assert!(mass[1].is_nan());
    /// assert_eq!(table.tally.filled, 1);
    /// let colours = table.column("colour")?.categories().unwrap_or_default();
    /// assert_eq!(colours, [("blue", 1), ("red", 0)]);
    /// assert_eq!(table.numbers("colour")?, [0.0, 1.0, 0.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(path: impl AsRef<Path>, format: Format) -> Result<Table, Error> {
        let mut reader = Reader::open(path, format)?;
        let keeps_missing = reader.format().missing.is_some();
        let wanted = reader.header().iter().map(|name| Wanted {
            kind: Kind::Either,
            keeps_missing,
            ..Wanted::numbers(name)
        });
        let wanted: Vec<Wanted> = wanted.collect();
        Table::read(&mut reader, &wanted, MEMORY)
    }

    /// Reads these columns of all rows. At most `memory` bytes of numbers stay in memory.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`] for one that isn't there; [`Error::Content`] for anything that can't be used, with
    /// line and column; [`Error::Read`]; [`Error::Write`] if the temporary file fails.
    pub fn read(reader: &mut Reader, wanted: &[Wanted], memory: u64) -> Result<Table, Error> {
        let mut part = Part::new(wanted, memory);
        part.read(reader)?;
        if part.is_empty() {
            return Err(part.tally.nothing(reader.name()));
        }
        part.finish(reader)
    }

    /// The column of this name.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`].
    pub fn column(&self, name: &str) -> Result<&Column, Error> {
        self.place(name).map(|place| &self.columns[place])
    }

    /// All numbers of a column, one a row: its numbers, or the places of its categories; NaN where they are missing. It
    /// takes 8 bytes a row.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`]; [`Error::Read`] if the temporary file fails.
    pub fn numbers(&self, name: &str) -> Result<Vec<f64>, Error> {
        let place = self.place(name)?;
        let mut numbers = Vec::with_capacity(self.row_count());
        self.store.visit(|_, row| {
            numbers.push(row[place]);
            Ok::<(), Error>(())
        })?;
        Ok(numbers)
    }

    fn place(&self, name: &str) -> Result<usize, Error> {
        let place = self.columns.iter().position(|column| column.name == name);
        place.ok_or_else(|| {
            let known = self.columns.iter().map(|column| column.name.as_str());
            Error::unknown_column(&self.name, name, known)
        })
    }

    /// The number of rows.
    #[must_use]
    pub fn row_count(&self) -> usize {
        self.store.row_count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::{Kind, LONGEST_CATEGORY, MOST_CATEGORIES, ROOM};

    /// Reads a column of texts beside so many others like it.
    fn read(cells: impl Iterator<Item = String>, columns: usize) -> String {
        let header: Vec<String> = (0..columns).map(|k| format!("x{k}")).collect();
        let mut text = header.join(",") + "\n";
        for cell in cells {
            text += &(vec![cell; columns].join(",") + "\n");
        }
        let mut reader =
            Reader::new(std::io::Cursor::new(text), "t.csv", Format::default()).unwrap();
        let wanted = header.into_iter().map(|name| Wanted {
            name,
            kind: Kind::Either,
            keeps_missing: false,
            is_target: false,
        });
        match Table::read(&mut reader, &wanted.collect::<Vec<_>>(), 1 << 20) {
            Ok(table) => counted(table.columns[0].categories().map_or(0, |list| list.len())),
            Err(error) => error.to_string(),
        }
    }

    fn counted(categories: usize) -> String {
        format!("{categories} categories")
    }

    #[test]
    fn categories_have_bounds() {
        let long = |length: usize| move |k: usize| format!("{k:x<length$}");
        assert_eq!(read((0..MOST_CATEGORIES).map(long(5)), 1), counted(MOST_CATEGORIES));
        assert_eq!(
            read((0..=MOST_CATEGORIES).map(long(5)), 1),
            "t.csv, line 1002, column `x0`: more than 1000 different texts, each of which would be a category; leave \
             the column `x0` out"
        );
        assert_eq!(read((0..2).map(long(LONGEST_CATEGORY)), 1), counted(2));
        assert_eq!(
            read((0..2).map(long(LONGEST_CATEGORY + 1)), 1),
            "t.csv, line 2, column `x0`: a text of 1001 bytes, longer than the 1000 of a category; leave the column \
             `x0` out"
        );
        let told = read((0..MOST_CATEGORIES).map(long(LONGEST_CATEGORY)), 2 + ROOM / 1_000_000);
        assert!(
            told.contains("the categories of all columns of text together take more than 64 MiB"),
            "{told}"
        );
    }
}
