"""An ordinary user with a home directory, the checkout and the data in it, as a person sets it up.

The user has a number and no account, so nothing of the machine is changed. Only root can start
processes of another user; the home lies below /home, as folders for temporary files are open to
every script.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings

NUMBER = 64001
HOMES = Path("/home")
SOURCES = ("portal", "registry_app", "runs_app", "templates", "build")


@dataclass
class OrdinaryUser:
    """`home` is the user's home directory; the portal's own home is `var` in the checkout."""

    home: Path
    python: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def checkout(self) -> Path:
        return self.home / "guardianflow"

    @property
    def experiments(self) -> Path:
        return self.home / "experiments"

    def popen(self, *argv: str | Path, **options: object) -> subprocess.Popen[str]:
        """Start a program as this user, in the home directory."""
        environment = {
            "HOME": str(self.home),
            "USER": "minsu",
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            **self.environment,
        }
        return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
            [str(word) for word in argv],
            user=NUMBER,
            group=NUMBER,
            extra_groups=[],
            umask=0o022,
            env=environment,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def run(self, *argv: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        process = self.popen(*argv)
        stdout, stderr = process.communicate(timeout=240)
        assert not check or process.returncode == 0, f"{argv}\n{stdout}\n{stderr}"
        return subprocess.CompletedProcess(argv, process.returncode, stdout, stderr)

    def portal(self, *argv: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command of the portal."""
        return self.run(*self.command(*argv), check=check)

    def command(self, *argv: str) -> list[str]:
        return [str(self.checkout / ".venv/bin/python"), str(self.checkout / "manage.py"), *argv]

    def experiment(self, name: str, **files: str) -> Path:
        """Write a directory with `train.py` and further files, whose names have _ for a point."""
        directory = self.experiments / name
        directory.mkdir(parents=True)
        for file, text in files.items():
            (directory / file.replace("_", ".")).write_text(text, encoding="utf-8")
        self.own(directory)
        return directory

    def let_others_in(self) -> None:
        """Let another user reach the checkout; the portal's own home stays closed."""
        self.home.chmod(0o755)

    def own(self, folder: Path) -> None:
        """Give a folder and all in it to this user."""
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NUMBER, NUMBER, follow_symlinks=False)

    def make_environment(self, place: Path, packages: Path) -> None:
        """Make an environment that finds the packages of another one."""
        self.run(self.python, "-m", "venv", "--without-pip", place)
        [site] = place.glob("lib/python3*/site-packages")
        (site / "others.pth").write_text(f"{packages}\n")


@contextmanager
def ordinary_user(database: Path, store: Path) -> Iterator[OrdinaryUser]:
    """Give a user with a set-up portal; skips with the reason where there cannot be one."""
    if os.geteuid() != 0:
        pytest.skip("only root can start processes of another user")
    python = _python_for_all()
    home = Path(tempfile.mkdtemp(prefix="guardianflow-minsu-", dir=HOMES))
    user = OrdinaryUser(home=home, python=python)
    try:
        os.chown(home, NUMBER, NUMBER)
        for name in SOURCES:
            source = Path(settings.BASE_DIR) / name
            if source.exists():
                shutil.copytree(
                    source, user.checkout / name, ignore=shutil.ignore_patterns("__pycache__")
                )
        shutil.copy(Path(settings.BASE_DIR) / "manage.py", user.checkout)
        (user.checkout / "var/mlflow").mkdir(mode=0o700, parents=True)
        (user.checkout / "var").chmod(0o700)
        shutil.copy(database, user.checkout / "var/portal.sqlite3")
        shutil.copy(store, user.checkout / "var/mlflow/mlflow.sqlite3")
        user.experiments.mkdir()
        user.own(home)
        user.make_environment(user.checkout / ".venv", Path(sysconfig.get_path("purelib")))
        yield user
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _python_for_all() -> Path:
    """Return a Python of the version of these tests that every user may start."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    found = shutil.which(f"python{version}", path="/usr/bin:/usr/local/bin")
    for candidate in (os.path.realpath(sys.executable), found):
        if candidate and _starts(candidate):
            return Path(candidate)
    pytest.skip(f"there is no Python {version} with venv that another user may start")


def _starts(python: str) -> bool:
    try:
        done = subprocess.run(
            [python, "-c", "import venv, ensurepip, sqlite3"],
            user=NUMBER,
            group=NUMBER,
            extra_groups=[],
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0
