//! From characters to numbers, names and signs, and to the ends of statements.

use std::ops::Range;

use crate::error::Error;
use crate::names::{begins_word, continues_word};
use crate::place::{Source, byte_order_mark, character, quote};

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind<'t> {
    Number(f64),
    Word(&'t str),
    /// A name that stood in backquotes.
    Quoted(String),
    /// An operator, a bracket or a comma, in its one spelling.
    Symbol(&'static str),
    /// The end of a statement: a semicolon or the end of a line.
    End,
}

#[derive(Debug, Clone)]
pub(crate) struct Token<'t> {
    pub(crate) kind: Kind<'t>,
    pub(crate) span: Range<usize>,
}

/// All tokens of a text.
pub(crate) fn tokens(source: Source<'_>) -> Result<Vec<Token<'_>>, Error> {
    let mut tokens = Vec::new();
    let mut start = byte_order_mark(source.0);
    loop {
        start += blank(&source.0[start..]);
        let Some(first) = source.0[start..].chars().next() else {
            return Ok(statements(source, tokens));
        };
        let (kind, length) = token(source, start, first)?;
        tokens.push(Token { kind, span: start..start + length });
        start += length;
    }
}

fn advice(rest: &str) -> &'static str {
    if rest.starts_with(":=") {
        return "a definition is written with `=` alone";
    }
    match rest.chars().next().unwrap_or_default() {
        '²' | '³' | '¹' | '⁰' | '⁴'..='⁹' => "a power is written `x^2`",
        '&' => "write `and`",
        '|' => "write `or`; a magnitude is written `abs(x)`",
        '{' | '}' => "write parentheses",
        '?' | ':' => "a condition is written `if(a > b, x, y)`",
        '←' | '→' => "a definition is written `P = …`",
        '√' => "a square root is written `sqrt(x)`",
        '∛' => "a cube root is written `cbrt(x)`",
        '∑' | '∏' => {
            "sums and products are written `sum(i, 1..5, w[i])`, `product(i, 1..5, w[i])`"
        }
        '∧' => "write `and`",
        '∨' => "write `or`",
        '¬' => "write `not`",
        '.' => "a decimal point stands beside digits, a range is written `1..5`",
        '\'' | '"' => "a name with spaces or signs stands in backquotes",
        _ => "",
    }
}

/// The length of space and comments, but no ends of lines.
fn blank(text: &str) -> usize {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c != '\n' && c.is_whitespace());
        if !rest.starts_with('#') && !rest.starts_with("//") {
            return text.len() - rest.len();
        }
        rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
    }
}

/// The token that begins here, with its length.
fn token(source: Source<'_>, start: usize, first: char) -> Result<(Kind<'_>, usize), Error> {
    let rest = &source.0[start..];
    if let Some(length) = number_length(rest.as_bytes()) {
        return Ok((number(source, start..start + length)?, length));
    }
    if begins_word(first) {
        let length = rest.find(|c| !continues_word(c)).unwrap_or(rest.len());
        let kind = match &rest[..length] {
            "and" => Kind::Symbol("and"),
            "or" => Kind::Symbol("or"),
            "not" => Kind::Symbol("not"),
            word => Kind::Word(word),
        };
        return Ok((kind, length));
    }
    if first == '`' {
        return quoted(source, start);
    }
    if matches!(first, ';' | '\n') {
        return Ok((Kind::End, 1));
    }
    match symbol(rest, first) {
        Some((symbol, length)) => Ok((Kind::Symbol(symbol), length)),
        None => {
            let what = format!("the character {} has no meaning here", character(first));
            let place = source.place(&(start..start + first.len_utf8()), advice(rest));
            Err(Error::Unreadable { what, place })
        }
    }
}

/// The length of `12`, `1.5`, `.5`, `5.`, `1e-3`. In `1..5`, the first point is not the number's.
fn number_length(text: &[u8]) -> Option<usize> {
    let at = |position: usize| text.get(position).copied().unwrap_or(b' ');
    let digits = |from: usize| {
        let more = text.iter().skip(from).take_while(|byte| byte.is_ascii_digit());
        from + more.count()
    };
    let mut end = digits(0);
    if at(end) == b'.' && at(end + 1) != b'.' && (end > 0 || at(1).is_ascii_digit()) {
        end = digits(end + 1);
    }
    if end == 0 {
        return None;
    }
    if matches!(at(end), b'e' | b'E') {
        let exponent = end + 1 + usize::from(matches!(at(end + 1), b'+' | b'-'));
        if at(exponent).is_ascii_digit() {
            end = digits(exponent);
        }
    }
    Some(end)
}

fn number<'t>(source: Source<'_>, span: Range<usize>) -> Result<Kind<'t>, Error> {
    let text = &source.0[span.clone()];
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(Kind::Number(number)),
        _ => {
            let what = format!("the number {} is too large", quote(text));
            let place = source.place(&span, "the largest is about 1.8e308");
            Err(Error::Unreadable { what, place })
        }
    }
}

