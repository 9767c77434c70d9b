"""What a session's title tells: its kind, and people named beside it."""

import re
from collections.abc import Callable

from sessions_app.importers.page.people import Named, is_unknown, people_in

PAUSE = r"(?:coffee|tea|lunch|break|recess|intermission|refreshments?|pause|snacks?|breakfast)"
BREAK = re.compile(
    rf"(?:(?:a|short|long|morning|afternoon|mid-?morning|bio|health|networking|group|stretch)\s+)*{PAUSE}"
    rf"(?=$|\s*[-–—&+,;:(/.!]|\s+(?:{PAUSE}|and|with|for|on|in|at|time|served|provided))",
    re.I,
)
KINDS = [
    ("keynote", re.compile(r"\bkeynote\b|\bplenary\b", re.I)),
    ("panel", re.compile(r"\bpanel\b", re.I)),
    ("lab", re.compile(r"\bhands[- ]on\b|\blab\b|\bexercises?\b|\bhackathon\b|\bpractical session\b", re.I)),
    ("social", re.compile(r"\b(?:reception|banquet|dinner|social (?:event|hour)|happy hour|get[- ]together)\b", re.I)),
]
ENDING = re.compile(
    r"^(?:the\s+)?(?:end|adjourn(?:ed|ment)?|close|finish)(?:\s+of\s+(?:the\s+)?(?:tutorial|workshop|day|session|program)\w*)?\W*$",
    re.I,
)
BY = re.compile(r"^(?P<title>.*?\S),?\s+(?P<tail>(?:(?:presented|given|led|moderated|chaired)\s+)?by\s+\S.*)$", re.I)
BESIDE = re.compile(r"^(?P<title>.*\S)(?:\s+[–—-]\s+|\s*[–—]\s+|\s+\|\s+|\s+/\s+)(?P<tail>\S.*)$")
IN_BRACKETS = re.compile(r"^(?P<title>.*\S)\s*\((?P<tail>[^()]+)\)$")


def kind_of(title: str, *, has_people: bool) -> str:
    """The kind a title names; empty where it names none."""
    if not has_people and len(title.split()) <= 8 and BREAK.match(title):
        return "break"
    return next((kind for kind, words in KINDS if words.search(title)), "")


def is_ending(title: str) -> bool:
    return bool(ENDING.match(title))


def with_people(title: str, is_known: Callable[[str], bool]) -> tuple[str, list[Named], bool]:
    """The title, the people named after it, and whether that they are people is a guess."""
    for form in (BY, BESIDE, IN_BRACKETS):
        found = form.match(title)
        if found and is_unknown(found["tail"]):
            return found["title"], [], False
        if found and (named := people_in(found["tail"])):
            is_sure = form is BY or len(named) > 1 or any(one.affiliation or is_known(one.name) for one in named)
            return found["title"], named, not is_sure
    return title, [], False
