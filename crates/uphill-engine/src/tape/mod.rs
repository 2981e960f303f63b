//! Value and gradient in one pass over the code, for functions that are evaluated once: no graph, a tape.
//!
//! Code runs on [`Active`] numbers, which compute and note their partial derivatives on a flat tape; one sweep back over
//! the tape gives the gradient as numbers (Wengert 1964; Griewank and Walther 2008, chapter 4). The numbers are those of
//! `Function::gradient`, bit for bit but for the signs of zeros and, where operations choose, the order in which terms are
//! added. A graph that is recorded once and compiled runs faster at many points, and has names, traces and higher
//! derivatives; a tape is faster where the code is another one at each point, or runs but once.
//!
//! ```
//! use uphill_engine::tape::Tape;
//! use uphill_graph::Scalar;
//!
//! let mut tape = Tape::new();
//! let (value, gradient) = tape.gradient(&[3.0, 4.0], |x| x[0].hypot(x[1]))?;
//! assert_eq!((value, gradient), (5.0, vec![0.6, 0.8]));
//! # Ok::<(), uphill_engine::Error>(())
//! ```
//!
//! # Cost
//!
//! Recording, sweep and value together take about twice as long as value and gradient written by hand, for cheap
//! operations. An operation on two numbers takes 8 to 24 bytes on the tape and 8 in the sweep; one on constants takes
//! nothing. A tape that is used again allocates nothing.

mod active;
mod links;

use uphill_graph::{Scalar, Valued};

pub use active::Active;

use crate::error::Error;
use links::Links;

/// A tape, whose memory is used again from one recording to the next.
///
/// ```
/// use uphill_engine::tape::Tape;
/// use uphill_graph::Scalar;
///
/// fn p<S: Scalar>(w: &[S]) -> S {
///     3.0 * (w[0] - 2.0 * w[1] + 5.0 * w[2]) - 7.0 * (2.0 * w[0] - w[1] - 6.0)
/// }
///
/// let mut tape = Tape::new();
/// let (value, gradient) = tape.gradient(&[1.0, 1.0, 1.0], |w| p(w))?;
/// assert_eq!(value, 47.0);
/// assert_eq!(gradient, [-11.0, 1.0, 15.0]);
/// # Ok::<(), uphill_engine::Error>(())
/// ```
///
/// Derivatives of second order come from forward mode on top: code on `Dual<Active>` has tangents, and the gradient of
/// a tangent is the Hessian times its direction.
///
/// ```
/// use uphill_engine::tape::Tape;
/// use uphill_graph::{Dual, Scalar};
///
/// let direction = [1.0, 2.0];
/// let (slope, curvature) = Tape::new().gradient(&[3.0, 5.0], |x| {
///     let along = |k: usize| Dual::new(x[k], Scalar::constant(direction[k]));
///     let (x, y) = (along(0), along(1));
///     (x * x * y).tangent
/// })?;
/// assert_eq!(slope, 48.0); // 2xy·1 + x²·2
/// assert_eq!(curvature, [22.0, 6.0]); // (2y, 2x; 2x, 0) · (1, 2)
/// # Ok::<(), uphill_engine::Error>(())
/// ```
#[derive(Debug)]
pub struct Tape {
    links: Links,
    /// All zero between sweeps.
    adjoints: Vec<f64>,
    /// Memory for the inputs of the next recording.
    spare: Vec<Spare>,
}

/// As large as an [`Active`], so that one list's memory serves the other; unlike it, free of lifetimes and threads.
#[derive(Debug, Default)]
struct Spare {
    _value: f64,
    _number: u32,
    _links: usize,
}

impl Default for Tape {
    fn default() -> Tape {
        Tape::new()
    }
}

impl Tape {
    /// An empty tape, which holds no memory until it is used.
    #[must_use]
    pub fn new() -> Tape {
        Tape::with_limit(usize::MAX)
    }

    /// A tape that takes at most so many bytes for its operations, and 8 bytes more for each of them in the sweep.
    ///
    /// ```
    /// use uphill_engine::tape::Tape;
    /// let mut tape = Tape::with_limit(1000);
    /// let long = tape.gradient(&[0.5], |x| (0..1000).fold(x[0], |y, _| y * y));
    /// assert!(long.is_err());
    /// ```
    #[must_use]
    pub fn with_limit(bytes: usize) -> Tape {
        Tape { links: Links::with_limit(bytes), adjoints: Vec::new(), spare: Vec::new() }
    }

