//! Rows of numbers in bounded memory: in pieces of memory up to a bound, beyond it in a temporary file.
//!
//! The file has no name (the system removes it with the program, however that ends) and holds 8 bytes a number. Reading
//! it again gives the same bits.

use std::fs::File;
use std::io::{BufWriter, Write};

use crate::error::Error;

/// Numbers in one piece of memory, about.
const PIECE: usize = 1 << 16;

/// Takes rows until all are there.
///
/// ```
/// use uphill_table::StoreWriter;
///
/// // Of two numbers a row, 20 bytes hold one row; the others go to a temporary file.
/// let mut writer = StoreWriter::new(2, 20);
/// for row in 0..3 {
///     writer.push(&[f64::from(row), 0.5])?;
/// }
/// let store = writer.finish()?;
/// assert!(store.is_in_file());
/// let mut last = [0.0; 2];
/// store.read(2, &mut last)?;
/// assert_eq!(last, [2.0, 0.5]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct StoreWriter {
    width: usize,
    rows: usize,
    /// The number of rows that memory may hold.
    bound: u64,
    rows_a_piece: usize,
    pieces: Vec<Vec<f64>>,
    file: Option<BufWriter<File>>,
}

/// Rows of numbers that can be read again and again.
#[derive(Debug)]
pub struct Store {
    width: usize,
    rows: usize,
    kept: Kept,
}

#[derive(Debug)]
enum Kept {
    Memory { pieces: Vec<Vec<f64>>, rows_a_piece: usize },
    File(File),
}

impl StoreWriter {
    /// For rows of so many numbers; at most so many bytes of them stay in memory.
    #[must_use]
    pub fn new(width: usize, memory: u64) -> StoreWriter {
        let row = 8 * width.max(1) as u64;
        let rows_a_piece = (PIECE / width.max(1)).max(1);
        StoreWriter {
            width,
            rows: 0,
            bound: memory / row,
            rows_a_piece,
            pieces: Vec::new(),
            file: None,
        }
    }

    /// Whether there are no rows yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The number of rows so far.
    #[must_use]
    pub fn row_count(&self) -> usize {
        self.rows
    }

