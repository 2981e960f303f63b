//! Compiled programs over arrays, without copies where these lie as they should, and without the interpreter's lock.

use std::sync::{Arc, Mutex, PoisonError};

use numpy::{
    PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods,
};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use uphill_engine::{Compiler, Samples, Workspace};
use uphill_graph::Inputs;

use crate::arguments::{Arguments, Taken, arguments};
use crate::error::{self, Raise};
use crate::function::Function;
use crate::over::OverSamples;
use crate::shapes::Shapes;

/// Below this the lock is kept: letting go of it costs more.
const SHORT: u64 = 2000;

/// A compiled program, made by `Function.compile` or `OverSamples.compile`.
///
/// That of a function is called as the function is, and over many points by `samples`. That of a function over samples is
/// called by `samples`, with the shared inputs behind the table. Threads may call one program at once.
#[pyclass(frozen, module = "uphill", name = "Program")]
pub(crate) struct Program {
    made_of: Made,
    program: Arc<uphill_engine::Program>,
    /// Each point a sample; compiled when it is first asked for.
    by_rows: Mutex<Option<Py<Program>>>,
    inputs: Inputs,
    shapes: Shapes,
    taken: Taken,
    strict: bool,
    threads: usize,
    is_long: bool,
    /// Memory to run in, unless a call has it.
    workspace: Mutex<Option<Workspace>>,
}

enum Made {
    Function(Arc<uphill_graph::Function>),
    OverSamples(Arc<uphill_engine::OverSamples>),
}

impl Program {
    pub(crate) fn of_function(
        py: Python<'_>,
        function: &Function,
        strict: bool,
        threads: usize,
    ) -> PyResult<Program> {
        let made_of = Made::Function(function.function.clone());
        let inputs = function.function.inputs().clone();
        let mut program =
            Program::new(py, made_of, inputs, function.shapes.clone(), strict, threads)?;
        program.taken = function.taken.clone();
        Ok(program)
    }

    pub(crate) fn over_samples(
        py: Python<'_>,
        function: &OverSamples,
        strict: bool,
        threads: usize,
    ) -> PyResult<Program> {
        let made_of = Made::OverSamples(Arc::new(function.over.clone()));
        Program::new(py, made_of, function.shared(), function.shapes.clone(), strict, threads)
    }

    fn new(
        py: Python<'_>,
        made_of: Made,
        inputs: Inputs,
        shapes: Shapes,
        strict: bool,
        threads: usize,
    ) -> PyResult<Program> {
        let compiler = if strict { Compiler::new().strict() } else { Compiler::new() };
        let program = py.detach(|| match &made_of {
            Made::Function(function) => compiler.compile(function),
            Made::OverSamples(function) => compiler.compile_samples(function),
        });
        let program = program.raise()?;
        let is_long = program.report().operations_per_call > SHORT;
        let program = Arc::new(program);
        let workspace = workspace(&program, threads)?;
        let (by_rows, workspace) = (Mutex::new(None), Mutex::new(Some(workspace)));
        Ok(Program {
            made_of,
            program,
            by_rows,
            inputs,
            shapes,
            taken: Taken::default(),
            strict,
            threads,
            is_long,
            workspace,
        })
    }

    /// Runs with memory of its own.
    fn with_workspace<T>(
        &self,
        run: impl FnOnce(&mut Workspace) -> Result<T, uphill_engine::Error>,
    ) -> PyResult<T> {
        let taken = self.workspace.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut own = match taken {
            Some(taken) => taken,
            None => workspace(&self.program, self.threads)?,
        };
        let result = run(&mut own);
        *self.workspace.lock().unwrap_or_else(PoisonError::into_inner) = Some(own);
        result.raise()
    }

    fn run(&self, py: Python<'_>, numbers: &[f64]) -> PyResult<Py<PyAny>> {
        if let (true, [Some(shape)]) = (self.shapes.single, self.shapes.parts.as_slice()) {
            let results = PyArray1::zeros(py, self.program.output_count(), false);
            {
                let mut writable = results.readwrite();
                self.fill(py, numbers, writable.as_slice_mut()?)?;
            }
            return Ok(match shape.len() {
                1 => results.into_any().unbind(),
                _ => results.reshape(shape.clone())?.into_any().unbind(),
            });
        }
        let mut few = [0.0; 8];
        let mut many = Vec::new();
        let results = match self.program.output_count() {
            count @ ..=8 => &mut few[..count],
            count => {
                many.resize(count, 0.0);
                &mut many[..]
            }
        };
        self.fill(py, numbers, results)?;
        self.shapes.put(py, results)
    }

