//! Derivatives judged by other means, and a performance drawn as a hill.

use pyo3::prelude::*;
use uphill_check::Verdict;
use uphill_pictures::Hill;

use crate::error::Raise;
use crate::function::Function;
use crate::texts::Picture;

/// What a check found: `print(report)` tells the worst entries and what to look at.
#[pyclass(frozen, module = "uphill", name = "Report")]
pub(crate) struct Report {
    report: uphill_check::Report,
}

/// Judges the gradient, Jacobian or Hessian at points by differences and the complex step.
#[pyfunction]
pub(crate) fn _check(
    py: Python<'_>,
    function: PyRef<'_, Function>,
    kind: &str,
    points: Vec<Vec<f64>>,
    tolerance: Option<f64>,
    seed: u64,
    directions: Option<usize>,
) -> PyResult<Report> {
    let function = function.function.clone();
    let report = py.detach(|| {
        let mut check = match kind {
            "gradient" => uphill_check::gradient(&*function),
            "jacobian" => uphill_check::jacobian(&*function),
            _ => uphill_check::hessian(&*function),
        };
        check = check.points(points).seed(seed);
        if let Some(tolerance) = tolerance {
            check = check.tolerance(tolerance);
        }
        if let Some(count) = directions {
            check = check.directions(count);
        }
        check.report()
    });
    Ok(Report { report: report.raise()? })
}

#[pymethods]
impl Report {
    /// Whether all entries agree.
    #[getter]
    fn passed(&self) -> bool {
        self.report.passed()
    }

    /// What to look at.
    #[getter]
    fn advice(&self) -> Vec<String> {
        self.report.advice()
    }

    /// Each entry: name, computed, expected, relative error, verdict.
    #[getter]
    fn entries(&self) -> Vec<(String, f64, f64, f64, &'static str)> {
        let entries = self.report.entries.iter();
        entries
            .map(|entry| {
                let verdict = match entry.verdict {
                    Verdict::Agrees => "agrees",
                    Verdict::Disagrees => "disagrees",
                    Verdict::Kink { .. } => "kink",
                    Verdict::NotFinite => "not finite",
                    _ => "unreliable",
                };
                (entry.name.clone(), entry.computed, entry.expected, entry.relative, verdict)
            })
            .collect()
    }

    fn __bool__(&self) -> bool {
        self.report.passed()
    }

    fn __str__(&self) -> String {
        self.report.to_string()
    }

    fn __repr__(&self) -> String {
        self.report.to_string()
    }
}

/// A performance over two of its inputs, with the way uphill: contours, or a solid hill.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "Python's side names them")]
pub(crate) fn _surface(
    py: Python<'_>,
    function: PyRef<'_, Function>,
    names: (String, String),
    at: Vec<f64>,
    ranges: (Option<[f64; 2]>, Option<[f64; 2]>),
    start: Option<[f64; 2]>,
    rate: f64,
    steps: usize,
    solid: bool,
    title: Option<String>,
) -> PyResult<Picture> {
    let function = function.function.clone();
    let picture = py.detach(|| {
        let mut hill = Hill::over_inputs(&function, [&names.0, &names.1], &at)?;
        hill = hill.ranges([ranges.0, ranges.1]).rate(rate).steps(steps);
        if let Some(start) = start {
            hill = hill.start(start);
        }
        let (mut surface, stopped) = hill.surface()?;
        if let Some(note) = stopped {
            surface = surface.note(note);
        }
        if let Some(title) = title {
            surface = surface.title(title);
        }
        Ok::<_, uphill_pictures::Error>(if solid { surface.solid() } else { surface.contours() })
    });
    Ok(Picture { picture: picture.raise()? })
}
