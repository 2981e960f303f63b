//! Tables as text: what is read, and what is told of what can't be.

use std::io::Read;

use super::Reader;
use crate::column::{Kind, Wanted};
use crate::error::Error;
use crate::files::Files;
use crate::format::{Coding, Format};
use crate::records::{MOST_FIELD, MOST_FIELDS, MOST_RECORD};
use crate::table::Table;
use crate::tally::Tally;

fn reader(text: &'static [u8]) -> Result<Reader, Error> {
    Reader::new(text, "t.csv", Format::default())
}

fn failure_by(text: &'static [u8], format: Format) -> String {
    let read = || {
        let mut reader = Reader::new(text, "t.csv", format)?;
        while let Some(row) = reader.next_row()? {
            row.number(0)?;
            row.text(1)?;
        }
        Ok::<(), Error>(())
    };
    read().expect_err(&String::from_utf8_lossy(text)).to_string()
}

fn format() -> Format {
    Format::default()
}

#[test]
fn marks_quotes_spaces_and_line_ends() {
    let text = b"\xef\xbb\xbfa,\"b,\"\"c\"\"\"\r\n 1.5 ,\"x\ny\"\r\n\r\n-2e3,z";
    let mut reader = reader(text).unwrap();
    assert_eq!(reader.header(), ["a", "b,\"c\""]);
    let row = reader.next_row().unwrap().unwrap();
    assert_eq!((row.number(0).unwrap(), row.text(1).unwrap()), (1.5, "x\ny"));
    let row = reader.next_row().unwrap().unwrap();
    assert_eq!((row.number(0).unwrap(), row.text(1).unwrap()), (-2000.0, "z"));
    // The quoted line end and the empty line count.
    assert_eq!(
        row.error(1, "!").to_string(),
        "t.csv, line 5, column `b`: !".replace('b', "b,\"c\"")
    );
    assert!(reader.next_row().unwrap().is_none());
}

#[test]
fn a_quoted_line_end_may_be_in_the_last_row() {
    for text in
        [&b"a,b\n1,\"x\ny\""[..], b"a,b\n1,\"x\ny\" ", b"a,b\n1,\"x\ny\"\n", b"a,b\n1,\"x\"\"\""]
    {
        let mut reader = reader(text).unwrap();
        assert!(reader.next_row().unwrap().unwrap().text(1).unwrap().starts_with('x'));
        assert!(reader.next_row().unwrap().is_none());
    }
}

#[test]
fn lines_are_counted_whatever_ends_them() {
    for end in ["\n", "\r\n", "\r"] {
        let lines = ["a,b", "1,\"x", "y\"", "", "# 2,z", "3,w", "no,v", ""];
        let text: &'static str = lines.join(end).leak();
        let told = failure_by(text.as_bytes(), Format { comment: Some('#'), ..format() });
        assert_eq!(
            told, "t.csv, line 7, column `a`: expected a number, got the text `no`",
            "{end:?}"
        );
    }
}

/// What spreadsheets leave is left out, and told.
#[test]
fn what_holds_nothing_is_left_out() {
    for (text, rows, remarks) in [
        (
            &b"a,b\n1,x\n,\n , \n2,y\n"[..],
            2,
            &["2 rows of nothing but empty fields skipped, the first is line 3"][..],
        ),
        (
            b"a,b,,\n1,x,,\n2,y\n3,z, ,\n,,,\n",
            3,
            &[
                "2 columns without a name and without cells left out, the first is column 3",
                "1 row of nothing but empty fields skipped, the first is line 5",
            ],
        ),
        (
            b"a,,b\n1,,x\n",
            1,
            &["1 column without a name and without cells left out, the first is column 2"],
        ),
        (
            b"a,b\n1,x,\n2,y,,\n",
            2,
            &[
                "2 rows with empty fields beyond the header's columns, which were left out, the first is line 2",
            ],
        ),
        (b",,\na,b\n1,x\n", 1, &["1 row of nothing but empty fields skipped, the first is line 1"]),
        (b"a\n1\n\n2\n", 2, &[]),
    ] {
        let mut reader = reader(text).unwrap();
        let mut count = 0;
        while let Some(row) = reader.next_row().unwrap() {
            count += 1;
            assert!(row.number(0).unwrap() > 0.0);
            assert_eq!(row.fields().count(), reader.header().len());
        }
        assert_eq!(count, rows);
        let expected: Vec<String> =
            remarks.iter().map(|remark| format!("t.csv: {remark}")).collect();
        assert_eq!(reader.remarks(), expected);
    }
}

