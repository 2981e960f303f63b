//! What is fitted: a side that is computed from parameters and columns, and a side that is desired.

use uphill_graph::{Function, Inputs, Node, Recorder, Var};

use crate::error::Error;

/// A model: `desired`, which comes from columns, and `computed`, which comes from columns and parameters.
///
/// ```
/// use uphill_solve::Model;
/// use uphill_graph::Scalar;
///
/// // y = b1·(1 − exp(−b2·x))
/// let model = Model::record(["b1", "b2"], ["x"], "y", |b, x| b[0] * (1.0 - (-b[1] * x[0]).exp()))?;
/// assert_eq!(model.parameters(), ["b1", "b2"]);
/// assert_eq!(model.columns(), ["x", "y"]);
/// # Ok::<(), uphill_solve::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Model {
    /// Outputs `desired` and `computed`.
    sides: Function,
    columns: Vec<String>,
    parameters: Vec<String>,
    /// P's term for one row, of `desired`, `computed`, columns and parameters, if the model brings one along.
    term: Option<Function>,
}

impl Model {
    /// Records a model as scalar code.
    ///
    /// # Arguments
    ///
    /// `parameters`: the names of what is sought. `columns`: those that the code looks at. `desired`: the column that the
    /// code should come near to. `code`: gets one variable a parameter and one a column, in order.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] for a name that can't be used or is given twice; [`Error::Invalid`] without parameters.
    #[track_caller]
    pub fn record<P: Into<String>, C: Into<String>>(
        parameters: impl IntoIterator<Item = P>,
        columns: impl IntoIterator<Item = C>,
        desired: &str,
        code: impl for<'g> FnOnce(&[Var<'g>], &[Var<'g>]) -> Var<'g>,
    ) -> Result<Model, Error> {
        let parameters: Vec<String> = parameters.into_iter().map(Into::into).collect();
        let mut columns: Vec<String> = columns.into_iter().map(Into::into).collect();
        let looked_at = columns.len();
        if !columns.iter().any(|column| column == desired) {
            columns.push(desired.to_owned());
        }
        let place = columns.iter().position(|column| column == desired).unwrap_or(looked_at);
        let inputs = parameters.iter().fold(Inputs::new(), |inputs, name| inputs.variable(name));
        let inputs = columns.iter().fold(inputs, |inputs, name| inputs.parameter(name));
        let recorder = Recorder::new();
        let all = recorder.inputs(inputs)?;
        let (w, x) = all.split_at(parameters.len());
        recorder.output("desired", x[place]);
        recorder.output("computed", code(w, &x[..looked_at]));
        Model::new(recorder.finish()?, columns)
    }

    /// A model from a function with the outputs `desired` and `computed`. Inputs that are no columns are the parameters.
    ///
    /// Columns that the function doesn't have are allowed: a performance or weights may look at them.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] without these outputs; [`Error::Invalid`] if no input is a parameter.
    pub fn new<C: Into<String>>(
        sides: Function,
        columns: impl IntoIterator<Item = C>,
    ) -> Result<Model, Error> {
        let columns: Vec<String> = columns.into_iter().map(Into::into).collect();
        let sides = sides.select(&["desired", "computed"])?;
        let parameters: Vec<String> =
            sides.input_names().filter(|name| !columns.contains(name)).collect();
        if parameters.is_empty() {
            return Err(Error::invalid("the model has no parameters: all its inputs are columns"));
        }
        Ok(Model { sides, columns, parameters, term: None })
    }

    /// The same model with a performance of its own: P is the sum of this term over rows, to be climbed.
    ///
    /// ```
    /// use uphill_solve::Model;
    /// use uphill_graph::Scalar;
    ///
    /// // The sum of absolute errors: an outlier does little harm.
    /// let model = Model::record(["a", "b"], ["x"], "y", |w, x| w[0] + w[1] * x[0])?
    ///     .performance(|desired, computed| -(desired - computed).abs())?;
    /// # assert!(model.term().is_some());
    /// # Ok::<(), uphill_solve::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Graph`].
    #[track_caller]
    pub fn performance(
        self,
        term: impl for<'g> FnOnce(Var<'g>, Var<'g>) -> Var<'g>,
    ) -> Result<Model, Error> {
        let term = Function::record(["desired", "computed"], |sides| term(sides[0], sides[1]))?;
        self.with_term(term)
    }

    /// The same model with P's term for one row as a function of `desired`, `computed`, and whatever else: inputs of other
    /// names are columns or parameters, new ones are further parameters. A deviation that is sought together with the
    /// model's own parameters is such.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] unless it has one output.
    pub fn with_term(mut self, term: Function) -> Result<Model, Error> {
        let [_] = term.outputs() else {
            return Err(Error::invalid(format!(
                "a performance has one output, P's term for one row; this one has {}",
                term.outputs().len()
            )));
        };
        let of_sides = ["desired", "computed"];
        for name in term.input_names().filter(|name| !of_sides.contains(&name.as_str())) {
            if !self.columns.contains(&name) && !self.parameters.contains(&name) {
                self.parameters.push(name);
            }
        }
        Ok(Model { term: Some(term), ..self })
    }

    /// The names of what is sought, in order.
    #[must_use]
    pub fn parameters(&self) -> &[String] {
        &self.parameters
    }

