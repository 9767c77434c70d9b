import gzip
from threading import Barrier, Thread

import brotli
import pytest

from portal.shelf import ENCODERS, Shelf, Stored, coding_of, store

TEXT = b"The same words again and again. " * 100


def kept(body: bytes) -> Stored:
    return store("none:;;", [], body, ENCODERS)


def test_the_longest_unused_goes_first() -> None:
    shelf = Shelf(limit=3 * kept(b"x" * 1000).size)
    for name in "abc":
        shelf.put((name,), kept(b"x" * 1000))
    shelf.get(("a",))

    shelf.put(("d",), kept(b"x" * 1000))

    assert [key[0] for key in shelf.entries] == ["c", "a", "d"]


def test_replacing_and_dropping_is_counted() -> None:
    shelf = Shelf(limit=10**6)
    shelf.put(("a",), kept(b"x" * 1000))
    shelf.put(("a",), kept(b"x" * 5000))
    assert shelf.size == 7000

    shelf.drop(("a",))
    shelf.drop(("a",))

    assert (shelf.size, len(shelf.entries)) == (0, 0)


def test_threads_leave_the_count_right() -> None:
    shelf = Shelf(limit=40_000)
    start = Barrier(4)

    def work(number: int) -> None:
        start.wait()
        for turn in range(500):
            shelf.put((str((number * 7 + turn) % 20),), kept(b"x" * (turn % 5 * 1000)))
            shelf.get((str(turn % 20),))
            shelf.drop((str((turn + 3) % 20),))

    threads = [Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert shelf.size == sum(entry.size for entry in shelf.entries.values())
    assert shelf.size <= 40_000


def test_a_text_is_zipped_once_for_each_encoding() -> None:
    forms = store("none:;;", [("Content-Type", "text/html; charset=utf-8")], TEXT, ENCODERS).forms

    assert {coding: form.body for coding, form in forms.items()} == {
        "": TEXT,
        "br": brotli.compress(TEXT, quality=6),
        "gzip": gzip.compress(TEXT, 6, mtime=0),
    }
    assert (brotli.decompress(forms["br"].body), gzip.decompress(forms["gzip"].body)) == (TEXT, TEXT)


@pytest.mark.parametrize(("media_type", "body"), [("application/pdf", TEXT), ("text/html", b"short")])
def test_what_zipping_does_not_make_smaller_stays_plain(media_type: str, body: bytes) -> None:
    assert list(store("none:;;", [("Content-Type", media_type)], body, ENCODERS).forms) == [""]


@pytest.mark.parametrize(
    ("sent", "coding"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("GZIP;q=0.5", "gzip"),
        ("br;q=0.1, gzip;q=1.0", "gzip"),
        ("gzip ; q = 0.8 , br ; q = 0.8", "br"),
        ("identity;q=1, gzip;q=0.5", ""),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("*;q=0.1, gzip;q=0.5", "gzip"),
        ("gzip;q=0.5, *;q=0", "gzip"),
        ("gzip;q=often, br;q=0.5", "gzip"),
        ("gzip;q=nan", ""),
        ("*", "br"),
        ("*, br;q=0", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("gzip;q=0", ""),
        ("gzip; q=0.000, br; q=0.0", ""),
        ("gzip;q=0.001", "gzip"),
        ("identity", ""),
        ("", ""),
    ],
)
def test_the_encoding_that_the_client_likes_best_and_among_equals_the_smallest(sent: str, coding: str) -> None:
    assert coding_of(sent) == coding
