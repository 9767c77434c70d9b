import re
from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from portal.models import Event, Mail, Suppression
from portal.text import address_key
from tests.factories import make_block, make_event, make_organizer, make_program, make_release, make_session
from tests.filling import fields_of, send
from tests.pages import Page

pytestmark = pytest.mark.django_db
NEW = {"position": "", "title": "", "kind": "talk", "duration": "45", "names": "", "start": ""}


def form_of(event: Event) -> str:
    return f"/admin/portal/event/{event.pk}/change/"


def new_rows(**rows: dict[str, str]) -> dict[str, str]:
    """Rows added to an empty table of the form, as its “Add another” does."""
    values = {}
    for prefix, row in rows.items():
        values |= {f"{prefix}-0-{name}": value for name, value in row.items()}
        values |= {f"{prefix}-TOTAL_FORMS": "1"}
    return values


def rows_of(client: Client, event: Event) -> list:
    return client.get(form_of(event)).context["inline_admin_formsets"]


@pytest.fixture
def event(client: Client) -> Event:
    event = make_event(title="Tutorial", timezone="America/New_York")
    client.force_login(make_organizer(event))
    return event


class TestEventForm:
    def test_saving_it_unchanged_changes_nothing(self, client: Client, event: Event) -> None:
        make_program(event, start=datetime(2026, 3, 22, 12, 30, tzinfo=UTC))
        before = [(one.pk, one.title, one.position, one.block.start) for one in event.sessions.all()]

        response = send(client, form_of(event))

        assert (response.status_code, response["Location"]) == (302, f"/admin/portal/event/{event.pk}/home/")
        assert [(one.pk, one.title, one.position, one.block.start) for one in event.sessions.all()] == before

    def test_a_change_of_the_draft_alone_leaves_what_is_public_as_it_is(self, client: Client, event: Event) -> None:
        make_program(event)
        make_release(event)
        before = Event.objects.values_list("version", flat=True).get(pk=event.pk)

        send(client, form_of(event), **{"sessions-0-title": "Secret"})

        event.refresh_from_db()
        assert (event.sessions.first().title, event.version) == ("Secret", before)

    def test_the_host_stays_even_if_another_person_organizes_it(self, client: Client, event: Event) -> None:
        Event.objects.filter(pk=event.pk).update(host=make_event(title="Host"))

        send(client, form_of(event), title="New title")

        event.refresh_from_db()
        assert (event.title, str(event.host)) == ("New title", "Host")

    def test_a_first_session_makes_its_block_and_its_speakers(self, client: Client, event: Event) -> None:
        send(
            client,
            form_of(event),
            **new_rows(sessions=NEW | {"title": "Opening", "names": "Ada Lovelace, Alan Turing"}),
        )

        session = event.sessions.get()
        assert (session.title, session.block.event, session.position) == ("Opening", event, 0)
        assert [speaker.name for speaker in session.speakers.order_by("appearances__position")] == [
            "Ada Lovelace",
            "Alan Turing",
        ]

    def test_an_empty_program_has_rows_to_begin_with(self, client: Client, event: Event) -> None:
        empty = {one.formset.prefix: len(one.formset.forms) for one in rows_of(client, event)}
        make_program(event, 3)
        filled = {one.formset.prefix: len(one.formset.forms) for one in rows_of(client, event)}

        assert empty == {"blocks": 1, "sessions": 3, "rooms": 0, "tracks": 0}
        assert filled == {"blocks": 1, "sessions": 4, "rooms": 0, "tracks": 0}

    def test_a_start_and_first_sessions_are_entered_at_once(self, client: Client, event: Event) -> None:
        row = {f"sessions-0-{name}": value for name, value in (NEW | {"title": "Opening"}).items()}

        send(client, form_of(event), **row, **{"blocks-0-start": "2026-03-22T08:30"})

        block, session = event.blocks.get(), event.sessions.get()
        assert (session.block, block.start) == (block, datetime(2026, 3, 22, 12, 30, tzinfo=UTC))

    def test_a_session_without_a_number_goes_to_the_end(self, client: Client, event: Event) -> None:
        make_program(event)
        row = {f"sessions-3-{name}": value for name, value in (NEW | {"title": "Questions"}).items()}

        send(client, form_of(event), **row, **{"sessions-TOTAL_FORMS": "4"})

        assert [one.title for one in event.sessions.all()] == ["Part 1", "Coffee break", "Part 2", "Questions"]

    def test_numbers_reorder_the_sessions(self, client: Client, event: Event) -> None:
        make_program(event)

        send(client, form_of(event), **{"sessions-0-position": "7"})

        assert [one.title for one in event.sessions.all()] == ["Coffee break", "Part 2", "Part 1"]

    @pytest.mark.sqlite
    @pytest.mark.parametrize(
        ("field", "value", "said"),
        [
            ("sessions-0-duration", "0", "Between 1 and 1440 minutes."),
            ("sessions-0-duration", "10000", "Between 1 and 1440 minutes."),
            ("sessions-0-duration", "", "This field is required."),
            ("sessions-0-title", "", "This field is required."),
            ("sessions-0-names", "x" * 201, "is too long for a name"),
            ("blocks-0-start", "soon", "Enter a valid date/time."),
            ("blocks-0-start", "0001-01-01T00:00", "Enter a year between 1990 and 2199."),
            ("blocks-0-start", "9999-12-31T23:59", "Enter a year between 1990 and 2199."),
            ("blocks-0-start", "2026-03-08T02:30", "may not exist"),
            ("blocks-0-start", "2026-11-01T01:30", "may be ambiguous"),
            ("timezone", "Mars/Olympus", "is not a time zone"),
            ("slug", "admin", "is an address of the portal itself"),
            ("slug", "No good", "can&#x27;t be an address"),
            ("ends_on", "2020-01-01", "The last day is before the first."),
            ("ends_on", "9999-12-31", "Enter a year between 1990 and 2199."),
            ("final_program_due", "0001-01-01", "Enter a year between 1990 and 2199."),
        ],
    )
    def test_bad_values_are_said_at_the_field_and_nothing_is_saved(
        self, client: Client, event: Event, field: str, value: str, said: str
    ) -> None:
        make_program(event)

        response = send(client, form_of(event), **{"title": "Changed", "starts_on": "2026-03-22", field: value})

        event.refresh_from_db()
        assert (response.status_code, said in response.text, event.title) == (200, True, "Tutorial")

    def test_two_sessions_can_not_have_the_same_address(self, client: Client, event: Event) -> None:
        first, second, _ = make_program(event)

        response = send(client, f"/admin/sessions_app/session/{first.pk}/change/", slug=second.slug)

        assert response.status_code == 200
        assert "already exists" in response.text

    def test_a_block_with_sessions_can_not_be_deleted(self, client: Client, event: Event) -> None:
        make_program(event)

        response = send(client, form_of(event), **{"blocks-0-DELETE": "on"})

        assert "would require deleting the following protected related objects" in response.text
        assert event.blocks.count() == 1

    def test_only_superusers_give_rights(self, client: Client, event: Event) -> None:
        def tables() -> list[str]:
            page = client.get(form_of(event))
            return [one.formset.prefix for one in page.context["inline_admin_formsets"]]

        as_organizer = tables()
        client.force_login(make_organizer())

        assert as_organizer == ["blocks", "sessions", "rooms", "tracks"]
        assert tables() == ["blocks", "sessions", "rooms", "tracks", "memberships"]

    def test_a_very_long_program_is_edited_session_by_session(self, client: Client, event: Event) -> None:
        block = make_block(event)
        for _ in range(101):
            make_session(block)

        page = client.get(form_of(event))

        assert "This program has more than 100 sessions." in page.text
        assert [one.formset.prefix for one in page.context["inline_admin_formsets"]] == ["blocks", "rooms", "tracks"]

    def test_only_superusers_add_events_and_are_led_to_the_program(self, client: Client, event: Event) -> None:
        refused = client.get("/admin/portal/event/add/").status_code
        client.force_login(make_organizer())

        response = send(client, "/admin/portal/event/add/", title="New", slug="new", timezone="Europe/Berlin")

        assert refused == 403
        assert response["Location"] == f"/admin/portal/event/{Event.objects.get(slug='new').pk}/home/"

    def test_a_new_events_address_follows_its_title_and_an_old_one_stays(self, client: Client, event: Event) -> None:
        client.force_login(make_organizer())

        pages = [client.get(address) for address in ("/admin/portal/event/add/", form_of(event))]

        fields = [page.context["adminform"].prepopulated_fields for page in pages]
        assert [[one["field"].name for one in each] for each in fields] == [["slug"], []]

    def test_zones_are_suggested_by_their_towns(self, client: Client, event: Event) -> None:
        suggested = re.findall(r'<option value="(\w+/[^"]+)">', client.get(form_of(event)).text)

        assert "Europe/Berlin" in suggested
        assert len(suggested) == len(set(suggested)) > 300


