"""Sessions of limited size and who sits in them, and the sessions people starred. Sessions are known by their uuid."""

from django.db import models
from django.db.models import F, Q

from portal.models import Event
from registration.models.registrations import Registration


class Lab(models.Model):
    """A session with a limited number of seats. Only registration.booking and labs change `taken` and `queue`."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="labs", db_index=False)
    session = models.UUIDField(help_text="The uuid of the session.")
    capacity = models.PositiveIntegerField("seats")
    taken = models.PositiveIntegerField(default=0, editable=False)
    queue = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["event", "session"], name="lab_once_per_session"),
            models.CheckConstraint(name="lab_never_oversold", condition=Q(taken__lte=F("capacity"))),
        ]

    title: str | None = None  # of its session, where a query has read it along

    def __str__(self) -> str:
        return self.title or f"Lab {self.session}"


class LabSeatQuerySet(models.QuerySet["LabSeat"]):
    def standing(self) -> "LabSeatQuerySet":
        """Not those lost with their session, or of somebody who may come back after a hold that ran out."""
        return self.exclude(state=LabSeat.State.LOST).exclude(registration__state__in=Registration.ENDED)

    def waiting(self) -> "LabSeatQuerySet":
        return self.standing().filter(state=LabSeat.State.WAITLISTED)

    def offered(self) -> "LabSeatQuerySet":
        return self.filter(state=LabSeat.State.OFFERED)

    def accept(self) -> None:
        self.offered().update(state=LabSeat.State.SEAT, hold_until=None)


class LabSeat(models.Model):
    """A seat in a lab, or a place in line for one. Who has no seat at the event waits even where the lab has one."""

    class State(models.TextChoices):
        SEAT = "seat"
        OFFERED = "offered"
        WAITLISTED = "waitlisted"
        LOST = "lost", "lost: the session was cancelled or left the program"

    HELD = (State.SEAT, State.OFFERED)

    registration = models.ForeignKey(Registration, models.CASCADE, related_name="lab_seats", db_index=False)
    lab = models.ForeignKey(Lab, models.CASCADE, related_name="seats", db_index=False)
    state = models.CharField(max_length=10, choices=State)
    place = models.PositiveIntegerField(null=True, blank=True)
    hold_until = models.DateTimeField(null=True, blank=True, help_text="A seat not accepted goes to the next then.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = LabSeatQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["registration", "lab"], name="lab_seat_once"),
            models.CheckConstraint(
                name="lab_waitlisted_have_a_place",
                condition=Q(state="waitlisted", place__isnull=False) | (~Q(state="waitlisted") & Q(place__isnull=True)),
            ),
            models.CheckConstraint(
                name="lab_offered_are_held_until",
                condition=Q(state="offered", hold_until__isnull=False)
                | (~Q(state="offered") & Q(hold_until__isnull=True)),
            ),
        ]
        indexes = [models.Index(fields=["lab", "state", "place"], name="lab_queue")]

    def __str__(self) -> str:
        return f"{self.registration} in {self.lab}"

    @property
    def event(self) -> Event:
        return self.registration.event


class Star(models.Model):
    """A session somebody wants to see."""

    registration = models.ForeignKey(Registration, models.CASCADE, related_name="stars", db_index=False)
    session = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["registration", "session"], name="star_once")]

    def __str__(self) -> str:
        return f"{self.registration} stars {self.session}"
