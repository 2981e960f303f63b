//! Formulas and points on the command line: `'P = w1*w2'` or a file of it, and `w1=1,w2=pi/2`.

use std::borrow::Cow;
use std::collections::HashSet;

use uphill_formula::Formula;
use uphill_graph::Function;

use crate::error::Error;
use crate::file::{Input, Limit};
use crate::list;

/// A formula as it was given: its text, or `@file` with its text in a file, or `-` for standard input.
///
/// # Errors
///
/// [`Error::Formula`] with the place in the text; [`Error::Read`].
pub fn read(given: &str) -> Result<Formula, Error> {
    Ok(Formula::parse(&text(given)?)?)
}

/// A formula's text that has one output, or one of its definitions.
///
/// # Errors
///
/// [`Error::Formula`] with the place in the text; [`Error::Use`] if the formula has several outputs and none is chosen.
pub(crate) fn one_output(text: &str, chosen: Option<&str>) -> Result<Function, Error> {
    let formula = Formula::parse(text)?;
    if let Some(name) = chosen {
        return Ok(formula.function_of(&[name])?);
    }
    let function = formula.function()?;
    if function.outputs().len() != 1 {
        return Err(Error::Use(format!(
            "the formula has the outputs {}; choose one by --of",
            crate::names::few(function.outputs().iter().map(|output| output.name.as_str()))
        )));
    }
    Ok(function)
}

/// The file that holds a formula, if it is given as `@FILE`, or as `-` for standard input.
pub(crate) fn file(given: &str) -> Option<&str> {
    given.strip_prefix('@').or((given == "-").then_some(given))
}

/// A formula's text, from the command line, a file or standard input.
///
/// # Errors
///
/// [`Error::Read`]; [`Error::Use`] if it is not UTF-8.
pub fn text(given: &str) -> Result<String, Error> {
    let Some(file) = file(given) else { return Ok(given.to_owned()) };
    let input = Input::from(file);
    let bytes = input.read_all(&Limit::formula())?;
    String::from_utf8(bytes).map_err(|_| {
        let what = "its text is not UTF-8; save it as UTF-8";
        Error::Use(format!("can't read a formula from {input}: {what}"))
    })
}

/// Names with numbers, from `w1=1,w2=pi/2`: what `--at` and `--start` take. Each name once, each number finite.
///
/// A number may be written as a formula of constants, and a name in backquotes, which it needs if it holds `,` or `=`.
///
/// # Errors
///
/// [`Error::Use`] that names the option and the part of it that can't be read.
pub fn assignments(option: &str, text: &str) -> Result<Vec<(String, f64)>, Error> {
    let mut list: Vec<(String, f64)> = Vec::new();
    let mut seen = HashSet::new();
    let mut before: Option<&str> = None;
    for part in list::parts(text) {
        let wrong = |what: &str| Err(Error::Use(format!("{option} `{part}`: {what}")));
        let (name, number) = list::pair(option, part)?;
        let Some(number) = number else {
            let expected = "expected a name and its number, such as `w1=0.5`";
            return match before.filter(|before| is_cut(before, part)) {
                Some(before) => wrong(&format!(
                    "{expected}; if `{before},{part}` is one number, write it with a point: `{before}.{part}`"
                )),
                None => wrong(expected),
            };
        };
        let Some(value) = number_of(number) else {
            return wrong(&format!("expected a number, got `{number}`"));
        };
        if !value.is_finite() {
            return wrong(&format!("expected a finite number, got `{number}`"));
        }
        if !seen.insert(name.clone()) {
            return wrong(&format!("`{name}` is given twice"));
        }
        list.push((name, value));
        before = Some(part);
    }
    Ok(list)
}

/// Whether `x=1` and `5` look like the `x=1,5` of people whose numbers have a comma.
fn is_cut(before: &str, part: &str) -> bool {
    let is_whole = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = before.split_once('=').map_or("", |(_, number)| number.trim());
    is_whole(number.strip_prefix('-').unwrap_or(number)) && is_whole(part)
}

