"""The draft of an event's program, its releases, and its materials."""

from sessions_app.models.materials import Material, upload_path
from sessions_app.models.program import (
    LONGEST,
    MOST_LINKS,
    Appearance,
    Block,
    Room,
    Session,
    Speaker,
    Track,
    validate_links,
)
from sessions_app.models.releases import Release, TimedRelease

__all__ = [
    "LONGEST",
    "MOST_LINKS",
    "Appearance",
    "Block",
    "Material",
    "Release",
    "Room",
    "Session",
    "Speaker",
    "TimedRelease",
    "Track",
    "upload_path",
    "validate_links",
]
