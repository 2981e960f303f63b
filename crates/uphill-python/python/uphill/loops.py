"""Loops that stay loops: map, sum, fold, scan, and a bounded while.

Recorded code keeps a loop as one node with one body, whatever the number of turns, and so does every derivative of it.
Outside of a recording these are plain loops. A body gets a counter, which picks from arrays, `x[i]`, and counts as a number,
`0.1*i`; data are wrapped once, `data = uphill.array(data)`, so that it can pick from them, too.

    >>> import uphill
    >>> from uphill import loops
    >>> def rosenbrock(x):
    ...     return loops.sum(range(1, len(x)), lambda i: 100*(x[i] - x[i - 1]**2)**2 + (1 - x[i - 1])**2)
    >>> f = uphill.record(rosenbrock, {"x": 1000})
    >>> f.operation_count < 10
    True

What a loop carries or keeps is a value, an array, or tuples, lists and dicts of these.
"""

from __future__ import annotations

import builtins

import numpy as np

from ._array import Array, _shaped
from ._errors import InputError, RecordingError
from ._functions import where
from ._record import current
from ._uphill import Index, Scalar, Table

__all__ = ["Table", "fold", "map", "repeat_while", "scan", "sum"]




def _turns(over) -> range:
    if isinstance(over, range):
        return over
    try:
        return range(int(over.__index__()))
    except AttributeError:
        raise InputError(f"a loop goes over a number of turns or a range, got {type(over).__name__}") from None


def _flatten(tree, leaves: list):
    """Its scalars in order, and what puts others in their places."""
    if isinstance(tree, Index):
        tree = tree.value
    if tree is None:
        return lambda take: None
    if isinstance(tree, tuple):
        parts = [_flatten(part, leaves) for part in tree]
        if hasattr(tree, "_fields"):
            return lambda take: type(tree)(*[part(take) for part in parts])
        return lambda take: tuple(part(take) for part in parts)
    if isinstance(tree, list):
        parts = [_flatten(part, leaves) for part in tree]
        return lambda take: [part(take) for part in parts]
    if isinstance(tree, dict):
        parts = {key: _flatten(part, leaves) for key, part in tree.items()}
        return lambda take: {key: part(take) for key, part in parts.items()}
    if isinstance(tree, np.ndarray):
        shape = tree.shape
        leaves.extend(tree.view(np.ndarray).ravel().tolist())
        return lambda take: _shaped([take() for _ in range(int(np.prod(shape, dtype=int)))], shape)
    if isinstance(tree, Scalar):
        leaves.append(tree)
        return lambda take: take()
    try:
        leaves.append(float(tree))
    except (TypeError, ValueError):
        raise InputError(
            f"a loop carries and keeps numbers, recorded values, arrays, and tuples, lists and dicts of these; "
            f"got {type(tree).__name__}"
        ) from None
    return lambda take: take()


def _record(kind: str, tape, turns: range, first, body):
    """The last state, what is kept of each turn or what terms add up to."""
    firsts: list = []
    state = _flatten(first, firsts)
    counter, carried = tape.begin(kind, len(turns), firsts)
    try:
        index = counter * turns.step + turns.start
        next_state, kept = body(index, state(iter(carried).__next__))
        nexts: list = []
        rebuilt = _flatten(next_state, nexts)
        keeps: list = []
        shape = _flatten(kept, keeps)
        if len(nexts) != len(firsts):
            raise RecordingError(
                f"the state of a loop has {len(firsts)} values before a turn and {len(nexts)} after it: "
                "carry the same shape along"
            )
        results = iter(tape.end(nexts, keeps))
    except BaseException:
        tape.abandon()
        raise
    last = rebuilt(results.__next__)
    if kind in ("map", "scan"):
        return last, [shape(results.__next__) for _ in turns]
    return last, shape(results.__next__)


def _gathered(kept: list):
    """What was kept of each turn: an array if it is a value or an array, else a list."""
    if kept and builtins.all(isinstance(one, (Scalar, float)) for one in kept):
        return _shaped(kept, (len(kept),)) if builtins.any(isinstance(one, Scalar) for one in kept) else np.array(kept)
    if kept and builtins.all(isinstance(one, np.ndarray) for one in kept):
        stacked = np.stack([one.view(np.ndarray) for one in kept])
        return stacked.view(Array) if stacked.dtype == object else stacked
    return kept


def map(over, f):  # noqa: A001
    """`f(i)` for each turn: an array with one row a turn if `f` gives values or arrays, else a list.

    `over` is a number of turns or a range.

        >>> from uphill import loops
        >>> loops.map(4, lambda i: float(i*i))
        array([0., 1., 4., 9.])
    """
    turns, tape = _turns(over), current()
    if tape is None or not turns:
        return _gathered([f(i) for i in turns])
    return _gathered(_record("map", tape, turns, None, lambda i, _: (None, f(i)))[1])


def sum(over, f):  # noqa: A001
    """The sum of `f(i)`, a value or an array, over all turns.

    The bits are the same however a program computes it; outside of a recording numbers are added in order.
    """
    turns, tape = _turns(over), current()
    if not turns:
        return -0.0
    if tape is None:
        total = f(turns[0])
        for i in turns[1:]:
            total = total + f(i)
        return total
    return _record("sum", tape, turns, None, lambda i, _: (None, f(i)))[1]


def fold(over, first, f):
    """What becomes of `first` when `f(i, state)` is applied once a turn: each gets what the one before gave.

        >>> from uphill import loops
        >>> loops.fold(10, 100.0, lambda i, capital: 1.02*capital)  # doctest: +ELLIPSIS
        121.899...
    """
    turns, tape = _turns(over), current()
    if tape is None or not turns:
        state = first
        for i in turns:
            state = f(i, state)
        return state
    return _record("fold", tape, turns, first, lambda i, state: (f(i, state), None))[0]


def scan(over, first, f):
    """`fold` that keeps something of each turn: `f(i, state)` gives the next state and what is kept.

    Gives the last state, and what was kept as `map` does.
    """
    turns, tape = _turns(over), current()
    if tape is None or not turns:
        state, kept = first, []
        for i in turns:
            state, own = f(i, state)
            kept.append(own)
        return state, _gathered(kept)
    last, kept = _record("scan", tape, turns, first, lambda i, state: f(i, state))
    return last, _gathered(kept)


def repeat_while(limit, first, condition, f):
    """Applies `f(state)` while `condition(state)` is not 0, but at most `limit` times.

    Recorded it has `limit` turns, and the state stands still once the condition is 0: derivatives flow through the turns that
    were made, and no others.
    """
    if current() is None:
        state = first
        for _ in range(limit):
            if not condition(state):
                break
            state = f(state)
        return state

    def step(_, state):
        goes_on = condition(state)
        before: list = []
        _flatten(state, before)
        after: list = []
        rebuilt = _flatten(f(state), after)
        if len(before) != len(after):
            raise RecordingError(
                f"the state of a loop has {len(before)} values before a turn and {len(after)} after it: "
                "carry the same shape along"
            )
        return rebuilt(iter([where(goes_on, new, old) for new, old in zip(after, before)]).__next__)

    return fold(limit, first, step)
