import pytest

from sessions_app.importers.page.headings import heading_in
from sessions_app.importers.page.lines import Line


def section_of(text: str, within: str = "top") -> str | None:
    heading = heading_in(Line(1, text, text), within)
    return heading.section if heading else None


@pytest.mark.parametrize(
    ("section", "texts"),
    [
        (
            "organizers",
            ["Organizers", "ORGANISERS:", "Tutorial Organizers", "About the organizers", "Organizing Committee"],
        ),
        (
            "overview",
            ["Overview", "Abstract", "About", "About this tutorial", "## Summary", "**Description**", "1. Overview"],
        ),
        (
            "schedule",
            [
                "Tutorial Content and Tentative Schedule",
                "Program",
                "Programme",
                "Agenda",
                "Tentative Schedule:",
                "Schedule (tentative)",
                "Schedule – March 22, 2026",
                "Course Outline",
                "=== Timetable ===",
            ],
        ),
        (
            "audience",
            ["Target Audience", "Intended audience", "Who should attend", "Target Audience and Prerequisites"],
        ),
        ("prerequisites", ["Prerequisites", "Requirements", "Required background & prerequisites"]),
        ("additional", ["Additional Information", "Further information", "Other", "## Our sponsors and friends"]),
        ("other", ["Contact", "Important Dates", "Program Committee", "Call for Papers"]),
        ("speakers", ["Speakers", "About the speakers", "Invited Speakers"]),
        ("venue", ["Venue", "Location: Room 3", "Where"]),
        ("date", ["Date", "When: May 5, 2026", "Date and Time"]),
        ("timezone", ["Time zone: UTC"]),
    ],
)
def test_headings_are_known_in_their_usual_wordings(section: str, texts: list[str]) -> None:
    assert [section_of(text) for text in texts] == [section] * len(texts)


@pytest.mark.parametrize(
    "text",
    [
        "- Overview",
        "speakers: what they do",
        "The schedule is good.",
        "Programming",
        "An overview of compilers",
        "Note: bring a laptop",
        "Ada Lovelace",
    ],
)
def test_other_lines_are_no_headings(text: str) -> None:
    assert section_of(text) is None


@pytest.mark.parametrize("text", ["Introduction", "Discussion", "Speaker: Ada Lovelace", "Abstract: why", "Slides"])
def test_inside_a_program_words_of_a_program_are_no_headings(text: str) -> None:
    assert section_of(text, "schedule") is None


def test_inside_a_program_other_sections_still_begin() -> None:
    assert [section_of(text, "schedule") for text in ("Target Audience", "Venue", "Speakers")] == [
        "audience",
        "venue",
        "speakers",
    ]
