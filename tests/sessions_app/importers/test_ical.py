from datetime import datetime, timedelta
from typing import Any

import pytest
from dateutil.rrule import rrulestr

from sessions_app.exports import FORMATS as EXPORTS
from sessions_app.importers import ical
from sessions_app.importers.recurrence import repeated
from sessions_app.importers.report import Known, Reading
from sessions_app.models import Session
from sessions_app.releases import latest
from tests.factories import NOON, make_event, make_program, make_release
from tests.sessions_app.importers.reading import imported, read, real, refusal, times

BERLIN = Known("Europe/Berlin")


def entry(*lines: str, **properties: str) -> str:
    values = {"UID": "1@example", "SUMMARY": "One", "DTSTART": "20260510T090000"} | properties
    return "\n".join(["BEGIN:VEVENT", *(f"{name}:{value}" for name, value in values.items()), *lines, "END:VEVENT"])


def calendar(*entries: str) -> bytes:
    return "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "X-WR-CALNAME:A School", *entries, "END:VCALENDAR"]).encode()


def read_entries(*entries: str) -> Reading:
    return read("ical", calendar(*entries), BERLIN)


def told(reading: Reading) -> list[str]:
    return [str(remark) for remark in reading.report.remarks]


class TestReading:
    def test_an_entry_is_a_session(self) -> None:
        reading = read_entries(entry(DURATION="PT45M", LOCATION="Aula", CATEGORIES="Workshop", DESCRIPTION="a\\, b"))

        program = reading.program
        item = program.items[0]
        assert (reading.facts.title, times(program)) == ("A School", [("One", "05-10 09:00", 45)])
        assert (program.room_name(item), item.kind, item.abstract) == ("Aula", "lab", "a, b")

    @pytest.mark.parametrize(
        ("start", "shown"),
        [
            ("DTSTART:20260510T070000Z", "05-10 09:00"),
            ("DTSTART;TZID=America/New_York:20260510T030000", "05-10 09:00"),
            ("DTSTART;TZID=Eastern Standard Time:20260510T030000", "05-10 09:00"),
            ("DTSTART;TZID=Mars/Olympus:20260510T090000", "05-10 09:00"),
            ("DTSTART:20260510T090000", "05-10 09:00"),
        ],
    )
    def test_times_are_those_of_their_zone_or_the_events(self, start: str, shown: str) -> None:
        plain = entry(start, "DURATION:PT45M").replace("DTSTART:20260510T090000\n", "", 1)
        reading = read_entries(plain)

        assert times(reading.program) == [("One", shown, 45)]

    def test_without_one_asked_for_the_zone_is_that_of_the_times(self) -> None:
        data = calendar(
            entry("DTEND;TZID=Asia/Kolkata:20260510T100000").replace("DTSTART:", "DTSTART;TZID=Asia/Kolkata:")
        )

        assert read("ical", data).facts.timezone == "Asia/Kolkata"

    def test_times_in_utc_say_a_moment_and_no_zone(self) -> None:
        entries = entry(DTSTART="20260510T000000Z", DURATION="PT5M")
        said = "X-WR-TIMEZONE:Asia/Kolkata"

        zones = [
            read("ical", calendar(*lines), known).facts.timezone
            for lines in ([entries], [said, entries])
            for known in (Known("", "Asia/Tokyo"), Known())
        ]

        assert zones == ["Asia/Tokyo", "UTC", "Asia/Kolkata", "Asia/Kolkata"]

    def test_a_day_without_a_clock_time_is_a_whole_day(self) -> None:
        reading = read_entries(
            entry(UID="1").replace("DTSTART:20260510T090000", "DTSTART;VALUE=DATE:20260510"),
            entry("DTEND;VALUE=DATE:20260520", UID="2").replace(
                "DTSTART:20260510T090000", "DTSTART;VALUE=DATE:20260510"
            ),
        )

        assert times(reading.program) == [("One", "05-10 00:00", 1440), ("One", "05-10 00:00", 1440)]
        assert told(reading) == ["line 9: “One” – Goes on for 10 days: the first was taken."]

    def test_in_a_night_in_which_the_clocks_change_lengths_are_those_that_pass(self) -> None:
        times_of = "DTSTART;TZID=Europe/Berlin:20260329T013000\nDTEND;TZID=Europe/Berlin:20260329T033000"
        whole = "DTSTART;VALUE=DATE:20261025\nDTEND;VALUE=DATE:20261026"
        entries = [f"BEGIN:VEVENT\nUID:{one}\nSUMMARY:A\n{one}\nEND:VEVENT" for one in (times_of, whole)]

        reading = read_entries(*entries)

        assert times(reading.program) == [("A", "03-29 01:30", 60), ("A", "10-25 00:00", 1440)]
        assert told(reading) == []

    def test_what_takes_no_time_gets_a_minute_and_is_told(self) -> None:
        reading = read_entries(entry())

        assert times(reading.program) == [("One", "05-10 09:00", 1)]
        assert told(reading) == ["line 4: “One” – Takes no time: one minute was put in."]

    def test_what_has_no_time_or_no_title_is_left_out_and_told(self) -> None:
        reading = read_entries(entry(DTSTART="soon"), entry(SUMMARY=""), entry(SUMMARY="Two"))

        assert [item.title for item in reading.program.items] == ["Two"]
        assert [str(one) for one in reading.report.unplaced] == [
            "line 4: “One” – Has no time that can be read.",
            "line 9: Has no title.",
        ]

    def test_a_cancelled_entry_is_a_cancelled_session(self) -> None:
        assert read_entries(entry(STATUS="CANCELLED", DURATION="PT5M")).program.items[0].status == "cancelled"

    def test_attendees_without_an_address_speak_and_others_stay_private(self) -> None:
        reading = read_entries(
            entry("ATTENDEE;CN=Ada Lovelace:invalid:nomail", "ATTENDEE;CN=A Guest:mailto:guest@example.org")
        )

        assert [one.name for one in reading.program.people] == ["Ada Lovelace"]

    def test_entries_without_uid_stamp_or_with_a_method_are_read(self) -> None:
        reading = read_entries(
            "BEGIN:VEVENT\nMETHOD:PUBLISH\nSUMMARY:A\nDTSTART:20260510T090000\nDURATION:PT5M\nEND:VEVENT"
        )

        assert times(reading.program) == [("A", "05-10 09:00", 5)]

    def test_the_title_of_the_calendar_is_unescaped(self) -> None:
        data = calendar(entry(DURATION="PT5M")).replace(b"A School", b"Deep\\; learning\\, at scale")

        assert read("ical", data, BERLIN).facts.title == "Deep; learning, at scale"

    def test_zones_that_nobody_knows_are_told_once_at_their_line(self) -> None:
        times_of = [f"DTSTART;TZID=Mars/Base:20260510T{hour:02}0000" for hour in (9, 10)]
        entries = [f"BEGIN:VEVENT\nUID:{one}\nSUMMARY:A\n{one}\nDURATION:PT5M\nEND:VEVENT" for one in times_of]

        reading = read_entries(*entries)

        assert [start for _, start, _ in times(reading.program)] == ["05-10 09:00", "05-10 10:00"]
        assert told(reading) == [
            "line 4: “Mars/Base” – Not a time zone known here: such times are read as Europe/Berlin."
        ]

    def test_a_whole_day_is_in_the_block_of_that_day(self) -> None:
        whole = "BEGIN:VEVENT\nUID:2\nSUMMARY:Fair\nDTSTART;VALUE=DATE:20260510\nEND:VEVENT"

        assert [block.title for block in read_entries(whole).program.blocks] == ["2026-05-10"]


