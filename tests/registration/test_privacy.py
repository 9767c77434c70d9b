"""What is told of a person, what is forgotten, and what goes by itself."""

import io
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from portal.invariants import problems
from portal.models import Event, Suppression
from registration import booking, consents, links, privacy, purging, transfers
from registration.models import Answer, Choice, Follower, Question, Registration, Transfer
from tests.factories import make_event, make_organizer, make_question, make_speaker, make_ticket_type
from tests.registration.canary import ADA, dump, make_ada, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lists")]
DAY = date(2026, 3, 22)


@pytest.fixture
def event() -> Event:
    event = make_event(slug="tutorial", starts_on=DAY)
    make_ticket_type(event, 1)
    return event


class TestExport:
    def test_it_has_every_value_that_is_kept(self, event: Event) -> None:
        make_ada(event)
        hits = {value for table, values in dump().items() for value in values if table != "django_admin_log"}

        exported = told("export_person", ADA)

        document = json.loads(exported)
        texts = set(map(str, leaves(document)))
        keyed = {value for value in hits if value.startswith("{")}  # answers to repeated requests, told as check-ins
        assert hits - keyed - texts == set()
        assert [one["event"] for one in document["registrations"]] == ["tutorial"]

    def test_speakers_are_in_it_with_all_that_is_told_of_them(self, event: Event) -> None:
        told_of = {
            "name": "Ada Canary",
            "affiliation": "Canary & Co",
            "biography": "A canary.",
            "url": "https://c.org/",
        }
        make_speaker(event, email=ADA.upper(), **told_of)
        make_speaker(make_event(), "Ada Elsewhere", email=ADA)
        make_speaker(event, "Grace Hopper", email="grace@example.org")

        document, of_event = (json.loads(told("export_person", ADA, *more)) for more in ((), ("--event", "tutorial")))

        [speaker] = of_event["speakers"]
        assert speaker.items() >= (told_of | {"event": "tutorial", "email": ADA.upper()}).items()
        assert [one["name"] for one in document["speakers"]] == ["Ada Canary", "Ada Elsewhere"]

    def test_it_tells_no_secret(self, event: Event) -> None:
        ada = make_ada(event)

        assert ada.key not in told("export_person", ADA)

    def test_nobody_elses_is_in_it(self, event: Event) -> None:
        event.ticket_types.update(capacity=5)
        make_ada(event)
        booking.register(event, name="Grace Hopper", email="grace@example.org")

        assert "race" not in told("export_person", ADA)

    def test_nor_what_others_consented_to(self, event: Event) -> None:
        event.ticket_types.update(capacity=5)
        ada, photos = make_ada(event), make_question(event, "May we show you?", kind="consent")
        booking.register(event, name="Grace Hopper", email="grace@example.org", answers={photos: True})

        [registration] = json.loads(told("export_person", ADA))["registrations"]

        assert list(registration["consent_texts"].values()) == [consents.PURPOSE]
        assert event.consent_texts.filter(version__in=ada.consents.values("version")).count() == 1
        assert event.consent_texts.count() == 2

    def test_of_one_event_only(self, event: Event) -> None:
        make_ada(event)

        document = json.loads(told("export_person", ADA, "--event", make_event().slug))

        assert [document[name] for name in ("registrations", "follows", "mails")] == [[], [], []]

    def test_an_event_that_is_not_there_is_said(self) -> None:
        with pytest.raises(CommandError, match="There is no event “x”"):
            call_command("export_person", ADA, "--event", "x")


