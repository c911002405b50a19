"""What the source and the environment of a run have different from those of an earlier run."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry_app.files.visible import visible
from runs_app.comparing.wording import NOTHING
from runs_app.models import Run
from runs_app.records.differences import Compared, differences
from runs_app.views.compare.chosen import address

MAX_NAMED = 8


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """What differs: a sentence, or names with addresses that show more, and how many more."""

    text: str = ""
    names: tuple[tuple[str, str], ...] = ()
    more: int = 0


@dataclass(frozen=True, kw_only=True)
class MadeOf:
    """Source and packages against the run `number`; `address` compares both runs."""

    number: int
    source: Contrast
    packages: Contrast
    address: str


def made_of(run: Run, other: Run | None) -> MadeOf | None:
    """Return what differs from another run, None without one; reads two files of each folder."""
    if other is None:
        return None
    found = differences([other, run])
    numbers = [other.pk, run.pk]
    return MadeOf(
        number=other.pk,
        source=_source(found.source, numbers),
        packages=_packages(found.packages),
        address=address(numbers),
    )


def _source(compared: Compared, numbers: list[int]) -> Contrast:
    if not compared.can_tell:
        return Contrast(text=_("not recorded of both runs"))
    if not compared.different:
        text = ngettext("the same in {count} file", "the same in {count} files", compared.same)
        return Contrast(text=text.format(count=compared.same))
    names = [
        (visible(item.name), address(numbers, page="compare_source", path=item.name))
        for item in compared.different
    ]
    return Contrast(names=tuple(names[:MAX_NAMED]), more=max(0, len(names) - MAX_NAMED))


def _packages(compared: Compared) -> Contrast:
    if not compared.can_tell:
        return Contrast(text=_("not recorded of both runs"))
    if not compared.different:
        text = ngettext("the same {count} package", "the same {count} packages", compared.same)
        return Contrast(text=text.format(count=compared.same))
    names = [
        (visible(f"{item.name} {item.values[0] or NOTHING} → {item.values[1] or NOTHING}"), "")
        for item in compared.different
    ]
    return Contrast(names=tuple(names[:MAX_NAMED]), more=max(0, len(names) - MAX_NAMED))
