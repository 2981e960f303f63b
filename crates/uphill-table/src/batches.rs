//! One Parquet or Arrow file: batch after batch of columns, whose cells mean what the same cells would mean in CSV.
//!
//! A null is an empty field, a boolean the text `true` or `false`, a dictionary its texts; floats, integers and decimals are
//! numbers. Times, bytes and nested values have no one number and no one text: a column of them is an error where it is
//! asked for, and none where it isn't.

use std::cell::OnceCell;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, Float16Type, Float32Type,
    Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::{ArrowError, DataType, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::cells::Cells;
use crate::error::Error;
use crate::header::Header;

/// The most rows of a batch, and the most numbers in all of its columns, about.
const MOST_ROWS: usize = 8192;
const MOST_NUMBERS: usize = 1 << 19;

type Each = Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>>>;

/// A file of batches that is being read.
pub(crate) struct Batches {
    types: Vec<DataType>,
    /// Parquet, until it is known which columns are asked for.
    opened: Option<Box<ParquetRecordBatchReaderBuilder<File>>>,
    each: Each,
    /// The columns of the batch; none for those that nobody asks for.
    columns: Vec<Option<Column>>,
    /// Rows of the batch, and of those before it.
    rows: usize,
    before: u64,
    /// The row in the batch that was read last.
    row: usize,
}

impl Batches {
    /// Opens a Parquet file.
    pub(crate) fn parquet(file: File, cells: &Cells) -> Result<(Batches, Header), Error> {
        let builder = guarded(cells, || ParquetRecordBatchReaderBuilder::try_new(file))?;
        let schema = builder.schema().clone();
        let (mut batches, header) = Batches::of(&schema, Box::new(std::iter::empty()), cells)?;
        batches.opened = Some(Box::new(builder));
        Ok((batches, header))
    }

    /// Opens an Arrow file.
    pub(crate) fn arrow_file(
        from: impl Read + Seek + 'static,
        cells: &Cells,
    ) -> Result<(Batches, Header), Error> {
        let reader = guarded(cells, || FileReader::try_new(from, None))?;
        let schema = reader.schema();
        Batches::of(&schema, Box::new(reader), cells)
    }

    /// Begins a stream of Arrow.
    pub(crate) fn arrow_stream(
        from: impl Read + 'static,
        cells: &Cells,
    ) -> Result<(Batches, Header), Error> {
        let reader = guarded(cells, || StreamReader::try_new(from, None))?;
        let schema = reader.schema();
        Batches::of(&schema, Box::new(reader), cells)
    }

    fn of(schema: &Schema, each: Each, cells: &Cells) -> Result<(Batches, Header), Error> {
        let fields = schema.fields();
        let mut header = Header::with_room(fields.len());
        for (place, field) in fields.iter().enumerate() {
            let name = field.name();
            if name.is_empty() {
                let what = format!("column {} has no name; give it one", place + 1);
                return Err(cells.error_at(None, None, &what));
            }
            header.push(name).map_err(|name| cells.named_twice(None, &name))?;
        }
        if fields.is_empty() {
            return Err(cells.error_at(None, None, "it has no columns"));
        }
        let types = fields.iter().map(|field| field.data_type().clone()).collect();
        let columns = Vec::new();
        let batches = Batches { types, opened: None, each, columns, rows: 0, before: 0, row: 0 };
        Ok((batches, header))
    }

    /// Goes to the next row; false at the end. Columns beside those that are asked for are not read.
    pub(crate) fn next_row(
        &mut self,
        cells: &Cells,
        header: &Header,
        asked: Option<&[usize]>,
    ) -> Result<bool, Error> {
        self.row += 1;
        while self.row >= self.rows {
            let places = asked.map(|asked| {
                let mut places: Vec<usize> =
                    asked.iter().map(|&position| header.places()[position]).collect();
                places.sort_unstable();
                places.dedup();
                places
            });
            if !self.next_batch(cells, places)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn next_batch(&mut self, cells: &Cells, places: Option<Vec<usize>>) -> Result<bool, Error> {
        let width = self.types.len();
        let all = || (0..width).collect::<Vec<_>>();
        if let Some(builder) = self.opened.take() {
            let places = places.clone().unwrap_or_else(all);
            let rows = (MOST_NUMBERS / places.len().max(1)).clamp(1, MOST_ROWS);
            let mask = ProjectionMask::roots(builder.parquet_schema(), places);
            let builder = builder.with_projection(mask).with_batch_size(rows);
            self.each = Box::new(guarded(cells, || builder.build())?);
        }
        let Some(batch) = guarded(cells, || self.each.next().transpose())? else {
            return Ok(false);
        };
        // Parquet gives the columns that were asked for, Arrow all of them.
        let places = if batch.num_columns() == width { all() } else { places.unwrap_or_else(all) };
        self.columns.clear();
        self.columns.resize_with(width, || None);
        for (place, array) in places.into_iter().zip(batch.columns()) {
            self.columns[place] = Some(Column::new(array.clone()));
        }
        self.before += self.rows as u64;
        (self.rows, self.row) = (batch.num_rows(), 0);
        Ok(true)
    }

    /// Ends before the first row.
    pub(crate) fn end(&mut self) {
        (self.opened, self.each) = (None, Box::new(std::iter::empty()));
    }

    /// The number of the row in the file; the first is 1.
    pub(crate) fn row_number(&self) -> u64 {
        self.before + self.row as u64 + 1
    }

    /// What a cell of the row holds.
    pub(crate) fn value(&self, place: usize) -> Value<'_> {
        match self.columns.get(place) {
            Some(Some(column)) => column.value(self.row),
            _ => Value::Null,
        }
    }

    /// A cell of the row as text; empty for a null, and for what has no text.
    pub(crate) fn text(&self, place: usize) -> &str {
        match self.columns.get(place) {
            Some(Some(column)) => column.text(self.row),
            _ => "",
        }
    }

    /// What a column holds that can't be read, in words.
    pub(crate) fn unreadable(&self, place: usize) -> Option<&'static str> {
        unreadable(&self.types[place])
    }

    /// As what a column can be written again, so that nothing of it is lost.
    pub(crate) fn written(&self, place: usize) -> crate::Written {
        written(&self.types[place])
    }
}

/// A cell.
pub(crate) enum Value<'b> {
    /// Nothing.
    Null,
    /// A number, not finite perhaps.
    Number(f64),
    /// A text.
    Text(&'b str),
    /// What is neither.
    Other,
}

/// A column of a batch.
struct Column {
    array: ArrayRef,
    nulls: Option<arrow_buffer::NullBuffer>,
    /// Made when the first of them is asked for.
    values: OnceCell<Values>,
    texts: OnceCell<Vec<String>>,
}

/// What a column's cells are.
enum Values {
    Numbers(Vec<f64>),
    Texts,
    /// A text of a dictionary for each row.
    Dictionary {
        keys: Vec<usize>,
        texts: ArrayRef,
    },
    Others,
}

impl Column {
    fn new(array: ArrayRef) -> Column {
        let nulls = array.logical_nulls();
        Column { array, nulls, values: OnceCell::new(), texts: OnceCell::new() }
    }

    fn value(&self, row: usize) -> Value<'_> {
        if self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            return Value::Null;
        }
        match self.values.get_or_init(|| Values::of(&self.array)) {
            Values::Numbers(numbers) => Value::Number(numbers[row]),
            Values::Texts => Value::Text(text_of(&self.array, row)),
            Values::Dictionary { keys, texts } => Value::Text(text_of(texts, keys[row])),
            Values::Others => Value::Other,
        }
    }

    fn text(&self, row: usize) -> &str {
        match self.value(row) {
            Value::Null | Value::Other => "",
            Value::Text(text) => text,
            Value::Number(_) => &self.texts.get_or_init(|| texts_of(&self.array))[row],
        }
    }
}

