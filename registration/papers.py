"""The pages and files of a person's ticket and certificate, and the public page that says whether one is valid."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from portal.access import EventRequest
from portal.caching import only_read
from portal.models import Event
from registration import certificates, doors, tickets
from registration.access import own_registration, ticket_holder
from registration.certificates import CertificateError
from registration.models import Certificate

INVALID = 422


@only_read
def ticket(request: EventRequest, event: Event, token: str) -> HttpResponse:
    registration = ticket_holder(event, token)
    code = tickets.code_of(registration)
    context = {
        "event": event,
        "registration": registration,
        "token": token,
        "drawing": tickets.drawing(code),
        "number": code.partition("-")[0],
        "certificate": certificates.certificate_of(registration),
        "why_none": certificates.why_none(registration, timezone.now()),
    }
    return render(request, "registration/ticket.html", context)


@only_read
def ticket_pdf(request: EventRequest, event: Event, token: str) -> HttpResponse:
    return pdf(tickets.paper(ticket_holder(event, token)), f"{event.slug}-ticket.pdf")


@doors.form
def own_certificate(request: EventRequest, event: Event, token: str) -> HttpResponse:
    """A POST makes it; the file can be had again and again then."""
    registration = own_registration(event, token)
    made = certificates.certificate_of(registration)
    if request.method != "POST":
        return redirect("registration:ticket", event.slug, token) if made is None else certificate_pdf(made)
    try:
        certificates.issue(registration)
    except CertificateError as error:
        context = {"event": event, "token": token, "reason": str(error)}
        return render(request, "registration/no_certificate.html", context, status=INVALID)
    return redirect("registration:own_certificate", event.slug, token)


@only_read
def certificate(request: EventRequest, event: Event, code: str) -> HttpResponse:
    """For whoever was shown one. Says what stands on it, and whether it is valid."""
    found = certificates.find(event, code)
    response = render(
        request,
        "registration/certificate.html",
        {"event": event, "certificate": found},
        status=200 if found else 404,
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def certificate_pdf(made: Certificate) -> HttpResponse:
    return pdf(certificates.paper(made), f"{made.event.slug}-certificate.pdf")


def pdf(content: bytes, filename: str) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="{filename}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)
