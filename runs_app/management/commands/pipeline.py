"""Lists, shows and starts the files of the folder `pipelines`."""

from __future__ import annotations

from runs_app.cli.set_command import SetCommand
from runs_app.sets.places import PIPELINES


class Command(SetCommand):
    help = (
        "Start a chain of unmodified scripts: pipeline run NAME [--resume ID]. Exit status 2 if "
        "refused."
    )
    folder = PIPELINES
