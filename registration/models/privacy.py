"""What people consented to, and whom they asked us to forget."""

from django.db import models
from django.db.models import Q

from portal.models import Event
from registration.models.registrations import Registration


class ConsentText(models.Model):
    """A text people consent to, by a print of it: whatever became of the text since, this is what they read."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="consent_texts", db_index=False)
    version = models.CharField(max_length=16)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "version"], name="consent_text_once")]

    def __str__(self) -> str:
        return self.version


class Consent(models.Model):
    """Somebody consented to a text: `subject` is the key of a question, or empty for the purpose of registering."""

    registration = models.ForeignKey(Registration, models.CASCADE, related_name="consents")
    subject = models.CharField(max_length=50, blank=True)
    version = models.CharField(max_length=16)
    source = models.CharField(max_length=10, help_text="Where it was given: page, api, import, door or admin.")
    given_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "subject"], condition=Q(withdrawn_at=None), name="one_standing_consent_each"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject or 'purpose'} {self.version}"


class Erasure(models.Model):
    """An address or a speaker that was forgotten, by a keyed print: a restored older backup is held against it."""

    event = models.ForeignKey(Event, models.CASCADE, null=True, blank=True, related_name="erasures")
    print = models.CharField(max_length=64)
    erased_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["print"], name="erasure_print")]

    def __str__(self) -> str:
        return f"{self.erased_at:%Y-%m-%d}"
