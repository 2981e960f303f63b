"""Functions of uphill inside of torch: `backward` to any order that is wrapped, twice by default.

    import torch, uphill, uphill.torch
    p = uphill.torch.wrap(uphill.record(lambda w, b: b*(w @ w), {"w": 3, "b": None}))
    w = torch.ones(3, dtype=torch.float64, requires_grad=True)
    p(w, 2.0).backward()        # w.grad is [4, 4, 4]

torch calls compiled programs of uphill for the value and for the derivatives, in 64 bits on the processor; tensors of 32 bits
are widened, and gradients narrowed again by torch.
"""

from __future__ import annotations

import numpy as np

from ._errors import InputError, UnsupportedError
from ._uphill import Function

__all__ = ["wrap"]


def _torch():
    try:
        import torch
    except ImportError:
        raise UnsupportedError("uphill.torch needs torch: pip install torch") from None
    return torch


def _operation(torch, stage):
    """What torch calls: flat inputs to flat outputs."""

    class Operation(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return torch.from_numpy(np.array(stage.run(x.detach().cpu().numpy())))

        @staticmethod
        def backward(ctx, adjoint):
            (x,) = ctx.saved_tensors
            if stage.orders == 0:
                raise UnsupportedError("this derivative was not asked for: uphill.torch.wrap(function, orders=…)")
            return _operation(torch, stage.pullback())(torch.cat([x, adjoint]))[: stage.size]

    return Operation.apply


def wrap(function: Function, orders: int = 2):
    """A function of uphill as one of torch: the same arguments, tensors or numbers, differentiable so many times.

    It takes one argument an input, of any shape with as many numbers, and gives tensors of the function's shapes, in 64 bits.
    Derivatives are taken by all inputs, parameters too. Raises `UnsupportedError` without torch.
    """
    from .jax import _Stage

    torch = _torch()
    groups = function.inputs
    parts, single = function._shapes
    operation = _operation(torch, _Stage(function, orders))

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
            value = torch.as_tensor(value).to(torch.float64)
            if value.numel() != (1 if length is None else length):
                raise InputError(
                    f"input `{name}` of {function.signature}: expected {length or 1} numbers, got {value.numel()}"
                )
            flat.append(value.reshape(-1))
        result = operation(torch.cat(flat))
        results, start = [], 0
        for shape in parts:
            count = 1 if shape is None else int(np.prod(shape, dtype=int))
            results.append(result[start : start + count].reshape(tuple(shape or ())))
            start += count
        return results[0] if single else tuple(results)

    wrapped.__name__ = wrapped.__qualname__ = "uphill"
    wrapped.__doc__ = f"{function.signature}, of uphill."
    return wrapped
