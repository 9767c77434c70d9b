"""Nobody gets another person's page, whatever stands between the portal and its readers, and whatever they claim."""

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from django.utils import timezone

from portal.front import Front
from registration import booking, links
from registration.models import Registration
from tests.caches import SharedCache, conditions
from tests.crawling import crawl, filled, route_of
from tests.drafts import Site, make_site
from tests.factories import make_organizer, make_registration
from tests.portal.fronts import Answer, Counted, ask
from tests.test_urls_access import OURS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]  # requests end connections

KINDS = [(False, False), (True, True)]
LISTS = ["", "registration/registration/", "sessions_app/session/"]
READERS = {
    "anybody": {},
    "ada": {"HTTP_COOKIE": "whose=ada", "HTTP_ACCEPT_LANGUAGE": "de", "HTTP_USER_AGENT": "A telephone"},
    "bob": {"HTTP_COOKIE": "whose=bob", "HTTP_ACCEPT_LANGUAGE": "ar", "HTTP_ACCEPT_ENCODING": "gzip"},
}


@pytest.fixture
def site(settings: Any, tmp_path: Path, time_machine: Any) -> Site:
    settings.MEDIA_ROOT = tmp_path
    tomorrow = timezone.now() + timedelta(days=1)
    time_machine.move_to(tomorrow, tick=False)
    site = make_site(tomorrow.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=60))
    time_machine.shift(timedelta(hours=1))
    return site


@pytest.fixture
def portal() -> Callable[..., Answer]:
    """The portal as its processes run it, with what they keep themselves."""
    front = Front(Counted(), pause=0)
    return lambda path, **environ: ask(front, path, **environ)


@pytest.fixture
def public(site: Site, client: Client) -> list[str]:
    """One of each kind, of the addresses that anybody can find."""
    chosen: dict[str, list[str]] = {}
    values = {"<slug:event>": [site.event.slug, site.host.slug], "<str:code>": [site.certificate.code]}
    starts = [*filled(values), "/tutorial/schedule/?q=part", "/api/v1/events/tutorial/sessions/?q=part", "/no/page/"]
    for address, found in crawl(client, starts).items():
        kind = f"{route_of(address)} {found.status} {'?' in address}"
        chosen.setdefault(kind, []).append(address)
    return [address for addresses in chosen.values() for address in addresses[:1]]


def own(registration: Registration) -> list[str]:
    """All addresses below somebody's personal links."""
    tokens = {
        path.split("/")[2]: path.split("/")[3]
        for path in (links.manage_path(registration), links.calendar_path(registration))
    }
    material = registration.event.materials.get(audience="registered")
    values = {"<slug:event>": [registration.event.slug], "<int:number>": ["1"], "<uuid:uuid>": [str(material.uuid)]}
    return [
        path
        for kind, token in tokens.items()
        for path in filled(values | {"<str:token>": [token]}, [one for one in OURS if f">/{kind}/<str:token>" in one])
    ]


def test_each_reader_gets_what_they_would_get_without_a_cache(
    site: Site, public: list[str], portal: Callable[..., Answer]
) -> None:
    bob = make_registration(site.event, "bob.too@example.org", name="Bob Unmistakable")
    visits = [
        (path, environ)
        for reader, environ in READERS.items()
        for path in [*public, *{"ada": own(site.ada), "bob": own(bob)}.get(reader, [])]
    ]
    alone = [portal(path, **environ).body for path, environ in visits]

    for is_cdn, sorts in KINDS:
        cache = SharedCache(portal, is_cdn=is_cdn, sorts=sorts)
        first, again = ([cache.get(path, **environ).body for path, environ in visits] for _ in range(2))
        assert [visit for visit, *bodies in zip(visits, alone, first, again, strict=True) if len({*bodies}) > 1] == []
        assert cache.hits > len(public)
        assert not any(is_of_somebody(one.answer) for found in cache.kept.values() for one in found)


def is_of_somebody(answer: Answer) -> bool:
    return b"Unmistakable" in answer.body or b"ada@example.org" in answer.body


