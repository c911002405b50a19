"""The `guardianflow` program: short verbs for the management commands."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

VERBS = {
    "scan": "scan_experiments",
    "import": "import_registry",
    "export": "export_registry",
    "list": "list_experiments",
    "run": "run_experiment",
    "runs": "list_runs",
    "show": "show_run",
    "logs": "run_logs",
    "cancel": "cancel_run",
    "worker": "worker",
    "up": "up",
    "backup": "backup",
    "restore": "restore",
    "doctor": "doctor",
}


def main() -> None:
    """Run `guardianflow VERB ...`; any other management command works by its own name too."""
    argv = sys.argv[1:]
    execute(["guardianflow", VERBS.get(argv[0], argv[0]), *argv[1:]] if argv else ["guardianflow"])


def execute(argv: list[str]) -> None:
    """Run one management command on a database that is up to date.

    A setting or a database that cannot be used ends in one line and status 2, not in a trace.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    if argv[1:2] == ["demo"]:
        from portal import demo_home

        demo_home.enter(argv[2:])
    from django.core.exceptions import ImproperlyConfigured

    try:
        _execute(argv)
    except ImproperlyConfigured as error:
        _refuse(error)


def _execute(argv: list[str]) -> None:
    import django
    from django.core.management import execute_from_command_line, get_commands

    django.setup()
    from portal import database

    speak_to_person(argv)

    try:
        if argv[1:2] == ["migrate"]:
            with database.exclusive():
                execute_from_command_line(argv)
            return
        if database.needs_database(argv) and argv[1] in get_commands():
            database.bring_up_to_date()
    except database.DatabaseNotReadyError as error:
        _refuse(error)
    execute_from_command_line(argv)


def speak_to_person(argv: list[str]) -> None:
    """Let commands speak the language of the terminal, by the environment's usual names.

    A worker speaks to no one: what it writes into the database is the same on every machine.
    """
    from django.conf import settings
    from django.utils import translation

    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    written = next((os.environ[name] for name in names if os.environ.get(name)), "")
    language = written.replace(".", "_").split("_")[0].lower()
    if language in dict(settings.LANGUAGES) and argv[1:2] != ["worker"]:
        translation.activate(language)


def _refuse(error: Exception) -> NoReturn:
    sys.stderr.write(f"guardianflow: {error}\n")
    sys.exit(2)