class TestErasure:
    def test_nothing_of_the_person_is_left(self, event: Event, django_capture_on_commit_callbacks) -> None:
        ada = make_ada(event)
        file = ada.answers.get(question__key="cv").file
        assert len(dump()) == 8

        with django_capture_on_commit_callbacks(execute=True):
            said = told("erase_person", ADA)

        assert said == "1 registrations and 0 speakers forgotten.\n"
        assert dump() == {}
        assert not file.storage.exists(file.name)
        assert problems() == []

    def test_a_seat_still_to_come_goes_to_the_next_in_line(self, event: Event) -> None:
        with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC)):
            ada = make_ada(event)
            booking.register(event, name="Grace", email="grace@example.org")

            privacy.erase(ada)

        states = dict(event.registrations.values_list("name", "state"))
        assert states == {"(erased)": "cancelled", "Grace": "pending"}
        assert Choice.objects.get().taken == 0
        assert event.mails.filter(address=ADA).count() == 0

    def test_after_the_event_the_figures_stay(self, event: Event) -> None:
        with time_machine.travel(datetime(2026, 3, 22, tzinfo=UTC)):
            ada = make_ada(event)
        with time_machine.travel(datetime(2026, 4, 22, tzinfo=UTC)):
            privacy.erase(ada)

        assert list(event.registrations.values_list("name", "state")) == [("(erased)", "confirmed")]
        assert event.check_ins.count() == 1
        assert problems() == []

    def test_what_was_consented_to_stays_without_a_name(self, event: Event) -> None:
        ada = make_ada(event)

        privacy.erase(ada)

        [consent] = ada.consents.all()
        assert event.consent_texts.get(version=consent.version).text == consents.PURPOSE

    def test_ones_calendar_ends(self, event: Event, client: Client) -> None:
        ada = make_ada(event)
        calendar = links.calendar_path(ada)
        before = client.get(calendar).status_code

        privacy.erase(ada)

        assert (before, client.get(calendar).status_code) == (200, 404)

    def test_the_same_address_may_come_again(self, event: Event) -> None:
        privacy.erase(make_ada(event))

        again = booking.register(event, name="Ada", email=ADA)

        assert (again.name, again.round) == ("Ada", 1)

    def test_at_one_event_only(self, event: Event) -> None:
        elsewhere = make_event()
        make_ticket_type(elsewhere)
        booking.register(elsewhere, name="Ada", email=ADA)
        make_ada(event)

        told("erase_person", ADA, "--event", "tutorial")

        assert [one.event for one in Registration.objects.filter(email=ADA)] == [elsewhere]

    @time_machine.travel(DAY)
    def test_whom_it_was_to_be_passed_on_to_is_forgotten_too(self, event: Event) -> None:
        ada = booking.register(event, name="Ada", email=ADA)
        transfers.begin(ada, name="Grace", email="grace@example.org")
        exported = privacy.export(ADA)

        privacy.erase(ada)

        assert [one["email"] for one in exported["registrations"][0]["passed_on_to"]] == ["grace@example.org"]
        assert (event.mails.count(), Transfer.objects.count()) == (0, 0)

    def test_the_print_of_a_request_goes_with_its_person(self, event: Event, client: Any) -> None:
        body = {"name": "Ada", "email": ADA}
        path = "/api/v1/events/tutorial/registrations/"
        client.post(path, body, content_type="application/json", headers={"Idempotency-Key": "k"})

        privacy.erase_address(ADA)

        assert event.idempotency_keys.count() == 0

    @time_machine.travel(DAY)
    def test_who_takes_over_a_registration_consents_anew(self, event: Event) -> None:
        ada = booking.register(event, name="Ada", email=ADA)
        booking.confirm(ada)
        row = transfers.begin(ada, name="Grace", email="grace@example.org")

        transfers.take(row, name="Grace")

        assert [one.withdrawn_at is None for one in ada.consents.all()] == [False, True]

    def test_a_speaker_is_taken_out_of_the_program(self, event: Event) -> None:
        make_speaker(event, "Ada Canary", email=ADA)

        said = told("erase_person", ADA)

        assert said == "0 registrations and 1 speakers forgotten.\n"
        assert dump() == {}


