"""Logins to the admin: how often a password or a code can be tried, and what the logs say of each try.

A try is counted before its password is looked at, so that many at the same time are no more than one after another; a
right one is taken back, as a whole desk may log in with one account. What was typed stays out of the logs, for it
may be a password in the wrong field.
"""

import logging
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from portal import second_factor
from portal.audit import Kind, record
from portal.rates import Rate, TooOften, check, client_of, take_back

logger = logging.getLogger(__name__)
BY_ACCOUNT = Rate("logins", 10, 300)  # and client, so that nobody locks an account's owner out from elsewhere
BY_CODE = Rate("codes", 20, 3600)  # and account, from wherever: only who knows its password gets as far
WRONG_CODE = (
    "This account asks for a code as well: the one its app shows now, as each is taken once, or a recovery code."
)


class CodeField(forms.CharField):
    widget = forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, label="Code", **kwargs)


class Limited:
    """For forms that ask for a password, with the request they come by."""

    request: Any
    wait = 0  # seconds until the account can be tried again

    def attempt(self, username: str, look: Callable[[], object]) -> None:
        """Counts a try at what raises a ValidationError when it fails."""
        tried = (BY_ACCOUNT, f"{client_of(self.request)} {username}")
        try:
            check(tried)
            look()
        except TooOften as error:
            self.wait = error.wait
            self.tell_failure("Login refused, tried too often", username)
            raise ValidationError(str(error)) from error
        except ValidationError:
            self.tell_failure("Login failed", username)
            raise
        take_back(tried)

    def tell_failure(self, said: str, username: str) -> None:
        user = User.objects.filter(username=username).values_list("pk", flat=True).first()
        logger.warning("%s: %s from %s.", said, f"user {user}" if user else "no user", client_of(self.request))
        record(self.request, Kind.FAILED, user, said if self.wait else "")


class LoginForm(Limited, AdminAuthenticationForm):
    code = CodeField(required=False, help_text="Only if you have switched on a second factor.")

    def clean(self) -> dict[str, Any]:
        if self.errors:
            return self.cleaned_data
        self.attempt(self.cleaned_data["username"], super().clean)
        if self.request.user.is_authenticated:  # to whom Django would leave the session they have
            self.request.session.cycle_key()
        logger.info("Logged in: user %s from %s.", self.get_user().pk, client_of(self.request))
        record(self.request, Kind.LOGIN, self.get_user().pk)
        return self.cleaned_data

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        prove(user, self.cleaned_data["code"])


def prove(user: User, code: str) -> None:
    """Uses up a code of the user's second factor, if there is one. Raises ValidationError and TooOften."""
    factor = second_factor.of(user)
    if factor is None:
        return
    tried = [] if second_factor.is_recovery(code) else [(BY_CODE, str(user.pk))]
    check(*tried)
    if not second_factor.takes(factor, code):
        raise ValidationError({"code": WRONG_CODE})
    take_back(*tried)
