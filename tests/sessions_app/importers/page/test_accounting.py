import re

from hypothesis import given, settings
from hypothesis import strategies as st

from sessions_app.importers import page
from sessions_app.importers.report import ImportFailed, Known
from tests.sessions_app.importers.page.outline import outline
from tests.sessions_app.importers.page.pieces import PIECES
from tests.sessions_app.importers.page.reading import accounted_lines, filled_lines, program_page, read, titles


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=40)), max_size=25).map("\n".join))
def test_every_line_of_any_page_is_placed_or_reported(body: str) -> None:
    text = f"A Page\n{body}"

    try:
        reading = page.read(text.encode("utf-8", "replace"))
    except ImportFailed as failure:
        assert failure.remarks
        return

    assert accounted_lines(reading) == filled_lines(text)


WORD = st.from_regex(r"[a-z]{4,9}", fullmatch=True)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.lists(WORD, min_size=1, max_size=5), st.integers(1, 1440)), min_size=1, max_size=12))
def test_a_program_written_down_is_read_back(parts: list[tuple[list[str], int]]) -> None:
    written = [(f"Topic {' '.join(title)}", minutes) for title, minutes in parts]

    reading = read(program_page(*(f"{n}. {title} ({minutes} minutes)" for n, (title, minutes) in enumerate(written))))

    assert titles(reading) == written
    assert reading.report.unplaced == ()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=20))
def test_no_word_of_a_placed_line_is_lost(pieces: list[str]) -> None:
    text = "\n".join(["A Page", *pieces])
    try:
        reading = read(text, Known("UTC"))
    except ImportFailed:
        return
    told = {one.line for one in reading.report.remarks} | {one.line for one in reading.report.unplaced}
    kept = outline(reading) + str(reading.program.people)

    lines = dict(enumerate(text.split("\n"), start=1))
    unsaid = {"heading", "ornament", "part", "end", "starts_on", "final_program_due"}
    checked = {number: lines[number] for number, where in reading.report.placed.items() if where not in unsaid}
    read_as_figures = re.compile(r"\d+|\b(?:min|minutes|Speaker|Venue|TBA)\b")
    for number, line in checked.items():
        words = re.findall(r"[^\W\d_]{2,}", read_as_figures.sub(" ", line))
        assert number in told or [word for word in words if word not in kept] == []
