"""The second factor of a login: codes of an app (RFC 6238), and recovery codes for who has lost it.

Each code is taken once: a statement that finds it unused marks it as used, so of two at the same time one is refused.
"""

import secrets
from hashlib import scrypt

import pyotp
import segno
from django.contrib.auth.models import User
from django.db import transaction
from pyotp.exceptions import OTPVerificationError

from portal.models import RecoveryCode, SecondFactor

ISSUER = "Lectern"
EARLY_OR_LATE = 1  # time steps of 30 seconds by which clocks may differ
RECOVERY_CODES = 10
RECOVERY_DIGITS = 16
COST = {"n": 2**14, "r": 8, "p": 1}


def new_secret() -> str:
    return pyotp.random_base32()


def address_of(user: User, secret: str) -> str:
    """By which an app takes the secret over."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.get_username(), issuer_name=ISSUER)


def drawing(address: str) -> str:
    """As the address of an image, for an app to scan."""
    return segno.make(address, error="m", micro=False).svg_data_uri(border=4, light="#fff", xmldecl=False)


def step_of(secret: str, code: str) -> int | None:
    """The time step whose code this is; None where it is none of about now."""
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(plain(code), valid_window=EARLY_OR_LATE)
    except OTPVerificationError:
        return None


@transaction.atomic
def switch_on(user: User, secret: str, step: int) -> list[str]:
    """From now on the user is asked for codes. Gives the recovery codes; none where it was on already."""
    factor, is_new = SecondFactor.objects.get_or_create(user=user, defaults={"secret": secret, "latest": step})
    return renew(factor) if is_new else []


@transaction.atomic
def renew(factor: SecondFactor) -> list[str]:
    """New recovery codes; those there were are void. None where it was switched off meanwhile."""
    if not SecondFactor.objects.select_for_update().filter(pk=factor.pk):
        return []
    codes = [f"{secrets.randbelow(10**RECOVERY_DIGITS):0{RECOVERY_DIGITS}}" for _ in range(RECOVERY_CODES)]
    factor.recovery_codes.all().delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(factor=factor, digest=digest(factor, code)) for code in codes)
    return [in_groups(code) for code in codes]


def switch_off(user: User) -> bool:
    """Whether it was on."""
    return bool(SecondFactor.objects.filter(user=user).delete()[0])


def of(user: User) -> SecondFactor | None:
    return SecondFactor.objects.filter(user=user).first()


def takes(factor: SecondFactor, code: str) -> bool:
    """Whether this is a code of the app or a recovery code; then it is used up."""
    if is_recovery(code):
        return bool(factor.recovery_codes.filter(digest=digest(factor, plain(code))).delete()[0])
    step = step_of(factor.secret, code)
    return step is not None and bool(SecondFactor.objects.filter(pk=factor.pk, latest__lt=step).update(latest=step))


def is_recovery(code: str) -> bool:
    return len(plain(code)) == RECOVERY_DIGITS


def digest(factor: SecondFactor, code: str) -> str:
    return scrypt(code.encode(), salt=factor.secret.encode(), dklen=32, **COST).hex()


def in_groups(code: str) -> str:
    """As it is read and typed."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


def plain(code: str) -> str:
    """As people type it: with spaces or hyphens anywhere."""
    return "".join(letter for letter in code if letter not in " -")
