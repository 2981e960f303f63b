//! A report as text: a headline, the worst entries in aligned columns, a line on the rest, and a line for each kink.
//!
//! Names stand to the left of their column, numbers to the right.

use std::fmt::Write;

use super::number::{ten_digits, two_digits};
use super::{Entry, Report, Verdict};

pub(super) fn table(report: &Report, rows: usize) -> String {
    let mut text = headline(report);
    let shown = &report.entries[..rows.min(report.entries.len())];
    let with_points = report.points.len() > 1;
    let mut header = vec!["entry", "verdict", "computed", "expected"];
    header.extend(["absolute", "relative", "ulps", "oracle ±"]);
    if with_points {
        header.insert(1, "point");
    }
    let cells: Vec<Vec<String>> = shown.iter().map(|entry| cells(entry, with_points)).collect();
    if !cells.is_empty() {
        let names = if with_points { [0, 2] } else { [0, 1] };
        write_aligned(&mut text, &header, &cells, names);
    }
    let rest = &report.entries[shown.len()..];
    if !rest.is_empty() {
        let _ = write!(text, "\n  … {}", summary(rest, "more "));
    }
    for entry in shown {
        if let Verdict::Kink { left, right } = entry.verdict {
            let _ = write!(text, "\n  {}", kink(report, entry, left, right));
        }
    }
    text
}

fn headline(report: &Report) -> String {
    let outcome = if report.passed() { "pass" } else { "FAIL" };
    let tolerance = two_digits(report.tolerance);
    let entries = match report.entries.len() {
        0 => "nothing to compare".to_owned(),
        _ => summary(&report.entries, ""),
    };
    format!("{outcome}: {}: {entries} (relative tolerance {tolerance})", report.title)
}

/// `1 disagrees, 94 agree`.
fn summary(entries: &[Entry], more: &str) -> String {
    let count = |rank: u8| entries.iter().filter(|entry| entry.verdict.rank() == rank).count();
    let words = [
        (0, "disagrees", "disagree"),
        (1, "is not finite", "are not finite"),
        (2, "is unreliable", "are unreliable"),
        (3, "lies at a kink", "lie at kinks"),
        (4, "agrees", "agree"),
    ];
    let mut more = more;
    let parts = words.into_iter().filter_map(|(rank, one, many)| {
        let count = count(rank);
        let word = if count == 1 { one } else { many };
        (count > 0).then(|| format!("{count} {}{word}", std::mem::take(&mut more)))
    });
    parts.collect::<Vec<_>>().join(", ")
}

fn cells(entry: &Entry, with_point: bool) -> Vec<String> {
    let verdict = match entry.verdict {
        Verdict::Agrees => "agrees",
        Verdict::Disagrees => "disagrees",
        Verdict::Kink { .. } => "kink",
        Verdict::Unreliable => "unreliable",
        Verdict::NotFinite => "not finite",
    };
    let ulps = match entry.ulps {
        None => "–".to_owned(),
        Some(ulps) if ulps < 1_000_000 => ulps.to_string(),
        Some(ulps) => format!("{:.1e}", ulps as f64),
    };
    let mut cells = vec![
        entry.name.clone(),
        verdict.to_owned(),
        ten_digits(entry.computed),
        ten_digits(entry.expected),
        two_digits(entry.absolute),
        two_digits(entry.relative),
        ulps,
        two_digits(entry.oracle_error),
    ];
    if with_point {
        cells.insert(1, entry.point.saturating_add(1).to_string());
    }
    cells
}

/// `kink at input w3: left −1, right 1; rule gives 0 (abs(w3) switches here)`.
fn kink(report: &Report, entry: &Entry, left: f64, right: f64) -> String {
    let [left, right, rule] = [left, right, entry.computed].map(ten_digits);
    let point = match report.points.len() {
        0 | 1 => String::new(),
        _ => format!(" of point {}", entry.point.saturating_add(1)),
    };
    let switch = match &entry.switch {
        Some(switch) => format!(" ({switch} switches here)"),
        None => String::new(),
    };
    let input = &entry.input;
    format!("kink at input {input}{point}: left {left}, right {right}; rule gives {rule}{switch}")
}

fn write_aligned(text: &mut String, header: &[&str], rows: &[Vec<String>], names: [usize; 2]) {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([header[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let header: Vec<String> = header.iter().map(|&title| title.to_owned()).collect();
    for row in std::iter::once(&header).chain(rows) {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
            if names.contains(&column) {
                format!("{cell:<width$}")
            } else {
                format!("{cell:>width$}")
            }
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        let _ = write!(text, "\n  {}", line.trim_end());
    }
}
