use std::path::PathBuf;

use crate::{Files, Format, Kind, LeftOut, Part, Reader, Stretch, Wanted, stretches};

/// Two files whose columns stand in another order, with rows that are left out.
fn files(folder: &tempfile::TempDir) -> Files {
    let text = |names: &str, row: &dyn Fn(usize) -> String| {
        let rows: Vec<String> = (0..9).map(row).collect();
        format!("{names},\n{}", rows.concat())
    };
    let files = [
        ("a.csv", text("x,y", &|row| format!("{row},a{row},\n{}", ["", ",,\n"][row % 2]))),
        ("b.csv", text("y,x", &|row| format!("b{row},{},{}\r\n", 10 * row, ["", ","][row % 2]))),
    ];
    let paths = files.iter().map(|(name, text)| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    });
    Files::listed("parts", paths.collect()).unwrap()
}

/// Each row with its place, and what was left out.
fn rows(reader: &mut Reader) -> (Vec<String>, LeftOut) {
    let mut rows = Vec::new();
    while let Some(row) = reader.next_row().unwrap() {
        let file = row.place().part.map(PathBuf::from).unwrap();
        let file = file.file_name().unwrap().display().to_string();
        rows.push(format!("{file} {}: {:?}", row.position(), [row.text(0), row.text(1)]));
    }
    (rows, reader.left_out())
}

#[test]
fn all_stretches_together_have_the_rows_of_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(&folder);
    let whole = rows(&mut Reader::open_files(files.clone(), Format::default()).unwrap());
    assert_eq!(whole.0.len(), 18);
    let size = |path: &PathBuf| (std::fs::metadata(path).unwrap().len(), true);
    let sizes: Vec<(u64, bool)> = files.paths().iter().map(size).collect();
    for readers in 1..=60 {
        let (mut together, mut left_out) = (Vec::new(), LeftOut::default());
        let mut lines = vec![0; sizes.len()];
        for reader in 0..readers {
            let mut own = stretches(&sizes, reader, readers);
            let look = |stretch: &Stretch| stretch.look(&files.paths()[stretch.file]).unwrap();
            let looks: Vec<(u64, u64)> = own.iter().map(look).collect();
            let mut before = own.first().map_or(0, |first| lines[first.file]);
            own.iter().zip(&looks).for_each(|(stretch, look)| lines[stretch.file] += look.0);
            if let (Some(first), Some(look)) = (own.first_mut(), looks.first()) {
                let skipped = Stretch { file: first.file, bytes: first.bytes.start..look.1 };
                before += skipped.look(&files.paths()[first.file]).unwrap().0;
                first.bytes.start = look.1;
            }
            own.retain(|stretch| !stretch.bytes.is_empty());
            let mut reader =
                Reader::open_stretches(&files, Format::default(), &own, before).unwrap();
            let (more, left) = rows(&mut reader);
            together.extend(more);
            left_out.add(left);
        }
        assert_eq!((&together, &left_out), (&whole.0, &whole.1), "{readers} readers");
    }
}

#[test]
fn what_one_part_has_as_numbers_and_another_as_texts_names_both_files() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(&folder);
    std::fs::write(&files.paths()[1], "y,x\nb,\nb,red\n").unwrap();
    let wanted = [Wanted { kind: Kind::Either, keeps_missing: true, ..Wanted::numbers("x") }];
    let format = Format { missing: Some(Vec::new()), ..Format::default() };
    let part = |file: usize| {
        let own = [Stretch { file, bytes: 0..1 << 20 }];
        let mut reader = Reader::open_stretches(&files, format.clone(), &own, 0).unwrap();
        let mut part = Part::new(&wanted, 1 << 20);
        part.read(&mut reader).unwrap();
        (part, reader)
    };
    for (one, other) in [(0, 1), (1, 0)] {
        let ((mut one, reader), (other, _)) = (part(one), part(other));
        let error = one.learn(other.findings(), &reader).unwrap_err().to_string();
        let error = error.replace(&format!("{}/", folder.path().display()), "");
        let expected =
            "b.csv, line 3, column `x`: expected a number, as in a.csv, line 2, got the text `red`";
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn a_file_that_is_not_there_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let own = [Stretch { file: 2, bytes: 0..9 }];
    let error = Reader::open_stretches(&files(&folder), Format::default(), &own, 0).unwrap_err();
    assert_eq!(error.to_string(), "can't read `parts`: the table has no file 3 to be read");
}

#[test]
#[cfg(feature = "parquet")]
fn what_is_no_text_is_read_as_a_whole_or_not_at_all() {
    use crate::{FileKind, Writer, Written};

    let folder = tempfile::tempdir().unwrap();
    for (kind, name) in [(FileKind::Parquet, "t.parquet"), (FileKind::Arrow, "t.arrow")] {
        let path = folder.path().join(name);
        let mut file = std::fs::File::create(&path).unwrap();
        let columns = [("x".to_owned(), Written::Numbers)];
        let mut writer = Writer::new(&mut file, name, kind, &columns).unwrap();
        for x in [1.5, 2.5] {
            writer.number(Some(x));
            writer.end_row().unwrap();
        }
        writer.finish().unwrap();
        let size = std::fs::metadata(&path).unwrap().len();
        assert!(!Stretch::can_cut(&path, &Format::default()).unwrap());
        let files = Files::listed("parts", vec![path]).unwrap();
        for (bytes, expected) in
            [(0..size, Some(2)), (0..0, Some(0)), (0..size - 1, None), (1..size, None)]
        {
            let own = [Stretch { file: 0, bytes: bytes.clone() }];
            let reader = Reader::open_stretches(&files, Format::default(), &own, 0);
            match (reader, expected) {
                (Ok(mut reader), Some(count)) => {
                    let mut found = 0;
                    while reader.next_row().unwrap().is_some() {
                        found += 1;
                    }
                    assert_eq!(found, count, "{name}, {bytes:?}");
                }
                (Err(error), None) => {
                    let error = error.to_string();
                    assert!(
                        error.ends_with("only CSV can be cut into stretches; read the file whole"),
                        "{error}"
                    );
                }
                (reader, _) => panic!("{name}, {bytes:?}: {reader:?}"),
            }
        }
    }
}
