"""Names in one line: parted by commas or semicolons, and in quotes where they hold one of these themselves."""

import re

QUOTED = r'"(?:[^"]|"")+"'


def parts_of(text: str) -> list[str]:
    """A line in its parts, whose quoted texts are whole. Where there are semicolons, commas part nothing."""
    marks = {mark for mark, _ in split(text, ",;")}
    return [part.strip() for _, part in split(text, ";" if ";" in marks else ",")]


def split(text: str, marks: str) -> list[tuple[str, str]]:
    """Each part with the mark before it."""
    return re.findall(rf"(^|[{marks}])\s*((?:{QUOTED})?(?:\({QUOTED}\)|[^{marks}])*)", text)


def quoted(text: str, marks: str = ",;") -> str:
    """In quotes if it would be read as something else without them."""
    return '"{}"'.format(text.replace('"', '""')) if re.search(rf'^"|[{marks}]', text) else text


def unquoted(text: str) -> str:
    return text[1:-1].replace('""', '"') if re.fullmatch(QUOTED, text) else text