#[test]
fn missing_cells() {
    let missing = |marks: &[&str]| Some(marks.iter().map(ToString::to_string).collect());
    let text = b"a\n?\nNA\n-200\n-200.0\n\"\"\n 5\nna\n";
    for (marks, expected) in [
        (None, "0000000"),
        // A row of nothing is none, so the empty cell is not among them.
        (missing(&["?", "NA"]), "110000"),
        (missing(&["-200"]), "001100"),
        (missing(&[""]), "000000"),
    ] {
        let format = Format { missing: marks, ..format() };
        let mut reader = Reader::new(&text[..], "t.csv", format).unwrap();
        let mut found = String::new();
        while let Some(row) = reader.next_row().unwrap() {
            found.push(if row.is_missing(0) { '1' } else { '0' });
        }
        assert_eq!(found, expected[..6], "{:?}", reader.format().missing);
    }
    let format = Format { missing: missing(&[""]), ..format() };
    let mut reader = Reader::new(&b"a,b\n,1\n2,3"[..], "t.csv", format).unwrap();
    assert!(reader.next_row().unwrap().unwrap().is_missing(0));
}

/// Text as bytes of an encoding.
fn encoded(text: &str, encoding: &str) -> Vec<u8> {
    match encoding {
        "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-16be" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        "latin1" => text.chars().map(|c| u8::try_from(c as u32).unwrap()).collect(),
        _ => text.as_bytes().to_vec(),
    }
}

#[test]
fn encodings() {
    let text = "größe,x\n1,é\n";
    for (mark, encoding, given, read) in [
        (&b""[..], "utf-8", None, true),
        (b"\xef\xbb\xbf", "utf-8", None, true),
        (b"\xef\xbb\xbf", "utf-8", Some("latin1"), true),
        (b"\xff\xfe", "utf-16le", None, true),
        (b"\xfe\xff", "utf-16be", None, true),
        (b"\xff\xfe", "utf-16le", Some("latin1"), true),
        (b"", "utf-16le", Some("utf-16"), true),
        (b"", "utf-16be", Some("utf-16be"), true),
        (b"", "latin1", Some("latin-1"), true),
        (b"", "latin1", Some("ISO-8859-1"), true),
        (b"", "latin1", Some("cp1252"), true),
        (b"", "latin1", None, false),
        (b"", "utf-16le", None, false),
        (b"", "utf-16be", None, false),
    ] {
        let mut bytes = mark.to_vec();
        bytes.extend(encoded(text, encoding));
        let encoding = given.map_or(format().encoding, |name| Coding::named(name).unwrap());
        let reader =
            Reader::new(std::io::Cursor::new(bytes), "t.csv", Format { encoding, ..format() });
        match reader {
            Ok(mut reader) if read => {
                assert_eq!(reader.header(), ["größe", "x"]);
                assert_eq!(reader.next_row().unwrap().unwrap().text(1).unwrap(), "é");
                assert!(reader.next_row().unwrap().is_none());
            }
            Err(error) if !read => {
                assert!(error.to_string().contains("set the format's encoding"), "{error}");
            }
            other => panic!("{mark:?} {encoding:?}: {other:?}"),
        }
    }
    // A large file in pieces, with letters of one to four bytes.
    let cell = "aé€😀";
    let text = format!("a,b\n{}", format!("1,{cell}\n").repeat(20_000));
    let bytes = encoded(&text, "utf-16le");
    let encoding = Coding::named("utf-16le").unwrap();
    let mut reader =
        Reader::new(std::io::Cursor::new(bytes), "t.csv", Format { encoding, ..format() }).unwrap();
    let mut rows = 0;
    while let Some(row) = reader.next_row().unwrap() {
        assert_eq!(row.text(1).unwrap(), cell);
        rows += 1;
    }
    assert_eq!(rows, 20_000);
    // Half a letter at the end.
    let format = Format { encoding, ..format() };
    let told = Reader::new(&b"a\x00\n\x001\x00\n\x00x"[..], "t.csv", format)
        .and_then(|mut reader| {
            while reader.next_row()?.is_some() {}
            Ok(())
        })
        .unwrap_err();
    assert_eq!(
        told.to_string(),
        "can't read `t.csv`: line 3 holds bytes that are not UTF-16LE; set another encoding"
    );
}

