//! One action as an expression of its operands; lists become a few lines with a running sum.

use uphill_graph::Op;

use super::body::Body;
use crate::code::Action;
use crate::error::Error;

/// Up to so many operands of a list stand in one expression.
const TOGETHER: usize = 8;

impl Body<'_, '_> {
    /// The value of an action that computes one number. `x` are its operands: names, places or numbers.
    pub(super) fn value(&mut self, action: Action, x: &[String]) -> Result<String, Error> {
        let infix = |sign: &str| format!("{} {sign} {}", x[0], x[1]);
        let one = self.number(1.0);
        Ok(match action {
            Action::Op(op) => return self.operation(op, x),
            Action::Copy => x[0].clone(),
            Action::MultiplyAdd => self.call("mul_add", x),
            Action::NegativeMultiplyAdd => {
                let negative = negative(&x[0]);
                self.call("mul_add", &[negative, x[1].clone(), x[2].clone()])
            }
            Action::MultiplySubtract => {
                let negative = negative(&x[2]);
                self.call("mul_add", &[x[0].clone(), x[1].clone(), negative])
            }
            Action::SigmoidSlope => format!("{0} * ({1} * ({one} - {1}))", x[0], x[1]),
            Action::TanhSlope => format!("{0} * ({one} - {1} * {1})", x[0], x[1]),
            Action::Dot => self.fused_dot(x),
            // Totals are added, not computed; blocks and loops are lines of their own.
            Action::Total => infix("+"),
            Action::Block | Action::OuterTotal | Action::Loop => {
                let what = format!("the program is broken: {action:?} as a value");
                return Err(Error::Invalid { what });
            }
        })
    }

    fn operation(&mut self, op: Op, x: &[String]) -> Result<String, Error> {
        let infix = |sign: &str| Ok(format!("{} {sign} {}", x[0], x[1]));
        let (zero, one) = (self.number(0.0), self.number(1.0));
        let truth = |body: &Body<'_, '_>, sign: &str| {
            let condition = format!("{} {sign} {}", x[0], x[1]);
            Ok(body.language().choice(&condition, &one, &zero))
        };
        match op {
            Op::Add => infix("+"),
            Op::Sub => infix("-"),
            Op::Mul => infix("*"),
            Op::Div => infix("/"),
            Op::Neg => Ok(negative(&x[0])),
            Op::Recip => Ok(format!("{one} / {}", x[0])),
            Op::Square => Ok(format!("{0} * {0}", x[0])),
            Op::Less => truth(self, "<"),
            Op::LessEqual => truth(self, "<="),
            Op::Greater => truth(self, ">"),
            Op::GreaterEqual => truth(self, ">="),
            Op::Equal => truth(self, "=="),
            Op::NotEqual => truth(self, "!="),
            Op::Select => Ok(self.language().choice(&format!("{} == {zero}", x[0]), &x[2], &x[1])),
            Op::Powi => Ok(match whole(&x[1]) {
                Some(exponent) => {
                    let x = self.widened(&x[0]);
                    self.kernel("powi", &[x, exponent])
                }
                None => self.call("powi_of_number", x),
            }),
            Op::Polygamma | Op::ErfcxDerivative | Op::LogNdtrDerivative => {
                let function = match op {
                    Op::ErfcxDerivative => "erfcx_derivative_of_number",
                    Op::LogNdtrDerivative => "log_ndtr_derivative_of_number",
                    _ => "polygamma_of_number",
                };
                Ok(self.call(function, x))
            }
            // `mod` is no name of a function in Rust.
            Op::Mod => Ok(self.call("modulo", x)),
            Op::Sum => Ok(self.chain("+", &zero, x)),
            Op::Product => Ok(self.chain("*", &one, x)),
            Op::Mean => {
                let sum = self.chain("+", &zero, x);
                Ok(format!("({sum}) / {}", self.number(x.len() as f64)))
            }
            Op::Dot => {
                let products: Vec<String> =
                    x.chunks_exact(2).map(|pair| format!("{} * {}", pair[0], pair[1])).collect();
                Ok(self.chain("+", &zero, &products))
            }
            Op::LogSumExp if x.is_empty() => Ok(self.number(f64::NEG_INFINITY)),
            Op::LogSumExp => {
                let x: Vec<String> = x.iter().map(|x| self.widened(x)).collect();
                let list = self.language().list(&x);
                Ok(self.kernel("log_sum_exp", &list))
            }
            Op::Custom(_) => {
                let what = format!("source text of the custom operation `{}`", op.name());
                Err(Error::Unsupported { what })
            }
            // Any other operation is a kernel of its name.
            _ => Ok(self.call(op.name(), x)),
        }
    }

    /// `x₁ + x₂ + …` from the first to the last; long chains in several lines.
    fn chain(&mut self, sign: &str, empty: &str, x: &[String]) -> String {
        let joined = |x: &[String]| x.join(&format!(" {sign} "));
        let Some((first, rest)) = x.split_at_checked(TOGETHER) else {
            return if x.is_empty() { empty.into() } else { joined(x) };
        };
        if rest.is_empty() {
            return joined(first);
        }
        let name = self.variable(&joined(first));
        for terms in rest.chunks(TOGETHER) {
            self.line(&format!("{name} = {name} {sign} {};", joined(terms)));
        }
        name
    }

    /// The first product rounded, each further one added and rounded once.
    pub(super) fn fused_dot(&mut self, x: &[String]) -> String {
        let mut pairs = x.chunks_exact(2);
        let Some(first) = pairs.next() else { return self.number(0.0) };
        let mut sum = format!("{} * {}", first[0], first[1]);
        let is_long = x.len() > 6;
        if is_long {
            sum = self.variable(&sum);
        }
        for pair in pairs {
            let next = self.add_product(&pair[0], &pair[1], &sum);
            if is_long {
                self.line(&format!("{sum} = {next};"));
            } else {
                sum = next;
            }
        }
        sum
    }

    pub(super) fn add_product(&mut self, x: &str, y: &str, sum: &str) -> String {
        self.call("mul_add", &[x.into(), y.into(), sum.into()])
    }
}

/// With the other sign; two signs in a row would be something else in C.
fn negative(x: &str) -> String {
    if x.starts_with('-') { format!("-({x})") } else { format!("-{x}") }
}

/// A number in the text as a whole one, if it is one that an exponent can be.
fn whole(number: &str) -> Option<String> {
    let number: f64 = number.trim_end_matches("_f32").trim_end_matches('f').parse().ok()?;
    let whole = number as i32;
    // The lowest is left out: in C it is no number but a difference.
    (f64::from(whole) == number && whole != i32::MIN).then(|| whole.to_string())
}
