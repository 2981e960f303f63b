//! A system as `diffsol` sees it, for whoever drives its solvers by hand.

use diffsol::{
    Matrix, MatrixCommon, OdeEquations, OdeEquationsRef, Op, ParameterisedOp, UnitCallable, Vector,
};

use crate::error::Error;
use crate::operator::{Operator, Start};
use crate::part::Part;
use crate::system::System;
use crate::watch::{Kind, Watch};

/// A [`System`], compiled, with all that `diffsol`'s solvers ask for: its trait `OdeEquations` with what forward sensitivities
/// and adjoints need, for any of its matrices of `f64`. Jacobians have the entries that can be other than zero.
///
/// [`Integrator`](crate::Integrator) does for most; this is for what only `diffsol` has. Operators can't fail: where a
/// right-hand side is not finite, the solver gives up sooner or later, and [`Equations::trouble`] tells the reason.
///
/// ```
/// use diffsol::{FaerSparseLU, FaerSparseMat, OdeBuilder, OdeSolverMethod};
/// use uphill_ode::{Equations, System, diffsol, fixed};
///
/// let system = System::record(["y"], ["k"], |_t, y, k| vec![-k[0] * y[0]], fixed([1.0]))?;
/// let equations = Equations::<FaerSparseMat<f64>>::new(&system)?;
/// let problem = OdeBuilder::<FaerSparseMat<f64>>::new().p([2.0]).build_from_eqn(equations)?;
/// let mut solver = problem.bdf::<FaerSparseLU<f64>>()?;
/// while solver.state().t < 1.0 {
///     solver.step()?;
/// }
/// let y = solver.interpolate(1.0)?;
/// assert!((y[0] - (-2.0_f64).exp()).abs() < 1e-4);
/// # Ok::<(), uphill_ode::Error>(())
/// ```
pub struct Equations<M: Matrix<T = f64>> {
    system: System,
    rates: Part<M>,
    start: Part<M>,
    outputs: Option<Part<M>>,
    events: Option<Part<M>>,
    parameters: M::V,
    zeros: M::V,
    context: M::C,
    watch: Watch,
}

impl<M: Matrix<T = f64>> std::fmt::Debug for Equations<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Equations").field("system", &self.system).finish_non_exhaustive()
    }
}

impl<M: Matrix<T = f64>> Equations<M> {
    /// Derives and compiles. Parameters are 0 until a solver sets them.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] and [`Error::Engine`] for what can't be derived or compiled.
    pub fn new(system: &System) -> Result<Equations<M>, Error> {
        let context = M::C::default();
        let part = |function, is_start| Part::new(system, function, is_start, &context);
        Ok(Equations {
            rates: part(&system.rates, false)?,
            start: part(&system.start, true)?,
            outputs: system.outputs.as_ref().map(|outputs| part(outputs, false)).transpose()?,
            events: system.events.as_ref().map(|events| part(events, false)).transpose()?,
            parameters: M::V::zeros(system.parameters.len(), context.clone()),
            zeros: M::V::zeros(system.states.len(), context.clone()),
            system: system.clone(),
            watch: Watch::default(),
            context,
        })
    }

    /// The system.
    #[must_use]
    pub fn system(&self) -> &System {
        &self.system
    }

    /// What was not finite when it was last computed, at this time or later, and where that arose: ask once a solver has given
    /// up, with the time it had come to.
    #[must_use]
    pub fn trouble(&self, from: f64) -> Option<Error> {
        self.watch.trouble(&self.system, from)
    }

    pub(crate) fn watch(&self) -> &Watch {
        &self.watch
    }

    fn operator<'e>(&'e self, part: &'e Part<M>, kind: Kind) -> Operator<'e, M> {
        Operator {
            part,
            kind,
            states: self.zeros.len(),
            parameters: &self.parameters,
            context: &self.context,
            watch: &self.watch,
        }
    }
}

impl<M: Matrix<T = f64>> Op for Equations<M> {
    type T = f64;
    type V = M::V;
    type M = M;
    type C = M::C;

    fn context(&self) -> &M::C {
        &self.context
    }

    fn nstates(&self) -> usize {
        self.zeros.len()
    }

    fn nout(&self) -> usize {
        self.outputs.as_ref().map_or(self.zeros.len(), |outputs| outputs.outputs)
    }

    fn nparams(&self) -> usize {
        self.parameters.len()
    }
}

impl<'e, M: Matrix<T = f64>> OdeEquationsRef<'e> for Equations<M> {
    type Mass = ParameterisedOp<'e, UnitCallable<M>>;
    type Rhs = Operator<'e, M>;
    type Root = Operator<'e, M>;
    type Init = Start<'e, M>;
    type Out = Operator<'e, M>;
    type Reset = ParameterisedOp<'e, UnitCallable<M>>;
}

impl<M: Matrix<T = f64>> OdeEquations for Equations<M> {
    fn rhs(&self) -> Operator<'_, M> {
        self.operator(&self.rates, Kind::Rates)
    }

    fn mass(&self) -> Option<ParameterisedOp<'_, UnitCallable<M>>> {
        None
    }

    fn root(&self) -> Option<Operator<'_, M>> {
        self.events.as_ref().map(|events| self.operator(events, Kind::Events))
    }

    fn out(&self) -> Option<Operator<'_, M>> {
        self.outputs.as_ref().map(|outputs| self.operator(outputs, Kind::Outputs))
    }

    fn init(&self) -> Start<'_, M> {
        Start {
            part: &self.start,
            zeros: &self.zeros,
            parameters: &self.parameters,
            context: &self.context,
            watch: &self.watch,
        }
    }

    fn set_params(&mut self, p: &<M as MatrixCommon>::V) {
        self.parameters.copy_from(p);
    }

    fn get_params(&self, p: &mut <M as MatrixCommon>::V) {
        p.copy_from(&self.parameters);
    }
}
