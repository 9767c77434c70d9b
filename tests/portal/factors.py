"""Second factors for tests."""

from datetime import datetime

import pyotp
from django.contrib.auth.models import User

from portal import second_factor
from portal.models import SecondFactor

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def make_factor(user: User, secret: str = SECRET) -> tuple[SecondFactor, list[str]]:
    """With its recovery codes; no code of the app was used yet."""
    codes = second_factor.switch_on(user, secret, 0)
    return SecondFactor.objects.get(user=user), codes


def code_at(moment: datetime, secret: str = SECRET) -> str:
    """What the app shows."""
    return pyotp.TOTP(secret).at(moment)
