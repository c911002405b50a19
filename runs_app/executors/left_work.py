"""Whether the processes that a script left running, and the portal ended, were its actual work."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from registry_app.inference.purpose.shell_commands import background_work
from runs_app.executors.script_text import script_text
from runs_app.models import Run
from runs_app.runner.command.launcher import SHELL
from runs_app.runner.folder_records import ExitRecord


def ended_work(run: Run, record: ExitRecord) -> str:
    """Return the work that was ended after its launcher had returned; '' if there was none.

    A launcher that does its work and leaves a TensorBoard behind has done its work. A launcher
    that only starts the work (`nohup python train.py &`) has not; neither has a script that leaves
    another script of this run's type running.
    """
    if not record.stragglers or record.background:
        return ""
    if PurePosixPath(run.script).suffix.lower() in SHELL:
        return _of_launcher(run, record)
    others = {command.rpartition(" ")[2] for command in record.left} - {run.script}
    rows = run.experiment.scripts.filter(path__in=others)
    return next((row.path for row in rows if run.type in row.types), "")


def _of_launcher(run: Run, record: ExitRecord) -> str:
    """Return what a launcher started in the background and did not wait for, if it did only that.

    If the processes that were left are known, one must be that work, the launcher itself or an
    unnamed Python.
    """
    work = background_work(script_text(Path(run.cwd), run.script))
    if not work:
        return ""
    names = {PurePosixPath(path).name for path in work}
    left = {PurePosixPath(command.rpartition(" ")[2]).name for command in record.left}
    is_launcher_itself = PurePosixPath(run.script).name in left
    is_unnamed = any(command.startswith("python") and " " not in command for command in record.left)
    is_work = not left or left & names or is_launcher_itself or is_unnamed
    return work[0] if is_work else ""
