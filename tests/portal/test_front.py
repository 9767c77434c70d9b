import gzip
import time
from collections.abc import Iterable
from datetime import timedelta
from threading import Thread

import pytest
from django.core.signals import request_finished
from django.db import connection
from django.utils import timezone

from portal import caching
from portal.front import Front
from portal.models import Event
from portal.shelf import Environ, StartResponse
from tests.factories import make_event, make_material, make_program, make_release
from tests.portal.fronts import PAGE, Counted, ask, refuse


@pytest.fixture
def event(transactional_db: None) -> Event:
    """Requests close connections between them, so no transaction may surround the test."""
    event = make_event(slug="tutorial")
    make_release(event)
    Event.objects.update(changed_at=timezone.now() - timedelta(hours=1))
    return event


@pytest.fixture
def django() -> Counted:
    return Counted()


@pytest.fixture
def front(django: Counted) -> Front:
    """Looks at the versions for every request."""
    return Front(django, pause=0)


@pytest.mark.sqlite
class TestReplaying:
    def test_the_second_request_does_not_reach_django(self, front: Front, django: Counted, event: Event) -> None:
        first, second = ask(front), ask(front)

        assert django.count == 1
        assert (second.status, second.headers, second.body) == (200, first.headers, first.body)

    def test_django_would_say_the_same(self, front: Front, event: Event, client) -> None:
        straight = client.get(PAGE)

        ask(front)
        replayed = ask(front)

        expected = {name: value for name, value in straight.headers.items() if name != caching.MARK}
        said = {name: value for name, value in replayed.headers.items() if name != "X-Accel-Expires"}
        assert (said, replayed.body) == (expected, straight.content)

    def test_a_proxy_may_give_it_to_others_until_the_second_ends(self, front: Front, event: Event) -> None:
        before = int(time.time())
        tag = ask(front).headers["ETag"]

        answers = [ask(front), ask(front, method="HEAD"), ask(front, HTTP_IF_NONE_MATCH=tag)]

        after = int(time.time())
        seconds = [int(answer.headers["X-Accel-Expires"].removeprefix("@")) for answer in answers]
        assert before <= min(seconds) <= max(seconds) <= after

    def test_no_proxy_keeps_what_we_do_not(self, front: Front, event: Event) -> None:
        answers = [
            ask(front, f"{PAGE}?a=1"),
            ask(front, HTTP_AUTHORIZATION="Token x"),
            ask(front, "/tutorial/register/"),
            ask(front, "/no-such-event/"),
        ]

        assert ["X-Accel-Expires" in answer.headers for answer in answers] == [False] * 4

    def test_it_costs_one_query(self, front: Front, event: Event, django_assert_num_queries) -> None:
        ask(front)

        with django_assert_num_queries(1):
            ask(front)

    def test_within_the_pause_it_costs_none(self, django: Counted, event: Event, django_assert_num_queries) -> None:
        front = Front(django, pause=60)
        ask(front), ask(front)

        with django_assert_num_queries(0):
            assert ask(front).status == 200
        assert django.count == 1

    def test_the_mark_never_leaves_the_server(self, front: Front, event: Event) -> None:
        answers = [ask(front), ask(front), ask(front, "/tutorial/?a=1"), ask(front, method="HEAD")]

        assert [caching.MARK in answer.headers for answer in answers] == [False] * 4

    def test_head_is_answered_without_a_body(self, front: Front, django: Counted, event: Event) -> None:
        body = ask(front).body

        answer = ask(front, method="HEAD")

        assert (answer.status, answer.body, answer.headers["Content-Length"]) == (200, b"", str(len(body)))
        assert django.count == 1

    @pytest.mark.parametrize("sent", ["{tag}", "W/{tag}", '"other", {tag}', "*"])
    def test_what_the_client_has_is_not_sent_again(self, front: Front, event: Event, sent: str) -> None:
        tag = ask(front).headers["ETag"]

        answer = ask(front, HTTP_IF_NONE_MATCH=sent.format(tag=tag))

        assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", tag)
        assert not {"Content-Type", "Content-Length", "Content-Encoding"} & set(answer.headers)

    def test_what_only_the_client_has_is_kept_too(self, front: Front, django: Counted, event: Event) -> None:
        tag = ask(Front(django)).headers["ETag"]

        answers = [ask(front, HTTP_IF_NONE_MATCH=tag), ask(front, HTTP_IF_NONE_MATCH=tag), ask(front)]

        assert [answer.status for answer in answers] == [304, 304, 200]
        assert ["X-Accel-Expires" in answer.headers for answer in answers] == [True] * 3
        assert django.count == 3

    def test_each_request_that_reaches_django_is_ended(self, front: Front, django: Counted, event: Event) -> None:
        tag, ended = ask(Front(django)).headers["ETag"], []
        request_finished.connect(receiver := lambda **_: ended.append(1))

        ask(front, HTTP_IF_NONE_MATCH=tag), ask(front, f"{PAGE}?a=1"), ask(front)

        request_finished.disconnect(receiver)
        assert (len(ended), django.count) == (3, 4)

    def test_the_date_is_known_as_well(self, front: Front, django: Counted, event: Event) -> None:
        date = ask(front).headers["Last-Modified"]

        answer = ask(front, HTTP_IF_MODIFIED_SINCE=date)

        assert (answer.status, answer.headers["Last-Modified"], django.count) == (304, date, 1)

    def test_a_date_still_to_come_is_given_once_it_has_come(
        self, front: Front, django: Counted, event: Event, time_machine
    ) -> None:
        time_machine.move_to(timezone.now() + timedelta(hours=1), tick=False)
        event.save(), event.save()
        early = ask(front)

        time_machine.shift(1)

        assert ("Last-Modified" in early.headers, "Last-Modified" in ask(front).headers) == (False, True)
        assert django.count == 1

    def test_a_head_is_kept_for_those_who_come_for_the_body(self, front: Front, django: Counted, event: Event) -> None:
        head = ask(front, method="HEAD")

        answer = ask(front)

        assert (head.body, head.headers["Content-Length"]) == (b"", str(len(answer.body)))
        assert django.count == 1

    def test_other_sites_may_read_a_304_too(self, front: Front, event: Event) -> None:
        tag = ask(front, "/api/v1/events/tutorial/schedule/").headers["ETag"]

        answer = ask(
            front, "/api/v1/events/tutorial/schedule/", HTTP_IF_NONE_MATCH=tag, HTTP_ORIGIN="https://a.example"
        )

        assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (304, "*")

    def test_a_cookie_changes_nothing(self, front: Front, django: Counted, event: Event) -> None:
        ask(front)

        ask(front, HTTP_COOKIE="__Host-sessionid=someone")

        assert django.count == 1


