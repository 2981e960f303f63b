//! The grammar of statements that define or declare: numbers, entries, functions, inputs and outputs.

use uphill_graph::Role;

use crate::cursor::Cursor;
use crate::error::Error;
use crate::expression::{expression, what_next};
use crate::functions::LARGEST_WHOLE;
use crate::names;
use crate::syntax::Kind::{Entry, Number};
use crate::syntax::{
    Declaration, Definition, Expression, Family, FunctionDefinition, Range, Spanned, Statement,
};
use crate::tokens::{Kind, Token};

const STATEMENT: &str = "a definition such as `P = 3*x`";
/// Looking a parameter up takes time that grows with their number.
const MOST_PARAMETERS: usize = 64;

/// Goes on behind the end of a statement of this kind.
pub(crate) fn end_of_statement(i: &mut Cursor<'_, '_>, kind: &str) -> Result<(), Error> {
    if !matches!(i.ahead(0), None | Some(Kind::End)) && !is_subject_to(i) {
        let hint = match i.ahead(0) {
            Some(Kind::Symbol(")")) => "no `(` is open".into(),
            Some(Kind::Symbol("]")) => "no `[` is open".into(),
            Some(Kind::Symbol(",")) if kind == "goal" => {
                "one performance is minimised or maximised; a sum of several can be one".into()
            }
            Some(Kind::Symbol(",")) => format!("{kind}s are parted by `;` or lines"),
            _ => what_next(i).unwrap_or_default(),
        };
        return Err(i.unexpected(&format!("an operator or the end of the {kind}"), &hint));
    }
    skip_ends(i);
    Ok(())
}

/// Goes on behind empty lines.
pub(crate) fn skip_ends(i: &mut Cursor<'_, '_>) {
    while i.ahead(0) == Some(&Kind::End) {
        i.advance();
    }
}

/// Whether the words come next that end definitions, and begin constraints.
pub(crate) fn is_subject_to(i: &Cursor<'_, '_>) -> bool {
    i.ahead(0) == Some(&Kind::Word("subject")) && i.ahead(1) == Some(&Kind::Word("to"))
}

/// `P = 3*x`, and the like.
pub(crate) fn statement(i: &mut Cursor<'_, '_>, to: &mut Vec<Statement>) -> Result<(), Error> {
    match (i.ahead(0), i.ahead(1)) {
        (Some(Kind::Word(keyword)), Some(Kind::Word(_) | Kind::Quoted(_))) if !is_subject_to(i) => {
            to.push(declaration(i, keyword)?);
            Ok(())
        }
        (Some(Kind::Word(name)), Some(Kind::Symbol("("))) if is_function_head(i) => {
            to.push(function(i, name)?);
            Ok(())
        }
        (Some(Kind::Word(_) | Kind::Quoted(_)), Some(Kind::Symbol("="))) => definition(i, to),
        (Some(Kind::Word(_) | Kind::Quoted(_)), Some(Kind::Symbol("["))) if is_family(i) => {
            family(i, to)
        }
        (Some(Kind::Word(_) | Kind::Quoted(_)), Some(Kind::Symbol("["))) if is_entry_head(i) => {
            definition(i, to)
        }
        _ => Err(not_a_definition(i)),
    }
}

/// `variables x, w[0..9]`, `outputs P`.
fn declaration(i: &mut Cursor<'_, '_>, keyword: &str) -> Result<Statement, Error> {
    let role = match keyword {
        "variables" | "variable" => Role::Variable,
        "parameters" | "parameter" => Role::Parameter,
        "outputs" | "output" => {
            i.advance();
            return Ok(Statement::Outputs(listed(i, target)?));
        }
        _ => return Err(not_a_definition(i)),
    };
    i.advance();
    Ok(Statement::Inputs(role, listed(i, input)?))
}

/// `P = 3*x`, or the entries of a vector: `c = [1, 2, 4]`.
fn definition(i: &mut Cursor<'_, '_>, to: &mut Vec<Statement>) -> Result<(), Error> {
    let target = target(i)?;
    i.expect("=", "`=`", "")?;
    if !i.at("[") {
        let expression = expression(i)?;
        to.push(Statement::Definition(Definition { target, expression }));
        return Ok(());
    }
    for (place, expression) in list(i)?.into_iter().enumerate() {
        let name = match target.name.strip_suffix(']') {
            Some(entry) if target.name.contains('[') => format!("{entry},{place}]"),
            _ => format!("{}[{place}]", target.name),
        };
        let target = Spanned { name, span: target.span.clone() };
        to.push(Statement::Definition(Definition { target, expression }));
    }
    Ok(())
}

