"""Arrays of recorded values: numpy's own, with dtype object, which know uphill's functions.

Elements are `Scalar`s or floats. Arithmetic is numpy's loop over the elements' operators; functions, comparisons and choices,
which numpy would decide by looking at values, are recorded.
"""

from __future__ import annotations

import numpy as np

from ._errors import InputError, RecordingError
from ._functions import _FOREIGN, _METHODS, ALL, where
from ._uphill import Index, Scalar, entries


def _recorded_ufuncs() -> dict:
    """For each function of numpy that is more than operators what does it on objects."""
    names = [*ALL, *_FOREIGN]
    ufuncs = {}
    for name in names:
        ufunc = getattr(np, name, None)
        if isinstance(ufunc, np.ufunc) and name not in ("pow", "abs"):
            ufuncs[ufunc] = ALL[_FOREIGN.get(name, name)].over_arrays(ufunc.nin)
    ufuncs[np.absolute] = ALL["abs"].over_arrays(1)
    for name, function in _METHODS.items():
        ufunc = getattr(np, name)
        ufuncs[ufunc] = np.frompyfunc(function, ufunc.nin, 1)
    # Not exported under a name of its own: what np.clip calls.
    core = getattr(np, "_core", None) or np.core
    clip = getattr(core.umath, "clip", None)
    if clip is not None:
        ufuncs[clip] = ALL["clip"].over_arrays(3)
    return ufuncs


class Array(np.ndarray):
    """An array of recorded values, as `uphill.record` hands it to a function, or `uphill.array` makes it of data.

    A numpy array: slicing, broadcasting, `@`, `numpy.exp(w)`, `numpy.sum(w)`, `w.reshape(…)`. Comparisons give arrays of 1 and
    0, `numpy.where` and `numpy.maximum` are recorded. The counter of a loop picks from it: `w[i]`, `W[i, 2*j]`.
    """

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **settings):
        return _ufunc(ufunc, method, *inputs, out=out, **settings)

    def __array_function__(self, function, types, arguments, settings):
        if function is np.where and len(arguments) == 3 and not settings:
            return where(*arguments)
        if function in (np.argmax, np.argmin, np.sort, np.argsort, np.nonzero, np.median, np.percentile, np.quantile):
            raise RecordingError(
                f"numpy.{function.__name__} looks at values while code is recorded: "
                "write uphill.where, uphill.maximum and uphill.minimum, which record the choice"
            )
        return super().__array_function__(function, types, arguments, settings)

    def __getitem__(self, key):
        keys = key if isinstance(key, tuple) else (key,)
        if any(isinstance(one, Index) for one in keys):
            return _picked(self, keys)
        return super().__getitem__(key)

    def __setitem__(self, key, value):
        keys = key if isinstance(key, tuple) else (key,)
        if any(isinstance(one, Index) for one in keys):
            raise RecordingError(
                "a loop's body can't change an array from outside: give values back by uphill.loops.map, or carry them "
                "along by uphill.loops.scan"
            )
        super().__setitem__(key, value)

    def __bool__(self):
        if self.size == 1:
            return bool(self.item())
        return super().__bool__()


def _ufunc(ufunc, method, *inputs, out=None, **settings):
    """A function of numpy on arrays of which one is recorded."""
    recorded = _UFUNCS.get(ufunc)
    if recorded is not None:
        settings.pop("dtype", None)
        ufunc = recorded
    if method == "at":
        raise RecordingError(f"numpy.{ufunc.__name__}.at changes an array in place: add values up by slices")
    if settings.get("initial") is None:
        settings.pop("initial", None)
    if out is not None:
        settings["out"] = tuple(None if one is None else _plain(one) for one in out)
    if ufunc.nout > 1 and recorded is None:
        raise RecordingError(f"numpy.{ufunc.__name__} isn't recorded; functions that are: {', '.join(ALL)}")
    if recorded is None and ufunc not in _OPERATORS:
        raise RecordingError(f"numpy.{ufunc.__name__} isn't recorded; functions that are: {', '.join(ALL)}")
    inputs = list(map(_plain, inputs))
    if method == "reduce" and recorded is not None:
        # numpy doesn't know that this may be done along several axes in any order.
        inputs[0], settings = _along_one_axis(inputs[0], settings)
    try:
        result = getattr(ufunc, method)(*inputs, **settings)
    except TypeError as error:
        cause = error.__cause__
        raise cause if isinstance(cause, RecordingError) else error
    return out[0] if out is not None and out[0] is not None else _wrapped(result)


