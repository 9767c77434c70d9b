"""Readers of programs in other formats, by the name `import_event --format` takes."""

from sessions_app.importers import c3voc, csv, frab, ical, objects, page, pretalx, sessionize, source, yaml
from sessions_app.importers.guess import guess, refuse_packed
from sessions_app.importers.report import Format, ImportFailed, Known, Reading, Remark

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
LIMIT = max(form.limit for form in FORMATS.values())


def read(data: bytes, known: Known, name: str = "") -> Reading:
    """A file in the format of this name, or in the one it looks like. Raises ImportFailed."""
    refuse_packed(data)
    if not name:
        return FORMATS[guess(data)].read(data, known)
    try:
        return FORMATS[name].read(data, known)
    except ImportFailed as error:
        raise ImportFailed(*error.remarks, *hint(data, name)) from error


def hint(data: bytes, name: str) -> list[Remark]:
    """Whether the file looks like another format than the one it was taken for."""
    try:
        other = guess(data)
    except ImportFailed as error:
        return list(error.remarks)
    return [] if other in (name, "page") else [Remark(0, "", f"It looks like the format “{other}”.")]
