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

from ._errors import UnsupportedError
from ._uphill import Function
from ._wrapped import Stage, wrapped

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
    torch = _torch()

    def flat(value):
        return torch.as_tensor(value).to(torch.float64).reshape(-1)

    return wrapped(function, _operation(torch, Stage(function, orders)), flat, torch.cat)
