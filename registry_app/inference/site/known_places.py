"""Recognises the customers, regions, plants and zones that the registry knows already.

They are handed in, so nothing here asks a database. A known name wins over a guess, except over a
customer that stands before a region in the directory's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from registry_app.choices import Confidence
from registry_app.document.model import Evidence, ExperimentDocument, SiteDocument
from registry_app.inference import reasons
from registry_app.inference.site.places import read_name, words_of_name
from registry_app.inference.site.spellings import (
    KnownCustomer,
    Match,
    Spellings,
    same_name,
    words_of_line,
)
from registry_app.messages import Message

_PARTS = ("region", "plant", "zone")


@dataclass(frozen=True, kw_only=True)
class NoteLine:
    """A line of a note, one of its first."""

    path: str
    number: int
    text: str

    @property
    def source(self) -> str:
        return f"{self.path}:{self.number}"


@dataclass(frozen=True, kw_only=True)
class _Said:
    value: str
    evidence: Evidence


def recognise(
    document: ExperimentDocument,
    *,
    directory: str,
    notes: Sequence[NoteLine],
    spellings: Spellings,
) -> ExperimentDocument:
    """Return a drafted document with the known names of what its directory and notes speak of."""
    words = words_of_name(directory)
    match, source = spellings.find(words), directory
    rest = words
    if match is not None:
        rest = [*words[: match.begin], *words[match.end :]]
    elif not _is_sure(document):
        match, source = _in_notes(notes, spellings)
    if match is None:
        return document
    said = {"customer": _customer(match, source)}
    if source == directory:
        said |= _by_habit(rest, directory)
    said |= _known_parts(match.customer, rest, directory, notes)
    return _with(document, said)


def _is_sure(document: ExperimentDocument) -> bool:
    evidence = document.evidence.get("site.customer")
    return evidence is not None and evidence.confidence == Confidence.SURE


def _in_notes(notes: Sequence[NoteLine], spellings: Spellings) -> tuple[Match | None, str]:
    for line in notes:
        match = spellings.find(words_of_line(line.text))
        if match is not None:
            return match, line.source
    return None, ""


def _customer(match: Match, source: str) -> _Said:
    reason = reasons.KNOWN_SPELLING if match.is_exact else reasons.SOUNDS_KNOWN
    confidence = Confidence.SURE if match.is_exact else Confidence.LIKELY
    name = match.customer.name
    text = reason(spelling=match.spelling, customer=name)
    return _Said(value=name, evidence=_evidence(confidence, source, text))


def _by_habit(rest: Sequence[str], directory: str) -> dict[str, _Said]:
    """Return what the words beside the customer say, as if it stood where the habit has it."""
    place = read_name("-".join(["customer", *rest]))
    guesses = {part: getattr(place, part) for part in _PARTS}
    return {
        part: _Said(value=guess.value, evidence=replace(guess.evidence, source=directory))
        for part, guess in guesses.items()
        if guess is not None
    }


def _known_parts(
    customer: KnownCustomer, rest: Sequence[str], directory: str, notes: Sequence[NoteLine]
) -> dict[str, _Said]:
    known = {"region": customer.regions, "plant": customer.plants, "zone": customer.zones}
    found: dict[str, _Said] = {}
    for words, source in _texts(rest, directory, notes):
        for part, names in known.items():
            name = next((one for one in names for word in words if same_name(word, one)), None)
            if name and part not in found:
                evidence = _evidence(Confidence.LIKELY, source, reasons.KNOWN_PLACE())
                found[part] = _Said(value=name, evidence=evidence)
    return found


def _texts(
    rest: Sequence[str], directory: str, notes: Sequence[NoteLine]
) -> Iterator[tuple[Sequence[str], str]]:
    yield rest, directory
    for line in notes:
        yield words_of_line(line.text), line.source


def _with(document: ExperimentDocument, said: dict[str, _Said]) -> ExperimentDocument:
    values = {part: one.value for part, one in said.items()}
    evidence = {f"site.{part}": one.evidence for part, one in said.items()}
    site: SiteDocument = replace(document.site, **values)
    return replace(document, site=site, evidence=document.evidence | evidence)


def _evidence(confidence: Confidence, source: str, reason: Message) -> Evidence:
    return Evidence(confidence=str(confidence), source=source, reason=(reason,))
