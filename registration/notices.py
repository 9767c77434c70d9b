"""Who is told of a release, and the one step that makes it and tells them."""

from typing import Any

from django.db import transaction
from django.db.models import Q

from portal.mail import one_per_person, queue_mass, suppressed
from portal.models import Event
from registration.models import Registration
from sessions_app.models import Release, Session
from sessions_app.publishing import publish

Stage = Release.Stage
State = Registration.State


def audience(event: Event, stage: str = Stage.FINAL) -> dict[str, dict[str, int]]:
    """Address → ids its mail is made from, for everybody a release of this stage is mailed to.

    These are the confirmed, the waitlisted whose address is proven, and the speakers; the followers, who asked for
    the final program, from the first final release on. One for each person, who counts as the first of these, and
    nobody who has unsubscribed.
    """
    people = [*registered(event), *(followers(event) if concerns_followers(event, stage) else []), *speakers(event)]
    return dict(one_per_person(people, suppressed(event)))


def registered(event: Event) -> list[tuple[str, dict[str, int]]]:
    waiting = Q(state=State.WAITLISTED, verified_at__isnull=False)
    rows = event.registrations.filter(Q(state=State.CONFIRMED) | waiting).order_by("pk")
    return [(email, {"registration": pk}) for email, pk in rows.values_list("email", "pk")]


def followers(event: Event) -> list[tuple[str, dict[str, int]]]:
    return [(email, {"follower": pk}) for email, pk in event.followers.order_by("pk").values_list("email", "pk")]


def speakers(event: Event) -> list[tuple[str, dict[str, int]]]:
    """Those who appear in the program for all to see."""
    rows = (
        event.speakers.exclude(email="").filter(sessions__visibility=Session.Visibility.FULL).distinct().order_by("pk")
    )
    return [(email, {"speaker": pk}) for email, pk in rows.values_list("email", "pk")]


def concerns_followers(event: Event, stage: str) -> bool:
    return stage == Stage.FINAL or event.releases.filter(stage=Stage.FINAL).exists()


def release_program(
    event: Event, stage: str, *, note: str = "", is_mailed: bool = True, after: int | None = None, by: Any = None
) -> tuple[Release, int]:
    """Release the draft and queue the mails about it, both or neither. Returns the release and the number of mails.

    For `after` and `by` see sessions_app.publishing.publish. Raises ProgramError.
    """
    with transaction.atomic():
        release = publish(event, stage, note=note, after=after, by=by)
        return release, tell(release) if is_mailed else 0


def tell(release: Release) -> int:
    """Queue the mails about a release. Safe to repeat: nobody is told twice."""
    event = release.event
    people = audience(event, release.stage).items()
    return queue_mass(
        "release",
        event=event,
        occasion=f"release-{release.number}",
        people=[(address, context | {"release": release.pk}) for address, context in people],
    )
