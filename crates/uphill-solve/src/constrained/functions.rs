//! A problem of recorded functions: compiled values and exact sparse derivatives, a slack for each inequality, and scales by
//! which slopes at the start are of usual size.

use uphill_engine::{Compiler, Program, Workspace};
use uphill_graph::{At, Function, InputGroup, Inputs, Recorder, Role, Var, loops};

use super::iterate::{inside, largest};
use super::nonlinear::Nonlinear;
use crate::error::Error;

/// Slopes larger than this at the start are scaled down to it, but never by more than the least scale.
const USUAL_SLOPE: f64 = 100.0;
const LEAST_SCALE: f64 = 1e-8;

/// An equation or inequality: g between two numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Limit {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Limit {
    pub(crate) fn is_equation(self) -> bool {
        self.low == self.high
    }
}

/// What is asked of the functions, before it is scaled.
pub(crate) struct Asked {
    /// P, then the constraints, in the order of `limits`.
    pub(crate) function: Function,
    /// 1 to minimise P, -1 to maximise it.
    pub(crate) sense: f64,
    /// One an output but the first.
    pub(crate) limits: Vec<Limit>,
    /// For each input its lowest and highest number; inputs without room between them stay.
    pub(crate) bounds: Vec<Limit>,
    /// One an input.
    pub(crate) start: Vec<f64>,
}

/// A function with the memory to run it.
struct Compiled {
    program: Program,
    memory: Workspace,
    outputs: Vec<f64>,
}

impl Compiled {
    fn new(function: &Function) -> Result<Compiled, Error> {
        let program = Compiler::new().compile(function)?;
        let (memory, outputs) = (program.workspace(), vec![0.0; program.output_count()]);
        Ok(Compiled { program, memory, outputs })
    }

    /// The outputs at these inputs; NaN, should the program refuse them.
    fn run(&mut self, inputs: &[f64]) -> &[f64] {
        if self.program.run(&mut self.memory, inputs, &mut self.outputs).is_err() {
            self.outputs.fill(f64::NAN);
        }
        &self.outputs
    }
}

/// Functions as the method wants them: variables are inputs that may move, then a slack an inequality.
pub(crate) struct Functions {
    values: Compiled,
    gradient: Compiled,
    jacobian: Option<Compiled>,
    hessian: Compiled,
    /// All inputs, those that stay included; then σ and the multipliers.
    inputs: Vec<f64>,
    /// The input that each variable is.
    free: Vec<usize>,
    limits: Vec<Limit>,
    /// The slack of each inequality.
    slacks: Vec<Option<usize>>,
    low: Vec<f64>,
    high: Vec<f64>,
    sense: f64,
    pub(crate) scale: f64,
    pub(crate) scales: Vec<f64>,
    /// Entries of the Jacobian and the Hessian that are by variables: which of the program's, and where.
    jacobian_entries: Vec<usize>,
    jacobian_places: Vec<(usize, usize)>,
    hessian_entries: Vec<usize>,
    hessian_places: Vec<(usize, usize)>,
    count: usize,
}

