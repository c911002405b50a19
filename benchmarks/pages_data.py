"""Fill a database with experiments and ended runs as they pile up over years, in seconds.

Some runs are written by Django and copied inside the database, to other experiments and with other
values; metrics and parameters are written by one statement for each name.
"""

from __future__ import annotations

import json
import random
from datetime import timedelta
from pathlib import Path

from django.contrib.auth.models import Group, User
from django.db import connection
from django.utils import timezone

from registry_app.models import Customer, Experiment, Site, Zone
from runs_app.choices import RunStatus
from runs_app.comparing.best import renew_best
from runs_app.models import Run

METRICS = (
    *("metrics/mAP50(B)", "metrics/mAP50-95(B)", "metrics/precision(B)", "metrics/recall(B)"),
    *("train/box_loss", "train/cls_loss", "val/box_loss", "val/cls_loss"),
)
MAIN = METRICS[0]
PARAMETERS = ("epochs", "batch", "imgsz", "lr0", "optimizer", "seed", "workers", "data")
# Runs that are written one by one; the others are copies.
WRITTEN = 2000
TASKS = ("ppe", "fall", "fire", "forklift", "intrusion", "defect", "counting")
REGIONS = ("gimhae", "busan", "ulsan", "pohang", "gwangyang", "yeosu", "incheon", "danyang")
_STATES = (RunStatus.SUCCEEDED,) * 16 + (
    RunStatus.FAILED,
    RunStatus.FAILED,
    RunStatus.CANCELLED,
    RunStatus.TIMED_OUT,
)
_CAUSE = {"code": "cuda_out_of_memory", "values": {}, "line": "CUDA out of memory"}


