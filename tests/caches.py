"""A cache between the portal and all its readers, as a company, a provider or a CDN runs one."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from tests.portal.fronts import Answer

KEPT_UNTOLD = {200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501}  # RFC 9110, 15.1

type Ask = Callable[..., Answer]


@dataclass
class Kept:
    """An answer, and what the request said in the headers that it varies by."""

    answer: Answer
    varied: dict[str, str]


class SharedCache:
    """Does all that RFC 9111 lets it, by a clock that stands still: it keeps whatever it isn't told not to, and what it
    is told to keep for a second it keeps all the time. One that `is_cdn` obeys CDN-Cache-Control (RFC 9213) first; one
    that `sorts` takes the parts of a query in any order for the same."""

    def __init__(self, ask: Ask, *, is_cdn: bool, sorts: bool) -> None:
        self.ask, self.is_cdn, self.sorts = ask, is_cdn, sorts
        self.kept: dict[str, list[Kept]] = {}
        self.hits = 0

    def get(self, path: str, **environ: str) -> Answer:
        there = self.kept.setdefault(self.key_of(path), [])
        known = next((one for one in there if one.varied == varied_in(one.answer, environ)), None)
        if known is None:
            return self.fetch(path, **environ)
        if self.is_fresh(known.answer):
            self.hits += 1
            return known.answer
        answer = self.ask(path, **environ | conditions(known.answer))
        if answer.status == 304:
            self.hits += 1
            return known.answer
        there.remove(known)
        return self.keep(path, answer, environ)

    def fetch(self, path: str, **environ: str) -> Answer:
        return self.keep(path, self.ask(path, **environ), environ)

    def keep(self, path: str, answer: Answer, environ: dict[str, str]) -> Answer:
        if self.may_keep(answer, environ):
            self.kept[self.key_of(path)].append(Kept(answer, varied_in(answer, environ)))
        return answer

    def key_of(self, path: str) -> str:
        base, _, query = path.partition("?")
        return f"{base}?{urlencode(sorted(parse_qsl(query, keep_blank_values=True)))}" if self.sorts else path

    def told(self, answer: Answer) -> dict[str, str]:
        """What it is told to do with it, by directive."""
        names = ["CDN-Cache-Control"] * self.is_cdn + ["Cache-Control"]
        text = next((answer.headers[name] for name in names if name in answer.headers), "")
        return dict(re.findall(r"([\w-]+)(?:=(\d+))?", text.lower()))

    def may_keep(self, answer: Answer, environ: dict[str, str]) -> bool:
        told = self.told(answer)
        is_forbidden = {"no-store", "private"} & told.keys() or answer.headers.get("Vary", "") == "*"
        is_keyed = "HTTP_AUTHORIZATION" in environ and not {"public", "s-maxage"} & told.keys()
        is_told = {"public", "max-age", "s-maxage"} & told.keys()
        return not is_forbidden and not is_keyed and bool(is_told or answer.status in KEPT_UNTOLD)

    def is_fresh(self, answer: Answer) -> bool:
        told = self.told(answer)
        if "no-cache" in told:
            return False
        return int(told.get("s-maxage") or told.get("max-age") or ("max-age" not in told)) > 0


def varied_in(answer: Answer, environ: dict[str, str]) -> dict[str, str]:
    names = [one.strip() for one in answer.headers.get("Vary", "").split(",") if one.strip()]
    return {name.lower(): environ.get(f"HTTP_{name.upper().replace('-', '_')}", "") for name in names}


def conditions(answer: Answer) -> dict[str, str]:
    asked = {"HTTP_IF_NONE_MATCH": "ETag", "HTTP_IF_MODIFIED_SINCE": "Last-Modified"}
    return {name: answer.headers[header] for name, header in asked.items() if header in answer.headers}
