"""Recording: a Python function is called once, with values that write down what is done with them."""

from __future__ import annotations

import contextlib
import gc
import inspect
import threading

import numpy as np

from ._array import Array, _shaped
from ._errors import InputError, RecordingError
from ._uphill import Function, Index, Scalar, Tape, _finish


class _Running(threading.local):
    """The recordings that go on in this thread, the innermost last."""

    def __init__(self):
        self.tapes: list = []


_running = _Running()


def current():
    """The recording that goes on, if there is one."""
    return _running.tapes[-1] if _running.tapes else None


@contextlib.contextmanager
def _no_search_for_cycles():
    """Python looks through its objects after every few hundred new ones for such that only hold each other.

    Recorded values hold nothing of Python's; to look through arrays of them took twice as long as to record.
    """
    searched = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searched:
            gc.enable()


def _groups(function, inputs, parameters):
    """Names, shapes (None for one number), and whether derivatives are taken by it."""
    if inputs is None:
        inputs = []
        for name, parameter in inspect.signature(function).parameters.items():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                raise InputError(f"the function takes *{name}: say the names of the inputs, record(f, ['w1', 'w2'])")
            if parameter.default is parameter.empty:
                inputs.append(name)
    if isinstance(inputs, str):
        inputs = [inputs]
    shapes = dict.fromkeys(inputs) if not isinstance(inputs, dict) else dict(inputs)
    if not isinstance(inputs, dict) and len(shapes) != len(list(inputs)):
        raise InputError("two inputs have one name; give each a name of its own")
    groups = []
    for name, shape in shapes.items():
        if not isinstance(name, str):
            raise InputError(f"the name of an input: expected a text, got {name!r}")
        if shape is not None and not isinstance(shape, tuple):
            shape = (shape,)
        try:
            shape = None if shape in (None, ()) else tuple(int(length) for length in shape)
        except (TypeError, ValueError):
            raise InputError(f"the shape of input `{name}`: expected a length or a tuple of lengths, got {shape!r}") from None
        if shape is not None and any(length < 0 for length in shape):
            raise InputError(f"the shape of input `{name}` has a negative length: {shape}")
        groups.append((name, shape, name not in parameters))
    unknown = [name for name in parameters if name not in shapes]
    if unknown:
        raise InputError(f"no input is named `{unknown[0]}`, which is to be a parameter; inputs: {', '.join(shapes)}")
    return groups


def _output(name, value):
    """Name, values, shape."""
    if isinstance(value, Index):
        value = value.value
    if isinstance(value, Scalar) or (np.ndim(value) == 0 and isinstance(value, (int, float, np.number))):
        return name, [value if isinstance(value, Scalar) else float(value)], None
    if isinstance(value, (list, tuple)):
        from ._array import array

        value = array(value)
    if isinstance(value, np.ndarray):
        plain = value.view(np.ndarray)
        if plain.ndim == 0:
            return _output(name, plain.item())
        if plain.dtype == object or plain.dtype.kind in "fiub":
            return name, list(plain.ravel().tolist()), plain.shape
    if value is None:
        raise RecordingError("a recorded function gives back nothing: does it lack a `return`?")
    raise RecordingError(
        f"a recorded function gives back {type(value).__name__}: expected a recorded value, an array of them, a tuple of "
        "these, or a dict of these by their names"
    )


def record(function=None, inputs=None, *, parameters=()) -> Function:
    """Records a Python function of scalars or arrays, by calling it once.

    `inputs` are the names of its arguments, each a scalar: `["w1", "w2"]`; or a dict of their shapes: `{"w": 10, "W": (3, 4),
    "b": None}`, where None is a scalar. Without it the arguments of the function are scalars. By `parameters`, some of these
    names, no derivatives are taken unless asked for.

    The function gives back a value, an array, a tuple of these (one part of the result each), or a dict, whose keys name the
    outputs. A value that was `named` gives its output this name; else it is `P`, the lecture's performance, or `P1`, `P2`, ….

        >>> import uphill
        >>> p = uphill.record(lambda w1, w2: 3*w1 - w2**2)
        >>> p(1.0, 2.0), p.gradient()(1.0, 2.0)
        (-1.0, array([ 3., -4.]))

    Without a function it is a decorator: `@uphill.record(inputs={"w": 3})`.

    Raises `RecordingError` for code that looks at values, and `InputError` for names and shapes that can't be.
    """
    if function is None:
        return lambda function: record(function, inputs, parameters=parameters)
    if isinstance(parameters, str):
        parameters = (parameters,)
    groups = _groups(function, inputs, parameters)
    lengths = [(name, None if shape is None else int(np.prod(shape, dtype=int)), wrt) for name, shape, wrt in groups]
    with _no_search_for_cycles():
        return _recorded(function, groups, lengths)


def _recorded(function, groups, lengths) -> Function:
    tape = Tape(lengths)
    values, arguments = tape.inputs(), []
    for (_, shape, _), (_, length, _) in zip(groups, lengths):
        if shape is None:
            arguments.append(values.pop(0))
        else:
            arguments.append(_shaped(values[:length], shape))
            del values[:length]
    _running.tapes.append(tape)
    try:
        result = function(*arguments)
        if isinstance(result, dict):
            for name in result:
                if not isinstance(name, str):
                    raise InputError(f"the name of an output: expected a text, got {name!r}")
            outputs, single = [_output(name, value) for name, value in result.items()], len(result) == 1
        elif isinstance(result, tuple):
            outputs, single = [_output(None, value) for value in result], False
        else:
            outputs, single = [_output(None, result)], True
        shapes = {name: shape for name, shape, _ in groups if shape is not None and len(shape) > 1}
        return _finish(tape, outputs, single, shapes)
    finally:
        _running.tapes.pop()
        tape.close()


__all__ = ["Array", "current", "record"]
