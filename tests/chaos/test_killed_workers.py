"""Workers killed like by a power cut while a release is mailed, and the scheduler once."""

import time

import pytest

from tests.chaos.ground import CONCURRENCY, MAILS, ROUNDS, SOON, Scene, in_full_only, say, witness

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


def test_everybody_is_told_once_whatever_happens_to_the_workers(scene: Scene) -> None:
    moments = sorted(scene.luck.sample(range(1, MAILS - 1), ROUNDS))
    scene.start()
    scene.release()

    for number, moment in enumerate(moments):
        assert scene.wait_for(moment), scene.workers[0].output
        scene.kill_worker()
        if number == 0 and scene.scheduler:
            scene.scheduler.kill()
            scene.scheduler = scene.production.start_scheduler()
    began = time.monotonic()
    is_done = scene.is_done(patience=SOON)
    seconds = time.monotonic() - began

    seen = witness(scene)
    say(
        f"{MAILS} mails, {ROUNDS} kills: {len(seen.missing)} missing, {len(seen.repeated)} of {len(scene.in_doubt)} in "
        f"doubt sent twice, done {seconds:.0f} s after the last restart"
    )
    assert is_done, scene.workers[0].output
    assert (seen.missing, seen.unexpected, seen.renamed) == (set(), set(), set())
    assert seen.repeated <= scene.in_doubt
    assert len(scene.in_doubt) <= ROUNDS * CONCURRENCY


@in_full_only
def test_without_the_condition_of_a_claim_mails_would_be_sent_twice(scene: Scene) -> None:
    scene.start(workers=2, without="claim")
    scene.release()

    scene.is_done(patience=60)

    assert witness(scene).repeated


@in_full_only
def test_without_leases_the_mails_of_the_dead_would_be_lost(scene: Scene) -> None:
    scene.start(without="lease")
    scene.release()
    while not scene.in_doubt:
        assert scene.wait_for(len(scene.post.taken) + 1)
        scene.kill_worker()

    is_done = scene.is_done(patience=20)

    assert not is_done
    assert scene.event.mails.filter(state="sending", message_id__in=scene.in_doubt).exists()