    /// Adds a row.
    ///
    /// # Errors
    ///
    /// [`Error::Write`] if the temporary file fails.
    pub fn push(&mut self, row: &[f64]) -> Result<(), Error> {
        if self.file.is_none() && self.rows as u64 >= self.bound {
            self.spill()?;
        }
        if let Some(file) = &mut self.file {
            write_numbers(file, row).map_err(failed)?;
        } else {
            if self.rows.is_multiple_of(self.rows_a_piece) {
                let room = (self.rows_a_piece as u64).min(self.bound - self.rows as u64);
                // The first piece grows as needed, for small tables.
                let room = if self.rows == 0 { 0 } else { room as usize * self.width };
                self.pieces.push(Vec::with_capacity(room));
            }
            if let Some(piece) = self.pieces.last_mut() {
                piece.extend_from_slice(row);
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// Moves all rows so far to a file.
    fn spill(&mut self) -> Result<(), Error> {
        let file = tempfile::tempfile().map_err(failed)?;
        let mut file = BufWriter::with_capacity(1 << 18, file);
        for piece in std::mem::take(&mut self.pieces) {
            write_numbers(&mut file, &piece).map_err(failed)?;
        }
        self.file = Some(file);
        Ok(())
    }

    /// All rows are there.
    ///
    /// # Errors
    ///
    /// [`Error::Write`] if the temporary file fails.
    pub fn finish(self) -> Result<Store, Error> {
        let kept = match self.file {
            None => Kept::Memory { pieces: self.pieces, rows_a_piece: self.rows_a_piece },
            Some(file) => {
                let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
                Kept::File(file)
            }
        };
        Ok(Store { width: self.width, rows: self.rows, kept })
    }
}

impl Store {
    /// The number of rows.
    #[must_use]
    pub fn row_count(&self) -> usize {
        self.rows
    }

    /// The number of numbers in a row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Whether the rows are in a temporary file, since they are more than the bound.
    #[must_use]
    pub fn is_in_file(&self) -> bool {
        matches!(self.kept, Kept::File(_))
    }

    /// Reads consecutive rows from `first` on, as many as `into` has room for.
    ///
    /// # Errors
    ///
    /// Those of the file, and for rows that aren't there.
    pub fn read(&self, first: usize, into: &mut [f64]) -> std::io::Result<()> {
        let width = self.width.max(1);
        if first + into.len() / width > self.rows {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        match &self.kept {
            Kept::Memory { pieces, rows_a_piece } => {
                let (mut row, mut into) = (first, into);
                while into.len() >= width {
                    // As many rows at once as lie in one piece.
                    let rows = (rows_a_piece - row % rows_a_piece).min(into.len() / width);
                    let start = row % rows_a_piece * width;
                    let (part, rest) = into.split_at_mut(rows * width);
                    part.copy_from_slice(&pieces[row / rows_a_piece][start..start + part.len()]);
                    (row, into) = (row + rows, rest);
                }
                Ok(())
            }
            Kept::File(file) => {
                let mut bytes = vec![0; into.len() * 8];
                read_at(file, &mut bytes, (first * self.width * 8) as u64)?;
                for (number, bytes) in into.iter_mut().zip(bytes.chunks_exact(8)) {
                    let mut eight = [0; 8];
                    eight.copy_from_slice(bytes);
                    *number = f64::from_le_bytes(eight);
                }
                Ok(())
            }
        }
    }

    /// Calls a function with each row, in order.
    ///
    /// # Errors
    ///
    /// Those of the function; [`Error::Read`] if the temporary file fails.
    pub fn visit<E: From<Error>>(
        &self,
        mut visit: impl FnMut(usize, &[f64]) -> Result<(), E>,
    ) -> Result<(), E> {
        let block = (PIECE / self.width.max(1)).max(1);
        let mut numbers = Vec::new();
        for first in (0..self.rows).step_by(block) {
            let rows = block.min(self.rows - first);
            numbers.resize(rows * self.width, 0.0);
            self.read(first, &mut numbers)
                .map_err(|source| Error::Read { what: "the temporary file".into(), source })?;
            for (place, row) in numbers.chunks_exact(self.width.max(1)).enumerate() {
                visit(first + place, row)?;
            }
        }
        Ok(())
    }
}

/// Reads from a place of a file, wherever others read: one call of the system, since shuffled rows are read one by one.
#[cfg(unix)]
fn read_at(file: &File, into: &mut [u8], from: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, into, from)
}

/// Reads from a place of a file, wherever others read.
#[cfg(windows)]
fn read_at(file: &File, mut into: &mut [u8], mut from: u64) -> std::io::Result<()> {
    while !into.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, into, from)?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        into = &mut into[read..];
        from += read as u64;
    }
    Ok(())
}

fn write_numbers(file: &mut impl Write, numbers: &[f64]) -> std::io::Result<()> {
    numbers.iter().try_for_each(|number| file.write_all(&number.to_le_bytes()))
}

fn failed(source: std::io::Error) -> Error {
    Error::Write { what: "a temporary file for the table".into(), source }
}

#[cfg(test)]
mod tests {
    use super::StoreWriter;

    #[test]
    fn rows_come_back_with_the_same_bits_from_memory_and_file() {
        for (rows, width, memory) in
            [(10, 3, 1 << 20), (10, 3, 100), (70_000, 2, 1 << 30), (70_000, 2, 70_000), (3, 1, 0)]
        {
            let number = |row: usize, column: usize| (row as f64 - 3.7) / (column as f64 + 0.3);
            let mut writer = StoreWriter::new(width, memory);
            for row in 0..rows {
                let numbers: Vec<f64> = (0..width).map(|column| number(row, column)).collect();
                writer.push(&numbers).unwrap();
            }
            let store = writer.finish().unwrap();
            assert_eq!(store.is_in_file(), rows * width * 8 > memory as usize);
            assert_eq!((store.row_count(), store.width()), (rows, width));
            let mut seen = 0;
            store
                .visit(|row, numbers| {
                    assert_eq!(row, seen);
                    seen += 1;
                    for (column, found) in numbers.iter().enumerate() {
                        assert_eq!(found.to_bits(), number(row, column).to_bits());
                    }
                    Ok::<(), crate::Error>(())
                })
                .unwrap();
            assert_eq!(seen, rows);
            let mut last = vec![0.0; width];
            store.read(rows - 1, &mut last).unwrap();
            assert_eq!(last[0].to_bits(), number(rows - 1, 0).to_bits());
            assert!(store.read(rows, &mut last).is_err());
        }
    }
}
