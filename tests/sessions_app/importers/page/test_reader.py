from datetime import date
from pathlib import Path

import pytest

from sessions_app import demo
from sessions_app.importers import page
from sessions_app.importers.report import ImportFailed, Known
from tests.sessions_app.importers.page.outline import outline
from tests.sessions_app.importers.page.reading import (
    accounted_lines,
    filled_lines,
    program_page,
    read,
    sessions,
    titles,
)

PAGES = Path(__file__).parent / "pages"
SEED = Path(__file__).parents[5] / "shared" / "seed" / "asplos-2026-tutorial.txt"
PARTS = [
    ("Introduction and Motivation", "tutorial", 0, 45, ["Tunji Ruwase"]),
    ("Ray + DeepSpeed for LLM Training", "tutorial", 45, 45, ["Masahiro Tanaka"]),
    ("Coffee Break", "break", 90, 30, []),
    ("DeepSpeed-Based Systems Optimization for LLM Training", "tutorial", 120, 45, ["Minjia Zhang"]),
    ("Training LLMs on Alternative Accelerators and Novel Optimizers", "tutorial", 165, 45, ["Zhipeng Wang"]),
]


@pytest.mark.parametrize("name", sorted(path.name for path in PAGES.iterdir() if path.suffix != ".expected"))
def test_a_page_reads_as_its_golden_file_says(name: str) -> None:
    data = (PAGES / name).read_bytes()

    reading = page.read(data)

    assert outline(reading) == (PAGES / f"{name}.expected").read_text()
    assert accounted_lines(reading) == filled_lines(data.decode())


class TestTheTutorial:
    @pytest.fixture(params=["seed", "demo"])
    def data(self, request: pytest.FixtureRequest) -> bytes:
        path = {"seed": SEED, "demo": demo.TUTORIAL}[request.param]
        if not path.exists():
            pytest.skip("the original page is not here")
        return path.read_bytes()

    def test_its_parts_are_read_with_lengths_speakers_and_the_break(self, data: bytes) -> None:
        reading = page.read(data)

        assert sessions(reading) == PARTS
        assert reading.program.minutes() == 210

    def test_its_facts_are_read(self, data: bytes) -> None:
        facts = page.read(data).facts

        assert facts.title == "Building Efficient Large-Scale Model Systems with DeepSpeed"
        assert facts.subtitle == "From Open-Source Foundations to Emerging Research"
        assert (facts.host, facts.kind) == ("ASPLOS 2026", "tutorial")
        assert facts.final_program_due == date(2026, 2, 17)
        assert len(facts.overview.split("\n\n")) == 2
        assert facts.additional.startswith("This page")
        assert facts.additional.endswith("February 17, 2026.")

    def test_its_empty_sections_stay_empty_and_are_listed(self, data: bytes) -> None:
        reading = page.read(data)

        assert (reading.facts.organizers, reading.facts.audience, reading.facts.prerequisites) == ("", "", "")
        assert reading.report.missing == (
            "Organizers",
            "Target Audience",
            "Prerequisites",
            "Date",
            "Venue",
            "Time Zone",
        )

    def test_every_line_of_it_is_placed(self, data: bytes) -> None:
        report = page.read(data).report

        assert set(report.placed) == filled_lines(data.decode())
        assert (report.unplaced, report.remarks) == ((), ())
        assert report.is_tentative


def test_the_shipped_page_reads_as_its_golden_file_says() -> None:
    expected = Path(__file__).with_name("tutorial.expected").read_text()

    assert outline(page.read(demo.TUTORIAL.read_bytes())) == expected


def test_lengths_out_of_range_are_refused_all_at_once() -> None:
    text = program_page("One (0 minutes)", "Two (1440 minutes)", "Three (10,000 minutes)", "Four (10000 minutes)")

    with pytest.raises(ImportFailed) as failure:
        read(text)

    assert str(failure.value) == (
        "line 3: “One (0 minutes)” – A session takes 1 to 1440 minutes, not 0.\n"
        "line 5: “Three (10,000 minutes)” – A session takes 1 to 1440 minutes, not 10000.\n"
        "line 6: “Four (10000 minutes)” – A session takes 1 to 1440 minutes, not 10000."
    )


def test_a_session_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ImportFailed, match=r"^line 3: “14:00-13:00 One” – It ends before it starts\.$"):
        read(program_page("14:00-13:00 One"), Known("UTC", "", date(2026, 7, 1)))


def test_an_unknown_zone_is_refused_at_its_line() -> None:
    with pytest.raises(ImportFailed, match=r"^line 2: .*“Mars/Olympus” is not a time zone\."):
        read("A Page\nTime zone: Mars/Olympus")


def test_a_page_needs_a_title() -> None:
    with pytest.raises(ImportFailed, match=r"^line 1: The page has no title"):
        read("Overview\nWhat it is about.")


def test_a_page_has_at_most_two_thousand_sessions() -> None:
    with pytest.raises(ImportFailed, match=r"^line 2003: “Talk 2000 \(5 min\)” – More than 2000 sessions"):
        read(program_page(*(f"Talk {number} (5 min)" for number in range(2001))))


def test_a_page_has_at_most_two_thousand_people() -> None:
    with pytest.raises(ImportFailed, match=r"^line 2003: “Person 2000” – More than 2000 people"):
        read("\n".join(["A Page", "Speakers", *(f"Speaker: Person {number}" for number in range(2001))]))


def test_a_length_beyond_all_measure_is_no_length() -> None:
    assert titles(read(program_page(f"One ({'9' * 400} hours)", "Two (45 min)"))) == [("Two", 45)]


def test_equal_titles_are_told_apart_and_remarked_unless_they_are_breaks() -> None:
    reading = read(program_page("Lab (45 min)", "Break (15 min)", "Lab (45 min)", "Break (15 min)"))

    assert titles(reading) == [("Lab", 45), ("Break", 15), ("Lab", 45), ("Break", 15)]
    assert [remark.line for remark in reading.report.remarks] == [3, 5]


def test_control_characters_are_left_out_and_remarked() -> None:
    reading = read("A\x07 Page\nOverview\nHi")

    assert reading.facts.title == "A Page"
    assert [str(one) for one in reading.report.remarks] == [
        "line 1: “A Page” – Control characters in this line were left out."
    ]


def test_a_page_of_one_endless_line_is_read_in_a_moment() -> None:
    reading = read("A Page\nOverview\n" + "9:00 (45 min) , - a b " * 40_000)

    assert len(reading.facts.overview) > 800_000
