"""The packages that a directory declares: requirements, conda, Pipfile, pyproject."""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from registry_app.files.conda import ENVIRONMENT_FILE, named_environment
from registry_app.inference.code.project import Project

_REQUIREMENTS = re.compile(r"(?:[\w.-]*[_.-])?requirements?(?:[_.-][\w.-]*)?\.txt", re.IGNORECASE)
_PACKAGE = re.compile(r"([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*([^;#@]*)")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_FILES = 30
MAX_PACKAGES = 500
MAX_NAME_LENGTH = 100


@dataclass(frozen=True, kw_only=True)
class RequirementFile:
    """A file that names packages; `packages` are names in lower case with their version.

    `environment` is the name of a conda environment, found in `line`; `python` is the requested
    version.
    """

    path: str
    kind: str
    packages: tuple[tuple[str, str], ...] = ()
    environment: str = ""
    python: str = ""
    line: int = 0


def find_requirements(project: Project) -> tuple[RequirementFile, ...]:
    """Return the readable files that name packages, those nearest to the top first."""
    found: list[RequirementFile] = []
    for path in sorted(project.paths, key=lambda name: (name.count("/"), name)):
        read = _reader(posixpath.basename(path))
        if read is None or len(found) >= MAX_FILES:
            continue
        text = project.text(path)
        file = read(path, text) if text else None
        if file is not None and (file.packages or file.environment or file.python):
            found.append(file)
    return tuple(found)


def _reader(name: str) -> Callable[[str, str], RequirementFile | None] | None:
    if _REQUIREMENTS.fullmatch(name):
        return _requirements
    if ENVIRONMENT_FILE.fullmatch(name):
        return _conda
    return {"Pipfile": _pipfile, "pyproject.toml": _pyproject}.get(name)


def _requirements(path: str, text: str) -> RequirementFile:
    return RequirementFile(path=path, kind="requirements", packages=_packages(text.splitlines()))


def _packages(lines: list[str]) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for line in lines:
        named = _PACKAGE.match(line.strip())
        if named and len(named[1]) <= MAX_NAME_LENGTH and "://" not in line.partition("#")[0]:
            found.setdefault(named[1].lower().replace("_", "-"), _version(named[2]))
    return tuple(found.items())[:MAX_PACKAGES]


def _version(text: str) -> str:
    """Return a version without a redundant operator: `==8.0` becomes 8.0, `>=8.0` stays."""
    text = re.sub(r"\s+", "", text)[:60]
    return text.lstrip("=") if re.fullmatch(r"={1,3}[^,=<>!~]+", text) else text


def _conda(path: str, text: str) -> RequirementFile | None:
    try:
        data = yaml.load(text, Loader=_LOADER)  # noqa: S506  # a safe loader
    except (yaml.YAMLError, ValueError, RecursionError, TypeError):
        return None
    if not isinstance(data, dict) or not isinstance(data.get("dependencies"), list):
        return None
    lines = list(_conda_lines(data["dependencies"]))
    packages = dict(_packages(lines))
    python = packages.pop("python", "")
    named = named_environment(path, text)
    return RequirementFile(
        path=path,
        kind="conda",
        packages=tuple(packages.items()),
        environment=named.name[:MAX_NAME_LENGTH] if named else "",
        python=python,
        line=named.line if named else 0,
    )


def _conda_lines(dependencies: list[Any]) -> Iterator[str]:
    """Yield dependencies in pip's syntax: conda's `pytorch=1.12=py3.9_0` is `pytorch==1.12`."""
    for dependency in dependencies:
        if isinstance(dependency, str) and re.search(r"[<>!~]", dependency):
            yield dependency.rpartition("::")[2]
        elif isinstance(dependency, str):
            name, _equals, rest = dependency.rpartition("::")[2].partition("=")
            version = rest.strip("=").partition("=")[0]
            yield f"{name}=={version}" if version else name
        elif isinstance(dependency, dict) and isinstance(dependency.get("pip"), list):
            yield from (line for line in dependency["pip"] if isinstance(line, str))


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _pipfile(path: str, text: str) -> RequirementFile:
    data = _toml(text)
    return RequirementFile(
        path=path,
        kind="Pipfile",
        packages=_table(data.get("packages")),
        python=_text(_dict(data.get("requires")).get("python_version")),
    )


def _pyproject(path: str, text: str) -> RequirementFile:
    data = _toml(text)
    project = _dict(data.get("project"))
    poetry = _dict(_dict(_dict(data.get("tool")).get("poetry")).get("dependencies"))
    listed = project.get("dependencies")
    lines = [line for line in listed if isinstance(line, str)] if isinstance(listed, list) else []
    return RequirementFile(
        path=path,
        kind="pyproject",
        packages=_packages(lines) or tuple(pair for pair in _table(poetry) if pair[0] != "python"),
        python=_text(project.get("requires-python")) or _text(poetry.get("python")),
    )


def _table(value: Any) -> tuple[tuple[str, str], ...]:
    lines = {
        str(name): _text(detail.get("version")) if isinstance(detail, dict) else _text(detail)
        for name, detail in _dict(value).items()
    }
    return tuple(
        (name.lower().replace("_", "-"), "" if version == "*" else _version(version))
        for name, version in lines.items()
        if len(name) <= MAX_NAME_LENGTH
    )[:MAX_PACKAGES]


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value[:60] if isinstance(value, str) else ""
