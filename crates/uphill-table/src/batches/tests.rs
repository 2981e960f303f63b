//! What the cells of Parquet and Arrow mean, of each type and in each kind of file; damage; parts of several kinds.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::types::Int8Type;
use arrow_array::{
    ArrayRef, BooleanArray, Decimal128Array, DictionaryArray, Float32Array, Float64Array,
    Int32Array, Int64Array, LargeStringArray, NullArray, RecordBatch, StringArray, StringViewArray,
    TimestampSecondArray, UInt64Array,
};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use parquet::arrow::ArrowWriter;

use crate::column::{Kind, Wanted};
use crate::error::Error;
use crate::files::Files;
use crate::format::Format;
use crate::reader::Reader;
use crate::table::Table;
use crate::writer::{FileKind, Writer, Written};

const CONTAINERS: [&str; 3] = ["t.parquet", "t.arrow", "t.stream"];

/// Writes batches as the file's name says, each a group of rows of its own.
fn write(path: &Path, batches: &[RecordBatch]) {
    let (file, schema) = (File::create(path).unwrap(), batches[0].schema());
    match path.extension().unwrap().to_str().unwrap() {
        "parquet" => {
            let mut writer = ArrowWriter::try_new(file, schema, None).unwrap();
            for batch in batches {
                writer.write(batch).unwrap();
                writer.flush().unwrap();
            }
            writer.close().unwrap();
        }
        "arrow" => {
            let mut writer = FileWriter::try_new(file, &schema).unwrap();
            batches.iter().for_each(|batch| writer.write(batch).unwrap());
            writer.finish().unwrap();
        }
        _ => {
            let mut writer = StreamWriter::try_new(file, &schema).unwrap();
            batches.iter().for_each(|batch| writer.write(batch).unwrap());
            writer.finish().unwrap();
        }
    }
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true)))
        .unwrap()
}

/// What a column's cells are, each as number, text, missing one or error.
fn told(path: &Path, column: usize, format: &Format) -> Vec<String> {
    let mut reader = Reader::open(path, format.clone()).unwrap();
    let mut cells = Vec::new();
    while let Some(row) = reader.next_row().unwrap() {
        let shown = |error: Error| {
            let error = error.without_advice().to_string();
            error.split_once("`: ").unwrap().1.to_owned()
        };
        cells.push(match row.number(column) {
            _ if row.is_missing(column) => "missing".into(),
            Ok(number) => format!("{number:?}"),
            Err(_) => row.text(column).map_or_else(shown, |text| format!("`{text}`")),
        });
    }
    cells
}

