"""Holds what `uphill export` writes beside what `uphill` computes, by onnxruntime and by ONNX's own reference.

    pip install onnx onnxruntime
    python crates/uphill-onnx/tools/check.py target/release/uphill

Each formula goes through `uphill grad --data`, each model through `uphill predict`, and the same rows through the file
of ONNX. onnxruntime has no kernels of 64 bits for some operators: such a formula is computed by the reference instead, and
said so.
"""

import csv
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnx.reference
import onnxruntime

# Formulas and the range of their inputs.
FORMULAS = [
    ("P = x + y - 2*x*y/(1 + y^2)", -3, 3),
    ("P = x^3 - x^-2 + y^0.5", 0.1, 5),
    ("P = sqrt(x) + cbrt(y - 2) + hypot(x, y)", 0.1, 5),
    ("P = exp(x) + exp2(y) + expm1(x*1e-6)*1e6", -3, 3),
    ("P = ln(x) + log2(y) + log10(x*y) + log1p(x*1e-6)*1e6", 0.1, 5),
    ("P = sin(x)*cos(y) + sin(x*y)", -10, 10),
    ("P = tan(x)", -1.5, 1.5),
    ("P = asin(x) + acos(y)", -1, 1),
    ("P = atan(x) + atan2(y, x)", -3, 3),
    ("P = sinh(x) + cosh(y) + tanh(x*y)", -3, 3),
    ("P = asinh(x) + acosh(y)", 1.1, 9),
    ("P = atanh(x)", -0.9, 0.9),
    ("P = sigmoid(x) + softplus(y) + relu(x - y) + softsign(x)", -9, 9),
    ("P = erf(x) + erfc(y)", -2, 2),
    ("P = abs(x) + sign(y) + floor(x) + ceil(y) + round(x*2)", -9, 9),
    ("P = mod(x, y) + fmod(x, y)", -9, 9),
    ("P = min(x, y) + max(x, 1) + clamp(y, -1, 1)", -3, 3),
    ("P = (x < y) + (x >= 1)*2 + select(x > 0, y, x)", -3, 3),
    ("P = sum(k, 1..20, sin(x*k))", -3, 3),
]

# A table, its target, options of its training.
MODELS = [
    ("numbers", "y", []),
    ("numbers", "y", ["--hidden", "5,4", "--activation", "gelu", "--scale", "range"]),
    ("classes", "class", []),
    ("classes", "class", ["--missing", "?", "--fill", "mean", "--activation", "tanh"]),
    ("classes", "class", ["--missing", "?"]),
    ("whole", "class", ["--as-classes", "--activation", "softplus"]),
]


def run(*line):
    done = subprocess.run([UPHILL, *map(str, line), "--quiet"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{line}: {done.stderr}")
    return done.stdout


def rows_of(text):
    return list(csv.DictReader(text.splitlines()))


def computed(file, inputs):
    """The outputs by name, and whether onnxruntime gave them."""
    onnx.checker.check_model(onnx.load(file), full_check=True)
    try:
        session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001, since its classes are not public
        if "NOT_IMPLEMENTED" not in str(error) and "Could not find an implementation" not in str(error):
            raise
        reference = onnx.reference.ReferenceEvaluator(file)
        return dict(zip(reference.output_names, reference.run(None, inputs))), False
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs))), True


def far(found, expected):
    """The largest error, relative where numbers are large."""
    found, expected = np.asarray(found, float).ravel(), np.asarray(expected, float).ravel()
    assert found.shape == expected.shape, (found.shape, expected.shape)
    same = (found == expected) | (np.isnan(found) & np.isnan(expected))
    error = np.abs(found - expected) / np.maximum(1, np.abs(expected))
    return float(np.max(np.where(same, 0, error), initial=0))


def check_formula(folder, formula, low, high, single, gradient):
    names = [name for name in "xy" if name in formula.split("=", 1)[1].replace("exp", "").replace("max", "")]
    # Numbers that both widths have.
    random = np.random.default_rng(1)
    table = {name: np.float64(np.float32(random.uniform(low, high, 50))) for name in names}
    data = folder / "t.csv"
    data.write_text("\n".join([",".join(names), *(",".join(map(repr, map(float, row))) for row in zip(*table.values()))]))
    file = folder / "f.onnx"
    options = ["--single"] * single + ["--gradient"] * gradient
    run("export", formula, "--onnx", file, "--force", *options)
    inputs = {name: column.astype("float32" if single else "float64") for name, column in table.items()}
    outputs, by_runtime = computed(str(file), inputs)
    rows = rows_of(run("grad", formula, "--data", data))
    expected = {name: [float(row[name]) for row in rows] for name in outputs}
    return max(far(outputs[name], expected[name]) for name in outputs), by_runtime


