//! Expressions: operators as C binds them, calls, and the methods of numbers.

use syn::{BinOp, Expr, Lit, Pat, RangeLimits, UnOp};

use crate::body::Body;
use crate::items::{Found, segments};
use crate::types::{I32, PLACES, SIZE, Type, U32, U64};

/// How tightly C binds an expression, tightest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Bound {
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
    bound: Bound,
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
    fn operand(&self, around: Bound, is_right: bool) -> String {
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

    fn unary(&self, sign: &str, ty: Type) -> Value {
        let is_plain =
            self.bound == Bound::Atom || self.bound == Bound::Unary && !sign.ends_with('-');
        let text = if is_plain {
            format!("{sign}{}", self.text)
        } else {
            format!("{sign}({})", self.text)
        };
        Value { text, ty, bound: Bound::Unary }
    }

    fn binary(&self, sign: &str, other: &Value, bound: Bound, ty: Type) -> Value {
        let text = format!("{} {sign} {}", self.operand(bound, false), other.operand(bound, true));
        Value { text, ty, bound }
    }

    fn call(name: &str, values: &[&Value], ty: Type) -> Value {
        let list: Vec<&str> = values.iter().map(|value| value.text.as_str()).collect();
        Value::atom(&format!("{name}({})", list.join(", ")), ty)
    }
}

