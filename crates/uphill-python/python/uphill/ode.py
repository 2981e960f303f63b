"""Differential equations dy/dt = f(t, y, p): followed to tolerances, with slopes and gradients by their parameters.

    >>> import numpy as np
    >>> from uphill import ode
    >>> def rates(t, prey, predators, born, eaten, dying):
    ...     return born*prey - eaten*prey*predators, eaten*prey*predators - dying*predators
    >>> system = ode.System(rates, {"prey": 10.0, "predators": 5.0})
    >>> solution = system.solve([1.1, 0.4, 0.4], [0.0, 1.0, 2.0])
    >>> solution["prey"].round(3).tolist()
    [10.0, 0.227, 0.007]

Nobody writes a derivative: the solvers, which are those of the Rust crate diffsol, get exact Jacobians from compiled programs.
`runge_kutta4` and `Tableau` are recorded code instead, with steps of one length, inside of any other function.
"""

from __future__ import annotations

import dataclasses
import inspect

import numpy as np

from . import loops
from ._errors import InputError, UnknownNameError
from ._record import _groups, record
from ._fit import _columns
from ._uphill import Equations, Measured, _numbers

__all__ = ["Measured", "Solution", "System", "Tableau", "runge_kutta4"]


@dataclasses.dataclass(frozen=True)
class Solution:
    """What a solution is at the times that were asked for."""

    #: The names of the columns: outputs, or states if the system has no outputs.
    names: list
    #: The times: those asked for, or as many as there are before an event, and then its own.
    times: np.ndarray
    #: A row a time, a column an output.
    values: np.ndarray
    #: The event that ended it and when, or None.
    ended_by: "tuple[str, float] | None"
    #: How many steps the solver took.
    steps: int
    #: The parameters by which there are slopes.
    parameters: list
    #: The slope of each number by each parameter, of shape (times, outputs, parameters), or None.
    slopes: "np.ndarray | None"

    def __getitem__(self, name: str) -> np.ndarray:
        """The column of this name, one number a time."""
        if name not in self.names:
            raise UnknownNameError(f"no output is named `{name}`; known: {', '.join(self.names)}")
        return self.values[:, self.names.index(name)]