class TestRepeating:
    def starts(self, *entries: str) -> list[str]:
        return [start for _, start, _ in times(read_entries(*entries).program)]

    def test_each_time_is_a_session_on_the_same_wall_clock(self) -> None:
        rule = entry(DTSTART="20260327T090000", DURATION="PT5M", RRULE="FREQ=DAILY;COUNT=3")

        assert self.starts(rule) == ["03-27 09:00", "03-28 09:00", "03-29 09:00"]

    def test_each_time_is_as_long_as_the_first(self) -> None:
        rule = entry(
            "RDATE:20260402T090000", DTSTART="20260327T090000", DTEND="20260327T094500", RRULE="FREQ=DAILY;COUNT=3"
        )
        moved = entry(DTSTART="20260328T150000", DTEND="20260328T160000", **{"RECURRENCE-ID": "20260328T090000"})

        assert times(read_entries(rule, moved).program) == [
            ("One", "03-27 09:00", 45),
            ("One", "03-28 15:00", 60),
            ("One", "03-29 09:00", 45),
            ("One", "04-02 09:00", 45),
        ]

    @pytest.mark.parametrize(
        ("rule", "days"),
        [
            ("FREQ=DAILY;UNTIL=20260512T070000Z", ["10", "11", "12"]),
            ("FREQ=DAILY;UNTIL=20260512T065959Z", ["10", "11"]),
            ("FREQ=DAILY;UNTIL=20260512", ["10", "11", "12"]),
            ("FREQ=DAILY;INTERVAL=2;COUNT=2", ["10", "12"]),
            ("FREQ=WEEKLY;BYDAY=SU,MO;COUNT=3", ["10", "11", "17"]),
        ],
    )
    def test_rules_end_where_they_say(self, rule: str, days: list[str]) -> None:
        assert self.starts(entry(DURATION="PT5M", RRULE=rule)) == [f"05-{day} 09:00" for day in days]

    def test_a_rule_without_an_end_is_followed_to_the_end_of_the_program(self) -> None:
        reading = read_entries(
            entry(DURATION="PT5M", RRULE="FREQ=DAILY"), entry(UID="2", DTSTART="20260512T200000", DURATION="PT5M")
        )

        assert len(reading.program.items) == 4
        assert told(reading) == ["line 4: Repeats without an end: it was followed to the end of the program."]

    def test_exceptions_additions_and_replacements_are_kept_to(self) -> None:
        master = entry(
            "EXDATE:20260511T090000,20260512T090000",
            "RDATE:20260520T090000",
            DURATION="PT5M",
            RRULE="FREQ=DAILY;COUNT=4",
        )
        moved = entry(DTSTART="20260513T150000", DURATION="PT5M", **{"RECURRENCE-ID": "20260513T090000"})

        assert self.starts(master, moved) == ["05-10 09:00", "05-13 15:00", "05-20 09:00"]

    @pytest.mark.django_db
    def test_a_moved_repetition_is_the_same_session(self) -> None:
        master = entry(DURATION="PT5M", RRULE="FREQ=DAILY;COUNT=3")
        imported("ical", calendar(master), known=BERLIN)
        moved = entry(DTSTART="20260511T150000", DURATION="PT5M", **{"RECURRENCE-ID": "20260511T090000"})

        loaded = imported("ical", calendar(master, moved), known=BERLIN)

        assert (loaded.new, loaded.changed, loaded.unchanged, loaded.kept) == (0, 1, 2, ())

    @pytest.mark.parametrize(
        ("rule", "message"),
        [
            ("FREQ=SECONDLY", "No program repeats by such a rule"),
            ("FREQ=DAILY;BYHOUR=1,2;BYMINUTE=1", "No program repeats by such a rule"),
            ("FREQ=YEARLY;BYEASTER=1", "No program repeats by such a rule"),
            ("FREQ=DAILY;INTERVAL=0", "No program repeats by such a rule"),
            ("COUNT=5", "The rule can't be read"),
            ("FREQ=YEARLY;BYDAY=XX", "The rule by which it repeats can't be read"),
        ],
    )
    def test_storms_and_nonsense_are_refused_with_their_line(self, rule: str, message: str) -> None:
        found = refusal("ical", calendar(entry(RRULE=rule)))

        assert found.startswith("line 4: “One” – ")
        assert message in found

    def test_a_rule_that_never_comes_true_ends(self) -> None:
        assert self.starts(entry(RRULE="FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=9", DURATION="PT5M")) == [
            "05-10 09:00"
        ]

    @pytest.mark.parametrize("first", [datetime(2026, 5, 10, 9), datetime(2028, 2, 29), datetime(2099, 12, 31, 23)])
    @pytest.mark.parametrize(
        "rule",
        ["DAILY;INTERVAL=3", "WEEKLY;BYDAY=MO,FR", "MONTHLY;BYDAY=-1SU", "YEARLY;BYWEEKNO=1,53", "YEARLY;BYYEARDAY=-1"],
    )
    def test_they_are_followed_as_in_any_other_century(self, rule: str, first: datetime) -> None:
        last = first + timedelta(days=366)

        assert repeated(f"FREQ={rule}", first, last) == rrulestr(f"FREQ={rule}", dtstart=first).between(
            first, last, inc=True
        )

    def test_rules_that_take_too_long_are_refused_at_the_last(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ical, "PATIENCE", 0.0)

        found = refusal("ical", calendar(entry(), entry(UID="2", RRULE="FREQ=DAILY;COUNT=2")))

        assert found.startswith("line 9: “One” – It takes too long to follow the rules")

    def test_many_rules_together_are_refused(self) -> None:
        storm = [entry(UID=str(number), RRULE="FREQ=DAILY;COUNT=366", DURATION="PT5M") for number in range(100)]

        assert "More than 5000 sessions" in refusal("ical", calendar(*storm))


