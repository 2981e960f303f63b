//! A table as one file, or as files of a pattern such as `part-*.csv`, of which each rank reads its own part.
//!
//! Files are one table, in the order of their names. Each rank has a stretch of all their bytes, and the rows that begin in
//! it. Where it begins in the midst of a file, the first row is guessed ([`uphill_table::Stretch`]); that the rank before
//! stopped just there is checked, and what was guessed wrongly is read again.

use std::path::PathBuf;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uphill_ranks::{Communicator, Failure, agree, broadcast, gather};
use uphill_table::{Format, Part, Reader, Stretch, Table, Tally, Wanted, stretches};

use crate::error::Error;
use crate::file::Input;
use crate::table;

/// A table that is to be read, once.
pub(crate) struct Source<'r> {
    /// As it was given.
    pub(crate) input: Input,
    pub(crate) ranks: &'r dyn Communicator,
    files: Vec<File>,
    format: Format,
    /// Of the first file: its header is that of all.
    pub(crate) header: Reader,
}

/// A file, its size, and whether several may read it at once.
#[derive(Serialize, Deserialize)]
struct File(PathBuf, u64, bool);

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
    pub(crate) remarks: Vec<String>,
}

impl<'r> Source<'r> {
    /// Finds the files, and reads the header of the first.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] where there is none; as [`Reader::new`].
    pub(crate) fn open(
        text: &str,
        format: Format,
        ranks: &'r dyn Communicator,
    ) -> Result<Source<'r>, Error> {
        let input = Input::from(text);
        if ranks.count() > 1 && input == Input::Standard {
            let what = "standard input can't be shared by ranks; name a file, or files by a pattern such as 'part-*.csv'";
            return Err(Error::Use(what.into()));
        }
        let files = match (&input, has_pattern(text)) {
            // What is no file, a pipe say, can be opened but once.
            (Input::Standard, _) | (_, false) if ranks.count() == 1 => Vec::new(),
            _ => shared(ranks, || found(text, &format))?,
        };
        let header = match files.first() {
            None => table::open(&input, format.clone()),
            Some(File(path, ..)) => table::open(&Input::File(path.clone()), format.clone()),
        };
        let header = agree(ranks, header)?;
        Ok(Source { input, ranks, files, format, header })
    }

    /// Reads the rows of this rank: `add` takes those of a reader, after `new`, which begins again if rows were read that are
    /// none.
    ///
    /// # Errors
    ///
    /// Those of `add`; [`Error::Table`] for a file with another header; [`Error::Ranks`] where another rank failed.
    pub(crate) fn read<T>(
        &mut self,
        new: impl Fn() -> T,
        mut add: impl FnMut(&mut T, &mut Reader) -> Result<(), Error>,
    ) -> Result<Taken<T>, Error> {
        if self.files.is_empty() {
            let mut own = new();
            add(&mut own, &mut self.header)?;
            return Ok(Taken { own, remarks: self.header.remarks() });
        }
        let (rank, count) = (self.ranks.rank(), self.ranks.count());
        let sizes: Vec<(u64, bool)> =
            self.files.iter().map(|File(_, size, can_be_cut)| (*size, *can_be_cut)).collect();
        let own = stretches(&sizes, rank, count);
        let looks = own.iter().map(|stretch| {
            if count == 1 { Ok((0, 0)) } else { Ok(stretch.look(&self.files[stretch.file].0)?) }
        });
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
                None => self.read_from(&own, start, before, &new, &mut add),
            };
            match wrong(&told(self.ranks, &reach)?) {
                Some((wrong, expected)) if wrong == rank => start = expected,
                // Somebody else reads again; what this one has stays.
                Some(_) => known = Some((read, reach)),
                None => break read,
            }
        };
        let (own, remarks) = agree(self.ranks, read)?;
        Ok(Taken { own, remarks: told(self.ranks, &remarks)?.concat() })
    }

    /// Reads stretches, the first one from a byte on; so many lines of its file are before the stretch.
    fn read_from<T>(
        &self,
        own: &[Stretch],
        start: u64,
        before: u64,
        new: &impl Fn() -> T,
        add: &mut impl FnMut(&mut T, &mut Reader) -> Result<(), Error>,
    ) -> (Result<(T, Vec<String>), Error>, Reach) {
        let (mut all, mut remarks, mut reach) = (new(), Vec::new(), Reach::default());
        let read = own.iter().try_for_each(|Stretch { file, bytes }| {
            let File(path, size, _) = &self.files[*file];
            let is_within = bytes.start > 0;
            if is_within && start >= bytes.end {
                reach.first = Some((*file, start, bytes.end));
                return Ok(());
            }
            let mut reader = match is_within {
                false if bytes.end == *size => Reader::open(path, self.format.clone())?,
                false => Reader::within(path, self.format.clone(), bytes.clone(), 0)?,
                true => {
                    let skipped = Stretch { file: *file, bytes: bytes.start..start }.look(path)?.0;
                    let (format, lines) = (self.format.clone(), before + skipped);
                    Reader::within(path, format, start..bytes.end, lines)?
                }
            };
            self.check_header(&reader)?;
            add(&mut all, &mut reader)?;
            let [first, last] = reader.reach();
            if is_within {
                reach.first = Some((*file, first, bytes.end));
            }
            reach.last = Some((*file, last));
            remarks.extend(reader.remarks());
            Ok(())
        });
        reach.failed = read.is_err();
        // Rows are looked for from here on, even if none could be read.
        if let (None, Some(Stretch { file, bytes })) = (reach.first, own.first())
            && bytes.start > 0
        {
            reach.first = Some((*file, start, bytes.end));
        }
        (read.map(|()| (all, remarks)), reach)
    }

    fn check_header(&self, reader: &Reader) -> Result<(), Error> {
        if reader.header() == self.header.header() {
            return Ok(());
        }
        let columns =
            |reader: &Reader| crate::names::few(reader.header().iter().map(String::as_str));
        Err(Error::Table {
            table: reader.name().to_owned(),
            place: String::new(),
            what: format!(
                "its columns are {}, those of {} are {}; parts of one table have the same header",
                columns(reader),
                self.header.name(),
                columns(&self.header)
            ),
        })
    }

    /// What errors call the table.
    pub(crate) fn name(&self) -> String {
        match self.files.len() {
            0 | 1 => self.header.name().to_owned(),
            _ => match &self.input {
                Input::File(path) => path.display().to_string(),
                Input::Standard => self.input.to_string(),
            },
        }
    }
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
        stopped = reach.last.or(stopped);
    }
    None
}

