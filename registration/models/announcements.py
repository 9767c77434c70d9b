"""What organizers tell many people by mail: the text, to whom, and when."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from portal.languages import LONGEST
from portal.models import Event, Mailing
from registration.models.registrations import Registration
from registration.models.tickets import TicketType
from registration.placeholders import fault_in, used

DAYS = 60  # that a reminder may be away from its session


class Announcement(models.Model):
    """Only registration.announcements changes its state."""

    class Audience(models.TextChoices):
        REGISTERED = "registered", "the registered"
        FOLLOWERS = "followers", "the followers"
        SPEAKERS = "speakers", "the speakers"
        EVERYBODY = "everybody", "all of them"

    class Tie(models.TextChoices):
        SEAT = "seat", "those with a seat in its lab"
        STAR = "star", "those who starred it"
        EITHER = "either", "those with a seat there or who starred it"

    class Presence(models.TextChoices):
        CAME = "came", "who were checked in"
        ABSENT = "absent", "who were not checked in"

    class Moment(models.TextChoices):
        SENT = "sent", "when I send it"
        AT = "at", "at a date and time"
        EVENT_START = "event_start", "relative to the event's start"
        EVENT_END = "event_end", "relative to the event's end"
        SESSION_START = "session_start", "relative to the session's start"
        SESSION_END = "session_end", "relative to the session's end"

    class State(models.TextChoices):
        DRAFT = "draft"
        SCHEDULED = "scheduled"
        MAILED = "mailed"
        LAPSED = "lapsed"

    event = models.ForeignKey(Event, models.CASCADE, related_name="announcements")
    subject = models.CharField(max_length=150)
    text = models.TextField(max_length=10_000)
    audience = models.CharField("to", max_length=10, choices=Audience, default=Audience.REGISTERED)
    ticket_type = models.ForeignKey(
        TicketType, models.RESTRICT, null=True, blank=True, help_text="Of the registered: with this ticket only."
    )
    registration_state = models.CharField(
        "state",
        max_length=20,
        choices=Registration.State,
        blank=True,
        help_text="Of the registered: in this state only. Empty: confirmed, or on the waitlist.",
    )
    language = models.CharField(
        max_length=LONGEST,
        blank=True,
        default="",
        db_default="",
        help_text="Of the registered: those only who chose to be written to in it.",
    )
    session = models.UUIDField(null=True, blank=True)
    tie = models.CharField(
        "of the session", max_length=6, choices=Tie, blank=True, help_text="Of the registered: these only."
    )
    presence = models.CharField(
        "at the door", max_length=6, choices=Presence, blank=True, help_text="Of the registered: these only."
    )
    moment = models.CharField("when", max_length=13, choices=Moment, default=Moment.SENT)
    at = models.DateTimeField("date and time", null=True, blank=True)
    offset = models.IntegerField(
        "minutes after", default=0, help_text="Negative: before. A day has 1440. Follows when the program moves."
    )
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT, editable=False)
    reason = models.CharField(
        max_length=500, blank=True, default="", db_default="", editable=False, help_text="Why it lapsed."
    )
    mailing = models.OneToOneField(Mailing, models.SET_NULL, null=True, blank=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state"], name="announcement_state")]

    def __str__(self) -> str:
        return self.subject

    def clean(self) -> None:
        faults = {name: fault for name in ("subject", "text") if (fault := fault_in(getattr(self, name)))}
        if self.moment == self.Moment.AT and not self.at:
            faults["at"] = "Say when."
        if (self.tie or self.moment.startswith("session")) and not self.session:
            faults["session"] = "Choose the session that is meant."
        elif "session" in used(self.subject) | used(self.text) and not self.session:
            faults["session"] = "Choose the session that {session} stands for."
        if abs(self.offset) > DAYS * 24 * 60:
            faults["offset"] = f"At most {DAYS} days, {DAYS * 24 * 60} minutes, before or after."
        if faults:
            raise ValidationError(faults)

    @property
    def is_open(self) -> bool:
        """It can still be changed."""
        return self.state in (self.State.DRAFT, self.State.LAPSED)
