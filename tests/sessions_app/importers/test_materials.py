"""The materials of an event as YAML: links whole, files by the name of one that is here."""

from typing import Any

import pytest
import yaml
from django.core.files.base import ContentFile

from portal.models import Event
from sessions_app.importers.load import Loaded
from sessions_app.importers.materials import Materials
from sessions_app.importers.report import ImportFailed
from sessions_app.models import Material
from tests.factories import NOON, make_event, make_material, make_program
from tests.sessions_app.importers.reading import imported

pytestmark = pytest.mark.django_db
URL = "https://example.org/slides"


def loaded(*materials: Any, titles: tuple[str, ...] = ("Part 1",)) -> Loaded:
    sessions = [{"title": title, "duration": 45} for title in titles]
    file = {"lectern": 1, "event": {"title": "A School"}, "blocks": [{"sessions": sessions}]}
    return imported("yaml", yaml.safe_dump(file | {"materials": list(materials)}, sort_keys=False).encode())


def refusal(*materials: Any, **options: Any) -> list[str]:
    with pytest.raises(ImportFailed) as failure:
        loaded(*materials, **options)
    return str(failure.value).splitlines()


def test_a_link_is_made_and_found_again_by_its_title_and_session() -> None:
    row = {"title": "Slides", "session": "Part 1", "url": URL, "audience": "registered"}

    first = loaded(row, {"title": "Slides", "url": URL})
    again = loaded(row, {"title": "Slides", "url": f"{URL}/2"})

    rows = [(str(one.session or ""), one.url, one.audience) for one in Material.objects.all()]
    assert rows == [("Part 1", URL, "registered"), ("", f"{URL}/2", "public")]
    assert first.changes[-2:] == ("new material “Slides”", "new material “Slides”")
    assert again.changes == (f"material “Slides”: url {URL} → {URL}/2",)


def test_by_its_uuid_it_may_change_title_session_and_moment() -> None:
    event = make_event(slug="my-event")
    first, _, last = make_program(event)
    material = make_material(event, session=first, opening="at_time", opens_at=NOON)

    loaded({"uuid": str(material.uuid), "title": "Code", "session": "Part 2", "opening": "at_once"}, titles=("Part 2",))

    material.refresh_from_db()
    assert (material.title, material.session, material.opening, material.opens_at) == ("Code", last, "at_once", None)


def test_a_file_that_is_here_stays_and_one_that_is_not_is_told() -> None:
    event = make_event(slug="my-event")
    make_material(event, url="", file=ContentFile(b"Notes", "notes.txt"))
    written = Materials.written(event)

    again = loaded(*written)
    event.materials.all().delete()
    gone = loaded(*written)

    assert written[0]["file"] == "notes.txt"
    assert [change for change in again.changes if "material" in change] == []
    assert gone.kept == ("The file of the material “Slides”, notes.txt, is not in here: upload it.",)
    assert not Material.objects.exists()


@pytest.mark.parametrize(
    ("material", "message"),
    [
        ({"title": "A"}, "line 11: A material is a link or a file"),
        ({"url": URL}, "line 11: title: This field cannot be blank."),
        ({"title": "A", "url": "no"}, "line 12: “no” – url: Enter a valid URL."),
        ({"title": "A", "url": "javascript:alert(1)"}, "line 12: “javascript:alert(1)” – url: Enter a valid URL."),
        ({"title": "A", "url": URL, "audience": "friends"}, "line 13: “friends” – audience: Value 'friends' is not"),
        ({"title": "A", "url": URL, "opening": "at_time"}, "line 11: opens_at: A time belongs to “at a set time”"),
        ({"title": "A", "url": URL, "opens_at": "soon"}, "line 13: “soon” – Not a time"),
        ({"title": "A", "url": URL, "session": "Part 9"}, "line 13: “Part 9” – There is no such session in the file."),
        (
            {"title": "A", "url": URL, "session": "Twin"},
            "line 13: “Twin” – Several sessions of the file are called so.",
        ),
        ("A", "line 11: “A” – Names with values are expected here: title"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_nothing_is_saved(material: Any, message: str) -> None:
    found = refusal(material, titles=("Twin", "Twin"))

    assert [one[: len(message)] for one in found] == [message]
    assert not Event.objects.exists()
