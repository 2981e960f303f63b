//! How good a network is on rows: P a row, and for classes a confusion table, for a number its errors.

use serde::Serialize;
use uphill_nn::{Network, Problem, Samples};
use uphill_ranks::{GRAIN, Place, Tree};

use crate::error::Error;
use uphill_table::recipe::{Recipe, Target};
use uphill_table::words::{counted, digits, shortened};

/// Of more classes, the table would fill screens.
const MOST_CLASSES: usize = 20;
/// So many kinds of mistakes are told instead.
const MOST_MISTAKES: usize = 10;

/// What was found over some rows. It is printed as a line, with the table of classes below it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    /// The number of rows.
    pub rows: usize,
    /// P a row: what rows add to P, without decay; a mean, so that it compares over parts of any size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub performance: Option<f64>,
    /// How the answers compare with what was desired.
    #[serde(flatten)]
    pub answers: Answers,
}

/// How answers compare with what was desired.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Answers {
    /// For classes.
    Classes {
        /// The part of the rows whose class was computed.
        accuracy: f64,
        /// How often each class was computed for each.
        confusion: Confusion,
    },
    /// For a number.
    Number {
        /// √(mean of squared errors), in the target's unit.
        rms_error: f64,
        /// The mean of errors without their signs, in the target's unit.
        mean_absolute_error: f64,
        /// 1 less the errors' part of the target's variance; none where that is 0.
        r_squared: Option<f64>,
    },
}

/// How often each class was computed for each desired one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Confusion {
    /// The classes, in order.
    pub classes: Vec<String>,
    /// A row for each desired class, in it a number for each computed one.
    pub counts: Vec<Vec<usize>>,
}

/// Collects answers, row after row.
///
/// ```
/// use uphill_learn::Collector;
/// use uphill_table::recipe::{Recipe, Target};
///
/// let classes = vec!["red".to_owned(), "blue".to_owned()];
/// let target = Target::Classes { column: "colour".into(), classes, whole_numbers: false };
/// let recipe = Recipe { format: Default::default(), inputs: Vec::new(), target };
/// let mut collector = Collector::new(&recipe);
/// for (desired, computed) in [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 1.0)] {
///     collector.note(desired, computed);
/// }
/// let score = collector.finish(None);
/// assert_eq!(score.line(), "accuracy 75.0 % (3 of 4)");
/// assert!(score.to_string().contains("  red        1     1\n"));
/// ```
#[derive(Debug)]
pub struct Collector<'r> {
    recipe: &'r Recipe,
    rows: usize,
    counts: Vec<Vec<usize>>,
    squares: f64,
    absolute: f64,
    mean: f64,
    variance: f64,
}