impl Values {
    fn of(array: &ArrayRef) -> Values {
        /// A number of each, whatever stands where one is null.
        macro_rules! numbers {
            ($of:ty) => {
                Values::Numbers(
                    array.as_primitive::<$of>().values().iter().map(|&x| x.number()).collect(),
                )
            };
        }
        match array.data_type() {
            DataType::Int8 => numbers!(Int8Type),
            DataType::Int16 => numbers!(Int16Type),
            DataType::Int32 => numbers!(Int32Type),
            DataType::Int64 => numbers!(Int64Type),
            DataType::UInt8 => numbers!(UInt8Type),
            DataType::UInt16 => numbers!(UInt16Type),
            DataType::UInt32 => numbers!(UInt32Type),
            DataType::UInt64 => numbers!(UInt64Type),
            DataType::Float16 => numbers!(Float16Type),
            DataType::Float32 => numbers!(Float32Type),
            DataType::Float64 => numbers!(Float64Type),
            // The number that is nearest to the decimal, as for the same digits in CSV.
            data_type if data_type.is_decimal() => Values::Numbers(
                texts_of(array).iter().map(|text| text.parse().unwrap_or(f64::NAN)).collect(),
            ),
            DataType::Boolean | DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
                Values::Texts
            }
            DataType::Dictionary(_, of) if is_text(of) => match array.as_any_dictionary_opt() {
                Some(dictionary) if !dictionary.values().is_empty() => Values::Dictionary {
                    keys: dictionary.normalized_keys(),
                    texts: dictionary.values().clone(),
                },
                _ => Values::Others,
            },
            _ => Values::Others,
        }
    }
}

