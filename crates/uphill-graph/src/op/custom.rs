//! Operations that users define: a name, a value, and partial derivatives written once as [`Scalar`] code.
//!
//! The partials are generic, and an operation in a graph must be a plain small value; so the partials are recorded
//! once, as a [`Function`] of operands and result, which then runs on any scalar: numbers, duals, or variables of a
//! graph, to any order. Definitions live as long as the process, so that a handle is a number that can be copied.

use std::any::TypeId;
use std::sync::{Mutex, OnceLock};

use smallvec::SmallVec;

use crate::error::Error;
use crate::function::{Function, Inputs};
use crate::op::Op;
use crate::scalar::Scalar;

/// How many custom operations one process can define.
const CAPACITY: usize = 4096;

static DEFINITIONS: [OnceLock<Definition>; CAPACITY] = [const { OnceLock::new() }; CAPACITY];
/// How many are defined; held while one is added.
static COUNT: Mutex<usize> = Mutex::new(0);

/// An operation of your own: implement this, then [`Custom::define`] it.
///
/// ```
/// use uphill_graph::{Custom, CustomOp, Function, Scalar};
///
/// /// Lambert's W on [0, ∞): the w for which w·e^w = x.
/// struct LambertW;
///
/// impl CustomOp for LambertW {
///     fn name(&self) -> &str {
///         "lambert_w"
///     }
///     fn arity(&self) -> usize {
///         1
///     }
///     fn value(&self, x: &[f64]) -> f64 {
///         let mut w = x[0].ln_1p();
///         for _ in 0..20 {
///             let excess = w * w.exp() - x[0];
///             w -= excess / (w.exp() * (w + 1.0));
///         }
///         w
///     }
///     fn partials<S: Scalar>(&self, x: &[S], z: S) -> Vec<S> {
///         vec![z / (x[0] * (z + 1.0))]
///     }
///     fn samples(&self) -> Vec<Vec<f64>> {
///         vec![vec![0.5], vec![3.0]]
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let lambert_w = Custom::define(LambertW)?;
/// lambert_w.op().check_rule()?; // the derivative, against differences of the value
/// let p = Function::record(["x"], |x| lambert_w.call(&[x[0]]))?;
/// let slope = p.gradient()?.eval(&[std::f64::consts::E])?;
/// assert!((slope[0] - 0.5 / std::f64::consts::E).abs() < 1e-15);
/// # Ok(())
/// # }
/// ```
pub trait CustomOp: Send + Sync + 'static {
    /// The name in text and files: letters, digits and underscores, unlike any built-in operation's.
    fn name(&self) -> &str;

    /// The number of operands, at least one.
    fn arity(&self) -> usize;

    /// The value at `x`, which has [`CustomOp::arity`] entries.
    fn value(&self, x: &[f64]) -> f64;

    /// The partial derivatives by each operand at `x`, where the value is `z`: [`CustomOp::arity`] entries.
    ///
    /// The code may use other custom operations and this one itself.
    fn partials<S: Scalar>(&self, x: &[S], z: S) -> Vec<S>
    where
        Self: Sized;

    /// Smooth points at which [`Op::check_rule`] compares the partials with differences of the value.
    fn samples(&self) -> Vec<Vec<f64>> {
        Vec::new()
    }

    /// The relative tolerance of that comparison.
    fn tolerance(&self) -> f64 {
        1e-8
    }
}

/// A custom operation that has been defined: a copyable handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Custom(u32);

type Value = Box<dyn Fn(&[f64]) -> f64 + Send + Sync>;
type Partials = Box<dyn Fn(&[f64], f64) -> Vec<f64> + Send + Sync>;
type Record = Box<dyn Fn() -> Result<Function, Error> + Send + Sync>;

struct Definition {
    kind: TypeId,
    stateless: bool,
    name: Box<str>,
    arity: usize,
    tolerance: f64,
    samples: Vec<Vec<f64>>,
    value: Value,
    partials: Partials,
    record: Record,
    recorded: OnceLock<Function>,
}

