//! How the lecture writes: rows of equalities, and the general law of which recorded formulas are instances.

use std::fmt::Write;

use uphill_graph::{Explanation, Function};

use crate::error::Error;

/// The formula of a function's value of this name, for reading.
pub(crate) fn formula(function: &Function, name: &str) -> Result<String, Error> {
    let formulas = function.formulas();
    let found = formulas.definitions.iter().find(|definition| definition.name == name);
    let found = found.ok_or_else(|| Error::NoLaw(format!("no value is named `{name}`")))?;
    Ok(found.formula.unicode().to_owned())
}

/// What is equal, the equals signs below each other.
pub(crate) fn equalities(text: &mut String, rows: &[String]) -> Result<(), Error> {
    let Some((left, rows)) = rows.split_first() else { return Ok(()) };
    let blank = " ".repeat(left.chars().count());
    for (k, row) in rows.iter().enumerate() {
        writeln!(text, "  {} = {row}", if k == 0 { left } else { &blank })?;
    }
    Ok(())
}

/// A derivation, indented.
pub(crate) fn story(text: &mut String, told: &Explanation) -> Result<(), Error> {
    for line in told.to_string().lines() {
        writeln!(text, "{}{line}", if line.is_empty() { "" } else { "  " })?;
    }
    Ok(())
}

/// What instances have in common, where the indices `from[k]` of the one numbered k become the index `to`. An error if
/// they differ in more than that: then there is no law.
pub(crate) fn general(texts: &[String], from: &[&str], to: &str) -> Result<String, Error> {
    let renamed = |(text, from): (&String, &&str)| {
        ["_", "→"].iter().fold(text.clone(), |text, before| {
            text.replace(&format!("{before}{from}"), &format!("{before}{to}"))
        })
    };
    let renamed: Vec<String> = texts.iter().zip(from).map(renamed).collect();
    match renamed.split_first() {
        Some((first, rest)) if rest.iter().all(|other| other == first) => Ok(first.clone()),
        _ => Err(Error::NoLaw(format!(
            "no law of which these are instances: {}",
            renamed.join("; ")
        ))),
    }
}

/// The law of each row of several derivations with the same steps.
pub(crate) fn general_rows(
    derivations: &[Vec<String>],
    from: &[&str],
    to: &str,
) -> Result<Vec<String>, Error> {
    let rows = derivations.iter().map(Vec::len).min().unwrap_or(0);
    let row = |k: usize| derivations.iter().map(|rows| rows[k].clone()).collect::<Vec<_>>();
    (0..rows).map(|k| general(&row(k), from, to)).collect()
}

/// The law of the terms of a sum.
pub(crate) fn general_term(sum: &str, from: &[&str], to: &str) -> Result<String, Error> {
    let terms: Vec<String> = sum.split(" + ").map(str::to_owned).collect();
    if terms.len() != from.len() {
        return Err(Error::NoLaw(format!("expected {} terms, got `{sum}`", from.len())));
    }
    general(&terms, from, to)
}

/// A product in the order in which the slides have it, which must have the same factors as the one that was derived.
pub(crate) fn reordered<'t>(derived: &str, wanted: &'t str) -> Result<&'t str, Error> {
    let sorted = |product: &str| {
        let mut factors: Vec<String> = product.split('·').map(str::to_owned).collect();
        factors.sort_unstable();
        factors
    };
    match sorted(derived) == sorted(wanted) {
        true => Ok(wanted),
        false => Err(Error::NoLaw(format!("`{derived}` was derived, which is not `{wanted}`"))),
    }
}

/// A number with a true minus sign.
pub(crate) fn signed(number: f64) -> String {
    number.to_string().replace('-', "−")
}

/// A column vector, written as a row.
pub(crate) fn vector(numbers: &[f64]) -> String {
    let numbers: Vec<String> = numbers.iter().map(|&number| signed(number)).collect();
    format!("({})ᵀ", numbers.join(", "))
}
