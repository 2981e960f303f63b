"""What equations define."""

from __future__ import annotations

import inspect

import numpy as np

from ._errors import InputError
from ._record import _groups, record
from ._uphill import Implicit, _implicit


def implicit(equations, unknowns, given=None, *, at_most=None) -> Implicit:
    """What equations F(y, x) = 0 define: unknowns y as a function of what is given, differentiable to any order.

    `equations` is a Python function, which gets the unknowns first and then what is given, and gives back one number for each
    unknown, all 0 at a root. `unknowns` and `given` are names, or dicts of shapes as for `record`; unless said otherwise all
    further arguments are given, and are scalars. All that y depends on has to be among them.

        >>> import numpy as np, uphill
        >>> kepler = uphill.implicit(lambda E, e, M: E - M - e*np.sin(E), "E")
        >>> round(kepler.solve(3.0, 0.5, 1.0), 12)            # from 3 on, by Newton's method
        1.498701133518
        >>> f = uphill.record(lambda e, M: 1 - e*np.cos(kepler.solve(3.0, e, M)))
        >>> f.gradient()(0.5, 1.0).round(6)
        array([0.443957, 0.517334])

    Newton's method makes 50 steps at most, or `at_most`; a compiled program makes as many, whether they are needed or not.
    There may be 64 unknowns.
    """
    first = _names(unknowns)
    if given is None:
        rest = []
        for parameter in list(inspect.signature(equations).parameters.values())[len(first) :]:
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                raise InputError(f"the equations take *{parameter.name}: say what is given, implicit(f, 'y', ['a', 'b'])")
            if parameter.default is parameter.empty:
                rest.append(parameter.name)
        rest = dict.fromkeys(rest)
    else:
        rest = _names(given)
    twice = [name for name in rest if name in first]
    if twice:
        raise InputError(f"`{twice[0]}` is an unknown, so it can't be given")
    groups = _groups(equations, first, ())
    inputs = {**first, **rest}

    def residuals(*values):
        found = equations(*values)
        if isinstance(found, dict):
            found = list(found.values())
        parts = found if isinstance(found, (list, tuple)) else [found]
        return [one for part in parts for one in (part.ravel() if isinstance(part, np.ndarray) else [part])]

    shapes = [shape for _, shape, _ in groups]
    return _implicit(record(residuals, inputs), len(first), shapes, at_most)


def _names(names) -> dict:
    if isinstance(names, str):
        names = [names]
    return dict(names) if isinstance(names, dict) else dict.fromkeys(names)


__all__ = ["implicit"]
