"""Figures that code creeps past one line at a time."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
LONGEST_TEMPLATE = 150
CODE = sorted(
    path
    for top in ("portal", "sessions_app", "registration", "bench", "tests")
    for path in (ROOT / top).rglob("*.py")
    if "migrations" not in path.parts
)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", CODE, ids=name)
def test_the_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", CODE, ids=name)
def test_its_functions_fit_on_a_screen(path: Path) -> None:
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    long = [one.name for one in functions if (one.end_lineno or 0) - one.lineno + 1 > LONGEST_FUNCTION]

    assert long == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_the_template_is_short_and_has_no_style_or_script_of_its_own(path: Path) -> None:
    text = path.read_text()
    is_mail = "mail" in path.parts

    assert len(text.splitlines()) <= LONGEST_TEMPLATE
    assert is_mail or [part for part in (" style=", "<style", " onclick=", "javascript:") if part in text] == []
