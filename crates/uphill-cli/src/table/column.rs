//! What a column holds: numbers, or categories that are numbered as they come; decided by all of its cells.
//!
//! A column whose kind nobody said holds numbers if every cell is one, and text if none is. A mix is an error, at the
//! line that shows it: most often a mark for a missing cell, or numbers that are written otherwise. So is text that reads
//! as numbers in another notation. The order of the rows changes none of this.

use std::collections::{BTreeSet, HashMap};

use super::notation::{Readings, looks_missing};
use super::reader::Reader;
use super::row::{Cell, Row};
use super::{Kind, Wanted};
use crate::error::Error;
use crate::list::{for_shell, name_for_shell};
use crate::names::shortened;

/// A column has at most so many categories.
const MOST_CATEGORIES: usize = 1000;
/// A category has at most so many bytes.
const LONGEST_CATEGORY: usize = 1000;
/// The categories of all columns together have at most so many bytes, with what is kept beside each.
pub(super) const ROOM: usize = 64 << 20;
/// What is kept beside a category, about.
const BESIDE: usize = 64;
/// So many different whole numbers may have been meant as classes.
const FEW_WHOLE: usize = 20;

/// A column as it is read.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub contents: Contents,
}

/// What a column holds.
#[derive(Debug, Clone)]
pub enum Contents {
    /// Numbers.
    Numbers(WholeNumbers),
    /// Categories: each with its place in the order of their first rows.
    Categories(HashMap<String, usize>),
}

/// The whole numbers of a column that has nothing else, and few different ones: perhaps they are classes.
#[derive(Debug, Clone, Default)]
pub struct WholeNumbers {
    found: BTreeSet<i64>,
    others: bool,
}

impl WholeNumbers {
    fn note(&mut self, number: f64, most: usize) {
        if self.others {
            return;
        }
        let whole = number as i64;
        if whole as f64 == number {
            self.found.insert(whole);
        }
        self.others = whole as f64 != number || self.found.len() > most;
    }

    /// The numbers in order, if all are whole and few are different.
    #[must_use]
    pub fn list(&self) -> Option<Vec<i64>> {
        (!self.others).then(|| self.found.iter().copied().collect())
    }
}

impl Column {
    /// The categories in alphabetical order, each with its number.
    #[must_use]
    pub fn categories(&self) -> Option<Vec<(&str, usize)>> {
        match &self.contents {
            Contents::Numbers(_) => None,
            Contents::Categories(known) => {
                let mut list: Vec<(&str, usize)> =
                    known.iter().map(|(text, &number)| (text.as_str(), number)).collect();
                list.sort_unstable();
                Some(list)
            }
        }
    }
}

/// A column of which some rows were read.
#[derive(Debug)]
pub(super) struct Draft<'w> {
    wanted: &'w Wanted,
    known: HashMap<String, usize>,
    whole: WholeNumbers,
    /// The line of the first number.
    number: Option<u64>,
    /// The line of the first text, and the text.
    text: Option<(u64, String)>,
}

