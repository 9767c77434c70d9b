"""What the API answers to whatever its description allows, and to what it doesn't."""

from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from portal.models import Event
from tests.factories import NOON, make_event, make_program, make_release

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
REAL = {"event": "tutorial", "slug": "part-1", "number": 2, "before": 1}
DESCRIPTION = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(public=True))
DESCRIPTION.app = get_wsgi_application()
PATHS = {path: methods["get"] for path, methods in DESCRIPTION.raw_schema["paths"].items() if "get" in methods}
OPEN = [path for path in PATHS if "check-ins" not in path]  # those ask for a key first
WITH_QUERY = [path for path in OPEN if any(one["in"] == "query" for one in PATHS[path].get("parameters", ()))]
CASES = [(path, GenerationMode.POSITIVE) for path in OPEN] + [(path, GenerationMode.NEGATIVE) for path in WITH_QUERY]


@pytest.fixture
def event(transactional_db: None) -> Event:
    """Requests close connections between them, so no transaction may surround the test."""
    event = make_event(slug="tutorial")
    make_program(event, start=NOON)
    make_release(event)
    make_release(event, "final")
    return event


@pytest.mark.parametrize(("path", "mode"), CASES)
def test_each_answer_is_one_of_those_described(event: Event, path: str, mode: GenerationMode) -> None:
    operation = DESCRIPTION[path]["GET"]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=10, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def ask(case: Any) -> None:
        case.call_and_validate(checks=CHECKS)
        case.path_parameters = {name: REAL[name] for name in case.path_parameters or {}}
        case.call_and_validate(checks=CHECKS)

    ask()
