import os
import signal
import sys
from collections.abc import Iterator

import pytest

from portal import supervisor
from portal.supervisor import Program, Supervisor

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """Gives pytest its own handlers back."""
    before = [(number, signal.getsignal(number)) for number in SIGNALS]
    yield
    for number, handler in before:
        signal.signal(number, handler)


def python(name: str, code: str, **options: bool) -> Program:
    return Program(name, [sys.executable, "-c", code], **options)


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_each_line_is_said_with_the_name_of_its_program() -> None:
    said: list[str] = []
    programs = [
        python("web", "print('one'); print('two', end='', flush=True); import time; time.sleep(60)"),
        python("scheduler", "import time; time.sleep(60)"),
    ]
    run = Supervisor(programs, said.append)

    programs[1].is_ready = lambda: any("one" in line for line in said)  # type: ignore[method-assign]
    status = run.run(interrupt)

    assert status == 0
    assert said == ["web       | one", "web       | two"]


def test_the_end_of_a_vital_program_is_the_end_of_all() -> None:
    said: list[str] = []
    other = python("worker", "import time; time.sleep(60)")
    vital = python("web", "raise SystemExit(3)", is_vital=True)

    status = Supervisor([other, vital], said.append).run(lambda: None)

    assert status == 1
    assert said == ["web    | ended with status 3; everything ends with it."]
    assert not other.is_running


def test_any_other_program_is_started_again_after_a_pause_that_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    run = Supervisor([python("worker", "raise SystemExit(4)")], said.append)
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE", 0.2)

    def end_at_the_third() -> bool:
        if len(said) == 3:
            run.is_ending = True
        return False

    run.programs[0].is_ready = end_at_the_third  # type: ignore[method-assign]
    run.run(lambda: None)

    assert [line.partition(";")[0] for line in said] == ["worker | ended with status 4"] * 3


def test_the_pause_doubles_up_to_half_a_minute() -> None:
    program = python("worker", "raise SystemExit(4)")
    run = Supervisor([program], lambda line: None)
    run.start(program)
    pauses = []

    for _ in range(7):
        run.mourn(program, 4)
        pauses.append(program.pause)

    assert pauses == [2, 4, 8, 16, 30, 30, 30]


def test_what_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "PATIENCE", 0.5)
    said: list[str] = []
    deaf = python("deaf", STUBBORN)
    deaf.is_ready = lambda: bool(said)  # type: ignore[method-assign]

    Supervisor([deaf], said.append).run(interrupt)

    assert deaf.process
    assert deaf.process.returncode == -signal.SIGKILL


def test_the_first_program_ends_last() -> None:
    code = "import os, signal, sys, time; signal.signal(15, lambda *_: sys.exit(os.write(1, b'{}\\n') and None))\n"
    code += "os.write(1, b'up\\n'); time.sleep(60)"
    said: list[str] = []
    programs = [python("broker", code.format("broker")), python("worker", code.format("worker"))]
    for number, program in enumerate(programs, 1):
        program.is_ready = lambda number=number: len(said) >= number  # type: ignore[misc, method-assign]

    Supervisor(programs, said.append).run(interrupt)

    assert said == ["broker | up", "worker | up", "worker | worker", "broker | broker"]
