//! What to look at when a report does not pass: patterns in the entries that disagree, in words.
//!
//! A constant ratio of computed to expected is a missing factor or a wrong sign; swapped rows and columns are a
//! transposition; two entries with each other's numbers are swapped operands; and so on, one sentence each.

use super::number::{ten_digits, two_digits};
use super::{Entry, Report, Verdict};

/// Patterns are looked for with so much slack, or ten times the tolerance.
const SLACK: f64 = 1e-6;

pub(super) fn advice(report: &Report) -> Vec<String> {
    let bad: Vec<&Entry> =
        report.entries.iter().filter(|entry| entry.verdict == Verdict::Disagrees).collect();
    let mut sentences = Vec::new();
    if let Some(worst) = bad.first() {
        let slack = SLACK.max(10.0 * report.tolerance).min(0.01);
        let pattern = ratio(report, &bad, slack)
            .or_else(|| transposed(report, slack))
            .or_else(|| swapped(&bad, slack));
        sentences.extend(pattern);
        sentences.extend(common(report, &bad));
        sentences.push(place(report, worst));
        if let Some(switch) = bad.iter().find_map(|entry| entry.switch.as_ref()) {
            sentences.push(format!(
                "{switch} switches exactly here: at such a point the derivative is a convention, and conventions \
                 of several operations need not add up to a slope; move the point a little"
            ));
        }
    }
    sentences.extend(unreliable(report));
    sentences.extend(not_finite(report));
    sentences
}

fn near(a: f64, b: f64, slack: f64) -> bool {
    (a - b).abs() <= slack * a.abs().max(b.abs())
}

/// One factor between computed and expected, in all entries or in those that disagree.
fn ratio(report: &Report, bad: &[&Entry], slack: f64) -> Option<String> {
    let of = |entry: &Entry| entry.computed / entry.expected;
    let factor = of(bad.first().filter(|entry| entry.expected != 0.0)?);
    let same = |entry: &&Entry| {
        entry.expected != 0.0 && (near(of(entry), factor, slack) || of(entry) == factor)
    };
    if !bad.iter().all(same) {
        return None;
    }
    // Where both are zero, or nearly so, every factor fits.
    let telling = |entry: &&Entry| {
        entry.verdict != Verdict::Agrees || entry.expected.abs() > 100.0 * entry.oracle_error
    };
    let others: Vec<&Entry> = report.entries.iter().filter(telling).collect();
    let which = match bad.len() {
        count if count > 1 && count == others.len() => "every entry is".to_owned(),
        1 => format!("{} is", bad[0].name),
        count => format!("each of the {count} entries that disagree is"),
    };
    let slack = if factor == 0.0 { 0.0 } else { slack };
    let known = KNOWN.iter().find(|(number, ..)| near(factor, *number, slack));
    let fact = match known {
        Some((_, what, ..)) => format!("{which} {what}"),
        None if bad.len() > 1 => format!("{which} {} times the expected one", ten_digits(factor)),
        None => return None,
    };
    let given = report.points.is_empty();
    if !given && let Some(why) = untold(report, bad, slack) {
        return Some(format!("{fact}; {why}"));
    }
    let cause = match known {
        Some((.., of_given, _)) if given => of_given,
        Some((.., of_computed)) => of_computed,
        None => {
            "a constant factor is missing or one too many, such as a rate, a number of samples, or a derivative of \
             an outer function"
        }
    };
    Some(format!("{fact}: {cause}"))
}

