"""The commits of a promotion in the core repository: one that adds it, one that takes it back.

Both are made by plumbing, without a checkout, and pushed to branches of their own. A person merges
them; nothing is ever pushed to the main branch or forced.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

from django.db.models import QuerySet

from registry_app.changes.known_names import is_name_of
from registry_app.files.core_scripts import FOLDER, PREFIX, is_core
from registry_app.inference.code.trainer_classes import trainer_classes
from registry_app.sync.authors import Person, person_of
from registry_app.sync.errors import SyncError
from registry_app.sync.git.place import core_repository, named
from registry_app.sync.git.repository import PORTAL, Change, Pushed, Repository
from runs_app.choices import PromotionState, RunStatus
from runs_app.executors.base import folder_of
from runs_app.models import Promotion, Run
from runs_app.promotion import core_files
from runs_app.promotion.core_files import (
    BASE,
    CONFIG,
    MLPROJECT,
    TEST,
    TRAINER,
    Addition,
    Entry,
    Found,
)
from runs_app.records import source
from runs_app.texts import promotion as texts
from runs_app.texts.trainers import TRAINER_OF_ANOTHER
from runs_app.trainers import gf_base
from runs_app.trainers.adapter import folder_name
from runs_app.trainers.record import header

MAX_TRAINER_BYTES = 2**20
# More runs are not asked for the trainer as it was compared.
MAX_RUNS = 20


def repository() -> Repository:
    """Return the core repository of the settings; raises SyncError."""
    return core_repository().repository


def entry_of(promotion: Promotion) -> Entry:
    """Return what the core section says of a promotion."""
    return Entry(
        model=promotion.mlflow_name,
        version=promotion.mlflow_version,
        sha256=promotion.main_sha256,
        trainer=trainer_folder(promotion),
        since=(promotion.approved_at or promotion.requested_at).date(),
    )


def found_in(data: bytes, path: str, promotion: Promotion) -> Found | None:
    """Return the entry of a promotion in a registry file, under whichever name; None without."""
    return core_files.found_in(data, path, promotion.experiment.name, entry_of(promotion))


def trainer_path(promotion: Promotion) -> PurePosixPath:
    """Return the path of the trainer in the core repository: where it is, or where it goes."""
    if is_core(promotion.trainer):
        return PurePosixPath(promotion.trainer.removeprefix(PREFIX))
    return PurePosixPath(FOLDER, folder_name(promotion.experiment.name), TRAINER)


def trainer_folder(promotion: Promotion) -> str:
    """Return the folder of the trainer in the core repository."""
    return str(trainer_path(promotion).parent)


def integrate(promotion: Promotion, entry_points: Mapping[str, Any]) -> None:
    """Put the promotion on its branch, and store the commit before it is pushed.

    `entry_points` are those of the experiment for MLproject. Repeatable: the same content is the
    same tree, which is not pushed again. Raises SyncError.
    """
    of = repository()
    head = of.fetch()
    trainer = trainer_path(promotion)
    paths = [str(trainer.with_name(name)) for name in (trainer.name, BASE, CONFIG, TEST)]
    there = _contents(of, head, (of.path, MLPROJECT, *paths))
    if MLPROJECT in there:
        entry_points = core_files.new_entry_points(there[MLPROJECT], entry_points)
    is_there = str(trainer) in there
    if is_there:
        _check_owner(promotion, str(trainer), there[str(trainer)])
    data, base = (b"", b"") if is_there else _trainer(promotion)
    addition = Addition(
        name=promotion.experiment.name,
        entry=entry_of(promotion),
        former=_former(promotion, there.get(of.path, b""), of.path),
        file=trainer.name,
        trainer=data,
        base=base,
        config=_config(promotion),
        entry_points=entry_points,
    )
    files = core_files.added(addition, there, of.path)
    if not files:  # it was merged before the portal could store that it had pushed
        return
    changes = [Change(path=path, data=data) for path, data in files.items()]
    people = [named(person) for person in _people(promotion)]
    commit = of.commit_all(head, changes, by=people[0], message=_message(promotion, people[1:]))
    promotion.core_branch = f"guardianflow/integrate-{promotion.pk}"
    before, promotion.core_wanted = (promotion.core_commit, promotion.core_wanted), commit
    promotion.core_entry_points = dict(entry_points)
    promotion.core_changes = [
        {"path": path, "old": of.blob(head, path), "new": of.blob(commit, path)} for path in files
    ]
    promotion.save(
        update_fields=["core_branch", "core_wanted", "core_changes", "core_entry_points"]
    )
    promotion.core_commit = _proposed(of, commit, promotion.core_branch, *before)
    promotion.save(update_fields=["core_commit"])


def take_back(promotion: Promotion, previous: Promotion | None) -> None:
    """Delete the branch if it was not merged, else push a commit that undoes the promotion.

    A file that still is the promoted one gets its old content, or goes. One that was edited since
    is undone by field where the portal knows the fields, and stays where it does not. `previous`
    is the promotion that is in force again, whose entry comes back. Raises SyncError.
    """
    if not promotion.core_branch:
        return
    of = repository()
    head = of.fetch()
    registry = of.read(head).data
    own = found_in(registry, of.path, promotion)
    is_merged = own is not None and own.is_right
    # A person may have edited the entry since; the commit is in the history all the same.
    if not is_merged and not of.has(promotion.core_commit, in_history_of=head):
        # The last push may have arrived though the portal could not store that it did.
        for last in filter(None, (promotion.core_wanted, promotion.core_commit)):
            of.withdraw(promotion.core_branch, last=last)
        return
    changes, left = _undone(of, head, promotion, previous)
    if left:
        promotion.withdrawal_remark = texts.EDITED_SINCE(file=", ".join(left))
    if changes:
        person = [named(person_of(promotion.withdrawn_by))] if promotion.withdrawn_by else [PORTAL]
        subject = texts.WITHDRAWAL_SUBJECT.format(name=promotion.experiment.name)
        message = f"{subject}\n\n{promotion.withdrawal_reason}\n"
        commit = of.commit_all(head, changes, by=person[0], message=message)
        promotion.withdrawal_branch = f"guardianflow/withdraw-{promotion.pk}"
        before, promotion.withdrawal_commit = promotion.withdrawal_commit, commit
        _proposed(of, commit, promotion.withdrawal_branch, before)
    promotion.save(update_fields=["withdrawal_branch", "withdrawal_commit", "withdrawal_remark"])


def _undone(
    of: Repository, head: str, promotion: Promotion, previous: Promotion | None
) -> tuple[list[Change], list[str]]:
    """Return the changes that undo a promotion, and the files that stay as people edited them."""
    changes, left = [], []
    for change in promotion.core_changes:
        path, old, new = str(change["path"]), str(change["old"]), str(change["new"])
        now = of.blob(head, path)
        if not now:
            continue
        if now == new:
            changes.append(Change(path=path, data=of.content(old) if old else None))
            continue
        data = of.content(now)
        if path == of.path:
            undone = _without_entry(data, path, promotion, previous)
        elif path == MLPROJECT:
            undone = core_files.without_entry_points(data, promotion.core_entry_points)
        else:
            left.append(path)
            continue
        if undone != data:
            changes.append(Change(path=path, data=undone))
        elif path == of.path and previous is None and found_in(data, path, promotion):
            left.append(path)
    return changes, left


def _without_entry(
    data: bytes, path: str, promotion: Promotion, previous: Promotion | None
) -> bytes:
    own = found_in(data, path, promotion)
    name = own.name if own is not None else promotion.experiment.name
    if previous is not None:
        return core_files.with_entry(path, data, name, entry_of(previous))
    return core_files.without_entry(data, path, name, entry_of(promotion))


def _former(promotion: Promotion, data: bytes, path: str) -> tuple[str, ...]:
    """Return the former name under which the promotion in force has its entry, if it has one."""
    in_force = Promotion.objects.filter(
        experiment=promotion.experiment_id, state=PromotionState.PROMOTED
    )
    entries = [found_in(data, path, one) for one in in_force if one.pk != promotion.pk]
    names = {one.name for one in entries if one is not None and one.is_right}
    return tuple(sorted(names - {promotion.experiment.name}))


def _contents(of: Repository, commit: str, paths: Sequence[str]) -> dict[str, bytes]:
    """Return the content of the files that are there; raises SyncError for links and folders."""
    versions = {path: of.at(path).read(commit) for path in dict.fromkeys(paths)}
    return {path: version.data for path, version in versions.items() if version.blob}


def _check_owner(promotion: Promotion, path: str, data: bytes) -> None:
    """Raise SyncError if the trainer that is there is one of another experiment."""
    try:
        found = trainer_classes(path, ast.parse(data))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        found = []
    experiment = promotion.experiment
    if found and not any(is_name_of(one.experiment, experiment) for one in found):
        raise SyncError(
            TRAINER_OF_ANOTHER(path=path, other=found[0].experiment, experiment=experiment.name)
        )


def _trainer(promotion: Promotion) -> tuple[bytes, bytes]:
    """Return the trainer as it was compared, and its base: from the record of a run of it."""
    hashes: Mapping[str, str] = promotion.parity.hashes if promotion.parity else {}
    runs = () if is_core(promotion.trainer) else _runs_of_trainer(promotion)[:MAX_RUNS]
    for run in runs:
        data = _archived(run, promotion.trainer, hashes.get("trainer"))
        if data is not None:
            beside = str(PurePosixPath(promotion.trainer).with_name(BASE))
            base = _archived(run, beside, hashes.get("gf_base"))
            return data, base or Path(gf_base.__file__).read_bytes()
    raise SyncError(texts.TRAINER_UNKNOWN(experiment=promotion.experiment.name))


def _archived(run: Run, path: str, wanted: str | None) -> bytes | None:
    data = source.archived(run.folder, path, max_bytes=MAX_TRAINER_BYTES)
    is_right = data is not None and wanted in {None, sha256(data).hexdigest()}
    return data if is_right else None


def _config(promotion: Promotion) -> Mapping[str, Any]:
    """Return the settings with which the trainer ran, as its record has them."""
    run = _runs_of_trainer(promotion).first()
    found = header(folder_of(run)) if run is not None else None
    return found.config if found is not None else {}


def _runs_of_trainer(promotion: Promotion) -> QuerySet[Run]:
    runs = Run.objects.filter(experiment=promotion.experiment_id, status=RunStatus.SUCCEEDED)
    return runs.filter(script=promotion.trainer).order_by("-pk")


def _people(promotion: Promotion) -> list[Person]:
    users = dict.fromkeys(filter(None, (promotion.requested_by, promotion.approved_by)))
    return [person_of(user) for user in users] or [PORTAL]


def _message(promotion: Promotion, also: Sequence[Person]) -> str:
    entry = entry_of(promotion)
    subject = texts.COMMIT_SUBJECT.format(name=promotion.experiment.name)
    trailers = "".join(f"Co-authored-by: {name} <{email}>\n" for name, email in also)
    facts = f"Model: {entry.model} version {entry.version}\nSHA-256: {entry.sha256}\n"
    return f"{subject}\n\n{promotion.reason}\n\n{facts}" + (f"\n{trailers}" if trailers else "")


def _proposed(of: Repository, commit: str, branch: str, *before: str) -> str:
    """Push a commit to a branch of the portal; return the commit that the branch is at.

    `before` are commits that the portal may have pushed there: the last one may not have arrived.
    """
    answer = of.propose(commit, branch, last="")
    for last in filter(None, before):
        if answer.pushed is Pushed.CHANGED:
            answer = of.propose(commit, branch, last=last)
    if answer.pushed is Pushed.CHANGED:
        raise SyncError(texts.BRANCH_CHANGED(branch=branch))
    if answer.pushed is Pushed.REFUSED:
        raise SyncError(texts.BRANCH_REFUSED(branch=branch, problem=answer.reason))
    return answer.commit or commit
