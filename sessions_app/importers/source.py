"""From the bytes of a file to its text, or a clear word why not."""

import codecs

from sessions_app.importers.report import ImportFailed, Remark

LIMIT = 1_000_000
ENCODINGS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
SAVE_AS_UTF8 = "Save it as plain text in UTF-8 and try again."


def decode(data: bytes, limit: int = LIMIT) -> str:
    """UTF-8, or UTF-16 with its mark. Other encodings are refused: a wrong guess would spoil names unseen."""
    check_size(data, limit)
    encoding = next((name for mark, name in ENCODINGS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ImportFailed(undecodable(data, encoding, error)) from error
    check(text)
    return text


def check_size(data: bytes, limit: int) -> None:
    if len(data) > limit:
        raise ImportFailed(Remark(0, "", f"The file is larger than {limit // 1000} kB."))


def undecodable(data: bytes, encoding: str, error: UnicodeDecodeError) -> Remark:
    if encoding == "utf-16":
        return Remark(0, "", f"The file isn't whole UTF-16 text (at byte {error.start + 1}). {SAVE_AS_UTF8}")
    before = data[: error.start]
    if b"\0" in data:
        return Remark(0, "", f"This is not a text file (first odd byte: {error.start + 1}). {SAVE_AS_UTF8}")
    line = before.count(b"\n") + 1
    column = error.start - (before.rfind(b"\n") + 1) + 1
    found = f"Byte {column} of this line, 0x{data[error.start]:02X}, is not UTF-8. {SAVE_AS_UTF8}"
    return Remark(line, "", found)


def check(text: str) -> None:
    if not text.strip():
        raise ImportFailed(Remark(0, "", "The file is empty."))
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise ImportFailed(Remark(line, "", f"There is a NUL byte: this is not a text file. {SAVE_AS_UTF8}"))
    if text.lstrip()[:200].lower().startswith(("<!doctype html", "<html", "<?xml", "{\\rtf", "%pdf-")):
        raise ImportFailed(Remark(1, "", f"This is marked-up text, not a plain page. {SAVE_AS_UTF8}"))
