"""What was changed in the directories of a chain since its steps ran; said before it is resumed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from registry_app.files.core_scripts import is_core
from registry_app.files.git_state import head_commit
from registry_app.messages import Message
from runs_app.models import Run, RunStep
from runs_app.records import launch, source
from runs_app.runner.source.archive import hash_of
from runs_app.texts import sets as texts


def changed_since(steps: Iterable[RunStep]) -> list[Message]:
    """Return each script and commit that is not what a step of a chain ran with.

    Steps without a record on this machine are passed over. Reads files, starts nothing.
    """
    found = [message for step in steps if step.run is not None for message in _changes(step.run)]
    return list({str(message): message for message in found}.values())


def _changes(run: Run) -> list[Message]:
    found: list[Message] = []
    directory = Path(run.cwd)
    files = source.read(run.folder).get("files")
    old = files.get(run.script) if isinstance(files, dict) else None
    if old and not is_core(run.script) and hash_of(directory, run.script) != old:
        found.append(texts.SCRIPT_CHANGED(script=run.script, run=run.pk))
    record = launch.kept(run.folder)
    if record is not None and record.git_commit and head_commit(directory) != record.git_commit:
        found.append(texts.COMMIT_CHANGED(run=run.pk, commit=record.git_commit[:10]))
    return found