impl Body<'_, '_> {
    pub(crate) fn value(&mut self, value: &Expr, expected: Option<&Type>) -> Value {
        match value {
            Expr::Paren(inner) => self.value(&inner.expr, expected),
            Expr::Reference(inner) => self.value(&inner.expr, expected),
            Expr::Lit(literal) => self.literal(&literal.lit, expected),
            Expr::Path(path) => self.path(&segments(&path.path)),
            Expr::Unary(inner) => match inner.op {
                UnOp::Deref(_) => self.value(&inner.expr, expected),
                UnOp::Neg(_) => {
                    let given = self.value(&inner.expr, expected);
                    given.unary("-", given.ty.clone())
                }
                _ => {
                    let given = self.value(&inner.expr, expected);
                    let sign = if self.types.known(&given.ty) == Type::Bool { "!" } else { "~" };
                    given.unary(sign, given.ty.clone())
                }
            },
            Expr::Binary(binary) => self.binary(binary, expected),
            Expr::Cast(cast) => {
                let ty = self.items.ty(&self.module.clone(), &cast.ty);
                let given = self.value(&cast.expr, None);
                self.cast(&given, ty)
            }
            Expr::If(_) | Expr::Match(_) | Expr::Block(_) => self.choice(value, expected),
            Expr::Macro(inner) => {
                match inner.mac.path.get_ident().map(ToString::to_string).as_deref() {
                    Some("hf64") => {
                        let digits: syn::LitStr =
                            inner.mac.parse_body().expect("a number in quotes");
                        Value::atom(&digits.value(), Type::Float)
                    }
                    _ => self.value(&Body::expand(&inner.mac), expected),
                }
            }
            Expr::Index(index) => {
                let array = self.value(&index.expr, None);
                let at = self.value(&index.index, Some(&SIZE));
                self.types.same(&at.ty, &SIZE);
                if self.is_constant {
                    let entries: Vec<&str> =
                        array.text.trim_matches(['{', '}']).split(", ").collect();
                    let at: usize = at.text.parse().expect("an index that is a number");
                    return Value {
                        text: entries[at].into(),
                        ty: Type::Float,
                        bound: Bound::Unary,
                    };
                }
                let (Type::Array(element, _) | Type::Slice(element)) = self.types.known(&array.ty)
                else {
                    panic!("an index of something else than an array in {}", self.module)
                };
                Value::atom(&format!("{}[{}]", array.text, at.text), *element)
            }
            Expr::Field(field) => {
                let given = self.value(&field.base, None);
                let (name, ty) = match (&field.member, self.types.known(&given.ty)) {
                    (syn::Member::Named(name), Type::Struct(_, fields)) => {
                        fields.into_iter().find(|(own, _)| name == own).expect("its field")
                    }
                    (syn::Member::Unnamed(at), Type::Tuple(types)) => {
                        (PLACES[at.index as usize].into(), types[at.index as usize].clone())
                    }
                    _ => panic!("a field in {} that has no translation", self.module),
                };
                Value::atom(&format!("{}.{name}", given.text), ty)
            }
            Expr::Tuple(tuple) => {
                let types = match expected.map(|ty| self.types.known(ty)) {
                    Some(Type::Tuple(types)) => types,
                    _ => panic!("a tuple in {} whose type is not known yet", self.module),
                };
                let entries: Vec<String> = tuple
                    .elems
                    .iter()
                    .zip(&types)
                    .map(|(e, ty)| self.value(e, Some(ty)).text)
                    .collect();
                let ty = Type::Tuple(types);
                Value::atom(&format!("({}){{{}}}", ty.name(), entries.join(", ")), ty)
            }
            Expr::Struct(given) => {
                let module = self.module.clone();
                let path = syn::Type::Path(syn::TypePath { qself: None, path: given.path.clone() });
                let ty = self.items.ty(&module, &path);
                let Type::Struct(_, fields) = &ty else { panic!("a structure in {module}") };
                let entries: Vec<String> = fields
                    .iter()
                    .map(|(name, ty)| {
                        let mut all = given.fields.iter();
                        let own = all
                            .find(|own| matches!(&own.member, syn::Member::Named(n) if n == name));
                        self.value(&own.expect("all fields are given").expr, Some(ty)).text
                    })
                    .collect();
                Value::atom(&format!("({}){{{}}}", ty.name(), entries.join(", ")), ty)
            }
            Expr::Array(array) => {
                let element = match expected.map(|ty| self.types.known(ty)) {
                    Some(Type::Array(element, _)) => *element,
                    _ => Type::Float,
                };
                let entries: Vec<String> = array
                    .elems
                    .iter()
                    .map(|entry| self.value(entry, Some(&element)).text)
                    .collect();
                let ty = Type::Array(Box::new(element), entries.len().to_string());
                Value::atom(&format!("{{{}}}", entries.join(", ")), ty)
            }
            // All are zeros, whatever the first says.
            Expr::Repeat(array) => {
                let first = self.value(&array.expr, None);
                let zero = self.types.filled(&first.text).parse::<f64>();
                assert_eq!(
                    zero,
                    Ok(0.0),
                    "an array in {} that is filled with something else",
                    self.module
                );
                let length = self.items.length(&self.module.clone(), &array.len);
                let element = match (expected.map(|ty| self.types.known(ty)), first.ty) {
                    (Some(Type::Array(element, _)), _) => *element,
                    (_, ty) => ty,
                };
                let zero = if element == Type::Float { "{0.0}" } else { "{0}" };
                Value::atom(zero, Type::Array(Box::new(element), length))
            }
            Expr::Call(call) => self.call(call),
            Expr::MethodCall(call) => {
                let name = call.method.to_string();
                if name == "contains" {
                    return self.contains(&call.receiver, &call.args[0]);
                }
                let given = self.value(&call.receiver, None);
                self.method(&name, given, &call.args.iter().collect::<Vec<_>>())
            }
            _ => panic!("an expression in {} that has no translation", self.module),
        }
    }

