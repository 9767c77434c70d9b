"""An event that writes in several languages lets people choose; one that writes in one never mentions it."""

import csv
import io

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.models import Event
from registration import announcements, links, transfers
from registration.intake import take_in
from registration.models import Announcement, Registration, Transfer
from registration.privacy import erase, export
from registration.tables import csv_lines
from tests.factories import make_event, make_organizer, make_program, make_question, make_registration, make_ticket_type
from tests.filling import send as fill_in
from tests.registration.reading import ADA, field_errors, text

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
PAGE, LABEL = "/tutorial/register/", "Language of mails"
API = "/api/v1/events/tutorial/registrations/"
ADD = "/admin/registration/announcement/add/"


@pytest.fixture
def event() -> Event:
    event = make_event(slug="tutorial", languages="en de")
    make_ticket_type(event)
    return event


@pytest.fixture
def organizer(event: Event) -> Client:
    client = Client()
    client.force_login(make_organizer(event))
    return client


def ada() -> Registration:
    return Registration.objects.get(email="ada@example.org")


class TestEvents:
    @pytest.mark.parametrize(
        ("written", "kept", "chosen"),
        [("", "", {}), (" DE,de", "de", {}), ("en de", "en, de", {"en": "English", "de": "Deutsch"})],
    )
    def test_only_several_languages_are_a_choice(self, written: str, kept: str, chosen: dict[str, str]) -> None:
        event = make_event(languages=written)

        assert (event.languages, event.languages_to_choose) == (kept, chosen)

    def test_what_is_no_language_is_refused_by_its_name(self, event: Event) -> None:
        event.languages = "en, klingon"

        with pytest.raises(ValidationError, match="“klingon” isn't the code of a language"):
            event.full_clean()

    def test_organizers_choose_them_with_the_other_rules_of_mail(self, event: Event, organizer: Client) -> None:
        page = f"/admin/portal/event/{event.pk}/change/"

        fill_in(organizer, page, languages="fr, en", told_of_releases="concerned", has_material_digest="on")

        event.refresh_from_db()
        assert (event.languages, event.told_of_releases, event.has_material_digest) == ("fr, en", "concerned", True)


class TestPeople:
    def test_a_language_is_chosen_while_registering(self, event: Event, client: Client) -> None:
        page = text(client.get(PAGE))

        client.post(PAGE, ADA | {"language": "de"})

        assert f"{LABEL} The organizers write to you in it where they can. English Deutsch" in page
        assert ada().language == "de"

    def test_who_says_nothing_gets_the_first(self, event: Event, client: Client) -> None:
        client.post(PAGE, ADA)

        assert ada().spoken == "en"

    def test_another_one_is_refused_at_its_field(self, event: Event, client: Client) -> None:
        answer = client.post(PAGE, ADA | {"language": "fr"})

        assert field_errors(answer) == {"language": "Choose one of these languages: en, de."}
        assert event.registrations.count() == 0

    def test_the_page_is_the_same_whatever_a_browser_speaks(self, event: Event, client: Client) -> None:
        answers = [client.get(PAGE, headers={"Accept-Language": one}) for one in ("de", "en")]

        assert answers[0].content == answers[1].content

    def test_choosing_costs_no_query(self, event: Event, client: Client) -> None:
        client.post(PAGE, ADA | {"email": "first@example.org"})  # logs the texts that are consented to
        counts = []

        for languages in ("en, de", "en"):
            Event.objects.update(languages=languages)
            with CaptureQueriesContext(connection) as queries:
                client.post(PAGE, ADA | {"email": f"{len(counts)}@example.org", "language": "de"})
            counts.append(len(queries))

        assert counts[0] == counts[1]
        assert event.registrations.filter(language="de").count() == 1

    def test_it_is_shown_and_changed_later(self, event: Event, client: Client) -> None:
        client.post(PAGE, ADA | {"language": "de"})
        own = links.manage_path(ada())

        fill_in(client, f"{own}edit/", language="en")
        shown = text(client.get(own))

        assert ada().language == "en"
        assert f"{LABEL} English" in shown

    def test_a_language_the_event_gave_up_counts_as_the_first(self, event: Event) -> None:
        registration = make_registration(event, language="fr")

        assert registration.spoken == "en"

    def test_an_event_with_one_language_never_mentions_it(self, event: Event, client: Client) -> None:
        Event.objects.update(languages="en")
        client.post(PAGE, ADA)

        pages = [client.get(one) for one in (PAGE, links.manage_path(ada()), f"{links.manage_path(ada())}edit/")]

        assert [LABEL in one.text for one in pages] == [False] * 3
        assert "languages.js" not in pages[0].text
        assert ada().language == ""

    def test_who_takes_over_a_registration_has_not_chosen_yet(self, event: Event) -> None:
        registration = make_registration(event, language="de")
        transfers.begin(registration, name="Bob", email="bob@example.org")

        transfers.take(Transfer.objects.get(), name="Bob")

        registration.refresh_from_db()
        assert registration.language == ""

    def test_moving_to_another_ticket_keeps_it(self, event: Event, organizer: Client) -> None:
        registration = make_registration(event, language="de")
        make_ticket_type(event, name="Remote")

        organizer.post(
            reverse("admin:registration_registration_changelist"),
            {
                "action": "change_ticket",
                "ticket_type": "Remote",
                "shown": registration.pk,
                "_selected_action": [registration.pk],
            },
        )

        registration.refresh_from_db()
        assert (registration.ticket_type.name, registration.language) == ("Remote", "de")


