//! The functions that formulas can call: every row of the op table, other names, and what is made of several rows.

use std::fmt;
use std::ops::RangeInclusive;

use uphill_graph::{Arity, Custom, Form, LARGEST_EXPONENT, Op};

use crate::compositions::{self, Composition};

/// Whole numbers up to here are exact in `f64`, so that indices and ranges can be counted.
pub(crate) const LARGEST_WHOLE: f64 = 9_007_199_254_740_992.0;

/// What a function's name stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Builtin {
    /// The operation on the arguments.
    Op(Op),
    /// The operation on the first two arguments, then on the result and the next one.
    Fold(Op),
    /// The natural logarithm, or the one to a given base.
    Logarithm,
    /// Several operations.
    Composed(&'static Composition),
    /// Of the arguments after the first, the share of the one with this number.
    Softmax,
}

/// The names besides those of the table: other people's for the same, and what takes any number of arguments.
const MORE: [(&str, Builtin); 16] = [
    ("log", Builtin::Logarithm),
    ("if", Builtin::Op(Op::Select)),
    ("arcsin", Builtin::Op(Op::Asin)),
    ("arccos", Builtin::Op(Op::Acos)),
    ("arctan", Builtin::Op(Op::Atan)),
    ("arcsinh", Builtin::Op(Op::Asinh)),
    ("arccosh", Builtin::Op(Op::Acosh)),
    ("arctanh", Builtin::Op(Op::Atanh)),
    ("min", Builtin::Fold(Op::Min)),
    ("max", Builtin::Fold(Op::Max)),
    ("hypot", Builtin::Fold(Op::Hypot)),
    ("expit", Builtin::Op(Op::Sigmoid)),
    ("tgamma", Builtin::Op(Op::Gamma)),
    ("lgamma", Builtin::Op(Op::LnGamma)),
    ("gammaln", Builtin::Op(Op::LnGamma)),
    ("softmax", Builtin::Softmax),
];

/// Functions whose names people also give to numbers, as `beta` and `gamma`, or to functions of their own: they are
/// functions in front of a parenthesis and where nothing else has the name.
const NOT_RESERVED: [&str; 11] = [
    "gamma", "floor", "ceil", "round", "mod", "fmod", "softsign", "softmax", "expit", "erfcx",
    "erfc",
];

/// The built-in function of this name, then the custom operation.
pub(crate) fn find(name: &str) -> Option<Builtin> {
    builtin(name).or_else(|| Some(Builtin::Op(Custom::from_name(name)?.op())))
}

fn builtin(name: &str) -> Option<Builtin> {
    match MORE.iter().find(|(more, _)| *more == name) {
        Some((_, builtin)) => Some(*builtin),
        None => Op::from_name(name)
            .filter(|op| !is_of_rules(*op))
            .map(Builtin::Op)
            .or_else(|| compositions::find(name).map(Builtin::Composed)),
    }
}

/// Operations that derivative rules are written with; people write functions, and may give these names to numbers.
fn is_of_rules(op: Op) -> bool {
    matches!(op, Op::SigmoidSlope | Op::TanhSlope | Op::Direction | Op::OneMinusSquare)
}

/// Whether the notation itself has a function of this name that nothing else may have; custom operations don't take
/// names from anyone.
pub(crate) fn is_reserved(name: &str) -> bool {
    let is_free = NOT_RESERVED.contains(&name) || compositions::find(name).is_some();
    !is_free && builtin(name).is_some()
}

/// The names of all built-in functions, but for other people's.
pub(crate) fn names<'n>() -> impl Iterator<Item = &'n str> {
    let composed = compositions::ALL.iter().map(|composition| composition.name);
    let operations = Op::ALL.iter().copied().filter(|op| !is_of_rules(*op));
    operations.map(|op| op.name()).chain(["log", "if", "softmax", "lgamma"]).chain(composed)
}

/// A function that formulas can call, for lists of them: see [`Call::all`].
///
/// Shown, it is a call: `atan2(y, x)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Call {
    name: &'static str,
    builtin: Builtin,
}

impl Call {
    /// All functions of the notation: those of the op table, in its order, then other names.
    ///
    /// ```
    /// use uphill_formula::Call;
    ///
    /// let calls: Vec<String> = Call::all().map(|call| call.to_string()).collect();
    /// for call in ["sin(x)", "atan2(y, x)", "max(x, y, …)", "if(condition, x, y)", "log(x, base)"] {
    ///     assert!(calls.iter().any(|known| known == call), "{call}");
    /// }
    /// ```
    pub fn all() -> impl Iterator<Item = Call> {
        let is_other = |name: &&str| MORE.iter().any(|(more, _)| more == name);
        let own = Op::ALL.iter().filter(|op| !is_of_rules(**op)).map(|op| op.name());
        let own = own.filter(move |name| !is_other(name));
        let composed = compositions::names();
        let names = own.chain(MORE.iter().map(|(name, _)| *name)).chain(composed);
        names.filter_map(|name| Some(Call { name, builtin: builtin(name)? }))
    }

