"""How fast what is public is served: against a bare view that gives the same bytes and, behind nginx, against files."""

import json
from http.client import HTTPConnection

from bench.figures import Figures
from bench.ground import CONFERENCE, TUTORIAL, Answers, Ground, big_ground, file_of
from bench.load import Rounds, reading

API = f"/api/v1/events/{CONFERENCE}"
PATHS = {
    "schedule JSON": f"{API}/schedule/",
    "frab XML": f"/{CONFERENCE}/schedule.xml",
    "iCalendar": f"/{CONFERENCE}/schedule.ics",
    "schedule page": f"/{CONFERENCE}/schedule/",
}
OF_A_BARE_VIEW = 1.2
OF_NGINX = 0.8
UNCHANGED = 2.0
FLAT = 0.9


def main() -> bool:
    """Whether all figures are reached."""
    figures = Figures()
    with big_ground() as found:
        paths = PATHS | {"session page": first_talk(found.product)}
        answers = {path: answer(found.product, path) for path in paths.values()}
        found.start_bare(answers)
        for name, path in paths.items():
            measure(found, answers, name, path, figures)
            measure_unchanged(found, answers, name, path, figures)
        try:
            front, files = found.start_nginx(answers)
        except RuntimeError as error:
            figures.missing("The comparison with nginx", str(error))
        else:
            for name, path in paths.items():
                measure_proxied(front, files, name, path, figures)
        measure_flatness(found, answers, figures)
    return figures.are_reached


def measure(found: Ground, answers: Answers, name: str, path: str, figures: Figures) -> None:
    rounds = Rounds(reading(found.product, path), reading(found.bare, path))
    size = len(answers[path][1].encode()) / 1000
    said = f"{size:,.0f} kB; {rounds.rate(0):,.0f} a second, the view {rounds.rate(1):,.0f}"
    figures.at_least(OF_A_BARE_VIEW, rounds.share(1), f"x a bare view: {name}", said)


def measure_unchanged(found: Ground, answers: Answers, name: str, path: str, figures: Figures) -> None:
    tag = answers[path][0]["etag"]
    rounds = Rounds(reading(found.product, path, f"If-None-Match: {tag}"), reading(found.bare, path))
    figures.at_least(UNCHANGED, rounds.share(1), f"x a bare view: 304 of {name}", f"{rounds.rate(0):,.0f} a second")


def measure_proxied(front: int, files: int, name: str, path: str, figures: Figures) -> None:
    """As docs/nginx.conf has it, against the same nginx with files."""
    rounds = Rounds(reading(front, path), reading(files, file_of(path)))
    said = f"{rounds.rate(0):,.0f} a second, files {rounds.rate(1):,.0f}"
    figures.at_least(OF_NGINX, rounds.share(1), f"x nginx: {name}, by nginx before us", said)


def measure_flatness(found: Ground, answers: Answers, figures: Figures) -> None:
    """Without their bodies, answers cost the same whatever the size of the program."""
    small, big = f"/api/v1/events/{TUTORIAL}/schedule/", f"{API}/schedule/"
    tag = answer(found.product, small)[0]["etag"]
    rounds = Rounds(
        reading(found.product, big, f"If-None-Match: {answers[big][0]['etag']}"),
        reading(found.product, small, f"If-None-Match: {tag}"),
    )
    figures.at_least(FLAT, rounds.share(1), "x the small program: 304 of 900 sessions")


def first_talk(port: int) -> str:
    sessions = json.loads(answer(port, PATHS["schedule JSON"])[1])["sessions"]
    return next(f"/{CONFERENCE}/sessions/{one['slug']}/" for one in sessions if one["kind"] == "talk")


def answer(port: int, path: str) -> tuple[dict[str, str], str]:
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read().decode()
    if response.status != 200:
        raise RuntimeError(f"{path} answers {response.status}: {body[:500]}")
    of_the_server = {"date", "server", "transfer-encoding", "connection"}
    headers = {name.lower(): value for name, value in response.getheaders()}
    return {name: value for name, value in headers.items() if name not in of_the_server}, body
