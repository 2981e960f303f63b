//! Sliders on the weights of a network: what the page needs to compute P over samples, its slopes and decision regions.
//!
//! The page sums what one sample adds to P, forward and backward, and goes through what P makes of the sum: two recorded
//! functions of [`Problem`], as programs. A third one, without derivatives, computes outputs for rings and regions.

use uphill_graph::{Detail, Function};
use uphill_nn::{Network, Problem, Samples};

use super::program::{Program, With};
use crate::error::Error;
use crate::graph::model::{Model, written_out};
use crate::plane::Plane;
use crate::regions::Regions;
use crate::surface::thinned;

/// So many operations in a pass through all samples are done while a finger moves.
const MOST_WORK: usize = 400_000;
/// The page holds so many numbers of samples.
const MOST_NUMBERS: usize = 60_000;

/// Sliders on the weights of a network. When one moves, the page's own script computes P over the samples and its slopes,
/// by a forward and a backward pass; over two inputs, decision regions follow.
///
/// ```
/// use uphill_nn::{Network, Problem, Samples, SquaredError};
/// use uphill_pictures::{Sliders, View};
///
/// let network = Network::layered(&[2, 2, 1]).build()?;
/// let exclusive_or = Samples::new([[0., 0.], [0., 1.], [1., 0.], [1., 1.]], [[0.], [1.], [1.], [0.]])?;
/// let problem = Problem::new(&network, SquaredError, &exclusive_or)?;
/// let weights = [3.0, -1.0, 0.5, 2.0, -2.0, 0.1, 4.0, -4.0, 1.0];
/// let html = View::new("Exclusive or").sliders(Sliders::new(&problem, &weights)?).html()?;
/// assert!(html.contains("The weights, by hand"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Sliders {
    problem: Problem,
    weights: Vec<f64>,
    /// What P is divided by where it is told a row.
    pub(super) divisor: f64,
    pub(super) notes: Vec<String>,
    pub(super) rows: Vec<Vec<f64>>,
    /// What the page computes by, or why it can't.
    pub(super) programs: Result<Programs, String>,
    pub(super) plane: Option<(Plane, Regions)>,
}

/// The three functions that the page computes.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    /// What a sample adds: of weights, inputs and desired outputs.
    pub(super) term: Computed,
    /// What becomes of the sum: of the sum and the weights.
    pub(super) whole: Computed,
    /// The outputs: of weights and inputs.
    pub(super) outputs: Computed,
}

/// A program, and which of its nodes are the function's outputs.
#[derive(Debug, Clone, serde::Serialize)]
pub(super) struct Computed {
    #[serde(flatten)]
    program: Program,
    outputs: Vec<usize>,
    /// What its nodes are called, without the columns of classes.
    #[serde(skip)]
    names: Vec<String>,
}

impl Computed {
    fn new(function: &Function, x: &[f64], with: With) -> Result<Result<Computed, String>, Error> {
        let function = match written_out(function) {
            Err(Error::TooLarge { count, limit, .. }) => {
                return Ok(Err(format!("it has {count} operations, more than {limit}")));
            }
            function => function?,
        };
        let function = &*function;
        let model = match Model::new(function, Some(x), Detail::Shared) {
            Err(Error::TooLarge { count, limit, .. }) => {
                let why = format!("it has {count} weights, inputs and nodes, more than {limit}");
                return Ok(Err(why));
            }
            model => model?,
        };
        let flat = function.flatten();
        let place = |node| model.ids.iter().position(|&id| id == node);
        let outputs = flat.outputs().iter().filter_map(|output| place(output.node)).collect();
        let program = Program::new(function, &model, x, with)?;
        let names = model.nodes.into_iter().map(|node| node.name).collect();
        Ok(program.map(|program| Computed { program, outputs, names }))
    }
}

