import json
import time
from datetime import datetime

import pytest
import redis
from django.conf import settings as django_settings
from django.utils import timezone

from portal import tasks
from portal.bell import Bell, bell
from portal.celery import app
from portal.delivery import DRAIN_SECONDS
from portal.mailings import FILL_SECONDS
from tests.factories import make_event
from tests.portal.outbox import crowd, write, write_to

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_letters")]


@pytest.mark.parametrize("task", [tasks.deliver_due, tasks.sweep])
def test_each_task_sends_what_is_due_and_may_run_twice(server, task):
    write("ada@example.org", event=make_event())

    task()
    task()

    assert server.recipients == ["ada@example.org"]


def test_a_task_that_wrote_for_long_sends_no_longer_than_others(server, monkeypatch):
    write_to(*crowd(3), event=make_event())
    monkeypatch.setattr(tasks, "monotonic", iter([0, DRAIN_SECONDS]).__next__)

    tasks.deliver_due()

    assert len(server.taken) == 1


def test_a_task_ends_before_the_lease_of_its_mail_and_is_not_delivered_twice_meanwhile():
    limits = {(task.soft_time_limit, task.time_limit) for task in (tasks.deliver_due, tasks.sweep)}
    visibility = django_settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]

    assert limits == {(60, 70)}
    assert FILL_SECONDS < DRAIN_SECONDS < 60 < 70 < django_settings.MAIL_LEASE < visibility


def test_the_sweep_is_on_the_schedule():
    scheduled = [entry["task"] for entry in django_settings.CELERY_BEAT_SCHEDULE.values()]

    assert tasks.sweep.name in scheduled


@pytest.fixture
def broker(redis_url):
    """A real broker that the bell has not been heard at yet."""
    bell.silent_until = bell.heard_at = 0
    before, app.conf.broker_url = app.conf.broker_url, redis_url
    yield redis.from_url(redis_url)
    app.conf.broker_url = before
    bell.hang_up()


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_queueing_puts_one_message_on_a_real_broker_after_the_commit(broker):
    write("ada@example.org")

    messages = broker.lrange("celery", 0, -1)
    assert [json.loads(message)["headers"]["task"] for message in messages] == ["portal.tasks.deliver_due"]


@pytest.mark.services
def test_of_many_rings_one_wakes_a_worker_now_and_one_after_all_of_them(broker, monkeypatch):
    monkeypatch.setattr(Bell, "GAP", 60)

    for _ in range(50):
        bell.ring()

    later, now = [json.loads(message)["headers"]["eta"] for message in broker.lrange("celery", 0, -1)]
    assert now is None
    assert 58 < (datetime.fromisoformat(later) - timezone.now()).total_seconds() < 60


@pytest.mark.services
def test_after_the_gap_a_worker_is_woken_at_once_again(broker, monkeypatch):
    monkeypatch.setattr(Bell, "GAP", 0.01)

    for _ in range(2):
        bell.ring()
        time.sleep(0.02)

    assert [json.loads(message)["headers"]["eta"] for message in broker.lrange("celery", 0, -1)] == [None, None]


@pytest.mark.services
def test_a_ring_is_heard_by_a_broker_that_cut_the_link_meanwhile(broker, monkeypatch, caplog):
    monkeypatch.setattr(Bell, "GAP", 0)
    bell.ring()
    own = broker.client_id()
    for client in broker.client_list():
        if int(client["id"]) != own:
            broker.client_kill_filter(_id=client["id"])

    bell.ring()

    assert broker.llen("celery") == 2
    assert caplog.records == []


@pytest.mark.services
def test_rings_share_one_link(broker, monkeypatch):
    monkeypatch.setattr(Bell, "GAP", 0)
    bell.ring()
    opened = broker.info("stats")["total_connections_received"]

    for _ in range(20):
        bell.ring()

    assert broker.llen("celery") == 21
    assert broker.info("stats")["total_connections_received"] == opened