impl Functions {
    pub(crate) fn new(asked: &Asked) -> Result<Functions, Error> {
        let function = renamed(&asked.function)?;
        let count = function.inputs().len();
        let moves = |k: usize| function.inputs().is_variable(k) && !asked.bounds[k].is_equation();
        let free: Vec<usize> = (0..count).filter(|&k| moves(k)).collect();
        let mut variable_of = vec![None; count];
        for (variable, &input) in free.iter().enumerate() {
            variable_of[input] = Some(variable);
        }
        let variables = function.inputs().variable_positions();
        let of = |derived: usize| variable_of[variables[derived]];
        let (mut slacks, mut next) = (Vec::new(), free.len());
        for limit in &asked.limits {
            slacks.push((!limit.is_equation()).then_some(next));
            next += usize::from(!limit.is_equation());
        }
        let inequalities = || asked.limits.iter().filter(|limit| !limit.is_equation());
        let low = free.iter().map(|&k| asked.bounds[k].low).chain(inequalities().map(|l| l.low));
        let high = free.iter().map(|&k| asked.bounds[k].high).chain(inequalities().map(|l| l.high));
        let (low, high) = (low.collect(), high.collect());
        let outputs: Vec<String> =
            function.outputs().iter().map(|output| output.name.clone()).collect();
        let performance = function.select(&outputs[..1])?;
        let (mut jacobian_entries, mut jacobian_places) = (Vec::new(), Vec::new());
        let jacobian = match asked.limits.is_empty() {
            true => None,
            false => {
                let sparse = function.select(&outputs[1..])?.sparse_jacobian()?;
                for (entry, (row, column)) in sparse.entries.iter().enumerate() {
                    if let Some(variable) = of(column) {
                        jacobian_entries.push(entry);
                        jacobian_places.push((row, variable));
                    }
                }
                Some(Compiled::new(&sparse.function)?)
            }
        };
        for (row, slack) in slacks.iter().enumerate() {
            jacobian_places.extend(slack.map(|slack| (row, slack)));
        }
        let sparse = lagrangian(&function)?.sparse_hessian()?.lower();
        let (mut hessian_entries, mut hessian_places) = (Vec::new(), Vec::new());
        for (entry, (row, column)) in sparse.entries.iter().enumerate() {
            if let (Some(row), Some(column)) = (of(row), of(column)) {
                hessian_entries.push(entry);
                hessian_places.push((row, column));
            }
        }
        let mut inputs = asked.start.clone();
        inputs.resize(count + 1 + asked.limits.len(), 0.0);
        Ok(Functions {
            values: Compiled::new(&function)?,
            gradient: Compiled::new(&performance.gradient()?)?,
            jacobian,
            hessian: Compiled::new(&sparse.function)?,
            inputs,
            free,
            scales: vec![1.0; asked.limits.len()],
            limits: asked.limits.clone(),
            slacks,
            low,
            high,
            sense: asked.sense,
            scale: 1.0,
            jacobian_entries,
            jacobian_places,
            hessian_entries,
            hessian_places,
            count,
        })
    }

    /// All inputs, where the variables are these.
    pub(crate) fn point(&self, z: &[f64]) -> Vec<f64> {
        let mut point = self.inputs[..self.count].to_vec();
        for (&input, z) in self.free.iter().zip(z) {
            point[input] = *z;
        }
        point
    }

    /// The variables at the start, slacks included where they would be 0 away from their inequality.
    pub(crate) fn start(&mut self) -> Vec<f64> {
        let mut z: Vec<f64> = self.free.iter().map(|&input| self.inputs[input]).collect();
        let moved = z.len();
        inside(&mut z, &self.low[..moved], &self.high[..moved]);
        z.resize(self.low.len(), 0.0);
        let g = self.outputs(&z)[1..].to_vec();
        for (slack, g) in self.slacks.iter().zip(g) {
            if let Some(slack) = *slack {
                z[slack] = g;
            }
        }
        inside(&mut z, &self.low, &self.high);
        z
    }

    /// P and the constraints' values, as they are.
    pub(crate) fn outputs(&mut self, z: &[f64]) -> &[f64] {
        self.set(z);
        self.values.run(&self.inputs[..self.count])
    }

    /// Chooses scales such that slopes at a point are of usual size.
    pub(crate) fn choose_scales(&mut self, z: &[f64]) {
        let mut gradient = vec![0.0; z.len()];
        let mut jacobian = vec![0.0; self.jacobian_places.len()];
        self.slopes(z, &mut gradient, &mut jacobian);
        let scale = |steepest: f64| (USUAL_SLOPE / steepest).clamp(LEAST_SCALE, 1.0);
        let steepest_of_p = largest(&gradient);
        self.scale = scale(steepest_of_p);
        let mut steepest = vec![0.0_f64; self.scales.len()];
        for (&(row, _), entry) in
            self.jacobian_places.iter().zip(&jacobian[..self.jacobian_entries.len()])
        {
            steepest[row] = steepest[row].max(entry.abs());
        }
        self.scales = steepest.into_iter().map(scale).collect();
    }

    /// The input that a variable is, or none for a slack, with the constraint that it belongs to.
    pub(crate) fn input(&self, variable: usize) -> Result<usize, usize> {
        self.free.get(variable).copied().ok_or_else(|| {
            self.slacks.iter().position(|slack| *slack == Some(variable)).unwrap_or_default()
        })
    }

    fn set(&mut self, z: &[f64]) {
        for (&input, z) in self.free.iter().zip(z) {
            self.inputs[input] = *z;
        }
    }
}

impl Nonlinear for Functions {
    fn equations(&self) -> usize {
        self.limits.len()
    }

    fn bounds(&self) -> (&[f64], &[f64]) {
        (&self.low, &self.high)
    }

