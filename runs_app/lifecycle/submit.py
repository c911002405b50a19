"""Validates and queues run requests, and builds the request that repeats a run."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.db import transaction

from registry_app.messages import MAX_CHARACTERS_OF_RUNS, to_rows
from runs_app.choices import RunStatus
from runs_app.comparing import parameters
from runs_app.exceptions import RefusedError
from runs_app.executors.chosen import executor
from runs_app.lifecycle.prepare import PreparedRun, RunRequest, prepare
from runs_app.models import Run
from runs_app.preflight import confirmation as command_confirmation
from runs_app.preflight.script_choices import entry_point
from runs_app.queue import broker
from runs_app.queue.not_before import first_reason
from runs_app.system import secret_values
from runs_app.texts import refusals as texts

logger = logging.getLogger(__name__)

DEFAULT_GRACE_S = 10
RUNS_REMEMBERED = 5


def submit(request: RunRequest, *, user: User | None) -> Run:
    """Queue one run; raise RunnerError, naming the fix, if it is refused."""
    return submit_many([request], user=user)[0]


def submit_many(
    requests: Sequence[RunRequest],
    *,
    user: User | None,
    within: Callable[[list[Run]], None] | None = None,
) -> list[Run]:
    """Queue all of the runs or, if one is refused, none.

    `within` is called with the stored runs inside the same transaction; if it raises, none is
    queued.

    Raises IntegrityError if a run with a requested key already exists.
    """
    prepared = [prepare(request) for request in requests]
    return submit_prepared(prepared, user=user, within=within)


def submit_prepared(
    prepared: Sequence[PreparedRun],
    *,
    user: User | None,
    host: str = "",
    within: Callable[[list[Run]], None] | None = None,
) -> list[Run]:
    """Queue runs as they were prepared, all or none; quick, so a transaction may be around it.

    `host` is the machine that alone has the files that they need, '' if it is any.
    Raises IntegrityError if a run with a requested key already exists.
    """
    runs: list[Run] = []
    with transaction.atomic(), _secrets_go_with(runs):
        for ready in prepared:
            runs.append(_store(ready, user=user, host=host))
            _keep_secrets(runs[-1], ready)
        if within is not None:
            within(runs)
        for run in runs:
            broker.enqueue(broker.Task.START, run.pk)
    return runs


def submit_foreground(request: RunRequest, *, user: User | None, host: str) -> Run:
    """Store a run that the calling process itself will start; no worker takes it."""
    prepared = prepare(request)
    runs: list[Run] = []
    with transaction.atomic(), _secrets_go_with(runs):
        runs.append(_store(prepared, user=user, foreground=True, host=host))
        _keep_secrets(runs[0], prepared)
    return runs[0]


def again(run: Run, *, secrets: Mapping[str, Any] | None = None) -> RunRequest:
    """Return the request that repeats a run with the values that were given for it.

    Its secret values are not stored: pass them as `secrets`, by the names in `run.secrets`.
    """
    given = run.repeatable.items()
    params = {name: value for name, value in given if name not in run.secrets}
    return RunRequest(
        experiment=run.experiment,
        type=run.type,
        version=run.version,
        script=run.script,
        params=params | dict(secrets or {}),
        extra_args=tuple(run.extra_args),
        environment=run.given_environment,
        note=run.note,
        priority=run.priority,
        rerun_of=run,
    )


def _store(
    prepared: PreparedRun,
    *,
    user: User | None,
    foreground: bool = False,
    host: str = "",
) -> Run:
    request = prepared.request
    entry = entry_point(request.experiment, request.type)
    grace_s = entry.grace_s if entry else None
    if entry is not None:
        command_confirmation.keep(entry, prepared.unconfirmed, user=user)
    run = Run.objects.create(
        uuid=request.uuid or uuid4(),
        experiment=request.experiment,
        type=request.type,
        version=request.version,
        script=prepared.script,
        params=prepared.params,
        given=prepared.given,
        left_to_script=prepared.left,
        extra_args=list(prepared.extra_args),
        secrets=list(prepared.secrets),
        argv=list(prepared.argv),
        cwd=str(prepared.cwd),
        real_cwd=os.path.realpath(prepared.cwd),
        working_directory=prepared.working_directory,
        environment=prepared.environment,
        given_environment=dict(request.environment),
        interpreter=str(prepared.interpreter),
        warnings=to_rows(prepared.warnings, max_characters=MAX_CHARACTERS_OF_RUNS),
        note=request.note,
        is_marked=request.is_marked,
        priority=request.priority,
        not_before=request.not_before,
        forced=request.force,
        rerun_of=request.rerun_of,
        overlap=bool(entry and entry.overlap),
        gpus=entry.gpus if entry else None,
        gpu_memory_mib=entry.gpu_memory_mib if entry else None,
        gpu_memory_past_mib=_gpu_memory_of_earlier_runs(request, prepared.script),
        timeout_s=entry.timeout_s if entry else None,
        log_limit_mib=entry.log_limit_mib if entry else None,
        background=bool(entry and entry.background),
        grace_s=DEFAULT_GRACE_S if grace_s is None else grace_s,
        queued_by=user,
        foreground=foreground,
        host=host or (executor().place if prepared.hidden else ""),
        **first_reason(request.not_before),
    )
    parameters.store_changes(run)
    logger.info("queued run=%s experiment=%s script=%s", run.pk, request.experiment, run.script)
    return run


@contextmanager
def _secrets_go_with(runs: list[Run]) -> Iterator[None]:
    """Remove the secret values of `runs` if their rows are not stored after all.

    While our transaction holds their keys, no other request can have runs with the same keys.
    """
    try:
        yield
    except BaseException:
        for run in runs:
            secret_values.remove(run.uuid)
        raise


def _keep_secrets(run: Run, prepared: PreparedRun) -> None:
    if prepared.hidden:
        try:
            secret_values.keep(run.uuid, prepared.hidden)
        except OSError as error:
            raise RefusedError(
                texts.SECRETS_NOT_KEPT(folder=secret_values.folder(), reason=error.strerror)
            ) from error


def _gpu_memory_of_earlier_runs(request: RunRequest, script: str) -> int | None:
    """Return the most MiB that the latest runs of this script held on one GPU, None if unknown."""
    measured = Run.objects.filter(
        experiment=request.experiment,
        type=request.type,
        script=script,
        status=RunStatus.SUCCEEDED,
        gpu_memory_peak_mib__isnull=False,
    )
    peaks = measured.order_by("-pk").values_list("gpu_memory_peak_mib", flat=True)
    return max((peak for peak in peaks[:RUNS_REMEMBERED] if peak), default=None)