/// `[1, 2, 4]`.
fn list(i: &mut Cursor<'_, '_>) -> Result<Vec<Expression>, Error> {
    i.advance();
    let entries = listed(i, expression)?;
    i.expect("]", "`,` or `]`", "")?;
    Ok(entries)
}

/// Reads on to tell what it is instead.
fn not_a_definition(i: &mut Cursor<'_, '_>) -> Error {
    let begin = i.here();
    if matches!(i.ahead(0), Some(Kind::Symbol("=" | ")" | "]" | ","))) {
        return i.unexpected(STATEMENT, "");
    }
    let x = match expression(i) {
        Ok(x) => x,
        Err(error) => return error,
    };
    if i.at("=") && matches!(x.kind, Entry(..)) {
        let hint =
            "the index of an entry is a number, or goes through a range: `x[i] = … for i = 1..9`";
        return i.unexpected("an operator or the end of the definition", hint);
    }
    if i.at("=") {
        let hint = "a name is defined, `P = …`, or a function of names, `f(x, y) = …`";
        return i.unexpected("an operator or the end of the definition", hint);
    }
    if let Err(error) = end_of_statement(i, "definition") {
        return error;
    }
    Error::Syntax {
        expected: STATEMENT.into(),
        found: "an expression without a name".into(),
        place: i.source.place(&begin, "name it: `P = …`"),
    }
}

