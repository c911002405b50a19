"""Find the folder of its directory in which a script is meant to be started.

A note or a launcher with `cd src && python train.py` is evidence, and so is one that starts the
script from the top. If neither mentions the script, the files that it names are evidence if they
are in its own folder, or in one above, and not at the top.
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import BATCH, SHELL, Source
from registry_app.inference.code.tree_index import called
from registry_app.inference.guess import Guess
from registry_app.inference.purpose.shell_lines import commands_of, started_in, words_of
from registry_app.texts import reasons
from registry_app.words import Confidence

# Other shell names of the current folder.
_OF_LAUNCHER = re.compile(r"dirname|BASH_SOURCE|%~dp0|PSScriptRoot")
_QUOTED_CODE = re.compile(r"`([^`]+)`")
_PROMPT = re.compile(r"^\s*(?:[-*]\s+|\d+\.\s+)?(?:[$>%]\s+)?")
_FENCE = re.compile(r"^\s*(?:```|~~~)")
_FILE = re.compile(r"(?:\./)?[\w+\-가-힣][\w./+\-가-힣]*\.[A-Za-z]\w{0,5}")
# Calls that join their name argument to a folder, compare it or only print it.
_NO_FILES = frozenset(
    "join joinpath with_name endswith startswith print info debug warning error format replace"
    " strip split Exception ValueError FileNotFoundError import_module".split()
)
_REMEMBERED = "starts of notes and launchers"


@dataclass(frozen=True, kw_only=True)
class _Text:
    """Commands with the path of their file, and the folder in which they begin."""

    path: str
    commands: str
    whole: str
    folder: str = ""


def start_folder(
    script: str, project: Project, notes: Sequence[tuple[str, str]]
) -> Guess[str] | None:
    """Return the folder in which a script is started, None for the directory itself.

    `notes` are path and text.
    """
    for text, started, folder in _all_starts(project, tuple(notes)):
        if _place(folder, started) == script:
            return _guess(script, started, folder, text) if folder else None
    source = project.source(script)
    if source is None:
        return None
    if script.lower().endswith(SHELL + BATCH):
        return _by_scripts(source, project)
    return _by_files(source, project)


def _all_starts(
    project: Project, notes: tuple[tuple[str, str], ...]
) -> list[tuple[_Text, str, str]]:
    """Return what notes and launchers start in which folder, read once for all scripts."""
    known = project.remembered.get(_REMEMBERED)
    if isinstance(known, tuple) and known[0] == notes:
        return cast("list[tuple[_Text, str, str]]", known[1])
    found = [
        (text, started, folder)
        for text in (*_of_notes(notes), *_of_launchers(project))
        for started, folder in _starts(text, project)
        if folder is not None
    ]
    project.remembered[_REMEMBERED] = (notes, found)
    return found


def _guess(script: str, started: str, folder: str, text: _Text) -> Guess[str]:
    name = posixpath.basename(started)
    lines = text.whole.splitlines()
    line = next((number for number, content in enumerate(lines, start=1) if name in content), 1)
    return Guess(
        value=folder,
        confidence=Confidence.SURE,
        source=f"{text.path}:{line}",
        reason=(reasons.STARTED_THERE(script=script),),
    )


def _of_notes(notes: Iterable[tuple[str, str]]) -> Iterator[_Text]:
    """Yield the commands quoted in notes, one block at a time; each block begins at the top."""
    for path, text in notes:
        block: list[str] = []
        for line in [*text.splitlines(), "```"]:
            quoted = _QUOTED_CODE.findall(line)
            if _FENCE.match(line) or quoted or not line.strip():
                yield _Text(path=path, commands="\n".join(block), whole=text)
                block = []
            for command in quoted if not _FENCE.match(line) else ():
                yield _Text(path=path, commands=command, whole=text)
            if not quoted and not _FENCE.match(line):
                block.append(_PROMPT.sub("", line))


def _of_launchers(project: Project) -> Iterator[_Text]:
    """Yield shell and batch files: as if started from the top, then from their own folder."""
    launchers = list(project.scripts(SHELL + BATCH))
    for own in (False, True):
        for source in launchers:
            folder = posixpath.dirname(source.path) if own else ""
            if folder or not own:
                yield _Text(
                    path=source.path, commands=source.text, whole=source.text, folder=folder
                )


def _starts(text: _Text, project: Project) -> Iterator[tuple[str, str | None]]:
    """Yield each started script with its folder, None if that depends on the machine."""
    folder: str | None = text.folder
    before: list[str | None] = []
    for command in commands_of(text.commands):
        if command.startswith("("):
            before.append(folder)
        words = words_of(command)
        if words[:1] in (["cd"], ["pushd"], ["Set-Location"], ["chdir"]):
            folder = _changed(folder, " ".join(words[1:]), text, project)
        elif words[:1] == ["popd"]:
            folder = text.folder
        for started in started_in(command):
            if started.script:
                yield started.script, folder
        if before and command.endswith(")"):
            folder = before.pop()


def _changed(folder: str | None, target: str, text: _Text, project: Project) -> str | None:
    """Return the folder after `cd target`, None if it is not in the directory."""
    if _OF_LAUNCHER.search(target):
        tail = re.split(r"[)}]|%~dp0", target)[-1]
        return _inside(posixpath.join(posixpath.dirname(text.path), tail.strip("\"'/\\ ") or "."))
    target = target.removeprefix("/d ").strip("\"' ").replace("\\", "/")
    parts = [part for part in target.split("/") if part not in ("", ".")]
    if project.name in parts:  # its name after `git clone`
        return _inside("/".join(parts[parts.index(project.name) + 1 :]) or ".")
    if target.startswith(("/", "~", "-")) or "$" in target or "%" in target or folder is None:
        return None
    return _inside(posixpath.join(folder, target or "."))


def _inside(path: str) -> str | None:
    path = posixpath.normpath(path)
    return None if path.startswith("..") else "" if path == "." else path


def _place(folder: str, script: str) -> str:
    return posixpath.normpath(posixpath.join(folder, script))


def _by_scripts(source: Source, project: Project) -> Guess[str] | None:
    """Return the folder of a launcher if the scripts that it starts are only there."""
    own = posixpath.dirname(source.path)
    text = _Text(path=source.path, commands=source.text, whole=source.text)
    for started, folder in _starts(text, project):
        if folder == "" and own and started not in project and _place(own, started) in project:
            return _guess(source.path, started, own, text)
    return None


def _by_files(source: Source, project: Project) -> Guess[str] | None:
    """Return the folder, its own or one above, with a script's files, unless they are at the top.

    A script that uses its own location, or changes the folder, needs none.
    """
    if source.tree is None or "__file__" in source.text or source.calls("chdir"):
        return None
    files = list(dict.fromkeys(_named_files(source)))
    if any(path in project for path, _line in files):
        return None
    folder = posixpath.dirname(source.path)
    while folder:
        for path, line in files:
            if _place(folder, path) in project:
                return Guess(
                    value=folder,
                    confidence=Confidence.LIKELY,
                    source=f"{source.path}:{line}",
                    reason=(reasons.FILE_ONLY_THERE(path=path),),
                )
        folder = posixpath.dirname(folder)
    return None


def _named_files(source: Source) -> Iterator[tuple[str, int]]:
    """Yield the relative files in arguments of calls, also as the default of an option."""
    for call in source.nodes(ast.Call):
        if called(call) in _NO_FILES:
            continue
        given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg != "help")]
        for node in given:
            match node:
                case ast.Constant(value=str() as text) if _FILE.fullmatch(text):
                    yield posixpath.normpath(text), node.lineno
