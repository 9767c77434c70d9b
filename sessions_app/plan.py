"""A choice of sessions, as somebody starred them or got them by a link. Pure."""

import re
from collections.abc import Iterable

from sessions_app.agenda import Agenda
from sessions_app.lines import Line

MOST = 500  # sessions
SHORT = 12  # digits of a session's uuid that name it in a link
NAME = re.compile(rf"[0-9a-f]{{{SHORT},32}}")


class PlanError(Exception):
    """Why a link can't be read; its message is shown to the user."""


def chosen(agenda: Agenda, names: str) -> list[Line]:
    """The lines of these sessions, named by the beginnings of their uuids with commas between. What isn't in this
    program is left out: stars are of all events. Raises PlanError."""
    wanted = [name.strip().lower().replace("-", "") for name in names.split(",", MOST)]
    if len(wanted) > MOST or not all(NAME.fullmatch(name) for name in wanted):
        raise PlanError("This link can’t be read. It may have been cut; copy all of it.")
    known = {name[:SHORT] for name in wanted}
    return [line for line in agenda.lines if short(line) in known]


def short(line: Line) -> str:
    return line.item.uuid.replace("-", "")[:SHORT]


def clashes(lines: Iterable[Line]) -> dict[str, list[Line]]:
    """For each session, by its uuid, the others of these that go on at the same time."""
    held = [line for line in lines if not line.is_cancelled]
    return {line.item.uuid: [one for one in held if one is not line and one.overlaps(line)] for line in held}
