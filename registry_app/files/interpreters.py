"""The rule of interpreters: which program an entry point may name for its scripts.

Empty (the directory's own environment, else the portal's), `portal`, `conda:NAME`, a path inside
the directory, or an absolute path that an administrator listed. Only users who may run scripts
may set any other absolute path. A path inside is checked as it is written: the interpreter of a
`.venv` is a link that leads out. Nothing here imports Django, because the runner uses it too.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from registry_app.exceptions import RegistryError
from registry_app.files.environment_folders import USUAL_NAMES
from registry_app.texts import interpreters as texts

PORTAL = "portal"
CONDA_PREFIX = "conda:"
CONDA_HOMES = ("miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba", ".conda")
CONDA_SHARED = (Path("/opt/conda"), Path("/opt/miniconda3"), Path("/opt/anaconda3"))
CONDA_BASE = "base"
CONDA_NAME = re.compile(r"[A-Za-z0-9._-]+")
# python, python3, python3.12, python3.13t, pypy, pypy3.10
_PYTHON = re.compile(r"(?:python|pypy)(?:\d+(?:\.\d+)?t?)?")


class InterpreterRefusedError(RegistryError):
    """The interpreter is in a place where interpreters are not allowed."""


@dataclass(frozen=True, kw_only=True)
class InterpreterRule:
    """The parameters of the rule.

    `directory`: of the experiment, None if unknown. `listed`: files, and folders that end in `/`.
    `anywhere`: an absolute path need not be listed. `any_name`: programs that are not named like a
    Python are allowed. `is_folder` returns whether a path is a folder.
    """

    directory: Path | None
    listed: Sequence[str] = ()
    home: Path = Path("/nowhere")
    anywhere: bool = False
    any_name: bool = False
    is_folder: Callable[[str], bool] = os.path.isdir

    def checked(self, written: str) -> str:
        """Return an interpreter in its stored form; raises InterpreterRefusedError.

        The Python of a known conda home becomes `conda:NAME`, a path below the directory a
        relative one.
        """
        written = written.strip()
        if not written.isprintable():
            raise InterpreterRefusedError(texts.NOT_PRINTABLE())
        if written in ("", PORTAL):
            return written
        if written.startswith(CONDA_PREFIX):
            return self._conda(written)
        if ".." in PurePosixPath(written).parts:
            raise InterpreterRefusedError(texts.CLIMBS(written=written))
        if written.startswith("~") and written != "~" and not written.startswith("~/"):
            raise InterpreterRefusedError(texts.OTHER_HOME(written=written))
        path = os.path.normpath(f"{self.home}{written[1:]}" if written[0] == "~" else written)
        if os.path.isabs(path):
            return self._absolute(written, f"/{path.lstrip('/')}")
        self._check_name(written, path)
        return path

    def _conda(self, written: str) -> str:
        name = written.removeprefix(CONDA_PREFIX).strip()
        if not CONDA_NAME.fullmatch(name) or not name.strip("."):
            raise InterpreterRefusedError(texts.NO_CONDA_NAME(written=written))
        return f"{CONDA_PREFIX}{name}"

    def _absolute(self, written: str, path: str) -> str:
        for directory in self._spellings():
            if path.startswith(f"{directory}/"):
                inside = path.removeprefix(f"{directory}/")
                self._check_name(written, inside)
                return inside
        if name := _conda_name(path, self.home):
            return f"{CONDA_PREFIX}{name}"
        if not self.anywhere and not self._is_listed(path):
            raise InterpreterRefusedError(texts.NOT_LISTED(written=written))
        self._check_name(written, path)
        own_home = f"{self.home}/"
        return f"~/{path.removeprefix(own_home)}" if written[0] == "~" else path

    def _spellings(self) -> Iterator[str]:
        if self.directory is not None:
            yield str(self.directory)
            yield os.path.realpath(self.directory)

    def _is_listed(self, path: str) -> bool:
        return any(
            path.startswith(allowed) if allowed.endswith("/") else path == allowed
            for allowed in self.listed
        )

    def _check_name(self, written: str, path: str) -> None:
        """Refuse a program not named like a Python; an environment's folder is accepted."""
        name = os.path.basename(path)
        if self.any_name or _PYTHON.fullmatch(name) or path in USUAL_NAMES:
            return
        if not self.is_folder(os.path.join(self.directory or "/nowhere", path)):
            raise InterpreterRefusedError(texts.NOT_PYTHON(written=written))
        if name in ("", ".", "bin", "envs"):
            raise InterpreterRefusedError(texts.NO_PROGRAM(written=written))


def conda_homes(home: Path) -> Iterator[Path]:
    """Yield the folders in which conda is usually installed."""
    yield from (home / part for part in CONDA_HOMES)
    yield from CONDA_SHARED


def _conda_name(path: str, home: Path) -> str:
    """Return the name of the conda environment of this path to its Python or folder, else ''."""
    for base in map(str, conda_homes(home)):
        if path != base and not path.startswith(f"{base}/"):
            continue
        parts = path.removeprefix(base).strip("/").split("/")
        name = CONDA_BASE
        if parts[0] == "envs" and len(parts) > 1:
            name, parts = parts[1], parts[2:]
        is_python = len(parts) == 2 and parts[0] == "bin" and bool(_PYTHON.fullmatch(parts[1]))
        if CONDA_NAME.fullmatch(name) and (is_python or parts in ([], [""])):
            return name
    return ""
