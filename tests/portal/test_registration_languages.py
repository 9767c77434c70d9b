"""The language of mails in a browser, which says what its user speaks."""

from typing import Any

import pytest

from portal.models import Event
from registration import booking, links
from tests.factories import make_event, make_ticket_type

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LABEL, DESK = "Language of mails", {"width": 1280, "height": 900}


@pytest.fixture
def event() -> Event:
    event = make_event(slug="tutorial", languages="en, de, pt-br")
    make_ticket_type(event)
    return event


@pytest.mark.parametrize(
    ("locale", "chosen"), [("de-AT", "de"), ("pt-PT", "pt-br"), ("fr-FR", "en"), ("en-GB", "en"), ("de", "de")]
)
def test_that_of_the_browser_is_chosen_beforehand(
    event: Event, live_server: Any, look: Any, locale: str, chosen: str
) -> None:
    page = look(f"{live_server.url}/tutorial/register/", DESK, locale=locale)

    assert page.get_by_label(LABEL).input_value() == chosen


def test_what_a_person_has_chosen_stays(event: Event, live_server: Any, look: Any) -> None:
    registration = booking.register(event, name="Ada", email="ada@example.org", language="en")

    page = look(f"{live_server.url}{links.manage_path(registration)}edit/", DESK, locale="de-DE")

    assert page.get_by_label(LABEL).input_value() == "en"
