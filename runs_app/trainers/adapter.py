"""Draft the adapter of an experiment, and put it where an engineer takes it from.

A branch of the core repository, a folder, or standard output; never the experiment's directory.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from registry_app.exceptions import PathRefusedError
from registry_app.files.core_scripts import FOLDER, is_core
from registry_app.files.paths import experiment_directory, link_rule, script_inside
from registry_app.files.text_file import write_text
from registry_app.inference.code.project import Project
from registry_app.messages import message_of
from registry_app.models import Experiment
from registry_app.scan.files import Files
from registry_app.scan.walk import walk
from registry_app.sync.authors import Person
from registry_app.sync.errors import SyncError
from registry_app.sync.git import branches
from registry_app.sync.git.place import core_repository
from registry_app.sync.git.repository import PORTAL, Pushed
from runs_app.exceptions import RefusedError
from runs_app.texts import drafts as texts
from runs_app.trainers.draft import Draft, draft

BASE = Path(__file__).with_name("gf_base.py")


@dataclass(frozen=True, kw_only=True)
class Adapter:
    """A drafted adapter: its files by path in the core repository."""

    draft: Draft
    script: str
    files: dict[str, str]

    @property
    def default(self) -> str:
        """The default script of an entry point that runs it."""
        return f"core:{next(iter(self.files))}"


def adapter_of(experiment: Experiment, type: str, *, script: str = "") -> Adapter:  # noqa: A002
    """Draft the adapter of a script, or of the default script of a type.

    Raises RefusedError, or DraftError if the script has none.
    """
    entry = experiment.entry_points.filter(type=type).first()
    named = script or (entry.default_script if entry else "")
    if not named or is_core(named):
        raise RefusedError(texts.ADAPTER_NEEDS_SCRIPT(experiment=experiment.name, type=type))
    try:
        directory = experiment_directory(experiment)
        script_inside(directory, named)
    except PathRefusedError as error:
        raise RefusedError(message_of(error)) from error
    files = Files(walk(directory, links=link_rule()))
    project = Project(name=directory.name, paths=list(files.listing.files), read=files.read)
    folder = entry.working_directory if entry else ""
    drafted = draft(project, os.path.normpath(named), experiment=experiment.name, folder=folder)
    place = f"{FOLDER}/{folder_name(experiment.name)}"
    base = BASE.read_text(encoding="utf-8")
    return Adapter(
        draft=drafted,
        script=named,
        files={f"{place}/trainer.py": drafted.text, f"{place}/gf_base.py": base},
    )


def folder_name(experiment: str) -> str:
    """Return the folder of an experiment below `trainers`: its name without slashes."""
    name = "".join(sign if sign.isprintable() else "-" for sign in experiment)
    return re.sub(r"[/\\:]", "-", name).strip(". ") or "experiment"


def branch_name(experiment: str) -> str:
    """Return the branch for an experiment's adapter; git takes it whatever the name."""
    name = re.sub(r"\.{2,}", ".", re.sub(r"[^\w.+-]", "-", experiment)).strip(".-")
    return f"guardianflow/adapter-{name.removesuffix('.lock') or 'experiment'}"


def write(adapter: Adapter, folder: Path) -> list[Path]:
    """Write the files below a folder; raises RefusedError rather than replace another trainer."""
    place = Path(os.path.realpath(folder))
    for root in settings.GUARDIANFLOW_ROOTS:
        if place.is_relative_to(os.path.realpath(root)):
            raise RefusedError(texts.ADAPTER_IN_ROOT(folder=folder, root=root))
    written = [place / path for path in adapter.files]
    for file, text in zip(written, adapter.files.values(), strict=True):
        if file.exists() and file.name != BASE.name and file.read_text(encoding="utf-8") != text:
            raise RefusedError(texts.ADAPTER_THERE(file=file))
    for file, text in zip(written, adapter.files.values(), strict=True):
        try:
            write_text(file, text)
        except OSError as error:
            problem = error.strerror or type(error).__name__
            raise RefusedError(texts.ADAPTER_UNWRITABLE(file=file, problem=problem)) from error
    return written


def push(adapter: Adapter, experiment: str, *, by: Person | None = None) -> str:
    """Put the files on a branch of the core repository; return the branch.

    Raises RefusedError if no core repository is set, it is out of reach or takes no push, or the
    branch has commits of others.
    """
    if not settings.GUARDIANFLOW_CORE_URL:
        raise RefusedError(texts.ADAPTER_NEEDS_PLACE())
    branch = branch_name(experiment)
    try:
        repository = core_repository().repository
        answer = branches.propose(
            repository,
            {path: text.encode() for path, text in adapter.files.items()},
            branch=branch,
            subject=f"Draft the adapter of {folder_name(experiment)}",
            by=by or PORTAL,
        )
    except SyncError as error:
        raise RefusedError(error.message) from error
    url = repository.shown_url
    if answer.pushed is Pushed.CHANGED:
        raise RefusedError(texts.ADAPTER_BRANCH_TAKEN(branch=branch, url=url))
    if answer.pushed is Pushed.REFUSED:
        raise RefusedError(
            texts.ADAPTER_PUSH_REFUSED(branch=branch, url=url, problem=answer.reason)
        )
    return branch
