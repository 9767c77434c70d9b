from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.models import Event
from sessions_app import demo
from sessions_app.drafts import program_of
from sessions_app.importers import page
from sessions_app.importers.load import Loaded, load
from sessions_app.importers.report import ImportFailed, Known, Reading
from sessions_app.models import Appearance, Block, Session, Speaker
from sessions_app.program import Facts, Program
from tests.factories import make_block, make_event, make_session, make_speaker
from tests.sessions_app.importers.page.pieces import PIECES

pytestmark = pytest.mark.django_db
ROWS = (Event, Block, Session, Speaker, Appearance)
KNOWN = Known("Europe/Berlin", "", date(2026, 7, 1))


def imported(*program: str, slug: str = "my-event", is_dry_run: bool = False, known: Known = KNOWN) -> Loaded:
    """A page titled "A Page" with this program, read and loaded."""
    reading = page.read("\n".join(["A Page", "Program", *program]).encode(), known)
    return load(slug, reading, is_dry_run=is_dry_run)


def demo_imported(*, is_dry_run: bool = False) -> Loaded:
    reading = page.read(demo.TUTORIAL.read_bytes())
    return load("deepspeed", reading, is_dry_run=is_dry_run)


def everything() -> list[list[dict[str, object]]]:
    """All rows of the tables an import writes to."""
    return [list(model.objects.order_by("pk").values()) for model in ROWS]


def draft(slug: str = "my-event") -> Program:
    return program_of(Event.objects.get(slug=slug))


def titles(program: Program) -> list[str]:
    return [item.title for item in program.items]


class TestANewEvent:
    def test_the_demo_page_becomes_a_public_event_with_its_facts(self) -> None:
        demo_imported()

        event = Event.objects.get(slug="deepspeed")
        assert (event.title, event.kind, event.is_public) == (
            "Building Efficient Large-Scale Model Systems with DeepSpeed",
            "tutorial",
            True,
        )
        assert event.final_program_due == date(2026, 2, 17)
        assert (event.organizers, event.audience, event.prerequisites) == ("", "", "")

    def test_its_sessions_are_in_one_block_without_a_start(self) -> None:
        demo_imported()

        program = draft("deepspeed")
        assert [(item.kind, item.offset, item.duration) for item in program.items] == [
            ("tutorial", 0, 45),
            ("tutorial", 45, 45),
            ("break", 90, 30),
            ("tutorial", 120, 45),
            ("tutorial", 165, 45),
        ]
        assert [(block.title, block.start) for block in program.blocks] == [("", None)]
        assert {item.start for item in program.items} == {None}

    def test_the_host_event_is_made_as_a_conference(self) -> None:
        demo_imported()

        host = Event.objects.get(slug="deepspeed").host
        assert host
        assert (host.slug, host.title, host.kind) == ("asplos-2026", "ASPLOS 2026", "conference")

    def test_a_host_event_that_exists_is_linked(self) -> None:
        host = make_event(slug="the-conference", title="asplos  2026", kind="conference")

        demo_imported()

        assert Event.objects.get(slug="deepspeed").host == host
        assert Event.objects.count() == 2

    def test_a_hosts_address_is_made_of_what_addresses_may_hold(self) -> None:
        load("my-event", Reading(Facts("A Page", host="FOO_bar’26 / Köln"), Program("UTC")))

        assert Event.objects.get(kind="conference").slug == "foo-bar26-koln"

    def test_an_event_at_the_hosts_address_is_not_taken_for_the_host(self) -> None:
        reading = page.read(demo.TUTORIAL.read_bytes())

        load("asplos-2026", reading)

        host = Event.objects.get(slug="asplos-2026").host
        assert host
        assert host.slug == "asplos-2026-2"

    def test_clock_times_become_block_starts_and_pins(self) -> None:
        imported("9:00–9:45 One", "9:45–10:00 Break", "10:30 - 11:00 Two")

        assert [block.start for block in Block.objects.all()] == [datetime(2026, 7, 1, 7, tzinfo=UTC)]
        assert [session.start for session in Session.objects.all()] == [
            None,
            None,
            datetime(2026, 7, 1, 8, 30, tzinfo=UTC),
        ]

    @pytest.mark.parametrize("slug", ["No Slug", "admin", "x" * 51, "../etc"])
    def test_an_address_that_cannot_be_one_is_refused(self, slug: str) -> None:
        with pytest.raises(ImportFailed, match="slug: "):
            imported("One (5 min)", slug=slug)

        assert not Event.objects.exists()


