//! What a model's text means beside a table: a left side of columns, a right side with parameters.
//!
//! `log(y) = a - k*t` is no definition, so the statement is taken apart here: its sides become the definitions `desired`
//! and `computed`, and the formula crate reads the rest as ever. A performance is read beside the same definitions, of the
//! inputs `desired` and `computed`.

use uphill_formula::Formula;
use uphill_solve::Model;

use super::statements::{Statement, statements};
use super::written::Written;
use crate::error::Error;

/// A model, read for the columns of a table.
pub(super) struct Text {
    pub(super) model: Model,
    /// The left side as it was written.
    pub(super) left: String,
    /// What a reader may have meant otherwise.
    pub(super) remarks: Vec<String>,
}

impl Text {
    /// Reads a model, and a performance if that is a formula. Names that are neither columns nor defined are parameters,
    /// as are those in `started`.
    pub(super) fn read(
        text: &str,
        performance: Option<&str>,
        table: &str,
        header: &[String],
        started: &[String],
    ) -> Result<Text, Error> {
        let is_column = |name: &str| {
            header.iter().any(|column| column == name) && !started.iter().any(|s| s == name)
        };
        let all = statements(text);
        let models: Vec<&Statement> = all
            .iter()
            .filter(|statement| is_model(text[statement.left.clone()].trim(), &is_column))
            .collect();
        let [model] = models.as_slice() else {
            let sides = models.iter().map(|model| text[model.left.clone()].trim());
            return Err(if models.is_empty() {
                no_model(text, &all, table, header, started)
            } else {
                Error::Use(format!(
                    "the formula has {} models, of {}; expected one",
                    models.len(),
                    crate::names::few(sides)
                ))
            });
        };
        let written = Written::new(text, model, performance);
        Formula::parse(written.text())
            .map_err(|error| written.shown(error, text, performance, header))?;
        let left = text[model.left.clone()].trim().to_owned();
        // The right side first, so that its columns and parameters come first.
        let (before, after) = (&text[..model.left.start], &text[model.right.end..]);
        let right = &text[model.right.clone()];
        let sides = format!("{before}computed ={right}{after}\n; desired = {left}");
        let sides = Formula::parse(&sides)?;
        let mut remarks = remarks(right, &sides);
        let sides = sides.function_of(&["desired", "computed"])?;
        let term = match performance {
            None => None,
            Some(performance) => {
                let term = format!("{before}{after}\n; performance = {performance}");
                Some(Formula::parse(&term)?.function_of(&["performance"])?)
            }
        };
        if let Some(term) = &term {
            let is_used = |name: &str| term.graph().names().any(|(_, other)| other == name);
            remarks.retain(|remark| !remark.split('`').nth(1).is_some_and(is_used));
        }
        let of_sides = ["desired", "computed"];
        let of_term = term.iter().flat_map(|term| term.input_names());
        let of_term = of_term.filter(|name| !of_sides.contains(&name.as_str()));
        let mut columns: Vec<String> = Vec::new();
        let mut parameters = 0;
        for name in sides.input_names().chain(of_term) {
            if !is_column(&name) {
                parameters += 1;
            } else if !columns.contains(&name) {
                columns.push(name);
            }
        }
        if parameters == 0 {
            return Err(Error::Use(
                "the model has no parameters: all its names are columns".into(),
            ));
        }
        let model = Model::new(sides, columns)?;
        let model = match term {
            None => model,
            Some(term) => model.with_term(term)?,
        };
        for name in model.parameters().iter().filter(|name| header.contains(name)) {
            remarks.push(format!(
                "`{name}` is a column of {table}, but has a number by --start or --fix: it is taken as a parameter"
            ));
        }
        let looked_at = model.looked_at();
        for name in looked_at.iter().filter(|name| left.trim_matches('`') == **name) {
            remarks.push(format!("`{name}` stands on both sides of the model"));
        }
        Ok(Text { model, left, remarks })
    }
}

/// What a reader may have meant otherwise.
fn remarks(right: &str, formula: &Formula) -> Vec<String> {
    let mut remarks = Vec::new();
    // Reference data sets write `y = b*x + e`, where e is the error.
    let term = right.trim_end().strip_suffix('e').map(str::trim_end);
    if term.is_some_and(|before| before.ends_with('+')) {
        remarks.push("the last term of the model, `e`, is the number 2.718…; leave it out if it stands for the error".into());
    }
    let own = ["desired", "computed", "performance"];
    for name in formula.output_names().filter(|name| !own.contains(name)) {
        remarks.push(format!("`{name}` is defined, but nothing uses it: the fit leaves it out"));
    }
    remarks
}

