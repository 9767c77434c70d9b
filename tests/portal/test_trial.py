import re

import pytest

from portal.delivery import drain
from portal.mail import queue
from portal.trial import newest, split
from tests.factories import make_event
from tests.portal.letters import LETTERS

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
trial = pytest.mark.urls("tests.portal.trial_urls")


@pytest.fixture
def folder(settings, tmp_path):
    settings.LETTERS = LETTERS
    settings.TRIAL_MAIL_DIR = tmp_path / "mail"
    options = {"file_path": str(settings.TRIAL_MAIL_DIR)}
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.filebased.EmailBackend", "OPTIONS": options}}
    return settings.TRIAL_MAIL_DIR


def write(*addresses, kind="rich", **context):
    event = make_event()
    for address in addresses:
        queue(kind, event=event, address=address, occasion="test", context=context)
    drain()


def key_of(folder):
    return newest(folder)[0].key


def test_with_a_mail_server_the_pages_do_not_exist(client):
    assert client.get("/trial/mail/").status_code == 404


@trial
def test_before_the_first_mail_the_page_says_how_to_get_one(client, folder):
    page = client.get("/trial/mail/")

    assert page.status_code == 200
    assert "None yet." in page.text


@trial
def test_the_mails_are_listed_with_subject_and_recipient(client, folder):
    write("ada@example.org", "bob@example.org")

    page = client.get("/trial/mail/").text

    assert re.findall(r">Rich</a></th><td>([^<]+)<", page) == ["bob@example.org", "ada@example.org"]


@trial
def test_a_mail_shows_its_text_with_links_to_click(client, folder):
    write("ada@example.org", kind="linked")

    page = client.get(f"/trial/mail/{key_of(folder)}/").text

    assert '<a href="https://portal.example/confirm/x" rel="nofollow">https://portal.example/confirm/x</a>' in page


@trial
def test_the_html_part_is_framed_without_scripts_and_opens_links_in_tabs(client, folder):
    write("ada@example.org", kind="linked")

    frame = client.get(f"/trial/mail/{key_of(folder)}/html/")

    assert frame.text.startswith('<html><head><base target="_blank">')
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    assert frame["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
        "sandbox allow-popups allow-popups-to-escape-sandbox"
    )


@trial
def test_an_attachment_is_downloaded_as_it_is(client, folder):
    write("ada@example.org")

    response = client.get(f"/trial/mail/{key_of(folder)}/attachments/0/")

    assert response.content == b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    assert response["Content-Disposition"] == 'attachment; filename="program.ics"'
    assert response["Content-Type"] == "application/octet-stream"


@trial
@pytest.mark.parametrize(
    "address",
    [
        "0123456789abcdef/",
        "0123456789abcdef/html/",
        "..%2f..%2fsecret_key/",
        "../secret_key/",
        "mails.log/",
    ],
)
def test_no_address_reaches_a_file(client, folder, address):
    write("ada@example.org")
    (folder.parent / "secret_key").write_text("secret")

    assert client.get(f"/trial/mail/{address}").status_code == 404


@trial
def test_an_attachment_that_is_not_there_is_not_found(client, folder):
    write("ada@example.org")

    assert client.get(f"/trial/mail/{key_of(folder)}/attachments/1/").status_code == 404


@trial
def test_a_mail_without_html_has_no_frame(client, folder):
    folder.mkdir()
    (folder / "1.log").write_bytes(b"Content-Type: text/plain\nSubject: Plain\n\nHello\n" + b"-" * 79 + b"\n")
    key = key_of(folder)

    assert "<iframe" not in client.get(f"/trial/mail/{key}/").text
    assert client.get(f"/trial/mail/{key}/html/").status_code == 404


@trial
def test_a_subject_is_escaped(client, folder):
    write("ada@example.org", kind="plain", subject="<script>alert(1)</script>")

    page = client.get("/trial/mail/").text

    assert "&lt;script&gt;alert(1)&lt;/script&gt;</a>" in page


def test_a_line_of_dashes_in_a_text_does_not_end_the_mail():
    ruler = b"\n" + b"-" * 79 + b"\n"
    mail = b"Content-Type: text/plain\nSubject: One\n\nabove" + ruler + b"below\n"

    assert split(mail + ruler + mail + ruler) == [mail, mail]


def test_a_file_that_is_no_mail_breaks_nothing(folder):
    folder.mkdir()
    (folder / "1.log").write_bytes(b"\xff\xfe\x00 nothing of a mail")

    assert [(mail.subject, mail.text) for mail in newest(folder)] == [("", "")]
