//! Items translated in the order in which they need each other, with their names in C.

use std::collections::HashSet;

use syn::{Expr, FnArg, Item, ItemFn, ReturnType, Visibility};

use crate::body::{Body, Signature, Translator};
use crate::library::{Found, Library, segments};
use crate::types::{PLACES, Type};

/// In place of a module, for what any may need.
const TUPLES: &str = "tuples";

impl<'l> Translator<'l> {
    pub(crate) fn new(library: &'l Library) -> Translator<'l> {
        Translator { library, done: HashSet::new(), texts: Default::default() }
    }

    /// All functions that a module's users see.
    pub(crate) fn all(&mut self, module: &str) {
        for item in self.library.functions(module) {
            if !matches!(item.sig.ident.to_string().as_str(), "mul_add" | "sqrt") {
                self.function(module, item);
            }
        }
    }

    fn push(&mut self, module: &str, text: &str) {
        let text = text.lines().map(wrapped).collect::<Vec<String>>().join("\n");
        let all = &mut self.texts[match module {
            TUPLES => 0,
            _ if module.starts_with("libm") => 1,
            _ => 2,
        }];
        // Numbers stand together.
        let last = all.trim_end().lines().last().unwrap_or("");
        let follows = text.starts_with("static const ") && last.starts_with("static const ");
        *all += &format!("{}{text}\n", if follows { "" } else { "\n" });
    }

    /// A function; its text is written the first time.
    pub(crate) fn function(&mut self, module: &str, item: &'l ItemFn) -> Signature {
        let signature = self.signature(module, item);
        if self.done.insert(signature.name.clone()) {
            let text = Body::function(self, module, &signature, &item.block);
            self.push(module, &text);
        }
        signature
    }

    fn signature(&mut self, module: &str, item: &ItemFn) -> Signature {
        let lengths: Vec<String> =
            item.sig.generics.const_params().map(|length| length.ident.to_string()).collect();
        let mut parameters = Vec::new();
        for argument in &item.sig.inputs {
            let FnArg::Typed(argument) = argument else { panic!("a method in {module}") };
            let is_changed =
                matches!(&*argument.ty, syn::Type::Reference(r) if r.mutability.is_some());
            parameters.push(((*argument.pat).clone(), self.ty(module, &argument.ty), is_changed));
        }
        let result = match &item.sig.output {
            ReturnType::Default => Type::Unit,
            ReturnType::Type(_, ty) => self.ty(module, ty),
        };
        let name = name(module, &item.sig.ident.to_string(), &item.vis);
        Signature { name, lengths, parameters, result }
    }

    /// A constant: its name, its type and its value as text.
    pub(crate) fn constant(
        &mut self,
        module: &str,
        item: &'l syn::ItemConst,
    ) -> (String, Type, String) {
        let name = name(module, &item.ident.to_string(), &item.vis);
        let ty = self.ty(module, &item.ty);
        let value = Body::constant(self, module, &item.expr, &ty);
        (name, ty, value)
    }

    /// Writes a constant, the first time.
    pub(crate) fn write_constant(
        &mut self,
        module: &str,
        (name, ty, value): &(String, Type, String),
    ) {
        if self.done.insert(name.clone()) {
            self.push(module, &format!("static const {} = {value};", ty.declare(name)));
        }
    }

    fn write_struct(&mut self, module: &str, name: &str, fields: &[(String, Type)]) {
        if self.done.insert(name.into()) {
            let fields: String =
                fields.iter().map(|(field, ty)| format!("    {};\n", ty.declare(field))).collect();
            self.push(module, &format!("struct {name} {{\n{fields}}};"));
        }
    }

    /// A type as it is written in Rust; what C has to know of it is written.
    pub(crate) fn ty(&mut self, module: &str, ty: &syn::Type) -> Type {
        match ty {
            syn::Type::Reference(ty) => self.ty(module, &ty.elem),
            syn::Type::Paren(ty) => self.ty(module, &ty.elem),
            syn::Type::Slice(ty) => Type::Slice(Box::new(self.ty(module, &ty.elem))),
            syn::Type::Array(ty) => {
                let length = self.length(module, &ty.len);
                Type::Array(Box::new(self.ty(module, &ty.elem)), length)
            }
            syn::Type::Tuple(ty) => {
                let entries: Vec<Type> = ty.elems.iter().map(|ty| self.ty(module, ty)).collect();
                let fields = PLACES.iter().map(|&name| name.to_owned()).zip(entries.clone());
                self.write_struct(TUPLES, &Type::tuple_name(&entries), &fields.collect::<Vec<_>>());
                Type::Tuple(entries)
            }
            syn::Type::Path(ty) => {
                let path = segments(&ty.path);
                if let [name] = path.as_slice()
                    && let Some(number) = Type::number(name)
                {
                    return number;
                }
                let library = self.library;
                match library.find(module, &path) {
                    Some(Found::Item(home, Item::Struct(item))) => {
                        let name = name(&home, &item.ident.to_string(), &item.vis);
                        let mut fields = Vec::new();
                        for field in &item.fields {
                            let own =
                                field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
                            fields.push((own, self.ty(&home, &field.ty)));
                        }
                        self.write_struct(&home, &name, &fields);
                        Type::Struct(name, fields)
                    }
                    _ => panic!("no type {path:?} in {module}"),
                }
            }
            _ => panic!("a type in {module} that has no translation"),
        }
    }

    /// How many elements an array has: a number, or the name of a length that callers give.
    pub(crate) fn length(&mut self, module: &str, length: &Expr) -> String {
        self.whole(module, length).map_or_else(
            || match length {
                Expr::Path(path) => segments(&path.path).join("::"),
                _ => panic!("a length in {module} that is no number"),
            },
            |number| number.to_string(),
        )
    }

    fn whole(&mut self, module: &str, value: &Expr) -> Option<u64> {
        match value {
            Expr::Lit(literal) => match &literal.lit {
                syn::Lit::Int(number) => number.base10_parse().ok(),
                _ => None,
            },
            Expr::Binary(sum) if matches!(sum.op, syn::BinOp::Add(_)) => {
                Some(self.whole(module, &sum.left)? + self.whole(module, &sum.right)?)
            }
            Expr::Path(path) => {
                let library = self.library;
                match library.find(module, &segments(&path.path))? {
                    Found::Item(home, Item::Const(item)) => self.whole(&home, &item.expr),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// An item's name in C.
fn name(module: &str, name: &str, visibility: &Visibility) -> String {
    match module.strip_prefix("libm/") {
        Some(file) if file == name || file == "mod" => format!("uphill_libm_{name}"),
        Some(file) => format!("uphill_libm_{file}_{name}"),
        None if matches!(visibility, Visibility::Public(_)) => format!("uphill_{name}"),
        None => format!("uphill_{module}_{name}"),
    }
}

/// A line, or several where it is long.
fn wrapped(line: &str) -> String {
    const WIDTH: usize = 100;
    let indent = line.len() - line.trim_start().len();
    let mut lines = Vec::new();
    let mut rest = line.to_owned();
    while rest.len() > WIDTH {
        let within = indent + 8..WIDTH;
        let spaces = || rest.match_indices(' ').map(|(at, _)| at).filter(|at| within.contains(at));
        // Behind a comma, or else before an operator.
        let comma = spaces().rfind(|&at| at > WIDTH / 2 && rest[..at].ends_with(','));
        let signs = ['+', '-', '*', '/', '&', '|', '?', ':', '<'];
        let operator = || spaces().rfind(|&at| rest[at + 1..].starts_with(signs));
        let Some(at) = comma.or_else(operator) else { break };
        let behind = rest.split_off(at);
        lines.push(rest);
        rest = " ".repeat(indent + 4) + behind.trim_start();
    }
    lines.push(rest);
    lines.join("\n")
}
