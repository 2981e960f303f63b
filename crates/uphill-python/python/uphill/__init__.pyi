"""Types of what `uphill` has; the words are in the module itself."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, overload

from . import loops as loops
from . import nn as nn
from . import ode as ode
from ._array import Array as Array
from ._array import array as array
from ._array import zeros as zeros
from ._check import check as check
from ._check import surface as surface
from ._errors import ClimbError as ClimbError
from ._errors import Error as Error
from ._errors import FormatError as FormatError
from ._errors import FormulaError as FormulaError
from ._errors import InputError as InputError
from ._errors import NotFiniteError as NotFiniteError
from ._errors import PlaceError as PlaceError
from ._errors import RecordingError as RecordingError
from ._errors import ResourceError as ResourceError
from ._errors import SolutionError as SolutionError
from ._errors import TrainingError as TrainingError
from ._errors import UnknownNameError as UnknownNameError
from ._errors import UnsupportedError as UnsupportedError
from ._fit import Prediction as Prediction
from ._fit import fit as fit
from ._fit import predict as predict
from ._fit import sample as sample
from ._implicit import implicit as implicit
from ._solve import Constraint as Constraint
from ._solve import Optimum as Optimum
from ._solve import Summit as Summit
from ._solve import climb as climb
from ._solve import maximise as maximise
from ._solve import minimise as minimise
from ._sparse import Sparse as Sparse
from ._uphill import Explanation as Explanation
from ._uphill import Fitted as Fitted
from ._uphill import Formulas as Formulas
from ._uphill import Function as Function
from ._uphill import Implicit as Implicit
from ._uphill import Index as Index
from ._uphill import OverSamples as OverSamples
from ._uphill import Page as Page
from ._uphill import Picture as Picture
from ._uphill import Posterior as Posterior
from ._uphill import Program as Program
from ._uphill import Report as Report
from ._uphill import Scalar as Scalar
from ._uphill import Trace as Trace
from ._uphill import formula as formula

__version__: str

_Shapes = Sequence[str] | Mapping[str, int | tuple[int, ...] | None] | str | None

class _Elementary(Protocol):
    #: Of numbers a float, of a recorded value a recorded value, of arrays an array.
    def __call__(self, *operands: Any) -> Any: ...

@overload
def record(function: Callable[..., Any], inputs: _Shapes = None, *, parameters: Sequence[str] = ()) -> Function: ...
@overload
def record(
    function: None = None, inputs: _Shapes = None, *, parameters: Sequence[str] = ()
) -> Callable[[Callable[..., Any]], Function]: ...
def where(condition: Any, x: Any, y: Any) -> Any: ...
def logsumexp(values: Any, axis: int | None = None) -> Any: ...
def softmax(values: Any, axis: int | None = None) -> Any: ...

abs: _Elementary
acos: _Elementary
acosh: _Elementary
asin: _Elementary
asinh: _Elementary
atan: _Elementary
atan2: _Elementary
atanh: _Elementary
beta: _Elementary
cbrt: _Elementary
ceil: _Elementary
clip: _Elementary
cos: _Elementary
cosh: _Elementary
digamma: _Elementary
elu: _Elementary
equal: _Elementary
erf: _Elementary
erfc: _Elementary
erfcx: _Elementary
exp: _Elementary
exp2: _Elementary
expm1: _Elementary
floor: _Elementary
fmod: _Elementary
gamma: _Elementary
gelu: _Elementary
greater: _Elementary
greater_equal: _Elementary
hypot: _Elementary
less: _Elementary
less_equal: _Elementary
lgamma: _Elementary
ln_beta: _Elementary
log: _Elementary
log10: _Elementary
log1p: _Elementary
log2: _Elementary
log_expit: _Elementary
log_ndtr: _Elementary
logit: _Elementary
maximum: _Elementary
minimum: _Elementary
mod: _Elementary
ndtr: _Elementary
not_equal: _Elementary
polygamma: _Elementary
pow: _Elementary
reciprocal: _Elementary
relu: _Elementary
rint: _Elementary
sigmoid: _Elementary
sign: _Elementary
silu: _Elementary
sin: _Elementary
sinh: _Elementary
softplus: _Elementary
softsign: _Elementary
sqrt: _Elementary
square: _Elementary
tan: _Elementary
tanh: _Elementary
trigamma: _Elementary
xlogy: _Elementary
