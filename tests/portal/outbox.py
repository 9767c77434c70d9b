"""Steps of tests of the outbox."""

from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from portal.delivery import claim_due, deliver
from portal.mail import queue
from portal.mailings import END, Step, open_mailing
from portal.models import Category, Mail
from portal.rows import MOMENTS
from tests.factories import make_event


def write(address="ada@example.org", kind="plain", event=None, **options):
    event = event or make_event()
    queue(kind, event=event, address=address, occasion="test", **options)
    return Mail.objects.get(event=event, address=address)


def write_to(*addresses, event, kind="plain", occasion="one"):
    """A mailing to these people; `plain_letters` makes the test's people its audience."""
    return open_mailing(
        kind,
        event=event,
        occasion=occasion,
        title="Test",
        category=Category.NEWS,
        context={"people": addresses},
        expected=len(addresses),
    )


def crowd(size):
    return [f"p{number}@example.org" for number in range(size)]


def people_of(mailing, size):
    """The audience of the tests' own kinds of mail."""
    first = int(mailing.cursor or 0)
    people = mailing.context["people"]
    is_last = first + size >= len(people)
    return Step([(address, {}) for address in people[first : first + size]], END if is_last else str(first + size))


def let_pass(time):
    """As if the mails had been there so much longer: what is due and whose lease has ended the database says."""
    Mail.objects.update(due_at=F("due_at") - time, lease_until=F("lease_until") - time)


def by_own_clock(seconds="0"):
    """What from_now would give if each sender went by its own clock."""
    now = timezone.now()
    sql = MOMENTS[connection.vendor].replace("statement_timestamp()", f"timestamptz '{now}'")
    return sql.replace("'now'", f"'{now:%Y-%m-%d %H:%M:%S.%f}'").format(seconds)


def send(row):
    """One try, as a worker would make it now."""
    Mail.objects.filter(pk=row.pk).update(due_at=Now())
    deliver(claim_due())
    row.refresh_from_db()
    return row
