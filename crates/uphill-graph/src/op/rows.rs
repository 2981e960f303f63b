//! What a row of the op table becomes: the enumeration `Op`, its values, its derivative rules and its properties.
//!
//! The macro reads rows in the form that `table.rs` documents; every list of operations in the crate comes from here, so
//! that none can be forgotten. A row becomes an arm for code that learns the operation when it runs, and a type
//! ([`Row`]) for code that knows it when it is compiled.

use super::{Contribution, Op};
use crate::scalar::Scalar;

/// A row of the op table with `N` operands, as a type: what is generic over it has neither lists nor a choice of the row
/// when it runs.
pub trait Row<const N: usize> {
    /// The row's operation.
    const OP: Op;

    /// Whether some term counts under a condition alone: see [`Op::has_choices`].
    const CHOOSES: bool;

    /// Up to which magnitude of its one operand [`Row::in_bounds`] may be asked, if there is a limit.
    const BOUND: Option<f64> = None;

    /// The value on `f64`.
    fn value(x: [f64; N]) -> f64;

    /// The same, inlined whole into a loop over lanes, which is compiled for an instruction set.
    fn in_lanes(x: [f64; N]) -> f64;

    /// The same without branches, within [`Row::BOUND`].
    #[inline(always)]
    fn in_bounds(x: [f64; N]) -> f64 {
        Self::in_lanes(x)
    }

    /// The value and the one partial derivative of a row with one operand, with the bits of the row's value and rule, if
    /// both at once are cheaper.
    #[inline]
    fn value_and_slope(x: [f64; N]) -> Option<(f64, f64)> {
        let _ = x;
        None
    }

    /// The row's rule for operand `k`: see [`Op::chain`].
    fn chain<S: Scalar>(k: usize, x: [S; N], z: S, d: S) -> Option<Contribution<S>>;

    /// The operation on these operands.
    #[track_caller]
    #[inline]
    fn of<S: Scalar>(x: [S; N]) -> S
    where
        Self: Sized,
    {
        S::by_row::<Self, N>(x)
    }
}

macro_rules! rule {
    (none, $d:ident) => {
        None
    };
    (($partial:expr), $d:ident) => {
        Some(Contribution::always($d.times($partial)))
    };
    ([not $condition:expr => $contribution:expr], $d:ident) => {
        Some(Contribution::chosen($condition, false, $contribution))
    };
    ([$condition:expr => $contribution:expr], $d:ident) => {
        Some(Contribution::chosen($condition, true, $contribution))
    };
}

macro_rules! depends {
    (none) => {
        false
    };
    ($rule:tt) => {
        true
    };
}

macro_rules! chooses {
    ([$($rule:tt)*]) => {
        true
    };
    ($rule:tt) => {
        false
    };
}

/// The address of a row's code: of its kernel, if that is all that the value is.
macro_rules! address {
    (($x:ident) { kernel::$name:ident($only:ident) }) => {
        Some(Address::One(addresses::$name()))
    };
    (($x:ident, $y:ident) { kernel::$name:ident($first:ident, $second:ident) }) => {
        Some(Address::Two(addresses::$name()))
    };
    (($x:ident) { $($value:tt)* }) => {
        Some(Address::One({
            extern "C" fn row($x: f64) -> f64 { $($value)* }
            row
        }))
    };
    (($x:ident, $y:ident) { $($value:tt)* }) => {
        Some(Address::Two({
            extern "C" fn row($x: f64, $y: f64) -> f64 { $($value)* }
            row
        }))
    };
    ($others:tt $value:tt) => {
        None
    };
}

macro_rules! count {
    ($($x:ident),+) => {
        [$(stringify!($x)),+].len()
    };
}