def test_what_an_organizer_reads_nobody_else_gets(site: Site, public: list[str], portal: Callable[..., Answer]) -> None:
    cache, client = SharedCache(portal, is_cdn=True, sorts=True), Client()
    client.force_login(make_organizer(site.event))
    cookie = f"{configured.SESSION_COOKIE_NAME}={client.cookies[configured.SESSION_COOKIE_NAME].value}"
    paths = [*public, *(f"/admin/{one}" for one in LISTS), f"/admin/registration/registration/{site.ada.pk}/change/"]

    theirs = [cache.get(path, HTTP_COOKIE=cookie) for path in paths]

    assert b"ada@example.org" in theirs[-1].body
    assert [path for path in paths if cache.get(path).body != portal(path).body] == []
    assert [key for key, found in cache.kept.items() if found and key.startswith("/admin/")] == []


def test_a_cache_that_forgets_what_it_was_told_would_mix_them_up(
    site: Site, portal: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the tests above are seen to see something."""
    cache, client = SharedCache(portal, is_cdn=False, sorts=False), Client()
    client.force_login(make_organizer(site.event))
    cookie = f"{configured.SESSION_COOKIE_NAME}={client.cookies[configured.SESSION_COOKIE_NAME].value}"
    monkeypatch.setattr(SharedCache, "told", lambda cache, answer: {"max-age": "60"})
    monkeypatch.setattr("tests.caches.varied_in", lambda answer, environ: {})
    path = f"/admin/registration/registration/{site.ada.pk}/change/"

    cache.get(path, HTTP_COOKIE=cookie)

    assert b"ada@example.org" in cache.get(path).body


QUERIES = {
    "/tutorial/schedule/": ["q=part", "track=systems", "track=theory", "room=room-1", "level=advanced"],
    "/tutorial/schedule/mine/": ["s=none", "s=other"],
    "/tutorial/speakers/": ["q=speaker", "q=1"],
    "/api/v1/events/": ["limit=1", "offset=1", "limit=2"],
    "/api/v1/events/tutorial/sessions/": ["q=part", "track=systems", "track=theory", "limit=3", "limit=2", "offset=1"],
    "/api/v1/events/tutorial/speakers/": ["q=speaker", "q=1", "limit=2", "limit=1"],
    "/api/v1/events/tutorial/releases/": ["limit=1", "limit=2", "offset=1"],
    "/tutorial/releases/compare/": ["from=1", "to=2", "to=1"],
}


@pytest.mark.parametrize("is_cdn", [False, True])
def test_who_asks_in_another_order_gets_their_own_answer(
    site: Site, portal: Callable[..., Answer], is_cdn: bool
) -> None:
    cache = SharedCache(portal, is_cdn=is_cdn, sorts=True)
    asked = [f"{path}?{'&'.join(pair)}" for path, parts in QUERIES.items() for pair in permutations(parts, 2)]

    mixed = [address for address in asked if cache.get(address).body != portal(address).body]

    assert mixed == []


CLAIMS = [
    {"HTTP_X_FORWARDED_HOST": "evil.example"},
    {"HTTP_X_FORWARDED_PROTO": "https"},
    {"HTTP_X_FORWARDED_PORT": "444"},
    {"HTTP_X_FORWARDED_FOR": "192.0.2.1"},
    {"HTTP_X_FORWARDED_PREFIX": "/evil"},
    {"HTTP_X_SCRIPT_NAME": "/evil"},
    {"HTTP_FORWARDED": "for=192.0.2.1;host=evil.example;proto=https"},
    {"HTTP_X_ORIGINAL_URL": "/admin/", "HTTP_X_REWRITE_URL": "/admin/"},
    {"HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE"},
    {"HTTP_ACCEPT_LANGUAGE": "xx"},
    {"HTTP_ACCEPT_LANGUAGE": "ar, fa;q=0.8"},
    {"HTTP_ACCEPT": "text/html"},
    {"HTTP_ACCEPT": "application/json"},
    {"HTTP_ACCEPT": "text/calendar, */*;q=0.1"},
    {"HTTP_ACCEPT": "nonsense"},
    {"HTTP_COOKIE": "sessionid=evil; csrftoken=evil; django_language=ar; messages=evil"},
    {"HTTP_USER_AGENT": "Mozilla/5.0 (iPhone)"},
    {"HTTP_ORIGIN": "https://evil.example"},
    {"HTTP_REFERER": "https://evil.example/"},
    {"HTTP_SEC_FETCH_SITE": "cross-site"},
    {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"},
    {"HTTP_SAVE_DATA": "on"},
]


def test_what_a_request_claims_changes_no_answer_that_a_cache_may_keep(
    site: Site, public: list[str], portal: Callable[..., Answer]
) -> None:
    cache, changed = SharedCache(portal, is_cdn=True, sorts=False), []
    plain = {path: answer for path in public if cache.may_keep(answer := portal(path), {})}

    for claims in CLAIMS:
        for path, answer in plain.items():
            other = portal(path, **claims)
            if cache.may_keep(other, claims) and without_word_to_nginx(other) != without_word_to_nginx(answer):
                changed.append((path, claims))

    assert changed == []
    assert len(plain) > 40


def without_word_to_nginx(answer: Answer) -> tuple[int, dict[str, str], bytes]:
    """Ours is told how long to keep what this process keeps itself, and says no word of it to others."""
    said = {name: value for name, value in answer.headers.items() if name != "X-Accel-Expires"}
    return answer.status, said, answer.body


def test_what_anybody_may_read_varies_by_the_encoding_alone(
    site: Site, public: list[str], portal: Callable[..., Answer]
) -> None:
    cache = SharedCache(portal, is_cdn=True, sorts=False)
    answers = {path: portal(path) for path in public}

    told = {path: answer.headers.get("Vary", "") for path, answer in answers.items() if cache.may_keep(answer, {})}

    assert set(told.values()) <= {"", "Accept-Encoding"}
    assert len([path for path, vary in told.items() if vary]) > 20


def test_personal_pages_are_kept_by_nobody(site: Site, client: Client) -> None:
    tokens = [path.split("/")[3] for path in (links.manage_path(site.ada), links.calendar_path(site.ada), "///none")]
    uuid = str(site.event.materials.get(audience="registered").uuid)
    values = {"<slug:event>": ["tutorial"], "<int:number>": ["1"], "<uuid:uuid>": [uuid], "<str:token>": tokens}
    addresses = filled(values, [route for route in OURS if "<str:token>" in route])

    told = {
        (address, method): client.generic(method, address)["Cache-Control"]
        for address in addresses
        for method in ("GET", "HEAD", "PUT")
    }

    assert {one for one in told.items() if one[1] != "no-store" and "/calendar/" not in one[0][0]} == set()
    assert set(told.values()) == {"no-store", "private, no-cache"}


def test_a_material_that_is_for_the_registered_now_comes_out_of_no_cache(
    site: Site, portal: Callable[..., Answer]
) -> None:
    material = site.event.materials.get(title="Slides")
    path, cache = f"/tutorial/materials/{material.uuid}/", SharedCache(portal, is_cdn=True, sorts=True)
    before = [cache.get(path).body, cache.get(path).body]

    material.audience = "registered"
    material.save()

    after = [cache.get(path), portal(path, **conditions(Answer(200, {"ETag": f'"{material.sha256}"'}, b"")))]
    assert (before, cache.hits) == ([b"The slides."] * 2, 1)
    assert [(one.status, b"The slides." in one.body) for one in after] == [(403, False)] * 2


def test_who_cancels_keeps_no_way_to_a_file(site: Site, portal: Callable[..., Answer]) -> None:
    material = site.event.materials.get(audience="registered")
    path, cache = (
        f"{links.manage_path(site.ada)}materials/{material.uuid}/",
        SharedCache(portal, is_cdn=True, sorts=True),
    )
    before = cache.get(path)

    booking.cancel(site.ada)

    after = [cache.get(path), portal(path, **conditions(before))]
    assert (before.status, before.body) == (200, b"Hello")
    assert [one.status for one in after] == [403, 403]
