"""How the API says moments, texts that may be absent, and the sides of a change."""

from datetime import UTC
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


@extend_schema_field(OpenApiTypes.DATETIME)
class LocalTimeField(serializers.Field[Any, Any, str | None, Any]):
    """A moment in the zone of the context."""

    def to_representation(self, value: Any) -> str | None:
        return value.astimezone(self.context["zone"]).isoformat() if value else None


@extend_schema_field(OpenApiTypes.DATETIME)
class UtcField(serializers.Field[Any, Any, str | None, Any]):
    def to_representation(self, value: Any) -> str | None:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value else None


@extend_schema_field(OpenApiTypes.STR)
class AbsentField(serializers.Field[Any, Any, str | None, Any]):
    """A text that is null when empty."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_null=True, **options)

    def to_representation(self, value: str) -> str | None:
        return value or None


@extend_schema_field({"type": ["string", "integer", "array"], "items": {"type": "string"}})
class ValueField(serializers.Field[Any, Any, Any, Any]):
    """A side of a change: text, minutes, names, or null."""

    def to_representation(self, value: Any) -> Any:
        return value
