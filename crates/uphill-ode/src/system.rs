//! A system of differential equations as it is written down: dy/dt = f(t, y, p) from y = y0(p) on, what is looked at
//! along the way, and which events end it. All are scalar code, recorded once.

use uphill_graph::{Function, InputGroup, Inputs, Recorder, Scalar, Var};

use crate::error::Error;

/// The name of time among the inputs of a system's functions.
pub(crate) const TIME: &str = "t";

/// Ordinary differential equations dy/dt = f(t, y, p), with initial states y0(p).
///
/// ```
/// use uphill_graph::Scalar;
/// use uphill_ode::System;
///
/// /// Prey and predators after Lotka and Volterra.
/// fn rates<S: Scalar>(y: &[S], p: &[S]) -> Vec<S> {
///     vec![p[0] * y[0] - p[1] * y[0] * y[1], p[1] * y[0] * y[1] - p[2] * y[1]]
/// }
///
/// let system = System::record(["prey", "predators"], ["born", "eaten", "dying"], |_t, y, p| rates(y, p), |_p| {
///     vec![10.0.into(), 5.0.into()]
/// })?;
/// assert_eq!(system.states(), ["prey", "predators"]);
/// assert_eq!(system.parameters(), ["born", "eaten", "dying"]);
/// # Ok::<(), uphill_ode::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct System {
    pub(crate) states: Inputs,
    pub(crate) parameters: Inputs,
    /// Each over time, states and parameters, in this order and under their own names.
    pub(crate) rates: Function,
    pub(crate) start: Function,
    pub(crate) outputs: Option<Function>,
    pub(crate) events: Option<Function>,
}

/// By what a function of a system is derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    States,
    Parameters,
    Both,
}