class TestASecondImport:
    def test_it_changes_nothing_and_only_reads(self) -> None:
        demo_imported()
        before = everything()

        with CaptureQueriesContext(
            connection,
        ) as queries:
            again = demo_imported()

        assert everything() == before
        assert again.changes == ()
        verbs = {query["sql"].split()[0] for query in queries}
        assert verbs <= {"SELECT", "SAVEPOINT", "RELEASE"}

    @pytest.mark.parametrize("sessions", [1, 3, 100])
    def test_it_takes_the_same_queries_at_any_size(self, sessions: int, django_assert_num_queries: Any) -> None:
        program = [f"Talk {number} (5 min)\nAda Lovelace" for number in range(sessions)]
        imported(*program)

        with django_assert_num_queries(27):
            imported(*program)

    @pytest.mark.parametrize("sessions", [3, 30, 300])
    def test_new_and_moved_sessions_take_the_same_queries_at_any_size(
        self, sessions: int, django_assert_num_queries: Any
    ) -> None:
        program = [f"Talk {number} (5 min)\nAda Lovelace" for number in range(sessions)]
        longer = [
            line.replace("(5 min)", "(6 min)").replace("Ada Lovelace", "Grace Hopper") for line in reversed(program)
        ]

        with django_assert_num_queries(34):
            imported(*program)
        with django_assert_num_queries(32):
            imported(*longer)

    def test_sessions_keep_their_identity_when_order_length_and_speakers_change(self) -> None:
        imported("One (45 min)", "Ada Lovelace", "Two (30 min)", "Alan Turing")
        identities = {item.title: (item.id, item.uuid, item.slug) for item in draft().items}

        loaded = imported("Two (40 min)", "Grace Hopper and Alan Turing", "One (45 min)", "Ada Lovelace")

        program = draft()
        assert {item.title: (item.id, item.uuid, item.slug) for item in program.items} == identities
        assert [(item.title, item.duration) for item in program.items] == [("Two", 40), ("One", 45)]
        assert [one.name for one in program.people_of(program.items[0])] == ["Grace Hopper", "Alan Turing"]
        assert loaded.changes == (
            "new speaker Grace Hopper",
            "“Two”: duration 30 → 40",
            "“Two”: speakers Alan Turing → Grace Hopper, Alan Turing",
            "order of the sessions",
        )

    def test_titles_that_differ_in_case_and_dashes_are_the_same_session(self) -> None:
        imported("Large-scale training (45 min)")

        loaded = imported("Large–Scale Training (45 min)")

        assert titles(draft()) == ["Large–Scale Training"]
        assert loaded.changes == ("“Large–Scale Training”: title Large-scale training → Large–Scale Training",)

    def test_sessions_of_the_same_title_are_matched_by_their_order(self) -> None:
        imported("Lab (45 min)", "Break (10 min)", "Lab (50 min)", "Break (20 min)")
        before = [item.id for item in draft().items]

        imported("Lab (45 min)", "Break (15 min)", "Lab (55 min)", "Break (20 min)")

        assert [(item.id, item.duration) for item in draft().items] == list(zip(before, [45, 15, 55, 20], strict=True))

    def test_a_session_that_is_not_in_the_file_is_kept_in_its_place(self) -> None:
        imported("One (45 min)", "Two (45 min)", "Three (45 min)")

        loaded = imported("Three (45 min)", "One (45 min)")

        assert titles(draft()) == ["Three", "One", "Two"]
        assert loaded.kept == ("“Two” is not in the file.",)
        assert imported("Three (45 min)", "One (45 min)").changes == ()

    def test_a_session_moves_to_another_block(self) -> None:
        imported("Day 1", "One (45 min)", "Two (45 min)", "Day 2", "Three (45 min)")

        imported("Day 1", "One (45 min)", "Day 2", "Two (45 min)", "Three (45 min)")

        program = draft()
        assert [[item.title for item in program.items_of(block)] for block in program.blocks] == [
            ["One"],
            ["Two", "Three"],
        ]

    def test_blocks_follow_the_files_order(self) -> None:
        imported("Morning", "One (45 min)", "Afternoon", "Two (45 min)")

        imported("Afternoon", "Two (45 min)", "Morning", "One (45 min)")

        assert [block.title for block in draft().blocks] == ["Afternoon", "Morning"]

    def test_a_title_that_becomes_a_break_is_made_one(self) -> None:
        event = make_event(slug="my-event")
        make_session(make_block(event), "Coffee", kind="social", duration=30)

        imported("Coffee (30 min)")

        assert [item.kind for item in draft().items] == ["break"]


