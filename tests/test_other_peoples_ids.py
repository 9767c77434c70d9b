"""Ids are not keys: with the number or the UUID of what is another person's, or was deleted, or taken back, nobody gets
anything else than with one that never was."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as configured
from django.core.files.base import ContentFile
from django.http.response import HttpResponseBase
from django.test import Client

from portal.models import Event, Mail
from registration import booking, certificates, keys, links, privacy, tickets, transfers
from registration.models import Answer, Certificate, CheckIn, Device, Registration, Transfer
from sessions_app.models import Material
from tests.crawling import PLACE, found
from tests.factories import (
    make_block,
    make_check_in,
    make_event,
    make_lab,
    make_lab_seat,
    make_material,
    make_question,
    make_registration,
    make_release,
    make_session,
)
from tests.registration.doors import address, make_device
from tests.registration.letterbox import HELD
from tests.test_urls_access import OURS

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

ENOUGH = 112  # bits of what nobody is to guess
LINKED = [route for route in OURS if "<str:token>" in route]
BELOW = [route for route in LINKED if len(PLACE.findall(route)) > 2]  # with the id of something in it


@pytest.fixture
def event(settings: Any, tmp_path: Path) -> Event:
    settings.MEDIA_ROOT = tmp_path
    event = make_event(slug="tutorial")
    make_release(event)
    make_question(event, "Your CV?", kind="file", key="cv")
    return event


@pytest.fixture
def ada(event: Event) -> Registration:
    return with_everything(make_registration(event, "ada@example.org", name="Ada"))


@pytest.fixture
def bob(event: Event, ada: Registration) -> Registration:
    return with_everything(make_registration(event, "bob@example.org", name="Bob"))


def with_everything(registration: Registration) -> Registration:
    event = registration.event
    answer = Answer(registration=registration, question=event.questions.get(), filename="cv.txt", size=2)
    answer.file.save("x", ContentFile(registration.name.encode()))
    session = make_session(make_block(event), f"Lab of {registration.name}")
    make_lab_seat(registration, make_lab(event, session), hold_until=HELD)
    make_check_in(registration)
    Certificate.objects.create(event=event, registration=registration, name=registration.name, minutes=1, words={})
    return registration


def tokens_of(one: Registration) -> dict[str, str]:
    """Of each kind that a person is given, by the start of the addresses it is for."""
    values = {"kind": "release", "occasion": "1", "message_id": Mail.new_message_id()}
    mail = Mail.objects.create(event=one.event, address=one.email, **values)
    stop = links.mails_url(mail).removeprefix(configured.SITE_URL)
    others = {"my": links.manage_path(one), "confirm": links.confirm_path(one), "calendar": links.calendar_path(one)}
    transfer = Transfer.objects.create(registration=one, name="Eve", email="eve@example.org")
    paths = others | {"transfer": links.transfer_path(transfer), "mails": stop, "unsubscribe": stop}
    return {kind: path.split("/")[3] for kind, path in paths.items()}


def opened(route: str, token: str, number: object = 1, uuid: object = None, slug: str = "tutorial") -> str:
    places = {
        "<slug:event>": slug,
        "<str:token>": token,
        "<int:number>": str(number),
        "<uuid:uuid>": str(uuid or uuid4()),
    }
    return "/" + PLACE.sub(lambda place: places[place[0]], route)


def kind_of(route: str) -> str:
    return route.split("/")[1]


def statuses(client: Client, path: str) -> set[int]:
    return {client.get(path).status_code, client.post(path).status_code}


def said(response: HttpResponseBase, *ids: object) -> tuple[int, str]:
    """But for the ids that were asked for."""
    one = found(response)
    text = re.sub(r"(?m)^Content-Length: .*$", "", one.text)
    for value in ids:
        text = text.replace(f"/{value}/", "/…/")
    return one.status, text


@pytest.mark.parametrize("route", LINKED)
def test_a_link_with_another_persons_number_in_it_opens_nothing(
    route: str, ada: Registration, bob: Registration, client: Client
) -> None:
    token, theirs = tokens_of(ada)[kind_of(route)], tokens_of(bob)[kind_of(route)]
    (number, rest), (other, other_rest) = (re.fullmatch(r"(\d+)(.*)", one).groups() for one in (token, theirs))  # type: ignore[union-attr]

    swapped = [
        f"{other}{rest}",
        f"{number}{other_rest}",
        f"{other}~{token.partition('~')[2]}",
        f"0{token}",
        f"-{token}",
    ]

    assert set.union(*(statuses(client, opened(route, one)) for one in swapped)) <= {404, 405}


@pytest.mark.parametrize("route", LINKED)
def test_no_id_that_others_are_told_stands_for_a_link(route: str, ada: Registration, client: Client) -> None:
    certificate = ada.certificates.get()
    ids = (ada.pk, ada.uuid, ada.uuid.hex, ada.email, tickets.code_of(ada), certificate.code, ada.key)

    assert set.union(*(statuses(client, opened(route, str(one))) for one in ids)) <= {404, 405}


def delete(one: Registration) -> None:
    one.check_ins.all().delete()
    one.delete()


def pass_on(one: Registration) -> None:
    one.check_ins.all().delete()
    transfer, _ = Transfer.objects.get_or_create(registration=one, defaults={"name": "Eve", "email": "eve@example.org"})
    transfers.take(transfer, name="Eve")


ENDS: dict[str, Callable[[Registration], object]] = {
    "deleted": delete,
    "erased": privacy.erase,
    "given a new link": keys.renew,
    "passed on": pass_on,
}


ENDED = [
    (route, end)
    for route in LINKED
    for end in ENDS
    if kind_of(route) in ("my", "confirm") or (kind_of(route) == "transfer" and end != "given a new link")
]


@pytest.mark.parametrize(("route", "end"), ENDED)
def test_a_link_that_was_ended_opens_nothing_more(route: str, end: str, ada: Registration, client: Client) -> None:
    token = tokens_of(ada)[kind_of(route)]
    number, material = ada.answers.get().pk, make_material(ada.event)
    ENDS[end](ada)

    assert statuses(client, opened(route, token, number, material.uuid)) <= {404, 405}


def test_a_calendar_ends_with_its_number_and_with_its_person(ada: Registration, client: Client) -> None:
    [route] = [route for route in LINKED if kind_of(route) == "calendar"]
    before = opened(route, tokens_of(ada)["calendar"])
    keys.renew_calendar(ada)
    ada.refresh_from_db()
    after = opened(route, links.calendar_path(ada).split("/")[3])
    answers = [client.get(before).status_code]

    delete(ada)

    assert [*answers, client.get(after).status_code] == [404, 404]


@pytest.mark.parametrize("route", BELOW)
def test_below_ones_own_link_another_persons_ids_are_those_of_nothing(
    route: str, ada: Registration, bob: Registration, client: Client
) -> None:
    elsewhere = make_event(slug="elsewhere")
    draft = make_session(make_block(ada.event), "A draft")
    gone = make_material(ada.event)
    gone_uuid = gone.uuid
    gone.delete()
    numbers = [bob.answers.get().pk, bob.lab_seats.get().lab_id, bob.lab_seats.get().pk, bob.check_ins.get().pk]
    materials = [make_material(elsewhere).uuid, make_material(ada.event, session=draft).uuid, gone_uuid, bob.uuid]
    token, never = tokens_of(ada)["my"], (10**9, uuid4())
    nothing = said(client.get(opened(route, token, *never)), *never)
    nothing_sent = said(client.post(opened(route, token, *never)), *never)

    for number in {*numbers} - {ada.answers.get().pk, ada.lab_seats.get().lab_id}:
        for uuid in materials:
            path = opened(route, token, number, uuid)
            assert said(client.get(path), number, uuid) == nothing
            assert said(client.post(path), number, uuid) == nothing_sent

    assert bob.lab_seats.get().state == "offered"


@pytest.mark.parametrize("route", BELOW)
def test_the_same_look_tells_ones_own_ids_from_those_of_nothing(route: str, ada: Registration, client: Client) -> None:
    token, never = tokens_of(ada)["my"], (10**9, uuid4())
    number = ada.lab_seats.get().lab_id if "/labs/" in route else ada.answers.get().pk
    own = number, make_material(ada.event).uuid

    answers = [said(client.get(opened(route, token, *ids)), *ids) for ids in (own, never)]

    assert answers[0] != answers[1]


def test_a_material_that_is_gone_or_was_never_there_is_not_found(event: Event, client: Client) -> None:
    gone, draft = make_material(event), make_session(make_block(event), "A draft")
    uuids = [gone.uuid, make_material(event, session=draft).uuid, make_material(make_event()).uuid, uuid4()]
    gone.delete()

    answers = [said(client.get(f"/tutorial/materials/{one}/"), one) for one in uuids]

    assert (answers[0][0], len(set(answers))) == (404, 1)
    assert {client.get(f"/tutorial/materials/{one}/").status_code for one in (1, gone.pk, "x", uuids[0].hex)} == {404}


def test_a_material_ends_with_the_right_to_it(event: Event, ada: Registration, client: Client) -> None:
    file = ContentFile(b"For the registered.", "slides.txt")
    material = make_material(event, url="", file=file, audience="registered")
    own, public = f"{links.manage_path(ada)}materials/{material.uuid}/", f"/tutorial/materials/{material.uuid}/"
    before = client.get(own)
    has_it = b"".join(before) == b"For the registered."  # type: ignore[arg-type]

    booking.cancel(ada)

    answers = [client.get(path) for path in (own, public)]
    assert (has_it, before["Cache-Control"]) == (True, "no-store")
    assert [(one.status_code, one["Cache-Control"]) for one in answers] == [(403, "no-store")] * 2
    assert not any(b"For the registered." in one.content for one in answers)


def test_no_file_has_an_address_besides_the_one_that_checks(event: Event, ada: Registration, client: Client) -> None:
    material = make_material(event, url="", file=ContentFile(b"Slides", "slides.txt"))
    names = [str(material.file.name), str(ada.answers.get().file.name)]
    paths = [
        f"/{base}{name}" for name in names for base in ("", "media/", "static/", "tutorial/", "tutorial/materials/")
    ]

    assert {client.get(path).status_code for path in paths} == {404}
    assert {Path(name).name for name in names} & {"slides.txt", "cv.txt"} == set()


class TestCertificates:
    def test_only_its_whole_code_at_its_event_finds_one(self, ada: Registration, client: Client) -> None:
        certificate, elsewhere = ada.certificates.get(), make_event(slug="elsewhere")
        other = "3" if certificate.code[-1] == "2" else "2"
        wrong = [certificate.pk, ada.pk, ada.uuid, certificate.code[:-1], certificate.code[:-1] + other]
        paths = [f"/tutorial/certificates/{one}/" for one in wrong]
        paths.append(f"/{elsewhere.slug}/certificates/{certificate.code}/")

        assert {client.get(path).status_code for path in paths} == {404}
        assert client.get(f"/tutorial/certificates/{certificate.code}/").status_code == 200

    def test_a_revoked_one_is_no_file_of_anybodys_any_more(self, ada: Registration, client: Client) -> None:
        certificates.revoke(ada.certificates.get())
        own = links.manage_path(ada)

        answer = client.get(f"{own}certificate.pdf")

        assert (answer.status_code, answer["Location"]) == (302, f"{own}ticket/")


class TestCheckIns:
    def ask(self, event: Event, method: str, rest: str, key: str, **body: Any) -> HttpResponseBase:
        headers = {"Authorization": f"Bearer {key}"}
        return Client().generic(method, address(event, rest), str(body or ""), headers=headers)

    def test_another_events_are_those_of_nothing(self, ada: Registration) -> None:
        elsewhere = make_event(slug="elsewhere")
        make_device(elsewhere, key="theirs")
        number = ada.check_ins.get().pk

        answers = [said(self.ask(elsewhere, "DELETE", f"{one}/", "theirs"), one) for one in (number, 10**9)]

        assert answers[0] == answers[1]
        assert answers[0][0] == 404
        assert CheckIn.objects.get(pk=number).undone_at is None

    def test_nor_is_another_events_person_or_ticket_known(self, ada: Registration) -> None:
        elsewhere = make_event(slug="elsewhere")
        make_device(elsewhere, key="theirs")
        wishes = [{"code": tickets.code_of(ada)}, {"person": str(ada.uuid)}, {"person": str(uuid4())}]

        answers = [
            Client().post(
                address(elsewhere), one, content_type="application/json", headers={"Authorization": "Bearer theirs"}
            )
            for one in wishes
        ]

        assert [one.status_code for one in answers] == [404] * 3
        assert len({one.content for one in answers}) == 1

    def test_a_device_that_was_deleted_is_one_that_never_was(self, event: Event, ada: Registration) -> None:
        device = make_device(event, key="the key")
        before = self.ask(event, "GET", "people/", "the key").status_code

        Device.objects.filter(pk=device.pk).delete()

        answers = [said(self.ask(event, "GET", "people/", key)) for key in ("the key", "no key at all")]
        assert (before, answers[0][0]) == (200, 401)
        assert answers[0] == answers[1]


def test_what_opens_something_has_more_bits_than_anybody_can_try(ada: Registration) -> None:
    signatures = [token.rpartition("~")[2] for token in tokens_of(ada).values()]
    letters = {"ticket": (tickets.code_of(ada).partition("-")[2], 5)}
    letters["certificate"] = (ada.certificates.get().code.replace("-", ""), 5)
    letters["key"] = (ada.key, 6)

    assert {len(urlsafe_b64decode(one + "=" * (-len(one) % 4))) * 8 for one in signatures} == {256}
    assert {name: len(text) * bits for name, (text, bits) in letters.items() if len(text) * bits < ENOUGH} == {}


def test_materials_are_known_by_ids_that_nobody_counts_up(event: Event) -> None:
    uuids = [make_material(event).uuid for _ in range(3)]

    assert {one.version for one in uuids} == {4}
    assert Material._meta.get_field("uuid").unique
