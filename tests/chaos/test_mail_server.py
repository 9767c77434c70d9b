"""A mail server that refuses for now, for good or when asked too fast, cuts links, is slow, silent, or away."""

import os
from collections import Counter

import pytest
from django.db.models import Sum

from tests import smtp
from tests.chaos.ground import IS_FULL, MAILS, Scene, in_full_only, make_crowd, say, witness
from tests.services import Production, free_port, wait_until
from tests.smtp import recording_server

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

# Each mode: what the server does to whom. All of them at once, each to its own people, is what the quick run does.
MODES: dict[str, list[tuple[str, str, dict[str, object]]]] = {
    "dead": [("rcpt", "550 5.1.1 no such user", {"match": "dead"})],
    "later at rcpt": [("rcpt", "450 4.2.0 later", {"rate": 0.3})],
    "later at data": [("data", "451 4.3.0 later", {"rate": 0.3})],
    "too many on a link": [("mail", "421 4.7.0 too many on this link", {"rate": 0.1})],
    "twice later": [("rcpt", "450 4.2.0 greylisted", {"first": 2})],
    "cut at rcpt": [("rcpt", smtp.DROP, {"rate": 0.1})],
    "cut after data": [("data", smtp.DROP, {"rate": 0.1})],
    "lost after data": [("data", smtp.LOSE, {"rate": 0.1})],
    "slow": [("data", smtp.SLOW, {"rate": 0.1})],
    "hang": [(command, smtp.HANG, {"rate": 0.007}) for command in ("mail", "rcpt", "data")],
    "too fast": [("rcpt", "450 4.7.1 too fast", {"allowed": 50})],
}
OUTAGE = int(os.environ.get("CHAOS_OUTAGE", "60" if IS_FULL else "5"))  # seconds
ALL = [rule for rules in MODES.values() for rule in rules]


@pytest.mark.parametrize("mode", [*MODES, "all"] if IS_FULL else ["all"])
def test_what_the_server_says_is_understood(production: Production, mode: str) -> None:
    with recording_server() as post:
        scene = Scene(production, post, make_crowd(MAILS, "person dead" if mode in ("dead", "all") else "person"))
        post.luck = scene.luck
        for command, answer, details in MODES.get(mode, ALL):
            post.script(command, answer, **details)
        scene.start()
        scene.release()

        is_done = scene.is_done()

        everybody = set(scene.event.registrations.values_list("email", flat=True))
        dead = {address for address in everybody if address.startswith("dead")}
        seen = witness(scene, everybody - dead)
        tries = scene.event.mails.aggregate(Sum("tries"))["tries__sum"]
        untold = {str(one.message["Message-ID"]) for one in post.taken if not one.is_told}
        say(
            f"{mode}: {MAILS} mails in {tries} tries, {len(seen.missing)} missing, "
            f"{len(seen.repeated)} of {len(untold)} unclear ones sent twice"
        )
        assert is_done, scene.workers[0].output
        assert (seen.missing, seen.unexpected, seen.renamed) == (set(), set(), set())
        assert seen.repeated <= untold, said_of(scene, seen.repeated - untold)
        ends = Counter(scene.event.mails.values_list("state", "answer"))
        assert ends == Counter({("sent", ""): MAILS - len(dead), ("failed", "550 5.1.1 no such user"): len(dead)})
        assert {post.asked.count(address) for address in dead} <= {1}


def said_of(scene: Scene, identities: set[str]) -> str:
    """How often these mails were tried, and what the workers' logs say of them."""
    rows = scene.event.mails.filter(message_id__in=identities)
    words = [f"Mail {row.pk} (" for row in rows]
    lines = [line for one in scene.workers for line in one.output.splitlines() if any(word in line for word in words)]
    return "\n".join([*(f"{row.pk}: {row.tries} tries, {row.state}" for row in rows), *lines])


def test_a_server_that_is_away_costs_time_but_no_mail(production: Production) -> None:
    port = free_port()
    gone = smtp.Server(port=port)
    scene = Scene(production, gone, make_crowd(MAILS))
    scene.start()
    scene.release()

    wait_until(lambda: False, patience=OUTAGE)
    tries = set(scene.event.mails.values_list("tries", flat=True))
    with recording_server(port) as post:
        scene.post = post
        is_done = scene.is_done()

    seen = witness(scene)
    say(f"server away for {OUTAGE} s: {len(seen.missing)} missing, {len(seen.repeated)} repeated")
    assert is_done, scene.workers[0].output
    assert tries == {0}
    assert (seen.missing, seen.unexpected, seen.repeated) == (set(), set(), set())


@in_full_only
def test_without_patience_what_is_refused_for_now_would_be_lost(production: Production) -> None:
    with recording_server() as post:
        scene = Scene(production, post, make_crowd(MAILS))
        post.script("rcpt", "450 4.2.0 later", first=3)
        scene.start(without="patience")
        scene.release()

        scene.is_done()

        assert len(witness(scene).missing) == 3


@in_full_only
def test_without_an_identity_of_its_own_a_mail_sent_again_would_look_like_another(production: Production) -> None:
    with recording_server() as post:
        scene = Scene(production, post, make_crowd(MAILS))
        post.script("data", smtp.DROP, first=3)
        scene.start(without="identity")
        scene.release()

        scene.is_done()

        assert len(witness(scene).renamed) == 3
