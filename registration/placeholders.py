"""Words in braces that stand for what differs from reader to reader. A fixed list: texts of organizers are no
templates, and what is put in is never looked at again. Pure."""

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches

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
IN_ADDRESS = re.compile(r"%7B\s*(\w+)\s*%7D")


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
    """Each placeholder replaced once."""
    return replaced(IN_BRACES, text, lambda name: values.get(name, ""))


def fill_html(html: str, values: Mapping[str, str], addresses: Mapping[str, str]) -> str:
    """`values` are HTML already; in the address of a link a placeholder is an address."""
    return replaced(
        IN_BRACES, replaced(IN_ADDRESS, html, lambda name: addresses.get(name, "")), lambda name: values.get(name, "")
    )


def replaced(pattern: re.Pattern[str], text: str, value: Callable[[str], str]) -> str:
    return pattern.sub(lambda found: value(found[1]) if found[1] in MEANINGS else found[0], text)
