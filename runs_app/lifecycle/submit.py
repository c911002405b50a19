"""Turns a wish into queued rows: the first step of a run, and of repeating one."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from registry_app.choices import EntryPointType
from registry_app.fields import confirmation
from registry_app.fields.confirmation import Unconfirmed
from registry_app.models import EntryPoint, Experiment
from runs_app.choices import RunStatus
from runs_app.exceptions import RefusedError, ScriptRefusedError
from runs_app.models import HIGHEST_PRIORITY, LOWEST_PRIORITY, Run
from runs_app.preflight import confirmation as command_confirmation
from runs_app.preflight import directory as preflight
from runs_app.preflight import gpus, modules, script_kinds
from runs_app.preflight import interpreter as preflight_interpreter
from runs_app.preflight.script_choices import choice_of, entry_point, matches, script_choices
from runs_app.queue import admission, doorbell
from runs_app.runner.command.build import BuiltCommand, build_command
from runs_app.runner.command.launcher import launcher_for
from runs_app.runner.command.values import checked_text
from runs_app.runner.exceptions import MissingParameterError
from runs_app.system import secret_values

logger = logging.getLogger(__name__)

DEFAULT_GRACE_S = 10
LONGEST_VERSION = 100
RUNS_REMEMBERED = 5


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """What somebody wants to run; an empty `script` means the entry point's default.

    `force`: modules and room on the disk that are missing do not matter, nor what the interpreter
    answers. `confirm` is the digest of the command that the asker has read, where it was changed.
    `secrets` are parameters that are secret whatever their names say.
    `uuid` is the run's key where the asker chose it, so that asking twice queues once.
    """

    experiment: Experiment
    type: str
    version: str = ""
    script: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    extra_args: tuple[str, ...] = ()
    note: str = ""
    priority: int = 0
    force: bool = False
    confirm: str = ""
    rerun_of: Run | None = None
    secrets: tuple[str, ...] = ()
    uuid: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class PreparedRun:
    """Exactly what would be started; `params` holds every value that is passed.

    Secret values are masked; the words of `argv` that hold one are in `hidden`, by their place.
    `unconfirmed`: what is to be read first, where the command was changed by a user who may not
    run scripts.
    """

    request: RunRequest
    script: str
    argv: tuple[str, ...]
    extra_args: tuple[str, ...]
    cwd: Path
    interpreter: Path
    params: dict[str, Any]
    warnings: tuple[str, ...]
    hidden: dict[int, str]
    secrets: tuple[str, ...]
    unconfirmed: Unconfirmed | None = None


def prepare(request: RunRequest) -> PreparedRun:
    """Return what `submit` would queue; changes nothing.

    The interpreter is asked whether it can start the script, once its command is confirmed.
    Raises RunnerError naming the cure, UnconfirmedError where the command is to be read first.
    """
    return _prepared(request, asks=True)


def outline(request: RunRequest) -> PreparedRun:
    """Return what `prepare` does as far as it is known without starting anything.

    A command that is not confirmed is no refusal here. Raises RunnerError naming the cure.
    """
    return _prepared(request, asks=False)


def _prepared(request: RunRequest, *, asks: bool) -> PreparedRun:
    if request.type not in EntryPointType.values:
        raise RefusedError(
            _("There is no type {type}; use one of {types}.").format(
                type=request.type, types=", ".join(EntryPointType.values)
            )
        )
    entry = entry_point(request.experiment, request.type)
    rows = {row.path: row for row in request.experiment.scripts.all()}
    directory = preflight.usable_directory(request.experiment)
    named = request.script or (entry.default_script if entry else "")
    if not named:
        raise ScriptRefusedError(_no_script(request))
    script = preflight.usable_script(directory, named, known=list(rows))
    choice = choice_of(script, rows.get(script), entry)
    interpreter = preflight_interpreter.chosen(directory, entry, forced=request.force)
    script_kinds.usable_kind(script)
    if not request.force:
        preflight.check_room()
    _check_label(request.version)
    _check_priority(request.priority)
    command = build_command(
        launcher=launcher_for(script, interpreter, directory),
        template=choice.args_template,
        parameters=choice.parameters,
        parameters_known=choice.parameters_known,
        values=request.params,
        extra_args=request.extra_args,
        secret_names=(*request.secrets, *(request.rerun_of.secrets if request.rerun_of else ())),
    )
    _check_secrets(request, script, command)
    unconfirmed = confirmation.unconfirmed(entry) if asks and entry else None
    if unconfirmed:
        command_confirmation.check(unconfirmed, request.confirm)
    missing = _missing(directory, script, interpreter, forced=request.force, asks=asks)
    return PreparedRun(
        request=request,
        script=script,
        argv=command.argv,
        extra_args=command.extra_args,
        hidden=command.hidden,
        secrets=command.secrets,
        cwd=directory,
        interpreter=interpreter,
        params=command.params,
        warnings=(
            *_pattern_warning(script, entry),
            *command.warnings,
            *missing,
            *gpus.check(command.params, gpus=_gpus_wanted(entry, request.type)),
            *preflight.room_warning(directory),
        ),
        unconfirmed=unconfirmed,
    )


def _missing(
    directory: Path, script: str, interpreter: Path, *, forced: bool, asks: bool
) -> list[str]:
    """Return what the interpreter may lack; it is not started unless `asks`."""
    told = preflight_interpreter.check(interpreter, forced=forced) if asks else []
    if told:  # it is no Python that could be asked for modules
        return told
    script_kinds.usable_jupyter(script, interpreter, asks=asks)
    return modules.check(directory, script, interpreter, forced=forced, asks=asks)


def submit(request: RunRequest, *, user: User | None) -> Run:
    """Queue one run; raises RunnerError naming the cure, and then nothing is queued."""
    return submit_many([request], user=user)[0]


def submit_many(requests: Sequence[RunRequest], *, user: User | None) -> list[Run]:
    """Queue all of the runs or, if one is refused, none.

    Raises IntegrityError where a run with a key that was chosen is there already.
    """
    prepared = [prepare(request) for request in requests]
    runs: list[Run] = []
    with transaction.atomic(), _secrets_go_with(runs):
        for one in prepared:
            runs.append(_store(one, user=user))
            _keep_secrets(runs[-1], one)
        for run in runs:
            doorbell.ring(doorbell.Task.START, run.pk)
    return runs


def submit_foreground(request: RunRequest, *, user: User | None, host: str) -> Run:
    """Store a run that the calling process itself is going to start; no worker takes it."""
    prepared = prepare(request)
    runs: list[Run] = []
    with transaction.atomic(), _secrets_go_with(runs):
        runs.append(_store(prepared, user=user, foreground=True, host=host))
        _keep_secrets(runs[0], prepared)
    return runs[0]


def again(run: Run, *, secrets: Mapping[str, Any] | None = None) -> RunRequest:
    """Return the request that repeats a run with the values it had.

    Its secret values are kept nowhere: `secrets` gives them, by the names in `run.secrets`.
    """
    params = {name: value for name, value in run.params.items() if name not in run.secrets}
    return RunRequest(
        experiment=run.experiment,
        type=run.type,
        version=run.version,
        script=run.script,
        params=params | dict(secrets or {}),
        extra_args=tuple(run.extra_args),
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
        extra_args=list(prepared.extra_args),
        secrets=list(prepared.secrets),
        argv=list(prepared.argv),
        cwd=str(prepared.cwd),
        real_cwd=os.path.realpath(prepared.cwd),
        interpreter=str(prepared.interpreter),
        warnings=list(prepared.warnings),
        note=request.note,
        priority=request.priority,
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
        host=host or (str(settings.GUARDIANFLOW_HOST) if prepared.hidden else ""),
    )
    logger.info("queued run=%s experiment=%s script=%s", run.pk, request.experiment, run.script)
    return run


@contextmanager
def _secrets_go_with(runs: list[Run]) -> Iterator[None]:
    """Remove the secret values of `runs` where their rows are not stored after all.

    While our transaction holds their keys no other request can have runs of the same keys.
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
                _("The secret values cannot be kept in {folder}: {reason}.").format(
                    folder=secret_values.folder(), reason=error.strerror
                )
            ) from error


