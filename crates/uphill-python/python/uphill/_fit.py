"""Fits, and draws from the posterior of their parameters."""

from __future__ import annotations

import inspect
from typing import NamedTuple

import numpy as np

from ._errors import InputError
from ._record import record
from ._solve import _as_function, _limits
from ._uphill import Fitted, Function, Posterior, _fit, _numbers, _sample


class Prediction(NamedTuple):
    """What a fitted model computes for rows; NaN where a number is not to be had."""

    #: What the model computes.
    value: np.ndarray
    #: Its standard error.
    standard_error: np.ndarray
    #: The confidence band: where the model's true value lies.
    low: np.ndarray
    high: np.ndarray
    #: Where a new observation lies.
    observation_low: np.ndarray
    observation_high: np.ndarray


def _columns(data) -> list:
    if hasattr(data, "to_dict") and hasattr(data, "columns"):  # a table of pandas
        data = {str(name): data[name] for name in data.columns}
    return [(str(name), _numbers(np.asarray(column), f"column `{name}`")) for name, column in dict(data).items()]


def predict(fitted: Fitted, data, level=0.95) -> Prediction:
    """What a fitted model computes for the rows of a table, with bands at this level."""
    return Prediction(*fitted._predict(_columns(data), level))


def fit(
    model,
    data,
    desired=None,
    *,
    start,
    bounds=None,
    fix=(),
    performance="squared error",
    weights=None,
    frequencies=None,
    sigma=None,
    method="automatic",
    starts=None,
    most_iterations=None,
) -> Fitted:
    """The parameters of a model for which it comes nearest to a column of data, with their standard errors.

    `model` is a Python function of columns and parameters by name, a formula (`"y = a*exp(-b*t)"`), or a function of either.
    `data` are columns by name, or a table of pandas; `desired` is the name of the column that the model should come near to,
    by default that of a formula's output. All arguments of the model that are no columns are parameters, with their `start`
    by name.

    `bounds` and `fix` are as for `climb`. `performance` is `squared error`, `root mean square`, `log likelihood`, `("huber",
    width)`, or a Python function of desired and computed numbers that gives a row's term. `weights`, `frequencies` and
    `sigma` are names of columns: precisions, counts of observations, known errors. `method` is `automatic`,
    `levenberg-marquardt`, `quasi-newton`, or `("ascent", rate)`; `starts` is a number of further starts, or (number, seed).

        >>> import numpy as np, uphill
        >>> data = {"x": [1, 2, 3, 5, 7, 10], "y": [109, 149, 149, 191, 213, 224]}
        >>> fit = uphill.fit(lambda x, b1, b2: b1*(1 - np.exp(-b2*x)), data, "y", start={"b1": 1, "b2": 1})
        >>> fit.converged, round(fit["b1"], 6)
        (True, 213.809409)

    Raises `InputError` and `UnknownNameError` for settings that can't be followed, with row and column for numbers that can't
    be used; `ClimbError` for a climb that leads nowhere. Ctrl-C raises `KeyboardInterrupt`.
    """
    return _fit(
        *_wanted(
            model, data, desired, start, bounds, fix, performance, weights, frequencies, sigma, method, starts, most_iterations
        )
    )


def sample(
    model,
    data,
    desired=None,
    *,
    start,
    bounds=None,
    fix=(),
    performance="squared error",
    weights=None,
    frequencies=None,
    sigma=None,
    method="automatic",
    starts=None,
    most_iterations=None,
    chains=4,
    draws=1000,
    tuning=500,
    seed=0,
) -> Posterior:
    """All that a table says of a model's parameters: draws from their posterior, by the no-U-turn sampler.

    The model and its settings are those of `fit`, by which the chains find their start. A performance of your own is the
    logarithm of a density. Each chain gives so many draws, after `tuning` by which the sampler finds its step. The same seed
    gives the same draws.

        >>> import numpy as np, uphill
        >>> data = {"t": [0, 1, 2, 3, 4, 5], "y": [8.1, 4.3, 2.5, 1.1, 0.6, 0.4]}
        >>> posterior = uphill.sample(lambda t, a, k: a*np.exp(-k*t), data, "y",
        ...     start={"a": 1, "k": 1}, bounds={"k": (0, 10)}, draws=500, seed=1)
        >>> low, high = posterior.interval("k", 0.95)
        >>> low < 0.62 < high and posterior.r_hat("k") < 1.02
        True

    Raises what `fit` raises, and `InputError` where there is no posterior. Ctrl-C raises `KeyboardInterrupt`.
    """
    drawn = {"chains": chains, "draws": draws, "tuning": tuning, "seed": seed}
    for name, count in drawn.items():
        if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or count < 0:
            raise InputError(f"{name}: expected a whole number from 0 on, got {count!r}")
    wanted = _wanted(
        model, data, desired, start, bounds, fix, performance, weights, frequencies, sigma, method, starts, most_iterations
    )
    return _sample(*wanted, tuple(int(count) for count in drawn.values()))


def _wanted(
    model, data, desired, start, bounds, fix, performance, weights, frequencies, sigma, method, starts, most_iterations
):
    """Both sides of a model, the term of a performance of one's own, and settings, as the native half has them."""
    columns = _columns(data)
    names = [name for name, _ in columns]
    if isinstance(model, (Function, str)):
        computed = _as_function(model)
        inputs = [name for name, *_ in computed.inputs]
        if len(computed.output_names) != 1:
            raise InputError(f"a model has one output, this one has {', '.join(computed.output_names)}")
        if desired is None:
            desired = computed.output_names[0]
    else:
        computed = model
        inputs = list(inspect.signature(model).parameters)
    if desired is None:
        raise InputError("say which column the model should come near to: fit(model, data, 'y', …)")
    if desired not in names:
        raise InputError(f"desired: no column is named `{desired}`; known: {', '.join(names)}")
    parameters = [name for name in inputs if name not in names]
    used = [name for name in names if name in inputs or name == desired]

    def sides(*values):
        by_name = dict(zip([*parameters, *used], values))
        return {"desired": by_name[desired], "computed": computed(*[by_name[name] for name in inputs])}

    both = record(sides, [*parameters, *used], parameters=tuple(used))
    term = None
    if callable(performance):
        term = _as_function(performance, None)
        others = [name for name, *_ in term.inputs]
        if others[:2] != ["desired", "computed"]:
            term = record(lambda desired, computed: performance(desired, computed))
        performance = ("squared error", 0.0)
    elif isinstance(performance, str):
        performance = (performance, 0.0)
    wanted = {
        "columns": columns,
        "start": [(name, float(number)) for name, number in dict(start).items()],
        "bounds": _limits(bounds, "bounds"),
        "fix": [fix] if isinstance(fix, str) else list(fix),
        "performance": (performance[0], float(performance[1])),
        "weights": weights,
        "frequencies": frequencies,
        "sigma": sigma,
        "method": (method, 0.0) if isinstance(method, str) else (method[0], float(method[1])),
        "starts": (starts, 0) if isinstance(starts, int) else starts,
        "most_iterations": most_iterations,
    }
    return both, term, wanted
