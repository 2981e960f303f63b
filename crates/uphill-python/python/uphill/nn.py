"""Networks of sigmoid nodes, and the lecture's training algorithm.

    >>> from uphill import nn
    >>> network = nn.layered([2, 2, 1], offset="bias")
    >>> inputs, desired = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
    >>> training = nn.train(network, inputs, desired, start=("uniform", 1), seed=1, rate=2, outputs_within=0.1)
    >>> training.reason
    'every output is within 0.1 of the desired one'
    >>> training(inputs).round().ravel().tolist()
    [0.0, 1.0, 1.0, 0.0]
"""

from __future__ import annotations

from typing import NamedTuple

from ._errors import InputError
from ._record import record
from ._uphill import Change, Function, Network, Training, _numbers, _performance, _train, load_network

__all__ = ["Change", "Network", "Node", "Training", "layered", "load_network", "performance", "train", "wired"]


class Node(NamedTuple):
    """A node of a network that is wired by name."""

    #: Its name.
    name: str
    #: The names of inputs and nodes that feed it.
    fed_by: list
    #: `threshold` (subtracted), `bias` (added), or None.
    offset: str | None = "threshold"
    #: A name, or a Python function of a node's sum.
    activation: object = "sigmoid"


def _activation(given):
    return given if isinstance(given, (str, Function)) else record(given, ["sigma"])


def layered(layers, *, hidden="sigmoid", output="sigmoid", offset="threshold") -> Network:
    """Nodes in layers, each fed by all of the layer before: `[2, 3, 1]` has two inputs, three hidden nodes, one output.

    Activations are `sigmoid`, `tanh`, `relu`, `softplus`, `softsign`, `silu`, `gelu`, `elu`, `identity`, `softmax`, or a
    Python function of a node's sum. `offset` is `threshold`, as in the lecture, `bias`, or None.
    """
    return Network._layered(list(layers), _activation(hidden), _activation(output), offset)


def wired(inputs, nodes, outputs) -> Network:
    """A network by names: of its inputs, of its nodes (`Node`, or tuples of its parts), and of nodes that are outputs."""
    nodes = [Node(*node) for node in nodes]
    nodes = [(node.name, list(node.fed_by), node.offset, _activation(node.activation)) for node in nodes]
    return Network._wired(list(inputs), nodes, list(outputs))


def _term(given, network: Network):
    if isinstance(given, (str, Function)):
        return given
    count = len(network.output_names)
    return record(given, {"desired": count, "computed": count})


def performance(network: Network, inputs, desired, performance="squared error", *, weight_decay=0.0) -> Function:
    """P of a network over samples, as a function of its weights: to be derived, climbed, drawn, explained.

    Arguments are those of `train`.
    """
    return _performance(network, inputs, desired, _term(performance, network), float(weight_decay))


def train(
    network: Network,
    inputs,
    desired,
    performance="squared error",
    *,
    weight_decay=0.0,
    weights=None,
    start=("uniform", 0.5),
    seed=0,
    rate=0.1,
    convention="slides",
    batch=None,
    shuffled=False,
    method="plain",
    performance_at_least=None,
    outputs_within=None,
    gradient_shorter_than=None,
    no_progress=None,
    changes=None,
    looked_at_every=None,
    validation=None,
    history_every=None,
    keep_weights=False,
    on_change=None,
    resume=None,
) -> Training:
    """Trains a network by climbing the gradient of a performance over samples.

    `inputs` and `desired` have one row a sample. `performance` is `squared error`, `root mean square`, `binary cross-entropy`,
    `cross-entropy`, one of the last two with ` of sums`, or a Python function of arrays of desired and computed outputs that
    gives a sample's term, `lambda d, o: -np.sum(abs(d - o))`; less `weight_decay` times the squared weights.

    It starts at `weights`, or at random ones of `seed`: `("uniform", width)` or `"xavier"`. `rate` is a number, or a schedule:
    `("step", first, factor, every)`, `("exponential", first, factor, every)`, `("inverse time", first, decay)`. A change takes
    all samples, or `batch` of them, `shuffled` or in order. `method` is `plain`, `adam`, `("adam", beta1, beta2, epsilon)` or
    `("momentum", factor)`. The `convention` is that of the lecture's `slides`, or of the `book`, which leaves out a factor 2.

    It stops by the first rule that holds: `performance_at_least`, `outputs_within` a distance of the desired ones,
    `gradient_shorter_than`, `no_progress=(changes, least)`, so many `changes`; rules but the last are looked at now and then,
    or as `looked_at_every` says. `validation=(inputs, desired, patience)` stops when P on other samples has been better so
    many looks ago.

    The history has a row every so many changes (`history_every`, 0 for none), with weights if `keep_weights`. `on_change` is
    called with each `Change`, and stops the training by giving back something true. `resume` goes on where another `Training`
    of the same settings stopped, with the same bits.

    Raises `TrainingError` if it diverges, `InputError` and `UnknownNameError` for settings that can't be followed. Ctrl-C
    raises `KeyboardInterrupt`.
    """
    if isinstance(start, str):
        start = (start, 0.0)
    if isinstance(rate, tuple):
        schedule, *numbers = rate
        numbers += [1] * (3 - len(numbers))
        rate = (schedule, float(numbers[0]), float(numbers[1]), int(numbers[2]))
    else:
        rate = ("constant", float(rate), 1.0, 1)
    method = (method, []) if isinstance(method, str) else (method[0], [float(number) for number in method[1:]])
    stops = []
    for rule, number in (
        ("performance", performance_at_least),
        ("outputs within", outputs_within),
        ("gradient", gradient_shorter_than),
        ("changes", changes),
    ):
        if number is not None:
            stops.append((rule, float(number), 0.0, None if rule == "changes" else looked_at_every))
    if no_progress is not None:
        try:
            count, least = no_progress
        except TypeError:
            raise InputError(f"no_progress: expected (changes, least), got {no_progress!r}") from None
        stops.append(("no progress", float(count), float(least), looked_at_every))
    asked = {
        "weight_decay": float(weight_decay),
        "start": (start[0], float(start[1]), None if weights is None else _numbers(weights, "weights")),
        "seed": seed,
        "rate": rate,
        "convention": convention,
        "order": (0 if batch is None else int(batch), bool(shuffled)),
        "method": method,
        "stops": stops,
        "history": history_every,
        "keep_weights": keep_weights,
    }
    return _train(network, inputs, desired, _term(performance, network), asked, validation, on_change, resume)
