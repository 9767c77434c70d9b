"""What the API says, field by field. Times carry the offset of the event's zone; what is absent is null."""

from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from portal.links import absolute
from portal.models import Event
from sessions_app.diff import KINDS
from sessions_app.fields import AbsentField, LocalTimeField, UtcField, ValueField
from sessions_app.materials import Listed
from sessions_app.program import Item, Person

STAGES = ["tentative", "final"]
ZONE = "An IANA name such as America/New_York; once there is a release, the one of its times."


class HostSerializer(serializers.Serializer[Event]):
    slug = serializers.SlugField()
    title = serializers.CharField()


class ReleaseSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(min_value=1)
    stage = serializers.ChoiceField(STAGES)
    published_at = LocalTimeField()
    note = serializers.CharField()
    previous = serializers.SerializerMethodField(help_text="The number of the release before; null for the first.")
    changes_url = serializers.SerializerMethodField(help_text="What it changed against the one before.")

    def get_previous(self, release: Any) -> int | None:
        return release.number - 1 or None

    def get_changes_url(self, release: Any) -> str:
        return address("api-changes", self.context["event"], release.number)


class EventSerializer(serializers.Serializer[Event]):
    slug = serializers.SlugField()
    title = serializers.CharField()
    subtitle = AbsentField()
    kind = serializers.ChoiceField(Event.Kind.values)
    host = serializers.SerializerMethodField()
    timezone = serializers.SerializerMethodField(help_text=ZONE)
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    venue = AbsentField()
    final_program_due = serializers.DateField(allow_null=True)
    release = serializers.SerializerMethodField(help_text="The latest; null before the first.")
    url = serializers.SerializerMethodField(help_text="The event's page.")

    @extend_schema_field(HostSerializer(allow_null=True))
    def get_host(self, event: Event) -> dict[str, Any] | None:
        return HostSerializer(event.public_host).data if event.public_host else None

    def get_timezone(self, event: Event) -> str:
        return str(self.context["zones"].get(event.pk, event.timezone))

    @extend_schema_field(ReleaseSerializer(allow_null=True))
    def get_release(self, event: Event) -> dict[str, Any] | None:
        release, zone = self.context["releases"].get(event.pk), ZoneInfo(self.get_timezone(event))
        return ReleaseSerializer(release, context={"event": event, "zone": zone}).data if release else None

    def get_url(self, event: Event) -> str:
        return absolute(event.get_absolute_url())


class PageSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField(min_value=0, help_text="Of all rows that fit, on all pages.")
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class EventListSerializer(PageSerializer):
    events = EventSerializer(many=True, source="rows")


class LinksSerializer(serializers.Serializer[Event]):
    """The same program in other forms; null those that there aren't yet."""

    page = serializers.SerializerMethodField()
    schedule = serializers.SerializerMethodField()
    merged = serializers.SerializerMethodField(help_text="With the events that belong to this one.")
    materials = serializers.SerializerMethodField()
    ical = serializers.SerializerMethodField()
    merged_ical = serializers.SerializerMethodField()
    c3voc = serializers.SerializerMethodField()
    frab = serializers.SerializerMethodField()
    sessionize = serializers.SerializerMethodField()
    csv = serializers.SerializerMethodField()
    atom = serializers.SerializerMethodField()

    def get_page(self, event: Event) -> str:
        return address("sessions_app:schedule", event)

    def get_schedule(self, event: Event) -> str:
        return address("api-schedule", event)

    def get_merged(self, event: Event) -> str:
        return address("api-merged", event)

    def get_materials(self, event: Event) -> str:
        return address("api-materials", event)

    def get_merged_ical(self, event: Event) -> str:
        return address("sessions_app:merged_ics", event)

    def get_ical(self, event: Event) -> str | None:
        return self.timely("schedule_ics", event)

    def get_c3voc(self, event: Event) -> str | None:
        return self.timely("schedule_json", event)

    def get_frab(self, event: Event) -> str | None:
        return self.timely("schedule_xml", event)

    def get_sessionize(self, event: Event) -> str | None:
        return self.timely("sessionize", event)

    def get_csv(self, event: Event) -> str | None:
        return self.timely("schedule_csv", event)

    def get_atom(self, event: Event) -> str:
        return address("sessions_app:releases_atom", event)

    def timely(self, name: str, event: Event) -> str | None:
        return None if name in self.context["untimely"] else address(f"sessions_app:{name}", event)