    fn literal(&mut self, literal: &Lit, expected: Option<&Type>) -> Value {
        match literal {
            Lit::Float(number) => Value::atom(number.base10_digits(), Type::Float),
            Lit::Bool(truth) => Value::atom(if truth.value { "1" } else { "0" }, Type::Bool),
            Lit::Int(number) if number.suffix() == "f64" => {
                Value::atom(&format!("{}.0", number.base10_digits()), Type::Float)
            }
            Lit::Int(number) => {
                let ty = match (
                    Type::number(number.suffix()),
                    expected.map(|ty| self.types.known(ty)),
                ) {
                    (Some(ty), _) | (None, Some(ty @ (Type::Whole(_) | Type::Later(_)))) => ty,
                    _ => self.types.later(),
                };
                let text = number.token().to_string().replace('_', "");
                let digits = text.trim_end_matches(number.suffix());
                Value::atom(&self.types.number(&ty, digits), ty)
            }
            _ => panic!("a literal in {} that has no translation", self.module),
        }
    }

    fn path(&mut self, path: &[String]) -> Value {
        if let [name] = path
            && let Some((name, ty)) = self.local(name)
        {
            return Value::atom(&name, ty);
        }
        let parts: Vec<&str> = path.iter().map(String::as_str).collect();
        let (text, ty) = match parts.as_slice() {
            ["f64", "INFINITY"] => ("(double)INFINITY", Type::Float),
            ["f64", "NEG_INFINITY"] => ("-(double)INFINITY", Type::Float),
            ["f64", "NAN"] => ("(double)NAN", Type::Float),
            ["f64", "MIN_POSITIVE"] => ("DBL_MIN", Type::Float),
            // The names of `libm` for the parts of a number.
            ["f64", "SIG_BITS"] => ("52", U32),
            ["f64", "EXP_SAT"] => ("0x7ffu", U32),
            ["f64", "SIG_MASK"] => ("UINT64_C(0xfffffffffffff)", U64),
            ["f64", "SIGN_MASK"] => ("UINT64_C(0x8000000000000000)", U64),
            _ => ("", Type::Unit),
        };
        if ty != Type::Unit {
            let bound = if text.starts_with(['-', '(']) { Bound::Unary } else { Bound::Atom };
            return Value { text: text.into(), ty, bound };
        }
        let library = self.items.library;
        match library.find(&self.module, path) {
            Some(Found::Number(number)) => Value::atom(&format!("{number:?}"), Type::Float),
            Some(Found::Item(home, syn::Item::Const(item))) => {
                let constant = self.items.constant(&home, item);
                if self.is_constant {
                    let (_, ty, value) = constant;
                    let bound = if value.contains(' ') { Bound::Choice } else { Bound::Unary };
                    return Value { text: value, ty, bound };
                }
                self.items.write_constant(&home, &constant);
                Value::atom(&constant.0, constant.1)
            }
            _ => panic!("no {} in {}", path.join("::"), self.module),
        }
    }

    fn binary(&mut self, binary: &syn::ExprBinary, expected: Option<&Type>) -> Value {
        let sign = Value::sign(&binary.op);
        if matches!(sign, "<<" | ">>") {
            let given = self.value(&binary.left, expected);
            let by = self.value(&binary.right, None);
            // Signed numbers are shifted to the left as if they had no sign: C does not say what else would be.
            if sign == "<<" && self.types.known(&given.ty) == I32 {
                let unsigned = given.unary("(uint32_t)", U32).binary(sign, &by, Bound::Shift, U32);
                return unsigned.unary("(int32_t)", I32);
            }
            return given.binary(sign, &by, Bound::Shift, given.ty.clone());
        }
        let compares = Value::compares(&binary.op);
        let is_logic = matches!(sign, "&&" | "||");
        let own = if compares { None } else { expected };
        let left = self.value(&binary.left, own);
        let lines = self.written();
        let right = self.value(&binary.right, Some(&left.ty));
        assert!(!is_logic || lines == self.written(), "lines where a value may not be wanted");
        self.types.same(&left.ty, &right.ty);
        let bound = match sign {
            "*" | "/" | "%" => Bound::Product,
            "+" | "-" => Bound::Sum,
            "&&" => Bound::And,
            "||" => Bound::Or,
            "&" | "|" | "^" => Bound::Bits,
            _ => Bound::Comparison,
        };
        let ty = if compares || is_logic { Type::Bool } else { left.ty.clone() };
        left.binary(sign, &right, bound, ty)
    }

