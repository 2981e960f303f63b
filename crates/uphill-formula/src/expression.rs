//! The grammar of expressions: operators with their precedence, and what stands between them.

use std::ops::Range;

use uphill_graph::Op;

use crate::cursor::Cursor;
use crate::error::Error;
use crate::functions;
use crate::names;
use crate::syntax::{Expression, Kind, Link, Over, precedence};
use crate::tokens::{Kind as TokenKind, Token};

const RANGE: &str = "write for example `sum(i, 1..5, w[i])`";
const OPERAND: &str = "a number, a name or `(`";

/// What an operator between two operands makes of them.
#[derive(Clone, Copy)]
enum Infix {
    Chain(Link),
    Compare(Op),
    Power,
}

impl Infix {
    fn precedence(self) -> u8 {
        match self {
            Infix::Chain(link) => link.precedence(),
            Infix::Compare(_) => precedence::COMPARISON,
            Infix::Power => precedence::POWER,
        }
    }
}

fn infix(i: &Cursor<'_, '_>) -> Option<Infix> {
    let TokenKind::Symbol(symbol) = i.ahead(0)? else { return None };
    Some(match *symbol {
        "or" => Infix::Chain(Link::Or),
        "and" => Infix::Chain(Link::And),
        "+" => Infix::Chain(Link::Add),
        "-" => Infix::Chain(Link::Subtract),
        "*" => Infix::Chain(Link::Multiply),
        "/" => Infix::Chain(Link::Divide),
        "<" => Infix::Compare(Op::Less),
        "<=" => Infix::Compare(Op::LessEqual),
        ">" => Infix::Compare(Op::Greater),
        ">=" => Infix::Compare(Op::GreaterEqual),
        "==" => Infix::Compare(Op::Equal),
        "!=" => Infix::Compare(Op::NotEqual),
        "^" => Infix::Power,
        _ => return None,
    })
}

/// A sign makes an expression of its operand; a plus says nothing and leaves nothing.
type Sign = Option<fn(Box<Expression>) -> Kind>;

/// What waits for its last operand.
enum Pending {
    Infix(Expression, Infix),
    /// A sign, how tightly it binds, and where it stands.
    Sign(Sign, u8, usize),
}

impl Pending {
    /// Whether what comes next is an operand of its own or belongs to the operand of this.
    fn binds_before(&self, next: Infix) -> bool {
        match self {
            // a^b^c is a^(b^c).
            Pending::Infix(_, Infix::Power) => next.precedence() < precedence::POWER,
            Pending::Infix(_, infix) => next.precedence() <= infix.precedence(),
            Pending::Sign(_, level, _) => next.precedence() < *level,
        }
    }

    /// Whether `not` may stand in the operand, without parentheses.
    fn takes_not(&self) -> bool {
        match self {
            Pending::Infix(_, infix) => infix.precedence() < precedence::NOT,
            Pending::Sign(_, level, _) => *level <= precedence::NOT,
        }
    }
}

/// An expression.
pub(crate) fn expression(i: &mut Cursor<'_, '_>) -> Result<Expression, Error> {
    operands(i, precedence::OR)
}

/// A side of a comparison: an expression that ends where something is compared.
pub(crate) fn side(i: &mut Cursor<'_, '_>) -> Result<Expression, Error> {
    operands(i, precedence::SUM)
}

/// Operands and the operators between them, none looser than the loosest. What waits is in a list and not on the stack, so
/// that only brackets recurse.
fn operands(i: &mut Cursor<'_, '_>, loosest: u8) -> Result<Expression, Error> {
    let mut waiting: Vec<Pending> = Vec::new();
    loop {
        signs(i, &mut waiting)?;
        let mut x = operand(i)?;
        let next = infix(i).filter(|infix| infix.precedence() >= loosest);
        while let Some(pending) =
            waiting.pop_if(|pending| next.is_none_or(|next| pending.binds_before(next)))
        {
            x = finish(i, pending, x)?;
        }
        let Some(infix) = next else { return Ok(x) };
        i.advance();
        waiting.push(Pending::Infix(x, infix));
    }
}

fn signs(i: &mut Cursor<'_, '_>, waiting: &mut Vec<Pending>) -> Result<(), Error> {
    loop {
        let (sign, level): (Sign, u8) = match i.ahead(0) {
            Some(TokenKind::Symbol("-")) => (Some(Kind::Negate), precedence::POWER),
            Some(TokenKind::Symbol("+")) => (None, precedence::POWER),
            Some(TokenKind::Symbol("not")) => (Some(Kind::Not), precedence::NOT),
            _ => return Ok(()),
        };
        let allowed = waiting.last().is_none_or(Pending::takes_not);
        if level == precedence::NOT && !allowed {
            return Err(i.unexpected(OPERAND, "write parentheses, `(not a)`"));
        }
        waiting.push(Pending::Sign(sign, level, i.advance().start));
    }
}

