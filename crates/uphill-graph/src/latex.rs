//! Formulas in LaTeX: fractions, roots, cases, and functions by the names that mathematics has for them.

use crate::formula_text::precedence;
use crate::latex_name::latex_name;
use crate::layout::Layout;
use crate::node::{Node, NodeId};
use crate::op::{ATOM, Form, Op, PRODUCT, SIGN, SUM};
use crate::print::number;
use crate::script::Script;

/// A number; powers of ten as such.
pub(crate) fn latex_number(x: f64, digits: Option<usize>) -> String {
    match number(x, digits) {
        text if text == "inf" => r"\infty".into(),
        text if text == "-inf" => r"-\infty".into(),
        text if text == "NaN" => r"\mathrm{NaN}".into(),
        text => match text.split_once('e') {
            Some((digits, power)) => format!(r"{digits} \cdot 10^{{{power}}}"),
            None => text,
        },
    }
}

/// The formula of a node in LaTeX, in terms of labels.
pub(crate) fn latex_formula(layout: &Layout<'_>, id: NodeId) -> String {
    let (op, x) = match layout.graph.node(id) {
        Node::Op(op, x) => (op, x),
        Node::Constant(c) => return latex_number(c, None),
        Node::Input(_) => return latex_name(&layout.label(id)),
        Node::Result { .. } => {
            return match layout.equations(id, latex_formula) {
                Some(equations) => format!(r"\operatorname{{root}}\left({equations}\right)"),
                None => latex_name(&layout.called(id).to_string()),
            };
        }
        Node::Copy(of) => return latex_formula(layout, of),
    };
    let free = |k: usize| operand(layout, x[k], 0);
    let tight = |k: usize, least: u8| operand(layout, x[k], least);
    match (op.form(), x) {
        (Form::Infix("/", _), _) => format!(r"\frac{{{}}}{{{}}}", free(0), free(1)),
        (Form::Reciprocal, _) => format!(r"\frac{{1}}{{{}}}", free(0)),
        (Form::Infix("^", _), _) => format!("{}^{{{}}}", tight(0, ATOM), free(1)),
        (Form::Superscript(exponent), _) => format!("{}^{{{exponent}}}", tight(0, ATOM)),
        (Form::Prefix(..), _) => format!("-{}", later(tight(0, PRODUCT))),
        (Form::Infix("*", _), _) => product(layout, x),
        (Form::Infix("-", _), _) => format!("{} - {}", tight(0, SUM), later(tight(1, PRODUCT))),
        (Form::Infix("+", _), _) => {
            Script::Latex.sum(x.iter().map(|&term| operand(layout, term, SUM)))
        }
        (Form::Sum, [_]) => free(0),
        (Form::Sum, [_, _, ..]) => {
            Script::Latex.sum(x.iter().map(|&term| operand(layout, term, SUM)))
        }
        (Form::Product, [_, _, ..]) => product(layout, x),
        (Form::SumOfProducts, [_, _, ..]) => {
            Script::Latex.sum(x.chunks_exact(2).map(|pair| product(layout, pair)))
        }
        (Form::Infix(symbol, own), _) => {
            let symbol = match symbol {
                "<=" => r"\le",
                ">=" => r"\ge",
                "==" => "=",
                "!=" => r"\ne",
                other => other,
            };
            format!("{} {symbol} {}", tight(0, own + 1), tight(1, own + 1))
        }
        _ => call(layout, op, x),
    }
}

fn call(layout: &Layout<'_>, op: Op, x: &[NodeId]) -> String {
    let each = || x.iter().map(|&id| operand(layout, id, 0));
    let arguments = || each().collect::<Vec<_>>().join(", ");
    match (op, x) {
        (Op::Sqrt, _) => format!(r"\sqrt{{{}}}", arguments()),
        (Op::Cbrt, _) => format!(r"\sqrt[3]{{{}}}", arguments()),
        (Op::Exp, _) => format!("e^{{{}}}", arguments()),
        (Op::Exp2, _) => format!("2^{{{}}}", arguments()),
        (Op::Abs, _) => format!(r"\left|{}\right|", arguments()),
        (Op::Floor, _) => format!(r"\left\lfloor {} \right\rfloor", arguments()),
        (Op::Ceil, _) => format!(r"\left\lceil {} \right\rceil", arguments()),
        (Op::Select, _) => {
            let parts: Vec<String> = each().collect();
            let [condition, then, other] = parts.as_slice() else { return String::new() };
            format!(
                r"\begin{{cases}} {then} & \text{{if }} {condition} \\ {other} & \text{{otherwise}} \end{{cases}}"
            )
        }
        (Op::LogSumExp, [_, ..]) => {
            let powers = each().map(|power| format!("e^{{{power}}}")).collect::<Vec<_>>();
            format!(r"\ln\left({}\right)", powers.join(" + "))
        }
        _ => format!(r"{}\left({}\right)", function_name(op), arguments()),
    }
}

fn function_name(op: Op) -> String {
    let name = match op {
        Op::Sin
        | Op::Cos
        | Op::Tan
        | Op::Sinh
        | Op::Cosh
        | Op::Tanh
        | Op::Ln
        | Op::Min
        | Op::Max => return format!(r"\{}", op.name()),
        Op::Asin => r"\arcsin",
        Op::Acos => r"\arccos",
        Op::Atan => r"\arctan",
        Op::Log2 => r"\log_{2}",
        Op::Log10 => r"\log_{10}",
        Op::Gamma => r"\Gamma",
        Op::LnGamma => r"\ln\Gamma",
        Op::Digamma => r"\psi",
        _ => return format!(r"\operatorname{{{}}}", op.name().replace('_', r"\_")),
    };
    name.into()
}

fn operand(layout: &Layout<'_>, id: NodeId, least: u8) -> String {
    if layout.is_atom(id) {
        return latex_name(&layout.label(id));
    }
    let formula = latex_formula(layout, id);
    match layout.graph.node(id) {
        // A fraction holds itself together.
        Node::Op(op, x)
            if precedence(op, x.len()) < least && !(is_fraction(op) && least <= SIGN) =>
        {
            format!(r"\left({formula}\right)")
        }
        // No power of a power without parentheses, and no cases beside other terms.
        Node::Op(Op::Exp | Op::Exp2, _) if least >= ATOM => format!(r"\left({formula}\right)"),
        Node::Op(Op::Select, _) if least > 0 => format!(r"\left({formula}\right)"),
        _ if least >= ATOM => later(formula),
        _ => formula,
    }
}

fn is_fraction(op: Op) -> bool {
    matches!(op, Op::Div | Op::Recip)
}

/// Parentheses around what begins with a minus.
fn later(formula: String) -> String {
    if formula.starts_with('-') { format!(r"\left({formula}\right)") } else { formula }
}

fn product(layout: &Layout<'_>, x: &[NodeId]) -> String {
    let factors = x.iter().enumerate().map(|(k, &factor)| {
        if k == 0 { operand(layout, factor, PRODUCT) } else { later(operand(layout, factor, SIGN)) }
    });
    factors.collect::<Vec<_>>().join(r" \cdot ")
}
