//! Tables as text: what is read, and what is told of what can't be.

use super::Reader;
use crate::error::Error;

fn reader(text: &'static [u8]) -> Result<Reader, Error> {
    Reader::new(text, "t.csv", b',')
}

fn failure(text: &'static [u8]) -> String {
    let read = || {
        let mut reader = reader(text)?;
        while let Some(row) = reader.next_row()? {
            row.number(0)?;
            row.text(1)?;
        }
        Ok::<(), Error>(())
    };
    read().expect_err(&String::from_utf8_lossy(text)).to_string()
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
fn messages() {
    for (text, expected) in [
        (&b""[..], "t.csv: it is empty; expected a header with names of columns"),
        (b"\n\n", "t.csv: it is empty; expected a header with names of columns"),
        (b"\xff\xfea\0,\0b\0", "t.csv: its text is UTF-16; save it as UTF-8"),
        (b"a,\n1,2", "t.csv, line 1: column 2 has no name; give it one"),
        (b"a,a\n1,2", "t.csv, line 1: two columns are named `a`; rename one of them"),
        (b"a,\xff\n1,2", "t.csv, line 1: the name of column 2 is not UTF-8"),
        (
            b"5.1,3.5\n1,2",
            "t.csv, line 1: numbers where names of columns were expected: `5.1, 3.5`; give the file a header",
        ),
        (
            b"a;b\n1;2",
            "t.csv, line 1: only one column, `a;b`; if columns end at another character, give --delimiter ';'",
        ),
        (b"a,b\n1,x\n2", "t.csv, line 3: 1 field, but the header has 2"),
        (b"a,b\n1,\"x\n2,y\n", "t.csv, line 2: a quote opens in this row and is never closed"),
        (b"a,\"b\n1,x\n", "t.csv, line 1: a quote opens in this row and is never closed"),
        (b"a,b\n\"1,x\n2,y\n3,z", "t.csv, line 2: a quote opens in this row and is never closed"),
        (
            b"a,b\n\"1,x\n2,\"y\n3,z",
            "t.csv, line 2: 1 field, but the header has 2; a quote runs on to line 4: is one left open?",
        ),
        (
            b"a,b\n\"0,5\",x",
            "t.csv, line 2, column `a`: expected a number, got the text `0,5`; a decimal point is expected, not a comma",
        ),
        (b"a,b\n1,x,3", "t.csv, line 2: 3 fields, but the header has 2"),
        (b"a,b\n1,x\nno,x", "t.csv, line 3, column `a`: expected a number, got the text `no`"),
        (
            b"a,b\nNaN,x",
            "t.csv, line 2, column `a`: expected a number, got `NaN`; give finite numbers",
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
            "t.csv, line 2, column `b`: the field is empty; fill it in, or leave out the row",
        ),
        (
            b"a,b\n1,\xff",
            "t.csv, line 2, column `b`: the text is not UTF-8; save the file as UTF-8",
        ),
        (
            b"a,b\r\n1,x\r\n\r\nno,x",
            "t.csv, line 4, column `a`: expected a number, got the text `no`",
        ),
    ] {
        assert_eq!(failure(text), expected);
    }
}
