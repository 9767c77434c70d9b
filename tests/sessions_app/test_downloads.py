from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from portal.models import Event
from sessions_app.models import Material
from tests.factories import make_block, make_event, make_material, make_program, make_release, make_session

pytestmark = pytest.mark.django_db
CONTENT = b"%PDF-1.7 " + bytes(range(91))


def make_file(event: Event, name: str = "Part 1.pdf", **fields) -> Material:
    return make_material(event, url="", file=ContentFile(CONTENT, name), **fields)


def address(material: Material) -> str:
    return f"/{material.event.slug}/materials/{material.uuid}/"


def body(response) -> bytes:
    return b"".join(response.streaming_content)


@pytest.mark.sqlite
class TestFiles:
    def test_they_come_whole_and_named_and_can_do_no_harm(self, client: Client) -> None:
        response = client.get(address(make_file(make_event())))

        headers = {
            name: response[name]
            for name in (
                "Content-Type",
                "Content-Length",
                "Content-Disposition",
                "X-Content-Type-Options",
                "Content-Security-Policy",
                "Cache-Control",
                "Accept-Ranges",
            )
        }
        assert (response.status_code, body(response)) == (200, CONTENT)
        assert headers == {
            "Content-Type": "application/pdf",
            "Content-Length": "100",
            "Content-Disposition": 'attachment; filename="Part 1.pdf"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "public, no-cache",
            "Accept-Ranges": "bytes",
        }

    def test_names_in_any_script_are_sent_as_rfc_5987_says(self, client: Client) -> None:
        response = client.get(address(make_file(make_event(), "Vorträge 世界.pdf")))

        assert response["Content-Disposition"] == "attachment; filename*=utf-8''Vortr%C3%A4ge%20%E4%B8%96%E7%95%8C.pdf"

    def test_head_tells_the_length_and_sends_nothing(self, client: Client) -> None:
        response = client.head(address(make_file(make_event())))

        assert (response.status_code, response["Content-Length"], response.content) == (200, "100", b"")

    def test_what_the_client_has_is_not_sent_again(self, client: Client) -> None:
        material = make_file(make_event())
        first = client.get(address(material))

        by_tag = client.get(address(material), headers={"If-None-Match": first["ETag"]})
        by_date = client.get(address(material), headers={"If-Modified-Since": first["Last-Modified"]})

        assert first["ETag"] == f'"{material.sha256}"'
        assert [(one.status_code, one["ETag"]) for one in (by_tag, by_date)] == [(304, first["ETag"])] * 2

    def test_only_reading_is_allowed(self, client: Client) -> None:
        assert client.post(address(make_file(make_event()))).status_code == 405

    def test_a_file_that_left_the_disk_is_said_to_be_missing_and_logged(self, client: Client, caplog) -> None:
        material = make_file(make_event())
        default_storage.delete(material.file.name)

        response = client.get(address(material))

        assert response.status_code == 404
        assert "Its file is missing here." in response.text
        assert [record.message for record in caplog.records if record.name == "sessions_app.downloads"] == [
            f"The file of material {material.pk} is missing: {material.file.name}"
        ]


