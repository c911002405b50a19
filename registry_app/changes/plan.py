"""What an import or a scan would change: the plan that is shown, confirmed and applied."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from registry_app.choices import FieldSource
from registry_app.document.model import (
    Evidence,
    PlaceDocument,
    WordDocument,
)
from registry_app.exceptions import Problem
from registry_app.messages import Message


class PlanAction(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    MISSING = "missing"


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """A field whose value differs. `kept` ones are only shown: a user decided the old value."""

    field: str
    old: Any
    new: Any
    reason: str = ""
    kept: bool = False


@dataclass(frozen=True, kw_only=True)
class ExperimentPlan:
    """What happens to one experiment.

    `found` are fields whose value stays and whose origin becomes the document: for a scan those
    without a known origin, for a registry file those that only a scan had set.
    """

    name: str
    action: PlanAction
    changes: tuple[FieldChange, ...] = ()
    found: tuple[str, ...] = ()
    evidence: dict[str, Evidence] = field(default_factory=dict)

    @property
    def written(self) -> tuple[FieldChange, ...]:
        return tuple(change for change in self.changes if not change.kept)

    @property
    def kept(self) -> tuple[FieldChange, ...]:
        return tuple(change for change in self.changes if change.kept)


@dataclass(frozen=True, kw_only=True)
class CustomerChange:
    """A customer whose display name, a text, or aliases, a list, change."""

    name: str
    field: str
    old: Any
    new: Any

    @property
    def old_text(self) -> str:
        return _as_text(self.old)

    @property
    def new_text(self) -> str:
        return _as_text(self.new)


@dataclass(frozen=True, kw_only=True)
class WordChange:
    """A word of the vocabulary that is added (`old` is None), changed, or removed (`new`)."""

    word: str
    old: WordDocument | None
    new: WordDocument | None

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        """The fields that differ; a silent word has no task."""
        old, new = (asdict(side) if side is not None else {} for side in (self.old, self.new))
        return tuple(
            FieldChange(field=f"vocabulary.{key}", old=old.get(key, ""), new=new.get(key, ""))
            for key in ("task", "language", "note")
            if (old.get(key) or "") != (new.get(key) or "")
        )


@dataclass(frozen=True, kw_only=True)
class PlacePlan:
    """What happens to a customer, site or zone that a sheet names."""

    place: PlaceDocument
    action: PlanAction


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Every experiment of the document and of the rows, by name.

    `warnings` are about what is allowed but probably wrong, `remarks` about how the file was read.
    The digests show whether the rows or the document changed after the plan was made.
    """

    source: FieldSource
    experiments: tuple[ExperimentPlan, ...]
    customers: tuple[CustomerChange, ...]
    warnings: tuple[Problem, ...]
    rows_digest: str
    document_digest: str
    places: tuple[PlacePlan, ...] = ()
    words: tuple[WordChange, ...] = ()
    remarks: tuple[Message, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """The number of experiments, or places, per action; all four actions are included."""
        found = Counter(experiment.action for experiment in self.experiments)
        found.update(place.action for place in self.places)
        return {action.value: found[action] for action in PlanAction}

    @property
    def confirmed(self) -> int:
        """How many guesses of a scan the file confirms by having the same value."""
        if self.source is FieldSource.SCANNED:
            return 0
        return sum(len(experiment.found) for experiment in self.experiments)

    @property
    def is_empty(self) -> bool:
        """Whether applying it would change nothing."""
        return (
            not self.customers
            and not self.words
            and not any(experiment.written or experiment.found for experiment in self.experiments)
            and not any(place.action is PlanAction.CREATE for place in self.places)
        )

    def to_json(self) -> dict[str, Any]:
        """Return the plan for programs; experiments without changes are only named."""
        return {
            "counts": self.counts,
            "experiments": [
                {
                    "name": experiment.name,
                    "action": experiment.action.value,
                    "changes": [asdict(change) for change in experiment.changes],
                }
                for experiment in self.experiments
            ],
            "customers": [asdict(change) for change in self.customers],
            "vocabulary": [asdict(change) for change in self.words],
            "warnings": [
                {"message": str(warning.message), "line": warning.line} for warning in self.warnings
            ],
        }


def _as_text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
