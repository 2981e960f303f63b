"""Sparse Jacobians and Hessians, as matrices of scipy."""

from __future__ import annotations

import numpy as np

from ._errors import UnsupportedError
from ._uphill import Function, Program


class Sparse:
    """A Jacobian or Hessian of which only entries that can differ from 0 are computed.

    Called as the function is that it was derived from, it gives a `scipy.sparse.csr_array`. `compile()` makes one that is
    called often.
    """

    def __init__(self, function: Function | Program, rows: np.ndarray, columns: np.ndarray, shape, sweeps: int):
        #: The entries' numbers, row by row, as a function or program.
        self.function = function
        #: Row and column of each entry.
        self.rows, self.columns = rows, columns
        #: How many rows and columns there are.
        self.shape = tuple(shape)
        #: How many sweeps over the whole function it took.
        self.sweeps = sweeps
        self._starts = np.searchsorted(rows, np.arange(self.shape[0] + 1))

    def __call__(self, *arguments, **named):
        try:
            from scipy.sparse import csr_array
        except ImportError:
            raise UnsupportedError("sparse matrices need scipy: pip install scipy; or call .function for the entries") from None
        values = self.function(*arguments, **named)
        return csr_array((values, self.columns, self._starts), shape=self.shape)

    def compile(self, **settings) -> Sparse:
        """The same with a compiled program for the entries; settings are those of `Function.compile`."""
        return Sparse(self.function.compile(**settings), self.rows, self.columns, self.shape, self.sweeps)

    @property
    def entry_count(self) -> int:
        """How many entries are computed."""
        return len(self.rows)

    def __repr__(self):
        return f"<uphill.Sparse of shape {self.shape}, {self.entry_count} entries, {self.sweeps} sweeps>"


def _sparse(function: Function, is_hessian: bool) -> Sparse:
    return Sparse(*function._sparse(is_hessian))
