//! The traits of `diffsol` on compiled functions: values, products with Jacobians and their transposes, and matrices.
//!
//! Vectors of `diffsol` may hold several lanes, one a parameter or an output; each is run by itself. Products with transposes
//! come with a minus, as `diffsol` wants them.

use diffsol::{
    ConstantOp, ConstantOpSens, ConstantOpSensAdjoint, Matrix, NonLinearOp, NonLinearOpAdjoint,
    NonLinearOpJacobian, NonLinearOpSens, NonLinearOpSensAdjoint, Op, Vector,
};

use crate::part::{Derived, Part};
use crate::watch::{Kind, Watch};

/// A function of time and states, at given parameters: a right-hand side, outputs, or events.
pub struct Operator<'e, M: Matrix<T = f64>> {
    pub(crate) part: &'e Part<M>,
    pub(crate) kind: Kind,
    pub(crate) states: usize,
    pub(crate) parameters: &'e M::V,
    pub(crate) context: &'e M::C,
    pub(crate) watch: &'e Watch,
}

/// The initial states, at given parameters.
pub struct Start<'e, M: Matrix<T = f64>> {
    pub(crate) part: &'e Part<M>,
    /// States that nobody reads.
    pub(crate) zeros: &'e M::V,
    pub(crate) parameters: &'e M::V,
    pub(crate) context: &'e M::C,
    pub(crate) watch: &'e Watch,
}

impl<M: Matrix<T = f64>> std::fmt::Debug for Operator<'_, M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Operator").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl<M: Matrix<T = f64>> std::fmt::Debug for Start<'_, M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Start").finish_non_exhaustive()
    }
}

macro_rules! op {
    ($name:ident, |$op:ident| $states:expr) => {
        impl<M: Matrix<T = f64>> Op for $name<'_, M> {
            type T = f64;
            type V = M::V;
            type M = M;
            type C = M::C;

            fn context(&self) -> &M::C {
                self.context
            }

            fn nstates(&self) -> usize {
                let $op = self;
                $states
            }

            fn nout(&self) -> usize {
                self.part.outputs
            }

            fn nparams(&self) -> usize {
                self.parameters.len()
            }
        }
    };
}

op!(Operator, |operator| operator.states);
op!(Start, |start| start.zeros.len());

impl<M: Matrix<T = f64>> Operator<'_, M> {
    /// Derivatives of one kind times a direction, lane by lane; 0 where there are none.
    fn times(&self, by: Option<&Derived<M>>, y: &M::V, t: f64, direction: &M::V, into: &mut M::V) {
        let Some(by) = by else { return into.fill(0.0) };
        into.for_each_batch_host([y, self.parameters, direction], |into, [y, p, v], _| {
            by.tangent.run(&[&[t], y, p, v], into);
        });
    }

    fn adjoint_times(
        &self,
        by: Option<&Derived<M>>,
        y: &M::V,
        t: f64,
        adjoints: &M::V,
        into: &mut M::V,
    ) {
        let Some(by) = by else { return into.fill(0.0) };
        into.for_each_batch_host([y, self.parameters, adjoints], |into, [y, p, v], _| {
            by.adjoint.run(&[&[t], y, p, v], into);
            into.iter_mut().for_each(|sum| *sum = -*sum);
        });
    }
}

impl<M: Matrix<T = f64>> NonLinearOp for Operator<'_, M> {
    fn call_inplace(&self, y: &M::V, t: f64, into: &mut M::V) {
        into.for_each_batch_host([y, self.parameters], |into, [y, p], _| {
            self.part.value.run(&[&[t], y, p], into);
            self.watch.look(self.kind, t, y, p, into);
        });
    }
}

impl<M: Matrix<T = f64>> NonLinearOpJacobian for Operator<'_, M> {
    fn jac_mul_inplace(&self, y: &M::V, t: f64, v: &M::V, into: &mut M::V) {
        self.times(self.part.by_states.as_ref(), y, t, v, into);
    }

    fn jacobian_inplace(&self, y: &M::V, t: f64, into: &mut M) {
        if let Some(by) = &self.part.by_states {
            by.matrix.fill(t, y, self.parameters, into);
        }
    }

    fn jacobian_sparsity(&self) -> Option<M::Sparsity> {
        self.part.by_states.as_ref().map(|by| by.matrix.plain.sparsity.clone())
    }
}