    /// The value of the code at `x` and its gradient there.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] for more operations than the limit or the memory allows, or more than about 2³⁰ operands.
    ///
    /// # Complexity
    ///
    /// A small factor above the code itself, whatever the number of inputs. An operation takes 8 to 24 bytes for the
    /// tape, by its kind, and 8 for the sweep.
    pub fn gradient<F>(&mut self, x: &[f64], code: F) -> Result<(f64, Vec<f64>), Error>
    where
        F: for<'t> FnOnce(&[Active<'t>]) -> Active<'t>,
    {
        let mut gradient = vec![0.0; x.len()];
        let value = self.gradient_into(x, &mut gradient, code)?;
        Ok((value, gradient))
    }

    /// The value of the code at `x`; its gradient goes to the slice.
    ///
    /// Nothing is allocated if an earlier recording was as long and had as many inputs.
    ///
    /// # Errors
    ///
    /// As [`Tape::gradient`], and [`Error::WrongLength`] if the slice is not as long as `x`. Then it is left as it is.
    ///
    /// ```
    /// use uphill_engine::tape::Tape;
    /// use uphill_graph::Scalar;
    ///
    /// let mut tape = Tape::new();
    /// let (mut x, mut gradient) = ([2.0, -1.0], [0.0; 2]);
    /// for _ in 0..50 {
    ///     tape.gradient_into(&x, &mut gradient, |x| -(x[0] - 1.0).square() - x[1].square())?;
    ///     for (x, slope) in x.iter_mut().zip(gradient) {
    ///         *x += 0.25 * slope;
    ///     }
    /// }
    /// assert!((x[0] - 1.0).abs() < 1e-12 && x[1].abs() < 1e-12);
    /// # Ok::<(), uphill_engine::Error>(())
    /// ```
    pub fn gradient_into<F>(
        &mut self,
        x: &[f64],
        gradient: &mut [f64],
        code: F,
    ) -> Result<f64, Error>
    where
        F: for<'t> FnOnce(&[Active<'t>]) -> Active<'t>,
    {
        expect_length("the gradient", x.len(), gradient.len())?;
        let (value, number) = self.record(x, |inputs| {
            let output = code(inputs);
            (output.value(), output.number())
        })?;
        self.seed(number, 1.0);
        self.sweep_into(gradient, &[number]);
        Ok(value)
    }

    /// Runs code with several outputs at `x`, and keeps the tape for sweeps with one set of seeds after another.
    ///
    /// # Errors
    ///
    /// As [`Tape::gradient`].
    ///
    /// ```
    /// use uphill_engine::tape::Tape;
    /// let mut tape = Tape::new();
    /// let mut at = tape.linearize(&[2.0, 3.0], |x| vec![x[0] * x[1], x[0] + x[1]])?;
    /// assert_eq!(at.values(), [6.0, 5.0]);
    /// assert_eq!(at.vjp(&[10.0, 1.0])?, [31.0, 21.0]);
    /// assert_eq!(at.jacobian(), [[3.0, 2.0], [1.0, 1.0]]);
    /// # Ok::<(), uphill_engine::Error>(())
    /// ```
    pub fn linearize<F>(&mut self, x: &[f64], code: F) -> Result<Linearization<'_>, Error>
    where
        F: for<'t> FnOnce(&[Active<'t>]) -> Vec<Active<'t>>,
    {
        let (values, numbers) = self.record(x, |inputs| {
            code(inputs).iter().map(|output| (output.value(), output.number())).unzip()
        })?;
        Ok(Linearization { inputs: x.len(), tape: self, values, numbers })
    }

    /// The number of operations that the latest recording wrote.
    #[must_use]
    pub fn operations(&self) -> usize {
        self.links.operations()
    }

    /// The bytes that these take, without the 8 for each in the sweep.
    ///
    /// ```
    /// use uphill_engine::tape::Tape;
    /// let mut tape = Tape::new();
    /// tape.gradient(&[2.0, 3.0], |x| x[0] * x[1] + x[0])?;
    /// assert_eq!((tape.operations(), tape.bytes()), (2, 24 + 8));
    /// # Ok::<(), uphill_engine::Error>(())
    /// ```
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.links.bytes().0
    }

    /// The bytes that this tape holds, unused capacity included.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.links.bytes().1
            + self.adjoints.capacity() * size_of::<f64>()
            + self.spare.capacity() * size_of::<Spare>()
    }

    /// Runs the code on the inputs, which are the first values on the tape.
    fn record<R>(
        &mut self,
        x: &[f64],
        run: impl for<'t> FnOnce(&[Active<'t>]) -> R,
    ) -> Result<R, Error> {
        let what = "recording on a tape";
        if x.len() > Links::MOST_INPUTS {
            let (needed, limit) = (size_of_val(x), Links::MOST_INPUTS * size_of::<f64>());
            return Err(Error::TooLarge { what: what.into(), needed, limit });
        }
        self.links.reset(x.len());
        // Collecting from an emptied list reuses its memory, for what has the same size.
        let mut inputs: Vec<Active<'_>> =
            std::mem::take(&mut self.spare).into_iter().map(|_| Active::constant(0.0)).collect();
        let numbered = x.iter().zip(0..);
        inputs.extend(numbered.map(|(&value, number)| Active::on_tape(&self.links, number, value)));
        let outputs = run(&inputs);
        inputs.clear();
        self.spare = inputs.into_iter().map(|_| Spare::default()).collect();
        match self.links.refused() {
            Some((needed, limit)) => Err(Error::TooLarge { what: what.into(), needed, limit }),
            None => self.reserve().map(|()| outputs),
        }
    }

    /// Makes an adjoint for each value of the tape.
    fn reserve(&mut self) -> Result<(), Error> {
        let (values, held) = (self.links.values(), self.adjoints.len());
        if held < values {
            if self.adjoints.try_reserve(values - held).is_err() {
                let (needed, limit) = (values * size_of::<f64>(), held * size_of::<f64>());
                return Err(Error::TooLarge {
                    what: "the sweep over a tape".into(),
                    needed,
                    limit,
                });
            }
            self.adjoints.resize(values, 0.0);
        }
        Ok(())
    }

    /// Adds to the adjoint of a value, if it is not a constant.
    fn seed(&mut self, number: Option<u32>, adjoint: f64) {
        if let Some(number) = number {
            self.adjoints[number as usize] += adjoint;
        }
    }

    /// Sweeps back from the seeds, and moves the adjoints of the inputs out.
    fn sweep_into(&mut self, gradient: &mut [f64], seeds: &[Option<u32>]) {
        self.links.sweep(&mut self.adjoints, seeds);
        for (slope, adjoint) in gradient.iter_mut().zip(&mut self.adjoints) {
            *slope = std::mem::take(adjoint);
        }
    }
}

