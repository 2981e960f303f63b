//! Formulas as text: a node's operation with its operands, in as few parentheses as the reader needs.
//!
//! Each kind of text is a [`Style`]. That of traces is a contract and never changes; those for reading say `−a·b` for
//! `-(a*b)`, and in Unicode `x²`, `√x` and `≤`.

use crate::layout::Layout;
use crate::node::{Node, NodeId};
use crate::op::{ATOM, Form, Op, POWER, PRODUCT, SIGN, SUM};
use crate::print::number;

/// Of longer lists of operands the first few and the last one are shown in traces.
const LONGEST_LIST: usize = 32;
const SHOWN_OF_LONG_LIST: usize = 4;

/// The signs of a kind of text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    times: &'static str,
    minus: &'static str,
    /// For people: a sign needs no parentheses around the product behind it, and lists are whole.
    reading: bool,
    /// Superscripts, roots and comparisons as mathematics has them.
    unicode: bool,
}

impl Style {
    /// Traces and stories of trouble.
    pub(crate) const TRACE: Style =
        Style { times: "*", minus: "-", reading: false, unicode: false };
    /// Formulas for reading that the formula notation reads back.
    pub(crate) const ASCII: Style = Style { times: "*", minus: "-", reading: true, unicode: false };
    /// Formulas for reading as a textbook has them.
    pub(crate) const UNICODE: Style =
        Style { times: "·", minus: "−", reading: true, unicode: true };

    /// How tightly a formula binds; a root without a bar over it binds looser than a call.
    fn precedence(&self, op: Op, operands: usize) -> u8 {
        if self.unicode && op == Op::Sqrt { SIGN } else { precedence(op, operands) }
    }
}

impl Layout<'_> {
    /// The formula of a node, in terms of labels.
    pub(crate) fn formula(&self, id: NodeId, style: &Style) -> String {
        let mut out = String::new();
        Writer { layout: self, style, out: &mut out }.formula(id, 0);
        out
    }
}

impl Layout<'_> {
    /// The entries of a vector in brackets, the middle of a long one cut.
    pub(crate) fn list(&self, entries: impl ExactSizeIterator<Item = NodeId>) -> String {
        let last = entries.len().saturating_sub(1);
        let hidden = if last < LONGEST_LIST { 0..0 } else { SHOWN_OF_LONG_LIST..last };
        let mut out = String::from("[");
        for (k, entry) in entries.enumerate() {
            if k == hidden.start && !hidden.is_empty() {
                out.push_str(&format!(", ... ({} more) ...", hidden.len()));
            }
            if hidden.contains(&k) {
                continue;
            }
            if k > 0 {
                out.push_str(", ");
            }
            Writer { layout: self, style: &Style::TRACE, out: &mut out }.operand(entry, 0);
        }
        out.push(']');
        out
    }
}

struct Writer<'a> {
    layout: &'a Layout<'a>,
    style: &'a Style,
    out: &'a mut String,
}

