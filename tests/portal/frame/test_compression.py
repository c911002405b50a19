"""Which responses are compressed for a browser that accepts it."""

from __future__ import annotations

import gzip
import io

import pytest
from django.http import FileResponse, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory

from portal.frame.compression import CompressPages

ROWS = "<tr><td>sampyo-gimhae-bct</td></tr>" * 100


def sent(response: HttpResponseBase, accepts: str = "gzip, br") -> HttpResponseBase:
    request = RequestFactory().get("/", headers={"accept-encoding": accepts})
    return CompressPages(lambda _request: response)(request)  # type: ignore[return-value]


@pytest.mark.parametrize(
    "page",
    [
        HttpResponse(ROWS),
        HttpResponse(ROWS, content_type="text/csv; charset=utf-8"),
        HttpResponse(ROWS, content_type="text/javascript"),
        JsonResponse({"rows": ROWS}),
    ],
    ids=lambda page: page["Content-Type"],
)
def test_texts_are_compressed(page: HttpResponse) -> None:
    before = page.content
    after = sent(page)
    assert isinstance(after, HttpResponse)
    assert gzip.decompress(after.content) == before
    assert len(after.content) < len(before) / 5
    assert (after["Content-Encoding"], after["Vary"]) == ("gzip", "Accept-Encoding")


def test_two_responses_with_the_same_page_differ_in_length() -> None:
    """So the lengths of responses reveal nothing about a page."""
    lengths = {sent(HttpResponse(ROWS))["Content-Length"] for _request in range(20)}
    assert len(lengths) > 1


@pytest.mark.parametrize(
    ("response", "accepts"),
    [
        (HttpResponse(ROWS), "identity"),
        (HttpResponse(ROWS, content_type="application/octet-stream"), "gzip"),
        (HttpResponse("short"), "gzip"),
        (FileResponse(io.BytesIO(ROWS.encode()), filename="stdout.log"), "gzip"),
    ],
    ids=["not accepted", "weights", "short", "a download"],
)
def test_what_gains_nothing_stays_as_it_is(response: HttpResponseBase, accepts: str) -> None:
    length = response.get("Content-Length")
    after = sent(response, accepts)
    assert "Content-Encoding" not in after
    assert after.get("Content-Length") == length


@pytest.mark.django_db
def test_pages_of_the_portal_come_compressed() -> None:
    answer = Client().get("/admin/login/", headers={"accept-encoding": "gzip"})
    assert b'name="password"' in gzip.decompress(answer.content)
