//! The file that is being read, of whichever kind it is by its first bytes: its header and its rows.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek};
use std::ops::Range;
use std::path::{Path, PathBuf};

#[cfg(feature = "parquet")]
use crate::batches::{Batches, Value};
use crate::cells::Cells;
use crate::error::Error;
use crate::format::Format;
use crate::header::Header;
use crate::left_out::LeftOut;
use crate::position::Position;
use crate::records::Record;
use crate::text::Text;
use crate::writer::Written;

/// What is to be read of a file.
#[derive(Debug, Default)]
pub(crate) struct Piece {
    pub(crate) path: PathBuf,
    /// The bytes in which its rows begin, and how many lines are before them; `None` for all rows.
    pub(crate) within: Option<(Range<u64>, u64)>,
}

impl Piece {
    /// All rows of a file.
    pub(crate) fn whole(path: &Path) -> Piece {
        Piece { path: path.into(), within: None }
    }
}

/// A file that is being read.
pub(crate) enum Source {
    /// CSV.
    Text(Box<Text>),
    /// Parquet or Arrow.
    #[cfg(feature = "parquet")]
    Batches(Box<Batches>),
}

/// The row of a file that was read last.
#[derive(Clone, Copy)]
pub(crate) enum Fields<'r> {
    /// Of CSV.
    Text(&'r Record),
    /// Of Parquet or Arrow.
    #[cfg(feature = "parquet")]
    Batches(&'r Batches),
}

/// What a file is by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Parquet,
    ArrowFile,
    ArrowStream,
}

/// So many bytes tell.
pub(crate) const FIRST: usize = 8;

impl Kind {
    /// What a file is that begins so.
    pub(crate) fn of(first: &[u8]) -> Kind {
        match first {
            // A header of CSV may begin so, but goes on with letters.
            [b'P', b'A', b'R', b'1', next, ..] if *next < b' ' && !next.is_ascii_whitespace() => {
                Kind::Parquet
            }
            [b'A', b'R', b'R', b'O', b'W', b'1', 0, 0, ..] => Kind::ArrowFile,
            [255, 255, 255, 255, ..] => Kind::ArrowStream,
            _ => Kind::Text,
        }
    }
}

