import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.text import clean_line
from sessions_app import demo
from sessions_app.importers import page
from sessions_app.importers.report import ImportFailed, Known, Reading
from tests.sessions_app.importers.outline import outline

PAGES = Path(__file__).parent / "pages"
SEED = Path(__file__).parents[4] / "shared" / "seed" / "asplos-2026-tutorial.txt"
PARTS = [
    ("Introduction and Motivation", "tutorial", 0, 45, ["Tunji Ruwase"]),
    ("Ray + DeepSpeed for LLM Training", "tutorial", 45, 45, ["Masahiro Tanaka"]),
    ("Coffee Break", "break", 90, 30, []),
    ("DeepSpeed-Based Systems Optimization for LLM Training", "tutorial", 120, 45, ["Minjia Zhang"]),
    ("Training LLMs on Alternative Accelerators and Novel Optimizers", "tutorial", 165, 45, ["Zhipeng Wang"]),
]


def read(text: str, known: Known | None = None) -> Reading:
    return page.read(text.encode(), known)


def program_page(*lines: str) -> str:
    return "\n".join(["A Page", "Program", *lines])


def sessions(reading: Reading) -> list[tuple[str, str, int, int, list[str]]]:
    found = reading.program
    return [
        (item.title, item.kind, item.offset, item.duration, [one.name for one in found.people_of(item)])
        for item in found.items
    ]


def titles(reading: Reading) -> list[tuple[str, int]]:
    return [(item.title, item.duration) for item in reading.program.items]


def filled_lines(text: str) -> set[int]:
    return {number for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1) if clean_line(line)}


def accounted_lines(reading: Reading) -> set[int]:
    unplaced = {remark.line for remark in reading.report.unplaced}
    assert not unplaced & set(reading.report.placed)
    return unplaced | set(reading.report.placed)


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


class TestTop:
    @pytest.mark.parametrize(
        ("line", "host", "kind"),
        [
            ("ASPLOS 2026 Tutorial", "ASPLOS 2026", "tutorial"),
            ("Workshop at ISCA 2025", "ISCA 2025", "workshop"),
            ("A half-day tutorial held in conjunction with MICRO 2025", "MICRO 2025", "tutorial"),
            ("(Tutorial co-located with the ACM SIGCOMM 2026)", "ACM SIGCOMM 2026", "tutorial"),
            ("Tutorial, POPL'27", "POPL'27", "tutorial"),
            ("SOSP 2026", "SOSP 2026", ""),
            ("Conference: NSDI 2026", "NSDI 2026", ""),
        ],
    )
    def test_the_host_event_is_read_above_and_below_the_title(self, line: str, host: str, kind: str) -> None:
        above, below = read(f"{line}\nMy Title"), read(f"My Title\n{line}")

        assert (above.facts.title, above.facts.host, above.facts.kind) == ("My Title", host, kind)
        assert below.facts == above.facts

    def test_a_host_in_the_title_is_read_and_the_title_kept_whole(self) -> None:
        facts = read("Tiny Compilers Tutorial @ PLDI 2026").facts

        assert (facts.title, facts.host, facts.kind) == ("Tiny Compilers Tutorial @ PLDI 2026", "PLDI 2026", "tutorial")

    def test_a_line_that_names_only_the_host_is_the_title_where_there_is_no_other(self) -> None:
        facts = read("PyCon 2026\n\nOverview\nAll of Python.").facts

        assert (facts.title, facts.host) == ("PyCon 2026", "")

    def test_names_below_the_title_are_the_organizers(self) -> None:
        reading = read("My Title\nAda Lovelace (London), Alan Turing (Manchester)")

        assert reading.facts.organizers == "Ada Lovelace (London), Alan Turing (Manchester)"

    def test_what_may_be_a_name_or_a_subtitle_is_not_guessed(self) -> None:
        reading = read("My Title\nAda Lovelace")

        assert [remark.line for remark in reading.report.unplaced] == [2]

    def test_a_longer_line_below_the_title_is_the_subtitle(self) -> None:
        assert read("My Title\nhow to do it all").facts.subtitle == "how to do it all"


