"""Photos without what cameras write into them: where and when they were taken, by what, and more pictures beside.

Pure. Nothing is decoded; the picture stays as it is, and a JPEG keeps which way up it is.
"""

import re
from collections.abc import Iterator

JPEG, PNG = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"
MARKER = re.compile(rb"\xff([^\x00\x01\xff\xd0-\xd8])")  # before it may be any number of \xff
APP1, COMMENT, SCAN, END = 0xE1, 0xFE, 0xDA, 0xD9
APPLICATION = range(0xE0, 0xF0)
EXIF = b"Exif\0\0"
DRAWN_BY_JPEG = (b"JFIF\0", b"ICC_PROFILE\0", b"Adobe")  # what of applications a picture needs
DRAWN_BY_PNG = set(b"tRNS gAMA cHRM sRGB iCCP sBIT bKGD pHYs hIST sPLT cICP mDCV cLLI acTL fcTL fdAT".split())
ORIENTATION = 0x0112


def bare(content: bytes) -> bytes:
    """What isn't a JPEG or PNG is given back as it is."""
    if content.startswith(JPEG):
        return JPEG + b"".join(kept_of_jpeg(content))
    if content.startswith(PNG):
        return PNG + b"".join(kept_of_png(content))
    return content


def kept_of_jpeg(content: bytes) -> Iterator[bytes]:
    """The segments without metadata, and the scans, up to the picture's end; more pictures may come behind it."""
    place, is_scan = len(JPEG), False
    while found := MARKER.search(content, place):
        if is_scan:
            yield content[place : found.start()]
        marker, start = found[1][0], found.end()
        if marker == END:
            yield bytes((0xFF, END))
            return
        place, is_scan = start + max(int.from_bytes(content[start : start + 2]), 2), marker == SCAN
        if content.startswith(EXIF, start + 2):
            yield upright(orientation_of(content[start + 2 + len(EXIF) : place]))
        elif is_kept(marker, content[start + 2 : place]):
            yield bytes((0xFF, marker)) + content[start:place]
    if is_scan:
        yield content[place:]


def is_kept(marker: int, body: bytes) -> bool:
    return marker != COMMENT and (marker not in APPLICATION or body.startswith(DRAWN_BY_JPEG))


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
    """What a picture can't do without begins with a capital."""
    place = len(PNG)
    while place < len(content):
        end, kind = place + 12 + int.from_bytes(content[place : place + 4]), content[place + 4 : place + 8]
        if kind[:1].isupper() or kind in DRAWN_BY_PNG:
            yield content[place:end]
        if kind == b"IEND":
            return
        place = end
