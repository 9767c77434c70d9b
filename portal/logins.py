"""Logins to the admin: how often a password can be tried, and what the logs say of each try.

A try is counted before its password is looked at, so that many at the same time are no more than one after another; a
right one is taken back, as a whole desk may log in with one account. What was typed stays out of them, for it may
be a password in the wrong field.
"""

import logging
from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from portal.audit import Kind, record
from portal.rates import Rate, TooOften, check, client_of, take_back

logger = logging.getLogger(__name__)
BY_ACCOUNT = Rate("logins", 10, 300)  # and client, so that nobody locks an account's owner out from elsewhere


class LoginForm(AdminAuthenticationForm):
    request: HttpRequest
    wait = 0  # seconds until the account can be tried again

    def clean(self) -> dict[str, Any]:
        if self.errors:
            return self.cleaned_data
        username, client = self.cleaned_data["username"], client_of(self.request)
        tried = (BY_ACCOUNT, f"{client} {username}")
        try:
            check(tried)
            super().clean()
        except TooOften as error:
            self.wait = error.wait
            self.tell_failure("Login refused, tried too often", username)
            raise ValidationError(str(error)) from error
        except ValidationError:
            self.tell_failure("Login failed", username)
            raise
        take_back(tried)
        if self.request.user.is_authenticated:  # to whom Django would leave the session they have
            self.request.session.cycle_key()
        logger.info("Logged in: user %s from %s.", self.get_user().pk, client)
        record(self.request, Kind.LOGIN, self.get_user().pk)
        return self.cleaned_data

    def tell_failure(self, said: str, username: str) -> None:
        user = User.objects.filter(username=username).values_list("pk", flat=True).first()
        logger.warning("%s: %s from %s.", said, f"user {user}" if user else "no user", client_of(self.request))
        record(self.request, Kind.FAILED, user, said if self.wait else "")
