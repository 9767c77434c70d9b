"""Runs processes together in one terminal: their lines prefixed, none left behind when it ends."""

import ctypes
import os
import selectors
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from subprocess import DEVNULL, PIPE, STDOUT, Popen
from typing import Any

DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG
TURN = 0.1  # seconds
PATIENCE = 8  # seconds between TERM and KILL
STEADY = 10  # seconds after which a start counts as having worked
LONGEST_PAUSE = 30  # seconds
libc: Any = ctypes.CDLL(None)


@dataclass
class Program:
    """A command to keep running. A `vital` one takes all others with it when it ends; the others are started anew."""

    name: str
    command: list[str]
    is_vital: bool = False
    is_ready: Callable[[], bool] = lambda: True
    process: Popen[bytes] | None = field(default=None, init=False)
    rest: bytes = field(default=b"", init=False)  # of a line not yet complete
    started: float = field(default=0.0, init=False)
    pause: float = field(default=1.0, init=False)
    again_at: float | None = field(default=None, init=False)

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """TERM to the main process only: it ends its own children, and would hang if they were gone before."""
        if self.process and self.is_running:
            self.process.terminate()

    def kill(self) -> None:
        """KILL to what is left of the main process and its children."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Supervisor:
    """Starts programs in their order, each when the one before is ready, and ends the first one last."""

    def __init__(self, programs: list[Program], say: Callable[[str], object]) -> None:
        self.programs = programs
        self.say = say
        self.is_ending = False
        self.status = 0
        self.width = max(len(program.name) for program in programs)
        self.selector = selectors.DefaultSelector()

    def run(self, when_ready: Callable[[], object]) -> int:
        """Until a signal comes or a vital program ends. Returns the exit status."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.on_signal)
        try:
            for program in self.programs:
                self.start(program)
                while not (self.is_ending or program.is_ready()):
                    self.turn()
            if not self.is_ending:
                when_ready()
            while not self.is_ending:
                self.turn()
        finally:
            self.end()
        return self.status

    def on_signal(self, number: int, frame: object) -> None:
        self.is_ending = True

    def start(self, program: Program) -> None:
        program.again_at = None
        program.started = time.monotonic()
        program.process = Popen(  # noqa: S603 - our own commands
            program.command,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent if sys.platform == "linux" else None,
        )
        assert program.process.stdout
        self.selector.register(program.process.stdout, selectors.EVENT_READ, program)

    def turn(self) -> None:
        """Pass on what the programs say, and look after those that ended."""
        self.listen()
        for program in self.programs:
            if program.again_at and time.monotonic() >= program.again_at:
                self.start(program)
            elif program.process and program.again_at is None and not program.is_running:
                self.mourn(program, program.process.returncode)

    def listen(self, patience: float = TURN) -> bool:
        """Pass on what is there to read; whether there was anything."""
        ready = self.selector.select(patience)
        for key, _ in ready:
            program: Program = key.data
            read = os.read(key.fd, 2**16)
            *lines, program.rest = (program.rest + read).split(b"\n")
            for line in lines:
                self.report(program, line.decode(errors="replace"))
            if not read:
                self.selector.unregister(key.fileobj)
                if program.rest:
                    self.report(program, program.rest.decode(errors="replace"))
        return bool(ready)

    def report(self, program: Program, line: str) -> None:
        self.say(f"{program.name:{self.width}} | {line.rstrip()}")

    def mourn(self, program: Program, status: int) -> None:
        program.kill()
        if program.is_vital:
            self.report(program, f"ended with status {status}; everything ends with it.")
            self.is_ending, self.status = True, 1
            return
        was_steady = time.monotonic() - program.started > STEADY
        program.pause = 1 if was_steady else min(program.pause * 2, LONGEST_PAUSE)
        program.again_at = time.monotonic() + program.pause
        self.report(program, f"ended with status {status}; starts again in {program.pause:.0f} s.")

    def end(self) -> None:
        """TERM to all but the first, what they stand on, then to the first; KILL to those that don't listen."""
        first, *others = self.programs
        end = time.monotonic() + PATIENCE
        for programs in (others, [first]):
            for program in programs:
                program.stop()
            while any(program.is_running for program in programs) and time.monotonic() < end:
                self.listen()
        for program in self.programs:
            program.kill()
        while self.listen(0):
            pass


def die_with_parent() -> None:
    """The kernel ends this process too when its supervisor is killed."""
    libc.prctl(DIES_WITH_PARENT, signal.SIGTERM)
