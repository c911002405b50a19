"""System checks of the set-up, reported by Django before a command and by `doctor`.

Settings that cannot be parsed stop the start on their own; these checks are for values that
can be parsed but are wrong.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags
from django.core.checks import Warning as Caution
from django.utils.translation import gettext as _

from portal.writable_home import problem_of_home
from registry_app.files import disk_full

TOKEN_LENGTH = 16
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}

Apps = Sequence[AppConfig] | None


def check_home(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Check the data directory, into which the portal writes everything."""
    home = Path(settings.GUARDIANFLOW_HOME)
    if (problem := problem_of_home()) is not None:
        text, fix = disk_full.trouble(problem) or (
            _("Nothing can be written into {home}.").format(home=home),
            _("Make this user its owner, or set GUARDIANFLOW_HOME to another one."),
        )
        return [Error(text, hint=fix, id="portal.E001")]
    return _check_key(home / "secret_key")


def _check_key(key: Path) -> list[CheckMessage]:
    try:
        mode = stat.S_IMODE(key.stat().st_mode)
    except FileNotFoundError:
        return []
    if not mode & 0o077:
        return []
    return [
        Caution(
            _("The secret key {path} is readable by other users.").format(path=key),
            hint=_("Run `chmod 600 {path}`.").format(path=key),
            id="portal.W001",
        )
    ]


def check_interpreter(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Check the Python for scripts whose directory has none of its own."""
    if os.access(settings.GUARDIANFLOW_PYTHON, os.X_OK):
        return []
    return [
        Error(
            _("The Python for scripts, {path}, cannot be run.").format(
                path=settings.GUARDIANFLOW_PYTHON
            ),
            hint=_("Set GUARDIANFLOW_PYTHON to the absolute path of a Python."),
            id="portal.E002",
        )
    ]


def check_roots(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Check the folders of experiment directories, into which the portal never writes."""
    found: list[CheckMessage] = []
    for root in map(Path, settings.GUARDIANFLOW_ROOTS):
        if not root.is_dir():
            found.append(
                Caution(
                    _("The folder of experiments {root} does not exist.").format(root=root),
                    hint=_("Create it, mount it, or set GUARDIANFLOW_ROOTS to where they are."),
                    id="portal.W002",
                )
            )
        elif not os.access(root, os.R_OK | os.X_OK):
            found.append(
                Caution(
                    _("The folder of experiments {root} cannot be read.").format(root=root),
                    hint=_("Grant this user read access."),
                    id="portal.W003",
                )
            )
    return found


def check_exposure(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Check what a portal on a network must not leave open."""
    found: list[CheckMessage] = []
    if settings.DEBUG:
        found.append(
            Error(
                _("DEBUG is on: error pages show code and settings to every visitor."),
                hint=_("Turn it off; the log has the same details."),
                id="portal.E003",
            )
        )
    if "*" in settings.ALLOWED_HOSTS:
        found.append(
            Caution(
                _("ALLOWED_HOSTS accepts any host."),
                hint=_("Name the hosts in GUARDIANFLOW_ALLOWED_HOSTS."),
                id="portal.W005",
            )
        )
    if 0 < len(settings.GUARDIANFLOW_METRICS_TOKEN) < TOKEN_LENGTH:
        found.append(
            Caution(
                _("GUARDIANFLOW_METRICS_TOKEN is short enough to be guessed."),
                hint=_("Use a longer one, for example from `openssl rand -hex 24`."),
                id="portal.W006",
            )
        )
    return found


def check_https(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Warn of passwords sent in the clear; only for `check --deploy` and `doctor`."""
    address = urlsplit(settings.GUARDIANFLOW_URL)
    if address.scheme == "https":
        return _check_proxy()
    if address.hostname in _LOOPBACK:
        return []
    return [
        Caution(
            _("Passwords are sent to {url} unencrypted.").format(url=settings.GUARDIANFLOW_URL),
            hint=_(
                "Put a proxy with https in front of it and set GUARDIANFLOW_URL to its address."
            ),
            id="portal.W007",
        )
    ]


def _check_proxy() -> list[CheckMessage]:
    if settings.GUARDIANFLOW_TRUSTED_PROXIES:
        return []
    return [
        Caution(
            _(
                "No proxy is trusted, so the portal cannot see which requests came over https: "
                "it does not redirect http to https, and GUARDIANFLOW_HSTS_S has no effect."
            ),
            hint=_(
                "Set GUARDIANFLOW_TRUSTED_PROXIES to the address of the proxy, for example "
                "127.0.0.1."
            ),
            id="portal.W008",
        )
    ]


# Each with its tag, and whether it is for `check --deploy` alone.
ALL = (
    (check_home, Tags.files, False),
    (check_interpreter, Tags.files, False),
    (check_roots, Tags.files, False),
    (check_exposure, Tags.security, False),
    (check_https, Tags.security, True),
)
