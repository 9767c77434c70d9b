"""Words in braces that stand for what differs from reader to reader. A fixed list: texts of organizers are no
templates, and what is put in is never looked at again. Pure."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from html import escape
from urllib.parse import quote

MEANINGS = {
    "name": "the reader's name, “reader” where there is none",
    "event": "the event's title",
    "when": "its dates and times",
    "where": "its place",
    "ticket": "the kind of ticket",
    "session": "the session that is meant",
    "sessions": "the reader's own sessions, a line each",
    "materials": "slides and materials that are open, a line each",
    "link": "the reader's registration",
    "program": "the program's page",
}
LINKS = {"link", "program"}
IN_BRACES = re.compile(r"\{\s*([^{}\s][^{}\n]{0,60}?)\s*\}")
IN_ADDRESS = re.compile(r"%7B(?:\s|%20)*(\w+)(?:\s|%20)*%7D")
IN_EITHER = re.compile(f"{IN_ADDRESS.pattern}|{IN_BRACES.pattern}")
BEGIN = r"\b\w{1,12}://|mailto:|\{\s*(?:link|program)\s*\}(?=[?#/][\w%{])"  # of an address
PLACE = re.compile(rf"(?:{BEGIN})(?:\{{\s*\w+\s*\}}|[^\s<>\"{{])+|{IN_EITHER.pattern}")


def fault_in(text: str) -> str:
    """What is wrong with the first placeholder that there isn't, with its place; empty where all is well."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in IN_BRACES.finditer(line):
            if found[1] not in MEANINGS:
                near = get_close_matches(found[1], MEANINGS, 1)
                hint = (
                    f"Is {{{near[0]}}} meant?" if near else f"There are {', '.join(f'{{{one}}}' for one in MEANINGS)}."
                )
                return f"Line {number}, character {found.start() + 1}: {found[0]} stands for nothing. {hint}"
    return ""


def used(text: str) -> set[str]:
    """The names of what will be replaced in it, in the addresses of links too."""
    return {found[1] for pattern in (IN_BRACES, IN_ADDRESS) for found in pattern.finditer(text)} & MEANINGS.keys()


def fill(text: str, values: Mapping[str, str]) -> str:
    """Each placeholder replaced once, in an address by what may stand there."""
    return filled(text, values, in_addresses(values))


def fill_html(html: str, values: Mapping[str, str], plain: Mapping[str, str]) -> str:
    """`values` are HTML already, those in addresses are made of the `plain` ones."""
    return filled(html, values, {name: escape(value) for name, value in in_addresses(plain).items()})


def in_addresses(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value if name in LINKS else quote(value, safe="") for name, value in values.items()}


def filled(text: str, values: Mapping[str, str], addresses: Mapping[str, str]) -> str:
    """In one pass over places and whole addresses: what is put in is behind it."""

    def put(found: re.Match[str]) -> str:
        if found[2]:
            return value_of(found, values)
        return IN_EITHER.sub(lambda inner: value_of(inner, addresses), found[0])

    return PLACE.sub(put, text)


def value_of(found: re.Match[str], values: Mapping[str, str]) -> str:
    name = found[1] or found[2]
    return values.get(name, "") if name in MEANINGS else found[0]
