import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from portal.text import clean_line
from sessions_app.forms import LinksField, NamesField, name_speakers
from sessions_app.models import validate_links
from tests.factories import make_block, make_event, make_organizer, make_release, make_session, make_speaker
from tests.filling import send


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("", []),
        (" , ,", []),
        ("Ada Lovelace", [("Ada Lovelace", "")]),
        ("Ada Lovelace, Alan Turing", [("Ada Lovelace", ""), ("Alan Turing", "")]),
        ("Ada  Lovelace ,Alan Turing,", [("Ada Lovelace", ""), ("Alan Turing", "")]),
        ("Ada Lovelace (moderator), Alan Turing", [("Ada Lovelace", "moderator"), ("Alan Turing", "")]),
        ("Martin Luther King, Jr.; Ada Lovelace", [("Martin Luther King, Jr.", ""), ("Ada Lovelace", "")]),
        ("José (Pepe) García", [("José (Pepe) García", "")]),
        ("Ada, ada, ADA", [("Ada", "")]),
        ("Ada\x00 Love\x07lace", [("Ada Lovelace", "")]),
        ("(moderator)", [("(moderator)", "")]),
        ("王小明, О’Нил", [("王小明", ""), ("О’Нил", "")]),
        ('"King, Jr.", Ada Lovelace', [("King, Jr.", ""), ("Ada Lovelace", "")]),
        ('"Denis (Jaromil)" (chair); Ada', [("Denis (Jaromil)", "chair"), ("Ada", "")]),
        ('"Weird Al" Yankovic, Ada (“Countess”)', [('"Weird Al" Yankovic', ""), ("Ada", "“Countess”")]),
        ('"Ada, Grace', [('"Ada', ""), ("Grace", "")]),
    ],
)
def test_names_are_read_from_one_line(typed: str, named: list[tuple[str, str]]) -> None:
    assert NamesField(required=False).clean(typed) == named


@pytest.mark.parametrize(
    "named",
    [
        [],
        [("Ada Lovelace", "")],
        [("Ada Lovelace", "moderator"), ("Alan Turing", "")],
        [("Martin Luther King, Jr.", ""), ("Ada Lovelace", "panelist")],
        [("Regine Richter, urgewald e.V.", "")],
        [("Denis Roio (Jaromil)", "")],
        [("Denis Roio (Jaromil)", "chair, for a day"), ('"Weird Al" Yankovic', "host (acting)")],
        [("A; B", ""), ('"C", "D"', ""), ('E ("F', ")")],
    ],
)
def test_what_is_shown_is_read_as_the_same_names(named: list[tuple[str, str]]) -> None:
    field = NamesField(required=False)

    assert field.clean(field.prepare_value(named)) == named
    assert not field.has_changed(named, field.prepare_value(named))


NAMES, ROLES = st.text('ab"(),; ', min_size=1, max_size=200), st.text('ab"(),;', max_size=50)


@given(named=st.dictionaries(NAMES.map(clean_line).filter(bool), ROLES))
def test_whatever_the_names_and_roles(named: dict[str, str]) -> None:
    field = NamesField(required=False)

    assert field.clean(field.prepare_value(list(named.items()))) == list(named.items())