impl<'w> Draft<'w> {
    pub(super) fn new(wanted: &'w Wanted) -> Draft<'w> {
        let (known, whole) = (HashMap::new(), WholeNumbers::default());
        Draft { wanted, known, whole, number: None, text: None }
    }

    /// Whether a cell is missing and kept so.
    pub(super) fn keeps(&self, row: &Row<'_>, place: usize) -> bool {
        self.wanted.keeps_missing && row.is_missing(place)
    }

    /// The number that stands for a cell that is not missing. A new category takes from the room for all columns.
    pub(super) fn take(
        &mut self,
        row: &Row<'_>,
        place: usize,
        room: &mut usize,
    ) -> Result<f64, Error> {
        let cell = match self.wanted.kind {
            Kind::Numbers => return row.number(place),
            Kind::Texts => Cell::Text(row.text(place)?),
            Kind::Either | Kind::Classes => row.cell(place)?,
        };
        match cell {
            Cell::Number(number) => {
                self.number.get_or_insert(row.line());
                if let Some((line, text)) = &self.text {
                    return Err(self.mixed(row.reader(), *line, text, row.line()));
                }
                let is_class = self.wanted.kind == Kind::Classes;
                self.whole.note(number, if is_class { MOST_CATEGORIES } else { FEW_WHOLE });
                if is_class && self.whole.others {
                    return Err(self.no_class(row, place, number));
                }
                Ok(number)
            }
            Cell::Text(text) => {
                if self.text.is_none() {
                    self.text = Some((row.line(), text.to_owned()));
                }
                if let Some(line) = self.number {
                    return Err(self.mixed(row.reader(), row.line(), text, line));
                }
                self.category(row, place, text, room)
            }
        }
    }

    fn category(
        &mut self,
        row: &Row<'_>,
        place: usize,
        text: &str,
        room: &mut usize,
    ) -> Result<f64, Error> {
        if let Some(&number) = self.known.get(text) {
            return Ok(number as f64);
        }
        let bytes = text.len();
        let left = room.checked_sub(bytes + BESIDE);
        let what = if bytes > LONGEST_CATEGORY {
            format!("a text of {bytes} bytes, longer than the {LONGEST_CATEGORY} of a category")
        } else if self.known.len() == MOST_CATEGORIES {
            self.check_notation(row.reader())?;
            format!(
                "more than {MOST_CATEGORIES} different texts, each of which would be a category"
            )
        } else if let Some(left) = left {
            *room = left;
            let number = self.known.len();
            self.known.insert(text.into(), number);
            return Ok(number as f64);
        } else {
            let all = ROOM >> 20;
            format!("the categories of all columns of text together take more than {all} MiB")
        };
        let advice = if self.wanted.is_target {
            "take another target".to_owned()
        } else {
            format!("leave the column out by --ignore {}", name_for_shell(&self.wanted.name))
        };
        Err(row.error(place, &format!("{what}; {advice}")))
    }

    /// What is a number in another row, and a text in this one.
    fn mixed(&self, reader: &Reader, line: u64, text: &str, number: u64) -> Error {
        let hint = reader.hint(text);
        let column = name_for_shell(&self.wanted.name);
        let others = if hint.is_empty() {
            format!(
                "; --missing {} takes it as a missing cell, --category {column} takes all cells as text",
                for_shell(&shortened(text))
            )
        } else {
            hint
        };
        let what = format!(
            "expected a number, as in line {number}, got the text `{}`{others}",
            shortened(text)
        );
        reader.error_at(Some(line), Some(&self.wanted.name), &what)
    }

    fn no_class(&self, row: &Row<'_>, place: usize, number: f64) -> Error {
        let what = if self.whole.found.len() > MOST_CATEGORIES {
            format!("more than {MOST_CATEGORIES} different numbers, which are too many classes")
        } else {
            format!("--as-classes takes whole numbers or texts as classes, got {number:?}")
        };
        row.error(
            place,
            &format!("{what}; leave out --as-classes to learn a number, or take every text as a class by --category {}", name_for_shell(&self.wanted.name)),
        )
    }

    /// Texts of which most are numbers in another notation are told, not taken as categories.
    fn check_notation(&self, reader: &Reader) -> Result<(), Error> {
        if self.wanted.kind == Kind::Texts {
            return Ok(());
        }
        let (mut common, mut count) = (None::<Readings>, 0);
        let mut other: Option<&str> = None;
        // The first text stands first, so that the message does not depend on the order of a hash.
        let first = self.text.as_ref().map(|(_, text)| text.as_str());
        let mut texts: Vec<(&String, &usize)> = self.known.iter().collect();
        texts.sort_unstable_by_key(|(_, number)| **number);
        let mut example: Option<&str> = None;
        for (text, _) in texts {
            let readings = Readings::of(text);
            if readings.is_none() {
                other = other.or(Some(text));
                continue;
            }
            count += 1;
            example = example.or(Some(text));
            let both = common.map_or(readings, |common| common.and(readings));
            common = Some(if both.is_none() { readings } else { both });
        }
        let (Some(common), Some(example), Some((line, _))) = (common, example, &self.text) else {
            return Ok(());
        };
        if 2 * count <= self.known.len() {
            return Ok(());
        }
        let hint = common.hint(example, reader.notation());
        let missing = match other {
            Some(text) if looks_missing(text) => {
                format!("; --missing {} takes `{text}` as a missing cell", for_shell(text))
            }
            Some(text) => format!("; `{}` is no number", shortened(text)),
            None => String::new(),
        };
        let line = (first == Some(example)).then_some(*line);
        let what = format!(
            "expected numbers, got texts such as `{}`; {hint}{missing}; --category {} takes all cells as text",
            shortened(example),
            name_for_shell(&self.wanted.name)
        );
        Err(reader.error_at(line, Some(&self.wanted.name), &what))
    }

    /// What the column holds, when all rows were read.
    pub(super) fn finish(self, reader: &Reader) -> Result<Column, Error> {
        self.check_notation(reader)?;
        let name = self.wanted.name.clone();
        let contents = match (self.wanted.kind, &self.text, self.number) {
            (Kind::Texts, ..) | (_, Some(_), _) => Contents::Categories(self.known),
            (Kind::Either | Kind::Classes, None, None) => {
                let what = format!(
                    "every cell is missing; leave the column out by --ignore {}",
                    name_for_shell(&name)
                );
                return Err(reader.error_at(None, Some(&name), &what));
            }
            _ => Contents::Numbers(self.whole),
        };
        Ok(Column { name, contents })
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_CATEGORY, MOST_CATEGORIES, ROOM};
    use crate::table::{Format, Kind, Reader, Table, Wanted};

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
             the column out by --ignore x0"
        );
        assert_eq!(read((0..2).map(long(LONGEST_CATEGORY)), 1), counted(2));
        assert_eq!(
            read((0..2).map(long(LONGEST_CATEGORY + 1)), 1),
            "t.csv, line 2, column `x0`: a text of 1001 bytes, longer than the 1000 of a category; leave the column \
             out by --ignore x0"
        );
        let told = read((0..MOST_CATEGORIES).map(long(LONGEST_CATEGORY)), 2 + ROOM / 1_000_000);
        assert!(
            told.contains("the categories of all columns of text together take more than 64 MiB"),
            "{told}"
        );
    }
}