/// A number of any primitive type, rounded if it has more digits.
trait Nearest {
    fn number(self) -> f64;
}

macro_rules! rounded {
    ($($number:ty),*) => {
        $(impl Nearest for $number {
            fn number(self) -> f64 {
                self as f64
            }
        })*
    };
}
rounded!(i64, u64);

macro_rules! from {
    ($($number:ty),*) => {
        $(impl Nearest for $number {
            fn number(self) -> f64 {
                self.into()
            }
        })*
    };
}
from!(i8, i16, i32, u8, u16, u32, f32, f64, half::f16);

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// A text of an array of texts or booleans.
fn text_of(array: &ArrayRef, row: usize) -> &str {
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(row),
        DataType::LargeUtf8 => array.as_string::<i64>().value(row),
        DataType::Utf8View => array.as_string_view().value(row),
        DataType::Boolean if array.as_boolean().value(row) => "true",
        DataType::Boolean => "false",
        _ => "",
    }
}

/// The numbers of an array as texts that read back to the same number.
fn texts_of(array: &ArrayRef) -> Vec<String> {
    macro_rules! texts {
        ($of:ty, $text:expr) => {
            array.as_primitive::<$of>().values().iter().map($text).collect()
        };
    }
    macro_rules! decimals {
        ($of:ty) => {{
            let decimals = array.as_primitive::<$of>();
            (0..decimals.len()).map(|row| decimals.value_as_string(row)).collect()
        }};
    }
    match array.data_type() {
        DataType::Int8 => texts!(Int8Type, ToString::to_string),
        DataType::Int16 => texts!(Int16Type, ToString::to_string),
        DataType::Int32 => texts!(Int32Type, ToString::to_string),
        DataType::Int64 => texts!(Int64Type, ToString::to_string),
        DataType::UInt8 => texts!(UInt8Type, ToString::to_string),
        DataType::UInt16 => texts!(UInt16Type, ToString::to_string),
        DataType::UInt32 => texts!(UInt32Type, ToString::to_string),
        DataType::UInt64 => texts!(UInt64Type, ToString::to_string),
        DataType::Float16 => texts!(Float16Type, |x| format!("{:?}", x.to_f32())),
        DataType::Float32 => texts!(Float32Type, |x| format!("{x:?}")),
        DataType::Float64 => texts!(Float64Type, |x| format!("{x:?}")),
        DataType::Decimal32(..) => decimals!(Decimal32Type),
        DataType::Decimal64(..) => decimals!(Decimal64Type),
        DataType::Decimal128(..) => decimals!(Decimal128Type),
        DataType::Decimal256(..) => decimals!(Decimal256Type),
        _ => vec![String::new(); array.len()],
    }
}

/// What a column of this type holds, if that is neither numbers nor texts.
fn unreadable(data_type: &DataType) -> Option<&'static str> {
    Some(match data_type {
        DataType::Timestamp(..) => "timestamps",
        DataType::Date32 | DataType::Date64 => "dates",
        DataType::Time32(_) | DataType::Time64(_) => "times of day",
        DataType::Duration(_) | DataType::Interval(_) => "durations",
        DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_) => "bytes",
        DataType::List(_)
        | DataType::LargeList(_)
        | DataType::FixedSizeList(..)
        | DataType::ListView(_)
        | DataType::LargeListView(_) => "lists",
        DataType::Struct(_) | DataType::Map(..) | DataType::Union(..) => "structures",
        DataType::RunEndEncoded(..) => "lengths of runs",
        DataType::Dictionary(_, of) if !is_text(of) => "a dictionary of what is no text",
        _ => return None,
    })
}

fn written(data_type: &DataType) -> crate::Written {
    use crate::Written;
    match data_type {
        DataType::Boolean => Written::Booleans,
        DataType::Float16 | DataType::Float32 | DataType::Float64 => Written::Numbers,
        // What is beyond these has more digits than an `i64`.
        _ if data_type.is_integer() && *data_type != DataType::UInt64 => Written::WholeNumbers,
        _ => Written::Texts,
    }
}

/// What a reader of others gives. Some panic where a damaged file contradicts itself, which is an error of the file.
fn guarded<T, E: std::fmt::Display>(
    cells: &Cells,
    read: impl FnOnce() -> Result<T, E>,
) -> Result<T, Error> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(done) => done.map_err(|error| failed(cells, &error)),
        Err(_) => Err(failed(cells, &"it contradicts itself, so it is damaged")),
    }
}

fn failed(cells: &Cells, error: &impl std::fmt::Display) -> Error {
    let what = format!("`{}`", cells.file());
    Error::Read { what, source: io::Error::new(io::ErrorKind::InvalidData, error.to_string()) }
}

#[cfg(test)]
mod tests;
