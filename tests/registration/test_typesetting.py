"""Names are set as their scripts want it, measured and drawn."""

import io

import pypdf
import pytest

from registration.typesetting import Sheet


def sheet_for(*texts: str) -> Sheet:
    sheet = Sheet((100, 60), "Sheet", texts)
    sheet.add_page()
    sheet.set_font("NotoSans", "", 20)
    return sheet


def drawn(text: str) -> list[bytes]:
    """The glyphs of each piece that is drawn, two bytes each."""
    sheet = sheet_for(text)
    sheet.write_in((0, 0, 100, 60), text, 20)
    [page] = pypdf.PdfReader(io.BytesIO(sheet.finished())).pages
    operations = page.get_contents().operations
    return [operands[0].original_bytes for operands, operator in operations if operator == b"Tj"]


@pytest.mark.parametrize("sign", ["👩‍🔬", "👨‍👩‍👧", "🏳️‍🌈", "1️⃣", "#️⃣"])
def test_an_emoji_of_several_signs_takes_the_room_of_one(sign: str) -> None:
    sheet = sheet_for(sign, "👩")

    assert sheet.get_string_width(sign) == sheet.get_string_width("👩")


@pytest.mark.parametrize("sign", ["👩‍🔬", "👨‍👩‍👧"])
def test_an_emoji_of_several_signs_is_one_picture(sign: str) -> None:
    assert [len(glyphs) for glyphs in drawn(sign)] == [2]


def test_a_joiner_gives_the_letter_before_its_half_form() -> None:
    sheet = sheet_for("क्‍ष")
    apart = sum(map(sheet.get_string_width, ("क्", "ष")))

    assert sheet.get_string_width("क्‍ष") < apart


@pytest.mark.parametrize("text", ["\u200da", "\ufe0fa", "1\u20e3\u200d2", "王\ufe0f", "👩\u200d王"])
def test_joiners_that_join_nothing_do_no_harm(text: str) -> None:
    assert drawn(text) != []
