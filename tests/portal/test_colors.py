"""The colors of events and tracks can be told from what is behind them, by day and by night."""

import re
from math import cos, radians, sin
from pathlib import Path

import pytest

from portal.models import Hue

CSS = Path(__file__).resolve().parents[2] / "portal" / "static" / "portal" / "css"
TOKENS = (CSS / "tokens.css").read_text()
OKLCH = r"oklch\(([\d.]+) ([\d.]+) var\(--hue\)\)"
HUES = dict(re.findall(r'data-hue="(\w+)"\] \{ --hue: (\d+); \}', TOKENS))
TRACKS = dict(re.findall(r"\.t-(\w+)\{--track:(\d+)\}", (CSS / "steps.css").read_text()))
PAIRS = {name: pair for name, *pair in re.findall(rf"--([\w-]+): light-dark\({OKLCH}, {OKLCH}\)", TOKENS)}


def luminance(lightness: float, chroma: float, hue: float) -> float:
    """The relative luminance of WCAG 2; from OKLab to linear light as its author gives it."""
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    shown = [min(1.0, max(0.0, part)) for part in (red, green, blue)]
    return 0.2126 * shown[0] + 0.7152 * shown[1] + 0.0722 * shown[2]


def shade(token: str, hue: str, *, is_dark: bool) -> float:
    lightness, chroma = PAIRS[token][2:] if is_dark else PAIRS[token][:2]
    return luminance(float(lightness), float(chroma), float(hue))


def contrast(one: float, other: float) -> float:
    low, high = sorted((one, other))
    return (high + 0.05) / (low + 0.05)


def test_it_reckons_as_browsers_do() -> None:
    assert round(contrast(luminance(1, 0, 0), luminance(0, 0, 0)), 1) == 21.0
    assert round(contrast(luminance(1, 0, 0), luminance(0.627955, 0.257683, 29.2339)), 1) == 4.0  # red


def test_every_color_one_can_choose_is_there() -> None:
    assert set(HUES) == set(TRACKS) == set(Hue.values)
    assert HUES == TRACKS


@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("back", ["paper", "wash", "event-wash"])
@pytest.mark.parametrize("hue", Hue.values)
def test_words_and_marks_in_it_can_be_read_on_every_ground(hue: str, back: str, is_dark: bool) -> None:
    ground = shade(back, HUES[hue], is_dark=is_dark)

    found = [contrast(shade(one, HUES[hue], is_dark=is_dark), ground) for one in ("event", "ink", "ink-soft")]

    assert min(found) >= 4.5


@pytest.mark.parametrize("page", HUES)
@pytest.mark.parametrize("hue", Hue.values)
def test_the_mark_of_a_track_stands_out_on_the_page_of_any_event(hue: str, page: str) -> None:
    lines = re.search(r"--line: light-dark\(oklch\(([\d.]+) ([\d.]+) .*?\), oklch\(([\d.]+) ([\d.]+) ", moments())
    assert lines
    numbers = [float(one) for one in lines.groups()]
    marks = [luminance(*numbers[:2], float(TRACKS[hue])), luminance(*numbers[2:], float(TRACKS[hue]))]

    found = [contrast(marks[dark], shade("paper", HUES[page], is_dark=bool(dark))) for dark in (0, 1)]

    assert min(found) >= 3


def moments() -> str:
    return (CSS / "components" / "moments.css").read_text()
