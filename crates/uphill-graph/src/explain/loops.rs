//! Derivatives of a sum over a loop: the chain rule over all iterations with Σ, then the first of them; or, of an entry
//! that few iterations read, these alone.

use std::collections::HashMap;

use super::{Explanation, Known, Product, Step};
use crate::error::Error;
use crate::evaluate::{Loops, evaluate};
use crate::function::{Function, Inputs, Output, Role};
use crate::graph::Loop;
use crate::layout::{Bodies, Detail, Layout, Turn, resolved};
use crate::node::{Node, NodeId};
use crate::record::Recorder;
use crate::scalar::Scalar;
use crate::script::{Script, Written};
use crate::var::Var;
use crate::walk::{Feed, Outcome};

/// More iterations than this that read a value are told with Σ.
const FEW: usize = 8;

/// The story of one derivative of a function's one output, if it is a sum over a loop, or a formula of such a sum alone.
pub(super) fn tell(
    function: &Function,
    by: &str,
    point: Option<&[f64]>,
) -> Result<Option<Explanation>, Error> {
    if let Some(sum) = Sum::of(function) {
        return sum.tell(by, point);
    }
    let Some((inner, outer)) = parts(function) else { return Ok(None) };
    let Some(sum) = Sum::of(&inner) else { return Ok(None) };
    let Some(told) = sum.tell(by, point)? else { return Ok(None) };
    let (name, of) = (&function.outputs()[0].name, &inner.outputs()[0].name);
    let above = match point {
        Some(x) => outer.explain(name, of, &[inner.value(x)?])?,
        None => outer.derive(name, of)?,
    };
    let (Some(first), Some(last)) = (above.steps.last(), told.steps.last()) else {
        return Ok(None);
    };
    let symbol = Written::each(|script| script.derivative(name, &[by], false));
    let value = first.result.value.zip(last.result.value).map(|(above, below)| above * below);
    let with_formula = told.steps.iter().find_map(|step| step.result.formula.clone());
    let term = Product {
        outer: Some((above.symbol.clone(), first.result.clone())),
        symbol: told.symbol.clone(),
        partial: Known { formula: with_formula.filter(|_| value.is_none()), ..last.result.clone() },
    };
    let formula = term.partial.formula.as_ref().zip(first.result.formula.as_ref());
    let formula = formula.map(|(inner, outer)| {
        Written::each(|script| {
            let factor = |written: &Written| script.factor(written.in_script(script));
            match (outer.ascii(), inner.ascii()) {
                (_, "0") => "0".into(),
                ("1", _) => inner.in_script(script).into(),
                ("-1", _) => format!("{}{}", script.minus(), factor(inner)),
                _ => format!("{}{}{}", factor(outer), script.times(), factor(inner)),
            }
        })
    });
    let result = Known { formula, value };
    let end = Step { symbol: symbol.clone(), terms: vec![term], result };
    let definitions = definitions(function);
    let others = told.definitions.into_iter().filter(|one| !definitions.contains(one));
    let definitions = others.chain(definitions.clone()).collect();
    let steps = above.steps.into_iter().chain(told.steps).chain([end]).collect();
    Ok(Some(Explanation { symbol, definitions, steps, digits: None }))
}

/// The one sum that the output is a formula of, and the formula as a function of it.
fn parts(function: &Function) -> Option<(Function, Function)> {
    let graph = function.graph();
    let [output] = function.outputs() else { return None };
    let mut sum = None;
    let mut waiting = vec![output.node];
    let mut seen = std::collections::HashSet::new();
    while let Some(id) = waiting.pop() {
        if !seen.insert(id) {
            continue;
        }
        match graph.node(id) {
            Node::Op(_, operands) => waiting.extend(operands),
            Node::Constant(_) => {}
            Node::Result { .. } if sum.is_none_or(|sum| sum == id) => sum = Some(id),
            _ => return None,
        }
    }
    let sum = sum?;
    let (layout, _) = Layout::with_names(function, Detail::Shared, Bodies::Indexed);
    let name = layout.label(sum);
    let inner = Output::new(name.clone(), sum);
    let inner = Function::new(graph.clone(), vec![inner]).ok()?;
    let recorder = Recorder::of_a_pass();
    let mut values: HashMap<NodeId, Var<'_>> = HashMap::from([(sum, recorder.variable(&name))]);
    for id in graph.heads() {
        let value = match graph.node(id) {
            Node::Constant(number) => Var::constant(number),
            Node::Op(op, operands) => {
                let operands = operands.iter().map(|id| values.get(id).copied());
                let Some(operands) = operands.collect::<Option<Vec<_>>>() else { continue };
                Var::apply(op, &operands)
            }
            _ => continue,
        };
        values.insert(id, value);
    }
    recorder.output(&output.name, *values.get(&output.node)?);
    Some((inner, recorder.finish().ok()?))
}