class TestRefusals:
    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", "The file is empty."),
            (b"Program\nOne (5 min)", "line 1: A calendar begins with BEGIN:VCALENDAR."),
            (calendar(entry())[:-10], "line 9: The file ends before END:VCALENDAR"),
            (calendar("no colon here"), "line 4: “no colon here” – Not a line of a calendar."),
            (calendar(entry(DURATION="P10D")), "line 4: “One” – A session takes 1 to 1440 minutes, not 14400."),
            (calendar(entry(DURATION="-PT5M")), "line 4: “One” – A session takes 1 to 1440 minutes, not -5."),
            (calendar(entry(DTSTART="00010101T000000Z")), "line 4: “One” – Years go from 1970"),
            (calendar(), "There is no session in this file that could be imported."),
            (calendar(entry(SUMMARY="")), "could be imported.\nline 4: Has no title."),
            (calendar(*[entry()] * 6000), "More than 5000 entries"),
            (calendar(*["BEGIN:VTODO\nEND:VTODO"] * 40_000), "More than 5000 entries"),
            (b"BEGIN:VCALENDAR\n" * 40_000, "More than 5000 entries"),
            (calendar(entry()).replace(b"One", b"\xff"), "line 6: Byte 9 of this line, 0xFF, is not UTF-8"),
        ],
    )
    def test_a_bad_file_is_refused_with_its_line(self, data: bytes, message: str) -> None:
        assert message in refusal("ical", data)


