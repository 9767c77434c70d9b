"""The program in the organizers' admin."""

from sessions_app.admin.blocks import BlockAdmin
from sessions_app.admin.inlines import BlockInline, RoomInline, SessionInline, TrackInline
from sessions_app.admin.materials import MaterialAdmin
from sessions_app.admin.releases import ReleaseAdmin
from sessions_app.admin.sessions import SessionAdmin
from sessions_app.admin.speakers import SpeakerAdmin

__all__ = [
    "BlockAdmin",
    "BlockInline",
    "MaterialAdmin",
    "ReleaseAdmin",
    "RoomInline",
    "SessionAdmin",
    "SessionInline",
    "SpeakerAdmin",
    "TrackInline",
]
