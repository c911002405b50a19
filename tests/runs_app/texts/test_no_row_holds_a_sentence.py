"""After a story no column of any table holds a sentence that is in a table of texts.

What is read later is stored as a code and values, so that it is read in the reader's language and
may be reworded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from string import Formatter
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from registry_app.changes.apply import apply_plan
from registry_app.changes.planning import make_plan
from registry_app.changes.undo import undo
from registry_app.choices import ChangeOrigin, ImportKind
from registry_app.document.reader import dump, load
from registry_app.fields.rows import document_from_rows
from registry_app.findings.job import run_scan_job
from registry_app.imports.job import ask_for_import, run_import_job
from registry_app.imports.uploaded import ImportFile
from registry_app.messages import TEXTS, plain
from registry_app.models import ChangeSet, EntryPoint, Experiment, ScanJob
from runs_app.choices import RunStatus
from runs_app.lifecycle import reconcile
from runs_app.lifecycle.cancel import cancel
from runs_app.models import Run, RunFile
from runs_app.preflight.environment import check_environment
from runs_app.queue import hosts
from runs_app.texts.people import COMMAND_LINE
from tests.factories import make_experiment, make_run, make_user
from tests.runs_app.conftest import TRAIN, Home
from tests.runs_app.driving import end, queue, reach, run_to_end, start

# A text with fewer characters of its own says what other words may say as well.
LITTLE = 12
# Their rows are messages of the queue and sessions, which nobody reads.
NO_ROWS_FOR_PEOPLE = {"django_q", "sessions", "contenttypes"}


def patterns() -> dict[str, re.Pattern[str]]:
    """Return each text in both languages as pages and commands say it, by what it looks like."""
    found: dict[str, re.Pattern[str]] = {}
    for language in ("en", "ko"):
        with translation.override(language):
            for text in TEXTS:
                for on_page in (True, False):
                    sentence = text.sentence(translation.gettext, on_page=on_page)
                    parts = [
                        (literal, bool(name))
                        for literal, name, _format, _conversion in Formatter().parse(sentence)
                    ]
                    if sum(len(literal) for literal, _ in parts) >= LITTLE:
                        pattern = "".join(
                            re.escape(literal) + (".+" if has_value else "")
                            for literal, has_value in parts
                        )
                        found[f"{language} {text.code} {on_page}"] = re.compile(pattern, re.DOTALL)
    return found


def columns() -> Iterator[tuple[str, str, str]]:
    """Yield table, column and value of all text that is stored, histories among it."""
    for model in apps.get_models():
        if model._meta.app_label in NO_ROWS_FOR_PEOPLE:
            continue
        named = [
            str(field.column)
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField)
        ]
        for column in named:
            table = model._meta.db_table
            with connection.cursor() as cursor:
                cursor.execute(f'SELECT DISTINCT "{column}" FROM "{table}"')  # noqa: S608
                for (value,) in cursor.fetchall():
                    yield from ((table, column, text) for text in strings_in(value))


def strings_in(value: Any) -> Iterator[str]:
    """Yield every string of a value, and of the JSON that it is."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from strings_in(key)
            yield from strings_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings_in(item)
    elif isinstance(value, str):
        try:
            read = json.loads(value) if value[:1] in '[{"' else None
        except ValueError:
            read = None
        if read is None:
            yield value
        else:
            yield from strings_in(read)


@pytest.mark.processes
@pytest.mark.django_db
def test_no_row_holds_a_sentence(home: Home, client: Client, settings: Settings) -> None:
    settings.GUARDIANFLOW_OUTPUT_LIMIT_MIB = 1
    with translation.override("ko"):
        a_story(home, client)
    assert Run.objects.exclude(warnings=[]).exists()
    assert {run.status for run in Run.objects.all()} >= {
        *(RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.ERRORED),
        *(RunStatus.TIMED_OUT, RunStatus.QUEUED),
    }
    assert RunFile.objects.exclude(left_out="").exists()
    assert ChangeSet.objects.exclude(summary="").count() > 2
    assert sentences_in_rows() == set()