impl Writer<'_> {
    /// An operand: its name, or its formula in parentheses if it binds looser than `least`.
    fn operand(&mut self, id: NodeId, least: u8) {
        if self.layout.is_atom(id) {
            self.out.push_str(&self.layout.label(id));
            return;
        }
        self.formula(id, least);
    }

    /// As [`Writer::operand`], behind a sign or a star: what begins with a minus goes into parentheses.
    fn later_operand(&mut self, id: NodeId, least: u8) {
        let start = self.out.len();
        self.operand(id, least);
        if self.out[start..].starts_with(self.style.minus) {
            self.out.insert(start, '(');
            self.out.push(')');
        }
    }

    fn number(&mut self, x: f64) {
        self.out.push_str(&number(x, None).replace('-', self.style.minus));
    }

    fn formula(&mut self, id: NodeId, least: u8) {
        let (op, x) = match self.layout.graph.node(id) {
            Node::Op(op, x) => (op, x),
            Node::Constant(c) => return self.number(c),
            Node::Result { .. } | Node::Input(_) => {
                let style = self.style;
                let write = |layout: &Layout<'_>, id: NodeId| layout.formula(id, style);
                if let Some(equations) = self.layout.equations(id, write) {
                    self.out.push_str(&format!("root({equations})"));
                    return;
                }
                return self.out.push_str(&self.layout.called(id).to_string());
            }
            Node::Copy(of) => return self.operand(of, least),
        };
        let precedence = self.style.precedence(op, x.len());
        let parentheses = precedence < least;
        if parentheses {
            self.out.push('(');
        }
        match (op.form(), x) {
            (Form::Infix("+", _), _) => self.sum(x),
            (Form::Infix("-", _), &[a, b]) => {
                self.operand(a, SUM);
                self.out.push_str(&format!(" {} ", self.style.minus));
                self.later_operand(b, PRODUCT);
            }
            (Form::Infix("^", _), &[a, b]) if self.superscript(b).is_some() => {
                self.operand(a, ATOM);
                let exponent = self.superscript(b).unwrap_or_default();
                self.out.push_str(&exponent);
            }
            (Form::Infix("^", _), &[a, b]) => {
                let start = self.out.len();
                self.operand(a, ATOM);
                // (-2)^3 is not -2^3.
                if self.out[start..].starts_with(self.style.minus) {
                    self.out.insert(start, '(');
                    self.out.push(')');
                }
                self.out.push('^');
                self.later_operand(b, ATOM);
            }
            (Form::Infix(symbol @ ("*" | "/"), _), &[a, b]) => {
                self.operand(a, PRODUCT);
                self.out.push_str(if symbol == "*" { self.style.times } else { symbol });
                self.later_operand(b, SIGN);
            }
            (Form::Infix(symbol, own), &[a, b]) => {
                self.operand(a, own + 1);
                let symbol = match symbol {
                    "<=" if self.style.unicode => "≤",
                    ">=" if self.style.unicode => "≥",
                    "!=" if self.style.unicode => "≠",
                    symbol => symbol,
                };
                self.out.push_str(&format!(" {symbol} "));
                self.operand(b, own + 1);
            }
            (Form::Prefix(..), &[a]) => {
                self.out.push_str(self.style.minus);
                self.later_operand(a, if self.style.reading { PRODUCT } else { POWER });
            }
            (Form::Superscript(exponent), &[a]) => {
                self.operand(a, ATOM);
                if self.style.unicode {
                    self.out.push_str(&raised(exponent));
                } else {
                    self.out.push('^');
                    self.out.push_str(exponent);
                }
            }
            (Form::Reciprocal, &[a]) => {
                self.out.push_str("1/");
                self.later_operand(a, SIGN);
            }
            (Form::Sum, [_, _, ..]) => self.sum(x),
            // A name for what has a name already.
            (Form::Sum, &[only]) if self.style.reading => self.operand(only, 0),
            (Form::SumOfProducts, [_, _, ..]) => self.sum_of_products(x),
            (Form::Product, [_, _, ..]) => self.listed(x, |writer, k, factor| {
                if k == 0 {
                    writer.operand(factor, PRODUCT);
                } else {
                    writer.out.push_str(writer.style.times);
                    writer.later_operand(factor, SIGN);
                }
            }),
            (Form::Call, &[a]) if self.style.unicode && op == Op::Sqrt => {
                self.out.push('√');
                self.operand(a, ATOM);
            }
            _ => {
                self.out.push_str(op.name());
                self.out.push('(');
                self.listed(x, |writer, k, operand| {
                    if k > 0 {
                        writer.out.push_str(", ");
                    }
                    writer.operand(operand, 0);
                });
                self.out.push(')');
            }
        }
        if parentheses {
            self.out.push(')');
        }
    }

    /// A whole number as an exponent in Unicode.
    fn superscript(&self, exponent: NodeId) -> Option<String> {
        match self.layout.graph.node(exponent) {
            Node::Constant(n) if self.style.unicode && n.fract() == 0.0 && n.abs() < 100.0 => {
                Some(raised(&n.to_string()))
            }
            _ => None,
        }
    }

    /// Writes the items of a list, the middle of a long one cut.
    fn listed<T: Copy>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, usize, T)) {
        let whole = self.style.reading || items.len() <= LONGEST_LIST;
        for (k, &item) in items.iter().enumerate() {
            if !whole && k == SHOWN_OF_LONG_LIST {
                let hidden = items.len() - SHOWN_OF_LONG_LIST - 1;
                self.out.push_str(&format!(" ... ({hidden} more) ..."));
            }
            if whole || k < SHOWN_OF_LONG_LIST || k + 1 == items.len() {
                write(self, k, item);
            }
        }
    }

    fn sum(&mut self, terms: &[NodeId]) {
        self.listed(terms, |writer, k, term| {
            if k == 0 {
                writer.operand(term, SUM);
            } else {
                writer.signed(|writer| writer.operand(term, PRODUCT));
            }
        });
    }

    fn sum_of_products(&mut self, operands: &[NodeId]) {
        let pairs: Vec<[NodeId; 2]> =
            operands.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect();
        self.listed(&pairs, |writer, k, [a, b]| {
            let product = |writer: &mut Self| {
                writer.operand(a, PRODUCT);
                writer.out.push_str(writer.style.times);
                writer.later_operand(b, SIGN);
            };
            if k == 0 { product(writer) } else { writer.signed(product) }
        });
    }

    /// A term behind another one: ` + term`, or ` - term` where the term begins with a minus.
    fn signed(&mut self, write: impl FnOnce(&mut Self)) {
        let start = self.out.len();
        write(self);
        let minus = self.style.minus;
        if self.out[start..].starts_with(minus) {
            self.out.replace_range(start..start + minus.len(), &format!(" {minus} "));
        } else {
            self.out.insert_str(start, " + ");
        }
    }
}

/// How tightly a formula binds.
pub(crate) fn precedence(op: Op, operands: usize) -> u8 {
    match op.form() {
        Form::Infix(_, own) | Form::Prefix(_, own) => own,
        Form::Sum | Form::SumOfProducts if operands > 1 => {
            if op == Op::Dot && operands == 2 {
                PRODUCT
            } else {
                SUM
            }
        }
        Form::Product if operands > 1 => PRODUCT,
        Form::Reciprocal => PRODUCT,
        Form::Superscript(_) => POWER,
        _ => ATOM,
    }
}

/// Digits as superscripts.
pub(crate) fn raised(digits: &str) -> String {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let raise = |c: char| match c.to_digit(10) {
        Some(digit) => RAISED[digit as usize],
        None => '⁻',
    };
    digits.chars().map(raise).collect()
}