class System:
    """Differential equations dy/dt = f(t, y, p) with initial states y0(p), derived and compiled.

    `rates` is a Python function of time, of each state and of each parameter, in this order, that gives dy/dt: a tuple, a list,
    or an array for a vector of states. `start` are the initial states by name, numbers or arrays, from which the names and
    shapes of the states are taken; or a function of the parameters that gives such a dict, with `states` then telling names
    or shapes. `parameters` are names, or a dict of shapes; unless said otherwise the arguments behind the states, as scalars.

    `outputs` and `events` are functions as `rates` is, that give a dict by names: what is looked at instead of states, and what
    ends the solution as soon as it crosses 0.

    `method` is `bdf`, for stiff systems and where nothing is known, `tr-bdf2`, `esdirk34`, or `tsit45` for systems that are
    not stiff. States are off by no more than `relative` of their size plus `absolute`, one number or one a state. The states
    start at the time `begin`.
    """

    def __init__(
        self, rates, start, *, states=None, parameters=None, outputs=None, events=None,
        method="bdf", relative=1e-6, absolute=1e-9, begin=0.0, most_steps=100_000,
    ):
        if callable(start) and states is None:
            raise InputError("start is a function: say the names of the states, or their shapes, by states=…")
        if not callable(start):
            start = dict(start)
            if states is not None and list(states) != list(start):
                raise InputError(f"states {', '.join(states)} and start {', '.join(start)} have other names")
            states = {name: np.shape(value) for name, value in start.items()}
        states = {name: shape for name, shape, _ in _groups(None, states, ())}
        if parameters is None:
            names = list(inspect.signature(rates).parameters)[1 + len(states) :]
            parameters = dict.fromkeys(names)
        parameters = {name: shape for name, shape, _ in _groups(None, parameters, ())}
        for name in ("t", *states):
            if name in parameters or name == "t" and name in states:
                raise InputError(f"`{name}` is the name of {'time' if name == 't' else 'a state'}; name it otherwise")
        inputs = {"t": None, **states, **parameters}
        self._states = states
        self._inputs = inputs

        def of_states(found, what):
            if isinstance(found, dict):
                parts = [found[name] if name in found else _missing(name, what) for name in states]
            else:
                parts = found if isinstance(found, (tuple, list)) and len(states) > 1 else [found]
            if len(parts) != len(states):
                raise InputError(f"{what}: expected {len(states)} results, one a state ({', '.join(states)}), got {len(parts)}")
            flat = []
            for (name, shape), part in zip(states.items(), parts):
                if isinstance(part, (list, tuple)):
                    part = _array(part)
                if shape is None and np.shape(part) == (1,):
                    part = part[0]
                if np.shape(part) != (shape or ()):
                    raise InputError(f"{what}: `{name}` has the shape {shape or ()}, got {np.shape(part)}")
                flat += np.ravel(part).tolist() if isinstance(part, np.ndarray) else [part]
            return flat

        begins = (lambda *p: of_states(start(*p), "the start")) if callable(start) else (lambda *p: of_states(start, "the start"))
        looked_at = None if outputs is None else record(_named(outputs, "outputs"), inputs)
        ending = None if events is None else record(_named(events, "events"), inputs)
        self._settings = _settings(method, relative, absolute, begin, most_steps)
        self._equations = Equations(
            list(states),
            record(lambda *all: of_states(rates(*all), "the rates"), inputs),
            record(begins, parameters),
            looked_at,
            ending,
            self._settings,
        )

    @property
    def states(self) -> list:
        """The names of the states, each entry of a vector by itself."""
        return self._equations.state_names

    @property
    def parameters(self) -> list:
        """The names of the parameters, each entry of a vector by itself."""
        return self._equations.parameter_names

    @property
    def output_names(self) -> list:
        """The names of the columns of a solution."""
        return self._equations.output_names

    def solve(self, parameters, times) -> Solution:
        """Outputs, or states, at these times, for these parameters: numbers in order, or a dict by name.

        Raises `SolutionError` for a solution that can't be followed so far, and `NotFiniteError`, which tells where what is not
        finite was born.
        """
        return self._solution(self._equations.states(parameters, _times(times)), False)

    def sensitivities(self, parameters, times) -> Solution:
        """The same with the slopes of each number by each parameter, for a few parameters; a gradient by many is `gradient`."""
        return self._solution(self._equations.sensitivities(parameters, _times(times)), True)

    def gradient(self, performance, parameters, times):
        """A performance that looks at the solution at these times, and its gradient by all parameters: by adjoints.

        `performance` is a Python function of an array of shape (times, outputs), or a function recorded of one.

            >>> from uphill import ode
            >>> system = ode.System(lambda t, y, k: -k*y, {"y": 1.0}, relative=1e-8, absolute=1e-10)
            >>> value, gradient = system.gradient(lambda y: y[0, 0] + 2*y[1, 0], [0.5], [1.0, 2.0])
            >>> round(value, 5), gradient.round(5)
            (1.34229, array([-2.07805]))
        """
        times = _times(times)
        count = len(times) * len(self.output_names)
        if not hasattr(performance, "with_gradient"):
            performance = record(performance, {"y": (len(times), len(self.output_names))})
        if len(performance.input_names) != count:
            raise InputError(
                f"the performance has {len(performance.input_names)} inputs: expected {count}, one an output and time"
            )
        value, gradient = self._equations.gradient(performance, parameters, times)
        return value, np.array(gradient)

    def measured(
        self, data, time, columns, term, *, method=None, relative=1e-8, absolute=1e-10, begin=None, most_steps=None
    ) -> Measured:
        """P = Σ `term(computed, measured)` over the rows of a table, a function of the parameters, to be climbed.

        `data` are columns by name, `time` is the name of the one of times, `columns` names those that the term looks at.
        `term` gets two arrays: the outputs (or states) at the row's time, and the row's numbers. What `with_gradient` gives suits
        `scipy.optimize.minimize`, with the sign changed; settings that aren't given are the system's, digits apart.

            >>> from uphill import ode
            >>> system = ode.System(lambda t, y, k: -k*y, {"y": 1.0})
            >>> p = system.measured({"t": [1.0, 2.0], "y": [0.6, 0.35]}, "t", ["y"], lambda y, seen: -(y[0] - seen[0])**2)
            >>> round(p([0.5]), 8)
            -0.00036232
        """
        columns = [columns] if isinstance(columns, str) else list(columns)
        computed = len(self.output_names)
        recorded = record(lambda y, seen: term(y, seen), {"computed": computed, "measured": len(columns)}, parameters="measured")
        own = self._settings
        settings = _settings(
            method or own["method"], relative, absolute, own["begin"] if begin is None else begin,
            own["most_steps"] if most_steps is None else most_steps,
        )
        return Measured(self._equations, _columns(data), time, columns, recorded, settings)

    def _solution(self, found, sensed: bool) -> Solution:
        times, values, ended_by, steps, slopes = found
        names, by = self.output_names, self.parameters
        shape = (len(times), len(names))
        slopes = np.reshape(slopes, (*shape, len(by))) if sensed else None
        return Solution(names, np.array(times), np.reshape(values, shape), ended_by, steps, by, slopes)

    def __repr__(self):
        return f"<uphill.ode.System of {', '.join(self._states)}>"


