"""Settings of the core repository: which remote, branch and file a sync is about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from django.core.exceptions import ImproperlyConfigured

# What git takes as a branch, without what it would take for an option or for another branch.
_BRANCH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.+@-]*)*")
# Other kinds of URL have git start a program of any name.
_URL = re.compile(r"(?:https|ssh|git|file)://\S+|/\S+|[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+:\S+")

_PROXY = re.compile(r"(?:https?|socks5h?)://\S+")


def url(environment: Mapping[str, str]) -> str:
    """Return the remote of the core repository; '' if there is none."""
    written = environment.get("GUARDIANFLOW_CORE_URL", "").strip()
    if written and not _URL.fullmatch(written):
        raise ImproperlyConfigured(
            "GUARDIANFLOW_CORE_URL is no address of a git repository; give https://HOST/PATH.git, "
            "ssh://USER@HOST/PATH.git, USER@HOST:PATH.git, or the absolute path of a folder."
        )
    return written


def branch(environment: Mapping[str, str]) -> str:
    """Return the branch that is synced."""
    written = environment.get("GUARDIANFLOW_CORE_BRANCH", "").strip() or "main"
    if not _BRANCH.fullmatch(written) or ".." in written or written.endswith(".lock"):
        raise ImproperlyConfigured(
            f"GUARDIANFLOW_CORE_BRANCH is {written!r}; give the name of a branch, such as main."
        )
    return written


def registry_path(environment: Mapping[str, str]) -> str:
    """Return the path of the registry file in the repository."""
    written = (
        environment.get("GUARDIANFLOW_CORE_REGISTRY_PATH", "").strip()
        or "registry/experiments.yaml"
    )
    path = PurePosixPath(written)
    inside = not path.is_absolute() and not {"..", ".git"} & set(path.parts)
    if str(path) != written or not inside or not written.isprintable():
        raise ImproperlyConfigured(
            f"GUARDIANFLOW_CORE_REGISTRY_PATH is {written!r}; give a path in the repository, "
            "such as registry/experiments.yaml."
        )
    return written


def credentials_file(environment: Mapping[str, str]) -> str:
    """Return the absolute path of the file with the key or the token; '' if there is none."""
    return _file("GUARDIANFLOW_CORE_CREDENTIALS_FILE", environment)


def ca_file(environment: Mapping[str, str]) -> str:
    """Return the absolute path of the certificates that https servers are checked by, or ''."""
    return _file("GUARDIANFLOW_CORE_CA_FILE", environment)


def proxy(environment: Mapping[str, str]) -> str:
    """Return the proxy for an https remote; '' if there is none."""
    written = environment.get("GUARDIANFLOW_CORE_PROXY", "").strip()
    if written and not _PROXY.fullmatch(written):
        raise ImproperlyConfigured(
            "GUARDIANFLOW_CORE_PROXY is no address of a proxy; give http://HOST:PORT."
        )
    return written


def _file(name: str, environment: Mapping[str, str]) -> str:
    written = environment.get(name, "").strip()
    path = Path(written).expanduser()
    if written and not path.is_absolute():
        raise ImproperlyConfigured(f"{name} is {written!r}; give the absolute path of a file.")
    return str(path) if written else ""
