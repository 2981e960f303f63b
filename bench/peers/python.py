"""uphill's Python package beside JAX, torch and CasADi, on the workloads that `cargo bench` has for crates.

    python3 -m venv environment && environment/bin/pip install ./crates/uphill-python scipy jax casadi torch
    environment/bin/python bench/peers/python.py            # all workloads
    environment/bin/python bench/peers/python.py w2 w5      # some

A peer that isn't installed is told and left out. The process keeps to one core, so nobody has a second thread. Check sums come
first: no time counts unless the numbers are right. `ready` is from nothing to the first result: recording or tracing, deriving and
compiling. Then all tools are called in turns in one run; what counts are ratios to the first row. `written out` says that the peer
has no loop of its own for it, `by coloured products` that colours were found by hand, since the peer has no sparse derivatives.
"""

import sys

import numpy as np
import python_tools
import uphill
from python_tools import hessian_sums, measure, of_casadi, of_jax, of_torch, of_uphill, sums, uniform, versions
from uphill import loops

jax, torch, casadi = python_tools.jax, python_tools.torch, python_tools.casadi
if jax:
    jnp = jax.numpy


def w1():
    """One long chain of scalar operations."""
    for links, due, tolerance in [
        (1250, [1581.2161778986667, 4927.5596854677215, -1696.9547587365714], 1e-9),
        (125_000, [158204.49998132544, 493034.9277819921, -170364.96485863402], 1e-9),
    ]:
        at = np.array([1.3, 0.4, 0.3])

        def link(y, w, sin):
            return sin(y) * w[0] + w[1] * y - y * y * w[2]

        def recorded(w):
            def turn(_, state):
                y = link(state[0], w, uphill.sin)
                return y, state[1] + y

            return loops.fold(links, (0.5, 0.0), turn)[1]

        def scanned(w):
            def turn(state, _):
                y = link(state[0], w, jnp.sin)
                return (y, state[1] + y), None

            return jax.lax.scan(turn, (0.5, 0.0), None, length=links)[0][1]

        def plain(w, sin):
            y, p = 0.5, 0.0
            for _ in range(links):
                y = link(y, w, sin)
                p = p + y
            return p

        few = links < 10_000
        half = lambda w: plain(w[0], lambda y: torch.sin(torch.as_tensor(y)))  # noqa: E731
        measure(
            f"W1, {8 * links} operations, P and gradient",
            due,
            tolerance,
            [
                ("uphill, a loop", of_uphill(recorded, {"w": 3}, at)),
                ("JAX, scan", of_jax(scanned, at)),
                ("CasADi, SX written out", of_casadi(lambda w: plain(w, casadi.sin), at) if few else None),
                ("torch, written out", of_torch(half, [at]) if few else None),
            ],
            "ns an operation",
            8 * links,
        )


def w2():
    """A performance over 100,000 samples, by eight parameters."""
    count = 100_000
    drawn = uniform(17, 2 * count)
    x = 250 * drawn[::2]

    def model(b, x, exp):
        bell = lambda k: b[k] * exp(-(((x - b[k + 1]) / b[k + 2]) ** 2))  # noqa: E731
        return b[0] * exp(-b[1] * x) + bell(2) + bell(5)

    true = [98.8, 0.0109, 100.5, 67.5, 23.1, 72.0, 178.8, 18.4]
    y = model(true, x, np.exp) + (drawn[1::2] - 0.5) * 5
    at = np.array([97, 0.009, 100, 65, 20, 70, 178, 16.5])

    def over_samples():
        term = uphill.record(lambda b, x, y: -((y - model(b, x, uphill.exp)) ** 2), {"b": 8, "x": None, "y": None})
        program = term.over_samples(["x", "y"]).sum().with_gradient().compile()
        table = {"x": x, "y": y}
        return lambda: program.samples(table, at), lambda r: sums(*r)

    def mapped():
        b, xs, ys = casadi.SX.sym("b", 8), casadi.SX.sym("x"), casadi.SX.sym("y")
        p = -((ys - model(casadi.vertsplit(b), xs, casadi.exp)) ** 2)
        term = casadi.Function("term", [b, xs, ys], [p, casadi.gradient(p, b)])
        total = term.map("total", "serial", count, [0], [0, 1])
        rows = casadi.DM(x).T, casadi.DM(y).T
        return lambda: total(at, *rows), lambda r: sums(r[0], r[1])

    def torched(moved, x, y):
        return -((y - model(moved[0], x, torch.exp)) ** 2).sum()

    measure(
        "W2, P and gradient over 100,000 samples",
        [-2698058.4971929774, 754441683.83487517, 1513050677.2522911],
        1e-11,
        [
            ("uphill, over samples", over_samples),
            ("JAX, arrays", of_jax(lambda b, x, y: -((y - model(b, x, jnp.exp)) ** 2).sum(), at, x, y)),
            ("torch, arrays", of_torch(torched, [at], x, y)),
            ("CasADi, SX of one sample, mapped", mapped if casadi else None),
        ],
    )


