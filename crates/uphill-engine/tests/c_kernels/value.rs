//! An expression in C: its text, its type, and how tightly C binds it.

use syn::{BinOp, Expr};

use crate::types::Type;

/// How tightly C binds an expression, tightest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bound {
    Atom,
    Unary,
    Product,
    Sum,
    Shift,
    Comparison,
    Bits,
    And,
    Or,
    Choice,
}

/// An expression in C.
#[derive(Debug, Clone)]
pub(crate) struct Value {
    pub(crate) text: String,
    pub(crate) ty: Type,
    pub(crate) bound: Bound,
}

impl Value {
    pub(crate) fn atom(text: &str, ty: Type) -> Value {
        Value { text: text.into(), ty, bound: Bound::Atom }
    }

    pub(crate) fn is_name(&self) -> bool {
        self.text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    }

    /// Whether an expression needs no lines of its own.
    pub(crate) fn is_simple(value: &Expr) -> bool {
        let is_simple_block = |block: &syn::Block| match block.stmts.as_slice() {
            [syn::Stmt::Expr(value, None)] => Value::is_simple(value),
            _ => false,
        };
        match value {
            Expr::If(choice) => {
                let other = choice.else_branch.as_ref().map(|(_, other)| Value::is_simple(other));
                is_simple_block(&choice.then_branch) && other == Some(true)
            }
            Expr::Block(block) => is_simple_block(&block.block),
            Expr::Match(choice) => choice.arms.iter().all(|arm| Value::is_simple(&arm.body)),
            Expr::Tuple(values) => !values.elems.is_empty(),
            Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) | Expr::Assign(_) => false,
            Expr::Loop(_) | Expr::While(_) | Expr::ForLoop(_) => false,
            _ => true,
        }
    }

    pub(crate) fn sign(op: &BinOp) -> &'static str {
        match op {
            BinOp::Add(_) => "+",
            BinOp::Sub(_) => "-",
            BinOp::Mul(_) => "*",
            BinOp::Div(_) => "/",
            BinOp::Rem(_) => "%",
            BinOp::And(_) => "&&",
            BinOp::Or(_) => "||",
            BinOp::BitXor(_) => "^",
            BinOp::BitAnd(_) => "&",
            BinOp::BitOr(_) => "|",
            BinOp::Shl(_) => "<<",
            BinOp::Shr(_) => ">>",
            BinOp::Eq(_) => "==",
            BinOp::Lt(_) => "<",
            BinOp::Le(_) => "<=",
            BinOp::Ne(_) => "!=",
            BinOp::Ge(_) => ">=",
            BinOp::Gt(_) => ">",
            BinOp::AddAssign(_) => "+=",
            BinOp::SubAssign(_) => "-=",
            BinOp::MulAssign(_) => "*=",
            BinOp::DivAssign(_) => "/=",
            BinOp::RemAssign(_) => "%=",
            BinOp::BitXorAssign(_) => "^=",
            BinOp::BitAndAssign(_) => "&=",
            BinOp::BitOrAssign(_) => "|=",
            BinOp::ShlAssign(_) => "<<=",
            BinOp::ShrAssign(_) => ">>=",
            _ => panic!("an operator without translation"),
        }
    }

    pub(crate) fn compares(op: &BinOp) -> bool {
        matches!(
            op,
            BinOp::Eq(_) | BinOp::Lt(_) | BinOp::Le(_) | BinOp::Ne(_) | BinOp::Ge(_) | BinOp::Gt(_)
        )
    }

    /// As an operand, in parentheses where C binds it otherwise or warns.
    pub(crate) fn operand(&self, around: Bound, is_right: bool) -> String {
        use Bound::{And, Atom, Comparison, Or, Product, Sum, Unary};
        let fits = match (self.bound, around) {
            (Atom, _) => true,
            (Unary, _) => !(is_right && self.text.starts_with('-')),
            (Product | Sum, Product | Sum) => {
                self.bound < around || self.bound == around && !is_right
            }
            (Product | Sum, Comparison) | (Comparison, And | Or) => true,
            (And, And) | (Or, Or) => !is_right,
            _ => false,
        };
        if fits { self.text.clone() } else { format!("({})", self.text) }
    }

    pub(crate) fn unary(&self, sign: &str, ty: Type) -> Value {
        let is_plain =
            self.bound == Bound::Atom || self.bound == Bound::Unary && !sign.ends_with('-');
        let text = if is_plain {
            format!("{sign}{}", self.text)
        } else {
            format!("{sign}({})", self.text)
        };
        Value { text, ty, bound: Bound::Unary }
    }

    pub(crate) fn binary(&self, sign: &str, other: &Value, bound: Bound, ty: Type) -> Value {
        let text = format!("{} {sign} {}", self.operand(bound, false), other.operand(bound, true));
        Value { text, ty, bound }
    }

    pub(crate) fn call(name: &str, values: &[&Value], ty: Type) -> Value {
        let list: Vec<&str> = values.iter().map(|value| value.text.as_str()).collect();
        Value::atom(&format!("{name}({})", list.join(", ")), ty)
    }
}

pub(crate) fn chosen(condition: &Value, yes: &Value, no: &Value) -> Value {
    let condition = match condition.bound {
        Bound::Choice => format!("({})", condition.text),
        _ => condition.text.clone(),
    };
    let text = format!("{condition} ? {} : {}", yes.text, no.text);
    Value { text, ty: yes.ty.clone(), bound: Bound::Choice }
}
