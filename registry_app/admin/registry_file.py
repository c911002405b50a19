"""The registry file in the browser, as a download."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone

from registry_app.document.writer import dump
from registry_app.fields.rows import document_from_rows


def download() -> HttpResponse:
    """Give the registry file of the rows as they are now."""
    text = dump(document_from_rows())
    answer = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    name = f"experiments-{timezone.localdate():%Y%m%d}.yaml"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
