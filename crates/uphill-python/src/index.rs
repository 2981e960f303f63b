//! Counters of loops, and places computed from them, as Python code has them.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyInt, PyList};

use crate::error;
use crate::place::{Lookup, Place};
use crate::scalar::{Given, Operands, Scalar, mixed, required};
use crate::tape::{Entry, Kind, Operand, Tape, Value};

/// The counter of a loop that is recorded, or a place computed from counters.
///
/// It picks entries: `x[i]`, `x[2*i + 1]`, `W[i, j]`. Whole numbers times counters may be added up; with other numbers it is
/// a recorded value, as is `i.value`.
#[pyclass(frozen, module = "uphill", name = "Index")]
pub(crate) struct Index {
    pub(crate) tape: Arc<Tape>,
    pub(crate) place: Arc<Place>,
}

/// A whole number or a place.
fn whole(object: &Bound<'_, PyAny>, tape: &Arc<Tape>) -> PyResult<Option<Arc<Place>>> {
    if let Ok(index) = object.cast::<Index>() {
        let index = index.get();
        return match Arc::ptr_eq(&index.tape, tape) {
            true => Ok(Some(index.place.clone())),
            false => Err(mixed()),
        };
    }
    if object.is_instance_of::<PyInt>() {
        return Ok(Some(Arc::new(Place::number(object.extract()?))));
    }
    // numpy's whole numbers.
    let py = object.py();
    let is_whole = object.hasattr(pyo3::intern!(py, "__index__"))?
        && !object.hasattr(pyo3::intern!(py, "__len__"))?
        && !object.is_instance_of::<Scalar>();
    Ok(match is_whole {
        true => object.extract().ok().map(|number| Arc::new(Place::number(number))),
        false => None,
    })
}

impl Index {
    /// The place as a recorded value.
    pub(crate) fn as_value(&self) -> PyResult<Value> {
        let mut written = self.tape.written();
        written.check_place(&self.place)?;
        written.push(Entry::Value(self.place.clone()))
    }

    fn scalar(&self) -> PyResult<Scalar> {
        Ok(Scalar { tape: self.tape.clone(), value: self.as_value()? })
    }

    fn answer(&self, py: Python<'_>, place: Result<Place, &str>) -> PyResult<Py<PyAny>> {
        let place = place.map_err(error::place)?;
        place.range().map_err(error::place)?;
        match place.known() {
            Some(number) => Ok(number.into_pyobject(py)?.into_any().unbind()),
            None => {
                let index = Index { tape: self.tape.clone(), place: Arc::new(place) };
                Ok(Py::new(py, index)?.into_any())
            }
        }
    }

    /// With whole numbers and places a place, else an operation on the value.
    fn operate(
        &self,
        other: &Bound<'_, PyAny>,
        method: &str,
        places: impl Fn(&Place, &Place) -> Option<Result<Place, &'static str>>,
    ) -> PyResult<Py<PyAny>> {
        let py = other.py();
        if let Some(other) = whole(other, &self.tape)?
            && let Some(place) = places(&self.place, &other)
        {
            return self.answer(py, place);
        }
        let own = Bound::new(py, self.scalar()?)?;
        Ok(own.call_method1(method, (other,))?.unbind())
    }
}

#[pymethods]
impl Index {
    fn __add__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.operate(other, "__add__", |a, b| Some(a.plus(b, 1)))
    }
    fn __radd__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.operate(other, "__radd__", |a, b| Some(a.plus(b, 1)))
    }
    fn __sub__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.operate(other, "__sub__", |a, b| Some(a.plus(b, -1)))
    }
    fn __rsub__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.operate(other, "__rsub__", |a, b| Some(b.plus(a, -1)))
    }
    fn __mul__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.operate(other, "__mul__", |a, b| match (a.known(), b.known()) {
            (_, Some(factor)) => Some(a.times(factor)),
            (Some(factor), _) => Some(b.times(factor)),
            _ => None,
        })
    }
    fn __rmul__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.operate(other, "__rmul__", |a, b| b.known().map(|factor| a.times(factor)))
    }
    fn __truediv__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.operate(other, "__truediv__", |_, _| None)
    }
    fn __rtruediv__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.operate(other, "__rtruediv__", |_, _| None)
    }
    fn __pow__(
        &self,
        other: &Bound<'_, PyAny>,
        modulo: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        match modulo {
            None => self.operate(other, "__pow__", |_, _| None),
            Some(_) => Ok(other.py().NotImplemented()),
        }
    }
    fn __neg__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.answer(py, self.place.times(-1))
    }
    fn __richcmp__(
        &self,
        other: &Bound<'_, PyAny>,
        how: pyo3::basic::CompareOp,
    ) -> PyResult<Py<PyAny>> {
        let own = Bound::new(other.py(), self.scalar()?)?;
        Ok(own.rich_compare(other, how)?.unbind())
    }
    fn __hash__(&self) -> u64 {
        Arc::as_ptr(&self.place) as u64
    }
    fn __bool__(&self) -> PyResult<bool> {
        Err(error::recording(
            "a counter stands for all iterations of a loop, so that `if` can't look at it: write \
             uphill.where(i.value == 0, a, b), or make the first iterations by themselves",
        ))
    }
    fn __index__(&self) -> PyResult<i64> {
        Err(error::recording(
            "a counter stands for all iterations of a loop, so that it picks from recorded vectors and from data that was \
             wrapped: write data = uphill.array(data), then data[i]",
        ))
    }
    fn __repr__(&self) -> PyResult<String> {
        let (low, high) = self.place.range().map_err(error::place)?;
        Ok(format!("<place from {low} to {high}>"))
    }
    /// The place as a recorded value, for times and positions that grow with it: `0.1 * i.value`.
    #[getter]
    fn value(&self) -> PyResult<Scalar> {
        self.scalar()
    }
    /// The lowest and the highest number that it becomes.
    #[getter]
    fn range(&self) -> PyResult<(i64, i64)> {
        self.place.range().map_err(error::place)
    }
}

