"""Readers of programs in other formats, by the name `import_event --format` takes."""

from sessions_app.importers import page
from sessions_app.importers.report import Reader

FORMATS: dict[str, Reader] = {"page": page.read}