class TestWhatOrganizersEdited:
    def test_what_the_page_leaves_empty_stays(self) -> None:
        demo_imported()
        event = Event.objects.get(slug="deepspeed")
        event.organizers, event.venue, event.timezone = "Ada", "Hall 1", "Europe/Berlin"
        event.starts_on = date(2026, 3, 22)
        event.save()
        Block.objects.update(title="Morning", start=datetime(2026, 3, 22, 9, tzinfo=UTC))
        Session.objects.update(abstract="Long", level="beginner")
        Speaker.objects.update(affiliation="Here", email="a@example.org")
        before = everything()

        loaded = demo_imported()

        assert loaded.changes == ()
        assert everything() == before

    def test_a_kind_and_a_role_chosen_by_hand_stay(self) -> None:
        imported("One (45 min)", "Ada Lovelace")
        Session.objects.update(kind="panel")
        Appearance.objects.update(role="moderator")

        assert imported("One (45 min)", "Ada Lovelace").changes == ()
        assert Session.objects.get().kind == "panel"

    def test_a_pin_stays_while_the_page_has_no_times_and_goes_when_it_has(self) -> None:
        imported("One (45 min)", "Two (45 min)")
        pin = datetime(2026, 7, 1, 12, tzinfo=UTC)
        Session.objects.filter(title="Two").update(start=pin)

        imported("One (45 min)", "Two (45 min)")
        assert Session.objects.get(title="Two").start == pin

        imported("9:00-9:45 One", "9:45-10:30 Two")
        assert Session.objects.get(title="Two").start is None

    def test_another_host_stays_and_is_told(self) -> None:
        host = make_event(title="Another")
        make_event(slug="deepspeed", host=host)

        loaded = demo_imported()

        assert Event.objects.get(slug="deepspeed").host == host
        assert loaded.kept == ("The event belongs to Another, the file says ASPLOS 2026.",)

    def test_namesakes_are_told_apart_by_affiliation(self) -> None:
        event = make_event(slug="my-event")
        make_speaker(event, "Wei Zhang", affiliation="MIT")
        there = make_speaker(event, "Wei Zhang", affiliation="UIUC")

        imported("One (45 min)", "Wei Zhang (UIUC)")

        assert list(Session.objects.get().speakers.all()) == [there]
        assert Speaker.objects.count() == 2


class TestADryRun:
    def test_it_saves_nothing(self) -> None:
        demo_imported(is_dry_run=True)

        assert everything() == [[], [], [], [], []]

    def test_it_shows_what_the_real_run_does(self) -> None:
        imported("One (45 min)", "Two (45 min)")
        before = everything()

        dry = imported("Two (30 min)", "Three (45 min)", "Ada Lovelace", is_dry_run=True)
        untouched = everything()
        real = imported("Two (30 min)", "Three (45 min)", "Ada Lovelace")

        assert untouched == before
        assert (dry.changes, dry.kept, titles(dry.program)) == (real.changes, real.kept, titles(real.program))
        assert titles(real.program) == titles(draft())


class TestWhatRowsCannotHold:
    def test_too_long_texts_are_refused_at_their_lines_and_nothing_is_saved(self) -> None:
        with pytest.raises(ImportFailed) as failure:
            imported(f"Day 1: {'d' * 101}", "One (45 min)", f"{'t' * 251} (45 min)", f"Ada {'L' * 200}")

        assert [(remark.line, remark.reason) for remark in failure.value.remarks] == [
            (3, "title: Ensure this value has at most 100 characters (it has 108)."),
            (5, "title: Ensure this value has at most 250 characters (it has 251)."),
            (6, "name: Ensure this value has at most 200 characters (it has 204)."),
        ]
        assert not Event.objects.exists()

    def test_a_too_long_fact_is_refused_at_its_line(self) -> None:
        reading = page.read(f"{'A' * 201}\nVenue: {'B' * 201}".encode())

        with pytest.raises(ImportFailed) as failure:
            load("my-event", reading)

        assert [remark.line for remark in failure.value.remarks] == [1, 2]

    def test_a_first_day_after_the_events_last_is_refused(self) -> None:
        make_event(slug="my-event", starts_on=date(2026, 1, 1), ends_on=date(2026, 1, 2))

        with pytest.raises(ImportFailed, match="The last day is before the first"):
            load("my-event", Reading(Facts("A Page", starts_on=date(2026, 3, 1)), Program("UTC")))

    def test_a_failure_halfway_leaves_nothing_behind(self) -> None:
        reading = page.read(b"A Page\nWorkshop at ISCA 2026\nProgram\nOne (45 min)\nAda Lovelace")
        nobody = replace(reading.program, people=())

        with pytest.raises(KeyError, match="ada-lovelace"):
            load("my-event", Reading(reading.facts, nobody))

        assert everything() == [[], [], [], [], []]


@pytest.mark.sqlite
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=30)), max_size=20).map("\n".join))
def test_a_second_import_of_any_page_changes_nothing(body: str) -> None:
    try:
        reading = page.read(f"A Page\n{body}".encode("utf-8", "replace"), KNOWN)
    except ImportFailed:
        return

    with transaction.atomic():
        load("my-event", reading)
        before = everything()
        again = load("my-event", reading)
        after = everything()
        transaction.set_rollback(True)

    assert (again.changes, again.kept) == ((), ())
    assert after == before
