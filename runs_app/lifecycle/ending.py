"""What to report about the end of a run: why it failed, or what looks wrong if it succeeded.

Read once, from the end of its logs, when its results have been collected.
"""

from __future__ import annotations

import math
import re
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings

from runs_app.choices import RunStatus
from runs_app.executors import notices
from runs_app.executors.outcome import Outcome
from runs_app.executors.script_text import script_text
from runs_app.models import Run
from runs_app.records.metrics import read_metrics
from runs_app.runner.command.launcher import SHELL
from runs_app.runner.ending import elsewhere
from runs_app.runner.ending.cause import Ending, find_cause
from runs_app.runner.ending.doubts import doubts_of
from runs_app.runner.ending.log_end import last_lines
from runs_app.runner.folder import RunFolder
from runs_app.runner.folder_records import ExitRecord
from runs_app.runner.isolation.fence import is_inside
from runs_app.runner.outputs import links
from runs_app.texts import causes, outcomes

MAX_NAMED = 5
_OWN_URI = re.compile(r"""set_tracking_uri\(\s*(?:uri\s*=\s*)?[rf]?["']([^"'\n]{1,500})["']""")
_PASSWORD = re.compile(r"(?<=://)[^/@\s]*@")
# With these exit records the script itself is the reason.
_OWN_ENDS = frozenset({"exited", "signalled"})


def cause_of(outcome: Outcome, record: ExitRecord | None, folder: RunFolder) -> dict[str, Any]:
    """Return why a run failed, as its row stores it: code, values and line; {} if unknown."""
    if outcome.status != RunStatus.FAILED or record is None or record.why not in _OWN_ENDS:
        return {}
    if not record.exit_code:  # its work was ended with it: that is the reason
        return {}
    cause = find_cause(
        Ending(
            exit_code=record.exit_code,
            stderr=last_lines(folder.stderr),
            stdout=last_lines(folder.stdout),
            was_memory_short=record.oom_kills > 0,
            first_nan=first_nan(folder),
        )
    )
    return cause.to_json() if cause else {}


def note_doubts(run: Run, outcome: Outcome, folder: RunFolder) -> None:
    """Note on a succeeded run the signs that something went wrong."""
    if outcome.status != RunStatus.SUCCEEDED:
        return
    is_launcher = PurePosixPath(run.script).suffix.lower() in SHELL
    stderr, stdout = last_lines(folder.stderr), last_lines(folder.stdout)
    for message in doubts_of(stderr, stdout, is_launcher=is_launcher):
        notices.add(run.pk, message)
    nan = first_nan(folder)
    if nan is not None and "loss" in nan[0].lower():
        notices.add(run.pk, causes.NAN_TO_END(name=nan[0], epoch=str(nan[1])))


def note_elsewhere(run: Run, folder: RunFolder) -> None:
    """Note on a run which of its results are outside its directory."""
    if run.started_at is None:
        return
    directory, since_s = Path(run.cwd), run.started_at.timestamp()
    ended_ns = folder.recorded_at_ns()
    until_s = math.inf if ended_ns is None else ended_ns / 1e9  # then the directory is let go
    leading_out = list(elsewhere.links_out(directory, since_s=since_s, until_s=until_s))
    lost = [
        (path, target)
        for path, target in leading_out
        if not links.target_of(str(directory / path), directory) and not _is_portals(target)
    ]
    for path, target in lost[:1]:
        notices.add(run.pk, outcomes.OUTPUTS_BEHIND_LINK(path=path, target=target))
    paths = elsewhere.reported_paths([*last_lines(folder.stdout), *last_lines(folder.stderr)])
    # What a link leads to is saved, or was reported already.
    reported = [target for _path, target in leading_out]
    places = [
        place
        for place in dict.fromkeys(
            elsewhere.outside(paths, directory, since_s=since_s, until_s=until_s)
        )
        if not _is_portals(place) and not any(is_inside(place, known) for known in reported)
    ]
    if places:
        more = ["…"] if len(places) > MAX_NAMED else []
        notices.add(run.pk, outcomes.OUTPUTS_ELSEWHERE(paths=[*places[:MAX_NAMED], *more]))
    uri = _own_store(run)
    if uri:
        notices.add(run.pk, outcomes.TRACKED_ELSEWHERE(uri=uri))


def _is_portals(place: str) -> bool:
    """Whether a path is the portal's own; such paths are not reported."""
    return is_inside(place, str(Path(settings.GUARDIANFLOW_HOME).resolve()))


def _own_store(run: Run) -> str:
    """Return the MLflow store that a script names and the portal does not copy, '' for none."""
    for found in _OWN_URI.finditer(script_text(Path(run.cwd), run.script)):
        uri = found[1]
        path = uri.removeprefix("file:").removeprefix("sqlite:///").removeprefix("//")
        is_inside = "://" not in path and "{" not in path and not path.startswith(("/", "~", ".."))
        if not is_inside and "{" not in uri and not path.startswith(run.cwd):
            return _PASSWORD.sub("", uri)
    return ""


def first_nan(folder: RunFolder) -> tuple[str, int] | None:
    """Return the metric that first became NaN and stayed so, and the step since when."""
    since: dict[str, int | None] = {}
    for point in read_metrics(folder):
        if not math.isnan(point.value):
            since[point.key] = None
        elif since.get(point.key) is None:
            since[point.key] = point.step
    found = [(step, name) for name, step in since.items() if step is not None]
    return (min(found)[1], min(found)[0]) if found else None
