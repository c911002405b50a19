"""What failed in the last seven days, by cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import BooleanField, Case, Count, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from runs_app.choices import ENDED_BADLY
from runs_app.models import Run

WEEK = timedelta(days=7)
# What the filter of the list of runs takes for a failure whose cause is not known.
UNKNOWN = "-"
# What the same list takes for the last seven days, and for the seven before.
THIS_WEEK, WEEK_BEFORE = "week", "before"
# In a few words what the sentence of a cause says in full.
CAUSES = {
    "cuda_out_of_memory": gettext_lazy("GPU memory"),
    "shared_memory": gettext_lazy("shared memory"),
    "killed_for_memory": gettext_lazy("memory"),
    "killed": gettext_lazy("killed"),
    "out_of_memory": gettext_lazy("memory of the script"),
    "disk_full": gettext_lazy("disk full"),
    "lfs_pointer_loaded": gettext_lazy("Git LFS pointer"),
    "windows_line_ends": gettext_lazy("Windows line ends"),
    "no_gpu": gettext_lazy("no GPU"),
    "gpu_error": gettext_lazy("GPU error"),
    "weights_mismatch": gettext_lazy("weights do not fit"),
    "damaged_file": gettext_lazy("damaged file"),
    "missing_module": gettext_lazy("module missing"),
    "missing_name": gettext_lazy("other version of a module"),
    "missing_library": gettext_lazy("library missing"),
    "missing_program": gettext_lazy("program missing"),
    "environment_not_activated": gettext_lazy("environment not activated"),
    "missing_file": gettext_lazy("file missing"),
    "no_permission": gettext_lazy("no permission"),
    "bad_argument": gettext_lazy("wrong argument"),
    "no_network": gettext_lazy("network"),
    "port_taken": gettext_lazy("port in use"),
    "crashed": gettext_lazy("crash"),
    "shell_syntax": gettext_lazy("shell syntax"),
    "nan": "NaN",
    "nan_values": gettext_lazy("NaN in values"),
    "exception": pgettext_lazy("cause of a failure", "exception"),
    "last_message": gettext_lazy("its own message"),
}


@dataclass(frozen=True, kw_only=True)
class CauseCount:
    """How many runs failed for one cause; `address` lists exactly these."""

    label: str
    count: int
    address: str


@dataclass(frozen=True, kw_only=True)
class Failures:
    """Failed runs of the last seven days, the most frequent cause first.

    `before` is how many failed in the seven days before these.
    """

    count: int
    before: int
    causes: Sequence[CauseCount]
    address: str
    address_before: str


def failures_of_week(now: datetime | None = None) -> Failures:
    """Return what failed in the seven days before `now`; one query."""
    now = now or timezone.now()
    code = KeyTextTransform("code", "cause")
    rows = (
        Run.objects.filter(status__in=ENDED_BADLY, finished_at__gte=now - 2 * WEEK)
        .order_by()
        .annotate(
            code=code,
            is_new=Case(
                When(finished_at__gte=now - WEEK, then=Value(True)),
                default=Value(False),
                output_field=BooleanField(),
            ),
        )
        .values_list("code", "is_new")
        .annotate(n=Count("pk"))
    )
    new: dict[str, int] = {}
    before = 0
    for cause, is_new, count in rows:
        if is_new:
            new[cause or ""] = new.get(cause or "", 0) + count
        else:
            before += count
    ranked = sorted(new, key=lambda cause: (not cause, -new[cause], cause))
    return Failures(
        count=sum(new.values()),
        before=before,
        causes=[
            CauseCount(label=label_of(cause), count=new[cause], address=failed_address(cause))
            for cause in ranked
        ],
        address=failed_address(),
        address_before=failed_address(ended=WEEK_BEFORE),
    )


def label_of(code: str) -> str:
    """Return a cause in a few words."""
    if not code:
        return _("cause not known")
    return str(CAUSES.get(code, code))


def failed_address(cause: str | None = None, ended: str = THIS_WEEK) -> str:
    """Return the URL of the list of the runs that failed in a week, of all causes or one."""
    query = {"group": "bad", "ended": ended}
    if cause is not None:
        query["cause"] = cause or UNKNOWN
    return f"{reverse('admin:runs_app_run_changelist')}?{urlencode(query)}"
