"""Compress pages for browsers that accept it; docs/decisions/0042 says why that is safe here."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

# Types besides text/* that compress well. Weights and archives are left as they are.
_COMPRESSIBLE = frozenset({"application/json", "application/javascript", "image/svg+xml"})


class CompressPages(GZipMiddleware):
    """Django's gzip for texts that are in memory: pages, JSON, CSV.

    A download is streamed: it keeps its Content-Length, and costs no processor time.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if response.streaming or not _is_compressible(response.get("Content-Type", "")):
            return response
        return super().process_response(request, response)


def _is_compressible(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind.startswith("text/") or kind in _COMPRESSIBLE