impl Source {
    /// Opens a file. Some systems open folders, too, and fail when they are read.
    pub(crate) fn open(
        piece: &Piece,
        format: &Format,
        cells: &Cells,
        left_out: &mut LeftOut,
    ) -> Result<(Source, Header), Error> {
        let failed = |source| Error::Read { what: format!("`{}`", cells.file()), source };
        let mut file = File::open(&piece.path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if metadata.is_dir() {
            return Err(failed(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder")));
        }
        if !metadata.is_file() {
            return Source::begin(Box::new(file), format, cells, left_out);
        }
        let first = first(&mut file).map_err(failed)?;
        file.rewind().map_err(failed)?;
        #[cfg(feature = "parquet")]
        let batches = match Kind::of(&first) {
            Kind::Text => None,
            Kind::Parquet => Some(Batches::parquet(file.try_clone().map_err(failed)?, cells)?),
            Kind::ArrowFile => Some(Batches::arrow_file(
                io::BufReader::new(file.try_clone().map_err(failed)?),
                cells,
            )?),
            Kind::ArrowStream => Some(Batches::arrow_stream(
                io::BufReader::new(file.try_clone().map_err(failed)?),
                cells,
            )?),
        };
        #[cfg(feature = "parquet")]
        if let Some((mut batches, header)) = batches {
            match &piece.within {
                Some((bytes, _)) if bytes.is_empty() => batches.end(),
                Some((bytes, _)) if *bytes != (0..metadata.len()) => {
                    let what = "only CSV can be cut into stretches; read the file whole";
                    return Err(failed(io::Error::new(io::ErrorKind::Unsupported, what)));
                }
                _ => {}
            }
            return Ok((Source::Batches(Box::new(batches)), header));
        }
        #[cfg(not(feature = "parquet"))]
        refuse(Kind::of(&first), cells)?;
        let Some((bytes, lines)) = &piece.within else {
            return text(Box::new(file), format, cells, left_out);
        };
        // Whoever reads the rows behind the header tells what was left out before it.
        let mut before = LeftOut::default();
        let noted = if bytes.start > 0 { &mut before } else { left_out };
        let (mut text, header) = Text::begin(Box::new(file), format, cells, noted)?;
        text.go_within(&piece.path, format, bytes, *lines).map_err(failed)?;
        Ok((Source::Text(Box::new(text)), header))
    }

    /// Begins a stream.
    pub(crate) fn begin(
        mut from: Box<dyn Read>,
        format: &Format,
        cells: &Cells,
        left_out: &mut LeftOut,
    ) -> Result<(Source, Header), Error> {
        let failed = |source| Error::Read { what: format!("`{}`", cells.file()), source };
        let first = first(&mut from).map_err(failed)?;
        let kind = Kind::of(&first);
        #[cfg(not(feature = "parquet"))]
        refuse(kind, cells)?;
        #[cfg(feature = "parquet")]
        if kind != Kind::Text {
            let (batches, header) = match kind {
                Kind::ArrowStream => Batches::arrow_stream(Cursor::new(first).chain(from), cells)?,
                // Behind its first bytes such a file is a stream, whose end is marked.
                Kind::ArrowFile => Batches::arrow_stream(from, cells)?,
                _ => {
                    let what = "it is a Parquet file, which can't be read as a stream, since its table of contents \
                                stands at its end; give the file's name";
                    return Err(cells.error_at(None, None, what));
                }
            };
            return Ok((Source::Batches(Box::new(batches)), header));
        }
        text(Box::new(Cursor::new(first).chain(from)), format, cells, left_out)
    }

    /// Goes to the next row; false at the end. Only the columns that are asked for have to be read.
    pub(crate) fn next_row(
        &mut self,
        format: &Format,
        cells: &Cells,
        header: &Header,
        asked: Option<&[usize]>,
        left_out: &mut LeftOut,
    ) -> Result<bool, Error> {
        #[cfg(not(feature = "parquet"))]
        let _ = asked;
        match self {
            Source::Text(text) => text.next_row(format, cells, header, left_out),
            #[cfg(feature = "parquet")]
            Source::Batches(batches) => batches.next_row(cells, header, asked),
        }
    }

    /// As what a column can be written again, so that nothing of it is lost.
    pub(crate) fn written(&self, place: usize) -> Written {
        #[cfg(not(feature = "parquet"))]
        let _ = place;
        match self {
            Source::Text(_) => Written::Texts,
            #[cfg(feature = "parquet")]
            Source::Batches(batches) => batches.written(place),
        }
    }

    /// Where the first row begins, and where the reading stopped; zeros where that is asked of no text.
    pub(crate) fn reach(&self) -> [u64; 2] {
        match self {
            Source::Text(text) => text.reach(),
            #[cfg(feature = "parquet")]
            Source::Batches(_) => [0, 0],
        }
    }

    /// The row that was read last.
    pub(crate) fn fields(&self) -> Fields<'_> {
        match self {
            Source::Text(text) => Fields::Text(text.record()),
            #[cfg(feature = "parquet")]
            Source::Batches(batches) => Fields::Batches(batches),
        }
    }
}

/// The first bytes, fewer where there are no more.
fn first(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut first = Vec::with_capacity(FIRST);
    from.take(FIRST as u64).read_to_end(&mut first)?;
    Ok(first)
}

fn text(
    from: Box<dyn Read>,
    format: &Format,
    cells: &Cells,
    left_out: &mut LeftOut,
) -> Result<(Source, Header), Error> {
    let (text, header) = Text::begin(from, format, cells, left_out)?;
    Ok((Source::Text(Box::new(text)), header))
}

/// Without the crates that read it, a file is told by its kind rather than as strange text.
#[cfg(not(feature = "parquet"))]
fn refuse(kind: Kind, cells: &Cells) -> Result<(), Error> {
    let name = match kind {
        Kind::Text => return Ok(()),
        Kind::Parquet => "a Parquet file",
        Kind::ArrowFile => "an Arrow file",
        Kind::ArrowStream => "a stream of Arrow",
    };
    let what = format!(
        "it is {name}, and this program was built for CSV alone; build it with the feature `parquet`, or give CSV"
    );
    Err(cells.error_at(None, None, &what))
}

impl<'r> Fields<'r> {
    /// Where the row stands in its file.
    pub(crate) fn position(self) -> Position {
        match self {
            Fields::Text(record) => Position::Line(record.line),
            #[cfg(feature = "parquet")]
            Fields::Batches(batches) => Position::Row(batches.row_number()),
        }
    }

    /// A field as text; empty for what is missing.
    pub(crate) fn field(self, place: usize) -> &'r [u8] {
        match self {
            Fields::Text(record) => record.field(place),
            #[cfg(feature = "parquet")]
            Fields::Batches(batches) => batches.text(place).trim_ascii().as_bytes(),
        }
    }

    /// The finite number that a field is, without a look at its text.
    pub(crate) fn number(self, place: usize) -> Option<f64> {
        #[cfg(not(feature = "parquet"))]
        let _ = place;
        match self {
            Fields::Text(_) => None,
            #[cfg(feature = "parquet")]
            Fields::Batches(batches) => match batches.value(place) {
                Value::Number(number) if number.is_finite() => Some(number),
                _ => None,
            },
        }
    }

    /// What a field is that is neither a number nor a text, in words.
    pub(crate) fn unreadable(self, place: usize) -> Option<&'static str> {
        #[cfg(not(feature = "parquet"))]
        let _ = place;
        match self {
            Fields::Text(_) => None,
            #[cfg(feature = "parquet")]
            Fields::Batches(batches) => batches.unreadable(place),
        }
    }
}

impl std::fmt::Debug for Fields<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.position().fmt(f)
    }
}
