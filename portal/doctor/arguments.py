"""`doctor` after an upgrade, once: entry points whose scripts get other arguments."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

from portal.doctor.line import Line, warn
from registry_app.models import Experiment
from runs_app.preflight.older_commands import ChangedCommand, changed_commands

logger = logging.getLogger(__name__)

AREA = "arguments"
# Since this migration, defaults that a scan read are no longer written out.
UPGRADE = ("runs_app", "0011_note_what_was_given")
REPORTED = "told-arguments"


def arguments() -> Iterator[Line]:
    """Report once the entry points from before the upgrade whose arguments differ."""
    reported = Path(settings.GUARDIANFLOW_HOME) / REPORTED
    upgraded_at = _upgraded_at()
    if upgraded_at is None or reported.exists():
        return
    rows = Experiment.objects.filter(created_at__lt=upgraded_at).order_by("name")
    for command in changed_commands(list(rows.prefetch_related("entry_points", "scripts"))):
        yield warn(AREA, _in_words(command), _fix(command))
    try:
        reported.touch(mode=0o600)
    except OSError as error:  # then it is reported again
        logger.warning("report not marked as shown file=%s error=%s", reported, error)


def _upgraded_at() -> datetime | None:
    app, name = UPGRADE
    rows = MigrationRecorder(connection).migration_qs.filter(app=app, name=name)
    found: datetime | None = rows.values_list("applied", flat=True).first()
    return found


def _in_words(changed: ChangedCommand) -> str:
    if changed.refusal:
        return _("{entry} used to start with {words}; now it is refused: {reason}").format(
            entry=changed.entry, words=shlex.join(changed.dropped), reason=changed.refusal
        )
    if changed.added:
        return _("{entry} is started with {added} from now on, and without {words}.").format(
            entry=changed.entry,
            added=shlex.join(changed.added),
            words=shlex.join(changed.dropped) or "–",
        )
    return _("{entry} is started without {words} from now on; its script decides.").format(
        entry=changed.entry, words=shlex.join(changed.dropped)
    )


def _fix(changed: ChangedCommand) -> str:
    if changed.refusal:
        return _("Give the value in the form, or write it into the argument template.")
    return _("Write a value into the argument template where it must be passed anyway.")
