//! Tables as they come, by every command that reads one.
//!
//! Each row of the list is a way in which tables are written: the same numbers as in a plain table, in other signs, with
//! what programs and people leave in files. With the options of the row, every command must do what it does with the
//! plain table; without them it must do so too, or tell what is wrong with file, line, and the option that helps. It
//! never guesses.

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use common::{command, finish};
use uphill_table::{FileKind, Format, Reader, Writer, Written};

/// The table's numbers: some have a fraction, all have thousands.
fn rows() -> Vec<[f64; 2]> {
    (0..12).map(|k| [1000.0 + 250.5 * f64::from(k), 5000.25 + 750.5 * f64::from(k % 5)]).collect()
}

/// Rows between a header and an end, each number as it is written here.
fn written(header: &str, between: &str, end: &str, number: impl Fn(f64) -> String) -> String {
    let rows = rows();
    let rows = rows.iter().map(|row| row.map(&number).join(between) + end);
    format!("{header}{end}{}", rows.collect::<String>())
}

fn plain(number: f64) -> String {
    format!("{number}")
}

/// With these signs for thousands and for the decimal point.
fn signed(thousands: &'static str, decimal: &'static str) -> impl Fn(f64) -> String {
    move |number| {
        let (whole, fraction) = (number.trunc(), number.fract());
        let fraction = format!("{fraction}").replace("0.", decimal).replace('0', "");
        format!("{}{thousands}{:03}{fraction}", (whole / 1000.0).floor(), whole % 1000.0)
    }
}

/// A way to write the table.
struct Dirty {
    name: &'static str,
    bytes: Vec<u8>,
    /// The options that say so.
    options: &'static [&'static str],
    /// With fewer options, and a part of what is told; none if all goes well without them.
    told: Option<(&'static [&'static str], &'static str)>,
}

fn dirty(
    name: &'static str,
    text: impl Into<Vec<u8>>,
    options: &'static [&'static str],
    told: Option<(&'static [&'static str], &'static str)>,
) -> Dirty {
    Dirty { name, bytes: text.into(), options, told }
}

/// The plain table with another text in it.
fn changed(line: usize, text: &str) -> String {
    let table = written("x,y", ",", "\n", plain);
    let mut lines: Vec<&str> = table.lines().collect();
    lines.insert(line, text);
    lines.join("\n") + "\n"
}

fn utf16(text: &str, mark: &[u8]) -> Vec<u8> {
    mark.iter().copied().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

/// The table as a file of columns; none if the command was built without these.
fn in_columns(kind: FileKind) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let columns = ["x", "y"].map(|name| (name.to_owned(), Written::Numbers));
    let mut writer = Writer::new(&mut bytes, "t", kind, &columns).ok()?;
    for row in rows() {
        row.into_iter().for_each(|number| writer.number(Some(number)));
        writer.end_row().unwrap();
    }
    writer.finish().unwrap();
    Some(bytes)
}

const SEMICOLON: &[&str] = &["--delimiter", ";"];

