//! Each operation of the table as operators of ONNX: the one that means the same, or a few of them.
//!
//! | operations | as |
//! | --- | --- |
//! | arithmetic, comparisons, `exp`, `ln`, `sqrt`, `abs`, `sign`, `floor`, `ceil`, trigonometric and hyperbolic ones and their inverses, `sigmoid`, `softplus`, `relu`, `erf`, `min`, `max`, `sum` | the operator of that meaning |
//! | `expm1`, `log1p`, `hypot`, `cbrt`, `round`, `mod`, `atan2`, `clamp`, `xlogy`, `log_sum_exp` and the like, and the slopes that derivatives are made of | a few operators, chosen so that no digits are lost where the operation is there to keep them |
//! | `erfc` | `1 − erf x`, whose error far out is one of 1, not of the value |
//! | `gamma`, `ln_gamma`, `digamma`, `trigamma`, `polygamma`, `erfcx`, `log_ndtr` and derivatives, a user's own | nothing: an error that names it |
//!
//! A `log_sum_exp` near 0 has the errors of 1, too. An operator may compute another last digit than uphill's kernels. At an infinity, or where `atan2` has a zero with a sign,
//! what is made of several operators may give another value.

use std::f64::consts::{FRAC_PI_2, LOG2_E, LOG10_E, PI};

use uphill_graph::Op;

use crate::error::Error;
use crate::message::{Attribute, INT, INTS};
use crate::writer::{Kind, Writer};

/// Writes the value of an operation for operands that are there; `place` says which value it is, for errors.
///
/// # Errors
///
/// [`Error::Operation`] for an operation that ONNX has not; [`Error::TooLarge`].
pub fn write(
    to: &mut Writer,
    op: Op,
    operands: &[&str],
    place: impl Fn() -> String,
) -> Result<String, Error> {
    let mut compose = Compose { to };
    match (op, operands) {
        (Op::Sum | Op::Product | Op::Dot | Op::LogSumExp | Op::Mean, _) => {
            compose.of_any_number(op, operands)
        }
        (_, &[x]) => compose.of_one(op, x),
        (_, &[x, y]) => compose.of_two(op, x, y),
        (Op::Direction, &[x, y, _]) => {
            let length = compose.hypot(x, y)?;
            let slope = compose.op("Div", &[x, &length]);
            let (is_zero, zero) = (compose.is(&length, 0.0)?, compose.number(0.0)?);
            Ok(Some(compose.op("Where", &[&is_zero, &zero, &slope])))
        }
        (Op::Clamp, &[x, lower, upper]) => {
            let above = compose.op("Max", &[x, lower]);
            Ok(Some(compose.op("Min", &[&above, upper])))
        }
        (Op::Select, &[condition, x, y]) => {
            let is_false = compose.is(condition, 0.0)?;
            Ok(Some(compose.op("Where", &[&is_false, y, x])))
        }
        _ => Ok(None),
    }?
    .ok_or_else(|| Error::Operation { op: op.name().to_owned(), place: place() })
}

/// Whether an operation can be written.
#[must_use]
pub fn is_known(op: Op) -> bool {
    !matches!(
        op,
        Op::Gamma
            | Op::LnGamma
            | Op::Digamma
            | Op::Trigamma
            | Op::Polygamma
            | Op::Erfcx
            | Op::ErfcxDerivative
            | Op::LogNdtr
            | Op::LogNdtrDerivative
            | Op::Custom(_)
    )
}

/// An attribute of one whole number.
#[must_use]
pub fn whole(name: &str, number: i64) -> Attribute {
    Attribute {
        name: Some(name.into()),
        i: Some(number),
        r#type: Some(INT),
        ..Attribute::default()
    }
}

/// An attribute of whole numbers.
#[must_use]
pub fn wholes(name: &str, numbers: &[i64]) -> Attribute {
    let ints = numbers.to_vec();
    Attribute { name: Some(name.into()), ints, r#type: Some(INTS), ..Attribute::default() }
}

/// A value, or none where ONNX has nothing for the operation.
type Written = Result<Option<String>, Error>;

struct Compose<'w> {
    to: &'w mut Writer,
}

