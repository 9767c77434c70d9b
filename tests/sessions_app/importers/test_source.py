import pytest

from sessions_app.importers.report import ImportFailed
from sessions_app.importers.source import decode


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The file is empty."),
        (b" \n\t\r\n ", "The file is empty."),
        (b"x" * 1_000_001, "The file is larger than 1000 kB."),
        (b"<!DOCTYPE html><p>Hi", "line 1: This is marked-up text, not a plain page."),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "line 2: Byte 2 of this line, 0xE2, is not UTF-8."),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "This is not a text file (first odd byte: 1)."),
        (b"A Page\nCaf\xe9 (30 minutes)", "line 2: Byte 4 of this line, 0xE9, is not UTF-8."),
        (b"A Page\nA\0B", "line 2: There is a NUL byte: this is not a text file."),
        (b"\xff\xfeA\0B", "The file isn't whole UTF-16 text (at byte"),
        ("A Page".encode("utf-32"), "line 1: There is a NUL byte: this is not a text file."),
    ],
)
def test_what_is_no_text_is_refused_and_the_place_named(data: bytes, message: str) -> None:
    with pytest.raises(ImportFailed) as failure:
        decode(data)

    assert str(failure.value).startswith(message)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_marked_unicode_encodings_are_read(encoding: str) -> None:
    assert decode("Über uns".encode(encoding)) == "Über uns"
