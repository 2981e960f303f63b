//! Derivatives as formulas, without a point: what a function and its derivatives are, in terms of names.
//!
//! The formulas are written for reading: by the laws of finite real numbers, like factors and terms collected, named
//! values by their names. Functions that compute keep the bits of [`gradient`](Function::gradient); these are text.

pub(crate) mod collect;
mod loops;
pub(crate) mod sweep;

use std::collections::HashSet;
use std::fmt;

use crate::error::Error;
use crate::function::Function;
use crate::layout::Layout;
use crate::node::{Node, NodeId};
use crate::op::Form;
use crate::print::align;
use crate::record::Recorder;
use crate::reverse::{active, operand_var};
use crate::scalar::Scalar;
use crate::script::{Script, Written};
use crate::simplify::Laws;
use crate::var::Var;
use sweep::Sweep;

/// More formulas than this are for a program, not for a reader.
const MOST_FORMULAS: usize = 100_000;

/// A function's values as formulas, and its derivatives: see [`Function::formulas`], [`Function::gradient_formulas`] and
/// [`Function::hessian_formulas`].
///
/// Prints in Unicode; [`Formulas::ascii`] and [`Formulas::latex`] are its other forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formulas {
    /// Named values and outputs, and `t1`, `t2`, … for what makes long formulas shorter, in order of evaluation.
    pub definitions: Vec<Definition>,
    /// The derivatives of each output by each variable, of first order before those of second order.
    pub derivatives: Vec<Derivative>,
}

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The name.
    pub name: String,
    /// Its formula.
    pub formula: Written,
}

/// One derivative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derivative {
    /// The output.
    pub of: String,
    /// By what: one variable, or two for a second derivative.
    pub by: Vec<String>,
    /// `∂P/∂w`; `dP/dw` where P is a function of w alone.
    pub symbol: Written,
    /// Its formula.
    pub formula: Written,
}

impl Function {
    /// Named values and outputs as formulas, whole and for reading.
    ///
    /// Where [`Display`](fmt::Display) shows what was recorded, this collects like factors and terms, by the laws of
    /// finite real numbers ([`Laws::Relaxed`]), and keeps shared values inside of formulas so long as these stay short.
    ///
    /// [Loops](crate::loops) are told as they were recorded: sums with Σ, what is kept by index, states as recursions, and
    /// what is added to a place by the iterations that reach it.
    ///
    /// # Complexity
    ///
    /// Linear in nodes and edges.
    ///
    /// ```
    /// use uphill_graph::{At, Inputs, Scalar, Var, loops};
    /// # use uphill_graph::Function;
    /// let f = Function::record(Inputs::new().variables("x", 8), |x| {
    ///     let s = loops::fold(0..7, x[0], |i, s: Var<'_>| s * x.at(i + 1));
    ///     s + loops::sum(0..8, |i| x.at(i).square())
    /// })?;
    /// let expected = r"\begin{aligned}
    /// s_{1,0} &= x_{0} \\
    /// s_{1,i + 1} &= s_{1,i} \cdot x_{i + 1} \quad \text{for } i = 0, \dots, 6 \\
    /// t_{1} &= \sum_{i=0}^{7} x_{i}^{2} \\
    /// P &= s_{1,7} + t_{1}
    /// \end{aligned}
    /// ";
    /// assert_eq!(f.formulas().latex(), expected);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record(["x"], |x| (x[0] * x[0] * x[0] + x[0] * 2.0) / 3.0)?;
    /// assert_eq!(f.formulas().to_string(), "P = (x³ + 2·x)/3\n");
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[must_use]
    pub fn formulas(&self) -> Formulas {
        // Only a recording can fail, and this one appends nothing.
        formulas_of(self, 0)
            .unwrap_or(Formulas { definitions: Vec::new(), derivatives: Vec::new() })
    }

    /// The derivative of each output by each variable, as formulas.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for more than 100,000 derivatives, and for loops with more than 10,000 operations written out;
    /// a sum over a loop of inputs has Σ, whatever its length.
    ///
    /// # Complexity
    ///
    /// Linear in nodes and edges, for each output; and in the length of the text.
    ///
    /// ```
    /// use uphill_graph::{Function, Inputs, Scalar};
    /// let inputs = Inputs::new().variable("w").variable("b").parameter("x").parameter("d");
    /// let p = Function::record(inputs, |v| {
    ///     let o = (v[0] * v[2] + v[1]).named("σ").sigmoid().named("o");
    ///     -(v[3] - o).square()
    /// })?;
    /// let expected = "\
    /// σ = w·x + b
    /// o = sigmoid(σ)
    /// P = −(d − o)²
    ///
    /// ∂P/∂w = 2·(d − o)·o·(1 − o)·x
    /// ∂P/∂b = 2·(d − o)·o·(1 − o)
    /// ";
    /// assert_eq!(p.gradient_formulas()?.to_string(), expected);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn gradient_formulas(&self) -> Result<Formulas, Error> {
        formulas_of(self, 1)
    }

    /// The first and second derivatives of each output by all variables, as formulas.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for more than 100,000 derivatives.
    ///
    /// # Complexity
    ///
    /// Linear in nodes and edges, for each output and each variable; and in the length of the text.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record(["x", "y"], |v| v[0] * v[0] * v[1])?;
    /// let formulas = f.hessian_formulas()?;
    /// let second = formulas.derivatives.iter().filter(|derivative| derivative.by.len() == 2);
    /// let text: Vec<String> =
    ///     second.map(|d| format!("{} = {}", d.symbol.unicode(), d.formula.unicode())).collect();
    /// assert_eq!(text, ["∂²P/∂x² = 2·y", "∂²P/∂x∂y = 2·x", "∂²P/∂y∂x = 2·x", "∂²P/∂y² = 0"]);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn hessian_formulas(&self) -> Result<Formulas, Error> {
        formulas_of(self, 2)
    }
}

