"""Functions and programs: called, derived, compiled, told, saved."""

import pickle
import threading

import numpy as np
import pytest

import uphill

LECTURE = "P = 3*o1 - 7*o2; o1 = w1 - 2*w2 + 5*w3; o2 = 2*w1 - w2 - 6"


def quartic(x):
    return np.sum(x**4) + np.sum(x[1:] * x[:-1] ** 2)


def test_ways_to_call():
    f = uphill.formula(LECTURE)
    calls = [
        f(1, 1, 1),
        f(1.0, np.float32(1), np.int64(1)),
        f([1, 1, 1]),
        f(np.ones(3)),
        f(np.ones(6)[::2]),
        f(np.ones((3, 1), dtype=int)),
        f(w3=1, w1=1, w2=1),
        f(1, w3=1, w2=1),
    ]
    assert calls == [47.0] * len(calls)
    assert all(type(value) is float for value in calls)
    p = f.compile()
    assert [p(1, 1, 1), p([1, 1, 1]), p(np.ones(3)), p(w3=1, w1=1, w2=1)] == [47.0] * 4


@pytest.mark.parametrize(
    "arguments, named, kind, said",
    [
        ((1, 2), {}, uphill.InputError, "`w3` not given"),
        ((1, 2, 3, 4), {}, uphill.InputError, "takes 3 arguments, got 4"),
        ((1, 2), {"w9": 3}, uphill.UnknownNameError, "w9"),
        ((1, 2, 3), {"w1": 3}, uphill.InputError, "given twice"),
        (([1, 2],), {}, uphill.InputError, "expected 3 numbers, got 2"),
        ((1, 2, [3, 4]), {}, uphill.InputError, "input `w3` of P.*expected 1 number, got 2"),
        (("a", 2, 3), {}, uphill.InputError, "expected numbers"),
        ((None, 2, 3), {}, uphill.InputError, "expected numbers"),
        ((1j, 2, 3), {}, uphill.InputError, "expected numbers"),
    ],
)
def test_calls_that_cannot_be(arguments, named, kind, said):
    f = uphill.formula(LECTURE)
    for called in (f, f.compile(), f.trace):
        with pytest.raises(kind, match=said):
            called(*arguments, **named)


def test_a_matrix_of_another_shape_is_told():
    f = uphill.record(lambda W, x: np.sum(W @ x), {"W": (2, 3), "x": 3})
    W, x = np.arange(6.0).reshape(2, 3), np.ones(3)
    again = pickle.loads(pickle.dumps(f))
    for called in (f, f.compile(), f.gradient(), f.with_gradient().compile(), again, again.compile()):
        with pytest.raises(uphill.InputError, match=r"`W` of .*expected the shape \(2, 3\), got \(3, 2\)"):
            called(W.T, x)
        with pytest.raises(uphill.InputError, match=r"expected the shape \(2, 3\), got \(3, 2\)"):
            called(x=x, W=W.T)
        called(W.astype(np.float32), x)
    # In one dimension, and all together, numbers are taken in order.
    assert f(W.ravel(), x) == f(np.concatenate([W.ravel(), x])) == 15.0


def test_derivatives():
    f = uphill.record(quartic, {"x": 3})
    x = np.array([0.5, -1.5, 2.0])
    gradient = 4 * x**3 + np.array([2 * x[0] * x[1], x[0] ** 2 + 2 * x[1] * x[2], x[1] ** 2])
    hessian = np.diag(12 * x**2) + np.array(
        [[2 * x[1], 2 * x[0], 0], [2 * x[0], 2 * x[2], 2 * x[1]], [0, 2 * x[1], 0]]
    )
    v = np.array([1.0, 2.0, -0.5])
    near = np.testing.assert_allclose
    near(f.gradient()(x), gradient, rtol=1e-14)
    near(f.hessian()(x), hessian, rtol=1e-14)
    near(f.gradient().jacobian()(x), hessian, rtol=1e-14)
    near(f.hvp()(x, v), hessian @ v, rtol=1e-14)
    near(f.jvp()(x, v), gradient @ v, rtol=1e-14)
    near(f.gradient().vjp()(x, v), hessian @ v, rtol=1e-14)
    value, slope = f.with_gradient()(x)
    assert type(value) is float and value == f(x)
    near(slope, gradient, rtol=1e-14)
    near(f.gradient(by=["x[1]"])(x), gradient[1:2], rtol=1e-14)
    assert f.gradient().simplify()(x).tolist() == f.gradient()(x).tolist()
    for derived in (f, f.gradient(), f.hessian(), f.with_gradient(), f.hvp()):
        arguments = (x, v) if len(derived.inputs) == 2 else (x,)
        strict, plain = derived.compile(strict=True)(*arguments), derived(*arguments)
        for one, other in zip(*(pair if isinstance(pair, tuple) else (pair,) for pair in (strict, plain))):
            assert np.array_equal(one, other)
    with pytest.raises(uphill.InputError, match="one output"):
        f.gradient().gradient()


