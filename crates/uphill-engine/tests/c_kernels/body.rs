//! Statements: what Rust has as expressions with a value becomes lines that give it to a target.

use std::collections::{HashMap, HashSet};

use syn::{Block, Expr, Local, Pat, Stmt};

use crate::expression::Value;
use crate::items::{Signature, Translator, is_on};
use crate::types::{Inference, PLACES, SIZE, Type};

/// What becomes of a value.
pub(crate) enum Target {
    /// Nobody wants it.
    Ignore,
    Return(Type),
    /// It is assigned to this place.
    Place(String, Type),
    /// Its entries go to targets of their own.
    Entries(Vec<Target>),
}

/// A body as it is written.
pub(crate) struct Body<'t, 'l> {
    pub(crate) items: &'t mut Translator<'l>,
    pub(crate) module: String,
    pub(crate) types: Inference,
    lines: Vec<String>,
    depth: usize,
    /// Names in C and types, innermost scope last.
    scopes: Vec<HashMap<String, (String, Type)>>,
    taken: HashSet<String>,
    result: Type,
    /// Constants are written out where a constant needs them.
    pub(crate) is_constant: bool,
}

/// Names that the text needs for something else.
const TAKEN: [&str; 14] = [
    "ceil", "copysign", "double", "fabs", "floor", "fma", "fmod", "int", "long", "rint", "round",
    "scalbn", "short", "sqrt",
];

impl<'t, 'l> Body<'t, 'l> {
    fn new(items: &'t mut Translator<'l>, module: &str, result: Type) -> Body<'t, 'l> {
        Body {
            items,
            module: module.into(),
            types: Inference::default(),
            lines: Vec::new(),
            depth: 0,
            scopes: vec![HashMap::new()],
            taken: TAKEN.iter().map(|&name| name.into()).collect(),
            result,
            is_constant: false,
        }
    }

    pub(crate) fn constant(
        items: &'t mut Translator<'l>,
        module: &str,
        value: &Expr,
        ty: &Type,
    ) -> String {
        let mut body = Body::new(items, module, Type::Unit);
        body.is_constant = true;
        let value = body.value(value, Some(ty)).text;
        body.types.filled(&value)
    }

    /// A whole function.
    pub(crate) fn function(
        items: &'t mut Translator<'l>,
        module: &str,
        signature: &Signature,
        block: &Block,
    ) -> String {
        let mut own = Body::new(items, module, signature.result.clone());
        own.depth = 1;
        let mut parameters: Vec<String> = Vec::new();
        for length in &signature.lengths {
            parameters.push(SIZE.declare(&own.name(length, &SIZE)));
        }
        for (pattern, ty, is_changed) in &signature.parameters {
            let constant = if *is_changed { "" } else { "const " };
            let name = own.bind(pattern, ty);
            parameters.extend(match ty {
                Type::Slice(element) => {
                    vec![
                        format!("size_t {name}_count"),
                        format!("{constant}{} {name}[]", element.name()),
                    ]
                }
                Type::Array(element, _) => vec![format!("{constant}{} {name}[]", element.name())],
                _ => vec![ty.declare(&name)],
            });
        }
        let target = match &own.result {
            Type::Unit => Target::Ignore,
            result => Target::Return(result.clone()),
        };
        own.block(block, &target);
        let mut lines = std::mem::take(&mut own.lines);
        drop_unused(&mut lines);
        let is_used = |name: &str| lines.iter().any(|line| words(line).any(|word| word == name));
        let unused: Vec<String> = parameters
            .iter()
            .filter_map(|parameter| words(parameter).last())
            .filter(|name| !is_used(name))
            .map(|name| format!("    (void){name};"))
            .collect();
        let (result, name) = (own.result.name(), &signature.name);
        let head = format!("static {result} {name}({}) {{", parameters.join(", "));
        let body = unused.into_iter().chain(lines).collect::<Vec<_>>().join("\n");
        own.types.filled(&format!("{head}\n{body}\n}}"))
    }

