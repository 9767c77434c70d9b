"""JSON as values that know their path, so that what is wrong can be found. Nothing is believed of their shape."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from portal.text import printable
from sessions_app.importers.report import ImportFailed, Remark
from sessions_app.importers.source import check_size

LIMIT = 20_000_000
TOO_DEEP = "Objects inside each other deeper than any program needs. It was not read."


@dataclass(frozen=True)
class Value:
    """`path` as in schedule.days[0].title; absent parts are values too, and empty."""

    path: str
    data: Any = None

    def __getitem__(self, name: str) -> "Value":
        found = self.data.get(name) if isinstance(self.data, dict) else None
        return Value(f"{self.path}.{name}" if self.path else name, found)

    def __bool__(self) -> bool:
        return self.data not in (None, "", [], {})

    def __iter__(self) -> Iterator["Value"]:
        """The elements of a list; none of anything else."""
        rows = self.data if isinstance(self.data, list) else []
        return (Value(f"{self.path}[{index}]", row) for index, row in enumerate(rows))

    def members(self) -> Iterator[tuple[str, "Value"]]:
        """The members of an object; none of anything else."""
        names = self.data if isinstance(self.data, dict) else {}
        return ((name, self[name]) for name in names)

    @property
    def text(self) -> str:
        """Texts and numbers as text, of a text in several languages the English or the first one."""
        match self.data:
            case str():
                return self.data
            case bool():
                return ""
            case int() | float():
                return str(self.data)
            case dict():
                texts = {key: text for key, text in self.data.items() if isinstance(text, str) and text}
                return texts.get("en") or next(iter(texts.values()), "")
            case _:
                return ""


def parse(data: bytes) -> Value:
    """Raises ImportFailed."""
    check_size(data, LIMIT)
    try:
        return Value("", cleaned(json.loads(data)))
    except json.JSONDecodeError as error:
        reason = f"Not JSON at column {error.colno}: {error.msg}."
        raise ImportFailed(Remark(error.lineno, "", reason)) from error
    except RecursionError as error:
        raise ImportFailed(Remark(0, "", TOO_DEEP)) from error
    except ValueError as error:  # bytes that aren't UTF-8, numbers of thousands of digits
        raise ImportFailed(Remark(0, "", f"The JSON can't be read: {str(error).partition(';')[0]}.")) from error


def cleaned(data: Any) -> Any:
    """All texts and names without what JSON's escapes can spell and no row holds."""
    match data:
        case str():
            return printable(data)
        case list():
            return [cleaned(one) for one in data]
        case dict():
            return {printable(name): cleaned(one) for name, one in data.items()}
        case _:
            return data


def expect(value: Value, kind: type, what: str) -> None:
    """Raises ImportFailed where the file is of another format."""
    if not isinstance(value.data, kind):
        raise ImportFailed(Remark(value.path, "", what))
