"""What `guardianflow scenario` and `guardianflow pipeline` share."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from registry_app.reading import message_text
from registry_app.row_numbers import row_number
from runs_app.cli.command import RunsCommand, add_not_before
from runs_app.exceptions import RefusedError
from runs_app.models import HostHeartbeat, RunSet
from runs_app.queue.not_before import parse_not_before
from runs_app.sets import confirmed
from runs_app.sets.changed import changed_since
from runs_app.sets.changing import resume
from runs_app.sets.confirmed import UnreadFileError
from runs_app.sets.definitions import Definition
from runs_app.sets.definitions import read as definition_of
from runs_app.sets.from_file import start_file
from runs_app.sets.places import PIPELINES, source_file, source_files
from runs_app.sets.plan import plan, refusal_of
from runs_app.sets.resuming import refused_at_once
from runs_app.texts import sets as texts

LIST, SHOW, RUN = "list", "show", "run"
RESUME = "run --resume"
_OPTIONS = {
    "base": "--from",
    "confirm": "--confirm",
    "not_before": "--not-before",
    "leave_out": "--leave-out",
}
# What each action takes of them.
_TAKEN: Mapping[str, Collection[str]] = {
    LIST: {"base"},
    SHOW: {"base"},
    RUN: _OPTIONS.keys(),
    RESUME: {"confirm", "not_before"},
}


class SetCommand(RunsCommand):
    """A command about the files of one folder: list them, show what they would start, start it."""

    folder: ClassVar[str] = ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=(LIST, SHOW, RUN))
        parser.add_argument("name", metavar="NAME", nargs="?", default="")
        parser.add_argument(
            "--from",
            dest="base",
            metavar="DIR",
            help="read the files from this folder, not from the core repository",
        )
        parser.add_argument(
            "--confirm",
            action="append",
            default=[],
            metavar="DIGEST",
            help="the file, or the changed command, of this digest was read; a refusal shows both. "
            "Repeat it for several",
        )
        add_not_before(parser)
        parser.add_argument("--json", action="store_true", help="print JSON; `run` lists the runs")
        if self.folder == PIPELINES:
            parser.add_argument(
                "--resume", metavar="ID", help="go on with this run set from the failed step"
            )
        else:
            parser.add_argument(
                "--leave-out", action="store_true", help="queue the others if some are refused"
            )

    def handle(self, *args: Any, **options: Any) -> None:
        action = options["action"]
        if options.get("resume"):
            if action != RUN or options["name"]:
                raise RefusedError(texts.RESUME_ALONE())
            action = RESUME
        for name, option in _OPTIONS.items():
            if options.get(name) and name not in _TAKEN[action]:
                raise RefusedError(texts.OPTION_DOES_NOTHING(option=option, action=action))
        if action == RESUME:
            self._resume(options)
            return
        base = Path(options["base"]).expanduser() if options["base"] else None
        if options["action"] == LIST:
            names = [file.name for file in source_files(self.folder, base=base)]
            if options["json"]:
                self.show_json(names)
            elif names:
                self.stdout.write("\n".join(names))
            return
        definition = definition_of(
            source_file(self.folder, options["name"], base=base), self.folder
        )
        if options["action"] == SHOW:
            self._look(definition, options)
            return
        self._report(self._started(definition, options), as_json=options["json"])

    def _resume(self, options: dict[str, Any]) -> None:
        """Go on with a chain; a step that is refused at once is an error, also with `--json`."""
        before = _numbered(options["resume"])
        changes = changed_since(before.steps.select_related("run"))
        made = resume(
            before,
            user=None,
            not_before=parse_not_before(options["not_before"]),
            confirm=options["confirm"],
        )
        for change in changes:
            self.say(message_text(change))
        self._report(made, as_json=options["json"])
        if (reason := refused_at_once(made)) is not None:
            raise RefusedError(reason)

    def _started(self, definition: Definition, options: dict[str, Any]) -> RunSet:
        """Start what the file says, on a terminal once its user has read a changed one."""
        read: Collection[str] = options["confirm"]
        start = partial(
            start_file,
            definition,
            key=uuid4(),
            user=None,
            leave_out=options.get("leave_out", False),
            not_before=parse_not_before(options["not_before"]),
        )
        try:
            made, _new = start(read=read)
        except UnreadFileError as error:
            unread = error.unread
            question = _("Queue this? [y/N] ")
            # Without a user to read the file, the refusal shows it and names its digest.
            if not self.has_read(
                confirmed.summary(unread), confirmed.shown(unread), question=question
            ):
                raise
            made, _new = start(read={*read, *unread.digests})
        return made

    def _look(self, definition: Definition, options: dict[str, Any]) -> None:
        """Show every command; of an unread file, as far as nothing must be started for that."""
        if (unread := confirmed.unread(definition)) is not None:
            self.say(confirmed.summary(unread))
            members = list(unread.members)
        else:
            members = plan(definition.wanted(), is_chain=definition.is_chain)
        self._show(members, options)

    def _show(self, members: list[Any], options: dict[str, Any]) -> None:
        if options["json"]:
            self.show_json(
                [
                    {
                        "name": item.name,
                        "argv": list(item.prepared.argv) if item.prepared else [],
                        "refusal": message_text(item.refusal) if item.refusal else "",
                    }
                    for item in members
                ]
            )
        else:
            for item in members:
                if item.prepared is not None:
                    self.stdout.write(f"{item.name}: {shlex.join(item.prepared.argv)}")
        if (error := refusal_of(members)) is not None:
            raise error

    def _report(self, made: RunSet, *, as_json: bool) -> None:
        """Print the number of the set, or with `as_json` what is known of it."""
        for name, _row in made.left_out:
            self.say(_("left out: {name}").format(name=name))
        if as_json:
            self.show_json(described(made))
        else:
            self.stdout.write(str(made.pk))
        if not any(host.is_alive() for host in HostHeartbeat.objects.all()):
            self.say(_("No worker is running; `guardianflow worker` starts one."))


def described(made: RunSet) -> dict[str, Any]:
    """Return a run set as `--json` shows it."""
    return {
        "id": made.pk,
        "kind": made.kind,
        "name": made.name,
        "state": made.state,
        "file": made.source,
        "commit": made.commit,
        "sha256": made.digest,
        "stuck": message_text(made.stuck) if made.is_active and made.stuck else "",
        "left_out": [name for name, _row in made.left_out],
        "runs": [
            {
                "step": step.name,
                "experiment": step.experiment.name,
                "type": step.type,
                "state": step.state,
                "attempt": step.attempt,
                "run": step.run_id,
                "why": message_text(step.why) if step.why else "",
            }
            for step in made.steps.select_related("experiment")
        ],
    }


def _numbered(text: str) -> RunSet:
    row = RunSet.objects.filter(pk=row_number(text.removeprefix("#"))).first()
    if row is None:
        raise RefusedError(texts.NO_SET(number=text))
    return row
