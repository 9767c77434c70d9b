import json

import pytest
import redis
from django.conf import settings as django_settings

from portal import mail, tasks
from portal.celery import app
from portal.models import Mail
from tests.factories import make_event
from tests.portal.outbox import write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_letters")]


@pytest.mark.parametrize("task", [tasks.deliver_due, tasks.sweep])
def test_each_task_sends_what_is_due_and_may_run_twice(server, task):
    write("ada@example.org", event=make_event())

    task()
    task()

    assert server.recipients == ["ada@example.org"]


def test_a_task_ends_before_the_lease_of_its_mail_and_is_not_delivered_twice_meanwhile():
    limits = {(task.soft_time_limit, task.time_limit) for task in (tasks.deliver_due, tasks.sweep)}
    visibility = django_settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]

    assert limits == {(60, 70)}
    assert mail.DRAIN_SECONDS < 60 < 70 < Mail.LEASE.total_seconds() < visibility


def test_the_sweep_is_on_the_schedule():
    scheduled = [entry["task"] for entry in django_settings.CELERY_BEAT_SCHEDULE.values()]

    assert tasks.sweep.name in scheduled


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_queueing_puts_one_message_on_a_real_broker_after_the_commit(redis_url):
    mail.bell.silent_until = 0
    broker, app.conf.broker_url = app.conf.broker_url, redis_url

    try:
        write("ada@example.org")
        messages = redis.from_url(redis_url).lrange("celery", 0, -1)
    finally:
        app.conf.broker_url = broker

    assert [json.loads(message)["headers"]["task"] for message in messages] == ["portal.tasks.deliver_due"]
