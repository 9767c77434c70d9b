"""Questions and their choices in the organizers' admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from portal.models import Role
from portal.organizing import OF_EVENT, EventRowForm, EventRowsAdmin, Organized, rows_to_choose
from registration import ledger, questions
from registration.models import Choice, Question


class ChoiceForm(forms.ModelForm):
    """What somebody has chosen keeps its words. Holds the lock from the check of the limit until it is saved."""

    class Meta:
        model = Choice
        fields = ["text", "limit", "position"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        taken = taken_of(self.instance)
        if taken and "text" in self.changed_data:
            self.add_error("text", f"{taken} chose it so. Add another choice instead.")
        limit = data.get("limit")
        if limit is not None and limit < taken:
            self.add_error("limit", f"{taken} have chosen it.")
        return data


def taken_of(choice: Choice) -> int:
    """How often it is chosen now; it stays so until the transaction ends, when the form is saved."""
    if not choice.pk:
        return 0
    event = choice.question.event
    if event.ticket_types.exists():
        ledger.opened(event)
    return Choice.objects.get(pk=choice.pk).taken


class ChoiceFormSet(forms.BaseInlineFormSet):
    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = "Delete"

    def clean(self) -> None:
        """Django asks forms that are to be deleted nothing, so this does."""
        super().clean()
        for form in self.deleted_forms:
            if taken := taken_of(form.instance):
                raise forms.ValidationError(f"{taken} have chosen “{form.instance}”, so it stays.")
        self.clean_dependents()

    def clean_dependents(self) -> None:
        """Questions that wait for an answer, now that this one has its new kind and these choices."""
        above = self.instance
        left = [one for one in self.forms if one not in self.deleted_forms]
        texts = {one.cleaned_data.get("text") for one in left} if above.has_choices else questions.to_choose(above)
        for below in above.dependents.exclude(depends_value="") if above.pk else []:
            if below.depends_value not in texts:
                raise forms.ValidationError(
                    f"“{below}” is asked only after “{below.depends_value}”, so that stays an answer. "
                    "Change it there first."
                )


class QuestionForm(EventRowForm):
    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        above = data.get("depends_on")
        if above and (why := questions.why_never(above, data.get("depends_value", ""))):
            self.add_error("depends_value", why)
        return data


class ChoiceInline(Organized, admin.TabularInline):
    right = Role.REGISTRATIONS
    model = Choice
    form = ChoiceForm
    formset = ChoiceFormSet
    extra = 2
    fields = ["text", "limit", "taken", "position"]
    readonly_fields = ["taken"]
    verbose_name_plural = "Choices, for “one of several” and “any of several”"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj)


@admin.register(Question)
class QuestionAdmin(EventRowsAdmin):
    right = Role.REGISTRATIONS
    form = QuestionForm
    inlines = [ChoiceInline]
    list_display = ["label", "event", "kind", "is_required", "position"]
    list_filter = [OF_EVENT, "kind"]
    fieldsets = [
        (None, {"fields": ["event", "label", "help", "kind", "is_required", "position"]}),
        ("Of whom", {"fields": ["ticket_types", "depends_on", "depends_value"]}),
        ("Personal data", {"classes": ["collapse"], "fields": ["retention_days"]}),
        ("For programs", {"classes": ["collapse"], "fields": ["key"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What has been answered stays a question of its kind."""
        is_answered = obj is not None and obj.answers.exists()
        return [*super().get_readonly_fields(request, obj), *(["kind"] if is_answered else [])]

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        kwargs |= {"queryset": rows_to_choose(db_field.remote_field.model, request)}
        return super().formfield_for_manytomany(db_field, request, widget=forms.CheckboxSelectMultiple, **kwargs)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Never writes how often a choice is taken, which may be newer than the form."""
        for choice in formset.save(commit=False):
            if choice.pk:
                choice.save(update_fields=["text", "limit", "position"])
            else:
                choice.save()
        for choice in formset.deleted_objects:
            choice.delete()
