import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import text


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("*Hello*, **you**", "<p><em>Hello</em>, <strong>you</strong></p>\n"),
        ("# Big", "<h3>Big</h3>\n"),
        (
            "See https://example.org/a.",
            '<p>See <a href="https://example.org/a" rel="nofollow noopener">https://example.org/a</a>.</p>\n',
        ),
        (
            "Site (https://example.org) is",
            '<p>Site (<a href="https://example.org" rel="nofollow noopener">https://example.org</a>) is</p>\n',
        ),
        ("[site](https://a.org)", '<p><a href="https://a.org" rel="nofollow noopener">site</a></p>\n'),
        ("<https://a.org>", '<p><a href="https://a.org" rel="nofollow noopener">https://a.org</a></p>\n'),
    ],
)
def test_markdown_becomes_html(source: str, html: str) -> None:
    assert text.markdown(source) == html


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        '<img src=x onerror="alert(1)">',
        "![x](https://tracker.example/p.png)",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        '<a href="x" onclick="alert(1)">x</a>',
        '<p style="position:fixed">x</p>',
    ],
)
def test_markdown_lets_nothing_run(hostile: str) -> None:
    html = text.markdown(hostile).lower()

    assert not any(f"<{tag}" in html for tag in ("script", "img", "style"))
    assert not any(f'"{start}' in html for start in ("javascript:", "data:"))
    assert "<a href" not in html or "onclick" not in html.split("<a href")[1].split(">")[0]
    assert "<p style" not in html


def test_deep_nesting_is_bounded() -> None:
    assert len(text.markdown(">" * 10_000 + "x")) < 100_000


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("### Your sessions\n\nAll", "Your sessions\n\nAll"),
        ("the **whole** lab, __really__", "the whole lab, really"),
        ("[Sign up]({link}) now", "Sign up: {link} now"),
        ("- one\n- two\n\n2 * 3 ** 4 #5", "- one\n- two\n\n2 * 3 ** 4 #5"),
        ("snake__case and {name}", "snake__case and {name}"),
    ],
)
def test_marks_that_say_nothing_in_plain_text_are_taken_out(source: str, words: str) -> None:
    assert text.unmarked(source) == words


def test_an_excerpt_is_plain_and_ends_at_a_word() -> None:
    assert text.excerpt("**One** two & three four", 14) == "One two & …"
    assert text.excerpt("Bring:\n\n- a laptop\n- patience") == "Bring: • a laptop • patience"


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Ray + DeepSpeed for LLM Training", "ray-deepspeed-for-llm-training"),
        ("日本語", "item"),
        ("Überblick", "uberblick"),
    ],
)
def test_slugs_are_plain_ascii(title: str, slug: str) -> None:
    assert text.slug(title) == slug


def test_a_taken_slug_gets_a_number() -> None:
    assert text.slug("Break", taken={"break", "break-2"}) == "break-3"


def test_a_line_loses_control_characters_and_double_spaces() -> None:
    assert text.clean_line(" Ada\x00\r\n  Love\tlace ") == "Ada Love lace"


def test_addresses_that_differ_in_case_are_one_person() -> None:
    assert text.address_key(" Ada@Example.ORG ") == text.address_key("ada@example.org")


def test_a_text_loses_control_characters_and_keeps_its_lines() -> None:
    assert text.clean_text("One\x00\r\n  two\rthree\n") == "One\n  two\nthree\n"


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t1", "\r1", "＝1"])
def test_a_text_that_begins_like_a_formula_is_marked_as_text(formula: str) -> None:
    assert (text.cell_text(formula), text.cell_text(f"is {formula}")) == (f"'{formula}", f"is {formula}")


@pytest.mark.parametrize(("given", "marked"), [("a;=1", "a;'=1"), ("a\t@1\n-1", "a\t'@1\n'-1"), ("'=1;b", "''=1;b")])
def test_what_begins_like_a_formula_where_other_programs_part_cells_is_marked(given: str, marked: str) -> None:
    assert text.cell_text(given) == marked


def test_in_markdown_a_line_may_begin_a_list() -> None:
    assert text.cell_text("a\n- b\n- c;=1", text.IN_MARKDOWN) == "a\n- b\n- c;'=1"


@pytest.mark.parametrize("where", [text.IN_TEXT, text.IN_MARKDOWN])
@given(given=st.text("a'=-;\t\r\n"))
def test_without_its_marks_a_cell_is_the_text_again(where: str, given: str) -> None:
    assert text.text_of_cell(text.cell_text(given, where), where) == given


@pytest.mark.parametrize(
    ("said", "folded"), [("Ada", "ada"), ("Zoë Łuczak", "zoe luczak"), ("Straße", "strasse"), ("ﬁne Ⅳ", "fine iv")]
)
def test_texts_are_searched_without_case_and_accents(said: str, folded: str) -> None:
    assert text.folded(said) == folded
