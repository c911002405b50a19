"""Whether the numbers of the compared runs may be compared, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from registry_app.files.visible import visible
from runs_app.comparing.comparability import Aspect, Comparability, among, between
from runs_app.comparing.data import SameData
from runs_app.comparing.metric_names import short_name
from runs_app.comparing.wording import data_text
from runs_app.views.compare.sections import changed_classes
from runs_app.views.compare.sides import Side

MAX_NUMBERS = 12


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """What the page says on top. `tone`: "bad" not comparable, "warn" not known, "good" alike.

    `marks`: for each run what stands beside its number: "≠" if it is not comparable with the
    first, "?" if that is not known, '' if it is.
    """

    tone: str
    head: str
    reasons: tuple[str, ...]
    marks: tuple[str, ...]


def assessment_of(sides: Sequence[Side]) -> Assessment:
    """Say whether runs may be compared, and for each reason which of them it concerns."""
    all_of_them = among([side.basis for side in sides])
    marks = tuple(_mark(between(sides[0].basis, side.basis)) for side in sides)
    reasons = [_different(aspect, sides) for aspect in all_of_them.different]
    reasons += [_unsure(aspect, sides, all_of_them) for aspect in all_of_them.uncertain]
    waiting = [side for side in sides if not side.is_computed]
    if waiting:
        reasons.append(_("Not computed yet: {runs}.").format(runs=_numbers(waiting)))
    if all_of_them.different:
        tone, head = "bad", _("Not comparable as they are.")
    elif all_of_them.uncertain or waiting:
        tone, head = "warn", _("Whether they are comparable is not known.")
    else:
        tone, head = "good", _("Comparable: the same data, classes and main metric.")
    return Assessment(
        tone=tone,
        head=head,
        reasons=tuple(filter(None, reasons)),
        marks=("", *marks[1:]),
    )


def _mark(found: Comparability) -> str:
    if found.different:
        return "≠"
    return "?" if found.uncertain else ""


def _different(aspect: Aspect, sides: Sequence[Side]) -> str:
    if aspect == Aspect.DATA:
        groups = _grouped(sides, [data_text(side.basis.data_key) for side in sides])
        return _("Data differ: {groups}.").format(groups=groups)
    if aspect == Aspect.METRIC:
        known = [side for side in sides if side.basis.main_metric]
        names = [visible(short_name(side.basis.main_metric)) for side in known]
        return _("Main metrics differ: {groups}.").format(groups=_grouped(known, names))
    first = sides[0]
    texts = []
    for side in sides[1:]:
        is_unlike = side.basis.classes_key not in {"", first.basis.classes_key}
        if is_unlike and side.classes and first.classes:
            changes = visible(changed_classes(first.classes, side.classes))
            texts.append(f"#{side.run.pk} {changes}")
    if not texts:
        return _("Classes differ.")
    shown = "; ".join(texts[:MAX_NUMBERS])
    return _("Classes differ from #{number}: {changes}.").format(number=first.run.pk, changes=shown)


def _unsure(aspect: Aspect, sides: Sequence[Side], found: Comparability) -> str:
    """Say what is not known, and of which runs; '' if that is said elsewhere."""
    computed = [side for side in sides if side.is_computed]
    if aspect == Aspect.DATA:
        if found.data == SameData.NAMED_SAME:
            return _(
                "The data have the same name, but whether their content is the same is not known."
            )
        unknown = [side for side in computed if not side.basis.data_key]
        return _("Data not known: {runs}.").format(runs=_numbers(unknown)) if unknown else ""
    if aspect == Aspect.CLASSES:
        unknown = [side for side in computed if not side.basis.classes_key]
        return _("Classes not known: {runs}.").format(runs=_numbers(unknown)) if unknown else ""
    unknown = [side for side in computed if not side.basis.main_metric]
    return _("No main metric: {runs}.").format(runs=_numbers(unknown)) if unknown else ""


def _grouped(sides: Sequence[Side], texts: Iterable[str]) -> str:
    """Return which runs have which text: `#1, #2 data.yaml · 3f2a; #3 night.yaml · 9c1d`."""
    groups: dict[str, list[Side]] = {}
    for side, text in zip(sides, texts, strict=True):
        groups.setdefault(text, []).append(side)
    return "; ".join(f"{_numbers(some)} {visible(text)}" for text, some in groups.items())


def _numbers(sides: Sequence[Side]) -> str:
    shown = ", ".join(f"#{side.run.pk}" for side in sides[:MAX_NUMBERS])
    return f"{shown}…" if len(sides) > MAX_NUMBERS else shown