    fn cast(&mut self, given: &Value, ty: Type) -> Value {
        let from = self.types.known(&given.ty);
        match (&from, &ty) {
            (one, other) if one == other => given.clone(),
            // Rust rounds towards 0, and to the nearest number that there is.
            (Type::Float, Type::Whole(name)) => {
                let name = name.trim_end_matches("_t");
                Value::call(&format!("uphill_to_{name}"), &[given], ty.clone())
            }
            _ => given.unary(&format!("({})", ty.name()), ty.clone()),
        }
    }

    fn choice(&mut self, value: &Expr, expected: Option<&Type>) -> Value {
        let own = self.types.later();
        let expected = expected.cloned().unwrap_or(own);
        match value {
            Expr::Block(block) => match block.block.stmts.as_slice() {
                [syn::Stmt::Expr(value, None)] => self.value(value, Some(&expected)),
                _ => panic!("a block with lines as a value in {}", self.module),
            },
            Expr::If(choice) => {
                let condition = self.value(&choice.cond, Some(&Type::Bool));
                let lines = self.written();
                let [syn::Stmt::Expr(yes, None)] = choice.then_branch.stmts.as_slice() else {
                    panic!("a choice with lines as a value in {}", self.module)
                };
                let yes = self.value(yes, Some(&expected));
                let (_, no) = choice.else_branch.as_ref().expect("a choice has two values");
                let no = self.value(no, Some(&yes.ty));
                self.types.same(&yes.ty, &no.ty);
                assert_eq!(lines, self.written(), "lines in a choice in {}", self.module);
                chosen(&condition, &yes, &no)
            }
            Expr::Match(choice) => {
                let given = self.value(&choice.expr, None);
                let given = match given.is_name() {
                    true => given,
                    false => Value::atom(&self.keep(&given), given.ty),
                };
                let mut arms = choice.arms.iter().rev();
                let last = &arms.next().expect("a match has arms").body;
                let mut all = self.value(last, Some(&expected));
                for arm in arms {
                    let condition = self.fits(&arm.pat, &given).expect("one arm takes all");
                    let yes = self.value(&arm.body, Some(&expected));
                    let condition = Value { text: condition, ty: Type::Bool, bound: Bound::Or };
                    all = chosen(&condition, &yes, &all);
                }
                all
            }
            _ => unreachable!("only choices come here"),
        }
    }

    /// When a value fits a pattern; `None` for always.
    pub(crate) fn fits(&mut self, pattern: &Pat, given: &Value) -> Option<String> {
        let compared = |body: &mut Self, sign: &str, bound: &Expr| {
            let bound = body.value(bound, Some(&given.ty));
            format!("{} {sign} {}", given.text, bound.text)
        };
        Some(match pattern {
            Pat::Lit(number) => compared(self, "==", &Expr::Lit(number.clone())),
            Pat::Or(any) => {
                let any: Vec<String> =
                    any.cases.iter().filter_map(|case| self.fits(case, given)).collect();
                any.join(" || ")
            }
            Pat::Range(range) => {
                let sign = if matches!(range.limits, RangeLimits::Closed(_)) { "<=" } else { "<" };
                let low = range.start.as_ref().map(|low| compared(self, ">=", low));
                let high = range.end.as_ref().map(|high| compared(self, sign, high));
                low.into_iter().chain(high).collect::<Vec<_>>().join(" && ")
            }
            Pat::Wild(_) => return None,
            _ => panic!("a pattern in {} that has no translation", self.module),
        })
    }