class TestTimes:
    def test_they_are_entered_in_the_zone_of_the_event(self, client: Client, event: Event) -> None:
        make_program(event)

        send(client, form_of(event), **{"blocks-0-start": "2026-03-22T08:30"})

        assert event.blocks.get().start == datetime(2026, 3, 22, 12, 30, tzinfo=UTC)

    def test_they_are_shown_in_it_with_its_name(self, client: Client, event: Event) -> None:
        make_program(event, start=datetime(2026, 3, 22, 12, 30, tzinfo=UTC))

        page = client.get(form_of(event))

        assert fields_of(page)["blocks-0-start"] == "2026-03-22T08:30"
        assert page.text.count("America/New_York time. In the event&#x27;s time zone.") >= 1
        assert "Sun 08:30–09:15" in page.text

    def test_a_corrected_zone_keeps_what_the_clocks_show(self, client: Client, event: Event) -> None:
        make_program(event, start=datetime(2026, 3, 22, 12, 30, tzinfo=UTC))

        send(client, form_of(event), timezone="Europe/Berlin")

        assert event.blocks.get().start == datetime(2026, 3, 22, 7, 30, tzinfo=UTC)

    def test_without_them_offsets_are_shown(self, client: Client, event: Event) -> None:
        make_program(event)

        page = client.get(form_of(event))

        assert [offset in page.text for offset in ("+0:00", "+0:45", "+1:15")] == [True, True, True]

    def test_the_lists_of_an_event_show_them_in_its_zone(self, client: Client, event: Event) -> None:
        make_mail(event, due_at=datetime(2026, 3, 22, 12, 30, tzinfo=UTC))

        page = client.get(f"/admin/portal/mail/?event__id__exact={event.pk}")

        assert "Mar 22, 2026, 08:30" in page.text