def tables(folder):
    random = np.random.default_rng(2)
    rows = random.uniform(-2, 2, (60, 2))
    (folder / "numbers.csv").write_text(
        "a,b,y\n" + "".join(f"{a:.6f},{b:.6f},{a * b - a:.6f}\n" for a, b in rows)
    )
    kinds = np.array(["red", "green", "deep blue"])
    lines = []
    for k, (a, b) in enumerate(rows):
        kind = kinds[k % 3] if k % 11 else "?"
        first = f"{a:.6f}" if k % 7 else "?"
        lines.append((first, kind, f"{b:.6f}", ["no", "yes", "perhaps"][int(a > 0) + int(b > 1)]))
    (folder / "classes.csv").write_text("a,kind,b,class\n" + "".join(",".join(line) + "\n" for line in lines))
    (folder / "whole.csv").write_text("a,b,class\n" + "".join(f"{a:.6f},{b:.6f},{int(a > 0) * 5}\n" for a, b in rows))


def check_model(folder, name, target, options, single):
    table, model, file = folder / f"{name}.csv", folder / "m.json", folder / "m.onnx"
    options = options if "--missing" in options or name != "classes" else [*options, "--missing", "?"]
    run("train", table, "--target", target, "--changes", "20", "--save", model, "--force", *options)
    run("export", "--model", model, "--onnx", file, "--force", *["--single"] * single)
    rows = rows_of(table.read_text())
    graph = onnx.load(file).graph
    inputs = {}
    for value in graph.input:
        cells = [row[value.name] for row in rows]
        if value.type.tensor_type.elem_type == onnx.TensorProto.STRING:
            column = np.array(["" if cell == "?" else cell for cell in cells], dtype=object)
        else:
            kind = "float32" if single else "float64"
            column = np.array([float("nan") if cell == "?" else float(cell) for cell in cells], dtype=kind)
        inputs[value.name] = column.reshape(-1, 1)
    if "--fill" not in options and "--missing" in options:
        # Rows without an answer are left out: a missing text is no category that the file knows.
        kept = [k for k, row in enumerate(rows) if "?" not in row.values()]
        rows = [rows[k] for k in kept]
        inputs = {name: column[kept] for name, column in inputs.items()}
        table.with_name("kept.csv").write_text(
            "\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)]) + "\n"
        )
        table = table.with_name("kept.csv")
    outputs, by_runtime = computed(str(file), inputs)
    answers = rows_of(run("predict", model, table))
    expected = [answer[f"computed_{target}"] for answer in answers]
    found = outputs[f"computed_{target}"].ravel()
    if f"outputs_{target}" not in outputs:
        return far(found, [float(x) for x in expected]), by_runtime
    columns = [column for column in answers[0] if column != f"computed_{target}"]
    error = far(outputs[f"outputs_{target}"], [[float(answer[c]) for c in columns] for answer in answers])
    # Where two classes are as likely as each other, a last digit decides.
    wrong = [(str(a), b) for a, b in zip(found, expected) if str(a) != b]
    assert not wrong or single and len(wrong) == 1, wrong
    return error, by_runtime


def unknown_categories_are_refused(folder):
    run("train", folder / "classes.csv", "--target", "class", "--missing", "?", "--changes", "3", "--save",
        folder / "m.json", "--force")
    run("export", "--model", folder / "m.json", "--onnx", folder / "m.onnx", "--force")
    session = onnxruntime.InferenceSession(str(folder / "m.onnx"), providers=["CPUExecutionProvider"])
    one = np.zeros((1, 1))
    for kind, is_known in [("red", True), ("purple", False)]:
        try:
            session.run(None, {"a": one, "b": one, "kind": np.array([[kind]], dtype=object)})
            done = True
        except Exception:  # noqa: BLE001
            done = False
        assert done == is_known, kind


def main():
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tables(folder)
        checks = [
            (f"{formula}{' with gradient' * gradient}", single, lambda s, f=formula, l=low, h=high, g=gradient:
                check_formula(folder, f, l, h, s, g))
            for formula, low, high in FORMULAS for gradient in (False, True)
            if not (gradient and ("floor" in formula or "mod" in formula or "<" in formula)) for single in (False, True)
        ] + [
            (f"{table} {' '.join(options)}", single, lambda s, t=table, g=target, o=options: check_model(folder, t, g, o, s))
            for table, target, options in MODELS for single in (False, True)
        ]
        for what, single, check in checks:
            error, by_runtime = check(single)
            # ONNX's reference computes `Erf` in 32 bits whatever it is given.
            is_single = single or "erf" in what and not by_runtime or "gelu" in what and not by_runtime
            is_wrong = error > (2e-4 if is_single else 1e-12)
            wrong += is_wrong
            by = "onnxruntime" if by_runtime else "onnx.reference"
            print(f"{'WRONG ' if is_wrong else ''}{error:8.1e}  {32 if single else 64} bits, {by}: {what}")
        unknown_categories_are_refused(folder)
    sys.exit(f"{wrong} wrong" if wrong else 0)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    UPHILL = sys.argv[1]
    main()