def weights(sizes, seed):
    """Of each layer its matrix and its biases."""
    count = sum(b * (a + 1) for a, b in zip(sizes, sizes[1:]))
    drawn, parts, at = uniform(seed, count), [], 0
    for a, b in zip(sizes, sizes[1:]):
        layer = (drawn[at : at + b * (a + 1)] - 0.5) * 2 / np.sqrt(a)
        parts += [layer[: a * b].reshape(b, a), layer[a * b :]]
        at += b * (a + 1)
    return parts


def network(parts, x, d, sigmoid):
    """P of samples in rows, or of one."""
    for matrix, biases in zip(parts[::2], parts[1::2]):
        x = sigmoid(x @ matrix.T + biases)
    return -((d - x) ** 2).sum()


def w3():
    """A sigmoid network over 1000 samples."""
    sizes, count = [64, 128, 64, 10], 1000
    parts, drawn = weights(sizes, 11), uniform(13, 74 * count)
    x, d = (2 * drawn[: 64 * count] - 1).reshape(count, 64), drawn[64 * count :].reshape(count, 10)

    def over_samples():
        shapes = {f"w{k}": part.shape for k, part in enumerate(parts)}
        code = lambda *all: network(all[:6], all[6], all[7], uphill.sigmoid)  # noqa: E731
        term = uphill.record(code, {**shapes, "x": 64, "d": 10})
        program = term.over_samples(["x", "d"]).sum().with_gradient().compile()
        table = np.asfortranarray(np.hstack([x, d]))
        return lambda: program.samples(table, *parts), lambda r: sums(*r)

    measure(
        "W3, one gradient of a 64-128-64-10 network over 1000 samples",
        [-840.6013387388915, 6952.62411932268, -2208.7167954731617],
        1e-11,
        [
            ("uphill, scalars over samples", over_samples),
            ("JAX, matrices", of_jax(lambda w, x, d: network(w, x, d, jax.nn.sigmoid), parts, x, d)),
            ("torch, matrices", of_torch(lambda w, x, d: network(w, x, d, torch.sigmoid), parts, x, d)),
        ],
    )


def w4():
    """A tiny function, many calls: what a call from Python costs."""
    w, x = np.concatenate([part.ravel() for part in weights([2, 2, 1], 5)]), [0.3, -0.8]

    def tiny(w, exp):
        sigmoid = lambda s: 1 / (1 + exp(-s))  # noqa: E731
        h1, h2 = sigmoid(w[0] * x[0] + w[1] * x[1] + w[4]), sigmoid(w[2] * x[0] + w[3] * x[1] + w[5])
        return -((1 - sigmoid(w[6] * h1 + w[7] * h2 + w[8])) ** 2)

    due = sums(*uphill.record(lambda w: tiny(w, uphill.exp), {"w": 9}).with_gradient()(w))
    measure(
        "W4, one call of a 2-2-1 network, P and gradient",
        due,
        1e-12,
        [
            ("uphill", of_uphill(lambda w: tiny(w, uphill.exp), {"w": 9}, w)),
            ("CasADi, SX", of_casadi(lambda w: tiny(w, casadi.exp), w)),
            ("JAX", of_jax(lambda w: tiny(w, jnp.exp), w)),
            ("torch", of_torch(lambda w: tiny(w[0], torch.exp), [w])),
        ],
        "µs",
    )