class TestDates:
    @pytest.mark.parametrize(
        "written",
        [
            "February 17, 2026",
            "Feb 17, 2026",
            "Feb. 17 2026",
            "17 February 2026",
            "the 17th of February, 2026",
            "Tuesday, February 17th, 2026",
            "2026-02-17",
            "17.02.2026",
            "2/17/2026",
        ],
    )
    def test_the_promise_of_a_final_program_is_read_in_many_forms(self, written: str) -> None:
        sentence = f"Come back later. The final tutorial program will be available by {written}."

        reading = read(f"A Page\nAdditional Information\n{sentence}")

        assert reading.facts.final_program_due == date(2026, 2, 17)
        assert reading.facts.additional == sentence

    @pytest.mark.parametrize(
        ("written", "reason"),
        [
            ("February 30, 2026", "“February 30, 2026” is not a day of the calendar."),
            ("2/3/2026", "“2/3/2026” can be read in two ways. Write the month as a word."),
        ],
    )
    def test_a_date_that_is_none_or_two_is_remarked(self, written: str, reason: str) -> None:
        reading = read(f"A Page\nOverview\nThe final program comes on {written}.")

        assert reading.facts.final_program_due is None
        assert [(remark.line, remark.reason) for remark in reading.report.remarks] == [(3, reason)]

    def test_other_dates_are_no_promise(self) -> None:
        assert read("A Page\nOverview\nThe program was made on May 3, 2026.").facts.final_program_due is None

    @pytest.mark.parametrize(
        ("written", "first", "last"),
        [
            ("March 22–23, 2026", date(2026, 3, 22), date(2026, 3, 23)),
            ("30 March - 2 April 2026", date(2026, 3, 30), date(2026, 4, 2)),
            ("Saturday, March 21 - Sunday, March 22, 2026", date(2026, 3, 21), date(2026, 3, 22)),
            ("22 March 2026", date(2026, 3, 22), None),
        ],
    )
    def test_the_days_of_the_event_may_be_several(self, written: str, first: date, last: date | None) -> None:
        facts = read(f"A Page\nDate: {written}").facts

        assert (facts.starts_on, facts.ends_on) == (first, last)

    def test_a_date_without_its_year_is_reported(self) -> None:
        reading = read("A Page\nDate: March 22")

        assert [str(remark) for remark in reading.report.unplaced] == ["line 2: “March 22” – A date without its year."]


class TestClockTimes:
    known = Known(timezone="Europe/Berlin", event_starts_on=date(2026, 7, 1))

    def test_the_first_time_is_the_blocks_start_and_what_flows_on_is_not_pinned(self) -> None:
        reading = read(program_page("9:00–9:45 One", "9:45–10:00 Break", "10:30 - 11:00 Two"), self.known)

        assert [block.start for block in reading.program.blocks] == [datetime(2026, 7, 1, 7, tzinfo=UTC)]
        assert [(item.offset, item.is_pinned) for item in reading.program.items] == [
            (0, False),
            (45, False),
            (90, True),
        ]

    def test_without_a_zone_the_lengths_are_kept_and_each_time_is_remarked(self) -> None:
        reading = read(program_page("9:00–9:45 One", "10:00 - 11:00 Two"), Known(event_starts_on=date(2026, 7, 1)))

        assert titles(reading) == [("One", 45), ("Two", 60)]
        assert reading.program.blocks[0].start is None
        assert [remark.line for remark in reading.report.remarks] == [3, 4]

    def test_the_zone_asked_for_goes_before_the_pages_and_that_before_the_events(self) -> None:
        text = "A Page\nTime zone: Asia/Tokyo\n"

        assert read(text, Known(timezone="Europe/Paris")).facts.timezone == "Europe/Paris"
        assert read(text, Known(event_timezone="Europe/Paris")).program.timezone == "Asia/Tokyo"
        assert read("A Page", Known(event_timezone="Europe/Paris")).program.timezone == "Europe/Paris"

    def test_a_time_that_the_change_of_clocks_leaves_out_is_refused(self) -> None:
        with pytest.raises(ImportFailed, match=r"line 3: .* 02:30 does not exist on that day in Europe/Berlin"):
            read(program_page("02:30-03:30 Night shift"), Known("Europe/Berlin", "", date(2026, 3, 29)))

    def test_a_session_may_end_after_midnight(self) -> None:
        assert titles(read(program_page("23:30-00:30 Night shift"), self.known)) == [("Night shift", 60)]

    def test_the_clock_wins_over_a_length_that_says_otherwise(self) -> None:
        reading = read(program_page("9:00–9:45 One (30 minutes)"), self.known)

        assert titles(reading) == [("One", 45)]
        assert [remark.reason for remark in reading.report.remarks] == [
            "Says 30 minutes, but 45 by the clock, which are used."
        ]


