"""YAML as lists, mappings and plain texts that know their lines. Aliases and deep nesting are refused.

Built from the parser's events, one after the other: neither a bomb of aliases nor depth can cost more than the file is
long. Nothing is guessed of types: "no" and 2026-03-22 are texts, and each field says what it takes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from portal.text import printable
from sessions_app.importers.report import ImportFailed, Remark
from sessions_app.importers.source import decode

LIMIT = 10_000_000
DEEPEST = 12
MOST = 300_000  # values
EMPTY = {"", "~", "null", "Null", "NULL"}
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Part:
    """A text, the members of a mapping, or the elements of a list."""

    line: int
    text: str = ""
    members: "dict[str, Part]" = field(default_factory=dict)
    elements: "list[Part]" = field(default_factory=list)
    is_mapping: bool = False
    key: "Part | None" = None  # while it is read: the member whose value comes next

    def __getitem__(self, name: str) -> "Part":
        return self.members.get(name) or Part(self.line)

    def __iter__(self) -> Iterator["Part"]:
        return iter(self.elements)

    def __bool__(self) -> bool:
        return bool(self.text or self.members or self.elements)


def parse(data: bytes) -> Part:
    """Raises ImportFailed."""
    text = decode(data, LIMIT)
    top = Part(1)
    try:
        Builder(top).build(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        raise ImportFailed(Remark(line, "", f"Not YAML: {error.problem}.")) from error
    except yaml.YAMLError as error:
        raise ImportFailed(Remark(0, "", f"Not YAML: {error}")) from error
    return top.elements[0] if top.elements else Part(1)


class Builder:
    def __init__(self, top: Part) -> None:
        self.open = [top]
        self.count = 0

    def build(self, text: str) -> None:
        for event in yaml.parse(text, Loader=LOADER):
            self.take(event, event.start_mark.line + 1 if event.start_mark else 0)

    def take(self, event: yaml.Event, line: int) -> None:
        match event:
            case yaml.AliasEvent():
                raise ImportFailed(Remark(line, f"*{event.anchor}", "References to other parts aren't read."))
            case yaml.ScalarEvent():
                is_empty = event.style is None and event.value in EMPTY
                self.add(Part(line, "" if is_empty else printable(event.value)))
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                part = Part(line, is_mapping=isinstance(event, yaml.MappingStartEvent))
                self.add(part)
                self.open.append(part)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.open.pop()
            case yaml.DocumentStartEvent() if self.open[0].elements:
                raise ImportFailed(Remark(line, "", "A second document begins here; an event is one."))

    def add(self, part: Part) -> None:
        self.count += 1
        if self.count > MOST:
            raise ImportFailed(Remark(part.line, "", f"More than {MOST} values: that is beyond any program."))
        if len(self.open) > DEEPEST:
            raise ImportFailed(Remark(part.line, "", f"Parts inside each other more than {DEEPEST} deep."))
        holder = self.open[-1]
        if not holder.is_mapping:
            holder.elements.append(part)
        elif holder.key is None:
            holder.key = part
        else:
            self.add_member(holder, holder.key, part)

    def add_member(self, holder: Part, key: Part, part: Part) -> None:
        if key.text in holder.members:
            raise ImportFailed(Remark(key.line, key.text, "Stands here twice."))
        holder.members[key.text] = part
        holder.key = None
