"""The notebook of the lecture: each cell is run, and prints what stands below it."""

import contextlib
import io
import pathlib

import pytest

NOTEBOOKS = pathlib.Path(__file__).parent.parent / "notebooks"


def cells(text):
    """The code of each cell, and what each `print` in it is to give."""
    for cell in text.split("# %%")[1:]:
        kind, _, code = cell.partition("\n")
        if "markdown" not in kind:
            expected = [line[2:].removeprefix(" ") for line in code.splitlines() if line.startswith("#>")]
            yield code, "\n".join(expected)


@pytest.mark.parametrize("name", [path.name for path in NOTEBOOKS.glob("*.py")])
def test_notebooks_print_what_they_show(name):
    names: dict = {}
    found = list(cells((NOTEBOOKS / name).read_text(encoding="utf-8")))
    assert len(found) > 5
    for code, expected in found:
        printed = io.StringIO()
        *_, last = code.rstrip().splitlines() or [""]
        with contextlib.redirect_stdout(printed):
            exec(compile(code, name, "exec"), names)
            # What stands last is shown by a notebook.
            shows = last.isidentifier() or last.startswith(("p.picture", "uphill.surface"))
            shown = eval(last, names) if shows else None
        if expected:
            assert printed.getvalue().strip() == expected.strip()
        if shown is not None:
            assert any(hasattr(shown, f"_repr_{kind}_") for kind in ("svg", "html", "latex"))


@pytest.mark.parametrize("name", [path.name for path in NOTEBOOKS.parent.glob("README*.md")])
def test_code_of_the_readme_runs(name):
    blocks = (NOTEBOOKS.parent / name).read_text(encoding="utf-8").split("```python\n")[1:]
    assert blocks
    names: dict = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for block in blocks:
            exec(compile(block.partition("```")[0], name, "exec"), names)


def test_the_lecture_is_there():
    assert (NOTEBOOKS / "lecture.py").exists()
