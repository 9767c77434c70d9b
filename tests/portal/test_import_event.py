import io
import sys
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from portal.models import Event
from sessions_app import demo
from sessions_app.models import Session
from tests.factories import make_event

pytestmark = pytest.mark.django_db

TIMED = "A Page\nDate: 2026-07-01\nProgram\n9:00-9:45 One\nAda Lovelace\n10:00-10:30 Two\nTwo hundred\n"


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("import_event", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def timed(tmp_path: Path) -> str:
    path = tmp_path / "page.txt"
    path.write_text(TIMED)
    return str(path)


def test_it_prints_the_event_its_program_what_changed_and_what_is_missing() -> None:
    printed = run("deepspeed", str(demo.TUTORIAL))

    assert (
        printed
        == """Building Efficient Large-Scale Model Systems with DeepSpeed
  subtitle: From Open-Source Foundations to Emerging Research
  address: /deepspeed/
  host event: ASPLOS 2026
  final program due: 2026-02-17
  overview: 108 words
  additional: 28 words

Program: 3 h 30 min
   +0:00      45 min  tutorial  Introduction and Motivation – Tunji Ruwase
   +0:45      45 min  tutorial  Ray + DeepSpeed for LLM Training – Masahiro Tanaka
   +1:30      30 min  break     Coffee Break
   +2:00      45 min  tutorial  DeepSpeed-Based Systems Optimization for LLM Training – Minjia Zhang
   +2:45      45 min  tutorial  Training LLMs on Alternative Accelerators and Novel Optimizers – Zhipeng Wang

Changes: 5 sessions new, 0 changed, 0 unchanged
  new host event /asplos-2026/: ASPLOS 2026
  new event /deepspeed/
  new speaker Tunji Ruwase
  new speaker Masahiro Tanaka
  new speaker Minjia Zhang
  new speaker Zhipeng Wang
  new block
  new session “Introduction and Motivation”
  new session “Ray + DeepSpeed for LLM Training”
  new session “Coffee Break”
  new session “DeepSpeed-Based Systems Optimization for LLM Training”
  new session “Training LLMs on Alternative Accelerators and Novel Optimizers”

Missing
  Organizers
  Target Audience
  Prerequisites
  Date
  Venue
  Time Zone

Not public yet: release the program as tentative in the admin or with manage.py release.
"""
    )


def test_a_second_import_says_that_there_is_nothing_to_change() -> None:
    run("deepspeed", str(demo.TUTORIAL))

    printed = run("deepspeed", str(demo.TUTORIAL))

    assert "\nChanges: 0 sessions new, 0 changed, 5 unchanged\n  nothing to change\n" in printed


def test_lines_that_cannot_be_placed_are_printed_with_their_numbers(timed: str) -> None:
    printed = run("my-event", timed, "--timezone", "Europe/Berlin")

    assert "Not placed\n  line 7: “Two hundred” – No length and no clock time" in printed
    assert "  2026-07-01 09:00      45 min  tutorial  One – Ada Lovelace\n" in printed


def test_a_dry_run_prints_the_same_and_saves_nothing(timed: str) -> None:
    dry = run("my-event", timed, "--dry-run", "--timezone", "Europe/Berlin")
    is_saved = Event.objects.exists()
    real = run("my-event", timed, "--timezone", "Europe/Berlin")

    assert not is_saved
    assert dry.splitlines()[:-1] == real.splitlines()[:-1]
    assert dry.splitlines()[-1] == "Dry run: nothing was saved."


def test_the_zone_an_event_has_places_the_clock_times(timed: str) -> None:
    make_event(slug="my-event", timezone="Asia/Tokyo")

    assert "2026-07-01 09:00" in run("my-event", timed)
    assert Event.objects.get().timezone == "Asia/Tokyo"


def test_the_zone_nobody_chose_counts_as_unknown_at_each_import(timed: str) -> None:
    run("my-event", timed)

    printed = run("my-event", timed)

    assert "\nChanges: 0 sessions new, 0 changed, 2 unchanged\n  nothing to change\n" in printed
    assert not Session.objects.filter(block__start__isnull=False).exists()


def test_the_page_may_come_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(demo.TUTORIAL.read_bytes())))

    run("deepspeed", "-")

    assert Session.objects.count() == 5


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (b"", "The file is empty."),
        (b"\x89PNG\r\n\x1a\n\0", "This is not a text file"),
        (b"Caf\xe9", "line 1: Byte 4 of this line, 0xE9, is not UTF-8."),
        (b"x" * 10_000_000, "The file is larger than 1000 kB."),
        (b"A Page\nProgram\nOne (45 min)\nTwo (0 min)", "line 4: “Two (0 min)” – A session takes 1 to 1440 minutes"),
        (b"A Page\nTime zone: Mars/Olympus", "“Mars/Olympus” is not a time zone."),
    ],
)
def test_bad_contents_are_refused_and_nothing_is_saved(tmp_path: Path, contents: bytes, message: str) -> None:
    path = tmp_path / "page.txt"
    path.write_bytes(contents)

    with pytest.raises(CommandError, match=r"^Nothing was imported\.\n") as failure:
        run("my-event", str(path))

    assert message in str(failure.value)
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("absent.txt", "No such file or directory"),
        ("", "Is a directory"),
        ("a\0b", "embedded null"),
        ("x" * 300, "File name too long"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(CommandError) as failure:
        run("my-event", f"{tmp_path}/{name}")

    assert str(failure.value).startswith("Can't read")
    assert message in str(failure.value)


def test_an_unknown_zone_is_refused_before_anything_is_read() -> None:
    with pytest.raises(CommandError, match="--timezone: “Mars/Olympus” is not a time zone"):
        run("my-event", "absent.txt", "--timezone", "Mars/Olympus")


def test_a_format_nobody_reads_is_refused() -> None:
    with pytest.raises(CommandError, match="invalid choice: 'docx'"):
        run("my-event", str(demo.TUTORIAL), "--format", "docx")


@pytest.mark.parametrize("slug", ["Not A Slug", "admin"])
def test_an_address_that_cannot_be_one_is_refused(slug: str) -> None:
    with pytest.raises(CommandError, match="slug: “"):
        run(slug, str(demo.TUTORIAL))


def test_a_terminal_without_the_letters_of_a_name_is_no_reason_to_fail(tmp_path: Path) -> None:
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    path = tmp_path / "page.txt"
    path.write_text("大模型\nProgram\n介绍 (45 min)", encoding="utf-8")

    with redirect_stdout(terminal):
        call_command("import_event", "my-event", str(path))

    terminal.seek(0)
    assert terminal.read().startswith("\\u5927\\u6a21\\u578b\n  address: /my-event/\n")
