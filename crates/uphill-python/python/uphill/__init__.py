"""uphill: automatic differentiation of scalar code.

Write a performance function in plain Python, get its gradient, Jacobian, Hessian, trace and explanation, and a compiled
program over numpy arrays. Then climb.

    >>> import uphill
    >>> p = uphill.record(lambda w1, w2, w3: 3*(w1 - 2*w2 + 5*w3) - 7*(2*w1 - w2 - 6))
    >>> p(1, 1, 1)
    47.0
    >>> p.gradient()(1, 1, 1)
    array([-11.,   1.,  15.])
"""

from . import loops, nn, ode
from ._array import Array, array, zeros
from ._check import check, surface
from ._errors import (
    ClimbError,
    Error,
    FormatError,
    FormulaError,
    InputError,
    NotFiniteError,
    PlaceError,
    RecordingError,
    ResourceError,
    SolutionError,
    TrainingError,
    UnknownNameError,
    UnsupportedError,
)
from ._fit import Prediction, fit, predict, sample
from ._functions import *  # noqa: F403
from ._functions import ALL as _ALL
from ._functions import logsumexp, softmax, where
from ._implicit import implicit
from ._record import record
from ._solve import Constraint, Optimum, Summit, climb, maximise, minimise
from ._sparse import Sparse
from ._uphill import (
    Explanation,
    Fitted,
    Formulas,
    Function,
    Implicit,
    Index,
    OverSamples,
    Page,
    Picture,
    Posterior,
    Program,
    Report,
    Scalar,
    Trace,
    formula,
)

globals().update(_ALL)

__version__ = "0.1.0"
__all__ = [
    *_ALL,
    "Array",
    "ClimbError",
    "Constraint",
    "Error",
    "Explanation",
    "Fitted",
    "FormatError",
    "FormulaError",
    "Formulas",
    "Function",
    "Implicit",
    "Index",
    "InputError",
    "NotFiniteError",
    "Optimum",
    "OverSamples",
    "Page",
    "Picture",
    "PlaceError",
    "Posterior",
    "Prediction",
    "Program",
    "RecordingError",
    "Report",
    "ResourceError",
    "Scalar",
    "SolutionError",
    "Sparse",
    "Summit",
    "Trace",
    "TrainingError",
    "UnknownNameError",
    "UnsupportedError",
    "array",
    "check",
    "climb",
    "fit",
    "formula",
    "implicit",
    "logsumexp",
    "loops",
    "maximise",
    "minimise",
    "nn",
    "ode",
    "predict",
    "record",
    "sample",
    "softmax",
    "surface",
    "where",
    "zeros",
]