    /// The names of the columns, in order.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The function with the outputs `desired` and `computed`.
    #[must_use]
    pub fn sides(&self) -> &Function {
        &self.sides
    }

    /// P's term for one row, if the model brings one along.
    #[must_use]
    pub fn term(&self) -> Option<&Function> {
        self.term.as_ref()
    }

    /// The columns that `computed` looks at, in order.
    #[must_use]
    pub fn looked_at(&self) -> Vec<&str> {
        let graph = self.sides.graph();
        let mut needed = vec![false; graph.len()];
        let computed = self.sides.outputs().iter().filter(|output| output.name == "computed");
        computed.for_each(|output| needed[output.node.index()] = true);
        let mut used = vec![false; self.sides.inputs().len()];
        // Operands come before those that use them.
        for id in graph.ids().rev() {
            if !needed[id.index()] {
                continue;
            }
            if let Node::Input(position) = graph.node(id) {
                used[position] = true;
            }
            graph.operands(id).iter().for_each(|operand| needed[operand.index()] = true);
        }
        let names: Vec<String> = self.sides.input_names().collect();
        let is_used =
            |column: &&String| names.iter().zip(&used).any(|(n, used)| *used && n == *column);
        self.columns.iter().filter(is_used).map(String::as_str).collect()
    }

    /// The same model beside a further column.
    pub(crate) fn beside(mut self, column: &str) -> Model {
        if !self.columns.iter().any(|other| other == column) {
            self.columns.push(column.to_owned());
        }
        self
    }

    /// The same function under names that can't collide with any that derivatives bring along: parameters are `w[0]`, …,
    /// columns `x[0]`, …. `code` makes outputs from the model's own and from the columns.
    pub(crate) fn canonical(
        &self,
        code: impl for<'g> FnOnce(&Row<'g, '_>) -> Vec<(&'static str, Var<'g>)>,
    ) -> Result<Function, Error> {
        let inputs = Inputs::new().variables("w", self.parameters.len());
        let inputs = match self.columns.len() {
            0 => inputs,
            columns => inputs.parameters("x", columns),
        };
        self.composed(inputs, |side, _| side, code)
    }

    /// The same under the model's own names, with `desired` and `computed` named: what births are told by.
    pub(crate) fn named(
        &self,
        code: impl for<'g> FnOnce(&Row<'g, '_>) -> Vec<(&'static str, Var<'g>)>,
    ) -> Result<Function, Error> {
        let inputs = self.parameters.iter().fold(Inputs::new(), Inputs::variable);
        let inputs = self.columns.iter().fold(inputs, Inputs::parameter);
        self.composed(inputs, |side, name| side.named(name), code)
    }

    /// Sides and term over inputs that stand for the parameters and then the columns; `side` may name what comes out.
    fn composed(
        &self,
        inputs: Inputs,
        side: impl for<'g> Fn(Var<'g>, &str) -> Var<'g>,
        code: impl for<'g> FnOnce(&Row<'g, '_>) -> Vec<(&'static str, Var<'g>)>,
    ) -> Result<Function, Error> {
        let recorder = Recorder::new();
        let all = recorder.inputs(inputs)?;
        let (w, x) = all.split_at(self.parameters.len());
        let all = Named { model: self, w, x };
        let inputs: Vec<Var<'_>> =
            self.sides.input_names().filter_map(|name| all.find(&name)).collect();
        let sides = self.sides.eval_scalar(&inputs)?;
        let sides = [side(sides[0], "desired"), side(sides[1], "computed")];
        let term = match &self.term {
            None => None,
            Some(term) => {
                let input = |name: String| match name.as_str() {
                    "desired" => Some(sides[0]),
                    "computed" => Some(sides[1]),
                    name => all.find(name),
                };
                let inputs: Vec<Var<'_>> = term.input_names().filter_map(input).collect();
                Some(term.eval_scalar(&inputs)?[0])
            }
        };
        let recorded = Row { desired: sides[0], computed: sides[1], term, columns: x };
        for (name, output) in code(&recorded) {
            recorder.output(name, output);
        }
        Ok(recorder.finish()?)
    }

    /// The numbers of a function's inputs at a row, by name.
    pub(crate) fn point(&self, function: &Function, row: &[f64], parameters: &[f64]) -> Vec<f64> {
        let all = Named { model: self, w: parameters, x: row };
        function.input_names().map(|name| all.find(&name).unwrap_or(f64::NAN)).collect()
    }
}

/// What a row comes to while it is recorded.
pub(crate) struct Row<'g, 'x> {
    pub(crate) desired: Var<'g>,
    pub(crate) computed: Var<'g>,
    /// P's term, if the model brings one along.
    pub(crate) term: Option<Var<'g>>,
    pub(crate) columns: &'x [Var<'g>],
}

/// Parameters and columns by their names.
struct Named<'n, T> {
    model: &'n Model,
    w: &'n [T],
    x: &'n [T],
}

impl<T: Copy> Named<'_, T> {
    fn find(&self, name: &str) -> Option<T> {
        let parameter = self.model.parameters.iter().position(|other| other == name);
        let column = || self.model.columns.iter().position(|other| other == name);
        parameter.map(|place| self.w[place]).or_else(|| column().map(|place| self.x[place]))
    }
}