/// What waited, with its last operand.
fn finish(i: &Cursor<'_, '_>, pending: Pending, mut y: Expression) -> Result<Expression, Error> {
    match pending {
        Pending::Infix(x, infix) => join(i, x, infix, y),
        Pending::Sign(None, _, start) => {
            y.span.start = start;
            Ok(y)
        }
        Pending::Sign(Some(sign), _, start) => {
            let span = start..y.span.end;
            checked(i, sign(Box::new(y)), span)
        }
    }
}

fn join(
    i: &Cursor<'_, '_>,
    x: Expression,
    infix: Infix,
    y: Expression,
) -> Result<Expression, Error> {
    let joined = match infix {
        Infix::Chain(link) => Expression::chain(x, link, y),
        Infix::Compare(op) => compare(i, x, op, y)?,
        Infix::Power => {
            let span = x.span.start..y.span.end;
            Expression::new(Kind::Power(Box::new(x), Box::new(y)), span)
        }
    };
    i.check_depth(joined.height, &joined.span)?;
    Ok(joined)
}

fn compare(i: &Cursor<'_, '_>, x: Expression, op: Op, y: Expression) -> Result<Expression, Error> {
    let span = x.span.start..y.span.end;
    if let (Kind::Compare(_, _, middle), false) = (&x.kind, x.parenthesised) {
        let text = |span: Range<usize>| i.source.0.get(span).unwrap_or_default();
        let (first, second) = (text(x.span.clone()), text(middle.span.start..y.span.end));
        let short = first.len() + second.len() < 60;
        let hint = if short && !first.contains('\n') && !second.contains('\n') {
            format!("write `{first} and {second}`")
        } else {
            "write `a < b and b < c`".into()
        };
        return Err(Error::ChainedComparison { place: i.source.place(&span, hint) });
    }
    Ok(Expression::new(Kind::Compare(op, Box::new(x), Box::new(y)), span))
}

fn operand(i: &mut Cursor<'_, '_>) -> Result<Expression, Error> {
    let Some(token) = i.peek() else { return Err(i.unexpected(OPERAND, "")) };
    match (&token.kind, i.ahead(1)) {
        (TokenKind::Number(number), _) => Ok(Expression::new(Kind::Number(*number), i.advance())),
        (TokenKind::Symbol("("), _) => parenthesised(i),
        (TokenKind::Word(function), Some(TokenKind::Symbol("("))) => call(i, function, ("(", ")")),
        // `exp[-b*x]`, as reference data sets write it: a function of the notation has no entries.
        (TokenKind::Word(function), Some(TokenKind::Symbol("[")))
            if functions::is_reserved(function) =>
        {
            call(i, function, ("[", "]"))
        }
        (TokenKind::Word(_) | TokenKind::Quoted(_), _) => name(i, token),
        (TokenKind::Symbol(_) | TokenKind::End, _) => Err(i.unexpected(OPERAND, "")),
    }
}

fn parenthesised(i: &mut Cursor<'_, '_>) -> Result<Expression, Error> {
    let (mut x, span) = inside(i, ("(", ")"), expression)?;
    x.span = span;
    x.parenthesised = true;
    Ok(x)
}

/// `f(x, y)`, `sum(i, 1..5, …)`.
fn call(
    i: &mut Cursor<'_, '_>,
    function: &str,
    brackets: (&str, &str),
) -> Result<Expression, Error> {
    let start = i.advance().start;
    let (kind, span) = inside(i, brackets, |i| arguments(i, function, brackets.1))?;
    checked(i, kind, start..span.end)
}

/// `x`, `w[3]`, `w[i, j + 1]`.
fn name(i: &mut Cursor<'_, '_>, token: &Token<'_>) -> Result<Expression, Error> {
    let kind = value_name(i, token)?;
    let span = i.advance();
    if !i.at("[") {
        return Ok(Expression::new(kind, span));
    }
    let Kind::Name(base) = kind else {
        return Err(i.unexpected("an operator", "only a name of your own has entries"));
    };
    let (mut all, mut end) = inside(i, ("[", "]"), indices)?;
    // `w[i][j]` is `w[i, j]`.
    while i.at("[") {
        let (more, last) = inside(i, ("[", "]"), indices)?;
        all.extend(more);
        end = last;
    }
    checked(i, Kind::Entry(base, all), span.start..end.end)
}

fn checked(i: &Cursor<'_, '_>, kind: Kind, span: Range<usize>) -> Result<Expression, Error> {
    let x = Expression::new(kind, span);
    i.check_depth(x.height, &x.span)?;
    Ok(x)
}

