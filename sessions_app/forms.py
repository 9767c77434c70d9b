"""What organizers type: sessions with their speakers in one line, materials, a release."""

import re
from collections.abc import Iterable
from typing import Any, ClassVar, cast

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Max, TextField
from django.db.models.functions import Cast
from django.forms.models import BaseInlineFormSet

from portal.organizing import CleanForm, EventRowForm, EventTime
from portal.storage import StorageError
from portal.text import clean_line
from sessions_app import files
from sessions_app.models import LONGEST, Appearance, Release, Session, Speaker, Track
from sessions_app.quoting import QUOTED, parts_of, quoted, unquoted

MARKS = ",;()"
NAMED = re.compile(rf"(?P<name>{QUOTED}|.+?)(?:\s*\((?P<role>{QUOTED}|[^()]+)\))?")

type Named = tuple[str, str]  # a name and a role, which is empty for a plain speaker


class NamesField(forms.CharField):
    """Ada Lovelace, Grace Hopper (moderator), "Martin Luther King, Jr.". Semicolons may be used instead of commas,
    which are part of the names then."""

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return ", ".join(quoted(name, MARKS) + (f" ({quoted(role, MARKS)})" if role else "") for name, role in value)

    def to_python(self, value: Any) -> list[Named]:  # type: ignore[override]
        text = clean_line(super().to_python(value) or "")
        matches = [cast(re.Match[str], NAMED.fullmatch(part)) for part in parts_of(text) if part]
        named = [(unquoted(match["name"]), unquoted(match["role"] or "")) for match in matches]
        found = {name.casefold(): (name, role) for name, role in reversed(named)}
        return list(reversed(found.values()))

    def validate(self, value: list[Named]) -> None:
        super().validate(value)
        for name, role in value:
            if len(name) > 200:
                raise forms.ValidationError(f"“{name[:40]}…” is too long for a name: 200 characters are the most.")
            if len(role) > 50:
                raise forms.ValidationError(f"“{role[:40]}…” is too long for a role: 50 characters are the most.")

    def run_validators(self, value: Any) -> None:
        """Those of a text don't suit a list; the text was cleaned in to_python."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(self.prepare_value(initial)) != self.to_python(data)


class LinksField(forms.JSONField):
    """One link a line: its address, and before it a title if it has one."""

    widget = forms.Textarea(attrs={"rows": 3, "cols": 80})

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(f"{link['title']} {link['url']}".strip() for link in value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        return data

    def to_python(self, value: Any) -> Any:
        lines = [clean_line(line) for line in (value or "").splitlines()]
        parts = [line.rpartition(" ") for line in lines if line]
        return [{"url": url, "title": title.removesuffix(":")} for title, _, url in parts]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((initial or []) != self.to_python(data))


class AddressedForm(EventRowForm):
    """Until a row is released its address follows its name: what it was called before is nobody's business."""

    def save(self, commit: bool = True) -> Any:
        row, changed = self.instance, {*self.changed_data}
        if row.pk and changed & {"title", "name"} and "slug" not in changed and not is_released(row):
            row.slug = ""
        return super().save(commit)


def is_released(row: Session | Speaker | Track) -> bool:
    """Whether any release of the event tells of it."""
    releases = Release.objects.filter(event=row.event_id).annotate(text=Cast("data", TextField()))
    return releases.filter(text__contains=f'"{row.slug if isinstance(row, Track) else row.uuid}"').exists()


