"""An address that couldn't be reached, corrected wherever it stands."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from portal.bell import wake
from portal.models import Mail
from portal.text import address_key
from registration.addresses import clean_address
from registration.models import Follower, Registration


def mend(mail: Mail, typed: str) -> None:
    """Give the person of this mail another address, and send it there, under the same Message-ID, once. Raises
    ValidationError."""
    address = clean_address(typed)
    new = {"address": address, "address_key": address_key(address)}
    try:
        with transaction.atomic():
            mend_person(mail, address)
            Mail.objects.lost().filter(pk=mail.pk).update(
                **new, state=Mail.State.WAITING, tries=0, due_at=Now(), changed_at=Now(), sent_at=None, answer=""
            )
            wake()
    except IntegrityError:
        raise ValidationError("Somebody with this address is on the list already, and gets the mail.") from None


def mend_person(mail: Mail, address: str) -> None:
    """Links sent to the old address die with it."""
    event, key = mail.event, address_key(address)
    if pk := mail.context.get("registration"):
        Registration.objects.filter(pk=pk, event=event).update(email=address, email_key=key)
    elif pk := mail.context.get("follower"):
        Follower.objects.filter(pk=pk, event=event).update(email=address, email_key=key)
    if pk := mail.context.get("speaker"):
        event.speakers.filter(pk=pk).update(email=address)
