"""Which values of an environment are secrets, by their names and their form.

In doubt a value is masked: records are read by many users, and are understandable without it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

MASKED = "***"
MAX_VALUE_LENGTH = 4096

# Words of a name, separated by anything but letters and digits.
_SECRET_WORDS = frozenset(
    {
        "secret", "secrets", "token", "tokens", "password", "passwd", "passphrase", "pass", "pwd",
        "pw", "key", "keys", "apikey", "credential", "credentials", "cred", "creds", "auth",
        "authorization", "cookie", "cookies", "session", "jwt", "bearer", "dsn", "sas", "private",
        "signature", "salt", "pin", "otp", "netrc", "webhook", "license", "licence",
    }
)  # fmt: skip
_SECRET_ENDINGS = ("secret", "token", "password", "passwd", "apikey", "credentials", "accesskey")
# Named or formed like a secret, but not secret.
_HARMLESS = frozenset(
    {"PWD", "OLDPWD", "SSH_AUTH_SOCK", "XDG_SESSION_ID", "XDG_SESSION_TYPE", "XDG_SESSION_CLASS",
     "DESKTOP_SESSION", "GDMSESSION", "XAUTHORITY", "KEYTIMEOUT", "GUARDIANFLOW_RUN_ID",
     "GUARDIANFLOW_RECORD_DIR"}
)  # fmt: skip
_IN_ADDRESS = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^/\s@]+@")
_LOOKS_SECRET = re.compile(
    r"""(?x)
    -----BEGIN[ A-Z]*PRIVATE[ ]KEY
    | \b(?:gh[pousr]_|github_pat_|glpat-|sk-|hf_|xox[abprs]-|AKIA|ASIA|AIza|ya29\.)[\w-]{8,}
    | \beyJ[\w-]{8,}\.[\w-]{8,}      # a signed web token
    | (?i:password|passwd|pwd|secret|token|api_?key|accountkey)\s*[=:]\s*\S
    | ^(?=[^/]*\d)(?=[^/]*[A-Za-z])[A-Za-z0-9+_=-]{32,}$  # long and random, and no path
    """
)


def masked(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment with its secret values masked; names are never changed."""
    return {name: _shown(name, value) for name, value in sorted(environment.items())}


def _shown(name: str, value: str) -> str:
    if name in _HARMLESS:
        return value
    if value and (_names_secret(name) or _LOOKS_SECRET.search(value)):
        return MASKED
    shown = _IN_ADDRESS.sub(rf"\1{MASKED}@", value)
    return shown if len(shown) <= MAX_VALUE_LENGTH else f"{shown[:MAX_VALUE_LENGTH]}…"


def _names_secret(name: str) -> bool:
    lower = name.lower()
    words = re.split(r"[^a-z0-9]+", lower)
    return not _SECRET_WORDS.isdisjoint(words) or lower.replace("_", "").endswith(_SECRET_ENDINGS)
