"""Find results shipped with an experiment: run folders with tables, settings and event files."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

import yaml

from registry_app.inference.code.project import Project
from registry_app.results.choosing import choose
from registry_app.results.file_names import EVENT_FILE, may_hold_results
from registry_app.results.logs.reader import LogReader
from registry_app.results.reading import HEAD_BYTES, rows_of
from registry_app.results.rows import ResultReader, Row

# The column that selects the best epoch, in order of preference; lower is better for losses.
# Compared without punctuation: `mAP_0.5:0.95`, `mAP50-95(B)` and `mAP@.5:.95` are the same.
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
# Settings files of a run, as frameworks write them, and the settings that are shown.
SETTINGS_FILES = ("args.yaml", "opt.yaml", "hyp.yaml", "cfg.yaml", "config.yaml")
_SURE_SETTINGS = frozenset({"args.yaml", "opt.yaml"})
SHOWN_SETTINGS = (
    *("model", "weights", "cfg", "data", "task", "mode"),
    *("epochs", "imgsz", "img_size", "batch", "batch_size", "lr0", "optimizer", "device", "name"),
)
# A file of this name always marks a run, whatever its content.
_SURE_TABLE = "results.csv"
_STATE = "trainer_state.json"
_CHECKPOINT = re.compile(r"(?P<run>.*?)/?checkpoint-(?P<step>\d+)")
MAX_RUNS = 300
MAX_METRICS = 24
MAX_VALUE_LENGTH = 120
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# The values of one step, by name.
_Steps = Mapping[int, Mapping[str, float]]


@dataclass(frozen=True, kw_only=True)
class PastRun:
    """A run in the directory. `path` is its table, else its settings file or folder.

    `rows` counts epochs or steps (0 without a table); `final` holds the values of the last step,
    `best` those of the best step by the column `judged_by`, at `best_step`. `event_files` are
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
    """Return every run that left results with an axis, its settings or event files, by path.

    Results are found by the readers of `registry_app.results` in tables, histories, trainer
    states and, in a folder without any of these, event files. Files of one folder are one run.
    """
    folders: dict[str, list[str]] = defaultdict(list)
    for path in _without_older_states(project.paths):
        folders[posixpath.dirname(path)].append(path)
    found: list[PastRun] = []
    for folder, paths in sorted(folders.items()):
        found += _runs_of_folder(project, folder, paths)
    return tuple(sorted(found, key=lambda past_run: past_run.path)[:MAX_RUNS])


def _without_older_states(paths: Sequence[str]) -> Iterator[str]:
    """Skip trainer states of earlier checkpoints: the newest contains their history."""
    newest: dict[str, int] = {}
    checkpoints: dict[str, tuple[str, int]] = {}
    for path in paths:
        folder, name = posixpath.split(path)
        match = _CHECKPOINT.fullmatch(folder) if name == _STATE else None
        if match is not None:
            checkpoints[path] = match["run"], int(match["step"])
            newest[match["run"]] = max(newest.get(match["run"], -1), int(match["step"]))
        elif name == _STATE:
            newest[folder] = 10**18  # the run's own state, written at its end
    for path in paths:
        if path not in checkpoints or newest[checkpoints[path][0]] == checkpoints[path][1]:
            yield path


def _runs_of_folder(project: Project, folder: str, paths: Sequence[str]) -> Iterator[PastRun]:
    events = [path for path in paths if EVENT_FILE in posixpath.basename(path)]
    others = [path for path in paths if path not in events]
    tables = [(path, steps) for path in others if (steps := _table(project, path)) is not None]
    settings_path, settings = _settings(project, paths, has_results=bool(tables or events))
    for path, steps in tables:
        run = _run_of(path, steps)
        yield replace(run, settings=settings, settings_path=settings_path, event_files=len(events))
    if not tables and (settings or events):
        yield replace(
            _run_of(settings_path or folder or ".", _steps_of_events(project, events)),
            settings=settings,
            settings_path=settings_path,
            event_files=len(events),
        )


def _run_of(path: str, steps: _Steps) -> PastRun:
    judge = _judge(steps.values())
    best_step: int | None = None
    if judge:
        choose_by = min if _LOSS_JUDGE.search(_plain(judge)) else max
        judged = [step for step, values in steps.items() if judge in values]
        best_step = choose_by(judged, key=lambda step: steps[step][judge])
    return PastRun(
        path=path,
        rows=len(steps),
        final=dict(steps[max(steps)]) if steps else {},
        best={} if best_step is None else dict(steps[best_step]),
        best_step=None if best_step is None else float(best_step),
        judged_by=judge,
    )


def _judge(rows: Iterable[Mapping[str, float]]) -> str:
    """Return the name by which steps are compared, '' if none is known."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    for pattern in (*_JUDGES, _LOSS_JUDGE):
        for name in names:
            if pattern.search(_plain(name)):
                return name
    return ""


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _table(project: Project, path: str) -> _Steps | None:
    """Return the steps of a file of results, None for any other file."""
    if not may_hold_results(path):
        return None
    data = project.data(path)
    reader = choose(path, data) if data else None
    is_sure = posixpath.basename(path).lower() == _SURE_TABLE and data is not None
    if not isinstance(reader, ResultReader) or isinstance(reader, LogReader):
        return {} if is_sure and data else None
    rows = rows_of(reader, _until_done(reader, data or b""))
    steps = _by_step(row for row in rows if row.axis)
    return steps if steps or is_sure else None


def _until_done(reader: ResultReader, data: bytes) -> Iterator[bytes]:
    """Yield a file piece by piece as long as its reader may find rows: long tables are data."""
    for begin in range(0, len(data), HEAD_BYTES):
        if reader.is_done:
            return
        yield data[begin : begin + HEAD_BYTES]


def _steps_of_events(project: Project, paths: Iterable[str]) -> _Steps:
    rows: list[Row] = []
    for path in paths:
        data = project.data(path)
        reader = choose(path, data) if data else None
        if isinstance(reader, ResultReader):
            rows += rows_of(reader, [data or b""])
    return _by_step(rows)


def _by_step(rows: Iterable[Row]) -> _Steps:
    """Return the finite values of each step, of the first MAX_METRICS names."""
    steps: dict[int, dict[str, float]] = {}
    names: set[str] = set()
    for row in rows:
        values = steps.setdefault(row.step, {})
        for name, value in row.values.items():
            if name not in names and len(names) < MAX_METRICS:
                names.add(name)
            if name in names and isfinite(value):
                values[name[:MAX_VALUE_LENGTH]] = value
    return steps


def _settings(
    project: Project, paths: Sequence[str], *, has_results: bool
) -> tuple[str, dict[str, Any]]:
    """Return the settings file of a run, and the settings that are worth showing."""
    for name in SETTINGS_FILES:
        if name not in _SURE_SETTINGS and not has_results:
            continue  # a script's input, not a run's output
        path = next((path for path in paths if posixpath.basename(path) == name), None)
        settings = _shown_settings(project.text(path) or "") if path else {}
        if path and settings:
            return path, settings
    return "", {}


def _shown_settings(text: str) -> dict[str, Any]:
    try:
        data = yaml.load(text, Loader=_LOADER)  # noqa: S506  # a safe loader
    except (yaml.YAMLError, ValueError, RecursionError, TypeError):
        return {}
    if not isinstance(data, dict):
        return {}
    return {
        name: value[:MAX_VALUE_LENGTH] if isinstance(value, str) else value
        for name in SHOWN_SETTINGS
        if isinstance(value := data.get(name), str | int | float) and value != ""
    }
