"""Every kind of mail as its reader sees it: in a browser, on a phone in the dark and on a desk."""

import pytest
from django.conf import settings
from django.utils.module_loading import import_string
from playwright.sync_api import Browser

from portal.models import Event
from tests.browsers import faults_at
from tests.registration.post import ADA, post_all

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


@pytest.fixture
def event() -> Event:
    return post_all("Building Efficient Large-Scale Model Systems with DeepSpeed")


def test_each_mail_fits_and_axe_finds_nothing(browser: Browser, event: Event) -> None:
    page = browser.new_page()
    letters = {row.kind: import_string(settings.LETTERS[row.kind])(row) for row in event.mails.filter(address=ADA)}

    found = {}
    for kind, letter in letters.items():
        page.set_content(letter.html)
        found[kind] = faults_at(page, PHONE, "dark") + faults_at(page, DESK)

    assert letters.keys() == settings.LETTERS.keys()
    assert {kind: said for kind, said in found.items() if said} == {}
