"""Figures that code creeps past one line at a time."""

import ast
from pathlib import Path

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


def test_each_file_can_be_read_in_one_sitting() -> None:
    long = [name(path) for path in CODE if len(path.read_text().splitlines()) > LONGEST_FILE]

    assert long == []


def test_each_function_fits_on_a_screen() -> None:
    long = [
        f"{name(path)}: {node.name}"
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    ]

    assert long == []


def test_each_template_is_short_and_has_no_style_or_script_of_its_own() -> None:
    texts = {path: path.read_text() for path in TEMPLATES}

    long = [name(path) for path, text in texts.items() if len(text.splitlines()) > LONGEST_TEMPLATE]
    own = [
        f"{name(path)}: {part}"
        for path, text in texts.items()
        for part in (" style=", "<style", " onclick=", "javascript:")
        if part in text and "mail" not in path.parts
    ]

    assert (long, own) == ([], [])
