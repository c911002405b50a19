"""The parser of a script, asked by starting the script itself with stubbed imports."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from given_values import expected

from registry_app.arguments.parameters import COMMAND, Parameter
from runs_app.lifecycle.prepare import PreparedRun
from runs_app.preflight.script_choices import ScriptChoice
from runs_app.preflight.sub_commands import chosen_command
from runs_app.runner.command.build import build_command
from runs_app.runner.command.launcher import ACCELERATE, TORCHRUN
from runs_app.runner.interpreter import call_child

CHILD = Path(__file__).resolve().parent / "stubbed_start.py"
SECONDS = 20
KEPT = frozenset({".py", ".yaml", ".yml", ".json", ".txt", ".cfg", ".toml"})
MAX_BYTES = 2**20
_ERROR = re.compile(r"error: (.*)", re.DOTALL)
_NO_FILE = re.compile(r"FileNotFoundError: .*\Z")
_OPTION = re.compile(r"--?[\w-]+")


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """What a script made of its words.

    `error` is the parser's own, `problem` why the parser was not reached. `made` is what the
    options of given values make of their texts.
    """

    namespace: dict[str, Any] = field(default_factory=dict)
    made: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    problem: str = ""

    def without_file(self, values: dict[str, Any]) -> frozenset[str]:
        """Return the parameters whose files the script opens before it parses."""
        if not self.problem.startswith("FileNotFoundError"):
            return frozenset()
        return frozenset(name for name, value in values.items() if repr(value) in self.problem)

    def sharing(self) -> frozenset[str]:
        """Return the given parameters that set what another given one has set before."""
        first = {made["dest"]: name for name, made in reversed(self.made.items())}
        return frozenset(self.made) - frozenset(first.values())

    def excluded(self, known: Sequence[Parameter]) -> frozenset[str]:
        """Return the parameters that the error names first: they exclude others."""
        before, excludes, _after = self.error.partition("not allowed with argument")
        named = set(_OPTION.findall(before)) if excludes else set()
        return frozenset(row.name for row in known if row.flag in named)

    def differing(
        self, known: Sequence[Parameter], values: dict[str, Any], alone: Parsed
    ) -> list[str]:
        """Return what the namespace does not hold as it was given or left."""
        found: list[str] = []
        given = {row.name: row for row in known if row.name in values}
        dests = set()
        for name, row in given.items():
            made = self.made.get(name)
            if made is None:
                found.append(f"{name}: the parser has no such option")
                continue
            dests.add(made["dest"])
            held = self.namespace.get(made["dest"])
            wanted = expected(row, values[name], made, alone.namespace.get(made["dest"]))
            if held != wanted:
                found.append(f"{name}: holds {held}, not {wanted}")
        for name, held in self.namespace.items():
            if name not in dests and held != alone.namespace.get(name):
                found.append(f"{name}: holds {held}, alone {alone.namespace.get(name)}")
        return found


class OwnParser:
    """The parser of one script in a copy of its directory."""

    def __init__(self, copy: Path, script: str) -> None:
        self._copy = copy
        self._script = script
        self._start: dict[str, Any] = {"script": script}
        self._folder = copy
        self._own = False

    def arguments(self, prepared: PreparedRun) -> tuple[str, ...]:
        """Take over how a run starts the script; return the words behind that, with secrets."""
        argv = [prepared.hidden.get(at, word) for at, word in enumerate(prepared.argv)]
        self._folder = self._copy / prepared.working_directory
        if argv[1] == "-m" and argv[2] not in {ACCELERATE, TORCHRUN}:
            self._start = {"script": self._script, "module": argv[2]}
            return tuple(argv[3:])
        if argv[1] == call_child.__file__:
            self._start = {"script": argv[2], "function": argv[3]}
            return tuple(argv[4:])
        at = next(at for at, word in enumerate(argv) if word.endswith(Path(self._script).name))
        self._start = {"script": argv[at]}
        return tuple(argv[at + 1 :])

    def parse(
        self,
        words: Sequence[str],
        given: dict[str, dict[str, Any]] | None = None,
        *,
        needs_nothing: bool = False,
    ) -> Parsed:
        """Start the script with these words up to the end of its parser."""
        found = self._parse(words, given or {}, needs_nothing=needs_nothing)
        if needs_nothing and found.problem and not self._own:
            # Something at its top needs more of the modules beside it than a stub.
            self._own = True
            second = self._parse(words, given or {}, needs_nothing=needs_nothing)
            if not second.problem:
                return second
            self._own = False
        return found

    def _parse(
        self, words: Sequence[str], given: dict[str, dict[str, Any]], *, needs_nothing: bool
    ) -> Parsed:
        asked = {
            **self._start,
            "folder": str(self._folder),
            "root": str(self._copy),
            "words": list(words),
            "given": given,
            "needs_nothing": needs_nothing,
            "own": self._own,
            "seconds": SECONDS,
        }
        lines, errors, code = starter().started(asked)
        return _parsed(lines, errors, code)


class Starter:
    """A process that starts scripts with stubs; a thread has its own."""

    def __init__(self) -> None:
        self._files = Path(tempfile.mkdtemp())
        self._child = subprocess.Popen(
            [*_without_network(), sys.executable, str(CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def started(self, asked: dict[str, Any]) -> tuple[list[dict[str, Any]], str, int]:
        """Return the reports of a start, what it wrote to standard error, and its exit status."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        report, errors = self._files / "report", self._files / "errors"
        report.write_text("")
        line = json.dumps({**asked, "report": str(report), "errors": str(errors)})
        print(line, file=self._child.stdin, flush=True)
        code = int(self._child.stdout.readline())
        reports = [json.loads(line) for line in report.read_text().splitlines()]
        return reports, errors.read_text(errors="replace").strip(), code


