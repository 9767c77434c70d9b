from datetime import UTC, datetime, timedelta

import pytest
from time_machine import travel

from portal.links import ExpiredLink, LinkError, sign
from portal.models import Event, Mail
from registration import links
from registration.models import Registration, new_key
from tests.factories import make_event, make_registration

pytestmark = pytest.mark.django_db


def make_mail(event: Event, address: str = "ada@example.org") -> Mail:
    return Mail.objects.create(
        event=event, kind="release", address=address, occasion="1", message_id="<1@x>", due_at=datetime.now(UTC)
    )


def token_in(url: str) -> str:
    return url.rstrip("/").rsplit("/", 1)[1]


def test_links_are_of_the_configured_site_whoever_asks() -> None:
    ada = make_registration(make_event(slug="tutorial"))
    mail = make_mail(ada.event)

    urls = [links.confirm_url(ada), links.manage_url(ada), links.unsubscribe_url(mail)]

    assert [url.rpartition("/")[0].rpartition("/")[0] for url in urls] == [
        "https://portal.example/tutorial/confirm",
        "https://portal.example/tutorial/my",
        "https://portal.example/tutorial/unsubscribe",
    ]


def test_a_token_finds_what_it_was_made_for() -> None:
    ada = make_registration(make_event())
    mail = make_mail(ada.event)

    confirm, manage = token_in(links.confirm_url(ada)), token_in(links.manage_url(ada))

    assert links.registration_of(confirm, links.CONFIRM, ada.event) == ada
    assert links.registration_of(manage, links.MANAGE, ada.event) == ada
    assert links.mail_of(token_in(links.unsubscribe_url(mail)), ada.event) == mail


def test_a_token_is_refused_for_another_purpose() -> None:
    ada = make_registration(make_event())

    with pytest.raises(LinkError):
        links.registration_of(token_in(links.confirm_url(ada)), links.MANAGE, ada.event)
    with pytest.raises(LinkError):
        links.mail_of(token_in(links.manage_url(ada)), ada.event)


def test_a_token_is_refused_at_another_event() -> None:
    ada = make_registration(make_event())
    mail, other = make_mail(ada.event), make_event()

    with pytest.raises(LinkError):
        links.registration_of(token_in(links.manage_url(ada)), links.MANAGE, other)
    with pytest.raises(LinkError):
        links.mail_of(token_in(links.unsubscribe_url(mail)), other)


def test_a_token_with_any_character_changed_is_refused() -> None:
    ada = make_registration(make_event())
    token = token_in(links.manage_url(ada))
    others = [token[:at] + ("x" if letter != "x" else "y") + token[at + 1 :] for at, letter in enumerate(token)]

    refused = 0
    for other in [*others, token[:-1], token + "x", "", "~~", "1"]:
        with pytest.raises(LinkError):
            links.registration_of(other, links.MANAGE, ada.event)
        refused += 1

    assert refused == len(token) + 5


@pytest.mark.parametrize("change", [{"key": new_key()}, {"email": "ada@elsewhere.example"}])
def test_a_token_dies_with_the_key_and_with_the_address(change: dict[str, str]) -> None:
    ada = make_registration(make_event())
    token = token_in(links.manage_url(ada))
    for field, value in change.items():
        setattr(ada, field, value)
    ada.save()

    with pytest.raises(LinkError, match="no longer there"):
        links.registration_of(token, links.MANAGE, ada.event)


def test_a_token_dies_with_its_registration() -> None:
    ada = make_registration(make_event())
    token = token_in(links.manage_url(ada))
    Registration.objects.all().delete()

    with pytest.raises(LinkError, match="no longer there"):
        links.registration_of(token, links.MANAGE, ada.event)


def test_the_confirming_link_is_good_for_a_week_and_the_managing_one_does_not_age() -> None:
    ada = make_registration(make_event())
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with travel(start, tick=False):
        confirm, manage = token_in(links.confirm_url(ada)), token_in(links.manage_url(ada))

    with travel(start + timedelta(days=7), tick=False):
        in_time = links.registration_of(confirm, links.CONFIRM, ada.event)
    with travel(start + timedelta(days=7, seconds=1), tick=False), pytest.raises(ExpiredLink):
        links.registration_of(confirm, links.CONFIRM, ada.event)
    with travel(start + timedelta(days=900), tick=False):
        later = links.registration_of(manage, links.MANAGE, ada.event)

    assert (in_time, later) == (ada, ada)


def test_the_key_is_not_in_the_link() -> None:
    ada = make_registration(make_event())

    assert [url.find(ada.key) for url in (links.confirm_url(ada), links.manage_url(ada))] == [-1, -1]


def test_a_token_signed_with_a_number_alone_opens_nothing() -> None:
    ada = make_registration(make_event())

    with pytest.raises(LinkError):
        links.registration_of(sign(links.MANAGE, str(ada.pk)), links.MANAGE, ada.event)
