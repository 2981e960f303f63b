"""What other frameworks call: a function and its derivatives of flat inputs, and the arguments that become these."""

from __future__ import annotations

import numpy as np

from ._errors import InputError
from ._uphill import Function


class Stage:
    """A function or a derivative of it, of flat inputs, with as many derivatives as are left."""

    def __init__(self, function: Function, orders: int):
        self.function = function
        self.size = len(function.input_names)
        self.count = len(function.output_names)
        self.by = [group for group in function.inputs if group[2] == "variable"]
        self.orders = orders
        self._program = self._pullback = None

    def run(self, x) -> np.ndarray:
        """All outputs, of one point or of a row each."""
        x = np.ascontiguousarray(x, dtype=np.float64)
        if self._program is None:
            self._program = self.function.compile(strict=True)
        if x.ndim == 1:
            return np.concatenate([np.ravel(part) for part in _parts(self._program(x))])
        table = x.reshape(-1, self.size)
        return self._program.samples(table).reshape(*x.shape[:-1], self.count)

    def pullback(self) -> Stage:
        """The vector-Jacobian product by all inputs, the function's variables as well as its parameters."""
        if self._pullback is None:
            self._pullback = Stage(_by_all(self.function).vjp(), self.orders - 1)
        return self._pullback


def _parts(result):
    return result if isinstance(result, tuple) else (result,)


def _by_all(function: Function) -> Function:
    """The same function, with every input a variable and all outputs in one array."""
    from ._record import record

    inputs = {name: None if length is None else (length,) for name, length, _ in function.inputs}
    name = "y"
    while f"adjoint_{name}" in inputs:
        name += "'"

    def outputs(*values):
        flat = [np.ravel(part) if isinstance(part, np.ndarray) else [part] for part in _parts(function(*values))]
        return {name: [one for part in flat for one in part]}

    return record(outputs, inputs)


def wrapped(function: Function, operation, flat, join):
    """A function with the arguments and the shapes of another, by an operation of flat inputs and outputs.

    `flat` makes an array of one axis of an argument, and `join` one array of several.
    """
    groups = function.inputs
    parts, single = function._shapes

    def call(*arguments, **named):
        values = list(arguments)
        for name, _, _ in groups[len(values) :]:
            if name not in named:
                raise InputError(f"{function.signature}: `{name}` not given")
            values.append(named.pop(name))
        if named or len(values) != len(groups):
            raise InputError(f"{function.signature} takes {len(groups)} arguments, got {len(arguments) + len(named)}")
        inputs = []
        for (name, length, _), value in zip(groups, values):
            numbers = flat(value)
            if len(numbers) != (1 if length is None else length):
                raise InputError(f"input `{name}` of {function.signature}: expected {length or 1} numbers, got {len(numbers)}")
            inputs.append(numbers)
        result = operation(join(inputs))
        results, start = [], 0
        for shape in parts:
            count = 1 if shape is None else int(np.prod(shape, dtype=int))
            results.append(result[start : start + count].reshape(tuple(shape or ())))
            start += count
        return results[0] if single else tuple(results)

    call.__name__ = call.__qualname__ = "uphill"
    call.__doc__ = f"{function.signature}, of uphill."
    return call
