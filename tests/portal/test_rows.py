from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portal.mail import new_mail
from portal.models import Event, Mail
from portal.rows import add, columns, increase, insert, reserve, row, rows, together
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


def test_keys_are_reserved_where_the_database_gives_them_beforehand() -> None:
    numbers, new = reserve(Mail, 3), a_mail()

    assert len(set(numbers)) == (3 if connection.vendor == "postgresql" else 0)
    new.pk = numbers[-1] if numbers else 77
    with transaction.atomic(), together():
        assert add(new)
        assert not new._state.adding

    assert Mail.objects.get().pk == new.pk


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


class TestTogether:
    """Statements that are sent as one, where the database takes several in one."""

    @pytest.fixture
    def asked(self, django_assert_num_queries: Any) -> Any:
        """So many queries on PostgreSQL, and on SQLite."""
        return lambda one, each: django_assert_num_queries(one if connection.vendor == "postgresql" else each)

    def test_they_are_waited_for_once(self, asked: Any) -> None:
        first, second = a_mail(), a_mail()
        first.save()

        with asked(1, 2), transaction.atomic(savepoint=False), together():
            insert(Mail, [columns(second)])
            increase(first, "tries", 3)

        assert [(one.message_id, one.tries) for one in Mail.objects.order_by("pk")] == [
            (first.message_id, 3),
            (second.message_id, 0),
        ]

    def test_rows_of_a_kind_are_added_as_one_and_what_is_there_is_left_out(self, asked: Any) -> None:
        first, second = a_mail(), a_mail()

        with asked(1, 1), transaction.atomic(savepoint=False), together():
            for one in (first, second, first):
                insert(Mail, [columns(one)], anew=False)

        assert {one.message_id for one in Mail.objects.all()} == {first.message_id, second.message_id}

    def test_who_asks_in_between_finds_them_done(self) -> None:
        new = a_mail()

        with transaction.atomic(), together():
            insert(Mail, [columns(new)])
            found = Mail.objects.get()
            increase(found, "tries", 1)
            tries = Mail.objects.get().tries

        assert (found.message_id, tries) == (new.message_id, 1)

    def test_who_adds_to_another_table_leaves_them_waiting(self, asked: Any) -> None:
        first, event = a_mail(), Event(slug="another", title="Another")
        first.save()

        with asked(2, 2), transaction.atomic(savepoint=False), together():
            increase(first, "tries", 1)
            add(event)
            increase(first, "tries", 1)

        assert (Mail.objects.get().tries, Event.objects.filter(slug="another").count()) == (2, 1)

    def test_who_adds_to_the_same_table_finds_them_done(self) -> None:
        new, same = a_mail(), a_mail()
        same.event, same.message_id = new.event, new.message_id

        with transaction.atomic(), together():
            insert(Mail, [columns(new)])
            is_added = add(same, anew=False)

        assert not is_added
        assert Mail.objects.count() == 1

    def test_a_number_may_be_increased_several_times_and_others_of_the_row_too(self, asked: Any) -> None:
        first, second = a_mail(), a_mail()
        for one in (first, second):
            one.save()

        with asked(1, 2), transaction.atomic(savepoint=False), together():
            for one, number in ((first, 1), (second, 5), (first, 2), (first, -1)):
                increase(one, "tries", number)
            increase(first, "event_id", 0)

        assert (first.tries, second.tries) == (2, 5)
        assert [one.tries for one in Mail.objects.order_by("pk")] == [2, 5]

    def test_an_error_leaves_out_what_still_waits(self) -> None:
        new = a_mail()

        with suppress(LookupError), transaction.atomic(), together():
            insert(Mail, [columns(new)])
            raise LookupError

        assert not Mail.objects.exists()

    def test_one_within_another_is_a_part_of_it(self, asked: Any) -> None:
        first, second = a_mail(), a_mail()

        with asked(1, 1), transaction.atomic(savepoint=False), together():
            with together():
                insert(Mail, [columns(first)])
            insert(Mail, [columns(second)])

        assert Mail.objects.count() == 2

    def test_a_savepoint_takes_back_what_waited_after_it(self) -> None:
        first, second = a_mail(), a_mail()

        with transaction.atomic(), together():
            insert(Mail, [columns(first)])
            with suppress(LookupError), transaction.atomic():
                insert(Mail, [columns(second)])
                raise LookupError

        assert Mail.objects.get().message_id == first.message_id

    def test_what_waits_when_something_fails_within_a_savepoint_goes_back_with_it(self) -> None:
        first, event, same = a_mail(), Event(slug="one", title="One"), Event(slug="one", title="Another")
        add(event)

        with transaction.atomic(), together():
            with suppress(IntegrityError), transaction.atomic():
                insert(Mail, [columns(first)])
                add(same)
            increase(event, "version", 1)

        assert (Mail.objects.count(), Event.objects.get(slug="one").version) == (0, event.version)

    def test_what_comes_afterwards_waits_no_more(self) -> None:
        new = a_mail()

        with transaction.atomic(), together():
            pass
        insert(Mail, [columns(new)])
        increase(found := Mail.objects.get(), "tries", 1)

        assert (found.tries, Mail.objects.get().tries) == (1, 1)
