"""The `guardianflow` program: short verbs for the management commands."""

from __future__ import annotations

import os
import sys

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
    """Run one management command; a setting that cannot be used ends in one line, not a trace."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(argv)
    except ImproperlyConfigured as error:
        print(f"guardianflow: {error}", file=sys.stderr)
        sys.exit(2)
