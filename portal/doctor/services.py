"""`doctor` on database, worker, MLflow and GPUs; each may be unavailable."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import Error, connection
from django.utils.translation import gettext as _

from portal import database
from portal.doctor import arguments, commands, promotions, upgrade
from portal.doctor.line import Line, bad, good, warn
from portal.serving import up
from registry_app.changes.directories import refused_directories
from registry_app.files import disk_full
from registry_app.messages import Message
from registry_app.reading import message_text
from runs_app.choices import TERMINAL, MlflowState, RunStatus
from runs_app.exceptions import TrackingError
from runs_app.executors.chosen import executor
from runs_app.models import HostHeartbeat, Run
from runs_app.records import older_secrets
from runs_app.system import secret_values

AREA = "database"


def rows() -> Iterator[Line]:
    """Report on the database and, if it is usable, on workers and MLflow from its rows."""
    if _is_unmade():
        # Opening the database would create an empty one.
        yield _empty(_("{name} is created by the next command").format(name=database.name()))
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
            yield from arguments.arguments()
            yield from upgrade.confirmed_values()
            yield from promotions.champions()
    except Error as error:
        yield bad(AREA, *(disk_full.trouble(error) or _silent(error)))


def _silent(error: Error) -> tuple[str, str]:
    return (
        _("It does not respond: {reason}").format(reason=" ".join(str(error).split())),
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
            _("{name} is corrupt: {reason}").format(name=name, reason=broken),
            _("Stop web and worker, then restore the last backup with --force."),
        )
    return good(AREA, _("{name} is up to date").format(name=name))


def _empty(text: str) -> Line:
    """Report on a database without tables: `text` if that is expected."""
    trouble = database.empty_despite_runs()
    return bad(AREA, *trouble) if trouble else good(AREA, text)


def _damage() -> str:
    """Report corruption that SQLite finds in its file; nothing for an intact file or a server."""
    if connection.vendor != "sqlite":
        return ""
    with connection.cursor() as cursor:
        [answer] = cursor.execute("PRAGMA quick_check(1)").fetchone()
    return "" if answer == "ok" else str(answer)


def _worker() -> Iterator[Line]:
    hosts = list(HostHeartbeat.objects.all())
    alive = [host.host for host in hosts if host.is_alive()]
    queued = Run.objects.filter(status=RunStatus.QUEUED).count()
    fix = _("Start `guardianflow worker`, or `guardianflow up` for everything.")
    if alive:
        yield good("worker", _("Alive on {hosts}").format(hosts=", ".join(alive)))
        if drained := [host.host for host in hosts if host.is_alive() and host.is_drained]:
            yield warn(
                "worker",
                _("{hosts} take no new runs.").format(hosts=", ".join(drained)),
                _("`guardianflow drain HOST --off` lets one take runs again."),
            )
    elif queued:
        text = _("No worker is running, and {count} runs are waiting.").format(count=queued)
        yield bad("worker", text, fix)
    else:
        yield warn("worker", _("No worker is running; queued runs will wait."), fix)


def _unsent() -> Iterator[Line]:
    waiting = Run.objects.filter(status__in=TERMINAL).exclude(mlflow_error="")
    last = waiting.exclude(mlflow_state=MlflowState.SENT).order_by("-pk")
    if (run := last.first()) is None:
        return
    yield warn(
        "mlflow",
        _("{count} ended runs are not in MLflow yet: {reason}").format(
            count=last.count(),
            reason=_one_line(run.mlflow_error),
        ),
        _("The worker sends them again until MLflow accepts them."),
    )


def _one_line(message: Message | None) -> str:
    return " ".join(message_text(message, keep="\n").split())[:200] if message else ""


def _secrets() -> Iterator[Line]:
    """Report exposed secrets: files readable by others, or values in older run folders."""
    if not secret_values.is_private():
        yield bad(
            "secrets",
            _("{folder} is readable by other users.").format(folder=secret_values.folder()),
            f"chmod -R go= {secret_values.folder()}",
        )
    found = list(older_secrets.found())
    if older := [older_run for older_run in found if older_run.in_folder]:
        yield warn(
            "secrets",
            _(
                "{count} run folders from before hold secret values, for example of run {run}."
            ).format(count=len(older), run=older[-1].run.pk),
            _("`guardianflow mask-secrets` masks them. Then replace those secrets by new ones."),
        )
    if tracked := [older_run.run for older_run in found if older_run.in_mlflow]:
        yield warn(
            "secrets",
            _("MLflow holds secret values of {count} runs, for example of run {run}.").format(
                count=len(tracked), run=tracked[-1].pk
            ),
            _(
                "Delete these runs there for good (`mlflow gc`), as parameters cannot be changed. "
                "Then `guardianflow mask-secrets --deleted-in-mlflow` ends this warning."
            ),
        )


def mlflow() -> Iterator[Line]:
    """Report whether MLflow responds. It may be down: no run waits for it."""
    from runs_app.tracking import store

    if settings.MLFLOW_IS_EMBEDDED and not (Path(settings.MLFLOW_HOME) / "mlflow.sqlite3").exists():
        yield good("mlflow", _("The store is created when the first run ends"))
        return
    name = _address()
    try:
        store.probe()
        with store.translated_errors():
            store.client().search_experiments(max_results=1)
    except TrackingError as error:
        yield warn(
            "mlflow",
            _("{name} does not respond: {reason}").format(name=name, reason=error),
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
    """The address of MLflow, without a password."""
    if settings.MLFLOW_IS_EMBEDDED:
        return str(settings.MLFLOW_HOME)
    parts = urlsplit(str(settings.MLFLOW_TRACKING_URI))
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def gpus() -> Iterator[Line]:
    """Report the NVIDIA GPUs for runs of this machine; having none is fine."""
    health = executor().health()
    if health.device_error:
        yield warn(
            "gpu",
            _("The driver does not respond: {reason}").format(reason=health.device_error),
            _("Run `nvidia-smi`; a machine needs a restart after an update of its driver."),
        )
        return
    if not health.devices:
        yield good("gpu", _("No NVIDIA GPU here; scripts run on the CPU"))
    for gpu in health.devices:
        yield good(
            "gpu",
            _("{index}: {name}, {free:.1f} of {total:.1f} GiB free").format(
                index=gpu.index,
                name=gpu.name,
                free=gpu.free_mib / 1024,
                total=gpu.total_mib / 1024,
            ),
        )
