"""Which mails to many a person wants from an event, by category."""

from django.db import transaction
from django.db.models import QuerySet

from portal.models import Category, Event, Suppression
from portal.text import address_key
from registration.models import Follower

Reason = Suppression.Reason


def wanted(event: Event, address: str) -> set[str]:
    """The categories this address gets."""
    refused = set(rows_of(event, address).values_list("category", flat=True))
    return set() if "" in refused else set(Category.values) - refused


def is_unreachable(event: Event, address: str) -> bool:
    """Mail to it came back, or was called spam: choosing doesn't change that."""
    return rows_of(event, address).exclude(reason=Reason.UNSUBSCRIBED).exists()


def refusal(event: Event, address: str) -> Suppression | None:
    """By which its reader stopped the mails about the program, if they did."""
    rows = rows_of(event, address).filter(reason=Reason.UNSUBSCRIBED, category__in=["", Category.PROGRAM])
    return rows.order_by("-created_at").first()


@transaction.atomic
def choose(event: Event, address: str, categories: set[str]) -> None:
    """From here on it gets these and no others. Safe to repeat."""
    rows_of(event, address).filter(reason=Reason.UNSUBSCRIBED).delete()
    refused = set(Category.values) - categories
    for category in [""] if refused == set(Category.values) else sorted(refused):
        Suppression.objects.get_or_create(
            event=event,
            address_key=address_key(address),
            category=category,
            defaults={"reason": Reason.UNSUBSCRIBED},
        )
    if Category.PROGRAM in refused:
        Follower.objects.filter(event=event, email_key=address_key(address)).delete()


def rows_of(event: Event, address: str) -> QuerySet[Suppression]:
    return Suppression.objects.filter(event=event, address_key=address_key(address))
