"""`doctor` on the Linux user that scripts run as, if that is not the portal's own."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from portal.doctor.line import Line, bad, good, warn
from runs_app.runner.isolation.helper_client import SUDO, HelperError, RefusedError
from runs_app.runner.isolation.program import digest
from runs_app.runner.other_user import OtherUser, current

AREA = "run-as"
# A member of one of these can become root without a password.
POWERFUL = frozenset({"adm", "disk", "docker", "kmem", "lxd", "root", "shadow", "sudo", "wheel"})
INSTALL = (
    "guardianflow script-helper | sudo install -D -m 755 /dev/stdin "
    "/usr/local/libexec/guardianflow-script"
)
NO_PRIVILEGES = "no new privileges"
MAX_DIRECTORIES = 200
MAX_LINES = 5
SUDO_LIMIT_S = 20


def user() -> Iterator[Line]:
    """Report whether scripts can run as the configured user, and that user's rights."""
    other = current()
    if other is None:
        return
    try:
        hello = other.hello()
    except HelperError as error:
        yield _unreachable(other, str(error.strerror or error))
        return
    yield good(
        AREA,
        _("Scripts run as {user}, the portal as {portal} (by {way})").format(
            user=other.name, portal=getpass.getuser(), way=other.way
        ),
    )
    if hello.get("digest") != digest():
        yield warn(
            AREA,
            _("The helper is of another version of the portal than this one."),
            _("Install it again: {command}").format(command=INSTALL),
        )
    yield from _rights(other)


def _unreachable(other: OtherUser, reason: str) -> Line:
    text = _("Scripts cannot be started as {user}, so runs wait: {reason}").format(
        user=other.name, reason=reason
    )
    if NO_PRIVILEGES in reason:
        fix = _(
            "sudo cannot work under NoNewPrivileges=. Install the socket unit, or take the line "
            "out of the worker's unit."
        )
    elif other.uid in {-1, os.geteuid()}:
        fix = _("Correct GUARDIANFLOW_RUN_AS, or create the user.")
    elif other.listening:
        fix = _("See `systemctl status guardianflow-scripts.socket`, and the journal.")
    else:
        fix = _(
            "Start guardianflow-scripts.socket, or install the sudo rule; docs/operations.md shows "
            "both. The helper is installed by: {command}"
        ).format(command=INSTALL)
    return bad(AREA, text, fix)


def _rights(other: OtherUser) -> Iterator[Line]:
    try:
        powerful = sorted(POWERFUL.intersection(other.groups()))
        has_sudo = _may_use_sudo(other)
    except HelperError as error:
        yield _unreachable(other, str(error.strerror or error))
        return
    if powerful:
        yield bad(
            AREA,
            _("{user} is in {groups}: a script can become root.").format(
                user=other.name, groups=", ".join(powerful)
            ),
            _("Take the user out of it: gpasswd --delete {user} {group}").format(
                user=other.name, group=powerful[0]
            ),
        )
    if has_sudo:
        yield bad(
            AREA,
            _("{user} may use sudo without a password: a script can become another user.").format(
                user=other.name
            ),
            _("Take the rule away; `sudo -l -U {user}` shows it.").format(user=other.name),
        )


def _may_use_sudo(other: OtherUser) -> bool:
    if not os.path.exists(SUDO):
        return False
    with ExitStack() as files:
        streams = []
        for _number in range(3):
            descriptor = os.memfd_create("doctor")
            files.callback(os.close, descriptor)
            streams.append(descriptor)
        try:
            code = other.ask_program(
                (SUDO, "-n", "-l"),
                environment={"PATH": os.defpath, "LANG": "C"},
                fence={},
                streams=(streams[0], streams[1], streams[2]),
                timeout_s=SUDO_LIMIT_S,
            )
        except (RefusedError, TimeoutError):
            return False
    return code == 0


def experiments() -> Iterator[Line]:
    """Report experiments that the scripts' user cannot write, or the portal cannot read."""
    other = current()
    if other is None or other.unreachable():
        return
    lines = [line for directory in _directories() for line in _access(other, directory)]
    yield from lines[:MAX_LINES]
    if len(lines) > MAX_LINES:
        yield warn(
            AREA,
            _("The same is true of {count} more.").format(count=len(lines) - MAX_LINES),
            _("Repair the first ones, then ask again."),
        )


def _directories() -> Iterator[Path]:
    found = (
        path
        for root in settings.GUARDIANFLOW_ROOTS
        if root.is_dir()
        for path in sorted(root.iterdir())
        if path.is_dir()
    )
    for _number, directory in zip(range(MAX_DIRECTORIES), found, strict=False):
        yield directory


def _access(other: OtherUser, directory: Path) -> Iterator[Line]:
    try:
        count, first = other.unwritable(directory)
    except OSError:
        count, first = 1, str(directory)
    if count:
        yield warn(
            AREA,
            _("{directory}: {user} cannot write {count} files, the first is {path}").format(
                directory=directory.name, user=other.name, count=count, path=first
            ),
            _("Give them to that user: chown -R {user} {directory}").format(
                user=other.name, directory=directory
            ),
        )
    count, first = _unreadable(directory)
    if count:
        portal = getpass.getuser()
        yield warn(
            AREA,
            _(
                "{directory}: {count} files are not readable by the portal, the first is {path}"
            ).format(directory=directory.name, count=count, path=first),
            _("Scans need them: {command}").format(
                command=f"setfacl -R -m u:{portal}:rX -m d:u:{portal}:rX {directory}"
            ),
        )


def _unreadable(directory: Path) -> tuple[int, str]:
    """Return the number of files and folders this process cannot read, and the first of them."""
    found: list[str] = []
    walk = os.walk(directory, onerror=lambda error: found.append(str(error.filename)))
    for folder, names, files in walk:
        names[:] = sorted(name for name in names if name != ".git" and not name.endswith("venv"))
        paths = (os.path.join(folder, name) for name in sorted(files))
        found += [
            path for path in paths if not os.path.islink(path) and not os.access(path, os.R_OK)
        ]
    return len(found), found[0] if found else ""