@pytest.mark.django_db
class TestNameSpeakers:
    def test_known_names_are_the_same_people_and_others_new_ones(self) -> None:
        event = make_event()
        ada = make_speaker(event, "Ada Lovelace", affiliation="London")
        session = make_session(make_block(event))

        name_speakers(session, [("Alan Turing", ""), ("ada lovelace", "moderator")])

        appearances = [(one.speaker.name, one.role, one.position) for one in session.appearances.all()]
        assert appearances == [("Alan Turing", "", 0), ("Ada Lovelace", "moderator", 1)]
        assert event.speakers.filter(name__iexact="ada lovelace").get() == ada

    def test_names_of_other_events_are_other_people(self) -> None:
        foreign = make_speaker(make_event(), "Ada Lovelace")
        event = make_event()

        name_speakers(make_session(make_block(event)), [("Ada Lovelace", "")])

        assert event.speakers.get() != foreign

    def test_of_two_with_one_name_the_one_who_speaks_here_stays(self) -> None:
        event = make_event()
        make_speaker(event, "Wei Zhang")
        here = make_speaker(event, "Wei Zhang")
        make_speaker(event, "Wei Zhang")
        session = make_session(make_block(event), speakers=(here,))

        name_speakers(session, [("Wei Zhang", "panelist")])

        assert [(one.speaker, one.role) for one in session.appearances.all()] == [(here, "panelist")]

    def test_who_is_no_longer_named_stays_a_speaker_of_the_event(self) -> None:
        event = make_event()
        ada = make_speaker(event)
        session = make_session(make_block(event), speakers=(ada,))

        name_speakers(session, [])

        assert (session.appearances.count(), event.speakers.count()) == (0, 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["Ada Lovelace", "Regine Richter, urgewald e.V.", "Denis Roio (Jaromil)", "Ada  Lovelace"]
)
def test_a_page_on_which_the_names_are_not_touched_leaves_the_appearances_alone(client: Client, name: str) -> None:
    event = make_event()
    client.force_login(make_organizer(event))
    session = make_session(make_block(event), speakers=(make_speaker(event, name),))
    before = session.appearances.get()

    send(client, f"/admin/sessions_app/session/{session.pk}/change/", title="New", _save="Save")

    session.refresh_from_db()
    assert (session.title, session.appearances.get(), event.speakers.get().name) == ("New", before, name)


@pytest.mark.parametrize(
    ("typed", "links"),
    [
        ("", []),
        (" https://example.org \n\n", [{"url": "https://example.org", "title": ""}]),
        ("Source code: https://example.org/code", [{"url": "https://example.org/code", "title": "Source code"}]),
        ("a\x07  b\thttp://example.org", [{"url": "http://example.org", "title": "a b"}]),
    ],
)
def test_links_are_read_line_by_line(typed: str, links: list[dict[str, str]]) -> None:
    field = LinksField(required=False)

    assert field.clean(typed) == links
    assert field.clean(field.prepare_value(links)) == links
    assert not field.has_changed(links, typed)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("javascript:alert(1)", "“javascript:alert(1)” is not a web address: it begins with https://."),
        ("paper", "“paper” is not a web address: it begins with https://."),
        ("https://example.org/" + "x" * 500, "A link's address has at most 500 characters, its title 200."),
    ],
)
def test_a_link_that_is_none_is_refused(url: str, said: str) -> None:
    with pytest.raises(ValidationError) as error:
        validate_links([{"url": url, "title": ""}])

    assert error.value.messages == [said]


@pytest.mark.django_db
def test_until_it_is_released_an_address_follows_the_name(client: Client) -> None:
    event = make_event()
    ada = make_speaker(event, "A secret guest")
    track = event.tracks.create(name="A secret field", hue="moss")
    session = make_session(make_block(event), "A secret deal", speakers=(ada,), track=track)
    client.force_login(make_organizer(event))
    pages = [f"/admin/sessions_app/{name}/change/" for name in (f"session/{session.pk}", f"speaker/{ada.pk}")]

    def rename(title: str, name: str, field: str) -> list[str]:
        send(client, pages[0], title=title)
        send(client, pages[1], name=name)
        send(client, f"/admin/portal/event/{event.pk}/change/", **{"tracks-0-name": field})
        return [type(row).objects.get(pk=row.pk).slug for row in (session, ada, track)]

    before = rename("Opening", "Ada Lovelace", "Systems")
    make_release(event)
    after = rename("Welcome", "Ada King", "Machines")

    assert before == after == ["opening", "ada-lovelace", "systems"]


@pytest.mark.django_db
def test_an_address_that_was_chosen_stays_what_it_is(client: Client) -> None:
    event = make_event()
    session = make_session(make_block(event), "Opening")
    client.force_login(make_organizer(event))

    send(client, f"/admin/sessions_app/session/{session.pk}/change/", title="Welcome", slug="hello")

    session.refresh_from_db()
    assert session.slug == "hello"
