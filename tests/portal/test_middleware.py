import pytest
from django.test import Client

from tests.factories import make_event, make_organizer, make_registration, make_ticket_type

pytestmark = pytest.mark.django_db
PERSON = b"--x\r\nContent-Disposition: form-data; name=name\r\n\r\nZo\xc3\xab\r\n--x--\r\n"


@pytest.mark.parametrize(
    ("charset", "status"), [("idna", 400), ("utf-16", 400), ("rot13", 400), ("utf-8", 422), ("UTF8", 422), ("?", 422)]
)
def test_forms_are_taken_in_the_charset_of_the_page_only(client: Client, charset: str, status: int) -> None:
    make_ticket_type(make_event(slug="tutorial"))
    form = f"multipart/form-data; boundary=x; charset={charset}"

    response = client.generic("POST", "/tutorial/register/", PERSON, content_type=form)

    assert response.status_code == status


@pytest.mark.parametrize(("state", "status"), [("%00", 400), ("confirmed%00", 400), ("confirmed", 200)])
def test_an_address_with_a_nul_is_refused_before_a_database_sees_it(client: Client, state: str, status: int) -> None:
    event = make_event()
    make_registration(event)
    client.force_login(make_organizer(event))

    response = client.get(f"/admin/registration/registration/?state__exact={state}")

    assert (response.status_code, "Traceback" in response.text) == (status, False)