/// Factors with a usual cause: what they are called, the cause if both sides were given, and if the expected side is an
/// oracle's, which has no factors to miss.
const KNOWN: [(f64, &str, &str, &str); 6] = [
    (
        2.0,
        "twice the expected one",
        "a factor 2 is missing in the expected derivative, or one too many in the computed one \
         (d(x²) = 2x, or a ½ in front of a square)",
        "a factor 2 is one too many in the computed derivative (a ½ in front of a square, or a path from the input that \
         is counted twice)",
    ),
    (
        0.5,
        "half the expected one",
        "a factor 2 is missing in the computed derivative, or one too many in the expected one (d(x²) = 2x; two paths \
         from the input, of which one is counted)",
        "a factor 2 is missing in the computed derivative (d(x²) = 2x; two paths from the input, of which one is \
         counted)",
    ),
    (
        -1.0,
        "the expected one with the other sign",
        "a minus is missing or one too many, or one side climbs and the other descends",
        "a minus is missing or one too many",
    ),
    (
        -2.0,
        "minus twice the expected one",
        "a sign is wrong, and a factor 2 is one too many",
        "a sign is wrong, and a factor 2 is one too many",
    ),
    (
        -0.5,
        "minus half the expected one",
        "a sign is wrong, and a factor 2 is missing",
        "a sign is wrong, and a factor 2 is missing",
    ),
    (
        0.0,
        "0 where the expected one is not",
        "the path from the input to the output is cut: a dropped term of the chain rule, or a number in place of a \
         variable",
        "the path from the input to the output is cut: a dropped term of the chain rule, or a number in place of a \
         variable",
    ),
];

/// Why a ratio at points tells no cause, if it doesn't. A factor in a program is there at every point, and rounding can
/// give any ratio, 2 and 0 as well, where numbers of very different sizes meet.
fn untold(report: &Report, bad: &[&Entry], slack: f64) -> Option<String> {
    const LARGE: f64 = 1e4;
    let sure = |entry: &Entry| {
        entry.verdict != Verdict::Unreliable
            && entry.verdict != Verdict::NotFinite
            && entry.oracle_error <= SLACK * entry.expected.abs()
    };
    let moderate = |point: usize| {
        let point = report.points.get(point).map(Vec::as_slice).unwrap_or_default();
        point.iter().all(|x| x.abs() <= LARGE && (*x == 0.0 || x.abs() >= 1.0 / LARGE))
    };
    let worst = bad.first()?;
    let factor = worst.computed / worst.expected;
    for entry in bad {
        if !sure(entry) {
            return Some(
                "the oracle is not sure enough here to tell a factor from its own error".into(),
            );
        }
        let same = report.entries.iter().filter(|other| {
            (other.row, other.column) == (entry.row, entry.column)
                && (other.expected != 0.0 || other.computed != 0.0)
        });
        for other in same {
            let ratio = other.computed / other.expected;
            if sure(other) && !(ratio == factor || near(ratio, factor, slack)) {
                return Some(format!(
                    "at point {} it is not, so no factor of the program is to blame: look at what is special here",
                    other.point.saturating_add(1)
                ));
            }
        }
        if !moderate(entry.point) {
            return Some(
                "at numbers so large or small, rounding gives such ratios, too: compare where all inputs are near 1"
                    .into(),
            );
        }
    }
    let points = |entry: &&Entry| bad.iter().filter(|other| other.name == entry.name).count();
    if bad.iter().any(|entry| points(entry) < 2) {
        return Some(
            "whether that is a factor of the program shows at other points, where it would be the same".into(),
        );
    }
    None
}

/// A matrix of numbers by point, row and column.
fn matrix(report: &Report, point: usize, pick: impl Fn(&Entry) -> f64) -> Option<Vec<Vec<f64>>> {
    let entries: Vec<&Entry> = report.entries.iter().filter(|entry| entry.point == point).collect();
    // A report may come from a file, with any places.
    let rows = entries.iter().map(|entry| entry.row).max()?.checked_add(1)?;
    let columns = entries.iter().map(|entry| entry.column).max()?.checked_add(1)?;
    if rows.checked_mul(columns) != Some(entries.len()) {
        return None;
    }
    let mut matrix = vec![vec![0.0; columns]; rows];
    for entry in entries {
        matrix[entry.row][entry.column] = pick(entry);
    }
    Some(matrix)
}

