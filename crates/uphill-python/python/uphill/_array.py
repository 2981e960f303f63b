"""Arrays of recorded values: numpy's own, with dtype object, which know uphill's functions.

Elements are `Scalar`s or floats. Operators, functions, comparisons and choices, which numpy would decide by looking at values,
are recorded for a whole array in one call; where the array is long they become a loop. What is left is numpy's own loop over
the elements' operators.
"""

from __future__ import annotations

import numpy as np

from ._errors import InputError, RecordingError
from ._functions import _FOREIGN, _METHODS, ALL, where
from ._uphill import Index, Operation, Scalar, _entrywise, _product, _sums, entries


#: What is one operation of the table on each entry.
_OPERATIONS = {
    np.add: Operation("add"),
    np.subtract: Operation("sub"),
    np.multiply: Operation("mul"),
    np.divide: Operation("div"),
    np.negative: Operation("neg"),
}
_SQUARE, _POWER, _WHOLE_POWER, _FLOOR = map(Operation, ("square", "pow", "powi", "floor"))
#: The largest whole exponent that multiplies.
_LARGEST_EXPONENT = 2_147_483_000


#: What numpy's functions are that are more than operators.
_ELEMENTARY = {
    ufunc: ALL[_FOREIGN.get(name, name)].operation
    for name in [*ALL, *_FOREIGN]
    if isinstance(ufunc := getattr(np, name, None), np.ufunc) and name != "pow"
}
#: Functions of scipy.special, by their names.
_SPECIAL = {
    theirs: ALL[ours].operation
    for theirs, ours in {
        **{
            name: name
            for name in ("beta", "cbrt", "digamma", "erf", "erfc", "erfcx", "exp2", "expm1", "gamma", "log1p", "log_expit",
                         "log_ndtr", "logit", "ndtr", "xlogy")
        },
        "betaln": "ln_beta",
        "expit": "sigmoid",
        "gammaln": "lgamma",
        "psi": "digamma",
    }.items()
}  # fmt: skip
#: Not exported under a name of its own: what np.clip calls.
_CLIP = getattr((getattr(np, "_core", None) or np.core).umath, "clip", None)
if _CLIP is not None:
    _ELEMENTARY[_CLIP] = ALL["clip"].operation


class Array(np.ndarray):
    """An array of recorded values, as `uphill.record` hands it to a function, or `uphill.array` makes it of data.

    A numpy array: slicing, broadcasting, `@`, `numpy.exp(w)`, `numpy.sum(w)`, `w.reshape(…)`. Comparisons give arrays of 1 and
    0, `numpy.where` and `numpy.maximum` are recorded. The counter of a loop picks from it: `w[i]`, `W[i, 2*j]`.
    """

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **settings):
        return _ufunc(ufunc, method, *inputs, out=out, **settings)

    def __array_function__(self, function, types, arguments, settings):
        return _function(function, arguments, settings)

    def dot(self, other, out=None):
        return np.dot(self, other) if out is None else super().dot(other, out)

    def __getitem__(self, key):
        keys = key if isinstance(key, tuple) else (key,)
        if any(isinstance(one, Index) for one in keys):
            return _picked(self, keys)
        _refuse_masks(keys)
        return super().__getitem__(key)

    def __setitem__(self, key, value):
        keys = key if isinstance(key, tuple) else (key,)
        if any(isinstance(one, Index) for one in keys):
            raise RecordingError(
                "a loop's body can't change an array from outside: give values back by uphill.loops.map, or carry them "
                "along by uphill.loops.scan"
            )
        _refuse_masks(keys)
        super().__setitem__(key, value)

    def __bool__(self):
        if self.size == 1:
            return bool(self.item())
        return super().__bool__()


def _refuse_masks(keys):
    for key in keys:
        if isinstance(key, Scalar) or isinstance(key, np.ndarray) and key.dtype == object and key.size:
            raise RecordingError(
                "a subscript looks at recorded values: write numpy.where(mask, x, 0) for entries that a condition picks"
            )


#: Functions of numpy that look at values, and have nothing in their place.
_LOOKING = (np.argmax, np.argmin, np.sort, np.argsort, np.nonzero, np.median, np.percentile, np.quantile)


def _function(function, arguments, settings):
    """A function of numpy of which an argument is recorded."""
    from ._linear import RECORDED

    if function in RECORDED:
        return RECORDED[function](*arguments, **settings)
    if function is np.where and len(arguments) == 3 and not settings:
        return where(*arguments)
    name = f"{function.__module__}.{function.__name__}"
    if function in _LOOKING:
        raise RecordingError(
            f"{name} looks at values while code is recorded: "
            "write uphill.where, uphill.maximum and uphill.minimum, which record the choice"
        )
    if function is np.dot and len(arguments) == 2 and not settings and all(np.ndim(one) in (1, 2) for one in arguments):
        return np.matmul(*arguments)
    if function is np.clip:
        arguments, settings = _clipped(*arguments, **settings)
        return ALL["clip"](*arguments) if arguments[1] is not None is not arguments[2] and not settings else _bounded(*arguments)
    try:
        result = function._implementation(*arguments, **settings)
    except RecordingError as error:
        raise RecordingError(f"{name}: {error}") from error
    except (TypeError, AttributeError) as error:
        raise RecordingError(f"{name} doesn't take recorded values, but numbers alone ({error})") from error
    return _all_wrapped(result)


