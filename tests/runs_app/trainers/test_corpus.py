"""Each adapter that is drafted for the scripts of a folder of repositories does what they do.

    CORPUS_DIR=folder PROVE=1 pytest tests/runs_app/trainers/test_corpus.py

`folder` has one checked-out repository a folder. Each script that trains, infers or exports is
started as it is, then by the adapter drafted for it, without an edit, in the same place. Modules
that are not installed are stand-ins which note what they are asked to do. Compared are the
status, the notes, the output and the names of the files that were made.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from registry_app.inference.code.project import Project
from registry_app.inference.purpose.entry_points import EntryScript, find_entry_scripts
from registry_app.scan.files import Files
from registry_app.scan.walk import walk
from runs_app.trainers.draft import Draft, DraftError, draft
from tests.runs_app.trainers import stand_ins
from tests.runs_app.trainers.test_gf_base import BASE

CORPUS = os.environ.get("CORPUS_DIR", "")
TYPES = frozenset({"train", "infer", "quant"})
# A script that waits for a camera or a network does so under its adapter as well.
LIMIT_S = 60
TIMED_OUT = 124
LEAST = 10


@dataclass(frozen=True, kw_only=True)
class Did:
    """What one start of a script did."""

    status: int
    notes: tuple[str, ...]
    output: str
    made: tuple[str, ...]


@dataclass
class Figures:
    """What became of the scripts, each by its repository and path."""

    kinds: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    same: list[str] = field(default_factory=list)
    differ: list[str] = field(default_factory=list)
    none: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        rows = [
            f"{len(self.same)} of {len(self.same) + len(self.differ)} adapters do what they start",
            f"kinds {dict(self.kinds)}, ends {dict(self.ends)}",
            *(f"differs: {line}" for line in self.differ),
            *(f"no adapter: {line}" for line in self.none),
        ]
        return "\n".join(rows)


@pytest.mark.long
@pytest.mark.skipif(not CORPUS, reason="CORPUS_DIR names no folder of repositories")
def test_each_adapter_does_what_its_script_does(tmp_path: Path) -> None:
    figures = Figures()
    for repository in sorted(path for path in Path(CORPUS).iterdir() if path.is_dir()):
        compare_all(repository, tmp_path / "work", figures)
    sys.stdout.write(f"{figures}\n")
    assert len(figures.same) >= LEAST
    assert not figures.differ, str(figures)


def compare_all(repository: Path, work: Path, figures: Figures) -> None:
    """Start every script of a repository both ways."""
    files = Files(walk(repository))
    project = Project(name=repository.name, paths=list(files.listing.files), read=files.read)
    for script in find_entry_scripts(project):
        name = f"{repository.name}/{script.path}"
        if not TYPES & set(script.types.value or ()):
            continue
        try:
            made = draft(project, script.path, experiment="ppe")
        except DraftError as error:
            figures.none.append(f"{name}: {error.message}")
            continue
        figures.kinds[made.kind] += 1
        both = started_both_ways(repository, script, made, work)
        figures.ends[ending_of(both[0])] += 1
        if both[0] == both[1]:
            figures.same.append(name)
        else:
            figures.differ.append(f"{name} ({made.kind}): {both[0]} / {both[1]}"[:1500])


def started_both_ways(
    repository: Path, script: EntryScript, made: Draft, work: Path
) -> tuple[Did, Did]:
    """Start a script, and its adapter, in fresh copies of its repository at one path."""
    shutil.rmtree(work, ignore_errors=True)
    adapter = work / "core" / "trainer.py"
    adapter.parent.mkdir(parents=True)
    adapter.write_text(made.text, encoding="utf-8")
    shutil.copy(BASE, adapter.parent)
    libraries = work / "libraries"
    libraries.mkdir()
    shutil.copy(stand_ins.__file__, libraries / "sitecustomize.py")
    program = "bash" if script.path.endswith(".sh") else sys.executable
    words = words_of(script)
    old = started([program, script.path, *words], repository, work)
    return old, started([sys.executable, str(adapter), *words], repository, work)


def words_of(script: EntryScript) -> list[str]:
    """Return values for what must be given, and two epochs where the script has epochs."""
    words = []
    for parameter in script.command_line.parameters if not script.command_line.commands else ():
        if parameter.required and parameter.positional:
            words.append("1")
        elif parameter.required and parameter.flag and not parameter.flag.endswith("="):
            words += [parameter.flag, str((parameter.choices or ["1"])[0])]
        elif parameter.name == "epochs" and parameter.flag.startswith("--"):
            words += [parameter.flag, "2"]
    return words


def started(command: Sequence[str], repository: Path, work: Path) -> Did:
    """Start a command in a fresh copy of a repository."""
    place, log = work / "repository", work / "notes.txt"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(repository, place, symlinks=True)
    log.write_text("")
    before = {path for path in place.rglob("*") if path.is_file()}
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(work),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(work / "libraries"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PIP_NO_INDEX": "1",
        "STAND_INS_LOG": str(log),
        "GUARDIANFLOW_RECORD_DIR": str(work / "record"),
    }
    with (work / "output.txt").open("w+") as output, (work / "errors.txt").open("w") as errors:
        process = subprocess.Popen(
            command,
            cwd=place,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,
        )
        try:
            status = process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()
            status = TIMED_OUT
        output.seek(0)
        text = output.read()
    made = {path for path in place.rglob("*") if path.is_file()} - before
    return Did(
        status=status,
        notes=tuple(timeless(line) for line in log.read_text(encoding="utf-8").splitlines()),
        output=timeless(text),
        made=tuple(sorted(timeless(str(path.relative_to(place))) for path in made)),
    )


def timeless(text: str) -> str:
    """Return a text without what differs from start to start: dates, times, seconds, addresses."""
    text = re.sub(r"0x[0-9a-f]{6,}", "0x", text)
    text = re.sub(
        r"\b\d{1,4}([-:_./])\d{1,2}(\1|[T _-])\d{1,4}([ T_-]?\d\d[:_]?\d\d[:_]?\d\d)?", "@", text
    )
    return re.sub(r"\d+\.\d+(e-?\d+)?|\b\d{8,}\b", "#", text)


def ending_of(did: Did) -> str:
    """Return how a script ended, in a word."""
    known = {0: "done", 1: "error", 2: "refused", TIMED_OUT: "waits"}
    known |= {stand_ins.WORK_STATUS: "starts its work", stand_ins.LIMIT_STATUS: "many calls"}
    return known.get(did.status, f"status {did.status}")
