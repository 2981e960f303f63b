"""What Python code can do with recorded values, held beside the same code on numbers."""

import gc
import math

import numpy as np
import pytest

import uphill
from uphill import loops

RNG = np.random.default_rng(17)


def close(a, b, tolerance=1e-12):
    np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def _filled(out, x):
    for k in range(len(x)):
        out[k] = x[k] ** 2
    return out * x


#: Code of arrays, as it is written for numpy: each row runs on numbers and recorded, for inputs of these shapes.
ARRAYS = {
    "matrix times vector": (lambda w, x: w @ x, {"w": (2, 3), "x": 3}),
    "vector times vector": (lambda w, x: w @ x, {"w": 3, "x": 3}),
    "matrix times matrix": (lambda w, x: (w @ x).T, {"w": (2, 3), "x": (3, 4)}),
    "broadcasting": (lambda w, x: w[:, None] * x - x / (2.0 + w[:, None] ** 2), {"w": 2, "x": 3}),
    "slices": (lambda x: x[1:] * x[:-1] + x[::-1][1:], {"x": 5}),
    "numpy before and behind": (lambda x: np.arange(3.0) * x + x * np.ones(3) - 1 / (x**2 + np.float32(2)), {"x": 3}),
    "exp, log, sqrt": (lambda x: np.exp(x) + np.log(x**2 + 1) + np.sqrt(np.abs(x)), {"x": 4}),
    "trigonometry": (lambda x: np.sin(x) * np.cos(x) + np.tan(x) + np.arctan(x) + np.arcsin(x / 9), {"x": 4}),
    "hyperbolic": (lambda x: np.sinh(x) + np.cosh(x) * np.tanh(x) + np.arcsinh(x), {"x": 4}),
    "sums": (lambda x: np.sum(x, axis=0) + x.sum(axis=1)[:2] + np.mean(x) + x.prod(), {"x": (3, 2)}),
    "greatest and least": (lambda x: np.max(x) + x.min(axis=0).sum() + np.maximum(x, 0.1).sum(), {"x": (3, 2)}),
    "choices": (lambda x: np.where(x > 0.2, x**3, -x) + (x <= 0) + np.sign(x), {"x": 6}),
    "clip": (lambda x: np.clip(x, -0.5, 0.5) + x.clip(0, 1), {"x": 6}),
    "norms and spread": (lambda x: np.linalg.norm(x) + np.var(x) + np.std(x), {"x": 6}),
    "rounding": (lambda x: np.floor(x) + np.ceil(x) + np.rint(x * 3) + np.remainder(x, 0.3), {"x": 6}),
    "two operands": (lambda x, y: np.hypot(x, y) + np.arctan2(y, x) + np.logaddexp(x, y), {"x": 4, "y": 4}),
    "logic": (lambda x: np.logical_and(x > 0, x < 1) + np.logical_not(x > 0) * 2.0, {"x": 6}),
    "shapes": (lambda x: np.concatenate([x.reshape(2, 3), x.reshape(3, 2).T]).ravel(), {"x": 6}),
    "stacked": (lambda x: np.stack([x, x**2], axis=1).sum(axis=0), {"x": 4}),
    "outer product": (lambda x, y: np.outer(x, y).sum(axis=1), {"x": 3, "y": 2}),
    "einsum": (lambda w, x: np.einsum("ij,j->i", w, x), {"w": (2, 3), "x": 3}),
    "cumulative": (lambda x: np.cumsum(x) * np.diff(x, prepend=0.0), {"x": 4}),
    "a number": (lambda a: np.exp(a) * abs(a) + round(a) + a // 0.3 + a % 0.3 + 2**a + a**3 + a**0.5, {"a": None}),
    "numbers of numpy": (lambda a: np.float64(2) * a - np.float64(3) / a + np.int64(2) ** a + a ** np.int64(3), {"a": None}),
    "list": (lambda a, x: [a, x[0], 3], {"a": None, "x": 2}),
    "linear systems": (lambda w, x: np.linalg.solve(w + 0.1 * np.eye(4), x), {"w": (4, 4), "x": 4}),
    "systems of several sides": (lambda w, x: np.linalg.solve(w @ w.T + np.eye(3), x), {"w": (3, 3), "x": (3, 2)}),
    "inverses": (lambda w: np.linalg.inv(w - 0.3 * np.eye(3)), {"w": (3, 3)}),
    "determinants": (lambda w: np.linalg.det(w) + np.linalg.slogdet(w)[0] * np.linalg.slogdet(w).logabsdet, {"w": (4, 4)}),
    "Cholesky's triangle": (lambda w: np.linalg.cholesky(w @ w.T + np.eye(3)), {"w": (3, 3)}),
    "further norms": (lambda x: np.linalg.norm(x, np.inf) + np.linalg.norm(x, 1) + np.linalg.norm(x, -np.inf), {"x": 5}),
    "choices of a number": (
        lambda a: np.where(a > 0.2, a**2, -a) + np.clip(a, 0.1, 0.9) + np.clip(a, None, 0.5) + np.heaviside(a, 0.5), {"a": None}
    ),
    "choices of several": (lambda x: np.select([x > 0.5, x > 0], [x, x**2], -x), {"x": 6}),
    "between": (lambda a, b: np.linspace(a, b, 5), {"a": None, "b": None}),
    "functions of products": (lambda x, y: np.exp(np.outer(x, y)).sum(axis=0) + np.float_power(abs(x), 1.5)[:2], {"x": 3, "y": 2}),
    "filled": (lambda x: _filled(np.zeros_like(x), x), {"x": 4}),
    "finite": (lambda x: np.where(np.isfinite(x), x, 0.0) + np.isnan(x), {"x": 3}),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_the_same_code_runs_on_arrays_of_numbers_and_recorded(name):
    code, shapes = ARRAYS[name]
    if name == "einsum" and np.lib.NumpyVersion(np.__version__) < "1.25.0":
        pytest.skip("this numpy has no einsum of objects")
    f = uphill.record(code, shapes)
    for _ in range(3):
        point = {key: abs(RNG.normal()) if shape is None else RNG.normal(size=shape) for key, shape in shapes.items()}
        expected = code(*point.values())
        close(f(**point), np.asarray(expected, dtype=float))
        assert np.shape(f(**point)) == np.shape(expected)


@pytest.mark.parametrize("name", ARRAYS)
def test_jacobians_agree_with_differences(name):
    code, shapes = ARRAYS[name]
    if name in ("rounding", "choices", "choices of a number", "choices of several"):
        pytest.skip("jumps")
    if name == "einsum" and np.lib.NumpyVersion(np.__version__) < "1.25.0":
        pytest.skip("this numpy has no einsum of objects")
    f = uphill.record(code, shapes)
    point = np.concatenate([np.ravel(abs(RNG.normal(size=shape or ()))) for shape in shapes.values()]) + 0.013
    step = 1e-6
    columns = [(np.ravel(f(point + step * e)) - np.ravel(f(point - step * e))) / (2 * step) for e in np.eye(len(point))]
    close(f.jacobian()(point), np.stack(columns, axis=1), 1e-7)


FUNCTIONS = sorted(set(uphill._functions.ALL))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_take_numbers_recorded_values_and_arrays(name):
    function = getattr(uphill, name)
    count = {"clip": 3, "elu": 2, "polygamma": 2, "beta": 2, "ln_beta": 2}.get(name)
    if count is None:
        for count in (1, 2):
            try:
                function(*[0.5] * count)
                break
            except uphill.InputError:
                pass
    point = [0.7, 0.4, 0.9][:count]
    if name in ("polygamma",):
        point[0] = 1
    if name in ("acosh",):
        point = [1.3]
    names = ["x", "y", "z"][:count]
    if name == "polygamma":
        f = uphill.record(lambda x: function(1, x), ["x"])
        assert f(point[1]) == function(*point)
        return
    f = uphill.record(function, names)
    value = function(*point)
    assert isinstance(value, float)
    assert f(*point) == value
    assert f.gradient()(*point).shape == (count,)
    arrays = [np.array([number, number]) for number in point]
    assert function(*arrays).tolist() == [value, value]
    over = uphill.record(lambda *x: function(*x), {n: 2 for n in names})
    assert over(*arrays).tolist() == [value, value]


def test_functions_agree_with_scipy():
    special = pytest.importorskip("scipy.special")
    x = np.linspace(0.05, 0.95, 19)
    pairs = {
        "sigmoid": special.expit(x),
        "softplus": np.logaddexp(0, x),
        "erf": special.erf(x),
        "erfcx": special.erfcx(x),
        "lgamma": special.gammaln(x),
        "digamma": special.digamma(x),
        "trigamma": special.polygamma(1, x),
        "ndtr": special.ndtr(x),
        "log_ndtr": special.log_ndtr(x),
        "logit": special.logit(x),
        "relu": np.maximum(x, 0),
        "softsign": x / (1 + np.abs(x)),
        "silu": x * special.expit(x),
    }
    for name, expected in pairs.items():
        close(getattr(uphill, name)(x), expected, 1e-13)
    close(uphill.softmax(x), special.softmax(x), 1e-13)
    close(uphill.logsumexp(x.reshape(1, 19), axis=1), special.logsumexp(x), 1e-13)
    close(uphill.xlogy(x, x), special.xlogy(x, x), 1e-13)


#: Code that looks at values, and what the error has to say.
SLIPS = {
    "if": (lambda x: x if x > 0 else -x, "uphill.where"),
    "and": (lambda x: (x > 0) and x, "uphill.where"),
    "max": (lambda x: max(x, 0.0), "uphill.maximum"),
    "while": (lambda x: [x for _ in iter(lambda: bool(x), False)], "repeat_while"),
    "math": (lambda x: math.exp(x), "numpy.exp"),
    "float": (lambda x: float(x), "looks at a value"),
    "into an array of floats": (lambda x: np.zeros(2).__setitem__(0, x), "uphill.zeros"),
    "int": (lambda x: int(x), "uphill.floor"),
    "subscript": (lambda x: [1, 2][x], "subscript"),
    "sorting": (lambda x: np.sort(uphill.array([x, 1.0])), "uphill.where"),
    "what isn't recorded": (lambda x: np.nextafter(uphill.array([x]), 1.0), "isn't recorded"),
    "gives back a text": (lambda x: "x", "str"),
    "gives back nothing": (lambda x: None, "lack a `return`"),
    "mask": (lambda x: uphill.array([x, 1.0])[uphill.array([x, 1.0]) > 0], "numpy.where"),
    "filling by a mask": (lambda x: uphill.zeros(2).__setitem__(uphill.array([x, 1.0]) > 0, 1.0), "numpy.where"),
    "format": (lambda x: f"{x:.3f}", "looks at a value"),
    "numbers alone": (lambda x: np.fft.fft(uphill.array([x, 1.0])), "numpy.fft.fft.*recorded values"),
    "tables": (lambda x: np.interp(x, [0, 1], [0, 2]), "numpy.interp"),
    "eigenvalues": (lambda x: np.linalg.eigvalsh(uphill.array([[x, 0.0], [0.0, x]])), "numpy.linalg.eigvalsh"),
}


@pytest.mark.parametrize("name", SLIPS)
def test_what_looks_at_values_is_told_what_to_write(name):
    code, said = SLIPS[name]
    with pytest.raises(uphill.RecordingError, match=said):
        uphill.record(code, ["x"])


def test_functions_of_scipy_are_known_by_name():
    special = pytest.importorskip("scipy.special")
    for name in ("expit", "gammaln", "psi", "erf", "erfc", "ndtr", "log_ndtr", "betaln", "xlogy", "logit"):
        function = getattr(special, name)
        point = np.array([0.3, 0.6, 0.9])
        arguments = lambda x: (x, x + 1) if function.nin == 2 else (x,)  # noqa: E731
        f = uphill.record(lambda x: function(*arguments(x)) + function(*arguments(x[0])), {"x": 3})
        close(f(point), function(*arguments(point)) + function(*arguments(point[0])), 1e-12)
    with pytest.raises(uphill.RecordingError, match="airy"):
        uphill.record(lambda x: special.airy(x))


def test_code_of_scipy_is_recorded():
    optimize = pytest.importorskip("scipy.optimize")
    f = uphill.record(optimize.rosen, {"x": 6})
    x = RNG.normal(size=6)
    close(f.gradient()(x), optimize.rosen_der(x), 1e-10)
    found = optimize.minimize(f, np.full(6, 1.3), jac=f.gradient(), hess=f.hessian(), method="trust-exact", tol=1e-10)
    close(found.x, np.ones(6), 1e-6)


def test_plain_arrays_of_objects_work_by_methods():
    f = uphill.record(lambda a, b: np.exp(np.array([a, b])).sum() + np.dot(np.array([a, b]), [1.0, 2.0]))
    close(f(0.5, 0.25), math.exp(0.5) + math.exp(0.25) + 1.0)


def test_values_of_another_recording_are_refused():
    kept = []
    uphill.record(lambda x: kept.append(x) or x)
    with pytest.raises(uphill.RecordingError, match="has ended"):
        kept[0] + 1
    with pytest.raises(uphill.RecordingError, match="two recordings"):
        uphill.record(lambda x: uphill.record(lambda y: x + y)(1.0))


def test_recording_within_a_recording():
    def code(x):
        square = uphill.record(lambda y: y**2)
        return square(x + 1) + square(2.0)

    f = uphill.record(code)
    assert f(3.0) == 20.0
    assert f.gradient()(3.0).tolist() == [8.0]


def test_functions_are_called_within_recordings():
    inner = uphill.record(lambda w, b: w @ w + b, {"w": 2, "b": None})
    f = uphill.record(lambda x, y: inner([x, y], b=x * y) + inner(np.array([x, 1.0]), 2.0))
    x, y = 0.3, 0.7
    close(f(x, y), x * x + y * y + x * y + x * x + 3)
    close(f.gradient()(x, y), [4 * x + y, 2 * y + x])


def test_names_of_inputs_and_outputs():
    f = uphill.record(lambda a, b: {"sum": a + b, "both": [a * b, a - b]})
    assert f.output_names == ["sum", "both[0]", "both[1]"]
    total, both = f(2.0, 3.0)
    assert total == 5.0 and both.tolist() == [6.0, -1.0]
    g = uphill.record(lambda a: ((a * 2).named("twice") + 1, a), ["a"])
    assert g.output_names == ["P1", "P2"]
    assert "twice" in str(g)
    h = uphill.record(lambda a: (a * 2).named("twice"))
    assert h.output_names == ["twice"] and h(1.0) == 2.0
    assert uphill.record(lambda x, y=3: x * y)(2.0) == 6.0
    p = uphill.record(lambda w, x: w * x, parameters="x")
    assert p.gradient()(2.0, 5.0).tolist() == [5.0]
    assert p.inputs == [("w", None, "variable"), ("x", None, "parameter")]


@pytest.mark.parametrize(
    "inputs, said",
    [
        (["a", "a"], "one name"),
        ({"a": -1}, "negative"),
        ({"a": "x"}, "length"),
        ([3], "expected a text"),
        ([" a"], "can't be used"),
    ],
)
def test_inputs_that_cannot_be(inputs, said):
    with pytest.raises(uphill.InputError, match=said):
        uphill.record(lambda *x: x[0], inputs)


def test_names_of_outputs_are_texts():
    with pytest.raises(uphill.InputError, match="expected a text, got 1"):
        uphill.record(lambda x: {1: x})


@pytest.mark.parametrize("searched", [True, False])
def test_the_search_for_cycles_is_put_back(searched):
    during = []

    def fails(x):
        during.append(gc.isenabled())
        raise KeyError("x")

    before = gc.isenabled()
    try:
        gc.enable() if searched else gc.disable()
        uphill.record(lambda x: x * uphill.record(lambda y: 2 * y)(x), ["x"])
        assert gc.isenabled() == searched
        with pytest.raises(KeyError):
            uphill.record(fails, ["x"])
        assert gc.isenabled() == searched
        assert during == [False]
    finally:
        gc.enable() if before else gc.disable()


def test_a_decorator():
    @uphill.record(inputs={"w": 3})
    def p(w):
        return -np.sum(w**2)

    assert p.gradient()([1.0, 2.0, 3.0]).tolist() == [-2.0, -4.0, -6.0]


def test_loops_give_what_plain_loops_give():
    data = np.arange(12.0).reshape(4, 3) / 7

    def sums(w):
        rows = uphill.array(data)
        return loops.sum(4, lambda i: (rows[i] @ w - rows[i, 0]) ** 2 * i)

    def scans(w):
        last, kept = loops.scan(range(2, 9, 3), (w[0], w[1:]), lambda i, s: ((s[0] + 0.1 * s[1][0], s[1] * s[0]), s[0] * i))
        return np.concatenate([kept, last[1], [last[0]]])

    def maps(w):
        return loops.map(range(2), lambda i: w[2 - i] * w[i + 1])

    def folds(w):
        return loops.fold(3, {"w": w, "k": 1.0}, lambda i, s: {"w": s["w"] * 0.5 + w * (i + 1), "k": s["k"] + s["w"][0]})["w"]

    def nested(w):
        return loops.sum(3, lambda i: loops.sum(2, lambda j: w[i] * w[j] * (i + 2 * j)))

    def tables(w):
        table = loops.Table([2, 0, 1])
        return loops.sum(3, lambda i: w[table[i]] * (i + 1) ** 2) + loops.sum(
            2, lambda i: w[2 * i] * table[i + 1] + w[loops.Table([2, 1])[i] - 1] * w[loops.Table([1, 0])[i] + i]
        )

    w = np.array([0.3, -0.4, 0.9])
    for code in (sums, scans, maps, folds, nested, tables):
        f = uphill.record(code, {"w": 3})
        close(f(w), code(w))
    matrix = uphill.record(lambda W: loops.sum(2, lambda i: loops.sum(3, lambda j: W[i, j] * (i + 10 * j))), {"W": (2, 3)})
    close(matrix([[1, 2, 3], [4, 5, 6]]), 0 + 2 * 10 + 3 * 20 + 4 * 1 + 5 * 11 + 6 * 21)


def test_loops_stay_loops():
    def rosenbrock(x):
        return loops.sum(range(1, len(x)), lambda i: 100 * (x[i] - x[i - 1] ** 2) ** 2 + (1 - x[i - 1]) ** 2)

    f = uphill.record(rosenbrock, {"x": 100_000})
    assert f.operation_count < 10
    assert f.gradient().operation_count < 60
    x = RNG.normal(size=100_000)
    close(f(x), np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2), 1e-9)


def test_a_loop_that_ends_by_a_value():
    def heron(a):
        return loops.repeat_while(100, 0.5 * (a + 1), lambda x: abs(x * x - a) > 1e-14 * a, lambda x: 0.5 * (x + a / x))

    f = uphill.record(heron)
    assert heron(1e6) == 1000.0 == f(1e6)
    close(f.gradient()(4.0), [0.25])


LOOP_SLIPS = {
    "outside of a vector": (lambda x: loops.sum(4, lambda i: x[i]), uphill.PlaceError, "0 to 3"),
    "before a vector": (lambda x: loops.sum(3, lambda i: x[i - 1]), uphill.PlaceError, "-1 to 1"),
    "outside of a table": (lambda x: loops.sum(3, lambda i: x[loops.Table([0, 1])[i]]), uphill.PlaceError, "table of 2"),
    "data that isn't wrapped": (lambda x: loops.sum(3, lambda i: [1, 2, 3][i] * x[0]), uphill.RecordingError, "uphill.array"),
    "if on the counter": (lambda x: loops.sum(3, lambda i: x[0] if i == 0 else x[1]), uphill.RecordingError, "where"),
    "another shape of state": (lambda x: loops.fold(3, x[0], lambda i, s: (s, s)), uphill.RecordingError, "same shape"),
    "a text as state": (lambda x: loops.fold(3, "s", lambda i, s: s), uphill.InputError, "str"),
    "changes an array": (lambda x: loops.map(3, lambda i: x.__setitem__(i, 1.0)), uphill.RecordingError, "loops.map"),
    "no number of turns": (lambda x: loops.map(2.5, lambda i: x[0]), uphill.InputError, "float"),
}


@pytest.mark.parametrize("name", LOOP_SLIPS)
def test_slips_in_loops_are_told(name):
    code, kind, said = LOOP_SLIPS[name]
    with pytest.raises(kind, match=said):
        uphill.record(code, {"x": 3})


def test_values_of_a_body_stay_inside():
    kept = []

    def code(x):
        loops.sum(3, lambda i: kept.append(x[i]) or x[i])
        return kept[0] + 1

    with pytest.raises(uphill.RecordingError, match="outside of that body"):
        uphill.record(code, {"x": 3})


def test_a_failed_body_leaves_the_recording_whole():
    def code(x):
        with pytest.raises(ZeroDivisionError):
            loops.sum(3, lambda i: x[i] / (1 // 0))
        return loops.sum(3, lambda i: x[i])

    assert uphill.record(code, {"x": 3})([1.0, 2.0, 4.0]) == 7.0
