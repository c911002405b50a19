"""Runs a script of an experiment here, or queues it for a worker."""

from __future__ import annotations

import logging
import shlex
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from getpass import getpass
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from registry_app.choices import EntryPointType
from registry_app.fields.confirmation import Unconfirmed
from registry_app.files import disk_full
from registry_app.reading import message_text, word_text
from runs_app.choices import MlflowState, RunStatus
from runs_app.cli.command import RunsCommand, add_not_before, byte_sink
from runs_app.cli.exit_status import INTERRUPTED, PORTAL_FAILED, exit_status_of
from runs_app.cli.find import experiment_named
from runs_app.exceptions import RefusedError, RunnerError, UnconfirmedError
from runs_app.executors import notices
from runs_app.lifecycle.foreground import Terminal, run_here
from runs_app.lifecycle.prepare import RunRequest
from runs_app.lifecycle.sending import send_later, send_within
from runs_app.lifecycle.submit import submit
from runs_app.models import HostHeartbeat, Run
from runs_app.preflight import confirmation
from runs_app.preflight.variables import parse_variables
from runs_app.queue.not_before import parse_not_before
from runs_app.runner.command.build import cleared, parse_assignments
from runs_app.system.broken_pipe import leave_terminal
from runs_app.texts import requests
from runs_app.texts.people import END_OF_TERMINAL, INTERRUPT
from runs_app.trainers.core import digest_of_script

logger = logging.getLogger(__name__)


