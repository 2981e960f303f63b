//! What is raised: every error of the Rust crates has a class of Python, and says what it says.
//!
//! The classes are Python's own (`uphill/_errors.py`), so that each can have two parents: `uphill.Error`, and the one that
//! a caller who knows nothing of uphill expects.

use pyo3::prelude::*;

/// The classes, by name.
mod classes {
    #![allow(unreachable_pub)] // the macro's
    use pyo3::import_exception;

    import_exception!(uphill._errors, InputError);
    import_exception!(uphill._errors, UnknownNameError);
    import_exception!(uphill._errors, RecordingError);
    import_exception!(uphill._errors, PlaceError);
    import_exception!(uphill._errors, FormulaError);
    import_exception!(uphill._errors, FormatError);
    import_exception!(uphill._errors, NotFiniteError);
    import_exception!(uphill._errors, UnsupportedError);
    import_exception!(uphill._errors, ResourceError);
    import_exception!(uphill._errors, ClimbError);
    import_exception!(uphill._errors, SolutionError);
    import_exception!(uphill._errors, TrainingError);
}

/// An error that becomes an exception.
pub(crate) trait Raised {
    /// The exception.
    fn raised(self) -> PyErr;
}

/// Results whose errors are raised.
pub(crate) trait Raise<T> {
    /// The same result, as Python's.
    fn raise(self) -> PyResult<T>;
}

impl<T, E: Raised> Raise<T> for Result<T, E> {
    fn raise(self) -> PyResult<T> {
        self.map_err(Raised::raised)
    }
}

/// What code gave that can't be used: a number, a length, a setting.
pub(crate) fn input(what: impl Into<String>) -> PyErr {
    classes::InputError::new_err(what.into())
}

/// What can't be done with a value that is recorded.
pub(crate) fn recording(what: impl Into<String>) -> PyErr {
    classes::RecordingError::new_err(what.into())
}

/// A place outside of a vector.
pub(crate) fn place(what: impl Into<String>) -> PyErr {
    classes::PlaceError::new_err(what.into())
}

/// A name that nothing has.
pub(crate) fn unknown(what: impl Into<String>) -> PyErr {
    classes::UnknownNameError::new_err(what.into())
}

impl Raised for uphill_graph::Error {
    fn raised(self) -> PyErr {
        use uphill_graph::Error;
        let what = self.to_string();
        match self {
            Error::UnknownName { .. } => unknown(what),
            Error::NotFinite { .. } => classes::NotFiniteError::new_err(what),
            Error::Place { .. } => place(what),
            Error::Format { .. } => classes::FormatError::new_err(what),
            Error::Unsupported { .. } => classes::UnsupportedError::new_err(what),
            Error::Budget { .. } => classes::ResourceError::new_err(what),
            _ => input(what),
        }
    }
}

impl Raised for uphill_engine::Error {
    fn raised(self) -> PyErr {
        use uphill_engine::Error;
        let what = self.to_string();
        match self {
            Error::Graph(error) => error.raised(),
            Error::OutOfMemory { .. } | Error::TooLarge { .. } => {
                classes::ResourceError::new_err(what)
            }
            Error::NotFinite { .. } => classes::NotFiniteError::new_err(what),
            Error::Unsupported { .. } => classes::UnsupportedError::new_err(what),
            _ => input(what),
        }
    }
}

impl Raised for uphill_formula::Error {
    fn raised(self) -> PyErr {
        let place = self.place().map(|place| (place.line(), place.column()));
        let error = classes::FormulaError::new_err(self.to_string());
        if let Some((line, column)) = place {
            Python::attach(|py| {
                let value = error.value(py);
                // A class of Python takes any attribute.
                let set =
                    value.setattr("line", line).and_then(|()| value.setattr("column", column));
                debug_assert!(set.is_ok());
            });
        }
        error
    }
}

impl Raised for uphill_solve::Error {
    fn raised(self) -> PyErr {
        use uphill_solve::Error;
        let what = self.to_string();
        match self {
            Error::Graph(error) => error.raised(),
            Error::Engine(error) => error.raised(),
            Error::UnknownName { .. } => unknown(what),
            Error::Climb { .. } => classes::ClimbError::new_err(what),
            _ => input(what),
        }
    }
}

impl Raised for uphill_ode::Error {
    fn raised(self) -> PyErr {
        use uphill_ode::Error;
        let what = self.to_string();
        match self {
            Error::Graph(error) => error.raised(),
            Error::Engine(error) => error.raised(),
            Error::UnknownName { .. } => unknown(what),
            Error::NotFinite { .. } => classes::NotFiniteError::new_err(what),
            Error::Stopped { .. } | Error::Solver(_) => classes::SolutionError::new_err(what),
            _ => input(what),
        }
    }
}

impl Raised for uphill_nn::Error {
    fn raised(self) -> PyErr {
        use uphill_nn::Error;
        let what = self.to_string();
        match self {
            Error::Graph(error) => error.raised(),
            Error::UnknownName { .. } => unknown(what),
            Error::Format { .. } => classes::FormatError::new_err(what),
            Error::Diverged(_) => classes::TrainingError::new_err(what),
            _ => input(what),
        }
    }
}

impl Raised for uphill_pictures::Error {
    fn raised(self) -> PyErr {
        input(self.to_string())
    }
}

impl Raised for uphill_check::Error {
    fn raised(self) -> PyErr {
        input(self.to_string())
    }
}
