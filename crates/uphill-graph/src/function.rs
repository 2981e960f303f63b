//! What a recording ends as: an owned graph with named inputs and outputs, which can be evaluated, differentiated,
//! printed, saved and sent to other threads.

use crate::birth;
use crate::error::Error;
use crate::evaluate::{Loops, evaluate};
use crate::graph::{Graph, Slice};
use crate::inputs::check_name;
pub use crate::inputs::{InputGroup, Inputs, Role};
use crate::node::NodeId;
use crate::record::Recorder;
use crate::scalar::Scalar;
use crate::var::Var;

/// Loops with more operations than this are not written out to be read.
pub(crate) const MOST_WRITTEN_OUT: u64 = 10_000;

/// Systems with more unknowns are not solved in formulas that are read.
const MOST_UNKNOWNS_READ: usize = 4;

/// A named output, or a vector of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// Its name: `P`, or `g` for the vector `g[0]`, `g[1]`, ….
    pub name: String,
    /// The node that computes it, or the first entry of a vector.
    pub node: NodeId,
    /// The number of entries of a vector, whose nodes follow one another; none for a single output.
    pub length: Option<u32>,
}

impl Output {
    pub(crate) fn new(name: impl Into<String>, node: NodeId) -> Output {
        Output { name: name.into(), node, length: None }
    }

    /// The same output at another node.
    pub(crate) fn at(&self, node: NodeId) -> Output {
        Output { node, ..self.clone() }
    }

    /// How many values it has.
    #[must_use]
    pub fn count(&self) -> usize {
        self.length.map_or(1, |length| length as usize)
    }

    /// Its nodes, in order.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        let first = self.node.index();
        (first..first + self.count()).map(NodeId::new)
    }

    /// The names of its values, in order.
    pub fn names(&self) -> impl Iterator<Item = String> {
        (0..self.count()).map(|k| match self.length {
            None => self.name.clone(),
            Some(_) => format!("{}[{k}]", self.name),
        })
    }
}

/// A function of named inputs, as a graph: what a recording ends as.
///
/// Owned, `Send + Sync`, and never changed: derivatives and simplified forms are new functions.
#[derive(Debug, Clone)]
pub struct Function {
    graph: Graph,
    outputs: Vec<Output>,
    /// Whether this came out of `simplify`: then there is nothing left to do.
    simplified: bool,
}

impl PartialEq for Function {
    /// The same graph and the same outputs.
    fn eq(&self, other: &Function) -> bool {
        self.graph == other.graph && self.outputs == other.outputs
    }
}

