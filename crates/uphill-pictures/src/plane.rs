//! Two inputs of a network as the plane of decision regions: axes in the units of a table, the other inputs held.

use uphill_nn::{Network, Samples};

use crate::axis::Axis;
use crate::error::Error;
use crate::regions::Regions;

/// Two inputs of a network as axes, while its other inputs are held.
///
/// ```
/// use uphill_nn::{Network, Samples};
/// use uphill_pictures::{Axis, Plane, Theme};
///
/// let network = Network::layered(&[3, 2]).build()?;
/// let weights = [1.0, -1.0, 0.5, 0.0, -1.0, 1.0, 0.5, 0.0];
/// let samples = Samples::new([[0.5, -1.0, 0.0], [-0.5, 1.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]])?;
/// let axis = |name| Axis::new(name, 0.0, 10.0);
/// // Of a table's length and width, 5 became 0 and a unit became ½; the third input is held at 0.
/// let plane = Plane::new([axis("length")?, axis("width")?], [0, 1], [0.0; 3], ["long", "wide"])?
///     .scaled([[5.0, 2.0], [5.0, 2.0]]);
/// assert_eq!(plane.inputs([6.0, 3.0]), [0.5, -1.0, 0.0]);
/// let picture = plane.regions(&network, &weights, &samples)?.picture();
/// assert!(picture.description().contains("0 of 2 samples are computed otherwise"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    axes: [Axis; 2],
    /// Their places among the network's inputs.
    places: [usize; 2],
    /// What is subtracted from a number of an axis, and by what the difference is divided, to be the input.
    scales: [[f64; 2]; 2],
    /// All inputs; those of the axes don't matter.
    held: Vec<f64>,
    classes: Vec<String>,
}

impl Plane {
    /// A plane over two inputs.
    ///
    /// # Arguments
    ///
    /// `axes`: names and ranges; `places`: which inputs of the network they are; `held`: a number for each input, of
    /// which those of the axes don't matter; `classes`: a name for each output.
    ///
    /// # Errors
    ///
    /// [`Error::Range`] if both places are the same; [`Error::WrongLength`] if a place is beyond the inputs;
    /// [`Error::NotFinite`] if an input is held at something else than a number.
    pub fn new<N: Into<String>>(
        axes: [Axis; 2],
        places: [usize; 2],
        held: impl Into<Vec<f64>>,
        classes: impl IntoIterator<Item = N>,
    ) -> Result<Plane, Error> {
        let held = held.into();
        let classes = classes.into_iter().map(Into::into).collect();
        let needed = places[0].max(places[1]) + 1;
        if needed > held.len() {
            Error::check_length("held inputs of a plane", needed, held.len())?;
        }
        if places[0] == places[1] {
            let (axis, low, high) = (axes[1].name().to_owned(), axes[1].low(), axes[1].high());
            return Err(Error::Range { axis, low, high, why: "both axes are the same input" });
        }
        Error::check_finite("held input", &held)?;
        Ok(Plane { axes, places, scales: [[0.0, 1.0]; 2], held, classes })
    }

    /// Says how numbers of both axes become inputs: `(number − center)/width`, with center and width of each.
    #[must_use]
    pub fn scaled(mut self, scales: [[f64; 2]; 2]) -> Plane {
        self.scales = scales;
        self
    }

    /// The network's inputs at a point of the plane.
    #[must_use]
    pub fn inputs(&self, at: [f64; 2]) -> Vec<f64> {
        let mut inputs = self.held.clone();
        for ((place, [center, width]), number) in self.places.into_iter().zip(self.scales).zip(at) {
            inputs[place] = (number - center) / width;
        }
        inputs
    }

    /// Where a sample's inputs lie on the plane.
    fn point(&self, inputs: &[f64]) -> [f64; 2] {
        [0, 1].map(|k| inputs[self.places[k]] * self.scales[k][1] + self.scales[k][0])
    }

    /// The inputs at both ends of each axis.
    pub(crate) fn ends(&self) -> [[f64; 2]; 2] {
        let [low, high] = [Axis::low, Axis::high].map(|end| {
            let inputs = self.inputs([end(&self.axes[0]), end(&self.axes[1])]);
            self.places.map(|place| inputs[place])
        });
        [[low[0], high[0]], [low[1], high[1]]]
    }

    pub(crate) fn places(&self) -> [usize; 2] {
        self.places
    }

    pub(crate) fn held(&self) -> &[f64] {
        &self.held
    }

    pub(crate) fn classes(&self) -> usize {
        self.classes.len()
    }

    /// Which class a network computes where, with samples of the classes that are desired.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`] if weights, inputs or outputs are not as many as the network has; those of
    /// [`Regions::sample`]; [`Error::Network`] if samples can't be read.
    ///
    /// # Complexity
    ///
    /// One evaluation of the network for each of 161 by 161 points, and one for each sample.
    pub fn regions(
        &self,
        network: &Network,
        weights: &[f64],
        samples: &Samples,
    ) -> Result<Regions, Error> {
        Error::check_length("weights", network.weight_count(), weights.len())?;
        Error::check_length("inputs of a plane", network.inputs().len(), self.held.len())?;
        Error::check_length("inputs of samples", network.inputs().len(), samples.input_count())?;
        let classes = self.classes.len();
        Error::check_length("desired outputs of samples", classes, samples.desired_count())?;
        let outputs = |x: f64, y: f64| network.outputs(weights, &self.inputs([x, y]));
        let [x, y] = self.axes.clone();
        let regions = Regions::sample(x, y, &self.classes, outputs)?;
        let mut rows = Vec::with_capacity(samples.len());
        samples.visit(0..samples.len(), |_, inputs, desired| {
            let computed = network.outputs(weights, inputs);
            rows.push((self.point(inputs), [largest(desired), largest(&computed)]));
            Ok(())
        })?;
        regions.samples(rows)
    }
}

/// The place of the largest number, the first of them if several are.
fn largest(numbers: &[f64]) -> usize {
    let mut best = 0;
    for (place, number) in numbers.iter().enumerate() {
        if *number > numbers[best] {
            best = place;
        }
    }
    best
}
