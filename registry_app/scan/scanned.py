"""What a scan found in one directory, and its form between processes and in the cache: JSON."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from registry_app.document.model import ExperimentDocument
from registry_app.inference.facts import Facts
from registry_app.inference.purpose.entry_points import EntryScript
from registry_app.inference.site.known_places import NoteLine
from registry_app.messages import Message

# Escapes of null characters and of surrogates, alone or in pairs; some other texts look like them.
_TO_CLEAN = re.compile(r"\\u(?:0000|d[89a-f])")


@dataclass(frozen=True, kw_only=True)
class ScannedScript:
    """A script as found, with the digest of its content."""

    entry: EntryScript
    sha256: str
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class ScannedExperiment:
    """One directory: the drafted document, its scripts, and the warnings of the scan.

    `shows_model`: it is an experiment also without a script: it has weights, code of a model in
    another language, or a note about a model.
    """

    directory: Path
    document: ExperimentDocument
    scripts: Sequence[ScannedScript]
    facts: Facts
    notes: tuple[NoteLine, ...]
    warnings: tuple[Message, ...]
    shows_model: bool = True

    @property
    def is_experiment(self) -> bool:
        """Whether a scan takes it for an experiment, also if no person added it."""
        return bool(self.scripts) or self.shows_model


def encode(scanned: ScannedExperiment) -> bytes:
    """Return one line of JSON that every database and page can hold.

    Lone surrogates, null characters, NaN and infinities come from scripts, and are replaced.
    """
    plain = msgspec.to_builtins(scanned, enc_hook=str)
    try:
        line = _line(plain)
    except ValueError:  # NaN or infinities
        line = ""
    # Cleaning takes longer than the rest, and few drafts need it.
    if not line or _TO_CLEAN.search(line):
        line = _line(_clean(plain))
    return line.encode()


def _line(plain: Any) -> str:
    return json.dumps(plain, allow_nan=False, separators=(",", ":"))


def decode(data: bytes) -> ScannedExperiment:
    """Return what `encode` wrote; raises ValueError for anything else."""
    return msgspec.convert(json.loads(data), ScannedExperiment, dec_hook=_from_text)


def _from_text(kind: type, value: Any) -> Any:
    if kind is Path:
        return Path(value)
    raise NotImplementedError(kind)


def _clean(value: Any) -> Any:
    cleaner = _CLEANERS.get(value.__class__)
    return cleaner(value) if cleaner else value


def _clean_text(text: str) -> str:
    if text.isascii():
        return text.replace("\0", "\N{REPLACEMENT CHARACTER}") if "\0" in text else text
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", "\N{REPLACEMENT CHARACTER}")


_CLEANERS: dict[type, Callable[[Any], Any]] = {
    str: _clean_text,
    float: lambda number: number if math.isfinite(number) else None,
    list: lambda items: [_clean(item) for item in items],
    tuple: lambda items: [_clean(item) for item in items],
    dict: lambda items: {_clean(key): _clean(value) for key, value in items.items()},
}
