"""What each address answers to somebody without a login. An address without a rule fails."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from portal.models import Event
from registration import links
from registration.models import Certificate, Registration, Transfer
from sessions_app.models import Track
from tests.factories import (
    NOON,
    make_event,
    make_material,
    make_program,
    make_registration,
    make_release,
    make_room,
)
from tests.registration.reading import make_mail

pytestmark = pytest.mark.django_db

READ = (200, 405)  # the answers to GET and to POST
FORM = (200, 422)  # an empty form is refused, with its faults shown
NOTHING = (404, 404)

RULES = {
    "": READ,
    "robots.txt": READ,
    "sitemap.xml": READ,
    "favicon.ico": (302, 405),  # to the icon of the pages
    "healthz": READ,
    "readyz": (503, 405),  # the tests' own process has no broker
    "metrics": READ,  # to this machine's own address
    "api/v1/": READ,
    "api/v1/schema/": READ,
    "api/v1/docs/": READ,
    "api/v1/events/": READ,
    "api/v1/events/<slug:event>/": READ,
    "api/v1/events/<slug:event>/schedule/": READ,
    "api/v1/events/<slug:event>/merged/": READ,
    "api/v1/events/<slug:event>/sessions/": READ,
    "api/v1/events/<slug:event>/sessions/<slug:slug>/": READ,
    "api/v1/events/<slug:event>/speakers/": READ,
    "api/v1/events/<slug:event>/tracks/": READ,
    "api/v1/events/<slug:event>/rooms/": READ,
    "api/v1/events/<slug:event>/materials/": READ,
    "api/v1/events/<slug:event>/releases/": READ,
    "api/v1/events/<slug:event>/releases/<int:number>/": READ,
    "api/v1/events/<slug:event>/releases/<int:number>/changes/": READ,
    "api/v1/events/<slug:event>/releases/<int:number>/changes/since/<int:before>/": READ,
    "api/v1/events/<slug:event>/check-ins/": (401, 401),
    "api/v1/events/<slug:event>/check-ins/people/": (401, 405),
    "api/v1/events/<slug:event>/check-ins/<int:number>/": (405, 405),
    "api/v1/events/<slug:event>/labs/": READ,
    "api/v1/events/<slug:event>/registrations/": (405, 415),  # a form isn't JSON
    "<slug:event>/": READ,
    "<slug:event>/sitemap.xml": READ,
    "<slug:event>/schedule/": READ,
    "<slug:event>/schedule/all/": READ,
    "<slug:event>/schedule/now/": READ,
    "<slug:event>/schedule/mine/": READ,
    "<slug:event>/schedule/<day:day>/": READ,
    "<slug:event>/sessions/<slug:slug>/": READ,
    "<slug:event>/speakers/": READ,
    "<slug:event>/speakers/<slug:slug>/": READ,
    "<slug:event>/tracks/<slug:slug>/": READ,
    "<slug:event>/rooms/<slug:slug>/": READ,
    "<slug:event>/releases/": READ,
    "<slug:event>/releases/<int:number>/": READ,
    "<slug:event>/releases/<int:before>..<int:after>/": READ,
    "<slug:event>/releases/compare/": (404, 405),  # without two releases
    "<slug:event>/materials/": READ,
    "<slug:event>/materials/<uuid:uuid>/": (302, 405),  # a link, followed
    "<slug:event>/schedule.ics": READ,
    "<slug:event>/sessions/<slug:slug>.ics": READ,
    "<slug:event>/merged.ics": READ,
    "<slug:event>/schedule.json": READ,
    "<slug:event>/schedule.xml": READ,
    "<slug:event>/schedule.csv": READ,
    "<slug:event>/releases.atom": READ,
    "<slug:event>/sessionize.json": READ,
    "<slug:event>/register/": FORM,
    "<slug:event>/register/sent/": READ,
    "<slug:event>/follow/": FORM,
    "<slug:event>/follow/sent/": READ,
    "<slug:event>/seats.json": READ,
    "<slug:event>/confirm/<str:token>/": NOTHING,
    "<slug:event>/my/<str:token>/": (404, 405),
    "<slug:event>/link/": FORM,
    "<slug:event>/link/sent/": READ,
    "<slug:event>/transfer/<str:token>/": NOTHING,
    "<slug:event>/calendar/<str:token>/program.ics": (404, 405),
    "<slug:event>/my/<str:token>/edit/": NOTHING,
    "<slug:event>/my/<str:token>/labs/": NOTHING,
    "<slug:event>/my/<str:token>/labs/<int:number>/": NOTHING,
    "<slug:event>/my/<str:token>/stars/": NOTHING,
    "<slug:event>/my/<str:token>/pass-on/": NOTHING,
    "<slug:event>/my/<str:token>/cancel/": NOTHING,
    "<slug:event>/my/<str:token>/resend/": NOTHING,
    "<slug:event>/my/<str:token>/new-link/": NOTHING,
    "<slug:event>/my/<str:token>/new-calendar/": NOTHING,
    "<slug:event>/my/<str:token>/answers/<int:number>/": (404, 405),
    "<slug:event>/my/<str:token>/materials/<uuid:uuid>/": (404, 405),
    "<slug:event>/my/<str:token>/data.json": (404, 405),
    "<slug:event>/my/<str:token>/erase/": NOTHING,
    "<slug:event>/erased/": READ,
    "<slug:event>/my/<str:token>/ticket/": (404, 405),
    "<slug:event>/my/<str:token>/ticket.pdf": (404, 405),
    "<slug:event>/my/<str:token>/certificate.pdf": NOTHING,
    "<slug:event>/certificates/<str:code>/": (404, 405),  # for those who know a code
    "<slug:event>/my/<str:token>/mails/": NOTHING,
    "<slug:event>/mails/<str:token>/": NOTHING,
    "<slug:event>/mails/<str:token>/tell-me/": NOTHING,
    "<slug:event>/unsubscribe/<str:token>/": NOTHING,
    "webhooks/mail/<slug:provider>/": (405, 404),  # closed without a secret
}
OPENED = {  # what who holds its link gets, where that isn't a page
    "<slug:event>/my/<str:token>/stars/": {302},  # to the registration
    "<slug:event>/my/<str:token>/certificate.pdf": {302},  # to the ticket, where it is made
    "<slug:event>/my/<str:token>/answers/<int:number>/": {404},  # without a file
    "<slug:event>/my/<str:token>/materials/<uuid:uuid>/": {302},
}
OPEN_IN_ADMIN = {"admin/login/", "admin/logout/"}
REFUSED = {302, 403, 404, 405}


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from routes(pattern, route)


ALL = sorted(set(routes(get_resolver())))
OURS = [route for route in ALL if not route.startswith("admin/")]
ADMIN = [route for route in ALL if route.startswith("admin/")]


@pytest.fixture
def event() -> Event:
    event = make_event()
    first, *_ = make_program(event, start=NOON)
    first.room = make_room(event)
    first.track = Track.objects.create(event=event, name="Systems")
    first.save()
    make_release(event)
    make_registration(event)
    return event


def address(route: str, event: Event, **values: str) -> str:
    """The route with something real in its places; tokens are made up."""
    material = event.materials.first() or make_material(event)
    places = {
        "<slug:event>": event.slug,
        "/speakers/<slug:slug>": "/speakers/ada-lovelace",
        "/tracks/<slug:slug>": "/tracks/systems",
        "/rooms/<slug:slug>": "/rooms/room-a",
        "<day:day>": "2026-01-15",
        "<slug:slug>": event.sessions.earliest("pk").slug,
        "<int:number>": "1",
        "<int:before>": "1",
        "<int:after>": "1",
        "<int:pk>": str(event.pk),
        "<int:mailing>": "1",
        "<int:mail>": "1",
        "<int:announcement>": "1",
        "<slug:name>": "pause",
        "<slug:provider>": "postmark",
        "<uuid:uuid>": str(material.uuid),
        "<str:code>": "AAAA-BBBB-CCCC-DDDD",
        "<str:token>": f"1-{uuid4().hex[:20]}~1abcde~signature",
        "<path:content_type_id>": "1",
        "<path:object_id>": str(event.pk),
        "<id>": "1",
        "^(?P<app_label>sessions_app|portal|auth|registration)/$": "portal/",
        "(?P<url>.*)$": "no/such/page/",
    } | values
    for place, value in places.items():
        route = route.replace(place, value)
    assert not set("<>^$") & set(route), f"nothing is known to put into {route}"
    return f"/{route}"


def test_each_address_has_a_rule() -> None:
    assert set(OURS) == set(RULES)


@pytest.mark.parametrize("route", OURS)
def test_it_answers_strangers_by_its_rule(route: str, event: Event, client: Client) -> None:
    path = address(route, event)

    statuses = client.get(path).status_code, client.post(path).status_code

    assert statuses == RULES[route]


@pytest.mark.sqlite
@pytest.mark.parametrize("route", [route for route in OURS if RULES[route] == READ])
def test_what_is_only_read_refuses_other_methods_as_such(route: str, event: Event) -> None:
    client, path = Client(enforce_csrf_checks=True), address(route, event)

    answers = [client.generic(method, path) for method in ("POST", "PUT", "PROPFIND")]

    assert [one.status_code for one in answers] == [405, 405, 405]
    assert all(one["Allow"].startswith("GET, HEAD") for one in answers)


@pytest.mark.sqlite
@pytest.mark.parametrize("route", [route for route in OURS if "<slug:event>" in route])
def test_it_hides_a_private_event(route: str, event: Event, client: Client) -> None:
    path = address(route, event)
    nowhere = path.replace(event.slug, "no-such-event", 1)
    event.is_public = False
    event.save()

    answers, unknown = (
        [client.get(one), client.post(one), client.post(one, headers={"Sec-Fetch-Site": "cross-site"})]
        for one in (path, nowhere)
    )

    assert {one.status_code for one in answers} <= {404, 405}
    assert [(one.content, one.headers) for one in answers] == [(one.content, one.headers) for one in unknown]


@pytest.mark.sqlite
@pytest.mark.parametrize("route", [route for route in RULES if "<str:token>" in route or "<str:code>" in route])
def test_who_holds_a_link_of_a_private_event_uses_it_as_before(route: str, event: Event, client: Client) -> None:
    path = address(route, event, **held(event, route))
    before = client.get(path)
    event.is_public = False
    event.save()

    after = client.get(path)

    assert (after.status_code, after.headers.get("Location")) == (before.status_code, before.headers.get("Location"))
    assert after.status_code in OPENED.get(route, {200})


def held(event: Event, route: str) -> dict[str, str]:
    """What a person has been mailed for this address."""
    registration = event.registrations.get()
    if "<str:code>" in route:
        return {
            "<str:code>": Certificate.objects.create(event=event, registration=registration, minutes=1, words={}).code
        }
    if "/transfer/" in route:
        bea = {"name": "Bea", "email": "bea@example.org"}
        found = links.transfer_path(Transfer.objects.create(registration=registration, **bea))
    elif "/calendar/" in route:
        found = links.calendar_path(registration)
    elif "/confirm/" in route:
        found = links.confirm_path(registration)
    elif "/my/" in route:
        found = links.manage_path(registration)
    else:
        found = links.mails_url(make_mail(event)).removeprefix(settings.SITE_URL)
    return {"<str:token>": found.split("/")[3]}


@pytest.mark.sqlite
@pytest.mark.parametrize("route", [route for route in ADMIN if route not in OPEN_IN_ADMIN])
def test_the_admin_shows_strangers_nothing_but_its_login(route: str, event: Event, client: Client) -> None:
    path = address(route, event)

    shown, sent = client.get(path), client.post(path)

    assert shown.status_code in REFUSED
    assert sent.status_code in REFUSED
    assert shown.status_code != 302 or shown["Location"].startswith("/admin/login/?next=")


@pytest.mark.sqlite
@pytest.mark.parametrize("route", [route for route in RULES if "<str:token>" in route])
def test_a_link_of_one_event_or_purpose_opens_nothing_else(route: str, event: Event, client: Client) -> None:
    registration = event.registrations.get()
    elsewhere = make_event()
    make_release(elsewhere)
    manage, confirm = links.token_of(registration, links.MANAGE), links.token_of(registration, links.CONFIRM)
    wrong = manage if "/confirm/" in route else confirm

    statuses = [
        client.get(address(route, elsewhere, **{"<str:token>": manage})).status_code,
        client.get(address(route, elsewhere, **{"<str:token>": confirm})).status_code,
        client.post(address(route, event, **{"<str:token>": wrong})).status_code,
    ]

    assert statuses[:2] == [404, 404]
    assert statuses[2] in {404, 405}
    assert Registration.objects.get().state == registration.state


HSTS = "max-age=31536000"
POLICY = {"default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"}


def faults(answer: HttpResponse) -> list[str]:
    """What a browser isn't told that it has to be told with every answer."""
    said = answer.headers
    policy = {part.strip() for part in said.get("Content-Security-Policy", "").split(";")}
    is_told = {
        "Content-Security-Policy": policy >= POLICY and "unsafe" not in str(policy),
        "Strict-Transport-Security": said.get("Strict-Transport-Security") == HSTS,
        "X-Content-Type-Options": said.get("X-Content-Type-Options") == "nosniff",
        "X-Frame-Options": said.get("X-Frame-Options") == "DENY",
        "Referrer-Policy": said.get("Referrer-Policy") in {"same-origin", "no-referrer"},
        "Cross-Origin-Opener-Policy": said.get("Cross-Origin-Opener-Policy") == "same-origin",
    }
    return [name for name, told in is_told.items() if not told]


@pytest.mark.sqlite
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "DELETE"])
def test_each_answer_keeps_browsers_from_doing_harm(method: str, event: Event, client: Client) -> None:
    answers = {route: client.generic(method, address(route, event), secure=True) for route in ALL}

    assert {route: found for route, answer in answers.items() if (found := faults(answer))} == {}


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/no/such/page/", {}, 404),
        ("/event", {}, 301),  # a slash is missing
        ("/", {"Host": "evil.example"}, 400),
        ("/?q=%00", {}, 400),
        ("/event/", {}, 500),  # as the test breaks it
    ],
)
def test_so_does_each_error(
    path: str, headers: dict[str, str], status: int, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(raise_request_exception=False)
    monkeypatch.setattr("portal.middleware.event_read", None)

    answer = client.get(path, secure=True, headers=headers)

    assert (answer.status_code, faults(answer)) == (status, [])


def test_and_each_static_file_but_for_what_is_about_pages(settings: Any) -> None:
    settings.WHITENOISE_USE_FINDERS = True

    answer = Client().get("/static/portal/css/lectern.css", secure=True)

    assert (answer.status_code, faults(answer)) == (200, ["Content-Security-Policy", "X-Frame-Options"])