#[test]
fn each_type_in_each_file() {
    let keys = DictionaryArray::<Int8Type>::from_iter([Some("b"), None, Some("a"), Some("b")]);
    let decimals = Decimal128Array::from(vec![Some(12_345), None, Some(-1), Some(0)]);
    let time = "expected numbers, texts or booleans, got timestamps; write them as one of these";
    let empty = "the field is empty";
    let columns: Vec<(&str, ArrayRef, [&str; 4])> = vec![
        (
            "int32",
            Arc::new(Int32Array::from(vec![Some(1), None, Some(-3), Some(0)])),
            ["1.0", empty, "-3.0", "0.0"],
        ),
        (
            "int64",
            Arc::new(Int64Array::from(vec![1 << 53, (1 << 53) + 1, -1, 7])),
            ["9007199254740992.0", "9007199254740992.0", "-1.0", "7.0"],
        ),
        (
            "uint64",
            Arc::new(UInt64Array::from(vec![u64::MAX, 0, 1, 2])),
            ["1.8446744073709552e19", "0.0", "1.0", "2.0"],
        ),
        (
            "float32",
            Arc::new(Float32Array::from(vec![Some(0.1), None, Some(f32::NAN), Some(2.5)])),
            ["0.10000000149011612", empty, "`NaN`", "2.5"],
        ),
        (
            "float64",
            Arc::new(Float64Array::from(vec![0.1, -0.0, f64::INFINITY, 1e-300])),
            ["0.1", "-0.0", "`inf`", "1e-300"],
        ),
        (
            "boolean",
            Arc::new(BooleanArray::from(vec![Some(true), None, Some(false), Some(true)])),
            ["`true`", empty, "`false`", "`true`"],
        ),
        (
            "text",
            Arc::new(StringArray::from(vec![Some("a"), None, Some(" b "), Some("1.5")])),
            ["`a`", empty, "`b`", "1.5"],
        ),
        (
            "large",
            Arc::new(LargeStringArray::from(vec!["a", "", "?", "1,5"])),
            ["`a`", empty, "`?`", "`1,5`"],
        ),
        (
            "view",
            Arc::new(StringViewArray::from(vec![
                "a",
                "a text that is longer than a view",
                "b",
                "c",
            ])),
            ["`a`", "`a text that is longer than a view`", "`b`", "`c`"],
        ),
        ("dictionary", Arc::new(keys), ["`b`", empty, "`a`", "`b`"]),
        (
            "decimal",
            Arc::new(decimals.with_precision_and_scale(9, 3).unwrap()),
            ["12.345", empty, "-0.001", "0.0"],
        ),
        ("null", Arc::new(NullArray::new(4)), [empty; 4]),
        ("time", Arc::new(TimestampSecondArray::from(vec![1, 2, 3, 4])), [time; 4]),
    ];
    let folder = tempfile::tempdir().unwrap();
    let missing =
        Format { missing: Some(vec!["?".into(), "-3".into(), "NaN".into()]), ..Format::default() };
    for file in CONTAINERS {
        let path = folder.path().join(file);
        let whole = batch(columns.iter().map(|(name, array, _)| (*name, array.clone())).collect());
        write(&path, &[whole.slice(0, 1), whole.slice(1, 3)]);
        for (place, (name, _, expected)) in columns.iter().enumerate() {
            assert_eq!(told(&path, place, &Format::default()), expected, "{file}, {name}");
            let expected = expected.map(|cell| match cell {
                cell if cell == empty || ["`?`", "-3.0", "`NaN`"].contains(&cell) => "missing",
                cell => cell,
            });
            assert_eq!(told(&path, place, &missing), expected, "{file}, {name}, with marks");
        }
    }
}

/// Where a cell is told: its file, its row, its column; and only if somebody asks for it.
#[test]
fn places_and_columns_that_nobody_asks_for() {
    let folder = tempfile::tempdir().unwrap();
    let part = |x: Vec<f64>, texts: Vec<&str>| {
        let times = TimestampSecondArray::from(vec![0; x.len()]);
        batch(vec![
            ("time", Arc::new(times)),
            ("x", Arc::new(Float64Array::from(x))),
            ("text", Arc::new(StringArray::from(texts))),
        ])
    };
    for file in CONTAINERS {
        let path = folder.path().join(file);
        write(&path, &[part(vec![1.0, 2.0], vec!["a", "3"]), part(vec![3.0], vec!["b"])]);
        let read = |names: &[&str]| {
            let wanted =
                names.iter().map(|name| Wanted { kind: Kind::Either, ..Wanted::numbers(name) });
            Table::read(
                &mut Reader::open(&path, Format::default())?,
                &wanted.collect::<Vec<_>>(),
                1 << 20,
            )
        };
        assert_eq!(read(&["x"]).unwrap().numbers("x").unwrap(), [1.0, 2.0, 3.0], "{file}");
        let told = |names| {
            let error: Error = read(names).unwrap_err();
            error.to_string().replace(&path.display().to_string(), "…")
        };
        assert_eq!(
            told(&["x", "time"]),
            "…, row 1, column `time`: expected numbers, texts or booleans, got timestamps; write them as one of these; \
             leave the column `time` out"
        );
        assert!(told(&["text"]).starts_with(
            "…, row 1, column `text`: expected a number, as in row 2, got the text `a`"
        ));
    }
}

