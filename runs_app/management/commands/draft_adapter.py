"""Drafts the adapter of an experiment to the standard interface of trainers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from registry_app.choices import EntryPointType
from runs_app.cli.command import RunsCommand
from runs_app.cli.find import experiment_named
from runs_app.exceptions import RefusedError
from runs_app.trainers.adapter import Adapter, adapter_of, push, write
from runs_app.trainers.draft import DraftError


class Command(RunsCommand):
    help = (
        "Draft a trainer of the standard interface around an experiment's script, on a branch of "
        "the core repository; the experiment's directory is never written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="name of the experiment")
        parser.add_argument(
            "--type", default=EntryPointType.TRAIN, choices=EntryPointType.values,
            help="entry point whose script is taken (default: train)",
        )  # fmt: skip
        parser.add_argument("--script", default="", help="another script of the directory")
        place = parser.add_mutually_exclusive_group()
        place.add_argument(
            "--output", metavar="DIR|-", default="",
            help="write to a folder, or - for the terminal, instead of a branch",
        )  # fmt: skip
        place.add_argument(
            "--push", action="store_true",
            help="push to a branch of the core repository, as without --output",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        experiment = experiment_named(options["name"])
        try:
            adapter = adapter_of(experiment, options["type"], script=options["script"])
        except DraftError as error:
            raise RefusedError(error.message) from error
        if options["output"] == "-":
            self._print(adapter)
            return
        if options["output"]:
            for file in write(adapter, Path(options["output"])):
                self.say(_("Written: {file}").format(file=file))
        else:
            branch = push(adapter, experiment.name)
            self.say(
                _("Pushed to branch {branch} of {url}.").format(
                    branch=branch, url=settings.GUARDIANFLOW_CORE_URL.rpartition("@")[2]
                )
            )
        self._report(adapter)

    def _print(self, adapter: Adapter) -> None:
        """Print both files, each after a line with its name."""
        for path, text in adapter.files.items():
            self.stdout.write(f"# ---- {path.rpartition('/')[2]} ----")
            self.stdout.write(text)

    def _report(self, adapter: Adapter) -> None:
        kind = adapter.draft.kind
        self.say(_("Adapter of {script}: {kind}.").format(script=adapter.script, kind=kind))
        for lack in adapter.draft.lacks:
            self.say(f"- {lack}")
        self.say(
            _(
                "Once it is merged and synced, an entry point runs it with `default: {script}`."
            ).format(script=adapter.default)
        )
