//! What translation works with, and a whole function: its head, its lines, its names.

use std::collections::{HashMap, HashSet};

use syn::{Block, Expr, Pat};

use crate::library::Library;
use crate::types::{Inference, SIZE, Type};

/// A function as its callers see it.
pub(crate) struct Signature {
    pub(crate) name: String,
    /// Lengths that callers give first.
    pub(crate) lengths: Vec<String>,
    /// Names, types, and whether what is behind an address is changed.
    pub(crate) parameters: Vec<(Pat, Type, bool)>,
    pub(crate) result: Type,
}

/// Translates what is asked for, with all that it needs in front.
pub(crate) struct Translator<'l> {
    pub(crate) library: &'l Library,
    pub(crate) done: HashSet<String>,
    /// Structures for tuples, what comes from `libm`, and our own.
    pub(crate) texts: [String; 3],
}

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
    pub(crate) lines: Vec<String>,
    pub(crate) depth: usize,
    /// Names in C and types, innermost scope last.
    pub(crate) scopes: Vec<HashMap<String, (String, Type)>>,
    pub(crate) taken: HashSet<String>,
    pub(crate) result: Type,
    /// Constants are written out where a constant needs them.
    pub(crate) is_constant: bool,
}

/// Names that the text needs for something else.
const TAKEN: [&str; 14] = [
    "ceil", "copysign", "double", "fabs", "floor", "fma", "fmod", "int", "long", "rint", "round",
    "scalbn", "short", "sqrt",
];

impl<'t, 'l> Body<'t, 'l> {
    pub(crate) fn new(items: &'t mut Translator<'l>, module: &str, result: Type) -> Body<'t, 'l> {
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

    pub(crate) fn inner(&mut self, write: impl FnOnce(&mut Self)) {
        self.depth += 1;
        self.scopes.push(HashMap::new());
        write(self);
        self.scopes.pop();
        self.depth -= 1;
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