    fn contains(&mut self, range: &Expr, number: &Expr) -> Value {
        let Expr::Paren(range) = range else { panic!("a range in parentheses") };
        let Expr::Range(range) = &*range.expr else { panic!("a range") };
        let number = self.value(number, None);
        let mut bound =
            |end: &Option<Box<Expr>>| self.value(end.as_ref().expect("an end"), Some(&number.ty));
        let (low, high) = (bound(&range.start), bound(&range.end));
        let low = number.binary(">=", &low, Bound::Comparison, Type::Bool);
        low.binary(
            "&&",
            &number.binary("<", &high, Bound::Comparison, Type::Bool),
            Bound::And,
            Type::Bool,
        )
    }

    fn call(&mut self, call: &syn::ExprCall) -> Value {
        let Expr::Path(path) = &*call.func else { panic!("a call of a value in {}", self.module) };
        let path = segments(&path.path);
        let arguments: Vec<&Expr> = call.args.iter().collect();
        if let [ty, method] = path.as_slice()
            && let Some(ty) = Type::number(ty)
        {
            match method.as_str() {
                "from" => {
                    let given = self.value(arguments[0], None);
                    return self.cast(&given, ty);
                }
                "from_bits" => {
                    let given = self.value(arguments[0], Some(&U64));
                    return Value::call("uphill_from_bits", &[&given], Type::Float);
                }
                _ => {}
            }
            let given = self.value(arguments[0], Some(&ty));
            return self.method(method, given, &arguments[1..]);
        }
        let library = self.items.library;
        match library.find(&self.module, &path) {
            Some(Found::Builtin(name)) => {
                let whole = if name == "scalbn" { I32 } else { Type::Float };
                let values: Vec<Value> = arguments
                    .iter()
                    .enumerate()
                    .map(|(k, value)| {
                        self.value(value, Some(if k == 1 { &whole } else { &Type::Float }))
                    })
                    .collect();
                Value::call(&name, &values.iter().collect::<Vec<_>>(), Type::Float)
            }
            Some(Found::Item(home, syn::Item::Fn(item))) => {
                let signature = self.items.function(&home, item);
                let mut lengths = vec![String::new(); signature.lengths.len()];
                let mut list = Vec::new();
                for (argument, (_, ty, _)) in arguments.iter().zip(&signature.parameters) {
                    if let Type::Slice(_) = ty {
                        list.extend(self.slice(argument));
                        continue;
                    }
                    let given = self.value(argument, Some(ty));
                    self.types.same(&given.ty, ty);
                    if let (Type::Array(_, asked), Type::Array(_, length)) =
                        (ty, self.types.known(&given.ty))
                        && let Some(at) = signature.lengths.iter().position(|name| name == asked)
                    {
                        lengths[at] = length;
                    }
                    list.push(given.text);
                }
                let list: Vec<String> = lengths.into_iter().chain(list).collect();
                Value::atom(&format!("{}({})", signature.name, list.join(", ")), signature.result)
            }
            _ => panic!("no function {} in {}", path.join("::"), self.module),
        }
    }

    /// How many elements, and their address.
    fn slice(&mut self, value: &Expr) -> [String; 2] {
        let value = match value {
            Expr::Reference(inner) => &*inner.expr,
            value => value,
        };
        if let Expr::Index(part) = value
            && let Expr::Range(range) = &*part.index
        {
            let whole = self.value(&part.expr, None);
            assert!(
                range.start.is_none() && matches!(range.limits, RangeLimits::Closed(_)),
                "a part from 0"
            );
            let last = self.value(range.end.as_ref().expect("the end of a part"), Some(&SIZE));
            self.types.same(&last.ty, &SIZE);
            return [format!("{} + 1", last.operand(Bound::Sum, false)), whole.text];
        }
        let whole = self.value(value, None);
        [self.count(&whole), whole.text]
    }

    fn count(&self, array: &Value) -> String {
        match self.types.known(&array.ty) {
            Type::Array(_, length) => length,
            _ => format!("{}_count", array.text),
        }
    }

