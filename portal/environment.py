"""Read settings from the environment; refuse a bad value with one clear line."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from registry_app.files import umask
from runs_app.tracking.experiment_template import template_problem

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MLFLOW_STORES = ("sqlite", "postgresql", "mysql", "mssql", "file")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def file_path(environment: Mapping[str, str], name: str, default: Path) -> Path:
    """Return the absolute path of a file, which need not exist yet."""
    written = environment.get(name, "").strip()
    path = Path(written).expanduser() if written else default
    if not path.is_absolute() or path.is_dir():
        raise ImproperlyConfigured(
            f"{name} is {written!r}; give the absolute path of a file, "
            "so that it does not depend on the current folder."
        )
    return path


def roots(environment: Mapping[str, str]) -> list[Path]:
    """Return the folders that hold experiment directories, in the order given."""
    return folders(environment, "GUARDIANFLOW_ROOTS") or [Path("~/experiments").expanduser()]


def folders(environment: Mapping[str, str], name: str) -> list[Path]:
    """Return the folders that a setting lists, separated by colons, in the order given."""
    found = []
    for part in filter(None, environment.get(name, "").strip().split(":")):
        folder = Path(part).expanduser()
        if not folder.is_absolute():
            raise ImproperlyConfigured(
                f"{name} holds {part!r}, a relative path; give absolute paths separated by ':'."
            )
        found.append(Path(os.path.normpath(folder)))
    return found


def one_of(environment: Mapping[str, str], name: str, words: Sequence[str]) -> str:
    """Return one of the words, the first if nothing is set."""
    written = environment.get(name, "").strip() or words[0]
    if written not in words:
        raise ImproperlyConfigured(f"{name} is {written!r}; give one of {', '.join(words)}.")
    return written


def linux_user(environment: Mapping[str, str], name: str) -> str:
    """Return the name or the number of a Linux user; '' if nothing is set."""
    written = environment.get(name, "").strip()
    if written and not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.@-]*\$?", written):
        raise ImproperlyConfigured(f"{name} is {written!r}; give the name of one Linux user.")
    if written in {"root", "0"}:
        raise ImproperlyConfigured(f"{name} is {written}; scripts never run as root.")
    return written


def allowed_hosts(environment: Mapping[str, str], own: str) -> list[str]:
    """Return the allowed host names; by default the portal's own and this machine's."""
    written = environment.get("GUARDIANFLOW_ALLOWED_HOSTS", "")
    hosts = [host.strip() for host in written.split(",") if host.strip()]
    for host in hosts:
        if "/" in host or " " in host:
            raise ImproperlyConfigured(
                f"GUARDIANFLOW_ALLOWED_HOSTS holds {host!r}; give names of hosts without "
                "http:// and path, separated by commas."
            )
    return hosts or sorted({own, "localhost", "127.0.0.1"})


def trusted_proxies(environment: Mapping[str, str]) -> list[Network]:
    """Return the networks of trusted proxies; by default none."""
    found: list[Network] = []
    for part in environment.get("GUARDIANFLOW_TRUSTED_PROXIES", "").split(","):
        if not part.strip():
            continue
        try:
            found.append(ipaddress.ip_network(part.strip(), strict=False))
        except ValueError as error:
            raise ImproperlyConfigured(
                f"GUARDIANFLOW_TRUSTED_PROXIES holds {part.strip()!r}; give addresses or networks "
                "separated by commas, for example 127.0.0.1,10.0.0.0/8."
            ) from error
    return found


def patterns(environment: Mapping[str, str], name: str, default: Sequence[str]) -> list[str]:
    """Return file name patterns, separated by commas; a leading + adds to the defaults."""
    written = environment.get(name, "").strip()
    if not written:
        return list(default)
    found = [part.strip() for part in written.removeprefix("+").split(",") if part.strip()]
    if any("/" in part for part in found):
        raise ImproperlyConfigured(f"{name} is {written!r}; give patterns of names, without '/'.")
    return [*default, *found] if written.startswith("+") else found


def junk(environment: Mapping[str, str], name: str, default: Sequence[str]) -> list[str]:
    """Return patterns of files that are not saved, each perhaps with `>` and a size in MiB."""
    written = environment.get(name, "").strip()
    if not written:
        return list(default)
    found = [part.strip() for part in written.removeprefix("+").split(",") if part.strip()]
    for part in found:
        glob, sign, size_mib = part.rpartition(">")
        if sign and not (glob and size_mib.isascii() and size_mib.isdigit()):
            raise ImproperlyConfigured(
                f"{name} holds {part!r}; give patterns such as *.tmp, or with a whole number of "
                "MiB *.npy>500."
            )
    return [*default, *found] if written.startswith("+") else found


def interpreters(environment: Mapping[str, str]) -> list[str]:
    """Return the interpreters that any entry point may name: files, or folders ending in `/`."""
    found = []
    for part in filter(None, environment.get("GUARDIANFLOW_INTERPRETERS", "").strip().split(":")):
        path = os.path.expanduser(part)
        if not os.path.isabs(path) or ".." in Path(path).parts:
            raise ImproperlyConfigured(
                f"GUARDIANFLOW_INTERPRETERS holds {part!r}; give absolute paths of programs, or of "
                "folders that end in '/', separated by ':'."
            )
        normal = f"/{os.path.normpath(path).lstrip('/')}"
        if normal == "/":
            raise ImproperlyConfigured(
                f"GUARDIANFLOW_INTERPRETERS holds {part!r}, which would allow every program; name "
                "the folders of interpreters."
            )
        if not part.endswith("/") and os.path.isdir(normal):
            raise ImproperlyConfigured(
                f"GUARDIANFLOW_INTERPRETERS holds {part!r}, a folder; write it with '/' at its end."
            )
        found.append(f"{normal}/" if part.endswith("/") else normal)
    return found


def interpreter(environment: Mapping[str, str], default: str) -> str:
    """Return the Python for scripts whose directory has none of its own."""
    written = environment.get("GUARDIANFLOW_PYTHON", "").strip()
    if not written:
        return default
    path = Path(written).expanduser()
    if not (path.is_absolute() and path.is_file() and os.access(path, os.X_OK)):
        raise ImproperlyConfigured(
            f"GUARDIANFLOW_PYTHON is {written!r}, which is no executable file; "
            "give the absolute path of a Python."
        )
    return str(path)


def web_address(environment: Mapping[str, str], name: str, default: str) -> str:
    """Return an http(s) address without a slash at its end."""
    written = environment.get(name, "").strip() or default
    if not _is_web_address(written):
        raise ImproperlyConfigured(
            f"{name} is {written!r}; give an address such as http://127.0.0.1:8000."
        )
    return written.rstrip("/")


def experiment_template(environment: Mapping[str, str]) -> str:
    """Return the template for the names of MLflow experiments."""
    written = environment.get("GUARDIANFLOW_MLFLOW_EXPERIMENT", "").strip()
    template = written or "{customer}.{region}.{plant}.{zone}.{task}"
    if problem := template_problem(template):
        raise ImproperlyConfigured(f"GUARDIANFLOW_MLFLOW_EXPERIMENT is {written!r}; {problem}.")
    return template


def script_time_zone(environment: MutableMapping[str, str]) -> str:
    """Return the TZ for scripts, '' for none; call it before Django sets its own.

    It is stored in the environment for child processes, which inherit Django's TZ.
    """
    return environment.setdefault("GUARDIANFLOW_SCRIPT_TZ", environment.get("TZ", ""))


def script_umask(environment: MutableMapping[str, str]) -> int:
    """Return the umask of scripts; by default that of the first process.

    It is stored in the environment for child processes, whose own umask is the portal's.
    """
    before = f"{umask.of_caller():03o}"
    written = environment.get("GUARDIANFLOW_SCRIPT_UMASK", "").strip() or before
    environment["GUARDIANFLOW_SCRIPT_UMASK"] = written
    if not re.fullmatch("0?[0-7]{3}", written):
        raise ImproperlyConfigured(
            f"GUARDIANFLOW_SCRIPT_UMASK is {written!r}; give three octal digits, "
            "such as 022 or 002."
        )
    return int(written, 8)


def _is_web_address(written: str) -> bool:
    try:
        parts = urlsplit(written)
        _port = parts.port
    except ValueError:  # unclosed brackets, or an invalid port
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def tracking_uri(
    environment: Mapping[str, str], default: str, *, remembered: Path | None = None
) -> str:
    """Return the URI of MLflow's store: a server, or a store that MLflow opens directly.

    `mlflow run` sets MLFLOW_TRACKING_URI to the store of its caller for the commands that it
    starts. These, which have MLFLOW_RUN_ID too, get the URI that the file `remembered` holds.
    """
    if is_mlflow_run(environment):
        written = _remembered(remembered)
    else:
        written = environment.get("MLFLOW_TRACKING_URI", "").strip()
    written = written or default
    scheme = written.partition("://")[0].partition("+")[0]
    if not _is_web_address(written) and (scheme not in MLFLOW_STORES or "://" not in written):
        # The address may hold a password, so the error does not repeat it.
        raise ImproperlyConfigured(
            "MLFLOW_TRACKING_URI is not understood; give the address of a server such as "
            "http://mlflow:5000, or leave it out."
        )
    return written


def is_mlflow_run(environment: Mapping[str, str]) -> bool:
    """Whether this process was started by `mlflow run`, or inside of a run of MLflow."""
    return bool(environment.get("MLFLOW_RUN_ID", "").strip())


def _remembered(file: Path | None) -> str:
    try:
        return file.read_text(encoding="utf-8").strip() if file is not None else ""
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(
            f"{file} cannot be read. Remove it; the next start of the worker writes it."
        ) from error


def whole_number(environment: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    """Return a whole number of at least `least`."""
    written = environment.get(name, "").strip()
    try:
        number = int(written or default)
    except ValueError:
        number = least - 1
    if number < least:
        raise ImproperlyConfigured(f"{name} is {written!r}; give a whole number from {least} up.")
    return number


def log_level(environment: Mapping[str, str]) -> str:
    """Return the level of the portal's own log lines, by its name."""
    written = environment.get("GUARDIANFLOW_LOG_LEVEL", "").strip().upper() or "INFO"
    if written not in LOG_LEVELS:
        raise ImproperlyConfigured(
            f"GUARDIANFLOW_LOG_LEVEL is {written!r}; give one of {', '.join(LOG_LEVELS)}."
        )
    return written