/// The numbers of these inputs in their order, from [`assignments`].
///
/// # Errors
///
/// [`Error::Use`] for an input without a number; [`Error::UnknownName`] for a name that no input has.
pub fn point(option: &str, inputs: &[String], given: &[(String, f64)]) -> Result<Vec<f64>, Error> {
    let known = || inputs.iter().map(String::as_str);
    if let Some((name, _)) = given.iter().find(|(name, _)| !inputs.contains(name)) {
        return Err(Error::unknown("input", name, "the formula", known()));
    }
    let number = |name: &String| given.iter().find(|(other, _)| other == name).map(|(_, x)| *x);
    let missing: Vec<&str> =
        inputs.iter().filter(|name| number(name).is_none()).map(String::as_str).collect();
    if let Some(first) = missing.first() {
        let hint = assigned(first);
        return Err(Error::Use(format!(
            "{option} gives no number for {}; add {hint}",
            crate::names::few(missing.iter().copied())
        )));
    }
    Ok(inputs.iter().filter_map(number).collect())
}

/// How a message writes that a name gets a number.
pub(crate) fn assigned(name: &str) -> String {
    match list::written(name) {
        Cow::Borrowed(name) => format!("`{name}=…`"),
        Cow::Owned(name) => format!("{name}=…"),
    }
}

/// A number, which may be written as a formula of constants.
pub(crate) fn number_of(text: &str) -> Option<f64> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let formula = Formula::parse(&format!("number = {text}")).ok()?;
    if formula.input_names().next().is_some() || formula.output_names().count() != 1 {
        return None;
    }
    let values = formula.function().ok()?.eval(&[]).ok()?;
    values.first().copied()
}

#[cfg(test)]
mod tests {
    use super::{assignments, point, read};

    #[test]
    fn points_are_read() {
        let given = assignments("--at", "w[1, 2]=3, b = 1e-3,angle=max(pi/2, 1),").unwrap();
        let expected = [("w[1,2]", 3.0), ("b", 1e-3), ("angle", std::f64::consts::FRAC_PI_2)];
        assert_eq!(given, expected.map(|(name, number)| (name.to_owned(), number)));
        let inputs = ["b", "angle", "w[1,2]"].map(String::from);
        let numbers = point("--at", &inputs, &given).unwrap();
        assert_eq!(numbers, [1e-3, std::f64::consts::FRAC_PI_2, 3.0]);
    }

    #[test]
    fn messages() {
        for (text, expected) in [
            ("w1", "--at `w1`: expected a name and its number, such as `w1=0.5`"),
            (
                "b=2,w1=1,5",
                "--at `5`: expected a name and its number, such as `w1=0.5`; if `w1=1,5` is one number, \
                 write it with a point: `w1=1.5`",
            ),
            ("w1=1.5,5", "--at `5`: expected a name and its number, such as `w1=0.5`"),
            ("=1", "--at `=1`: the name before `=` is missing"),
            ("w1=one", "--at `w1=one`: expected a number, got `one`"),
            ("w1=", "--at `w1=`: expected a number, got ``"),
            ("w1=1; b=2", "--at `w1=1; b=2`: expected a number, got `1; b=2`"),
            ("w1=1/0", "--at `w1=1/0`: expected a finite number, got `1/0`"),
            ("w1=NaN", "--at `w1=NaN`: expected a finite number, got `NaN`"),
            ("w1=1,w1=2", "--at `w1=2`: `w1` is given twice"),
            (
                "w1=1,w3=2",
                "no input is named `w3` in the formula: did you mean `w1`?; known: w1, w2",
            ),
            ("w2=1", "--at gives no number for w1; add `w1=…`"),
            ("", "--at gives no number for w1, w2; add `w1=…`"),
        ] {
            let inputs = ["w1", "w2"].map(String::from);
            let result = assignments("--at", text)
                .and_then(|given| point("--at", &inputs, &given))
                .expect_err(text);
            assert_eq!(result.to_string(), expected);
            assert_eq!(result.exit_code(), 2);
        }
        let error = read("P = sine(x)").unwrap_err();
        assert!(error.to_string().contains("^^^^ did you mean `sin`?"), "{error}");
        assert_eq!(error.exit_code(), 2);
        let error = read("@no/such/file").unwrap_err();
        assert!(error.to_string().starts_with("can't read `no/such/file`: "), "{error}");
    }
}
