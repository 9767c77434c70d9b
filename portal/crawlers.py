"""What search engines ask for: where the pages of public events are, and when they changed last."""

from collections.abc import Iterable
from datetime import datetime
from xml.etree.ElementTree import Element

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse

from portal.caching import of_no_event, only_read, public_overview, public_page
from portal.links import absolute
from portal.models import Event
from sessions_app.agenda import agenda
from sessions_app.exports.markup import add, document
from sessions_app.releases import latest

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
RULES = """User-agent: *
Disallow: /admin/

Sitemap: {sitemap}
"""

type Entry = tuple[str, datetime]  # a path, and when it changed last


@only_read
@of_no_event
def robots(request: HttpRequest) -> HttpResponse:
    text = RULES.format(sitemap=absolute(reverse("sitemap")))
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@only_read
def favicon(request: HttpRequest) -> HttpResponse:
    """For who looks for it without reading a page."""
    return redirect(static("portal/img/favicon.svg"))


@public_overview
def sitemap(request: HttpRequest) -> HttpResponse:
    """Names the map of each event: together they may have more pages than one map can hold."""
    events = Event.objects.public().order_by("slug")
    return listed(
        "sitemapindex", "sitemap", ((reverse("event-sitemap", args=[one.slug]), one.changed_at) for one in events)
    )


@public_page
def event_sitemap(request: HttpRequest, event: Event) -> HttpResponse:
    return listed("urlset", "url", [(event.get_absolute_url(), event.changed_at), *pages(event)])


def pages(event: Event) -> Iterable[Entry]:
    """Those of its program as it was released last."""
    published = latest(event)
    if published is None:
        return []
    program = agenda(published.program, event.get_absolute_url())
    paths = [reverse(f"sessions_app:{name}", args=[event.slug]) for name in ("schedule", "speakers")]
    paths += [line.address for line in program.lines if not line.item.is_break]
    paths += [bill.address for bill in program.bills]
    return ((path, published.published_at) for path in paths)


def listed(root: str, tag: str, entries: Iterable[Entry]) -> HttpResponse:
    tree = Element(root, xmlns=NAMESPACE)
    for path, changed_at in entries:
        entry = add(tree, tag)
        add(entry, "loc", absolute(path))
        add(entry, "lastmod", changed_at.isoformat(timespec="seconds"))
    return HttpResponse(document(tree), content_type="application/xml")
