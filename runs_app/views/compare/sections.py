"""What differs between runs, part by part: parameters, data and classes, source, environment."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from runs_app.comparing.comparability import among
from runs_app.comparing.data import DataKnown, SameData
from runs_app.comparing.wording import data_text
from runs_app.models import Run
from runs_app.records import launch
from runs_app.records.differences import Compared, Differences, Differing
from runs_app.runner.source.masking import masked
from runs_app.views.compare.chosen import address
from runs_app.views.compare.rows import Cell, Row, Section, row_of, rows_of, section_of
from runs_app.views.compare.sides import Side

# Of what is recorded by the hundred; more are there on demand.
FILES_SHOWN = 8
PACKAGES_SHOWN = 8
DIGITS_SHOWN = 7


def sections_of(sides: Sequence[Side], found: Differences | None) -> list[Section]:
    """Return the sections in the order of the page, without those that say nothing.

    `found`: None if run folders were not read.
    """
    runs = [side.run for side in sides]
    sections = [
        section_of("parameters", _("Parameters"), _parameters(sides)),
        section_of("data", _("Data and classes"), [_data(sides), _classes(sides)]),
    ]
    source, packages = (found.source, found.packages) if found else (None, None)
    sections += [
        section_of("source", _("Source code"), _source(runs, source), shown=FILES_SHOWN),
        section_of(
            "environment", _("Environment"), _environment(runs, packages), shown=PACKAGES_SHOWN
        ),
    ]
    return [section for section in sections if section.rows or section.same]


def _parameters(sides: Sequence[Side]) -> list[Row]:
    rows = rows_of([side.parameters for side in sides])
    extra = [shlex.join(map(str, side.run.extra_args)) for side in sides]
    return [*rows, row_of(_("extra arguments"), extra)] if any(extra) else rows


def _data(sides: Sequence[Side]) -> Row:
    """Return the row of the data: only an equal content is the same, never an equal name."""
    keys = [side.basis.data_key for side in sides]
    known = among([side.basis for side in sides]).data
    first = keys[0]
    cells = tuple(
        Cell(
            text=data_text(key) if side.is_computed else _("not computed yet"),
            title=DataKnown.of_key(key).digest,
            is_unlike=bool(first and key and key != first and known != SameData.SAME),
            is_known=bool(key),
        )
        for side, key in zip(sides, keys, strict=True)
    )
    return Row(name=_("data"), cells=cells, is_same=known == SameData.SAME)


def _classes(sides: Sequence[Side]) -> Row:
    """Return the row of the classes: all of the first run, then what others have more or less."""
    known = among([side.basis for side in sides]).classes
    first = sides[0]
    cells = [_cell_of_classes(side, first) for side in sides]
    return Row(name=_("classes"), cells=tuple(cells), is_same=known == SameData.SAME)


def _cell_of_classes(side: Side, first: Side) -> Cell:
    key = side.basis.classes_key
    if not key:
        text = _("classes not known") if side.is_computed else _("not computed yet")
        return Cell(text=text, is_known=False)
    is_unlike = bool(first.basis.classes_key) and key != first.basis.classes_key
    whole = ", ".join(side.classes)
    if not side.classes:
        return Cell(text=_("names not known any more"), title=key, is_unlike=is_unlike)
    if is_unlike and first.classes:
        return Cell(text=changed_classes(first.classes, side.classes), title=whole, is_unlike=True)
    return Cell(text=whole, title=whole, is_unlike=is_unlike)


def changed_classes(before: Sequence[str], now: Sequence[str]) -> str:
    """Return which classes there are more and fewer: `+ vest − head`."""
    old, new = ({name.strip().casefold() for name in names} for names in (before, now))
    more = [name for name in now if name.strip().casefold() not in old]
    fewer = [name for name in before if name.strip().casefold() not in new]
    parts = [*(f"+ {name}" for name in more), *(f"− {name}" for name in fewer)]
    return " ".join(parts)


def _source(runs: Sequence[Run], found: Compared | None) -> Iterator[Row]:
    yield row_of(_("experiment"), [run.experiment.name for run in runs])
    yield row_of(_("type"), [run.get_type_display() for run in runs])
    yield row_of(_("script"), [run.script for run in runs])
    yield row_of(_("version"), [run.version for run in runs])
    if found is None:
        return
    for file in found.different:
        yield _file(runs, file, found.is_known)
    if not found.different or not found.is_complete:
        yield _rest(_("source files"), found)


def _file(runs: Sequence[Run], file: Differing, is_known: Sequence[bool]) -> Row:
    """Return the row of a file that differs; its digests, and how it differs from the first."""
    digests = [
        (value or "") if known else None for value, known in zip(file.values, is_known, strict=True)
    ]
    row = row_of(file.name, [digest and digest[:DIGITS_SHOWN] for digest in digests])
    cells = []
    for run, digest, cell in zip(runs, digests, row.cells, strict=True):
        if not digest:
            cells.append(cell if digest is None else replace(cell, text=_("no such file")))
            continue
        there = ""
        if cell.is_unlike and digests[0]:
            there = address([runs[0].pk, run.pk], page="compare_source", path=file.name)
        cells.append(replace(cell, title=digest, exact=digest, address=there))
    return replace(row, cells=tuple(cells), is_same=False)


def _rest(name: str, found: Compared) -> Row:
    """Return the row of everything that does not differ, or is not known."""
    text = _("{count} the same").format(count=found.same) if found.can_tell else _("recorded")
    cells = tuple(
        Cell(text=text if known else _("not known"), is_known=known) for known in found.is_known
    )
    is_same = found.can_tell and found.is_complete and not found.different
    return Row(name=name, cells=cells, is_same=is_same)


def _environment(runs: Sequence[Run], packages: Compared | None) -> Iterator[Row]:
    yield row_of(_("host"), [run.host for run in runs])
    yield row_of(_("interpreter"), [run.interpreter for run in runs])
    yield row_of(_("working directory"), [run.working_directory for run in runs])
    yield from rows_of([masked(dict(run.environment)) for run in runs])
    if packages is None:
        return
    yield row_of("GPU", [_gpus(run) for run in runs])
    for package in packages.different:
        values = [
            (value or "") if known else None
            for value, known in zip(package.values, packages.is_known, strict=True)
        ]
        row = row_of(package.name, values, nothing=_("not installed"))
        yield replace(row, is_same=False)
    if not packages.different or not packages.is_complete:
        yield _rest(_("packages"), packages)


def _gpus(run: Run) -> str | None:
    """Return the models of the GPUs of the run's machine, None if they were not recorded."""
    kept = launch.kept(run.folder)
    if kept is None or not kept.machine:
        return None
    gpus = kept.machine.get("gpus")
    models = [str(gpu.get("model", "")) for gpu in gpus or [] if isinstance(gpu, dict)]
    return ", ".join(
        f"{models.count(model)} × {model}" if models.count(model) > 1 else model
        for model in dict.fromkeys(models)
    )