impl Sliders {
    /// Sliders that start at these weights, for the samples of this problem. Of many samples, evenly chosen ones are
    /// taken, and the page says so. A network of more than some hundreds of nodes and weights gets a sentence instead.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`], [`Error::NotFinite`] with the position of the weight; [`Error::Empty`] without samples;
    /// [`Error::Network`] if they can't be read; [`Error::Graph`].
    pub fn new(problem: &Problem, weights: &[f64]) -> Result<Sliders, Error> {
        let network = problem.network();
        Error::check_length("weights", network.weight_count(), weights.len())?;
        Error::check_finite("weight", weights)?;
        let samples = problem.samples();
        Error::check_enough("samples for sliders", 1, samples.len())?;
        let first = rows_of(samples, [0])?;
        let programs = programs(problem, weights, &first[0])?;
        let each = programs.as_ref().map_or(1, |programs| programs.term.program.length().max(1));
        let width = samples.input_count() + samples.desired_count();
        let most = (MOST_WORK / each).min(MOST_NUMBERS / width.max(1)).max(1);
        let rows = rows_of(samples, thinned(samples.len(), most))?;
        let mut sliders = Sliders {
            problem: problem.clone(),
            weights: weights.to_vec(),
            divisor: 1.0,
            notes: Vec::new(),
            rows,
            programs,
            plane: None,
        };
        if sliders.rows.len() < samples.len() {
            let inputs = sliders.rows.iter().map(|row| &row[..samples.input_count()]);
            let desired = sliders.rows.iter().map(|row| &row[samples.input_count()..]);
            sliders.problem = problem.with_samples(&Samples::new(inputs, desired)?)?;
            // What becomes of the sum depends on their number.
            sliders.programs = self::programs(&sliders.problem, weights, &first[0])?;
            let (chosen, all) = (sliders.rows.len(), samples.len());
            sliders.notes.push(format!("Here P is of {chosen} of {all} rows, evenly chosen."));
        }
        Ok(sliders)
    }

    /// Tells P and its slopes divided by the number of samples: for sums over them.
    #[must_use]
    pub fn a_row(mut self) -> Sliders {
        self.divisor = self.rows.len() as f64;
        self
    }

    /// Says something below the numbers: what P is, say.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Sliders {
        self.notes.insert(0, text.into());
        self
    }

    /// Shows decision regions over two inputs, which change with the weights.
    ///
    /// # Arguments
    ///
    /// `plane`: the two inputs; `dress`: what else the picture gets, a title and notes.
    ///
    /// # Errors
    ///
    /// As [`Plane::regions`].
    pub fn plane(
        mut self,
        plane: &Plane,
        dress: impl FnOnce(Regions) -> Regions,
    ) -> Result<Sliders, Error> {
        let regions =
            plane.regions(self.problem.network(), &self.weights, self.problem.samples())?;
        self.plane = Some((plane.clone(), dress(regions)));
        Ok(self)
    }

    pub(super) fn network(&self) -> &Network {
        self.problem.network()
    }

    pub(super) fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// What the weights are called, as in the chain of a sample.
    pub(super) fn names(&self) -> Vec<&str> {
        match &self.programs {
            Ok(programs) => {
                let names = programs.term.names.iter().map(String::as_str);
                names.take(self.weights.len()).collect()
            }
            Err(_) => self.network().weights().iter().map(|weight| &*weight.name).collect(),
        }
    }
}

/// Inputs and desired outputs of some samples.
fn rows_of(
    samples: &Samples,
    rows: impl IntoIterator<Item = usize>,
) -> Result<Vec<Vec<f64>>, Error> {
    let mut wanted = rows.into_iter().peekable();
    let mut found = Vec::new();
    samples.visit(0..samples.len(), |row, inputs, desired| {
        if wanted.next_if_eq(&row).is_some() {
            found.push([inputs, desired].concat());
        }
        Ok(())
    })?;
    Ok(found)
}

/// The programs, at these weights and a sample.
fn programs(
    problem: &Problem,
    weights: &[f64],
    row: &[f64],
) -> Result<Result<Programs, String>, Error> {
    let network = problem.network();
    let at = [weights, row].concat();
    let sum = problem.term().value(&at)?;
    let whole_at = [&[sum], weights].concat();
    let inputs = &at[..weights.len() + network.inputs().len()];
    let all = [
        Computed::new(problem.term(), &at, With::Partials)?,
        Computed::new(&problem.whole()?, &whole_at, With::Partials)?,
        Computed::new(&network.function()?, inputs, With::Nothing)?,
    ];
    Ok(match all {
        [Ok(term), Ok(whole), Ok(outputs)] => Ok(Programs { term, whole, outputs }),
        [Err(why), ..] | [_, Err(why), _] | [.., Err(why)] => Err(why),
    })
}
