"""Names in a line: "A, B and C", "A (X), B (Y)", "A, University of X; B"."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from portal.text import clean_line
from portal.text import slug as make_slug
from sessions_app.importers.page.lines import LONGEST, Line
from sessions_app.importers.page.notes import Notes
from sessions_app.importers.page.words import words
from sessions_app.program import Person

ROLES = {"moderator": "moderator", "moderated": "moderator", "panelist": "panelist", "panellist": "panelist"}
LABEL = re.compile(
    r"(?P<label>(?:(?:invited|keynote|guest)\s+)?(?:speaker|presenter|lecturer|instructor|tutor|lead)s?|presented|led|given"
    r"|moderators?|moderated|panell?ists?|(?:session )?chairs?|chaired)(?:\(s\))?\s*(?:\bby\b\s*:?|:|–|—)\s*|by\s+",
    re.I,
)
WIDE = str.maketrans("（）、，；", "(),,;")
PARTS = re.compile(r"\s*;\s*|\s*,\s*(?:and|&)\s+|\s+(?:and|&)\s+|\s*,(?!\s*(?:Jr|Sr|Ph\.?D|MD|II|III)\b)\s*")
BRACKETS = re.compile(r"\s*[(\[](?P<inside>[^()\[\]]*)[)\]]\s*$")
DASHED = re.compile(r"^(?P<name>[^–—]+?)\s*(?:\s[–—-]\s|[–—]\s)\s*(?P<affiliation>.+)$")
MAIL = re.compile(r"\s*[<(\[]?[^\s<>()\[\]@,;]+@[^\s<>()\[\]@,;]+[>)\]]?")
UNKNOWN = re.compile(
    r"\(?(?:speakers?:?\s*)?(?:t\.?b\.?[acd]\.?|to be (?:announced|confirmed|determined|decided))\)?", re.I
)
PARTICLES = words(
    """van der den de la le du di da dos das do del della von zu zum ten ter al el bin bint ibn ben y e i af av"""
)
HONORIFICS = re.compile(r"(?:(?:Prof|Dr|Mr|Mrs|Ms|Professor)\b\.?\s*)+")
ORGANIZATION = re.compile(
    r"\b(?:univ|universit\w*|institut\w*|college|school|academy|labs?|laborator\w+|research|inc|corp|corporation|ltd|llc|gmbh|"
    r"tech|technolog\w+|polytechnic\w*|group|center|centre|company|foundation|department|dept|faculty|microsoft|google|"
    r"nvidia|intel|meta|amazon|apple|berkeley|mellon|labs|hochschule|école|ecole|politecnico|academia|systems|"
    r"networks|computing|of)\b",
    re.I,
)
NOT_NAMES = words(
    """introduction overview motivation background summary conclusion conclusions closing opening welcome remarks
    discussion questions answers break lunch dinner coffee demo demos demonstration lab hands-on exercise
    exercises tutorial workshop session sessions part parts slides video code github material materials room
    hall building floor location schedule program agenda training learning systems models model optimization
    optimizations memory inference applications architecture networks compiler compilers performance analysis
    design advanced basics basic deep large language data distributed parallel parallelism hardware software
    future directions outlook setup installation getting started end adjourn registration keynote panel
    reception poster posters morning afternoon evening tentative day tools tool framework frameworks theory
    practice case study studies evaluation results algorithms methods topics methodology benchmarks
    benchmarking"""
)


@dataclass(frozen=True)
class Named:
    """A person as one line names them."""

    name: str
    affiliation: str = ""
    url: str = ""
    role: str = ""
    has_mail: bool = False


def is_unknown(text: str) -> bool:
    """ "TBA" and its like: somebody, but nobody knows who."""
    return bool(UNKNOWN.fullmatch(text.strip()))


def labelled(text: str) -> tuple[str, str] | None:
    """The role and the rest of a line that says itself that people follow: "Speaker: …", "Moderated by …"."""
    found = LABEL.match(text)
    if not found or not text[found.end() :].strip():
        return None
    label = (found["label"] or "").lower().removesuffix("s")
    return ROLES.get(label, "chair" if "chair" in label else ""), text[found.end() :].strip()


def people_in(text: str, *, is_certain: bool = False) -> list[Named]:
    """The people a line names; empty where it doesn't look like names. `is_certain`: the line says they are names."""
    text = text.translate(WIDE)
    label = labelled(text)
    role, names = label or ("", text)
    if not names or len(names) > LONGEST:
        return []
    named = [replace(one, role=role) for one in gathered(names)]
    is_sure = is_certain or bool(label and not text.lower().startswith("by "))
    return named if named and all((is_sure and one.name) or looks_like_name(one.name) for one in named) else []


