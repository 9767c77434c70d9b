import pytest

from sessions_app.importers.page.spans import Clock, Length, NoSuchTime, clock_in, length_in


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("Talk (45 minutes)", Length(45, "Talk")),
        ("Talk (45 min)", Length(45, "Talk")),
        ("Talk [45 mins]", Length(45, "Talk")),
        ("Talk (1.5 hours)", Length(90, "Talk")),
        ("Talk (1,5 hours)", Length(90, "Talk")),
        ("Talk (1 h 30)", Length(90, "Talk")),
        ("Talk (1h30)", Length(90, "Talk")),
        ("Talk (1½ hours)", Length(90, "Talk")),
        ("Talk (an hour)", Length(60, "Talk")),
        ("Talk – 45 min", Length(45, "Talk")),
        ("Talk - 90'", Length(90, "Talk")),
        ("Talk, 2 hours and 15 minutes", Length(135, "Talk")),
        ("Talk: approx. 20 minutes", Length(20, "Talk")),
        ("Talk 45 minutes", Length(45, "Talk")),
        ("[15 min] Talk", Length(15, "Talk")),
        ("15 min: Talk", Length(15, "Talk")),
        ("Talk (45 min, Ada Lovelace)", Length(45, "Talk", more="Ada Lovelace")),
        ("Talk (45 min) – Ada Lovelace", Length(45, "Talk", after="Ada Lovelace")),
        ("Duration: half an hour", Length(30, "")),
        ("Talk (10,000 minutes)", Length(10_000, "Talk")),
    ],
)
def test_a_length_is_read_however_it_is_written(text: str, length: Length) -> None:
    assert length_in(text) == length


@pytest.mark.parametrize(
    "text",
    [
        "All of it in 45 minutes",
        "Tuning BERT (340M)",
        "Training at 100M",
        "Talk (30–45 minutes)",
        "Talk (-5 minutes)",
        "Talk (2 × 45 min)",
        "The H100 (and B200)",
        "",
    ],
)
def test_what_only_looks_like_a_length_is_none(text: str) -> None:
    assert length_in(text) is None


@pytest.mark.parametrize(
    ("text", "begin", "end", "rest"),
    [
        ("9:00–9:45 Talk", 540, 585, "Talk"),
        ("09:00 - 09:45: Talk: more", 540, 585, "Talk: more"),
        ("9.00–9.45 Talk", 540, 585, "Talk"),
        ("9:00 AM Talk", 540, None, "Talk"),
        ("9 a.m. Talk", 540, None, "Talk"),
        ("1:30 pm", 810, None, ""),
        ("12 pm - 1 pm Lunch", 720, 780, "Lunch"),
        ("9-10 am Talk", 540, 600, "Talk"),
        ("11:30-12:30 pm Talk", 690, 750, "Talk"),
        ("Talk (9:00–9:45)", 540, 585, "Talk"),
        ("Talk, 9:00 to 9:45", 540, 585, "Talk"),
        ("9h30 Talk", 570, None, "Talk"),
        ("23:00-24:00 Talk", 1380, 1440, "Talk"),
        ("12:15 AM Talk", 15, None, "Talk"),
    ],
)
def test_a_clock_time_is_read_however_it_is_written(text: str, begin: int, end: int | None, rest: str) -> None:
    found = clock_in(text)

    assert found
    assert (found[0].begin, found[0].end, found[1]) == (begin, end, rest)


@pytest.mark.parametrize("text", ["Talk", "16:9 screens", "24/7 operations", "9-10 things", "1h30: Talk", "2026-02-17"])
def test_what_only_looks_like_a_clock_time_is_none(text: str) -> None:
    assert clock_in(text) is None


@pytest.mark.parametrize("text", ["25:00 Talk", "9:75 Talk", "13:00 pm Talk", "0:30 am Talk", "24:01 Talk"])
def test_a_clock_time_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(NoSuchTime):
        clock_in(text)


def test_a_time_without_am_pm_or_a_zero_may_be_meant_after_noon() -> None:
    assert clock_in("1:30 Talk") == (Clock(90, None, is_plain=True), "Talk")
    assert clock_in("01:30 Talk") == (Clock(90, None, is_plain=False), "Talk")