    fn fill(&self, py: Python<'_>, numbers: &[f64], results: &mut [f64]) -> PyResult<()> {
        let run = |workspace: &mut Workspace| self.program.run(workspace, numbers, results);
        match self.is_long {
            true => py.detach(|| self.with_workspace(run)),
            false => self.with_workspace(run),
        }
    }

    fn signature(&self) -> String {
        self.program.signature()
    }

    /// The program in which each point is a sample.
    fn by_rows(
        &self,
        py: Python<'_>,
        function: &Arc<uphill_graph::Function>,
    ) -> PyResult<Py<Program>> {
        if let Some(made) = &*self.by_rows.lock().unwrap_or_else(PoisonError::into_inner) {
            return Ok(made.clone_ref(py));
        }
        let names: Vec<String> =
            function.inputs().groups().iter().map(|group| group.name.clone()).collect();
        let over = uphill_engine::OverSamples::new((**function).clone(), names).raise()?;
        let over = OverSamples { over, shapes: self.shapes.clone(), is_sum: false };
        let made = Py::new(py, Program::over_samples(py, &over, self.strict, self.threads)?)?;
        *self.by_rows.lock().unwrap_or_else(PoisonError::into_inner) = Some(made.clone_ref(py));
        Ok(made)
    }

    fn run_samples(
        &self,
        py: Python<'_>,
        shared: &[f64],
        samples: &Samples<'_>,
    ) -> PyResult<Py<PyAny>> {
        let count = samples.len();
        let length = self.program.output_length(count);
        let results = PyArray1::zeros(py, length, false);
        {
            let mut writable = results.readwrite();
            let slice = writable.as_slice_mut()?;
            py.detach(|| {
                self.with_workspace(|own| self.program.run_samples(own, shared, samples, slice))
            })?;
        }
        let per_call = self.program.output_length(0);
        if per_call == self.shapes.len() {
            return self.shapes.put(py, results.readonly().as_slice()?);
        }
        // One number after the other for each output: a row a sample is the same memory seen from the side.
        let array = results.reshape([self.shapes.len(), count])?.call_method0("transpose")?;
        Ok(match (self.shapes.single, self.shapes.parts.as_slice()) {
            (true, [None]) => array.call_method1("reshape", (count,))?.unbind(),
            (true, [Some(shape)]) if shape.len() != 1 => {
                let mut whole = vec![count];
                whole.extend(shape);
                array.call_method1("reshape", (whole,))?.unbind()
            }
            _ => array.unbind(),
        })
    }
}

fn workspace(program: &uphill_engine::Program, threads: usize) -> PyResult<Workspace> {
    program.workspace().threads(threads).raise()
}

