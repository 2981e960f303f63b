"""A chained problem with multipliers, from Python code to a compiled sparse Hessian: uphill beside CasADi.

    pip install casadi
    python bench/chained.py [N]

Each way is told in processor seconds, the least of several runs that take turns, with the greatest; the last column is the
part of what CasADi's scalars (SX) take. The sums of entries and of the diagonal say that all found the same Hessian.
"""

import sys
import time

import numpy as np

import uphill
from uphill import loops


def arrays(x, l, np=np):
    """L = Σ 100·(x² - y)² + (x - 1)² + Σ λ·(…), over neighbours x, y."""
    a, b, c = x[:-2], x[1:-1], x[2:]
    first = np.sum(100 * (x[:-1] ** 2 - x[1:]) ** 2 + (x[:-1] - 1) ** 2)
    return first + np.sum(l * (3 * b**3 + 2 * c - 5 + np.sin(b - c) * np.sin(b + c) + 4 * b - a * np.exp(a - b) - 3))


def looped(x, l):
    first = loops.sum(range(1, len(x)), lambda i: 100 * (x[i - 1] ** 2 - x[i]) ** 2 + (x[i - 1] - 1) ** 2)

    def term(i):
        a, b, c = x[i], x[i + 1], x[i + 2]
        return l[i] * (3 * b**3 + 2 * c - 5 + np.sin(b - c) * np.sin(b + c) + 4 * b - a * np.exp(a - b) - 3)

    return first + loops.sum(len(l), term)


def by(code):
    def ready(n):
        f = uphill.record(code, {"x": n, "l": n - 2}, parameters=["l"])
        hessian = f.sparse_hessian().compile()
        return lambda x, l: hessian(x, l)

    return ready


def casadi_by(kind):
    def ready(n):
        import casadi

        x, l = getattr(casadi, kind).sym("x", n), getattr(casadi, kind).sym("l", n - 2)

        class functions:
            sum, sin, exp = casadi.sum1, casadi.sin, casadi.exp

        hessian = casadi.Function("H", [x, l], [casadi.hessian(arrays(x, l, functions), x)[0]])
        return lambda x, l: hessian(x, l).sparse().tocsr()

    return ready


WAYS = {
    "CasADi, SX": casadi_by("SX"),
    "CasADi, MX": casadi_by("MX"),
    "uphill, arrays": by(arrays),
    "uphill, loops": by(looped),
}


def main(n=10_000, runs=5):
    x = np.where(np.arange(n) % 2 == 1, 1.0, -1.2)
    l = np.full(n - 2, 0.5)
    ways = dict(WAYS)
    try:
        import casadi  # noqa: F401
    except ImportError:
        print("no CasADi here: pip install casadi")
        ways = {name: way for name, way in ways.items() if "CasADi" not in name}
    taken = {name: [] for name in ways}
    found = {}
    for _ in range(runs):
        for name, ready in ways.items():
            before = time.process_time()
            hessian = ready(n)
            taken[name].append(time.process_time() - before)
            matrix = hessian(x, l)
            found[name] = abs(matrix).sum(), matrix.diagonal().sum()
    due = min(taken.get("CasADi, SX", [float("nan")]))
    for name, seconds in taken.items():
        sums = "{:.12g} {:.12g}".format(*found[name])
        print(f"{name:15} {min(seconds):.4f} to {max(seconds):.4f} s  {min(seconds) / due:6.3f}  {sums}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
