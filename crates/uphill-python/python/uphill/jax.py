"""Functions of uphill inside of JAX: with `jax.grad`, `jax.jvp`, `jax.hessian`, `jax.jit` and `jax.vmap`, to second order.

JAX calls compiled programs of uphill for the value and for the derivatives; all are in 64 bits, so that JAX has to be told:
`jax.config.update("jax_enable_x64", True)`.

    import jax, uphill, uphill.jax
    jax.config.update("jax_enable_x64", True)
    p = uphill.jax.wrap(uphill.record(lambda w, b: b*(w @ w), {"w": 3, "b": None}))
    jax.grad(p)(jax.numpy.ones(3), 2.0)        # by w
    jax.jit(jax.hessian(p))(jax.numpy.ones(3), 2.0)

Derivatives are rules of their own: reverse mode runs uphill's vector-Jacobian product, and its derivative is again one of
uphill. So is the second; a third raises JAX's error about callbacks that can't be differentiated.
"""

from __future__ import annotations

import numpy as np

from ._errors import InputError, UnsupportedError
from ._uphill import Function

__all__ = ["wrap"]


def _jax():
    try:
        import jax
    except ImportError:
        raise UnsupportedError("uphill.jax needs JAX: pip install jax") from None
    if not jax.config.jax_enable_x64:
        raise UnsupportedError('uphill computes in 64 bits: jax.config.update("jax_enable_x64", True), before arrays are made')
    return jax


class _Stage:
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

    def pullback(self) -> _Stage:
        """The vector-Jacobian product by all inputs, the function's variables as well as its parameters."""
        if self._pullback is None:
            self._pullback = _Stage(_by_all(self.function).vjp(), self.orders - 1)
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


def _operation(jax, stage: _Stage):
    """What JAX traces: flat inputs to flat outputs."""
    shape = jax.ShapeDtypeStruct((stage.count,), np.float64)

    def called(x):
        return jax.pure_callback(stage.run, shape, x, vmap_method="broadcast_all")

    if stage.orders == 0:
        return called

    @jax.custom_jvp
    def operation(x):
        return called(x)

    @operation.defjvp
    def _(primals, tangents):
        (x,), (dx,) = primals, tangents
        # The Jacobian is asked for by rows: one pullback an output. JAX transposes what is linear in dx.
        pullback = _operation(jax, stage.pullback())

        def row(unit):
            return pullback(jax.numpy.concatenate([x, unit]))

        rows = jax.vmap(row)(jax.numpy.eye(stage.count))
        return operation(x), rows @ dx

    return operation


def _reverse_operation(jax, stage: _Stage):
    """The same by reverse mode alone: a derivative is one pullback, whatever the number of inputs."""
    shape = jax.ShapeDtypeStruct((stage.count,), np.float64)

    def called(x):
        return jax.pure_callback(stage.run, shape, x, vmap_method="broadcast_all")

    if stage.orders == 0:
        return called

    def backward(x, adjoint):
        pullback = _reverse_operation(jax, stage.pullback())
        return (pullback(jax.numpy.concatenate([x, adjoint])),)

    operation = jax.custom_vjp(called)
    operation.defvjp(lambda x: (operation(x), x), backward)
    return operation


def wrap(function: Function, *, reverse_only: bool = False):
    """A function of uphill as one of JAX: the same arguments, arrays of JAX, differentiable twice.

    Its second derivatives, and `jax.jvp`, come from whole Jacobians, a row a pullback. With `reverse_only` there are only
    `jax.grad`, `jax.vjp` and these of each other, and each is one pullback: for Hessian-vector products of many inputs.

    It takes one argument an input, of any shape with as many numbers, and gives results of the function's shapes. Derivatives
    are taken by all inputs, parameters too. Raises `UnsupportedError` without JAX or its 64 bits.
    """
    jax = _jax()
    groups = function.inputs
    parts, single = function._shapes
    stage = _Stage(function, 2)
    operation = (_reverse_operation if reverse_only else _operation)(jax, stage)

    def wrapped(*arguments, **named):
        values = list(arguments)
        for name, _, _ in groups[len(values) :]:
            if name not in named:
                raise InputError(f"{function.signature}: `{name}` not given")
            values.append(named.pop(name))
        if named or len(values) != len(groups):
            raise InputError(f"{function.signature} takes {len(groups)} arguments, got {len(arguments) + len(named)}")
        flat = []
        for (name, length, _), value in zip(groups, values):
            value = jax.numpy.asarray(value, dtype=np.float64)
            if value.size != (1 if length is None else length):
                raise InputError(f"input `{name}` of {function.signature}: expected {length or 1} numbers, got {value.size}")
            flat.append(value.ravel())
        result = operation(jax.numpy.concatenate(flat))
        results, start = [], 0
        for shape in parts:
            count = 1 if shape is None else int(np.prod(shape, dtype=int))
            results.append(result[start : start + count].reshape(shape or ()))
            start += count
        return results[0] if single else tuple(results)

    wrapped.__name__ = wrapped.__qualname__ = "uphill"
    wrapped.__doc__ = f"{function.signature}, of uphill."
    return wrapped
