"""Functions inside of torch, beside the same code written for torch."""

import numpy as np
import pytest

import uphill

torch = pytest.importorskip("torch")

import uphill.torch  # noqa: E402
from random_code import functions, within_an_ulp  # noqa: E402


def code(np, w, b):
    return np.sum(np.tanh(w) * b**2) + np.exp(w[0] * b) * w[1] + np.sin(w[2]) / (1 + w[1] ** 2)


F = uphill.torch.wrap(uphill.record(lambda w, b: code(np, w, b), {"w": 3, "b": None}))


@pytest.mark.parametrize("seed", range(3))
def test_derivatives_agree_with_those_of_torch(seed):
    w = torch.tensor(np.random.default_rng(seed).normal(size=3), requires_grad=True)
    b = torch.tensor(0.5 + seed, dtype=torch.float64, requires_grad=True)

    def near(a, b):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=2e-14, atol=1e-15)

    near(F(w, b), code(torch, w, b))
    found = torch.autograd.grad(F(w, b), (w, b), create_graph=True)
    expected = torch.autograd.grad(code(torch, w, b), (w, b), create_graph=True)
    for one, other in zip(found, expected):
        near(one, other)
    for one, other in zip(
        torch.autograd.grad(found[0] @ w + found[1], (w, b)), torch.autograd.grad(expected[0] @ w + expected[1], (w, b))
    ):
        near(one, other)
    assert torch.autograd.gradcheck(F, (w, b)) and torch.autograd.gradgradcheck(F, (w, b))
    # In the middle of code of torch.
    inner = torch.autograd.grad(F(torch.sin(w), w[0]) ** 2, w)[0]
    near(inner, torch.autograd.grad(code(torch, torch.sin(w), w[0]) ** 2, w)[0])


def test_random_functions_have_the_derivatives_of_uphill():
    for f, point in functions(100, seed=12):
        v = np.cos(np.arange(len(point)))
        x = torch.tensor(point, requires_grad=True)
        (gradient,) = torch.autograd.grad(uphill.torch.wrap(f)(x), x, create_graph=True)
        assert within_an_ulp(gradient.detach().numpy(), f.gradient()(point))
        (found,) = torch.autograd.grad(gradient @ torch.tensor(v), x)
        twice = f.vjp().vjp()
        expected = twice(np.concatenate([point, [1.0], v]))[: len(point)]
        assert within_an_ulp(found.numpy(), expected)
        scale = np.abs(f.hessian()(point)).max() + 1
        np.testing.assert_allclose(found.numpy(), f.hvp()(point, v), rtol=1e-11, atol=1e-13 * scale)


def test_shapes_tuples_and_orders():
    f = uphill.torch.wrap(uphill.record(lambda W, x: (W @ x, x[0]), {"W": (2, 3), "x": 3}), orders=1)
    W, x = torch.arange(6.0, requires_grad=True), torch.ones(3, dtype=torch.float64)
    many, one = f(W.reshape(2, 3), x)
    assert many.shape == (2,) and one.shape == ()
    many.sum().backward()
    assert W.grad.dtype == torch.float32 and W.grad.tolist() == [1.0] * 6
    with pytest.raises(uphill.InputError, match="`x` not given"):
        f(W)
    with pytest.raises(uphill.InputError, match="expected 3 numbers, got 2"):
        f(W, torch.ones(2))
