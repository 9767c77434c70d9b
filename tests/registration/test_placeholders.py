import pytest

from registration.placeholders import fault_in, fill, fill_html, used


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Hello {name}, see {link}", ""),
        ("A set is written {1, 2}? No.", "Line 1, character 18: {1, 2} stands for nothing. There are {name}, "),
        ("Hello\n  dear {nmae},", "Line 2, character 8: {nmae} stands for nothing. Is {name} meant?"),
        ("{event.__class__}", "Line 1, character 1: {event.__class__} stands for nothing. There are"),
        ("{{ settings.SECRET_KEY }}", "Line 1, character 2: { settings.SECRET_KEY } stands for nothing. There are"),
        ("{}", ""),
        ("{\n}", ""),
    ],
)
def test_what_stands_for_nothing_is_named_with_its_place(text, fault):
    found = fault_in(text)

    assert found[: len(fault)] == fault
    assert bool(found) == bool(fault)


def test_what_is_put_in_is_not_looked_at_again():
    assert fill("Hello {name}, {event}", {"name": "{event}", "event": "{name}"}) == "Hello {event}, {name}"


def test_used_are_those_that_are_replaced_however_they_are_written():
    text = "{ name } and {event}, %7Blink%7D, not {else}, session or {session"

    assert used(text) == {"name", "event", "link"}


def test_in_html_a_placeholder_may_be_the_address_of_a_link():
    html = '<a href="%7Blink%7D">here</a> {link}'

    found = fill_html(html, {"link": "<b>shown</b>"}, {"link": "https://portal.example/my/1/"})

    assert found == '<a href="https://portal.example/my/1/">here</a> <b>shown</b>'


@pytest.mark.parametrize(
    ("html", "found"),
    [
        (
            '<a href="https://rooms.example/%7Bsession%7D">R</a>',
            '<a href="https://rooms.example/%22%3E%7Blink%7D">R</a>',
        ),
        ('<a href="https://rooms.example/%7B%20session%20%7D">', '<a href="https://rooms.example/%22%3E%7Blink%7D">'),
        ('<a href="%7Bsession%7D">R</a>', '<a href="%22%3E%7Blink%7D">R</a>'),
        (
            '<a href="mailto:o@x.example?s=%7Bsession%7D">',
            '<a href="mailto:o@x.example?s=%22%3E%7Blink%7D">',
        ),
        ('<a href="%7Blink%7D#%7Bsession%7D">', '<a href="https://portal.example/my/1/#%22%3E%7Blink%7D">'),
        (">https://rooms.example/{session}</a>", ">https://rooms.example/%22%3E%7Blink%7D</a>"),
        ("{link}? {session}: https://x.example/{no}", "<b>shown</b>? &quot;&gt;{link}: https://x.example/{no}"),
    ],
)
def test_what_is_put_into_an_address_stays_within_it_and_is_not_looked_at_again(html, found):
    plain = {"session": '">{link}', "link": "https://portal.example/my/1/"}

    assert fill_html(html, {"session": "&quot;&gt;{link}", "link": "<b>shown</b>"}, plain) == found


def test_in_text_it_stays_within_an_address_too():
    text = "{session}: https://rooms.example/{session}, %7Bsession%7D, {link}?at={session}"

    found = fill(text, {"session": "A talk {link}", "link": "https://portal.example/my/1/"})

    assert found == (
        "A talk {link}: https://rooms.example/A%20talk%20%7Blink%7D, A%20talk%20%7Blink%7D, "
        "https://portal.example/my/1/?at=A%20talk%20%7Blink%7D"
    )