@pytest.mark.sqlite
class TestRanges:
    @pytest.mark.parametrize(
        ("asked", "first", "last"),
        [
            ("bytes=0-9", 0, 9),
            ("bytes=95-", 95, 99),
            ("bytes=-5", 95, 99),
            ("bytes=-500", 0, 99),
            ("bytes=90-5000", 90, 99),
            ("bytes=0-0", 0, 0),
        ],
    )
    def test_one_part_is_sent_alone(self, client: Client, asked: str, first: int, last: int) -> None:
        response = client.get(address(make_file(make_event())), headers={"Range": asked})

        assert (response.status_code, body(response)) == (206, CONTENT[first : last + 1])
        assert response["Content-Range"] == f"bytes {first}-{last}/100"
        assert response["Content-Length"] == str(last - first + 1)

    @pytest.mark.parametrize("asked", ["bytes=100-", "bytes=5000-6000", "bytes=-0"])
    def test_a_part_beyond_the_end_is_refused_with_the_length(self, client: Client, asked: str) -> None:
        response = client.get(address(make_file(make_event())), headers={"Range": asked})

        assert (response.status_code, response["Content-Range"]) == (416, "bytes */100")

    @pytest.mark.parametrize(
        "asked", ["bytes=9-5", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6", "bytes=1-" + "9" * 5000]
    )
    def test_what_is_no_single_range_gets_the_whole(self, client: Client, asked: str) -> None:
        response = client.get(address(make_file(make_event())), headers={"Range": asked})

        assert (response.status_code, body(response)) == (200, CONTENT)

    def test_if_range_resumes_the_same_file_and_restarts_another(self, client: Client) -> None:
        material = make_file(make_event())
        first = client.get(address(material))

        def status(condition: str) -> int:
            return client.get(address(material), headers={"Range": "bytes=50-", "If-Range": condition}).status_code

        assert [status(one) for one in (first["ETag"], first["Last-Modified"], '"another"')] == [206, 206, 200]


@pytest.mark.sqlite
class TestLocks:
    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"audience": "registered"}, "It is locked: for registered attendees; use the link in your mail."),
            ({"opening": "at_release"}, "It is locked: opens when the final program is released."),
        ],
    )
    @pytest.mark.parametrize("kind", ["file", "link"])
    def test_a_locked_one_says_why(self, client: Client, kind: str, fields: dict[str, str], reason: str) -> None:
        event = make_event()
        make_release(event, "tentative")
        material = make_file(event, **fields) if kind == "file" else make_material(event, **fields)

        response = client.get(address(material))

        assert (response.status_code, reason in response.text) == (403, True)
        assert "example.org" not in response.text

    def test_it_opens_with_the_final_release(self, client: Client) -> None:
        event = make_event()
        material = make_file(event, opening="at_release")
        make_release(event, "final")

        assert client.get(address(material)).status_code == 200

    def test_it_opens_at_its_time(self, client: Client) -> None:
        event, now = make_event(), timezone.now()
        early = make_file(event, opening="at_time", opens_at=now - timedelta(seconds=1))
        late = make_file(event, opening="at_time", opens_at=now + timedelta(hours=1))

        assert [client.get(address(one)).status_code for one in (early, late)] == [200, 403]

    def test_the_refusal_of_what_is_for_the_registered_is_not_stored(self, client: Client) -> None:
        response = client.get(address(make_file(make_event(), audience="registered")))

        assert response["Cache-Control"] == "no-store"

    def test_unknown_foreign_and_unreleased_ones_do_not_exist(self, client: Client) -> None:
        event = make_event()
        make_release(event)
        foreign = make_file(make_event())
        unreleased = make_file(event, session=make_session(make_block(event), "Surprise"))
        addresses = [f"/{event.slug}/materials/{uuid}/" for uuid in (uuid4(), foreign.uuid, unreleased.uuid)]

        assert [client.get(one).status_code for one in addresses] == [404, 404, 404]

    def test_nothing_of_a_private_event_is_given(self, client: Client) -> None:
        assert client.get(address(make_file(make_event(is_public=False)))).status_code == 404


@pytest.mark.sqlite
class TestLinks:
    def test_they_redirect_without_telling_where_from(self, client: Client) -> None:
        response = client.get(address(make_material(make_event(), url="https://example.org/slides")))

        assert (response.status_code, response["Location"]) == (302, "https://example.org/slides")
        assert response["Referrer-Policy"] == "no-referrer"

    @pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://example.org/a", "//example.org"])
    def test_other_schemes_lead_nowhere(self, client: Client, url: str) -> None:
        assert client.get(address(make_material(make_event(), url=url))).status_code == 404


def test_a_file_takes_as_many_queries_however_many_there_are(client: Client, django_assert_num_queries) -> None:
    event = make_event()
    first, *_ = make_program(event)
    make_release(event)
    materials = [make_file(event, session=first) for _ in range(20)]

    with django_assert_num_queries(3):
        client.get(address(materials[-1]))