impl System {
    /// Records a system as scalar code.
    ///
    /// # Arguments
    ///
    /// `states` and `parameters`: names, or [`Inputs`] for vectors; nothing may be named `t`. `rates`: gets time, states and
    /// parameters, gives dy/dt in the order of the states. `start`: gets the parameters, gives the initial states.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] for a name that can't be used or is given twice; [`Error::Invalid`] without states, or if the code
    /// gives another number of results than there are states.
    #[track_caller]
    pub fn record(
        states: impl Into<Inputs>,
        parameters: impl Into<Inputs>,
        rates: impl for<'g> FnOnce(Var<'g>, &[Var<'g>], &[Var<'g>]) -> Vec<Var<'g>>,
        start: impl for<'g> FnOnce(&[Var<'g>]) -> Vec<Var<'g>>,
    ) -> Result<System, Error> {
        let (states, parameters) = (states.into(), parameters.into());
        if states.is_empty() {
            return Err(Error::invalid(
                "a system of differential equations has states; none are given",
            ));
        }
        let rates = recorded(&states, &parameters, rates)?;
        let start = recorded(&states, &parameters, |_, _, p| start(p))?;
        let rates =
            of_states(&states, rates, "the right-hand side", |state| format!("d{state}/dt"))?;
        let start = of_states(&states, start, "the code for the start", |state| {
            format!("{state} at the start")
        })?;
        Ok(System { states, parameters, rates, start, outputs: None, events: None })
    }

    /// A system from functions that are recorded already: of formulas in text, or read from a file.
    ///
    /// # Arguments
    ///
    /// `states`: the names of the states, single ones or vectors. `rates`: dy/dt, an output a state, in their order; the input
    /// `t` is time, and inputs that are neither `t` nor states are parameters. `start`: the initial states, an output a
    /// state, of parameters; it may have parameters of its own.
    ///
    /// # Errors
    ///
    /// As [`System::record`]; [`Error::Invalid`] if `start` reads `t` or a state.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// use uphill_ode::System;
    ///
    /// let rates = Function::record(["k", "y"], |v| -v[0] * v[1])?;
    /// let start = Function::record(["y0"], |v| v[0])?;
    /// let system = System::new(["y"], &rates, &start)?;
    /// assert_eq!(system.parameters(), ["k", "y0"]);
    /// # Ok::<(), uphill_ode::Error>(())
    /// ```
    pub fn new<N: AsRef<str>>(
        states: impl IntoIterator<Item = N>,
        rates: &Function,
        start: &Function,
    ) -> Result<System, Error> {
        let of = |function: &Function, name: &str| {
            function.inputs().groups().iter().find(|group| group.name == name).cloned()
        };
        let mut groups: Vec<InputGroup> = Vec::new();
        for name in states {
            let single = || Inputs::new().variable(name.as_ref()).groups()[0].clone();
            groups.push(of(rates, name.as_ref()).unwrap_or_else(single));
        }
        let is_state = |name: &str| name == TIME || groups.iter().any(|group| group.name == name);
        if let Some(group) = start.inputs().groups().iter().find(|group| is_state(&group.name)) {
            return Err(Error::invalid(format!(
                "the start is a function of parameters alone, but it reads `{}`",
                group.name
            )));
        }
        let mut parameters: Vec<InputGroup> = Vec::new();
        for group in rates.inputs().groups().iter().chain(start.inputs().groups()) {
            let known = parameters.iter().find(|other| other.name == group.name);
            if let Some(known) = known.filter(|known| known.length != group.length) {
                return Err(Error::invalid(format!(
                    "parameter `{}` has {} in the rates and {} at the start; give it the same length in both",
                    group.name,
                    entries(known.length),
                    entries(group.length)
                )));
            }
            if known.is_none() && !is_state(&group.name) {
                parameters.push(group.clone());
            }
        }
        let (states, parameters) = (Inputs::from_iter(groups), Inputs::from_iter(parameters));
        let evaluated = |function: &Function| {
            let names = function.inputs().clone();
            recorded(&states, &parameters, |t, y, p| {
                let mut inputs = Vec::new();
                for group in names.groups() {
                    let entry =
                        |all: &Inputs, vars: &[Var<'_>]| -> Option<std::ops::Range<usize>> {
                            let range = all.positions(&group.name).ok()?;
                            (range.end <= vars.len()).then_some(range)
                        };
                    if group.name == TIME {
                        inputs.push(t);
                    } else if let Some(range) = entry(&states, y) {
                        inputs.extend_from_slice(&y[range]);
                    } else if let Some(range) = entry(&parameters, p) {
                        inputs.extend_from_slice(&p[range]);
                    }
                }
                // All inputs were found above: the number is right.
                function.eval_scalar(&inputs).unwrap_or_default()
            })
        };
        let (rates, start) = (evaluated(rates)?, evaluated(start)?);
        let rates =
            of_states(&states, rates, "the right-hand side", |state| format!("d{state}/dt"))?;
        let start = of_states(&states, start, "the code for the start", |state| {
            format!("{state} at the start")
        })?;
        Ok(System { states, parameters, rates, start, outputs: None, events: None })
    }

    /// The same system, of which these outputs are looked at instead of its states: what is measured, say.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] for names; [`Error::Invalid`] unless the code gives one result a name.
    #[track_caller]
    pub fn outputs<N: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = N>,
        code: impl for<'g> FnOnce(Var<'g>, &[Var<'g>], &[Var<'g>]) -> Vec<Var<'g>>,
    ) -> Result<System, Error> {
        let recording = recorded(&self.states, &self.parameters, code)?;
        self.outputs = Some(named(recording, names, "outputs")?);
        Ok(self)
    }

    /// The same system, whose solution ends as soon as one of these numbers crosses 0: an impact, a threshold.
    ///
    /// # Errors
    ///
    /// As [`System::outputs`].
    #[track_caller]
    pub fn events<N: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = N>,
        code: impl for<'g> FnOnce(Var<'g>, &[Var<'g>], &[Var<'g>]) -> Vec<Var<'g>>,
    ) -> Result<System, Error> {
        let recording = recorded(&self.states, &self.parameters, code)?;
        self.events = Some(named(recording, names, "events")?);
        Ok(self)
    }

    /// The names of the states, each vector entry by itself.
    #[must_use]
    pub fn states(&self) -> Vec<String> {
        self.states.names().collect()
    }

    /// The names of the parameters, each vector entry by itself.
    #[must_use]
    pub fn parameters(&self) -> Vec<String> {
        self.parameters.names().collect()
    }

    /// The names of what is looked at: the outputs, or else the states.
    #[must_use]
    pub fn output_names(&self) -> Vec<String> {
        match &self.outputs {
            Some(outputs) => outputs.output_names().collect(),
            None => self.states(),
        }
    }

    /// The right-hand side as a function of time, states and parameters.
    #[must_use]
    pub fn rates(&self) -> &Function {
        &self.rates
    }

    /// One of the system's functions under names that can't collide with any that derivatives bring along.
    pub(crate) fn canonical(&self, function: &Function, by: By) -> Result<Function, Error> {
        let inputs = Inputs::new().parameter(TIME);
        let inputs = match by {
            By::States | By::Both => inputs.variables("y", self.states.len()),
            By::Parameters => inputs.parameters("y", self.states.len()),
        };
        let inputs = match (self.parameters.len(), by) {
            (0, _) => inputs,
            (count, By::States) => inputs.parameters("p", count),
            (count, _) => inputs.variables("p", count),
        };
        let recorder = Recorder::new();
        let results = function.eval_scalar(&recorder.inputs(inputs)?)?;
        for (place, result) in results.into_iter().enumerate() {
            recorder.output(format!("f{place}"), result);
        }
        Ok(recorder.finish()?)
    }

    /// The system of states and their tangents along a direction of parameters: its states are y and dy, its parameters p
    /// and dp, its outputs those of this system and their tangents.
    pub(crate) fn tangent(&self) -> Result<System, Error> {
        let (states, parameters) = (self.states.len(), self.parameters.len());
        let twice = |name: &str, count| {
            Inputs::new().variables(name, count).variables(format!("tangent of {name}"), count)
        };
        let names = (twice("y", states), twice("p", parameters));
        let product = |function: &Function| -> Result<Function, Error> {
            let function = self.canonical(function, By::Both)?;
            let tangents = function.jvp()?;
            recorded(&names.0, &names.1, |t, y, p| {
                let (y, dy) = y.split_at(states);
                let (p, dp) = p.split_at(parameters);
                let point = [&[t], y, p].concat();
                let along = [&point[..], dy, dp].concat();
                let mut both = function.eval_scalar(&point).unwrap_or_default();
                both.extend(tangents.eval_scalar(&along).unwrap_or_default());
                both
            })
        };
        let rates = product(&self.rates)?;
        let start = product(&self.start)?;
        let outputs = self.outputs.as_ref().map(product).transpose()?;
        let (states, parameters) = names;
        Ok(System { states, parameters, rates, start, outputs, events: None })
    }
}

