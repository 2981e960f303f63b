//! Statements: what Rust has as expressions with a value becomes lines that give it to a target.

use syn::{Block, Expr, Stmt};

use crate::body::{Body, Target};
use crate::library::is_on;
use crate::types::{PLACES, Type};
use crate::value::Value;

impl Body<'_, '_> {
    pub(crate) fn block(&mut self, block: &Block, target: &Target) {
        self.scopes.push(Default::default());
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

    /// Lines that give a value to a target.
    pub(crate) fn give(&mut self, value: &Expr, target: &Target) {
        match value {
            Expr::Paren(inner) => self.give(&inner.expr, target),
            Expr::Block(block) => self.block(&block.block, target),
            Expr::Macro(inner) if is_check(&inner.mac) => {}
            Expr::Macro(inner) if is_assignment(&Body::expand(&inner.mac)) => {
                self.give(&Body::expand(&inner.mac), target);
            }
            Expr::If(_) | Expr::Match(_) if needs_lines(value, target) => {
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
            Expr::If(choice) => self.branch("", choice, target),
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

    fn branch(&mut self, before: &str, choice: &syn::ExprIf, target: &Target) {
        let is_on = !matches!(&*choice.cond, Expr::Macro(inner) if inner.mac.path.is_ident("cfg"));
        let lines = self.lines.len();
        let condition = match is_on {
            true => self.value(&choice.cond, Some(&Type::Bool)).text,
            false => "0".into(),
        };
        assert!(before.is_empty() || lines == self.lines.len(), "lines before `else if`");
        self.line(&format!("{before}if ({condition}) {{"));
        if is_on {
            self.inner(|body| body.block(&choice.then_branch, target));
        }
        match choice.else_branch.as_ref().map(|(_, other)| &**other) {
            Some(Expr::If(other)) if needs_lines(&Expr::If(other.clone()), target) => {
                return self.branch("} else ", other, target);
            }
            Some(other) => {
                self.line("} else {");
                self.inner(|body| body.give(other, target));
            }
            None => {}
        }
        self.line("}");
    }

    /// Without branches that do nothing.
    fn tidy(&mut self, start: usize) {
        let end = self.lines.len();
        if end - start >= 3 && self.lines[end - 2].trim() == "} else {" {
            self.lines.remove(end - 2);
        }
        let is_empty = |line: &String| line.ends_with('{') || line.trim() == "}";
        if self.lines[start..].iter().all(is_empty) {
            self.lines.truncate(start);
        }
    }

    pub(crate) fn repeat(&mut self, head: &str, block: &Block) {
        self.line(&format!("{head} {{"));
        self.inner(|body| body.block(block, &Target::Ignore));
        self.line("}");
    }

    fn for_(&mut self, repeated: &syn::ExprForLoop) {
        self.scopes.push(Default::default());
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

/// Whether a choice is one of lines, and not of values.
fn needs_lines(value: &Expr, target: &Target) -> bool {
    matches!(target, Target::Ignore | Target::Entries(_)) || !Value::is_simple(value)
}