impl Function {
    /// Records code with one result.
    ///
    /// The output has the name of its node if it was [named](Scalar::named), else `P`, the lecture's performance.
    ///
    /// # Arguments
    ///
    /// `inputs`: names, or [`Inputs`] for vectors and parameters. `code` gets one variable an input, in order.
    ///
    /// # Errors
    ///
    /// [`Error::DuplicateName`], [`Error::InvalidName`], [`Error::Invalid`]: see [`Recorder::finish`].
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record(["x", "y"], |v| v[0] * v[1] + v[0].sin())?;
    /// # use uphill_graph::Scalar;
    /// assert_eq!(f.value(&[0.0, 7.0])?, 0.0);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[track_caller]
    pub fn record(
        inputs: impl Into<Inputs>,
        code: impl for<'g> FnOnce(&[Var<'g>]) -> Var<'g>,
    ) -> Result<Function, Error> {
        Function::record_many(inputs, |inputs| vec![code(inputs)])
    }

    /// Records code with any number of results.
    ///
    /// Outputs have the names of their nodes if these were [named](Scalar::named), else `P1`, `P2`, … by position.
    ///
    /// # Errors
    ///
    /// As [`Function::record`].
    ///
    /// ```
    /// use uphill_graph::{Function, Scalar};
    /// let polar = Function::record_many(["x", "y"], |v| {
    ///     vec![v[0].hypot(v[1]).named("r"), v[1].atan2(v[0]).named("phi")]
    /// })?;
    /// assert_eq!(polar.output_names().collect::<Vec<_>>(), ["r", "phi"]);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[track_caller]
    pub fn record_many(
        inputs: impl Into<Inputs>,
        code: impl for<'g> FnOnce(&[Var<'g>]) -> Vec<Var<'g>>,
    ) -> Result<Function, Error> {
        let recorder = Recorder::new();
        let variables = recorder.inputs(inputs)?;
        let results = code(&variables);
        let mut taken = std::collections::HashSet::new();
        for (position, &result) in results.iter().enumerate() {
            let given = result.id().and_then(|id| recorder.given_name(id));
            let name = match given.filter(|name| taken.insert(name.clone())) {
                Some(name) => name,
                None if results.len() == 1 => "P".into(),
                None => format!("P{}", position + 1),
            };
            recorder.output(name, result);
        }
        recorder.finish()
    }

    pub(crate) fn new(mut graph: Graph, outputs: Vec<Output>) -> Result<Function, Error> {
        graph.shrink_to_fit();
        let function = Function { graph, outputs, simplified: false };
        function.verify()?;
        Ok(function)
    }

    /// A function with stand-ins in its graph, which is not to be seen yet.
    pub(crate) fn unverified(graph: Graph, outputs: Vec<Output>) -> Function {
        Function { graph, outputs, simplified: false }
    }

    pub(crate) fn into_graph(self) -> Graph {
        self.graph
    }

    /// This function, marked as simplified.
    pub(crate) fn into_marked(mut self) -> Function {
        self.simplified = true;
        self
    }

    pub(crate) fn is_simplified(&self) -> bool {
        self.simplified
    }

    /// For passes: what they write is verified in debug builds.
    pub(crate) fn from_pass(mut graph: Graph, outputs: Vec<Output>) -> Function {
        graph.shrink_to_fit();
        let function = Function { graph, outputs, simplified: false };
        debug_assert_eq!(function.verify(), Ok(()), "a pass broke an invariant");
        function
    }

    /// Checks the graph ([`Graph::verify`]), and that outputs have unique printable names and nodes that exist.
    ///
    /// # Errors
    ///
    /// The first breach.
    pub fn verify(&self) -> Result<(), Error> {
        self.graph.verify()?;
        let mut seen = std::collections::HashSet::new();
        for output in &self.outputs {
            check_name(&output.name)?;
            if !seen.insert(&output.name) {
                return Err(Error::DuplicateName { kind: "output", name: output.name.clone() });
            }
            let nodes = Slice { first: output.node, width: output.count() };
            if output.node.index() >= self.graph.len() || !self.graph.is_one_part(nodes) {
                return Err(Error::Invalid {
                    what: format!(
                        "output `{}` is node {}, of {}",
                        output.name,
                        output.node,
                        self.graph.len()
                    ),
                });
            }
        }
        Ok(())
    }

    /// The graph.
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The inputs.
    #[must_use]
    pub fn inputs(&self) -> &Inputs {
        self.graph.inputs()
    }

    /// The names of all inputs, in order.
    pub fn input_names(&self) -> impl Iterator<Item = String> {
        self.inputs().names()
    }

    /// The outputs, in order.
    #[must_use]
    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    /// The number of outputs, each vector entry counted.
    #[must_use]
    pub fn output_count(&self) -> usize {
        self.outputs.iter().map(Output::count).sum()
    }

    /// The names of all outputs, in order, each vector entry's by itself.
    pub fn output_names(&self) -> impl Iterator<Item = String> {
        self.outputs.iter().flat_map(Output::names)
    }

    /// The outputs, each vector entry by itself.
    pub fn single_outputs(&self) -> impl Iterator<Item = Output> {
        self.outputs.iter().flat_map(|output| {
            output.names().zip(output.nodes()).map(|(name, node)| Output::new(name, node))
        })
    }

    /// The same function, where each entry of a vector of outputs is one by itself: for who tells outputs one by one.
    pub(crate) fn with_single_outputs(&self) -> std::borrow::Cow<'_, Function> {
        if self.outputs.iter().all(|output| output.length.is_none()) {
            return std::borrow::Cow::Borrowed(self);
        }
        let outputs = self.single_outputs().collect();
        std::borrow::Cow::Owned(Function { outputs, ..self.clone() })
    }

    /// The output of this name: a single one, a vector, or one entry of a vector.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`].
    pub fn output(&self, name: &str) -> Result<Output, Error> {
        if let Some(output) = self.outputs.iter().find(|output| output.name == name) {
            return Ok(output.clone());
        }
        let entry = name.strip_suffix(']').and_then(|rest| {
            let (vector, entry) = rest.rsplit_once('[')?;
            let output = self.outputs.iter().find(|output| output.name == vector)?;
            let entry: u32 = entry.parse().ok()?;
            let node = NodeId::new(output.node.index() + entry as usize);
            (entry < output.length?).then(|| Output::new(name, node))
        });
        let known = self.outputs.iter().map(|output| output.name.clone());
        entry.ok_or_else(|| Error::unknown("output", name, known))
    }

    /// The same function with these outputs alone, in this order; what only the others needed is left to
    /// [`simplify`](Function::simplify).
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`], or [`Error::DuplicateName`] for an output asked for twice.
    pub fn select<N: AsRef<str>>(&self, outputs: &[N]) -> Result<Function, Error> {
        let outputs = outputs.iter().map(|name| self.output(name.as_ref()));
        Function::new(self.graph.clone(), outputs.collect::<Result<_, _>>()?)
    }

    /// The one output of a function that has one.
    pub(crate) fn single_output(&self, what: &'static str) -> Result<&Output, Error> {
        match self.outputs.as_slice() {
            [output] if output.length.is_none() => Ok(output),
            _ => Err(Error::NotScalar { what, outputs: self.output_count() }),
        }
    }

    /// All outputs at `x`, one number an input in order. Infinite and NaN results are given as they are.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`].
    ///
    /// # Complexity
    ///
    /// Linear in nodes and edges; allocates one number a node.
    pub fn eval(&self, x: &[f64]) -> Result<Vec<f64>, Error> {
        self.eval_scalar(x)
    }

    /// The one output at `x`.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`]; [`Error::NotScalar`] if there is not exactly one output.
    pub fn value(&self, x: &[f64]) -> Result<f64, Error> {
        self.single_output("a single value")?;
        Ok(self.eval(x)?[0])
    }

    /// All outputs at `x`, which must all be finite.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`], or [`Error::NotFinite`] with the output and the operation where the trouble arose, in a loop
    /// with the iteration.
    ///
    /// ```
    /// use uphill_graph::{Function, Scalar};
    /// let f = Function::record(["x"], |x| 1.0 / (x[0] - 1.0).named("gap"))?;
    /// let error = f.eval_finite(&[1.0]).unwrap_err();
    /// assert_eq!(error.to_string(), "output `P` is inf: born at P = 1/gap, from gap = 0");
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn eval_finite(&self, x: &[f64]) -> Result<Vec<f64>, Error> {
        let values = self.node_values(x)?;
        for output in self.single_outputs() {
            let value = values[output.node.index()];
            if !value.is_finite() {
                let born = birth::story(self, &values, output.node);
                return Err(Error::NotFinite { output: output.name, value, born });
            }
        }
        Ok(self.results(&values))
    }

    /// All outputs, on any scalar.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`].
    ///
    /// ```
    /// use uphill_graph::{Dual, Function};
    /// let f = Function::record(["x"], |x| x[0] * x[0])?;
    /// assert_eq!(f.eval_scalar(&[Dual::variable(3.0)])?[0].tangent, 6.0);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn eval_scalar<S: Scalar>(&self, x: &[S]) -> Result<Vec<S>, Error> {
        let values = self.node_values(x)?;
        Ok(self.results(&values))
    }

    /// The values of the outputs among those of all nodes.
    fn results<S: Scalar>(&self, values: &[S]) -> Vec<S> {
        let mut results = Vec::with_capacity(self.output_count());
        for output in &self.outputs {
            let first = output.node.index();
            results.extend_from_slice(&values[first..first + output.count()]);
        }
        results
    }

    /// The value of every node at `x`, in order of evaluation: the reference interpreter. What a loop's body computes on
    /// the way is not among them.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`].
    pub fn node_values<S: Scalar>(&self, x: &[S]) -> Result<Vec<S>, Error> {
        if x.len() != self.inputs().len() {
            return Err(Error::WrongLength {
                what: format!("inputs of {}", self.signature()),
                expected: self.inputs().len(),
                got: x.len(),
            });
        }
        let mut values: Vec<S> = Vec::with_capacity(self.graph.len());
        evaluate(&self.graph, x, Loops::Keep, &mut values);
        Ok(values)
    }

    /// The same function without loops: every iteration is written out, with the same bits. What is
    /// [implicit](crate::Implicit) stays as it is, since its derivative is not that of the steps that find it.
    ///
    /// What names a loop's body gave to values are left out.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for more than 100 million operations.
    ///
    /// # Complexity
    ///
    /// Time and memory grow with the number of iterations.
    ///
    /// ```
    /// use uphill_graph::{Function, loops};
    /// let f = Function::record(["x"], |x| loops::fold(0..3, x[0], |_, x| 2.0 * x))?;
    /// assert_eq!(f.unrolled()?.to_string(), "P(x)\n  P = 2*(2*(2*x))\n");
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn unrolled(&self) -> Result<Function, Error> {
        const MOST: u64 = 100_000_000;
        if self.graph.is_written_out() {
            return Ok(self.clone());
        }
        let operations = self.graph.written_out_operations();
        if operations > MOST {
            return Err(Error::Unsupported {
                what: format!(
                    "{operations} operations written out, where at most {MOST} are allowed"
                ),
            });
        }
        self.written_out(Loops::Run)
    }

    fn written_out(&self, loops: Loops) -> Result<Function, Error> {
        let recorder = Recorder::of_a_pass();
        let inputs = recorder.inputs(self.inputs().clone())?;
        let mut values = Vec::with_capacity(self.graph.len());
        evaluate(&self.graph, &inputs, loops, &mut values);
        for (id, name) in self.graph.names() {
            let _ = values[id.index()].named(name);
        }
        for output in self.single_outputs() {
            recorder.output(output.name, values[output.node.index()]);
        }
        recorder.finish()
    }

    /// The same function with its loops written out, if that is short enough to be read.
    pub(crate) fn written_out_to_read(&self, what: &str) -> Result<Function, Error> {
        let unknowns = self.graph().most_unknowns();
        if unknowns > MOST_UNKNOWNS_READ {
            return Err(Error::Unsupported {
                what: format!(
                    "{what} of implicit functions with {unknowns} unknowns, more than {MOST_UNKNOWNS_READ}: take \
                     derivatives as functions"
                ),
            });
        }
        let operations = self.graph().written_out_operations();
        if !self.graph().is_written_out() && operations > MOST_WRITTEN_OUT {
            return Err(Error::Unsupported {
                what: format!(
                    "{what} of loops with {operations} operations written out, more than {MOST_WRITTEN_OUT}; take fewer \
                     iterations, or the derivatives as a function: `gradient` and its text have the loops"
                ),
            });
        }
        match self.graph().is_written_out() {
            true => Ok(self.clone()),
            false => self.written_out(Loops::Read),
        }
    }

    /// `P(w1, w2, w3)`, or `(o1, o2)(w1, w2, w3)`; long lists are cut.
    #[must_use]
    pub fn signature(&self) -> String {
        const SHOWN: usize = 6;
        let list = |names: Vec<String>, total: usize| {
            let more = if total > SHOWN { ", …" } else { "" };
            names.join(", ") + more
        };
        let groups = self.inputs().groups();
        let inputs = groups.iter().take(SHOWN).map(|group| match group.length {
            None => group.name.clone(),
            Some(n) => format!("{}[0..{n}]", group.name),
        });
        let outputs = self.outputs.iter().take(SHOWN).map(|output| match output.length {
            None => output.name.clone(),
            Some(n) => format!("{}[0..{n}]", output.name),
        });
        let outputs = list(outputs.collect(), self.outputs.len());
        let inputs = list(inputs.collect(), groups.len());
        if self.outputs.len() == 1 {
            format!("{outputs}({inputs})")
        } else {
            format!("({outputs})({inputs})")
        }
    }
}

// A function can cross threads.
const _: () = {
    const fn owned<T: Send + Sync + 'static>() {}
    owned::<Function>();
};
