import io

import pypdf
import pytest

from registration import badges, tickets
from registration.typesetting import missing
from tests.factories import make_event, make_registration, make_ticket_type
from tests.registration.test_papers import codes_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def make_people(count: int):
    event = make_event(title="Large models")
    make_ticket_type(event, None)
    return [make_registration(event, name=f"Person {number}") for number in range(count)]


def pages(pdf: bytes) -> list[tuple[float, float]]:
    return [(float(one.mediabox.width), float(one.mediabox.height)) for one in pypdf.PdfReader(io.BytesIO(pdf)).pages]


@pytest.mark.parametrize(
    ("size", "page", "count"),
    [
        ("a6-a4", (595, 842), 3),
        ("a6", (298, 420), 11),
        ("90x54-a4", (595, 842), 2),
        ("4x3in-letter", (612, 792), 2),
        ("cr80", (243, 153), 11),
    ],
)
def test_a_sheet_has_as_many_as_fit(size: str, page: tuple[int, int], count: int) -> None:
    pdf = badges.paper(make_people(11), badges.SIZES[size])

    assert [(round(width), round(height)) for width, height in pages(pdf)] == [page] * count
    assert [name for name in (f"Person {n}" for n in range(11)) if name in text_of(pdf)] == [
        f"Person {n}" for n in range(11)
    ]


@pytest.mark.parametrize("size", badges.SIZES)
def test_no_badge_reaches_over_the_edge_of_its_page(size: str) -> None:
    found = badges.SIZES[size]

    assert found.left + found.columns * found.width <= found.page[0] + 0.01
    assert found.top + found.rows * found.height <= found.page[1] + 0.01


@pytest.mark.parametrize("size", badges.SIZES)
def test_the_code_on_a_badge_can_be_read(size: str) -> None:
    [person] = make_people(1)

    assert codes_in(badges.paper([person], badges.SIZES[size])) == [tickets.code_of(person)]
    assert codes_in(badges.paper([person], badges.SIZES[size], has_code=False)) == []


def test_a_line_after_one_of_another_script_has_letters_again() -> None:
    person = make_registration(make_event(), name="王小明 مرحبا Žižek Ødegård-Нгуен")

    assert "Ødegård-Нгуен" in text_of(badges.paper([person], badges.SIZES["a6-a4"]))


def test_an_emoji_stands_beside_letters_of_any_script() -> None:
    person = make_registration(make_event(), name="Bob 🚀 王小明")

    assert "Bob 🚀 王小明" in text_of(badges.paper([person], badges.SIZES["a6-a4"]))


def test_nobody_to_print_is_an_empty_page() -> None:
    assert len(pages(badges.paper([], badges.SIZES["a6"]))) == 1


def test_it_says_whose_name_has_letters_that_no_font_has() -> None:
    one, other = make_people(2)
    one.name = "𓀀 Ptah"

    assert badges.incomplete([one, other]) == {"𓀀 Ptah": "𓀀"}


@pytest.mark.parametrize(
    "text",
    [
        "Żółć",
        "Παπα",
        "Анна",
        "עברית",
        "ไทย",
        "தமிழ்",
        "ქართული",
        "አማርኛ",
        "বাংলা",
        "ខ្មែរ",
        "မြန်မာ",
        "繁體中文",
        "日本語かな",
        "한글",
        "العربية",
        "🚀 ❤️ 🇩🇪 👍🏽 👩‍🔬",
    ],
)
def test_the_fonts_have_the_letters_of_many_scripts(text: str) -> None:
    assert missing(text) == ""
