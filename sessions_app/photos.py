"""Photos without what cameras write into them: where and when they were taken, and by what. Pure. Nothing is decoded;
the picture stays as it is, and a JPEG keeps which way up it is."""

from collections.abc import Iterator

JPEG, PNG = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"
EXIF = b"Exif\0\0"
APP1, APP13, COMMENT, SCAN = 0xE1, 0xED, 0xFE, 0xDA
TOLD_BY_PNG = (b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME")
ORIENTATION = 0x0112


def bare(content: bytes) -> bytes:
    """What isn't a JPEG or PNG, or is none to its end, is given back as it is."""
    try:
        if content.startswith(JPEG):
            return JPEG + b"".join(kept_of_jpeg(content))
        if content.startswith(PNG):
            return PNG + b"".join(kept_of_png(content))
    except (IndexError, ValueError):
        pass
    return content


def kept_of_jpeg(content: bytes) -> Iterator[bytes]:
    """The segments before the picture, without metadata, and all the rest."""
    place = len(JPEG)
    while content[place + 1] != SCAN:
        if content[place] != 0xFF:
            raise ValueError
        marker, end = content[place + 1], place + 2 + int.from_bytes(content[place + 2 : place + 4])
        if marker == APP1 and content.startswith(EXIF, place + 4):
            yield upright(orientation_of(content[place + 4 + len(EXIF) : end]))
        elif marker not in (APP1, APP13, COMMENT):
            yield content[place:end]
        place = end
    yield content[place:]


def orientation_of(tiff: bytes) -> int:
    """1 to 8; 1 where it isn't said."""
    order = "little" if tiff.startswith(b"II") else "big"

    def number(place: int, length: int) -> int:
        return int.from_bytes(tiff[place : place + length], order)  # type: ignore[arg-type]

    first = number(4, 4)
    for entry in range(first + 2, first + 2 + 12 * number(first, 2), 12):
        if number(entry, 2) == ORIENTATION:
            return number(entry + 8, 2) if 1 <= number(entry + 8, 2) <= 8 else 1
    return 1


def upright(orientation: int) -> bytes:
    """A segment that says this and no more."""
    entry = ORIENTATION.to_bytes(2) + (3).to_bytes(2) + (1).to_bytes(4) + orientation.to_bytes(2) + bytes(2)
    body = EXIF + b"MM\0*" + (8).to_bytes(4) + (1).to_bytes(2) + entry + bytes(4)
    return bytes((0xFF, APP1)) + (len(body) + 2).to_bytes(2) + body


def kept_of_png(content: bytes) -> Iterator[bytes]:
    place = len(PNG)
    while place < len(content):
        end = place + 12 + int.from_bytes(content[place : place + 4])
        if content[place + 4 : place + 8] not in TOLD_BY_PNG:
            yield content[place:end]
        place = end
