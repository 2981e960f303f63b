//! A table, in one file or in several, of which each rank reads its own part.
//!
//! One process reads all rows. Of several ranks each has a stretch of all the files' bytes, and the rows that begin in it; what
//! isn't text, such as Parquet, has a rank as a whole. Where a stretch begins in the midst of a file, its first row is guessed
//! ([`uphill_table::Stretch`]); that the rank before stopped just there is checked, and what was guessed wrongly is read again.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uphill_ranks::{Communicator, agree, broadcast, gather};
use uphill_table::{
    Files, Format, LeftOut, Part, Reader, Stretch, Table, Tally, Wanted, stretches,
};

use crate::error::Error;
use crate::file::Input;
use crate::table;

/// A table that is to be read, once.
pub(crate) struct Source<'r> {
    /// As it was given.
    pub(crate) input: Input,
    pub(crate) ranks: &'r dyn Communicator,
    /// Where there are several ranks.
    shared: Option<Shared>,
    format: Format,
    /// The whole table, of which the header was read.
    pub(crate) header: Reader,
}

/// The files that ranks share, each with its size and whether several may read it at once.
struct Shared {
    files: Files,
    sizes: Vec<(u64, bool)>,
}

/// What a rank has read, for the others to check.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Reach {
    /// Where its first row begins, if that is in the midst of a file: the file, the byte, and the end of the stretch.
    first: Option<(usize, u64, u64)>,
    /// Where the reading stopped: the file, and the byte of the row that follows, or the size of the file.
    last: Option<(usize, u64)>,
    failed: bool,
}

/// What was read.
pub(crate) struct Taken<T> {
    /// Of this rank.
    pub(crate) own: T,
    /// Of all ranks: what was left out of rows.
    pub(crate) left_out: LeftOut,
}

impl<'r> Source<'r> {
    /// Finds the files, and reads the header of the first.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] where there is none; as [`Reader::open_files`].
    pub(crate) fn open(
        text: &str,
        format: Format,
        ranks: &'r dyn Communicator,
    ) -> Result<Source<'r>, Error> {
        let input = Input::from(text);
        if ranks.count() == 1 {
            let header = table::open(&input, format.clone())?;
            return Ok(Source { input, ranks, shared: None, format, header });
        }
        if input == Input::Standard {
            let what = "standard input can't be shared by ranks; name a file, or files by a pattern such as 'part-*.csv'";
            return Err(Error::Use(what.into()));
        }
        let shared = Shared::find(text, &format, ranks)?;
        let header = Reader::open_files(shared.files.clone(), format.clone());
        let header = agree(ranks, header.map_err(Error::from))?;
        Ok(Source { input, ranks, shared: Some(shared), format, header })
    }

    /// Reads the rows of this rank: `add` takes those of a reader, after `new`, which begins again if rows were read that are
    /// none.
    ///
    /// # Errors
    ///
    /// Those of `add`; [`Error::Table`] for a file with other columns; [`Error::Ranks`] where another rank failed.
    pub(crate) fn read<T>(
        &mut self,
        new: impl Fn() -> T,
        mut add: impl FnMut(&mut T, &mut Reader) -> Result<(), Error>,
    ) -> Result<Taken<T>, Error> {
        let Some(shared) = &self.shared else {
            let mut own = new();
            add(&mut own, &mut self.header)?;
            return Ok(Taken { own, left_out: self.header.left_out() });
        };
        let (rank, count) = (self.ranks.rank(), self.ranks.count());
        let own = stretches(&shared.sizes, rank, count);
        let looks = own.iter().map(|stretch| shared.look(stretch));
        let looks = agree(self.ranks, looks.collect::<Result<Vec<(u64, u64)>, Error>>())?;
        let lines: Vec<(usize, u64)> =
            own.iter().zip(&looks).map(|(stretch, look)| (stretch.file, look.0)).collect();
        let before = told(self.ranks, &lines)?.into_iter().take(rank).flatten();
        let first_file = own.first().map(|stretch| stretch.file);
        let before =
            before.filter(|(file, _)| Some(*file) == first_file).map(|(_, lines)| lines).sum();
        let mut start = looks.first().map_or(0, |look| look.1);
        let mut known = None;
        let read = loop {
            let (read, reach) = match known.take() {
                Some(known) => known,
                None => self.read_from(shared, own.clone(), start, before, &new, &mut add),
            };
            match wrong(&told(self.ranks, &reach)?) {
                Some((wrong, expected)) if wrong == rank => start = expected,
                // Somebody else reads again; what this one has stays.
                Some(_) => known = Some((read, reach)),
                None => break read,
            }
        };
        let (own, left_out) = agree(self.ranks, read)?;
        let mut all = LeftOut::default();
        told(self.ranks, &left_out)?.into_iter().for_each(|other| all.add(other));
        Ok(Taken { own, left_out: all })
    }

    /// Reads stretches, the first one from a byte on; so many lines of its file are before the stretch.
    fn read_from<T>(
        &self,
        shared: &Shared,
        mut own: Vec<Stretch>,
        start: u64,
        before: u64,
        new: &impl Fn() -> T,
        add: &mut impl FnMut(&mut T, &mut Reader) -> Result<(), Error>,
    ) -> (Result<(T, LeftOut), Error>, Reach) {
        let (mut all, mut reach, mut lines) = (new(), Reach::default(), Ok(before));
        if let Some(first) = own.first_mut().filter(|first| first.bytes.start > 0) {
            let (file, end) = (first.file, first.bytes.end);
            reach.first = Some((file, start, end));
            let skipped = Stretch { file, bytes: first.bytes.start..start.min(end) };
            lines = skipped.look(&shared.files.paths()[file]).map(|look| before + look.0);
            first.bytes.start = start.min(end);
        }
        own.retain(|stretch| !stretch.bytes.is_empty());
        let is_within = own.first().is_some_and(|first| first.bytes.start > 0);
        let reader = lines.and_then(|lines| {
            Reader::open_stretches(&shared.files, self.format.clone(), &own, lines)
        });
        let read = reader.map_err(Error::from).and_then(|mut reader| {
            let added = add(&mut all, &mut reader);
            let [first, last] = reader.reach();
            if let (true, Some((_, began, _))) = (is_within, &mut reach.first) {
                *began = first;
            }
            reach.last = own.last().map(|stretch| (stretch.file, last));
            added.map(|()| reader.left_out())
        });
        reach.failed = read.is_err();
        (read.map(|left_out| (all, left_out)), reach)
    }

    /// How many rows all ranks have, if each has so many of its own, and their missing cells.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] if there are none.
    pub(crate) fn counted(&self, rows: usize, tally: Tally) -> Result<(usize, Tally), Error> {
        let mut all = (0, Tally::default());
        for (rows, tally) in told(self.ranks, &(rows, tally))? {
            all.0 += rows;
            all.1.add(tally);
        }
        if all.0 == 0 {
            return Err(all.1.nothing(self.name()).into());
        }
        Ok(all)
    }

    /// What errors call the table.
    pub(crate) fn name(&self) -> &str {
        self.header.name()
    }
}

