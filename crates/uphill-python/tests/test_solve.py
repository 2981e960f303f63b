"""Climbs, problems with constraints, fits and checks, beside scipy and known answers."""

import _thread
import signal
import threading

import numpy as np
import pytest

import uphill


def banana(x, y):
    return -((x - 1) ** 2) - 10 * (y - x**2) ** 2


def test_climbs_end_on_summits():
    summit = uphill.climb(banana, [-1.0, 2.0])
    assert summit.converged and summit.ending == "summit" and "summit" in summit.told
    np.testing.assert_allclose(summit.values, [1, 1], atol=1e-8)
    within = uphill.climb(banana, {"x": -1, "y": 0}, bounds={"y": (-1, 0.25)})
    assert within.values[1] == 0.25
    fixed = uphill.climb("P = -(a - b)^2 - a^2", {"a": 1, "b": 3}, fix="b")
    np.testing.assert_allclose(fixed.values, [1.5, 3])
    vector = uphill.record(lambda w: -np.sum((w - np.arange(3)) ** 2), {"w": 3})
    np.testing.assert_allclose(uphill.climb(vector, {"w": 0.0}).values, [0, 1, 2], atol=1e-9)


SLIPS = [
    (lambda: uphill.climb(banana, [1.0]), uphill.InputError, "start"),
    (lambda: uphill.climb(banana, {"x": 1}), uphill.InputError, "`y` is missing"),
    (lambda: uphill.climb(banana, {"x": 1, "y": 2, "z": 3}), uphill.InputError, "`z`"),
    (lambda: uphill.climb(banana, [1, 1], bounds={"z": (0, 1)}), uphill.UnknownNameError, "`z`"),
    (lambda: uphill.climb(banana, [1, 1], bounds={"x": "low"}), uphill.InputError, "low, high"),
    (lambda: uphill.climb(lambda x: x, [1.0]), uphill.ClimbError, "without"),
    (lambda: uphill.minimise(banana, {"c": (0, 1)}), uphill.UnknownNameError, "`c`"),
    (lambda: uphill.minimise(banana, bounds={"x": (1, 0)}), uphill.InputError, "x"),
]


@pytest.mark.parametrize("place", range(len(SLIPS)))
def test_slips_are_told(place):
    run, kind, said = SLIPS[place]
    with pytest.raises(kind, match=said):
        run()


