"""Import a registry file into the database: all of it or nothing."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry_app.changes.apply import apply_plan
from registry_app.changes.plan import ExperimentPlan, FieldChange, Plan, PlanAction
from registry_app.changes.planning import make_plan
from registry_app.choices import ChangeOrigin, ConfirmedBy
from registry_app.document.reader import MAX_BYTES, load
from registry_app.exceptions import RegistryError, RegistryFileError
from registry_app.fields.names import is_empty
from registry_app.management.quiet import QuietCommand
from registry_app.messages import plain
from registry_app.reading import error_text, message_text

SIGNS = {
    PlanAction.CREATE: "+",
    PlanAction.UPDATE: "~",
    PlanAction.UNCHANGED: "=",
    PlanAction.MISSING: "?",
}


class Command(QuietCommand):
    requires_system_checks = ()
    help = "Bring a registry file into the database: all of it, or nothing and every error at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="The registry file, - for standard input.")
        parser.add_argument("--dry-run", action="store_true", help="Only show what would change.")
        parser.add_argument("--json", action="store_true", help="Write the plan as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["file"]
        try:
            document = load(_read(name), name=name)
            # A user at a shell can run scripts anyway, so the commands in the file count as read.
            plan = make_plan(document, any_interpreter=True)
            if not options["dry_run"]:
                summary = None if name == "-" else plain(Path(name).name)
                apply_plan(
                    plan,
                    origin=ChangeOrigin.IMPORT,
                    by=None,
                    summary=summary,
                    confirms=ConfirmedBy.COMMAND,
                )
        except RegistryFileError as error:
            for problem in error.problems:
                place = f"{name}:{problem.line}" if problem.line else name
                self.stderr.write(f"{place}: {message_text(problem.message)}")
            raise CommandError(
                ngettext(
                    "{count} problem in {name}; nothing was changed.",
                    "{count} problems in {name}; nothing was changed.",
                    len(error.problems),
                ).format(count=len(error.problems), name=name)
            ) from error
        except RegistryError as error:
            raise CommandError(error_text(error)) from error
        for warning in plan.warnings:
            place = f"{name}:{warning.line}" if warning.line else name
            text = message_text(warning.message)
            self.stderr.write(_("{place}: warning: {text}").format(place=place, text=text))
        if options["json"]:
            self.stdout.write(json.dumps(plan.to_json(), ensure_ascii=False, indent=2))
        else:
            self._show(plan, dry_run=options["dry_run"])

    def _show(self, plan: Plan, *, dry_run: bool) -> None:
        for customer in plan.customers:
            old, new = customer.old_text or "–", customer.new_text or "–"
            self.stdout.write(f"~ {customer.name} {customer.field}: {old} → {new}")
        for word in plan.words:
            self.stdout.write(f"{'+' if word.old is None else '~'} vocabulary.{word.word}")
            self._show_changes(word.fields)
        for experiment in plan.experiments:
            self._show_experiment(experiment)
        counts = plan.counts
        self.stdout.write(
            _(
                "{create} new, {update} changed, {unchanged} unchanged, {missing} not in the file"
            ).format(**counts)
        )
        if plan.confirmed:
            text = _("{count} guesses of a scan are confirmed, as the file has the same values")
            self.stdout.write(text.format(count=plan.confirmed))
        if counts[PlanAction.MISSING]:
            self.stdout.write(_("What is not in the file stays in the database."))
        if dry_run:
            self.stdout.write(_("Nothing was written: this was a dry run."))

    def _show_experiment(self, planned: ExperimentPlan) -> None:
        self.stdout.write(f"{SIGNS[planned.action]} {planned.name}")
        if planned.action is PlanAction.UPDATE:
            self._show_changes(planned.written)

    def _show_changes(self, changes: Iterable[FieldChange]) -> None:
        for change in changes:
            self.stdout.write(f"    {change.field}: {_text(change.old)} → {_text(change.new)}")


def _read(name: str) -> bytes:
    """Return at most one byte more than the size limit; raises CommandError."""
    try:
        if name == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with Path(name).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(
            _("{name} cannot be read: {problem}").format(name=name, problem=error.strerror)
        ) from error


def _text(value: Any) -> str:
    if is_empty(value):
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
