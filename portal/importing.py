"""The page on which organizers import a program: the report of a file is shown, then the file taken over as shown."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from portal.audit import note
from portal.desk import organized, page
from portal.models import Event, Role
from portal.organizing import is_over_all, may_organize
from portal.storage import StorageError
from sessions_app.forms import ImportForm
from sessions_app.importers import LIMIT, read
from sessions_app.importers.load import Loaded, known_of, load
from sessions_app.importers.report import ImportFailed, Reading, Remark

FOLDER = "imports"
KEPT = timedelta(hours=1)  # a file whose report was shown
LINES = 100  # of each part of the report
GONE = "That report is too old, or was taken over already. Choose the file once more."
OTHERWISE = "The draft has changed since this report was made. Here is what the file would change now."


@require_http_methods(["GET", "HEAD", "POST"])
def import_program(request: HttpRequest, pk: int) -> HttpResponse:
    event = organized(request, pk, Role.PROGRAM)
    if request.method != "POST":
        return import_page(request, event, ImportForm())
    return take_over(request, event) if "shown" in request.POST else show(request, event)


def show(request: HttpRequest, event: Event) -> HttpResponse:
    """What a file would change. It is kept for a while, to be taken over as it is."""
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return import_page(request, event, form, status=422)
    data, name = form.cleaned_data["file"].read(LIMIT + 1), form.cleaned_data["format"]
    try:
        reading = reading_of(request, event, data, name)
        loaded = load(event.slug, reading, is_dry_run=True)
    except ImportFailed as error:
        return import_page(request, event, form, {"errors": error.remarks}, status=422)
    try:
        kept = keep(data)
    except StorageError as error:
        form.add_error("file", str(error))
        return import_page(request, event, form, status=422)
    return report_page(request, event, reading, loaded, {"file": kept, "format": name})


def take_over(request: HttpRequest, event: Event) -> HttpResponse:
    """Import the file whose report was shown, if it still does what the report says."""
    try:
        shown = signing.loads(request.POST["shown"], salt=salt(event), max_age=KEPT)
        with default_storage.open(shown["file"]) as file:
            data = file.read()
    except (signing.BadSignature, OSError):
        messages.error(request, GONE)
        return redirect("admin:event-import", event.pk)
    try:
        reading = reading_of(request, event, data, shown["format"])
        with transaction.atomic():
            loaded = load(event.slug, reading)
            is_as_shown = digest(loaded) == shown["digest"]
            transaction.set_rollback(not is_as_shown)
    except ImportFailed as error:
        return import_page(request, event, ImportForm(), {"errors": error.remarks}, status=409)
    if not is_as_shown:
        messages.warning(request, OTHERWISE)
        return report_page(request, event, reading, loaded, shown, status=409)
    default_storage.delete(shown["file"])
    said = f"Imported: {loaded.new} sessions new, {loaded.changed} changed, {loaded.unchanged} unchanged."
    note(request, [event], said)
    messages.success(request, f"{said} The program is public only with the next release.")
    return redirect("admin:event-home", event.pk)


def reading_of(request: HttpRequest, event: Event, data: bytes, name: str) -> Reading:
    """What of a file this organizer may import: only who may make events may have a file make or choose a host.
    Raises ImportFailed."""
    reading = read(data, known_of(event), name)
    may = {name: may_organize(request, event, section.right) for name, section in reading.sections.items()}
    told = tuple(Remark(0, "", f"“{name}” is left to members who work on it.") for name in may if not may[name])
    facts = reading.facts if is_over_all(request) else replace(reading.facts, host="")
    return replace(
        reading,
        facts=facts,
        sections={name: section for name, section in reading.sections.items() if may[name]},
        report=replace(reading.report, unplaced=reading.report.unplaced + told),
    )


def salt(event: Event) -> str:
    return f"import into event {event.pk}"


def digest(loaded: Loaded) -> str:
    return sha256("\n".join((*loaded.changes, *loaded.kept)).encode("utf-8", "replace")).hexdigest()


def keep(data: bytes) -> str:
    """Store a file and discard those that nobody will take over any more; gives its name."""
    if default_storage.exists(FOLDER):
        for name in default_storage.listdir(FOLDER)[1]:
            if default_storage.get_modified_time(f"{FOLDER}/{name}") < timezone.now() - KEPT:
                default_storage.delete(f"{FOLDER}/{name}")
    return default_storage.save(f"{FOLDER}/{uuid4().hex}", ContentFile(data))


def report_page(
    request: HttpRequest, event: Event, reading: Reading, loaded: Loaded, kept: dict[str, str], *, status: int = 200
) -> HttpResponse:
    sections = [
        ("Not placed", "warning", reading.report.unplaced),
        ("Remarks", "warning", reading.report.remarks),
        ("Changes", "edited", loaded.changes),
        ("Not in the file, and kept", "check", loaded.kept),
    ]
    context = {
        "loaded": loaded,
        "is_live": bool(reading.sections),
        "sections": [
            (title, icon, lines[:LINES], max(0, len(lines) - LINES)) for title, icon, lines in sections if lines
        ],
        "shown": signing.dumps(kept | {"digest": digest(loaded)}, salt=salt(event), compress=True),
    }
    return import_page(request, event, ImportForm(), context, status=status)


def import_page(
    request: HttpRequest,
    event: Event,
    form: ImportForm,
    extra: dict[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    errors: tuple[Remark, ...] = (extra or {}).get("errors", ())
    context = page(request, event, "Import a program") | {"form": form} | (extra or {})
    return render(request, "admin/event_import.html", context | {"errors": errors[:LINES]}, status=status)