impl Compose<'_> {
    fn op(&mut self, op: &str, operands: &[&str]) -> String {
        self.to.op(op, operands)
    }

    fn number(&mut self, number: f64) -> Result<String, Error> {
        self.to.number(number)
    }

    /// A value and a number.
    fn with(&mut self, op: &str, x: &str, number: f64) -> Result<String, Error> {
        let number = self.number(number)?;
        Ok(self.op(op, &[x, &number]))
    }

    /// Whether a value is this number.
    fn is(&mut self, x: &str, number: f64) -> Result<String, Error> {
        self.with("Equal", x, number)
    }

    fn truth(&mut self, truth: &str) -> String {
        let to = self.to.entries(Kind::Numbers);
        self.to.op_with("Cast", &[truth], vec![whole("to", to.into())])
    }

    fn of_one(&mut self, op: Op, x: &str) -> Written {
        let name = match op {
            Op::Neg => "Neg",
            Op::Recip => "Reciprocal",
            Op::Sqrt => "Sqrt",
            Op::Exp => "Exp",
            Op::Ln => "Log",
            Op::Sin => "Sin",
            Op::Cos => "Cos",
            Op::Tan => "Tan",
            Op::Asin => "Asin",
            Op::Acos => "Acos",
            Op::Atan => "Atan",
            Op::Sinh => "Sinh",
            Op::Cosh => "Cosh",
            Op::Tanh => "Tanh",
            Op::Asinh => "Asinh",
            Op::Acosh => "Acosh",
            Op::Atanh => "Atanh",
            Op::Sigmoid => "Sigmoid",
            Op::Softplus => "Softplus",
            Op::Relu => "Relu",
            Op::Erf => "Erf",
            Op::Abs => "Abs",
            Op::Sign => "Sign",
            Op::Floor => "Floor",
            Op::Ceil => "Ceil",
            _ => return self.composed_of_one(op, x),
        };
        Ok(Some(self.op(name, &[x])))
    }

    fn composed_of_one(&mut self, op: Op, x: &str) -> Written {
        Ok(Some(match op {
            Op::Square => self.op("Mul", &[x, x]),
            Op::Cbrt => {
                let size = self.op("Abs", &[x]);
                let (root, sign) = (self.with("Pow", &size, 1.0 / 3.0)?, self.op("Sign", &[x]));
                self.op("Mul", &[&sign, &root])
            }
            Op::Exp2 => {
                let two = self.number(2.0)?;
                self.op("Pow", &[&two, x])
            }
            // tanh(x/2)·(eˣ + 1): neither factor cancels near 0.
            Op::Expm1 => {
                let (half, power) = (self.with("Mul", x, 0.5)?, self.op("Exp", &[x]));
                let (tanh, more) = (self.op("Tanh", &[&half]), self.with("Add", &power, 1.0)?);
                self.op("Mul", &[&tanh, &more])
            }
            Op::Log2 | Op::Log10 => {
                let log = self.op("Log", &[x]);
                self.with("Mul", &log, if op == Op::Log2 { LOG2_E } else { LOG10_E })?
            }
            // ln u · x/(u − 1) with the rounded u = 1 + x: what was rounded away cancels.
            Op::Log1p => {
                let sum = self.with("Add", x, 1.0)?;
                let (log, kept) = (self.op("Log", &[&sum]), self.with("Sub", &sum, 1.0)?);
                let ratio = self.op("Div", &[x, &kept]);
                let (value, is_one) = (self.op("Mul", &[&log, &ratio]), self.is(&sum, 1.0)?);
                self.op("Where", &[&is_one, x, &value])
            }
            Op::OneMinusSquare => {
                let one = self.number(1.0)?;
                let factors = [self.op("Sub", &[&one, x]), self.op("Add", &[&one, x])];
                let (value, size) =
                    (self.op("Mul", &factors.each_ref().map(String::as_str)), self.op("Abs", &[x]));
                let (is_within, nan) =
                    (self.op("LessOrEqual", &[&size, &one]), self.number(f64::NAN)?);
                self.op("Where", &[&is_within, &value, &nan])
            }
            Op::Softsign => {
                let size = self.op("Abs", &[x]);
                let below = self.with("Add", &size, 1.0)?;
                self.op("Div", &[x, &below])
            }
            Op::Erfc => {
                let (one, erf) = (self.number(1.0)?, self.op("Erf", &[x]));
                self.op("Sub", &[&one, &erf])
            }
            // Halves away from zero; ONNX's own operator rounds them to even.
            Op::Round => {
                let size = self.op("Abs", &[x]);
                let whole = self.op("Floor", &[&size]);
                let rest = self.op("Sub", &[&size, &whole]);
                let is_up = self.with("GreaterOrEqual", &rest, 0.5)?;
                let up = self.truth(&is_up);
                let (size, sign) = (self.op("Add", &[&whole, &up]), self.op("Sign", &[x]));
                self.op("Mul", &[&sign, &size])
            }
            _ => return Ok(None),
        }))
    }

    fn of_two(&mut self, op: Op, x: &str, y: &str) -> Written {
        let name = match op {
            Op::Add => "Add",
            Op::Sub => "Sub",
            Op::Mul => "Mul",
            Op::Div => "Div",
            Op::Pow | Op::Powi => "Pow",
            Op::Min => "Min",
            Op::Max => "Max",
            Op::Less => return self.compared("Less", x, y),
            Op::LessEqual => return self.compared("LessOrEqual", x, y),
            Op::Greater => return self.compared("Greater", x, y),
            Op::GreaterEqual => return self.compared("GreaterOrEqual", x, y),
            Op::Equal => return self.compared("Equal", x, y),
            _ => return self.composed_of_two(op, x, y),
        };
        Ok(Some(self.op(name, &[x, y])))
    }

    fn compared(&mut self, op: &str, x: &str, y: &str) -> Written {
        let truth = self.op(op, &[x, y]);
        Ok(Some(self.truth(&truth)))
    }

    fn composed_of_two(&mut self, op: Op, x: &str, y: &str) -> Written {
        Ok(Some(match op {
            Op::NotEqual => {
                let equal = self.op("Equal", &[x, y]);
                let other = self.op("Not", &[&equal]);
                self.truth(&other)
            }
            Op::Hypot => self.hypot(x, y)?,
            // The angle of |y|/|x|, turned to the right half by the sign of x and to the right side by that of y.
            Op::Atan2 => {
                let (y, x) = (x, y);
                let (height, across) = (self.op("Abs", &[y]), self.op("Abs", &[x]));
                let slope = self.op("Div", &[&height, &across]);
                let steep = self.op("Atan", &[&slope]);
                let (zero, pi, right) =
                    (self.number(0.0)?, self.number(PI)?, self.number(FRAC_PI_2)?);
                let (is_up, is_zero) = (self.is(x, 0.0)?, self.is(y, 0.0)?);
                let upright = self.op("Where", &[&is_zero, &zero, &right]);
                let steep = self.op("Where", &[&is_up, &upright, &steep]);
                let (is_left, behind) =
                    (self.op("Less", &[x, &zero]), self.op("Sub", &[&pi, &steep]));
                let angle = self.op("Where", &[&is_left, &behind, &steep]);
                let (is_below, below) = (self.op("Less", &[y, &zero]), self.op("Neg", &[&angle]));
                self.op("Where", &[&is_below, &below, &angle])
            }
            // 1/cosh² x = 4e/(1 + e)² with e = e^(−2|x|), which never overflows.
            Op::TanhSlope => {
                let size = self.op("Abs", &[x]);
                let power = self.with("Mul", &size, -2.0)?;
                let power = self.op("Exp", &[&power]);
                let below = self.with("Add", &power, 1.0)?;
                let (above, below) =
                    (self.with("Mul", &power, 4.0)?, self.op("Mul", &[&below, &below]));
                self.op("Div", &[&above, &below])
            }
            Op::SigmoidSlope => {
                let other = self.op("Neg", &[x]);
                let both = [self.op("Sigmoid", &[x]), self.op("Sigmoid", &[&other])];
                self.op("Mul", &both.each_ref().map(String::as_str))
            }
            Op::Fmod => self.fmod(x, y),
            // Where signs differ, the remainder is on the other side.
            Op::Mod => {
                let rest = self.fmod(x, y);
                let zero = self.number(0.0)?;
                let signs = [self.op("Less", &[&rest, &zero]), self.op("Less", &[y, &zero])];
                let differ = self.op("Xor", &signs.each_ref().map(String::as_str));
                let (is_zero, moved) = (self.is(&rest, 0.0)?, self.op("Add", &[&rest, y]));
                let moved = self.op("Where", &[&differ, &moved, &rest]);
                self.op("Where", &[&is_zero, &rest, &moved])
            }
            Op::Xlogy => {
                let log = self.op("Log", &[y]);
                let (value, is_zero, zero) =
                    (self.op("Mul", &[x, &log]), self.is(x, 0.0)?, self.number(0.0)?);
                self.op("Where", &[&is_zero, &zero, &value])
            }
            _ => return Ok(None),
        }))
    }

    fn fmod(&mut self, x: &str, y: &str) -> String {
        self.to.op_with("Mod", &[x, y], vec![whole("fmod", 1)])
    }

    /// The larger one times √(1 + ratio²), which overflows where the length does alone.
    fn hypot(&mut self, x: &str, y: &str) -> Result<String, Error> {
        let sizes = [self.op("Abs", &[x]), self.op("Abs", &[y])];
        let sizes = sizes.each_ref().map(String::as_str);
        let (large, small) = (self.op("Max", &sizes), self.op("Min", &sizes));
        let ratio = self.op("Div", &[&small, &large]);
        let square = self.op("Mul", &[&ratio, &ratio]);
        let sum = self.with("Add", &square, 1.0)?;
        let root = self.op("Sqrt", &[&sum]);
        let (value, is_zero) = (self.op("Mul", &[&large, &root]), self.is(&small, 0.0)?);
        Ok(self.op("Where", &[&is_zero, &large, &value]))
    }

    fn of_any_number(&mut self, op: Op, operands: &[&str]) -> Written {
        let count = operands.len() as f64;
        Ok(Some(match (op, operands) {
            (Op::Sum | Op::Dot, []) => self.number(0.0)?,
            (Op::Product, []) => self.number(1.0)?,
            (Op::LogSumExp, []) => self.number(f64::NEG_INFINITY)?,
            (Op::Mean, []) => self.number(f64::NAN)?,
            (Op::Sum, _) => self.op("Sum", operands),
            (Op::Product, [first, others @ ..]) => {
                let mut product = (*first).to_owned();
                for other in others {
                    product = self.op("Mul", &[&product, other]);
                }
                product
            }
            (Op::Dot, _) => {
                let products = operands.chunks_exact(2).map(|pair| self.op("Mul", pair));
                let products: Vec<String> = products.collect();
                self.op("Sum", &products.iter().map(String::as_str).collect::<Vec<_>>())
            }
            (Op::LogSumExp, _) => {
                let largest = self.op("Max", operands);
                let mut powers = Vec::with_capacity(operands.len());
                for x in operands {
                    let less = self.op("Sub", &[x, &largest]);
                    powers.push(self.op("Exp", &[&less]));
                }
                let sum = self.op("Sum", &powers.iter().map(String::as_str).collect::<Vec<_>>());
                let log = self.op("Log", &[&sum]);
                self.op("Add", &[&largest, &log])
            }
            _ => {
                let sum = self.op("Sum", operands);
                self.with("Div", &sum, count)?
            }
        }))
    }
}