/// A name in backquotes, in which a backquote stands twice.
fn quoted<'t>(source: Source<'_>, start: usize) -> Result<(Kind<'t>, usize), Error> {
    let mut name = String::new();
    let mut ended = false;
    let mut length = 1;
    let mut characters = source.0[start + 1..].chars().peekable();
    while let Some(c) = characters.next() {
        if c.is_control() {
            break;
        }
        length += c.len_utf8();
        if c == '`' {
            if characters.next_if_eq(&'`').is_none() {
                ended = true;
                break;
            }
            length += 1;
        }
        name.push(c);
    }
    let what = if !ended {
        match source.0[start + length..].chars().next() {
            Some(c) if c.is_control() && c != '\n' => {
                "a name has no control characters, tabs included"
            }
            _ => "the name in backquotes doesn't end",
        }
    } else if name.trim().is_empty() {
        "the name in backquotes is empty"
    } else if name.trim() != name {
        "the name in backquotes begins or ends with a space"
    } else {
        return Ok((Kind::Quoted(name), length));
    };
    let place = source.place(&(start..start + length), "");
    Err(Error::Unreadable { what: what.into(), place })
}

/// The one spelling of the sign that begins here, with its length.
fn symbol(text: &str, first: char) -> Option<(&'static str, usize)> {
    const TWO: [(&str, &str); 8] = [
        ("**", "^"),
        ("..", ".."),
        ("==", "=="),
        ("!=", "!="),
        ("<=", "<="),
        (">=", ">="),
        ("&&", "and"),
        ("||", "or"),
    ];
    if let Some((spelling, symbol)) = TWO.iter().find(|(spelling, _)| text.starts_with(spelling)) {
        return Some((symbol, spelling.len()));
    }
    let symbol = match first {
        '+' => "+",
        '-' | '−' => "-",
        '*' | '·' | '×' | '⋅' => "*",
        '/' | '÷' => "/",
        '^' => "^",
        '(' => "(",
        ')' => ")",
        '[' => "[",
        ']' => "]",
        ',' => ",",
        '=' => "=",
        '<' => "<",
        '>' => ">",
        '≤' => "<=",
        '≥' => ">=",
        '≠' => "!=",
        '!' => "not",
        ':' if !text.starts_with(":=") => ":",
        _ => return None,
    };
    Some((symbol, first.len_utf8()))
}

/// Drops the ends of lines that end no statement: inside brackets, behind an operator or a comma, and before an
/// operator or a closing bracket, which can't begin a statement. In constraints, behind one that compares, a line that
/// compares, too, and begins with `-` is the next one.
fn statements<'t>(source: Source<'_>, tokens: Vec<Token<'t>>) -> Vec<Token<'t>> {
    let mut kept: Vec<Token<'t>> = Vec::with_capacity(tokens.len());
    let mut open = 0_usize;
    let (mut constrained, mut compared) = (false, false);
    let is_newline = |token: &Token<'_>| source.0.as_bytes()[token.span.start] == b'\n';
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        match token.kind {
            Kind::Symbol("(" | "[") => open += 1,
            Kind::Symbol(")" | "]") => open = open.saturating_sub(1),
            Kind::Symbol(symbol) if open == 0 && is_relation(symbol) => compared = true,
            Kind::Word("to") => {
                constrained |= kept.last().is_some_and(|last| last.kind == Kind::Word("subject"));
            }
            Kind::End if is_newline(&token) => {
                while tokens.as_slice().first().is_some_and(is_newline) {
                    tokens.next();
                }
                let continues = |kind: &Kind<'_>| match kind {
                    Kind::Symbol(symbol) => !matches!(*symbol, ")" | "]"),
                    _ => false,
                };
                let begun = kept.last().is_some_and(|last| continues(&last.kind));
                let next = tokens.as_slice();
                let goes_on = next.first().is_some_and(|first| match first.kind {
                    Kind::Symbol("-") if open == 0 && constrained && compared => !compares(next),
                    Kind::Symbol(symbol) => !matches!(symbol, "(" | "[" | "not"),
                    _ => false,
                });
                if open > 0 || begun || goes_on {
                    continue;
                }
                compared = false;
            }
            Kind::End => compared = false,
            _ => {}
        }
        kept.push(token);
    }
    kept
}

fn is_relation(symbol: &str) -> bool {
    matches!(symbol, "<=" | ">=" | "=" | "==" | "<" | ">" | "!=")
}

/// Whether a line compares something, outside of brackets.
fn compares(line: &[Token<'_>]) -> bool {
    let mut open = 0_usize;
    for token in line {
        match token.kind {
            Kind::Symbol("(" | "[") => open += 1,
            Kind::Symbol(")" | "]") => open = open.saturating_sub(1),
            Kind::Symbol(symbol) if open == 0 && is_relation(symbol) => return true,
            Kind::End if open == 0 => return false,
            _ => {}
        }
    }
    false
}