@pytest.mark.sqlite
class TestEncoding:
    def test_the_first_and_the_second_answer_are_zipped_alike(self, front: Front, event: Event) -> None:
        plain = ask(front, "/tutorial/schedule/")
        answers = [ask(front, HTTP_ACCEPT_ENCODING="br, gzip"), ask(front, HTTP_ACCEPT_ENCODING="br, gzip")]

        assert plain.headers.get("Content-Encoding") is None
        assert [answer.headers["Content-Encoding"] for answer in answers] == ["br", "br"]
        assert answers[0] == answers[1]

    def test_it_holds_the_same_text(self, front: Front, event: Event) -> None:
        plain, zipped = ask(front), ask(front, HTTP_ACCEPT_ENCODING="gzip")

        assert gzip.decompress(zipped.body) == plain.body
        assert zipped.headers["Content-Length"] == str(len(zipped.body))
        assert (zipped.headers["ETag"], zipped.headers["Vary"]) == (f"W/{plain.headers['ETag']}", "Accept-Encoding")

    def test_the_tag_of_the_zipped_one_is_known(self, front: Front, event: Event) -> None:
        tag = ask(front, HTTP_ACCEPT_ENCODING="gzip").headers["ETag"]

        assert ask(front, HTTP_ACCEPT_ENCODING="gzip", HTTP_IF_NONE_MATCH=tag).status == 304

    def test_short_answers_stay_plain(self, front: Front, event: Event) -> None:
        answer = ask(front, "/api/v1/events/tutorial/rooms/", HTTP_ACCEPT_ENCODING="gzip")

        assert (answer.body, answer.headers.get("Content-Encoding")) == (b'{"rooms":[]}', None)


class TestFreshness:
    def test_a_release_is_seen_at_once(self, front: Front, event: Event) -> None:
        before = ask(front, "/api/v1/events/tutorial/schedule/")

        make_release(event, "final")

        after = ask(front, "/api/v1/events/tutorial/schedule/", HTTP_IF_NONE_MATCH=before.headers["ETag"])
        assert (after.status, b'"stage":"final"' in after.body) == (200, True)

    def test_it_is_seen_after_the_pause(self, django: Counted, event: Event) -> None:
        now = 100.0
        front = Front(django, pause=1, clock=lambda: now)
        path = "/api/v1/events/tutorial/schedule/"
        ask(front, path), ask(front, path)
        make_release(event, "final")
        is_final = []

        for now in (100.5, 101.1):  # noqa: B007
            is_final.append(b'"stage":"final"' in ask(front, path).body)

        assert is_final == [False, True]

    def test_a_draft_leaves_everything_as_it_is(self, front: Front, django: Counted, event: Event) -> None:
        ask(front)

        make_program(event)

        ask(front)
        assert django.count == 1

    def test_another_event_leaves_this_one_as_it_is(self, front: Front, django: Counted, event: Event) -> None:
        ask(front), ask(front, "/")

        make_event()

        ask(front)
        assert django.count == 2
        ask(front, "/")
        assert django.count == 3

    def test_an_event_that_is_no_longer_public_is_gone(self, front: Front, event: Event) -> None:
        ask(front)

        Event.objects.update(is_public=False)

        assert ask(front).status == 404

    def test_an_answer_holds_until_its_moment(self, front: Front, django: Counted, event: Event, time_machine) -> None:
        opens = timezone.now() + timedelta(hours=1)
        make_material(event, opening="at_time", opens_at=opens)
        ask(front, "/tutorial/materials/"), ask(front, "/tutorial/materials/")
        assert django.count == 1

        time_machine.move_to(opens + timedelta(seconds=1))

        ask(front, "/tutorial/materials/")
        assert django.count == 2


