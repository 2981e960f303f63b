"""Elementary functions, of numbers, recorded values and arrays of either."""

from __future__ import annotations

import numpy as np

from ._errors import InputError
from ._uphill import Index, Operation, Scalar

# name in Python: operation in Rust, what it is
_TABLE = {
    "abs": ("abs", "`|x|`; its slope at 0 is 0."),
    "acos": ("acos", "The arc cosine."),
    "acosh": ("acosh", "The inverse of the hyperbolic cosine."),
    "asin": ("asin", "The arc sine."),
    "asinh": ("asinh", "The inverse of the hyperbolic sine."),
    "atan": ("atan", "The arc tangent."),
    "atan2": ("atan2", "The angle of the point (x, y): `atan2(y, x)`."),
    "atanh": ("atanh", "The inverse of the hyperbolic tangent."),
    "beta": ("beta", "The beta function of positive numbers."),
    "cbrt": ("cbrt", "The cube root."),
    "ceil": ("ceil", "The least whole number that is not below x; its slope is 0."),
    "clip": ("clamp", "x, but not below the second operand and not above the third."),
    "cos": ("cos", "The cosine."),
    "cosh": ("cosh", "The hyperbolic cosine."),
    "digamma": ("digamma", "The derivative of `lgamma`."),
    "elu": ("elu", "x where it is positive, else `alpha*(exp(x) - 1)`: `elu(x, alpha)`."),
    "equal": ("equal", "1 where both are equal, else 0."),
    "erf": ("erf", "The error function."),
    "erfc": ("erfc", "`1 - erf(x)`, exact far above 0 too."),
    "erfcx": ("erfcx", "`exp(x²)*erfc(x)`."),
    "exp": ("exp", "e to the x."),
    "exp2": ("exp2", "2 to the x."),
    "expm1": ("expm1", "`exp(x) - 1`, exact near 0 too."),
    "floor": ("floor", "The greatest whole number that is not above x; its slope is 0."),
    "fmod": ("fmod", "The remainder with the sign of x."),
    "gamma": ("gamma", "The gamma function."),
    "gelu": ("gelu", "`x*ndtr(x)`."),
    "greater": ("greater", "1 where x > y, else 0."),
    "greater_equal": ("greater_equal", "1 where x >= y, else 0."),
    "hypot": ("hypot", "`sqrt(x² + y²)`, without overflow on the way."),
    "less": ("less", "1 where x < y, else 0."),
    "less_equal": ("less_equal", "1 where x <= y, else 0."),
    "lgamma": ("ln_gamma", "The logarithm of the gamma function."),
    "ln_beta": ("ln_beta", "The logarithm of the beta function."),
    "log": ("ln", "The natural logarithm."),
    "log10": ("log10", "The logarithm to base 10."),
    "log1p": ("log1p", "`log(1 + x)`, exact near 0 too."),
    "log2": ("log2", "The logarithm to base 2."),
    "log_expit": ("log_expit", "`log(sigmoid(x))`, exact far below 0 too."),
    "log_ndtr": ("log_ndtr", "`log(ndtr(x))`, exact far below 0 too."),
    "logit": ("logit", "`log(x/(1 - x))`, the inverse of the sigmoid."),
    "maximum": ("max", "The greater one; where both are equal each has half of the slope."),
    "minimum": ("min", "The lesser one; where both are equal each has half of the slope."),
    "mod": ("mod", "The remainder with the sign of y, as Python's `%`."),
    "ndtr": ("ndtr", "The standard normal distribution function."),
    "not_equal": ("not_equal", "1 where both differ, else 0."),
    "polygamma": ("polygamma", "The n-th derivative of `digamma`: `polygamma(n, x)`."),
    "pow": ("pow", "x to the y, for any y; `x**n` with a whole n multiplies."),
    "reciprocal": ("recip", "1/x."),
    "relu": ("relu", "x where it is positive, else 0; its slope at 0 is 0."),
    "rint": ("round", "The nearest whole number; its slope is 0."),
    "sigmoid": ("sigmoid", "`1/(1 + exp(-x))`, stable at both ends."),
    "sign": ("sign", "-1, 0 or 1; its slope is 0."),
    "silu": ("silu", "`x*sigmoid(x)`, also known as swish."),
    "sin": ("sin", "The sine."),
    "sinh": ("sinh", "The hyperbolic sine."),
    "softplus": ("softplus", "`log(1 + exp(x))`, stable at both ends."),
    "softsign": ("softsign", "`x/(1 + |x|)`."),
    "sqrt": ("sqrt", "The square root."),
    "square": ("square", "x²."),
    "tan": ("tan", "The tangent."),
    "tanh": ("tanh", "The hyperbolic tangent."),
    "trigamma": ("trigamma", "The derivative of `digamma`."),
    "xlogy": ("xlogy", "`x*log(y)`, and 0 where x is 0."),
}


