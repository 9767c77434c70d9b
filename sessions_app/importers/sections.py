"""What a whole event has beside its program. Each section stands in settings by its name in the file, since some belong
to apps that this one knows nothing of."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, Self

from django.conf import settings
from django.utils.module_loading import import_string

from portal.models import Event, Role
from sessions_app.importers.members import Members
from sessions_app.importers.outline import Part
from sessions_app.models import Session
from sessions_app.program import Item

NO_SESSION = "There is no such session in the file."
SEVERAL = "Several sessions of the file are called so. Give the slug or the UUID."


type Names = Mapping[str, list[str]]  # the uuids of the sessions of this name


class Section(Protocol):
    """`right`: who may import it. Sessions go by the uuid they have in the file."""

    right: Role

    @classmethod
    def read(cls, part: Part, members: Members, names: Names) -> Self:
        """What is wrong goes to the members' errors. `names`: the sessions of the file."""

    @classmethod
    def written(cls, event: Event) -> Any:
        """As plain values, from which `read` makes the same; empty where there is nothing to say."""

    def hold(self, slug: str) -> None:
        """Take the locks that come before the one on the event of this address, which may not exist yet."""

    def load(self, event: Event, sessions: Mapping[str, Session]) -> tuple[list[str], list[str]]:
        """The changes in words, and what was left as it is. Raises ImportFailed."""


def sections() -> dict[str, type[Section]]:
    return {name: import_string(path) for name, path in settings.SECTIONS.items()}


def names_of(items: Sequence[Item]) -> Names:
    """By title, slug and uuid; the latter go before a title that says the same."""
    found: dict[str, list[str]] = defaultdict(list)
    for item in items:
        found[item.title].append(item.uuid)
    return found | {name: [item.uuid] for item in items for name in (item.slug, item.uuid) if name}


def session_named(part: Part, members: Members, names: Names) -> str:
    """The uuid that the session of this name has in the file."""
    found = names.get(members.text(part), [])
    if len(found) != 1:
        members.fail(part, SEVERAL if found else NO_SESSION)
        return ""
    return found[0]
