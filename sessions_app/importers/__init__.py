"""Readers of programs in other formats, by the name `import_event --format` takes."""

from sessions_app.importers import c3voc, frab, objects, page, source, yaml
from sessions_app.importers.report import Format

FORMATS: dict[str, Format] = {
    "page": Format(page.read, source.LIMIT),
    "yaml": Format(yaml.read, yaml.LIMIT),
    "frab": Format(frab.read, frab.LIMIT),
    "c3voc": Format(c3voc.read, objects.LIMIT),
}
