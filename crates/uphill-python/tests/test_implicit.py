"""What equations define, beside closed forms and scipy."""

import pickle

import numpy as np
import pytest

import uphill
from uphill import loops

KEPLER = uphill.implicit(lambda E, e, M: E - M - e * np.sin(E), "E")


def test_a_root_and_its_derivatives():
    e, M = 0.5, 1.0
    E = KEPLER.solve(3.0, e, M)
    assert type(E) is float and abs(E - M - e * np.sin(E)) < 1e-15
    assert E == KEPLER.solve(3, M=M, e=e) == KEPLER.root(3.0, e, M)
    f = uphill.record(lambda e, M: KEPLER.solve(3.0, e, M))
    assert f(e, M) == E
    slope = 1 - e * np.cos(E)
    np.testing.assert_allclose(f.gradient()(e, M), [np.sin(E) / slope, 1 / slope], rtol=1e-13)
    assert bool(uphill.check(f, [e, M], kind="hessian"))
    assert pickle.loads(pickle.dumps(f))(e, M) == E
    assert f.compile()(e, M) == pytest.approx(E, abs=1e-14)


def test_systems_of_vectors_and_several_unknowns():
    both = uphill.implicit(lambda y, s, p: [y[0] + y[1] - s, y[0] * y[1] - p], {"y": 2})
    y = both.solve([1.0, 4.0], 5.0, 6.0)
    np.testing.assert_allclose(y, [2, 3], rtol=1e-14)
    f = uphill.record(lambda s, p: both.solve([1.0, 4.0], s, p))
    np.testing.assert_allclose(f.jacobian()(5.0, 6.0), [[-2, 1], [3, -1]], rtol=1e-12)
    named = uphill.implicit(lambda a, b, s, p: (a + b - s, a * b - p), ["a", "b"])
    assert named.solve((1.0, 4.0), 5.0, 6.0) == pytest.approx((2.0, 3.0))
    assert named.solve({"b": 4.0, "a": 1.0}, 5.0, 6.0) == pytest.approx((2.0, 3.0))
    # A linear system: the root is the inverse times what is given.
    A = np.random.default_rng(3).normal(size=(4, 4)) + 4 * np.eye(4)
    linear = uphill.implicit(lambda y, b: A @ y - b, {"y": 4}, {"b": 4})
    g = uphill.record(lambda b: linear.solve(np.zeros(4), b), {"b": 4})
    np.testing.assert_allclose(g.jacobian()(np.ones(4)), np.linalg.inv(A), rtol=1e-12, atol=1e-14)


def test_steps_of_a_stiff_method_in_a_loop():
    step = uphill.implicit(lambda y, before, k: y - before + 0.1 * k * y**3, "y", at_most=10)
    f = uphill.record(lambda k: loops.fold(100, 1.0, lambda i, y: step.solve(y, y, k)))
    assert f.operation_count < 200
    small = 1e-4
    difference = (f(2 + small) - f(2 - small)) / (2 * small)
    np.testing.assert_allclose(f.gradient()(2.0), [difference], atol=1e-8)


def test_where_there_is_no_root():
    root = uphill.implicit(lambda y, x: y**2 - x, "y")
    assert root.solve(1.0, 9.0) == 3.0
    assert np.isnan(root.solve(1.0, -9.0))
    with pytest.raises(uphill.NotFiniteError, match="no root"):
        root.root(1.0, -9.0)
    with pytest.raises(uphill.NotFiniteError, match="singular"):
        root.root(0.0, 9.0)


SLIPS = [
    (lambda: uphill.implicit(lambda y, x: [y, x], "y"), uphill.InputError, "expected 1.*got 2"),
    (lambda: uphill.implicit(lambda y, *x: y, "y"), uphill.InputError, "what is given"),
    (lambda: uphill.implicit(lambda y, x: y - x, "y", ["y"]), uphill.InputError, "`y` is an unknown"),
    (lambda: uphill.implicit(lambda y: y, {"y": 65}, []), uphill.UnsupportedError, "64"),
    (lambda: KEPLER.solve(3.0, 0.5), uphill.InputError, "expected 2 numbers, got 1"),
    (lambda: KEPLER.solve(3.0, e=0.5), uphill.InputError, "`M` not given"),
    (lambda: KEPLER.solve([3.0, 4.0], 0.5, 1.0), uphill.InputError, "start of E.*got 2"),
    (lambda: uphill.implicit(lambda y, x: y - x, "y", at_most=0), uphill.InputError, "at_most"),
    (lambda: uphill.record(lambda e, M: KEPLER.root(3.0, e, M)), uphill.RecordingError, "solve"),
]


@pytest.mark.parametrize("place", range(len(SLIPS)))
def test_slips_are_told(place):
    run, kind, said = SLIPS[place]
    with pytest.raises(kind, match=said):
        run()
