"""Records which files a run was started with: those that a parameter or `reads` names.

1. `note`, while the run holds its directory and before its script starts: each value of a
   parameter, word of the extra arguments and path of `reads` that is a file is hashed.
2. `note_end`, after the script has ended and before the directory is free: each is hashed again, so
   that a file which changed in between is no proof of what was read.

Neither ever prevents a start or an end. Reading is limited in bytes and in time; the rows say what
was left out, and why.
"""

from __future__ import annotations

import hashlib
import logging
import os
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from registry_app.messages import Message, Text
from registry_app.models import EntryPoint
from runs_app.choices import InputHow
from runs_app.comparing.storable import storable
from runs_app.executors import notices, script_user
from runs_app.executors.fencing import kept_outputs
from runs_app.models import Run, RunInput
from runs_app.runner.isolation.fence import is_inside
from runs_app.runner.outputs.copying import NotKeptError, opened
from runs_app.system.files import write_json
from runs_app.texts import inputs as texts
from runs_app.texts.remarks import MORE_INPUTS

logger = logging.getLogger(__name__)

NAME = "inputs.json"
READS = "reads"
MAX_INPUTS = 100
GIB = 2**30
MAX_GIB = 16
# For all inputs of a run together, before the start and again after the end.
MAX_S = 60
CHUNK_BYTES = 2**20
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY | os.O_NOFOLLOW
MAX_PATH, MAX_NAME = 1000, 250


@dataclass(frozen=True, kw_only=True)
class Content:
    """The digest of a file, or why there is none."""

    sha256: str = ""
    size_bytes: int | None = None
    left_out: Message | None = None


@dataclass(frozen=True, kw_only=True)
class Named:
    """What names a file; what `reads` names is recorded even if it is not there."""

    name: str
    must_be_there: bool = False


@dataclass
class Clock:
    """The time that is left for reading the inputs of one run, in seconds."""

    until: float = field(default_factory=lambda: time.monotonic() + MAX_S)

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self.until


def note(run: Run) -> None:
    """Hash and store what the run was started with; raises DatabaseError. Repeatable."""
    clock = Clock()
    rows: list[RunInput] = []
    more = 0
    for path, named in _named(run).items():
        if len(rows) == MAX_INPUTS:
            more += named.must_be_there or _is_file(run, path)
        elif (found := _facts(_content(run, path, clock), named)) is not None:
            rows.append(RunInput(run=run, path=path, how=InputHow.NAMED, **found))
    with transaction.atomic():
        run.inputs.all().delete()
        RunInput.objects.bulk_create(rows)
    if more:
        notices.add(run.pk, MORE_INPUTS(limit=MAX_INPUTS, count=more))
    else:
        notices.take_back(run.pk, MORE_INPUTS)
    _write(run, rows, more)


def note_end(run: Run) -> None:
    """Store whether each input is what it was before the start. Repeatable."""
    rows = list(run.inputs.exclude(sha256=""))
    if not rows:
        return
    clock = Clock()
    for row in rows:
        now = _content(run, row.path, clock)
        # A file that is gone has changed; one that was not read in time is not known.
        is_known = bool(now.sha256) or _is_one_of(now, texts.NOT_THERE, texts.NO_FILE)
        row.changed = now.sha256 != row.sha256 if is_known else None
    RunInput.objects.bulk_update(rows, ["changed"])
    more = Run.objects.values_list("notices", flat=True).get(pk=run.pk).get(MORE_INPUTS.code, {})
    _write(run, list(run.inputs.all()), int(more.get("count", 0)))


def _named(run: Run) -> dict[str, Named]:
    """Return the paths that may name files, each with the first name that names it."""
    found: dict[str, Named] = {}
    for named, text in _texts(run):
        path = _stored(run, text)
        if path:
            found.setdefault(path, named)
    return found


def _texts(run: Run) -> Iterator[tuple[Named, str]]:
    entry = EntryPoint.objects.filter(experiment=run.experiment_id, type=run.type).first()
    for text in entry.reads if entry is not None else ():
        yield Named(name=READS, must_be_there=True), str(text)
    params: Mapping[str, Any] = run.params
    for name, value in params.items():
        if name not in run.secrets:
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, str):
                    yield Named(name=storable(name, MAX_NAME)), item
    for number, word in enumerate(run.extra_args, start=1):
        if isinstance(word, str):
            yield Named(name=f"-- {number}"), word.partition("=")[2] or word


