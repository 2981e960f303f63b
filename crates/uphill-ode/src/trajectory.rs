//! What a solution is at the times that were asked for, with its slopes by parameters if these were asked for too.

use crate::error::Error;

/// Outputs of a system, or its states if it has no outputs, at some times.
#[derive(Debug, Clone, PartialEq)]
pub struct Trajectory {
    pub(crate) names: Vec<String>,
    pub(crate) times: Vec<f64>,
    /// Row by row, a row a time.
    pub(crate) values: Vec<f64>,
    pub(crate) ended_by: Option<(String, f64)>,
    pub(crate) steps: usize,
}

impl Trajectory {
    /// The names of what a row holds.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The times: those that were asked for, or as many as there are before an event, and then its own.
    #[must_use]
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// What the solution is at a time, by its number.
    ///
    /// # Panics
    ///
    /// If there are not so many times.
    #[must_use]
    pub fn at(&self, time: usize) -> &[f64] {
        let width = self.names.len();
        &self.values[time * width..(time + 1) * width]
    }

    /// The numbers of one output or state, one a time.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`].
    pub fn column(&self, name: &str) -> Result<Vec<f64>, Error> {
        let place = place("output", name, &self.names)?;
        Ok((0..self.times.len()).map(|time| self.at(time)[place]).collect())
    }

    /// The event that ended the solution, and when, if one did.
    #[must_use]
    pub fn ended_by(&self) -> Option<(&str, f64)> {
        self.ended_by.as_ref().map(|(name, time)| (name.as_str(), *time))
    }

    /// How many steps the solver took.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps
    }
}

/// A [`Trajectory`] with its forward sensitivities: the slope of each number by each parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Sensitivities {
    pub(crate) trajectory: Trajectory,
    pub(crate) parameters: Vec<String>,
    /// For each time, for each output, one a parameter.
    pub(crate) slopes: Vec<f64>,
}

impl Sensitivities {
    /// The solution itself.
    #[must_use]
    pub fn trajectory(&self) -> &Trajectory {
        &self.trajectory
    }

    /// The slopes of one output or state at a time, by its number: one a parameter, in the system's order.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`].
    ///
    /// # Panics
    ///
    /// If there are not so many times.
    pub fn of(&self, name: &str, time: usize) -> Result<&[f64], Error> {
        let names = &self.trajectory.names;
        let row = time * names.len() + place("output", name, names)?;
        let width = self.parameters.len();
        Ok(&self.slopes[row * width..(row + 1) * width])
    }

    /// The slope of one output or state by one parameter, one a time.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`].
    pub fn column(&self, name: &str, parameter: &str) -> Result<Vec<f64>, Error> {
        let parameter = place("parameter", parameter, &self.parameters)?;
        let times = 0..self.trajectory.times.len();
        times.map(|time| Ok(self.of(name, time)?[parameter])).collect()
    }
}

fn place(kind: &'static str, name: &str, names: &[String]) -> Result<usize, Error> {
    let found = names.iter().position(|other| other == name);
    found.ok_or_else(|| Error::unknown(kind, name, names))
}
