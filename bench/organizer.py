"""An organizer at a browser, who signs in and sends forms as they stand on the page."""

from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

from lxml.html import HtmlElement, fromstring

from bench.ground import Ground

NAME, PASSWORD = "bench", "only for measuring"
ADD = f"""
from django.contrib.auth.models import User
User.objects.create_superuser({NAME!r}, password={PASSWORD!r})
"""


class Organizer:
    def __init__(self, found: Ground) -> None:
        found.production.manage("shell", "-v0", "-c", ADD)
        self.site = f"http://localhost:{found.product}"
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))
        form = self.form("/admin/login/", "login-form")
        form.fields["username"], form.fields["password"] = NAME, PASSWORD
        self.send("/admin/login/", form)

    def page(self, path: str) -> HtmlElement:
        with self.opener.open(f"{self.site}{path}") as answer:
            return fromstring(answer.read().decode())

    def form(self, path: str, name: str) -> HtmlElement:
        return self.page(path).get_element_by_id(name)

    def send(self, path: str, form: HtmlElement) -> HtmlElement:
        """What the page says that comes then."""
        with self.opener.open(f"{self.site}{path}", urlencode(form.form_values()).encode()) as answer:
            return fromstring(answer.read().decode())
