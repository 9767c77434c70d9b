import pytest

from tests.sessions_app.importers.page.reading import read


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
def test_the_host_event_is_read_above_and_below_the_title(line: str, host: str, kind: str) -> None:
    above, below = read(f"{line}\nMy Title"), read(f"My Title\n{line}")

    assert (above.facts.title, above.facts.host, above.facts.kind) == ("My Title", host, kind)
    assert below.facts == above.facts


def test_a_host_in_the_title_is_read_and_the_title_kept_whole() -> None:
    facts = read("Tiny Compilers Tutorial @ PLDI 2026").facts

    assert (facts.title, facts.host, facts.kind) == ("Tiny Compilers Tutorial @ PLDI 2026", "PLDI 2026", "tutorial")


def test_a_line_that_names_only_the_host_is_the_title_where_there_is_no_other() -> None:
    facts = read("PyCon 2026\n\nOverview\nAll of Python.").facts

    assert (facts.title, facts.host) == ("PyCon 2026", "")


def test_names_below_the_title_are_the_organizers() -> None:
    reading = read("My Title\nAda Lovelace (London), Alan Turing (Manchester)")

    assert reading.facts.organizers == "Ada Lovelace (London), Alan Turing (Manchester)"


def test_what_may_be_a_name_or_a_subtitle_is_not_guessed() -> None:
    reading = read("My Title\nAda Lovelace")

    assert [remark.line for remark in reading.report.unplaced] == [2]


def test_a_longer_line_below_the_title_is_the_subtitle() -> None:
    assert read("My Title\nhow to do it all").facts.subtitle == "how to do it all"


def test_labelled_lines_below_the_title_leave_the_others_to_themselves() -> None:
    reading = read("My Title\nOrganizers: Ada Lovelace\nSpeakers: bell hooks\nMay 5, 2026\nHow it began (45 minutes)")

    assert (reading.facts.organizers, str(reading.facts.starts_on)) == ("Ada Lovelace", "2026-05-05")
    assert [person.name for person in reading.program.people] == ["bell hooks"]
    assert [item.title for item in reading.program.items] == ["How it began"]


def test_a_mail_address_beside_a_name_is_told_not_kept() -> None:
    reading = read("My Title\nSpeakers\nAda Lovelace <ada@example.org>")

    assert [person.name for person in reading.program.people] == ["Ada Lovelace"]
    assert [remark.line for remark in reading.report.remarks] == [3]