    /// A name that C has not seen in this function.
    pub(crate) fn name(&mut self, name: &str, ty: &Type) -> String {
        let plain = name.trim_start_matches('_');
        let mut own = plain.to_owned();
        let mut number = 1;
        while !self.taken.insert(own.clone()) {
            number += 1;
            own = format!("{plain}_{number}");
        }
        let scope = self.scopes.last_mut().expect("there is a scope");
        scope.insert(name.into(), (own.clone(), ty.clone()));
        own
    }

    pub(crate) fn local(&self, name: &str) -> Option<(String, Type)> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name)).cloned()
    }

    pub(crate) fn line(&mut self, line: &str) {
        self.lines.push("    ".repeat(self.depth) + line);
    }

    /// How many lines there are: none may come where a value is wanted now and then only.
    pub(crate) fn written(&self) -> usize {
        self.lines.len()
    }

    fn inner(&mut self, write: impl FnOnce(&mut Self)) {
        self.depth += 1;
        self.scopes.push(HashMap::new());
        write(self);
        self.scopes.pop();
        self.depth -= 1;
    }

    pub(crate) fn block(&mut self, block: &Block, target: &Target) {
        self.scopes.push(HashMap::new());
        for (number, statement) in block.stmts.iter().enumerate() {
            let is_last = number + 1 == block.stmts.len();
            match statement {
                Stmt::Local(local) if is_on(&local.attrs) => self.let_(local),
                Stmt::Item(syn::Item::Const(item)) => {
                    let ty = self.items.ty(&self.module.clone(), &item.ty);
                    let value = self.value(&item.expr, Some(&ty)).text;
                    let name = self.name(&item.ident.to_string(), &ty);
                    let keyword =
                        if matches!(ty, Type::Array(..)) { "static const" } else { "const" };
                    self.line(&format!("{keyword} {} = {value};", ty.declare(&name)));
                }
                Stmt::Expr(value, None) if is_last => self.give(value, target),
                Stmt::Expr(value, _) => self.give(value, &Target::Ignore),
                Stmt::Macro(statement) if !is_check(&statement.mac) => {
                    self.give(&Body::expand(&statement.mac), &Target::Ignore);
                }
                Stmt::Local(_) | Stmt::Item(_) | Stmt::Macro(_) => {}
            }
        }
        self.scopes.pop();
    }

    fn let_(&mut self, local: &Local) {
        let (pattern, ty) = match &local.pat {
            Pat::Type(typed) => (&*typed.pat, self.items.ty(&self.module.clone(), &typed.ty)),
            pattern => (pattern, Type::Unit),
        };
        let ty = if ty == Type::Unit { self.types.later() } else { ty };
        let Some(init) = &local.init else {
            let name = self.bind(pattern, &ty);
            let declared = self.types.declare(&ty, &name);
            self.line(&format!("{declared};"));
            return;
        };
        self.take(pattern, &init.expr, &ty);
    }

    /// A pattern gets a value.
    fn take(&mut self, pattern: &Pat, value: &Expr, ty: &Type) {
        match (pattern, value) {
            (Pat::Wild(_), _) => {}
            (Pat::Ident(name), _) if Value::is_simple(value) => {
                let given = self.value(value, Some(ty));
                self.types.same(ty, &given.ty);
                let own = self.bind(pattern, ty);
                let declared = self.types.declare(ty, &own);
                let constant = if name.mutability.is_some() { "" } else { "const " };
                self.line(&format!("{constant}{declared} = {};", given.text));
            }
            (Pat::Tuple(patterns), Expr::Tuple(values)) => {
                let types = self.entries(ty, patterns.elems.len());
                // Names are seen when all have their values.
                let mut names = Vec::new();
                for ((pattern, value), ty) in patterns.elems.iter().zip(&values.elems).zip(&types) {
                    self.scopes.push(HashMap::new());
                    self.take(pattern, value, ty);
                    names.extend(self.scopes.pop().into_iter().flatten());
                }
                self.scopes.last_mut().expect("there is a scope").extend(names);
            }
            (Pat::Tuple(_), Expr::If(_)) => {
                let target = self.declare(pattern, ty);
                self.give(value, &target);
                self.see(pattern, &target);
            }
            (Pat::Ident(_), _) => {
                let target = self.declare(pattern, ty);
                self.give(value, &target);
                self.see(pattern, &target);
            }
            _ => {
                let given = self.value(value, Some(ty));
                self.types.same(ty, &given.ty);
                self.spread(pattern, &given);
            }
        }
    }

    /// Names for the parts of a value.
    fn spread(&mut self, pattern: &Pat, given: &Value) {
        let ty = self.types.known(&given.ty);
        let whole = if given.is_name() { given.text.clone() } else { self.keep(given) };
        match (pattern, &ty) {
            (Pat::Tuple(patterns), Type::Tuple(types)) => {
                for ((pattern, ty), place) in patterns.elems.iter().zip(types).zip(PLACES) {
                    self.part(pattern, ty, &format!("{whole}.{place}"));
                }
            }
            (Pat::Struct(patterns), Type::Struct(_, fields)) => {
                for field in &patterns.fields {
                    let syn::Member::Named(member) = &field.member else {
                        panic!("a field without name")
                    };
                    let (_, ty) =
                        fields.iter().find(|(name, _)| member == name).expect("its field");
                    self.part(&field.pat, ty, &format!("{whole}.{member}"));
                }
            }
            _ => panic!("a pattern in {} that has no translation", self.module),
        }
    }

    fn part(&mut self, pattern: &Pat, ty: &Type, text: &str) {
        match pattern {
            Pat::Wild(_) => {}
            Pat::Ident(_) => {
                let own = self.bind(pattern, ty);
                self.line(&format!("const {} = {text};", ty.declare(&own)));
            }
            _ => self.spread(pattern, &Value::atom(text, ty.clone())),
        }
    }

    /// The name of a value that is used more than once.
    pub(crate) fn keep(&mut self, value: &Value) -> String {
        let name = self.name("kept", &value.ty);
        let declared = self.types.declare(&value.ty, &name);
        self.line(&format!("const {declared} = {};", value.text));
        name
    }

    /// Binds a pattern to a name; a pattern with parts is taken apart.
    fn bind(&mut self, pattern: &Pat, ty: &Type) -> String {
        match pattern {
            Pat::Ident(name) => self.name(&name.ident.to_string(), ty),
            _ => {
                let name = self.name("whole", ty);
                self.spread(pattern, &Value::atom(&name, ty.clone()));
                name
            }
        }
    }

    fn entries(&mut self, ty: &Type, count: usize) -> Vec<Type> {
        if let Type::Tuple(entries) = self.types.known(ty) {
            return entries;
        }
        let entries: Vec<Type> = (0..count).map(|_| self.types.later()).collect();
        self.types.same(ty, &Type::Tuple(entries.clone()));
        entries
    }

    /// Variables that lines below give values to; they are not seen yet.
    fn declare(&mut self, pattern: &Pat, ty: &Type) -> Target {
        match pattern {
            Pat::Wild(_) => Target::Ignore,
            Pat::Tuple(patterns) => {
                let types = self.entries(ty, patterns.elems.len());
                let targets = patterns.elems.iter().zip(&types);
                Target::Entries(targets.map(|(pattern, ty)| self.declare(pattern, ty)).collect())
            }
            _ => {
                self.scopes.push(HashMap::new());
                let own = self.bind(pattern, ty);
                self.scopes.pop();
                let declared = self.types.declare(ty, &own);
                self.line(&format!("{declared};"));
                Target::Place(own, ty.clone())
            }
        }
    }

    fn see(&mut self, pattern: &Pat, target: &Target) {
        match (pattern, target) {
            (Pat::Ident(name), Target::Place(own, ty)) => {
                let scope = self.scopes.last_mut().expect("there is a scope");
                scope.insert(name.ident.to_string(), (own.clone(), ty.clone()));
            }
            (Pat::Tuple(patterns), Target::Entries(targets)) => {
                patterns
                    .elems
                    .iter()
                    .zip(targets)
                    .for_each(|(pattern, target)| self.see(pattern, target));
            }
            _ => {}
        }
    }

    /// Lines that give a value to a target.
    pub(crate) fn give(&mut self, value: &Expr, target: &Target) {
        match value {
            Expr::Paren(inner) => self.give(&inner.expr, target),
            Expr::Block(block) => self.block(&block.block, target),
            Expr::Macro(inner) if is_check(&inner.mac) => {}
            Expr::Macro(inner) if is_assignment(&Body::expand(&inner.mac)) => {
                self.give(&Body::expand(&inner.mac), target);
            }
            Expr::If(_) | Expr::Match(_)
                if matches!(target, Target::Ignore | Target::Entries(_))
                    || !Value::is_simple(value) =>
            {
                self.branches(value, target);
            }
            Expr::Return(inner) => match &inner.expr {
                Some(value) => self.give(value, &Target::Return(self.result.clone())),
                None => self.line("return;"),
            },
            // A label is that of the loop around.
            Expr::Break(_) => self.line("break;"),
            Expr::Continue(_) => self.line("continue;"),
            Expr::Loop(inner) => self.repeat("for (;;)", &inner.body),
            Expr::While(inner) => {
                let condition = self.value(&inner.cond, Some(&Type::Bool)).text;
                self.repeat(&format!("while ({condition})"), &inner.body);
            }
            Expr::ForLoop(inner) => self.for_(inner),
            Expr::Assign(assignment) => self.assign(&assignment.left, &assignment.right),
            Expr::Binary(change) if is_assignment(value) => {
                let place = self.value(&change.left, None);
                let is_shift =
                    matches!(change.op, syn::BinOp::ShlAssign(_) | syn::BinOp::ShrAssign(_));
                let by = self.value(&change.right, (!is_shift).then_some(&place.ty));
                let sign = Value::sign(&change.op);
                self.line(&format!("{} {sign} {};", place.text, by.text));
            }
            Expr::Tuple(values) if values.elems.is_empty() => {}
            Expr::Tuple(values) if matches!(target, Target::Entries(_)) => {
                let Target::Entries(targets) = target else { return };
                values
                    .elems
                    .iter()
                    .zip(targets)
                    .for_each(|(value, target)| self.give(value, target));
            }
            _ => self.plain(value, target),
        }
    }

    fn plain(&mut self, value: &Expr, target: &Target) {
        match target {
            // Nothing that is computed here changes anything.
            Target::Ignore => {}
            Target::Return(ty) => {
                let given = self.value(value, Some(ty));
                self.types.same(ty, &given.ty);
                self.line(&format!("return {};", given.text));
            }
            Target::Place(place, ty) => {
                let given = self.value(value, Some(ty));
                self.types.same(ty, &given.ty);
                self.line(&format!("{place} = {};", given.text));
            }
            Target::Entries(targets) => {
                let given = self.value(value, None);
                let whole = self.keep(&given);
                for (target, place) in targets.iter().zip(PLACES) {
                    if let Target::Place(name, _) = target {
                        self.line(&format!("{name} = {whole}.{place};"));
                    }
                }
            }
        }
    }

    fn assign(&mut self, left: &Expr, right: &Expr) {
        if let (Expr::Tuple(left), Expr::Tuple(right)) = (left, right) {
            let kept: Vec<String> = right
                .elems
                .iter()
                .map(|value| {
                    let value = self.value(value, None);
                    self.keep(&value)
                })
                .collect();
            for (place, value) in left.elems.iter().zip(kept) {
                let place = self.value(place, None);
                self.line(&format!("{} = {value};", place.text));
            }
            return;
        }
        let place = self.value(left, None);
        self.give(right, &Target::Place(place.text, place.ty));
    }

    /// A choice by lines; where they do nothing, it is left out.
    fn branches(&mut self, value: &Expr, target: &Target) {
        let start = self.lines.len();
        match value {
            Expr::If(choice) => {
                let is_on =
                    !matches!(&*choice.cond, Expr::Macro(inner) if inner.mac.path.is_ident("cfg"));
                let condition = match is_on {
                    true => self.value(&choice.cond, Some(&Type::Bool)).text,
                    false => "0".into(),
                };
                self.line(&format!("if ({condition}) {{"));
                if is_on {
                    self.inner(|body| body.block(&choice.then_branch, target));
                }
                if let Some((_, other)) = &choice.else_branch {
                    self.line("} else {");
                    self.inner(|body| body.give(other, target));
                }
                self.line("}");
            }
            Expr::Match(choice) => {
                let given = self.value(&choice.expr, None);
                let given = match given.is_name() {
                    true => given,
                    false => Value::atom(&self.keep(&given), given.ty),
                };
                let arms: Vec<_> = choice.arms.iter().filter(|arm| is_on(&arm.attrs)).collect();
                for (number, arm) in arms.iter().enumerate() {
                    let condition = self.fits(&arm.pat, &given);
                    let sign = if number == 0 { "" } else { "} else " };
                    self.line(&match &condition {
                        Some(condition) => format!("{sign}if ({condition}) {{"),
                        None => format!("{sign}{{"),
                    });
                    self.inner(|body| body.give(&arm.body, target));
                }
                self.line("}");
            }
            _ => {}
        }
        self.tidy(start);
    }

    /// Without branches that do nothing, and `else if` in one line.
    fn tidy(&mut self, start: usize) {
        let end = self.lines.len();
        let trimmed = |line: &String| line.trim_start().to_owned();
        if end - start >= 3 && trimmed(&self.lines[end - 2]) == "} else {" {
            self.lines.remove(end - 2);
        }
        let is_empty = |line: &String| line.ends_with('{') || line.trim() == "}";
        if self.lines[start..].iter().all(is_empty) {
            self.lines.truncate(start);
            return;
        }
        // `else { if … }` with nothing else in it.
        let indent = "    ".repeat(self.depth);
        let (other, inner) = (format!("{indent}}} else {{"), format!("{indent}    "));
        let Some(at) = self.lines[start..].iter().position(|line| *line == other) else { return };
        let at = start + at;
        let end = self.lines.len() - 1;
        let own =
            |line: &String| !line.starts_with(&format!("{inner} ")) && line.starts_with(&inner);
        let heads: Vec<usize> = (at + 1..end).filter(|&k| own(&self.lines[k])).collect();
        let is_chain = heads.first() == Some(&(at + 1))
            && self.lines[at + 1].starts_with(&format!("{inner}if ("))
            && heads[1..].iter().all(|&k| self.lines[k].starts_with(&format!("{inner}}}")))
            && heads.last() == Some(&(end - 1))
            && heads[1..heads.len() - 1].iter().all(|&k| self.lines[k].contains("} else "));
        if is_chain {
            let rest: Vec<String> =
                self.lines.drain(at + 1..end).map(|line| line[4..].to_owned()).collect();
            self.lines.truncate(at);
            self.lines.push(format!("{indent}}} else {}", rest[0].trim_start()));
            self.lines.extend(rest.into_iter().skip(1));
        }
    }

    pub(crate) fn repeat(&mut self, head: &str, block: &Block) {
        self.line(&format!("{head} {{"));
        self.inner(|body| body.block(block, &Target::Ignore));
        self.line("}");
    }

    fn for_(&mut self, repeated: &syn::ExprForLoop) {
        self.scopes.push(HashMap::new());
        let (head, first) = self.loop_head(&repeated.pat, &repeated.expr);
        self.line(&format!("{head} {{"));
        self.depth += 1;
        if let Some(first) = first {
            self.line(&first);
        }
        self.block(&repeated.body, &Target::Ignore);
        self.depth -= 1;
        self.line("}");
        self.scopes.pop();
    }
}

fn is_check(call: &syn::Macro) -> bool {
    ["force_eval", "debug_assert", "unreachable", "select_implementation"]
        .iter()
        .any(|name| call.path.is_ident(name))
}

fn is_assignment(value: &Expr) -> bool {
    match value {
        Expr::Assign(_) => true,
        Expr::Binary(change) => {
            Value::sign(&change.op).ends_with('=') && !Value::compares(&change.op)
        }
        _ => false,
    }
}

/// Constants that nobody reads: what was a check read them.
fn drop_unused(lines: &mut Vec<String>) {
    loop {
        let unused = lines.iter().position(|line| {
            let Some((declared, _)) = line.trim_start().split_once(" = ") else { return false };
            let Some(declared) = declared.strip_prefix("const ") else { return false };
            let Some(name) = words(declared).last().filter(|_| !declared.ends_with(']')) else {
                return false;
            };
            lines.iter().flat_map(|line| words(line)).filter(|word| *word == name).count() == 1
        });
        match unused {
            Some(at) => lines.remove(at),
            None => return,
        };
    }
}

/// The words of a line; a place for a declaration counts as what it declares.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}