@pytest.mark.parametrize("count", [1, 3, pytest.param(100, marks=pytest.mark.sqlite)])
def test_the_form_takes_as_many_queries_for_any_number_of_sessions(
    client: Client, event: Event, count: int, django_assert_num_queries
) -> None:
    for block in (make_block(event), make_block(event)):
        for _ in range(count // 2 + count % 2 if block.position == 0 else count // 2):
            make_session(block)

    client.get(form_of(event))  # fills Django's cache of content types

    with django_assert_num_queries(29):
        client.get(form_of(event))


def make_mail(event: Event, address: str = "a@example.org", **fields) -> Mail:
    values = {"kind": "release", "occasion": address, "due_at": datetime.now(UTC), "message_id": f"<{address}>"}
    return Mail.objects.create(event=event, address=address, **values | fields)


class TestOutbox:
    def test_failed_mails_are_sent_again_and_others_left_alone(self, client: Client, event: Event) -> None:
        failed = make_mail(event, "a@example.org", state="failed", tries=80, answer="450 later")
        sent = make_mail(event, "b@example.org", state="sent")

        response = client.post(
            "/admin/portal/mail/", {"action": "send_again", "_selected_action": [failed.pk, sent.pk]}, follow=True
        )

        assert "Sent again: 1." in response.text
        assert list(event.mails.order_by("pk").values_list("state", "tries")) == [("waiting", 0), ("sent", 0)]
        assert [(one.object_id, one.change_message) for one in LogEntry.objects.all()] == [
            (str(failed.pk), "Sent again.")
        ]

    def test_each_mail_says_when(self, client: Client, event: Event) -> None:
        first, second, third = (datetime(2026, 3, day, 12, tzinfo=UTC) for day in (1, 2, 3))
        make_mail(event, "waits@example.org", due_at=third, changed_at=first)
        make_mail(event, "sent@example.org", state="sent", due_at=first, sent_at=second, changed_at=third)
        make_mail(event, "failed@example.org", state="failed", due_at=first, changed_at=second)

        page = Page(client.get(f"/admin/portal/mail/?event__id__exact={event.pk}"))

        assert page.words("field-moment") == "Mar 2, 2026, 07:00 Mar 2, 2026, 07:00 Mar 3, 2026, 07:00"

    def test_where_none_failed_nothing_is_sent(self, client: Client, event: Event) -> None:
        sent = make_mail(event, state="sent")

        response = client.post(
            "/admin/portal/mail/", {"action": "send_again", "_selected_action": [sent.pk]}, follow=True
        )

        assert "None of these has failed" in response.text

    def test_mails_of_other_events_can_not_be_sent_again(self, client: Client, event: Event) -> None:
        foreign = make_mail(make_event(), state="failed")

        client.post("/admin/portal/mail/", {"action": "send_again", "_selected_action": [foreign.pk]})

        foreign.refresh_from_db()
        assert foreign.state == "failed"

    def test_it_is_searched_by_address_and_never_changed(self, client: Client, event: Event) -> None:
        wanted = make_mail(event, "grace@example.org")
        make_mail(event, "ada@example.org")

        page = client.get("/admin/portal/mail/?q=grace")
        changed = client.post(f"/admin/portal/mail/{wanted.pk}/change/", {"address": "other@example.org"})
        deleted = client.post(f"/admin/portal/mail/{wanted.pk}/delete/", {"post": "yes"})

        assert [row.address for row in page.context["cl"].result_list] == ["grace@example.org"]
        assert (changed.status_code, deleted.status_code) == (403, 403)


def test_a_suppression_is_lifted_by_deleting_it(client: Client, event: Event) -> None:
    row = Suppression.objects.create(event=event, address_key=address_key("A@example.org"), reason="bounced")

    client.post(f"/admin/portal/suppression/{row.pk}/delete/", {"post": "yes"})

    assert not event.suppressions.exists()


def test_the_list_of_events_leads_to_their_home_pages_and_to_a_release(client: Client, event: Event) -> None:
    make_release(event)

    page = client.get("/admin/portal/event/")
    action = client.post("/admin/portal/event/", {"action": "release", "_selected_action": [event.pk]})

    assert f'href="/admin/portal/event/{event.pk}/home/"' in page.text
    assert action["Location"] == f"/admin/portal/event/{event.pk}/release/"


@pytest.mark.parametrize("listing", ["portal/event", "portal/mail", "auth/user"])
@pytest.mark.parametrize("words", ["a" * 100_000, "a " * 50_000], ids=["a long word", "many words"])
def test_a_search_that_is_too_long_is_refused_in_words(client: Client, event: Event, listing: str, words: str) -> None:
    make_mail(event)
    client.force_login(make_organizer())

    page = client.get(f"/admin/{listing}/", {"q": words})

    assert page.status_code == 200
    assert "Ensure this value has at most 300 characters (it has 100000)." in page.text


@pytest.mark.parametrize("count", [1, 3, pytest.param(100, marks=pytest.mark.sqlite)])
def test_saving_it_takes_as_many_queries_for_any_number_of_sessions(
    client: Client, event: Event, count: int, django_assert_num_queries
) -> None:
    block, _ = make_block(event), make_block(event)
    for _ in range(count):
        make_session(block)
    values = fields_of(client.get(form_of(event))) | {"sessions-0-duration": "50"}

    with django_assert_num_queries(50):
        client.post(form_of(event), values)

    assert event.sessions.filter(duration=50).count() == 1
