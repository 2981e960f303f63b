//! What a column holds: numbers, or categories that are numbered as they come; decided by all of its cells.
//!
//! A column whose kind nobody said holds numbers if every cell is one, and text if none is. A mix is an error, at the
//! line that shows it: most often a mark for a missing cell, or numbers that are written otherwise. So is text that reads
//! as numbers in another notation. The order of the rows changes none of this.

use std::collections::{BTreeSet, HashMap};

use crate::advice::Advice;
use crate::cells::Cells;
use crate::error::Error;
use crate::notation::{Readings, looks_missing};
use crate::position::RowPlace;
use crate::row::{Cell, Row};
use crate::words::shortened;
use serde::{Deserialize, Serialize};

/// A column has at most so many categories.
pub(crate) const MOST_CATEGORIES: usize = 1000;
/// A category has at most so many bytes.
pub(crate) const LONGEST_CATEGORY: usize = 1000;
/// The categories of all columns together have at most so many bytes, with what is kept beside each.
pub(crate) const ROOM: usize = 64 << 20;
/// What is kept beside a category, about.
const BESIDE: usize = 64;
/// So many different whole numbers may have been meant as classes.
const FEW_WHOLE: usize = 20;

/// A column to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its name in the header.
    pub name: String,
    /// What it holds, as far as that was said.
    pub kind: Kind,
    /// Whether missing cells are kept, as NaN; else their rows are skipped.
    pub keeps_missing: bool,
    /// Whether it is what is to be computed.
    pub is_target: bool,
}

/// What a column may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Numbers: any other text is an error.
    Numbers,
    /// Texts: categories, even where they look like numbers.
    Texts,
    /// What all of its cells are: numbers, or texts.
    Either,
    /// Classes: whole numbers, or texts.
    Classes,
}

impl Wanted {
    /// A column of numbers; rows in which it is missing are skipped.
    #[must_use]
    pub fn numbers(name: &str) -> Wanted {
        Wanted { name: name.into(), kind: Kind::Numbers, keeps_missing: false, is_target: false }
    }
}

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
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
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

    fn join(&mut self, other: WholeNumbers, most: usize) {
        self.others |= other.others;
        self.found.extend(other.found);
        self.others |= self.found.len() > most;
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
pub(crate) struct Draft {
    wanted: Wanted,
    known: HashMap<String, usize>,
    whole: WholeNumbers,
    /// Where the first number is.
    number: Option<RowPlace>,
    /// Where the first text is, and the text.
    text: Option<(RowPlace, String)>,
}

/// What was seen of a column in a part of its rows, for others that have other parts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Seen {
    /// The texts, each once.
    texts: Vec<String>,
    whole: WholeNumbers,
    number: Option<RowPlace>,
    text: Option<(RowPlace, String)>,
}

impl Draft {
    pub(crate) fn new(wanted: Wanted) -> Draft {
        let (known, whole) = (HashMap::new(), WholeNumbers::default());
        Draft { wanted, known, whole, number: None, text: None }
    }

    pub(crate) fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    /// What was seen so far.
    pub(crate) fn seen(&self) -> Seen {
        let mut texts: Vec<(&String, &usize)> = self.known.iter().collect();
        texts.sort_unstable_by_key(|(_, number)| **number);
        Seen {
            texts: texts.into_iter().map(|(text, _)| text.clone()).collect(),
            whole: self.whole.clone(),
            number: self.number.clone(),
            text: self.text.clone(),
        }
    }

    /// Takes note of what was seen in other rows. The numbers of texts that were known stay.
    pub(crate) fn add(&mut self, seen: Seen, own: &Cells) -> Result<(), Error> {
        if matches!(self.wanted.kind, Kind::Either | Kind::Classes)
            && let (Some((place, text)), Some(number)) = (
                self.text.as_ref().or(seen.text.as_ref()),
                self.number.as_ref().or(seen.number.as_ref()),
            )
        {
            return Err(self.mixed(own, place, text, number));
        }
        self.number = self.number.take().or(seen.number);
        self.text = self.text.take().or(seen.text);
        let most = if self.wanted.kind == Kind::Classes { MOST_CATEGORIES } else { FEW_WHOLE };
        self.whole.join(seen.whole, most);
        if self.wanted.kind == Kind::Classes && self.whole.others {
            let what = format!(
                "more than {MOST_CATEGORIES} different numbers, which are too many classes"
            );
            let error = own.error_at(None, Some(&self.wanted.name), &what);
            return Err(error.with([Advice::NumberOrTexts(self.wanted.name.clone())]));
        }
        for text in seen.texts {
            let number = self.known.len();
            self.known.entry(text).or_insert(number);
        }
        if self.known.len() > MOST_CATEGORIES {
            self.check_notation(own)?;
            let what = format!(
                "more than {MOST_CATEGORIES} different texts, each of which would be a category"
            );
            let advice = match self.wanted.is_target {
                true => Advice::AnotherTarget,
                false => Advice::LeaveOut(self.wanted.name.clone()),
            };
            return Err(own.error_at(None, Some(&self.wanted.name), &what).with([advice]));
        }
        Ok(())
    }

