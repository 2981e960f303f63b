//! Times in turns: each round runs every candidate once, so that a slow spell of the machine hits them all.

use std::time::{Duration, Instant};

/// Candidates for one piece of work.
pub struct Table<'a> {
    title: String,
    unit: &'static str,
    /// What a time is divided by.
    per: f64,
    rows: Vec<Row<'a>>,
}

struct Row<'a> {
    name: String,
    work: Box<dyn FnMut() + 'a>,
    calls: u32,
    times: Vec<f64>,
}

impl<'a> Table<'a> {
    /// `per` is what one call is divided by: operations, samples, or 1.
    pub fn new(title: impl Into<String>, unit: &'static str, per: f64) -> Table<'a> {
        Table { title: title.into(), unit, per, rows: Vec::new() }
    }

    /// The first row added is the one that ratios refer to.
    pub fn row(&mut self, name: impl Into<String>, work: impl FnMut() + 'a) {
        let (name, work) = (name.into(), Box::new(work));
        self.rows.push(Row { name, work, calls: 1, times: Vec::new() });
    }

    /// Runs all rows in turns for about this long each, and prints medians and ratios.
    pub fn run(mut self, each: Duration) {
        const ROUNDS: u32 = 15;
        for row in &mut self.rows {
            (row.work)();
            let start = Instant::now();
            (row.work)();
            let once = start.elapsed().max(Duration::from_nanos(20));
            let share = each.as_secs_f64() / f64::from(ROUNDS) / once.as_secs_f64();
            row.calls = (share as u32).clamp(1, 1_000_000);
        }
        for _ in 0..ROUNDS {
            for row in &mut self.rows {
                let start = Instant::now();
                for _ in 0..row.calls {
                    (row.work)();
                }
                row.times.push(start.elapsed().as_secs_f64() / f64::from(row.calls));
            }
        }
        println!("\n{:<58}{:>12}{:>8}", self.title, self.unit, "ratio");
        let mut first = None;
        for row in &mut self.rows {
            row.times.sort_by(f64::total_cmp);
            let median = row.times[row.times.len() / 2] / self.per;
            let base = *first.get_or_insert(median);
            let scale = match self.unit.split(' ').next() {
                Some("ns") => 1e9,
                Some("ms") => 1e3,
                _ => 1.0,
            };
            println!("{:<58}{:>12.3}{:>8.2}", row.name, median * scale, median / base);
        }
    }
}