/// Entries of a list of numbers and recorded values, at a place and so many behind it.
///
/// # Errors
///
/// `PlaceError` if the place is outside in some iteration.
#[pyfunction]
pub(crate) fn entries(
    list: &Bound<'_, PyList>,
    place: &Index,
    behind: Vec<i64>,
) -> PyResult<Vec<Scalar>> {
    let mut vector = Operands::new();
    vector.push(Given::Recorded(place.tape.clone(), Value { entry: 0, body: 0 }))?;
    vector.all.clear();
    vector.read.clear();
    for value in list {
        vector.push(required(&value, "an entry of a vector")?)?;
    }
    let length = vector.all.len();
    let shared: Arc<[Operand]> = Arc::from(vector.all.as_slice());
    let mut written = place.tape.written();
    written.check(&vector.read)?;
    written.check_place(&place.place)?;
    // Loops read vectors that lie outside of them.
    if vector.read.iter().any(|value| place.place.bodies().any(|body| body == value.body)) {
        return Err(error::recording(
            "a counter picks from a vector that its own loop makes: pick from what was there before the loop",
        ));
    }
    let mut entries = Vec::with_capacity(behind.len());
    for further in behind {
        let spot = place.place.plus(&Place::number(further), 1).map_err(error::place)?;
        let (low, high) = spot.range().map_err(error::place)?;
        if low < 0 || high >= length as i64 {
            return Err(error::place(format!(
                "a loop reads the entries {low} to {high} of a vector of {length}"
            )));
        }
        let value = written.push(Entry::At(shared.clone(), Arc::new(spot)))?;
        entries.push(Scalar { tape: place.tape.clone(), value });
    }
    Ok(entries)
}

/// Places of a vector, to be looked up by a counter: `x[table[i]]`.
///
/// Made of whole numbers from 0 on.
#[pyclass(frozen, module = "uphill.loops", name = "Table")]
pub(crate) struct PlaceTable {
    places: Arc<[u32]>,
}

#[pymethods]
impl PlaceTable {
    #[new]
    fn new(places: Vec<i64>) -> PyResult<PlaceTable> {
        let place = |(entry, place): (usize, i64)| {
            u32::try_from(place).ok().filter(|&place| place < u32::MAX).ok_or_else(|| {
                error::place(format!(
                    "entry {entry} of a table of places is {place}: expected a whole number from 0 on"
                ))
            })
        };
        let places: Vec<u32> =
            places.into_iter().enumerate().map(place).collect::<Result<_, _>>()?;
        Ok(PlaceTable { places: places.into() })
    }

    fn __len__(&self) -> usize {
        self.places.len()
    }

    fn __getitem__(&self, index: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let py = index.py();
        let length = self.places.len() as i64;
        if let Ok(index) = index.cast::<Index>() {
            let index = index.get();
            if index.place.lookup.is_some() {
                return Err(error::place(
                    "a table is looked up at a place that another table holds: make one table of them",
                ));
            }
            let (low, high) = index.place.range().map_err(error::place)?;
            if low < 0 || high >= length {
                return Err(error::place(format!(
                    "a loop looks up the entries {low} to {high} of a table of {length}"
                )));
            }
            let mut place = Place::number(0);
            let position = index.place.even.clone();
            place.lookup = Some(Lookup { table: self.places.clone(), position, scale: 1 });
            let looked_up = Index { tape: index.tape.clone(), place: Arc::new(place) };
            return Ok(Py::new(py, looked_up)?.into_any());
        }
        let at: i64 = index.extract()?;
        let from_start = if at < 0 { at + length } else { at };
        match usize::try_from(from_start).ok().and_then(|at| self.places.get(at)) {
            Some(&place) => Ok(place.into_pyobject(py)?.into_any().unbind()),
            None => Err(error::place(format!("entry {at} of a table of {length}"))),
        }
    }
}

