"""What people decide about the children of roots: drafted by every scan, or never listed.

A decision is about a path. It is in the database alone, in no registry file, and takes effect at
the next scan. Taking it back leaves an experiment that was drafted meanwhile as it is.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from registry_app.changes.directories import archived_directories, known_directories
from registry_app.choices import ChildDecision
from registry_app.exceptions import RegistryError
from registry_app.findings.left_out import experiment_of
from registry_app.messages import Message
from registry_app.models import Proposal, ScanDecision
from registry_app.scan.candidates import candidates
from registry_app.scan.left_out import Decided, key_of
from registry_app.scan.run import written_path
from registry_app.texts import left_out as texts
from registry_app.texts.changes import IS_ARCHIVED

logger = logging.getLogger(__name__)


def decided() -> Decided:
    """Return all decisions for a scan.

    A directory that has an experiment meanwhile, as from a registry file, is read all the same.
    """
    rows = dict(ScanDecision.objects.values_list("path", "decision"))
    added = {path for path, decision in rows.items() if decision == ChildDecision.ADD}
    never = rows.keys() - added
    if never:
        known = known_directories()
        never = {path for path in never if experiment_of(Path(path), known) is None}
    return Decided(added=frozenset(added), never=frozenset(never))


def decide(key: str, decision: ChildDecision, *, by: AbstractBaseUser | None) -> ScanDecision:
    """Write down a decision, in place of an earlier one.

    Raises RegistryError where the directory has an experiment, or cannot become one.
    """
    path = Path(key)
    name = experiment_of(path, known_directories())
    if name is not None:
        refusal = texts.ADDED_ALREADY if decision is ChildDecision.ADD else texts.HAS_EXPERIMENT
        raise RegistryError(refusal(path=key, name=name))
    if decision is ChildDecision.ADD and (reason := _why_not_added(path)):
        raise RegistryError(texts.CANNOT_BE_ADDED(path=key, reason=reason))
    row, _is_new = ScanDecision.objects.update_or_create(
        path=key,
        defaults={
            "decision": decision,
            "at": timezone.now(),
            "by_id": by.pk if by is not None else None,
        },
    )
    logger.info("decided decision=%s path=%s", decision, key)
    return row


def take_back(key: str) -> None:
    """Delete the decision about a path; raises RegistryError if there is none."""
    deleted, _of_models = ScanDecision.objects.filter(path=key).delete()
    if not deleted:
        raise RegistryError(texts.NOTHING_DECIDED(path=key))
    logger.info("decision taken back path=%s", key)


def child_named(written: str, roots: Sequence[Path]) -> Path:
    """Return the child of a root that a person names in a terminal; it need not exist.

    A relative path starts at the current folder, or else at the first root that has it. Raises
    RegistryError for what is not directly inside a root.
    """
    expanded = Path(os.path.expanduser(written))
    places = [Path(os.path.abspath(expanded))]
    if not expanded.is_absolute():
        places += [
            place
            for root in roots
            if os.path.lexists(place := Path(os.path.abspath(root / expanded)))
        ]
    for place in places:
        for root in roots:
            if os.path.realpath(place.parent) == os.path.realpath(root):
                return root / place.name
    raise RegistryError(texts.NOT_A_CHILD(path=written, roots=[str(root) for root in roots]))


def existing_child(written: str, roots: Sequence[Path]) -> Path:
    """Return the same; raises RegistryError also if there is no such file, folder or link."""
    path = child_named(written, roots)
    if not os.path.lexists(path):
        raise RegistryError(texts.NOT_THERE(path=key_of(path)))
    return path


def _why_not_added(path: Path) -> Message | None:
    """Return why a scan cannot draft an experiment for a child of a root, None if it can."""
    archived = experiment_of(path, archived_directories())
    if archived is not None:
        return IS_ARCHIVED(name=archived)
    renamed = Proposal.objects.open().filter(field="path", value=written_path(path))
    if name := renamed.values_list("experiment__name", flat=True).first():
        return texts.RENAMED(name=name)
    key = key_of(path)
    wanted = Decided(added=frozenset({key}))
    found = candidates([Path(root) for root in settings.GUARDIANFLOW_ROOTS], wanted)
    for child in found.left_out:
        if child.key == key:
            return child.reason
    return _why_unreadable(path)


def _why_unreadable(path: Path) -> Message | None:
    try:
        with os.scandir(path):
            return None
    except FileNotFoundError:
        return texts.NOT_THERE(path=key_of(path))
    except OSError as error:
        return texts.UNREADABLE(problem=error.strerror)