    fn method(&mut self, name: &str, given: Value, arguments: &[&Expr]) -> Value {
        let ty = self.types.known(&given.ty);
        let values: Vec<Value> =
            arguments.iter().map(|value| self.value(value, Some(&ty))).collect();
        let whole = |value: &Value| value.operand(Bound::Sum, true);
        match (name, &ty) {
            ("to_bits", Type::Float) => match given.text.parse::<f64>() {
                Ok(number) => Value::atom(&format!("UINT64_C({:#x})", number.to_bits()), U64),
                Err(_) => Value::call("uphill_bits", &[&given], U64),
            },
            ("abs", Type::Float) => Value::call("fabs", &[&given], Type::Float),
            ("copysign", Type::Float) => {
                Value::call("copysign", &[&given, &values[0]], Type::Float)
            }
            ("mul_add" | "fma", Type::Float) => {
                Value::call("fma", &[&given, &values[0], &values[1]], Type::Float)
            }
            ("is_nan", Type::Float) => {
                let given =
                    if given.is_name() { given } else { Value::atom(&self.keep(&given), ty) };
                given.binary("!=", &given, Bound::Comparison, Type::Bool)
            }
            ("is_infinite" | "is_finite", Type::Float) => {
                let sign = if name == "is_finite" { "<" } else { "==" };
                let infinity = Value { text: "(double)INFINITY".into(), ty, bound: Bound::Unary };
                Value::call("fabs", &[&given], Type::Float).binary(
                    sign,
                    &infinity,
                    Bound::Comparison,
                    Type::Bool,
                )
            }
            ("wrapping_add", Type::Whole(_)) => given.binary("+", &values[0], Bound::Sum, ty),
            ("wrapping_sub", Type::Whole(_)) => given.binary("-", &values[0], Bound::Sum, ty),
            ("wrapping_neg", Type::Whole(_)) => {
                let zero = Value::atom(&self.types.number(&ty, "0"), ty.clone());
                zero.binary("-", &given, Bound::Sum, ty)
            }
            ("is_multiple_of", Type::Whole(_)) => {
                let zero = Value::atom(&self.types.number(&ty, "0"), ty.clone());
                given.binary("%", &values[0], Bound::Product, ty).binary(
                    "==",
                    &zero,
                    Bound::Comparison,
                    Type::Bool,
                )
            }
            ("unsigned_abs", &I32) => {
                let text = format!("{0} < 0 ? 0u - (uint32_t){0} : (uint32_t){0}", whole(&given));
                Value { text, ty: U32, bound: Bound::Choice }
            }
            ("leading_zeros", &U64) => Value::call("uphill_leading_zeros", &[&given], U32),
            ("len", Type::Array(..) | Type::Slice(_)) => Value::atom(&self.count(&given), SIZE),
            _ => panic!("a method `{name}` of {ty:?} in {} that has no translation", self.module),
        }
    }