def _check_secrets(request: RunRequest, script: str, command: BuiltCommand) -> None:
    """Refuse to repeat a run without the secret values it had; they are not kept."""
    earlier = request.rerun_of
    if earlier is None or earlier.script != script:
        return
    for name in earlier.secrets:
        is_parameter = not (name.startswith(("-", "+")) or name.endswith("="))
        if is_parameter and name not in command.secrets:
            raise MissingParameterError(
                _(
                    "Run {run} had the secret {name}, whose value is not kept. Give it again, in "
                    "the form or as --secret {name}."
                ).format(run=earlier.pk, name=name),
                name=name,
            )


def _gpu_memory_of_earlier_runs(request: RunRequest, script: str) -> int | None:
    """Return the most that the latest runs of this script held on one GPU, None if unknown."""
    measured = Run.objects.filter(
        experiment=request.experiment,
        type=request.type,
        script=script,
        status=RunStatus.SUCCEEDED,
        gpu_memory_peak_mib__isnull=False,
    )
    peaks = measured.order_by("-pk").values_list("gpu_memory_peak_mib", flat=True)
    return max((peak for peak in peaks[:RUNS_REMEMBERED] if peak), default=None)


def _gpus_wanted(entry: EntryPoint | None, type: str) -> int:  # noqa: A002
    """Return how many GPUs a run gets where there are some."""
    said = entry.gpus if entry else None
    return admission.usual_gpus(type) if said is None else said


def _check_priority(priority: int) -> None:
    if not LOWEST_PRIORITY <= priority <= HIGHEST_PRIORITY:
        raise RefusedError(_("The priority is a whole number from -100 to 100."))


def _check_label(version: str) -> None:
    """Refuse a version that no database takes: too long, or with signs that are no text."""
    checked_text(_("The version"), version)
    if len(version) > LONGEST_VERSION:
        raise RefusedError(
            _("{what} is longer than {limit} characters. Shorten it.").format(
                what=_("The version"), limit=LONGEST_VERSION
            )
        )


def _pattern_warning(script: str, entry: EntryPoint | None) -> tuple[str, ...]:
    if entry is None or script == entry.default_script or matches(script, entry.patterns):
        return ()
    return (
        _("{script} matches none of the patterns for {type}.").format(
            script=script, type=entry.type
        ),
    )


def _no_script(request: RunRequest) -> str:
    fitting = [choice.path for choice in script_choices(request.experiment, request.type)]
    cure = (
        _("Name one with --script, for example {script}.").format(script=fitting[0])
        if fitting
        else _("Name one with --script, or scan the directory again.")
    )
    return _("{experiment} has no default script for {type}. {cure}").format(
        experiment=request.experiment.name, type=request.type, cure=cure
    )
