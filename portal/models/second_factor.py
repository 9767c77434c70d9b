"""What a user proves besides the password who has switched that on."""

from django.contrib.auth.models import User
from django.db import models


class SecondFactor(models.Model):
    """An app that makes codes. There is one as soon as a code of it was right; only portal.second_factor changes it."""

    user = models.OneToOneField(User, models.CASCADE, related_name="second_factor")
    secret = models.CharField(max_length=32)
    latest = models.BigIntegerField(help_text="The time step of the latest code that was taken.")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"second factor of {self.user}"


class RecoveryCode(models.Model):
    """Lets its user in once without the app. Only its print is kept."""

    factor = models.ForeignKey(SecondFactor, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"recovery code of {self.factor.user}"