impl Custom {
    /// Makes an operation known to this process and returns its handle.
    ///
    /// Defining a type without fields again gives the same handle.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidName`] if the name is no identifier or a built-in operation's; [`Error::DuplicateName`] if
    /// another operation has it; [`Error::Unsupported`] for an arity of zero, and beyond 4096 operations.
    pub fn define<C: CustomOp>(op: C) -> Result<Custom, Error> {
        let name: Box<str> = op.name().into();
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !name.chars().all(plain)
            || !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        {
            return Err(Error::InvalidName {
                name: name.into(),
                rule: "a custom operation is named by a letter, then letters, digits and underscores",
            });
        }
        if Op::from_name(&name).is_some() {
            return Err(Error::InvalidName {
                name: name.into(),
                rule: "a built-in operation has this name",
            });
        }
        let arity = op.arity();
        if arity == 0 {
            return Err(Error::Unsupported {
                what: format!("custom operation `{name}` without operands"),
            });
        }
        let mut count = COUNT.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = Custom::lookup(&name, *count) {
            let definition = known.definition();
            return if definition.kind == TypeId::of::<C>() && definition.stateless {
                Ok(known)
            } else {
                Err(Error::DuplicateName { kind: "custom operation", name: name.into() })
            };
        }
        let Some(slot) = DEFINITIONS.get(*count) else {
            return Err(Error::Unsupported {
                what: format!("more than {CAPACITY} custom operations"),
            });
        };
        let op = std::sync::Arc::new(op);
        let (for_value, for_partials, for_record) = (op.clone(), op.clone(), op.clone());
        let definition = Definition {
            kind: TypeId::of::<C>(),
            stateless: size_of::<C>() == 0,
            name,
            arity,
            tolerance: op.tolerance(),
            samples: op.samples(),
            value: Box::new(move |x| for_value.value(x)),
            partials: Box::new(move |x, z| for_partials.partials(x, z)),
            record: Box::new(move || {
                Function::record_many(Inputs::new().variables("x", arity).variable("z"), |inputs| {
                    for_record.partials(&inputs[..arity], inputs[arity])
                })
            }),
            recorded: OnceLock::new(),
        };
        let fresh = slot.set(definition).is_ok();
        debug_assert!(fresh, "slots are filled in order, under the lock");
        *count += 1;
        Ok(Custom((*count - 1) as u32))
    }

    /// The defined operation of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Custom> {
        let count = *COUNT.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Custom::lookup(name, count)
    }

    fn lookup(name: &str, count: usize) -> Option<Custom> {
        (0..count as u32).map(Custom).find(|known| known.name() == name)
    }

    fn definition(self) -> &'static Definition {
        DEFINITIONS[self.0 as usize].get().expect("a handle exists only once its slot is set")
    }

    /// This operation on any scalar.
    ///
    /// # Panics
    ///
    /// If the number of operands is not the operation's arity.
    #[track_caller]
    pub fn call<S: Scalar>(self, x: &[S]) -> S {
        assert_eq!(x.len(), self.arity(), "`{}` takes {} operands", self.name(), self.arity());
        S::apply(Op::Custom(self), x)
    }

    /// This operation as an [`Op`].
    #[must_use]
    pub fn op(self) -> Op {
        Op::Custom(self)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        &self.definition().name
    }

    /// Its number of operands.
    #[must_use]
    pub fn arity(self) -> usize {
        self.definition().arity
    }

    pub(super) fn tolerance(self) -> f64 {
        self.definition().tolerance
    }

    pub(super) fn samples(self) -> &'static [Vec<f64>] {
        &self.definition().samples
    }

    pub(super) fn value(self, x: &[f64]) -> f64 {
        (self.definition().value)(x)
    }

    pub(super) fn partials<S: Scalar>(self, x: &[S], z: S) -> SmallVec<[S; 4]> {
        let partials = S::custom_partials(self, x, z);
        assert_eq!(
            partials.len(),
            self.arity(),
            "the custom operation `{}` must give one partial derivative an operand",
            self.name()
        );
        partials
    }

    /// The partials as numbers, by the user's code itself.
    pub(crate) fn partials_of_numbers(self, x: &[f64], z: f64) -> SmallVec<[f64; 4]> {
        (self.definition().partials)(x, z).into()
    }

    /// The partials on any scalar, through their recording.
    pub(crate) fn recorded_partials<S: Scalar>(self, x: &[S], z: S) -> SmallVec<[S; 4]> {
        let definition = self.definition();
        let function = definition.recorded.get_or_init(|| match (definition.record)() {
            Ok(function) => function,
            Err(error) => panic!("the partials of the custom operation `{}`: {error}", self.name()),
        });
        let mut inputs: SmallVec<[S; 4]> = x.into();
        inputs.push(z);
        match function.eval_scalar(&inputs) {
            Ok(partials) => partials.into(),
            Err(error) => panic!("the partials of the custom operation `{}`: {error}", self.name()),
        }
    }
}
