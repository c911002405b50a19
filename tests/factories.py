"""Rows for tests, made by plain functions; only what a test says differs from the usual."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group, User
from django.utils import timezone

from registry_app.choices import Confidence, ConfirmedBy, EntryPointType, ScriptLaunch
from registry_app.fields.confirmation import confirm
from registry_app.models import Customer, EntryPoint, Experiment, Script, Site, Zone
from runs_app.choices import ACTIVE, ON_HOST, TERMINAL, RunStatus
from runs_app.models import Run
from runs_app.texts import reasons


def make_user(username: str = "minsu", **fields: Any) -> User:
    return User.objects.create_user(username, **fields)


def make_zone(
    customer: str = "sampyo", region: str = "gimhae", plant: str = "plant1", name: str = "mixer"
) -> Zone:
    owner, _made = Customer.objects.get_or_create(name=customer)
    site, _made = Site.objects.get_or_create(customer=owner, region=region, plant=plant)
    return Zone.objects.get_or_create(site=site, name=name)[0]


def make_experiment(name: str = "sampyo-gimhae-bct", **fields: Any) -> Experiment:
    values = {"path": f"/nowhere/{name}", "task_type": "bct", **fields}
    if "zone" not in values:
        values["zone"] = make_zone()
    return Experiment.objects.create(name=name, **values)


def make_entry_point(
    experiment: Experiment,
    type: str = EntryPointType.TRAIN,  # noqa: A002
    default_script: str = "train.py",
    *,
    confirmed: bool = True,
    **fields: Any,
) -> EntryPoint:
    """An entry point whose command an engineer has read, unless not `confirmed`."""
    entry = EntryPoint.objects.create(
        experiment=experiment, type=type, default_script=default_script, **fields
    )
    if confirmed:
        confirm(entry, how=ConfirmedBy.COMMAND)
    return entry


def change_entry_points(experiment: Experiment, **fields: Any) -> None:
    """Change the entry points of an experiment as an engineer does: their commands were read."""
    experiment.entry_points.update(**fields)
    for entry in EntryPoint.objects.filter(experiment=experiment):
        confirm(entry, how=ConfirmedBy.SAVE)


def make_script(experiment: Experiment, path: str = "train.py", **fields: Any) -> Script:
    values = {
        "types": [EntryPointType.TRAIN],
        "launch": ScriptLaunch.MAIN_GUARD,
        "confidence": Confidence.SURE,
        "parameters_known": True,
        **fields,
    }
    return Script.objects.create(experiment=experiment, path=path, **values)


def make_directory(root: Path, name: str, files: dict[str, str]) -> Path:
    """Write an experiment directory with these files below `root`."""
    directory = root / name
    for path, text in files.items():
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return directory


_REASONS = {
    RunStatus.QUEUED: reasons.WAITS_FOR_WORKER.code,
    RunStatus.STARTING: reasons.STARTING.code,
    RunStatus.RUNNING: reasons.RUNNING.code,
    RunStatus.FINALIZING: reasons.COLLECTING.code,
    RunStatus.SUCCEEDED: reasons.EXITED_ZERO.code,
    RunStatus.FAILED: reasons.EXITED_NONZERO.code,
    RunStatus.ERRORED: reasons.LAUNCH_FAILED.code,
    RunStatus.CANCELLED: reasons.CANCELLED.code,
    RunStatus.TIMED_OUT: reasons.TIMED_OUT.code,
    RunStatus.LOST: reasons.SUPERVISOR_DIED.code,
}


def make_run(experiment: Experiment, status: RunStatus = RunStatus.QUEUED, **fields: Any) -> Run:
    """A run as its state demands: with a host, times and an exit status where it has them."""
    values: dict[str, Any] = {
        "type": EntryPointType.TRAIN,
        "script": "train.py",
        "argv": ["python", "train.py"],
        "cwd": experiment.path,
        "reason_code": _REASONS[status],
    }
    if status in ON_HOST | TERMINAL:
        values |= {"host": "gpu1", "started_at": timezone.now()}
    if status == RunStatus.FINALIZING:
        values["outcome"] = RunStatus.SUCCEEDED
    if status in TERMINAL:
        values |= {"finished_at": timezone.now(), "outcome": status, "summarised": 1}
    if status not in ACTIVE | {RunStatus.LOST, RunStatus.ERRORED}:
        values["exit_code"] = 0 if status == RunStatus.SUCCEEDED else 1
    return Run.objects.create(experiment=experiment, status=status, **(values | fields))


def make_member(group: str, username: str = "") -> User:
    """A person of one of the portal's groups who may log in to its pages."""
    user = make_user(username or f"{group.lower()}-jiwoo", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user
