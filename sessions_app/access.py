"""Who may open a material, and if not, why not, in words."""

from datetime import datetime
from zoneinfo import ZoneInfo

from portal.access import Viewer
from portal.templatetags.words import day
from sessions_app.models import Material
from sessions_app.wording import utc_offset


def lock_on(material: Material, viewer: Viewer, now: datetime, *, is_final: bool) -> str:
    """Why this viewer can't open the material now; empty when they can. `is_final` is the latest release's stage."""
    is_for_viewer = material.audience == Material.Audience.PUBLIC or viewer.is_registered
    who = "" if is_for_viewer else "for registered attendees"
    when = "" if material.is_open(now, is_final=is_final) else opening_of(material)
    if who and not when:
        return f"{who}; use the link in your mail"
    return ", ".join(part for part in (who, when) if part)


def opening_of(material: Material) -> str:
    if material.opening == Material.Opening.AT_RELEASE or material.opens_at is None:
        return "opens when the final program is released"
    return f"opens on {in_words(material.opens_at, material.event.zone)}"


def in_words(moment: datetime, zone: ZoneInfo) -> str:
    """February 20, 2026 at 09:00 EST; zones that have no letters are named by their offset."""
    local = moment.astimezone(zone)
    name = local.tzname() or ""
    return f"{day(local)} at {local:%H:%M} {name if name.isalpha() else utc_offset(local)}"
