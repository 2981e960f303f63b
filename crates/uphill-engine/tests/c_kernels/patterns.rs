//! Names for values: patterns that take them apart, and variables that later lines give values to.

use syn::{Expr, Local, Pat};

use crate::body::{Body, Target};
use crate::types::{PLACES, Type};
use crate::value::Value;

impl Body<'_, '_> {
    pub(crate) fn let_(&mut self, local: &Local) {
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
    pub(crate) fn take(&mut self, pattern: &Pat, value: &Expr, ty: &Type) {
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
                    self.scopes.push(Default::default());
                    self.take(pattern, value, ty);
                    names.extend(self.scopes.pop().into_iter().flatten());
                }
                self.scopes.last_mut().expect("there is a scope").extend(names);
            }
            (Pat::Tuple(_), Expr::If(_)) | (Pat::Ident(_), _) => {
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
    pub(crate) fn spread(&mut self, pattern: &Pat, given: &Value) {
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

    pub(crate) fn part(&mut self, pattern: &Pat, ty: &Type, text: &str) {
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
    pub(crate) fn bind(&mut self, pattern: &Pat, ty: &Type) -> String {
        match pattern {
            Pat::Ident(name) => self.name(&name.ident.to_string(), ty),
            _ => {
                let name = self.name("whole", ty);
                self.spread(pattern, &Value::atom(&name, ty.clone()));
                name
            }
        }
    }

    pub(crate) fn entries(&mut self, ty: &Type, count: usize) -> Vec<Type> {
        if let Type::Tuple(entries) = self.types.known(ty) {
            return entries;
        }
        let entries: Vec<Type> = (0..count).map(|_| self.types.later()).collect();
        self.types.same(ty, &Type::Tuple(entries.clone()));
        entries
    }

    /// Variables that lines below give values to; they are not seen yet.
    pub(crate) fn declare(&mut self, pattern: &Pat, ty: &Type) -> Target {
        match pattern {
            Pat::Wild(_) => Target::Ignore,
            Pat::Tuple(patterns) => {
                let types = self.entries(ty, patterns.elems.len());
                let targets = patterns.elems.iter().zip(&types);
                Target::Entries(targets.map(|(pattern, ty)| self.declare(pattern, ty)).collect())
            }
            _ => {
                self.scopes.push(Default::default());
                let own = self.bind(pattern, ty);
                self.scopes.pop();
                let declared = self.types.declare(ty, &own);
                self.line(&format!("{declared};"));
                Target::Place(own, ty.clone())
            }
        }
    }

    pub(crate) fn see(&mut self, pattern: &Pat, target: &Target) {
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
}
