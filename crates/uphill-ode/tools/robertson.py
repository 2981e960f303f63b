"""Writes tests/data/robertson.csv: Robertson's stiff problem, states and sensitivities to 50 digits.

Run:  pip install mpmath gmpy2 && python3 robertson.py

    y1' = -k1 y1 + k2 y2 y3,   y2' = k1 y1 - k2 y2 y3 - k3 y2^2,   y3' = k3 y2^2

from y = (1, 0, 0), with k = (0.04, 1e4, 3e7), and the variational equations S' = f_y S + f_k, S = 0.
Collocation at the points of Radau (IIA, so stiff parts are damped), each step solved by Newton's
method in 120 digits. The first tenth of a second, in which the fast part dies away, is cut evenly;
from then on steps grow with time. All is computed twice, the second time with steps half as long,
and what is printed is what both agree on; the script says to how many digits they do.
"""

import pathlib
import sys

import gmpy2
from gmpy2 import mpfr
from mpmath import mp

mp.dps = 130
gmpy2.get_context().precision = 400

RATES = [mpfr("0.04"), mpfr(10) ** 4, 3 * mpfr(10) ** 7]
TIMES = ["0.4", "4", "40", "400", "4000", "40000"]
DIGITS = 50


def exact(x):
    return mpfr(mp.nstr(x, 125))


def radau(stages):
    """Nodes c and weights A, where A[i][j] is the integral of the j-th Lagrange polynomial from 0 to c_i."""

    def legendre(n, x):
        before, now = mp.mpf(1), x
        for k in range(1, n):
            before, now = now, ((2 * k + 1) * x * now - k * before) / (k + 1)
        return now if n else before

    def value(x):
        return legendre(stages, x) - legendre(stages - 1, x)

    # The last node is 1; the others lie between the sign changes of a fine grid.
    grid = [-mp.cos(mp.pi * k / (40 * stages)) for k in range(40 * stages + 1)]
    nodes = []
    for low, high in zip(grid, grid[1:-1]):
        if value(low) * value(high) < 0:
            nodes.append(mp.findroot(value, (low, high), solver="anderson", tol=mp.mpf(10) ** -240))
    nodes = [(x + 1) / 2 for x in nodes] + [mp.mpf(1)]
    assert len(nodes) == stages, len(nodes)
    weights = [[None] * stages for _ in nodes]
    for j, own in enumerate(nodes):
        polynomial = [mp.mpf(1)]
        for other in nodes:
            if other is not own:
                shifted = [mp.mpf(0)] + polynomial
                scaled = [other * c for c in polynomial] + [mp.mpf(0)]
                polynomial = [(a - b) / (own - other) for a, b in zip(shifted, scaled)]
        for i, end in enumerate(nodes):
            total = mp.mpf(0)
            for power in reversed(range(stages)):
                total = total * end + polynomial[power] / (power + 1)
            weights[i][j] = total * end
    return [exact(c) for c in nodes], [[exact(a) for a in row] for row in weights]


def slope(y):
    k1, k2, k3 = RATES
    forward, back, fast = k1 * y[0], k2 * y[1] * y[2], k3 * y[1] * y[1]
    return [back - forward, forward - back - fast, fast]


def by_states(y):
    k1, k2, k3 = RATES
    return [
        [-k1, k2 * y[2], k2 * y[1]],
        [k1, -k2 * y[2] - 2 * k3 * y[1], -k2 * y[1]],
        [mpfr(0), 2 * k3 * y[1], mpfr(0)],
    ]


def by_rates(y):
    forward, back, fast = y[0], y[1] * y[2], y[1] * y[1]
    return [[-forward, back, mpfr(0)], [forward, -back, -fast], [mpfr(0), mpfr(0), fast]]


def factored(matrix):
    """LU with pivots, in place; the order of rows comes back."""
    size = len(matrix)
    order = list(range(size))
    for k in range(size):
        best = max(range(k, size), key=lambda row: abs(matrix[row][k]))
        matrix[k], matrix[best] = matrix[best], matrix[k]
        order[k], order[best] = order[best], order[k]
        pivot, tail = matrix[k][k], matrix[k][k + 1:]
        for row in matrix[k + 1:]:
            if row[k] != 0:
                row[k] = factor = row[k] / pivot
                row[k + 1:] = [a - factor * b for a, b in zip(row[k + 1:], tail)]
    return order


def solved(matrix, order, right):
    x = [right[row] for row in order]
    for k in range(len(x)):
        x[k] -= sum((a * b for a, b in zip(matrix[k][:k], x)), mpfr(0))
    for k in reversed(range(len(x))):
        x[k] -= sum((a * b for a, b in zip(matrix[k][k + 1:], x[k + 1:])), mpfr(0))
        x[k] /= matrix[k][k]
    return x


