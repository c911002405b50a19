"""Fills a portal of version 542ff85 with what a portal holds; run by that version's own Python.

    python old_portal.py FILE       in a checkout of it; tells in FILE what it made, as JSON

Names of modules are those of that version, and so are looked up when it runs.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import django

SECRET = "sk-4711-of-jiwoo"


def main(told: Path) -> None:
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    people = make_people()
    scan(people["boss"])
    curate(people["boss"])
    made = {label: run.pk for label, run in make_runs(people["jiwoo"]).items()}
    rows = {label: shown(pk) for label, pk in made.items()}
    import_module("registry_app.models").ScanJob.objects.create(requested_by=people["boss"])
    told.write_text(json.dumps({"runs": rows, "secret": SECRET}, ensure_ascii=False))


def make_people() -> dict[str, Any]:
    from django.contrib.auth.models import Group, User

    boss = User.objects.create_superuser("boss", password="boss")
    jiwoo = User.objects.create_user("jiwoo", is_staff=True)
    jiwoo.groups.add(Group.objects.get(name="Engineer"))
    return {"boss": boss, "jiwoo": jiwoo}


def scan(by: Any) -> None:
    """Scan as the button of the portal does."""
    job = import_module("registry_app.models").ScanJob.objects.create(requested_by=by)
    import_module("registry_app.scan_job").run_scan_job(job.pk)


def curate(by: Any) -> None:
    """Decide fields, scan again, and answer one proposal each way; one change set is undone."""
    models = import_module("registry_app.models")
    answers = import_module("registry_app.answers")
    present_fields = import_module("registry_app.proposals").present_fields
    record = import_module("registry_app.provenance").record
    curated = import_module("registry_app.choices").FieldSource.CURATED
    for experiment in models.Experiment.objects.exclude(task_type=""):
        models.Experiment.objects.filter(pk=experiment.pk).update(
            task_type="intrusion", classes=["덤프트럭"], owner="minsu"
        )
        record(experiment, ["task.type", "task.classes", "owner"], source=curated)
    scan(by)
    rows = list(models.Proposal.objects.filter(status="open").order_by("pk"))
    assert len(rows) >= 4, rows

    def answer(row: Any) -> Any:
        held = present_fields([row.experiment_id])[row.experiment_id].get(row.field)
        return answers.Answer(pk=row.pk, seen=answers.seen_of(row, held))

    answers.accept([answer(rows[0])], by=by)
    undone = answers.accept([answer(rows[1])], by=by)
    import_module("registry_app.undo").undo(undone, by=by)
    answers.reject([answer(rows[2])], by=by)


def make_runs(by: Any) -> dict[str, Any]:
    """Return a run of each state; the one that runs goes on after this process."""
    driving = import_module("tests.runs_app.driving")
    cancel = import_module("runs_app.cancel").cancel
    executor = import_module("runs_app.executor")
    models = import_module("registry_app.models")
    submit = import_module("runs_app.submit")
    states = import_module("runs_app.choices").RunStatus
    wait_until = import_module("tests.waiting").wait_until

    def queue(name: str, **wish: Any) -> Any:
        experiment = models.Experiment.objects.get(name=name)
        request = submit.RunRequest(experiment=experiment, type="train", **wish)
        return submit.submit(request, user=by)

    runs: dict[str, Any] = {}
    models.EntryPoint.objects.filter(experiment__name="limited").update(timeout_s=1, grace_s=1)
    runs["succeeded"] = queue("good", params={"epochs": 2, "api-key": SECRET}, version="v2")
    runs["failed"] = queue("bad")
    runs["timed_out"] = queue("limited")
    runs["cancelled"] = queue("stopped")
    runs["lost"] = queue("orphan")
    runs["finalizing"] = queue("ended")
    runs["running"] = queue("patient")
    for run in runs.values():
        assert driving.start(run), run.experiment
    cancelled = driving.reach(runs["cancelled"], states.RUNNING)
    assert cancel(cancelled, user=by)
    lost = driving.reach(runs["lost"], states.RUNNING)
    os.kill(executor.folder_of(lost).started().pid, signal.SIGKILL)
    for label in ("succeeded", "failed", "timed_out", "cancelled", "lost"):
        driving.end(runs[label])
    assert import_module("runs_app.outbox").send(runs["succeeded"].pk)
    driving.reach(runs["finalizing"], states.FINALIZING)
    driving.reach(runs["running"], states.RUNNING)
    log = executor.folder_of(runs["running"]).stdout
    wait_until(log.read_bytes, what="the script speaks")
    runs["waiting"] = queue("patient")
    assert not driving.start(runs["waiting"])
    runs["refused"] = queue("gone")
    (Path(runs["refused"].cwd) / "train.py").unlink()
    assert not driving.start(runs["refused"])
    runs["cancelled before"] = queue("good")
    assert cancel(runs["cancelled before"], user=by)
    runs["starting"] = claimed(queue("late"))
    runs["queued"] = queue("good")
    return runs


def claimed(run: Any) -> Any:
    """Let a run be one whose launcher died right after it had taken it."""
    from django.conf import settings
    from django.utils import timezone

    import_module("runs_app.models").Run.objects.filter(pk=run.pk).update(
        status="starting",
        reason_code="starting",
        reason_values={"host": settings.GUARDIANFLOW_HOST},
        status_changed_at=timezone.now() - timedelta(minutes=5),
        host=settings.GUARDIANFLOW_HOST,
        boot_id="before",
        launches=1,
    )
    return run


def shown(pk: int) -> Any:
    from django.core.management import call_command

    said = io.StringIO()
    call_command("show_run", str(pk), json=True, stdout=said)
    return json.loads(said.getvalue())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
