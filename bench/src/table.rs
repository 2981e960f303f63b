//! Times in turns: each round runs every candidate once, so that a slow spell of the machine hits them all.

use std::time::{Duration, Instant};

use crate::summary;

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
    /// What its time is divided by, besides.
    times_over: f64,
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
        self.row_over(name, 1.0, work);
    }

    /// A row each of whose calls does the work so many times over.
    pub fn row_over(&mut self, name: impl Into<String>, times_over: f64, work: impl FnMut() + 'a) {
        let (name, work) = (name.into(), Box::new(work));
        self.rows.push(Row { name, work, times_over, calls: 1, times: Vec::new() });
    }

    /// Runs all rows in turns, for about this long each; prints medians and the least times, each with ratios, and keeps
    /// the least for the summary: a busy machine disturbs those less.
    ///
    /// A turn is a millisecond's worth of calls, and at least one.
    pub fn run(mut self, each: Duration) {
        const TURN: f64 = 1e-3;
        for row in &mut self.rows {
            (row.work)();
            let start = Instant::now();
            (row.work)();
            let once = start.elapsed().max(Duration::from_nanos(20));
            row.calls = ((TURN / once.as_secs_f64()) as u32).clamp(1, 50_000);
        }
        let (begin, whole) = (Instant::now(), each * self.rows.len() as u32);
        let mut rounds = 0;
        while rounds < 15 || begin.elapsed() < whole {
            rounds += 1;
            for row in &mut self.rows {
                let start = Instant::now();
                for _ in 0..row.calls {
                    (row.work)();
                }
                row.times.push(start.elapsed().as_secs_f64() / f64::from(row.calls));
            }
        }
        println!(
            "\n{:<58}{:>15}{:>8}{:>10}{:>8}",
            self.title, self.unit, "ratio", "least", "ratio"
        );
        let mut first = None;
        for row in &mut self.rows {
            row.times.sort_by(f64::total_cmp);
            let unit = self.per * row.times_over;
            let [median, least] = [row.times.len() / 2, 0].map(|k| row.times[k] / unit);
            let base = *first.get_or_insert([median, least]);
            let scale = match self.unit.split(' ').next() {
                Some("ns") => 1e9,
                Some("µs") => 1e6,
                Some("ms") => 1e3,
                _ => 1.0,
            };
            println!(
                "{:<58}{:>15.3}{:>8.2}{:>10.3}{:>8.2}",
                row.name,
                median * scale,
                median / base[0],
                least * scale,
                least / base[1]
            );
            summary::note(&self.title, &row.name, least);
        }
    }
}