def test_problems_with_constraints_beside_scipy():
    optimize = pytest.importorskip("scipy.optimize")

    def box(w, d, h):
        return {"surface": 2 * (w * d + d * h + h * w), "volume": w * d * h}

    seen = []
    best = uphill.minimise(
        box, {"volume": (8, None)}, bounds={"h": (0.1, 1)}, start=[1, 1, 0.5], progress=lambda *all: seen.append(all)
    )
    assert best.optimal and best.status == "optimal" and "optimal" in best.told
    assert len(seen) >= best.iterations and len(seen[0]) == 4
    assert best.constraints["volume"].multiplier == pytest.approx(2 + 2 / np.sqrt(8))
    other = optimize.minimize(
        lambda v: box(*v)["surface"],
        [1, 1, 0.5],
        bounds=[(None, None), (None, None), (0.1, 1)],
        constraints={"type": "ineq", "fun": lambda v: box(*v)["volume"] - 8},
        tol=1e-12,
    )
    np.testing.assert_allclose(best.values, other.x, rtol=1e-5)
    assert best.performance <= other.fun * (1 + 1e-9)
    equal = uphill.maximise(lambda x, y: {"P": x * y, "sum": x + y}, {"sum": 4}, start={"x": 1, "y": 2})
    np.testing.assert_allclose(equal.values, [2, 2], rtol=1e-7)
    nowhere = uphill.minimise(lambda x: {"P": x**2, "c": x**2 + 1}, {"c": (None, 0)})
    assert nowhere.status == "infeasible" and "`c`" in nowhere.told
    with pytest.raises(ZeroDivisionError):
        uphill.minimise(box, {"volume": (8, None)}, start=[1, 1, 1], progress=lambda *all: 1 // 0)


MISRA = {
    "x": [77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0],
    "y": [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78],
}


def test_fits_beside_nist_and_scipy():
    def model(x, b1, b2):
        return b1 * (1 - np.exp(-b2 * x))

    fit = uphill.fit(model, MISRA, "y", start={"b1": 500, "b2": 0.0001})
    assert fit.converged and fit.ending == "summit"
    # As certified by NIST for Misra1a.
    assert fit["b1"] == pytest.approx(2.3894212918e02, rel=1e-9)
    assert fit.standard_errors["b2"] == pytest.approx(7.2668688436e-06, rel=1e-8)
    assert fit.squares == pytest.approx(1.2455138894e-01, rel=1e-9)
    optimize = pytest.importorskip("scipy.optimize")
    x, y = np.array(MISRA["x"]), np.array(MISRA["y"])
    values, covariance = optimize.curve_fit(model, x, y, p0=[240, 5e-4])
    np.testing.assert_allclose(list(fit.values.values()), values, rtol=1e-5)
    np.testing.assert_allclose(fit.covariance, covariance, rtol=1e-3)
    low, high = fit.interval("b1", 0.95)
    assert low < fit["b1"] < high
    there = uphill.predict(fit, {"x": [100.0, 800.0]})
    np.testing.assert_allclose(there.value, model(np.array([100.0, 800.0]), **fit.values), rtol=1e-12)
    assert (there.low < there.value).all() and (there.observation_low < there.low).all()
    assert "b1" in str(fit) and fit.rows == 14 and fit.degrees_of_freedom == 12
    formula = uphill.fit("y = b1*(1 - exp(-b2*x))", MISRA, start={"b1": 500, "b2": 0.0001})
    assert formula.values == pytest.approx(fit.values)


def test_ways_to_fit():
    x = np.linspace(0, 1, 21)
    data = {"x": x, "y": 1 + 2 * x, "w": np.ones(21), "s": np.full(21, 0.1)}
    data["y"][3] = 40.0
    line = lambda x, a, b: a + b * x  # noqa: E731
    start = {"a": 0.5, "b": 1.0}
    absolute = uphill.fit(line, data, "y", start=start, performance=lambda d, o: -abs(d - o))
    assert absolute.values == pytest.approx({"a": 1, "b": 2}, abs=1e-6)
    huber = uphill.fit(line, data, "y", start=start, performance=("huber", 0.01))
    assert huber["b"] == pytest.approx(2, abs=0.1)
    fixed = uphill.fit(line, data, "y", start=start, fix="a", bounds={"b": (0, 1.5)}, weights="w")
    assert fixed["a"] == 0.5 and fixed.states["a"] == "fixed"
    known = uphill.fit(line, data, "y", start=start, sigma="s")
    assert known.standard_errors["a"] == pytest.approx(0.1 * np.sqrt(1 / 21 + 0.25 / np.sum((x - 0.5) ** 2)))
    for slip, kind, said in [
        (dict(start={"a": 1}), uphill.UnknownNameError, "`b`"),
        (dict(start={**start, "c": 1}), uphill.UnknownNameError, "`c`"),
        (dict(start=start, performance="best"), uphill.InputError, "best"),
        (dict(start=start, weights="z"), uphill.UnknownNameError, "`z`"),
    ]:
        with pytest.raises(kind, match=said):
            uphill.fit(line, data, "y", **slip)
    with pytest.raises(uphill.InputError, match="which column"):
        uphill.fit(line, data, start=start)


def interrupted(run):
    """Ctrl-C while this runs. Tests that a script starts in the background are born with signals ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.2, _thread.interrupt_main)
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            run()
    finally:
        timer.cancel()
        timer.join()
        signal.signal(signal.SIGINT, before)


def test_ctrl_c_stops_a_climb():
    # A way without end, since no step is ever good: each is taken back by the callback.
    function = uphill.record(lambda x: {"P": np.sum(x**2) + np.sum(np.cos(30 * x)), "c": np.prod(x)}, {"x": 4})
    interrupted(lambda: [uphill.minimise(function, {"c": (1, 2)}, start=[2.0] * 4) for _ in range(10**6)])


def test_checks():
    f = uphill.record(lambda x, y: np.sin(x * y) + np.exp(x))
    report = uphill.check(f, [0.3, 0.7], random=5, seed=2)
    assert report and report.passed and len(report.entries) == 12
    assert uphill.check(f, [0.3, 0.7], kind="hessian")
    assert uphill.check(f.gradient(), [0.3, 0.7], kind="jacobian")
    assert "agree" in str(report)
    with pytest.raises(uphill.InputError, match="say where"):
        uphill.check(f)


def test_surfaces():
    f = uphill.record(lambda x, y, z: -(x**2 + 3 * y**2) * z)
    assert "<svg" in uphill.surface(f, at=[0, 0, 1], start=[1.5, 1.0]).svg()
    assert "<svg" in uphill.surface(f, "x", "z", at=[0, 0, 1], x_range=(-1, 1), y_range=(-1, 1), solid=True).svg(dark=True)
    with pytest.raises(uphill.Error, match="`w`"):
        uphill.surface(f, "w", "x")


def test_posteriors_beside_the_fit():
    start, bounds = {"b1": 100.0, "b2": 1e-3}, {"b2": (0, 0.1)}
    model = lambda x, b1, b2: b1 * (1 - np.exp(-b2 * x))  # noqa: E731
    fit = uphill.fit(model, MISRA, "y", start=start)
    posterior = uphill.sample(model, MISRA, "y", start=start, bounds=bounds, chains=2, draws=400, seed=3)
    assert posterior.names == ["b1", "b2"] and posterior.chains == 2
    draws = posterior.draws("b1")
    assert draws.shape == (2, 400) and posterior.mean("b1") == pytest.approx(draws.mean())
    assert posterior.mean("b1") == pytest.approx(fit["b1"], abs=fit.standard_errors["b1"])
    assert posterior.standard_deviation("b1") == pytest.approx(fit.standard_errors["b1"], rel=0.5)
    low, high = posterior.interval("b1")
    assert low < fit["b1"] < high and posterior.quantile("b1", 0.025) == low
    np.testing.assert_allclose(posterior.covariance, np.cov(draws.ravel(), posterior.draws("b2").ravel()), rtol=1e-9)
    assert posterior.r_hat("b2") < 1.1 and posterior.effective_draws("b2") > 50
    assert "b1 = " in str(posterior) and "2 chains" in str(posterior)
    again = uphill.sample(model, MISRA, "y", start=start, bounds=bounds, chains=2, draws=400, seed=3)
    assert again.draws("b1").tolist() == draws.tolist()
    with pytest.raises(uphill.InputError, match="draws"):
        uphill.sample(model, MISRA, "y", start=start, draws=2)
    with pytest.raises(uphill.InputError, match="chains: expected a whole number"):
        uphill.sample(model, MISRA, "y", start=start, chains=1.5)
    with pytest.raises(uphill.UnknownNameError, match="`b3`"):
        posterior.mean("b3")