class TestWithoutTheDatabase:
    @pytest.fixture
    def broken(self, event: Event, front: Front):
        """A front that knows the page, and a database that has just gone away."""
        ask(front), ask(front)
        with connection.execute_wrapper(refuse):
            yield front

    def test_it_goes_on_with_what_it_has(self, broken: Front, django: Counted, caplog) -> None:
        assert [ask(broken).status for _ in range(3)] == [200, 200, 200]
        assert django.count == 1
        assert [record.levelname for record in caplog.records if record.name == "portal.front"] == ["ERROR"]

    def test_it_does_not_for_ever(self, event: Event, django: Counted) -> None:
        now = 100.0
        front = Front(django, trust=600, clock=lambda: now)
        ask(front), ask(front)
        statuses = []

        with connection.execute_wrapper(refuse):
            for now in (699, 701):  # noqa: B007
                statuses.append(ask(front).status)

        assert statuses == [200, 500]


@pytest.mark.sqlite
class TestWhatIsNotKept:
    def test_with_no_room_it_still_answers(self, django: Counted, event: Event) -> None:
        front = Front(django, limit=0)

        assert [ask(front).status, ask(front).status] == [200, 200]
        assert (django.count, front.shelf.size) == (2, 0)

    @pytest.mark.parametrize(
        "path", ["/tutorial/?utm=1", "/tutorial/register/", "/nothing/", "/tutorial/seats.json", "/healthz"]
    )
    def test_addresses_that_may_depend_on_more(self, front: Front, django: Counted, event: Event, path: str) -> None:
        ask(front, path), ask(front, path)

        assert django.count == 2

    def test_requests_with_authorization(self, front: Front, django: Counted, event: Event) -> None:
        ask(front), ask(front, HTTP_AUTHORIZATION="Bearer token")

        assert django.count == 2

    def test_types_the_client_does_not_take(self, front: Front, django: Counted, event: Event) -> None:
        path = "/api/v1/events/tutorial/schedule/"
        ask(front, path)

        refused, taken = ask(front, path, HTTP_ACCEPT="text/csv"), ask(front, path, HTTP_ACCEPT="text/csv, */*;q=0.1")

        assert (refused.status, taken.status, django.count) == (406, 200, 2)

    @pytest.mark.parametrize(
        ("status", "header"),
        [
            ("200 OK", ("Set-Cookie", "a=b")),
            ("200 OK", ("Vary", "Accept-Encoding, Cookie")),
            ("200 OK", ("Cache-Control", "private, no-store")),
            ("206 Partial Content", ("X-Any", "thing")),
        ],
    )
    def test_marked_answers_that_are_personal(self, db: None, status: str, header: tuple[str, str]) -> None:
        asked = []

        def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
            asked.append(environ["PATH_INFO"])
            start_response(status, [("ETag", '"a"'), (caching.MARK, "none:;;"), header])
            return [b"personal"]

        front = Front(application)

        ask(front), ask(front)

        assert asked == [PAGE, PAGE]

    def test_hosts_django_refuses(self, front: Front, event: Event) -> None:
        ask(front)

        assert ask(front, HTTP_HOST="evil.example").status == 400
        assert ask(front, HTTP_HOST="evil.example").status == 400

    def test_hosts_and_schemes_dont_share_answers(self, front: Front, django: Counted, event: Event, settings) -> None:
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        settings.SECURE_HSTS_SECONDS = 60
        front = Front(Counted(), pause=0)

        plain = ask(front, HTTP_X_FORWARDED_PROTO="http")
        secure = ask(front, HTTP_X_FORWARDED_PROTO="https, http")

        said = [answer.headers.get("Strict-Transport-Security") for answer in (plain, secure)]
        assert said == [None, "max-age=60"]

    def test_without_a_trusted_proxy_its_header_makes_no_difference(
        self, front: Front, django: Counted, event: Event
    ) -> None:
        ask(front), ask(front, HTTP_X_FORWARDED_PROTO="https"), ask(front, HTTP_X_FORWARDED_PROTO="anything")

        assert django.count == 1


@pytest.mark.django_db(transaction=True)
def test_threads_never_see_an_older_release_after_a_newer_one() -> None:
    event = make_event(slug="tutorial")
    make_release(event)
    front = Front(Counted(), pause=0)
    seen: list[list[int]] = [[], [], []]

    def read(numbers: list[int]) -> None:
        while not numbers or numbers[-1] < 4:
            body = ask(front, "/api/v1/events/tutorial/schedule/").body
            numbers.append(int(body.split(b'"number":')[1].split(b",")[0]))
        connection.close()

    threads = [Thread(target=read, args=(numbers,)) for numbers in seen]
    for thread in threads:
        thread.start()
    for _ in range(3):
        make_release(event)
    for thread in threads:
        thread.join(timeout=30)

    assert [numbers == sorted(numbers) and numbers[-1] == 4 for numbers in seen] == [True] * 3
