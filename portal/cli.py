"""The `guardianflow` program: short verbs for the management commands."""

from __future__ import annotations

import difflib
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from registry_app.files import umask

VERBS = {
    "scan": "scan_experiments",
    "import": "import_registry",
    "export": "export_registry",
    "sync": "sync_registry",
    "proposals": "list_proposals",
    "list": "list_experiments",
    "adapter": "draft_adapter",
    "archive": "archive",
    "unarchive": "unarchive",
    "run": "run_experiment",
    "runs": "list_runs",
    "show": "show_run",
    "logs": "run_logs",
    "cancel": "cancel_run",
    "parity": "check_parity",
    "check-environment": "check_environment",
    "promote": "promote",
    "prune": "prune",
    "mask-secrets": "mask_secrets",
    "scenario": "scenario",
    "pipeline": "pipeline",
    "worker": "worker",
    "drain": "drain",
    "script-helper": "script_helper",
    "up": "up",
    "backup": "backup",
    "restore": "restore",
    "core": "core",
    "doctor": "doctor",
    "unlock": "unlock",
}


REGISTRY_VERBS = frozenset({"scan", "import", "sync", "proposals", "archive", "unarchive"})
PORTAL_VERBS = frozenset({"up", "backup", "restore", "core", "doctor", "export", "unlock"})
PROGRAM = "guardianflow"
# Django has these without a command of that name.
OF_DJANGO = frozenset({"help", "version"})
# These write into the checkout, which other users may share.
OF_CHECKOUT = frozenset(
    {
        *("build_assets", "collectstatic", "compilemessages", "makemessages", "makemigrations"),
        *("messages", "squashmigrations", "startapp", "startproject"),
    }
)
PORTAL_FAILED = 70
# The status that a shell reports for a program that Ctrl-C ended.
INTERRUPTED = 130


def main() -> None:
    """Run `guardianflow VERB ...`; any other management command works by its own name too."""
    argv = sys.argv[1:]
    if not argv or (argv[0] in {"-h", "--help", "help"} and argv[1:2] in ([], ["--help"])):
        execute([PROGRAM])
    else:
        execute([PROGRAM, *argv])


def execute(argv: list[str]) -> None:
    """Run one management command on a database that is up to date.

    An unusable setting or database ends in one line and status 2, not in a traceback; so does an
    interrupt, without any output.
    """
    if not OF_CHECKOUT & set(argv[1:2]):
        umask.keep_private()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    if argv[1:2] == ["demo"]:
        from portal.demo import home

        home.enter(argv[2:])
    from django.core.exceptions import ImproperlyConfigured

    from runs_app.system.broken_pipe import quiet_pipe

    if argv[1:2] == ["help"] and len(argv) > 2 and not argv[2].startswith("-"):
        argv = [argv[0], *argv[2:], "--help"]
    try:
        with quiet_pipe():
            _execute([argv[0], *[VERBS.get(word, word) for word in argv[1:2]], *argv[2:]], argv)
    except ImproperlyConfigured as error:
        _refuse(error)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except OSError as error:
        _refuse_full_disk(error)
        raise


def _refuse_full_disk(error: Exception) -> None:
    """End in one line if an error was caused by a full disk, whatever the command was doing."""
    from registry_app.files import disk_full

    if full := disk_full.trouble(error):
        _refuse(" ".join(full), status=PORTAL_FAILED)


def _execute(argv: list[str], written: list[str]) -> None:
    """Run the command of `argv`; `written` is what the user typed, for its help."""
    with _imports():
        import django
        from django.core.management import execute_from_command_line, get_commands
        from django.db import DatabaseError, InterfaceError, OperationalError

        django.setup()
    from portal import database

    speak_to_person(argv)
    if len(argv) == 1:
        _show_verbs()
        return
    if argv[1] not in get_commands():
        if argv[1] not in OF_DJANGO and not argv[1].startswith("-"):
            _refuse(_unknown(argv[1]))
        execute_from_command_line(argv)
        return
    try:
        if argv[1] == "migrate":
            with database.exclusive():
                database.check_usable()
                _run(argv, written)
            return
        if database.needs_database(argv):
            database.bring_up_to_date(allow_empty=database.requests_new_database(argv))
    except database.DatabaseNotReadyError as error:
        _refuse(error)
    try:
        _run(argv, written)
    except (DatabaseError, InterfaceError) as error:
        _refuse_full_disk(error)
        if not isinstance(error, OperationalError | InterfaceError):
            raise
        _refuse(database.not_answering(error), status=PORTAL_FAILED)


def _run(argv: list[str], written: list[str]) -> None:
    """Run a command; format its refusal like every other refusal of the portal.

    Django itself would begin it with the name of a Python class.
    """
    from django.core.management import ManagementUtility
    from django.core.management.base import CommandError, SystemCheckError

    from registry_app.files import disk_full
    from registry_app.messages import plain
    from registry_app.reading import message_text

    with _imports():
        command = ManagementUtility(argv).fetch_command(argv[1])
    run = command.execute

    def execute(*args: Any, **options: Any) -> Any:
        try:
            return run(*args, **options)
        except CommandError as error:
            if options.get("traceback") or isinstance(error, SystemCheckError):
                raise
            text = message_text(disk_full.explained(error, plain(str(error))), keep="\n")
            command.stderr.write(f"{PROGRAM}: {text}")
            sys.exit(error.returncode)

    command.execute = execute  # type: ignore[method-assign]
    command.run_from_argv(written)


@contextmanager
def _imports() -> Iterator[None]:
    """Import without garbage collection: a tenth of a cold start, for what lives to the end."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _unknown(word: str) -> str:
    """Report an unknown command, with the nearest known one."""
    from django.core.management import get_commands
    from django.utils.translation import gettext as _

    near = difflib.get_close_matches(word, [*VERBS, *get_commands()], n=1, cutoff=0.5)
    if near:
        return _("Unknown command: '{word}'. Did you mean {near}?").format(word=word, near=near[0])
    return _("Unknown command: '{word}'. `guardianflow` alone lists them.").format(word=word)


def _show_verbs() -> None:
    """List the verbs, one a line."""
    from django.core.management import load_command_class
    from django.utils.translation import gettext as _

    homes = {"registry_app": REGISTRY_VERBS, "portal": PORTAL_VERBS}
    lines = [_("Usage: guardianflow VERB ...   (guardianflow VERB --help lists its options)"), ""]
    width = max(len(verb) for verb in VERBS)
    for verb, command in VERBS.items():
        app = next((app for app, verbs in homes.items() if verb in verbs), "runs_app")
        help_text = load_command_class(app, command).help
        lines.append(f"  {verb:<{width}} {help_text}")
    lines += ["", _("`manage.py help` lists every other command.")]
    sys.stdout.write("\n".join(lines) + "\n")


def speak_to_person(argv: list[str]) -> None:
    """Activate the language of the terminal, by the usual environment variables.

    Not for a worker: what it writes into the database is the same on every machine.
    """
    from django.conf import settings
    from django.utils import translation

    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    written = next((os.environ[name] for name in names if os.environ.get(name)), "")
    language = written.replace(".", "_").split("_")[0].lower()
    if language in dict(settings.LANGUAGES) and argv[1:2] != ["worker"]:
        translation.activate(language)


def _refuse(error: Exception | str, *, status: int = 2) -> NoReturn:
    sys.stderr.write(f"{PROGRAM}: {error}\n")
    sys.exit(status)
