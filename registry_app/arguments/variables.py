"""The rule of environment variables that an entry point gives to its scripts.

Registry file, form, sheet and every run check it here. Refused are variables that start another
program or load another library, those that the portal sets itself, and secrets: values of the
registry are in files, sheets and histories. Nothing here imports Django.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from registry_app.arguments.secret_names import is_secret, names_secret
from registry_app.exceptions import RegistryError
from registry_app.texts import variables as texts

MAX_VARIABLES = 100
MAX_VALUE = 4000
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
# These change how Python reads, prints or repeats, not what it runs.
PYTHON_ALLOWED = frozenset(
    {
        *("PYTHONDONTWRITEBYTECODE", "PYTHONFAULTHANDLER", "PYTHONHASHSEED", "PYTHONIOENCODING"),
        *("PYTHONUNBUFFERED", "PYTHONUTF8"),
    }
)
_LOADS_CODE = frozenset(
    {
        *(
            "PATH",
            "ENV",
            "BASH_ENV",
            "SHELLOPTS",
            "BASHOPTS",
            "PS4",
            "IFS",
            "CDPATH",
            "VIRTUAL_ENV",
        ),
        *("GCONV_PATH", "GLIBC_TUNABLES", "PERL5OPT", "PERL5LIB", "RUBYOPT", "NODE_OPTIONS"),
    }
)
_LOADS_CODE_PREFIXES = ("LD_", "DYLD_", "BASH_FUNC_")
_OF_THE_PORTAL = frozenset({"DATABASE_URL", "SECRET_KEY", "NOTIFY_SOCKET", "PWD", "OLDPWD"})
_OF_THE_PORTAL_PREFIXES = ("GUARDIANFLOW_", "MLFLOW_", "DJANGO_")
_OF_GPUS = frozenset({"CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "NVIDIA_VISIBLE_DEVICES"})
_PASSWORD_IN_ADDRESS = re.compile(r"://[^/\s:@]*:[^/\s@]+@")


class VariableRefusedError(RegistryError):
    """The variable must not be set here."""


def refusals(variables: Mapping[str, str]) -> Iterator[tuple[str, VariableRefusedError]]:
    """Yield each name that breaks the rule, with the reason; '' means all of them together."""
    if len(variables) > MAX_VARIABLES:
        yield "", VariableRefusedError(texts.TOO_MANY(limit=MAX_VARIABLES))
    for name, value in variables.items():
        error = _refusal(name, value)
        if error is not None:
            yield name, error


def _refusal(name: str, value: str) -> VariableRefusedError | None:
    if not _NAME.fullmatch(name):
        return VariableRefusedError(texts.NO_NAME(name=name))
    if name.startswith("PYTHON") and name not in PYTHON_ALLOWED:
        return VariableRefusedError(
            texts.LOADS_PYTHON_CODE(name=name, names=sorted(PYTHON_ALLOWED))
        )
    if name in _LOADS_CODE or name.startswith(_LOADS_CODE_PREFIXES):
        return VariableRefusedError(texts.LOADS_CODE(name=name))
    if name in _OF_THE_PORTAL or name.startswith(_OF_THE_PORTAL_PREFIXES):
        return VariableRefusedError(texts.SET_BY_PORTAL(name=name))
    if name in _OF_GPUS:
        return VariableRefusedError(texts.SET_FOR_GPUS(name=name))
    return _refusal_of_value(name, value)


def looks_secret(name: str, value: str) -> bool:
    """Whether a variable may hold a secret: by its name, or by a password in an address."""
    is_named = names_secret(name) or is_secret(name, value)
    return is_named or _PASSWORD_IN_ADDRESS.search(value) is not None


def _refusal_of_value(name: str, value: str) -> VariableRefusedError | None:
    if looks_secret(name, value):
        return VariableRefusedError(texts.SECRET(name=name))
    if len(value) > MAX_VALUE:
        return VariableRefusedError(texts.TOO_LONG(name=name, limit=MAX_VALUE))
    # A lone surrogate may come from a JSON file and cannot be passed to a process.
    if not value.isprintable() and any(
        ord(character) < 32 or character == "\x7f" for character in value
    ):
        return VariableRefusedError(texts.NO_VALUE(name=name))
    try:
        value.encode()
    except UnicodeEncodeError:
        return VariableRefusedError(texts.NO_VALUE(name=name))
    return None


def from_lines(text: str) -> dict[str, str]:
    """Return the variables of a text with `NAME=value` in each line; raises ValueError.

    The argument of the error is the first invalid line, or a duplicate name.
    """
    found: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        name, sign, value = line.strip().partition("=")
        if not sign or not name.strip() or name.strip() in found:
            raise ValueError(line.strip())
        found[name.strip()] = value.strip()
    return found


def to_lines(variables: Mapping[str, str]) -> str:
    """Return variables as lines of `NAME=value`, sorted by name."""
    return "\n".join(f"{name}={value}" for name, value in sorted(variables.items()))
