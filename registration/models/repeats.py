"""Requests that clients may repeat."""

from django.db import models

from portal.models import Event


class IdempotencyKey(models.Model):
    """The answer to a request with a key, written in the transaction of its effect. Of a form that was sent no answer
    is kept, and the key is forgotten within hours."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="idempotency_keys", db_index=False)
    scope = models.CharField(max_length=20, help_text="What the request makes: registrations, check-ins.")
    key = models.CharField(max_length=200)
    body_hash = models.CharField(max_length=64, help_text="SHA-256 of the request's body.")
    status = models.PositiveSmallIntegerField()
    answer = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "scope", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
