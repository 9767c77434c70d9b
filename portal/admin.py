"""Events, their mails and their members in the organizers' admin."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from portal import (
    announcing,
    bounces,
    desk,
    door,
    importing,
    people,
    postroom,
    proofing,
    releasing,
    second_factor,
    unreached,
)
from portal.audit import Noted, NotedWithoutNames, note
from portal.mail import send_again
from portal.models import AuditEntry, Event, Mail, MailQuerySet, Membership, Role, Suppression, validate_timezone
from portal.organizing import OF_EVENT, EventRowsAdmin, OnlyRead, Organized, is_over_all, of_event, within
from portal.zones import zone_names
from sessions_app.admin import BlockInline, RoomInline, SessionInline, TrackInline
from sessions_app.admin.review import Reviewed
from sessions_app.forms import ReturningForm


class MembershipInline(admin.TabularInline):
    """Who may organize the event; only superusers give and take that right."""

    model = Membership
    fields = ["user", "role"]
    extra = 0
    verbose_name = "person"
    verbose_name_plural = "Who may edit this event"

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "user":
            kwargs["help_text"] = "Add people under Users, with “staff status”: that lets them log in here."
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class EventList(ChangeList):
    """Leads to the event's home page, not straight into its form."""

    def url_for_result(self, result: Any) -> str:
        return reverse("admin:event-home", args=[result.pk])