class Command(RunsCommand):
    help = (
        "Run a script of an experiment, unmodified, and stream its output; arguments after -- go "
        "to the script. Exit status: the script's; 2 if refused, 70 if the portal failed."
    )
    stealth_options = ("extra_args",)

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # Here --version is the label of a run, not Django's own option.
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def run_from_argv(self, argv: list[str]) -> None:
        """Set the script's arguments aside: argparse would mix them with NAME."""
        end = argv.index("--") if "--" in argv else len(argv)
        self._extra_args = tuple(argv[end + 1 :])
        super().run_from_argv(argv[:end])

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="experiment: name, alias or directory")
        parser.add_argument("--type", choices=EntryPointType.values, default=EntryPointType.TRAIN)
        parser.add_argument("--version", default="", metavar="V", help="a label of the run")
        parser.add_argument("--script", default="", metavar="S", help="instead of the default")
        parser.add_argument(
            "--param",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="a value of the script; repeat it for several names, and for a parameter that "
            "takes several values: --param size=640 --param size=480. NAME= without a value: the "
            "parameter is not passed, even where the entry point fixes it",
        )
        parser.add_argument(
            "--env",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="an environment variable for this run alone, over those of the entry point; no "
            "secrets. Repeat it for several",
        )
        parser.add_argument(
            "--secret",
            action="append",
            default=[],
            metavar="NAME",
            help="a secret parameter; its value is asked for without echo, else read as one line "
            "of standard input each",
        )
        parser.add_argument(
            "--priority", type=int, default=0, metavar="N", help="-100 to 100; higher goes first"
        )
        add_not_before(parser)
        parser.add_argument(
            "--force", action="store_true", help="although modules or room on the disk are missing"
        )
        parser.add_argument(
            "--confirm",
            default="",
            metavar="DIGEST",
            help="the changed command of this digest was read; a refusal shows both",
        )
        parser.add_argument(
            "--named-args",
            action="store_true",
            help="the arguments after -- are pairs, `--name value`, each a value of a parameter as "
            "with --param; `mlflow run` appends its -P name=value in this form",
        )
        parser.add_argument("--queue", action="store_true", help="only queue; prints the run's id")
        parser.add_argument(
            "--wait-mlflow",
            action="store_true",
            help="return when MLflow has the run, after half a minute at most; without it, a "
            "process in the background sends it",
        )
        parser.add_argument(
            "--json",
            action="store_true",
            help="print the run as JSON; the script's output goes to stderr",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        extra_args = tuple(options.get("extra_args", getattr(self, "_extra_args", ())))
        pairs = [*options["param"], *(_named(extra_args) if options["named_args"] else ())]
        request = RunRequest(
            experiment=experiment_named(options["name"]),
            type=options["type"],
            version=options["version"],
            script=options["script"],
            params=_params(pairs, options["secret"]),
            secrets=tuple(options["secret"]),
            extra_args=() if options["named_args"] else extra_args,
            environment=parse_variables(options["env"]),
            priority=options["priority"],
            not_before=parse_not_before(options["not_before"]),
            force=options["force"],
            confirm=options["confirm"],
            # Who names a trainer in a shell may run anything there anyway.
            trainer=digest_of_script(options["script"]),
        )
        try:
            self._carry_out(request, options)
        except UnconfirmedError as error:
            # Without a user to read the change, the refusal shows it and names its digest.
            if not self._has_read(error.waiting):
                raise
            self._carry_out(replace(request, confirm=error.waiting.digest), options)

    def _carry_out(self, request: RunRequest, options: dict[str, Any]) -> None:
        try:
            if options["queue"]:
                self._queue(request, as_json=options["json"])
            else:
                sys.exit(self._run(request, as_json=options["json"], waits=options["wait_mlflow"]))
        except RunnerError:
            raise
        except Exception as error:
            if full := disk_full.trouble(error):
                self.say(" ".join(full))
            else:
                logger.exception("the portal failed experiment=%s", request.experiment)
                self.say(_("The portal failed: {error}").format(error=error))
            sys.exit(PORTAL_FAILED)

    def _has_read(self, waiting: Unconfirmed) -> bool:
        """Show the change on a terminal and ask for confirmation; False without a terminal."""
        return self.has_read(
            confirmation.summary(waiting),
            confirmation.lines(waiting),
            question=_("Run this command? [y/N] "),
        )

    def _queue(self, request: RunRequest, *, as_json: bool) -> None:
        run = submit(request, user=None)
        for warning in notices.warnings_of(run):
            self.say(warning)
        if as_json:
            self._show(run)
        else:
            self.stdout.write(str(run.pk))
        if not any(host.is_alive() for host in HostHeartbeat.objects.all()):
            self.say(_("No worker is running; `guardianflow worker` starts one."))

    def _run(self, request: RunRequest, *, as_json: bool, waits: bool) -> int:
        """Run to the end and return the exit status. With `as_json`, all output goes to stderr.

        `waits`: MLflow is waited for.
        """
        begun: list[Run] = []

        def begin(run: Run) -> None:
            begun.append(run)
            self._announce(run)

        try:
            with _interrupts() as interrupts:
                run = run_here(
                    request,
                    terminal=Terminal(
                        on_queued=begin,
                        on_wait=lambda run: self.say(run.status_reason),
                        on_cancel=self._stopping,
                        stdout=byte_sink(self.stderr if as_json else self.stdout),
                        stderr=byte_sink(self.stderr),
                        wants_stop=lambda: bool(interrupts),
                        cancelled_by=lambda: (
                            END_OF_TERMINAL if signal.SIGHUP in interrupts[:1] else INTERRUPT
                        ),
                    ),
                )
        except KeyboardInterrupt:
            for run in begun:
                self.say(_("Run {run} is left to a worker.").format(run=run.pk))
            return INTERRUPTED
        is_left = False
        try:
            is_left = not waits and send_later(run)
            if not is_left:
                send_within(run)
        except KeyboardInterrupt:
            run.refresh_from_db()
        self._report(run, is_left=is_left)
        if as_json:
            self._show(run)
        return exit_status_of(run)

    def _show(self, run: Run) -> None:
        """Print the run as JSON; only then its readers of results are loaded."""
        from runs_app.cli.describe_run import describe_run

        self.show_json(describe_run(run))

    def _announce(self, run: Run) -> None:
        for warning in notices.warnings_of(run):
            self.say(warning)
        self.say(_("run {run}: {command}").format(run=run.pk, command=shlex.join(run.argv)))

    def _stopping(self, run: Run) -> None:
        self.say(
            _("Stopping run {run}; interrupt again to leave it to a worker.").format(run=run.pk)
        )

    def _report(self, run: Run, *, is_left: bool) -> None:
        run.refresh_from_db(fields=["notices"])
        for notice in notices.warnings_of(run)[len(run.warnings) :]:
            self.say(notice)
        self.say(
            _("run {run} {status}: {reason}").format(
                run=run.pk, status=word_text(RunStatus(run.status)), reason=run.explanation
            )
        )
        if run.started_at is not None and is_left:
            self.say(_("MLflow: being sent"))
        elif run.started_at is not None and run.mlflow_state != MlflowState.SENT:
            self.say(
                _("MLflow does not have it yet; a worker will send it. {error}")
                .format(error=message_text(run.mlflow_error) if run.mlflow_error else "")
                .strip()
            )


def _named(arguments: Sequence[str]) -> list[str]:
    """Return `--name value` pairs as NAME=VALUE; raises RefusedError for anything else."""
    names, values = arguments[::2], arguments[1::2]
    wrong = next((name for name in names if not name.startswith("--") or len(name) < 3), None)
    if wrong is None and len(names) > len(values):
        wrong = names[-1]
    if wrong is not None:
        raise RefusedError(requests.NO_NAMED_ARGUMENT(argument=wrong))
    return [f"{name[2:]}={value}" for name, value in zip(names, values, strict=True)]


def _params(pairs: Sequence[str], secrets: Sequence[str]) -> dict[str, Any]:
    """Return the values from the command line, and ask for the secret values."""
    params = cleared(parse_assignments(pairs))
    for name in secrets:
        if name in params:
            raise RefusedError(requests.GIVEN_AS_SECRET_TOO(name=name))
        params[name] = _secret_value(name)
    return params


def _secret_value(name: str) -> str:
    """Ask for a value without echoing it; read one line from a pipe. Raises RefusedError."""
    if sys.stdin is not None and sys.stdin.isatty():
        value = getpass(_("{name} (secret): ").format(name=name))
    else:
        value = sys.stdin.readline().rstrip("\r\n") if sys.stdin is not None else ""
    if not value:
        raise RefusedError(requests.NO_SECRET_VALUE(name=name))
    return value


@contextmanager
def _interrupts() -> Iterator[list[int]]:
    """Collect SIGINT, SIGTERM and SIGHUP instead of dying; the second raises KeyboardInterrupt.

    A terminal that is closed sends SIGHUP, often twice; under `nohup` it stays ignored.
    """
    seen: list[int] = []

    def note(number: int, _frame: object) -> None:
        if number == signal.SIGHUP:
            leave_terminal()
            if seen:
                return
        seen.append(number)
        if len(seen) > 1:
            raise KeyboardInterrupt

    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, note) for number in numbers}
    try:
        yield seen
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
