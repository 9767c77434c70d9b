"""XML that every parser takes: texts lose the characters it can't hold, and parse back as they went in."""

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from portal.text import clean_text

IMPOSSIBLE = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def add(parent: Element, tag: str, text: str = "", /, **attributes: str) -> Element:
    found = SubElement(parent, tag, {key: possible(value) for key, value in attributes.items()})
    found.text = possible(text)
    return found


def possible(text: str) -> str:
    return IMPOSSIBLE.sub("", clean_text(text))


def document(root: Element) -> bytes:
    """One element a line."""
    indent(root, space="")
    found: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return found
