"""XML to a small tree that knows its lines. Entities, external references and deep nesting are refused."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler

from defusedxml import DefusedXmlException
from defusedxml.sax import make_parser

from portal.text import printable
from sessions_app.importers.report import ImportFailed, Remark

DEEPEST = 30
MOST = 500_000  # elements
HARMFUL = "The file declares entities or refers to other files, which no schedule needs. It was not read."


@dataclass
class Node:
    tag: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    def all(self, tag: str) -> Iterator["Node"]:
        return (child for child in self.children if child.tag == tag)

    def first(self, tag: str) -> "Node | None":
        return next(self.all(tag), None)

    def text(self, tag: str) -> str:
        """The text of the first child of this name; empty where there is none."""
        found = self.first(tag)
        return found.content if found else ""

    @property
    def content(self) -> str:
        return printable("".join(self.pieces)).strip()

    def get(self, name: str) -> str:
        return printable(self.attributes.get(name, "")).strip()


class Builder(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.root = Node("", 0)
        self.open = [self.root]
        self.count = 0
        self.locator: Any = None

    def setDocumentLocator(self, locator: Any) -> None:
        self.locator = locator

    def startElement(self, name: str, attrs: Any) -> None:
        line = self.locator.getLineNumber()
        self.count += 1
        if len(self.open) > DEEPEST:
            raise ImportFailed(Remark(line, "", f"Elements inside each other more than {DEEPEST} deep."))
        if self.count > MOST:
            raise ImportFailed(Remark(line, "", f"More than {MOST} elements: that is beyond any program."))
        node = Node(name, line, dict(attrs.items()))
        self.open[-1].children.append(node)
        self.open.append(node)

    def endElement(self, name: str) -> None:
        self.open.pop()

    def characters(self, content: str) -> None:
        self.open[-1].pieces.append(content)


def parse(data: bytes) -> Node:
    """The root element. Raises ImportFailed."""
    builder = Builder()
    reader = make_parser()
    reader.setContentHandler(builder)
    try:
        reader.parse(BytesIO(data))
    except DefusedXmlException as error:
        raise ImportFailed(Remark(0, "", HARMFUL)) from error
    except SAXParseException as error:
        reason = f"Not well-formed XML at column {(error.getColumnNumber() or 0) + 1}: {error.getMessage()}."
        raise ImportFailed(Remark(error.getLineNumber() or 0, "", reason)) from error
    except (SAXException, LookupError, ValueError) as error:
        raise ImportFailed(Remark(0, "", f"The XML can't be read: {error}.")) from error
    return builder.root.children[0]
