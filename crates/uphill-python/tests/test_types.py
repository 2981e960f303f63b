"""Stubs say what there is: no more, no less."""

import ast
import importlib
import inspect
import pathlib
import subprocess
import sys

import pytest

import uphill

HERE = pathlib.Path(uphill.__file__).parent


def declared(tree, prefix=""):
    """The names that a stub declares, methods with their class."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from declared(node, f"{node.name}.")
        elif isinstance(node, ast.AnnAssign):
            yield prefix + node.target.id, node
        elif isinstance(node, ast.ImportFrom):
            for name in node.names:
                yield prefix + (name.asname or ""), node


def test_the_native_half_has_what_its_stub_declares():
    native = importlib.import_module("uphill._uphill")
    stub = dict(declared(ast.parse((HERE / "_uphill.pyi").read_text())))
    names = {name for name in vars(native) if not name.startswith("__")}
    assert names == {name for name in stub if "." not in name and name and not name.startswith("_Floats")}
    for name in names:
        value = getattr(native, name)
        if not inspect.isclass(value):
            continue
        own = {key for key in vars(value) if not key.startswith("__") and not key.startswith("_repr_")}
        stubbed = {key.split(".")[1] for key in stub if key.startswith(f"{name}.") and not key.split(".")[1].startswith("__")}
        if name == "Tape":
            own.discard("holds")
        assert own == stubbed, name


def test_the_package_has_what_its_stub_declares():
    stub = dict(declared(ast.parse((HERE / "__init__.pyi").read_text())))
    assert set(uphill.__all__) <= set(stub)
    for name in stub:
        assert not name or name.startswith("_") or hasattr(uphill, name) or stub[name].__class__ is ast.ImportFrom, name


def test_everything_public_says_what_it_is():
    for module in (uphill, uphill.loops, uphill.nn):
        for name in module.__all__:
            value = getattr(module, name)
            assert inspect.getdoc(value), name
            if inspect.isclass(value):
                for key, member in vars(value).items():
                    if not key.startswith("_") and callable(member):
                        assert inspect.getdoc(member), f"{name}.{key}"


EXAMPLE = """
import numpy as np
import uphill
from uphill import loops, nn

p: uphill.Function = uphill.record(lambda w: w @ w, {"w": 3}, parameters=())
g = p.gradient().compile(threads=2)
g.samples(np.ones((2, 3)))
summit: uphill.Summit = uphill.climb(p, [1.0, 2.0, 3.0])
q = uphill.sigmoid(uphill.where(1.0, 2.0, 3.0)) + loops.sum(3, lambda i: float(i))
training: uphill.nn.Training = nn.train(nn.layered([2, 1]), [[0, 1]], [[1]], changes=1)
text: str = p.trace([1, 2, 3]).text(digits=3)
"""


def test_a_type_checker_accepts_an_example(tmp_path):
    pytest.importorskip("mypy")
    (tmp_path / "example.py").write_text(EXAMPLE)
    run = [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path / "cache"), str(tmp_path / "example.py")]
    done = subprocess.run(run, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
