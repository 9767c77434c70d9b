"""The releases as an Atom feed (RFC 4287): what each changed, in words."""

from xml.etree.ElementTree import Element

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from portal.links import absolute
from portal.models import Event
from portal.text import clean_line
from sessions_app.exports.markup import add, document
from sessions_app.history import Entry

MEDIA_TYPE = "application/atom+xml"
NAMESPACE = "http://www.w3.org/2005/Atom"
NEWEST = 20  # releases; older ones stand on the page
MOST = 50  # changes of a release


def releases(event: Event, history: list[Entry]) -> bytes:
    """A feed without entries before the first release, so that it can be subscribed to before."""
    root = Element("feed", xmlns=NAMESPACE)
    add(root, "id", identity(event))
    add(root, "title", clean_line(f"{event.title}: releases of the program"))
    add(root, "updated", (history[0].published_at if history else event.created_at).isoformat(timespec="seconds"))
    add(
        root,
        "link",
        rel="self",
        type=MEDIA_TYPE,
        href=absolute(reverse("sessions_app:releases_atom", args=[event.slug])),
    )
    add(
        root,
        "link",
        rel="alternate",
        type="text/html",
        href=absolute(reverse("sessions_app:releases", args=[event.slug])),
    )
    add(root, "generator", "Lectern")
    add(add(root, "author"), "name", clean_line(event.title))
    for entry in history[:NEWEST]:
        add_entry(root, event, entry)
    return document(root)


def add_entry(root: Element, event: Event, entry: Entry) -> None:
    page = absolute(reverse("sessions_app:release", args=[event.slug, entry.number]))
    moment = entry.published_at.isoformat(timespec="seconds")
    found = add(root, "entry")
    add(found, "id", f"{identity(event)}/release-{entry.number}")
    add(found, "title", f"Release {entry.number}, {entry.stage}")
    add(found, "published", moment)
    add(found, "updated", moment)
    add(found, "link", rel="alternate", type="text/html", href=page)
    add(found, "category", term=entry.stage)
    add(found, "content", content(entry, page), type="html")


def identity(event: Event) -> str:
    """A name for ever (RFC 4151), also if the event gets another address."""
    return f"tag:{settings.SITE_HOST},{event.created_at:%Y-%m-%d}:event-{event.pk}"


def content(entry: Entry, page: str) -> SafeString:
    note = format_html("<p>{}</p>\n", entry.note) if entry.note else ""
    if entry.is_first:
        return format_html("{}<p>First publication.</p>", note)
    if not entry.marks:
        return format_html("{}<p>The program is the same as in release {}.</p>", note, entry.number - 1)
    changes = [(mark.change.label, mark.change.sentence) for mark in entry.summary]
    lines = format_html_join("\n", "<li><strong>{}</strong> {}</li>", changes[:MOST])
    rest = format_html('\n<p><a href="{}">All {} changes</a></p>', page, len(entry.marks))
    return format_html("{}<ul>\n{}\n</ul>{}", note, lines, rest if len(changes) > MOST else "")
