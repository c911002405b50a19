"""Whether a chain can be resumed, which changed commands are read before, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from django.conf import settings

from registry_app.messages import Message
from registry_app.models import EntryPoint
from runs_app.choices import RunStatus, SetKind, SetState, StepState
from runs_app.executors.chosen import is_ours
from runs_app.models import Run, RunSet, RunStep
from runs_app.texts import sets as texts


def reason_against(run_set: RunSet, steps: Sequence[RunStep]) -> Message | None:
    """Return why a set cannot be resumed, None if it can; runs no query.

    `steps` are all of it, with their runs.
    """
    if not run_set.is_chain:
        return texts.NOT_A_CHAIN(number=run_set.pk, kind=str(SetKind(run_set.kind).label))
    if not run_set.can_resume:
        return texts.NOT_RESUMABLE(number=run_set.pk, state=str(SetState(run_set.state).label))
    done = {step.name: step.run for step in steps if step.run is not None and is_done(step)}
    for step in steps:
        if is_done(step):
            continue
        for name in sorted(_sources(step) & done.keys()):
            if _is_gone(done[name], step):
                return texts.FILES_GONE(name=step.name, step=name, run=done[name].pk)
    return None


def is_done(step: RunStep) -> bool:
    """Whether a step keeps its run; one that was lost and turned out to have succeeded does."""
    return step.run is not None and step.run.status == RunStatus.SUCCEEDED


def entries_left(steps: Iterable[RunStep]) -> dict[str, EntryPoint]:
    """Return the entry points of the steps that are still to run, by their key in a form.

    One query.
    """
    left = [step for step in steps if not is_done(step)]
    rows = EntryPoint.objects.filter(experiment__in={step.experiment_id for step in left})
    found = {(row.experiment_id, row.type): row for row in rows.select_related("experiment")}
    entries = [found.get((step.experiment_id, step.type)) for step in left]
    return {form_key(entry): entry for entry in entries if entry is not None}


def form_key(entry: EntryPoint) -> str:
    """Return the start of the names of the fields that a form has for an entry point."""
    return f"entry-{entry.pk}"


def refused_at_once(run_set: RunSet) -> Message | None:
    """Return why the step of a chain that was just resumed is refused, None if it is not."""
    step = run_set.steps.filter(state=StepState.REFUSED).first()
    return step.why if step is not None else None


def _sources(step: RunStep) -> set[str]:
    """Return the names of the earlier steps that a step takes files from."""
    return {row["from"] for name in ("files", "reads") for row in step.spec.get(name, {}).values()}


def _is_gone(run: Run, step: RunStep) -> bool:
    """Whether what a step takes of a run is gone: its folder, or a file that it was given before.

    For what a script reads in its directory the row of the file suffices.
    """
    if run.folder_removed_at is not None:
        return True
    if not step.spec.get("files") or not is_ours(run):  # another machine's worker finds out
        return False
    given = [item for item in step.bound if "path" in item and item["uuid"] == str(run.uuid)]
    copies = [Path(settings.RUNS_DIR, item["uuid"], item["kept"]) for item in given]
    return not run.folder.is_dir() or not all(copy.is_file() for copy in copies)