class TestApi:
    def test_a_language_is_given(self, event: Event, client: Client) -> None:
        answer = client.post(API, ADA | {"language": "de"}, content_type="application/json")

        assert answer.status_code == 201
        assert ada().language == "de"

    @pytest.mark.parametrize(
        ("languages", "fault"),
        [
            ("en de", "Choose one of these languages: en, de."),
            ("en", "This event doesn't let people choose the language of mails."),
        ],
    )
    def test_what_can_not_be_is_said(self, event: Event, client: Client, languages: str, fault: str) -> None:
        Event.objects.update(languages=languages)

        answer = client.post(API, ADA | {"language": "fr"}, content_type="application/json")

        assert (answer.status_code, answer.json()["fields"]) == (400, {"language": [fault]})

    def test_it_is_described(self, client: Client) -> None:
        described = client.get("/api/v1/schema/").json()["components"]["schemas"]["Registration"]["properties"]

        assert described["language"]["type"] == "string"


class TestLists:
    def lines(self, event: Event) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO("".join(csv_lines(event.registrations.all())).removeprefix("\ufeff"))))

    def test_they_tell_it_only_where_there_are_several(self, event: Event) -> None:
        make_registration(event, language="de")
        several = self.lines(event)

        Event.objects.update(languages="")

        assert several[0]["language"] == "de"
        assert "language" not in self.lines(event)[0]

    def test_one_is_taken_in(self, event: Event) -> None:
        data = b"name,email,language\nAda,ada@example.org,DE\nBob,bob@example.org,"

        report = take_in(event, data, is_dry=False, confirms=False)

        assert report.errors == []
        assert list(event.registrations.order_by("name").values_list("language", flat=True)) == ["de", "en"]

    def test_a_wrong_one_is_said_at_its_line(self, event: Event) -> None:
        report = take_in(event, b"name,email,language\nAda,ada@example.org,fr", is_dry=False, confirms=False)

        assert report.errors == ["Line 2, column C (language): Choose one of these languages: en, de."]

    def test_the_column_is_not_read_where_there_is_one_language(self, event: Event) -> None:
        Event.objects.update(languages="")
        event.refresh_from_db()

        report = take_in(event, b"name,email,language\nAda,ada@example.org,de", is_dry=False, confirms=False)

        assert (report.registered, report.ignored) == (1, ["language"])

    def test_a_question_of_that_name_stays_one(self, event: Event) -> None:
        question = make_question(event, "Language", key="language", kind="text")
        data = b"name,email,language,q-language\nAda,ada@example.org,de,Perl"

        take_in(event, data, is_dry=False, confirms=False)

        assert (ada().language, ada().answers.get(question=question).value) == ("de", "Perl")
        assert {name: self.lines(event)[0][name] for name in ("language", "q-language")} == {
            "language": "de",
            "q-language": "Perl",
        }


class TestOwnData:
    def test_it_is_told_and_forgotten(self, event: Event) -> None:
        registration = make_registration(event, "ada@example.org", language="de")
        told = export("ada@example.org")["registrations"][0]["language"]

        erase(registration)

        registration.refresh_from_db()
        assert (told, registration.language) == ("de", "")


class TestAnnouncements:
    @pytest.mark.parametrize(("language", "who"), [("en", "ann bob"), ("de", "carl"), ("", "ann bob carl")])
    def test_they_go_to_those_who_chose_the_language(self, event: Event, language: str, who: str) -> None:
        for name, chosen in {"ann": "en", "bob": "", "carl": "de"}.items():
            make_registration(event, f"{name}@example.org", language=chosen)
        announcement = Announcement.objects.create(event=event, subject="A", text="B", language=language)

        mailing = announcements.send(announcement)

        reached = mailing.mails.order_by("address").values_list("address", flat=True)
        assert list(reached) == [f"{name}@example.org" for name in who.split()]

    def test_a_language_and_a_session_are_chosen_at_once(self, event: Event, organizer: Client) -> None:
        make_program(event, start=timezone.now())
        fill_in(organizer, f"/admin/portal/event/{event.pk}/release/?stage=final")
        session = event.sessions.exclude(kind="break")[0]

        answer = fill_in(organizer, ADD, subject="A", text="B", language="de", session=str(session.uuid), tie="star")

        assert answer.status_code == 302
        found = Announcement.objects.get()
        assert (found.language, found.session) == ("de", session.uuid)

    def test_there_is_nothing_to_choose_where_there_is_one(self, event: Event, organizer: Client) -> None:
        pages = [organizer.get(ADD).text]
        Event.objects.update(languages="en")
        pages.append(organizer.get(ADD).text)

        assert ['name="language"' in one for one in pages] == [True, False]

    def test_a_list_narrowed_to_a_language_is_written_to(self, event: Event, organizer: Client) -> None:
        german = make_registration(event, name="Carl", language="de")
        make_registration(event, name="Ann")
        page = f"{reverse('admin:registration_registration_changelist')}?event__id__exact={event.pk}&language=de"

        listed = organizer.get(page)
        answer = organizer.post(page, {"action": "write", "_selected_action": [german.pk]})

        assert list(listed.context["cl"].queryset) == [german]
        assert answer["Location"].endswith(f"?event={event.pk}&audience=registered&language=de")