@pytest.mark.django_db
class TestImporting:
    def test_what_we_export_is_read_back_with_its_identity(self) -> None:
        event = make_event(timezone="Europe/Berlin", title="A School", kind="conference")
        make_program(event, 3, start=NOON)
        make_release(event, "final")
        published = latest(event)
        assert published
        before = [(item.id, item.uuid, item.start) for item in published.program.items]

        loaded = imported("ical", EXPORTS["ical"][0](event, published) or b"", slug=event.slug)

        assert [(item.id, item.uuid, item.start) for item in loaded.program.items] == before
        assert (loaded.new, Session.objects.count()) == (0, 4)

    @pytest.mark.sqlite
    @pytest.mark.parametrize(
        ("name", "sessions"),
        [
            ("ics/joco-cruise-2019.ics", 395),
            ("ics/kielux-2020.ics", 24),
            ("same-event-all-formats/divoc-r2r/schedule.ics", 45),
            ("same-event-all-formats/divoc-r2r/schedule.xcal", 45),
            ("same-event-all-formats/klimacamp-2015/schedule.ics", 106),
            ("same-event-all-formats/klimacamp-2015/schedule.xcal", 106),
            ("rfc5545/ical4j/valid-google_aus_holidays.ics", 104),  # 96 entries: 2 without a title, some repeat
            ("rfc5545/ical4j/valid-rfc5545-sec3.6.1.ics", 5),
            ("rfc5545/libical/2445.ics", 6),
        ],
    )
    def test_real_files_import_whole_and_twice_without_a_change(self, name: str, sessions: int) -> None:
        data = real(name)

        loaded, again = imported("ical", data), imported("ical", data)

        assert (loaded.new, len(loaded.program.items)) == (sessions, sessions)
        assert (again.changes, again.unchanged) == ((), sessions)

    def test_a_real_file_of_endless_entries_is_refused(self) -> None:
        assert "not 525600" in refusal("ical", real("rfc5545/libical/classify.ics"))


def test_parts_of_another_shape_are_passed_over() -> None:
    odd: Any = entry("CATEGORIES:", "ATTENDEE:x", "EXDATE:never", "RDATE:x", "RECURRENCE-ID:x", DURATION="PT5M")

    assert times(read_entries(odd).program) == [("One", "05-10 09:00", 5)]
