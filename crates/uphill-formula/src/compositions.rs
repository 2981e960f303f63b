//! Functions that are made of several operations. What they are made of stands in the methods of `Scalar`; here they
//! have names, and are written out where a formula calls them.

use std::ops::RangeInclusive;

use uphill_graph::{Scalar, Var};

/// A function made of several operations.
#[derive(Debug)]
pub(crate) struct Composition {
    pub(crate) name: &'static str,
    /// What other people call it.
    others: &'static [&'static str],
    /// Its arguments by name.
    pub(crate) arguments: &'static str,
    /// How many of them.
    pub(crate) count: RangeInclusive<usize>,
    pub(crate) code: for<'g> fn(&[Var<'g>]) -> Var<'g>,
}

impl PartialEq for Composition {
    fn eq(&self, other: &Composition) -> bool {
        self.name == other.name
    }
}

impl Composition {
    /// Whether it takes any number of arguments.
    pub(crate) fn takes_any(&self) -> bool {
        *self.count.end() == usize::MAX
    }
}

/// A row: names, arguments, how many, code.
macro_rules! compositions {
    ($($name:ident [$($other:literal),*] $arguments:literal $count:expr, $code:expr;)+) => {
        /// All of them.
        pub(crate) static ALL: &[Composition] = &[$(Composition {
            name: stringify!($name),
            others: &[$($other),*],
            arguments: $arguments,
            count: $count,
            code: $code,
        }),+];
    };
}

compositions! {
    ndtr [] "x" 1..=1, |x| x[0].ndtr();
    logit [] "x" 1..=1, |x| x[0].logit();
    log_expit ["log_sigmoid"] "x" 1..=1, |x| x[0].log_expit();
    silu ["swish"] "x" 1..=1, |x| x[0].silu();
    gelu [] "x" 1..=1, |x| x[0].gelu();
    elu [] "x, alpha" 1..=2, |x| x[0].elu(x.get(1).copied().unwrap_or(Var::constant(1.0)));
    beta [] "x, y" 2..=2, |x| x[0].beta(x[1]);
    ln_beta ["betaln"] "x, y" 2..=2, |x| x[0].ln_beta(x[1]);
    norm [] "x, y, …" 1..=usize::MAX, |x| Var::norm(x);
}

/// The one of this name, its own or another one.
pub(crate) fn find(name: &str) -> Option<&'static Composition> {
    ALL.iter().find(|composition| composition.name == name || composition.others.contains(&name))
}

/// All names.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let others = ALL.iter().flat_map(|composition| composition.others.iter().copied());
    ALL.iter().map(|composition| composition.name).chain(others)
}