impl Shared {
    /// What the first rank finds, known to all.
    fn find(text: &str, format: &Format, ranks: &dyn Communicator) -> Result<Shared, Error> {
        let find = || -> Result<Vec<u8>, Error> {
            let files = Files::named(text)?;
            let found = files.paths().iter().map(|path| measured(path, format));
            written(&found.collect::<Result<Vec<_>, _>>()?, ranks)
        };
        let message = broadcast(ranks, if ranks.rank() == 0 { find() } else { Ok(Vec::new()) })?;
        let strange = |_| Error::Ranks(uphill_ranks::Error::Strange { rank: 0 });
        let found: Vec<(PathBuf, u64, bool)> = serde_json::from_slice(&message).map_err(strange)?;
        let sizes = found.iter().map(|(_, size, can_be_cut)| (*size, *can_be_cut)).collect();
        let paths = found.into_iter().map(|(path, ..)| path).collect();
        Ok(Shared { files: Files::listed(text, paths)?, sizes })
    }

    /// How many lines a stretch has, and where its first row begins, as it seems; nobody asks of a file that one rank reads
    /// as a whole.
    fn look(&self, stretch: &Stretch) -> Result<(u64, u64), Error> {
        if stretch.bytes == (0..self.sizes[stretch.file].0) {
            return Ok((0, 0));
        }
        Ok(stretch.look(&self.files.paths()[stretch.file])?)
    }
}

/// A file with its size, and whether several may read it at once.
fn measured(path: &Path, format: &Format) -> Result<(PathBuf, u64, bool), Error> {
    let input = Input::File(path.into());
    let metadata = std::fs::metadata(path).map_err(|source| input.failed(source))?;
    if !metadata.is_file() {
        let source = std::io::Error::other("it is no file, which ranks could read in parts");
        return Err(input.failed(source));
    }
    Ok((path.into(), metadata.len(), Stretch::can_cut(path, format)?))
}

