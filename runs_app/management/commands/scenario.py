"""Lists, shows and starts the files of the folder `scenario`."""

from __future__ import annotations

from runs_app.cli.set_command import SetCommand
from runs_app.sets.places import SCENARIO


class Command(SetCommand):
    help = (
        "Queue a named set of runs, all or none: scenario run NAME. Exit status 2 if one is "
        "refused."
    )
    folder = SCENARIO