def newton_matrix(stage, weights, h):
    size = len(stage)
    jacobians = [by_states(y) for y in stage]
    matrix = [[mpfr(0)] * (3 * size) for _ in range(3 * size)]
    for i in range(size):
        for j in range(size):
            factor = h * weights[i][j]
            for a in range(3):
                for b in range(3):
                    matrix[3 * i + a][3 * j + b] = -factor * jacobians[j][a][b]
        for a in range(3):
            matrix[3 * i + a][3 * i + a] += 1
    return matrix


def step(y, sensitivity, h, weights, guess):
    """States and sensitivities a step later, and the states at all nodes."""
    size = len(weights)
    stage = guess
    for turn in range(40):
        slopes = [slope(s) for s in stage]
        residual = [
            stage[i][a] - y[a] - h * sum((weights[i][j] * slopes[j][a] for j in range(size)), mpfr(0))
            for i in range(size) for a in range(3)
        ]
        matrix = newton_matrix(stage, weights, h)
        order = factored(matrix)
        change = solved(matrix, order, residual)
        stage = [[s - c for s, c in zip(stage[i], change[3 * i:3 * i + 3])] for i in range(size)]
        # Newton's method squares its error: the next change would be beyond the digits kept.
        if max(abs(c) for c in change) < mpfr(10) ** -60:
            break
    else:
        sys.exit("Newton's method did not settle")
    matrix = newton_matrix(stage, weights, h)
    order = factored(matrix)
    sources = [by_rates(s) for s in stage]
    after = [[None] * 3 for _ in range(3)]
    for p in range(3):
        right = [
            sensitivity[a][p] + h * sum((weights[i][j] * sources[j][a][p] for j in range(size)), mpfr(0))
            for i in range(size) for a in range(3)
        ]
        found = solved(matrix, order, right)
        for a in range(3):
            after[a][p] = found[3 * (size - 1) + a]
    return stage[-1], after, stage


def extrapolated(nodes, start, stage, ratio):
    """The last step's polynomial at the nodes of the next one, which is `ratio` times as long."""
    points = [mpfr(0)] + nodes
    values = [start] + stage
    barycentric = []
    for j, own in enumerate(points):
        product = mpfr(1)
        for k, other in enumerate(points):
            if k != j:
                product *= own - other
        barycentric.append(1 / product)
    guess = []
    for c in nodes:
        x = 1 + ratio * c
        factors = [w / (x - p) for w, p in zip(barycentric, points)]
        total = sum(factors, mpfr(0))
        guess.append([sum((f * v[a] for f, v in zip(factors, values)), mpfr(0)) / total for a in range(3)])
    return guess


def integrated(stages, even, decade):
    """The numbers at TIMES, with `even` steps in the first tenth and `decade` steps for a factor of ten."""
    nodes, weights = radau(stages)
    first = mpfr(1) / 10
    grid = [first * k / even for k in range(even + 1)]
    for time in TIMES:
        last, end = grid[-1], mpfr(time)
        count = max(1, int(gmpy2.ceil(decade * gmpy2.log10(end / last))))
        grid += [last * (end / last) ** (mpfr(k) / count) for k in range(1, count)] + [end]
    y = [mpfr(1), mpfr(0), mpfr(0)]
    sensitivity = [[mpfr(0)] * 3 for _ in range(3)]
    guess, wanted, rows = [list(y) for _ in nodes], {mpfr(t) for t in TIMES}, []
    for k, (low, high) in enumerate(zip(grid, grid[1:])):
        before = y
        y, sensitivity, stage = step(y, sensitivity, high - low, weights, guess)
        assert abs(sum(y) - 1) < mpfr(10) ** -70, "the sum of all three stays 1"
        if high in wanted:
            rows.append(list(y) + [s for line in sensitivity for s in line])
            print(f"t = {float(high)}, step {k + 1} of {len(grid) - 1}", file=sys.stderr, flush=True)
        if k + 2 < len(grid):
            guess = extrapolated(nodes, before, stage, (grid[k + 2] - high) / (high - low))
    return rows


def main():
    coarse, fine = integrated(32, 160, 30), integrated(32, 320, 60)
    worst = max(
        abs(a - b) / abs(b) for one, two in zip(coarse, fine) for a, b in zip(one, two)
    )
    print(f"both computations agree to {float(worst):.1e}", file=sys.stderr)
    assert worst < mpfr(10) ** -DIGITS, "not enough digits"
    states = ["y1", "y2", "y3"]
    names = ["t"] + states + [f"d{y}/dk{p}" for y in states for p in (1, 2, 3)]
    lines = [",".join(names)]
    for time, row in zip(TIMES, fine):
        lines.append(",".join([time] + [mp.nstr(mp.mpf(str(x)), DIGITS, min_fixed=0, max_fixed=0) for x in row]))
    path = pathlib.Path(__file__).parent.parent / "tests/data/robertson.csv"
    path.write_text("\n".join(lines) + "\n")


main()
