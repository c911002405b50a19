"""Answers that hand a file to a browser without letting it run there."""

from __future__ import annotations

from typing import BinaryIO

from django.http import FileResponse

SANDBOX = "sandbox; default-src 'none'"


def as_attachment(file: BinaryIO, name: str) -> FileResponse:
    """Return a file to be saved, never opened."""
    return _sealed(FileResponse(file, as_attachment=True, filename=_plain(name)), None)


def as_picture(file: BinaryIO, name: str, content_type: str) -> FileResponse:
    """Return a picture to be shown in a page."""
    return _sealed(FileResponse(file, filename=_plain(name)), content_type)


def _sealed(response: FileResponse, content_type: str | None) -> FileResponse:
    response["Content-Type"] = content_type or "application/octet-stream"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SANDBOX
    return response


def _plain(name: str) -> str:
    """Return a name without anything that could steer a header or a path."""
    return "".join(sign for sign in name if sign.isprintable() and sign not in '\\/"') or "file"