impl<M: Matrix<T = f64>> NonLinearOpAdjoint for Operator<'_, M> {
    fn jac_transpose_mul_inplace(&self, y: &M::V, t: f64, v: &M::V, into: &mut M::V) {
        self.adjoint_times(self.part.by_states.as_ref(), y, t, v, into);
    }

    fn adjoint_inplace(&self, y: &M::V, t: f64, into: &mut M) {
        if let Some(by) = &self.part.by_states {
            by.matrix.fill_adjoint(t, y, self.parameters, into);
        }
    }

    fn adjoint_sparsity(&self) -> Option<M::Sparsity> {
        self.part.by_states.as_ref().map(|by| by.matrix.transposed.sparsity.clone())
    }
}

impl<M: Matrix<T = f64>> NonLinearOpSens for Operator<'_, M> {
    fn sens_mul_inplace(&self, y: &M::V, t: f64, v: &M::V, into: &mut M::V) {
        self.times(self.part.by_parameters.as_ref(), y, t, v, into);
    }

    fn sens_inplace(&self, y: &M::V, t: f64, into: &mut M) {
        if let Some(by) = &self.part.by_parameters {
            by.matrix.fill(t, y, self.parameters, into);
        }
    }

    fn sens_sparsity(&self) -> Option<M::Sparsity> {
        self.part.by_parameters.as_ref().map(|by| by.matrix.plain.sparsity.clone())
    }
}

impl<M: Matrix<T = f64>> NonLinearOpSensAdjoint for Operator<'_, M> {
    fn sens_transpose_mul_inplace(&self, y: &M::V, t: f64, v: &M::V, into: &mut M::V) {
        self.adjoint_times(self.part.by_parameters.as_ref(), y, t, v, into);
    }

    fn sens_adjoint_inplace(&self, y: &M::V, t: f64, into: &mut M) {
        if let Some(by) = &self.part.by_parameters {
            by.matrix.fill_adjoint(t, y, self.parameters, into);
        }
    }

    fn sens_adjoint_sparsity(&self) -> Option<M::Sparsity> {
        self.part.by_parameters.as_ref().map(|by| by.matrix.transposed.sparsity.clone())
    }
}

impl<M: Matrix<T = f64>> ConstantOp for Start<'_, M> {
    fn call_inplace(&self, t: f64, into: &mut M::V) {
        into.for_each_batch_host([self.zeros, self.parameters], |into, [y, p], _| {
            self.part.value.run(&[&[t], y, p], into);
            self.watch.look(Kind::Start, t, y, p, into);
        });
    }
}

impl<M: Matrix<T = f64>> ConstantOpSens for Start<'_, M> {
    fn sens_mul_inplace(&self, t: f64, v: &M::V, into: &mut M::V) {
        let Some(by) = &self.part.by_parameters else { return into.fill(0.0) };
        into.for_each_batch_host([self.zeros, self.parameters, v], |into, [y, p, v], _| {
            by.tangent.run(&[&[t], y, p, v], into);
        });
    }

    fn sens_inplace(&self, t: f64, into: &mut M) {
        if let Some(by) = &self.part.by_parameters {
            by.matrix.fill(t, self.zeros, self.parameters, into);
        }
    }

    fn sens_sparsity(&self) -> Option<M::Sparsity> {
        self.part.by_parameters.as_ref().map(|by| by.matrix.plain.sparsity.clone())
    }
}

impl<M: Matrix<T = f64>> ConstantOpSensAdjoint for Start<'_, M> {
    fn sens_transpose_mul_inplace(&self, t: f64, v: &M::V, into: &mut M::V) {
        let Some(by) = &self.part.by_parameters else { return into.fill(0.0) };
        into.for_each_batch_host([self.zeros, self.parameters, v], |into, [y, p, v], _| {
            by.adjoint.run(&[&[t], y, p, v], into);
            into.iter_mut().for_each(|sum| *sum = -*sum);
        });
    }

    /// A row a parameter; what `diffsol` makes unasked is square.
    fn sens_adjoint(&self, t: f64) -> M {
        let (rows, columns) = (self.nparams(), self.nout());
        let sparsity = self.sens_adjoint_sparsity();
        let mut matrix = M::new_from_sparsity(rows, columns, sparsity, self.context.clone());
        self.sens_adjoint_inplace(t, &mut matrix);
        matrix
    }

    fn sens_adjoint_inplace(&self, t: f64, into: &mut M) {
        if let Some(by) = &self.part.by_parameters {
            by.matrix.fill_adjoint(t, self.zeros, self.parameters, into);
        }
    }

    fn sens_adjoint_sparsity(&self) -> Option<M::Sparsity> {
        self.part.by_parameters.as_ref().map(|by| by.matrix.transposed.sparsity.clone())
    }
}
