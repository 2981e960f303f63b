//! A function of one input as a list of steps, for files: the form in which custom activations are saved.

use serde::{Deserialize, Serialize};
use uphill_graph::{Custom, Function, Node, Op, Scalar, Var};

/// The steps in order, each with the numbers of earlier ones; the last one is the result.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Formula(Vec<Step>);

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Step {
    /// The sum σ.
    Sigma,
    /// A number as text, so that infinities and NaN can be told.
    Number(String),
    /// An operation by name, on the results of earlier steps.
    Op(String, Vec<usize>),
    /// The result of an earlier step again.
    Copy(usize),
}

impl Formula {
    /// A function, its loops written out; what can't be is told in words.
    pub(crate) fn of(function: &Function) -> Result<Formula, String> {
        let function = function.unrolled().map_err(|error| error.to_string())?;
        let graph = function.graph();
        if graph.has_loops() {
            return Err("it solves an equation, which a model's file has no word for".into());
        }
        let mut steps: Vec<Step> = graph
            .ids()
            .map(|id| match graph.node(id) {
                Node::Input(_) => Step::Sigma,
                Node::Constant(number) => Step::Number(format!("{number:?}")),
                Node::Copy(of) => Step::Copy(of.index()),
                // There is none.
                Node::Result { .. } => Step::Number("NaN".into()),
                Node::Op(op, operands) => {
                    Step::Op(op.name().into(), operands.iter().map(|x| x.index()).collect())
                }
            })
            .collect();
        let result = function.outputs()[0].node.index();
        if result + 1 != steps.len() {
            steps.push(Step::Copy(result));
        }
        Ok(Formula(steps))
    }

    /// The function again; what is wrong is told in words.
    pub(crate) fn function(&self, name: &str) -> Result<Function, String> {
        let mut wrong = None;
        let function = Function::record(["sigma"], |inputs| {
            self.run(inputs[0]).unwrap_or_else(|what| {
                wrong = Some(what);
                inputs[0]
            })
        });
        match (wrong, function) {
            (Some(what), _) => Err(format!("activation `{name}`: {what}")),
            (None, Err(error)) => Err(format!("activation `{name}`: {error}")),
            (None, Ok(function)) => Ok(function),
        }
    }

    fn run<'g>(&self, sigma: Var<'g>) -> Result<Var<'g>, String> {
        let mut values: Vec<Var<'g>> = Vec::with_capacity(self.0.len());
        for (number, step) in self.0.iter().enumerate() {
            let earlier = |of: &usize| {
                values
                    .get(*of)
                    .copied()
                    .ok_or_else(|| format!("step {number} uses step {of}, which isn't before it"))
            };
            let value = match step {
                Step::Sigma => sigma,
                Step::Number(text) => {
                    let parsed = text.parse().map_err(|_| format!("`{text}` is no number"))?;
                    Var::constant(parsed)
                }
                Step::Copy(of) => earlier(of)?,
                Step::Op(name, of) => {
                    let op =
                        Op::from_name(name).or_else(|| Custom::from_name(name).map(Custom::op));
                    let op =
                        op.ok_or_else(|| format!("unknown operation `{name}`; define it first"))?;
                    let x: Vec<Var<'g>> = of.iter().map(earlier).collect::<Result<_, _>>()?;
                    if !op.arity().accepts(x.len()) {
                        return Err(format!("step {number}: `{name}` on {} operands", x.len()));
                    }
                    Var::apply(op, &x)
                }
            };
            values.push(value);
        }
        values.last().copied().ok_or_else(|| "it has no steps".into())
    }
}
