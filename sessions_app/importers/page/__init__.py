"""Reads the plain text of a hand-made event page. Pure: bytes in, facts and program and a report out."""

from sessions_app.importers.page.reader import read

__all__ = ["read"]
