"""The content of the page of proposals: a filtered, paged list, grouped by experiment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, Q
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from registry_app.admin.labels import Word, field_label, words_of
from registry_app.admin.review.guess_list import SentGuesses, shown_guesses, waiting
from registry_app.admin.source import evidence_link
from registry_app.arguments.secret_text import masked
from registry_app.changes.answers import seen_of
from registry_app.changes.proposals import present_fields
from registry_app.choices import Confidence, ProposalStatus
from registry_app.fields.names import same
from registry_app.models import Experiment, Proposal
from registry_app.models.proposals import ProposalQuerySet
from registry_app.reading import messages_text
from registry_app.row_numbers import row_number

PER_PAGE = 50
CONFIRM, OPEN, REJECTED, ANSWERED = "confirm", "open", "rejected", "answered"
_TONES: dict[str, str] = {Confidence.SURE: "gf-good", Confidence.UNSURE: "gf-warn"}
_STATUS_TONES: dict[str, str] = {ProposalStatus.ACCEPTED: "gf-good"}
_ABOUT = ("path", "site", "task", "entry_points")


@dataclass(frozen=True, kw_only=True)
class Filters:
    """The filters in the URL; unknown values are ignored."""

    show: str = OPEN
    q: str = ""
    experiment: str = ""
    about: str = ""
    confidence: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filters:
        values = {name: query.get(name, "").strip() for name in cls.__dataclass_fields__}
        if values["show"] not in (CONFIRM, OPEN, REJECTED, ANSWERED):
            values["show"] = _first_list()
        return cls(**values)

    def rows(self) -> ProposalQuerySet:
        rows = Proposal.objects.all()
        if self.q:
            rows = rows.filter(Q(experiment__name__icontains=self.q) | Q(field__icontains=self.q))
        if self.experiment:
            rows = rows.filter(experiment=row_number(self.experiment))
        if self.about in _ABOUT:
            rows = rows.filter(field__startswith=self.about)
        if self.confidence in Confidence.values:
            rows = rows.filter(confidence=self.confidence)
        return rows

    def address(self, **changes: str) -> str:
        """Return the query string of the same page with some parameters changed."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__} | changes
        return f"?{urlencode({name: value for name, value in values.items() if value})}"


def _first_list() -> str:
    """Return the default list: one with waiting rows, proposals before guesses; one query."""
    rows = waiting().order_by().values_list(Exists(Proposal.objects.open()), flat=True)[:1]
    return CONFIRM if list(rows) == [False] else OPEN


@dataclass(frozen=True, kw_only=True)
class Sent:
    """The content of a refused form, kept so that it is not lost."""

    chosen: frozenset[str] = frozenset()
    values: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ShownProposal:
    """A proposal as the page shows it; `seen` is a digest of what is shown."""

    row: Proposal
    label: str
    old: list[Word]
    new: list[Word]
    edit: str
    edit_rows: int
    is_edited: bool
    is_chosen: bool
    has_changed: bool
    tone: str
    status_tone: str
    evidence: SafeString
    reason: str
    seen: str


def shown_page(
    filters: Filters, page: str | None, sent: Sent, guesses: SentGuesses
) -> dict[str, Any]:
    """Return the template context; the number of queries does not grow with the rows."""
    if filters.show == CONFIRM:
        shown = shown_guesses(
            q=filters.q,
            experiment=filters.experiment,
            about=filters.about if filters.about in _ABOUT else "",
            confidence=filters.confidence if filters.confidence in Confidence.values else "",
            page=page,
            sent=guesses,
        )
        return _around(filters, shown["page"]) | shown
    rows = _rows(filters)
    found = Paginator(rows, PER_PAGE).get_page(page)
    present = present_fields({row.experiment_id for row in found}) if found.object_list else {}
    shown_rows = [_shown(row, present.get(row.experiment_id, {}), sent) for row in found]
    return _around(filters, found) | {
        "page": found,
        "groups": [
            (experiment, list(of_one))
            for experiment, of_one in groupby(
                shown_rows, key=lambda proposal: proposal.row.experiment
            )
        ],
    }


