"""An address that couldn't be reached, corrected wherever it stands."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from portal.bell import wake
from portal.models import Event, Mail, MailQuerySet
from portal.text import address_key
from registration.addresses import clean_address
from registration.models import Registration

State = Mail.State
MEANWHILE = "The person this mail was for has another address by now, or is gone: there is nothing to correct."


def unreached(event: Event) -> MailQuerySet:
    """For each person the latest mail they waited for, if it was lost and none was sent to their address since."""
    people = Q(address_key__in=event.registrations.exclude(state__in=Registration.ENDED).values("email_key"))
    people |= Q(address_key__in=event.followers.values("email_key"))
    urgent = event.mails.filter(mailing=None)
    ended = [State.SENT, State.FAILED, State.BOUNCED]
    later = urgent.filter(address_key=OuterRef("address_key"), pk__gt=OuterRef("pk"), state__in=ended)
    return urgent.lost().filter(people, ~Exists(later)).order_by("-pk")


def mend(mail: Mail, typed: str) -> None:
    """Give the person of this mail another address, and send it there, under the same Message-ID, once. Raises
    ValidationError."""
    address = clean_address(typed)
    new = {"address": address, "address_key": address_key(address)}
    try:
        with transaction.atomic():
            lost = Mail.objects.lost().filter(pk=mail.pk)
            if lost.exists() and not mend_person(mail, address):
                raise ValidationError(MEANWHILE)
            lost.update(**new, state=State.WAITING, tries=0, due_at=Now(), changed_at=Now(), sent_at=None, answer="")
            wake()
    except IntegrityError:
        raise ValidationError("Somebody with this address is on the list already.") from None


def mend_person(mail: Mail, address: str) -> bool:
    """Whether there is one who still has the mail's address. Links sent to that die with it."""
    event, ids, old = mail.event, mail.context, mail.address_key
    new = {"email": address, "email_key": address_key(address)}
    found = [
        event.registrations.filter(pk=ids.get("registration"), email_key=old).update(**new),
        event.followers.filter(pk=ids.get("follower"), email_key=old).update(**new),
    ]
    speaker = event.speakers.filter(pk=ids.get("speaker")).first()
    if speaker and address_key(speaker.email) == old:
        found.append(event.speakers.filter(pk=speaker.pk).update(email=address))
    return any(found)
