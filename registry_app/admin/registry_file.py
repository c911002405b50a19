"""The registry file in the browser: download, upload, preview, confirm."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone


def download() -> HttpResponse:
    """Give the registry file of the rows as they are now."""
    from registry_app.registry_file import dump
    from registry_app.registry_rows import document_from_rows

    answer = HttpResponse(
        dump(document_from_rows()), content_type="application/yaml; charset=utf-8"
    )
    name = f"experiments-{timezone.localdate():%Y%m%d}.yaml"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def import_page(request: HttpRequest, model_admin: Any) -> HttpResponse:
    raise NotImplementedError