def _around(filters: Filters, page: Page[Any]) -> dict[str, Any]:
    """Return the context that all lists share."""
    return {
        "filters": filters,
        "tabs": _tabs(filters, page),
        "pages": _pages(filters, page),
        "experiment": _experiment(filters, page),
        "about_choices": (
            ("path", _("Path")),
            ("site", _("Site")),
            ("task", _("Task")),
            ("entry_points", _("Entry points")),
        ),
        "confidence_choices": Confidence.choices,
        "is_filtered": filters != Filters(show=filters.show),
    }


def _rows(filters: Filters) -> ProposalQuerySet:
    rows = filters.rows().select_related("experiment__zone__site__customer", "closed_by")
    if filters.show == OPEN:
        return rows.open().order_by("experiment__name", "experiment", "field")
    if filters.show == REJECTED:
        return rows.rejected().order_by("experiment__name", "experiment", "field", "-closed_at")
    return rows.exclude(status=ProposalStatus.OPEN).order_by("-closed_at", "-pk")


def _shown(row: Proposal, present: Mapping[str, Any], sent: Sent) -> ShownProposal:
    now = present.get(row.field)
    is_open = row.status == ProposalStatus.OPEN
    pair = (now, row.value) if is_open else (row.held, row.taken)
    parameters = present.get(f"{row.field.rpartition('.')[0]}.parameters") or ()
    old, new = (masked(row.field, value, parameters) for value in pair)
    guess = _as_text(row.value)
    edit = sent.values.get(row.pk, guess)
    return ShownProposal(
        row=row,
        label=field_label(row.field),
        old=words_of(old, new),
        new=words_of(new, old),
        edit=edit,
        edit_rows=min(8, edit.count("\n") + 1),
        is_edited=edit.split() != guess.split(),
        is_chosen=str(row.pk) in sent.chosen,
        has_changed=is_open and not same(now, row.held),
        tone=_TONES.get(row.confidence, ""),
        status_tone=_STATUS_TONES.get(row.status, ""),
        evidence=evidence_link(row.experiment_id, row.evidence),
        reason=messages_text(row.reasons),
        seen=seen_of(row, now),
    )


def _as_text(value: Any) -> str:
    return "\n".join(str(item) for item in value) if isinstance(value, list) else str(value or "")


def _tabs(filters: Filters, page: Page[Any]) -> list[dict[str, Any]]:
    """Return the lists with the number of rows that match the filters; at most two queries."""
    status = ProposalStatus
    counts = filters.rows().aggregate(
        open=Count("pk", filter=Q(status=status.OPEN)),
        rejected=Count("pk", filter=Q(status=status.REJECTED)),
        answered=Count("pk", filter=~Q(status=status.OPEN)),
    )
    shows_all = filters.show == CONFIRM and not (filters.q or filters.experiment)
    counts[CONFIRM] = page.paginator.count if shows_all else waiting().count()
    labels = {
        CONFIRM: _("To confirm or fill in"),
        OPEN: _("Open"),
        REJECTED: _("Rejected"),
        ANSWERED: _("All that were closed"),
    }
    return [
        {
            "label": label,
            "count": counts[name],
            "address": filters.address(show=name),
            "is_current": name == filters.show,
        }
        for name, label in labels.items()
    ]


def _pages(filters: Filters, page: Page[Any]) -> dict[str, str]:
    base = filters.address()
    return {
        "previous": f"{base}&page={page.previous_page_number()}" if page.has_previous() else "",
        "next": f"{base}&page={page.next_page_number()}" if page.has_next() else "",
    }


def _experiment(filters: Filters, page: Page[Any]) -> Experiment | None:
    """Return the experiment that the list is limited to; it is that of every row."""
    if not filters.experiment:
        return None
    for row in page:
        return row if isinstance(row, Experiment) else row.experiment
    return Experiment.objects.filter(pk=row_number(filters.experiment)).first()
