"""Announcements: who gets one, when it is due, and the verbs that send it, once."""

from datetime import datetime, time, timedelta
from hashlib import sha256

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.forms import model_to_dict
from django.utils import timezone

from portal import mailings
from portal.languages import own_name
from portal.mail import queue
from portal.mailings import Step
from portal.models import Category, Event, Mailing, Role
from registration import audiences
from registration.audiences import Group
from registration.concerns import with_talks
from registration.models import Announcement, CheckIn, LabSeat, Star
from sessions_app import releases
from sessions_app.access import in_words
from sessions_app.program import Item, Program

LATE = timedelta(hours=6)  # after which a reminder of a moment is no longer sent
NOT_PUBLIC = "The event isn't public, and its mails lead to its pages: make it public first."
CHANGED = "It has been changed since this page was opened. Look at it again."
MEANWHILE = "It was put on its time, taken off it, or sent just now: look at it again."
DAYBREAK = time(8)  # of an event that has a day but no clock times yet
CANCELLED = "cancelled"
Audience, Moment, State, Tie = Announcement.Audience, Announcement.Moment, Announcement.State, Announcement.Tie
OF_SESSION = (Moment.SESSION_START, Moment.SESSION_END)


class AnnouncementError(Exception):
    """Why an announcement can't be sent; the message is shown to the user."""


def groups(announcement: Announcement) -> dict[str, Group]:
    """Who is in several of the groups counts as in the first."""
    event, wanted = announcement.event, announcement.audience
    found: dict[str, Group] = {}
    if wanted in (Audience.REGISTERED, Audience.EVERYBODY):
        found["registration"] = registered(announcement)
    if wanted in (Audience.FOLLOWERS, Audience.EVERYBODY):
        found["follower"] = audiences.followers(event)
    if wanted in (Audience.SPEAKERS, Audience.EVERYBODY):
        found["speaker"] = speakers(event)
    return found


def speakers(event: Event) -> Group:
    """Those of the latest release; before there is one nobody is known to speak."""
    published = releases.latest(event)
    return audiences.speakers(event, [one.uuid for one in published.program.people] if published else [])


def audience_in_words(announcement: Announcement) -> list[str]:
    """Whom it is to, and what narrows the registered down."""
    wanted = announcement.audience
    known = "the speakers" if releases.latest(announcement.event) else "the speakers, who are none before a release"
    if wanted in (Audience.FOLLOWERS, Audience.SPEAKERS):
        return [known if wanted == Audience.SPEAKERS else announcement.get_audience_display()]
    narrowed = [
        f"with the ticket “{announcement.ticket_type}”" if announcement.ticket_type else "",
        announcement.get_registration_state_display().lower(),
        own_name(announcement.language) if announcement.language else "",
        f"{announcement.get_tie_display()}: {session_title(announcement)}" if announcement.tie else "",
        announcement.get_presence_display(),
    ]
    others = [f"the followers and {known}"] if wanted == Audience.EVERYBODY else []
    return [", ".join(["the registered", *filter(None, narrowed)]), *others]


def session_of(announcement: Announcement) -> Item | None:
    """As it is public now."""
    published = releases.latest(announcement.event)
    items = published.program.items if published else ()
    return next((one for one in items if one.uuid == str(announcement.session)), None)


def session_title(announcement: Announcement) -> str:
    item = session_of(announcement)
    return item.title if item else "no longer in the program"


def registered(announcement: Announcement) -> Group:
    rows = audiences.registered(announcement.event)
    if announcement.registration_state:
        rows = audiences.known(announcement.event).filter(state=announcement.registration_state)
    if announcement.ticket_type_id:
        rows = rows.filter(ticket_type=announcement.ticket_type_id)
    if announcement.language:
        rows = rows.filter(audiences.spoken(announcement.event, announcement.language))
    if announcement.presence:
        came = Exists(CheckIn.objects.at_the_door().filter(registration=OuterRef("pk")))
        rows = rows.filter(came if announcement.presence == Announcement.Presence.CAME else ~came)
    return rows.filter(tied(announcement)) if announcement.tie else rows


def tied(announcement: Announcement) -> Q:
    """Those of the registered who have to do with the session."""
    session = announcement.session or ""
    seats = LabSeat.objects.filter(lab__session=session, state=LabSeat.State.SEAT)
    stars = Star.objects.filter(session=session)
    seated, starred = Q(pk__in=seats.values("registration")), Q(pk__in=stars.values("registration"))
    return {Tie.SEAT: seated, Tie.STAR: starred, Tie.EITHER: seated | starred}[Tie(announcement.tie)]


def count(announcement: Announcement) -> int:
    """How many people would get it now."""
    return mailings.reached(announcement.event, Category.NEWS, groups(announcement).values())


def sample(announcement: Announcement, size: int = 3) -> list[mailings.Person]:
    """A few real people who would get it."""
    return with_talks(announcement.event, audiences.sample(groups(announcement), size))


def due_at(announcement: Announcement) -> datetime | None:
    """When it is to be sent, by the program as it is public now; None while that isn't known."""
    if announcement.moment == Moment.AT:
        return announcement.at
    anchor = anchor_of(announcement)
    return anchor + timedelta(minutes=announcement.offset) if anchor else None


