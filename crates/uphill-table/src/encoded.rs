//! Rows as batches of Arrow, and these as a file: what [`Writer`](crate::Writer) is with the feature `parquet`.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::builder::{BooleanBuilder, Float64Builder, Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::error::Error;
use crate::writer::{FileKind, Written};

/// The rows of a batch, and of a group of rows of Parquet, which lies in memory until it is written.
const BATCH: usize = 8192;
const GROUP: usize = 1 << 17;

/// A file that is being written.
pub(crate) struct Encoded<'w> {
    to: &'w mut dyn Write,
    name: String,
    /// What the encoder has written and `to` has not yet.
    drain: Drain,
    encoder: Encoder,
    schema: Arc<Schema>,
    columns: Vec<Column>,
    /// The column that is next, and how many rows the batch has.
    next: usize,
    rows: usize,
}

enum Encoder {
    Parquet(Box<ArrowWriter<Drain>>),
    Arrow(Box<FileWriter<Drain>>),
}

/// Bytes on their way: encoders ask for something that can go to another thread, which `dyn Write` can't.
#[derive(Clone, Default)]
struct Drain(Arc<Mutex<Vec<u8>>>);

impl Drain {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Drain {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The cells of a column of a batch.
enum Column {
    Numbers(Float64Builder),
    WholeNumbers(Int64Builder),
    Booleans(BooleanBuilder),
    Texts(StringBuilder),
}

impl<'w> Encoded<'w> {
    pub(crate) fn begin(
        to: &'w mut dyn Write,
        name: &str,
        kind: FileKind,
        columns: &[(String, Written)],
    ) -> Result<Encoded<'w>, Error> {
        let fields = columns.iter().map(|(name, written)| {
            let data_type = match written {
                Written::Numbers => DataType::Float64,
                Written::WholeNumbers => DataType::Int64,
                Written::Booleans => DataType::Boolean,
                Written::Texts => DataType::Utf8,
            };
            Field::new(name, data_type, true)
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let drain = Drain::default();
        let encoder = match kind {
            FileKind::Parquet => {
                let properties = WriterProperties::builder()
                    .set_compression(Compression::SNAPPY)
                    .set_max_row_group_row_count(Some(GROUP))
                    .build();
                let writer = ArrowWriter::try_new(drain.clone(), schema.clone(), Some(properties));
                Encoder::Parquet(Box::new(writer.map_err(|error| failed(name, &error))?))
            }
            FileKind::Arrow => {
                let writer = FileWriter::try_new(drain.clone(), &schema);
                Encoder::Arrow(Box::new(writer.map_err(|error| failed(name, &error))?))
            }
            FileKind::Csv => {
                return Err(Error::Format(format!("`{name}`: CSV is not written by this")));
            }
        };
        let columns = columns.iter().map(|(_, written)| match written {
            Written::Numbers => Column::Numbers(Float64Builder::new()),
            Written::WholeNumbers => Column::WholeNumbers(Int64Builder::new()),
            Written::Booleans => Column::Booleans(BooleanBuilder::new()),
            Written::Texts => Column::Texts(StringBuilder::new()),
        });
        let columns = columns.collect();
        let name = name.to_owned();
        Ok(Encoded { to, name, drain, encoder, schema, columns, next: 0, rows: 0 })
    }

    pub(crate) fn number(&mut self, number: Option<f64>) {
        if let Some(Column::Numbers(builder)) = self.columns.get_mut(self.next) {
            builder.append_option(number);
        }
        self.next += 1;
    }

    pub(crate) fn text(&mut self, text: Option<&str>) {
        if let Some(Column::Texts(builder)) = self.columns.get_mut(self.next) {
            builder.append_option(text);
        }
        self.next += 1;
    }

    /// A cell as its text, which reads back to the same bits; false for one that its column can't hold.
    pub(crate) fn cell(&mut self, text: Option<&str>) -> bool {
        /// Appends what a text reads as; false if it reads as nothing.
        macro_rules! append {
            ($builder:expr, $read:expr) => {{
                let read = text.map($read);
                $builder.append_option(read.flatten());
                read.is_none_or(|read| read.is_some())
            }};
        }
        let fits = match self.columns.get_mut(self.next) {
            Some(Column::Numbers(builder)) => append!(builder, |text| text.parse().ok()),
            Some(Column::WholeNumbers(builder)) => append!(builder, |text| text.parse().ok()),
            Some(Column::Booleans(builder)) => append!(builder, |text| text.parse().ok()),
            Some(Column::Texts(builder)) => append!(builder, Some),
            None => true,
        };
        self.next += 1;
        fits
    }

    pub(crate) fn end_row(&mut self) -> Result<(), Error> {
        self.next = 0;
        self.rows += 1;
        if self.rows < BATCH {
            return Ok(());
        }
        self.end_batch()
    }

    fn end_batch(&mut self) -> Result<(), Error> {
        self.rows = 0;
        let arrays = self.columns.iter_mut().map(|column| -> ArrayRef {
            match column {
                Column::Numbers(builder) => Arc::new(builder.finish()),
                Column::WholeNumbers(builder) => Arc::new(builder.finish()),
                Column::Booleans(builder) => Arc::new(builder.finish()),
                Column::Texts(builder) => Arc::new(builder.finish()),
            }
        });
        let batch = RecordBatch::try_new(self.schema.clone(), arrays.collect())
            .map_err(|error| failed(&self.name, &error))?;
        match &mut self.encoder {
            Encoder::Parquet(writer) => {
                writer.write(&batch).map_err(|error| failed(&self.name, &error))?;
            }
            Encoder::Arrow(writer) => {
                writer.write(&batch).map_err(|error| failed(&self.name, &error))?;
            }
        }
        self.pass_on()
    }

    fn pass_on(&mut self) -> Result<(), Error> {
        self.to
            .write_all(&self.drain.take())
            .map_err(|source| Error::Write { what: format!("`{}`", self.name), source })
    }

    pub(crate) fn finish(mut self) -> Result<(), Error> {
        if self.rows > 0 {
            self.end_batch()?;
        }
        match &mut self.encoder {
            Encoder::Parquet(writer) => {
                writer.finish().map_err(|error| failed(&self.name, &error))?;
            }
            Encoder::Arrow(writer) => {
                writer.finish().map_err(|error| failed(&self.name, &error))?;
            }
        }
        self.pass_on()
    }
}

fn failed(name: &str, error: &impl std::fmt::Display) -> Error {
    Error::Write { what: format!("`{name}`"), source: io::Error::other(error.to_string()) }
}