/// What the values of a function are, with Σ.
fn definitions(function: &Function) -> Vec<(String, Written)> {
    let formulas = function.formulas();
    formulas.definitions.into_iter().map(|one| (one.name, one.formula)).collect()
}

/// A function that is the sum over a loop whose body reads inputs and numbers, one by one.
struct Sum<'f> {
    function: &'f Function,
    repeated: &'f Loop,
    head: NodeId,
    operands: Vec<Option<NodeId>>,
}

impl<'f> Sum<'f> {
    fn of(function: &'f Function) -> Option<Sum<'f>> {
        let graph = function.graph();
        let [output] = function.outputs() else { return None };
        let Node::Result { operands, place: 0, .. } = graph.node(output.node) else { return None };
        let repeated: &Loop = graph.loop_of(output.node)?;
        let operands: Vec<Option<NodeId>> = repeated.each_operand(operands);
        let is_single = |id: NodeId| matches!(graph.node(id), Node::Input(_) | Node::Constant(_));
        let is_plain = |id: &NodeId| match graph.node(*id) {
            Node::Copy(_) => graph.vector(graph.part(*id).first).iter().all(|&of| is_single(of)),
            _ => is_single(*id),
        };
        let tellable = matches!(repeated.outcomes(), [Outcome::Sum { .. }])
            && repeated.width() == 1
            && repeated.iterations() > 0
            && !repeated.body().has_loops()
            && repeated.feeds().iter().all(|feed| !matches!(feed, Feed::Carried { .. }))
            && operands.iter().flatten().all(is_plain)
            && (0..repeated.feeds().len()).all(|input| repeated.input_width(input) == 1);
        tellable.then_some(Sum { function, repeated, head: output.node, operands })
    }

    fn position(&self, input: usize, iteration: usize) -> Option<NodeId> {
        match (&self.repeated.feeds()[input], self.operands[input]) {
            (Feed::Read(walk), Some(node)) => {
                let id = NodeId::new((node.index() as i64 + walk.at(iteration)) as usize);
                Some(resolved(self.function.graph(), id))
            }
            _ => None,
        }
    }

    /// The story of one derivative, if it is one that can be told so.
    fn tell(&self, by: &str, point: Option<&[f64]>) -> Result<Option<Explanation>, Error> {
        let Ok(positions) = self.function.inputs().positions(by) else { return Ok(None) };
        if positions.len() != 1 {
            return Ok(None);
        }
        let target = self.function.graph().input_nodes()[positions.start];
        let all = 0..self.repeated.feeds().len();
        let reads = |iteration: usize| {
            all.clone().any(|input| self.position(input, iteration) == Some(target))
        };
        let iterations: Vec<usize> =
            (0..self.repeated.iterations()).filter(|&i| reads(i)).take(FEW + 1).collect();
        if iterations.len() <= FEW {
            return self.of_few(by, &iterations, point).map(Some);
        }
        let still = |input: usize| match &self.repeated.feeds()[input] {
            Feed::Read(walk) => walk.is_still(),
            _ => true,
        };
        let moves = |input: usize| {
            let reads = |i: usize| self.position(input, i) == Some(target);
            !still(input) && (0..self.repeated.iterations()).any(reads)
        };
        let mut shared =
            all.clone().filter(|&input| still(input) && self.position(input, 0) == Some(target));
        match (shared.next(), shared.next()) {
            (Some(input), None) if !all.clone().any(moves) => self.of_all(by, input, point),
            _ => Ok(None),
        }
    }

    /// The function with these iterations alone, written out.
    fn of_iterations(&self, iterations: &[usize]) -> Result<Function, Error> {
        let graph = self.function.graph();
        let recorder = Recorder::of_a_pass();
        let inputs = recorder.inputs(self.function.inputs().clone())?;
        let value = |id: NodeId| match graph.node(id) {
            Node::Input(position) => inputs[position],
            Node::Constant(number) => Var::constant(number),
            _ => Var::constant(f64::NAN),
        };
        let body = self.repeated.body();
        let Some(output) = self.repeated.outputs().first() else { return self.function.unrolled() };
        let mut sum: Option<Var<'_>> = None;
        for &iteration in iterations {
            let read: Vec<Var<'_>> = (0..self.repeated.feeds().len())
                .map(|input| {
                    match (&self.repeated.feeds()[input], self.position(input, iteration)) {
                        (Feed::Counter { start, step }, _) => {
                            Var::constant((start + step * iteration as i64) as f64)
                        }
                        (_, id) => id.map_or(Var::constant(f64::NAN), value),
                    }
                })
                .collect();
            let mut values = Vec::new();
            evaluate(body, &read, Loops::Run, &mut values);
            let term = values[output.first.index()];
            sum = Some(sum.map_or(term, |sum| sum + term));
        }
        let name = &self.function.outputs()[0].name;
        recorder.output(name, sum.unwrap_or(Var::constant(0.0)));
        recorder.finish()
    }

    fn of_few(
        &self,
        by: &str,
        iterations: &[usize],
        point: Option<&[f64]>,
    ) -> Result<Explanation, Error> {
        let few = self.of_iterations(iterations)?;
        let name = &self.function.outputs()[0].name;
        let mut told = match point {
            Some(x) => few.explain(name, by, x)?,
            None => few.derive(name, by)?,
        };
        let inner = told.definitions.into_iter().filter(|(other, _)| other != name);
        told.definitions = inner.chain(definitions(self.function)).collect();
        Ok(told)
    }

    /// By a value that all iterations share.
    fn of_all(
        &self,
        by: &str,
        input: usize,
        point: Option<&[f64]>,
    ) -> Result<Option<Explanation>, Error> {
        let (around, mut names) =
            Layout::with_names(self.function, Detail::Shared, Bodies::Indexed);
        let counter = names.counter(0);
        let body =
            Layout::of_body(&around, self.head, Turn::Every(&counter), Detail::Shared, &mut names);
        let inputs = self.repeated.body().input_nodes().iter().enumerate();
        let labels: Vec<(String, Role)> = inputs
            .map(|(k, &id)| {
                (body.label(id), if k == input { Role::Variable } else { Role::Parameter })
            })
            .collect();
        let inputs = labels.iter().fold(Inputs::new(), |inputs, (label, role)| match role {
            Role::Variable => inputs.variable(label),
            Role::Parameter => inputs.parameter(label),
        });
        let Some(output) = self.repeated.outputs().first() else { return Ok(None) };
        let mut graph = self.repeated.body().clone();
        graph.rename_inputs(inputs);
        let name = self.function.outputs()[0].name.clone();
        // Two inputs that are called the same can't be told so.
        let term = Output::new(format!("{name}[{counter}]"), output.first);
        let Ok(term) = Function::new(graph, vec![term]) else { return Ok(None) };
        let mut formulas = term.gradient_formulas()?;
        let Some(derivative) = formulas.derivatives.pop() else { return Ok(None) };
        let last = self.repeated.iterations() - 1;
        let sum = Written::each(|script| {
            let term = script.factor(derivative.formula.in_script(script));
            match script {
                Script::Ascii => format!("sum({counter} = 0..{last}, {term})"),
                Script::Unicode => format!("Σ({counter} = 0..{last}) {term}"),
                Script::Latex => format!(r"\sum_{{{counter}=0}}^{{{last}}} {term}"),
            }
        });
        let symbol = Written::each(|script| script.derivative(&name, &[by], false));
        let mut definitions = definitions(self.function);
        let inner = formulas.definitions.into_iter().filter(|one| !one.name.starts_with(&name));
        definitions.extend(inner.map(|one| (one.name, one.formula)));
        let mut steps = Vec::new();
        let mut value = None;
        if let Some(x) = point {
            let first = self.of_iterations(&[0])?.explain(&name, by, x)?;
            let of_first = |script: Script| format!("{} ({counter} = 0)", symbol.in_script(script));
            steps.extend(
                first
                    .steps
                    .into_iter()
                    .last()
                    .map(|step| Step { symbol: Written::each(of_first), ..step }),
            );
            let gradient = self.function.gradient_wrt(&[by])?;
            value = Some(gradient.value(x)?);
        }
        let result = Known { formula: Some(sum), value };
        steps.insert(
            0,
            Step {
                symbol: symbol.clone(),
                terms: Vec::new(),
                result: Known { value: None, ..result.clone() },
            },
        );
        if value.is_some() {
            let result = Known { formula: None, value };
            steps.push(Step { symbol: symbol.clone(), terms: Vec::new(), result });
        }
        Ok(Some(Explanation { symbol, definitions, steps, digits: None }))
    }
}