    /// Its name: `atan2`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Whether an operator says the same: `add(x, y)` is `x + y`.
    #[must_use]
    pub fn is_operator(self) -> bool {
        match self.builtin {
            Builtin::Op(op) => {
                matches!(op.form(), Form::Infix(..) | Form::Prefix(..))
            }
            _ => false,
        }
    }

    /// The function that this is another name of: `atan` for `arctan`.
    #[must_use]
    pub fn stands_for(self) -> Option<&'static str> {
        match self.builtin {
            Builtin::Op(op) if op.name() != self.name => Some(op.name()),
            Builtin::Composed(composition) if composition.name != self.name => {
                Some(composition.name)
            }
            _ => None,
        }
    }

    /// Its arguments by name, as they stand between the parentheses: `y, x`.
    #[must_use]
    pub fn arguments(self) -> &'static str {
        match self.builtin {
            Builtin::Logarithm => "x, base",
            Builtin::Op(Op::Select) => "condition, x, y",
            Builtin::Op(Op::Atan2) => "y, x",
            Builtin::Op(Op::Powi) => "x, n",
            Builtin::Op(Op::Polygamma | Op::ErfcxDerivative | Op::LogNdtrDerivative) => "n, x",
            Builtin::Softmax => "n, x, y, …",
            Builtin::Composed(composition) => composition.arguments,
            Builtin::Op(Op::Clamp) => "x, lower, upper",
            Builtin::Op(Op::Dot) => "x1, y1, x2, y2, …",
            Builtin::Op(op) => match op.arity() {
                Arity::Exactly(1) => "x",
                Arity::Exactly(2) => "x, y",
                Arity::Exactly(_) => "x, y, z",
                Arity::Any | Arity::Pairs => "x, y, …",
            },
            Builtin::Fold(_) => "x, y, …",
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.name, self.arguments())
    }
}

/// What `name(i, from..to, …)` makes of its terms.
pub(crate) fn reduction(name: &str) -> Option<Builtin> {
    let reduces = matches!(
        builtin(name)?,
        Builtin::Fold(_) | Builtin::Op(Op::Sum | Op::Product | Op::Mean | Op::LogSumExp)
    ) || matches!(builtin(name)?, Builtin::Composed(composition) if composition.takes_any());
    if reduces { builtin(name) } else { None }
}

impl Builtin {
    /// Whether it takes so many arguments. Those that take any number need one: `mean()` is a slip.
    pub(crate) fn accepts(self, count: usize) -> bool {
        match self {
            Builtin::Fold(_) => count > 0,
            Builtin::Logarithm => count == 1 || count == 2,
            Builtin::Op(op) => count > 0 && op.arity().accepts(count),
            Builtin::Composed(composition) => composition.count.contains(&count),
            Builtin::Softmax => count > 1,
        }
    }

    /// The number of arguments, in words.
    pub(crate) fn expected(self) -> String {
        match self {
            Builtin::Logarithm => "1 argument, or 2 with the base".into(),
            Builtin::Op(op) => match op.arity() {
                Arity::Exactly(count) => arguments(count),
                Arity::Any => "1 argument or more".into(),
                Arity::Pairs => "pairs of arguments".into(),
            },
            Builtin::Fold(_) => "1 argument or more".into(),
            Builtin::Composed(composition) if composition.takes_any() => {
                "1 argument or more".into()
            }
            Builtin::Composed(composition) => match composition.count.clone().into_inner() {
                (least, most) if least == most => arguments(least),
                (least, most) => format!("{} or {most}", arguments(least)),
            },
            Builtin::Softmax => "the number of an argument and 1 argument or more".into(),
        }
    }
}

/// `1 argument`, `2 arguments`.
pub(crate) fn arguments(count: usize) -> String {
    if count == 1 { "1 argument".into() } else { format!("{count} arguments") }
}

/// What the graph asks of an operand that must be a number: which operand, its name, in words what it must be, and
/// whether a number is that.
pub(crate) struct ConstantOperand {
    pub(crate) position: usize,
    pub(crate) name: String,
    pub(crate) expected: &'static str,
    pub(crate) range: RangeInclusive<f64>,
}

impl ConstantOperand {
    pub(crate) fn accepts(&self, number: f64) -> bool {
        number.fract() == 0.0 && self.range.contains(&number)
    }
}

/// The operand of an operation that must be a number, if it has one.
pub(crate) fn constant_operand(op: Op) -> Option<ConstantOperand> {
    let (position, range) = op.whole_operand()?;
    let (what, expected, range) = match op {
        Op::Powi => {
            let most = f64::from(LARGEST_EXPONENT);
            ("exponent", "a whole number of at most 2147483000, with either sign", -most..=most)
        }
        _ => ("order", "a whole number from 0 to 168", range),
    };
    Some(ConstantOperand {
        position,
        name: format!("the {what} of `{}`", op.name()),
        expected,
        range,
    })
}

/// Whether `x^n` is a power by repeated multiplication, and its derivatives as well, whose exponents are smaller by 1
/// each.
pub(crate) fn is_whole_exponent(n: f64) -> bool {
    n.fract() == 0.0 && n.abs() <= f64::from(LARGEST_EXPONENT)
}
