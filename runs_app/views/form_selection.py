"""What the form of runs is about: a type and experiments, from the URL or the form itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from registry_app.choices import EntryPointType
from registry_app.models import Experiment
from registry_app.row_numbers import row_number
from runs_app.models import Run
from runs_app.preflight.script_choices import types_of

AT_MOST = 50
# The button that removes the experiment that it names from the form.
WITHOUT = "without"


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What to run, according to the URL or the form."""

    type: str
    experiments: tuple[Experiment, ...]
    again: Run | None = None

    @property
    def query(self) -> str:
        if self.again is not None:
            return f"again={self.again.pk}"
        return "&".join(
            [
                f"type={self.type}",
                *(f"experiment={experiment.pk}" for experiment in self.experiments),
            ]
        )


def selection_of(request: HttpRequest) -> Selection:
    data = request.POST if request.method == "POST" else request.GET
    runs = Run.objects.select_related("experiment")
    again = _found(runs, data["again"]) if data.get("again") else None
    without = request.POST.get(WITHOUT, "")
    numbers = (
        [str(again.experiment_id)]
        if again
        else [number for number in data.getlist("experiment") if number != without]
    )
    kind = again.type if again else data.get("type", "")
    if kind not in EntryPointType.values or not numbers or len(numbers) > AT_MOST:
        raise Http404(
            _("Choose a type and 1 to {most} experiments in the list.").format(most=AT_MOST)
        )
    rows = Experiment.objects.prefetch_related("entry_points", "scripts").filter(
        pk__in=[row_number(number) for number in numbers]
    )
    experiments = tuple(rows.order_by("name"))
    if not experiments:
        raise Http404(_("None of these experiments exists any more."))
    if again is not None:
        again.experiment = experiments[0]
    return Selection(type=kind, experiments=experiments, again=again)


def _found(runs: Any, number: str) -> Run:
    run = runs.filter(pk=row_number(number)).first()
    if run is None:
        raise Http404(_("There is no run {number}.").format(number=number))
    found: Run = run
    return found


def types_offered(selection: Selection) -> list[tuple[str, Any]]:
    """Return the types that any of the experiments has, and the requested one."""
    there = {kind for experiment in selection.experiments for kind in types_of(experiment)} | {
        selection.type
    }
    return [(value, label) for value, label in EntryPointType.choices if value in there]