def gathered(text: str) -> list[Named]:
    """Names and, after a comma, in brackets or after a dash, their affiliations."""
    found: list[Named] = []
    for part in parts_of(text):
        if found and not found[-1].affiliation and is_organization(part):
            found[-1] = replace(found[-1], affiliation=part)
        else:
            found.append(named_in(part))
    return [one for one in found if one.name]


def parts_of(text: str) -> Iterator[str]:
    """Pieces between commas, semicolons and "and", but never inside brackets."""
    start = 0
    shielded = re.sub(r"[(\[][^()\[\]]*[)\]]", lambda found: "\x00" * len(found[0]), text)
    for mark in PARTS.finditer(shielded):
        if shielded[start : mark.start()].strip():
            yield text[start : mark.start()].strip()
        start = mark.end()
    if text[start:].strip():
        yield text[start:].strip()


def named_in(part: str) -> Named:
    mail = MAIL.search(part)
    part = (part[: mail.start()] + part[mail.end() :]).strip() if mail else part
    affiliation = url = ""
    while found := BRACKETS.search(part):
        inside = found["inside"].strip()
        url, affiliation = (inside, affiliation) if inside.startswith("http") else (url, inside)
        part = part[: found.start()]
    if not affiliation and (dashed := DASHED.match(part)) and looks_like_name(dashed["name"]):
        part, affiliation = dashed["name"], dashed["affiliation"]
    return Named(without_stop(clean_line(part)), affiliation, url, has_mail=bool(mail))


def without_stop(name: str) -> str:
    """The name without a sentence's end; "Jr." and initials keep their dot."""
    return name[:-1] if re.search(r"\w{4}[.:]$", name) else name


def is_organization(part: str) -> bool:
    parts = part.split()
    is_acronym = bool(re.fullmatch(r"[A-Z][A-Z&.\d]+", parts[0]))
    return is_acronym or bool(ORGANIZATION.search(part)) or (len(parts) == 1 and parts[0].isalpha() and part.isascii())


def looks_like_name(text: str) -> bool:
    parts = HONORIFICS.sub("", text).replace(",", "").split()
    if not 1 <= len(parts) <= 6 or any(mark in text for mark in ':;/?!+@#=<>{}[]()"“”') or re.search(r"\d", text):
        return False
    if any(word.lower().strip(".") in NOT_NAMES for word in parts) or not all(map(is_name_word, parts)):
        return False
    return len(parts) > 1 or is_uncased(parts[0]) or bool(HONORIFICS.match(text))


def is_name_word(word: str) -> bool:
    return word in PARTICLES or word[0].isupper() or is_uncased(word) or bool(re.match(r"(?:d|al|el|o|l)['’-]\w", word))


def is_uncased(word: str) -> bool:
    """Of a script without capitals, as Chinese or Arabic."""
    return any(unicodedata.category(letter) == "Lo" for letter in word)


def name_key(text: str) -> str:
    """What makes two spellings the same name or title: case, width, dashes, quotes and spaces don't count."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = re.sub(r"[‐‑‒–—−]", "-", plain)
    return re.sub(r"[‘’´`]", "'", re.sub(r"[“”„]", '"', " ".join(plain.split())))


class People:
    """Everybody a page names, each once."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.known: dict[str, Person] = {}
        self.slugs: dict[str, list[str]] = defaultdict(list)
        self.biographies: dict[str, list[str]] = defaultdict(list)
        self.lines: dict[str, int] = {}

    def add(self, named: Named, line: Line) -> str:
        """The slug of the person of this name, who is new if the affiliation says so."""
        if named.has_mail:
            self.notes.remark(line, "Mail addresses are not imported; add them to the speaker in the admin.")
        namesakes = self.slugs[name_key(named.name)]
        for slug in namesakes:
            person = self.known[slug]
            if self.may_be(person, named):
                affiliation, url = person.affiliation or named.affiliation, person.url or named.url
                self.known[slug] = replace(person, affiliation=affiliation, url=url)
                return slug
        slug = make_slug(named.name, taken=set(self.known), fallback="speaker")
        self.known[slug] = Person("", slug, named.name, named.affiliation, url=named.url)
        self.lines[slug] = line.number
        self.notes.limit(len(self.known), line, "people")
        namesakes.append(slug)
        return slug

    @staticmethod
    def may_be(person: Person, named: Named) -> bool:
        both = person.affiliation and named.affiliation
        return not both or name_key(person.affiliation) == name_key(named.affiliation)

    def slug_of(self, name: str) -> str:
        """Empty where nobody of this name is known yet."""
        return next(iter(self.slugs.get(name_key(name), [])), "")

    def all(self) -> tuple[Person, ...]:
        texts = self.biographies
        return tuple(replace(one, biography="\n".join(texts[one.slug])) for one in self.known.values())
