"""Differential equations, beside closed forms and scipy."""

import numpy as np
import pytest

import uphill
from uphill import ode


def rates(t, prey, predators, born, eaten, dying):
    return born * prey - eaten * prey * predators, eaten * prey * predators - dying * predators


P = np.array([1.1, 0.4, 0.4])
TIMES = [0.0, 1.0, 2.5, 7.0]


@pytest.mark.parametrize("method", ["bdf", "tr-bdf2", "esdirk34", "tsit45"])
def test_solutions_beside_scipy(method):
    integrate = pytest.importorskip("scipy.integrate")
    system = ode.System(rates, {"prey": 10.0, "predators": 5.0}, method=method, relative=1e-7, absolute=1e-8)
    found = system.solve(P, TIMES)
    other = integrate.solve_ivp(
        lambda t, y: rates(t, *y, *P), (0, 7), [10, 5], t_eval=TIMES, rtol=1e-11, atol=1e-12, method="DOP853"
    )
    np.testing.assert_allclose(found.values, other.y.T, rtol=2e-6, atol=2e-7)
    assert found.times.tolist() == TIMES and found.ended_by is None and found.steps > 5
    assert found["predators"].tolist() == found.values[:, 1].tolist()
    assert system.states == ["prey", "predators"] and system.parameters == ["born", "eaten", "dying"]


def test_slopes_and_gradients():
    system = ode.System(rates, {"prey": 10.0, "predators": 5.0}, relative=1e-9, absolute=1e-10)
    found = system.sensitivities({"born": 1.1, "eaten": 0.4, "dying": 0.4}, TIMES)
    assert found.slopes.shape == (4, 2, 3) and found.slopes[0].tolist() == [[0.0] * 3] * 2
    small = 1e-4
    for place in range(3):
        step = small * np.eye(3)[place]
        difference = (system.solve(P + step, TIMES).values - system.solve(P - step, TIMES).values) / (2 * small)
        np.testing.assert_allclose(found.slopes[:, :, place], difference, rtol=1e-4, atol=1e-4)
    weights = np.arange(8.0).reshape(4, 2)
    value, gradient = system.gradient(lambda y: np.sum(weights * y**2), P, TIMES)
    assert value == pytest.approx(np.sum(weights * found.values**2), rel=1e-6)
    np.testing.assert_allclose(gradient, np.einsum("to,to,top->p", weights, 2 * found.values, found.slopes), rtol=1e-5)


def test_vectors_outputs_events_and_starts_of_parameters():
    A = np.array([[-1.0, 0.5, 0.0], [0.0, -2.0, 0.3], [0.1, 0.0, -0.5]])
    linear = ode.System(lambda t, y, k: k * (A @ y), {"y": np.ones(3)}, relative=1e-9, absolute=1e-11)
    expm = pytest.importorskip("scipy.linalg").expm
    np.testing.assert_allclose(linear.solve([1.0], [2.0]).values[0], expm(2 * A) @ np.ones(3), rtol=1e-7)
    fall = ode.System(
        lambda t, height, speed, g: (speed, -g),
        lambda g: {"height": 10.0, "speed": 0.1 * g},
        states=["height", "speed"],
        outputs=lambda t, height, speed, g: {"energy": g * height + speed**2 / 2, "height": height},
        events=lambda t, height, speed, g: {"ground": height},
    )
    found = fall.solve([9.81], [0.5, 1.0, 5.0])
    name, time = found.ended_by
    exact = (0.981 + np.sqrt(0.981**2 + 2 * 9.81 * 10)) / 9.81
    assert name == "ground" and time == pytest.approx(exact, rel=1e-5) and found.times[-1] == time
    assert found.names == ["energy", "height"]
    np.testing.assert_allclose(found["energy"], 9.81 * 10 + 0.981**2 / 2, rtol=1e-5)


