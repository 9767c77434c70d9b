"""Machines whose clocks are four hours apart, while a release is mailed."""

import pytest

from tests import smtp
from tests.chaos.ground import MAILS, Scene, in_full_only, say, witness

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
CLOCKS = (2, -2)  # hours ahead


def test_workers_whose_clocks_are_hours_apart_send_each_mail_once(scene: Scene) -> None:
    scene.post.script("data", smtp.SLOW)  # so that each is in hand for a while
    scene.start(workers=0, clocks=CLOCKS)
    scene.release()

    is_done = scene.is_done()

    seen = witness(scene)
    say(f"clocks {CLOCKS} hours ahead: {MAILS} mails, {len(seen.missing)} missing, {len(seen.repeated)} repeated")
    assert is_done, scene.workers[0].output
    assert (seen.missing, seen.unexpected, seen.repeated) == (set(), set(), set())


@in_full_only
def test_by_its_own_clock_one_that_is_ahead_would_send_what_another_is_sending(scene: Scene) -> None:
    scene.post.script("data", smtp.SLOW)
    scene.start(workers=1, clocks=[2], without="clock")
    scene.release()

    scene.is_done(patience=60)

    assert witness(scene).repeated
