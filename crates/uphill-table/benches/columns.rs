//! What a column costs: the time to read a table of 10 rows, by its number of columns, and how many times as long twice as
//! many columns take. A cost that grows faster than the table shows as a last number well above 2.
//!
//! `cargo bench -p uphill-table` prints it; tests that run benches print nothing.

#![allow(clippy::print_stdout)] // its work is to print

use std::fmt::Write as _;
use std::io::Cursor;
use std::time::Instant;

use uphill_table::{Format, Reader, Table, Wanted};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    println!("{:>9}  {:>12}  {:>14}  {:>12}", "columns", "ms in all", "ns a column", "once = 1");
    let mut before: Option<(usize, f64)> = None;
    for columns in [1_000, 10_000, 50_000, 100_000, 500_000, 1_000_000] {
        let text = table(columns)?;
        let mut times: Vec<f64> = Vec::new();
        for _ in 0..5 {
            let text = Cursor::new(text.clone());
            let begin = Instant::now();
            let mut reader = Reader::new(text, "bench", Format::default())?;
            let wanted: Vec<Wanted> =
                reader.header().iter().map(|name| Wanted::numbers(name)).collect();
            let table = Table::read(&mut reader, &wanted, 1 << 30)?;
            assert_eq!((table.row_count(), table.columns.len()), (10, columns));
            times.push(begin.elapsed().as_secs_f64());
        }
        times.sort_by(f64::total_cmp);
        let median = times[times.len() / 2];
        let twice = match before {
            Some((half, time)) if columns == 2 * half => format!("{:.2}", median / time),
            _ => String::new(),
        };
        let (ms, each) = (1e3 * median, 1e9 * median / columns as f64);
        println!("{columns:>9}  {ms:>12.2}  {each:>14.0}  {twice:>12}");
        before = Some((columns, median));
    }
    Ok(())
}

/// A header and 10 rows.
fn table(columns: usize) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    for row in 0..=10 {
        for column in 0..columns {
            let end = if column + 1 == columns { '\n' } else { ',' };
            match row {
                0 => write!(text, "column_{column}{end}")?,
                _ => write!(text, "{}.5{end}", (row * column) % 1000)?,
            }
        }
    }
    Ok(text)
}
