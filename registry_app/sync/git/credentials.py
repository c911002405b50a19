"""What git needs to reach the remote, handed over in its environment.

GUARDIANFLOW_CORE_CREDENTIALS_FILE holds a private SSH key, or one line `USER:TOKEN` (or a token
alone) for HTTPS. Arguments of a process can be read by every user of the machine, so none of it
is given there.
"""

from __future__ import annotations

import base64
import shlex
import stat
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from registry_app.sync.errors import SyncError
from registry_app.sync.git.plumbing import REMOTE
from registry_app.texts import core_sync as texts

# Without the user's own configuration, which can name programs and which scripts may write.
SSH = "ssh -F /dev/null -oBatchMode=yes -oConnectTimeout=10"
# Services that take a token take any name with it.
ANY_USER = "git"


def environment(url: str, file: str, *, proxy: str = "", ca_file: str = "") -> dict[str, str]:
    """Return the variables for a remote and the credentials in `file` ('' if there are none).

    `proxy` and `ca_file` are for https: git gets no `https_proxy` or `GIT_SSL_CAINFO` of the
    caller, which could lead it elsewhere.
    Raises SyncError if the file cannot be read or other users can read it.
    """
    ssh, line = _read(Path(file)) if file else (SSH, "")
    url, line = _without_password(url, line)
    settings = {
        f"remote.{REMOTE}.url": url,
        # Weights and data that others commit are not fetched.
        f"remote.{REMOTE}.promisor": "true",
        f"remote.{REMOTE}.partialclonefilter": "blob:none",
        **_header(url, line),
        **({"http.proxy": proxy} if proxy else {}),
        **({"http.sslCAInfo": ca_file} if ca_file else {}),
    }
    numbered = {
        f"GIT_CONFIG_{part}_{number}": text
        for number, setting in enumerate(settings.items())
        for part, text in zip(("KEY", "VALUE"), setting, strict=True)
    }
    return {"GIT_SSH_COMMAND": ssh, "GIT_CONFIG_COUNT": str(len(settings)), **numbered}


def _read(path: Path) -> tuple[str, str]:
    """Return the command for ssh, and the line for HTTPS."""
    try:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise SyncError(texts.CREDENTIALS_OPEN(file=path))
        content = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SyncError(texts.CREDENTIALS_UNREADABLE(file=path)) from error
    if content.startswith("-----BEGIN "):
        return f"{SSH} -oIdentitiesOnly=yes -oIdentityFile={shlex.quote(str(path))}", ""
    return SSH, content.splitlines()[0] if content else ""


def _without_password(url: str, line: str) -> tuple[str, str]:
    """Return an https URL without its user and password, and those as a line if it has none.

    git hands the URL on as an argument of its helper for https.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or "@" not in parts.netloc:
        return url, line
    inside = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    return masked_url(url), line or (inside if parts.password else "")


def _header(url: str, line: str) -> Mapping[str, str]:
    """Return the setting that has git send a user and a token, to this server alone."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not line:
        return {}
    pair = line if ":" in line else f"{ANY_USER}:{line}"
    token = base64.b64encode(pair.encode()).decode()
    server = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], "/", "", ""))
    return {f"http.{server}.extraHeader": f"Authorization: Basic {token}"}


def masked_url(url: str) -> str:
    """Return a URL without the user and password in it, for pages and logs."""
    parts = urlsplit(url)
    if not parts.scheme or "@" not in parts.netloc or parts.scheme == "ssh":
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
