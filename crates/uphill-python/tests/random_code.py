"""Random code of arrays, for tests that hold one way to derive beside another."""

import numpy as np

import uphill

ONE = [np.sin, np.cos, np.tanh, np.exp, np.arctan, uphill.sigmoid, uphill.softplus, np.square, lambda x: 1 / (2 + x**2), lambda x: x**3]
TWO = [np.add, np.subtract, np.multiply, lambda a, b: a / (1.5 + b**2), np.hypot, lambda a, b: np.where(a > b, a * b, b), np.maximum]


def functions(count: int, seed: int):
    """So many functions of x, each with a point: sums of random terms, products with matrices and picked entries among them."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        size = int(rng.integers(2, 7))
        matrix, factors = rng.normal(size=(size, size)), rng.normal(size=size)
        steps = [(int(rng.integers(4)), int(rng.integers(100)), int(rng.integers(100))) for _ in range(int(rng.integers(2, 8)))]

        def code(x, steps=steps, matrix=matrix, factors=factors):
            found = [x, factors * x]
            for kind, one, other in steps:
                a, b = found[one % len(found)], found[other % len(found)]
                if kind == 0:
                    found.append(ONE[one % len(ONE)](np.tanh(a)))
                elif kind == 1:
                    found.append(TWO[other % len(TWO)](a, b))
                elif kind == 2:
                    found.append(matrix @ np.sin(a))
                else:
                    found.append(a * b[0] + b[::-1])
            return np.sum(found[-1] * found[-2]) + np.tanh(found[-1][0])

        yield uphill.record(code, {"x": size}), rng.normal(size=size)


def within_an_ulp(found, expected) -> bool:
    """Whether numbers differ by no more than the distance to the next one."""
    found, expected = np.asarray(found), np.asarray(expected)
    return bool((np.abs(found - expected) <= np.spacing(np.abs(expected))).all())
