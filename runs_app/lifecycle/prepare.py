"""Turns a request into exactly what would be started, or refuses it; the first step of a run."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from registry_app.choices import EntryPointType
from registry_app.fields import confirmation
from registry_app.fields.confirmation import Unconfirmed
from registry_app.files.core_scripts import is_core
from registry_app.messages import Message
from registry_app.models import CoreTrainer, EntryPoint, Experiment
from registry_app.texts.changes import IS_ARCHIVED
from runs_app.exceptions import RefusedError, ScriptRefusedError
from runs_app.models import HIGHEST_PRIORITY, LOWEST_PRIORITY, Run
from runs_app.preflight import confirmation as command_confirmation
from runs_app.preflight import (
    copies,
    gpus,
    launchers,
    modules,
    script_kinds,
    type_starts,
    variables,
    versions,
)
from runs_app.preflight import directory as preflight
from runs_app.preflight import interpreter as preflight_interpreter
from runs_app.preflight.script_choices import (
    ScriptChoice,
    choice_of,
    entry_point,
    matches,
    script_choices,
)
from runs_app.preflight.sub_commands import chosen_command
from runs_app.queue import admission
from runs_app.runner.command.build import BuiltCommand, build_command
from runs_app.runner.command.launcher import launcher_for
from runs_app.runner.command.values import checked_text
from runs_app.runner.environment import BUFFERED
from runs_app.runner.exceptions import MissingParameterError
from runs_app.texts import refusals as texts
from runs_app.texts.command import NEEDS_SECRET_AGAIN, VERSION
from runs_app.trainers import confirmed, core

MAX_VERSION_LENGTH = 100
# A refusal names as many scripts of the directory.
SCRIPTS_NAMED = 8


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """A request to run something; an empty `script` means the entry point's default.

    `force` ignores missing modules, too little free disk space and the interpreter's answer.
    `confirm` is the digest of a changed command, as the requester has read it.
    `trainer` is the digest that a trainer of the core repository must have, as the requester has
    read it; '' for one that was confirmed before.
    `params` may hold None: that parameter is not passed, even where it is fixed.
    `environment` are variables for this run alone, over those of the entry point.
    `secrets` are parameters that are secret whatever their names.
    `is_marked`: it is for comparison only, and never the best.
    `not_before` is when it may start; None for at once.
    `uuid` is the run's key if the requester chose it, so that requesting twice queues once.
    """

    experiment: Experiment
    type: str
    version: str = ""
    script: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    extra_args: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    priority: int = 0
    not_before: datetime | None = None
    force: bool = False
    confirm: str = ""
    trainer: str = ""
    rerun_of: Run | None = None
    secrets: tuple[str, ...] = ()
    is_marked: bool = False
    uuid: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class PreparedRun:
    """Exactly what would be started; `params`, `given` and `left` as of a `BuiltCommand`.

    Secret values are masked; the words of `argv` that hold one are in `hidden`, by their index.
    `unconfirmed`: what must be read first, if the command was changed by a user without
    permission to run scripts.
    """

    request: RunRequest
    script: str
    argv: tuple[str, ...]
    extra_args: tuple[str, ...]
    cwd: Path
    working_directory: str
    environment: dict[str, str]
    interpreter: Path
    params: dict[str, Any]
    given: dict[str, Any]
    left: dict[str, str]
    warnings: tuple[Message, ...]
    hidden: dict[int, str]
    secrets: tuple[str, ...]
    unconfirmed: Unconfirmed | None = None

    @property
    def start_directory(self) -> Path:
        """The folder in which the script would start."""
        return self.cwd / self.working_directory


def prepare(request: RunRequest) -> PreparedRun:
    """Return what `submit` would queue; changes nothing.

    The interpreter is asked whether it can start the script, once its command is confirmed.
    Raises RunnerError naming the fix, UnconfirmedError if the command must be read first.
    """
    return _prepared(request, may_query=True)


def outline(request: RunRequest) -> PreparedRun:
    """Return what `prepare` returns, as far as it is known without starting anything.

    An unconfirmed command is not refused here. Raises RunnerError naming the fix.
    """
    return _prepared(request, may_query=False)


@dataclass(frozen=True, kw_only=True)
class _Start:
    """Where and how the script of a request would start; `trainer` and `file` are of the core."""

    entry: EntryPoint | None
    directory: Path
    folder: str
    script: str
    trainer: CoreTrainer | None
    file: Path | None
    choice: ScriptChoice
    interpreter: Path
    environment: dict[str, str]


def _prepared(request: RunRequest, *, may_query: bool) -> PreparedRun:
    start = _start_of(request)
    command = _command_of(request, start)
    entry = start.entry
    unconfirmed = confirmation.unconfirmed(entry) if may_query and entry else None
    if unconfirmed:
        command_confirmation.check(unconfirmed, request.confirm)
    if may_query and start.trainer is not None:
        before = core.started_digest(request.rerun_of) if request.rerun_of else ""
        confirmed.check(start.trainer, entry, read={request.trainer, before})
    missing = _missing(start, forced=request.force, may_query=may_query)
    return PreparedRun(
        request=request,
        script=start.script,
        argv=command.argv,
        extra_args=command.extra_args,
        hidden=command.hidden,
        secrets=command.secrets,
        cwd=start.directory,
        working_directory=start.folder,
        environment=start.environment,
        interpreter=start.interpreter,
        params=command.params,
        given=command.given,
        left=command.left,
        warnings=_warnings(request, start, command, missing),
        unconfirmed=unconfirmed,
    )


def _start_of(request: RunRequest) -> _Start:
    """Return where and how the script would start, or refuse the request."""
    if request.type not in EntryPointType.values:
        raise RefusedError(texts.NO_SUCH_TYPE(type=request.type, types=EntryPointType.values))
    if request.experiment.archived_at is not None:
        raise RefusedError(IS_ARCHIVED(name=request.experiment.name))
    entry = entry_point(request.experiment, request.type)
    rows = {row.path: row for row in request.experiment.scripts.all()}
    directory = preflight.usable_directory(request.experiment)
    named = request.script or (entry.default_script if entry else "")
    if not named:
        raise ScriptRefusedError(_no_script(request))
    trainer = core.trainer_of(request.experiment, named) if is_core(named) else None
    if trainer is not None:
        core.check_unchanged(trainer, request.trainer)
        script = named
        rows[script] = core.as_script(trainer, request.type)
    else:
        script = preflight.usable_script(directory, named, known=list(rows))
    folder = preflight.usable_folder(directory, entry.working_directory if entry else "")
    environment = {**_variables_of(entry), **request.environment}
    preflight.check_variables(environment)
    choice = choice_of(script, rows.get(script), entry, request.type)
    if choice.starts_another and not request.force:
        type_starts.check(choice, request.type, entry)
    interpreter = preflight_interpreter.chosen(directory, entry, forced=request.force)
    script_kinds.usable_kind(script)
    return _Start(
        entry=entry,
        directory=directory,
        folder=folder,
        script=script,
        trainer=trainer,
        file=core.file_of(trainer) if trainer is not None else None,
        choice=choice,
        interpreter=interpreter,
        environment=environment,
    )


def _variables_of(entry: EntryPoint | None) -> dict[str, str]:
    """Return the variables that an entry point gives to its runs."""
    if entry is None:
        return {}
    return {**(BUFFERED if entry.buffered else {}), **entry.environment}


def _command_of(request: RunRequest, start: _Start) -> BuiltCommand:
    """Return the command line, or refuse the request."""
    if not request.force:
        preflight.check_disk_space()
    _check_label(request.version)
    _check_priority(request.priority)
    chosen = chosen_command(start.choice, request.params)
    command = build_command(
        launcher=launcher_for(
            str(start.file) if start.file else os.path.relpath(start.script, start.folder or "."),
            start.interpreter,
            start.directory / start.folder,
            start=start.choice.start,
            gpus=_gpus_wanted(start.entry, request.type),
        ),
        template=chosen.choice.args_template,
        parameters=chosen.choice.parameters,
        parameters_known=start.choice.parameters_known,
        commands=start.choice.commands,
        values=chosen.values,
        extra_args=request.extra_args,
        secret_names=(*request.secrets, *(request.rerun_of.secrets if request.rerun_of else ())),
    )
    copies.check(command.argv, own=request.uuid)
    _check_secrets(request, start.script, command)
    return replace(
        command, params=chosen.recorded(command.params), given=chosen.recorded(command.given)
    )


def _warnings(
    request: RunRequest, start: _Start, command: BuiltCommand, missing: Sequence[Message]
) -> tuple[Message, ...]:
    """Return the warnings of all checks, in the order in which users read them."""
    place = (start.directory, start.script)
    return (
        *_pattern_warning(request, start),
        *versions.check(request.experiment, request.type, request.version, started=start.script),
        *command.warnings,
        *preflight_interpreter.warnings(start.directory, start.entry, start.interpreter),
        *missing,
        *launchers.check(*place, start.interpreter),
        *(() if start.file else variables.check(*place, given=start.environment)),
        *gpus.check(command.params, gpus=_gpus_wanted(start.entry, request.type)),
        *preflight.disk_space_warning(start.directory),
    )


def _missing(start: _Start, *, forced: bool, may_query: bool) -> list[Message]:
    """Return what the interpreter may lack; start it only if `may_query`."""
    warnings = preflight_interpreter.check(start.interpreter, forced=forced) if may_query else []
    if warnings:  # not a Python that could be asked for modules
        return warnings
    script = start.script
    if start.file is not None:
        script = core.wrapped_script(start.file, start.directory, start.folder)
    script_kinds.usable_jupyter(start.script, start.interpreter, may_query=may_query)
    return modules.check(
        start.directory,
        script,
        start.interpreter,
        launched_by=start.choice.start,
        forced=forced,
        may_query=may_query,
    )


def _check_secrets(request: RunRequest, script: str, command: BuiltCommand) -> None:
    """Refuse to repeat a run without its secret values; they are not stored."""
    earlier = request.rerun_of
    if earlier is None or earlier.script != script:
        return
    for name in earlier.secrets:
        is_parameter = not (name.startswith(("-", "+")) or name.endswith("="))
        if is_parameter and name not in command.secrets:
            raise MissingParameterError(NEEDS_SECRET_AGAIN(run=earlier.pk, name=name), name=name)


def _gpus_wanted(entry: EntryPoint | None, type: str) -> int:  # noqa: A002
    """Return how many GPUs a run gets on a machine that has GPUs."""
    gpus = entry.gpus if entry else None
    return admission.usual_gpus(type) if gpus is None else gpus


def _check_priority(priority: int) -> None:
    if not LOWEST_PRIORITY <= priority <= HIGHEST_PRIORITY:
        raise RefusedError(texts.BAD_PRIORITY())


def _check_label(version: str) -> None:
    """Refuse a version that a database cannot store: too long, or with invalid characters."""
    checked_text(VERSION(), version)
    if len(version) > MAX_VERSION_LENGTH:
        raise RefusedError(texts.LABEL_TOO_LONG(what=VERSION(), limit=MAX_VERSION_LENGTH))


def _pattern_warning(request: RunRequest, start: _Start) -> tuple[Message, ...]:
    """Return the warning for a script that is none of the type's."""
    script, entry = start.script, start.entry
    if entry is None:
        rows = request.experiment.scripts.all()
        types = {kind for row in rows if row.path == script for kind in row.types}
        is_of_type = not types or request.type in types
    else:
        is_of_type = script == entry.default_script or matches(script, entry.patterns)
    return () if is_of_type else (texts.MATCHES_NO_PATTERN(script=script, type=request.type),)


def _no_script(request: RunRequest) -> Message:
    experiment = request.experiment
    names = {"experiment": experiment.name, "type": request.type}
    fitting = [choice.path for choice in script_choices(experiment, request.type)]
    if fitting:
        return texts.NO_DEFAULT_SCRIPT_NEAR(script=fitting[0], **names)
    if others := [script.path for script in experiment.scripts.all()]:
        more = " …" if len(others) > SCRIPTS_NAMED else ""
        scripts = ", ".join(others[:SCRIPTS_NAMED]) + more
        return texts.NO_DEFAULT_SCRIPT_AMONG(scripts=scripts, **names)
    # Without a scan it is not known which scripts the directory has.
    if entry_point(experiment, request.type) is not None or experiment.scanned_at is None:
        return texts.NO_DEFAULT_SCRIPT(**names)
    return texts.NO_SCRIPTS(experiment=experiment.name)