class EventDetailSerializer(EventSerializer):
    """Texts are Markdown."""

    organizers = AbsentField()
    overview = AbsentField()
    audience = AbsentField()
    prerequisites = AbsentField()
    additional = AbsentField()
    contact_email = AbsentField()
    links = LinksSerializer(source="*")


class ScheduleEventSerializer(serializers.Serializer[Event]):
    slug = serializers.SlugField()
    title = serializers.CharField()
    timezone = serializers.SerializerMethodField(help_text=ZONE)
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    venue = AbsentField()
    audience = AbsentField(help_text="Markdown.")
    prerequisites = AbsentField(help_text="Markdown.")
    final_program_due = serializers.DateField(allow_null=True)

    def get_timezone(self, event: Event) -> str:
        return str(self.context["program"].timezone)


class AppearanceSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    slug = serializers.SlugField()
    affiliation = AbsentField()
    role = AbsentField(help_text="Null for a plain speaker.")


class SessionSerializer(serializers.Serializer[Item]):
    id = serializers.IntegerField(min_value=1)
    uuid = serializers.UUIDField()
    slug = serializers.SlugField()
    title = serializers.CharField()
    subtitle = AbsentField()
    kind = serializers.CharField(help_text="talk, tutorial, lab, keynote, panel, break, social; more may come.")
    duration = serializers.IntegerField(min_value=1, help_text="Minutes.")
    offset = serializers.IntegerField(help_text="Minutes after the beginning of its block.")
    start = LocalTimeField(allow_null=True)
    end = LocalTimeField(allow_null=True)
    start_utc = UtcField(source="start", allow_null=True)
    end_utc = UtcField(source="end", allow_null=True)
    start_is_derived = serializers.SerializerMethodField(help_text="Follows from the start of its block.")
    is_pinned = serializers.BooleanField(help_text="Has a clock time of its own, instead of following the one before.")
    block = serializers.UUIDField()
    room = serializers.SerializerMethodField()
    track = serializers.SerializerMethodField()
    level = AbsentField()
    language = AbsentField(help_text="Two letters, such as en.")
    status = serializers.ChoiceField(["planned", "cancelled"])
    stage = serializers.SerializerMethodField(help_text="Of the release it stands in.")
    visibility = serializers.ChoiceField(
        ["full", "title_only", "tba"], help_text="Whether all is said of it, its title, or only when and where (tba)."
    )
    sequence = serializers.IntegerField(min_value=0, help_text="Rises when calendars have to move the session.")
    speakers = serializers.SerializerMethodField()

    def get_start_is_derived(self, item: Item) -> bool:
        return item.start is not None and not item.is_pinned

    @extend_schema_field(serializers.ChoiceField(STAGES))
    def get_stage(self, item: Item) -> str:
        return str(self.context["stage"])

    def get_room(self, item: Item) -> str | None:
        return self.context["program"].room_name(item) or None

    def get_track(self, item: Item) -> str | None:
        return self.context["program"].track_name(item) or None

    @extend_schema_field(AppearanceSerializer(many=True))
    def get_speakers(self, item: Item) -> list[dict[str, str | None]]:
        people = zip(self.context["program"].people_of(item), item.speakers, strict=True)
        return [
            {
                "name": person.name,
                "slug": person.slug,
                "affiliation": person.affiliation or None,
                "role": appearance.role or None,
            }
            for person, appearance in people
        ]


class LinkSerializer(serializers.Serializer[Any]):
    url = serializers.URLField()
    title = AbsentField()


class SessionDetailSerializer(SessionSerializer):
    abstract = AbsentField(help_text="Markdown.")
    prerequisites = AbsentField(help_text="Markdown.")
    links = LinkSerializer(many=True)
    url = serializers.SerializerMethodField(help_text="The session's page.")

    def get_url(self, item: Item) -> str:
        return address("sessions_app:session", self.context["event"], item.slug)


class SessionListSerializer(PageSerializer):
    sessions = SessionDetailSerializer(many=True, source="rows")


