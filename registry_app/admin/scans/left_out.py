"""The list of what scans leave out, on the page of a scan and on its own; decisions about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from registry_app.admin.base import person
from registry_app.choices import ChildDecision
from registry_app.exceptions import RegistryError
from registry_app.findings.decisions import decide, take_back
from registry_app.models import LeftOutChild, ScanDecision, ScanJob
from registry_app.reading import error_text, message_text
from registry_app.row_numbers import row_number
from registry_app.texts.left_out import MAY_BE_ADDED, short

PER_PAGE = 100
# On the page of a scan, before the link to the whole list.
FEW = 20
DECIDED = "decided"


@dataclass(frozen=True, kw_only=True)
class ShownChild:
    """A line of the list; `decision` is the key of what a person decided, None if nothing."""

    pk: int
    name: str
    root: str
    reason: str
    may_be_added: bool
    decision: int | None


@dataclass(frozen=True, kw_only=True)
class Reason:
    """A reason with the number of children and the address of their list."""

    words: str
    count: int
    address: str
    is_current: bool


def of_scan(job: ScanJob) -> dict[str, Any] | None:
    """Return what the page of a scan shows: the list, or the counts of an earlier scan.

    None for a scan that has no result, and one of an older version.
    """
    if job.finished_at is None or job.error or "left_out" not in job.summary:
        return None
    later = ScanJob.objects.filter(pk__gt=job.pk, finished_at__isnull=False, error="")
    if later.exists():
        counts = job.summary.get("left_out_reasons") or {}
        return {"is_earlier": True, "count": job.summary["left_out"], "reasons": _reasons(counts)}
    rows = LeftOutChild.objects.listed()
    counts = rows.by_reason()
    shown = _shown(rows[:FEW])
    count = sum(counts.values())
    return {
        "count": count,
        "reasons": _reasons(counts),
        "children": shown,
        "more": count - len(shown),
        "back": urlencode({"scan": job.pk}),
    }


def page_of(query: Mapping[str, str]) -> dict[str, Any]:
    """Return a page of the whole list, or of the decisions with `show=decided`."""
    children = LeftOutChild.objects.listed()
    counts = children.by_reason()
    decisions = ScanDecision.objects.count()
    show = DECIDED if query.get("show") == DECIDED else ""
    reason = query.get("reason", "")
    reason = reason if reason in counts else ""
    rows: QuerySet[Any] = ScanDecision.objects.select_related("by")
    if not show:
        rows = children.filter(code=reason) if reason else children
    found = Paginator(rows, PER_PAGE).get_page(query.get("page"))
    place = {"show": show, "reason": reason}
    return {
        "show": show,
        "count": sum(counts.values()),
        "decisions": decisions,
        "reasons": _reasons(counts, current=reason),
        "reason": reason,
        "children": [] if show else _shown(found),
        "decided": found if show else [],
        "page": found,
        "pages": _pages(found, place),
        "back": _query({**place, "page": str(found.number)}),
    }


def decided(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down the decision of a form: `add` or `never`."""
    child = LeftOutChild.objects.filter(pk=pk).first()
    decision = request.POST.get("decision", "")
    if child is None:
        messages.warning(request, _("Nothing was done: a later scan does not leave it out."))
    elif decision in ChildDecision.values:
        try:
            decide(child.path, ChildDecision(decision), by=person(request))
        except RegistryError as error:
            messages.error(request, error_text(error))
        else:
            texts = {
                ChildDecision.ADD: _("The next scan drafts an experiment for {name}."),
                ChildDecision.NEVER: _("No scan lists or drafts {name} any more."),
            }
            text = texts[ChildDecision(decision)]
            messages.success(request, text.format(name=child.name))
    return _back(request)


def taken_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a decision."""
    row = get_object_or_404(ScanDecision, pk=pk)
    try:
        take_back(row.path)
    except RegistryError as error:
        messages.error(request, error_text(error))
    else:
        text = _("Taken back: the next scan decides about {name}.")
        messages.success(request, text.format(name=row.name))
    return _back(request)


def _shown(rows: Iterable[LeftOutChild]) -> list[ShownChild]:
    children = list(rows)
    paths = [child.path for child in children]
    decisions = dict(ScanDecision.objects.filter(path__in=paths).values_list("path", "pk"))
    return [
        ShownChild(
            pk=child.pk,
            name=child.name,
            root=child.root,
            reason=message_text(child.reason) if child.reason else child.code,
            may_be_added=child.code in MAY_BE_ADDED,
            decision=decisions.get(child.path),
        )
        for child in children
    ]


def _reasons(counts: Mapping[str, int], current: str = "") -> list[Reason]:
    address = reverse("admin:registry_app_scanjob_left_out")
    return [
        Reason(
            words=message_text(short(code)),
            count=count,
            address=f"{address}?{_query({'reason': code})}",
            is_current=code == current,
        )
        for code, count in counts.items()
    ]


def _pages(page: Page[Any], place: Mapping[str, str]) -> dict[str, str]:
    """Return the query strings of the pages before and after this one."""
    pages = {}
    if page.has_previous():
        pages["previous"] = _query({**place, "page": str(page.previous_page_number())})
    if page.has_next():
        pages["next"] = _query({**place, "page": str(page.next_page_number())})
    return pages


def _query(values: Mapping[str, str]) -> str:
    return urlencode({name: value for name, value in values.items() if value})


def _back(request: HttpRequest) -> HttpResponse:
    """Return to the page with the form, as the query string of the form says."""
    if scan := row_number(request.GET.get("scan", "")):
        address = reverse("admin:registry_app_scanjob_change", args=[scan])
        return HttpResponseRedirect(f"{address}#left-out")
    place = {name: request.GET.get(name, "") for name in ("show", "reason", "page")}
    address = reverse("admin:registry_app_scanjob_left_out")
    query = _query(place)
    return HttpResponseRedirect(f"{address}?{query}" if query else address)
