//! Loops over ranges and over the elements of arrays.

use syn::{Expr, Pat, RangeLimits};

use crate::body::Body;
use crate::types::{SIZE, Type};
use crate::value::Bound;

impl Body<'_, '_> {
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
}