def links(x):
    """Rosenbrock's chain over vectors."""
    return 100 * (x[:-1] ** 2 - x[1:]) ** 2 + (x[:-1] - 1) ** 2


def chained(x, sin, exp):
    """W5 over vectors; all multipliers are a half."""
    a, b, c = x[:-2], x[1:-1], x[2:]
    held = 3 * b**3 + 2 * c - 5 + sin(b - c) * sin(b + c) + 4 * b - a * exp(a - b) - 3
    return links(x), 0.5 * held


def w5():
    """A chained problem: gradient, and the sparse Hessian, which is not ready before its entries are found."""
    n = 10_000
    at = np.where(np.arange(n) % 2 == 1, 1.0, -1.2)

    def recorded(x):
        def held(i):
            a, b, c = x[i], x[i + 1], x[i + 2]
            return 0.5 * (
                3 * b**3 + 2 * c - 5 + uphill.sin(b - c) * uphill.sin(b + c) + 4 * b - a * uphill.exp(a - b) - 3
            )

        chain = loops.sum(range(1, n), lambda i: 100 * (x[i - 1] ** 2 - x[i]) ** 2 + (x[i - 1] - 1) ** 2)
        return chain + loops.sum(n - 2, held)

    def added(x, library, total):
        chain, held = chained(x, library.sin, library.exp)
        return total(chain) + total(held)

    by_jax = lambda x: added(x, jnp, jnp.sum)  # noqa: E731
    by_casadi = lambda x: added(x, casadi, casadi.sum1)  # noqa: E731
    measure(
        "W5, 10,000 numbers, P and gradient",
        [2469840.013751357, 7158895.092079863, 2974140.8330010185],
        1e-11,
        [
            ("uphill, loops", of_uphill(recorded, {"x": n}, at)),
            ("JAX, arrays", of_jax(by_jax, at)),
            ("torch, arrays", of_torch(lambda x: added(x[0], torch, torch.sum), [at])),
            ("CasADi, SX written out", of_casadi(by_casadi, at)),
        ],
        "ns a number",
        n,
    )

    def by_loops():
        hessian = uphill.record(recorded, {"x": n}).sparse_hessian().compile()
        return lambda: hessian(at), hessian_sums

    def by_arrays():
        code = lambda x: added(x, np, np.sum)  # noqa: E731
        hessian = uphill.record(code, {"x": n}).sparse_hessian().compile()
        return lambda: hessian(at), hessian_sums

    def sparse_of_casadi():
        x = casadi.SX.sym("x", n)
        hessian = casadi.Function("hessian", [x], [casadi.hessian(by_casadi(x), x)[0]])
        return lambda: hessian(at), lambda h: hessian_sums(h.sparse())

    def by_products():
        # Five diagonals: entries of a row whose columns are five apart don't meet.
        seeds = jnp.array(np.arange(n) % 5 == np.arange(5)[:, None], dtype=float)
        products = jax.jit(jax.vmap(lambda v, x: jax.jvp(jax.grad(by_jax), (x,), (v,))[1], (0, None)))
        place, diagonal = np.arange(n), np.arange(n) % 5
        return (
            lambda: jax.block_until_ready(products(seeds, at)),
            lambda all: [np.abs(all).sum(), np.asarray(all)[diagonal, place].sum()],
        )

    measure(
        "W5, 10,000 numbers, sparse Hessian",
        [25667855.63006532, 16958998.49603039],
        1e-11,
        [
            ("uphill, loops", by_loops),
            ("uphill, arrays", by_arrays),
            ("CasADi, SX written out", sparse_of_casadi if casadi else None),
            ("JAX, by coloured products", by_products if jax else None),
        ],
    )