fn all() -> Vec<Dirty> {
    let plain_text = written("x,y", ",", "\n", plain);
    let quoted = |sign| move |x| format!("\"{}\"", signed(sign, ".")(x));
    let mut all = vec![
        dirty(
            "decimal commas",
            written("x;y", ";", "\n", |x| plain(x).replace('.', ",")),
            &["--delimiter", ";", "--decimal", ","],
            Some((SEMICOLON, "--decimal , reads it as")),
        ),
        dirty(
            "decimal commas in quotes",
            written("x,y", ",", "\n", |x| format!("\"{}\"", plain(x).replace('.', ","))),
            &["--decimal", ","],
            Some((&[], "--decimal , reads it as")),
        ),
        dirty(
            "thousands",
            written("x,y", ",", "\n", quoted(",")),
            &["--thousands", ","],
            Some((&[], "--thousands , reads it as")),
        ),
        dirty(
            "thousands by points",
            written("x;y", ";", "\n", signed(".", ",")),
            &["--delimiter", ";", "--decimal", ",", "--thousands", "."],
            Some((SEMICOLON, "--decimal , and --thousands . reads it as")),
        ),
        dirty(
            "thousands by points, half told",
            written("x;y", ";", "\n", signed(".", ",")),
            &["--delimiter", ";", "--decimal", "comma", "--thousands", "point"],
            Some((&["--delimiter", ";", "--decimal", ","], "--thousands . reads it as")),
        ),
        dirty(
            "thousands by spaces",
            written("x,y", ",", "\n", signed("\u{a0}", ".")),
            &["--thousands", "space"],
            Some((&[], "--thousands space reads it as")),
        ),
        dirty(
            "thousands by apostrophes",
            written("x,y", ",", "\n", signed("\u{2019}", ".")),
            &["--thousands", "'"],
            Some((&[], "--thousands apostrophe reads it as")),
        ),
        dirty(
            "tabs",
            plain_text.replace(',', "\t"),
            &["--delimiter", "tab"],
            Some((&[], "--delimiter tab")),
        ),
        dirty(
            "bars",
            plain_text.replace(',', "|"),
            &["--delimiter", "|"],
            Some((&[], "--delimiter '|'")),
        ),
        dirty(
            "semicolons",
            plain_text.replace(',', ";"),
            SEMICOLON,
            Some((
                &[],
                "line 1: only one column, `x;y`; if columns end at another character, give --delimiter ';'",
            )),
        ),
        dirty("returns and line ends", plain_text.replace('\n', "\r\n"), &[], None),
        dirty("returns", plain_text.replace('\n', "\r"), &[], None),
        dirty("a mark", format!("\u{feff}{plain_text}"), &[], None),
        dirty("UTF-16 with a mark", utf16(&plain_text, b"\xff\xfe"), &[], None),
        dirty(
            "UTF-16",
            utf16(&plain_text, b""),
            &["--encoding", "utf-16"],
            Some((&[], "UTF-16LE without a mark; give --encoding utf-16le")),
        ),
        dirty(
            "Latin-1",
            [&b"x,y,\xfc\n"[..], &written("", ",", ",1\n", plain).as_bytes()[3..]].concat(),
            &["--encoding", "latin1"],
            Some((&[], "such as --encoding latin1")),
        ),
        dirty(
            "unnamed columns",
            written("x,y,,", ",", ",,\n", plain).replacen(",,,,", ",,", 1),
            &[],
            None,
        ),
        dirty(
            "fields beyond",
            written("x,y", ",", ",,\n", plain).replacen("y,,", "y", 1),
            &[],
            None,
        ),
        dirty("rows of nothing", changed(3, ",\n , \n\n\"\",\"\""), &[], None),
        dirty("rows of nothing first", format!(",\n{plain_text},\n"), &[], None),
        dirty(
            "comments",
            format!("# by a program, 2024\n{}", changed(5, "# \"half")),
            &["--comment", "#"],
            Some((&[], "")),
        ),
        dirty(
            "comments at the end",
            changed(13, "# the end"),
            &["--comment", "#"],
            Some((
                &[],
                "line 14: 1 field, but the header has 2; if lines that begin with `#` are comments",
            )),
        ),
    ];
    for (name, kind) in [("Parquet", FileKind::Parquet), ("Arrow", FileKind::Arrow)] {
        all.extend(in_columns(kind).map(|bytes| dirty(name, bytes, &[], None)));
    }
    // In the first row or later, in one column or the other.
    for (name, line, row, mark, told) in [
        ("?, first", 1, "?,3000", "?", "line 2, column `x`"),
        ("?, later", 6, "7,?", "?", "line 7, column `y`"),
        ("NA", 1, "3,NA", "NA,?", "line 2, column `y`"),
        ("NaN", 9, "NaN,3", "NaN", "line 10, column `x`"),
        ("a dash", 1, "-,1", "-", "line 2, column `x`"),
        ("a word", 4, "1,many", "many", "line 5, column `y`"),
        (
            "empty",
            1,
            ",1",
            "",
            "line 2, column `x`: the field is empty; fill it in, or give --missing ''",
        ),
        ("empty in quotes", 12, "1,\"\"", "", "line 13, column `y`: the field is empty"),
        ("two of them", 2, "NA,1\n?,?", "?,NA", "line 3, column `x`"),
        ("-200", 7, "-200,1\n-200.0,2", "-200", ""),
    ] {
        let options: &[&str] = vec!["--missing", mark].leak();
        let told = (!told.is_empty()).then_some((&[][..], told));
        all.push(dirty(name, changed(line, row), options, told));
    }
    all
}