def test_a_vector_of_one_output_has_derivatives_like_any_other():
    f = uphill.record(lambda x: [np.sum(x**2)], {"x": 3})
    x = np.array([1.0, 2.0, 3.0])
    assert f(x).shape == (1,)
    assert f.jacobian()(x).tolist() == [[2.0, 4.0, 6.0]]
    assert f.vjp()(x, 10.0).tolist() == [20.0, 40.0, 60.0]
    assert f.jvp()(x, x).tolist() == [28.0]


def test_sparse_derivatives_are_matrices_of_scipy():
    sparse = pytest.importorskip("scipy.sparse")
    f = uphill.record(quartic, {"x": 50})
    x = np.linspace(-1, 1, 50)
    hessian = f.sparse_hessian()
    assert sparse.issparse(hessian(x)) and hessian.shape == (50, 50) and hessian.entry_count == 148
    np.testing.assert_array_equal(hessian(x).toarray(), f.hessian()(x))
    np.testing.assert_allclose(hessian.compile()(x).toarray(), f.hessian()(x), rtol=1e-14)
    g = uphill.record(lambda x: x[1:] * x[:-1], {"x": 50})
    jacobian = g.sparse_jacobian()
    assert jacobian.shape == (49, 50) and jacobian.sweeps == 2
    np.testing.assert_array_equal(jacobian(x).toarray(), g.jacobian()(x))


def test_samples_in_every_layout():
    f = uphill.record(lambda w, x: (w @ x, np.sin(x)), {"w": 2, "x": 2})
    program = f.compile()
    table = np.random.default_rng(3).normal(size=(400, 4))
    expected = np.stack([np.concatenate([[one], many]) for one, many in (f(row) for row in table)])
    layouts = {
        "rows": table,
        "columns": np.asfortranarray(table),
        "strided": np.repeat(table, 2, axis=0)[::2],
        "lists": table.tolist(),
        "by name": {f"{name}[{k}]": table[:, 2 * at + k] for at, name in enumerate("wx") for k in range(2)},
    }
    for name, layout in layouts.items():
        np.testing.assert_allclose(program.samples(layout), expected, rtol=1e-14, err_msg=name)
    assert program.samples(np.empty((0, 4))).shape == (0, 3)
    scalar = uphill.formula(LECTURE).compile()
    assert scalar.samples(np.ones((5, 3))).tolist() == [47.0] * 5
    jacobian = uphill.record(lambda x: x[:2] * x[1:], {"x": 3}).jacobian().compile()
    assert jacobian.samples(np.ones((5, 3))).shape == (5, 2, 3)
    with pytest.raises(uphill.InputError, match="expected 3 columns"):
        scalar.samples(np.ones((5, 4)))
    with pytest.raises(uphill.InputError, match="2 dimensions"):
        scalar.samples(np.ones(3))
    with pytest.raises(uphill.UnknownNameError, match="`w2` is missing"):
        scalar.samples({"w1": [1.0]})


def test_functions_over_samples():
    term = uphill.record(lambda w, b, x, y: (y - w @ x - b) ** 2, {"w": 2, "b": None, "x": 2, "y": None})
    p = term.over_samples(["x", "y"]).sum()
    table = np.random.default_rng(4).normal(size=(1000, 3))
    w, b = np.array([0.5, -0.25]), 0.125
    off = table[:, 2] - table[:, :2] @ w - b
    assert p.columns == ["x[0]", "x[1]", "y"] and p.shared_names == ["w[0]", "w[1]", "b"]
    for threads in (1, 2):
        value, slope = p.with_gradient().compile(threads=threads).samples(table, w, b)
        np.testing.assert_allclose(value, off @ off, rtol=1e-13)
        np.testing.assert_allclose(slope, [*(-2 * off @ table[:, :2]), -2 * off.sum()], rtol=1e-11)
    assert p.hessian().compile().samples(table, w=w, b=b).shape == (3, 3)
    np.testing.assert_allclose(p.over(table)(w, b), off @ off, rtol=1e-12)
    root = p.outer(uphill.formula("R = -sqrt(P/samples)"))
    np.testing.assert_allclose(root.compile().samples(table, w, b), -np.sqrt(np.mean(off**2)), rtol=1e-13)
    each = term.gradient(by=["w", "b"]).over_samples(["x", "y"]).compile().samples(table, w, b)
    assert each.shape == (1000, 3)
    with pytest.raises(uphill.InputError, match="sum it"):
        term.over_samples(["x", "y"]).gradient()
    with pytest.raises(uphill.InputError, match="program.samples"):
        p.compile()(1.0)


