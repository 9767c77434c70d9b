"""What tests ask of a page: its elements with their attributes, and its words as they are read."""

from html.parser import HTMLParser

from django.http import HttpResponse

VOID = {"meta", "link", "input", "br", "hr", "img", "use"}
UNREAD = {"script", "style", "title"}
INLINE = {"a", "span", "strong", "em", "del", "ins", "time", "small", "svg", "use"}


class Page(HTMLParser):
    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.pieces: list[tuple[list[str], str]] = []
        self.open: list[tuple[str, list[str]]] = []
        self.feed(response.content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        if tag not in VOID:
            self.open.append((tag, [f"#{attributes.get('id')}", tag, *attributes.get("class", "").split()]))
        if tag not in INLINE:
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        while tag not in VOID and self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(tag in UNREAD for tag, _ in self.open):
            self.pieces.append(([name for _, names in self.open for name in names], data))

    def words(self, place: str = "body") -> str:
        """All that is read in elements of this tag, class or #id; of several, separated by spaces, within all."""
        wanted = set(place.split())
        return " ".join("".join(data for names, data in self.pieces if wanted <= set(names)).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def links(self) -> list[str]:
        return [attributes["href"] for attributes in self.all("a")]
