"""`doctor` on the isolation of scripts: start a probe, and let it try to break out.

The probe is started like every script, by a supervisor with the fence of the settings. It tries
what a script should not be able to do to the portal, and leaves no change behind.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.doctor.line import Line, bad, good, warn
from registry_app.files import disk_full
from runs_app.executors import fencing, script_user
from runs_app.executors.base import Submission
from runs_app.executors.chosen import executor
from runs_app.executors.isolation import isolation_of, isolation_text
from runs_app.queue import sockets
from runs_app.runner.environment import script_environment
from runs_app.runner.exceptions import RunnerError
from runs_app.runner.folder import RunFolder
from runs_app.runner.folder_records import Spec
from runs_app.runner.isolation import attempts
from runs_app.runner.isolation.fence import OFF, OPEN_FOLDER, frozen_folders
from runs_app.runner.other_user import current

AREA = "isolation"
LIMIT_S = 60
POLL_S = 0.02
# More would slow down every start: about 15 ms for a thousand.
MAX_RULES = 1000

WORDS: Mapping[str, str | Promise] = {
    "read_secret_key": gettext_lazy("read the secret key"),
    "read_database": gettext_lazy("read the database"),
    "write_database": gettext_lazy("write the database"),
    "write_home": gettext_lazy("write into the data directory"),
    "read_other_run": gettext_lazy("read another run's log"),
    "write_other_run": gettext_lazy("write another run's log"),
    "write_own_record": gettext_lazy("write its own run's records"),
    "read_environment": gettext_lazy("read the environment of the portal's processes"),
    "open_memory": gettext_lazy("write the memory of the portal's processes"),
    "trace": gettext_lazy("trace the portal's processes"),
    "signal_portal": gettext_lazy("end the portal's processes"),
    "signal_supervisor": gettext_lazy("end its own supervisor"),
    "write_code": gettext_lazy("write the portal's code"),
    "write_packages": gettext_lazy("write the portal's packages"),
    "write_other_experiment": gettext_lazy("write into another experiment"),
    "change_mode_of_home": gettext_lazy("change the access rights of the data directory"),
    "reach_worker_socket": gettext_lazy("send to the worker's socket"),
    "reach_abstract_socket": gettext_lazy("reach another process over an abstract socket"),
    "reach_mlflow": gettext_lazy("reach MLflow without logging in"),
}


def scripts() -> Iterator[Line]:
    """Report what a script can do to the portal, by trying."""
    user = current()
    if user is not None and user.unreachable():
        return  # the line about the user reports it
    try:
        isolation, tried = _probe()
    except (RunnerError, OSError, ValueError) as error:
        yield bad(AREA, *_not_started(error))
        return
    yield _attempts_line(isolation, tried)
    yield from _frozen()
    if isolation.get("rules", 0) >= MAX_RULES:
        yield warn(
            AREA,
            _("The fence has {count} rules, which slows down every start.").format(
                count=isolation["rules"]
            ),
            _("Move the data directory to a folder with few entries next to it and above it."),
        )


def _not_started(error: Exception) -> tuple[str, str]:
    """Return why the probe did not start, and the fix: a full disk is not the fence's fault."""
    text = _("A script cannot be started as runs are: {reason}")
    if full := disk_full.trouble(error):
        reason, fix = full
        return text.format(reason=reason), fix
    return (
        text.format(reason=error),
        _("Repair what this names; GUARDIANFLOW_FENCE=off starts scripts without a fence."),
    )


def _attempts_line(isolation: Mapping[str, Any], tried: Mapping[str, str]) -> Line:
    done = [str(WORDS[name]) for name, error in tried.items() if not error]
    counts = _("{refused} of {count} attempts were refused").format(
        refused=len(tried) - len(done), count=len(tried)
    )
    text = f"{isolation_text(isolation)}. {counts}"
    if not done:
        return good(AREA, text)
    text = _("{text}; a script could {attempts}.").format(text=text, attempts=", ".join(done))
    if isolation.get("run_as"):
        return warn(
            AREA, text, _("GUARDIANFLOW_FENCE=portal or strict closes most of it; see SECURITY.md.")
        )
    if isolation.get("fence", OFF) != OFF:
        return warn(
            AREA,
            text,
            _(
                "The fence prevents accidents, not attacks. Run scripts as another user if their "
                "authors are not administrators; see SECURITY.md."
            ),
        )
    return bad(
        AREA,
        _(
            "{text} So anyone who queues or edits a script has the rights of an administrator."
        ).format(text=text),
        _unfenced_fix(isolation),
    )


def _unfenced_fix(isolation: Mapping[str, Any]) -> str:
    if settings.GUARDIANFLOW_FENCE == OFF:
        return _("Unset GUARDIANFLOW_FENCE; then scripts run inside the fence.")
    if isolation.get("reason") == OPEN_FOLDER:
        return _("Move GUARDIANFLOW_HOME out of {path}.").format(path=isolation.get("path"))
    return _("Use a kernel from Linux 5.19 on with Landlock, or let scripts run as another user.")