def database(environment: Mapping[str, str], home: Path) -> dict[str, object]:
    """Return Django's settings of the default database.

    SQLite needs IMMEDIATE transactions: with deferred ones a read that turns into a write fails
    at once with "database is locked", whatever the timeout.
    """
    url = environment.get("DATABASE_URL", "").strip()
    if url:
        try:
            # For an unknown scheme it would emit a warning with the password.
            if urlsplit(url).scheme not in environ.Env.DB_SCHEMES:
                raise ImproperlyConfigured(_bad_database_url())
            config: dict[str, object] = dict(environ.Env.db_url_config(url))
        except (ValueError, KeyError, ImproperlyConfigured) as error:
            raise ImproperlyConfigured(_bad_database_url()) from error
        engine = config.get("ENGINE", "")
        if engine not in {"django.db.backends.postgresql", "django.db.backends.sqlite3"}:
            raise ImproperlyConfigured(_bad_database_url())
    else:
        config = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(home / "portal.sqlite3")}
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    else:
        config.setdefault("CONN_HEALTH_CHECKS", True)
        config.setdefault("CONN_MAX_AGE", 60)
    return config


def _bad_database_url() -> str:
    # The address may hold a password, so the error does not repeat it.
    return (
        "DATABASE_URL is not understood; give postgres://USER:PASSWORD@HOST/NAME or leave it out."
    )
