"""Responses that send a file to a browser without letting it execute there."""

from __future__ import annotations

from typing import BinaryIO

from django.http import FileResponse

SANDBOX = "sandbox; default-src 'none'"


def as_attachment(file: BinaryIO, name: str) -> FileResponse:
    """Return a file as a download, never inline."""
    return _sealed(FileResponse(file, as_attachment=True, filename=_plain(name)), None)


def as_picture(file: BinaryIO, name: str, content_type: str) -> FileResponse:
    """Return an image to be shown in a page."""
    return _sealed(FileResponse(file, filename=_plain(name)), content_type)


def _sealed(response: FileResponse, content_type: str | None) -> FileResponse:
    response["Content-Type"] = content_type or "application/octet-stream"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SANDBOX
    return response


def _plain(name: str) -> str:
    """Return a name without characters that could alter a header or a path."""
    return "".join(sign for sign in name if sign.isprintable() and sign not in '\\/"') or "file"
