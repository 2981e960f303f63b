//! What a text says, before it means anything: statements and expressions.
//!
//! Sums, products and conditions are flat lists, so that a long one is not a deep one; whatever else nests has its
//! height, which the reader bounds. So every walk over an expression may recurse.

use std::ops;

use uphill_graph::{Op, Role};

/// How tightly an expression binds: the loosest first.
pub(crate) mod precedence {
    pub(crate) const OR: u8 = 10;
    pub(crate) const AND: u8 = 20;
    pub(crate) const NOT: u8 = 30;
    pub(crate) const COMPARISON: u8 = 40;
    pub(crate) const SUM: u8 = 50;
    pub(crate) const PRODUCT: u8 = 60;
    pub(crate) const SIGN: u8 = 70;
    pub(crate) const POWER: u8 = 80;
    pub(crate) const ATOM: u8 = 90;
}

/// An operator that binds from left to right in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    Or,
    And,
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl Link {
    pub(crate) fn precedence(self) -> u8 {
        match self {
            Link::Or => precedence::OR,
            Link::And => precedence::AND,
            Link::Add | Link::Subtract => precedence::SUM,
            Link::Multiply | Link::Divide => precedence::PRODUCT,
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Expression {
    pub(crate) kind: Kind,
    /// The bytes of the text, parentheses included.
    pub(crate) span: ops::Range<usize>,
    /// How many expressions it holds inside each other, itself counted.
    pub(crate) height: usize,
    /// Whether it stands in parentheses: `(a < b) < c` compares a truth, `a < b < c` is a slip.
    pub(crate) parenthesised: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// A number without a sign.
    Number(f64),
    /// `e`, `pi`.
    Constant(&'static str, f64),
    /// A definition, an input, a parameter or an index.
    Name(String),
    /// `w[i, j]`.
    Entry(String, Vec<Expression>),
    Negate(Box<Expression>),
    Not(Box<Expression>),
    /// At least two operands, with operators of one precedence.
    Chain(Box<Expression>, Vec<(Link, Expression)>),
    Power(Box<Expression>, Box<Expression>),
    Compare(Op, Box<Expression>, Box<Expression>),
    Call(String, Vec<Expression>),
    /// `sum(i, 1..5, w[i])`.
    Over(Box<Over>),
}

/// A reduction over a range.
#[derive(Debug, Clone)]
pub(crate) struct Over {
    pub(crate) function: String,
    pub(crate) index: String,
    pub(crate) from: Expression,
    pub(crate) to: Expression,
    pub(crate) body: Expression,
}

impl Expression {
    pub(crate) fn new(kind: Kind, span: ops::Range<usize>) -> Expression {
        let tallest = |list: &[Expression]| list.iter().map(|e| e.height).max().unwrap_or(0);
        let inner = match &kind {
            Kind::Number(_) | Kind::Constant(..) | Kind::Name(_) => 0,
            Kind::Negate(x) | Kind::Not(x) => x.height,
            Kind::Power(x, y) | Kind::Compare(_, x, y) => x.height.max(y.height),
            Kind::Entry(_, list) | Kind::Call(_, list) => tallest(list),
            Kind::Chain(first, rest) => {
                rest.iter().map(|(_, e)| e.height).fold(first.height, usize::max)
            }
            Kind::Over(over) => over.from.height.max(over.to.height).max(over.body.height),
        };
        Expression { kind, span, height: inner + 1, parenthesised: false }
    }

    /// `x link y`, in the list that `x` is, if it is one of this precedence: `(a + b) + c` is `a + b + c`.
    pub(crate) fn chain(x: Expression, link: Link, y: Expression) -> Expression {
        let span = x.span.start..y.span.end;
        match x.kind {
            Kind::Chain(first, mut rest) if rest[0].0.precedence() == link.precedence() => {
                let height = x.height.max(y.height + 1);
                rest.push((link, y));
                Expression { kind: Kind::Chain(first, rest), span, height, parenthesised: false }
            }
            _ => Expression::new(Kind::Chain(Box::new(x), vec![(link, y)]), span),
        }
    }

    /// Whether this name stands for something in it that is known outside of it.
    pub(crate) fn uses(&self, name: &str) -> bool {
        match &self.kind {
            Kind::Number(_) | Kind::Constant(..) => false,
            Kind::Name(own) => own == name,
            Kind::Negate(x) | Kind::Not(x) => x.uses(name),
            Kind::Power(x, y) | Kind::Compare(_, x, y) => x.uses(name) || y.uses(name),
            Kind::Entry(_, list) | Kind::Call(_, list) => list.iter().any(|x| x.uses(name)),
            Kind::Chain(first, rest) => first.uses(name) || rest.iter().any(|(_, x)| x.uses(name)),
            Kind::Over(over) => {
                let body = over.index != name && over.body.uses(name);
                body || over.from.uses(name) || over.to.uses(name)
            }
        }
    }

    /// Whether it can only be 1 or 0.
    pub(crate) fn is_truth(&self) -> bool {
        match &self.kind {
            Kind::Compare(..) | Kind::Not(_) => true,
            Kind::Chain(_, rest) => matches!(rest[0].0, Link::And | Link::Or),
            _ => false,
        }
    }
}

/// A name with the place where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Spanned {
    pub(crate) name: String,
    pub(crate) span: ops::Range<usize>,
}

#[derive(Debug, Clone)]
pub(crate) struct Definition {
    pub(crate) target: Spanned,
    pub(crate) expression: Expression,
}

/// Entries of a vector by their index: `x[i + 1] = 2*x[i] for i = 0..9`.
#[derive(Debug, Clone)]
pub(crate) struct Family {
    /// The vector's name, and where the entry stands.
    pub(crate) target: Spanned,
    pub(crate) indices: Vec<Expression>,
    pub(crate) expression: Expression,
    pub(crate) ranges: Vec<Range>,
}

/// `i = 0..9`.
#[derive(Debug, Clone)]
pub(crate) struct Range {
    pub(crate) index: Spanned,
    pub(crate) from: Expression,
    pub(crate) to: Expression,
}

#[derive(Debug, Clone)]
pub(crate) struct FunctionDefinition {
    pub(crate) target: Spanned,
    pub(crate) parameters: Vec<Spanned>,
    pub(crate) body: Expression,
}

/// A declared input, or entries of a vector.
#[derive(Debug, Clone)]
pub(crate) struct Declaration {
    pub(crate) target: Spanned,
    /// The first and the last index.
    pub(crate) range: Option<(u64, u64)>,
}

/// Whether a problem asks for the least or for the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sense {
    /// The least performance is the best.
    Minimise,
    /// The largest performance is the best.
    Maximise,
}

/// `minimise cost = x^2`, `maximise x*y`.
#[derive(Debug, Clone)]
pub(crate) struct Goal {
    pub(crate) sense: Sense,
    /// Where the verb stands.
    pub(crate) span: ops::Range<usize>,
    pub(crate) what: What,
}

/// What is minimised or maximised.
#[derive(Debug, Clone)]
pub(crate) enum What {
    Named(Definition),
    Bare(Expression),
}

/// How the sides of a condition compare, from left to right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    AtMost,
    AtLeast,
    Equal,
}

/// What a problem is subject to: `power: x*y >= 25`, `0 <= x[i] <= 1 for i = 0..9`.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    pub(crate) name: Option<Spanned>,
    pub(crate) relation: Relation,
    /// Two, or three: then the outer ones are limits of the middle one.
    pub(crate) sides: Vec<Expression>,
    pub(crate) ranges: Vec<Range>,
}

impl Condition {
    /// Where the sides stand.
    pub(crate) fn span(&self) -> ops::Range<usize> {
        let ends = self.sides.first().zip(self.sides.last());
        ends.map_or(0..0, |(first, last)| first.span.start..last.span.end)
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Statement {
    Definition(Definition),
    Family(Family),
    Function(FunctionDefinition),
    Inputs(Role, Vec<Declaration>),
    Outputs(Vec<Spanned>),
    Goal(Goal),
    /// The words `subject to`, and where they stand; conditions follow.
    SubjectTo(ops::Range<usize>),
    Condition(Condition),
}