def test_programs_run_on_threads_at_once():
    f = uphill.record(quartic, {"x": 30})
    program = f.gradient().compile()
    points = np.random.default_rng(5).normal(size=(8, 30))
    expected = [program(point).tolist() for point in points]
    found = [None] * 8

    def run(k):
        for _ in range(200):
            found[k] = program(points[k]).tolist()

    threads = [threading.Thread(target=run, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == expected


def test_texts():
    f = uphill.formula(LECTURE)
    assert str(f).startswith("P(w1, w2, w3)\n")
    assert repr(f) == "<uphill.Function P(w1, w2, w3): 3 inputs, 1 output, 10 operations, 18 nodes, 20 edges>"
    assert "\\begin{aligned}" in f.latex() and f._repr_latex_().startswith("$$")
    explanation = f.explain("w1", 1, 1, 1)
    assert explanation.value == -11.0
    assert "= 3·1 + (−7)·2\n" in str(explanation) and "\\frac" in explanation.latex()
    assert "−11" in str(f.explain("w1"))
    assert "dP/dw1" in f.gradient_formulas().ascii()
    trace = f.trace(1, 1, 1)
    assert "dP/dw1 = dP/do1 * 1 + dP/do2 * 2 = 3*1 + -7*2 = -11" in str(trace)
    assert trace.values["o1"] == 4.0 and trace.adjoints["P"]["w1"] == -11.0
    assert trace.data["version"] == 1
    assert f.to_dot().startswith("digraph") and f.to_mermaid().startswith("flowchart")
    program = f.compile()
    assert "fn lecture" in program.to_rust("lecture") and "lecture(" in program.to_c("lecture")


def test_notebooks_show_formula_table_and_picture():
    f = uphill.formula(LECTURE)
    html = f.trace(1, 1, 1)._repr_html_()
    assert html.startswith("<table>") and "<td>-11</td>" in html and "3·1 + -7·2" in html
    assert f.picture()._repr_svg_().startswith("<svg")
    assert f.picture(1, 1, 1).png()[:4] == b"\x89PNG"
    page = f.view(1, 1, 1)
    assert page.html.startswith("<!") and page._repr_html_().startswith("<iframe")
    assert "<script>" not in page._repr_html_().split("srcdoc")[0]
    long = uphill.record(lambda x: np.sum(np.sin(x) * x[::-1]), {"x": 500})
    assert long._repr_latex_() is None


def test_json_and_pickle():
    f = uphill.record(lambda w, W: (W @ w, w[0]), {"w": 2, "W": (2, 2)})
    point = ([1.0, 2.0], np.eye(2))
    again = uphill.Function.from_json(f.to_json())
    assert again == f
    loaded = pickle.loads(pickle.dumps(f))
    many, one = loaded(*point)
    assert loaded == f and many.tolist() == [1.0, 2.0] and one == 1.0
    program = pickle.loads(pickle.dumps(f.jacobian().compile()))
    np.testing.assert_array_equal(program(*point), f.jacobian()(*point))
    sparse = pickle.loads(pickle.dumps(uphill.record(quartic, {"x": 5}).sparse_hessian()))
    assert sparse.entry_count == 13
    assert pickle.loads(pickle.dumps(uphill.sigmoid)) is uphill.sigmoid
    with pytest.raises(uphill.FormatError, match="can't read the function"):
        uphill.Function.from_json("{}")


def test_errors_say_what_rust_says():
    with pytest.raises(uphill.FormulaError, match="expected a number, a name") as caught:
        uphill.formula("P = a +\n  * b")
    assert (caught.value.line, caught.value.column) == (2, 3)
    f = uphill.record(lambda x: 1 / (x - 1).named("gap"))
    assert f(1.0) == np.inf
    with pytest.raises(uphill.NotFiniteError, match="output `P` is inf: born at P = 1/gap, from gap = 0"):
        f.finite(1.0)
    with pytest.raises(uphill.UnknownNameError, match="no output is named `Q`"):
        f.select(["Q"])
    with pytest.raises(uphill.Error):
        f.explain("nothing", 1.0)
    for kind in (uphill.InputError, uphill.RecordingError, uphill.PlaceError, uphill.FormulaError):
        assert issubclass(kind, uphill.Error)


def test_a_branch_that_is_not_taken_contributes_nothing():
    f = uphill.record(lambda x: uphill.where(x > 0, np.sqrt(x), 0.0))
    assert f.gradient()(0.0).tolist() == [0.0]
    assert f.hessian()(0.0).tolist() == [[0.0]]
