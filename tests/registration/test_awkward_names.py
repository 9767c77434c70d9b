"""Awkward names are taken as they are, and stand as they are in everything that is made of them."""

import csv
import io
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pypdf
import pytest
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from portal.message import message_of
from portal.models import Event, Mail
from registration import badges, certificates, letters, links, tickets
from registration.forms import NameField
from registration.intake import take_in
from registration.models import Certificate, Registration
from registration.tables import csv_lines, xlsx_file
from registration.typesetting import missing
from tests.factories import make_event, make_ticket_type
from tests.pages import Page
from tests.registration import naughty
from tests.registration.doors import KEY, address, make_device
from tests.registration.test_papers import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["ours", pytest.param("others", marks=pytest.mark.sqlite)])
def people(request: Any, event: Event) -> list[Registration]:
    """Ada, and whoever gives one of these names and is not told to write another."""
    event.ticket_types.update(capacity=None)
    names = ["Ada", *taken(naughty.OURS if request.param == "ours" else naughty.others())]
    ticket_type = event.ticket_types.get()
    for number, name in enumerate(names):
        one = Registration(event=event, ticket_type=ticket_type, name=name, email=f"p{number}@example.org")
        one.state, one.verified_at, one.affiliation = "confirmed", timezone.now(), name
        one.save()
    return list(event.registrations.order_by("pk").select_related("event", "ticket_type"))


def taken(names: list[str]) -> Iterator[str]:
    for name in names:
        try:
            yield NameField().clean(name)
        except ValidationError:
            assert len(name) > 200 or not any(letter.isprintable() and not letter.isspace() for letter in name), name


def test_tables_hold_no_formula_and_give_each_name_back(people: list[Registration]) -> None:
    rows = Registration.objects.order_by("pk")
    elsewhere = {"csv": make_event(), "xlsx": make_event()}
    for event in elsewhere.values():
        make_ticket_type(event, None)

    text, file = "".join(csv_lines(rows)), xlsx_file(rows).read()
    take_in(elsewhere["csv"], text.encode(), is_dry=False, confirms=False)
    take_in(elsewhere["xlsx"], file, is_dry=False, confirms=False)

    cells = [cell for line in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")) for cell in line]
    kinds = {cell.data_type for line in load_workbook(io.BytesIO(file)).worksheets[0].iter_rows() for cell in line}
    back = {
        name: [(one.name, one.affiliation) for one in event.registrations.order_by("pk")]
        for name, event in elsewhere.items()
    }
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))] == []
    assert "f" not in kinds
    assert back == {name: [(one.name, one.name) for one in people] for name in elsewhere}


def test_mails_are_well_formed_and_built_like_any_other(people: list[Registration]) -> None:
    shapes, senders, defects = set(), set(), []
    for one in people:
        to = {"address": one.email, "address_key": one.email_key}
        mail = Mail(event=one.event, kind="again", **to, context={"registration": one.pk}, pk=1)
        mail.message_id = Mail.new_message_id()
        letter = letters.again(mail)
        message = message_from_bytes(message_of(mail, letter).message().as_bytes(), policy=policy.default)
        shapes.add(tuple(tag for tag, _ in Page(HttpResponse(letter.html)).elements))
        senders.add((message["To"] == one.email, message["Bcc"], message["Subject"]))
        defects += [*message.defects, *(name for name in message if message[name].defects)]

    assert len(shapes) == 1
    assert senders == {(True, None, f"Your registration: {people[0].event.title}")}
    assert defects == []


@pytest.mark.sqlite
def test_each_has_a_badge_and_letters_that_can_not_be_printed_are_told(people: list[Registration]) -> None:
    pdf = pypdf.PdfReader(io.BytesIO(badges.paper(people, badges.SIZES["a6"], has_code=False)))

    shown = ["".join(page.extract_text().split()) for page in pdf.pages]
    lost = badges.incomplete(people)
    assert len(shown) == len(people)
    assert set(lost) == {one.name for one in people if missing(one.name)}
    for one, text in zip(people, shown, strict=True):
        assert one.name.replace(" ", "") in text or not is_plain(one.name), one.name


@pytest.mark.sqlite
def test_the_page_of_each_shows_the_name_and_is_built_like_any_other(
    people: list[Registration], client: Client
) -> None:
    pages = [Page(client.get(links.manage_path(one))) for one in people]

    shapes = {tuple(tag for tag, _ in page.elements) for page in pages}
    unsaid = [one.name for one, page in zip(people, pages, strict=True) if spaced(one.name) not in page.words("main")]
    assert len(shapes) == 1
    assert unsaid == []


@pytest.mark.sqlite
def test_each_has_a_ticket_and_a_certificate(event: Event) -> None:
    words = {"title": "T", "host": "", "when": "", "where": "", "sessions": []}
    unsaid = []

    for name in taken(naughty.OURS):
        ada = Registration(event=event, ticket_type=event.ticket_types.get(), pk=1, name=name, affiliation=name)
        made = Certificate(registration=ada, event=event, name=name, minutes=60, words=words, issued_at=timezone.now())
        papers = ["".join(text_of(one).split()) for one in (tickets.paper(ada), certificates.paper(made))]
        unsaid += [name for one in papers if is_plain(name) and name.replace(" ", "") not in one]

    assert unsaid == []


def is_plain(name: str) -> bool:
    """It can be read back from a PDF as it was written there."""
    return name.isascii() and len(name) < 60


def spaced(name: str) -> str:
    return " ".join(name.split())


def test_the_list_of_a_device_has_each_as_it_is(people: list[Registration], client: Client) -> None:
    make_device(people[0].event)

    found = client.get(address(people[0].event, "people/"), headers={"Authorization": f"Bearer {KEY}"}).json()

    assert sorted(one["name"] for one in found["people"]) == sorted(one.name for one in people)
