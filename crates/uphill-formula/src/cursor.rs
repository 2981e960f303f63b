//! Walking over tokens: what both grammars, of expressions and of statements, are made of.

use std::ops::Range;

use crate::error::Error;
use crate::limits::Limits;
use crate::names;
use crate::place::Source;
use crate::syntax::Spanned;
use crate::tokens::{Kind, Token};

/// The tokens of a text, and what the parsers know besides them.
#[derive(Debug)]
pub(crate) struct Cursor<'s, 't> {
    pub(crate) source: Source<'t>,
    tokens: &'s [Token<'t>],
    position: usize,
    /// How many brackets are open.
    depth: usize,
    deepest: usize,
}

impl<'s, 't> Cursor<'s, 't> {
    pub(crate) fn new(source: Source<'t>, tokens: &'s [Token<'t>], limits: &Limits) -> Self {
        Cursor { source, tokens, position: 0, depth: 0, deepest: limits.deepest() }
    }

    /// The next token.
    pub(crate) fn peek(&self) -> Option<&'s Token<'t>> {
        self.tokens.get(self.position)
    }

    /// The kind of the next token but `skipped`.
    pub(crate) fn ahead(&self, skipped: usize) -> Option<&'s Kind<'t>> {
        self.tokens.get(self.position + skipped).map(|token| &token.kind)
    }

    /// Whether this sign comes next.
    pub(crate) fn at(&self, symbol: &str) -> bool {
        matches!(self.ahead(0), Some(Kind::Symbol(next)) if *next == symbol)
    }

    /// The place of the next token, or the end of the text.
    pub(crate) fn here(&self) -> Range<usize> {
        match self.peek() {
            Some(token) => token.span.clone(),
            None => self.source.0.len()..self.source.0.len(),
        }
    }

    /// Goes on behind the next token, and tells where that is.
    pub(crate) fn advance(&mut self) -> Range<usize> {
        let span = self.here();
        self.position += 1;
        span
    }

    /// Goes on behind this sign, if it comes next.
    pub(crate) fn skip(&mut self, symbol: &str) -> bool {
        let found = self.at(symbol);
        self.position += usize::from(found);
        found
    }

    /// Goes on behind this sign; nothing else may stand here.
    pub(crate) fn expect(
        &mut self,
        symbol: &str,
        expected: &str,
        hint: &str,
    ) -> Result<Range<usize>, Error> {
        if self.at(symbol) { Ok(self.advance()) } else { Err(self.unexpected(expected, hint)) }
    }

    /// A name that may be given a meaning: one of the notation's own must stand in backquotes.
    pub(crate) fn new_name(&mut self) -> Result<Spanned, Error> {
        let Some(Token { kind, span }) = self.peek() else {
            return Err(self.unexpected("a name", ""));
        };
        let name = match kind {
            Kind::Quoted(name) => name.clone(),
            Kind::Word(word) => match names::reserved(word) {
                None => (*word).into(),
                Some(meaning) => {
                    let place = self.source.place(span, names::advice(word));
                    return Err(Error::Reserved { name: (*word).into(), meaning, place });
                }
            },
            Kind::Number(_) | Kind::Symbol(_) | Kind::End => {
                return Err(self.unexpected("a name", ""));
            }
        };
        Ok(Spanned { name, span: self.advance() })
    }

    /// The error that something else was expected here.
    pub(crate) fn unexpected(&self, expected: &str, hint: &str) -> Error {
        let span = self.here();
        let found = match self.peek() {
            None => "the end of the text".into(),
            Some(token) if token.kind == Kind::End && self.source.0[span.clone()] == *"\n" => {
                "the end of the line".into()
            }
            Some(_) => self.source.quote(&span),
        };
        let place = self.source.place(&span, hint);
        Error::Syntax { expected: expected.into(), found, place }
    }

    /// Goes one level deeper, if that isn't too deep.
    pub(crate) fn descend(&mut self, span: &Range<usize>) -> Result<(), Error> {
        self.depth += 1;
        self.check_depth(self.depth, span)
    }

    /// Comes back from a level.
    pub(crate) fn ascend(&mut self) {
        self.depth -= 1;
    }

    pub(crate) fn check_depth(&self, depth: usize, span: &Range<usize>) -> Result<(), Error> {
        if depth <= self.deepest {
            return Ok(());
        }
        let span = span.start..span.end.min(span.start + 1);
        let hint = "give the inner part a name of its own";
        Err(Error::TooDeep { limit: self.deepest, place: self.source.place(&span, hint) })
    }
}
