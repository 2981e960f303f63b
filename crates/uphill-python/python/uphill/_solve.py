"""Climbs, and problems with constraints."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import numpy as np

from ._errors import InputError
from ._record import record
from ._uphill import Function, _climb, _numbers, _optimum, formula

_FREE = (-np.inf, np.inf)


def _limits(limits, what: str) -> list:
    """Name, lowest and highest number of each."""
    found = []
    for name, limit in dict(limits or {}).items():
        pair = (limit, limit) if np.ndim(limit) == 0 and limit is not None else limit
        try:
            low, high = pair
            low = -np.inf if low is None else float(low)
            high = np.inf if high is None else float(high)
        except (TypeError, ValueError):
            raise InputError(f"{what} of `{name}`: expected (low, high), None where there is none, got {limit!r}") from None
        found.append((name, low, high))
    return found


def _as_function(given, inputs=None, parameters=()) -> Function:
    if isinstance(given, Function):
        return given
    if isinstance(given, str):
        return formula(given)
    return record(given, inputs, parameters=parameters)


def _point(function: Function, start) -> list:
    """One number an input, from an array or from names."""
    if not isinstance(start, dict):
        return _numbers(start, "start")
    names = [name for name, *_ in function.inputs]
    unknown = [name for name in start if name not in names]
    if unknown:
        raise InputError(f"start: no input is named `{unknown[0]}`; known: {', '.join(names)}")
    numbers: list = []
    for name, length, _ in function.inputs:
        if name not in start:
            raise InputError(f"start: `{name}` is missing")
        own = _numbers(start[name], f"start of `{name}`")
        if len(own) == 1 and length not in (None, 1):
            own = own * length
        if len(own) != (length or 1):
            raise InputError(f"start of `{name}`: expected {length or 1} numbers, got {len(own)}")
        numbers += own
    return numbers


@dataclasses.dataclass(frozen=True)
class Summit:
    """Where a climb ended."""

    #: The inputs there, in the function's order.
    values: np.ndarray
    #: P there.
    performance: float
    #: `summit`, `kink`, `valley`, `plateau`, `stalled`, `endless` or `most iterations`.
    ending: str
    #: The same in a sentence.
    told: str
    #: Whether P is as high here as it gets nearby.
    converged: bool
    #: How many steps led there.
    iterations: int


def climb(function, start, *, bounds=None, fix=(), most_iterations=None) -> Summit:
    """A summit of a function with one output, by its exact derivatives, from `start` on: an array, or numbers by name.

    `bounds` are lowest and highest numbers by name, `{"w": (0, 1)}`, `fix` the names of inputs that keep their start.
    `function` may be a Python function or a formula.

        >>> import uphill
        >>> summit = uphill.climb(lambda x, y: -(x - 1)**2 - 10*(y - x**2)**2, [-1.0, 2.0])
        >>> summit.converged, summit.values.round(6)
        (True, array([1., 1.]))

    Raises `ClimbError` where P rises without bound. Ctrl-C raises `KeyboardInterrupt`.
    """
    function = _as_function(function)
    fix = [fix] if isinstance(fix, str) else list(fix)
    found = _climb(function, _point(function, start), _limits(bounds, "bounds"), fix, most_iterations)
    return Summit(np.array(found[0]), *found[1:])


class Constraint(NamedTuple):
    """A constraint where an optimum is."""

    #: Its value.
    value: float
    low: float
    high: float
    #: By how much the best P rises if the limit that holds rises by one; 0 where neither holds.
    multiplier: float


@dataclasses.dataclass(frozen=True)
class Optimum:
    """Where a search for an optimum ended."""

    #: The inputs there, in the function's order.
    values: np.ndarray
    #: P there.
    performance: float
    #: `optimal`, `infeasible`, `unbounded`, `most iterations`, `stalled`, `saddle` or `not finite`.
    status: str
    #: The same in a sentence, with names.
    told: str
    #: How many iterations it took.
    iterations: int
    #: Each constraint, by its name.
    constraints: dict
    #: For each input by how much P rises if its bound that holds rises by one.
    bound_multipliers: np.ndarray

    @property
    def optimal(self) -> bool:
        """Whether all constraints hold, and no point nearby is better."""
        return self.status == "optimal"


def _solved(is_max, function, constraints, bounds, start, tolerance, most_iterations, progress) -> Optimum:
    function = _as_function(function)
    asked = {
        "maximise": is_max,
        "start": None if start is None else _point(function, start),
        "constraints": _limits(constraints, "constraint"),
        "bounds": _limits(bounds, "bounds"),
        "tolerance": tolerance,
        "most_iterations": most_iterations,
    }
    values, performance, status, told, iterations, found, multipliers = _optimum(function, asked, progress)
    by_name = {name: Constraint(*numbers) for name, *numbers in found}
    return Optimum(np.array(values), performance, status, told, iterations, by_name, np.array(multipliers))


def minimise(
    function, constraints=None, *, bounds=None, start=None, tolerance=None, most_iterations=None, progress=None
) -> Optimum:
    """The least value of the function's first output, under limits on its others, by an interior-point method.

    `constraints` are lowest and highest values of outputs by name, `{"volume": (8, None)}`, or one number for an equation;
    `bounds` the same for inputs. `start` is an array, or numbers by name; 0 unless told otherwise. `progress` is called with
    number, value, violation and error of each iteration. `function` may be a Python function that gives a dict.

        >>> import uphill
        >>> best = uphill.minimise(
        ...     lambda w, d, h: {"surface": 2*(w*d + d*h + h*w), "volume": w*d*h},
        ...     {"volume": (8, None)}, bounds={"h": (0.1, 1)}, start=[1, 1, 0.5])
        >>> best.optimal, float(best.values[2])
        (True, 1.0)

    Ctrl-C raises `KeyboardInterrupt`.
    """
    return _solved(False, function, constraints, bounds, start, tolerance, most_iterations, progress)


def maximise(
    function, constraints=None, *, bounds=None, start=None, tolerance=None, most_iterations=None, progress=None
) -> Optimum:
    """The greatest value of the function's first output, under limits on its others; otherwise as `minimise`."""
    return _solved(True, function, constraints, bounds, start, tolerance, most_iterations, progress)
