"""Every mail of a large release as the mail server got it, and who gets none of any release."""

import re
from collections import Counter
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import pytest
from django.test import Client

from portal.models import Suppression
from registration import keys, preferences
from registration.privacy import erase_address
from tests.chaos.ground import IS_FULL, MAILS, Scene, make_crowd, say
from tests.services import Production, wait_until
from tests.smtp import Taken, recording_server

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
SITE = "https://portal.example"
EACH = 50 if IS_FULL else 4  # who unsubscribed, bounced, complained, were erased
CLICKS = 200 if IS_FULL else 20
UNSUBSCRIBE = re.compile(rf"<{SITE}(/tutorial/unsubscribe/[\w~-]+/)>")
REASONS = Suppression.Reason


@pytest.fixture
def scene(production: Production) -> Iterator[Scene]:
    production.environment["SITE_URL"] = SITE
    with recording_server() as post:
        yield Scene(production, post, make_crowd(MAILS))


def faults(taken: Taken) -> dict[str, bool]:
    """What is wrong with a mail, if anything is."""
    message = taken.message
    parts = [part.get_content_type() for part in message.walk() if not part.is_multipart()]
    checks = {
        "one recipient": taken.recipients == [message["To"]],
        "own identity": bool(re.fullmatch(r"<[0-9a-f]{32}@portal\.example>", message["Message-ID"])),
        "a date": parsedate_to_datetime(message["Date"]).tzinfo is not None,
        "says that no person wrote it": message["Auto-Submitted"] == "auto-generated",
        "a text and its HTML": parts[:2] == ["text/plain", "text/html"],
        "unsubscribing by link": bool(UNSUBSCRIBE.fullmatch(message["List-Unsubscribe"] or "")),
        "unsubscribing by one click": message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click",
        "each header once": max(Counter(map(str.lower, message.keys())).values()) == 1,
        "short lines": max(len(line) for line in taken.raw.split(b"\r\n")) <= 998,
        "no defects": not message.defects and not any(message[name].defects for name in message),
    }
    return {name: is_so for name, is_so in checks.items() if not is_so}


def test_every_mail_is_well_formed_and_ends_by_one_click(scene: Scene) -> None:
    scene.start(workers=2)
    scene.release()
    is_done = scene.is_done()

    wrong = {taken.recipients[0]: found for taken in scene.post.taken if (found := faults(taken))}
    identities = {taken.message["Message-ID"] for taken in scene.post.taken}
    readers = scene.luck.sample(scene.post.taken, CLICKS)
    answers = Counter(answer for taken in readers for answer in clicked(scene, taken))

    say(f"{len(scene.post.taken)} mails looked at: {len(wrong)} with faults; {CLICKS} readers unsubscribed")
    assert is_done
    assert wrong == {}
    assert len(scene.post.taken) == len(identities) == MAILS
    assert answers == {(200, False): CLICKS, (200, True): 2 * CLICKS}


def clicked(scene: Scene, taken: Taken) -> Iterator[tuple[int, bool]]:
    """The link opened, then one click twice, without a cookie: how it is answered, and who gets no more mail."""
    link = UNSUBSCRIBE.fullmatch(taken.message["List-Unsubscribe"])
    assert link
    refused = scene.event.suppressions.filter(address_key=taken.recipients[0])
    client = Client(enforce_csrf_checks=True)
    for send in (client.get, client.post, client.post):
        status = send(link[1], {"List-Unsubscribe": "One-Click"}).status_code
        yield status, refused.exists()


def test_who_gets_no_mail_gets_none_of_any_release(scene: Scene) -> None:
    people = scene.luck.sample([one.email for one in scene.event.registrations.all()], 4 * EACH)
    unsubscribed, bounced, complained, erased = (set(people[start::4]) for start in range(4))
    for address in unsubscribed:
        preferences.choose(scene.event, address, set())
    for reason, addresses in ((REASONS.BOUNCED, bounced), (REASONS.COMPLAINED, complained)):
        for address in addresses:
            scene.event.suppressions.create(address_key=address, reason=reason)
    for address in erased:
        erase_address(address, scene.event)

    scene.start(workers=2)
    scene.release()
    is_first_done = scene.is_done()
    scene.event.sessions.update(duration=50)
    scene.release()
    is_done = scene.is_done()
    for address in unsubscribed:
        keys.mail_link(scene.event, address)
    is_linked = wait_until(lambda: unsubscribed <= set(scene.post.recipients))

    got = Counter(scene.post.recipients)
    kept_out = set(people) - unsubscribed
    say(f"2 releases to {MAILS}, {len(people)} of them kept out: {len(kept_out & got.keys())} of these were mailed")
    assert (is_first_done, is_done, is_linked) == (True, True, True)
    assert not kept_out & got.keys()
    assert {got[address] for address in unsubscribed} == {1}
    assert Counter(got.values()) == {2: MAILS - len(people), 1: len(unsubscribed)}