    /// Whether a cell is missing and kept so.
    pub(crate) fn keeps(&self, row: &Row<'_>, place: usize) -> bool {
        self.wanted.keeps_missing && row.is_missing(place)
    }

    /// The number that stands for a cell that is not missing. A new category takes from the room for all columns.
    pub(crate) fn take(
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
                if let Some((place, text)) = &self.text {
                    return Err(self.mixed(row.cells(), place, text, &row.place()));
                }
                self.number.get_or_insert_with(|| row.place());
                let is_class = self.wanted.kind == Kind::Classes;
                self.whole.note(number, if is_class { MOST_CATEGORIES } else { FEW_WHOLE });
                if is_class && self.whole.others {
                    return Err(self.no_class(row, place, number));
                }
                Ok(number)
            }
            Cell::Text(text) => {
                if self.text.is_none() {
                    self.text = Some((row.place(), text.to_owned()));
                }
                if let Some(number) = &self.number {
                    return Err(self.mixed(row.cells(), &row.place(), text, number));
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
            self.check_notation(row.cells())?;
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
        let advice = match self.wanted.is_target {
            true => Advice::AnotherTarget,
            false => Advice::LeaveOut(self.wanted.name.clone()),
        };
        Err(row.error(place, &what).with([advice]))
    }

    /// What is a number in another row, and a text in this one.
    fn mixed(&self, cells: &Cells, place: &RowPlace, text: &str, number: &RowPlace) -> Error {
        let mut advice = cells.advice(text);
        if advice.is_empty() {
            let column = self.wanted.name.clone();
            advice = vec![Advice::Missing(shortened(text)), Advice::Texts(column)];
        }
        let what = format!("expected a number, as in {number}, got the text `{}`", shortened(text));
        self.error_at(cells, Some(place), &what).with(advice)
    }

    fn no_class(&self, row: &Row<'_>, place: usize, number: f64) -> Error {
        let what = if self.whole.found.len() > MOST_CATEGORIES {
            format!("more than {MOST_CATEGORIES} different numbers, which are too many classes")
        } else {
            format!("expected whole numbers or texts as classes, got {number:?}")
        };
        row.error(place, &what).with([Advice::NumberOrTexts(self.wanted.name.clone())])
    }

    /// Texts of which most are numbers in another notation are told, not taken as categories.
    fn check_notation(&self, cells: &Cells) -> Result<(), Error> {
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
        let (Some(common), Some(example), Some((place, _))) = (common, example, &self.text) else {
            return Ok(());
        };
        if 2 * count <= self.known.len() {
            return Ok(());
        }
        let given = cells.notation;
        let mut advice = Advice::notations(example, given, common.likeliest(given));
        advice.extend(other.map(|text| match looks_missing(text) {
            true => Advice::MissingNamed(text.to_owned()),
            false => Advice::NoNumber(shortened(text)),
        }));
        advice.push(Advice::Texts(self.wanted.name.clone()));
        let place = (first == Some(example)).then_some(place);
        let what = format!("expected numbers, got texts such as `{}`", shortened(example));
        Err(self.error_at(cells, place, &what).with(advice))
    }

    /// An error about the column, in a row that was read before, if it is about one.
    fn error_at(&self, cells: &Cells, place: Option<&RowPlace>, what: &str) -> Error {
        let part = place.and_then(|place| place.part.as_deref());
        let (file, position) = (part.unwrap_or(&cells.table), place.map(|place| place.position));
        Error::at(file, position, Some(&self.wanted.name), what)
    }

    /// What the column holds, when all rows were read.
    pub(crate) fn finish(self, cells: &Cells) -> Result<Column, Error> {
        self.check_notation(cells)?;
        let name = self.wanted.name.clone();
        let contents = match (self.wanted.kind, &self.text, &self.number) {
            (Kind::Texts, ..) | (_, Some(_), _) => Contents::Categories(self.known),
            (Kind::Either | Kind::Classes, None, None) => {
                let error = self.error_at(cells, None, "every cell is missing");
                return Err(error.with([Advice::LeaveOut(name.clone())]));
            }
            _ => Contents::Numbers(self.whole),
        };
        Ok(Column { name, contents })
    }
}