/// Text without end: what was read of it is counted.
struct Endless {
    start: &'static [u8],
    again: &'static [u8],
    read: std::rc::Rc<std::cell::Cell<usize>>,
}

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        for byte in into.iter_mut() {
            let place = self.read.get();
            let after = place.wrapping_sub(self.start.len()) % self.again.len();
            *byte = *self.start.get(place).unwrap_or(&self.again[after]);
            self.read.set(place + 1);
        }
        Ok(into.len())
    }
}

#[test]
fn no_row_takes_more_than_a_bound() {
    for (start, again, bound, expected) in [
        (
            &b"a,b\n1,x\n2,\"y\n"[..],
            &b"3,z\n"[..],
            MOST_FIELD,
            "t.csv, line 3, column `b`: a quote opens in this line and is not closed within 1 MiB; close it, or write \
             \"\" for a quote within a text",
        ),
        (
            b"a,b\n1,\"x\ny\",\"",
            b"3,z\n",
            MOST_FIELD,
            "t.csv, line 3: a quote opens in this line and is not closed within 1 MiB; close it, or write \"\" for a \
             quote within a text",
        ),
        (
            b"\"a,b\n",
            b"3,z\n",
            MOST_FIELD,
            "t.csv, line 1: a quote opens in this line and is not closed within 1 MiB; close it, or write \"\" for a \
             quote within a text",
        ),
        (
            b"a,b\n1,",
            b"x",
            MOST_FIELD,
            "t.csv, line 2, column `b`: a field of more than 1 MiB; expected a table of numbers and short texts",
        ),
        (
            b"",
            b"x",
            MOST_FIELD,
            "t.csv, line 1: a field of more than 1 MiB; expected a table of numbers and short texts",
        ),
        (
            b"",
            b"a,",
            2 * MOST_FIELDS,
            "t.csv, line 1: a row of more than 64 MiB or 2097152 fields, which is too large to be one",
        ),
        (
            b"a\n",
            b"0123456789012345678901234567890123456789012345678901234567890123456789,",
            MOST_RECORD * 2,
            "t.csv, line 2: a row of more than 64 MiB or 2097152 fields, which is too large to be one",
        ),
    ] {
        let read = std::rc::Rc::default();
        let endless = Endless { start, again, read: std::rc::Rc::clone(&read) };
        let told = Reader::new(endless, "t.csv", format())
            .and_then(|mut reader| {
                while reader.next_row()?.is_some() {}
                Ok(())
            })
            .unwrap_err();
        assert_eq!(told.to_string(), expected);
        assert!(read.get() < bound + (1 << 18), "{} bytes were read: {expected}", read.get());
    }
}