def w6():
    """Prey and predators by 20,000 steps of Runge and Kutta: P and gradient by four parameters and the start."""
    steps = 20_000
    at = np.array([1, 0.35, 0.12, 0.45, 9, 6])

    def step(p, y, h):
        slope = lambda y: (p[0] * y[0] - p[1] * y[0] * y[1], p[2] * y[0] * y[1] - p[3] * y[1])  # noqa: E731
        move = lambda y, k, h: (y[0] + h * k[0], y[1] + h * k[1])  # noqa: E731
        k1 = slope(y)
        k2 = slope(move(y, k1, h / 2))
        k3 = slope(move(y, k2, h / 2))
        k4 = slope(move(y, k3, h))
        return tuple(y[i] + h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]) for i in range(2))

    def observed(p, y, fold):
        seen = []
        for _ in range(20):
            y = fold(lambda y: step(p, y, 10 / steps), y, steps // 20)
            seen += [y[0], y[1]]
        return seen

    def plain(f, y, turns):
        for _ in range(turns):
            y = f(y)
        return y

    data = observed((1.1, 0.4, 0.1, 0.4), (10.0, 5.0), plain)

    def performance(v, fold):
        seen = observed(v[:4], (v[4], v[5]), fold)
        return -sum((one - other) ** 2 for one, other in zip(seen, data))

    in_jax = lambda f, y, turns: jax.lax.scan(lambda y, _: (f(y), None), y, None, length=turns)[0]  # noqa: E731
    in_loops = lambda f, y, turns: loops.fold(turns, y, lambda _, y: f(y))  # noqa: E731
    gradient = [171.17078268030627, -166.50238962024727, -1026.4606680226802]
    gradient += [531.5874451856537, -6.8308269058359035, -15.275345210993404]
    measure(
        "W6, 20,000 steps, P and gradient",
        sums(-6.275476264304912, gradient),
        1e-10,
        [
            ("uphill, loops", of_uphill(lambda v: performance(v, in_loops), {"v": 6}, at)),
            ("JAX, scan", of_jax(lambda v: performance(v, in_jax), at)),
        ],
    )


def rosenbrock():
    """Rosenbrock's chain: the gradient of 1000 numbers, the whole Hessian of 100."""
    at = np.where(np.arange(1000) % 2 == 1, 1.0, -1.2)
    due = sums(*uphill.record(lambda x: links(x).sum(), {"x": 1000}).with_gradient()(at))
    measure(
        "Rosenbrock, 1000 numbers, P and gradient",
        due,
        1e-12,
        [
            ("uphill", of_uphill(lambda x: links(x).sum(), {"x": 1000}, at)),
            ("JAX", of_jax(lambda x: links(x).sum(), at)),
            ("torch", of_torch(lambda x: links(x[0]).sum(), [at])),
            ("CasADi, SX written out", of_casadi(lambda x: casadi.sum1(links(x)), at)),
        ],
        "µs",
    )
    few = at[:100]

    def by_uphill():
        program = uphill.record(lambda x: links(x).sum(), {"x": 100}).hessian().compile()
        return lambda: program(few), hessian_sums

    def by_jax():
        hessian = jax.jit(jax.hessian(lambda x: links(x).sum()))
        return lambda: jax.block_until_ready(hessian(few)), lambda h: hessian_sums(np.asarray(h))

    def by_torch():
        x, hessian = torch.tensor(few), torch.func.hessian(lambda x: links(x).sum())
        return lambda: hessian(x), lambda h: hessian_sums(h.numpy())

    def by_casadi():
        x = casadi.SX.sym("x", 100)
        hessian = casadi.hessian(casadi.sum1(links(x)), x)[0]
        program = casadi.Function("hessian", [x], [casadi.densify(hessian)])
        return lambda: program(few), lambda h: hessian_sums(h.full())

    magnitudes = np.concatenate([1200 * few[:-1] ** 2 - 400 * few[1:] + 2, [0]]) + 200 * (np.arange(100) > 0)
    measure(
        "Rosenbrock, 100 numbers, whole Hessian",
        [np.abs(magnitudes).sum() + 800 * np.abs(few[:-1]).sum(), magnitudes.sum()],
        1e-12,
        [
            ("uphill", by_uphill),
            ("CasADi, SX", by_casadi if casadi else None),
            ("JAX", by_jax if jax else None),
            ("torch", by_torch if torch else None),
        ],
        "µs",
    )


def main():
    known = {f.__name__: f for f in (w1, w2, w3, w4, w5, w6, rosenbrock)}
    wanted = sys.argv[1:] or list(known)
    for name in wanted:
        if name not in known:
            sys.exit(f"{name} is no workload: {', '.join(known)}")
    print(versions())
    for name in wanted:
        known[name]()


if __name__ == "__main__":
    main()