def _is_single(operand) -> bool:
    return isinstance(operand, (float, int, Scalar, Index)) or np.ndim(operand) == 0


class _Elementary:
    """A function of numbers or recorded values, entry by entry of arrays: they broadcast as numpy's do."""

    def __init__(self, name: str, operation: str, what: str):
        self.__name__ = self.__qualname__ = name
        self.__doc__ = f"{what} Of numbers, recorded values, and arrays of either."
        self.__module__ = "uphill"
        self.operation = Operation(operation)

    def __call__(self, *operands):
        if all(map(_is_single, operands)):
            return self.operation(*operands)
        from ._array import _applied

        return _applied(self.operation, *operands)

    def __repr__(self):
        return f"<uphill.{self.__name__}>"

    def __reduce__(self):
        return self.__name__


ALL = {name: _Elementary(name, operation, what) for name, (operation, what) in _TABLE.items()}
globals().update(ALL)

#: What numpy calls them: as functions, and as methods of the entries of plain arrays of objects.
_FOREIGN = {
    "absolute": "abs",
    "fabs": "abs",
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctan2": "atan2",
    "arctanh": "atanh",
    "clamp": "clip",
    "fmax": "maximum",
    "fmin": "minimum",
    "ln": "log",
    "max": "maximum",
    "min": "minimum",
    "mod": "mod",
    "remainder": "mod",
    "recip": "reciprocal",
    "round": "rint",
}


def _logaddexp(x, y):
    return _log_sum_exp(x, y)


_log_sum_exp = Operation("log_sum_exp")
_select = Operation("select")
_METHODS = {
    "logaddexp": _logaddexp,
    "conjugate": lambda x: x,
    "deg2rad": lambda x: x * (np.pi / 180.0),
    "radians": lambda x: x * (np.pi / 180.0),
    "rad2deg": lambda x: x * (180.0 / np.pi),
    "degrees": lambda x: x * (180.0 / np.pi),
    "logical_and": lambda x, y: _truth(x) & _truth(y),
    "logical_or": lambda x, y: _truth(x) | _truth(y),
    "logical_not": lambda x: ALL["equal"].operation(x, 0.0),
    "heaviside": lambda x, at_zero: _select(ALL["equal"].operation(x, 0.0), at_zero, ALL["greater"].operation(x, 0.0)),
    "float_power": lambda x, y: ALL["pow"].operation(x, y),
    "isnan": lambda x: ALL["not_equal"].operation(x, x),
    "isfinite": lambda x: ALL["equal"].operation(x - x, 0.0),
}


def _truth(x):
    return ALL["not_equal"].operation(x, 0.0)


def _method(scalar, name: str):
    """The method of a recorded value: `x.exp()`, as numpy calls it."""
    function = ALL.get(_FOREIGN.get(name, name))
    if function is not None:
        operation = function.operation
        return lambda *others: operation(scalar, *others)
    if name in _METHODS:
        function = _METHODS[name]
        return lambda *others: function(scalar, *others)
    raise AttributeError(f"a recorded value has no attribute `{name}`")


def where(condition, x, y):
    """x where the condition is not 0, else y; the derivative flows through the chosen one alone.

    The other one contributes exactly 0 to any order, so `where(x > 0, numpy.sqrt(x), 0)` has slope 0 at 0. Arrays broadcast.
    """
    if all(map(_is_single, (condition, x, y))):
        return _select(condition, x, y)
    from ._array import _applied

    return _applied(_select, condition, x, y)


def _gathered(name: str, values, axis):
    from ._array import _plain, _wrapped

    array = _plain(values)
    if array.ndim == 0 or array.size == 0:
        raise InputError(f"{name}: expected an array with entries, got one of shape {array.shape}")
    operation = _GATHERED[name]
    if axis is None:
        return operation(*array.ravel())
    array = np.moveaxis(array, axis, -1)
    flat = array.reshape(-1, array.shape[-1])
    result = np.fromiter((operation(*row) for row in flat), dtype=object, count=len(flat))
    return _wrapped(result.reshape(array.shape[:-1]))


_GATHERED = {"logsumexp": _log_sum_exp, "mean": Operation("mean"), "sum": Operation("sum")}


def logsumexp(values, axis=None):
    """`log(sum(exp(values)))` without overflow on the way, over all entries or along an axis."""
    return _gathered("logsumexp", values, axis)


def softmax(values, axis=None):
    """`exp(values)/sum(exp(values))` without overflow on the way, over all entries or along an axis."""
    from ._array import _plain, _wrapped

    array = _wrapped(_plain(values))
    total = logsumexp(array, axis)
    if axis is not None:
        total = np.expand_dims(total, axis)
    return ALL["exp"](array - total)