/// Why a text has no model: no column has the name on its left side.
fn no_model(
    text: &str,
    statements: &[Statement],
    table: &str,
    header: &[String],
    started: &[String],
) -> Error {
    let columns = crate::names::quoted(header.iter().map(String::as_str));
    // What other definitions use is no model.
    let outputs: Vec<String> = Formula::parse(text)
        .map(|formula| formula.output_names().map(str::to_owned).collect())
        .unwrap_or_default();
    let sides = statements.iter().map(|statement| text[statement.left.clone()].trim());
    let sides: Vec<&str> = sides.map(|left| left.trim_matches('`')).collect();
    let is_output = |left: &&&str| outputs.iter().any(|output| output == **left);
    let Some(left) = sides.iter().find(is_output).or(sides.last()) else {
        let tilde = if text.contains('~') { "; write `=` for `~`" } else { "" };
        return Error::Use(format!(
            "the formula has no model: expected `column = …`, or a function of columns on the left{tilde}; {table} has \
             the columns {columns}"
        ));
    };
    if started.iter().any(|name| name == left) && header.iter().any(|name| name == left) {
        return Error::Use(format!(
            "`{left}`, the left side of the model, has a number by --start or --fix, so it is no column; take it out \
             there"
        ));
    }
    let nearest = crate::names::nearest(left, header.iter().map(String::as_str))
        .map_or(String::new(), |nearest| format!(": did you mean `{nearest}`?"));
    let comment = header.first().and_then(|first| first.chars().next());
    let comment = comment.filter(|sign| matches!(sign, '#' | '%')).map_or(String::new(), |sign| {
        format!("; if its first line is a comment, give --comment '{sign}'")
    });
    Error::Use(format!(
        "no column is named `{left}`, the left side of the model, in {table}{nearest}; its columns are {columns}{comment}"
    ))
}

/// Whether a left side is data: a column, or an expression that is neither a name nor a function's head.
fn is_model(left: &str, is_column: &impl Fn(&str) -> bool) -> bool {
    let name = left.trim_matches('`');
    if is_column(name) {
        return true;
    }
    let is_name = |text: &str| {
        text.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '\'')
    };
    if is_name(name) || left.starts_with('`') && left.ends_with('`') {
        return false;
    }
    // `f(x) = …` defines a function and `w[1] = …` an entry, unless `f` or `w` is a known function: `log(y) = …`.
    let is_known = |head: &str| {
        Formula::parse(&format!("known = {head}(1)"))
            .map_or_else(|error| !error.to_string().starts_with("no function"), |_| true)
    };
    let Some(bracket) = left.find(['(', '[']) else { return true };
    let (head, rest) = (left[..bracket].trim(), left[bracket + 1..].trim_end());
    let names = |list: &str| list.split(',').all(|argument| is_name(argument.trim()));
    let is_definition = match left.as_bytes()[bracket] {
        b'(' => rest.strip_suffix(')').is_some_and(names),
        _ => rest.ends_with(']'),
    };
    !(is_name(head) && is_definition && !is_known(head))
}

#[cfg(test)]
mod tests {
    use super::Text;

    fn read(text: &str) -> Result<Text, String> {
        let header = ["y", "x", "sepal length", "n"].map(String::from);
        Text::read(text, None, "t.csv", &header, &["n".to_owned()]).map_err(|e| e.to_string())
    }

    #[test]
    fn left_sides_are_columns_and_functions_of_them() {
        for (text, columns, parameters, desired, computed) in [
            (
                "y = b1*(1 - exp(-b2*x))",
                &["y", "x"][..],
                &["b1", "b2"][..],
                2.0,
                1.0 - (-3.0_f64).exp(),
            ),
            ("log(y) = a - k*x", &["y", "x"], &["a", "k"], 2.0_f64.ln(), 1.0 - 3.0),
            ("log[y] = a - k*x", &["y", "x"], &["a", "k"], 2.0_f64.ln(), 1.0 - 3.0),
            ("y/x = a", &["y", "x"], &["a"], 2.0 / 3.0, 1.0),
            ("# data\nf(t) = a*t^2 # no model\ny = f(x); // end", &["y", "x"], &["a"], 2.0, 9.0),
            (
                "k = exp(b)\n y = a +\n k*x",
                &["y", "x"],
                &["b", "a"],
                2.0,
                1.0 + 3.0 * 1.0_f64.exp(),
            ),
            ("y = if(x <= n, a, b)", &["y", "x"], &["n", "a", "b"], 2.0, 1.0),
            ("y = n*x", &["y", "x"], &["n"], 2.0, 3.0),
            ("`sepal length` = w[1]*x + w[2]", &["sepal length", "x"], &["w[1]", "w[2]"], 2.0, 4.0),
        ] {
            let model = read(text).unwrap_or_else(|error| panic!("{text}: {error}")).model;
            assert_eq!(model.parameters(), parameters, "{text}");
            let mut found = model.columns().to_vec();
            found.sort_by_key(|name| name == "x");
            assert_eq!(found, columns, "{text}");
            let sides = model.sides();
            let number = |name: String| match name.as_str() {
                "y" | "sepal length" => 2.0,
                "x" => 3.0,
                _ => 1.0,
            };
            let at: Vec<f64> = sides.input_names().map(number).collect();
            assert_eq!(sides.eval(&at).unwrap(), [desired, computed], "{text}");
        }
    }

    #[test]
    fn messages() {
        for (text, expected) in [
            ("b1*x", "the formula has no model: expected `column = …`"),
            (
                "y ~ a + b*x",
                "the formula has no model: expected `column = …`, or a function of columns on the left; write `=` for `~`",
            ),
            (
                "z = b1*x",
                "no column is named `z`, the left side of the model, in t.csv; its columns are `y`, `x`,",
            ),
            ("y = a; y/x = b", "the formula has 2 models, of y, y/x; expected one"),
            ("y = 2*x", "the model has no parameters: all its names are columns"),
            ("y = sine(b*x)", "the formula can't be used: no function is named `sine`"),
        ] {
            let error = read(text).err().unwrap_or_else(|| panic!("{text} is read"));
            assert!(error.starts_with(expected), "{text}: {error}");
        }
        let header = ["# measured on Monday".to_owned()];
        let error = Text::read("y = a", None, "t.csv", &header, &["a".to_owned()]);
        let error = error.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.ends_with("give --comment '#'"), "{error}");
    }
}
