"""What uphill raises. Each error says what Rust's says: the thing's name, what was expected, what came, what to do.

All are `uphill.Error`, and besides that what a caller who knows nothing of uphill expects: `ValueError`, `LookupError`, ….
"""


class Error(Exception):
    """All errors of uphill."""


class InputError(Error, ValueError):
    """A number, a count of numbers or a setting that can't be used."""


class UnknownNameError(Error, LookupError):
    """A name that nothing has: of an input, an output, a parameter, a weight."""


class RecordingError(Error, TypeError):
    """Code that looks at a recorded value, or uses it where it isn't known; it tells what to write instead."""


class PlaceError(Error, IndexError):
    """A place outside of a vector or table."""


class FormulaError(Error, ValueError):
    """A formula that can't be read; `line` and `column` count from 1."""

    line: "int | None" = None
    column: "int | None" = None


class FormatError(Error, ValueError):
    """A file that isn't what it should be, is damaged, or is of another version."""


class NotFiniteError(Error, ArithmeticError):
    """A result that is infinite or NaN, with the operation where that was born."""


class UnsupportedError(Error, NotImplementedError):
    """What can't be done."""


class ResourceError(Error, MemoryError):
    """What there is no memory for."""


class ClimbError(Error, ArithmeticError):
    """A climb that leads nowhere: where it was led to, and what to do."""


class SolutionError(Error, ArithmeticError):
    """A solution of differential equations that can't be followed: how far it went, and what to do."""


class TrainingError(Error, ArithmeticError):
    """A training that diverged: at which change, which weight or node."""
