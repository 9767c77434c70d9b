from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from portal.models import Event
from tests.factories import make_block, make_event, make_material, make_program, make_release, make_session
from tests.sessions_app.test_api import get

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    return make_event(slug="tutorial")


class TestMaterials:
    def test_an_open_file_is_told_with_its_facts(self, client: Client, event: Event) -> None:
        first, *_ = make_program(event)
        make_release(event)
        material = make_material(event, session=first, url="", file=ContentFile(b"hello\n", "notes.txt"))

        assert get(client, "tutorial/materials/")["materials"] == [
            {
                "uuid": str(material.uuid),
                "title": "Slides",
                "session": "part-1",
                "is_open": True,
                "lock": None,
                "opens_at": None,
                "filename": "notes.txt",
                "media_type": "text/plain",
                "size": 6,
                "sha256": "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
                "url": f"https://portal.example/tutorial/materials/{material.uuid}/",
            }
        ]

    def test_a_locked_one_gives_its_reason_and_no_facts(self, client: Client, event: Event) -> None:
        file = ContentFile(b"hello\n", "secret-name.txt")
        make_material(event, url="", file=file, opening="at_time", opens_at=timezone.now() + timedelta(days=1))

        (found,) = get(client, "tutorial/materials/")["materials"]

        assert found["is_open"] is False
        assert found["lock"].startswith("opens on ")
        assert {found[name] for name in ("filename", "media_type", "size", "sha256")} == {None}

    def test_those_for_the_registered_are_not_told(self, client: Client, event: Event) -> None:
        make_material(event, audience="registered")

        assert get(client, "tutorial/materials/") == {"materials": []}

    def test_those_of_a_session_that_is_not_released_are_not_told(self, client: Client, event: Event) -> None:
        make_release(event)
        make_material(event, session=make_session(make_block(event)))

        assert get(client, "tutorial/materials/") == {"materials": []}
