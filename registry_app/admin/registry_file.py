"""The registry file in the browser, as a download."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone

from registry_app.document.writer import dump
from registry_app.fields.rows import document_from_rows


def download() -> HttpResponse:
    """Return the registry file of the present rows."""
    text = dump(document_from_rows())
    answer = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{dated("experiments", "yaml")}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def dated(name: str, extension: str) -> str:
    """Return a file name with today's date, in the portal's time zone."""
    return f"{name}-{timezone.localdate():%Y-%m-%d}.{extension}"
