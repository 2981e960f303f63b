//! Statements as text: what a formula prints reads as the same formula.

use std::fmt::{Formatter, Result};

use uphill_graph::{Form, Op, Role};

use crate::names::{written, written_target};
use crate::syntax::{
    Declaration, Definition, Expression, Kind, Link, Range, Relation, Sense, Spanned, Statement,
    What, precedence,
};

/// One statement a line.
pub(crate) fn statements(f: &mut Formatter<'_>, statements: &[Statement]) -> Result {
    for (number, statement) in statements.iter().enumerate() {
        if number > 0 {
            f.write_str("\n")?;
        }
        match statement {
            Statement::Definition(definition) => {
                write!(f, "{} = ", written_target(&definition.target.name))?;
                expression(f, &definition.expression, precedence::OR)?;
            }
            Statement::Family(family) => {
                write!(f, "{}[", written(&family.target.name))?;
                list(f, &family.indices, |f, index| expression(f, index, precedence::OR))?;
                f.write_str("] = ")?;
                expression(f, &family.expression, precedence::OR)?;
                ranges(f, &family.ranges)?;
            }
            Statement::Function(function) => {
                write!(f, "{}(", function.target.name)?;
                list(f, &function.parameters, |f, parameter| name(f, parameter))?;
                f.write_str(") = ")?;
                expression(f, &function.body, precedence::OR)?;
            }
            Statement::Inputs(role, declarations) => {
                f.write_str(match role {
                    Role::Variable => "variables ",
                    Role::Parameter => "parameters ",
                })?;
                list(f, declarations, declaration)?;
            }
            Statement::Outputs(names) => {
                f.write_str("outputs ")?;
                list(f, names, |f, name| f.write_str(&written_target(&name.name)))?;
            }
            Statement::Goal(goal) => {
                f.write_str(match goal.sense {
                    Sense::Minimise => "minimise ",
                    Sense::Maximise => "maximise ",
                })?;
                let (What::Named(Definition { expression: x, .. }) | What::Bare(x)) = &goal.what;
                if let What::Named(definition) = &goal.what {
                    write!(f, "{} = ", written_target(&definition.target.name))?;
                }
                expression(f, x, precedence::OR)?;
            }
            Statement::SubjectTo(_) => f.write_str("subject to")?,
            Statement::Condition(condition) => {
                if let Some(name) = &condition.name {
                    write!(f, "{}: ", written(&name.name))?;
                }
                for (place, side) in condition.sides.iter().enumerate() {
                    if place > 0 {
                        f.write_str(match condition.relation {
                            Relation::AtMost => " <= ",
                            Relation::AtLeast => " >= ",
                            Relation::Equal => " = ",
                        })?;
                    }
                    expression(f, side, precedence::SUM)?;
                }
                ranges(f, &condition.ranges)?;
            }
        }
    }
    Ok(())
}

/// ` for i = 0..9`, if there are ranges.
fn ranges(f: &mut Formatter<'_>, ranges: &[Range]) -> Result {
    if ranges.is_empty() {
        return Ok(());
    }
    f.write_str(" for ")?;
    list(f, ranges, |f, range| {
        write!(f, "{} = ", written(&range.index.name))?;
        expression(f, &range.from, precedence::OR)?;
        f.write_str("..")?;
        expression(f, &range.to, precedence::OR)
    })
}

fn list<'f, T>(
    f: &mut Formatter<'f>,
    items: &[T],
    item: impl Fn(&mut Formatter<'f>, &T) -> Result,
) -> Result {
    for (number, one) in items.iter().enumerate() {
        if number > 0 {
            f.write_str(", ")?;
        }
        item(f, one)?;
    }
    Ok(())
}

fn name(f: &mut Formatter<'_>, name: &Spanned) -> Result {
    f.write_str(&written(&name.name))
}

fn declaration(f: &mut Formatter<'_>, declaration: &Declaration) -> Result {
    match declaration.range {
        Some((from, to)) => write!(f, "{}[{from}..{to}]", written(&declaration.target.name)),
        None => f.write_str(&written_target(&declaration.target.name)),
    }
}

fn level(x: &Expression) -> u8 {
    match &x.kind {
        Kind::Number(_)
        | Kind::Constant(..)
        | Kind::Name(_)
        | Kind::Entry(..)
        | Kind::Call(..)
        | Kind::Over(_) => precedence::ATOM,
        Kind::Negate(_) => precedence::SIGN,
        Kind::Not(_) => precedence::NOT,
        Kind::Chain(_, rest) => rest[0].0.precedence(),
        Kind::Power(..) => precedence::POWER,
        Kind::Compare(..) => precedence::COMPARISON,
    }
}

/// In parentheses, if it is looser than `loosest`.
fn expression(f: &mut Formatter<'_>, x: &Expression, loosest: u8) -> Result {
    if level(x) >= loosest {
        return bare(f, x);
    }
    f.write_str("(")?;
    bare(f, x)?;
    f.write_str(")")
}

fn bare(f: &mut Formatter<'_>, x: &Expression) -> Result {
    match &x.kind {
        Kind::Number(number) => write!(f, "{}", spelled(*number)),
        Kind::Constant(name, _) => f.write_str(name),
        Kind::Name(name) => f.write_str(&written(name)),
        Kind::Entry(base, indices) => {
            write!(f, "{}[", written(base))?;
            list(f, indices, |f, index| expression(f, index, precedence::OR))?;
            f.write_str("]")
        }
        Kind::Negate(x) => {
            f.write_str("-")?;
            expression(f, x, precedence::SIGN)
        }
        Kind::Not(x) => {
            f.write_str("not ")?;
            expression(f, x, precedence::NOT)
        }
        Kind::Chain(first, rest) => {
            expression(f, first, level(x) + 1)?;
            for (link, operand) in rest {
                f.write_str(match link {
                    Link::Or => " or ",
                    Link::And => " and ",
                    Link::Add => " + ",
                    Link::Subtract => " - ",
                    Link::Multiply => "*",
                    Link::Divide => "/",
                })?;
                expression(f, operand, level(x) + 1)?;
            }
            Ok(())
        }
        Kind::Power(base, exponent) => {
            expression(f, base, precedence::ATOM)?;
            f.write_str("^")?;
            expression(f, exponent, precedence::SIGN)
        }
        Kind::Compare(op, first, second) => {
            expression(f, first, precedence::SUM)?;
            write!(f, " {} ", sign(*op))?;
            expression(f, second, precedence::SUM)
        }
        Kind::Call(function, arguments) => {
            write!(f, "{function}(")?;
            list(f, arguments, |f, argument| expression(f, argument, precedence::OR))?;
            f.write_str(")")
        }
        Kind::Over(over) => {
            write!(f, "{}({}, ", over.function, written(&over.index))?;
            expression(f, &over.from, precedence::OR)?;
            f.write_str("..")?;
            expression(f, &over.to, precedence::OR)?;
            f.write_str(", ")?;
            expression(f, &over.body, precedence::OR)?;
            f.write_str(")")
        }
    }
}

fn sign(op: Op) -> &'static str {
    match op.form() {
        Form::Infix(sign, _) => sign,
        _ => op.name(),
    }
}

/// The shortest digits that read as the same number.
fn spelled(number: f64) -> String {
    let digits = format!("{number:?}");
    digits.strip_suffix(".0").map_or(digits.clone(), str::to_owned)
}