    /// The head of a loop, and the line that comes first in it.
    pub(crate) fn loop_head(&mut self, pattern: &Pat, over: &Expr) -> (String, Option<String>) {
        let (over, is_backwards) = match over {
            Expr::MethodCall(call) if call.method == "rev" => (&*call.receiver, true),
            _ => (over, false),
        };
        let range = match over {
            Expr::Paren(inner) => &*inner.expr,
            over => over,
        };
        if let Expr::Range(range) = range {
            let ends = [&range.start, &range.end].map(|end| {
                let end = end.as_ref().expect("a range with ends");
                self.value(end, None)
            });
            self.types.same(&ends[0].ty, &ends[1].ty);
            let ty = ends[0].ty.clone();
            let Pat::Ident(name) = pattern else { panic!("a counter without a name") };
            let name = self.name(&name.ident.to_string(), &ty);
            let declared = self.types.declare(&ty, &name);
            let [from, to] = ends.map(|end| end.operand(Bound::Comparison, true));
            let is_closed = matches!(range.limits, RangeLimits::Closed(_));
            let head = match (is_backwards, is_closed) {
                (false, false) => format!("for ({declared} = {from}; {name} < {to}; ++{name})"),
                (false, true) => format!("for ({declared} = {from}; {name} <= {to}; ++{name})"),
                (true, false) => format!("for ({declared} = {to}; {name}-- > {from};)"),
                (true, true) => format!("for ({declared} = {to} + 1; {name}-- > {from};)"),
            };
            return (head, None);
        }
        // Elements of an array, and where they are.
        let (over, pattern, counter) = match (over, pattern) {
            (Expr::MethodCall(call), Pat::Tuple(both)) if call.method == "enumerate" => {
                (&*call.receiver, &both.elems[1], Some(&both.elems[0]))
            }
            (over, pattern) => (over, pattern, None),
        };
        let array = match over {
            Expr::MethodCall(call) if call.method == "iter" => &*call.receiver,
            over => over,
        };
        let array = if let Expr::Reference(inner) = array { &*inner.expr } else { array };
        let (array, from) = match array {
            Expr::Index(part) => match &*part.index {
                Expr::Range(range) => (&*part.expr, range.start.as_deref()),
                _ => (array, None),
            },
            array => (array, None),
        };
        let array = self.value(array, None);
        let (Type::Array(element, _) | Type::Slice(element)) = self.types.known(&array.ty) else {
            panic!("a loop over something else than an array in {}", self.module)
        };
        let from = from.map_or("0".into(), |from| self.value(from, Some(&SIZE)).text);
        let counter = match counter {
            Some(Pat::Ident(name)) => name.ident.to_string(),
            _ => "at".into(),
        };
        let counter = self.name(&counter, &SIZE);
        let pattern = if let Pat::Reference(inner) = pattern { &*inner.pat } else { pattern };
        let Pat::Ident(name) = pattern else { panic!("an element without a name") };
        let count = self.count(&array);
        let name = self.name(&name.ident.to_string(), &element);
        let head = match is_backwards {
            false => format!("for (size_t {counter} = {from}; {counter} < {count}; ++{counter})"),
            true => format!("for (size_t {counter} = {count}; {counter}-- > {from};)"),
        };
        (head, Some(format!("const {} = {}[{counter}];", element.declare(&name), array.text)))
    }

    /// The macros of `libm`: an entry of an array, or a change of it; a quotient.
    pub(crate) fn expand(call: &syn::Macro) -> Expr {
        let expanded = call.parse_body_with(|input: syn::parse::ParseStream<'_>| {
            let (one, _): (Expr, syn::Token![,]) = (input.parse()?, input.parse()?);
            let other: Expr = input.parse()?;
            if call.path.is_ident("div") {
                return Ok(syn::parse_quote!((#one) / (#other)));
            }
            let entry: Expr = syn::parse_quote!(#one[#other]);
            if input.is_empty() {
                return Ok(entry);
            }
            input.parse::<syn::Token![,]>()?;
            if input.peek(syn::Token![=]) && !input.peek(syn::Token![==]) {
                input.parse::<syn::Token![=]>()?;
                input.parse::<syn::Token![,]>()?;
                let value: Expr = input.parse()?;
                return Ok(syn::parse_quote!(#entry = #value));
            }
            let op: BinOp = input.parse()?;
            input.parse::<syn::Token![,]>()?;
            let value: Expr = input.parse()?;
            Ok(syn::parse_quote!(#entry #op #value))
        });
        let name = call.path.get_ident().map(ToString::to_string).unwrap_or_default();
        expanded.unwrap_or_else(|error| panic!("the macro `{name}`: {error}"))
    }
}

fn chosen(condition: &Value, yes: &Value, no: &Value) -> Value {
    let condition = match condition.bound {
        Bound::Choice => format!("({})", condition.text),
        _ => condition.text.clone(),
    };
    let text = format!("{condition} ? {} : {}", yes.text, no.text);
    Value { text, ty: yes.ty.clone(), bound: Bound::Choice }
}
