"""Find problems in launchers: hidden failures, and background work without a wait.

Only the text is analysed; the launcher is never run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from registry_app.files.shebang import parse_shebang
from registry_app.inference.purpose.shell_lines import (
    Started,
    parted,
    scripts_behind_pipes,
    started_in,
    words_of,
)
from registry_app.kinds import EntryPointType
from registry_app.messages import Message
from registry_app.texts import remarks

_STOPS_AT_FAILURES = re.compile(
    r"^[ \t]*set\s+(?:[-+]\w+\s+)*-(?:[a-zA-Z]*e|o\s+errexit)|^[ \t]*set\s.*\berrexit\b"
    r"|^[ \t]*trap\s.*\bERR\b"
    r"|\A#!.*\s-\w*e",
    re.MULTILINE,
)
_CHECKS_STATUS = re.compile(r"\$\?|PIPESTATUS|\$\{\?\}")
_CONDITION = re.compile(r"^(?:if|elif|while|until|!)\s")
# Words that end a block; they are not commands.
_CLOSER = re.compile(r"^(?:fi|done|esac|\}|\)|;;)\b|^[})]|^(?:fi|done|esac|else)$|^#")
_LOOP = re.compile(r"^(?:for|while|until|select)\b")
_OPENER = re.compile(r"^(?:for|while|until|select|if|case)\b|^[({]|.*\{$")
_WAITS = re.compile(r"^wait\b")
_DETACHING = re.compile(r"^(?:screen\s.*-\w*d|tmux\s+new(?:-session)?\s.*-d|.*\bsetsid\s+(?!-w))")
_ACTIVATE = ("bin/activate", "Scripts/activate")  # the latter is made on Windows
_PYTHON_BY_PATH = re.compile(r"^[\"']?(/[^\s\"'$]*/python[0-9.]*)[\"']?$")


@dataclass(frozen=True, kw_only=True)
class Activation:
    """An environment that a launcher activates: `conda` and a name, or `venv` and a path."""

    kind: str
    name: str


@dataclass
class _Work:
    name: str
    sign: str
    is_background: bool = False


def remarks_on(text: str) -> list[Message]:
    """Return warnings to show before a launcher is started."""
    shebang = parse_shebang(text[:300].encode())
    if shebang is not None and not shebang.is_bourne_shell:
        return []
    piped = scripts_behind_pipes(text)
    return [
        *(remarks.UNSEEN_FAILURE(script=script) for script in piped),
        *(remarks.UNCHECKED_FAILURE(script=script) for script in unseen_scripts(text)),
        *(remarks.IN_BACKGROUND(script=script) for script in background_work(text)),
    ]


def unseen_scripts(text: str) -> list[str]:
    """Return started scripts whose failure is lost, because the launcher continues and succeeds."""
    if _STOPS_AT_FAILURES.search(text):
        return []
    commands = list(parted(text))
    depth, unseen = 0, []
    for number, (command, sign) in enumerate(commands):
        names = [
            started.script or started.words.split(" ")[0]
            for started in started_in(command)
            if _works(started)
        ]
        rest = commands[number + 1 :]
        is_plain = not _CONDITION.match(command) and sign in {"", ";", "&&"}
        if is_plain and (depth or _is_followed(rest, sign)) and not _is_status_checked(rest):
            unseen += names
        depth += bool(_LOOP.match(command))
        depth -= command.split(" ")[0] == "done"
    return list(dict.fromkeys(unseen))


def background_work(text: str) -> list[str]:
    """Return the commands that a launcher starts in the background without waiting.

    Empty if it also does something in the foreground: that is its main work.
    """
    items: list[_Work] = []
    opened: list[int] = []
    for command, sign in parted(text):
        if _WAITS.match(command):
            items = [item for item in items if not item.is_background]
        elif _OPENER.match(command):
            opened.append(len(items))
        for started in started_in(command):
            if _works(started):
                is_detached = sign == "&" or bool(_DETACHING.match(command))
                name = started.script or started.words.split(" ")[0]
                items.append(_Work(name=name, sign=sign, is_background=is_detached))
        if _closes(command) and opened:
            begin = opened.pop()
            for item in items[begin:] if sign == "&" else ():
                item.is_background = True
    if any(not item.is_background for item in items):
        return []
    return list(dict.fromkeys(item.name for item in items))


def activations(text: str) -> list[Activation]:
    """Return the environments that a launcher activates, in order."""
    return list(dict.fromkeys(_activations(text)))


def pythons_by_path(text: str) -> list[str]:
    """Return the interpreters that a launcher starts by an absolute path."""
    words = (words_of(command)[:1] for command, _sign in parted(text))
    found = (_PYTHON_BY_PATH.match(first[0]) for first in words if first)
    return list(dict.fromkeys(hit[1] for hit in found if hit))


def _activations(text: str) -> Iterator[Activation]:
    for command, _sign in parted(text):
        words = [word.strip("\"'") for word in words_of(command)]
        match words:
            case ["conda" | "mamba" | "micromamba", "activate", str(name), *_]:
                yield Activation(kind="conda", name=name)
            case ["source" | ".", "activate", str(name), *_]:
                yield Activation(kind="conda", name=name)
            case ["conda" | "mamba" | "micromamba", "run", *options] if "-n" in options[:-1]:
                yield Activation(kind="conda", name=options[options.index("-n") + 1])
            case ["source" | ".", str(path), *_] if path.endswith(_ACTIVATE):
                yield Activation(kind="venv", name=path)


def _works(started: Started) -> bool:
    return started.kind is not EntryPointType.DEMO and bool(started.script or started.words)


def _is_followed(rest: list[tuple[str, str]], sign: str) -> bool:
    """Whether another command decides the launcher's exit status."""
    following = list(rest)
    while following and sign == "&&":  # skipped if the previous command fails
        _command, sign = following.pop(0)
    for command, _sign in following:
        if _CLOSER.match(command):
            continue
        return command != "exit"  # `exit` without a number keeps the last exit status
    return False


def _is_status_checked(rest: list[tuple[str, str]]) -> bool:
    """Whether the launcher checks the exit status directly after."""
    return bool(rest) and _CHECKS_STATUS.search(rest[0][0]) is not None


def _closes(command: str) -> bool:
    """Whether a command ends a block, possibly directly after its last command: `python x.py)`."""
    is_word = command.split(" ", maxsplit=1)[0] in {"done", "fi", "esac", "}", ")"}
    return is_word or command.count(")") > command.count("(") or command.endswith(("}", "; }"))
