"""Operations on whole arrays: long ones become loops, and nothing else changes."""

import numpy as np
import pytest

import uphill
from uphill import loops

RNG = np.random.default_rng(29)
N = 1200


def chained(x, l):
    a, b, c = x[:-2], x[1:-1], x[2:]
    first = np.sum(100 * (x[:-1] ** 2 - x[1:]) ** 2 + (x[:-1] - 1) ** 2)
    return first + np.sum(l * (3 * b**3 + 2 * c - 5 + np.sin(b - c) * np.sin(b + c) + 4 * b - a * np.exp(a - b) - 3))


#: Code of long arrays, its shapes, and the most operations that it may be written down in.
LONG = {
    "sums": (chained, {"x": N, "l": N - 2}, 60),
    "entry by entry": (lambda x: np.exp(x) * np.sin(x) - x**2 + 3 / (2 + x**2) + np.tanh(x) * 2 - x, {"x": N}, 20),
    "of two dimensions": (lambda W, v: np.sum((np.tanh(W * v) - W / (1 + v**2)) ** 2 + W * v * 3), {"W": (60, 20), "v": 20}, None),
    "choices": (lambda x: np.where(x > 0.1, x**3, -x) * np.clip(x, -1, 1) + np.maximum(x, 0.0) + (x < 0.5) * x, {"x": N}, 20),
    "data and numbers": (
        lambda x: np.sum((np.arange(N) * x - np.linspace(0, 1, N)) ** 2 + 2 * x - x * 1.5 + np.ones(N) * x + x), {"x": N}, 20
    ),
    "backwards and by steps": (
        lambda x: np.sum((x[::-1] * x - x[::2].repeat(2)) ** 2 * x + x**4 - np.sin(x) * 2), {"x": N}, None
    ),
    "what is read later": (
        lambda x: (lambda y: y[3] * np.sum(y * x + np.sin(y) - y**2 + x * 2) + y[-1] * np.mean(y))(np.exp(x) * x + 1), {"x": N}, None
    ),
    "running sums between": (lambda x: np.sum(np.cumsum(np.sin(x) * x)[::7] ** 2), {"x": N}, None),
    "a value of all": (
        lambda x: np.sum((x - np.mean(x)) ** 2 * np.exp(x) + x / (1 + np.sum(x**2)) + x**3 * 2), {"x": 8 * N}, 40
    ),
    "picked": (lambda x: np.sum(x[np.arange(N)[::-1] // 2] ** 2 * x + np.sin(x) * x - x**3 + 2 * x + 1), {"x": N}, 30),
    "made of several": (lambda x: np.sum(uphill.silu(x) * uphill.gelu(x) + uphill.logit(uphill.sigmoid(x)) * x - x**2), {"x": 2 * N}, 120),
    "filled": (lambda x: _filled(x) * np.sin(x) + np.cos(x) * x - x**2 + 3 * x - x / 3 + 1, {"x": N}, None),
    "logistic": (
        lambda w: np.sum(np.logaddexp(0, -SIGNS * (TABLE @ w))), {"w": 3}, None
    ),
    "in place": (lambda x: _in_place(x), {"x": N}, None),
}
TABLE, SIGNS = RNG.normal(size=(N, 3)), np.sign(RNG.normal(size=N))


def _filled(x):
    out = uphill.zeros(N)
    out[: N // 2] = x[: N // 2] * 2
    return out


def _in_place(x):
    y = x * 2
    y += np.sin(x)
    y[5:] *= x[5:]
    y -= 1
    return np.sum(y * y - x + y * 3 - y / 2)


@pytest.mark.parametrize("name", LONG)
def test_long_arrays_give_what_numbers_give(name):
    code, shapes, most = LONG[name]
    f = uphill.record(code, shapes)
    point = [RNG.normal(size=shape) for shape in shapes.values()]
    expected = np.asarray(code(*point), dtype=float)
    np.testing.assert_allclose(f(*point), expected, rtol=1e-11, atol=1e-11)
    assert np.shape(f(*point)) == expected.shape
    if most is not None:
        assert f.operation_count <= most
    direction = [RNG.normal(size=shape) for shape in shapes.values()]
    step = 1e-6
    ahead, behind = ([p + s * step * d for p, d in zip(point, direction)] for s in (1, -1))
    difference = (np.asarray(code(*ahead), dtype=float) - np.asarray(code(*behind), dtype=float)) / (2 * step)
    flat = lambda parts: np.concatenate([np.ravel(part) for part in parts])  # noqa: E731
    slope = f.jvp()(np.concatenate([flat(point), flat(direction)]))
    np.testing.assert_allclose(slope, difference, rtol=2e-5, atol=2e-4)
    if expected.ndim == 0:
        assert f.gradient()(*point) @ flat(direction) == pytest.approx(float(slope), rel=1e-9)


def test_sparse_hessians_of_arrays_are_those_of_loops():
    def looped(x, l):
        first = loops.sum(range(1, len(x)), lambda i: 100 * (x[i - 1] ** 2 - x[i]) ** 2 + (x[i - 1] - 1) ** 2)

        def term(i):
            a, b, c = x[i], x[i + 1], x[i + 2]
            return l[i] * (3 * b**3 + 2 * c - 5 + np.sin(b - c) * np.sin(b + c) + 4 * b - a * np.exp(a - b) - 3)

        return first + loops.sum(len(l), term)

    shapes = {"x": N, "l": N - 2}
    one, other = (uphill.record(code, shapes, parameters="l").sparse_hessian() for code in (chained, looped))
    x, l = RNG.normal(size=N), RNG.normal(size=N - 2)
    assert one.function.operation_count < 300
    difference = one(x, l) - other(x, l)
    assert abs(difference).max() < 1e-9 * abs(one(x, l)).max()


def test_short_arrays_are_written_out():
    f = uphill.record(lambda x: np.sum(np.sin(x) * x), {"x": 3})
    assert "sin(x[2])*x[2]" in str(f).replace(" ", "")
    g = uphill.record(lambda x: np.sum(x**2 * 3), {"x": 40})
    assert g.operation_count == 40 * 2 + 39


def test_arrays_in_bodies_of_loops():
    def waves(x):
        def step(i, state):
            u, v = state
            force = u[:-2] - 2 * u[1:-1] + u[2:]
            v = v + 0.1 * np.concatenate([[0.0], force - 0.1 * np.sin(u[1:-1]), [0.0]])
            return u + 0.1 * v, v

        u, v = loops.fold(5, (x, x * 0), step)
        return np.sum(u**2)

    x = RNG.normal(size=1500)
    f = uphill.record(waves, {"x": 1500})
    assert f(x) == pytest.approx(waves(x), rel=1e-12)
    v = RNG.normal(size=1500)
    difference = (waves(x + 1e-6 * v) - waves(x - 1e-6 * v)) / 2e-6
    assert f.gradient()(x) @ v == pytest.approx(difference, rel=1e-6)


def test_names_of_entries_stay():
    def code(x):
        y = np.exp(x) * np.sin(x) + x**2 - x / 3 + x * 2 - 1
        y[7].named("seventh")
        return np.sum(y)

    f = uphill.record(code, {"x": N})
    assert "seventh" in str(f.gradient()) or "seventh" in str(f)


def test_whole_arrays_of_other_recordings_are_refused():
    kept = []
    uphill.record(lambda x: kept.append(x) or x, {"x": 20})
    with pytest.raises(uphill.RecordingError, match="has ended"):
        kept[0] + 1
    with pytest.raises(uphill.RecordingError, match="two recordings"):
        uphill.record(lambda x: uphill.record(lambda y: x + y, {"y": 20})(np.ones(20)), {"x": 20})

    def body(x):
        loops.sum(3, lambda i: kept.append(x * i) or x[0])
        return kept[-1] + 1

    with pytest.raises(uphill.RecordingError, match="outside of that body"):
        uphill.record(body, {"x": 20})


def test_arrays_that_do_not_fit_are_told():
    with pytest.raises(ValueError, match="shape"):
        uphill.record(lambda x, y: x + y, {"x": 20, "y": 21})
    with pytest.raises(ValueError):
        uphill.record(lambda x, y: x @ y, {"x": (2, 3), "y": 2})