def _along_one_axis(array: np.ndarray, settings: dict):
    """The same reduction along the last axis alone."""
    axis = settings.get("axis", 0)
    axes = range(array.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = [one % array.ndim for one in axes]
    if len(axes) < 2 and axis is not None or settings.get("where", True) is not True:
        return array, settings
    others = [one for one in range(array.ndim) if one not in axes]
    lengths = [array.shape[one] for one in others]
    if settings.get("keepdims"):
        lengths = [1 if one in axes else array.shape[one] for one in range(array.ndim)]
    moved = array.transpose([*others, *axes]).reshape(*lengths, -1)
    return moved, {**settings, "axis": -1, "keepdims": False}


_UFUNCS = _recorded_ufuncs()
_OPERATORS = {
    np.add,
    np.subtract,
    np.multiply,
    np.divide,
    np.negative,
    np.positive,
    np.power,
    np.floor_divide,
    np.matmul,
    *(getattr(np, name) for name in ("vecdot", "matvec", "vecmat") if hasattr(np, name)),
}


def _plain(value) -> np.ndarray:
    """As a plain array: of floats, or of objects."""
    if isinstance(value, np.ndarray):
        return value.view(np.ndarray)
    if isinstance(value, (Scalar, Index)):
        single = np.empty((), dtype=object)
        single[()] = value.value if isinstance(value, Index) else value
        return single
    return np.asarray(value)


def _wrapped(result):
    """An array of objects as an `Array`; one that holds numbers alone as an array of floats."""
    if not isinstance(result, np.ndarray) or result.dtype != object:
        return result
    if not any(isinstance(value, Scalar) for value in result.flat):
        return result.astype(float)
    return result.view(Array)


def _flat(value) -> np.ndarray:
    """In one dimension, of floats, or of objects where one is recorded."""
    array = _plain(value)
    if array.dtype != object:
        if array.dtype.kind not in "fiub":
            raise InputError(f"expected numbers, got an array of {array.dtype}")
        return np.ascontiguousarray(array, dtype=np.float64).ravel()
    array = array.ravel()
    if any(isinstance(one, (Scalar, Index)) for one in array):
        return array
    try:
        return np.array([float(one) for one in array], dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"expected numbers: {error}") from None


def _shaped(values, shape) -> Array:
    """Recorded values as an array."""
    # numpy looks at no entry, as it does where a list is assigned.
    return np.fromiter(values, dtype=object, count=len(values)).reshape(shape).view(Array)


def array(values) -> Array:
    """Numbers and recorded values, nested as numpy has it, as an array that records.

    Wrap data by it to pick from them by the counter of a loop: `data = uphill.array(data)`, then `data[i]`.
    """
    plain = np.array(_unwrapped(values), dtype=object)
    for place, value in enumerate(plain.flat):
        if isinstance(value, Index):
            plain.flat[place] = value.value
        elif not isinstance(value, (Scalar, float)):
            try:
                plain.flat[place] = float(value)
            except (TypeError, ValueError):
                kind = type(value).__name__
                raise InputError(f"an array of recorded values: expected numbers in a regular nesting, got {kind}") from None
    return plain.view(Array)


def _unwrapped(values):
    return values.view(np.ndarray) if isinstance(values, np.ndarray) else values


def zeros(shape) -> Array:
    """Zeros in an array that can be filled with recorded values, entry by entry: `out[k] = x`."""
    plain = np.empty(shape, dtype=object)
    plain[...] = 0.0
    return plain.view(Array)


def _picked(array: Array, keys: tuple):
    """Entries at a place that moves with loops."""
    given = sum(key is not None and key is not Ellipsis for key in keys)
    if any(isinstance(key, (list, np.ndarray)) or key is None for key in keys):
        raise RecordingError("beside a counter there are counters, whole numbers and slices; reshape first")
    if given > array.ndim:
        raise InputError(f"{given} subscripts for an array of {array.ndim} dimensions")
    if any(key is Ellipsis for key in keys):
        at = next(place for place, key in enumerate(keys) if key is Ellipsis)
        keys = keys[:at] + (slice(None),) * (array.ndim - given) + keys[at + 1 :]
    positions = np.arange(array.size).reshape(array.shape)
    place, still = 0, []
    for axis, key in enumerate(keys):
        if not isinstance(key, Index):
            still.append(key)
            continue
        low, high = key.range
        if low < 0 or high >= array.shape[axis]:
            from ._errors import PlaceError

            raise PlaceError(
                f"a loop reads the entries {low} to {high} along axis {axis}, which has {array.shape[axis]}"
            )
        stride = int(np.prod(array.shape[axis + 1 :], dtype=int))
        place = place + key * stride
        still.append(0)
    behind = positions[tuple(still)]
    flat = list(array.view(np.ndarray).ravel())
    found = entries(flat, place, np.ravel(behind).tolist())
    return found[0] if behind.ndim == 0 else _shaped(found, behind.shape)
