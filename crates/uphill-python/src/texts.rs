//! What people read: traces, explanations, formulas, pictures and pages, as text and as a notebook shows them.

use std::fmt::Write as _;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use uphill_pictures::Theme;

use crate::error::Raise;

/// What happened at a point: `print(trace)` shows it, `trace.text(digits=4)` rounds, `trace.data` is all of it.
#[pyclass(frozen, module = "uphill", name = "Trace")]
pub(crate) struct Trace {
    pub(crate) trace: uphill_graph::Trace,
}

/// Text that stands in HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A number for a table.
fn short(number: f64) -> String {
    let text = format!("{number:.6}");
    let trimmed =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    match number.abs() {
        size if size != 0.0 && !(1e-3..1e7).contains(&size) => format!("{number:.5e}"),
        _ => trimmed.to_owned(),
    }
}

#[pymethods]
impl Trace {
    /// The text, with numbers of so many significant digits; `named_only` leaves out lines that nobody has named.
    #[pyo3(signature = (*, digits = None, named_only = false))]
    fn text(&self, digits: Option<usize>, named_only: bool) -> String {
        let mut text = self.trace.text();
        if let Some(digits) = digits {
            text = text.digits(digits);
        }
        if named_only {
            text = text.named_only();
        }
        text.to_string()
    }

    /// The value of each line, by its name.
    #[getter]
    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let values = PyDict::new(py);
        for line in &self.trace.forward {
            values.set_item(&line.name, line.value)?;
        }
        Ok(values)
    }

    /// For each output the adjoint of each value, by names.
    #[getter]
    fn adjoints<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let outputs = PyDict::new(py);
        for sweep in &self.trace.backward {
            let adjoints = PyDict::new(py);
            for adjoint in &sweep.adjoints {
                adjoints.set_item(&adjoint.name, adjoint.value)?;
            }
            outputs.set_item(&sweep.output, adjoints)?;
        }
        Ok(outputs)
    }

    /// Where infinities and NaNs were born, in words.
    #[getter]
    fn troubles(&self) -> Vec<String> {
        self.trace.troubles.clone()
    }

    /// All of it as plain dicts and lists.
    #[getter]
    fn data(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let json = serde_json::to_string(&self.trace);
        let json = json.map_err(|error| crate::error::input(error.to_string()))?;
        Ok(py.import("json")?.call_method1("loads", (json,))?.unbind())
    }

    fn __str__(&self) -> String {
        self.trace.to_string()
    }

    fn __repr__(&self) -> String {
        let lines = self.trace.forward.len();
        format!("<uphill.Trace of {}, {lines} values: print it>", self.trace.function)
    }

    fn _repr_html_(&self) -> String {
        let mut html =
            String::from("<table><thead><tr><th>value</th><th>formula</th><th>number</th>");
        for sweep in &self.trace.backward {
            let _ = write!(html, "<th>d{}/d·</th><th>chain rule</th>", escaped(&sweep.output));
        }
        html += "</tr></thead><tbody>";
        for line in &self.trace.forward {
            let formula = line.formula.as_deref().unwrap_or("");
            let (name, formula) = (escaped(&line.name), escaped(formula));
            let _ = write!(
                html,
                "<tr><td>{name}</td><td style=\"text-align:left\">{formula}</td><td>{}</td>",
                short(line.value)
            );
            for sweep in &self.trace.backward {
                let found = sweep.adjoints.iter().find(|adjoint| adjoint.node == line.node);
                let Some(adjoint) = found else {
                    html += "<td></td><td></td>";
                    continue;
                };
                let terms = adjoint.terms.iter();
                let terms: Vec<String> = terms
                    .map(|term| format!("{}·{}", short(term.adjoint), short(term.partial)))
                    .collect();
                let _ = write!(
                    html,
                    "<td>{}</td><td style=\"text-align:left\">{}</td>",
                    short(adjoint.value),
                    terms.join(" + ")
                );
            }
            html += "</tr>";
        }
        html += "</tbody></table>";
        for trouble in &self.trace.troubles {
            let _ = write!(html, "<p>{}</p>", escaped(trouble));
        }
        html
    }
}

/// The chain rule told as a lecturer tells it: `print` shows it in Unicode.
#[pyclass(frozen, module = "uphill", name = "Explanation")]
pub(crate) struct Explanation {
    pub(crate) explanation: uphill_graph::Explanation,
}

#[pymethods]
impl Explanation {
    /// The derivative's number, at a point.
    #[getter]
    fn value(&self) -> Option<f64> {
        self.explanation.value()
    }

    /// The same with numbers of so many significant digits.
    fn digits(&self, digits: usize) -> Explanation {
        Explanation { explanation: self.explanation.clone().digits(digits) }
    }

    /// In plain ASCII.
    fn ascii(&self) -> String {
        self.explanation.ascii()
    }

    /// In LaTeX.
    fn latex(&self) -> String {
        self.explanation.latex()
    }

    fn __str__(&self) -> String {
        self.explanation.to_string()
    }

    fn __repr__(&self) -> String {
        self.explanation.to_string()
    }

    fn _repr_latex_(&self) -> String {
        format!("$${}$$", self.explanation.latex().trim_end())
    }
}

/// Values and derivatives as formulas: `print` shows them in Unicode.
#[pyclass(frozen, module = "uphill", name = "Formulas")]
pub(crate) struct Formulas {
    pub(crate) formulas: uphill_graph::Formulas,
}

#[pymethods]
impl Formulas {
    /// In plain ASCII; what stands on the right reads back as a formula.
    fn ascii(&self) -> String {
        self.formulas.ascii()
    }

    /// In LaTeX: one `aligned` block.
    fn latex(&self) -> String {
        self.formulas.latex()
    }

    fn __str__(&self) -> String {
        self.formulas.to_string()
    }

    fn __repr__(&self) -> String {
        self.formulas.to_string()
    }

    fn _repr_latex_(&self) -> String {
        format!("$${}$$", self.formulas.latex().trim_end())
    }
}

/// A picture, as SVG or PNG.
#[pyclass(frozen, module = "uphill", name = "Picture")]
pub(crate) struct Picture {
    pub(crate) picture: uphill_pictures::Picture,
}

fn theme(dark: bool) -> Theme {
    if dark { Theme::Dark } else { Theme::Light }
}

#[pymethods]
impl Picture {
    /// As SVG.
    #[pyo3(signature = (*, dark = false))]
    fn svg(&self, dark: bool) -> String {
        self.picture.svg(theme(dark))
    }

    /// As PNG, in bytes; `scale` times as large as the SVG.
    #[pyo3(signature = (*, dark = false, scale = 2.0))]
    fn png<'py>(&self, py: Python<'py>, dark: bool, scale: f64) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.picture.png(theme(dark), scale).raise()?))
    }

    fn _repr_svg_(&self) -> String {
        self.svg(false)
    }

    fn __repr__(&self) -> String {
        format!("<uphill.Picture: {}>", self.picture.title())
    }
}

/// A page for a browser, whole in one text: `page.html` to be saved, or shown by a notebook.
#[pyclass(frozen, module = "uphill", name = "Page")]
pub(crate) struct Page {
    pub(crate) html: String,
}

#[pymethods]
impl Page {
    /// The page.
    #[getter]
    fn html(&self) -> &str {
        &self.html
    }

    fn __repr__(&self) -> String {
        format!("<uphill.Page of {} characters: save page.html to a file>", self.html.len())
    }

    fn _repr_html_(&self) -> String {
        let page = escaped(&self.html);
        format!("<iframe srcdoc=\"{page}\" style=\"width:100%;height:36em;border:0\"></iframe>")
    }
}
