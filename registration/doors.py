"""Forms without a cookie."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from portal.access import EventRequest

type View = Callable[..., HttpResponse]


def form(view: View) -> View:
    """A form for everybody. It has no cookie that another site could make use of, so its guard needs none either."""

    @csrf_exempt
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def guarded(request: EventRequest, **kwargs: object) -> HttpResponse:
        if request.method == "POST" and comes_from_elsewhere(request):
            return render(request, "registration/elsewhere.html", {"event": request.event}, status=403)
        return view(request, **kwargs)

    return guarded


def comes_from_elsewhere(request: HttpRequest) -> bool:
    """Whether a browser says that another site sent this form.

    Older ones say it by Origin only, which is "null" from our personal pages, as these send no referrer.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site == "cross-site"
    origin = request.headers.get("Origin", "null")
    return origin != "null" and urlsplit(origin).netloc not in {request.get_host(), urlsplit(settings.SITE_URL).netloc}
