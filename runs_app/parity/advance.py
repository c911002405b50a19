"""Takes a comparison one step further: queues its next runs, or stores what they found.

Called when a run of it has ended, and by the tick for what was missed; any number of times, by any
process. A step is one transaction that begins by checking that no other process took it.
"""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from registry_app.messages import Message, message_of
from runs_app.choices import (
    TERMINAL,
    ParityControl,
    ParityOutcome,
    ParityRole,
    ParityState,
    RunStatus,
)
from runs_app.comparing.main_metric import MetricRule, main_metric_of
from runs_app.exceptions import RunnerError
from runs_app.executors.chosen import is_ours
from runs_app.lifecycle.prepare import outline
from runs_app.models import Parity, ParityRun, Run
from runs_app.parity import same_command, stored
from runs_app.parity.plan import change_of
from runs_app.parity.rule import Conclusion, Wanted, decide
from runs_app.parity.sides import Sides, hashes_of
from runs_app.parity.start import queue, request_of, stop_runs
from runs_app.records import source
from runs_app.texts import parity as texts
from runs_app.texts.people import PARITY

logger = logging.getLogger(__name__)


class _TakenError(Exception):
    """Another process took this step."""


def advance(parity_pk: int) -> bool:
    """Take one step if one is due; return whether the comparison went on or ended."""
    parity = Parity.objects.select_related("experiment", "requested_by").get(pk=parity_pk)
    if not parity.is_running:
        return False
    parts = list(parity.runs.select_related("run"))
    if problem := _problem(parity, parts):
        return _end(parity, parts, reason=problem)
    if any(not _is_measured(part.run) for part in parts):
        return False
    if changed := [*changed_files(parity), *_started_otherwise(parity, parts)]:
        return _end(parity, parts, reason=texts.CHANGED_MEANWHILE(files=changed))
    main = main_metric_of(parity.experiment.task_type)
    decision = _same_command(parity, parts, main) or decide(
        stored.results_of(parts), main=main, change=change_of(parity.control)
    )
    if isinstance(decision, Conclusion):
        return _conclude(parity, parts, decision)
    return _queue(parity, parts, decision)


def advance_waiting(before: datetime) -> int:
    """Advance all comparisons whose runs have ended before a time; return how many went on."""
    pks = list(Parity.objects.waiting(before).values_list("pk", flat=True))
    return sum(_advance_logged(pk) for pk in pks)


def changed_files(parity: Parity) -> list[str]:
    """Return which of its files are not any more what was compared."""
    sides = Sides(old=parity.old_script, new=parity.new_script)
    now = hashes_of(parity.experiment, sides)
    base = str(Path(parity.new_script).with_name("gf_base.py"))
    paths = {"script": parity.old_script, "trainer": parity.new_script, "gf_base": base}
    return [paths[name] for name, digest in now.items() if parity.hashes.get(name, "") != digest]


def _started_otherwise(parity: Parity, parts: list[ParityRun]) -> list[str]:
    """Return the files that a run was started with in another state than is compared.

    A file may have been edited while the run waited, and restored since. The copy of a trainer of
    the core repository cannot: it is checked at each start.
    """
    base = str(Path(parity.new_script).with_name("gf_base.py"))
    of_new = {parity.new_script: "trainer", base: "gf_base"}
    found: list[str] = []
    for part in parts:
        if part.run is None:
            continue
        recorded = source.read(part.run.folder).get("files", {})
        own = {parity.old_script: "script"} if part.role == ParityRole.OLD else of_new
        for path, name in own.items():
            digest = parity.hashes.get(name, "")
            if digest and recorded.get(path, digest) != digest and path not in found:
                found.append(path)
    return found


def _advance_logged(pk: int) -> bool:
    try:
        return advance(pk)
    except (OSError, RunnerError) as error:
        logger.warning("deferred to the next tick parity=%s error=%s", pk, error)
    return False


def _problem(parity: Parity, parts: list[ParityRun]) -> Message | None:
    """Return why the comparison cannot go on, None if it can."""
    for part in parts:
        role = part.get_role_display()
        if part.run is None:
            return texts.RUN_DELETED(role=str(role))
        if part.run.status in TERMINAL - {RunStatus.SUCCEEDED}:
            return texts.RUN_FAILED(
                run=part.run.pk, role=str(role), status=str(part.run.get_status_display())
            )
    return None


def _is_measured(run: Run | None) -> bool:
    return run is not None and run.status == RunStatus.SUCCEEDED and run.summarised > 0


def _same_command(parity: Parity, parts: list[ParityRun], main: MetricRule) -> Conclusion | None:
    """Return the conclusion if the only run so far started the command of the old side."""
    run = parts[0].run if len(parts) == 1 else None
    if run is None or not is_ours(run):
        return None
    # A side without a seed is compared with the old command without one.
    seed = parity.seed if parity.old_seed_name and parity.new_seed_name else None
    try:
        old = outline(request_of(parity, ParityRole.OLD, number=0, seed=seed))
    except RunnerError:
        return None
    return same_command.conclude(
        run, old_argv=old.argv, script_sha256=parity.hashes.get("script", ""), main=main
    )


def _queue(parity: Parity, parts: list[ParityRun], wanted: tuple[Wanted, ...]) -> bool:
    def check() -> None:
        """Lock the comparison and make sure that it is where it was."""
        is_live = (
            Parity.objects.select_for_update()
            .filter(pk=parity.pk, state=ParityState.RUNNING)
            .exists()
        )
        if not is_live or parity.runs.count() != len(parts):
            raise _TakenError

    try:
        queue(parity, wanted, numbers=dict(Counter(part.role for part in parts)), store=check)
    except (_TakenError, IntegrityError):
        return False
    except RunnerError as error:
        return _end(parity, parts, reason=texts.REFUSED(reason=message_of(error)))
    logger.info("queued runs=%s parity=%s", len(wanted), parity.pk)
    return True


def _conclude(parity: Parity, parts: list[ParityRun], found: Conclusion) -> bool:
    return _store(
        parity,
        parts,
        outcome=found.outcome,
        tier=found.tier,
        control_result=found.control,
        reason=found.reason,
        rows=stored.to_json(found.rows),
    )


def _end(parity: Parity, parts: list[ParityRun], *, reason: Message) -> bool:
    """End a comparison that cannot go on: it proves nothing."""
    ended = _store(
        parity,
        parts,
        outcome=ParityOutcome.NOTHING,
        control_result=ParityControl.NOT_RUN,
        reason=reason,
    )
    if ended:
        stop_runs(parity, user=None, by=PARITY)
    return ended


def _store(parity: Parity, parts: list[ParityRun], **found: Any) -> bool:
    hosts = [part.run.host for part in parts if part.run is not None and part.run.host]
    ended = Parity.objects.filter(pk=parity.pk, state=ParityState.RUNNING).update(
        state=ParityState.DONE,
        finished_at=timezone.now(),
        machines=list(dict.fromkeys(hosts)),
        **found,
    )
    if ended:
        logger.info("ended parity=%s outcome=%s", parity.pk, found["outcome"])
    return bool(ended)