/// `a, b, c`.
pub(crate) fn listed<'s, 't, T>(
    i: &mut Cursor<'s, 't>,
    mut item: impl FnMut(&mut Cursor<'s, 't>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut list = vec![item(i)?];
    while i.skip(",") {
        list.push(item(i)?);
    }
    Ok(list)
}

/// Whether `f(x, y) =` comes next.
pub(crate) fn is_function_head(i: &Cursor<'_, '_>) -> bool {
    let mut next = 2;
    while matches!(i.ahead(next), Some(Kind::Word(_) | Kind::Quoted(_))) {
        next += 1;
        if i.ahead(next) != Some(&Kind::Symbol(",")) {
            break;
        }
        next += 1;
    }
    i.ahead(next) == Some(&Kind::Symbol(")")) && i.ahead(next + 1) == Some(&Kind::Symbol("="))
}

/// Whether `w[1, 2] =` comes next.
pub(crate) fn is_entry_head(i: &Cursor<'_, '_>) -> bool {
    let mut next = 2;
    while matches!(i.ahead(next), Some(Kind::Number(_) | Kind::Symbol(","))) {
        next += 1;
    }
    i.ahead(next) == Some(&Kind::Symbol("]")) && i.ahead(next + 1) == Some(&Kind::Symbol("="))
}

/// Whether `x[…] = … for i = …` comes next.
fn is_family(i: &Cursor<'_, '_>) -> bool {
    let (mut next, mut open) = (1, 0_usize);
    loop {
        match i.ahead(next) {
            Some(Kind::Symbol("[" | "(")) => open += 1,
            Some(Kind::Symbol("]" | ")")) => open = open.saturating_sub(1),
            None | Some(Kind::End) => return false,
            Some(_) => {}
        }
        next += 1;
        if open == 0 && i.ahead(next) != Some(&Kind::Symbol("[")) {
            break;
        }
    }
    if i.ahead(next) != Some(&Kind::Symbol("=")) {
        return false;
    }
    while !matches!(i.ahead(next), None | Some(Kind::End)) {
        let is_range = matches!(i.ahead(next), Some(Kind::Word("for")))
            && matches!(i.ahead(next + 1), Some(Kind::Word(_) | Kind::Quoted(_)))
            && i.ahead(next + 2) == Some(&Kind::Symbol("="));
        if is_range {
            return true;
        }
        next += 1;
    }
    false
}

/// `x[i + 1] = 2*x[i] for i = 0..9`.
fn family(i: &mut Cursor<'_, '_>, to: &mut Vec<Statement>) -> Result<(), Error> {
    let mut target = i.new_name()?;
    let mut indices = Vec::new();
    while i.skip("[") {
        indices.extend(listed(i, expression)?);
        target.span.end = i.expect("]", "`]`", "")?.end;
    }
    i.expect("=", "`=`", "")?;
    let entries = if i.at("[") { Some(list(i)?) } else { None };
    let single = if entries.is_none() { Some(expression(i)?) } else { None };
    if i.ahead(0) != Some(&Kind::Word("for")) {
        return Err(i.unexpected("an operator or `for`", ""));
    }
    i.advance();
    let ranges = listed(i, range)?;
    let push = |indices: Vec<Expression>, expression: Expression| {
        let (target, ranges) = (target.clone(), ranges.clone());
        Statement::Family(Family { target, indices, expression, ranges })
    };
    to.extend(single.map(|expression| push(indices.clone(), expression)));
    for (place, expression) in entries.into_iter().flatten().enumerate() {
        let place = Expression::new(Number(place as f64), expression.span.clone());
        let indices = indices.iter().cloned().chain([place]).collect();
        to.push(push(indices, expression));
    }
    Ok(())
}

/// `i = 0..9`.
pub(crate) fn range(i: &mut Cursor<'_, '_>) -> Result<Range, Error> {
    const HINT: &str = "write for example `for i = 0..9`";
    let index = i.new_name()?;
    i.expect("=", "`=`", HINT)?;
    let from = expression(i)?;
    i.expect("..", "`..`", HINT)?;
    Ok(Range { index, from, to: expression(i)? })
}

fn function(i: &mut Cursor<'_, '_>, name: &str) -> Result<Statement, Error> {
    let span = i.advance();
    if let Some(meaning) = names::reserved(name) {
        let place = i.source.place(&span, "choose another name");
        return Err(Error::Reserved { name: name.into(), meaning, place });
    }
    i.advance();
    if i.at(")") {
        let hint = format!("without parameters, write `{name} = …`");
        return Err(i.unexpected("a parameter", &hint));
    }
    let parameters = listed(i, Cursor::new_name)?;
    if let Some(parameter) = parameters.get(MOST_PARAMETERS) {
        let what = format!("a function has at most {MOST_PARAMETERS} parameters");
        return Err(Error::Unreadable { what, place: i.source.place(&parameter.span, "") });
    }
    i.expect(")", "`)`", "")?;
    i.expect("=", "`=`", "")?;
    let target = Spanned { name: name.into(), span };
    Ok(Statement::Function(FunctionDefinition { target, parameters, body: expression(i)? }))
}

/// A name, or an entry with numbers as indices.
pub(crate) fn target(i: &mut Cursor<'_, '_>) -> Result<Spanned, Error> {
    let mut target = i.new_name()?;
    if i.skip("[") {
        let indices = listed(i, whole)?;
        let indices: Vec<String> = indices.iter().map(u64::to_string).collect();
        target.span.end = i.expect("]", "`]`", "")?.end;
        target.name = format!("{}[{}]", target.name, indices.join(","));
    }
    Ok(target)
}

/// A whole number without a sign.
fn whole(i: &mut Cursor<'_, '_>) -> Result<u64, Error> {
    match i.peek() {
        Some(Token { kind: Kind::Number(x), .. }) if x.fract() == 0.0 && *x <= LARGEST_WHOLE => {
            i.advance();
            Ok(*x as u64)
        }
        _ => Err(i.unexpected("a whole number", "")),
    }
}

/// A name, an entry, or a range of entries: `w[0..9]` is the vector w of length 10, `w[1..3]` are three inputs.
fn input(i: &mut Cursor<'_, '_>) -> Result<Declaration, Error> {
    if !(i.ahead(1) == Some(&Kind::Symbol("[")) && i.ahead(3) == Some(&Kind::Symbol(".."))) {
        return Ok(Declaration { target: target(i)?, range: None });
    }
    let mut target = i.new_name()?;
    i.advance();
    let from = whole(i)?;
    i.advance();
    let to = whole(i)?;
    target.span.end = i.expect("]", "`]`", "")?.end;
    if to < from {
        let what = "a range of inputs must go up".into();
        return Err(Error::Unreadable { what, place: i.source.place(&target.span, "") });
    }
    Ok(Declaration { target, range: Some((from, to)) })
}
