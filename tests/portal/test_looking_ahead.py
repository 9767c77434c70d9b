"""The next mail, claimed and written while the mail server takes the one before."""

from collections.abc import Callable

import pytest

from portal import delivery, mailings
from portal.delivery import Post, compose, drain
from portal.models import Event, Mail
from portal.wire import Link
from tests import smtp
from tests.factories import make_event
from tests.portal.outbox import crowd, write, write_to
from tests.smtp import Server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_letters")]
State = Mail.State


@pytest.fixture
def event() -> Event:
    return make_event()


def states() -> list[tuple[str, int]]:
    return list(Mail.objects.order_by("due_at", "pk").values_list("state", "tries"))


def at_each_message(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Before it goes to the server."""
    send = Link.send

    def late(link: Link, said: str | bytes) -> None:
        if isinstance(said, bytes):
            act()
        send(link, said)

    monkeypatch.setattr(Link, "send", late)


@pytest.mark.parametrize(("rate", "claimed"), [(0, [1, 2, 2, 1]), (1000, [1, 1, 1, 1])])
def test_no_message_goes_before_it_is_recorded_that_the_last_one_was_sent(
    event: Event, server: Server, settings, monkeypatch: pytest.MonkeyPatch, rate: int, claimed: list[int]
) -> None:
    settings.MAIL_RATE, seen = rate, []
    write_to(*crowd(4), event=event)
    at_each_message(monkeypatch, lambda: seen.append([one for one, _ in states() if one != State.WAITING]))

    drain()

    assert [one.count(State.SENT) for one in seen] == [0, 1, 2, 3]
    assert [one.count(State.SENDING) for one in seen] == claimed
    assert (server.recipients, server.links) == (crowd(4), 1)


def test_what_is_in_hand_when_a_sender_stops_was_no_try(event: Event, server: Server) -> None:
    write_to(*crowd(3), event=event)

    drain(seconds=0)

    assert states() == [(State.SENT, 1), (State.WAITING, 0), (State.WAITING, 0)]
    assert server.recipients == crowd(1)


def test_what_is_in_hand_is_not_sent_if_its_mailing_was_paused(
    event: Event, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.script("data", "552 5.3.4 too large", first=1)
    mailing = write_to(*crowd(3), event=event)
    at_each_message(monkeypatch, lambda: mailings.pause(mailing))

    drain()
    write("ada@example.org", event=event)
    drain()

    assert states() == [(State.FAILED, 1), (State.HELD, 0), (State.HELD, 0), (State.SENT, 1)]
    assert server.recipients == ["ada@example.org"]


def test_what_can_not_be_written_ahead_fails_at_its_turn(event: Event, server: Server) -> None:
    write("one@example.org", event=event)
    write("two@example.org", "broken", event)
    write("three@example.org", event=event)

    drain()

    assert states() == [(State.SENT, 1), (State.FAILED, 1), (State.SENT, 1)]
    assert server.recipients == ["one@example.org", "three@example.org"]


def test_what_was_tried_before_is_not_written_while_another_is_in_doubt(
    event: Event, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_to(*crowd(2), event=event)
    Mail.objects.filter(address="p1@example.org").update(tries=1)
    order: list[str] = []
    at_each_message(monkeypatch, lambda: order.append("sent"))
    monkeypatch.setattr(delivery, "compose", lambda mail: order.append(mail.address) or compose(mail))

    drain()

    assert order == ["p0@example.org", "sent", "p1@example.org", "sent"]


def test_an_answer_is_heard_though_the_next_could_not_be_claimed(
    event: Event, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ahead; in its turn it can."""
    write_to(*crowd(2), event=event)
    claim, calls = delivery.claim_due, []

    def claim_but_once(**options: object) -> Mail | None:
        calls.append(options)
        if len(calls) == 2:
            raise RuntimeError("The database is away.")
        return claim(**options)

    monkeypatch.setattr(delivery, "claim_due", claim_but_once)

    drain()

    assert (states(), server.recipients) == ([(State.SENT, 1)] * 2, crowd(2))


@pytest.mark.parametrize("answer", ["550 5.1.1 no such user", "451 4.3.0 later", "421 4.7.0 too many", smtp.DROP])
def test_who_is_refused_ahead_delays_nobody_else(event: Event, server: Server, answer: str) -> None:
    server.script("rcpt", answer, match="p1@")
    write_to(*crowd(4), event=event)

    drain()

    assert server.recipients == ["p0@example.org", "p2@example.org", "p3@example.org"]
    assert [state for state, _ in states()].count(State.SENT) == 3


def test_the_link_serves_another_than_was_said_ahead(event: Event, server: Server) -> None:
    one, two, three = (compose(write(f"{name}@example.org", event=event)) for name in ("one", "two", "three"))
    post = Post()

    post.send(one)
    post.mailer.announce(one.from_email, two)
    post.send(three)
    post.close()

    assert server.recipients == ["one@example.org", "three@example.org"]
    assert server.links == 2