/// Samples as Python has them.
pub(crate) enum Table<'py> {
    Rows(PyReadonlyArray2<'py, f64>),
    Columns(Vec<PyReadonlyArray1<'py, f64>>),
}

impl<'py> Table<'py> {
    /// A table with one row a sample, or columns by name.
    pub(crate) fn read(given: &Bound<'py, PyAny>, names: &[String]) -> PyResult<Table<'py>> {
        let py = given.py();
        let numpy = py.import("numpy")?;
        let lent = |e: numpy::BorrowError| error::input(e.to_string());
        if let Ok(columns) = given.cast::<PyDict>() {
            let mut all = Vec::with_capacity(names.len());
            for name in names {
                let Some(column) = columns.get_item(name)? else {
                    return Err(error::unknown(format!("samples: column `{name}` is missing")));
                };
                let column = numpy.call_method1("ascontiguousarray", (column, "float64"))?;
                all.push(column.cast_into::<PyArray1<f64>>()?.try_readonly().map_err(lent)?);
            }
            return Ok(Table::Columns(all));
        }
        let array = match given.cast::<PyArray2<f64>>() {
            Ok(array) if array.is_c_contiguous() || array.is_fortran_contiguous() => array.clone(),
            _ => {
                let array = numpy.call_method1("ascontiguousarray", (given, "float64"))?;
                let dimensions: usize = array.getattr("ndim")?.extract()?;
                let array = match dimensions {
                    2 => array,
                    1 if names.len() == 1 => array.call_method1("reshape", (-1, 1))?,
                    _ => {
                        return Err(error::input(format!(
                            "samples: expected a table of 2 dimensions, one row a sample and {} columns, got {dimensions} \
                             dimensions",
                            names.len()
                        )));
                    }
                };
                array.cast_into::<PyArray2<f64>>()?
            }
        };
        let [_, width] = [array.shape()[0], array.shape()[1]];
        if width != names.len() {
            return Err(error::input(format!(
                "samples: expected {} columns ({}), got {width}",
                names.len(),
                names.iter().take(8).cloned().collect::<Vec<_>>().join(", ")
            )));
        }
        Ok(Table::Rows(array.try_readonly().map_err(lent)?))
    }

    pub(crate) fn with<T>(&self, run: impl FnOnce(&Samples<'_>) -> PyResult<T>) -> PyResult<T> {
        let columns: Vec<&[f64]> = match self {
            Table::Rows(array) => {
                let shape = array.shape();
                let (rows, width) = (shape[0], shape[1]);
                if width == 0 {
                    return run(&Samples::without_columns(rows));
                }
                if array.is_c_contiguous() {
                    return run(&Samples::rows(array.as_slice()?, width).raise()?);
                }
                // Column after column.
                match rows {
                    0 => vec![&[]; width],
                    _ => array.as_slice()?.chunks_exact(rows).collect(),
                }
            }
            Table::Columns(columns) => {
                columns.iter().map(|column| column.as_slice()).collect::<Result<_, _>>()?
            }
        };
        run(&Samples::columns(&columns).raise()?)
    }
}

#[pymethods]
impl Program {
    #[pyo3(signature = (*arguments, **named))]
    fn __call__(
        &self,
        py: Python<'_>,
        arguments: &Bound<'_, PyTuple>,
        named: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Py<PyAny>> {
        if matches!(self.made_of, Made::OverSamples(_)) {
            return Err(error::input(
                "this program runs over samples: program.samples(table, …), with the shared inputs behind the table",
            ));
        }
        let signature = || self.signature();
        match crate::arguments::shaped(&self.inputs, &self.taken, &signature, arguments, named)? {
            Arguments::Lent(array) => self.run(py, array.as_slice()?),
            Arguments::Numbers(numbers) => self.run(py, &numbers),
            Arguments::Recorded(_) => Err(error::recording(
                "a program runs on numbers; record a call of the function that it was made of",
            )),
        }
    }

    /// The program over samples: a row of the table a sample, or a dict of columns by name.
    ///
    /// Of a program of a function every input is a column. The shared inputs of a program over samples follow, by position
    /// or by name. Gives one row a sample; for sums one number an output. A table of floats in rows or in columns is read
    /// where it lies.
    #[pyo3(signature = (table, *shared, **named))]
    fn samples(
        &self,
        py: Python<'_>,
        table: &Bound<'_, PyAny>,
        shared: &Bound<'_, PyTuple>,
        named: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Py<PyAny>> {
        let over = match &self.made_of {
            Made::OverSamples(over) => over,
            Made::Function(function) => {
                let program = self.by_rows(py, function)?;
                return program.get().samples(py, table, shared, named);
            }
        };
        let signature = || self.signature();
        let given = arguments(&self.inputs, &signature, shared, named)?;
        let numbers = given.numbers("a program runs on numbers")?;
        let table = Table::read(table, over.column_names())?;
        table.with(|samples| self.run_samples(py, &numbers, samples))
    }

    /// The seconds that one of so many runs in a row takes without Python.
    fn _seconds(&self, point: &Bound<'_, PyAny>, runs: u32) -> PyResult<f64> {
        let point = crate::arguments::vector(point, "a point")?;
        let mut results = vec![0.0; self.program.output_count()];
        self.with_workspace(|workspace| {
            let begin = std::time::Instant::now();
            for _ in 0..runs {
                let point = std::hint::black_box(&point);
                self.program.run(workspace, point, std::hint::black_box(&mut results))?;
            }
            Ok(begin.elapsed().as_secs_f64() / f64::from(runs))
        })
    }

    /// The program as Rust that needs nothing else.
    fn to_rust(&self, name: &str) -> PyResult<String> {
        self.program.to_rust(name).raise()
    }

    /// The program as C99 that needs nothing else.
    fn to_c(&self, name: &str) -> PyResult<String> {
        self.program.to_c(name).raise()
    }

    /// How large it is, and what the compiler has found in it, in words.
    fn report(&self) -> String {
        self.program.report().to_string()
    }

    fn __str__(&self) -> String {
        self.program.to_string()
    }

    fn __repr__(&self) -> String {
        format!("<uphill.Program {}>", self.signature())
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Kept)> {
        let Made::Function(function) = &self.made_of else {
            return Err(error::input(
                "programs over samples can't be pickled: pickle the function, and compile it again",
            ));
        };
        let again = py.import("uphill._uphill")?.getattr("_compile")?;
        let (shapes, taken) = (self.shapes.clone(), self.taken.clone());
        let function = Function { function: function.clone(), shapes, taken };
        Ok((again, (function, self.strict, self.threads)))
    }
}

/// What a program is made of.
type Kept = (Function, bool, usize);

/// What `pickle` calls.
#[pyfunction]
pub(crate) fn _compile(
    py: Python<'_>,
    function: PyRef<'_, Function>,
    strict: bool,
    threads: usize,
) -> PyResult<Program> {
    Program::of_function(py, &function, strict, threads)
}
