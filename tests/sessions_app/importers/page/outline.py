"""A reading as plain text, for golden files that people can check by eye."""

from collections.abc import Iterator
from dataclasses import fields

from sessions_app.importers.report import Reading
from sessions_app.program import Item, Program


def outline(reading: Reading) -> str:
    return "\n".join([*facts(reading), *program(reading.program), *report(reading), ""])


def facts(reading: Reading) -> Iterator[str]:
    for field in fields(reading.facts):
        if value := getattr(reading.facts, field.name):
            yield f"{field.name}: {value!s}".replace("\n", "\n    ")


def program(found: Program) -> Iterator[str]:
    for block in found.blocks:
        start = block.start.astimezone(found.zone).strftime(" from %Y-%m-%d %H:%M %Z") if block.start else ""
        yield f"block {block.title!r}{start}"
        for item in found.items_of(block):
            yield f"  +{item.offset} {item.duration} min, {item.kind}: {item.title}{pin(found, item)}"
            yield from people(found, item)
            if item.abstract:
                yield f"    | {item.abstract}".replace("\n", "\n    | ")


def pin(found: Program, item: Item) -> str:
    return f" (pinned to {item.start.astimezone(found.zone):%H:%M})" if item.is_pinned and item.start else ""


def people(found: Program, item: Item) -> Iterator[str]:
    for appearance, person in zip(item.speakers, found.people_of(item), strict=True):
        parts = [person.name, person.affiliation, appearance.role, person.url]
        yield "    - " + ", ".join(part for part in parts if part)
        if person.biography:
            yield f"      {person.biography}".replace("\n", "\n      ")


def report(reading: Reading) -> Iterator[str]:
    yield f"tentative: {reading.report.is_tentative}"
    yield "missing: " + ", ".join(reading.report.missing)
    yield from (f"not placed: {remark}" for remark in reading.report.unplaced)
    yield from (f"remark: {remark}" for remark in reading.report.remarks)
