"""Results that an experiment ships: run folders with their tables, settings and event files."""

from __future__ import annotations

import csv
import io
import math
import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from registry_app.inference.code.project import Project

STEP_COLUMNS = ("epoch", "step", "iter", "iteration")
# The column that says which epoch was the best, first come first; lower is better for losses.
# Asked of names without their signs: `mAP_0.5:0.95`, `mAP50-95(B)` and `mAP@.5:.95` are one.
_JUDGES = tuple(
    re.compile(pattern)
    for pattern in (
        r"map0?50?0?95",
        r"map0?50?(?!\d)",
        r"map(?!\d)|miou|dice",
        r"(?:val|test)\w*?(?:acc|f1)",
        r"acc|f1",
    )
)
_LOSS_JUDGE = re.compile(r"(?:val|test)\w*?loss")
# Settings of a run, the files in which frameworks leave them, and what of them is told.
SETTINGS_FILES = ("args.yaml", "opt.yaml", "hyp.yaml", "cfg.yaml", "config.yaml")
_SURE_SETTINGS = frozenset({"args.yaml", "opt.yaml"})
TOLD_SETTINGS = (
    *("model", "weights", "cfg", "data", "task", "mode"),
    *("epochs", "imgsz", "img_size", "batch", "batch_size", "lr0", "optimizer", "device", "name"),
)
EVENT_FILE = "events.out.tfevents."
_YOLO_TABLE = "results.txt"
# YOLOv7 and its forebears write a table without a header: `0/299 5.2G 0.07 ...`.
_YOLO_ROW = re.compile(r"\s*(\d+)/\d+\s")
_YOLO_COLUMNS = (
    *("epoch", "gpu_mem", "box_loss", "obj_loss", "cls_loss", "total_loss", "labels", "img_size"),
    *(
        "precision",
        "recall",
        "mAP@.5",
        "mAP@.5:.95",
        "val/box_loss",
        "val/obj_loss",
        "val/cls_loss",
    ),
)
MOST_RUNS = 300
MOST_METRICS = 24
LONGEST_VALUE = 120
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, kw_only=True)
class PastRun:
    """A run as it lies in the directory. `path` is its table, else its settings or folder.

    `rows` counts epochs or steps (0 without a table); `final` holds the numbers of the last one,
    `best` those of the best by the column `judged_by`, at `best_step`. `event_files` are
    TensorBoard's.
    """

    path: str
    rows: int = 0
    final: dict[str, float] = field(default_factory=dict)
    best: dict[str, float] = field(default_factory=dict)
    best_step: float | None = None
    judged_by: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    settings_path: str = ""
    event_files: int = 0


def find_past_runs(project: Project) -> tuple[PastRun, ...]:
    """Return every run that left a table, its settings or event files, by path.

    A table is a CSV file whose header names an epoch or step, or one called results.csv, or the
    results.txt of older YOLOs. Files of one folder are one run.
    """
    folders: dict[str, list[str]] = defaultdict(list)
    for path in project.paths:
        folders[posixpath.dirname(path)].append(path)
    found: list[PastRun] = []
    for folder, paths in sorted(folders.items()):
        found += _runs_of_folder(project, folder, paths)
    return tuple(sorted(found, key=lambda one: one.path)[:MOST_RUNS])


def _runs_of_folder(project: Project, folder: str, paths: Sequence[str]) -> Iterator[PastRun]:
    tables = [(path, table) for path in paths if (table := _table(project, path))]
    events = sum(posixpath.basename(path).startswith(EVENT_FILE) for path in paths)
    settings_path, settings = _settings(project, paths, has_results=bool(tables or events))
    if not tables:
        if settings or events:
            yield PastRun(
                path=settings_path or folder or ".",
                settings=settings,
                settings_path=settings_path,
                event_files=events,
            )
        return
    for path, table in tables:
        run = _run_of_table(path, *table)
        yield replace(run, settings=settings, settings_path=settings_path, event_files=events)


def _run_of_table(path: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> PastRun:
    numbered = [_numbers(columns, row) for row in rows]
    judge = _judge(columns, numbered)
    best: dict[str, float] = {}
    if judge:
        judged = [row for row in numbered if judge in row]
        choose = min if _LOSS_JUDGE.search(_plain(judge)) else max
        best = choose(judged, key=lambda row: row[judge])
    step = next((name for name in columns if name.lower() in STEP_COLUMNS), "")
    return PastRun(
        path=path,
        rows=len(rows),
        final=_without(numbered[-1], step) if numbered else {},
        best=_without(best, step),
        best_step=best.get(step),
        judged_by=judge,
    )


def _judge(columns: Sequence[str], rows: Sequence[dict[str, float]]) -> str:
    """Return the column by which epochs are compared, '' where none is known."""
    filled = [name for name in columns if any(name in row for row in rows)]
    for pattern in (*_JUDGES, _LOSS_JUDGE):
        for name in filled:
            if pattern.search(_plain(name)):
                return name
    return ""


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _without(row: dict[str, float], step: str) -> dict[str, float]:
    return {name: value for name, value in row.items() if name != step}


def _numbers(columns: Sequence[str], row: Sequence[str]) -> dict[str, float]:
    """Return the finite numbers of a row by column."""
    found: dict[str, float] = {}
    for name, cell in zip(columns[:MOST_METRICS], row, strict=False):
        try:
            value = float(cell)
        except ValueError:
            continue
        if name and math.isfinite(value):
            found[name] = value
    return found


def _table(project: Project, path: str) -> tuple[list[str], list[list[str]]] | None:
    """Return columns and rows of a table of results, None for any other file."""
    name = posixpath.basename(path).lower()
    if name == _YOLO_TABLE:
        lines = (project.text(path) or "").splitlines()
        rows = [_YOLO_ROW.sub(r"\1 ", line).split() for line in lines if _YOLO_ROW.match(line)]
        return (list(_YOLO_COLUMNS), rows) if rows else None
    if not name.endswith(".csv"):
        return None
    lines_of_cells = _cells(project.text(path) or "")
    if not lines_of_cells:
        return None
    columns = [cell.strip()[:LONGEST_VALUE] for cell in lines_of_cells[0]]
    is_table = any(column.lower() in STEP_COLUMNS for column in columns)
    return (columns, lines_of_cells[1:]) if is_table or name == "results.csv" else None


def _cells(text: str) -> list[list[str]]:
    try:
        return [row for row in csv.reader(io.StringIO(text)) if any(cell.strip() for cell in row)]
    except csv.Error:
        return []


def _settings(
    project: Project, paths: Sequence[str], *, has_results: bool
) -> tuple[str, dict[str, Any]]:
    """Return the file with the settings of a run, and those of them that are worth telling."""
    for name in SETTINGS_FILES:
        if name not in _SURE_SETTINGS and not has_results:
            continue  # what a script is given, not what a run left
        path = next((one for one in paths if posixpath.basename(one) == name), None)
        told = _told(project.text(path) or "") if path else {}
        if path and told:
            return path, told
    return "", {}


def _told(text: str) -> dict[str, Any]:
    try:
        data = yaml.load(text, Loader=_LOADER)  # noqa: S506  # it is a safe one
    except (yaml.YAMLError, ValueError, RecursionError, TypeError):
        return {}
    if not isinstance(data, dict):
        return {}
    return {
        name: value[:LONGEST_VALUE] if isinstance(value, str) else value
        for name in TOLD_SETTINGS
        if isinstance(value := data.get(name), str | int | float) and value != ""
    }