@admin.register(Event)
class EventAdmin(Reviewed, Noted, Organized, admin.ModelAdmin):
    form = ReturningForm
    right = Role.PROGRAM
    list_display = ["title", "kind", "starts_on", "timezone", "is_public"]
    list_filter = ["kind", "is_public"]
    search_fields = ["title", "slug"]
    ordering = ["-starts_on", "title"]
    actions = ["release"]
    view_on_site = False  # on its home page, where an address not yet saved does no harm
    fieldsets = [
        (None, {"fields": ["title", "subtitle", "slug", "kind", "host", "is_public"]}),
        ("When and where", {"fields": ["starts_on", "ends_on", "timezone", "venue", "final_program_due"]}),
        (
            "Texts",
            {
                "classes": ["collapse"],
                "fields": ["organizers", "overview", "audience", "prerequisites", "additional"],
                "description": "Markdown: *italic*, **bold**, [words](address), lists with a hyphen. "
                "Texts are public as soon as they are saved; the program below only with a release.",
            },
        ),
        (
            "Mail",
            {
                "classes": ["collapse"],
                "fields": ["contact_email", "told_of_releases", "has_material_digest", "languages"],
            },
        ),
        ("Personal data", {"classes": ["collapse"], "fields": ["purpose", "retention_days"]}),
        ("Color", {"classes": ["collapse"], "fields": ["hue"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return Event.objects.organized_by(request.user, self.right).select_related("host")

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Sequence[str]]:
        """A new event's address follows its title; links to an old one go on working."""
        return {} if obj else {"slug": ("title",)}

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "timezone":
            field.widget.attrs["list"] = "zones"
            field.help_text = "Of the town: Europe/Berlin, America/New_York … All clock times are read and shown in it."
        return field

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_over_all(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_over_all(request)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return EventList

    def get_inlines(self, request: HttpRequest, obj: Event | None) -> list[Any]:
        """The program once there is an event; very long ones are edited session by session."""
        if obj is None:
            return []
        blocks = [BlockInline] if obj.blocks.count() <= SessionInline.MOST else []
        sessions = [SessionInline] if obj.sessions.count() <= SessionInline.MOST else []
        members = [MembershipInline] if is_over_all(request) else []
        return [*blocks, *sessions, RoomInline, TrackInline, *members]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/home/", view(desk.home), name="event-home"),
            path("<int:pk>/door/", view(door.door), name="event-door"),
            path("<int:pk>/door/worker.js", view(door.worker), name="event-door-worker"),
            path("<int:pk>/walk-in/", view(door.walk_in), name="event-walk-in"),
            path("<int:pk>/figures/", view(people.figures), name="event-figures"),
            path("<int:pk>/take-in/", view(people.take_in), name="event-take-in"),
            path("<int:pk>/alike/", view(people.look_alikes), name="event-alike"),
            path("<int:pk>/badges/", view(door.print_badges), name="event-badges"),
            path("<int:pk>/release/", view(releasing.release), name="event-release"),
            path("<int:pk>/release/changes/", view(releasing.changes), name="event-release-changes"),
            path("<int:pk>/release/mails/", view(proofing.mails), name="event-release-mails"),
            path("<int:pk>/release/mails/<int:number>/", view(proofing.mail), name="event-release-mail"),
            path("<int:pk>/release/test/", view(proofing.test_mail), name="event-release-test"),
            path("<int:pk>/release/time/", view(releasing.set_time), name="event-release-time"),
            path("<int:pk>/release/call-off/", view(releasing.call_off), name="event-release-call-off"),
            path("<int:pk>/mailings/<int:mailing>/", view(postroom.mailing), name="event-mailing"),
            path("<int:pk>/mailings/<int:mailing>.json", view(postroom.progress), name="event-mailing-progress"),
            path("<int:pk>/mailings/<int:mailing>.csv", view(postroom.log), name="event-mailing-log"),
            path("<int:pk>/mailings/<int:mailing>/resend/", view(postroom.resend), name="event-mailing-resend"),
            path("<int:pk>/mailings/<int:mailing>/do/<slug:name>/", view(postroom.deed), name="event-mailing-deed"),
            path(
                "<int:pk>/mailings/<int:mailing>/mails/<int:mail>/",
                view(postroom.mend_address),
                name="event-mailing-mend",
            ),
            path("<int:pk>/unreached/", view(unreached.people), name="event-unreached"),
            path("<int:pk>/unreached/<int:mail>/", view(unreached.mend_address), name="event-unreached-correct"),
            *announcement_paths(view),
            path("<int:pk>/import/", view(importing.import_program), name="event-import"),
            path("<int:pk>/conflicts/", view(desk.conflict_list), name="event-conflicts"),
            *super().get_urls(),
        ]

    @admin.action(description="Release…", permissions=["change"])
    def release(self, request: HttpRequest, queryset: QuerySet[Event]) -> HttpResponse | None:
        """Leads to the release page, which shows what would happen and asks."""
        if queryset.count() != 1:
            self.message_user(request, "Choose one event to release.", messages.WARNING)
            return None
        return redirect("admin:event-release", queryset.get().pk)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        event = self.get_object(request, object_id) if object_id else None
        request.edited = event  # type: ignore[attr-defined]
        extra = of_event(request, event) | {"most": SessionInline.MOST, "zones": zones(), **(extra_context or {})}

        def view() -> HttpResponse:
            return super(EventAdmin, self).changeform_view(request, object_id, form_url, extra)

        return within(zone_of_form(request, event), view)

    def save_model(self, request: HttpRequest, obj: Event, form: Any, change: bool) -> None:
        """What is public stays as it is, its version too, where only the draft below it was changed; the row's lock
        keeps a release from coming in between."""
        if form.changed_data or not change:
            super().save_model(request, obj, form, change)
        else:
            Event.objects.select_for_update(no_key=True).get(pk=obj.pk)

    def response_post_save_change(self, request: HttpRequest, obj: Event) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:event-home", args=[obj.pk]))

    response_post_save_add = response_post_save_change


def announcement_paths(view: Callable[[Any], Any]) -> list[URLPattern]:
    one = "<int:pk>/announcements/<int:announcement>/"
    return [
        path(one, view(announcing.announcement), name="event-announcement"),
        path(f"{one}as/<int:number>/", view(announcing.announcement_html), name="event-announcement-html"),
        path(f"{one}test/", view(announcing.test_mail), name="event-announcement-test"),
        path(f"{one}send/", view(announcing.send), name="event-announcement-send"),
        path(f"{one}schedule/", view(announcing.schedule), name="event-announcement-schedule"),
    ]


@cache
def zones() -> list[str]:
    """The zones that are named after a town."""
    return sorted(name for name in zone_names() if "/" in name and not name.startswith("Etc/"))


def zone_of_form(request: HttpRequest, event: Event | None) -> ZoneInfo | None:
    """Clock times are read in the zone that is sent with them, so that a corrected zone keeps what the clocks show."""
    name = request.POST.get("timezone", "")
    try:
        validate_timezone(name)
    except ValidationError:
        return event.zone if event else None
    return ZoneInfo(name)


@admin.register(Mail)
class MailAdmin(OnlyRead, EventRowsAdmin):
    """The outbox, for reading and for sending failed ones again."""

    right = Role.REGISTRATIONS
    list_display = ["address", "kind", "event", "state", "answer", "tries", "moment"]
    fields = ["address", "mailing", "kind", "state", "answer", "tries", "due_at", "sent_at", "changed_at", "message_id"]
    list_filter = ["state", "kind", ("mailing", admin.RelatedOnlyFieldListFilter), OF_EVENT]
    search_fields = ["address"]
    ordering = ["-pk"]
    actions = ["send_again", "mark_bounced"]
    show_full_result_count = False

    @admin.display(description="when")
    def moment(self, row: Mail) -> datetime:
        """While it waits that of its next try, then that of what its state says."""
        return row.due_at if row.state == Mail.State.WAITING else row.sent_at or row.changed_at or row.due_at

    @admin.action(description="Send again those that failed", permissions=["view"])
    def send_again(self, request: HttpRequest, queryset: MailQuerySet) -> None:
        failed = list(queryset.filter(state=Mail.State.FAILED))
        count = send_again(queryset)
        if not count:
            self.message_user(request, "None of these has failed; nothing to send again.", messages.WARNING)
            return
        note(request, failed, "Sent again.")
        self.message_user(request, f"Sent again: {count}.", messages.SUCCESS)

    @admin.action(description="Mark as bounced, and write there no more", permissions=["view"])
    def mark_bounced(self, request: HttpRequest, queryset: MailQuerySet) -> None:
        taken = list(queryset.filter(state__in=Mail.TAKEN))
        count = bounces.mark(queryset, Mail.State.BOUNCED, "Marked by an organizer.")
        note(request, taken, "Marked as bounced.")
        level = messages.SUCCESS if count else messages.WARNING
        self.message_user(request, f"Marked as bounced: {count}.", level)


@admin.register(Suppression)
class SuppressionAdmin(NotedWithoutNames, EventRowsAdmin):
    """Addresses that get no mass mail. Deleting one lets it be mailed again."""

    right = Role.REGISTRATIONS
    list_display = ["address_key", "refused", "reason", "event", "created_at"]
    list_filter = ["reason", "category", OF_EVENT]
    search_fields = ["address_key"]

    @admin.display(description="gets no mail about", ordering="category")
    def refused(self, row: Suppression) -> str:
        return row.get_category_display() if row.category else "anything"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


admin.site.unregister([User, Group])


@admin.register(Group)
class GroupsAdmin(Noted, GroupAdmin):
    pass


@admin.register(User)
class OrganizersAdmin(Noted, UserAdmin):
    """Who has done something is deactivated, not deleted: the history would go along."""

    list_display = ["username", "email", "first_name", "last_name", "is_staff", "has_second_factor"]
    list_select_related = ["second_factor"]
    actions = ["switch_off_second_factor"]

    @admin.display(description="second factor", boolean=True)
    def has_second_factor(self, user: User) -> bool:
        return hasattr(user, "second_factor")

    @admin.action(description="Switch off the second factor, for who has lost it", permissions=["reset"])
    def switch_off_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        done = [user for user in queryset if second_factor.switch_off(user)]
        note(request, done, "Switched off the second factor.")
        self.message_user(request, f"Switched off: {len(done)}.", messages.SUCCESS if done else messages.WARNING)

    def has_reset_permission(self, request: HttpRequest) -> bool:
        return is_over_all(request)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[Any], dict[str, int], set[str], Any]:
        users = User.objects.filter(pk__in=[one.pk for one in objs])
        noted = users.filter(Q(logentry__isnull=False) | Q(audit_entries__isnull=False)).distinct()
        deleted, counts, forbidden, protected = super().get_deleted_objects(users.exclude(pk__in=noted), request)
        return deleted, counts, forbidden, [*protected, *map(kept, noted)]


def kept(user: Any) -> str:
    """Why this user can't be deleted, and what to do instead."""
    address = reverse("admin:auth_user_change", args=[user.pk])
    said = '{} is in the history or the audit log. Open <a href="{}">{}</a> and untick “Active” instead: '
    return format_html(said + "that ends their login.", user, address, user)


@admin.register(AuditEntry)
class AuditEntryAdmin(OnlyRead, admin.ModelAdmin):
    """For superusers to read; nobody writes or deletes anything here."""

    list_display = ["moment", "kind", "account", "client", "told", "times"]
    fields = ["moment", "kind", "account", "client", "told", "times"]
    list_display_links = None
    list_filter = ["kind", "at", ("user", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["user__username", "client", "what", "log_entry__object_repr"]
    list_select_related = ["user", "log_entry__content_type"]
    show_full_result_count = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_over_all(request)

    has_module_permission = has_view_permission

    @admin.display(description="when (UTC)", ordering="pk")
    def moment(self, entry: AuditEntry) -> str:
        return f"{entry.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"

    @admin.display(description="who")
    def account(self, entry: AuditEntry) -> str:
        return str(entry.user or "no account")

    @admin.display(description="what")
    def told(self, entry: AuditEntry) -> str:
        """With a link to the row it was done to."""
        done = entry.log_entry
        address = done.get_admin_url() if done and not done.is_deletion() else None
        return format_html('<a href="{}">{}</a>', address, entry) if address else str(entry.log_entry or entry.what)
