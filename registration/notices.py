"""Who is told of a release, and the one step that makes it and tells them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import transaction

from portal import mailings
from portal.mailings import Step
from portal.models import Category, Event, Mailing, Suppression, Telling
from portal.text import address_key
from registration import audiences, labs
from registration.audiences import Group
from registration.bulletin import before, talks
from registration.concerns import concerned, with_talks
from sessions_app.diff import Change
from sessions_app.models import Release
from sessions_app.program import Program
from sessions_app.publishing import Preview, publish
from sessions_app.releases import published

Stage = Release.Stage


@dataclass(frozen=True)
class Reach:
    """Whom a release is mailed to. `changed` are the uuids of the sessions in which something has changed, `speakers`
    those of its speakers and of who has left it, as far as they are told."""

    told: str
    are_followers_told: bool
    changed: list[str]
    speakers: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def reach(
    event: Event, stage: str, changes: Iterable[Change], *programs: Program | None, number: int | None = None
) -> Reach:
    """The first final release is for everybody, and from then on followers, who asked for it, are told too. Others
    are for those whom the event's organizers want to tell. `programs` are the new one and the one before, `number` is
    that of the release, once it has one."""
    earlier = event.releases.filter(stage=Stage.FINAL, **({"number__lt": number} if number else {}))
    had_final = earlier.exists()
    told = event.told_of_releases if had_final or stage != Stage.FINAL else Telling.EVERYBODY
    changed = {one.session for one in changes}
    speaking = talks(*programs).items()
    speakers = [uuid for uuid, sessions in speaking if told != Telling.CONCERNED or sessions & changed]
    return Reach(told, had_final or stage == Stage.FINAL, sorted(changed), sorted(speakers))


def reach_of(event: Event, stage: str, seen: Preview) -> Reach:
    """That of the release which the draft would become."""
    return reach(event, stage, seen.changes, seen.program, seen.old)


def groups(event: Event, reach: Reach) -> dict[str, Group]:
    """Who is in several of the groups counts as in the first."""
    registered, speakers = audiences.registered(event), audiences.speakers(event, reach.speakers)
    if reach.told == Telling.NOBODY or (reach.told == Telling.CHANGED and not reach.changed):
        return {}
    if reach.told == Telling.CONCERNED:
        return {"registration": concerned(registered, reach.changed), "speaker": speakers}
    followers = {"follower": audiences.followers(event)} if reach.are_followers_told else {}
    return {"registration": registered} | followers | {"speaker": speakers}


def count(event: Event, stage: str, preview: Preview) -> Counter[str]:
    """How many people a release would be mailed to, by their group; nobody twice, and nobody who wants none."""
    refused = Suppression.objects.filter(event=event, category__in=["", Category.PROGRAM])
    seen = set(refused.values_list("address_key", flat=True))
    found: Counter[str] = Counter()
    for name, group in groups(event, reach_of(event, stage, preview)).items():
        keys = {address_key(address) for address in group.values_list("email", flat=True)} - seen
        found[name] = len(keys)
        seen |= keys
    return found


def release_program(event: Event, stage: str, *, is_mailed: bool = True, **options: Any) -> tuple[Release, int]:
    """Release the draft and queue the mails about it, both or neither. Returns the release and the number of mails.

    For the options see sessions_app.publishing.publish. Raises ProgramError.
    """
    with transaction.atomic():
        has_labs = labs.hold(event)
        release = publish(event, stage, **options)
        if has_labs:
            labs.follow(event, published(release).program)
        return release, tell(release) if is_mailed else 0


def tell(release: Release) -> int:
    """Queue the mails about a release. Safe to repeat: nobody is told twice. Returns how many mails it has."""
    event = release.event
    changes, programs = [Change(**one) for one in release.changes], (published(release).program, before(event, release))
    found = reach(event, release.stage, changes, *programs, number=release.number)
    people = groups(event, found)
    if not people:
        return 0
    mailing = mailings.open_mailing(
        "release",
        event=event,
        occasion=occasion_of(release),
        title=f"Release {release.number}, {release.get_stage_display()}",
        category=Category.PROGRAM,
        context={"release": release.pk, "digest": release.digest, "reach": found.to_json()},
        expected=sum(group.count() for group in people.values()),
    )
    return mailing.mails.count() if mailing.is_filled else mailing.expected


def occasion_of(release: Release) -> str:
    return f"release-{release.number}"


def mailing_of(release: Release) -> Mailing | None:
    """The mails about a release, if it was to be mailed."""
    return release.event.mailings.filter(kind="release", occasion=occasion_of(release)).first()


def step(mailing: Mailing, size: int) -> Step:
    """The next people to be told of a release; who speaks as well gets the own talks in the same mail."""
    event, shared = mailing.event, {"release": mailing.context["release"]}
    people, cursor = audiences.step(groups(event, Reach(**mailing.context["reach"])), mailing.cursor, size)
    return Step([(address, ids | shared) for address, ids in with_talks(event, people)], cursor)
