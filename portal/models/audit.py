"""The audit log: who did what in the admin, or was refused it, when and from where."""

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import models


class AuditEntry(models.Model):
    """Written by portal.audit alone. What was done to a row is told by the history's own entry, so that a person who is
    forgotten there is forgotten here as well."""

    class Kind(models.TextChoices):
        ACTION = "action", "action"
        LOGIN = "login", "login"
        FAILED = "failed", "failed login"
        REFUSED = "refused", "refused or not there"

    at = models.DateTimeField("time", auto_now_add=True)
    kind = models.CharField(max_length=10, choices=Kind)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="audit_entries")
    client = models.CharField(max_length=50, help_text="An address; of IPv6 the /64 network.")
    what = models.CharField(max_length=200, blank=True)
    log_entry = models.OneToOneField(LogEntry, models.CASCADE, null=True, related_name="audit_entry")
    times = models.PositiveIntegerField(default=1, help_text="How often within a minute.")

    class Meta:
        ordering = ["-pk"]
        verbose_name = "audit entry"
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["at"], name="audit_by_time")]

    def __str__(self) -> str:
        return str(self.log_entry or self.what or self.get_kind_display())