def _clipped(x, a_min=None, a_max=None, out=None, *, min=None, max=None, **settings):  # noqa: A002
    """The arguments of numpy.clip, whichever names they came by."""
    if out is not None:
        settings["out"] = out
    return (x, a_min if min is None else min, a_max if max is None else max), settings


def _bounded(x, low, high):
    """Between bounds of which one may be missing."""
    x = x if low is None else ALL["maximum"](x, low)
    return x if high is None else ALL["minimum"](x, high)


def _all_wrapped(result):
    if isinstance(result, np.ndarray):
        return _wrapped(result) if type(result) is np.ndarray else result
    if type(result) in (list, tuple):
        return type(result)(map(_all_wrapped, result))
    return result


def _ufunc(ufunc, method, *inputs, out=None, **settings):
    """A function of numpy on arrays of which one is recorded."""
    if settings.get("where", True) is True and settings.get("initial") is None:
        result = _at_once(ufunc, method, inputs, settings)
        if result is not NotImplemented:
            if out is None or out[0] is None:
                return result
            out[0][...] = result
            return out[0]
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


def _at_once(ufunc, method, inputs, settings):
    """The same for all entries in one call, or `NotImplemented`."""
    if method == "__call__":
        operation = _OPERATIONS.get(ufunc)
        if operation is not None:
            return _applied(operation, *inputs)
        if ufunc is np.power:
            return _raised(*inputs)
        if ufunc is np.floor_divide:
            return _applied(_FLOOR, _applied(_OPERATIONS[np.divide], *inputs))
        if ufunc is np.matmul and "axes" not in settings:
            return _multiplied(*map(_plain, inputs))
        operation = _ELEMENTARY.get(ufunc) or _SPECIAL.get(ufunc.__name__)
        if operation is not None:
            return _applied(operation, *inputs)
    if method == "reduce" and ufunc is np.add:
        return _added(_plain(inputs[0]), settings.get("axis", 0), settings.get("keepdims", False))
    return NotImplemented


def _applied(operation: Operation, *operands):
    """An operation on each entry of arrays that broadcast."""
    arrays = [_plain(operand) for operand in operands]
    shape = np.broadcast_shapes(*[array.shape for array in arrays])
    if 0 in shape:
        return np.empty(shape)
    arrays = [array if array.size == 1 or array.shape == shape else np.broadcast_to(array, shape) for array in arrays]
    result = _entrywise(operation, arrays)
    return _wrapped(result.reshape(shape)) if shape else result[0]


def _raised(base, exponent):
    whole = exponent.item() if isinstance(exponent, (np.ndarray, np.generic)) and np.ndim(exponent) == 0 else exponent
    if type(whole) is int and abs(whole) <= _LARGEST_EXPONENT:
        return _applied(_SQUARE, base) if whole == 2 else _applied(_WHOLE_POWER, base, float(whole))
    if isinstance(exponent, np.ndarray) and exponent.dtype.kind in "iu":
        return NotImplemented
    return _applied(_POWER, base, exponent)


def _multiplied(left: np.ndarray, right: np.ndarray):
    if left.ndim not in (1, 2) or right.ndim not in (1, 2) or left.shape[-1] != right.shape[0] or not left.size * right.size:
        return NotImplemented
    shape = (*left.shape[:-1], *right.shape[1:])
    result = _product(left, right, left.shape[-1])
    return _wrapped(result.reshape(shape)) if shape else result[0]


def _added(array: np.ndarray, axis, keepdims):
    """Sums along axes."""
    axes = range(array.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    if not array.size or not array.ndim or not all(-array.ndim <= one < array.ndim for one in axes):
        return NotImplemented
    axes = [one % array.ndim for one in axes]
    others = [one for one in range(array.ndim) if one not in axes]
    length = int(np.prod([array.shape[one] for one in axes], dtype=int))
    sums = _sums(array.transpose([*others, *axes]), length)
    shape = [1 if one in axes else array.shape[one] for one in range(array.ndim) if keepdims or one not in axes]
    return _wrapped(sums.reshape(shape)) if shape else sums[0]


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


#: What does numpy's functions on objects, entry by entry, for those that are more than operators.
_UFUNCS = {
    ufunc: np.frompyfunc(function, ufunc.nin, 1)
    for ufunc, function in [*_ELEMENTARY.items(), *((getattr(np, name), function) for name, function in _METHODS.items())]
}
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
    return result.view(Array) if _is_recorded(result) else result.astype(float)


def _is_recorded(array: np.ndarray) -> bool:
    return array.dtype == object and any(isinstance(value, (Scalar, Index)) for value in array.flat)


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
