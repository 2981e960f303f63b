"""Functions inside of JAX, beside the same code written for JAX."""

import numpy as np
import pytest

import uphill

jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp  # noqa: E402

import uphill.jax  # noqa: E402
from random_code import functions, within_an_ulp  # noqa: E402


def code(np, w, b):
    return np.sum(np.tanh(w) * b**2) + np.exp(w[0] * b) * w[1] + np.sin(w[2]) / (1 + w[1] ** 2)


F = uphill.jax.wrap(uphill.record(lambda w, b: code(np, w, b), {"w": 3, "b": None}))
POINTS = [(np.random.default_rng(seed).normal(size=3), 0.5 + seed) for seed in range(2)]


@pytest.mark.parametrize("w, b", POINTS)
def test_derivatives_agree_with_those_of_jax(w, b):
    def same(a, b):
        jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-14, atol=1e-15), a, b)

    g = lambda w, b: code(jnp, w, b)  # noqa: E731
    both = (0, 1)
    same(F(w, b), g(w, b))
    same(jax.grad(F, both)(w, b), jax.grad(g, both)(w, b))
    same(jax.jit(jax.value_and_grad(F))(w, b), jax.value_and_grad(g)(w, b))
    same(jax.jacfwd(F)(w, b), jax.jacfwd(g)(w, b))
    same(jax.jvp(F, (w, b), (w, 1.0)), jax.jvp(g, (w, b), (w, 1.0)))
    same(jax.jit(jax.hessian(F, both))(w, b), jax.hessian(g, both)(w, b))
    table = jnp.stack([w, 2 * w, -w])
    same(jax.vmap(jax.grad(F), (0, None))(table, b), jax.vmap(jax.grad(g), (0, None))(table, b))
    # In the middle of code of JAX.
    same(jax.grad(lambda w: F(jnp.sin(w), w[0]) ** 2)(w), jax.grad(lambda w: g(jnp.sin(w), w[0]) ** 2)(w))


def test_reverse_mode_alone():
    f = uphill.jax.wrap(uphill.record(lambda w, b: code(np, w, b), {"w": 3, "b": None}), reverse_only=True)
    w, b = POINTS[0]
    v = np.array([1.0, -2.0, 0.5])
    product = lambda h: jax.jit(jax.grad(lambda w: jax.grad(h)(w, b) @ v))(w)  # noqa: E731
    np.testing.assert_allclose(product(f), product(lambda w, b: code(jnp, w, b)), rtol=2e-14)


def test_random_functions_have_the_derivatives_of_uphill():
    for number, (f, x) in enumerate(functions(24, seed=11)):
        v = np.cos(np.arange(len(x)))
        assert within_an_ulp(jax.grad(uphill.jax.wrap(f))(x), f.gradient()(x))
        # Both orders in reverse: the product is the one that uphill makes, of the same two sweeps.
        g = uphill.jax.wrap(f, reverse_only=True)
        found = jax.grad(lambda x: jax.grad(g)(x) @ v)(x)
        twice = f.vjp().vjp()
        expected = twice(np.concatenate([x, [1.0], v]))[: len(x)]
        assert within_an_ulp(found, expected)
        scale = np.abs(f.hessian()(x)).max() + 1
        np.testing.assert_allclose(found, f.hvp()(x, v), rtol=1e-11, atol=1e-13 * scale)
        if number % 6:
            continue
        whole = jax.hessian(uphill.jax.wrap(f))(x)
        np.testing.assert_allclose(whole, f.hessian()(x), rtol=1e-11, atol=1e-13 * scale)


def test_shapes_tuples_and_names():
    f = uphill.jax.wrap(uphill.record(lambda W, x: (W @ x, x[0]), {"W": (2, 3), "x": 3}))
    W, x = jnp.arange(6.0).reshape(2, 3), jnp.ones(3)
    many, one = f(x=x, W=W)
    np.testing.assert_allclose(many, W @ x)
    assert one.shape == ()
    assert jax.jacobian(lambda W: f(W, x)[0])(W).shape == (2, 2, 3)
    with pytest.raises(uphill.InputError, match="`x` not given"):
        f(W)
    with pytest.raises(uphill.InputError, match="expected 3 numbers, got 2"):
        f(W, jnp.ones(2))