macro_rules! op_table {
    (
        $z:ident $d:ident;
        fixed { $(
            $(#[$doc:meta])*
            $Op:ident $name:literal ($($x:ident),+) $form:expr;
            value { $($value:tt)* }
            $(with_slope { $with_slope:expr })?
            $(within $bound:ident { $bounded:expr })?
            rules { $($rule:tt)+ }
            kinks $kinks:literal;
            samples [$($sample:expr),+] within $tolerance:literal;
        )+ }
        nary { $(
            $(#[$nary_doc:meta])*
            $Nary:ident $nary_name:literal $arity:expr, $nary_form:expr;
            kinks $nary_kinks:literal;
            samples [$($nary_sample:expr),+] within $nary_tolerance:literal;
        )+ }
    ) => {
        /// An operation on scalars: a row of the op table, or a custom operation of a user's.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Op {
            $( $(#[$doc])* $Op, )+
            $( $(#[$nary_doc])* $Nary, )+
            /// An operation that a user has defined with [`Custom::define`].
            Custom(Custom),
        }

        impl Op {
            /// Every built-in operation, in the order of the table.
            pub const ALL: &'static [Op] = &[$(Op::$Op,)+ $(Op::$Nary,)+];

            /// The name in text: `sin`, `add`, `log_sum_exp`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Op::$Op => $name,)+
                    $(Op::$Nary => $nary_name,)+
                    Op::Custom(custom) => custom.name(),
                }
            }

            /// How many operands it takes.
            #[must_use]
            #[inline]
            pub fn arity(self) -> Arity {
                match self {
                    $(Op::$Op => Arity::Exactly([$(stringify!($x)),+].len()),)+
                    $(Op::$Nary => $arity,)+
                    Op::Custom(custom) => Arity::Exactly(custom.arity()),
                }
            }

            /// How it is written.
            #[must_use]
            pub fn form(self) -> Form {
                match self {
                    $(Op::$Op => $form,)+
                    $(Op::$Nary => $nary_form,)+
                    Op::Custom(_) => Form::Call,
                }
            }

            /// What the derivative is where it does not exist, in words.
            #[must_use]
            pub fn kinks(self) -> &'static str {
                match self {
                    $(Op::$Op => $kinks,)+
                    $(Op::$Nary => $nary_kinks,)+
                    Op::Custom(_) => "as its author defines",
                }
            }

            /// Smooth points at which the derivative rule is checked: operands of each.
            pub(super) fn row_samples(self) -> &'static [&'static [f64]] {
                match self {
                    $(Op::$Op => &[$(&$sample),+],)+
                    $(Op::$Nary => &[$(&$nary_sample),+],)+
                    Op::Custom(_) => &[],
                }
            }

            /// The relative tolerance of the derivative check at [`Op::samples`].
            #[must_use]
            pub fn tolerance(self) -> f64 {
                match self {
                    $(Op::$Op => $tolerance,)+
                    $(Op::$Nary => $nary_tolerance,)+
                    Op::Custom(custom) => custom.tolerance(),
                }
            }

            /// Whether the result can depend differentiably on operand `k`.
            #[must_use]
            pub fn differentiable(self, k: usize) -> bool {
                match self {
                    $(Op::$Op => [$(depends!($rule)),+].get(k).copied().unwrap_or(false),)+
                    $(Op::$Nary => true,)+
                    Op::Custom(custom) => k < custom.arity(),
                }
            }

            /// Whether the term of some operand counts under a condition alone: see [`Contribution`].
            #[must_use]
            pub fn has_choices(self) -> bool {
                match self {
                    $(Op::$Op => false $(|| chooses!($rule))+,)+
                    $(Op::$Nary)|+ | Op::Custom(_) => false,
                }
            }

            #[inline]
            pub(super) fn row_value(self, operands: &[f64]) -> f64 {
                match self {
                    $(Op::$Op => {
                        let &[$($x),+] = operands else { self.wrong_count(operands.len()) };
                        row::$Op::value([$($x),+])
                    })+
                    $(Op::$Nary)|+ => nary::value(self, operands),
                    Op::Custom(custom) => custom.value(operands),
                }
            }

            /// The address of its code, for executors that keep it; `None` unless it takes one operand or two.
            #[doc(hidden)]
            #[must_use]
            pub fn address(self) -> Option<Address> {
                match self {
                    $(Op::$Op => address!(($($x),+) { $($value)* }),)+
                    $(Op::$Nary)|+ | Op::Custom(_) => None,
                }
            }

            /// What a visitor makes of the row as a type; `None` unless the table has one with a fixed number of operands.
            #[doc(hidden)]
            pub fn visit<V: RowVisitor>(self, visitor: V) -> Option<V::Output> {
                match self {
                    $(Op::$Op => Some(visitor.visit::<row::$Op, { count!($($x),+) }>()),)+
                    $(Op::$Nary)|+ | Op::Custom(_) => None,
                }
            }

            /// The operation by its row as a type; `None` if the table has no row with so many operands for it.
            #[track_caller]
            pub(crate) fn by_row<S: Scalar>(self, operands: &[S]) -> Option<S> {
                match self {
                    $(Op::$Op => match operands {
                        &[$($x),+] => Some(row::$Op::of([$($x),+])),
                        _ => self.wrong_count(operands.len()),
                    })+
                    $(Op::$Nary)|+ | Op::Custom(_) => None,
                }
            }

            #[inline]
            pub(super) fn fixed_chain<S: Scalar>(
                self, k: usize, operands: &[S], z: S, d: S,
            ) -> Option<Contribution<S>> {
                match self {
                    $(Op::$Op => {
                        let &[$($x),+] = operands else { self.wrong_count(operands.len()) };
                        row::$Op::chain(k, [$($x),+], z, d)
                    })+
                    $(Op::$Nary)|+ | Op::Custom(_) => unreachable!("has its own partials"),
                }
            }

            #[cold]
            fn wrong_count(self, count: usize) -> ! {
                panic!("`{}` takes {:?} operands, not {count}", self.name(), self.arity())
            }
        }

        /// Each row with a fixed number of operands, as a type.
        pub mod row {
            $(
                #[doc = $name]
                #[derive(Debug, Clone, Copy)]
                pub enum $Op {}
            )+
        }

        $(
            impl Row<{ count!($($x),+) }> for row::$Op {
                const OP: Op = Op::$Op;
                const CHOOSES: bool = false $(|| chooses!($rule))+;

                #[inline]
                fn value([$($x),+]: [f64; count!($($x),+)]) -> f64 {
                    $($value)*
                }

                #[inline(always)]
                fn in_lanes([$($x),+]: [f64; count!($($x),+)]) -> f64 {
                    #[allow(unused_imports)]
                    use uphill_kernels as kernel;
                    $($value)*
                }

                $(
                    const BOUND: Option<f64> = Some(uphill_kernels::$bound);

                    #[inline(always)]
                    fn in_bounds([x]: [f64; 1]) -> f64 {
                        $bounded(x)
                    }
                )?

                $(
                    #[inline]
                    fn value_and_slope([x]: [f64; 1]) -> Option<(f64, f64)> {
                        Some($with_slope(x))
                    }
                )?

                #[inline]
                #[allow(unused_variables, unused_assignments)]
                fn chain<S: Scalar>(
                    k: usize, [$($x),+]: [S; count!($($x),+)], $z: S, $d: S,
                ) -> Option<Contribution<S>> {
                    let mut slot = 0;
                    $(
                        if slot == k {
                            return rule!($rule, $d);
                        }
                        slot += 1;
                    )+
                    Op::$Op.wrong_count(k)
                }
            }
        )+
    };
}

pub(super) use {address, chooses, count, depends, op_table, rule};
