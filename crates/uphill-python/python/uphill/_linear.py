"""Linear algebra of recorded matrices, written out, and whatever else numpy does by looking at values.

Elimination takes the largest pivot of each column, by choices that are recorded: n³ operations for n rows, so these are for
some tens of rows. A linear system of long arrays is better an equation: `uphill.implicit`.
"""

from __future__ import annotations

import numpy as np

from ._errors import InputError
from ._functions import where

#: Beyond this a matrix would be written out in a million operations.
_MOST = 100


def _matrix(given, what: str) -> np.ndarray:
    from ._array import Array, _plain

    matrix = _plain(given)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise InputError(f"numpy.linalg.{what} of recorded values: expected a square matrix, got the shape {matrix.shape}")
    if len(matrix) > _MOST:
        raise InputError(
            f"numpy.linalg.{what} is written out when it is recorded: expected at most {_MOST} rows, got {len(matrix)}; "
            "uphill.implicit solves systems without being written out"
        )
    return matrix.astype(object).view(Array)


def _eliminated(matrix, right=None):
    """The upper triangle by rows, what stands on the right then, and the sign of the exchanges."""
    rows = [matrix[k] for k in range(len(matrix))]
    if right is not None:
        rows = [np.concatenate([row, right[k]]) for k, row in enumerate(rows)]
    sign = 1.0
    for k in range(len(rows)):
        for i in range(k + 1, len(rows)):
            is_larger = abs(rows[i][k]) > abs(rows[k][k])
            upper, lower = rows[k][k:], rows[i][k:]
            rows[k] = np.concatenate([rows[k][:k], where(is_larger, lower, upper)])
            rows[i] = np.concatenate([rows[i][:k], where(is_larger, upper, lower)])
            sign = sign * where(is_larger, -1.0, 1.0)
        for i in range(k + 1, len(rows)):
            factor = rows[i][k] / rows[k][k]
            rows[i] = np.concatenate([rows[i][: k + 1], rows[i][k + 1 :] - factor * rows[k][k + 1 :]])
    return rows, sign


def solve(a, b):
    from ._array import Array, _plain

    matrix = _matrix(a, "solve")
    right = _plain(b).astype(object).view(Array)
    if right.ndim not in (1, 2) or len(right) != len(matrix):
        raise InputError(f"numpy.linalg.solve: {len(matrix)} rows of a matrix, and the shape {right.shape} on the right")
    count = len(matrix)
    rows, _ = _eliminated(matrix, right.reshape(count, -1))
    found: list = [None] * count
    for k in reversed(range(count)):
        rest = rows[k][count:]
        for j in range(k + 1, count):
            rest = rest - rows[k][j] * found[j]
        found[k] = rest / rows[k][k]
    return np.stack([np.asarray(row, dtype=object) for row in found]).reshape(right.shape).view(Array)


def inv(a):
    return solve(a, np.eye(len(_matrix(a, "inv"))))


def det(a):
    matrix = _matrix(a, "det")
    rows, product = _eliminated(matrix)
    for k, row in enumerate(rows):
        product = product * row[k]
    return product


def slogdet(a):
    matrix = _matrix(a, "slogdet")
    rows, sign = _eliminated(matrix)
    total = 0.0
    for k, row in enumerate(rows):
        sign = sign * np.sign(row[k])
        total = total + np.log(abs(row[k]))
    return _Slogdet(sign, total)


#: As numpy names its parts.
_Slogdet = type(np.linalg.slogdet(np.eye(1)))
if _Slogdet is tuple:

    def _Slogdet(sign, total):  # noqa: N802
        return sign, total


def cholesky(a, *, upper=False):
    from ._array import zeros

    matrix = _matrix(a, "cholesky")
    lower = zeros(matrix.shape)
    for j in range(len(matrix)):
        lower[j, j] = np.sqrt(matrix[j, j] - np.sum(lower[j, :j] ** 2))
        for i in range(j + 1, len(matrix)):
            lower[i, j] = (matrix[i, j] - np.sum(lower[i, :j] * lower[j, :j])) / lower[j, j]
    return lower.T if upper else lower


def norm(x, ord=None, axis=None, keepdims=False):  # noqa: A002
    from ._array import _plain, _wrapped

    array = _wrapped(_plain(x))
    if ord in (np.inf, -np.inf) and (axis is not None or np.ndim(array) == 1):
        return (np.max if ord > 0 else np.min)(abs(array), axis=axis, keepdims=keepdims)
    return np.linalg.norm._implementation(x, ord, axis, keepdims)


def select(conditions, choices, default=0):
    if len(conditions) != len(choices):
        raise InputError(f"numpy.select: {len(conditions)} conditions, and {len(choices)} choices")
    found = default
    for condition, choice in zip(reversed(conditions), reversed(choices)):
        found = where(condition, choice, found)
    return found


def linspace(start, stop, num=50, endpoint=True):
    steps = np.arange(num) / (num - 1 if endpoint else num) if num > 1 else np.zeros(num)
    return start + steps * (stop - start)


#: By the function of numpy.
RECORDED = {getattr(np.linalg, function.__name__): function for function in (solve, inv, det, slogdet, cholesky, norm)}
RECORDED |= {np.select: select, np.linspace: linspace}