    fn jacobian_places(&self) -> &[(usize, usize)] {
        &self.jacobian_places
    }

    fn hessian_places(&self) -> &[(usize, usize)] {
        &self.hessian_places
    }

    fn values(&mut self, z: &[f64], c: &mut [f64]) -> f64 {
        self.set(z);
        let outputs = self.values.run(&self.inputs[..self.count]);
        for (row, c) in c.iter_mut().enumerate() {
            let is = self.slacks[row].map_or(self.limits[row].low, |slack| z[slack]);
            *c = self.scales[row] * (outputs[1 + row] - is);
        }
        self.sense * self.scale * outputs[0]
    }

    fn slopes(&mut self, z: &[f64], gradient: &mut [f64], jacobian: &mut [f64]) {
        self.set(z);
        gradient.fill(0.0);
        let slopes = self.gradient.run(&self.inputs[..self.count]);
        for (slope, &input) in gradient.iter_mut().zip(&self.free) {
            *slope = self.sense * self.scale * slopes[input];
        }
        let (entries, slacks) = jacobian.split_at_mut(self.jacobian_entries.len());
        if let Some(program) = &mut self.jacobian {
            let numbers = program.run(&self.inputs[..self.count]);
            for ((slope, &entry), &(row, _)) in
                entries.iter_mut().zip(&self.jacobian_entries).zip(&self.jacobian_places)
            {
                *slope = self.scales[row] * numbers[entry];
            }
        }
        for (slope, &(row, _)) in
            slacks.iter_mut().zip(&self.jacobian_places[self.jacobian_entries.len()..])
        {
            *slope = -self.scales[row];
        }
    }

    fn hessian(&mut self, z: &[f64], sigma: f64, lambda: &[f64], entries: &mut [f64]) {
        self.set(z);
        self.inputs[self.count] = sigma * self.sense * self.scale;
        for (row, lambda) in lambda.iter().enumerate() {
            self.inputs[self.count + 1 + row] = lambda * self.scales[row];
        }
        let numbers = self.hessian.run(&self.inputs);
        for (value, &entry) in entries.iter_mut().zip(&self.hessian_entries) {
            *value = numbers[entry];
        }
    }
}

/// The function under names that can't collide with any that derivatives bring along: groups of inputs stay groups.
fn renamed(function: &Function) -> Result<Function, Error> {
    let groups = function.inputs().groups().iter().enumerate();
    let renamed = groups.map(|(k, group)| InputGroup { name: format!("w{k}"), ..group.clone() });
    let recorder = Recorder::new();
    let w = recorder.inputs(renamed.collect::<Inputs>())?;
    let values = function.eval_scalar(&w)?;
    let mut rest = &values[..];
    for (k, output) in function.outputs().iter().enumerate() {
        let (now, later) = rest.split_at(output.count());
        rest = later;
        match output.length {
            None => recorder.output(format!("f{k}"), now[0]),
            Some(_) => recorder.outputs(format!("f{k}"), now),
        }
    }
    Ok(recorder.finish()?)
}

/// σ·f + Σ λ·g by the variables, with σ and the multipliers as parameters behind all inputs.
fn lagrangian(function: &Function) -> Result<Function, Error> {
    let constraints = function.output_count() - 1;
    let mut groups = function.inputs().groups().to_vec();
    groups.push(InputGroup { name: "sigma".into(), length: None, role: Role::Parameter });
    if constraints > 0 {
        let length = Some(u32::try_from(constraints).unwrap_or(u32::MAX));
        groups.push(InputGroup { name: "lambda".into(), length, role: Role::Parameter });
    }
    let recorder = Recorder::new();
    let inputs = recorder.inputs(groups.into_iter().collect::<Inputs>())?;
    let (x, multipliers) = inputs.split_at(function.inputs().len());
    let (sigma, lambda) = (multipliers[0], &multipliers[1..]);
    let values = function.eval_scalar(x)?;
    let mut sum: Var<'_> = sigma * values[0];
    let mut first = 1;
    for output in &function.outputs()[1..] {
        let (g, from) = (&values[first..first + output.count()], first - 1);
        first += output.count();
        sum += match output.length {
            None => lambda[from] * g[0],
            Some(_) => loops::sum(0..g.len(), |k| lambda.at(from + k) * g.at(k)),
        };
    }
    recorder.output("L", sum);
    Ok(recorder.finish()?)
}