impl<'r> Collector<'r> {
    /// For answers by this recipe.
    #[must_use]
    pub fn new(recipe: &'r Recipe) -> Collector<'r> {
        let classes = match &recipe.target {
            Target::Classes { classes, .. } => classes.len(),
            Target::Number { .. } => 0,
        };
        let counts = vec![vec![0; classes]; classes];
        Collector { recipe, rows: 0, counts, squares: 0.0, absolute: 0.0, mean: 0.0, variance: 0.0 }
    }

    /// Takes one row: what was desired, a class by its place, and what the network computed.
    ///
    /// # Panics
    ///
    /// For a class that isn't there.
    pub fn note(&mut self, desired: f64, computed: f64) {
        self.rows += 1;
        if self.counts.is_empty() {
            let error = desired - computed;
            self.squares += error * error;
            self.absolute += error.abs();
            let before = desired - self.mean;
            self.mean += before / self.rows as f64;
            self.variance += before * (desired - self.mean);
        } else {
            self.counts[desired as usize][computed as usize] += 1;
        }
    }

    /// Takes the rows of another one that come behind these (for means and variances Chan, Golub and LeVeque 1979).
    fn join(&mut self, later: &Collector<'_>) {
        let (rows, more) = (self.rows as f64, later.rows as f64);
        let counts = self.counts.iter_mut().flatten().zip(later.counts.iter().flatten());
        counts.for_each(|(count, more)| *count += more);
        self.rows += later.rows;
        self.squares += later.squares;
        self.absolute += later.absolute;
        if later.rows > 0 {
            let (off, part) = (later.mean - self.mean, more / (rows + more));
            self.variance += later.variance + off * off * rows * part;
            self.mean += off * part;
        }
    }

    /// All that it knows, as numbers.
    fn numbers(&self) -> Vec<f64> {
        let counts = self.counts.iter().flatten().map(|&count| count as f64);
        let sums = [self.rows as f64, self.squares, self.absolute, self.mean, self.variance];
        sums.into_iter().chain(counts).collect()
    }

    /// From all that it knows; from nothing if it is cut short.
    fn of(recipe: &'r Recipe, numbers: &[f64]) -> Collector<'r> {
        let mut collector = Collector::new(recipe);
        if let Some((&[rows, squares, absolute, mean, variance], counts)) =
            numbers.split_first_chunk()
        {
            collector.rows = rows as usize;
            (collector.squares, collector.absolute) = (squares, absolute);
            (collector.mean, collector.variance) = (mean, variance);
            let own = collector.counts.iter_mut().flatten().zip(counts);
            own.for_each(|(own, count)| *own = *count as usize);
        }
        collector
    }

    /// What was found.
    #[must_use]
    pub fn finish(self, performance: Option<f64>) -> Score {
        let rows = self.rows as f64;
        let answers = match &self.recipe.target {
            Target::Classes { classes, .. } => {
                let right: usize = (0..classes.len()).map(|class| self.counts[class][class]).sum();
                let confusion = Confusion { classes: classes.clone(), counts: self.counts };
                Answers::Classes { accuracy: right as f64 / rows, confusion }
            }
            Target::Number { .. } => Answers::Number {
                rms_error: (self.squares / rows).sqrt(),
                mean_absolute_error: self.absolute / rows,
                r_squared: (self.variance > 0.0).then(|| 1.0 - self.squares / self.variance),
            },
        };
        Score { rows: self.rows, performance, answers }
    }
}

impl Score {
    /// The score of a network on samples that were encoded by this recipe, with P of this problem's performance.
    ///
    /// # Errors
    ///
    /// Those of reading the samples.
    pub fn of(
        problem: &Problem,
        samples: &Samples,
        recipe: &Recipe,
        weights: &[f64],
    ) -> Result<Score, Error> {
        let performance = problem.with_samples(samples)?.performance_per_sample(weights)?;
        let (network, ranks): (&Network, _) = (problem.network(), problem.communicator());
        let place = Place::find(ranks, samples.len())?;
        let mut tree = Tree::new(place.first, |left: &mut Vec<f64>, right: &[f64]| {
            let mut collector = Collector::of(recipe, left);
            collector.join(&Collector::of(recipe, right));
            *left = collector.numbers();
        });
        let mut collector = Collector::new(recipe);
        let visited = samples.visit(0..samples.len(), |row, inputs, desired| {
            let computed = network.computed(weights, inputs)?;
            collector.note(recipe.answer(desired), recipe.answer(&computed));
            if (row + 1).is_multiple_of(GRAIN) || row + 1 == samples.len() {
                let whole = std::mem::replace(&mut collector, Collector::new(recipe));
                tree.push(whole.numbers());
            }
            Ok(())
        });
        let all = tree.finish(ranks, visited)?.unwrap_or_default();
        Ok(Collector::of(recipe, &all).finish(Some(performance)))
    }

    /// One line: the accuracy, or the errors.
    #[must_use]
    pub fn line(&self) -> String {
        let mut line = match &self.answers {
            Answers::Classes { accuracy, confusion } => {
                let right: usize =
                    (0..confusion.counts.len()).map(|k| confusion.counts[k][k]).sum();
                format!("accuracy {:.1} % ({right} of {})", 100.0 * accuracy, self.rows)
            }
            Answers::Number { rms_error, mean_absolute_error, r_squared } => {
                let explained =
                    r_squared.map_or(String::new(), |r| format!(", R² {}", digits(r, 4)));
                format!(
                    "RMS error {}, mean absolute error {}{explained} ({})",
                    digits(*rms_error, 4),
                    digits(*mean_absolute_error, 4),
                    counted(self.rows, "row")
                )
            }
        };
        if let Some(performance) = self.performance {
            line += &format!(", P a row = {}", digits(performance, 4));
        }
        line
    }

    /// The confusion table, if there are classes: desired ones down, computed ones across. Of many classes, the most
    /// frequent mistakes.
    #[must_use]
    pub fn table(&self) -> Option<String> {
        self.table_with("")
    }

    /// As [`Score::table`], with what is to be said of mistakes that are left out, such as where all of them are.
    #[must_use]
    pub fn table_with(&self, of_others: &str) -> Option<String> {
        let Answers::Classes { confusion, .. } = &self.answers else { return None };
        if confusion.classes.len() > MOST_CLASSES {
            return Some(confusion.mistakes(of_others));
        }
        let counts = &confusion.counts;
        let classes: Vec<String> = confusion.classes.iter().map(|class| shortened(class)).collect();
        let width = |text: &str| text.chars().count();
        let first = classes.iter().map(|class| width(class)).max().unwrap_or(0).max(7);
        let column = |place: usize| {
            let numbers = counts.iter().map(|row| row[place].to_string().len()).max();
            width(&classes[place]).max(numbers.unwrap_or(0))
        };
        let line = |name: &str, cells: Vec<String>| {
            let cells = cells.iter().enumerate().map(|(place, cell)| {
                format!("  {}{cell}", " ".repeat(column(place) - width(cell)))
            });
            format!("  {name}{}{}\n", " ".repeat(first - width(name)), cells.collect::<String>())
        };
        let mut text = format!("  {}    computed\n", " ".repeat(first - 2))
            .replace("      computed", "    computed");
        text += &line("desired", classes.clone());
        for (class, row) in classes.iter().zip(counts) {
            text += &line(class, row.iter().map(usize::to_string).collect());
        }
        Some(text)
    }
}

impl std::fmt::Display for Score {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.line())?;
        self.table().map_or(Ok(()), |table| write!(f, "{table}"))
    }
}

