"""Networks and their training."""

import pickle

import numpy as np
import pytest

import uphill
from test_solve import interrupted
from uphill import nn

INPUTS, DESIRED = np.array([[0, 0], [0, 1], [1, 0], [1, 1.0]]), np.array([[0], [1], [1], [0.0]])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def exclusive_or(**settings):
    network = nn.layered([2, 2, 1], offset="bias")
    settings = {"start": ("uniform", 1.0), "seed": 1, "rate": 2, "changes": 20_000, **settings}
    return network, nn.train(network, INPUTS, DESIRED, **settings)


def test_networks_compute_what_numpy_does():
    network = nn.layered([2, 3, 1], hidden="tanh")
    weights = np.random.default_rng(1).normal(size=network.weight_count)
    hidden, output = weights[:9].reshape(3, 3), weights[9:]
    h = np.tanh(INPUTS @ hidden[:, :2].T - hidden[:, 2])
    expected = sigmoid(h @ output[:3] - output[3])
    np.testing.assert_allclose(network.computed(weights, INPUTS)[:, 0], expected, rtol=1e-12)
    assert network.computed(weights, INPUTS[1]).shape == (1,)
    assert network.weight_names[:3] == ["x1→h1.1", "x2→h1.1", "threshold→h1.1"]
    np.testing.assert_allclose(network.function()(weights, INPUTS[1]), expected[1], rtol=1e-12)
    assert "<svg" in network.picture(weights).svg()
    again = pickle.loads(pickle.dumps(network))
    np.testing.assert_array_equal(again.computed(weights, INPUTS), network.computed(weights, INPUTS))


def test_wired_networks_and_own_activations():
    bell = uphill.record(lambda sigma: sigma * np.exp(-(sigma**2)))
    network = nn.wired(["a", "b"], [nn.Node("H", ["a", "b"], "bias", bell), ("O", ["H", "a"], None, "identity")], ["O"])
    weights = network.weights_from({"a->H": 1, "b→H": 2, "bias→H": 0.5, "H→O": 3, "a→O": -1})
    s = 0.2 + 2 * 0.1 + 0.5
    np.testing.assert_allclose(network.computed(weights, [0.2, 0.1]), 3 * s * np.exp(-s * s) - 0.2)
    with pytest.raises(uphill.UnknownNameError, match="no activation is named `sine`"):
        nn.layered([1, 1], hidden="sine")
    with pytest.raises(uphill.Error, match="nowhere"):
        nn.wired(["a"], [("H", ["nowhere"])], ["H"])


def test_exclusive_or_is_learnt():
    network, training = exclusive_or(outputs_within=0.1, looked_at_every=25)
    assert training.reason == "every output is within 0.1 of the desired one, looked at every 25 changes"
    np.testing.assert_allclose(training(INPUTS), DESIRED, atol=0.1)
    assert training.history["performance"][-1] > training.history["performance"][0]
    assert set(training.history) == {"change", "pass", "rate", "performance", "gradient_length", "per_sample"}
    assert training._repr_svg_().startswith("<svg") and "changes" in repr(training)
    assert list(training.named_weights) == network.weight_names
    p = nn.performance(network, INPUTS, DESIRED)
    assert p(training.weights) == pytest.approx(training.performance)
    assert p(training.weights) == pytest.approx(-np.sum((training(INPUTS) - DESIRED) ** 2))
    assert uphill.check(p, training.weights)
    assert "<svg" in uphill.surface(p, network.weight_names[0], network.weight_names[1], at=training.weights).svg()


def test_performances_by_name_and_by_code():
    network, by_name = exclusive_or(changes=50, rate=1)
    by_code = nn.train(
        network, INPUTS, DESIRED, lambda d, o: -np.sum((d - o) ** 2), start=("uniform", 1), seed=1, rate=1, changes=50
    )
    np.testing.assert_allclose(by_code.weights, by_name.weights, rtol=1e-12)
    decayed = nn.train(network, INPUTS, DESIRED, weight_decay=0.01, start=("uniform", 1), seed=1, rate=1, changes=50)
    assert np.linalg.norm(decayed.weights) < np.linalg.norm(by_name.weights)
    # One change by hand: uphill along the gradient.
    one = nn.train(network, INPUTS, DESIRED, weights=np.ones(9) / 3, rate=0.5, changes=1)
    slope = nn.performance(network, INPUTS, DESIRED).gradient()(np.ones(9) / 3)
    np.testing.assert_allclose(one.weights, np.ones(9) / 3 + 0.5 * slope, rtol=1e-12)


def test_settings():
    for settings in (
        dict(method="adam", rate=0.1),
        dict(method=("momentum", 0.9), batch=2, shuffled=True, rate=0.1),
        dict(rate=("step", 1.0, 0.5, 10), start="xavier"),
        dict(rate=("inverse time", 1.0, 0.1), start=("uniform", 1.0), convention="book"),
        dict(performance="binary cross-entropy", rate=0.1),
        dict(no_progress=(10, 1e-3), performance_at_least=-0.1),
    ):
        _, training = exclusive_or(**{"changes": 30, **settings})
        assert np.isfinite(training.weights).all()
    _, kept = exclusive_or(changes=30, history_every=10, keep_weights=True)
    assert kept.history["weights"].shape == (4, 9)
    assert kept.view().html.startswith("<!")
    _, best = exclusive_or(changes=300, validation=(INPUTS, DESIRED, 3))
    assert best.validation[2].shape == (9,)


def test_a_training_resumes_with_the_same_bits():
    network, whole = exclusive_or(changes=40, method="adam", rate=0.05)
    _, half = exclusive_or(changes=20, method="adam", rate=0.05)
    resumed = exclusive_or(changes=40, method="adam", rate=0.05, resume=half)[1]
    assert resumed.weights.tolist() == whole.weights.tolist()


def test_callbacks():
    seen = []
    _, training = exclusive_or(on_change=lambda change: seen.append((change.number, change.performance)) or len(seen) == 5)
    assert training.reason == "the callback asked to stop" and training.changes == len(seen) - 1 == 4
    with pytest.raises(ZeroDivisionError):
        exclusive_or(on_change=lambda change: 1 // 0)


def test_ctrl_c_stops_training():
    interrupted(lambda: exclusive_or(changes=10**9, rate=1e-6))


def test_files(tmp_path):
    network, training = exclusive_or(changes=5)
    path = tmp_path / "xor.json"
    network.save(training.weights, path)
    again, weights = nn.load_network(path)
    assert weights.tolist() == training.weights.tolist() and again.weight_names == network.weight_names
    path.write_text("{}")
    with pytest.raises(uphill.Error, match="xor.json"):
        nn.load_network(path)


SLIPS = [
    (dict(inputs=INPUTS[:, :1]), "the network has 2, the table has 1 columns"),
    (dict(desired=DESIRED[:3]), "4"),
    (dict(performance="best"), "no performance is named `best`"),
    (dict(method="best"), "no method is named `best`"),
    (dict(rate=-1.0), "rate"),
    (dict(no_progress=3), "changes, least"),
    (dict(weights=[1.0]), "13"),
    (dict(inputs=np.where(INPUTS > 0, np.nan, INPUTS)), "NaN"),
]


@pytest.mark.parametrize("place", range(len(SLIPS)))
def test_slips_are_told(place):
    slip, said = SLIPS[place]
    settings = {"inputs": INPUTS, "desired": DESIRED, **slip}
    with pytest.raises(uphill.Error, match=said):
        nn.train(nn.layered([2, 3, 1], offset="bias"), **settings)