class TestRetention:
    def test_an_event_is_forgotten_when_its_days_are_over(self, event: Event) -> None:
        event.retention_days = 30
        event.save()
        make_ada(event)
        day = datetime(2026, 4, 22, tzinfo=UTC)

        before, on_time, again = (purging.purge(now)["registrations"] for now in (day - timedelta(minutes=1), day, day))

        assert (before, on_time, again) == (0, 1, 0)
        assert dump() == {}
        assert problems() == []

    def test_the_answers_to_a_question_may_go_earlier(self, event: Event) -> None:
        make_ada(event)
        Question.objects.filter(key="diet").update(retention_days=0)

        done = purging.purge(datetime(2026, 3, 23, tzinfo=UTC))

        assert done == {"registrations": 0, "answers": 1, "erased again": 0}
        assert [one.question.key for one in Answer.objects.all()] == ["cv"]
        assert problems() == []

    def test_the_log_names_nobody_who_was_deleted_before(self, event: Event, client: Client) -> None:
        client.force_login(make_organizer(event))
        rows = [Follower.objects.create(event=event, email=address) for address in (ADA, f"other.{ADA}")]
        rows.append(Suppression.objects.create(event=event, address_key=ADA, reason="unsubscribed"))

        for name, row in zip(("registration_follower", "portal_suppression"), rows[1:], strict=True):
            client.post(reverse(f"admin:{name}_delete", args=[row.pk]), {"post": "yes"})
        chosen = {"action": "delete_selected", "_selected_action": [rows[0].pk], "post": "yes"}
        client.post(reverse("admin:registration_follower_changelist"), chosen)

        assert [one.object_repr for one in LogEntry.objects.all()] == ["(erased)"] * 3
        assert dump() == {}

    def test_the_log_names_nobody_of_an_event_that_is_deleted(self, event: Event) -> None:
        make_ada(event)

        event.delete()

        assert dump() == {}

    @pytest.mark.parametrize(("days", "starts_on"), [(None, DAY), (30, None)])
    def test_without_a_term_or_a_day_nothing_goes(self, event: Event, days: int | None, starts_on: date | None) -> None:
        event.retention_days, event.starts_on = days, starts_on
        event.save()
        make_ada(event)

        call_command("purge_expired", stdout=io.StringIO())

        assert Registration.objects.filter(email=ADA).exists()

    def test_the_day_is_told_where_people_register(self, event: Event, client: Any) -> None:
        event.retention_days = 30
        event.save()
        Question.objects.create(event=event, label="Diet", retention_days=0)

        page = client.get("/tutorial/register/").content.decode()

        assert 'are deleted on <time datetime="2026-04-22">April 22, 2026</time>' in page
        assert 'Answers to “Diet” are deleted on <time datetime="2026-03-23">' in page


class TestMyData:
    def address(self, name: str, registration: Registration) -> str:
        token = links.token_of(registration, links.MANAGE)
        return reverse(f"registration:{name}", args=[registration.event.slug, token])

    def test_a_person_takes_it_along(self, event: Event, client: Any) -> None:
        ada = make_ada(event)

        response = client.get(self.address("my_data", ada))

        assert response["Content-Disposition"] == 'attachment; filename="tutorial-my-data.json"'
        assert response["Cache-Control"] == "no-store"
        assert response.json()["registrations"][0]["email"] == ADA

    def test_a_person_is_asked_before_all_is_forgotten(self, event: Event, client: Any) -> None:
        ada = make_ada(event)
        asked = client.get(self.address("erase", ada))
        kept = Registration.objects.filter(email=ADA).count()

        done = client.post(self.address("erase", ada), follow=True)
        again = client.post(self.address("erase", ada))

        assert (asked.status_code, kept) == (200, 1)
        assert done.redirect_chain == [("/tutorial/erased/", 302)]
        assert again.status_code == 404
        assert dump() == {}


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for one in value.values() for leaf in leaves(one)]
    if isinstance(value, list):
        return [leaf for one in value for leaf in leaves(one)]
    return [value]
