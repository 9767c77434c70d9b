"""Names that people have, and strings that have broken other programs."""

import json
from pathlib import Path

import pytest

LIST = "shared/data/names-emails/blns.json"
OURS = [
    "Ng",
    "'t Hooft",
    "O'Brien-Smith",
    "X Æ A-12",
    "Null",
    "de la Ó",
    "Björk Guðmundsdóttir",
    "山田太郎",
    "김철수",
    "محمد بن سلمان",
    "क्षत्रिय शर्मा",
    "=1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@Ada",
    "＝1",
    'Robert"); DROP TABLE registration;--',
    "<script>alert(1)</script>",
    "{{ settings.SECRET_KEY }} {event.__class__} %s %(name)s",
    "Ada\r\nBcc: eve@example.org",
    "Wolfeschlegelsteinhausenbergerdorff" * 5,
    "👩‍👩‍👧‍👦 Family",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L",
    "_x0041_da",
    "﷽",
    'a;b,c"d',
]


def others() -> list[str]:
    """The list of naughty strings, which isn't part of the project."""
    found = next((path for parent in Path(__file__).parents if (path := parent / LIST).exists()), None)
    if found is None:
        pytest.skip("The list of naughty strings isn't here.")
    return [str(one) for one in json.loads(found.read_text())]
