"""Derivatives judged by means that don't use uphill's rules, and performances drawn as hills."""

from __future__ import annotations

import numpy as np

from ._errors import InputError
from ._uphill import Function, Picture, Report, _check, _numbers, _surface


def check(function: Function, *points, kind=None, tolerance=None, random=0, low=-1.0, high=1.0, seed=0, directions=None):
    """Judges the derivative of a function at points, one array each, by differences with extrapolation and the complex step.

    `kind` is `gradient`, `jacobian` or `hessian`; by default the first for one output, else the second. `random` is a number
    of further points between `low` and `high`. `directions` checks along so many directions instead of each entry. Gives a
    `Report`, which is true if all agree, and prints which entries don't, and what to look at.

        >>> import numpy as np, uphill
        >>> bool(uphill.check(uphill.record(lambda x, y: np.sin(x*y) + np.exp(x)), [0.3, 0.7]))
        True
    """
    count = len(function.input_names)
    points = [_numbers(point, "a point") for point in points]
    if random:
        points += np.random.default_rng(seed).uniform(low, high, size=(random, count)).tolist()
    if not points:
        raise InputError("say where: check(f, [0.3, 0.7]), or random=10 for random points")
    if kind is None:
        kind = "gradient" if len(function.output_names) == 1 else "jacobian"
    if kind not in ("gradient", "jacobian", "hessian"):
        raise InputError(f"kind: expected gradient, jacobian or hessian, got {kind!r}")
    return _check(function, kind, points, tolerance, seed, directions)


def surface(
    function: Function, x=None, y=None, *, at=None, start=None, rate=0.1, steps=50, x_range=None, y_range=None, solid=False,
    title=None,
) -> Picture:
    """A performance over two of its inputs, as contours or as a solid hill, with the climb from `start` on.

    `x` and `y` name the two, by default the first two; `at` has a number for each input, by which the others are held.
    """
    names = function.input_names
    if len(names) < 2:
        raise InputError(f"a surface needs two inputs, {function.signature} has {len(names)}")
    x, y = x or names[0], y or next(name for name in names if name != (x or names[0]))
    at = [0.0] * len(names) if at is None else _numbers(at, "at")
    ranges = tuple(None if one is None else [float(end) for end in one] for one in (x_range, y_range))
    start = None if start is None else [float(number) for number in start]
    return _surface(function, (x, y), at, ranges, start, rate, steps, solid, title)


__all__ = ["Report", "check", "surface"]
