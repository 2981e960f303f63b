//! Expressions: numbers, operators, choices, and parts of arrays and structures.

use syn::{Expr, Lit, Pat, RangeLimits, UnOp};

use crate::body::Body;
use crate::library::{Found, segments};
use crate::types::{I32, PLACES, SIZE, Type, U32, U64};
use crate::value::{Bound, Value, chosen};

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

    pub(crate) fn literal(&mut self, literal: &Lit, expected: Option<&Type>) -> Value {
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

    pub(crate) fn path(&mut self, path: &[String]) -> Value {
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

    pub(crate) fn binary(&mut self, binary: &syn::ExprBinary, expected: Option<&Type>) -> Value {
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

    pub(crate) fn cast(&mut self, given: &Value, ty: Type) -> Value {
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

    pub(crate) fn choice(&mut self, value: &Expr, expected: Option<&Type>) -> Value {
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

    pub(crate) fn contains(&mut self, range: &Expr, number: &Expr) -> Value {
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
}