class TestBadInput:
    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", "The file is empty."),
            (b" \n\t\r\n ", "The file is empty."),
            (b"x" * 1_000_001, "The file is larger than 1000 kB. A page is plain text."),
            (b"<!DOCTYPE html><p>Hi", "line 1: This is marked-up text, not a plain page."),
            (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "line 2: Byte 2 of this line, 0xE2, is not UTF-8."),
            (b"\x89PNG\r\n\x1a\n\0\0\0", "This is not a text file (first odd byte: 1)."),
            (b"A Page\nCaf\xe9 (30 minutes)", "line 2: Byte 4 of this line, 0xE9, is not UTF-8."),
            (b"A Page\nA\0B", "line 2: There is a NUL byte: this is not a text file."),
            (b"\xff\xfeA\0B", "The file isn't whole UTF-16 text (at byte"),
            ("A Page".encode("utf-32"), "line 1: There is a NUL byte: this is not a text file."),
        ],
    )
    def test_what_is_no_text_is_refused_and_the_place_named(self, data: bytes, message: str) -> None:
        with pytest.raises(ImportFailed) as failure:
            page.read(data)

        assert str(failure.value).startswith(message)

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
    def test_marked_unicode_encodings_are_read(self, encoding: str) -> None:
        assert page.read("Über uns\r\nOverview\rJa".encode(encoding)).facts.title == "Über uns"

    def test_lengths_out_of_range_are_refused_all_at_once(self) -> None:
        text = program_page("One (0 minutes)", "Two (1440 minutes)", "Three (10,000 minutes)", "Four (10000 minutes)")

        with pytest.raises(ImportFailed) as failure:
            read(text)

        assert str(failure.value) == (
            "line 3: “One (0 minutes)” – A session takes 1 to 1440 minutes, not 0.\n"
            "line 5: “Three (10,000 minutes)” – A session takes 1 to 1440 minutes, not 10000.\n"
            "line 6: “Four (10000 minutes)” – A session takes 1 to 1440 minutes, not 10000."
        )

    def test_a_session_that_ends_before_it_starts_is_refused(self) -> None:
        with pytest.raises(ImportFailed, match=r"^line 3: “14:00-13:00 One” – It ends before it starts\.$"):
            read(program_page("14:00-13:00 One"), TestClockTimes.known)

    def test_an_unknown_zone_is_refused_at_its_line(self) -> None:
        with pytest.raises(ImportFailed, match=r"^line 2: .*“Mars/Olympus” is not a time zone\."):
            read("A Page\nTime zone: Mars/Olympus")

    def test_a_page_needs_a_title(self) -> None:
        with pytest.raises(ImportFailed, match=r"^line 1: The page has no title"):
            read("Overview\nWhat it is about.")

    def test_a_page_has_at_most_two_thousand_sessions(self) -> None:
        with pytest.raises(ImportFailed, match=r"^line 2003: “Talk 2000 \(5 min\)” – More than 2000 sessions"):
            read(program_page(*(f"Talk {number} (5 min)" for number in range(2001))))

    def test_equal_titles_are_told_apart_and_remarked_unless_they_are_breaks(self) -> None:
        reading = read(program_page("Lab (45 min)", "Break (15 min)", "Lab (45 min)", "Break (15 min)"))

        assert titles(reading) == [("Lab", 45), ("Break", 15), ("Lab", 45), ("Break", 15)]
        assert [remark.line for remark in reading.report.remarks] == [3, 5]

    def test_control_characters_are_left_out_and_remarked(self) -> None:
        reading = read("A\x07 Page\nOverview\nHi")

        assert reading.facts.title == "A Page"
        assert [str(one) for one in reading.report.remarks] == [
            "line 1: “A Page” – Control characters in this line were left out."
        ]

    def test_a_page_of_one_endless_line_is_read_in_a_moment(self) -> None:
        reading = read("A Page\nOverview\n" + "9:00 (45 min) , - a b " * 40_000)

        assert len(reading.facts.overview) > 800_000


PIECES = [
    "Overview",
    "Program",
    "Day 2",
    "Afternoon",
    "Speakers",
    "Organizers",
    "Venue: Hall 1",
    "Date: May 5, 2026",
    "When",
    "1. Basics (45 minutes)",
    "- a bullet",
    "Coffee Break (30 min)",
    "9:00 – 9:45 Talk",
    "10:00",
    "(20 minutes)",
    "Ada Lovelace",
    "Speaker: Alan Turing (Manchester)",
    "2. No length",
    "A sentence that is long enough to be taken for prose by anybody.",
    "The final program comes by May 1, 2026.",
    "TBA",
    "---",
    "| 9:00 | Talk | Ada |",
    "25:00 Never",
    "Part 3: More",
    "",
]


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
