"""Who is told of a release, and the one step that makes it and tells them."""

from collections import Counter
from typing import Any

from django.db import transaction

from portal import mailings
from portal.mailings import Step
from portal.models import Category, Event, Mailing, Suppression
from portal.text import address_key
from registration import audiences
from registration.audiences import Group
from sessions_app.models import Release
from sessions_app.publishing import publish

Stage = Release.Stage


def groups(event: Event, stage: str) -> dict[str, Group]:
    """Everybody a release of this stage is mailed to: who is in several of the groups counts as in the first.

    The followers, who asked for the final program, are told from the first final release on.
    """
    follow = {"follower": audiences.followers(event)} if concerns_followers(event, stage) else {}
    return {"registration": audiences.registered(event)} | follow | {"speaker": audiences.speakers(event)}


def concerns_followers(event: Event, stage: str) -> bool:
    return stage == Stage.FINAL or event.releases.filter(stage=Stage.FINAL).exists()


def count(event: Event, stage: str = Stage.FINAL) -> Counter[str]:
    """How many people a release would be mailed to, by their group; nobody twice, and nobody who wants none."""
    refused = Suppression.objects.filter(event=event, category__in=["", Category.PROGRAM])
    seen = set(refused.values_list("address_key", flat=True))
    found: Counter[str] = Counter()
    for name, group in groups(event, stage).items():
        keys = {address_key(address) for _, address in group} - seen
        found[name] = len(keys)
        seen |= keys
    return found


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
    """Queue the mails about a release. Safe to repeat: nobody is told twice. Returns how many mails it has."""
    event = release.event
    mailing = mailings.open_mailing(
        "release",
        event=event,
        occasion=f"release-{release.number}",
        title=f"Release {release.number}, {release.get_stage_display()}",
        category=Category.PROGRAM,
        context={"release": release.pk, "stage": release.stage},
        expected=sum(group.count() for group in groups(event, release.stage).values()),
    )
    return mailing.mails.count() if mailing.is_filled else mailing.expected


def step(mailing: Mailing, size: int) -> Step:
    """The next people to be told of a release."""
    context = mailing.context
    people, cursor = audiences.step(groups(mailing.event, context["stage"]), mailing.cursor, size)
    return Step([(address, ids | {"release": context["release"]}) for address, ids in people], cursor)