/// The first rank that began with another row than the one at which the rank before stopped, and where it should begin. A
/// failure before is for sure.
fn wrong(all: &[Reach]) -> Option<(usize, u64)> {
    let mut stopped = None;
    for (rank, reach) in all.iter().enumerate() {
        if let (Some((file, first, end)), Some((stopped_in, expected))) = (reach.first, stopped)
            && file == stopped_in
            && first != expected
            // Where no row begins in a stretch, it doesn't matter which is the next.
            && (first < end || expected < end)
        {
            return Some((rank, expected));
        }
        if reach.failed {
            return None;
        }
        // A rank in whose stretch no row begins doesn't know how far the one before has read.
        stopped = match (stopped, reach.last) {
            (Some((file, far)), Some((own, last))) if file == own => Some((own, last.max(far))),
            (_, last) => last.or(stopped),
        };
    }
    None
}

/// As a message.
fn written(own: &impl Serialize, ranks: &dyn Communicator) -> Result<Vec<u8>, Error> {
    let rank = ranks.rank();
    serde_json::to_vec(own).map_err(|error| {
        Error::Ranks(uphill_ranks::Error::Elsewhere { rank, what: error.to_string() })
    })
}

/// What each rank has to tell.
pub(crate) fn told<T: Serialize + DeserializeOwned>(
    ranks: &dyn Communicator,
    own: &T,
) -> Result<Vec<T>, Error> {
    let all = gather(ranks, written(own, ranks))?.into_iter().enumerate();
    all.map(|(rank, message)| {
        let strange = |_| Error::Ranks(uphill_ranks::Error::Strange { rank });
        serde_json::from_slice(&message).map_err(strange)
    })
    .collect()
}

/// The wanted columns of a table: the columns are those of all ranks, the rows this one's.
pub(crate) struct Whole {
    pub(crate) table: Table,
    /// The number of rows of all ranks.
    pub(crate) rows: usize,
    /// The missing cells of all ranks.
    pub(crate) tally: Tally,
    /// What was left out of all ranks' rows.
    pub(crate) remarks: Vec<String>,
}

/// Reads the wanted columns; what they hold is decided by the cells of all ranks.
///
/// # Errors
///
/// As [`Source::read`] and [`Part`]; [`Error::Table`] for a table without rows.
pub(crate) fn read_wanted(
    source: &mut Source<'_>,
    wanted: &[Wanted],
    memory: u64,
) -> Result<Whole, Error> {
    let taken = source.read(|| Part::new(wanted, memory), |part, reader| Ok(part.read(reader)?))?;
    let Taken { own: mut part, left_out } = taken;
    let (rows, tally) = source.counted(part.row_count(), part.tally.clone())?;
    let (ranks, name) = (source.ranks, source.name());
    let mut learnt: Result<(), Error> = Ok(());
    if ranks.count() > 1 {
        let all = told(ranks, &part.findings())?.into_iter().enumerate();
        for (_, findings) in all.filter(|(rank, _)| *rank != ranks.rank()) {
            learnt = learnt.and_then(|()| Ok(part.learn(findings, &source.header)?));
        }
    }
    agree(ranks, learnt)?;
    let table = agree(ranks, part.finish(&source.header).map_err(Error::from))?;
    Ok(Whole { table, rows, tally, remarks: left_out.remarks(name) })
}

#[cfg(test)]
mod tests {
    use super::{Reach, wrong};

    /// A rank of file 0, whose stretch ends here: where it began, and where it stopped.
    fn reach(end: u64, first: Option<u64>, last: Option<u64>) -> Reach {
        Reach {
            first: first.map(|first| (0, first, end)),
            last: last.map(|last| (0, last)),
            failed: false,
        }
    }

    #[test]
    fn who_has_read_the_wrong_rows_is_found() {
        let failed = |mut reach: Reach| {
            reach.failed = true;
            reach
        };
        let cases = [
            (
                "as it should be",
                vec![reach(10, None, Some(12)), reach(20, Some(12), Some(20))],
                None,
            ),
            (
                "a line end within quotes",
                vec![reach(10, None, Some(15)), reach(20, Some(12), Some(20))],
                Some((1, 15)),
            ),
            (
                "the header is in another's stretch, behind one of blank lines",
                vec![
                    reach(10, None, Some(24)),
                    reach(20, Some(20), Some(20)),
                    failed(reach(30, Some(20), Some(20))),
                ],
                Some((2, 24)),
            ),
            (
                "one row over a whole stretch, whose reading begins again and finds nothing",
                vec![
                    reach(10, None, Some(24)),
                    reach(20, Some(24), None),
                    reach(30, Some(24), Some(30)),
                ],
                None,
            ),
            (
                "what fails before is for sure",
                vec![failed(reach(10, None, Some(15))), reach(20, Some(12), Some(20))],
                None,
            ),
        ];
        for (name, all, due) in cases {
            assert_eq!(wrong(&all), due, "{name}");
        }
    }
}