/// A recording, as `uphill.record` holds it.
#[pyclass(frozen, module = "uphill._uphill", name = "Tape")]
pub(crate) struct PyTape {
    pub(crate) tape: Arc<Tape>,
}

/// What a loop begins with: its counter, and what it carries.
type Begun = (Index, Vec<Scalar>);

impl PyTape {
    fn scalars(&self, values: Vec<Value>) -> Vec<Scalar> {
        values.into_iter().map(|value| Scalar { tape: self.tape.clone(), value }).collect()
    }

    fn operands(&self, values: &[Bound<'_, PyAny>], what: &str) -> PyResult<Operands> {
        let mut operands = Operands::new();
        for value in values {
            operands.push(required(value, what)?)?;
        }
        match &operands.tape {
            Some(tape) if !Arc::ptr_eq(tape, &self.tape) => Err(mixed()),
            _ => Ok(operands),
        }
    }
}

#[pymethods]
impl PyTape {
    /// `groups`: name, length or None, and whether derivatives are taken by it.
    #[new]
    fn new(groups: Vec<(String, Option<u32>, bool)>) -> PyResult<PyTape> {
        use uphill_graph::{InputGroup, Inputs, Role};
        let groups = groups.into_iter().map(|(name, length, is_variable)| {
            let role = if is_variable { Role::Variable } else { Role::Parameter };
            InputGroup { name, length, role }
        });
        let inputs = Inputs::from_iter(groups);
        if inputs.len() >= u32::MAX as usize {
            return Err(error::input("a recording has less than 2³² inputs"));
        }
        Ok(PyTape { tape: Arc::new(Tape::new(inputs)) })
    }

    /// One value an input.
    fn inputs(&self) -> Vec<Scalar> {
        let count = self.tape.inputs.len() as u32;
        self.scalars((0..count).map(|entry| Value { entry, body: 0 }).collect())
    }

    /// Begins a loop of a kind, `map`, `sum`, `fold` or `scan`.
    fn begin(&self, kind: &str, count: usize, first: Vec<Bound<'_, PyAny>>) -> PyResult<Begun> {
        let kind = match kind {
            "map" => Kind::Map,
            "sum" => Kind::Sum,
            "fold" => Kind::Fold,
            _ => Kind::Scan,
        };
        let first = self.operands(&first, "what a loop begins with")?;
        let mut written = self.tape.written();
        written.check(&first.read)?;
        let (body, carried) = written.begin(kind, count, first.all.into_vec())?;
        drop(written);
        let place = Arc::new(Place::counter(body, count as i64 - 1));
        Ok((Index { tape: self.tape.clone(), place }, self.scalars(carried)))
    }

    /// Ends it: last states, then what is kept of each iteration in turn, or sums.
    fn end(
        &self,
        next: Vec<Bound<'_, PyAny>>,
        kept: Vec<Bound<'_, PyAny>>,
    ) -> PyResult<Vec<Scalar>> {
        let next = self.operands(&next, "the next state of a loop")?;
        let kept = self.operands(&kept, "what a loop gives")?;
        let mut written = self.tape.written();
        written.check(&next.read)?;
        written.check(&kept.read)?;
        let results = written.end(next.all.into_vec(), kept.all.into_vec())?;
        drop(written);
        Ok(self.scalars(results))
    }

    /// Forgets it.
    fn abandon(&self) {
        self.tape.written().abandon();
    }

    /// What no more can be written on.
    fn close(&self) {
        self.tape.written().ended = true;
    }

    /// Whether this is the recording of a value.
    fn holds(&self, value: &Bound<'_, PyAny>) -> bool {
        match value.cast::<Scalar>() {
            Ok(scalar) => Arc::ptr_eq(&scalar.get().tape, &self.tape),
            Err(_) => value.is_instance_of::<PyFloat>(),
        }
    }
}

impl PyTape {
    /// Values as operands of this recording that may be used now.
    pub(crate) fn outputs(&self, values: &[Bound<'_, PyAny>]) -> PyResult<Vec<Operand>> {
        let operands = self.operands(values, "what a recorded function gives back")?;
        self.tape.written().check(&operands.read)?;
        Ok(operands.all.into_vec())
    }
}
