"""The page on which organizers switch a second factor on and off for their own login."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from portal import second_factor as factors
from portal.audit import note
from portal.logins import CodeField, Limited, prove
from portal.models import SecondFactor

KEPT = "secret of a second factor"  # in the session, until a first code of it was right
NOT_YOURS = "This isn't your password."
WRONG_FIRST_CODE = "This isn't the code of now. Is the clock of your phone right?"


class FactorForm(Limited, forms.Form):
    """Both factors once more, so that a login left open, or a stolen one, changes nothing. `secret` is that of an app
    that isn't known yet."""

    code = CodeField()
    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput({"class": "input", "autocomplete": "current-password"}),
    )

    def __init__(self, request: HttpRequest, secret: str, *args: Any) -> None:
        self.request, self.secret = request, secret
        self.step = 0
        super().__init__(*args)
        self.fields["code"].widget.attrs["class"] = "input"

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            self.attempt(self.request.user.get_username(), self.look)
        return self.cleaned_data

    def look(self) -> None:
        user, code = self.request.user, self.cleaned_data["code"]
        if not user.check_password(self.cleaned_data["password"]):
            raise ValidationError({"password": NOT_YOURS})
        if not self.secret:
            prove(user, code)
            return
        step = factors.step_of(self.secret, code)
        if step is None:
            raise ValidationError({"code": WRONG_FIRST_CODE})
        self.step = step


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Open to organizers before they have one, too, where everybody has to."""
    user: Any = request.user
    if not (user.is_active and user.is_staff):
        return redirect_to_login(request.get_full_path())
    factor = factors.of(user)
    secret = "" if factor else request.session.setdefault(KEPT, factors.new_secret())
    form = FactorForm(request, secret, *([request.POST] if request.method == "POST" else []))
    if form.is_valid():
        return change(request, form, factor)
    context: dict[str, Any] = {"form": form, "factor": factor, "is_required": settings.REQUIRE_SECOND_FACTOR}
    if secret:
        address = factors.address_of(user, secret)
        context |= {"address": address, "drawing": factors.drawing(address), "secret": factors.in_groups(secret)}
    response = page(request, "A second factor for your login", context)
    if form.errors:
        response.status_code = 429 if form.wait else 422
    if form.wait:
        response.headers["Retry-After"] = str(form.wait)
    return response


@transaction.atomic
def change(request: HttpRequest, form: FactorForm, factor: SecondFactor | None) -> HttpResponse:
    user: Any = request.user
    codes: list[str] = []
    is_off = factor is not None and request.POST.get("do") == "off"
    if factor is None:
        codes, said = factors.switch_on(user, form.secret, form.step), "Switched a second factor on."
    elif is_off:
        factors.switch_off(user)
        said = "Switched the second factor off."
    else:
        codes, said = factors.renew(factor), "Made new recovery codes."
    if not (codes or is_off):  # somebody was quicker: another click of the same button, or a superuser
        return redirect("second-factor")
    note(request, [user], said)
    end_other_logins(request, form.cleaned_data["password"])
    request.session.pop(KEPT, None)
    messages.success(request, f"{said} All other logins of yours have ended.")
    return page(request, "Your recovery codes", {"codes": codes}) if codes else redirect("second-factor")


def end_other_logins(request: HttpRequest, password: str) -> None:
    """By storing the same password anew, with another salt: what a login is checked against is made from that."""
    user: Any = request.user
    user.set_password(password)
    user.save(update_fields=["password"])
    update_session_auth_hash(request, user)


def page(request: HttpRequest, title: str, context: dict[str, Any]) -> HttpResponse:
    shown = admin.site.each_context(request) | {"title": title, "has_permission": True} | context
    return render(request, "admin/second_factor.html", shown)
