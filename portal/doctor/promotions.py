"""`doctor` on promoted models: whether MLflow still gives the files that were promoted."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from portal.doctor.line import Line, bad, good, warn
from registry_app.exceptions import RegistryError
from registry_app.reading import error_text, message_text
from runs_app.choices import PromotionState
from runs_app.exceptions import RunnerError
from runs_app.models import Promotion

AREA = "promotions"


def champions() -> Iterator[Line]:
    """Download each champion and compare its files; silent without promotions."""
    rows = Promotion.objects.filter(state=PromotionState.PROMOTED).select_related("experiment")
    found = list(rows)
    wrong = 0
    for promotion in found:
        line = _line(promotion)
        if line is not None:
            wrong += 1
            yield line
    if found and not wrong:
        yield good(AREA, _("{count} champions are as promoted").format(count=len(found)))


def _line(promotion: Promotion) -> Line | None:
    # Imports MLflow's parts, which no other examination needs without runs.
    from runs_app.promotion.integrated import in_mlflow

    try:
        problem = in_mlflow(promotion)
    except (RunnerError, RegistryError) as error:
        return warn(
            AREA,
            _("{promotion} could not be checked: {reason}").format(
                promotion=promotion, reason=error_text(error)
            ),
            _("Start MLflow, then run this again."),
        )
    if problem is None:
        return None
    return bad(
        AREA,
        message_text(problem),
        _("Withdraw promotion {number} and promote the model again.").format(number=promotion.pk),
    )
