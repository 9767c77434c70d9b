"""Icons and the tabs of an event's bar."""

import re

from django import template
from django.template import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from portal.links import absolute
from portal.models import Event

register = template.Library()
HYPHENATED = re.compile(r"(?<![\w-])(?=[\w-]{3,18}(?![\w-]))\w+(?:-\w+)+")


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing from icons.svg; it always stands beside the word that says the same."""
    sheet = static("portal/img/icons.svg")
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', sheet, name)


@register.simple_tag(takes_context=True)
def tab(context: Context, url_name: str, words: str) -> SafeString:
    """A link to a page of the event, marked when it or one below it is the page that is shown."""
    address = reverse(url_name, args=[context["event"].slug])
    request = context.get("request")
    path = request.path if request else ""
    mark = "page" if path == address else "true" if path.startswith(address) else ""
    return format_html('<a href="{}"{}>{}</a>', address, format_html(' aria-current="{}"', mark) if mark else "", words)


@register.simple_tag
def calendar_address(event: Event, view: str = "schedule_ics") -> str:
    """Where calendar programs subscribe to the event's program; `webcal:` lets the visitor's own one open it."""
    return "webcal:" + absolute(reverse(f"sessions_app:{view}", args=[event.slug])).split(":", 1)[1]


register.filter(absolute)


@register.filter
def unbroken(title: str) -> SafeString:
    """A title whose short hyphenated words stay on one line."""
    return mark_safe(HYPHENATED.sub(r'<span class="nb">\g<0></span>', escape(title)))
