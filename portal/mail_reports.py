"""The webhook by which mail providers report bounces and complaints; django-anymail reads their formats.

Open only where MAIL_WEBHOOK_SECRET is set, to who knows it (HTTP basic authentication).
"""

from collections.abc import Callable
from typing import Any

from anymail.signals import AnymailTrackingEvent, tracking
from anymail.webhooks.brevo import BrevoTrackingWebhookView
from anymail.webhooks.mailjet import MailjetTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from anymail.webhooks.sparkpost import SparkPostTrackingWebhookView
from django.conf import settings
from django.core.exceptions import BadRequest
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from portal import bounces
from portal.models import Mail
from portal.text import clean_line

PROVIDERS: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "brevo": BrevoTrackingWebhookView.as_view(),
    "mailjet": MailjetTrackingWebhookView.as_view(),
    "postmark": PostmarkTrackingWebhookView.as_view(),
    "sendgrid": SendGridTrackingWebhookView.as_view(),
    "sparkpost": SparkPostTrackingWebhookView.as_view(),
}
SOFT = {"SoftBounce", "soft_bounce"}
STATES = {"bounced": Mail.State.BOUNCED, "rejected": Mail.State.BOUNCED, "complained": Mail.State.COMPLAINED}


@csrf_exempt
@require_POST
def mail_report(request: HttpRequest, provider: str) -> HttpResponse:
    view = PROVIDERS.get(provider)
    if view is None or not settings.ANYMAIL["WEBHOOK_SECRET"]:
        raise Http404("There is nothing at this address.")
    try:
        return view(request)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise BadRequest("This is no report that the provider documents.") from None


@receiver(tracking)
def hear(event: AnymailTrackingEvent, **_: Any) -> None:
    """Opens and clicks are nobody's business; what is only delayed comes later."""
    state = STATES.get(event.event_type)
    if state and event.recipient:
        said = event.mta_response or event.description or event.reject_reason or ""
        recipient, identity = clean_line(event.recipient), clean_line(event.message_id or "")
        is_soft = state == Mail.State.BOUNCED and is_passing(event.esp_event)
        bounces.report(recipient, state, said, identity, is_passing=is_soft)


def is_passing(raw: dict[str, Any]) -> bool:
    """Whether the provider says that the mailbox is there and took nothing this time, such as a full one: Postmark's
    SoftBounce, Brevo's soft_bounce, Mailjet's hard_bounce: false."""
    return bool(SOFT & {raw.get("Type"), raw.get("event")}) or raw.get("hard_bounce") is False