def test_parameters_fitted_to_measurements_by_scipy():
    optimize = pytest.importorskip("scipy.optimize")
    system = ode.System(lambda t, y, k, end: k * (end - y), {"y": 0.0})
    t = np.linspace(0.5, 6, 12)
    data = {"t": t, "y": 3 * (1 - np.exp(-0.7 * t))}
    p = system.measured(data, "t", "y", lambda y, seen: -((y[0] - seen[0]) ** 2))
    minus = lambda w: tuple(-part for part in p.with_gradient(w))  # noqa: E731
    found = optimize.minimize(minus, [1.0, 1.0], jac=True, hessp=lambda w, v: -p.hessian_vector(w, v), method="trust-ncg")
    np.testing.assert_allclose(found.x, [0.7, 3.0], rtol=1e-5)
    assert p([0.7, 3.0]) == pytest.approx(0.0, abs=1e-12)


def test_steps_of_one_length_are_recorded_code():
    def pendulum(angle, speed, friction):
        return ode.runge_kutta4(lambda t, y: (y[1], -9.81 * np.sin(y[0]) - friction * y[1]), (angle, speed), 0.0, 0.001, 1000)

    f = uphill.record(pendulum)
    assert f.operation_count < 100
    point = (0.5, 0.1, 0.2)
    np.testing.assert_allclose(f(*point), pendulum(*point), rtol=1e-13)
    assert bool(uphill.check(f, list(point)))
    heun = ode.Tableau([[], [1.0]], [0.5, 0.5])
    last, path = heun.path(lambda t, y: -y, np.ones(2), 0.0, 0.1, 10)
    assert path.shape == (10, 2) and path[0].tolist() == [1.0, 1.0]
    assert last[0] == pytest.approx((1 - 0.1 + 0.005) ** 10)
    g = uphill.record(lambda y: heun.path(lambda t, y: -y * np.array([1.0, 2.0]), y, 0.0, 0.1, 10)[1], {"y": 2})
    assert g.jacobian()(np.ones(2)).shape == (20, 2)


SLIPS = [
    (lambda: ode.System(lambda t, y: y, {"y": 1.0}, method="euler"), uphill.InputError, "known: bdf"),
    (lambda: ode.System(lambda t, y: (y, y), {"y": 1.0}), uphill.InputError, "the rates"),
    (lambda: ode.System(lambda t, y, z: y, {"y": 1.0, "z": 1.0}), uphill.InputError, "expected 2 results"),
    (lambda: ode.System(lambda t, y, t2: y, {"y": 1.0}, parameters=["y"]), uphill.InputError, "`y` is the name"),
    (lambda: ode.System(lambda y, k: y, lambda k: k), uphill.InputError, "states"),
    (lambda: ode.System(lambda t, y: y, {"y": 1.0}).solve([1.0], [1.0]), uphill.InputError, "expected 0 numbers"),
    (lambda: ode.System(lambda t, y, k: k * y, {"y": 1.0}).solve({"z": 1.0}, [1.0]), uphill.UnknownNameError, "`z`"),
    (lambda: ode.System(lambda t, y, k: k * y, {"y": 1.0}).solve([1.0], [2.0, 1.0]), uphill.InputError, "ascend"),
    (lambda: ode.System(lambda t, y: y**2, {"y": 1.0}).solve([], [2.0]), uphill.SolutionError, "no further"),
    (lambda: ode.System(lambda t, y: -np.sqrt(y), {"y": 1.0}).solve([], [3.0]), uphill.NotFiniteError, "born at sqrt"),
    (lambda: ode.System(lambda t, y: y, {"y": 1.0}).solve([], [1.0])["z"], uphill.UnknownNameError, "known: y"),
    (lambda: ode.System(lambda t, y: y if y > 0 else -y, {"y": 1.0}), uphill.RecordingError, "uphill.where"),
    (lambda: ode.Tableau([[], [0.5]], [0.5, 0.6]), uphill.InputError, "add up to 1"),
    (lambda: ode.Tableau([[1.0]], [1.0]), uphill.InputError, "stage 0"),
]


@pytest.mark.parametrize("place", range(len(SLIPS)))
def test_slips_are_told(place):
    run, kind, said = SLIPS[place]
    with pytest.raises(kind, match=said):
        run()
