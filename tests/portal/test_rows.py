from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.mail import new_mail
from portal.models import Event, Mail
from portal.rows import add, columns, insert, row, rows
from tests.factories import make_event

pytestmark = pytest.mark.django_db


def test_rows_are_objects_with_what_is_selected_beside_their_columns() -> None:
    one, other = make_event(slug="one"), make_event(slug="other")

    found = rows(Event, "slug IN (%s, %s) ORDER BY slug", "one", "other", more={"answer": "6 * 7"})

    assert [(event, vars(event)["answer"]) for event in found] == [(one, 42), (other, 42)]
    assert row(Event, "slug = %s", "other") == other


def test_a_row_that_is_missing_is_said_to_be() -> None:
    with pytest.raises(Event.DoesNotExist):
        row(Event, "slug = %s", "nowhere")


def a_mail() -> Mail:
    return new_mail("confirm", make_event(), "ada@example.org", "registration-1", {"registration": 1})


def test_what_is_inserted_is_read_again_as_it_was() -> None:
    new = a_mail()

    insert(Mail, [columns(new)])

    found = Mail.objects.get()
    names = [field.attname for field in Mail._meta.concrete_fields if field.attname not in ("id", "due_at")]
    assert [getattr(found, name) for name in names] == [getattr(new, name) for name in names]
    assert abs(found.due_at - timezone.now()) < timedelta(minutes=1)


def test_what_is_added_has_its_key_and_what_is_there_already_has_none() -> None:
    new, same = a_mail(), a_mail()
    same.event, same.message_id = new.event, new.message_id

    assert add(new)
    assert not add(same, anew=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        add(same)

    assert Mail.objects.get() == new
    assert not new._state.adding
    assert same._state.adding


def test_what_is_there_already_is_refused_or_left_out() -> None:
    there = columns(a_mail())
    insert(Mail, [there])

    insert(Mail, [there], anew=False)
    with pytest.raises(IntegrityError):
        insert(Mail, [there])
