"""The headings a page is parted by, whatever their order and wording."""

import re
from dataclasses import dataclass

from sessions_app.importers.page.lines import Line
from sessions_app.importers.page.words import words

CORES = {
    "organizers": "organizers organisers organizer organiser organization organisation organizing organising",
    "overview": "overview abstract about summary description scope goals objectives",
    "schedule": "schedule program programme agenda timetable outline syllabus content contents structure plan",
    "audience": "audience attendees participants",
    "prerequisites": "prerequisite prerequisites requirements preparation",
    "additional": "additional further other more miscellaneous notes",
    "speakers": "speakers speaker presenters presenter instructors instructor lecturers lecturer tutors bios",
}
SECTION_OF = {word: section for section, cores in CORES.items() for word in cores.split()}
ORDINARY = words(
    """a an and & the this our of for in to at on is tutorial workshop conference course event lecture session
    sessions day half-day full-day half full tentative preliminary final draft proposed provisional detailed
    target intended expected required committee information info invited keynote topics learning technical
    list main background knowledge team us you who should attend needed assumed biographical details who's"""
)
PLACES = {"venue": "venue", "location": "venue", "where": "venue", "place": "venue"}
DATES = {"date": "date", "dates": "date", "when": "date", "time": "date", "day": "date"}
LABELS = PLACES | DATES
LABELS |= {"date and time": "date", "date & time": "date", "date/time": "date", "date and location": "date"}
LABELS |= {"date and venue": "date", "time and place": "date", "time and location": "date", "when and where": "date"}
LABELS |= {"when & where": "date", "time zone": "timezone", "timezone": "timezone"}
LABELS |= {"title": "title", "subtitle": "subtitle", "host": "host", "host event": "host", "conference": "host"}
LABELS |= {"co-located with": "host", "colocated with": "host", "in conjunction with": "host", "held at": "host"}
WHOLE = {
    "for whom": "audience",
    "who should attend": "audience",
    "what you need": "prerequisites",
    "before you come": "prerequisites",
    "introduction": "overview",
    "motivation": "overview",
    "course outline": "schedule",
    "topics": "schedule",
    "lectures": "schedule",
    "topics covered": "schedule",
    "program committee": "other",
    "programme committee": "other",
}
OTHERS = words(
    """acknowledgements acknowledgments acknowledgement bibliography citation contact contacts download downloads faq
    funding important dates links logistics materials news publications reading recordings references
    registration related work resources slides sponsors software support travel updates code of conduct hands-
    on call for papers submission accessibility questions"""
)
ONE_LINE = {"title", "subtitle", "host", "timezone"}
TITLES_IN_A_PROGRAM = words(
    """introduction motivation summary discussion questions background outlook keynote speaker presenter instructor
    lecturer day time session sessions slides code hands-on conclusion notes recordings"""
)
LABELS_IN_A_PROGRAM = words(
    """abstract description summary overview speaker speakers presenter presenters instructor instructors lecturer
    lecturers tutor tutors content contents goals topics time outline introduction motivation notes title
    subtitle plan"""
)
FRAME = re.compile(r"^#{1,6}\s+|^[*_=~]{1,3}\s*(?=\w)|\s*[*_=~]{1,3}$|\s+#+$|\s*[:.]$")
NUMBERED = re.compile(r"^(?:\d{1,2}[.)]|[IVX]{1,4}[.)])\s+")


@dataclass(frozen=True)
class Heading:
    """`rest` is what stands on the same line after "Venue:" and its like, or in brackets after the heading."""

    section: str
    title: str
    rest: str = ""
    names: frozenset[str] = frozenset()


def heading_in(line: Line, section: str) -> Heading | None:
    """The heading this line is, read from inside `section`."""
    if not line.is_short or line.is_bulleted:
        return None
    is_marked = bool(re.match(r"#{1,6}\s|\*\*|__|==", line.text))
    title = unframed(line.text)
    found = named(title) or named(NUMBERED.sub("", title)) or labelled(line.text) or with_brackets(title)
    own = LABELS_IN_A_PROGRAM if found and found.rest else TITLES_IN_A_PROGRAM
    if found and section == "schedule" and not is_marked and found.title.lower() in own:
        return None
    if found:
        return found
    is_own = line.text.startswith("#") and section != "schedule"
    return Heading("additional", title) if is_own and title else None


def unframed(text: str) -> str:
    """The heading without what marks it as one: #, **, a colon."""
    before = ""
    while before != text:
        before, text = text, FRAME.sub("", text).strip()
    return text


def named(title: str) -> Heading | None:
    plain = " ".join(title.lower().split())
    if plain in WHOLE or plain in LABELS:
        return Heading(WHOLE.get(plain) or LABELS[plain], title)
    parts = [word.strip(",:()") for word in re.split(r"[\s/]+", plain)]
    if len(parts) > 9:
        return None
    if all(word in OTHERS for word in parts):
        return Heading("other", title)
    cores = [SECTION_OF[word] for word in parts if word in SECTION_OF]
    if not cores or not all(word in ORDINARY or word in SECTION_OF or not word for word in parts):
        return None
    return Heading(preferred(cores), title, names=frozenset(cores))


def preferred(cores: list[str]) -> str:
    """Of several words the one that names the section: "About the organizers" is about organizers."""
    strong = [core for core in cores if core not in {"overview", "additional"}]
    if "schedule" in strong:
        return "schedule"
    return strong[0] if strong else cores[0]


def labelled(text: str) -> Heading | None:
    """A heading with its content on the same line: "Venue: Room 3"."""
    label, colon, rest = text.strip("*_ ").partition(":")
    if not colon or not rest.strip() or len(label) > 40 or not label[:1].isupper():
        return None
    heading = named(unframed(label))
    if heading is None or heading.section == "other":
        return None
    return Heading(heading.section, heading.title, rest.strip(" *_"), heading.names)


def with_brackets(title: str) -> Heading | None:
    """A heading with a date or a remark after it: "Schedule (March 22, 2026)", "Program – March 22"."""
    found = re.match(
        r"(?P<name>[^()\[\]–—]{3,60}?)\s*(?:[(\[](?P<inside>[^()\[\]]+)[)\]]|\s[–—-]\s(?P<after>.+)|[–—]\s(?P<last>.+))$",
        title,
    )
    heading = named(found["name"].strip()) if found else None
    if not found or heading is None or heading.section != "schedule":
        return None
    rest = found["inside"] or found["after"] or found["last"]
    is_ordinary = all(word in ORDINARY for word in rest.lower().split())
    return Heading(heading.section, heading.title, "" if is_ordinary else rest)
