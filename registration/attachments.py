"""Files given as answers, for who gave them and for organizers; each of them comes by a checked view."""

from typing import Any

from django.http import FileResponse, Http404

from registration.models import Answer


def download(answer: Answer) -> FileResponse:
    """Never shown in the browser, under the name it was given by."""
    try:
        file: Any = answer.file.open("rb")
    except FileNotFoundError:
        raise Http404("The file is missing here.") from None
    response = FileResponse(file, as_attachment=True, filename=answer.filename, content_type=answer.media_type)
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