/// What stands on the left: outputs, then derivatives, in the order in which they are outputs of the graph.
struct Heads {
    outputs: Vec<String>,
    inputs: Vec<String>,
    order: usize,
}

impl Heads {
    /// Output, and by which inputs, of each derivative.
    fn derivatives(&self) -> Vec<(usize, Vec<usize>)> {
        let inputs = 0..self.inputs.len();
        // What is not wanted is not begun: the pairs of many inputs are too many to pass by.
        let outputs = |order: usize| 0..if order > self.order { 0 } else { self.outputs.len() };
        let first = outputs(1).flat_map(|of| inputs.clone().map(move |by| (of, vec![by])));
        let second = outputs(2).flat_map(|of| {
            let inputs = inputs.clone();
            inputs.clone().flat_map(move |one| inputs.clone().map(move |two| (of, vec![one, two])))
        });
        first.chain(second).collect()
    }
}

fn formulas_of(function: &Function, order: usize) -> Result<Formulas, Error> {
    let function = &*function.with_single_outputs();
    if order == 0 && function.graph().has_loops() {
        return Ok(Formulas { definitions: loops::definitions(function), derivatives: Vec::new() });
    }
    if order == 1
        && function.graph().has_loops()
        && let Some(formulas) = loops::of_sums(function)?
    {
        return Ok(formulas);
    }
    let unrolled = function.written_out_to_read("formulas of derivatives")?;
    let function = &unrolled;
    let variables = function.inputs().variable_positions();
    let (width, height) = (variables.len(), function.outputs().len());
    let wanted =
        (1..=order).fold(0, |sum, order| sum + height * width.saturating_pow(order as u32));
    if wanted > MOST_FORMULAS {
        return Err(Error::Unsupported {
            what: format!(
                "{wanted} derivatives as formulas, more than {MOST_FORMULAS}; make most inputs parameters, or take \
                 the derivatives as a function"
            ),
        });
    }
    let heads = Heads {
        outputs: function.output_names().collect(),
        inputs: variables.iter().map(|&position| function.inputs().name(position)).collect(),
        order,
    };
    let mut all = with_names(function)?;
    for order in 1..=order {
        let from = if order == 1 { 0..height } else { height..height + height * width };
        all = with_derivatives(&all, &variables, from)?;
    }
    let all = collect::collect(&all.simplify_with(Laws::Relaxed), &written_out(function));
    Ok(written(&all, &heads))
}

/// The outputs that nothing else reads, and that are no calls: a derivative in which such a formula turns up has it, and
/// not its name. (The value of a call stands for itself, as in `o·(1 − o)`.)
fn written_out(function: &Function) -> HashSet<String> {
    let graph = function.graph();
    let uses = graph.use_counts();
    let outputs = function.outputs().iter();
    let outputs = outputs.filter(|output| match graph.node(output.node) {
        Node::Op(op, _) => op.form() != Form::Call && uses[output.node.index()] == 0,
        _ => false,
    });
    outputs.map(|output| output.name.clone()).collect()
}

/// The function with its outputs' names on their nodes, where these are free, and outputs that are told by position.
fn with_names(function: &Function) -> Result<Function, Error> {
    let recorder = Recorder::continuing(function.graph().clone());
    let mut taken: HashSet<String> = function.input_names().collect();
    taken.extend(function.graph().names().map(|(_, name)| name.to_owned()));
    for (position, output) in function.outputs().iter().enumerate() {
        let is_line =
            matches!(function.graph().node(output.node), Node::Op(..) | Node::Result { .. });
        if is_line && taken.insert(output.name.clone()) {
            let _ = recorder.var(output.node).named(&output.name);
        }
        recorder.output(format!("#{position}"), recorder.var(output.node));
    }
    recorder.finish()
}