def _array(values):
    from ._array import array

    return array(values)


def _missing(name, what):
    raise InputError(f"{what}: nothing is given for `{name}`")


def _named(code, what):
    def named(*values):
        found = code(*values)
        if not isinstance(found, dict):
            raise InputError(f"{what}: expected a dict of values by their names, got {type(found).__name__}")
        return found

    return named


def _settings(method, relative, absolute, begin, most_steps) -> dict:
    return {
        "method": method,
        "relative": float(relative),
        "absolute": _numbers(absolute, "absolute"),
        "begin": float(begin),
        "most_steps": int(most_steps),
    }


def _times(times) -> list:
    return _numbers(times, "times")


class Tableau:
    """An explicit Runge-Kutta method by its coefficients: for each stage one number a stage before it, and the weights of all.

    Code that is recorded or runs on numbers: a loop that stays a loop, derived as any.
    """

    def __init__(self, coupling, weights):
        self.coupling = [[float(number) for number in row] for row in coupling]
        self.weights = [float(number) for number in weights]
        if not self.coupling or len(self.coupling) != len(self.weights):
            raise InputError(
                f"a Runge-Kutta method has one weight a stage, and at least one; got {len(self.coupling)} stages and "
                f"{len(self.weights)} weights"
            )
        for stage, row in enumerate(self.coupling):
            if len(row) != stage:
                raise InputError(f"stage {stage} of an explicit Runge-Kutta method has {stage} coefficients; got {len(row)}")
        if not np.isclose(sum(self.weights), 1.0, rtol=0.0, atol=1e-12):
            raise InputError(f"the weights of a Runge-Kutta method add up to 1; these to {sum(self.weights)}")

    def step(self, f, t, y, h):
        """One step of length h."""
        stages: list = []
        for row in self.coupling:
            node = sum(row)
            stages.append(f(t + node * h if node else t, _moved(y, h, row, stages)))
        return _moved(y, h, self.weights, stages)

    def end(self, f, y0, t0, h, steps):
        """The states after so many steps of length h: dy/dt = f(t, y), where y is a value, an array, or a tuple of these."""
        return loops.fold(steps, y0, lambda i, y: self.step(f, t0 + i * h, y, h))

    def path(self, f, y0, t0, h, steps):
        """The states after so many steps, and those before each step, as `loops.scan` gives them."""
        return loops.scan(steps, y0, lambda i, y: (self.step(f, t0 + i * h, y, h), y))


def _moved(y, h, factors, stages):
    """y + h·Σ factor·stage, without the factors that are 0."""
    used = [(factor, stage) for factor, stage in zip(factors, stages) if factor]
    if not used:
        return y
    if isinstance(y, (tuple, list)):
        for _, stage in used:
            if len(stage) != len(y):
                raise InputError(f"a right-hand side gives one slope a state: expected {len(y)}, got {len(stage)}")
        parts = [_moved(own, h, [factor for factor, _ in used], [stage[k] for _, stage in used]) for k, own in enumerate(y)]
        return type(y)(parts)
    (factor, stage), *others = used
    total = factor * _as_array(stage)
    for factor, stage in others:
        total = total + factor * _as_array(stage)
    return y + h * total


def _as_array(stage):
    return _array(stage) if isinstance(stage, (list, tuple)) else stage


_CLASSIC = Tableau([[], [0.5], [0.0, 0.5], [0.0, 0.0, 1.0]], [1 / 6, 1 / 3, 1 / 3, 1 / 6])


def runge_kutta4(f, y0, t0, h, steps):
    """The states after so many steps of length h of the classic Runge-Kutta method: dy/dt = f(t, y) from y0 at t0 on.

    Plain code over a loop: on numbers it computes, and recorded it is one loop, however many steps there are. Its derivatives
    are those of the steps, exactly. A state is a value, an array, or a tuple of these.

        >>> import uphill
        >>> from uphill import ode
        >>> f = uphill.record(lambda k: ode.runge_kutta4(lambda t, y: -k*y, 1.0, 0.0, 0.01, 100))
        >>> f.gradient()(0.5).round(6)                        # -exp(-k)
        array([-0.606531])
    """
    return _CLASSIC.end(f, y0, t0, h, steps)