/// Something between brackets, one level deeper.
fn inside<'s, 't, T>(
    i: &mut Cursor<'s, 't>,
    (open, close): (&str, &str),
    content: impl FnOnce(&mut Cursor<'s, 't>) -> Result<T, Error>,
) -> Result<(T, Range<usize>), Error> {
    let begin = i.advance();
    i.descend(&begin)?;
    let content = content(i)?;
    if !i.at(close) {
        return Err(not_closed(i, open, close, &begin));
    }
    let end = i.advance();
    i.ascend();
    Ok((content, begin.start..end.end))
}

fn not_closed(i: &Cursor<'_, '_>, open: &str, close: &str, begin: &Range<usize>) -> Error {
    let place = i.source.place(begin, "");
    let (line, column) = (place.line(), place.column());
    let opened = format!("the `{open}` in line {line}, column {column} is open");
    // What stands in a later line is hardly a factor.
    let same_line = i.source.place(&i.here(), "").line() == line;
    let hint = what_next(i).filter(|_| same_line).unwrap_or(opened);
    i.unexpected(&format!("an operator or `{close}`"), &hint)
}

/// What people who write this mean.
pub(crate) fn what_next(i: &Cursor<'_, '_>) -> Option<String> {
    let hint = match i.ahead(0)? {
        TokenKind::Number(_) | TokenKind::Word(_) | TokenKind::Quoted(_) => {
            "to multiply, write `*`"
        }
        TokenKind::Symbol("(") => "to multiply, write `*`",
        TokenKind::Symbol("=") => "to compare, write `==`",
        TokenKind::Symbol("..") => "a range stands in `sum(i, 1..5, …)`",
        TokenKind::Symbol(":") => {
            "a condition is written `if(a > b, x, y)`, a range `1..5`; constraints alone have names, `power: x*y >= 25`"
        }
        TokenKind::Symbol("not") => "a factorial is `exp(ln_gamma(n + 1))`",
        _ => return None,
    };
    Some(hint.into())
}

/// `x, y`, or `i, 1..5, …`.
fn arguments(i: &mut Cursor<'_, '_>, function: &str, close: &str) -> Result<Kind, Error> {
    let mut list = Vec::new();
    while !i.at(close) || !list.is_empty() {
        list.push(expression(i)?);
        if i.at("=") && list.len() == 1 && functions::reduction(function).is_some() {
            i.advance();
            let from = expression(i)?;
            if !i.at("..") {
                return Err(i.unexpected("an operator or `..`", RANGE));
            }
            if let Some(index) = list.pop() {
                return over(i, function, index, from);
            }
        }
        if i.at("..") && list.len() == 2 && functions::reduction(function).is_some() {
            let from = list.pop();
            let index = list.pop();
            if let (Some(index), Some(from)) = (index, from) {
                return over(i, function, index, from);
            }
        }
        if !i.skip(",") {
            break;
        }
    }
    Ok(Kind::Call(function.into(), list))
}

/// The rest of `sum(i, 1..5, …)`, from the two points on.
fn over(
    i: &mut Cursor<'_, '_>,
    function: &str,
    index: Expression,
    from: Expression,
) -> Result<Kind, Error> {
    let index = match index.kind {
        Kind::Name(name) => name,
        _ => {
            let (expected, found) = ("a name for the index".into(), i.source.quote(&index.span));
            let place = i.source.place(&index.span, RANGE);
            return Err(Error::Syntax { expected, found, place });
        }
    };
    i.advance();
    let to = expression(i)?;
    i.expect(",", "`,` and what to repeat", RANGE)?;
    let body = expression(i)?;
    Ok(Kind::Over(Box::new(Over { function: function.into(), index, from, to, body })))
}

/// `3`, `i, j + 1`.
fn indices(i: &mut Cursor<'_, '_>) -> Result<Vec<Expression>, Error> {
    let mut indices = vec![expression(i)?];
    while i.skip(",") {
        indices.push(expression(i)?);
    }
    Ok(indices)
}

/// A name that stands for a number.
fn value_name(i: &Cursor<'_, '_>, token: &Token<'_>) -> Result<Kind, Error> {
    match &token.kind {
        TokenKind::Quoted(name) => Ok(Kind::Name(name.clone())),
        TokenKind::Word(word) => match names::constant(word) {
            Some((name, value)) => Ok(Kind::Constant(name, value)),
            None if functions::is_reserved(word) => {
                let hint = format!("write `{word}(…)`; {}", names::advice(word));
                let place = i.source.place(&token.span, hint);
                let (name, meaning) = ((*word).into(), "a function, not a number".into());
                Err(Error::Misused { name, meaning, place })
            }
            None => Ok(Kind::Name((*word).into())),
        },
        _ => Err(i.unexpected(OPERAND, "")),
    }
}
