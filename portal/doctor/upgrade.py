"""`doctor` on what an upgrade changed, until its notice on the home page is closed."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F
from django.utils.translation import gettext as _

from portal.doctor.line import Line, good, warn
from portal.models import UpgradeNotice
from registry_app.models import Experiment

AREA = "metadata"
_NAMED = 10


def confirmed_values() -> Iterator[Line]:
    """Report how many experiments have unconfirmed guesses, and which dropped a stage."""
    waiting = Experiment.objects.filter(confirmed__lt=F("completeness")).count()
    if not waiting:
        yield good(AREA, _("All values are confirmed"))
        return
    text = _("{count} experiments have values that only a scan has guessed").format(count=waiting)
    notice = UpgradeNotice.objects.filter(kind=UpgradeNotice.GUESSES, closed_at=None).first()
    if notice is None or not notice.detail.get("fell"):
        yield good(AREA, text)
        return
    names = ", ".join(notice.detail["names"][:_NAMED])
    left = notice.detail["fell"] - min(_NAMED, len(notice.detail["names"]))
    if left > 0:
        names = _("{names} and {count} more").format(names=names, count=left)
    fell = _("since the upgrade {count} are back at stage 1 for that: {names}").format(
        count=notice.detail["fell"], names=names
    )
    yield warn(
        AREA, f"{text}; {fell}", _("The page Review confirms all sure values with one click.")
    )
