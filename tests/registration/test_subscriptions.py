import re

import pytest

from portal.models import Mail, Suppression
from registration import links, preferences
from tests.factories import make_event, make_registration
from tests.registration.reading import make_mail, path, traces

pytestmark = pytest.mark.django_db
ALL = {"program", "news", "materials"}


def page_of(registration):
    return f"{links.manage_path(registration)}mails/"


def test_all_mails_are_wanted_until_somebody_says_no(client):
    registration = make_registration(make_event(), "ada@example.org")

    page = client.get(page_of(registration))

    assert page.content.decode().count(" checked") == 3
    assert traces(page)["Cache-Control"] == "no-store"


def test_the_chosen_categories_are_kept_and_shown(client):
    registration = make_registration(make_event(), "Ada@example.org")

    answer = client.post(page_of(registration), {"category": ["program", "spam"]})
    page = client.get(answer["Location"])

    assert preferences.wanted(registration.event, "ada@example.org") == {"program"}
    assert page.content.decode().count(" checked") == 1
    assert "Saved." in page.content.decode()


@pytest.mark.parametrize(("choice", "rows"), [([], [""]), (sorted(ALL), []), (["news"], ["materials", "program"])])
def test_choosing_twice_is_as_choosing_once(client, choice, rows):
    registration = make_registration(make_event(), "ada@example.org")

    for _ in range(2):
        client.post(page_of(registration), {"category": choice})

    assert sorted(Suppression.objects.values_list("category", flat=True)) == rows
    assert preferences.wanted(registration.event, "ada@example.org") == set(choice)


def test_the_link_in_a_mail_leads_to_the_same_choice(client):
    event = make_event()
    mail = make_mail(event)

    client.post(path(links.mails_url(mail)), {"category": ["news"]})

    assert preferences.wanted(event, mail.address) == {"news"}


def test_below_the_personal_link_it_leads_back_to_the_registration(client):
    registration = make_registration(make_event())
    page, mail = page_of(registration), make_mail(registration.event)

    own, of_mail = client.get(page), client.get(path(links.mails_url(mail)))

    assert f'href="{page.removesuffix("mails/")}"' in own.text
    assert "To my registration" not in of_mail.text


def test_opening_the_page_changes_nothing(client):
    event = make_event()

    client.get(path(links.mails_url(make_mail(event))))

    assert Suppression.objects.count() == 0


def test_an_address_that_bounced_is_not_mailed_by_choosing(client):
    event = make_event()
    registration = make_registration(event, "ada@example.org")
    Suppression.objects.create(event=event, address_key="ada@example.org", reason="bounced")

    client.post(page_of(registration), {"category": sorted(ALL)})

    assert preferences.wanted(event, "ada@example.org") == set()
    assert "came back" in client.get(page_of(registration)).content.decode()


def test_unsubscribing_by_one_click_refuses_all(client):
    event = make_event()
    mail = make_mail(event)

    answer = client.post(path(links.unsubscribe_url(mail)))

    assert preferences.wanted(event, mail.address) == set()
    [link] = re.findall(r'href="([^"]*/mails/[^"/]*/)"', answer.content.decode())
    assert "ada@example.org" in client.get(path(link)).content.decode()
    assert Mail.objects.count() == 1
