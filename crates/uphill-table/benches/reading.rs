//! How quickly tables of numbers are read: megabytes a second of CSV, beside what the crate `csv` reaches with the same
//! numbers parsed by the standard library, and rows a second of Parquet in ten parts; and the most memory that was used.
//!
//! `cargo bench -p uphill-table --bench reading --features parquet` prints it, for a million rows or as many as are given
//! behind `--`, by processor seconds; tests that run benches print nothing.

#![allow(clippy::print_stdout)] // its work is to print

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;
use std::time::Instant;

use uphill_table::{FileKind, Files, Format, Reader, Table, Wanted, Writer, Written};

const COLUMNS: [&str; 4] = ["a", "b", "c", "y"];
const PARTS: usize = 10;
const MEMORY: u64 = 64 << 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    if !arguments.any(|argument| argument == "--bench") {
        return Ok(());
    }
    let given = std::env::args().find_map(|argument| argument.parse().ok());
    let rows: usize = given.unwrap_or(1_000_000);
    let folder = tempfile::tempdir()?;
    // Parquet first, so that the most memory is its own: the buffers of CSV are smaller, but the store is the same.
    parquet(folder.path(), rows)?;
    csv(folder.path(), rows.min(2_000_000))?;
    Ok(())
}

fn number(row: usize, column: usize) -> f64 {
    ((row * 7919 + column * 104_729) % 1_000_003) as f64 / 1024.0 - 300.0
}

fn wanted() -> Vec<Wanted> {
    COLUMNS.iter().map(|name| Wanted::numbers(name)).collect()
}

fn parquet(folder: &Path, rows: usize) -> Result<(), Box<dyn std::error::Error>> {
    let columns = COLUMNS.map(|name| (name.to_owned(), Written::Numbers));
    for part in 0..PARTS {
        let name = format!("part-{part}.parquet");
        let mut file = BufWriter::new(File::create(folder.join(&name))?);
        let Ok(mut writer) = Writer::new(&mut file, &name, FileKind::Parquet, &columns) else {
            println!("Parquet: built without it");
            return Ok(());
        };
        for row in part * rows / PARTS..(part + 1) * rows / PARTS {
            (0..COLUMNS.len()).for_each(|column| writer.number(Some(number(row, column))));
            writer.end_row()?;
        }
        writer.finish()?;
    }
    let begin = Clock::now();
    let files = Files::named(&folder.join("part-*.parquet").display().to_string())?;
    let mut reader = Reader::open_files(files, Format::default())?;
    let table = Table::read(&mut reader, &wanted(), MEMORY)?;
    let time = begin.seconds();
    assert_eq!(table.row_count(), rows);
    println!(
        "Parquet, {rows} rows of {} numbers in {PARTS} files: {:.2} s, {:.1} million rows a second; most memory {}",
        COLUMNS.len(),
        time,
        rows as f64 / time / 1e6,
        most_memory()
    );
    Ok(())
}

fn csv(folder: &Path, rows: usize) -> Result<(), Box<dyn std::error::Error>> {
    let mut text = COLUMNS.join(",") + "\n";
    for row in 0..rows {
        for column in 0..COLUMNS.len() {
            let end = if column + 1 == COLUMNS.len() { '\n' } else { ',' };
            write!(text, "{}{end}", number(row, column))?;
        }
    }
    let path = folder.join("t.csv");
    fs::write(&path, &text)?;
    let megabytes = text.len() as f64 / 1e6;
    drop(text);
    let mut best = [f64::INFINITY; 2];
    for _ in 0..3 {
        let begin = Clock::now();
        let mut reader = Reader::open(&path, Format::default())?;
        let table = Table::read(&mut reader, &wanted(), MEMORY)?;
        assert_eq!(table.row_count(), rows);
        best[0] = best[0].min(begin.seconds());
        let begin = Clock::now();
        let mut reader = csv::Reader::from_path(&path)?;
        let (mut record, mut sum) = (csv::StringRecord::new(), 0.0);
        while reader.read_record(&mut record)? {
            for field in &record {
                sum += field.parse::<f64>()?;
            }
        }
        assert!(sum.is_finite());
        best[1] = best[1].min(begin.seconds());
    }
    println!(
        "CSV, {rows} rows, {megabytes:.0} MB: {:.0} MB/s; the crate csv with its numbers parsed: {:.0} MB/s",
        megabytes / best[0],
        megabytes / best[1]
    );
    Ok(())
}

/// Processor seconds of this process where the system tells, else seconds: others may be at work.
struct Clock {
    processor: Option<f64>,
    begin: Instant,
}

impl Clock {
    fn now() -> Clock {
        Clock { processor: Clock::processor(), begin: Instant::now() }
    }

    fn seconds(&self) -> f64 {
        match (self.processor, Clock::processor()) {
            (Some(before), Some(now)) => now - before,
            _ => self.begin.elapsed().as_secs_f64(),
        }
    }

    /// User and system time of Linux, in its hundredths of seconds.
    fn processor() -> Option<f64> {
        let text = fs::read_to_string("/proc/self/stat").ok()?;
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
        Some(ticks / 100.0)
    }
}

/// The most memory that this process has used, where the system tells.
fn most_memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or("unknown".into(), |line| line.trim().to_owned())
}