def _stored(run: Run, text: str) -> str:
    """Return a path as it is stored: relative to the directory if inside, '' for no path."""
    if not text.strip() or "\0" in text or len(text) > MAX_PATH or "://" in text:
        return ""
    path = os.path.normpath(os.path.join(run.start_directory, os.path.expanduser(text)))
    relative = os.path.relpath(path, run.cwd)
    stored = path if relative.startswith("..") else relative
    return stored if len(stored) <= MAX_PATH and storable(stored, MAX_PATH) == stored else ""


def _is_file(run: Run, path: str) -> bool:
    """Whether a path names a file; the file is not opened."""
    try:
        return os.path.isfile(os.path.join(run.cwd, path))
    except ValueError:
        return False


def _facts(content: Content, named: Named) -> dict[str, Any] | None:
    """Return the columns of a row; None for a value that is no file."""
    if not named.must_be_there and _is_one_of(content, texts.NOT_THERE, texts.NO_FILE):
        return None
    return {
        "name": named.name,
        "sha256": content.sha256,
        "size_bytes": content.size_bytes,
        "left_out": content.left_out,
    }


def _is_one_of(content: Content, *reasons: Text) -> bool:
    why = content.left_out
    return why is not None and why.code in {reason.code for reason in reasons}


def _content(run: Run, path: str, clock: Clock) -> Content:
    """Return the digest of a file; never raises OSError."""
    real = os.path.realpath(os.path.join(run.cwd, path))
    refusal = _refusal(run, real)
    if refusal is not None:
        return Content(left_out=refusal)
    try:
        with _opened(run, real) as descriptor:
            return _digest(descriptor, clock)
    except NotKeptError as error:
        return Content(left_out=_why(real, str(error)))
    except (OSError, ValueError) as error:
        return Content(left_out=_why(real, getattr(error, "strerror", None) or str(error)))


@contextmanager
def _opened(run: Run, real: str) -> Iterator[int]:
    """Open a file without waiting for a pipe; as the user of scripts where the portal may not."""
    try:
        descriptor = os.open(real, _FLAGS)
    except PermissionError:
        directory = Path(os.path.realpath(run.cwd))
        with opened(directory, os.path.relpath(real, directory)) as descriptor:
            yield descriptor
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _why(path: str, error: str) -> Message:
    """Return why a file cannot be read: it is not there, no plain file, or the error."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return texts.NOT_THERE()
    except (OSError, ValueError):
        return texts.UNREADABLE(error=error)
    return texts.UNREADABLE(error=error) if stat.S_ISREG(mode) else texts.NO_FILE()


def _digest(descriptor: int, clock: Clock) -> Content:
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        return Content(left_out=texts.NO_FILE())
    if facts.st_size > MAX_GIB * GIB:
        return Content(size_bytes=facts.st_size, left_out=texts.TOO_LARGE(limit=MAX_GIB))
    digest, size_bytes = hashlib.sha256(), 0
    while chunk := os.read(descriptor, CHUNK_BYTES):
        if clock.is_over:
            return Content(size_bytes=facts.st_size, left_out=texts.TOO_SLOW(seconds=MAX_S))
        digest.update(chunk)
        size_bytes += len(chunk)
    return Content(sha256=digest.hexdigest(), size_bytes=size_bytes)


def _refusal(run: Run, real: str) -> Message | None:
    """Return why the portal must not open a file that a user named, None if it may.

    Its own data is out of reach, but for saved outputs of runs. Where scripts run as another user,
    the portal could read more than their users may see.
    """
    allowed = [os.path.realpath(run.cwd), *map(os.path.realpath, settings.GUARDIANFLOW_ROOTS)]
    if any(is_inside(real, root) for root in allowed) or any(kept_outputs([real])):
        return None
    if is_inside(real, os.path.realpath(settings.GUARDIANFLOW_HOME)):
        return texts.OF_THE_PORTAL()
    return None if script_user.by_settings() is None else texts.OUTSIDE()


def _write(run: Run, rows: list[RunInput], more: int) -> None:
    """Write the inputs into the run folder too, which must tell what happened without this row.

    `more` is how many inputs beyond the limit were not hashed.
    """
    files = [
        {
            "path": row.path,
            "how": row.how,
            "name": row.name,
            "sha256": row.sha256,
            "size_bytes": row.size_bytes,
            "changed": row.changed,
        }
        for row in rows
    ]
    try:
        if files:
            write_json(run.folder / NAME, {"format": 1, "files": files, "more": more})
    except OSError as error:
        logger.warning("inputs not written run=%s error=%s", run.pk, error)
