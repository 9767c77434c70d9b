import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern
from drf_spectacular.validation import validate_schema

from portal import api
from portal.models import Event
from registration.links import calendar_path
from tests.factories import NOON, make_event, make_material, make_program, make_registration, make_release
from tests.registration.doors import KEY, make_device

pytestmark = pytest.mark.django_db
DEVICE = {"Authorization": f"Bearer {KEY}"}
UNDESCRIBED = {"api-schema", "api-docs"}
EXAMPLE = {"event": "tutorial", "slug": "part-1", "number": 2, "before": 1}


@pytest.fixture
def event() -> Event:
    """Two releases of a timed program, and a material."""
    event = make_event(slug="tutorial")
    first, *_ = make_program(event, start=NOON)
    make_release(event)
    first.title = "Welcome"
    first.save()
    make_release(event, "final")
    make_material(event)
    make_device(event)
    return event


@pytest.fixture
def description(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/v1/schema/").json()
    return found


def described(pattern: URLPattern) -> str:
    return "/api/v1/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern))


def test_the_root_names_where_to_begin(client: Client) -> None:
    assert client.get("/api/v1/").json() == {
        "events": "https://portal.example/api/v1/events/",
        "schema": "https://portal.example/api/v1/schema/",
        "docs": "https://portal.example/api/v1/docs/",
    }


class TestDescription:
    def test_it_is_valid_openapi_3_1(self, description: dict[str, Any]) -> None:
        validate_schema(description)

        assert description["openapi"] == "3.1.0"

    def test_it_is_made_without_a_warning(self, tmp_path: Path) -> None:
        call_command("spectacular", "--validate", "--fail-on-warn", file=str(tmp_path / "schema.yml"))

    def test_it_has_every_address(self, description: dict[str, Any]) -> None:
        addresses = {described(one) for one in api.urlpatterns if one.name not in UNDESCRIBED}

        assert set(description["paths"]) == addresses

    def test_each_answer_is_as_described(self, client: Client, event: Event, description: dict[str, Any]) -> None:
        checked = []

        for path, methods in description["paths"].items():
            if "get" not in methods:
                continue
            shape = methods["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            document = {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "components": description["components"],
            }
            answer = client.get(path.format(**EXAMPLE), headers=DEVICE).json()
            jsonschema.validate(answer, document | shape)
            checked.append(set(answer) == set(resolved(description, shape)["properties"]))

        assert checked == [True] * (
            len(description["paths"]) - 2
        )  # check-ins are only taken back, people only registered

    def test_it_is_the_same_each_time(self, client: Client) -> None:
        first = client.get("/api/v1/schema/")

        again = client.get("/api/v1/schema/", headers={"If-None-Match": first["ETag"]})

        assert (again.status_code, again.content) == (304, b"")

    def test_its_page_has_no_script_or_style_of_its_own(self, client: Client) -> None:
        page = client.get("/api/v1/docs/").content.decode()

        assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=", page) == []
        assert 'data-schema="/api/v1/schema/"' in page


def resolved(description: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = description["components"]["schemas"][shape["$ref"].rpartition("/")[2]]
    return found


class TestRefusals:
    @pytest.mark.parametrize("path", ["/api/", "/api/v1/nothing/", "/api/v2/events/", "/api/v1/events/tutorial/x/"])
    def test_an_unknown_address(self, client: Client, event: Event, path: str) -> None:
        response = client.get(path)

        problem = response.json()
        assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
        assert {name: problem[name] for name in ("type", "title", "status")} == {
            "type": "about:blank",
            "title": "Not Found",
            "status": 404,
        }

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
    def test_a_method_that_is_not_there(self, client: Client, event: Event, method: str) -> None:
        response = getattr(client, method)("/api/v1/events/tutorial/schedule/")

        assert (response.status_code, response["Content-Type"]) == (405, "application/problem+json")
        assert response["Allow"] == "GET, HEAD, OPTIONS"
        assert response.json()["detail"] == f'Method "{method.upper()}" not allowed.'

    @pytest.mark.parametrize("accept", ["text/csv", "text/html", "image/png, text/*", "nonsense"])
    def test_a_type_it_does_not_have(self, client: Client, event: Event, accept: str) -> None:
        response = client.get("/api/v1/events/tutorial/schedule/", headers={"Accept": accept})

        assert (response.status_code, response["Content-Type"]) == (406, "application/problem+json")

    def test_another_host(self, client: Client) -> None:
        response = client.get("/api/v1/events/", headers={"Host": "evil.example"})

        assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")

    @pytest.mark.parametrize("query", ["format=api", "format=xml", "page=-1", "limit=99999999999", "%ff=%fe"])
    def test_queries_make_no_difference(self, client: Client, event: Event, query: str) -> None:
        plain = client.get("/api/v1/events/tutorial/schedule/")

        asked = client.get(f"/api/v1/events/tutorial/schedule/?{query}")

        assert (asked.status_code, asked.content) == (200, plain.content)

    def test_how_the_json_is_laid_out_does_not_depend_on_the_client(self, client: Client, event: Event) -> None:
        plain = client.get("/api/v1/events/tutorial/schedule/")

        asked = client.get("/api/v1/events/tutorial/schedule/", headers={"Accept": "application/json; indent=4"})

        assert asked.content == plain.content


class TestOtherSites:
    @pytest.mark.parametrize("path", ["/api/v1/events/", "/tutorial/schedule.json", "/tutorial/schedule.ics"])
    def test_may_read(self, client: Client, event: Event, path: str) -> None:
        response = client.get(path, headers={"Origin": "https://elsewhere.example"})

        assert response["Access-Control-Allow-Origin"] == "*"
        assert response["Access-Control-Expose-Headers"] == "ETag, Link, Retry-After"
        assert "Access-Control-Allow-Credentials" not in response

    def test_may_read_a_304_and_a_404(self, client: Client, event: Event) -> None:
        tag = client.get("/api/v1/events/")["ETag"]

        unchanged = client.get("/api/v1/events/", headers={"If-None-Match": tag})
        missing = client.get("/api/v1/nothing/")

        assert [one.status_code for one in (unchanged, missing)] == [304, 404]
        assert [one["Access-Control-Allow-Origin"] for one in (unchanged, missing)] == ["*", "*"]

    def test_are_told_so_beforehand(self, client: Client, event: Event) -> None:
        response = client.options(
            "/api/v1/events/tutorial/schedule/",
            headers={"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"},
        )

        assert (response.status_code, response.content) == (204, b"")
        assert response["Access-Control-Allow-Methods"] == response["Allow"] == "GET, HEAD, OPTIONS"
        assert (
            response["Access-Control-Allow-Headers"]
            == "Content-Type, Idempotency-Key, If-Modified-Since, If-None-Match"
        )

    def test_may_not_read_pages(self, client: Client, event: Event) -> None:
        assert "Access-Control-Allow-Origin" not in client.get("/tutorial/")

    def test_may_not_read_the_calendar_of_a_single_person(self, client: Client, event: Event) -> None:
        response = client.get(calendar_path(make_registration(event)))

        assert (response.status_code, "Access-Control-Allow-Origin" in response) == (200, False)
