//! Start, bounds and fixed parameters as they are given, by name; checked against the parameters that there are.

use crate::climb::Space;
use crate::error::Error;

/// What may be said of where a climb begins and where it may go.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    pub(crate) start: Vec<f64>,
    pub(crate) bounds: Vec<(String, f64, f64)>,
    pub(crate) fixed: Vec<String>,
}

impl Settings {
    /// The space of parameters of these names.
    pub(crate) fn space(&self, names: &[String]) -> Result<Space, Error> {
        if self.start.len() != names.len() {
            return Err(Error::invalid(format!(
                "the start has {} numbers, but there are {} parameters: {}",
                self.start.len(),
                names.len(),
                names.join(", ")
            )));
        }
        let place = |name: &String| {
            let found = names.iter().position(|other| other == name);
            found.ok_or_else(|| Error::unknown("parameter", name, names))
        };
        for (name, start) in names.iter().zip(&self.start) {
            if !start.is_finite() {
                let what = format!("`{name}` starts at {start}; give it a finite number");
                return Err(Error::invalid(what));
            }
        }
        let mut bounds = vec![(f64::NEG_INFINITY, f64::INFINITY); names.len()];
        for (name, low, high) in &self.bounds {
            let place = place(name)?;
            let start = self.start[place];
            if !(*low <= start && start <= *high) {
                return Err(Error::invalid(format!(
                    "`{name}` starts at {start}, outside of its bounds {low} to {high}"
                )));
            }
            bounds[place] = (*low, *high);
        }
        let mut fixed = vec![false; names.len()];
        for name in &self.fixed {
            fixed[place(name)?] = true;
        }
        // Bounds without room between them say the same.
        for (fixed, (low, high)) in fixed.iter_mut().zip(&bounds) {
            *fixed |= low == high;
        }
        Ok(Space { start: self.start.clone(), bounds, fixed })
    }
}