/// The computed numbers, read row by row, are the expected ones read column by column.
fn transposed(report: &Report, slack: f64) -> Option<String> {
    let points = report.entries.iter().map(|entry| entry.point).max()?;
    for point in 0..=points {
        let computed = matrix(report, point, |entry| entry.computed)?;
        let expected = matrix(report, point, |entry| entry.expected)?;
        let (rows, columns) = (expected.len(), expected[0].len());
        if rows < 2 || columns < 2 {
            return None;
        }
        let across = (0..columns).flat_map(|column| (0..rows).map(move |row| (row, column)));
        let swapped = across.map(|(row, column)| expected[row][column]);
        if !computed.into_iter().flatten().zip(swapped).all(|(a, b)| near(a, b, slack)) {
            return None;
        }
    }
    Some(
        "the computed entries are the expected ones transposed: rows and columns, outputs and inputs, are swapped"
            .to_owned(),
    )
}

/// Two entries of one row that have each other's numbers.
fn swapped(bad: &[&Entry], slack: f64) -> Option<String> {
    let &[a, b] = bad else { return None };
    let crossed = near(a.computed, b.expected, slack) && near(b.computed, a.expected, slack);
    (crossed && (a.point, a.row) == (b.point, b.row)).then(|| {
        format!(
            "{} and {} have each other's numbers, as where two operands or names are swapped",
            a.name, b.name
        )
    })
}

/// What all entries that disagree have in common, if others don't.
fn common(report: &Report, bad: &[&Entry]) -> Option<String> {
    if bad.len() < 2 || bad.len() == report.entries.len() {
        return None;
    }
    let several = |pick: fn(&Entry) -> &str| {
        let first = report.entries.first().map(pick);
        report.entries.iter().any(|entry| Some(pick(entry)) != first)
    };
    let one = |pick: fn(&Entry) -> &str| bad.iter().all(|entry| pick(entry) == pick(bad[0]));
    let output: fn(&Entry) -> &str = |entry| &entry.output;
    let input: fn(&Entry) -> &str = |entry| &entry.input;
    if several(input) && one(input) {
        return Some(format!("all that disagree belong to input `{}`", bad[0].input));
    }
    (several(output) && one(output))
        .then(|| format!("all that disagree belong to output `{}`", bad[0].output))
}

fn place(report: &Report, worst: &Entry) -> String {
    const SHOWN: usize = 8;
    let Some(point) = report.points.get(worst.point) else {
        return format!("look first at {}, the worst", worst.name);
    };
    let coordinates: Vec<String> = report
        .inputs
        .iter()
        .zip(point)
        .filter(|(name, _)| point.len() <= SHOWN || **name == worst.input)
        .map(|(name, &number)| format!("{name} = {}", ten_digits(number)))
        .collect();
    let at = if coordinates.is_empty() {
        format!("at point {}", worst.point.saturating_add(1))
    } else {
        format!("at {}", coordinates.join(", "))
    };
    format!(
        "look first at how `{}` depends on `{}`, {at}: a trace shows every term of the chain rule there",
        worst.output, worst.input
    )
}

fn unreliable(report: &Report) -> Option<String> {
    let entries = report.entries.iter().filter(|entry| entry.verdict == Verdict::Unreliable);
    let worst = entries.max_by(|a, b| a.oracle_error.total_cmp(&b.oracle_error))?;
    Some(format!(
        "{} can't be judged: the oracle is sure only to ±{}, too little for the tolerance; take a point where the \
         function is smoother or smaller, or a wider tolerance",
        worst.name,
        two_digits(worst.oracle_error)
    ))
}

fn not_finite(report: &Report) -> Option<String> {
    let entry = report.entries.iter().find(|entry| entry.verdict == Verdict::NotFinite)?;
    Some(if entry.computed.is_finite() {
        format!(
            "the oracle has no number for {}: the function is infinite or NaN here or on one side of it",
            entry.name
        )
    } else {
        format!(
            "{} is {}: a trace of the gradient names the node where the trouble arises",
            entry.name, entry.computed
        )
    })
}