#[test]
fn messages() {
    for (text, expected) in [
        (&b""[..], "t.csv: it is empty; expected a header with names of columns"),
        (b"\n\n", "t.csv: it is empty; expected a header with names of columns"),
        (
            b"a,\n1,2",
            "t.csv, line 2: column 2 has no name in the header, but holds `2` here; give it a name there",
        ),
        (b"a,a\n1,2", "t.csv, line 1: two columns are named `a`; rename one of them"),
        (
            b"a,\xff\n1,2",
            "t.csv, line 1: the name of column 2 is not UTF-8; save the file as UTF-8, or set the format's encoding, such \
             as Coding::named(\"latin1\")",
        ),
        (
            b"5.1,3.5\n1,2",
            "t.csv, line 1: numbers where names of columns were expected: `5.1, 3.5`; give the file a header",
        ),
        (
            b"a;b\n1;2",
            "t.csv, line 1: only one column, `a;b`; if columns end at another character, set the format's delimiter to ';'",
        ),
        (
            b"a|b\n1|2",
            "t.csv, line 1: only one column, `a|b`; if columns end at another character, set the format's delimiter to '|'",
        ),
        (
            b"a, kg;b, cm;c\n1;2;3",
            "t.csv, line 2: 1 field, but the header has 3; if columns end at another character, set the format's delimiter to ';'",
        ),
        (
            b"a;b, kg;c\n1;2;3",
            "t.csv, line 1: the columns `a;b, kg;c`; if columns end at another character, set the format's delimiter to ';'",
        ),
        (b"a,b\n1,x\n2", "t.csv, line 3: 1 field, but the header has 2"),
        (
            b"# made by a program\na,b\n1,x\n",
            "t.csv, line 2: 2 fields, but the header has 1; if lines that begin with `#` are comments, set the format's comment to '#'",
        ),
        (
            b"a,b\n1,x\n# the end\n",
            "t.csv, line 3: 1 field, but the header has 2; if lines that begin with `#` are comments, set the format's comment to '#'",
        ),
        (b"a,b\n1,\"x\n2,y\n", "t.csv, line 2: a quote opens in this row and is never closed"),
        (b"a,\"b\n1,x\n", "t.csv, line 1: a quote opens in this row and is never closed"),
        (b"a,b\n\"1,x\n2,y\n3,z", "t.csv, line 2: a quote opens in this row and is never closed"),
        (
            b"a,b\n\"1\n\",\"x\n2,y\n3,z",
            "t.csv, line 3: a quote opens in this row and is never closed",
        ),
        (
            b"a,b\n\"1,x\n2,\"y\n3,z",
            "t.csv, line 2: 1 field, but the header has 2; a quote runs on to line 4: is one left open?",
        ),
        (
            b"a,b\n\"0,5\",x",
            "t.csv, line 2, column `a`: expected a number, got the text `0,5`; the decimal sign ',' would make it \
             0.5, with a decimal sign",
        ),
        (
            b"a,b\n?,x",
            "t.csv, line 2, column `a`: expected a number, got the text `?`; add \"?\" to the format's missing if it marks a missing cell",
        ),
        (b"a,b\n1,x,3", "t.csv, line 2: 3 fields, but the header has 2"),
        (b"a,b\n1,x\nno,x", "t.csv, line 3, column `a`: expected a number, got the text `no`"),
        (
            b"a,b\nNaN,x",
            "t.csv, line 2, column `a`: expected a number, got `NaN`; give finite numbers; add \"NaN\" to the \
             format's missing if it marks a missing cell",
        ),
        (
            b"a,b\n-inf,x",
            "t.csv, line 2, column `a`: expected a number, got `-inf`; give finite numbers",
        ),
        (
            b"a,b\n1e999,x",
            "t.csv, line 2, column `a`: expected a number, got `1e999`, which is too large for one",
        ),
        (
            b"a,b\n1,",
            "t.csv, line 2, column `b`: the field is empty; fill it in, or set the format's missing, by which rows with \
             empty fields are skipped",
        ),
        (
            b"a,b\n1,\xff",
            "t.csv, line 2, column `b`: the text is not UTF-8; save the file as UTF-8, or set the format's encoding, such \
             as Coding::named(\"latin1\")",
        ),
        (
            b"a,b\n1,x\n2,y\0",
            "t.csv, line 3: it holds a byte of value 0; if the text is UTF-16 without a mark, set the format's encoding \
             to that of \"utf-16le\" or \"utf-16be\"",
        ),
        (
            b"a\0,\0b\0\n\0",
            "t.csv: its text looks like UTF-16LE without a mark; set the format's encoding to Coding::named(\"utf-16le\")",
        ),
        (b"\0\0\0\0\0\0\0\0", "t.csv: it holds bytes of value 0, so it is no text"),
        (
            b"a,b\r\n1,x\r\n\r\nno,x",
            "t.csv, line 4, column `a`: expected a number, got the text `no`",
        ),
    ] {
        assert_eq!(failure_by(text, format()), expected);
    }
}