def fill(*, experiments: int, runs: int) -> User:
    """Write everything; return a user who may see and start runs."""
    chance = random.Random(7)  # noqa: S311
    users = [User(username=f"engineer{number}", is_staff=True) for number in range(12)]
    User.objects.bulk_create(users)
    group = Group.objects.get(name="Engineer")
    for user in users:
        user.groups.add(group)
    rows = _experiments(experiments)
    written = min(runs, WRITTEN)
    spread_minutes = 5 * runs // written
    Run.objects.bulk_create(
        [_run(chance, rows, users, number, spread_minutes) for number in range(written)],
        batch_size=200,
    )
    for copy in range(1, runs // written):
        _copy(copy, experiments=[row.pk for row in rows])
    _rows_of_runs()
    for experiment in rows:
        renew_best(experiment)
    _going_on(rows, users)
    with connection.cursor() as cursor:
        # As PostgreSQL's own background process does within minutes.
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")
    return users[0]


def _experiments(count: int) -> list[Experiment]:
    zones = []
    for number in range(max(1, count // 10)):
        customer, _made = Customer.objects.get_or_create(name=f"customer{number % 40}")
        site, _made = Site.objects.get_or_create(
            customer=customer, region=REGIONS[number % len(REGIONS)], plant=f"plant{number}"
        )
        zones.append(Zone.objects.create(site=site, name=f"zone{number}"))
    return Experiment.objects.bulk_create(
        Experiment(
            name=f"customer{number % 40}-{REGIONS[number % len(REGIONS)]}-{number}-"
            f"{TASKS[number % len(TASKS)]}",
            path=f"/nas/experiments/e{number}",
            zone=zones[number % len(zones)],
            task_type=TASKS[number % len(TASKS)],
            classes=["helmet", "vest"],
        )
        for number in range(count)
    )


def _copy(copy: int, *, experiments: list[int]) -> None:
    """Copy the runs that were written, each to another experiment and with another value."""
    uuids = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}
    first, count = min(experiments), len(experiments)
    changed = {
        "uuid": uuids[connection.vendor],
        "experiment_id": f"(experiment_id - {first} + {copy * 37}) %% {count} + {first}",
        "main_value": "CASE WHEN main_value IS NULL THEN NULL ELSE"
        f" 0.5 + ((id * 7919 + {copy * 31}) %% 10007) / 20100.0 END",
    }
    fields = [field for field in Run._meta.concrete_fields if not field.primary_key]
    columns = [str(field.column) for field in fields]
    values = [changed.get(column, column) for column in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO runs_app_run ({', '.join(columns)}) SELECT {', '.join(values)}"  # noqa: S608
            " FROM runs_app_run ORDER BY id LIMIT %s",
            [WRITTEN],
        )


def _run(
    chance: random.Random,
    rows: list[Experiment],
    users: list[User],
    number: int,
    spread_minutes: int,
) -> Run:
    status = chance.choice(_STATES)
    queued = timezone.now() - timedelta(minutes=spread_minutes * (WRITTEN - number) + 200)
    took_s = chance.randint(20, 9000)
    good = status == RunStatus.SUCCEEDED
    params = {
        "epochs": 10 * (number % 12),
        "batch": 16,
        "imgsz": 640,
        "lr0": 0.01,
        "seed": number % 9,
        "optimizer": "AdamW",
        "workers": 8,
        "data": f"data/v{number % 4}.yaml",
    }
    return Run(
        experiment=rows[number % len(rows)],
        type="train" if number % 5 else "eval",
        script="train_yolov11_v2.py",
        params=params,
        argv=[
            "/nas/venv/bin/python",
            "train_yolov11_v2.py",
            *(f"--{k}={v}" for k, v in params.items()),
        ],
        cwd=f"/nas/experiments/e{number % len(rows)}",
        interpreter="/nas/venv/bin/python",
        note="seed repeat" if number % 20 == 0 else "",
        status=status,
        outcome=status,
        reason_code="exited_zero" if good else "exited_nonzero",
        reason_values={} if good else {"code": 1},
        cause=_CAUSE if status == RunStatus.FAILED else {},
        exit_code=0 if good else 1,
        queued_by=users[number % len(users)],
        queued_at=queued,
        queued_date=timezone.localdate(queued),
        started_at=queued,
        finished_at=queued + timedelta(seconds=took_s),
        status_changed_at=queued,
        host="gpu1",
        mlflow_state="sent",
        summarised=1,
        main_metric=MAIN if good else "",
        main_value=0.5 + (number * 7919 % 10_007) / 20_100 if good else None,
        changed_params={"epochs": {"before": "10", "now": str(10 * (number % 12))}},
        duration_s=took_s,
        data_key=f"v{number % 4}.yaml@{number % 4:016x}",
        classes_key="0123456789abcdef",
    )


def _rows_of_runs() -> None:
    """Give each succeeded run its metrics, and each run its parameters."""
    with connection.cursor() as cursor:
        for place, name in enumerate(METRICS):
            value = f"0.5 + ((id - 1) * {7919 + 31 * place} %% 10007) / 20100.0"
            columns = "run_id, name, last, best, lowest, highest, points"
            values = f"id, %s, {value}, {value}, 0.1, {value}, 40"
            statement = f"INSERT INTO runs_app_runmetric ({columns}) SELECT {values}"
            cursor.execute(f"{statement} FROM runs_app_run WHERE status = 'succeeded'", [name])
        for place, name in enumerate(PARAMETERS):
            columns = "run_id, name, text, number"
            values = f"id, %s, CAST(id %% {place + 12} AS text), id %% {place + 12}"
            statement = f"INSERT INTO runs_app_runparameter ({columns}) SELECT {values}"
            cursor.execute(f"{statement} FROM runs_app_run", [name])


def _going_on(rows: list[Experiment], users: list[User]) -> None:
    """Let some runs go on and wait, as on a working day."""
    for number, status in enumerate([RunStatus.RUNNING] * 4 + [RunStatus.QUEUED] * 6):
        started = timezone.now() if status == RunStatus.RUNNING else None
        Run.objects.create(
            experiment=rows[number],
            type="train",
            script="train.py",
            cwd="/nas",
            host="gpu1" if started else "",
            status=status,
            started_at=started,
            queued_by=users[number],
            params={"epochs": 20},
        )


def write_points(folder: Path) -> None:
    """Write the curves of a training of 300 epochs with all metrics, as a run leaves them."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "metrics.jsonl").open("w") as file:
        for step in range(1, 301):
            for place, name in enumerate(METRICS):
                value = 1 - 1 / (1 + step / (10 + place))
                row = {"key": name, "value": value, "step": step, "timestamp_ms": 60_000 * step}
                file.write(f"{json.dumps(row)}\n")
