"""Changes of the proved stage as entries of the timeline of an experiment."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from registry_app.admin.details.events import Event, Part, Source, limited
from registry_app.choices import Stage
from registry_app.models import Experiment
from registry_app.reading import message_text
from runs_app.models import StageChange

KIND = "stage"


def stages_of(experiment: Experiment) -> Source:
    """Return the source of the changes of an experiment's proved stage; one query."""

    def source(before: datetime | None, most: int) -> Part:
        rows = StageChange.objects.filter(experiment=experiment)
        if before is not None:
            rows = rows.filter(at__lt=before)
        return limited([_event(row) for row in rows[: most + 1]], most)

    return source


def _event(row: StageChange) -> Event:
    title = _("Stage {old} → {new} {label}").format(
        old=row.old, new=row.new, label=Stage(row.new).label
    )
    why = message_text(row.why) if row.why is not None else ""
    return Event(at=row.at, kind=KIND, title=f"{title}. {why}".strip() if why else title)
