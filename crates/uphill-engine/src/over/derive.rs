//! The chain rule through sums over samples: derivatives that are again an outer function of sums.
//!
//! With `P = f(S, θ)` and `S = Σ term(θ, sample)`, `dP/dθ = df/dS · Σ dterm/dθ + df/dθ`: the sums of the term's slopes go
//! through the slope of `f`. So one pass over the samples gives both, and nothing has to be known before it begins.

use std::collections::HashSet;
use std::sync::Arc;

use uphill_graph::{Function, InputGroup, Inputs, Recorder, Role, Scalar, Var};

use super::function::{Fate, Gathered, Given, Outer, OverSamples, Read, Target, invalid};
use super::outer::with_roles;
use super::through::through_all;
use crate::error::Error;

/// Where the slopes of one sum by all variables of the term are found.
pub(super) struct Slopes {
    /// For each variable among the shared numbers, its sum or target.
    pub(super) of: Vec<Option<Read>>,
    pub(super) sums: std::ops::Range<u32>,
    pub(super) targets: std::ops::Range<u32>,
}

impl OverSamples {
    /// The gradient of `P` by all variables that are shared or gathered: `dP/dw1`, `dP/dw2`, …; of a vector that rows are
    /// gathered from, `dP/dv[0]`, ….
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] unless there is exactly one output; [`Error::Invalid`] if that is one number a sample.
    ///
    /// # Complexity
    ///
    /// One gradient of the term for each of the sums that the outer function reads, as a rule one: at most about four
    /// operations for each of the term's own, a sample.
    pub fn gradient(&self) -> Result<OverSamples, Error> {
        self.gradient_of(false)
    }

    /// `P` and its gradient: `P`, `dP/dw1`, …; what they share is computed once.
    ///
    /// # Errors
    ///
    /// As [`OverSamples::gradient`].
    pub fn with_gradient(&self) -> Result<OverSamples, Error> {
        self.gradient_of(true)
    }

    /// The Jacobian-vector product: further shared inputs `dw1`, …, one for each variable that is shared or gathered from,
    /// behind those there are, and as outputs the derivatives in that direction, named `dP`.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] if a name that this makes is taken.
    pub fn jvp(&self) -> Result<OverSamples, Error> {
        let term = self.differentiable()?;
        let tangents = term.jvp()?;
        let mut result = self.clone();
        let directed = |name: &str| format!("d{name}");
        let mut taken: HashSet<String> = self.columns.iter().cloned().collect();
        taken.extend(self.shared.iter().map(|group| group.name.clone()));
        // Where the direction of each variable starts.
        let (mut directions, mut further) = (vec![None; self.shared.len()], Vec::new());
        let mut next = self.shared_count() as u32;
        for (group, direction) in self.shared.iter().zip(&mut directions) {
            if group.role != Role::Variable {
                continue;
            }
            let (name, role) = (directed(&group.name), Role::Parameter);
            if !taken.insert(name.clone()) {
                let kind = "input";
                return Err(Error::Graph(uphill_graph::Error::DuplicateName { kind, name }));
            }
            *direction = Some(next);
            next += group.length.unwrap_or(1);
            further.push(InputGroup { name, length: group.length, role });
        }
        Arc::make_mut(&mut result.shared).extend(further);
        for gathered in &self.gathered {
            let from = directed(&gathered.from);
            if result.shared.iter().any(|group| group.name == from) {
                let local = directed(&gathered.local);
                result.gathered.push(Gathered { local, from, ..gathered.clone() });
            }
        }
        let new_targets = self
            .targets
            .iter()
            .map(|target| Target { name: directed(&target.name), ..target.clone() });
        let Some(outer) = &self.outer else {
            result.targets = new_targets.collect();
            return Ok(OverSamples { term: Arc::new(tangents), ..result });
        };
        let (sums, targets) = (self.sum_count, self.target_count());
        result.fates.extend(self.fates.iter().map(|&fate| match fate {
            Fate::Each => Fate::Each,
            Fate::Sum(sum) => Fate::Sum(sums + sum),
            Fate::Scatter { of, first } => Fate::Scatter { of, first: targets + first },
        }));
        result.sum_count = 2 * sums;
        result.targets.extend(new_targets);
        result.term = Arc::new(beside(&term, &[&tangents])?);
        let groups = self.groups();
        // How each input of the outer function changes.
        let change = |read: Read| match read {
            Read::Sum(sum) => Read::Sum(sums + sum),
            Read::Target(target) => Read::Target(targets + target),
            Read::Shared(place) => {
                let (group, entry) = groups[place as usize];
                let first = directions[group as usize];
                first.map_or(Read::Zero, |first| Read::Shared(first + entry))
            }
            Read::Count | Read::Zero => Read::Zero,
        };
        let mut reads = outer.reads.clone();
        let inputs = outer.function.inputs();
        reads.extend(inputs.variable_positions().into_iter().map(|at| change(outer.reads[at])));
        result.outer = Some(Outer { function: outer.function.jvp()?, reads });
        Ok(result)
    }

    /// The Hessian-vector product: further shared inputs `dw1`, …, one for each variable, and as outputs the change of the
    /// gradient in that direction, for a small multiple of the gradient's cost.
    ///
    /// # Errors
    ///
    /// As [`OverSamples::gradient`] and [`OverSamples::jvp`].
    ///
    /// ```
    /// use uphill_engine::{Compiler, OverSamples, Samples};
    /// use uphill_graph::{Function, Inputs, Scalar};
    ///
    /// // P = −ln Σ (w·x)² has the curvature 2/w².
    /// let term = Function::record(Inputs::new().variable("w").parameter("x"), |v| {
    ///     (v[0] * v[1]).square().named("S")
    /// })?;
    /// let outer = Function::record(["S"], |v| -v[0].ln())?;
    /// let p = OverSamples::new(term, ["x"])?.sum().outer(&outer)?;
    /// let program = Compiler::new().compile_samples(&p.hvp()?)?;
    /// let product = program.eval_samples(&[2.0, 10.0], &Samples::rows(&[1.0, 2.0, 3.0], 1)?)?;
    /// assert!((product[0] - 10.0 * 2.0 / 4.0).abs() < 1e-14);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn hvp(&self) -> Result<OverSamples, Error> {
        self.gradient()?.jvp()
    }

    fn gradient_of(&self, with_value: bool) -> Result<OverSamples, Error> {
        let name = self.performance("a gradient")?;
        let term = self.differentiable()?;
        let Some(outer) = &self.outer else {
            let mut result = self.without_outputs();
            if with_value {
                result.fates.push(Fate::Sum(0));
                result.sum_count = 1;
            }
            result.add_slopes(&name);
            result.term =
                Arc::new(if with_value { term.with_gradient()? } else { term.gradient()? });
            return Ok(result);
        };
        let mut result = self.clone();
        let sums = self.sum_names();
        let slopes: Vec<Slopes> = sums.iter().map(|sum| result.add_slopes(sum)).collect();
        // As one sweep, if there is one sum.
        result.term = Arc::new(match self.term.outputs() {
            [one] if one.length.is_none() => term.with_gradient()?,
            _ => {
                let gradient = |sum: &String| term.select(&[sum])?.gradient();
                let gradients: Vec<Function> =
                    sums.iter().map(gradient).collect::<Result<_, uphill_graph::Error>>()?;
                beside(&term, &gradients.iter().collect::<Vec<_>>())?
            }
        });
        result.outer = Some(self.chained(outer, &name, &slopes, with_value)?);
        Ok(result)
    }

    /// The term with columns and other parameters held fixed.
    pub(super) fn differentiable(&self) -> Result<std::borrow::Cow<'_, Function>, Error> {
        let (given, roles) = (self.given(), self.roles());
        let inputs = self.term.inputs();
        with_roles(&self.term, |at| match given[at] {
            Given::Column(_) => false,
            Given::Shared(place) => roles[place as usize] == Role::Variable,
            Given::Gathered { .. } => inputs.is_variable(at),
        })
    }

    /// For each shared number its group, and its place there.
    fn groups(&self) -> Vec<(u32, u32)> {
        let groups = self.shared.iter().zip(0..);
        groups
            .flat_map(|(group, number)| {
                (0..group.length.unwrap_or(1)).map(move |entry| (number, entry))
            })
            .collect()
    }

    /// The name of the one output, which is one number a call.
    pub(super) fn performance(&self, what: &'static str) -> Result<String, Error> {
        let names = self.output_names();
        let [name] = names.as_slice() else {
            let outputs = names.len();
            return Err(Error::Graph(uphill_graph::Error::NotScalar { what, outputs }));
        };
        if !self.targets.is_empty() {
            return Err(invalid(format!(
                "{what} of `{name}`: derivatives by gathered inputs are in it, and only products (`jvp`) can be taken of \
                 those"
            )));
        }
        match (&self.outer, self.fates.as_slice()) {
            (None, [Fate::Each]) => Err(invalid(format!(
                "{what} of `{name}`, which is one number a sample: sum it, or differentiate it as a function of one sample"
            ))),
            _ => Ok(name.clone()),
        }
    }

    fn without_outputs(&self) -> OverSamples {
        OverSamples { fates: Vec::new(), sum_count: 0, targets: Vec::new(), ..self.clone() }
    }

    /// Makes room for the slopes of a sum of this name by all variables of the term: their sums and targets.
    pub(super) fn add_slopes(&mut self, name: &str) -> Slopes {
        let first_sum = self.sum_count;
        let first_target = self.target_count();
        let mut of = vec![None; self.shared_count()];
        let mut starts: Vec<(u32, u32)> = Vec::new();
        let (given, roles) = (self.given(), self.roles());
        for &given in &given {
            match given {
                Given::Column(_) => {}
                Given::Shared(place) => {
                    if roles[place as usize] == Role::Variable {
                        of[place as usize] = Some(Read::Sum(self.sum_count));
                        self.fates.push(Fate::Sum(self.sum_count));
                        self.sum_count += 1;
                    }
                }
                Given::Gathered { of: number, entry } => {
                    let gathered = self.gathered[number as usize].clone();
                    let place = self.shared_place(&gathered.from).unwrap_or(0);
                    if roles[place as usize] != Role::Variable {
                        continue;
                    }
                    let known = starts.iter().find(|(from, _)| *from == place);
                    let start = known.map(|(_, start)| *start);
                    let start = start.unwrap_or_else(|| {
                        let start = self.target_count();
                        let length = gathered.rows * gathered.width;
                        let name = format!("d{name}/d{}", gathered.from);
                        self.targets.push(Target { name, length });
                        for k in 0..length {
                            of[(place + k) as usize] = Some(Read::Target(start + k));
                        }
                        starts.push((place, start));
                        start
                    });
                    self.fates.push(Fate::Scatter { of: number, first: start + entry });
                }
            }
        }
        Slopes { of, sums: first_sum..self.sum_count, targets: first_target..self.target_count() }
    }

    /// `dP/dθ = Σ_k df/dS_k · dS_k/dθ + df/dθ`, as a function of all sums.
    pub(super) fn chained(
        &self,
        outer: &Outer,
        name: &str,
        slopes: &[Slopes],
        with_value: bool,
    ) -> Result<Outer, Error> {
        let recorder = Recorder::new();
        let (inputs, mut reads) = (outer.function.inputs(), outer.reads.clone());
        let own = recorder.inputs(inputs.clone())?;
        let mut taken: HashSet<String> =
            inputs.groups().iter().map(|group| group.name.clone()).collect();
        let mut vector = |name: String, range: std::ops::Range<u32>, kind: fn(u32) -> Read| {
            reads.extend(range.clone().map(kind));
            recorder.inputs(Inputs::new().variables(fresh(name, &mut taken), range.len()))
        };
        let mut chains = Vec::new();
        for (sum, slopes) in self.sum_names().iter().zip(slopes) {
            let sums = vector(format!("slopes of {sum}"), slopes.sums.clone(), Read::Sum)?;
            let targets =
                vector(format!("gathered slopes of {sum}"), slopes.targets.clone(), Read::Target)?;
            chains.push([sums, targets]);
        }
        let roles = self.roles();
        let (sum_slopes, own_slopes) = outer.slopes(&own, self.sum_count as usize, |place| {
            roles[place as usize] == Role::Variable
        })?;
        // All sums of slopes, then all targets: what the outer function makes of them.
        let [through_sums, through_targets] = [0, 1].map(|which| {
            let parts = chains.iter().map(|parts| parts[which].as_slice());
            let parts: Vec<(&[Var<'_>], Option<Var<'_>>)> =
                parts.zip(sum_slopes.iter().copied()).collect();
            through_all(&parts)
        });
        if with_value {
            recorder.output(name, outer.function.eval_scalar(&own)?[0]);
        }
        let mut own_at = vec![None; roles.len()];
        for (place, slope) in own_slopes {
            own_at[place as usize] = Some(slope);
        }
        let names = self.shared_names();
        for (place, input) in names.iter().enumerate() {
            if roles[place] == Role::Parameter {
                continue;
            }
            // The slopes of all sums by one variable stand in the same place.
            let of = slopes.first().and_then(|slopes| Some((slopes, slopes.of[place]?)));
            let chained = of.and_then(|(slopes, read)| match read {
                Read::Target(at) => through_targets.get((at - slopes.targets.start) as usize),
                Read::Sum(at) => through_sums.get((at - slopes.sums.start) as usize),
                _ => None,
            });
            let chained = chained.copied();
            let slope = match (chained, own_at[place]) {
                (Some(chained), Some(own)) => chained + own,
                (chained, own) => chained.or(own).unwrap_or(Var::constant(0.0)),
            };
            recorder.output(format!("d{name}/d{input}"), slope);
        }
        drop((own, chains, sum_slopes, own_at, through_sums, through_targets));
        let function = recorder.finish()?.simplify();
        Ok(Outer { function, reads })
    }
}

