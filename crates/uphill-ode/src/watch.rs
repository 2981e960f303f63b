//! Looks at what goes back to a solver: operators can't fail, so what is not finite is remembered, and told once the solver
//! has given up.

use std::cell::RefCell;

use crate::error::Error;
use crate::system::System;

/// Which function of a system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Rates,
    Start,
    Outputs,
    Events,
}

/// The last point at which something was not finite.
#[derive(Debug, Default)]
pub(crate) struct Watch(RefCell<Option<Seen>>);

#[derive(Debug, Clone)]
struct Seen {
    kind: Kind,
    time: f64,
    states: Vec<f64>,
    parameters: Vec<f64>,
}

impl Watch {
    pub(crate) fn look(
        &self,
        kind: Kind,
        time: f64,
        states: &[f64],
        parameters: &[f64],
        results: &[f64],
    ) {
        // A solver may step to places that are no numbers themselves; what comes of them is no news.
        if results.iter().any(|result| !result.is_finite()) && states.iter().all(|y| y.is_finite())
        {
            let (states, parameters) = (states.to_vec(), parameters.to_vec());
            *self.0.borrow_mut() = Some(Seen { kind, time, states, parameters });
        }
    }

    pub(crate) fn forget(&self) {
        *self.0.borrow_mut() = None;
    }

    /// Tells the birth of what was last seen from this time on.
    pub(crate) fn trouble(&self, system: &System, from: f64) -> Option<Error> {
        let seen = self.0.borrow().clone().filter(|seen| seen.time >= from)?;
        let function = match seen.kind {
            Kind::Rates => &system.rates,
            Kind::Start => &system.start,
            Kind::Outputs => system.outputs.as_ref()?,
            Kind::Events => system.events.as_ref()?,
        };
        let point = [&[seen.time], &seen.states[..], &seen.parameters].concat();
        let born = function.eval_finite(&point).err()?;
        Some(Error::NotFinite { time: seen.time, born })
    }
}
