"""Readers of programs in other formats, by the name `import_event --format` takes."""

from sessions_app.importers import c3voc, csv, frab, ical, objects, page, pretalx, sessionize, source, yaml
from sessions_app.importers.report import Format

FORMATS: dict[str, Format] = {
    "page": Format(page.read, source.LIMIT),
    "yaml": Format(yaml.read, yaml.LIMIT),
    "frab": Format(frab.read, frab.LIMIT),
    "csv": Format(csv.read, csv.LIMIT),
    "c3voc": Format(c3voc.read, objects.LIMIT),
    "pretalx": Format(pretalx.read, objects.LIMIT),
    "sessionize": Format(sessionize.read, objects.LIMIT),
    "ical": Format(ical.read, ical.LIMIT),
}
