"""Fill the data directory and the roots that the environment names, both empty so far."""

from __future__ import annotations

import os
from pathlib import Path

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from registry_app.models import ScanJob
    from runs_app.lifecycle import scans
    from tests.browser.world import history, people, tree

    call_command("migrate", verbosity=0, interactive=False)
    tree.write(Path(settings.GUARDIANFLOW_ROOTS[0]))
    people.employ()
    ScanJob.objects.create()
    scans.run_waiting()
    history.carry_out()


if __name__ == "__main__":
    main()