/// Parts of a table, and all rows of two columns, or the first error.
#[test]
fn a_table_in_parts() {
    let missing = || Format { missing: Some(vec!["?".into()]), ..format() };
    for (parts, format, expected) in [
        (&["x,y\n1,a\n2,b\n", "x,y\n", "x,y\n3,c\n"][..], format(), "1 a, 2 b, 3 c"),
        // Columns are found by their names, and may be wider apart.
        (
            &["x,y\n1,a\n", "y,,x\nb,,2\n"],
            format(),
            "1 a, 2 b; …: 1 column without a name and without cells left out, the first is column 2",
        ),
        (
            &["x,y\n1,a\n", "x,y\n2,b\n,\n,\n3,c"],
            format(),
            "1 a, 2 b, 3 c; …: 2 rows of nothing but empty fields skipped, the first is …/part-1, line 3",
        ),
        (
            &["x,y\n1,a\n", "x,y\n2,b\nthree,c"],
            format(),
            "…/part-1, line 3, column `x`: expected a number, got the text `three`",
        ),
        (
            &["x,y\n1,a\n", "x,y\n2,b\n3"],
            format(),
            "…/part-1, line 3: 1 field, but the header has 2",
        ),
        (
            &["x,y\n1,a\n", "x,z\n2,b\n"],
            format(),
            "…/part-1, column `y`: there is no such column; expected the columns of `…/part-0`: x, y",
        ),
        (
            &["x,y\n1,a\n", "x,y\n2,b\n", "w,y,x\n2,b,1\n"],
            format(),
            "…/part-2, column `w`: `…/part-0` has no such column; expected the columns of `…/part-0`: x, y",
        ),
        (
            &["x,y\n1,a\n", ""],
            format(),
            "…/part-1: it is empty; expected a header with names of columns",
        ),
        (
            &["x,y\n1,a\n", "1,2\n"],
            format(),
            "…/part-1, line 1: numbers where names of columns were expected: `1, 2`; give the file a header",
        ),
        (
            &["x,y\n1,a\n", "x;y\n2;b\n"],
            format(),
            "…/part-1, line 1: only one column, `x;y`; if columns end at another character, set the format's delimiter to ';'",
        ),
        (
            &["x,y\n1,a\n", "x,y\n\n2,?\n"],
            missing(),
            "1 a; …: 1 row skipped, since a cell is missing, the first in …/part-1, line 3, column `y`",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        for (number, text) in parts.iter().enumerate() {
            std::fs::write(folder.path().join(format!("part-{number}")), text).unwrap();
        }
        let pattern = folder.path().join("part-*").display().to_string();
        let told = rows_of(&pattern, format).unwrap_or_else(|error| error.to_string());
        let here = folder.path().display().to_string();
        assert_eq!(told.replace(&pattern, "…").replace(&here, "…"), expected, "{parts:?}");
    }
}

fn rows_of(pattern: &str, format: Format) -> Result<String, Error> {
    let mut reader = Reader::open_files(Files::named(pattern)?, format)?;
    let (x, y) = (reader.column("x")?, reader.column("y")?);
    let (mut rows, mut tally) = (Vec::new(), Tally::default());
    while let Some(row) = reader.next_row()? {
        match row.first_missing(&[x, y]) {
            Some(missing) => tally.skip(&row, missing),
            None => rows.push(format!("{} {}", row.number(x)?, row.text(y)?)),
        }
    }
    let remarks = reader.remarks().into_iter().chain(tally.remarks(reader.name(), "skipped"));
    Ok(std::iter::once(rows.join(", ")).chain(remarks).collect::<Vec<_>>().join("; "))
}

/// A mix of numbers and texts is told where it shows, and where the other kind was.
#[test]
fn what_a_column_holds_is_decided_by_all_parts() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("a", "x\n1\n2\n"), ("b", "x\n3\nred\n")] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let pattern = folder.path().join("[ab]").display().to_string();
    let mut reader = Reader::open_files(Files::named(&pattern).unwrap(), format()).unwrap();
    let wanted = [Wanted { kind: Kind::Either, ..Wanted::numbers("x") }];
    let told = Table::read(&mut reader, &wanted, 1 << 20).unwrap_err().without_advice().to_string();
    assert_eq!(
        told.replace(&folder.path().display().to_string(), "…"),
        "…/b, line 3, column `x`: expected a number, as in …/a, line 2, got the text `red`"
    );
}
