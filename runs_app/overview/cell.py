"""One cell of the matrix: the experiments of one place and task in two lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry_app.files.visible import visible
from runs_app.choices import ON_HOST
from runs_app.comparing.data import DataKnown
from runs_app.comparing.wording import DIGITS_SHOWN, NOTHING, data_text, metric_text
from runs_app.overview.standing import ORDER, BestRun, Health, RunFacts, Standing

# What the filters of the list of experiments take for "has none".
NONE = "-"
STAGES = 5
_KEPT = "\n\t"
_HTML = (
    '<td class="gfh-{health}"><a href="{address}"><span class="gfh-task">{task}</span>'
    '<b>{figure}</b><span class="gfh-data"{title}>{data}</span>'
    '<small title="{line}">{count}{line}</small>'
    '<span class="gfh-ticks" role="img" aria-label="{stage}" title="{stage}">{ticks}</span>'
    "</a></td>"
)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """The experiments of one place and task; `address` lists exactly these.

    The figure is the best run's main metric of the experiment whose last good run is the newest;
    `data` is what is known of the data that it was measured on, in words in `data_title`. `line`
    is what is wrong, else when the last good run was.
    """

    task: str
    health: Health
    count: int
    lowest: int
    highest: int
    address: str
    line: str
    metric: str = ""
    figure: str = NOTHING
    data: str = ""
    data_title: str = ""

    @property
    def stages(self) -> str:
        same = self.lowest == self.highest
        return str(self.lowest) if same else f"{self.lowest}–{self.highest}"

    @property
    def ticks(self) -> list[str]:
        """For each of the five stages, whether all, some or none of the experiments passed it."""
        return [
            "all" if number <= self.lowest else "some" if number <= self.highest else "none"
            for number in range(1, STAGES + 1)
        ]

    @property
    def html(self) -> SafeString:
        """The cell of the table. Built here: a template takes twice as long for hundreds."""
        ticks = "".join(f'<i class="gfh-{tick}"></i>' for tick in self.ticks)
        line = visible(self.line, keep=_KEPT)
        return format_html(
            _HTML,
            health=self.health,
            address=self.address,
            task=visible(self.task, keep=_KEPT),
            figure=self.figure,
            title=format_html(' title="{}"', visible(self.data_title, keep=_KEPT))
            if self.data_title
            else "",
            data=visible(self.data, keep=_KEPT),
            line=line,
            count=format_html('<span class="gfh-count">×{}</span> ', self.count)
            if self.count > 1
            else "",
            stage=_("stage %(stage)s of 5") % {"stage": self.stages},
            ticks=mark_safe(ticks),  # noqa: S308  words of this module
        )


def cell_of(standings: Sequence[Standing], place: Mapping[str, str | int]) -> Cell:
    """Return the cell of the experiments of one place and task; `place` filters their list.

    Of several sites there is no figure: their metrics are not comparable.
    """
    by_health = sorted(standings, key=lambda standing: ORDER.index(standing.health))
    worst = by_health[0].health
    speaks = max(standings, key=_newest_good)
    stages = [standing.stage for standing in standings]
    is_one_site = len({standing.site for standing in standings}) == 1
    affected = [standing for standing in standings if standing.health is worst]
    return Cell(
        task=standings[0].task or _("unknown"),
        health=worst,
        count=len(standings),
        lowest=min(stages),
        highest=max(stages),
        address=list_address(**place, task=standings[0].task or NONE),
        line=_line(worst, affected, speaks) if is_one_site else _count(worst, len(affected)),
        **(_figure(speaks) if is_one_site else {}),
    )


def list_address(**filters: str | int) -> str:
    """Return the URL of the list of experiments with these filters."""
    return f"{reverse('admin:registry_app_experiment_changelist')}?{urlencode(filters)}"


def age_text(run: RunFacts | BestRun) -> str:
    """Return how long ago a run ended, in days."""
    days = (timezone.localdate() - timezone.localtime(run.ended_at).date()) // timedelta(days=1)
    if days <= 0:
        return _("today")
    return _("%(days)d d ago") % {"days": days}


def _newest_good(standing: Standing) -> int:
    return standing.good.pk if standing.good is not None else 0


def _figure(standing: Standing) -> dict[str, str]:
    best = standing.best
    if best is None:
        waits = standing.good is not None and not standing.good.summarised
        return {"data_title": _("not computed yet")} if waits else {}
    known = DataKnown.of_key(best.data_key)
    return {
        "metric": best.main_metric,
        "figure": metric_text(best.main_metric, best.main_value),
        "data": known.digest[:DIGITS_SHOWN] or known.name or _("data?"),
        "data_title": data_text(best.data_key),
    }


def _line(health: Health, affected: Sequence[Standing], speaks: Standing) -> str:
    """Return what is wrong with experiments of one site, or how old the last good run is."""
    if health is Health.FAILING:
        last = max(
            (standing.last for standing in affected if standing.last), key=lambda run: run.pk
        )
        return last.why
    if health is Health.BUSY:
        running = [
            run.pk for standing in affected for run in standing.active if run.status in ON_HOST
        ]
        return _("#%(run)d is running") % {"run": max(running)}
    if health is Health.NEVER:
        ran = any(standing.newest is not None for standing in affected)
        return _("no good run yet") if ran else _("never run")
    if speaks.good is None:  # another experiment of the cell is good
        return ""
    return f"{age_text(speaks.good)} · #{speaks.good.pk}"


def _count(health: Health, count: int) -> str:
    """Return how many experiments of several sites are in the worst state."""
    words = {
        Health.FAILING: ngettext("%(n)d fails", "%(n)d fail", count),
        Health.OLD: ngettext("%(n)d is old", "%(n)d are old", count),
        Health.NEVER: ngettext("%(n)d without a good run", "%(n)d without a good run", count),
        Health.BUSY: ngettext("%(n)d is running", "%(n)d are running", count),
        Health.GOOD: ngettext("%(n)d is fine", "all %(n)d are fine", count),
    }
    return words[health] % {"n": count}
