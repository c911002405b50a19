"""List the experiment directories of the roots; a bad child costs itself, never its root.

Every child of a root is exactly one of these: a directory to read, left out for a reason, or one
that people decided never to see again.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from registry_app.exceptions import ScanError
from registry_app.inference.site.name_words import composed
from registry_app.messages import Message
from registry_app.scan.contents import is_environment
from registry_app.scan.left_out import NOTHING_DECIDED, Decided, LeftOut, key_of
from registry_app.texts import left_out, remarks
from registry_app.texts.changes import SAME_NAME

MAX_NAME_LENGTH = 200


@dataclass(kw_only=True)
class Candidates:
    """The directories to read by the name of their experiment, and all other children.

    `warnings` are about the roots.
    """

    by_name: dict[str, Path] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    never: list[Path] = field(default_factory=list)
    warnings: list[Message] = field(default_factory=list)

    @property
    def directories(self) -> list[tuple[str, Path]]:
        return sorted(self.by_name.items())

    def leave(self, path: Path, reason: Message) -> None:
        self.left_out.append(LeftOut(path=path, reason=reason))


def candidates(roots: Sequence[Path], decided: Decided = NOTHING_DECIDED) -> Candidates:
    """Return the direct children of the roots, and which of them can be experiments.

    Raises ScanError if two roots hold directories of the same name. A name in both forms of
    Unicode is one name; a link and the directory in the roots that it leads to are one experiment.
    """
    found = Candidates()
    for root in roots:
        for path in _folders(root, found, decided):
            name = composed(path.name)
            earlier = found.by_name.get(name)
            if earlier is None:
                found.by_name[name] = path
            elif earlier.parent == path.parent:
                found.leave(path, left_out.SAME_IN_UNICODE(name=name))
            else:
                raise ScanError(SAME_NAME(name=name, one=earlier, other=path))
    _leave_links_to_others(found)
    return found


def _folders(root: Path, found: Candidates, decided: Decided) -> Iterator[Path]:
    """Yield the children of a root that can be experiments; note all others."""
    try:
        with os.scandir(root) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
    except FileNotFoundError:
        found.warnings.append(remarks.NO_ROOT().at(str(root)))
        return
    except OSError as error:
        found.warnings.append(remarks.UNREADABLE(problem=error.strerror).at(str(root)))
        return
    for entry in entries:
        path = root / entry.name
        key = key_of(path)
        if key in decided.never:
            found.never.append(path)
            continue
        reason = _why_not(entry, path, is_added=key in decided.added)
        if reason is None:
            yield path
        else:
            found.leave(path, reason)


def _why_not(entry: os.DirEntry[str], path: Path, *, is_added: bool) -> Message | None:
    """Return why a child of a root cannot be an experiment, None if it can."""
    if (reason := _why_no_folder(entry, path)) is not None:
        return reason
    if not _can_be_named(entry.name):
        return left_out.BAD_NAME()
    if is_added:
        return None
    if entry.name.startswith("."):
        return left_out.HIDDEN()
    return left_out.ENVIRONMENT() if is_environment(path) else None


def _why_no_folder(entry: os.DirEntry[str], path: Path) -> Message | None:
    try:
        if entry.is_dir():
            return None
        is_dead = entry.is_symlink() and not os.path.exists(path)
    except NotADirectoryError:
        is_dead = True
    except OSError as error:
        # A link that leads to itself, a dead mount
        is_loop = error.errno == errno.ELOOP
        return left_out.LOOP() if is_loop else left_out.UNREADABLE(problem=error.strerror)
    return left_out.DEAD_LINK(target=_target(path)) if is_dead else left_out.NO_FOLDER()


def _target(link: Path) -> str:
    try:
        return key_of(link.readlink())
    except OSError:  # it has gone since
        return "?"


def _leave_links_to_others(found: Candidates) -> None:
    """Leave out each link whose target is in the roots anyway, or to which an earlier link leads.

    A link is no way around the decision never to see its target again.
    """
    own = [*found.by_name.values(), *found.never]
    real = {os.path.realpath(path): path for path in own if not path.is_symlink()}
    for name, path in sorted(found.by_name.items()):
        if not path.is_symlink():
            continue
        other = real.setdefault(os.path.realpath(path), path)
        if other != path:
            del found.by_name[name]
            found.leave(path, left_out.LINK_TO_EXPERIMENT(target=other.name))


def _can_be_named(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return len(name) <= MAX_NAME_LENGTH and name.isprintable()
