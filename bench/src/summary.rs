//! What was to be reached, what was measured, and whether it is: the last thing that a run of benches prints.
//!
//! Tables and workloads leave their least times here under their titles; a figure looks up what it needs, and says so where
//! its workload did not run.

use std::sync::Mutex;

struct Note {
    title: String,
    row: String,
    value: f64,
}

static NOTES: Mutex<Vec<Note>> = Mutex::new(Vec::new());

/// Keeps a figure: seconds, bytes, or a number without unit.
pub fn note(title: &str, row: &str, value: f64) {
    let note = Note { title: title.into(), row: row.into(), value };
    NOTES.lock().expect("nobody panicked").push(note);
}

/// The smallest of the notes whose title and row start like this, and don't hold what is left out.
pub fn best(title: &str, row: &str, without: &[&str]) -> Option<f64> {
    let notes = NOTES.lock().expect("nobody panicked");
    let fits = |note: &&Note| {
        note.title.starts_with(title)
            && note.row.starts_with(row)
            && !without.iter().any(|part| note.row.contains(part))
    };
    notes.iter().filter(fits).map(|note| note.value).reduce(f64::min)
}

/// The note of exactly this title and row.
pub fn find(title: &str, row: &str) -> Option<f64> {
    let notes = NOTES.lock().expect("nobody panicked");
    notes.iter().find(|note| note.title == title && note.row == row).map(|note| note.value)
}

/// The largest of the notes with this title, and its row.
pub fn worst(title: &str) -> Option<(String, f64)> {
    let notes = NOTES.lock().expect("nobody panicked");
    let all = notes.iter().filter(|note| note.title == title);
    all.max_by(|a, b| a.value.total_cmp(&b.value)).map(|note| (note.row.clone(), note.value))
}

/// The note of the largest size with this title and figure, and that size.
pub fn largest(title: &str, figure: &str) -> Option<(usize, f64)> {
    let notes = NOTES.lock().expect("nobody panicked");
    let start = format!("{figure}, at ");
    let sizes = notes.iter().filter(|note| note.title == title).filter_map(|note| {
        let size = note.row.strip_prefix(&start)?.parse().ok()?;
        Some((size, note.value))
    });
    sizes.max_by_key(|&(size, _)| size)
}

pub fn ratio(above: Option<f64>, below: Option<f64>) -> Option<f64> {
    Some(above? / below?)
}

pub fn scaled(value: Option<f64>, factor: f64) -> Option<f64> {
    value.map(|value| value * factor)
}

/// What is due of a figure.
#[derive(Debug, Clone, Copy)]
pub enum Due {
    AtMost(f64),
    AtLeast(f64),
    /// Due at a larger size than was measured: missed if that is too much already, else open.
    AtMostLater(f64),
    /// To be told, not to be reached.
    Told,
}

/// A figure of a workload: what it says, what was measured, what is due.
pub struct Figure {
    pub workload: &'static str,
    pub what: String,
    pub measured: Option<f64>,
    pub due: Due,
}

/// Prints figures as rows of a table for docs/performance.md: all of them, or those of named workloads and what else they
/// measured.
pub fn print(figures: Vec<Figure>, named: &[String]) {
    println!("\n| workload | figure | measured | due | |\n|---|---|---:|---:|---|");
    for Figure { workload, what, measured, due } in figures {
        let is_named = |name: &String| workload.to_lowercase().starts_with(name.as_str());
        if measured.is_none() && !named.is_empty() && !named.iter().any(is_named) {
            continue;
        }
        let number = measured.map_or("not run".into(), |measured| format!("{measured:.3}"));
        let limit = match due {
            Due::AtMost(most) | Due::AtMostLater(most) => format!("≤ {most}"),
            Due::AtLeast(least) => format!("≥ {least}"),
            Due::Told => String::new(),
        };
        let verdict = measured.map_or("", |measured| match due {
            Due::AtMostLater(most) if measured <= most => "open",
            Due::AtMost(most) if measured <= most => "reached",
            Due::AtLeast(least) if measured >= least => "reached",
            Due::Told => "",
            _ => "missed",
        });
        println!("| {workload} | {what} | {number} | {limit} | {verdict} |");
    }
}