/// What a recording of several outputs left on the tape: the derivative at one point, as a linear map.
///
/// See [`Tape::linearize`].
#[derive(Debug)]
pub struct Linearization<'a> {
    tape: &'a mut Tape,
    inputs: usize,
    values: Vec<f64>,
    /// Where the outputs stand on the tape; `None` for constants.
    numbers: Vec<Option<u32>>,
}

impl Linearization<'_> {
    /// The values of the outputs.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The vector-Jacobian product `Σ_j seed_j · ∂P_j/∂x`: one sweep.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`] unless there is one seed an output.
    pub fn vjp(&mut self, seeds: &[f64]) -> Result<Vec<f64>, Error> {
        let mut product = vec![0.0; self.inputs];
        self.vjp_into(seeds, &mut product)?;
        Ok(product)
    }

    /// [`Linearization::vjp`] into a slice, without allocating from the second sweep on.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`] of the seeds, or of the slice, which has an entry for each input.
    pub fn vjp_into(&mut self, seeds: &[f64], product: &mut [f64]) -> Result<(), Error> {
        expect_length("the seeds", self.numbers.len(), seeds.len())?;
        expect_length("the vector-Jacobian product", self.inputs, product.len())?;
        for (&number, &seed) in self.numbers.iter().zip(seeds) {
            self.tape.seed(number, seed);
        }
        self.tape.sweep_into(product, &self.numbers);
        Ok(())
    }

    /// The Jacobian, a row for each output: as many sweeps as there are outputs.
    #[must_use]
    pub fn jacobian(&mut self) -> Vec<Vec<f64>> {
        let row = |&number: &Option<u32>| {
            let mut row = vec![0.0; self.inputs];
            self.tape.seed(number, 1.0);
            self.tape.sweep_into(&mut row, &[number]);
            row
        };
        self.numbers.iter().map(row).collect()
    }
}

fn expect_length(what: &str, expected: usize, got: usize) -> Result<(), Error> {
    if expected == got {
        return Ok(());
    }
    Err(Error::WrongLength { what: what.into(), expected, got })
}
