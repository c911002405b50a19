"""The content of the page of guesses: unconfirmed experiments, and their missing fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils.safestring import SafeString

from registry_app.admin.labels import Word, field_label, words_of
from registry_app.admin.source import evidence_link
from registry_app.changes.guesses import Key, origins_of_rows, seen_of
from registry_app.choices import Confidence, FieldSource
from registry_app.fields.completeness import default_of, missing_fields
from registry_app.fields.names import fields_of_row, is_empty
from registry_app.fields.rows import with_fields
from registry_app.findings.review_lines import DOUBT, HARM, harm_of
from registry_app.models import Experiment, FieldProvenance, Script
from registry_app.reading import messages_text
from registry_app.row_numbers import row_number
from registry_app.schema.fields import LISTS
from registry_app.schema.table import EXPERIMENT_FIELDS

PER_PAGE = 40
GAP = "gap"
TONES: dict[str, str] = {Confidence.SURE: "gf-good", Confidence.UNSURE: "gf-warn"}
_LISTS = frozenset(field.name for field in EXPERIMENT_FIELDS if field.kind in LISTS)
# The datalists with the known values of a field.
_WORDS = {
    "site.customer": "gf-customers",
    "site.region": "gf-regions",
    "site.plant": "gf-plants",
    "site.zone": "gf-zones",
}


@dataclass(frozen=True, kw_only=True)
class SentGuesses:
    """The content of a refused form, kept so that it is not lost."""

    chosen: frozenset[str] = frozenset()
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ShownGuess:
    """One field as the page shows it: a guess with its reason, or a missing value."""

    key: str
    label: str
    words: list[Word]
    edit: str
    edit_rows: int
    is_gap: bool
    is_list: bool
    is_chosen: bool
    is_edited: bool
    confidence: str
    tone: str
    evidence: SafeString | str
    reason: str
    seen: str
    known_words: str


@dataclass(frozen=True, kw_only=True)
class ShownExperiment:
    experiment: Experiment
    rows: tuple[ShownGuess, ...]
    lacks_script: bool
    # The last scan found none that could be named, as in a directory of C++ alone.
    has_no_script: bool

    @property
    def guesses(self) -> int:
        return sum(not row.is_gap for row in self.rows)


def waiting() -> QuerySet[Experiment]:
    """Return the experiments whose metadata is not completely known and confirmed."""
    return Experiment.objects.filter(confirmed__lt=100)


def shown_guesses(
    *, q: str, experiment: str, about: str, confidence: str, page: str | None, sent: SentGuesses
) -> dict[str, Any]:
    """Return the template context; the number of queries does not grow with the rows."""
    rows = _most_harmful_first(with_fields(waiting()))
    if q:
        rows = rows.filter(name__icontains=q)
    if experiment:
        rows = rows.filter(pk=row_number(experiment))
    found = Paginator(rows, PER_PAGE).get_page(page)
    pks = [row.pk for row in found]
    known = origins_of_rows(pks) if pks else {}
    scripted = Script.objects.filter(experiment__in=pks).values_list("experiment", flat=True)
    with_scripts = frozenset(scripted.distinct() if pks else ())
    groups = [
        _group(row, known, about, confidence, sent, has_script=row.pk in with_scripts)
        for row in found
    ]
    groups = [group for group in groups if group.rows or group.lacks_script or group.has_no_script]
    shown = [row for group in groups for row in group.rows]
    return {
        "page": found,
        "guess_groups": groups,
        "sure": sum(row.confidence == Confidence.SURE for row in shown),
        "sure_experiments": sum(
            any(row.confidence == Confidence.SURE for row in group.rows) for group in groups
        ),
        "waiting": found.paginator.count,
    }


def _most_harmful_first(rows: QuerySet[Experiment]) -> QuerySet[Experiment]:
    """Order experiments as `scan --review` orders lines: by their most harmful guess in doubt."""
    in_doubt = FieldProvenance.objects.filter(
        Q(field__startswith="site.") | Q(field__startswith="task.") | Q(field__endswith=".default"),
        experiment=OuterRef("pk"),
        source=FieldSource.SCANNED,
        confidence__in=DOUBT,
    )
    harm = Case(
        *(When(field__endswith=name, then=Value(place)) for place, name in enumerate(HARM)),
        default=Value(len(HARM)),
    )
    doubt = Case(*(When(confidence=word, then=Value(n)) for n, word in enumerate(DOUBT)))
    first = in_doubt.annotate(rank=harm * len(DOUBT) + doubt).order_by("rank").values("rank")[:1]
    return rows.annotate(rank=Subquery(first)).order_by(F("rank").asc(nulls_last=True), "name")


def guess_of(key: str) -> Key | None:
    """Return experiment and field of a form key; None for an invalid key."""
    number, _colon, name = key.partition(":")
    pk = row_number(number)
    return (pk, name) if pk and name else None


def value_typed(name: str, text: str) -> Any:
    """Return the value typed into a field; a list has one word a line, or commas."""
    if name not in _LISTS:
        return text.strip()
    parts = text.splitlines() if "\n" in text.strip() else text.split(",")
    return [part.strip() for part in parts if part.strip()]


def as_text(value: Any) -> str:
    return "\n".join(str(item) for item in value) if isinstance(value, list) else str(value or "")


def _group(
    row: Experiment,
    known: Mapping[Key, FieldProvenance],
    about: str,
    confidence: str,
    sent: SentGuesses,
    *,
    has_script: bool,
) -> ShownExperiment:
    values = fields_of_row(row)
    entry_points = list(row.entry_points.all())
    missing = [gap.field for gap in missing_fields(row, entry_points)]
    names = [name for name in _names(entry_points) if name.startswith(about)]
    shown = []
    for name in names:
        origin = known.get((row.pk, name))
        is_guess = origin is not None and origin.source == FieldSource.SCANNED
        if is_empty(values.get(name)):
            if name in missing and not confidence:
                value = values.get(name)
                shown.append(_shown(row, name, value, is_guess=False, origin=origin, sent=sent))
        elif origin is not None and is_guess and confidence in {"", origin.confidence}:
            value = values[name]
            shown.append(_shown(row, name, value, is_guess=True, origin=origin, sent=sent))
    shown.sort(key=lambda guess: _place(guess, guess.key.partition(":")[2]))
    lacks = "entry_points" in missing and "entry_points".startswith(about) and not confidence
    is_empty_directory = not entry_points and row.scanned_at is not None and not has_script
    return ShownExperiment(
        experiment=row,
        rows=tuple(shown),
        lacks_script=lacks and not is_empty_directory,
        has_no_script=lacks and is_empty_directory,
    )


def _place(guess: ShownGuess, name: str) -> tuple[int, int, int]:
    """Return the place of a field: guesses in doubt by their harm, then gaps, then sure ones."""
    if guess.is_gap:
        return (1, 0, 0)
    if guess.confidence not in DOUBT:
        return (2, 0, 0)
    return (0, harm_of(name), DOUBT.index(Confidence(guess.confidence)))


def _names(entry_points: Sequence[Any]) -> list[str]:
    """Return the fields that count, in display order."""
    own = [field.name for field in EXPERIMENT_FIELDS if field.name.startswith(("site.", "task."))]
    return [*own, *(default_of(point.type) for point in entry_points)]


def _shown(
    row: Experiment,
    name: str,
    value: Any,
    *,
    is_guess: bool,
    origin: FieldProvenance | None,
    sent: SentGuesses,
) -> ShownGuess:
    guess = origin if is_guess else None
    key = f"{row.pk}:{name}"
    text = as_text(value)
    edit = sent.values.get(key, text)
    confidence = guess.confidence if guess is not None else GAP
    return ShownGuess(
        key=key,
        label=field_label(name),
        words=words_of(value, value),
        edit=edit,
        edit_rows=min(8, edit.count("\n") + 1),
        is_gap=guess is None,
        is_list=name in _LISTS,
        is_chosen=key in sent.chosen,
        is_edited=guess is not None and edit.split() != text.split(),
        confidence=confidence,
        tone=TONES.get(confidence, ""),
        evidence=evidence_link(row.pk, guess.evidence) if guess is not None else "",
        reason=messages_text(guess.reasons) if guess is not None else "",
        seen=f"{seen_of(value, origin)}.{confidence}",
        known_words=_WORDS.get(name, ""),
    )
