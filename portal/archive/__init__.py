"""A copy of an event's public pages and files that any file server can show, without Lectern."""