@pytest.mark.django_db
def test_a_sentence_in_a_row_is_seen_wherever_it_is() -> None:
    make_run(
        make_experiment(notes="지우: 취소되었습니다."),
        warnings=[["text", "odd.py matches none of the patterns for train."]],
    )
    assert {(table, column) for table, column, *_ in sentences_in_rows()} == {
        ("runs_app_run", "warnings")
    }


def sentences_in_rows() -> set[tuple[str, str, str, str]]:
    """Return table, column, text and the beginning of each string that is a sentence of a table."""
    known = patterns()
    return {
        (table, column, name, text[:80])
        for table, column, text in columns()
        for name, pattern in known.items()
        if pattern.fullmatch(text)
    }


def a_story(home: Home, client: Client) -> None:
    """Scan, import, undo, queue, refuse, run, fail, cancel, run into the time limit."""
    experiment = home.experiment(script=TRAIN + "open('huge.pt', 'wb').write(b'x' * 3_000_000)\n")
    ScanJob.objects.create()
    run_scan_job(ScanJob.objects.get().pk)
    changed(client, experiment)
    refused_imports()
    check_environment(experiment)
    # A worker with no GPU and one slot.
    hosts.beat("test")
    run_to_end(experiment, params={"epochs": "1"})
    odd = home.roots / "sampyo-gimhae-bct" / "odd.py"
    odd.write_text("import nowhere_to_be_found\nraise SystemExit(3)\n")
    run_to_end(experiment, script="odd.py", force=True)
    gone = queue(experiment, script="odd.py", force=True)
    odd.unlink()
    assert not start(gone)
    cancel(queue(experiment), user=None)
    EntryPoint.objects.update(timeout_s=1)
    slow = home.experiment("lotte-fall", script="import time\ntime.sleep(600)\n", timeout_s=1)
    run_to_end(slow)
    EntryPoint.objects.update(timeout_s=None)
    stopped = queue(Experiment.objects.get(pk=slow.pk))
    assert start(stopped)
    waiting = queue(Experiment.objects.get(pk=slow.pk))
    assert not start(waiting), "one run in a directory"
    reach(stopped, RunStatus.RUNNING)
    cancel(stopped, user=None)
    end(stopped)
    reconcile.look("test")
    hosts.drain("test", by=COMMAND_LINE)


def refused_imports() -> None:
    """Let a worker plan a registry file and a sheet that are refused."""
    user = make_user("soomin", is_staff=True, is_superuser=True)
    for kind, data in (
        (ImportKind.REGISTRY, "experiments:\n  a:\n    path: /etc\n    pfad: x\n    owner: [1]\n"),
        (ImportKind.EXPERIMENTS, "name,path,stage,task\na,/etc,아홉,x\nb,=1/0,,\n"),
    ):
        file = ImportFile(kind=kind, name="지우", data=data.encode())
        job = ask_for_import(file, by=user)
        run_import_job(job.pk)
        job.refresh_from_db()
        assert len(job.preview["problems"]) > 1, job.error


def changed(client: Client, experiment: Experiment) -> None:
    """Import a file, take it back, save a form and delete a row."""
    name = f"{experiment.name}:"
    text = dump(document_from_rows()).replace(name, f"{name}\n    owner: 지우")
    made = apply_plan(
        make_plan(load(text.encode())), origin=ChangeOrigin.IMPORT, by=None, summary=plain("a.yaml")
    )
    assert made is not None
    undo(made, by=None)
    undone = undo(ChangeSet.objects.latest("pk"), by=None)
    assert undone.summary
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    page = "/admin/registry_app/customer/add/"
    assert (
        client.post(page, {"name": "lotte", "display_name": "롯데", "aliases": ""}).status_code
        < 400
    )
    assert ChangeSet.objects.latest("pk").summary
