"""What `doctor` says of database, worker, MLflow and GPUs; each may be away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import Error, connection
from django.utils.translation import gettext as _

from portal import database
from portal.doctor import commands
from portal.doctor.line import Line, bad, good, warn
from portal.serving import up
from registry_app.changes.directories import refused_directories
from registry_app.files import disk_full
from runs_app.choices import TERMINAL, MlflowState, RunStatus
from runs_app.exceptions import GpuDriverError, TrackingError
from runs_app.models import HostHeartbeat, Run
from runs_app.records import older_secrets
from runs_app.system import secret_values

AREA = "database"


def rows() -> Iterator[Line]:
    """The database and, where it can be used, what its rows say of workers and MLflow."""
    if _is_unmade():
        # Looking further would make it, empty.
        yield _empty(_("{name} is made by the next command").format(name=database.name()))
        return
    try:
        yield _database()
        had = database.applied()
        if had and not database.newer(had) and not database.pending(had):
            yield from _paths()
            yield from _worker()
            yield from _unsent()
            yield from _secrets()
            yield from commands.commands()
    except Error as error:
        yield bad(AREA, *(disk_full.trouble(error) or _silent(error)))


def _silent(error: Error) -> tuple[str, str]:
    return (
        _("It does not answer: {reason}").format(reason=" ".join(str(error).split())),
        _("Start it and check DATABASE_URL; a restored backup may replace a broken file."),
    )


def _paths() -> Iterator[Line]:
    for name, reason in refused_directories():
        yield warn(
            "paths",
            f"{name}: {reason}",
            _("Correct its path; until then no run of it starts and none of its files are shown."),
        )


def _is_unmade() -> bool:
    name = connection.settings_dict["NAME"]
    return connection.vendor == "sqlite" and not Path(name).exists()


def _database() -> Line:
    name = database.name()
    had = database.applied()
    if not had:
        return _empty(_("{name} is empty; the next command sets it up").format(name=name))
    if trouble := database.newer(had):
        return bad(AREA, *trouble)
    if late := database.pending(had):
        return bad(
            AREA,
            _("{name} is older than this version ({count} migrations).").format(
                name=name, count=len(late)
            ),
            _("Make a backup, stop web and worker, then run `guardianflow migrate`."),
        )
    if broken := _damage():
        return bad(
            AREA,
            _("{name} is damaged: {reason}").format(name=name, reason=broken),
            _("Stop web and worker, then restore the last backup with --force."),
        )
    return good(AREA, _("{name} is up to date").format(name=name))


def _empty(text: str) -> Line:
    """What there is to say of a database without tables: `text` where that is as it should be."""
    trouble = database.empty_beside_runs()
    return bad(AREA, *trouble) if trouble else good(AREA, text)


def _damage() -> str:
    """What SQLite finds wrong with its file; empty where nothing is, and for a server."""
    if connection.vendor != "sqlite":
        return ""
    with connection.cursor() as cursor:
        [said] = cursor.execute("PRAGMA quick_check(1)").fetchone()
    return "" if said == "ok" else str(said)


def _worker() -> Iterator[Line]:
    hosts = list(HostHeartbeat.objects.all())
    alive = [host.host for host in hosts if host.is_alive()]
    queued = Run.objects.filter(status=RunStatus.QUEUED).count()
    cure = _("Start `guardianflow worker`, or `guardianflow up` for everything.")
    if alive:
        yield good("worker", _("Alive on {hosts}").format(hosts=", ".join(alive)))
        if drained := [host.host for host in hosts if host.is_alive() and host.is_drained]:
            yield warn(
                "worker",
                _("{hosts} take no new runs.").format(hosts=", ".join(drained)),
                _("`guardianflow drain HOST --off` lets one take runs again."),
            )
    elif queued:
        text = _("None is alive, and {count} runs wait.").format(count=queued)
        yield bad("worker", text, cure)
    else:
        yield warn("worker", _("None is alive, so queued runs would wait."), cure)


def _unsent() -> Iterator[Line]:
    waiting = Run.objects.filter(status__in=TERMINAL).exclude(mlflow_error="")
    last = waiting.exclude(mlflow_state=MlflowState.SENT).order_by("-pk")
    if (run := last.first()) is None:
        return
    yield warn(
        "mlflow",
        _("{count} ended runs are not in MLflow yet: {reason}").format(
            count=last.count(), reason=" ".join(run.mlflow_error.split())[:200]
        ),
        _("They are sent again by the worker, once MLflow takes them."),
    )


def _secrets() -> Iterator[Line]:
    """Secret values that lie where they should not: open to others, or in older run folders."""
    if not secret_values.is_private():
        yield bad(
            "secrets",
            _("Others may read {folder}.").format(folder=secret_values.folder()),
            f"chmod -R go= {secret_values.folder()}",
        )
    older = list(older_secrets.found())
    if older:
        yield warn(
            "secrets",
            _(
                "{count} run folders from before hold secret values, for example of run {run}."
            ).format(count=len(older), run=older[-1].run.pk),
            _("`guardianflow mask-secrets` masks them. Then change what they let in."),
        )
    if told := [one.run for one in older if one.in_mlflow]:
        yield warn(
            "secrets",
            _("MLflow holds secret values of {count} runs, for example of run {run}.").format(
                count=len(told), run=told[-1].pk
            ),
            _("Delete these runs there for good (`mlflow gc`); parameters cannot be changed."),
        )


def mlflow() -> Iterator[Line]:
    """Whether MLflow answers. It may be away: no run waits for it."""
    from runs_app.tracking import store

    if settings.MLFLOW_IS_EMBEDDED and not (Path(settings.MLFLOW_HOME) / "mlflow.sqlite3").exists():
        yield good("mlflow", _("The store is made when the first run ends"))
        return
    name = _address()
    try:
        store.probe()
        with store.translated_errors():
            store.client().search_experiments(max_results=1)
    except TrackingError as error:
        yield warn(
            "mlflow",
            _("{name} does not answer: {reason}").format(name=name, reason=error),
            _("Start it and check MLFLOW_TRACKING_URI; until then ended runs wait to be sent."),
        )
    else:
        yield good("mlflow", _("{name} answers").format(name=name))
    if settings.MLFLOW_IS_EMBEDDED:
        yield warn(
            "mlflow",
            up.mlflow_is_open(),
            _("Let others reach its pages only through a proxy with a log-in."),
        )


def _address() -> str:
    """Where MLflow is, without a password."""
    if settings.MLFLOW_IS_EMBEDDED:
        return str(settings.MLFLOW_HOME)
    parts = urlsplit(str(settings.MLFLOW_TRACKING_URI))
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def gpus() -> Iterator[Line]:
    """The NVIDIA GPUs that runs of this machine get; a machine without any is fine."""
    from runs_app.queue import devices

    try:
        found = devices.gpus()
    except GpuDriverError as error:
        yield warn(
            "gpu",
            _("The driver does not answer: {reason}").format(reason=error),
            _("Run `nvidia-smi`; a machine whose driver was updated wants a restart."),
        )
        return
    if not found:
        yield good("gpu", _("No NVIDIA GPU here; scripts run on the CPU"))
    for gpu in found:
        yield good(
            "gpu",
            _("{index}: {name}, {free:.1f} of {total:.1f} GiB free").format(
                index=gpu.index,
                name=gpu.name,
                free=gpu.free_mib / 1024,
                total=gpu.total_mib / 1024,
            ),
        )
