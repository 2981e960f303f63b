"""What python.py measures with: which tools are there, each one's way to a value with its gradient, check sums, times in turns."""

import importlib
import importlib.metadata
import os
import time

if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

import numpy as np
import scipy.sparse  # noqa: F401  # No time to be ready counts that it takes to load.
import uphill


def installed(name):
    """The module, or None if it isn't there."""
    try:
        return importlib.import_module(name)
    except ImportError:
        print(f"{name} is not installed: left out")
        return None


jax, torch, casadi = installed("jax"), installed("torch"), installed("casadi")
if jax:
    jax.config.update("jax_enable_x64", True)
if torch:
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)


def versions():
    """What is measured."""
    modules = {"uphill": uphill, "numpy": np, "jax": jax, "torch": torch, "casadi": casadi}
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name, there in modules.items() if there)


def uniform(seed, count):
    """Knuth's generator, as all tools have it: numbers in [0, 1)."""
    state, numbers = seed, np.empty(count)
    for k in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        numbers[k] = (state >> 11) / 2**53
    return numbers


def sums(value, gradient):
    """P, `Σ|g_i|` and `Σ g_i·(1 + i mod 7)`."""
    g = np.asarray(gradient, dtype=float).ravel()
    return [float(value), np.abs(g).sum(), (g * (1 + np.arange(g.size) % 7)).sum()]


def hessian_sums(hessian):
    """`Σ|H_ij|` and `Σ H_ii` of a matrix, dense or of scipy."""
    return [abs(hessian).sum(), hessian.diagonal().sum()]


def measure(title, due, tolerance, contenders, unit="ms", per=1.0):
    """Holds each contender against what is due, then times all in turns.

    A contender is a name, and a function that makes ready and gives a call; a call gives something, and `numbers` of it.
    """
    print(f"\n{title}")
    rows = []
    for name, make in contenders:
        if make is None:
            continue
        begin = time.perf_counter()
        call, numbers = make()
        first = call()
        ready = time.perf_counter() - begin
        got = np.array(numbers(first))
        off = np.max(np.abs(got - due) / np.abs(due))
        assert off <= tolerance, f"{name}: got {got}, due {due}"
        print(f"  {name}: differs by {off:.1e} at most")
        rows.append((name, call, ready, []))
    begin = time.perf_counter()
    while len(rows[0][3]) < 7 or time.perf_counter() - begin < 1.0 * len(rows):
        for _, call, _, times in rows:
            calls, start = 0, time.perf_counter()
            while calls == 0 or time.perf_counter() - start < 2e-3:
                call()
                calls += 1
            times.append((time.perf_counter() - start) / calls)
    scale = {"ms": 1e3, "µs": 1e6, "ns": 1e9}[unit.split()[0]] / per
    print(f"\n| {title} | ready, s | {unit} | ratio | least | ratio |\n|---|---:|---:|---:|---:|---:|")
    base = np.median(rows[0][3]), min(rows[0][3])
    for name, _, ready, times in rows:
        median, least = np.median(times), min(times)
        print(
            f"| {name} | {ready:.3f} | {median * scale:.4g} | {median / base[0]:.2f} "
            f"| {least * scale:.4g} | {least / base[1]:.2f} |"
        )


def of_jax(code, *arguments):
    """Value and gradient by the first argument, or by a list of them."""
    if not jax:
        return None

    def make():
        both, placed = jax.jit(jax.value_and_grad(code)), jax.device_put(arguments)
        flat = jax.tree_util.tree_leaves
        return (
            lambda: jax.block_until_ready(both(*placed)),
            lambda r: sums(r[0], np.concatenate([np.ravel(leaf) for leaf in flat(r[1])])),
        )

    return make


def of_torch(code, *arguments):
    """The same: `backward` on a graph that each call builds."""
    if not torch:
        return None

    def make():
        moved = [torch.tensor(one, requires_grad=True) for one in arguments[0]]
        others = [torch.tensor(one) for one in arguments[1:]]

        def call():
            for one in moved:
                one.grad = None
            value = code(moved, *others)
            value.backward()
            return value

        return call, lambda v: sums(v.item(), np.concatenate([one.grad.numpy().ravel() for one in moved]))

    return make


def of_casadi(code, x):
    """Value and gradient of one vector of SX."""
    if not casadi:
        return None

    def make():
        symbols = casadi.SX.sym("x", len(x))
        value = code(symbols)
        both = casadi.Function("both", [symbols], [value, casadi.gradient(value, symbols)])
        return lambda: both(x), lambda r: sums(r[0], r[1])

    return make


def of_uphill(code, shapes, *arguments):
    """Value and gradient, compiled."""

    def make():
        program = uphill.record(code, shapes).with_gradient().compile()
        return lambda: program(*arguments), lambda r: sums(r[0], r[1])

    return make