impl Confusion {
    /// The most frequent mistakes, one a line.
    fn mistakes(&self, of_others: &str) -> String {
        let mut mistakes: Vec<(usize, usize, usize)> = Vec::new();
        for (desired, row) in self.counts.iter().enumerate() {
            let computed = row.iter().enumerate().filter(|(computed, _)| *computed != desired);
            let found = computed.filter(|(_, count)| **count > 0);
            mistakes.extend(found.map(|(computed, &count)| (count, desired, computed)));
        }
        // The classes' order breaks ties.
        mistakes.sort_by_key(|(count, ..)| std::cmp::Reverse(*count));
        let kinds = mistakes.len();
        let mut text = match kinds {
            0 => format!("  no mistakes among {} classes\n", self.classes.len()),
            _ => format!("  the most frequent mistakes among {} classes:\n", self.classes.len()),
        };
        for (count, desired, computed) in mistakes.into_iter().take(MOST_MISTAKES) {
            let [desired, computed] = [desired, computed].map(|k| shortened(&self.classes[k]));
            let rows = counted(count, "row");
            text += &format!("  {rows}: `{desired}` is desired, `{computed}` computed\n");
        }
        if kinds > MOST_MISTAKES {
            text += &format!("  and {} others{of_others}\n", kinds - MOST_MISTAKES);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{Answers, Confusion, MOST_CLASSES, Score};

    fn score(classes: usize, letters: usize) -> Score {
        let names = (0..classes).map(|k| format!("{k} {}", "x".repeat(letters))).collect();
        let counts =
            (0..classes).map(|k| (0..classes).map(|l| (k + 2 * l) % 7).collect()).collect();
        let confusion = Confusion { classes: names, counts };
        Score { rows: 1, performance: None, answers: Answers::Classes { accuracy: 0.5, confusion } }
    }

    #[test]
    fn tables_stay_small() {
        for classes in [2, MOST_CLASSES, MOST_CLASSES + 1, 1000] {
            let text = score(classes, 900).table_with("; --json has all").unwrap();
            assert!(text.len() < 50_000, "{classes} classes: {} bytes", text.len());
        }
        let text = score(30, 1).table_with("; --json has all").unwrap();
        assert!(text.starts_with(
            "  the most frequent mistakes among 30 classes:\n  6 rows: `0 x` is desired"
        ));
        assert!(text.lines().last().unwrap().contains("others; --json has all"));
    }
}