#[test]
fn parts_of_several_kinds() {
    let folder = tempfile::tempdir().unwrap();
    let part =
        |x: ArrayRef| batch(vec![("y", Arc::new(StringArray::from(vec!["a", "b"]))), ("x", x)]);
    std::fs::write(folder.path().join("part-0"), "x,y\n1,a\n").unwrap();
    write(&folder.path().join("part-1.parquet"), &[part(Arc::new(Int64Array::from(vec![2, 3])))]);
    write(
        &folder.path().join("part-2.arrow"),
        &[part(Arc::new(Float64Array::from(vec![4.0, 5.0])))],
    );
    write(
        &folder.path().join("part-3.stream"),
        &[part(Arc::new(Float32Array::from(vec![6.0, 7.0])))],
    );
    let pattern = folder.path().join("part-*").display().to_string();
    let mut reader =
        Reader::open_files(Files::named(&pattern).unwrap(), Format::default()).unwrap();
    let wanted = [Wanted::numbers("x"), Wanted { kind: Kind::Texts, ..Wanted::numbers("y") }];
    let table = Table::read(&mut reader, &wanted, 1 << 20).unwrap();
    assert_eq!(table.numbers("x").unwrap(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    assert_eq!(table.numbers("y").unwrap(), [0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
}

/// What is written is what is read.
#[test]
fn rows_come_back() {
    let columns = [
        ("x", Written::Numbers),
        ("k", Written::WholeNumbers),
        ("b", Written::Booleans),
        ("t", Written::Texts),
    ];
    let columns = columns.map(|(name, written)| (name.to_owned(), written));
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source.parquet");
    write(
        &source,
        &[batch(vec![
            ("x", Arc::new(Float64Array::from(vec![Some(0.1), None, Some(f64::NAN)]))),
            ("k", Arc::new(Int64Array::from(vec![None, Some(i64::MAX), Some(-1)]))),
            ("b", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))),
            ("t", Arc::new(StringArray::from(vec![Some("ä"), Some("1"), None]))),
        ])],
    );
    for (kind, file) in [(FileKind::Parquet, "t.parquet"), (FileKind::Arrow, "t.arrow")] {
        let mut bytes = Vec::new();
        let mut reader = Reader::open(&source, Format::default()).unwrap();
        assert!((0..4).all(|column| reader.written(column) == columns[column].1));
        let mut writer = Writer::new(&mut bytes, file, kind, &columns).unwrap();
        while let Some(row) = reader.next_row().unwrap() {
            (0..4).for_each(|column| writer.cell(&row, column).unwrap());
            writer.end_row().unwrap();
        }
        writer.finish().unwrap();
        let path = folder.path().join(file);
        std::fs::write(&path, bytes).unwrap();
        for (column, (name, _)) in columns.iter().enumerate() {
            let of = |path| told(path, column, &Format::default());
            assert_eq!(of(&path), of(&source), "{file}, {name}");
        }
        // As a number it is rounded, as a text it is not.
        let mut reader = Reader::open(&path, Format::default()).unwrap();
        reader.next_row().unwrap();
        assert_eq!(reader.next_row().unwrap().unwrap().text(1).unwrap(), i64::MAX.to_string());
    }
}

/// A file that is cut or has a wrong byte gives rows or an error that names it, and nothing else.
#[test]
fn damage_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let whole = batch(vec![
        ("x", Arc::new(Float64Array::from(vec![1.0, 2.0, 3.0]))),
        ("t", Arc::new(StringArray::from(vec!["a", "b", "c"]))),
    ]);
    for file in CONTAINERS {
        let path = folder.path().join(file);
        write(&path, std::slice::from_ref(&whole));
        let bytes = std::fs::read(&path).unwrap();
        let damaged = (0..bytes.len()).step_by(7).map(|end| bytes[..end].to_vec()).chain(
            (0..bytes.len()).step_by(5).map(|place| {
                let mut changed = bytes.clone();
                changed[place] ^= 0x55;
                changed
            }),
        );
        for bytes in damaged {
            std::fs::write(&path, &bytes).unwrap();
            let read = || {
                let mut reader = Reader::open(&path, Format::default())?;
                while let Some(row) = reader.next_row()? {
                    let _ = (row.number(0), row.text(0));
                }
                Ok::<(), Error>(())
            };
            if let Err(error) = read() {
                assert!(error.to_string().contains(file), "{error}");
            }
        }
    }
}
