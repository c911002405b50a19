"""Write the files of a new core repository; git itself is never started."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from portal.core.check import registry_file
from portal.core.export import exported_into
from portal.core.mlproject import FILE as MLPROJECT
from registry_app.document.writer import dump
from registry_app.exceptions import RegistryError
from registry_app.fields.rows import document_from_rows
from registry_app.files.text_file import write_text
from registry_app.texts import core as texts

_TEXTS = Path(__file__).with_name("new_repository")
# Packages of Python leave out files whose names begin with a dot.
_NAMES = {"gitattributes": ".gitattributes"}
# A cloned repository without a commit is an empty folder but for this.
_OF_GIT = frozenset({".git"})
_SHOWN = 3


class CoreRefusedError(RegistryError):
    """A core repository is not written."""


def begin(directory: Path) -> list[str]:
    """Write a core repository with the present registry; return the paths of its files.

    Raises CoreRefusedError for a folder that holds anything, is inside a root, or is unwritable.
    """
    _refuse_used(directory)
    _refuse_root(directory)
    written = {
        **_texts(),
        MLPROJECT: exported_into(empty_mlproject()).data.decode(),
        registry_file(): dump(document_from_rows()),
    }
    for name, text in sorted(written.items()):
        try:
            write_text(directory / name, text)
        except OSError as error:
            problem = error.strerror or type(error).__name__
            raise CoreRefusedError(
                texts.UNWRITABLE(name=directory / name, problem=problem)
            ) from error
    return sorted(written)


def empty_mlproject() -> bytes:
    """Return an MLproject without an entry point."""
    return (_TEXTS / MLPROJECT).read_bytes()


def _texts() -> dict[str, str]:
    return {
        _NAMES.get(name, name): (_TEXTS / name).read_text(encoding="utf-8") for name in _names()
    }


def _names() -> Iterator[str]:
    for folder, _inner, files in os.walk(_TEXTS):
        for file in files:
            yield os.path.relpath(os.path.join(folder, file), _TEXTS)


def _refuse_used(directory: Path) -> None:
    try:
        names = sorted(set(os.listdir(directory)) - _OF_GIT)
    except FileNotFoundError:
        return
    except NotADirectoryError as error:
        raise CoreRefusedError(texts.NO_FOLDER(folder=directory)) from error
    except OSError as error:
        problem = error.strerror or type(error).__name__
        raise CoreRefusedError(texts.UNWRITABLE(name=directory, problem=problem)) from error
    if names:
        shown = [*names[:_SHOWN], *(["…"] if len(names) > _SHOWN else [])]
        raise CoreRefusedError(texts.NOT_EMPTY(folder=directory, names=shown))


def _refuse_root(directory: Path) -> None:
    """Refuse a folder inside a root; nothing is ever written there."""
    place = Path(os.path.realpath(directory))
    for root in settings.GUARDIANFLOW_ROOTS:
        if place.is_relative_to(os.path.realpath(root)):
            raise CoreRefusedError(texts.IN_ROOT(folder=directory, root=root))
