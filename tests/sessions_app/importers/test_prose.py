import pytest

from sessions_app.importers.prose import prose


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain\r\n\r\n\r\n\r\ntext \x06", "plain\n\ntext"),
        ("a < b and c > d", "a < b and c > d"),
        ("<p>Hello <b>you</b> &amp; <em>me</em></p>\n\n<p>Bye</p>", "Hello **you** & *me*\n\nBye"),
        ("<ul>\n<li>one</li>\n<li>two</li></ul>", "- one\n- two"),
        ("one<br>two", "one  \ntwo"),
        ('<a href="https://example.org/a">there</a>', "[there](https://example.org/a)"),
        ('<a href="javascript:alert(1)">there</a>', "there"),
        ("<p>safe</p><script>alert(1)</script>", "safe"),
        ("<h1>Top</h1><p>text", "### Top\n\ntext"),
    ],
)
def test_html_becomes_markdown_and_other_text_stays(text: str, expected: str) -> None:
    assert prose(text) == expected


def test_long_runs_take_no_long_time() -> None:
    for piece in ("<p>", " ", "\n", "<", "<a href=", "&", "<!--"):
        prose("<p>" + piece * 15_000)
