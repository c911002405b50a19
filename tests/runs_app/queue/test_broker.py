"""Messages to a worker are hints."""

from __future__ import annotations

import importlib

import pytest
from django.db import DatabaseError
from pytest_django import DjangoCaptureOnCommitCallbacks

from runs_app.queue import broker


@pytest.mark.parametrize("task", list(broker.Task))
def test_every_message_names_a_function_that_is_there(task: broker.Task) -> None:
    module, _, name = task.rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.django_db
def test_a_message_that_cannot_be_stored_stops_no_process(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def away(*_args: object) -> None:
        raise DatabaseError("the queue is away")

    monkeypatch.setattr("django_q.tasks.async_task", away)
    with django_capture_on_commit_callbacks(execute=True):
        broker.enqueue(broker.Task.START, 1)
    assert "message lost" in caplog.text