/// The commands; `t.csv` is the table, `m.json` a model trained on the plain one.
const COMMANDS: &[&[&str]] = &[
    &["train", "t.csv", "--target", "y", "--inputs", "x", "--changes", "3", "--test", "0"],
    &["fit", "y = a + b*x", "--data", "t.csv", "--start", "a=0,b=1", "--json"],
    &["grad", "P = k*x*y", "--data", "t.csv", "--at", "k=2"],
    &["check", "P = k*x*y", "--data", "t.csv", "--at", "k=2", "--json"],
    &["predict", "m.json", "t.csv"],
    &["evaluate", "m.json", "t.csv"],
    &["check", "--model", "m.json", "--data", "t.csv", "--json"],
    &["plot", "fit", "y = a + b*x", "--data", "t.csv", "--start", "a=0,b=1", "--format", "svg"],
    &["view", "--model", "m.json", "--data", "t.csv", "--row", "2"],
];

/// What a command prints, for a table in a folder, or what it says is wrong. Answers to rows with missing cells are left
/// out, as the plain table has none of these.
fn outcome(folder: &Path, line: &[&str], options: &[&str]) -> Result<String, String> {
    let mut command = command(folder);
    command.args(line).args(options).arg("--quiet");
    let done = finish(command, b"");
    let error = String::from_utf8(done.stderr).unwrap();
    match done.status.code() {
        Some(0) => {
            assert_eq!(error, "", "{line:?}");
            let out = String::from_utf8(done.stdout).unwrap();
            let is_answer = |line: &&str| {
                line.split([',', ';', '\t', '|']).any(|cell| !matches!(cell, "" | "\"\"" | "NaN"))
            };
            let text: Vec<String> = out.lines().filter(is_answer).map(ToOwned::to_owned).collect();
            Ok(text.join("\n"))
        }
        Some(1 | 2) if out_is_partial(line) || done.stdout.is_empty() => Err(error),
        other => panic!("{line:?}: exit code {other:?}: {error}"),
    }
}

/// Whether rows are answered as they come, so that answers come before an error.
fn out_is_partial(line: &[&str]) -> bool {
    matches!(line[0], "grad" | "predict")
}