impl Outer {
    /// The slopes by sums, and those by shared numbers that are variables, with their places.
    #[expect(clippy::type_complexity, reason = "two lists")]
    pub(super) fn slopes<'g>(
        &self,
        at: &[Var<'g>],
        sums: usize,
        is_variable: impl Fn(u32) -> bool,
    ) -> Result<(Vec<Option<Var<'g>>>, Vec<(u32, Var<'g>)>), Error> {
        let inputs = self.function.inputs();
        let wanted = |read: &Read| match *read {
            Read::Sum(_) => true,
            Read::Shared(place) => is_variable(place),
            Read::Target(_) | Read::Count | Read::Zero => false,
        };
        let positions: Vec<usize> =
            (0..self.reads.len()).filter(|&at| wanted(&self.reads[at])).collect();
        let names: Vec<String> = positions.iter().map(|&at| inputs.name(at)).collect();
        let values = self.function.gradient_wrt(&names)?.eval_scalar(at)?;
        let (mut by_sums, mut by_shared) = (vec![None; sums], Vec::new());
        for (position, value) in positions.into_iter().zip(values) {
            match self.reads[position] {
                Read::Sum(sum) => by_sums[sum as usize] = Some(value),
                Read::Shared(place) => by_shared.push((place, value)),
                Read::Target(_) | Read::Count | Read::Zero => {}
            }
        }
        Ok((by_sums, by_shared))
    }
}

/// A name that is not taken, and now is.
fn fresh(mut name: String, taken: &mut HashSet<String>) -> String {
    while !taken.insert(name.clone()) {
        name.push('′');
    }
    name
}

/// Several functions of the same inputs as one; those of the last ones may be more.
pub(super) fn beside(term: &Function, others: &[&Function]) -> Result<Function, Error> {
    let inputs = others.last().map_or(term.inputs(), |last| last.inputs());
    let recorder = Recorder::new();
    let all = recorder.inputs(inputs.clone())?;
    for function in std::iter::once(&term).chain(others) {
        let values = function.eval_scalar(&all[..function.inputs().len()])?;
        for (name, value) in function.output_names().zip(values) {
            recorder.output(name, value);
        }
    }
    drop(all);
    Ok(recorder.finish()?.simplify())
}
