//! The grammar of whole texts: definitions, and of problems what is minimised or maximised, and what it is subject to.

use crate::cursor::Cursor;
use crate::error::Error;
use crate::expression::{expression, side};
use crate::grammar::{
    end_of_statement, is_entry_head, is_function_head, is_subject_to, listed, range, skip_ends,
    statement, target,
};
use crate::limits::Limits;
use crate::place::Source;
use crate::syntax::{Condition, Definition, Goal, Relation, Sense, Statement, What};
use crate::tokens::{Kind, tokens};

/// `P = 3*x; …`, `minimise x^2; subject to x >= 1; …`
pub(crate) fn statements(source: Source<'_>, limits: &Limits) -> Result<Vec<Statement>, Error> {
    let tokens = tokens(source)?;
    let i = &mut Cursor::new(source, &tokens, limits);
    let mut statements = Vec::new();
    let mut constrained = false;
    skip_ends(i);
    while i.peek().is_some() {
        if is_subject_to(i) {
            let span = i.advance().start..i.advance().end;
            i.skip(":");
            if !constrained {
                statements.push(Statement::SubjectTo(span));
            }
            constrained = true;
            skip_ends(i);
            continue;
        }
        if i.ahead(0) == Some(&Kind::Word("such")) && i.ahead(1) == Some(&Kind::Word("that")) {
            return Err(i.unexpected("a definition or `subject to`", "write `subject to`"));
        }
        let mut kind = if constrained { "constraint" } else { "definition" };
        match sense(i, constrained) {
            Some(_) if constrained => return Err(too_late(i)),
            Some(sense) => {
                kind = "goal";
                let span = i.advance();
                statements.push(Statement::Goal(Goal { sense, span, what: what(i)? }));
            }
            None if constrained => statements.push(Statement::Condition(condition(i)?)),
            None => statement(i, &mut statements)?,
        }
        end_of_statement(i, kind)?;
    }
    Ok(statements)
}

/// Whether a goal comes next; whatever is called `minimise` may still be defined.
fn sense(i: &Cursor<'_, '_>, constrained: bool) -> Option<Sense> {
    let sense = match i.ahead(0)? {
        Kind::Word("minimise" | "minimize") => Sense::Minimise,
        Kind::Word("maximise" | "maximize") => Sense::Maximise,
        _ => return None,
    };
    let is_goal = match i.ahead(1) {
        Some(Kind::Word(_) | Kind::Quoted(_) | Kind::Number(_)) => true,
        Some(Kind::Symbol("=" | "[")) => false,
        Some(Kind::Symbol("(")) => !constrained && !is_function_head(i),
        _ => !constrained,
    };
    is_goal.then_some(sense)
}

fn too_late(i: &Cursor<'_, '_>) -> Error {
    let hint = "what is minimised or maximised stands before `subject to`";
    i.unexpected("a constraint such as `x*y >= 25`", hint)
}

/// `cost = x^2`, `x^2`.
fn what(i: &mut Cursor<'_, '_>) -> Result<What, Error> {
    let is_named = matches!(i.ahead(0), Some(Kind::Word(_) | Kind::Quoted(_)))
        && match i.ahead(1) {
            Some(Kind::Symbol("=")) => true,
            Some(Kind::Symbol("[")) => is_entry_head(i),
            _ => false,
        };
    if !is_named {
        return Ok(What::Bare(expression(i)?));
    }
    let target = target(i)?;
    i.expect("=", "`=`", "")?;
    Ok(What::Named(Definition { target, expression: expression(i)? }))
}

/// `power: x*y >= 25`, `0 <= x[i] <= 1 for i = 0..9`.
fn condition(i: &mut Cursor<'_, '_>) -> Result<Condition, Error> {
    let is_named = matches!(i.ahead(0), Some(Kind::Word(_) | Kind::Quoted(_)))
        && i.ahead(1) == Some(&Kind::Symbol(":"));
    let name = if is_named { Some(i.new_name()?) } else { None };
    if is_named {
        i.advance();
    }
    let mut sides = vec![side(i)?];
    let Some(relation) = relation(i)? else { return Err(no_constraint(i)) };
    i.advance();
    sides.push(side(i)?);
    if let Some(second) = self::relation(i)? {
        if second != relation || relation == Relation::Equal {
            let what = "limits of both sides point the same way".into();
            let hint = match Relation::Equal == relation || Relation::Equal == second {
                true => "write two constraints",
                false => "write `a <= e <= b` or `a >= e >= b`",
            };
            let place = i.source.place(&i.here(), hint);
            return Err(Error::Constraint { what, place });
        }
        i.advance();
        sides.push(side(i)?);
        if self::relation(i)?.is_some() {
            let what = "a constraint has two limits at most".into();
            let place = i.source.place(&i.here(), "write two constraints");
            return Err(Error::Constraint { what, place });
        }
    }
    let mut ranges = Vec::new();
    if i.ahead(0) == Some(&Kind::Word("for")) {
        i.advance();
        ranges = listed(i, range)?;
    }
    if let Some(Kind::Symbol("and" | "or")) = i.ahead(0) {
        let hint = "constraints are parted by `;` or lines, and all of them hold";
        return Err(i.unexpected("the end of the constraint", hint));
    }
    Ok(Condition { name, relation, sides, ranges })
}

/// The relation that comes next, if it is one that a constraint may have.
fn relation(i: &Cursor<'_, '_>) -> Result<Option<Relation>, Error> {
    let Some(Kind::Symbol(symbol)) = i.ahead(0) else { return Ok(None) };
    let wrong = |what: &str, hint: &str| {
        Err(Error::Constraint { what: what.into(), place: i.source.place(&i.here(), hint) })
    };
    Ok(Some(match *symbol {
        "<=" => Relation::AtMost,
        ">=" => Relation::AtLeast,
        "=" | "==" => Relation::Equal,
        "<" => return wrong("a strict limit has no optimum", "write `<=`"),
        ">" => return wrong("a strict limit has no optimum", "write `>=`"),
        "!=" => {
            return wrong("a constraint can't leave a number out", "write `<=`, `>=` or `=`");
        }
        _ => return Ok(None),
    }))
}

fn no_constraint(i: &Cursor<'_, '_>) -> Error {
    let hint = match i.ahead(0) {
        Some(Kind::Symbol("and" | "or" | ",")) => "constraints are parted by `;` or lines",
        Some(Kind::Word(_) | Kind::Quoted(_)) => {
            "definitions and declarations stand before `subject to`; to multiply, write `*`"
        }
        Some(Kind::Number(_) | Kind::Symbol("(")) => "to multiply, write `*`",
        _ => "",
    };
    i.unexpected("an operator, `<=`, `>=` or `=`", hint)
}
