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


FENCED = """Types first:

```python
if x < 1:
    y = "<p>"


    z = List<T>
```

~~~
<b>one</b>
~~~"""


@pytest.mark.parametrize(
    "text",
    [
        f"The `<div>` element and `List<String>`.\n\n{FENCED}",
        FENCED,
        FENCED.removesuffix("\n~~~"),
        "``a ` <br> b`` and `<p>\nx</p>`",
        "std::vector<int> and a<b>c, Map<String, List<T>>",
        "The <div> element",
        "    indented <T>",
    ],
)
def test_code_is_no_html(text: str) -> None:
    assert prose(text) == text.strip()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>A <b>vector</b><int> of `List<b>`</p>", "A **vector**<int> of `List<b>`"),
        (f"<p>So:</p>\n{FENCED}\n<p>Bye</p>", f"So:\n\n{FENCED}\n\nBye"),
        ("<p>It`s</p><p>don`t</p>", "It`s\n\ndon`t"),
        ("<p>one `two</p>\n\n<p>three` four</p>", "one `two\n\nthree` four"),
        ("<p>safe</p><script>`alert`</script>", "safe"),
    ],
)
def test_code_inside_html_stays_as_it_is(text: str, expected: str) -> None:
    assert prose(text) == expected


def test_long_runs_take_no_long_time() -> None:
    for piece in (
        "<p>",
        " ",
        "\n",
        "<",
        "<a href=",
        "&",
        "<!--",
        "`",
        " `a",
        "``` ",
        "\n```",
        "\n~~~a\n",
        " `` `",
        "\n \n",
    ):
        prose("</p>" + piece * 15_000)
