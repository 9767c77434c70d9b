"""What becomes of each line while a page is read."""

from sessions_app.importers.page.lines import Line
from sessions_app.importers.report import ImportFailed, Remark

MOST = 2000  # sessions, and people


class Notes:
    def __init__(self) -> None:
        self.placed: dict[int, str] = {}
        self.unplaced: dict[int, Remark] = {}
        self.remarks: list[Remark] = []
        self.errors: list[Remark] = []

    def place(self, line: Line, where: str) -> None:
        self.placed[line.number] = where
        self.unplaced.pop(line.number, None)

    def leave(self, line: Line, reason: str) -> None:
        self.placed.pop(line.number, None)
        self.unplaced[line.number] = Remark(line.number, line.text, reason)

    def remark(self, line: Line, reason: str) -> None:
        self.remarks.append(Remark(line.number, line.text, reason))

    def fail(self, line: Line, reason: str) -> None:
        self.errors.append(Remark(line.number, line.text, reason))

    def limit(self, count: int, line: Line, what: str) -> None:
        """Stop at once where a page goes beyond all measure."""
        if count > MOST:
            raise ImportFailed(Remark(line.number, line.text, f"More than {MOST} {what} are too many for a page."))

    def raise_errors(self) -> None:
        if self.errors:
            raise ImportFailed(*sorted(self.errors, key=lambda error: error.line))
