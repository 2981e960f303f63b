//! Differential equations: what `uphill-ode` follows, for `python/uphill/ode.py`.

use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use uphill_graph::Var;
use uphill_ode::{Integrator, Measured, Method, Trajectory};
use uphill_solve::{Columns, Objective};

use crate::arguments::{arguments, vector};
use crate::error::{self, Raise};
use crate::function::Function;

/// How a solution is followed.
#[derive(FromPyObject)]
pub(crate) struct Settings {
    #[pyo3(item)]
    method: String,
    #[pyo3(item)]
    relative: f64,
    #[pyo3(item)]
    absolute: Vec<f64>,
    #[pyo3(item)]
    begin: f64,
    #[pyo3(item)]
    most_steps: usize,
}

impl Settings {
    fn method(&self) -> PyResult<Method> {
        Ok(match self.method.as_str() {
            "bdf" => Method::Bdf,
            "tr-bdf2" => Method::TrBdf2,
            "esdirk34" => Method::Esdirk34,
            "tsit45" => Method::Tsit45,
            other => {
                return Err(error::input(format!(
                    "no method is named `{other}`; known: bdf, tr-bdf2, esdirk34, tsit45"
                )));
            }
        })
    }
}

/// A recorded function of time, states and parameters, as code of the system.
fn code<'g>(
    function: &uphill_graph::Function,
    t: Var<'g>,
    y: &[Var<'g>],
    p: &[Var<'g>],
) -> Vec<Var<'g>> {
    // Python recorded it with these inputs.
    function.eval_scalar(&[&[t], y, p].concat()).unwrap_or_default()
}

/// Differential equations dy/dt = f(t, y, p), compiled: the native half of `uphill.ode.System`.
#[pyclass(frozen, module = "uphill._uphill", name = "Equations")]
pub(crate) struct Equations {
    system: uphill_ode::System,
    inputs: uphill_graph::Inputs,
    integrator: Mutex<Integrator>,
}

/// Times, numbers row by row, event and its time, steps, slopes.
type Solution = (Vec<f64>, Vec<f64>, Option<(String, f64)>, usize, Vec<f64>);

fn solution(trajectory: &Trajectory, slopes: Vec<f64>) -> Solution {
    let ended_by = trajectory.ended_by().map(|(name, time)| (name.to_owned(), time));
    (trajectory.times().to_vec(), numbers(trajectory), ended_by, trajectory.steps(), slopes)
}

/// All numbers of a solution, row by row.
fn numbers(trajectory: &Trajectory) -> Vec<f64> {
    (0..trajectory.times().len()).flat_map(|time| trajectory.at(time)).copied().collect()
}

impl Equations {
    fn integrator(&self) -> MutexGuard<'_, Integrator> {
        self.integrator.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Parameters in the system's order, from numbers in this order or by name.
    fn point(&self, parameters: &Bound<'_, PyAny>) -> PyResult<Vec<f64>> {
        let Ok(by_name) = parameters.cast::<PyDict>() else {
            return vector(parameters, "parameters");
        };
        let names = self.system.parameters().join(", ");
        let none = PyTuple::empty(parameters.py());
        let signature = || format!("parameters {names}");
        let given = arguments(&self.inputs, &signature, &none, Some(by_name))?;
        given.numbers("parameters: expected numbers")
    }
}

#[pymethods]
impl Equations {
    /// Rates, start, outputs and events are functions of time, states and parameters; the start of parameters alone.
    #[new]
    fn new(
        py: Python<'_>,
        states: Vec<String>,
        rates: PyRef<'_, Function>,
        start: PyRef<'_, Function>,
        outputs: Option<PyRef<'_, Function>>,
        events: Option<PyRef<'_, Function>>,
        settings: Settings,
    ) -> PyResult<Equations> {
        let mut system =
            uphill_ode::System::new(&states, &rates.function, &start.function).raise()?;
        if let Some(outputs) = outputs {
            let names: Vec<String> = outputs.function.output_names().collect();
            let outputs = outputs.function.clone();
            system = system.outputs(names, |t, y, p| code(&outputs, t, y, p)).raise()?;
        }
        if let Some(events) = events {
            let names: Vec<String> = events.function.output_names().collect();
            let events = events.function.clone();
            system = system.events(names, |t, y, p| code(&events, t, y, p)).raise()?;
        }
        let groups = rates.function.inputs().groups().iter();
        let is_parameter =
            |group: &&uphill_graph::InputGroup| group.name != "t" && !states.contains(&group.name);
        let inputs = uphill_graph::Inputs::from_iter(groups.filter(is_parameter).cloned());
        let method = settings.method()?;
        let integrator = py.detach(|| Integrator::new(&system)).raise()?;
        let integrator = integrator
            .method(method)
            .tolerances(settings.relative, settings.absolute)
            .begin(settings.begin)
            .most_steps(settings.most_steps);
        Ok(Equations { system, inputs, integrator: Mutex::new(integrator) })
    }

