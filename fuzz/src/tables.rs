//! Tables: whatever is in the file, each row is read or the error has its line.

use std::io::Cursor;

use uphill_learn::{Division, Preparation, history};
use uphill_nn::Network;
use uphill_table::{Coding, Format, Kind, Reader, Table, Wanted};

/// How the table is written, by a byte that no file begins with by itself.
fn format(choice: u8) -> Format {
    let delimiter = [',', ';', '\t', '|'][usize::from(choice & 3)];
    let (decimal, thousands) = match choice >> 2 & 3 {
        0 => ('.', None),
        1 => (',', Some('.')),
        2 => ('.', Some('\'')),
        _ => (',', None),
    };
    let missing = (choice >> 4 & 1 == 1).then(|| vec!["?".to_owned(), "NA".to_owned()]);
    let comment = (choice >> 5 & 1 == 1).then_some('#');
    let encoding = ["utf-8", "latin1", "utf-16le", "shift_jis"][usize::from(choice >> 6 & 3)];
    let encoding = Coding::named(encoding).expect("an encoding");
    Format { delimiter, decimal, thousands, missing, comment, encoding }
}

/// A table that is read row by row, as a whole, and for a training.
pub(crate) fn table(bytes: &[u8]) {
    let Some((&choice, text)) = bytes.split_first() else { return };
    let reader = || Reader::new(Cursor::new(text.to_vec()), "t.csv", format(choice));
    let Ok(mut rows) = reader() else { return };
    let columns = rows.header().len();
    while let Ok(Some(row)) = rows.next_row() {
        for column in 0..columns {
            let _ = (row.text(column), row.cell(column), row.number(column), row.name(column));
        }
    }
    let _ = rows.remarks();
    let Ok(mut all) = reader() else { return };
    let header = all.header().to_vec();
    let wanted: Vec<Wanted> = header
        .iter()
        .enumerate()
        .map(|(place, name)| Wanted {
            kind: Kind::Either,
            keeps_missing: choice & 1 == 1 && place + 1 != columns,
            is_target: place + 1 == columns,
            ..Wanted::numbers(name)
        })
        .collect();
    // Some in memory, the others in a file.
    let memory = if choice & 2 == 0 { 1 << 20 } else { 64 };
    let Ok(table) = Table::read(&mut all, &wanted, memory) else { return };
    for name in &header {
        let numbers = table.numbers(name).expect("the column is there");
        assert_eq!(numbers.len(), table.row_count());
    }
    let division = Division { test: 0.25, validation: 0.25, seed: 1 };
    let preparation = Preparation { division, fills: true, memory, ..Preparation::default() };
    if let Ok(parts) = preparation.parts(&table, Kind::Either) {
        parts.recipe.check().expect("a recipe that was found is sound");
        let rows = parts.training.len();
        let mut seen = 0;
        let visited = parts.training.visit(0..rows, |_, _, _| {
            seen += 1;
            Ok(())
        });
        assert!(visited.is_ok() && seen == rows);
    }
}

/// The history of a training.
pub(crate) fn history(bytes: &[u8]) {
    let smallest = Network::layered(&[1, 1]).build().expect("a network");
    for network in [None, Some(&smallest)] {
        let cursor = Cursor::new(bytes.to_vec());
        let Ok(mut reader) = Reader::new(cursor, "history.csv", Format::default()) else { return };
        let Ok(rows) = history::read(&mut reader, network) else { continue };
        let mut written = Vec::new();
        history::write(&mut written, &smallest, &rows).expect("rows that were read");
    }
}
