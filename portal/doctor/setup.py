"""`doctor` on the installation: programs, folders, built files. Does not use the database."""

from __future__ import annotations

import platform
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage
from django.utils.translation import gettext as _

from portal import checks
from portal.doctor.line import Level, Line, bad, good, warn
from portal.doctor.loose_files import loose
from runs_app.runner.process import own_cgroups

OLDEST_PYTHON = (3, 11)
LITTLE_FREE_BYTES = 5 * 2**30
NO_FREE_BYTES = 2**29
SHOWN_LOOSE, MAX_LOOSE = 3, 4
_START_LIMIT_S = 30
_VERSION_OF_PYTHON = "import platform; print(platform.python_version())"


def python() -> Iterator[Line]:
    """Report the portal's own Python, and the one for scripts."""
    version = platform.python_version()
    if sys.version_info[:2] < OLDEST_PYTHON:
        yield bad(
            "python",
            _("Python {version} is too old.").format(version=version),
            _("Set the portal up again with Python 3.11 or newer."),
        )
    else:
        yield good(
            "python", _("Python {version} in {folder}").format(version=version, folder=sys.prefix)
        )
    yield _script_python(str(settings.GUARDIANFLOW_PYTHON))


def _script_python(path: str) -> Line:
    try:
        done = subprocess.run(
            [path, "-I", "-c", _VERSION_OF_PYTHON],
            capture_output=True,
            text=True,
            timeout=_START_LIMIT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return bad(
            "python",
            _("{path}, the Python for scripts, does not start.").format(path=path),
            _("Set GUARDIANFLOW_PYTHON to the absolute path of a Python."),
        )
    return good(
        "python",
        _("Scripts without a Python of their own run with {path} ({version})").format(
            path=path, version=done.stdout.strip()
        ),
    )


def packages() -> Iterator[Line]:
    """Report whether the installed packages match the lock file."""
    locked = Path(settings.BASE_DIR) / "requirements" / "runtime.txt"
    try:
        different = list(_different(locked.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return
    if not different:
        yield good("packages", _("As locked in {file}").format(file=locked))
        return
    missing = [name for name, _locked, installed in different if installed is None]
    shown = ", ".join(f"{name} {have or '-'} != {want}" for name, want, have in different[:5])
    yield Line(
        level=Level.BAD if missing else Level.WARN,
        area="packages",
        text=_("{count} are missing or not as locked: {shown}").format(
            count=len(different), shown=shown
        ),
        fix=_("Run `make setup`."),
    )


def _different(locked: str) -> Iterator[tuple[str, str, str | None]]:
    """Yield name, locked and installed version of each package that differs on this machine."""
    from packaging.requirements import Requirement

    for line in re.findall(r"^[A-Za-z0-9][^\\\n]*==[^\\\n]*", locked, re.MULTILINE):
        wanted = Requirement(line)
        if wanted.marker is not None and not wanted.marker.evaluate():
            continue
        try:
            installed: str | None = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            installed = None
        if installed is None or not wanted.specifier.contains(installed, prereleases=True):
            yield wanted.name, str(wanted.specifier).removeprefix("=="), installed


def folders() -> Iterator[Line]:
    """Report the data directory, its free disk space, and the folders of experiments."""
    home = Path(settings.GUARDIANFLOW_HOME)
    messages = checks.check_home(None)
    yield from _lines_of("home", messages)
    if not any(message.is_serious() for message in messages):
        yield good("home", _("{home} can be written").format(home=home))
        yield _free_space(home)
        yield from _loose_files(home)
    messages = checks.check_roots(None)
    yield from _lines_of("roots", messages)
    if not messages:
        roots = ", ".join(str(root) for root in settings.GUARDIANFLOW_ROOTS)
        yield good("roots", _("{roots} can be read").format(roots=roots))


def _loose_files(home: Path) -> Iterator[Line]:
    """Report files that an earlier version, or a manual copy, left readable by others."""
    found = list(islice(loose(home), MAX_LOOSE))
    if not found:
        return
    names = ", ".join(str(path.relative_to(home)) for path in found[:SHOWN_LOOSE])
    if len(found) > SHOWN_LOOSE:
        names = f"{names}, …"
    yield warn(
        "home",
        _("Other users of this machine have rights to files in {home}: {names}").format(
            home=home, names=names
        ),
        _("Run `chmod -R go= {home}`.").format(home=shlex.quote(str(home))),
    )


def _free_space(home: Path) -> Line:
    free = shutil.disk_usage(home).free
    text = _("{free:.1f} GiB are free for {home}").format(free=free / 2**30, home=home)
    if free >= LITTLE_FREE_BYTES:
        return good("disk", text)
    level = Level.BAD if free < NO_FREE_BYTES else Level.WARN
    fix = _(
        "Free some space: logs and copies of outputs under {runs} grow. "
        "GUARDIANFLOW_KEEP_RUNS_GIB limits them."
    ).format(runs=settings.RUNS_DIR)
    return Line(level=level, area="disk", text=text, fix=fix)


def control_groups() -> Iterator[Line]:
    """Report whether each run gets its own control group; runs work without one too."""
    if own_cgroups():
        yield good("cgroup", _("Each run gets a control group of its own (cgroup v2)"))
    else:
        yield good(
            "cgroup",
            _(
                "Runs have no control group of their own here and work without one; under systemd, "
                "Delegate=yes gives them one"
            ),
        )


def exposure() -> Iterator[Line]:
    """Report how the portal can be reached, and by whom."""
    messages = [*checks.check_exposure(None), *checks.check_https(None)]
    yield from _lines_of("access", messages)
    if not messages:
        yield good("access", _("Served as {url}").format(url=settings.GUARDIANFLOW_URL))


def assets() -> Iterator[Line]:
    """Report whether static files and translations are built."""
    root = Path(settings.STATIC_ROOT)
    fix = _("Run `make setup`.")
    if (root / "staticfiles.json").is_file():
        yield good("assets", _("Static files are built in {folder}").format(folder=root))
    else:
        yield bad("assets", _("Static files are not collected; pages will be unstyled."), fix)
    catalogues = [file for folder in settings.LOCALE_PATHS for file in Path(folder).rglob("*.po")]
    if not all(file.with_suffix(".mo").is_file() for file in catalogues):
        yield warn("assets", _("Translations are not compiled; pages will be in English."), fix)


def _lines_of(area: str, messages: list[CheckMessage]) -> Iterator[Line]:
    for message in messages:
        level = Level.BAD if message.is_serious() else Level.WARN
        yield Line(level=level, area=area, text=str(message.msg), fix=str(message.hint or ""))
