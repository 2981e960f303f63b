//! Long work, without the interpreter's lock, that Ctrl-C stops: `KeyboardInterrupt` is raised where the work was called.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use pyo3::prelude::*;

/// How often Python is asked whether a signal came.
const EVERY: Duration = Duration::from_millis(20);

/// Asks Python now and then, and keeps what it raised.
pub(crate) struct Watch {
    asked: Cell<Instant>,
    raised: RefCell<Option<PyErr>>,
}

impl Watch {
    pub(crate) fn new() -> Watch {
        Watch { asked: Cell::new(Instant::now()), raised: RefCell::new(None) }
    }

    /// Whether work has to stop: asked as often as one likes.
    pub(crate) fn stops(&self) -> bool {
        if self.raised.borrow().is_some() {
            return true;
        }
        if self.asked.get().elapsed() < EVERY {
            return false;
        }
        self.asked.set(Instant::now());
        self.run(|py| py.check_signals()).is_none()
    }

    /// Runs Python code, whose exception stops the work.
    pub(crate) fn run<T>(&self, code: impl FnOnce(Python<'_>) -> PyResult<T>) -> Option<T> {
        match Python::attach(code) {
            Ok(result) => Some(result),
            Err(error) => {
                self.raised.borrow_mut().get_or_insert(error);
                None
            }
        }
    }

    /// What was raised, before what the work came to.
    pub(crate) fn end<T>(self, result: PyResult<T>) -> PyResult<T> {
        match self.raised.into_inner() {
            Some(raised) => Err(raised),
            None => result,
        }
    }
}
