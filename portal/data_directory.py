"""The data directory of the portal: where it may be, and the secret key in it."""

from __future__ import annotations

import os
import pwd
import secrets
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def home_directory(environment: Mapping[str, str], default: Path, *, roots: Sequence[Path]) -> Path:
    """Return the data directory, for all that the portal writes; create it (0700) if missing.

    Its database holds sessions: a reader of them can act as any user. It must be outside of all
    roots, into which nothing is ever written.
    """
    written = environment.get("GUARDIANFLOW_HOME", "").strip()
    home = Path(written).expanduser() if written else default
    if not home.is_absolute():
        raise ImproperlyConfigured(
            f"GUARDIANFLOW_HOME is {written!r}, a relative path; give an absolute one, "
            "so that it does not depend on the current folder."
        )
    for root in roots:
        if Path(os.path.realpath(home)).is_relative_to(os.path.realpath(root)):
            raise ImproperlyConfigured(
                f"GUARDIANFLOW_HOME {home} is inside {root}, which holds experiments and is "
                "never written to. Give a folder outside of it."
            )
    try:
        _make_private(home)
    except OSError as error:
        raise ImproperlyConfigured(
            f"GUARDIANFLOW_HOME {home} cannot be made: {error.strerror}. "
            "Give a folder that this user may write to."
        ) from error
    _refuse_stranger(home)
    return home


def _refuse_stranger(home: Path) -> None:
    """Refuse another user's data directory: its owner could not read files created in it.

    root is allowed: in a container, mounted folders may belong to other users.
    """
    owner = home.stat().st_uid
    if owner == os.geteuid() or os.geteuid() == 0:
        return
    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:
        name = f"'#{owner}'"  # quoted: else a shell reads it as a comment
    raise ImproperlyConfigured(
        f"The portal in {home} belongs to the user {name}. "
        f"Use `sudo -u {name} guardianflow ...`, or set GUARDIANFLOW_HOME to a folder of your own."
    )


def _make_private(folder: Path) -> None:
    """Create a folder and its parents for this user alone; `parents=True` ignores the mode."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except FileNotFoundError:
        _make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def secret_key(home: Path) -> str:
    """Return this installation's key, generated on first start and readable by its owner alone."""
    path = home / "secret_key"
    try:
        key = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        key = _make_secret_key(path)
    except OSError as error:
        raise ImproperlyConfigured(f"{path} cannot be read: {error.strerror}.") from error
    if len(key) < 32:
        raise ImproperlyConfigured(f"{path} holds no key; remove the file to have a new one made.")
    return key


def _make_secret_key(path: Path) -> str:
    """Write a new key aside and link it into place, so that two first starts agree on one."""
    try:
        handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".secret_key.")  # 0600
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(aside, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(aside)
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{path} cannot be written: {error.strerror}.") from error