def anchor_of(announcement: Announcement) -> datetime | None:
    """The moment of the event or session that the announcement is relative to; of a cancelled session nobody is
    reminded."""
    if announcement.moment in OF_SESSION:
        item = session_of(announcement)
        if item is None or item.status == CANCELLED:
            return None
        return item.start if announcement.moment == Moment.SESSION_START else item.end
    published = releases.latest(announcement.event)
    start, end = span(announcement.event, published.program if published else None)
    return start if announcement.moment == Moment.EVENT_START else end


def why_not_due(announcement: Announcement) -> str:
    """Why it has no moment, in words for organizers."""
    item = session_of(announcement) if announcement.moment in OF_SESSION else None
    if item and item.status == CANCELLED:
        return "its session is cancelled, and it isn't sent unless that comes back"
    if announcement.moment in OF_SESSION and not item:
        return "its session isn't in the program that is public"
    return "the program has no time for it"


def span(event: Event, program: Program | None) -> tuple[datetime | None, datetime | None]:
    items = program.items if program else ()
    starts = [item.start for item in items if item.start]
    ends = [item.end for item in items if item.end]
    if starts and ends:
        return min(starts), max(ends)
    if not event.starts_on:
        return None, None
    first = datetime.combine(event.starts_on, DAYBREAK, event.zone)
    last = datetime.combine(event.ends_on or event.starts_on, time(18), event.zone)
    return first, last


def digest(announcement: Announcement) -> str:
    """Of all that organizers have written in it, so that nobody sends what somebody else has just changed."""
    return sha256(repr(model_to_dict(announcement)).encode()).hexdigest()[:16]


def check_shown(announcement: Announcement, shown: str) -> None:
    """Raises AnnouncementError where it isn't any more what a page has shown; empty: none has."""
    if shown and shown != digest(announcement):
        raise AnnouncementError(CHANGED)


def schedule(announcement: Announcement, *, shown: str = "") -> None:
    """Send it when it is due. Raises AnnouncementError."""
    check_shown(announcement, shown)
    if not announcement.is_open or announcement.moment == Moment.SENT:
        raise AnnouncementError("It has no moment to wait for, or is on its way already.")
    moment = due_at(announcement)
    if moment and moment < timezone.now():
        raise AnnouncementError("That moment has passed. Choose a later one, or send it now.")
    if not change(announcement, State.SCHEDULED):
        raise AnnouncementError(MEANWHILE)


def unschedule(announcement: Announcement) -> None:
    """Back to a draft. Raises AnnouncementError."""
    if announcement.state != State.SCHEDULED:
        raise AnnouncementError("It does not wait for its moment.")
    if not change(announcement, State.DRAFT):
        raise AnnouncementError(MEANWHILE)


def change(announcement: Announcement, state: str, reason: str = "") -> bool:
    """Whether it still was as it is known here: it may have been sent or taken off its time just now."""
    known = Announcement.objects.filter(pk=announcement.pk, state=announcement.state)
    if not known.update(state=state, reason=reason):
        return False
    announcement.state, announcement.reason = state, reason
    return True


@transaction.atomic
def send(announcement: Announcement, *, shown: str = "") -> Mailing:
    """Queue its mails, once, however often and by however many this is asked for. Raises AnnouncementError."""
    row = Announcement.objects.select_for_update(of=("self",)).select_related("event").get(pk=announcement.pk)
    if row.state == State.MAILED:
        raise AnnouncementError("It has been sent already.")
    if row.state != announcement.state:
        raise AnnouncementError(MEANWHILE)
    check_shown(row, shown)
    if not row.event.is_public:
        raise AnnouncementError(NOT_PUBLIC)
    people = groups(row)
    expected = sum(group.count() for group in people.values())
    if not count(row):
        raise AnnouncementError("Nobody would get it: there is no one of this audience, or they want no such mail.")
    row.mailing = mailings.open_mailing(
        "announcement",
        event=row.event,
        occasion=f"announcement-{row.pk}",
        title=row.subject,
        category=Category.NEWS,
        context={"announcement": row.pk},
        expected=expected,
    )
    row.state = State.MAILED
    row.save(update_fields=["state", "mailing"])
    announcement.state, announcement.mailing = row.state, row.mailing
    return row.mailing


def send_due(now: datetime | None = None) -> None:
    """Send what has become due. Safe to repeat. What should have been sent long ago has lapsed."""
    now = now or timezone.now()
    for announcement in Announcement.objects.filter(state=State.SCHEDULED).select_related("event"):
        moment = due_at(announcement)
        if moment is None or moment > now:
            continue
        if now - moment > LATE:
            known = in_words(moment, announcement.event.zone)
            lapse(announcement, f"Its moment, {known}, had passed more than six hours before it could be sent.")
            continue
        try:
            send(announcement)
        except AnnouncementError as error:
            lapse(announcement, str(error))


@transaction.atomic
def lapse(announcement: Announcement, reason: str) -> None:
    """It isn't sent, which the organizers are told."""
    if not change(announcement, State.LAPSED, reason):
        return
    event, occasion = announcement.event, f"unsent-{announcement.pk}-{timezone.now():%Y%m%d%H%M%S}"
    for address in mailings.organizers(event, Role.REGISTRATIONS):
        queue("unsent", event=event, address=address, occasion=occasion, context={"announcement": announcement.pk})


def step(mailing: Mailing, size: int) -> Step:
    """The next people of an announcement's audience."""
    announcement = Announcement.objects.select_related("event").get(pk=mailing.context["announcement"])
    people, cursor = audiences.step(groups(announcement), mailing.cursor, size)
    talking = with_talks(announcement.event, people)
    return Step([(address, ids | mailing.context) for address, ids in talking], cursor)