_of_thread = threading.local()


def starter() -> Starter:
    """Return the starter of this thread."""
    if not hasattr(_of_thread, "starter"):
        _of_thread.starter = Starter()
    found: Starter = _of_thread.starter
    return found


def _parsed(lines: Sequence[dict[str, Any]], errors: str, code: int) -> Parsed:
    if not lines or (code == 2 and "error: " in errors):
        refusal = _ERROR.search(errors) if code == 2 else None
        if refusal:
            return Parsed(error=refusal[1].strip())
        last = errors.splitlines()[-1] if errors else ""
        return Parsed(problem=last or "it ended")
    if lines[-1]["left"] and (found := _NO_FILE.search(errors)):
        return Parsed(problem=found[0])
    if lines[-1]["left"]:
        return Parsed(error=f"left over: {lines[-1]['left']}")
    namespace: dict[str, Any] = {}
    made: dict[str, Any] = {}
    for line in lines:
        namespace |= line["namespace"]
        made |= line["made"]
    return Parsed(namespace=namespace, made=made)


@cache
def _without_network() -> tuple[str, ...]:
    """Return the words that start a process without network, none if the machine refuses."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return ()
    tried = subprocess.run([unshare, "-n", "true"], capture_output=True, check=False)
    return (unshare, "-n") if tried.returncode == 0 else ()


@cache
def copy_of(directory: Path, home: Path) -> Path:
    """Return a copy of a directory with its small text files only."""
    copy = home / "copies" / directory.name
    for folder, _folders, names in os.walk(directory):
        for name in names:
            file = Path(folder, name)
            if file.suffix in KEPT and file.is_file() and file.stat().st_size <= MAX_BYTES:
                target = copy / file.relative_to(directory)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)
    return copy


def starting_words(choice: ScriptChoice) -> tuple[str, ...]:
    """Return what starts the type and nothing else, also where parameters are required."""
    chosen = chosen_command(choice, {}).choice
    return build_command(
        launcher=(),
        template=chosen.args_template,
        parameters=[
            replace(row, required=row.required and row.name in choice.fixed)
            for row in chosen.parameters
            if row.name != COMMAND
        ],
        parameters_known=chosen.parameters_known,
        commands=chosen.commands,
        values={},
    ).argv
