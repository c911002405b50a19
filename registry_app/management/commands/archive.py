"""Archive an experiment: it leaves the lists and the exported file, and its runs stay."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from registry_app.changes.archive import archive
from registry_app.exceptions import RegistryError
from registry_app.management.quiet import QuietCommand
from registry_app.messages import plain
from registry_app.models import Experiment
from registry_app.reading import error_text


class Command(QuietCommand):
    requires_system_checks = ()
    help = "Archive an experiment: lists and exports leave it out, no scan drafts it, runs stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="The experiment's name.")
        parser.add_argument("--reason", metavar="TEXT", required=True, help="Why, for its page.")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"]
        experiment = named(name)
        try:
            archive([experiment], reason=plain(options["reason"]), by=None)
        except RegistryError as error:
            raise CommandError(error_text(error)) from error
        self.stderr.write(
            _("{name} is archived. `guardianflow unarchive {name}` brings it back.").format(
                name=name
            ),
            str,
        )


def named(name: str) -> Experiment:
    """Return the experiment of a name, archived or not; raises CommandError."""
    experiment = Experiment.everything.filter(name=name).first()
    if experiment is None:
        raise CommandError(_("There is no experiment {name}.").format(name=name))
    return experiment