def _frozen() -> Iterator[Line]:
    fence = fencing.script_fence(Path("/"))
    home = os.path.realpath(os.path.expanduser("~"))
    if fence and home in frozen_folders(fence):
        yield warn(
            AREA,
            _(
                "The portal is below {folder}, so scripts cannot create entries there; "
                "existing ones they can use."
            ).format(folder=home),
            _("Put checkout and GUARDIANFLOW_HOME outside of it, as in /opt and /var/lib."),
        )


def _probe() -> tuple[dict[str, Any], dict[str, str]]:
    """Run the probe; return what isolated it, and the error of each attempt ('' for none).

    Raises RunnerError, OSError or ValueError if it does not finish.
    """
    directory, other = _experiments()
    with _run_folder() as folder, _abstract_socket() as name:
        targets = _targets(folder, other) | {"abstract_socket": name}
        argv = (
            *(str(settings.GUARDIANFLOW_PYTHON), "-I", "-S", "-B"),
            *(attempts.__file__, json.dumps(targets)),
        )
        spec = Spec(
            run=folder.path.name,
            token=uuid.uuid4().hex,
            argv=argv,
            cwd=str(directory),
            timeout_s=LIMIT_S,
            fence=fencing.script_fence(directory, writes=[folder.scratch]),
        )
        environment = script_environment(
            executor().environment(),
            interpreter=Path(settings.GUARDIANFLOW_PYTHON),
            cwd=directory,
            run_id=spec.run,
            folder=folder,
            context_tags={},
        )
        spec, environment = script_user.started_as(spec, environment)
        folder.create(spec)
        executor().submit(Submission(id=spec.run, folder=folder, environment=environment))
        _wait_for_end(folder)
        return isolation_of(folder), _attempt_results(folder)


def _wait_for_end(folder: RunFolder) -> None:
    until = time.monotonic() + 2 * LIMIT_S
    while folder.exit_record() is None:
        if time.monotonic() > until:
            raise ValueError(_("it did not end within {seconds} s").format(seconds=2 * LIMIT_S))
        time.sleep(POLL_S)


def _attempt_results(folder: RunFolder) -> dict[str, str]:
    lines = folder.stdout.read_text(encoding="utf-8", errors="replace").splitlines()
    for line in lines:
        if line.startswith(attempts.MARK):
            results: dict[str, str] = json.loads(line.removeprefix(attempts.MARK))
            return results
    record = folder.exit_record()
    stderr = folder.stderr.read_text(encoding="utf-8", errors="replace").strip()
    raise ValueError((record.error if record else "") or stderr.rpartition("\n")[2])


def _targets(folder: RunFolder, other_experiment: str) -> dict[str, Any]:
    """Return the targets of the probe; '' for those that do not exist."""
    worker_socket = sockets.path_of(sockets.Listener.TICKER)
    is_file = connection.vendor == "sqlite"
    return {
        "secret_key": str(Path(settings.GUARDIANFLOW_HOME) / "secret_key"),
        "database": str(connection.settings_dict["NAME"]) if is_file else "",
        "home": str(settings.GUARDIANFLOW_HOME),
        "own_run": str(folder.path),
        "other_run": _other_log(folder),
        "process": os.getpid(),
        "code": str(settings.BASE_DIR),
        "packages": sys.prefix,
        "other_experiment": other_experiment,
        "worker_socket": str(worker_socket) if worker_socket and worker_socket.exists() else "",
        "mlflow": _mlflow_address(),
    }


def _other_log(folder: RunFolder) -> str:
    logs = Path(settings.RUNS_DIR).glob("*/stdout.log")
    return next((str(log) for log in logs if log.parent != folder.path), "")


def _mlflow_address() -> list[Any]:
    """Return host and port if MLflow responds now, else []."""
    parts = urlsplit(str(settings.GUARDIANFLOW_MLFLOW_UI))
    host, port = parts.hostname or "127.0.0.1", parts.port or 80
    try:
        socket.create_connection((host, port), 1).close()
    except OSError:
        return []
    return [host, port]


def _experiments() -> tuple[Path, str]:
    """Return the directory to start in, and a file of another experiment ('' without one)."""
    directories: list[Path] = []
    for root in settings.GUARDIANFLOW_ROOTS:
        if root.is_dir():
            directories += [path for path in sorted(root.iterdir()) if path.is_dir()]
    if not directories:
        return Path("/"), ""
    files = (path for folder in directories[1:] for path in folder.iterdir())
    return directories[0], next((str(file) for file in files if file.is_file()), "")


@contextmanager
def _run_folder() -> Iterator[RunFolder]:
    """Make a temporary folder next to those of the runs, as a script has one."""
    runs = Path(settings.RUNS_DIR)
    was_there = runs.exists()
    folder = RunFolder(runs / str(uuid.uuid4()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder.path, ignore_errors=True)
        if not was_there:
            with suppress(OSError):
                runs.rmdir()


@contextmanager
def _abstract_socket() -> Iterator[str]:
    """Listen on a socket to which any process of this machine may connect; yield its name."""
    name = f"guardianflow-doctor-{uuid.uuid4()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(f"\0{name}")
        listener.listen()
        yield name
