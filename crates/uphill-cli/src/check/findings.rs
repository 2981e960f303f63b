//! What checks found: reports by oracle, and why an oracle had nothing to say.

use std::fmt::Write as _;

use uphill_check::{Report, Verdict};

use crate::error::Error;
use crate::json::Json;
use crate::numbers::{counted, short};

/// All that was found.
#[derive(Default)]
pub(super) struct Findings {
    /// What is checked, for a model.
    about: Option<String>,
    checks: Vec<Check>,
    /// Oracles that don't know what is checked, and why.
    left_out: Vec<(&'static str, &'static str, String)>,
}

struct Check {
    key: &'static str,
    name: &'static str,
    report: Report,
}

impl Findings {
    /// Nothing yet, about something that has to be told first.
    pub(super) fn about(what: String) -> Findings {
        Findings { about: Some(what), ..Findings::default() }
    }

    /// Adds what an oracle found: its key for programs, its name for people.
    pub(super) fn add(&mut self, key: &'static str, name: &'static str, report: Report) {
        self.checks.push(Check { key, name, report });
    }

    /// Adds why an oracle has nothing to say.
    pub(super) fn leave_out(&mut self, key: &'static str, name: &'static str, why: String) {
        self.left_out.push((key, name, why));
    }

    /// For people: the worst ten derivatives of each report, or all.
    pub(super) fn text(&self, all: bool) -> String {
        let mut text = String::new();
        if let Some(about) = &self.about {
            let _ = writeln!(text, "{about}\n");
        }
        for (k, Check { name, report, .. }) in self.checks.iter().enumerate() {
            let between = if k == 0 { "" } else { "\n" };
            let shown = if all { format!("{report:#}") } else { report.to_string() };
            let _ = writeln!(text, "{between}by {name}\n{}", shown.trim_end());
        }
        for (_, name, why) in &self.left_out {
            let _ = writeln!(text, "\nnot by {name}: {why}");
        }
        text
    }

    /// For programs.
    pub(super) fn json(&self) -> Json {
        let text = |text: &str| Json::Text(text.to_owned());
        let object = |entries: Vec<(&str, Json)>| {
            Json::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
        };
        let check = |check: &Check| {
            let report = serde_json::to_value(&check.report).unwrap_or_default();
            object(vec![
                ("oracle", text(check.key)),
                ("passed", Json::Other(check.report.passed().into())),
                ("report", Json::Other(report)),
            ])
        };
        let left_out = |(key, _, why): &(&'static str, &'static str, String)| {
            object(vec![("oracle", text(key)), ("why", text(why))])
        };
        object(vec![
            ("passed", Json::Other(self.checks.iter().all(|c| c.report.passed()).into())),
            ("checks", Json::List(self.checks.iter().map(check).collect())),
            ("left_out", Json::List(self.left_out.iter().map(left_out).collect())),
        ])
    }

    /// An error if a derivative is not confirmed.
    ///
    /// # Errors
    ///
    /// [`Error::Disagrees`], about the worst one of the first report that doesn't pass.
    pub(super) fn verdict(&self) -> Result<(), Error> {
        let Some(Check { name, report, .. }) = self.checks.iter().find(|c| !c.report.passed())
        else {
            return Ok(());
        };
        let failed = report.entries.iter().filter(|entry| !entry.verdict.passes()).count();
        let of = counted(report.entries.len(), "derivative");
        let worst = report.worst().map_or(String::new(), |worst| {
            let why = match worst.verdict {
                Verdict::Unreliable => ", which itself is not sure enough to tell",
                _ => "",
            };
            let (computed, expected) = (short(worst.computed, 10), short(worst.expected, 10));
            format!(": `{}` is {computed}, by {name} {expected}{why}", worst.name)
        });
        Err(Error::Disagrees(format!("{failed} of {of} not confirmed{worst}")))
    }
}