/// What each rank has to tell.
pub(crate) fn told<T: Serialize + DeserializeOwned>(
    ranks: &dyn Communicator,
    own: &T,
) -> Result<Vec<T>, Error> {
    let own = serde_json::to_vec(own).map_err(|error| Failure::of(&error));
    let all = gather(ranks, own)?.into_iter().enumerate();
    all.map(|(rank, message)| {
        let strange = |_| Error::Ranks(uphill_ranks::Error::Strange { rank });
        serde_json::from_slice(&message).map_err(strange)
    })
    .collect()
}

/// What the first rank finds, known to all.
fn shared<T: Serialize + DeserializeOwned>(
    ranks: &dyn Communicator,
    find: impl FnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    let found = agree(ranks, if ranks.rank() == 0 { find().map(Some) } else { Ok(None) })?;
    let message = serde_json::to_vec(&found).map_err(|error| Failure::of(&error));
    let message = broadcast(ranks, message)?;
    let strange = |_| Error::Ranks(uphill_ranks::Error::Strange { rank: 0 });
    serde_json::from_slice(&message).map_err(strange)
}

/// Whether a name stands for several, and not for a file that is there.
fn has_pattern(text: &str) -> bool {
    text.contains(['*', '?', '[']) && !std::path::Path::new(text).exists()
}

/// The files of a name, in order.
fn found(text: &str, format: &Format) -> Result<Vec<File>, Error> {
    let paths = match has_pattern(text) {
        false => vec![PathBuf::from(text)],
        true => {
            let paths = glob::glob(text)
                .map_err(|error| Error::Use(format!("`{text}` is no pattern of names: {error}")))?;
            let paths = paths.collect::<Result<Vec<PathBuf>, _>>().map_err(|error| {
                let what = format!("`{}`", error.path().display());
                Error::Read { what, source: error.into() }
            })?;
            if paths.is_empty() {
                let source = std::io::ErrorKind::NotFound;
                let source = std::io::Error::new(source, "no file has such a name");
                return Err(Error::Read { what: format!("`{text}`"), source });
            }
            paths
        }
    };
    let file = |path: PathBuf| {
        let input = Input::File(path.clone());
        let metadata = std::fs::metadata(&path).map_err(|source| input.failed(source))?;
        if !metadata.is_file() {
            let source = std::io::Error::other("it is no file, which ranks could read in parts");
            return Err(input.failed(source));
        }
        let can_be_cut = Stretch::can_cut(&path, format)?;
        Ok(File(path, metadata.len(), can_be_cut))
    };
    paths.into_iter().map(file).collect()
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
    let Taken { own: mut part, remarks } = taken;
    let (ranks, name) = (source.ranks, source.name());
    let rows: usize = told(ranks, &part.row_count())?.iter().sum();
    let mut tally = Tally::default();
    told(ranks, &part.tally)?.into_iter().for_each(|other| tally.add(other));
    if rows == 0 {
        return Err(tally.nothing(&name).into());
    }
    let mut learnt: Result<(), Error> = Ok(());
    if ranks.count() > 1 {
        let all = told(ranks, &part.findings())?.into_iter().enumerate();
        for (_, findings) in all.filter(|(rank, _)| *rank != ranks.rank()) {
            learnt = learnt.and_then(|()| Ok(part.learn(&name, findings, &source.header)?));
        }
    }
    agree(ranks, learnt)?;
    let table = agree(ranks, part.finish(&source.header).map_err(Error::from))?;
    Ok(Whole { table, rows, tally, remarks })
}