class BlockSerializer(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    title = AbsentField()
    start = LocalTimeField(allow_null=True)


class WithdrawnSerializer(serializers.Serializer[Item]):
    id = serializers.IntegerField(min_value=1)
    uuid = serializers.UUIDField()
    slug = serializers.SlugField()
    title = serializers.CharField()
    start = LocalTimeField()
    end = LocalTimeField()
    status = serializers.ChoiceField(["cancelled"])
    sequence = serializers.IntegerField(min_value=0)


class ScheduleSerializer(serializers.Serializer[Any]):
    event = ScheduleEventSerializer()
    release = ReleaseSerializer(allow_null=True)
    blocks = BlockSerializer(many=True)
    sessions = SessionSerializer(many=True)
    withdrawn = WithdrawnSerializer(many=True, help_text="Had a clock time in an earlier release, and have none now.")


class MergedSerializer(serializers.Serializer[Any]):
    event = ScheduleEventSerializer()
    schedules = ScheduleSerializer(many=True)


class SpeakerSerializer(serializers.Serializer[Person]):
    uuid = serializers.UUIDField()
    slug = serializers.SlugField()
    name = serializers.CharField()
    affiliation = AbsentField()
    biography = AbsentField(help_text="Markdown.")
    url = AbsentField()
    sessions = serializers.SerializerMethodField(help_text="The slugs of their sessions.")

    def get_sessions(self, person: Person) -> list[str]:
        sessions: list[str] = self.context["sessions_by_speaker"].get(person.slug, [])
        return sessions


class SpeakerListSerializer(PageSerializer):
    speakers = SpeakerSerializer(many=True, source="rows")


class TrackSerializer(serializers.Serializer[Any]):
    slug = serializers.SlugField()
    name = serializers.CharField()
    hue = serializers.CharField(help_text="The name of its color.")


class TrackListSerializer(serializers.Serializer[Any]):
    tracks = TrackSerializer(many=True)


class RoomSerializer(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    name = serializers.CharField()
    capacity = serializers.IntegerField(allow_null=True)


class RoomListSerializer(serializers.Serializer[Any]):
    rooms = RoomSerializer(many=True)


class MaterialSerializer(serializers.Serializer[Listed]):
    """The facts of a file are null until it is open."""

    uuid = serializers.UUIDField(source="material.uuid")
    title = serializers.CharField(source="material.title")
    session = serializers.SlugField(source="item.slug", default=None, allow_null=True, help_text="Null: of the event.")
    is_open = serializers.SerializerMethodField()
    lock = AbsentField(help_text="Why it can't be opened.")
    opens_at = LocalTimeField(source="material.opens_at", allow_null=True)
    filename = serializers.SerializerMethodField()
    media_type = serializers.SerializerMethodField()
    size = serializers.SerializerMethodField(help_text="Bytes.")
    sha256 = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()

    def get_is_open(self, listed: Listed) -> bool:
        return not listed.lock

    def get_filename(self, listed: Listed) -> str | None:
        return None if listed.lock else listed.material.filename or None

    def get_media_type(self, listed: Listed) -> str | None:
        return None if listed.lock else listed.material.media_type or None

    def get_size(self, listed: Listed) -> int | None:
        return None if listed.lock else listed.material.size

    def get_sha256(self, listed: Listed) -> str | None:
        return None if listed.lock else listed.material.sha256 or None

    def get_url(self, listed: Listed) -> str:
        return absolute(listed.url)


class MaterialListSerializer(serializers.Serializer[Any]):
    materials = MaterialSerializer(many=True)


class ReleaseEntrySerializer(ReleaseSerializer):
    changes = serializers.IntegerField(source="change_count", min_value=0, help_text="How many.")


class ReleaseListSerializer(PageSerializer):
    releases = ReleaseEntrySerializer(many=True, source="rows")


class ChangeSerializer(serializers.Serializer[dict[str, Any]]):
    kind = serializers.CharField(help_text=f"{', '.join(KINDS)}; more may come.")
    session = serializers.UUIDField()
    slug = serializers.SlugField()
    title = serializers.CharField()
    before = ValueField(allow_null=True)
    after = ValueField(allow_null=True)


class ChangesSerializer(serializers.Serializer[Any]):
    to = serializers.IntegerField(min_value=1)
    changes = ChangeSerializer(many=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """With "from", which Python keeps for itself: the release before, null for the first."""
        return {"from": serializers.IntegerField(source="before", allow_null=True)} | super().get_fields()


def address(view: str, event: Event, *args: str | int) -> str:
    return absolute(reverse(view, args=[event.slug, *args]))
