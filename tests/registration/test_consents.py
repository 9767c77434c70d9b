"""Which text somebody consented to, when and where, and when no more."""

import pytest

from portal.models import Event
from registration import booking, consents
from registration.models import Question, Registration, TicketType
from tests.factories import make_event, make_question, make_ticket_type

pytestmark = pytest.mark.django_db
ADA = "ada@example.org"


@pytest.fixture(autouse=True)
def nothing_logged() -> None:
    consents.logged.clear()


@pytest.fixture
def event() -> Event:
    event = make_event(slug="tutorial")
    make_ticket_type(event, 1)
    return event


def standing(registration: Registration) -> list[tuple[str, str, str]]:
    texts = dict(registration.event.consent_texts.values_list("version", "text"))
    found = registration.consents.filter(withdrawn_at=None).order_by("subject")
    return [(one.subject, texts[one.version], one.source) for one in found]


def test_registering_logs_the_text_the_place_and_the_time(event: Event) -> None:
    event.purpose = "For badges."
    event.save()

    ada = booking.register(event, name="Ada", email=ADA)

    assert standing(ada) == [("", "For badges.", "page")]
    assert ada.consents.get().given_at is not None


def test_registering_anew_is_logged_once_while_the_text_is_the_same(event: Event) -> None:
    ada = booking.register(event, name="Ada", email=ADA)
    booking.cancel(ada)

    booking.register(event, name="Ada", email=ADA, source=consents.API)

    assert standing(ada) == [("", consents.PURPOSE, "page")]
    assert ada.consents.count() == 1


def test_a_changed_text_is_another_consent(event: Event) -> None:
    ada = booking.register(event, name="Ada", email=ADA)
    booking.cancel(ada)
    event.purpose = "For badges and photos."
    event.save()

    booking.register(event, name="Ada", email=ADA, source=consents.API)

    assert standing(ada) == [("", "For badges and photos.", "api")]
    assert ada.consents.exclude(withdrawn_at=None).count() == 1


def test_a_consent_that_is_asked_for_is_given_and_withdrawn_by_its_answer(event: Event) -> None:
    photos = Question.objects.create(
        event=event, label="Photos of me", help="On the web.", kind="consent", key="photos"
    )
    ada = booking.register(event, name="Ada", email=ADA, answers={photos: True})
    given = standing(ada)

    booking.edit(ada, name="Ada", affiliation="", ticket_type=TicketType.objects.get(), answers={photos: False})

    assert given[1] == ("photos", "Photos of me\nOn the web.", "page")
    assert [subject for subject, _, _ in standing(ada)] == [""]
    assert ada.consents.get(subject="photos").withdrawn_at is not None


def test_what_organizers_change_makes_nobody_consent_to_another_text(event: Event) -> None:
    photos = make_question(event, "Photos, internal", kind="consent")
    ada = booking.register(event, name="Ada", email=ADA, answers={photos: True})
    before = list(ada.consents.values())
    photos.label = "Photos, on the web"
    photos.save()
    other = make_ticket_type(event, name="Remote")

    booking.exchange(ada, ticket_type=other, source=consents.ADMIN)
    ada.refresh_from_db()
    booking.edit(ada, name="A.", affiliation="", ticket_type=other, answers={photos: True}, source=consents.ADMIN)

    assert list(ada.consents.values()) == before


def test_what_organizers_tick_and_untick_is_logged_as_theirs(event: Event) -> None:
    photos, list_of_names = make_question(event, "Photos", kind="consent"), make_question(event, "List", kind="consent")
    ada = booking.register(event, name="Ada", email=ADA, answers={photos: True})
    said = {"name": "Ada", "affiliation": "", "ticket_type": ada.ticket_type}

    booking.edit(ada, **said, answers={photos: False, list_of_names: True}, source=consents.ADMIN)

    assert standing(ada)[1:] == [("list", "List", "admin")]


def test_who_saves_the_own_answers_consents_to_the_text_on_the_page(event: Event) -> None:
    photos = make_question(event, "Photos, internal", kind="consent")
    ada = booking.register(event, name="Ada", email=ADA, answers={photos: True})
    photos.label = "Photos, on the web"
    photos.save()

    booking.edit(ada, name="Ada", affiliation="", ticket_type=ada.ticket_type, answers={photos: True})

    assert standing(ada)[1:] == [(photos.key, "Photos, on the web", "page")]