#[test]
fn every_command_reads_every_table() {
    let (clean, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(clean.path().join("t.csv"), written("x,y", ",", "\n", plain)).unwrap();
    let line =
        ["train", "t.csv", "--target", "y", "--changes", "3", "--test", "0", "--save", "m.json"];
    outcome(clean.path(), &line, &[]).unwrap();
    fs::copy(clean.path().join("m.json"), folder.path().join("m.json")).unwrap();
    let expected: Vec<_> =
        COMMANDS.iter().map(|line| outcome(clean.path(), line, &[]).unwrap()).collect();
    let mut wrong = String::new();
    for Dirty { name, bytes, options, told } in all() {
        fs::write(folder.path().join("t.csv"), &bytes).unwrap();
        // The target alone: what is computed from inputs does not see it.
        let is_of_target = told.is_some_and(|(_, told)| told.contains("`y`"));
        for (line, expected) in COMMANDS.iter().zip(&expected) {
            if line[0] == "predict" && is_of_target {
                continue;
            }
            // Answers are written as the table is.
            let same = |found: &str| {
                let is_comma = options.contains(&"--decimal");
                let plain = || found.replace('"', "").replace(',', ".");
                found == *expected || line[0] == "predict" && is_comma && plain() == *expected
            };
            match outcome(folder.path(), line, options) {
                Ok(found) if same(&found) => {}
                other => {
                    let _ = writeln!(wrong, "{name}, with options: {line:?}: {other:?}");
                }
            }
            let fewer = told.map_or(&[][..], |(options, _)| options);
            match (told, outcome(folder.path(), line, fewer)) {
                (None, Ok(found)) if !options.is_empty() || same(&found) => {}
                (Some((_, told)), Err(error))
                    if error.contains(told) && error.contains("t.csv") => {}
                (_, other) => {
                    let _ = writeln!(wrong, "{name}, without options: {line:?}: {other:?}");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A table in parts, named by a pattern, does what the same rows in one file do, in the order of the parts' names.
#[test]
fn every_command_reads_parts() {
    let (clean, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let table = written("x,y", ",", "\n", plain);
    fs::write(clean.path().join("t.csv"), &table).unwrap();
    let line =
        ["train", "t.csv", "--target", "y", "--changes", "3", "--test", "0", "--save", "m.json"];
    outcome(clean.path(), &line, &[]).unwrap();
    fs::copy(clean.path().join("m.json"), folder.path().join("m.json")).unwrap();
    let rows: Vec<&str> = table.lines().skip(1).collect();
    // `t-10` comes before `t-2`; the columns of one part are in another order.
    let parts =
        [("t-1", &rows[..5]), ("t-10", &rows[5..5]), ("t-2", &rows[5..6]), ("t-3", &rows[6..])];
    for (name, rows) in parts {
        let text = match name {
            "t-2" => {
                let (x, y) = rows[0].split_once(',').unwrap();
                format!("y,x\n{y},{x}\n")
            }
            _ => format!("x,y\n{}\n", rows.join("\n")),
        };
        fs::write(folder.path().join(name), text).unwrap();
    }
    let in_parts = |line: &[&'static str]| -> Vec<&str> {
        line.iter().map(|&word| if word == "t.csv" { "t-*" } else { word }).collect()
    };
    for line in COMMANDS {
        let expected = outcome(clean.path(), line, &[]).unwrap();
        let found = outcome(folder.path(), &in_parts(line), &[]);
        // The table's name stands in titles.
        assert_eq!(found.map(|text| text.replace("t-*", "t.csv")), Ok(expected), "{line:?}");
    }
    for (text, told) in [
        (
            "x,z\n1,2\n",
            "t-4, column `y`: there is no such column; expected the columns of `t-1`: x, y",
        ),
        ("x,y\n1,2\n3,many\n", "t-4, line 3, column `y`: expected a number, "),
    ] {
        fs::write(folder.path().join("t-4"), text).unwrap();
        for line in COMMANDS {
            // What predicts looks at the inputs alone.
            match outcome(folder.path(), &in_parts(line), &[]) {
                Err(error) if error.contains(told) => {}
                Ok(_) if line[0] == "predict" && told.contains("line") => {}
                other => panic!("{line:?}: {other:?}"),
            }
        }
    }
    fs::remove_file(folder.path().join("t-4")).unwrap();
    // No answer takes the place of a part.
    let line = ["predict", "m.json", "t-*", "--out", "t-2", "--force"];
    let error = outcome(folder.path(), &line, &[]).unwrap_err();
    assert!(error.contains("`t-2` is the table, which is read"), "{error}");
    let error = outcome(folder.path(), &["predict", "m.json", "u-*"], &[]).unwrap_err();
    assert!(error.contains("can't read `u-*`: no file's name matches this pattern"), "{error}");
}

/// Answers as Parquet and Arrow are those of CSV, with the table's own columns as it has them; without the feature it is told.
#[test]
fn answers_in_columns() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("t.csv"), written("x,y", ",", "\n", plain)).unwrap();
    let classes = "x,k,c\n1,a,red\n2,b,blue\n3,a,red\n4,b,blue\n";
    fs::write(folder.path().join("c.csv"), classes).unwrap();
    for (table, target) in [("t.csv", "y"), ("c.csv", "c")] {
        let model = format!("{table}.json");
        let line =
            ["train", table, "--target", target, "--changes", "3", "--test", "0", "--save", &model];
        outcome(folder.path(), &line, &[]).unwrap();
        let expected =
            outcome(folder.path(), &["predict", &model, table, "--with-table"], &[]).unwrap();
        for (out, kind) in [("p.parquet", FileKind::Parquet), ("p.arrow", FileKind::Arrow)] {
            let line = ["predict", &model, table, "--with-table", "--out", out, "--force"];
            let done = outcome(folder.path(), &line, &[]);
            if in_columns(kind).is_none() {
                let error = done.unwrap_err();
                assert!(error.contains("build it with the feature `parquet`"), "{error}");
                continue;
            }
            assert_eq!(done.unwrap(), "");
            let mut reader = Reader::open(folder.path().join(out), Format::default()).unwrap();
            let mut found = reader.header().join(",");
            while let Some(row) = reader.next_row().unwrap() {
                let cells: Vec<String> =
                    row.fields().map(|cell| String::from_utf8(cell.to_vec()).unwrap()).collect();
                found += &format!("\n{}", cells.join(","));
            }
            // Of a number the texts may differ, such as 1 and 1.0.
            let numbers = |text: &str| {
                let cell =
                    |cell: &str| cell.parse().map_or(cell.to_owned(), |x: f64| format!("{x:?}"));
                text.split([',', '\n']).map(cell).collect::<Vec<_>>()
            };
            assert_eq!(numbers(&found), numbers(&expected), "{out}");
        }
        let line = ["predict", &model, table, "--json", "--out", "p.parquet", "--force"];
        let error = outcome(folder.path(), &line, &[]).unwrap_err();
        assert!(error.contains("--json is written as text"), "{error}");
    }
}

/// A cell that is no number is told wherever it stands: never does the first row decide alone.
#[test]
fn no_order_of_rows_makes_categories_of_numbers() {
    let folder = tempfile::tempdir().unwrap();
    for (cell, told) in [
        ("?", "--missing '?' takes it as a missing cell"),
        ("NaN", "--missing NaN takes it as a missing cell"),
        ("\"1,250\"", "--thousands , reads it as 1250"),
        ("\"0,5\"", "--decimal , reads it as 0.5"),
        ("many", "--category x takes all cells as text"),
    ] {
        for place in 0..6 {
            let mut cells = vec!["1", "2.5", "3", "4e1", "-5"];
            cells.insert(place, cell);
            let rows = cells.iter().enumerate().map(|(row, cell)| format!("{cell},{row}\n"));
            fs::write(folder.path().join("t.csv"), format!("x,y\n{}", rows.collect::<String>()))
                .unwrap();
            let error = outcome(folder.path(), &["train", "t.csv", "--target", "y"], &[]);
            let error = error.unwrap_err();
            let line = format!("t.csv, line {}, column `x`: expected a number", place + 2);
            assert!(error.contains(&line) && error.contains(told), "{error}");
        }
    }
}

/// Missing inputs get the mean of the training rows, whether these fit into memory or not.
#[test]
fn means_fill_missing_cells() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("t.csv"), "x,k,y\n1,a,1\n?,b,2\n3,?,3\n8,a,4\n4,a,?\n").unwrap();
    let mut models = Vec::new();
    for memory in ["256MiB", "0"] {
        let line =
            ["train", "t.csv", "--target", "y", "--test", "0", "--changes", "3", "--save", "-"];
        let options = ["--missing", "?", "--fill", "mean", "--memory", memory];
        let mut command = command(folder.path());
        command.args(line).args(options);
        let done = finish(command, b"");
        assert!(done.status.success());
        models.push(String::from_utf8(done.stdout).unwrap());
    }
    assert_eq!(models[0], models[1]);
    let model: serde_json::Value = serde_json::from_str(&models[0]).unwrap();
    let inputs = &model["content"]["table"]["inputs"];
    assert_eq!(inputs[0]["number"]["fill"], 4.0);
    let shares = &inputs[1]["categories"]["fill"];
    assert_eq!((&shares[0], &shares[1]), (&(2.0 / 3.0).into(), &(1.0 / 3.0).into()));
}