class PlacedForm(EventRowForm):
    """A row with a position; without a number it goes to the end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "position" in self.fields:
            self.fields["position"].required = False
            self.fields["position"].label = "Order"
            if not self.instance.pk:
                self.initial["position"] = None

    def save(self, commit: bool = True) -> Any:
        row = self.instance
        if row.position is None:
            last = type(row).objects.filter(event_id=row.event_id).aggregate(last=Max("position"))["last"]
            row.position = 0 if last is None else last + 1
        return super().save(commit)


class ReturningForm(CleanForm):
    """The form of a whole page, which comes back as it was filled in where the review of its times leads back."""

    def clean(self) -> dict[str, Any]:
        if "_edit" in self.data:
            raise forms.ValidationError("Nothing is saved yet.")
        return super().clean()


class TrackForm(AddressedForm, PlacedForm):
    pass


class SessionForm(AddressedForm, PlacedForm):
    names = NamesField(
        label="Speakers",
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Names, separated by commas; a role in parentheses. A name with commas or parentheses of its own "
        "stands in quotes. New names become new speakers.",
    )

    class Meta:
        field_classes: ClassVar = {"links": LinksField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "block" in self.fields:
            self.fields["block"].required = False
        if "duration" in self.fields:
            said = f"Between 1 and {LONGEST} minutes."
            self.fields["duration"].error_messages |= {"min_value": said, "max_value": said}
        if self.instance.pk:
            self.initial["names"] = [(one.speaker.name, one.role) for one in self.instance.appearances.all()]

    def save(self, commit: bool = True) -> Any:
        if self.instance.block_id is None:
            event = self.instance.event
            self.instance.block = event.blocks.first() or event.blocks.create()
        return super().save(commit)

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]
        if "names" in self.changed_data:
            name_speakers(self.instance, self.cleaned_data["names"])


def name_speakers(session: Session, names: list[Named]) -> None:
    """Make these the session's speakers, in this order. A name the event knows is that person, of several with the
    same name the one who speaks here already; any other is somebody new."""
    here = {one.speaker.name.casefold(): one.speaker for one in session.appearances.select_related("speaker")}
    known = {one.name.casefold(): one for one in session.event.speakers.order_by("-pk")} | here
    session.appearances.all().delete()
    for position, (name, role) in enumerate(names):
        speaker = known.get(name.casefold()) or Speaker.objects.create(event=session.event, name=name)
        Appearance.objects.create(session=session, speaker=speaker, role=role, position=position)


class SessionPageForm(ReturningForm, SessionForm):
    """A session on a page of its own."""


class BlockPageForm(ReturningForm, PlacedForm):
    """A block on a page of its own."""


class RowsFormSet(BaseInlineFormSet):
    """Reads the rows a drop-down offers once, not once for each line of the table, and validates only lines that
    were changed. Each field is named with its line, for those who don't see the head of its column."""

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        form.empty_permitted = True
        return form

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        offered = self.__dict__.setdefault("offered", {})
        line = str(form.instance) if form.instance.pk else "new"
        for name, field in form.fields.items():
            if not field.widget.is_hidden:
                drawn = getattr(field.widget, "widget", field.widget)  # the admin wraps some
                drawn.attrs["aria-label"] = f"{field.label}, {line}"
            if isinstance(field, forms.ModelChoiceField) and not field.widget.is_hidden:
                if name not in offered:
                    offered[name] = list(cast(Iterable[Any], field.choices))
                field.choices = offered[name]


class MaterialForm(PlacedForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        file = self.fields["file"]
        file.max_length = None  # type: ignore[attr-defined]  # only a cleaned name is kept, in a field of its own
        most = settings.MATERIAL_MAX_MEGABYTES
        photo = min(most, files.PHOTO_MAX_MEGABYTES)
        file.help_text = f"Up to {most} MB, photos up to {photo} MB: {', '.join(files.KINDS)}."

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if isinstance(file, UploadedFile):
            files.check(file)
        return file

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if url and not url.lower().startswith(("http://", "https://")):
            raise forms.ValidationError("A link starts with http:// or https://.")
        return url

    def clean(self) -> dict[str, Any]:
        """A new file takes the place of a link, and a new link that of a file."""
        data = super().clean()
        is_new_file, is_new_link = "file" in self.changed_data, "url" in self.changed_data and bool(data.get("url"))
        if is_new_file and not is_new_link:
            data["url"] = ""
        if is_new_link and not is_new_file:
            data["file"] = False
        if not (self.errors or data.get("file") or data.get("url")):
            raise forms.ValidationError("Give either a file or a link.")
        return data

    def _post_clean(self) -> None:
        """Stored once all else is right, and before anything is saved."""
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            try:
                self.instance.store()
            except StorageError as error:
                self.add_error("file", str(error))


class ReleaseForm(forms.Form):
    stage = forms.ChoiceField(choices=Release.Stage.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label="Note to readers",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Optional. Shown with the release and in the mails.",
    )
    is_mailed = forms.BooleanField(label="Mail everybody what changed", required=False)
    after = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    shown = forms.CharField(widget=forms.HiddenInput, required=False, empty_value=None)

    def clean_note(self) -> str:
        return "\n".join(clean_line(line) for line in self.cleaned_data["note"].splitlines()).strip()


class TimedReleaseForm(ReleaseForm):
    """Clock times are read in the current zone, the event's."""

    use_required_attribute = False  # the browser would ask for a time of those who release now
    at = EventTime(label="Time")
    field_order = ["at"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at"].widget.attrs["class"] = "input"


class ImportForm(forms.Form):
    NAMES = {
        "": "the one it looks like",
        "page": "Text of a page",
        "yaml": "Lectern’s YAML",
        "csv": "Table (CSV)",
        "ical": "iCalendar",
        "frab": "frab or Pentabarf XML",
        "c3voc": "c3voc JSON",
        "pretalx": "pretalx’s API",
        "sessionize": "Sessionize",
    }

    file = forms.FileField(help_text="at most 20 MB", widget=forms.FileInput(attrs={"class": "input"}))
    format = forms.ChoiceField(
        choices=list(NAMES.items()), required=False, widget=forms.Select(attrs={"class": "input"})
    )
