"""Tickets, questions, labs and seats of an event as YAML: the same again, and never at the cost of who is in."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.models import Event, Mail
from registration import booking
from registration.models import Admission, TicketType
from registration.terms import Terms
from sessions_app.importers.load import Loaded, load
from sessions_app.importers.report import ImportFailed, Known
from sessions_app.importers.yaml import read
from tests.factories import (
    NOON,
    make_event,
    make_lab,
    make_program,
    make_question,
    make_registration,
    make_ticket_type,
)

pytestmark = pytest.mark.django_db


def loaded(registration: Any, **parts: Any) -> Loaded:
    file = {"lectern": 1, "event": {"title": "A School"}, **parts, "registration": registration}
    return load("school", read(yaml.safe_dump(file, sort_keys=False, allow_unicode=True).encode(), Known()))


def refusal(registration: Any, **parts: Any) -> list[str]:
    with pytest.raises(ImportFailed) as failure:
        loaded(registration, **parts)
    return str(failure.value).splitlines()


def school(*tickets: str, capacity: int | None = 10) -> Event:
    event = make_event(slug="school", title="A School")
    for position, name in enumerate(tickets):
        make_ticket_type(event, capacity, name=name, position=position)
    return event


class TestRoundTrip:
    def event(self) -> Event:
        event = school("Student", "Regular")
        host = {"mode": "host", "host_url": "https://example.org/"}
        make_ticket_type(event, None, name="Host", position=5, access_code="CANARY", **host)
        times = {"opens_at": NOON, "closes_at": NOON + timedelta(days=3)}
        event.ticket_types.filter(name="Student").update(capacity=0, needs_approval=True, offer_hours=24, **times)
        Admission.objects.filter(event=event).update(capacity=15, confirms_at_once=True)
        diet = make_question(event, "Diet?", choices=("None", "Vegan"), kind="choice", is_required=True, key="diet")
        diet.choices.filter(text="Vegan").update(limit=0)
        more = make_question(event, "Which?", help="In short", depends_on=diet, depends_value="Vegan", retention_days=3)
        more.ticket_types.set(event.ticket_types.filter(name__in=["Student", "Regular"]))
        first, *_ = make_program(event)
        make_lab(event, first, 7)
        return event

    def test_what_is_written_makes_the_same_and_then_changes_nothing(self) -> None:
        event = self.event()
        written = Terms.written(event)
        uuid = written["labs"][0]["session"]
        blocks = [{"sessions": [{"uuid": uuid, "title": "Part 1", "duration": 45}]}]
        event.labs.all().delete()
        event.delete()

        loaded(written, blocks=blocks)
        again = loaded(written, blocks=blocks)

        assert Terms.written(Event.objects.get(slug="school")) == written
        assert again.changes == ()
        assert written["tickets"][0]["capacity"] == written["questions"][0]["choices"][1]["limit"] == 0

    def test_the_names_of_nobody_are_in_it(self) -> None:
        event = self.event()
        make_registration(event, "ada@example.org", name="Ada", ticket_type=event.ticket_types.get(name="Regular"))

        assert not {"ada@example.org", "Ada"} & set(str(Terms.written(event)).replace("'", " ").split())


NAMES = st.lists(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20), max_size=3, unique=True
)
NUMBERS = st.none() | st.integers(0, 1_000_000)
MOMENTS = st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(
    lambda one: one.replace(second=0, microsecond=0)
)


@pytest.mark.sqlite
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=NAMES, choices=NAMES, capacity=NUMBERS, limit=NUMBERS, flag=st.booleans(), opens=MOMENTS)
def test_any_terms_come_back_as_they_were(
    names: list[str], choices: list[str], capacity: int | None, limit: int | None, flag: bool, opens: datetime | None
) -> None:
    event = make_event(slug="school", title="A School", timezone="Asia/Kathmandu")
    opens_at = opens and opens.replace(tzinfo=event.zone)
    for position, name in enumerate(names):
        make_ticket_type(event, capacity, name=name, position=position, needs_approval=flag, opens_at=opens_at)
        question = make_question(event, name, choices=tuple(choices), help=name, is_required=flag)
        question.choices.update(limit=limit)
        question.ticket_types.set(event.ticket_types.filter(name=name))
    written = Terms.written(event)
    event.delete()

    loaded(written, event={"title": "A School", "timezone": "Asia/Kathmandu"})

    made = Event.objects.get(slug="school")
    assert Terms.written(made) == written
    made.delete()


class TestSeats:
    """What is taken stays taken."""

    def test_a_capacity_below_what_is_taken_is_refused_at_its_line(self) -> None:
        event = school("Student")
        for _ in range(3):
            make_registration(event)

        found = refusal({"capacity": 2, "tickets": [{"name": "Student", "capacity": 1}]})

        assert found == [
            "line 5: “2” – 3 seats are taken or held, so the capacity can't be 2.",
            "line 8: “1” – 3 seats are taken or held, so the capacity can't be 1.",
        ]
        row = event.ticket_types.get()
        assert (row.capacity, row.taken, event.admission.capacity) == (10, 3, None)

    def test_counts_and_places_are_never_set(self) -> None:
        event = school("Student")
        make_registration(event)
        Admission.objects.update(queue=4)

        loaded({"tickets": [{"name": "Student", "description": "With a badge", "capacity": 10}]})

        row = event.ticket_types.get()
        assert (row.description, row.taken, row.registrations.count()) == ("With a badge", 1, 1)
        assert Admission.objects.get().queue == 4

    def test_new_seats_go_to_those_who_wait_and_to_nobody_in_a_dry_run(self) -> None:
        event = school("Student", capacity=1)
        make_registration(event)
        waiting = booking.register(event, name="Ada", email="ada@example.org")
        file = yaml.safe_dump({"lectern": 1, "registration": {"tickets": [{"name": "Student", "capacity": 2}]}})
        reading = read(file.encode(), Known())
        states = []

        for is_dry_run in (True, False):
            load("school", reading, is_dry_run=is_dry_run)
            waiting.refresh_from_db()
            states.append((waiting.state, Mail.objects.filter(kind="promoted").count()))

        assert states == [("waitlisted", 0), ("pending", 1)]

    def test_tickets_and_questions_the_file_does_not_name_stay(self) -> None:
        event = school("Student", "Regular")
        make_question(event, "Diet?")

        loaded({"tickets": [{"name": "Student", "capacity": 10}], "questions": [{"label": "T-shirt?"}]})

        assert [one.name for one in event.ticket_types.all()] == ["Student", "Regular"]
        assert [one.label for one in event.questions.all()] == ["Diet?", "T-shirt?"]


@pytest.mark.sqlite
class TestRefusals:
    @pytest.mark.parametrize(
        ("registration", "message"),
        [
            ([1], "line 5: Names with values are expected here: capacity"),
            ({"capacity": "many"}, "line 5: “many” – A number up to 1000000 is expected here."),
            ({"confirms_at_once": "perhaps"}, "line 5: “perhaps” – Write yes or no."),
            ({"tickets": {"name": "A"}}, "line 6: “name” – A list is expected here"),
            ({"tickets": [{"name": str(number)} for number in range(501)]}, "line 506: More than 500 of these"),
            ({"tickets": [{"capacity": 1}]}, "line 6: name: This field cannot be blank."),
            ({"tickets": ["Student"]}, "line 6: “Student” – Names with values are expected here: name"),
            ({"tickets": [{"name": "A"}, {"name": "A"}]}, "line 7: “A” – It stands in this list twice."),
            ({"tickets": [{"name": "A", "mode": "dance"}]}, "line 7: “dance” – mode: Value 'dance' is not a valid"),
            ({"tickets": [{"name": "A", "mode": "host"}]}, "line 6: host_url: Give the address of the host's"),
            ({"tickets": [{"name": "A", "offer_hours": 9999}]}, "line 7: “9999” – offer_hours: Ensure this value"),
            (
                {"tickets": [{"name": "A", "opens_at": "2026-03-02", "closes_at": "2026-03-01"}]},
                "line 8: “2026-03-01” – closes_at: Registration closes before it opens.",
            ),
            ({"questions": [{"label": "A", "kind": "dance"}]}, "line 7: “dance” – kind: Value 'dance' is not a valid"),
            ({"questions": [{"label": "A", "key": "a b"}]}, "line 7: “a b” – key: Enter a valid"),
            ({"questions": [{"label": "A", "depends_on": "b"}]}, "line 7: “b” – There is no question with this key."),
            (
                {
                    "questions": [
                        {"key": "diet", "label": "Diet?", "kind": "choice", "choices": ["Vegan", "Fish"]},
                        {"label": "A", "depends_on": "diet", "depends_value": "vegan"},
                    ]
                },
                "line 14: “vegan” – “Diet?” is never answered by “vegan”. Write “Vegan” or “Fish”.",
            ),
            ({"questions": [{"label": "A", "tickets": ["B"]}]}, "line 8: There is no ticket of this name."),
            ({"questions": [{"label": "A", "choices": [""]}]}, "line 8: text: This field cannot be blank."),
            ({"labs": [{"session": "Part 9", "capacity": 5}]}, "line 6: “Part 9” – There is no such session in the"),
        ],
    )
    def test_what_is_wrong_is_told_with_its_line_and_nothing_is_saved(self, registration: Any, message: str) -> None:
        found = refusal(registration)

        assert [one[: len(message)] for one in found] == [message]
        assert not Event.objects.exists()

    def test_names_it_does_not_know_are_told(self) -> None:
        file = yaml.safe_dump({"lectern": 1, "registration": {"seats": 5}})

        unplaced = read(file.encode(), Known()).report.unplaced

        assert [(remark.line, remark.text) for remark in unplaced] == [(3, "seats")]

    def test_an_answer_another_question_waits_for_stays_one(self) -> None:
        event = school("Student")
        lunch = make_question(event, "Lunch?", kind="yes_no", key="lunch")
        make_question(event, "Diet?", depends_on=lunch, depends_value="yes")

        found = refusal({"questions": [{"key": "lunch", "kind": "choice", "choices": ["At noon"]}]})

        assert found == ["line 6: “Lunch?” is never answered by “yes”. Write “At noon”."]

    def test_what_was_answered_or_registered_for_stays_what_it_is(self) -> None:
        event = school("Student", capacity=None)
        registration = make_registration(event)
        question = make_question(event, "Diet?", choices=("Vegan",), kind="choice", key="diet")
        question.choices.update(taken=2)
        registration.answers.create(question=question, value="Vegan")

        found = refusal(
            {
                "tickets": [{"name": "Student", "mode": "interest"}],
                "questions": [{"key": "diet", "kind": "text", "choices": [{"text": "Vegan", "limit": 1}]}],
            }
        )

        assert [one.partition(" – ")[2] for one in found] == [
            "People are registered with this ticket, so it stays what it is.",
            "It was answered already, so it stays a question of its kind.",
            "2 have chosen it.",
        ]
        assert TicketType.objects.get().mode == "seats"