    fn states(
        &self,
        py: Python<'_>,
        parameters: &Bound<'_, PyAny>,
        times: Vec<f64>,
    ) -> PyResult<Solution> {
        let point = self.point(parameters)?;
        let found = py.detach(|| self.integrator().states(&point, &times)).raise()?;
        Ok(solution(&found, Vec::new()))
    }

    fn sensitivities(
        &self,
        py: Python<'_>,
        parameters: &Bound<'_, PyAny>,
        times: Vec<f64>,
    ) -> PyResult<Solution> {
        let point = self.point(parameters)?;
        let found = py.detach(|| self.integrator().sensitivities(&point, &times)).raise()?;
        let mut slopes = Vec::new();
        for time in 0..found.trajectory().times().len() {
            for name in found.trajectory().names() {
                slopes.extend_from_slice(found.of(name, time).raise()?);
            }
        }
        Ok(solution(found.trajectory(), slopes))
    }

    /// A performance of all numbers of a solution, row by row, and its gradient by parameters.
    fn gradient(
        &self,
        py: Python<'_>,
        performance: PyRef<'_, Function>,
        parameters: &Bound<'_, PyAny>,
        times: Vec<f64>,
    ) -> PyResult<(f64, Vec<f64>)> {
        let point = self.point(parameters)?;
        let performance = performance.function.clone();
        py.detach(|| {
            let both = performance.with_gradient().raise()?;
            let mut value = f64::NAN;
            let found = self.integrator().gradient(&point, &times, |found| {
                let mut slopes = both.eval(&numbers(found))?;
                value = slopes.remove(0);
                Ok(slopes)
            });
            Ok((value, found.raise()?.1))
        })
    }

    #[getter]
    fn state_names(&self) -> Vec<String> {
        self.system.states()
    }

    #[getter]
    fn parameter_names(&self) -> Vec<String> {
        self.system.parameters()
    }

    #[getter]
    fn output_names(&self) -> Vec<String> {
        self.system.output_names()
    }
}

/// P = Σ term(computed at the row's time, measured), a function of a system's parameters: made by `System.measured`.
///
/// It is to be climbed. `with_gradient` and `hessian_vector` go backward by adjoints, whatever the number of parameters.
#[pyclass(frozen, module = "uphill.ode", name = "Measured")]
pub(crate) struct PyMeasured {
    equations: Py<Equations>,
    measured: Measured,
}

#[pymethods]
impl PyMeasured {
    /// Of columns of a table, the term being a function of computed and measured numbers.
    #[new]
    fn new(
        py: Python<'_>,
        equations: Py<Equations>,
        data: Vec<(String, Vec<f64>)>,
        time: &str,
        columns: Vec<String>,
        term: PyRef<'_, Function>,
        settings: Settings,
    ) -> PyResult<PyMeasured> {
        let term = term.function.clone();
        let (method, system) = (settings.method()?, &equations.get().system);
        let measured = py.detach(|| {
            let table = Columns::new(data).raise()?;
            let sum = Measured::record(system, &table, time, &columns, |computed, measured| {
                let results = term.eval_scalar(&[computed, measured].concat());
                results.ok().and_then(|results| results.first().copied()).unwrap_or(f64::NAN.into())
            });
            sum.raise()
        })?;
        let measured = measured
            .method(method)
            .tolerances(settings.relative, settings.absolute)
            .begin(settings.begin)
            .most_steps(settings.most_steps);
        Ok(PyMeasured { equations, measured })
    }

    /// P.
    fn __call__(&self, py: Python<'_>, parameters: &Bound<'_, PyAny>) -> PyResult<f64> {
        Ok(self.with_gradient(py, parameters)?.0)
    }

    /// P and its gradient by the parameters, an array.
    fn with_gradient(
        &self,
        py: Python<'_>,
        parameters: &Bound<'_, PyAny>,
    ) -> PyResult<(f64, Py<PyAny>)> {
        let point = self.equations.get().point(parameters)?;
        let (value, slopes) = py.detach(|| self.measured.with_gradient(&point)).raise()?;
        Ok((value, numpy::PyArray1::from_vec(py, slopes).into_any().unbind()))
    }

    /// The Hessian of P times a direction, an array.
    fn hessian_vector(
        &self,
        py: Python<'_>,
        parameters: &Bound<'_, PyAny>,
        direction: &Bound<'_, PyAny>,
    ) -> PyResult<Py<PyAny>> {
        let point = self.equations.get().point(parameters)?;
        let direction = vector(direction, "a direction")?;
        let product = py.detach(|| self.measured.hessian_vector(&point, &direction)).raise()?;
        Ok(numpy::PyArray1::from_vec(py, product).into_any().unbind())
    }

    fn __repr__(&self) -> String {
        let names = self.equations.get().system.parameters();
        format!("<uphill.ode.Measured P({})>", names.join(", "))
    }
}
