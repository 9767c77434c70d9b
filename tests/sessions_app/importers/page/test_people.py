import pytest

from sessions_app.importers.page.lines import Line
from sessions_app.importers.page.notes import Notes
from sessions_app.importers.page.people import Named, People, name_key, people_in


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Ada Lovelace", [("Ada Lovelace", "")]),
        ("A. Lovelace, Grace Hopper and Alan Turing", [("A. Lovelace", ""), ("Grace Hopper", ""), ("Alan Turing", "")]),
        ("Ada Lovelace; Alan Turing", [("Ada Lovelace", ""), ("Alan Turing", "")]),
        ("Ada Lovelace (London), Alan Turing (NPL, UK)", [("Ada Lovelace", "London"), ("Alan Turing", "NPL, UK")]),
        (
            "Ada Lovelace, MIT & Alan Turing, University of X",
            [("Ada Lovelace", "MIT"), ("Alan Turing", "University of X")],
        ),
        ("Ada Lovelace – Analytical Engines", [("Ada Lovelace", "Analytical Engines")]),
        ("Dr. Ana de la Torre", [("Dr. Ana de la Torre", "")]),
        ("Jean-Luc d'Arcy, Martin King, Jr.", [("Jean-Luc d'Arcy", ""), ("Martin King, Jr.", "")]),
        ("王小明（清华大学）、李雷", [("王小明", "清华大学"), ("李雷", "")]),
        ("by Ada Lovelace.", [("Ada Lovelace", "")]),
        ("Speaker: bell hooks", [("bell hooks", "")]),
    ],
)
def test_names_are_read_with_their_affiliations(text: str, people: list[tuple[str, str]]) -> None:
    assert [(one.name, one.affiliation) for one in people_in(text)] == people


@pytest.mark.parametrize(
    "text",
    [
        "Memory Optimizations",
        "Introduction and Motivation",
        "hello world",
        "Room 12",
        "TBA: soon",
        "by design",
        "",
        "()",
    ],
)
def test_what_does_not_look_like_names_is_none(text: str) -> None:
    assert people_in(text) == []


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Moderator: Ada Lovelace", "moderator"),
        ("Moderated by Ada Lovelace", "moderator"),
        ("Panelists: Ada Lovelace", "panelist"),
        ("Session chair: Ada Lovelace", "chair"),
        ("Presenter(s): Ada Lovelace", ""),
    ],
)
def test_a_label_gives_the_role(text: str, role: str) -> None:
    assert people_in(text) == [Named("Ada Lovelace", role=role)]


def test_a_web_page_in_brackets_is_no_affiliation_and_a_mail_address_is_left_out() -> None:
    assert people_in("Ada Lovelace (https://ada.example), Alan Turing <alan@example.org>") == [
        Named("Ada Lovelace", url="https://ada.example"),
        Named("Alan Turing", has_mail=True),
    ]


def test_the_same_name_is_the_same_person_until_an_affiliation_says_otherwise() -> None:
    people = People(Notes())

    named = [Named("Wei Li"), Named("WEI LI", "MIT"), Named("Wei Li", "ETH")]
    slugs = [people.add(one, Line(1, "", "")) for one in named]

    assert slugs == ["wei-li", "wei-li", "wei-li-2"]
    assert [person.affiliation for person in people.known.values()] == ["MIT", "ETH"]


def test_case_width_dashes_and_quotes_make_no_other_name() -> None:
    assert name_key("Ｌarge–Scale  “Systems”") == name_key('large-scale "systems"')
    assert name_key("C") != name_key("C++")
