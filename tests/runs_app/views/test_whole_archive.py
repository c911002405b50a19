"""The archive of a run as a download; only some at once, as each keeps a thread of the server."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from typing import Any

import pytest
from django.test import Client

from runs_app.choices import RunStatus
from runs_app.models import Run, RunFile
from runs_app.views import whole_archive
from tests.factories import make_experiment, make_member, make_run
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(home: Home) -> Run:
    run = make_run(make_experiment("ppe-busan"), RunStatus.SUCCEEDED)
    (run.folder / "outputs").mkdir(parents=True)
    (run.folder / "outputs" / "best.pt").write_bytes(b"weights")
    RunFile.objects.create(
        run=run, path="best.pt", change="created", size_bytes=7, kept="outputs/best.pt"
    )
    return run


def asked(client: Client, run: Run) -> Any:
    return client.get(f"/admin/runs_app/run/{run.pk}/archive/")


def body_of(answer: Any) -> bytes:
    parts: Iterable[bytes] = answer.streaming_content
    return b"".join(parts)


def test_archive_has_the_name_of_the_run(client: Client, run: Run) -> None:
    client.force_login(make_member("Viewer"))
    answer = asked(client, run)
    assert answer["Content-Disposition"] == f'attachment; filename="ppe-busan-{run.pk}.zip"'
    archive = zipfile.ZipFile(io.BytesIO(body_of(answer)))
    assert archive.read(f"ppe-busan-{run.pk}/outputs/best.pt") == b"weights"


def test_only_some_archives_are_made_at_once(client: Client, run: Run) -> None:
    client.force_login(make_member("Viewer"))
    begun = [asked(client, run) for _each in range(whole_archive.MAX_AT_ONCE)]
    refused = asked(client, run)
    assert (refused.status_code, refused["Location"]) == (302, f"{run.get_absolute_url()}#files")
    # One reader goes away, the other reads to the end: both make room.
    for closer in begun[0]._resource_closers:
        closer()
    body_of(begun[1])
    again = [asked(client, run) for _each in range(whole_archive.MAX_AT_ONCE)]
    assert [answer.status_code for answer in again] == [200] * whole_archive.MAX_AT_ONCE
    for answer in again:
        body_of(answer)
