"""nginx before the portal as docs/nginx.conf has it: what it keeps, what it never keeps, and what it logs."""

import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

from portal.models import Event
from registration import links
from tests import proxies
from tests.factories import NOON, make_event, make_program, make_registration, make_release
from tests.services import Process, Production, wait_until
from tests.test_urls_access import OURS

SCHEDULE = "/tutorial/schedule/"
API = "/api/v1/events/tutorial/schedule/"
PUBLIC = [SCHEDULE, API, "/tutorial/schedule.ics", "/tutorial/schedule.xml"]


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Site:
    """The portal behind nginx."""

    directory: Path
    port: int
    web: Process

    def keeps(self, path: str, **headers: str) -> Answer:
        """Its answer, once it is kept: one that comes when its second is over isn't."""
        assert wait_until(lambda: self.answers_without_the_portal(path, **headers))
        return self.ask(path, **headers)

    def answers_without_the_portal(self, path: str, **headers: str) -> bool:
        """Right after it answered. Whoever needs it waits meanwhile."""
        self.ask(path, **headers)
        os.killpg(self.web.child.pid, signal.SIGSTOP)
        try:
            return self.ask(path, patience=0.3, **headers).status == 200
        except TimeoutError:
            return False
        finally:
            os.killpg(self.web.child.pid, signal.SIGCONT)

    def ask(self, path: str, *, patience: float = 20, **headers: str) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=patience)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers={"Host": "localhost"} | named)
        response = connection.getresponse()
        said = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, said, response.read())

    @property
    def kept(self) -> bytes:
        """Looked through anew when a file gets its last name meanwhile."""
        while True:
            with suppress(FileNotFoundError):
                return b"".join(path.read_bytes() for path in (self.directory / "cache").rglob("*") if path.is_file())

    @property
    def log(self) -> str:
        return (self.directory / "access.log").read_text()


@pytest.fixture
def event(transactional_db: None) -> Event:
    event = make_event(slug="tutorial")
    make_program(event, start=NOON)
    make_release(event)
    return event


@pytest.fixture
def site(event: Event, production: Production, tmp_path: Path) -> Iterator[Site]:
    program = proxies.nginx()
    if not program:
        pytest.skip("there is no nginx")
    production.environment["TRUSTED_PROXY_COUNT"] = "1"
    web = production.start_web()
    server, port = proxies.start_nginx(program, tmp_path / "nginx", production.port)
    yield Site(tmp_path / "nginx", port, web)
    server.kill()


@pytest.mark.services
class TestKeeping:
    def test_what_is_public_outlives_the_portal_for_a_while(self, site: Site) -> None:
        before = [site.keeps(path) for path in PUBLIC]
        site.web.kill()

        after = [site.ask(path) for path in PUBLIC]

        assert [answer.status for answer in after] == [200] * len(PUBLIC)
        assert [answer.body for answer in after] == [answer.body for answer in before]

    def test_it_answers_by_itself_who_has_it_already(self, site: Site) -> None:
        tags = [site.keeps(path).headers["etag"] for path in PUBLIC]
        site.web.kill()

        answers = [site.ask(path, If_None_Match=tag) for path, tag in zip(PUBLIC, tags, strict=True)]

        assert [(answer.status, answer.body) for answer in answers] == [(304, b"")] * len(PUBLIC)

    def test_it_keeps_the_answer_of_each_second_anew(self, site: Site) -> None:
        site.ask(API)
        time.sleep(1.1)

        assert any(site.answers_without_the_portal(API) for _ in range(5))

    def test_each_gets_the_encoding_they_take(self, site: Site) -> None:
        codings = ("gzip", "br", "identity")
        before = [site.keeps(API, Accept_Encoding=coding) for coding in codings]
        site.web.kill()

        after = [site.ask(API, Accept_Encoding=coding) for coding in codings]

        assert [answer.headers.get("content-encoding") for answer in after] == ["gzip", "br", None]
        assert [answer.body for answer in after] == [answer.body for answer in before]

    def test_a_release_is_seen(self, site: Site, event: Event) -> None:
        old = {path: site.ask(path).body for path in PUBLIC}
        event.sessions.update(title="Quite another title")

        make_release(event, "final")

        seen = [wait_until(lambda path=path: site.ask(path).body != old[path]) for path in PUBLIC]
        assert seen == [True] * len(PUBLIC)
        assert b"Quite another title" in site.ask(SCHEDULE).body

    def test_the_word_to_nginx_ends_with_it(self, site: Site) -> None:
        answers = [site.ask(API), site.ask(API), site.ask(f"{API}?x=1"), site.ask("/tutorial/register/")]

        assert [name for answer in answers for name in answer.headers if name.startswith("x-accel")] == []


@pytest.mark.services
class TestNeverKept:
    def test_personal_pages(self, site: Site, event: Event) -> None:
        registration = make_registration(event, "ada@example.org", name="Ada Unmistakable")
        token = links.token_of(registration, links.MANAGE)
        page = f"/tutorial/my/{token}/"

        answers = [site.ask(page), site.ask(page), site.ask(f"{page}data.json"), site.ask("/tutorial/register/")]

        assert [answer.status for answer in answers] == [200] * 4
        assert b"Ada Unmistakable" in answers[0].body
        assert b"Ada Unmistakable" not in site.kept

    def test_what_has_a_query(self, site: Site) -> None:
        asked = site.ask(f"{SCHEDULE}all/?q=canary")
        assert asked.status == 200

        assert b"canary" not in site.kept

    def test_a_login_of_the_api_reaches_the_portal(self, site: Site) -> None:
        site.ask(API)
        site.web.kill()

        answer = site.ask(API, Authorization="Token of-a-stranger")

        assert answer.status == 502

    def test_addresses_of_other_hosts(self, site: Site) -> None:
        answers = [site.ask(SCHEDULE, Host="evil.example"), site.ask(SCHEDULE)]

        assert [answer.status for answer in answers] == [400, 200]
        assert b"evil.example" not in site.kept


@pytest.mark.services
def test_no_answer_tells_a_version(site: Site) -> None:
    answers = [site.ask(SCHEDULE), site.ask("/nowhere/"), site.ask(SCHEDULE, Host="evil.example")]
    site.web.kill()
    answers.append(site.ask("/tutorial/register/"))

    assert [(one.status, one.headers["server"]) for one in answers] == [
        (status, "nginx") for status in (200, 404, 400, 502)
    ]


@pytest.mark.services
def test_keys_stay_out_of_the_log(site: Site, event: Event) -> None:
    token = links.token_of(make_registration(event), links.MANAGE)

    site.ask(f"/tutorial/my/{token}/")
    site.ask(SCHEDULE)

    assert wait_until(lambda: SCHEDULE in site.log)
    assert token not in site.log


@pytest.mark.parametrize("route", [route for route in OURS if "<str:" in route])
def test_no_address_that_is_a_key_is_logged(route: str) -> None:
    (pattern,) = re.findall(r'"~(\S+)" 0;', proxies.SHIPPED.read_text())

    assert re.search(pattern, f"/{route}")
