"""Switching a second factor on in a real browser, by keyboard alone: by axe, by day and by night, phone and desk."""

from io import BytesIO
from typing import Any

import pyotp
import pytest
import zxingcpp
from django.contrib.auth.models import User
from PIL import Image
from playwright.sync_api import Browser, Page

from portal.models import SecondFactor
from tests.browsers import faint_by_night, faults_at
from tests.factories import make_event, make_organizer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@pytest.fixture
def ursula() -> User:
    return make_organizer(make_event(), "ursula")


def log_in(page: Page, address: str, code: str = "") -> None:
    page.goto(address)
    page.focus("[name=username]")
    for words in ("ursula", "secret", code):
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")


@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "none"])
def test_it_is_switched_on_and_used(ursula: User, live_server: Any, browser: Browser, has_scripts: bool) -> None:
    page = browser.new_page(viewport=DESK, reduced_motion="reduce", java_script_enabled=has_scripts)
    found = {}

    def look(name: str) -> None:
        for size in (DESK, PHONE) if has_scripts else ():
            found[f"{name} {size['width']}"] = faults_at(page, size) + faint_by_night(page)

    address = f"{live_server.url}/admin/second-factor/"
    page.goto(address)
    look("login")
    log_in(page, address)
    page.wait_for_selector("img[src^='data:image/svg']")
    look("off")
    [scanned] = zxingcpp.read_barcodes(Image.open(BytesIO(page.locator("#content img").screenshot())))
    secret = pyotp.parse_uri(scanned.text).secret
    assert page.inner_text("#content code").replace(" ", "") == secret
    page.focus("[name=code]")
    page.keyboard.type("000000")
    page.keyboard.press("Tab")
    page.keyboard.type("secret")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    look("refused")
    page.focus("[name=code]")
    page.keyboard.press("Control+a")
    page.keyboard.type(pyotp.TOTP(secret).now())
    page.keyboard.press("Tab")
    page.keyboard.type("secret")
    page.keyboard.press("Enter")
    page.wait_for_selector(".codes")
    look("codes")
    code = page.inner_text(".codes li >> nth=0")
    page.click("text=I have kept them")
    page.goto(address)
    look("on")
    page.click("text=Log out")
    page.wait_for_selector("text=Log in again")
    log_in(page, address)
    page.wait_for_selector(".errorlist")
    look("asked")
    log_in(page, address, code)
    page.wait_for_selector("text=Recovery codes left: 9.")
    page.close()

    assert {name: said for name, said in found.items() if said} == {}
    assert SecondFactor.objects.get().user == ursula