fn entries(length: Option<u32>) -> String {
    length.map_or("one number".into(), |length| format!("{length} entries"))
}

/// The inputs of all of a system's functions.
fn inputs(states: &Inputs, parameters: &Inputs) -> Inputs {
    let groups = states.groups().iter().chain(parameters.groups()).cloned();
    Inputs::from_iter(Inputs::new().parameter(TIME).groups().iter().cloned().chain(groups))
}

fn recorded(
    states: &Inputs,
    parameters: &Inputs,
    code: impl for<'g> FnOnce(Var<'g>, &[Var<'g>], &[Var<'g>]) -> Vec<Var<'g>>,
) -> Result<Function, Error> {
    let recorder = Recorder::new();
    let all = recorder.inputs(inputs(states, parameters))?;
    let (y, p) = all[1..].split_at(states.len());
    for (place, result) in code(all[0], y, p).into_iter().enumerate() {
        recorder.output(format!("f{place}"), result);
    }
    Ok(recorder.finish()?)
}

/// The same function with an output a state, named after it.
fn of_states(
    states: &Inputs,
    function: Function,
    what: &str,
    name: impl Fn(String) -> String,
) -> Result<Function, Error> {
    if function.output_count() != states.len() {
        return Err(Error::invalid(format!(
            "{what} gives one number a state: expected {}, got {}",
            states.len(),
            function.output_count()
        )));
    }
    renamed(&function, states.names().map(name))
}

fn named<N: Into<String>>(
    function: Function,
    names: impl IntoIterator<Item = N>,
    what: &str,
) -> Result<Function, Error> {
    let names: Vec<String> = names.into_iter().map(Into::into).collect();
    if names.is_empty() || names.len() != function.output_count() {
        return Err(Error::invalid(format!(
            "{what}: expected one result a name, but there are {} names and {} results",
            names.len(),
            function.output_count()
        )));
    }
    renamed(&function, names.into_iter())
}

fn renamed(function: &Function, names: impl Iterator<Item = String>) -> Result<Function, Error> {
    let recorder = Recorder::new();
    let inputs = recorder.inputs(function.inputs().clone())?;
    for (name, result) in names.zip(function.eval_scalar(&inputs)?) {
        recorder.output(name, result);
    }
    Ok(recorder.finish()?)
}

/// Initial states that are numbers, whatever the parameters.
///
/// ```
/// use uphill_ode::{System, fixed};
/// let system = System::record(["y"], ["k"], |_t, y, k| vec![-k[0] * y[0]], fixed([1.0]))?;
/// # assert_eq!(system.states(), ["y"]);
/// # Ok::<(), uphill_ode::Error>(())
/// ```
pub fn fixed<S: Into<Vec<f64>>>(states: S) -> impl for<'g> FnOnce(&[Var<'g>]) -> Vec<Var<'g>> {
    let states = states.into();
    move |_| states.into_iter().map(Var::constant).collect()
}
