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

from ._errors import UnsupportedError
from ._uphill import Function
from ._wrapped import Stage, wrapped

__all__ = ["wrap"]


def _jax():
    try:
        import jax
    except ImportError:
        raise UnsupportedError("uphill.jax needs JAX: pip install jax") from None
    if not jax.config.jax_enable_x64:
        raise UnsupportedError('uphill computes in 64 bits: jax.config.update("jax_enable_x64", True), before arrays are made')
    return jax


def _called(jax, stage: Stage):
    """A call of numbers outside of JAX, which has no derivative."""
    shape = jax.ShapeDtypeStruct((stage.count,), np.float64)

    def called(x):
        return jax.pure_callback(stage.run, shape, x, vmap_method="broadcast_all")

    return called


def _operation(jax, stage: Stage):
    """What JAX traces: flat inputs to flat outputs."""
    called = _called(jax, stage)
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


def _reverse_operation(jax, stage: Stage):
    """The same by reverse mode alone: a derivative is one pullback, whatever the number of inputs."""
    called = _called(jax, stage)
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
    operation = (_reverse_operation if reverse_only else _operation)(jax, Stage(function, 2))

    def flat(value):
        return jax.numpy.asarray(value, dtype=np.float64).ravel()

    return wrapped(function, operation, flat, jax.numpy.concatenate)