/// All outputs, and the derivatives of these ones by all variables.
fn with_derivatives(
    function: &Function,
    variables: &[usize],
    of: std::ops::Range<usize>,
) -> Result<Function, Error> {
    let recorder = Recorder::continuing(function.graph().clone());
    for (position, output) in function.outputs().iter().enumerate() {
        recorder.output(format!("#{position}"), recorder.var(output.node));
    }
    let inputs = function.graph().input_nodes();
    let inputs: Vec<NodeId> = variables.iter().map(|&position| inputs[position]).collect();
    let graph = function.graph();
    let active = active(function, &inputs);
    let sweep = Sweep {
        graph,
        recorder: &recorder,
        var: &|id| operand_var(&recorder, graph, id),
        active: &|id| active[id.index()],
        ends: &|id| matches!(graph.node(id), Node::Input(_)),
    };
    let mut position = function.outputs().len();
    for output in &function.outputs()[of] {
        let derivatives = sweep.from(output.node);
        for input in &inputs {
            let derivative = derivatives.get(input).copied().unwrap_or(Var::constant(0.0));
            recorder.output(format!("#{position}"), derivative);
            position += 1;
        }
    }
    Ok(recorder.finish()?.simplify())
}

fn written(all: &Function, heads: &Heads) -> Formulas {
    let layout = Layout::to_read(all);
    let label = |id: NodeId| layout.is_atom(id).then(|| layout.label(id));
    let value = |id: NodeId| match label(id) {
        Some(label) => Written::each(|script| script.name(&label)),
        None => Written::formula(&layout, id),
    };
    let lines = layout.lines.iter();
    let mut definitions: Vec<Definition> = lines
        .map(|&id| Definition { name: layout.label(id), formula: Written::formula(&layout, id) })
        .collect();
    // Outputs that are inputs, numbers or values of another name.
    for (name, output) in heads.outputs.iter().zip(all.outputs()) {
        if label(output.node).as_ref() != Some(name) {
            definitions.push(Definition { name: name.clone(), formula: value(output.node) });
        }
    }
    let reads: Vec<Vec<usize>> =
        all.outputs().iter().take(heads.outputs.len()).map(|o| inputs_of(all, o.node)).collect();
    let derivatives = heads.derivatives().into_iter().zip(&all.outputs()[heads.outputs.len()..]);
    let derivatives = derivatives.map(|((of, by), output)| {
        let names: Vec<&str> = by.iter().map(|&by| heads.inputs[by].as_str()).collect();
        let regular = reads[of].len() <= 1;
        let symbol = |script: Script| script.derivative(&heads.outputs[of], &names, regular);
        Derivative {
            of: heads.outputs[of].clone(),
            by: names.iter().map(|&name| name.to_owned()).collect(),
            symbol: Written::each(symbol),
            formula: value(output.node),
        }
    });
    Formulas { definitions, derivatives: derivatives.collect() }
}

/// The positions of the inputs that a node needs.
fn inputs_of(function: &Function, node: NodeId) -> Vec<usize> {
    let graph = function.graph();
    let mut needed = vec![false; node.index() + 1];
    needed[node.index()] = true;
    let mut inputs = Vec::new();
    for id in graph.ids().take(node.index() + 1).rev() {
        if !needed[id.index()] {
            continue;
        }
        if let Node::Input(position) = graph.node(id) {
            inputs.push(position);
        }
        for operand in graph.operands(id) {
            needed[operand.index()] = true;
        }
    }
    inputs
}

impl Formulas {
    /// In plain ASCII; what stands on the right reads back as a formula, but for the NaN of a kink.
    #[must_use]
    pub fn ascii(&self) -> String {
        self.text(Script::Ascii)
    }

    /// In LaTeX: one `aligned` block, to stand in mathematics mode.
    ///
    /// ```
    /// use uphill_graph::{Function, Scalar};
    /// let f = Function::record(["w_i"], |w| (w[0].ln() / w[0]).named("beta"))?;
    /// let expected = r"\begin{aligned}
    /// \beta &= \frac{\ln\left(w_{i}\right)}{w_{i}} \\
    /// \frac{d \beta}{d w_{i}} &= \frac{1}{w_{i}^{2}} - \frac{\ln\left(w_{i}\right)}{w_{i}^{2}}
    /// \end{aligned}
    /// ";
    /// assert_eq!(f.gradient_formulas()?.latex(), expected);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[must_use]
    pub fn latex(&self) -> String {
        let definitions = self.definitions.iter().map(|definition| {
            format!("{} &= {}", Script::Latex.name(&definition.name), definition.formula.latex())
        });
        let derivatives = self.derivatives.iter();
        let derivatives =
            derivatives.map(|one| format!("{} &= {}", one.symbol.latex(), one.formula.latex()));
        let rows: Vec<String> = definitions.chain(derivatives).collect();
        format!("\\begin{{aligned}}\n{}\n\\end{{aligned}}\n", rows.join(" \\\\\n"))
    }

    fn text(&self, script: Script) -> String {
        let row =
            |left: &str, formula: &Written| (left.to_owned(), formula.in_script(script).to_owned());
        let definitions: Vec<_> =
            self.definitions.iter().map(|one| row(&one.name, &one.formula)).collect();
        let derivatives: Vec<_> = self
            .derivatives
            .iter()
            .map(|one| row(one.symbol.in_script(script), &one.formula))
            .collect();
        let between = if definitions.is_empty() || derivatives.is_empty() { "" } else { "\n" };
        align(&definitions, "") + between + &align(&derivatives, "")
    }
}

impl fmt::Display for Formulas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Script::Unicode))
    }
}
