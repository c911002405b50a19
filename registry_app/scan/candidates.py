"""List the experiment directories of the roots; a bad child costs itself, never its root."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from registry_app.exceptions import ScanError
from registry_app.inference.site.name_words import composed
from registry_app.messages import Message
from registry_app.texts import remarks
from registry_app.texts.changes import SAME_NAME

MAX_NAME_LENGTH = 200


@dataclass(kw_only=True)
class Candidates:
    """The directories to read by the name of their experiment, and what was left, with reasons."""

    by_name: dict[str, Path] = field(default_factory=dict)
    warnings: list[Message] = field(default_factory=list)

    @property
    def directories(self) -> list[tuple[str, Path]]:
        return sorted(self.by_name.items())


def candidates(roots: Sequence[Path]) -> Candidates:
    """Return every direct child folder of the roots that can be an experiment.

    Raises ScanError if two roots hold directories of the same name. A name in both forms of
    Unicode is one name; a link and the directory in the roots that it leads to are one experiment.
    """
    found = Candidates()
    for root in roots:
        for path in _folders(root, found):
            name = composed(path.name)
            earlier = found.by_name.get(name)
            if earlier is None:
                found.by_name[name] = path
            elif earlier.parent == path.parent:
                found.warnings.append(remarks.SAME_IN_UNICODE(name=name).at(str(path)))
            else:
                raise ScanError(SAME_NAME(name=name, one=earlier, other=path))
    _leave_links_to_others(found)
    return found


def _folders(root: Path, found: Candidates) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(root), key=lambda entry: entry.name)
    except FileNotFoundError:
        found.warnings.append(remarks.NO_ROOT().at(str(root)))
        return
    except OSError as error:
        found.warnings.append(remarks.UNREADABLE(problem=error.strerror).at(str(root)))
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        try:
            is_folder = entry.is_dir()
        except OSError as error:  # a link that leads to itself, a dead mount
            shown = os.fsencode(entry.name).decode(errors="replace")
            found.warnings.append(remarks.UNREADABLE(problem=error.strerror).at(shown))
            continue
        if is_folder and _can_be_named(entry.name):
            yield root / entry.name
        elif is_folder:
            shown = os.fsencode(entry.name).decode(errors="replace")
            found.warnings.append(remarks.BAD_NAME().at(shown))


def _leave_links_to_others(found: Candidates) -> None:
    """Leave out each link whose target is read anyway, or to which an earlier link leads."""
    real = {os.path.realpath(path): name for name, path in found.by_name.items()
            if not path.is_symlink()}  # fmt: skip
    for name, path in sorted(found.by_name.items()):
        if not path.is_symlink():
            continue
        other = real.setdefault(os.path.realpath(path), name)
        if other != name:
            del found.by_name[name]
            found.warnings.append(remarks.LINK_TO_EXPERIMENT(target=other).at(name))


def _can_be_named(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return len(name) <= MAX_NAME_LENGTH and name.isprintable()
