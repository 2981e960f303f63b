//! Calls: functions, the methods of numbers, and the macros of `libm`.

use syn::{BinOp, Expr, RangeLimits};

use crate::body::Body;
use crate::library::{Found, segments};
use crate::types::{I32, SIZE, Type, U32, U64};
use crate::value::{Bound, Value};

impl Body<'_, '_> {
    pub(crate) fn call(&mut self, call: &syn::ExprCall) -> Value {
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
    pub(crate) fn slice(&mut self, value: &Expr) -> [String; 2] {
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

    pub(crate) fn count(&self, array: &Value) -> String {
        match self.types.known(&array.ty) {
            Type::Array(_, length) => length,
            _ => format!("{}_count", array.text),
        }
    }

    pub(crate) fn method(&mut self, name: &str, given: Value, arguments: &[&Expr]) -> Value {
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
