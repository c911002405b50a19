"""Recognise customers, regions, plants and zones that the registry already knows.

They are passed in, so nothing here queries a database. A known name wins over a guess, except over
a customer that precedes a region in the directory's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from registry_app.document.model import Evidence, ExperimentDocument, SiteDocument
from registry_app.inference.site.name_words import words_of
from registry_app.inference.site.places import read_name, words_of_name
from registry_app.inference.site.spellings import (
    KnownCustomer,
    Match,
    Spellings,
    same_name,
    words_of_line,
)
from registry_app.inference.task.vocabulary import BUILT_IN, Vocabulary
from registry_app.messages import Message
from registry_app.texts import reasons
from registry_app.words import Confidence

_PARTS = ("region", "plant", "zone")


@dataclass(frozen=True, kw_only=True)
class NoteLine:
    """One of the first lines of a note."""

    path: str
    number: int
    text: str

    @property
    def source(self) -> str:
        return f"{self.path}:{self.number}"


@dataclass(frozen=True, kw_only=True)
class _Part:
    value: str
    evidence: Evidence


def recognise(
    document: ExperimentDocument,
    *,
    directory: str,
    notes: Sequence[NoteLine],
    spellings: Spellings,
    vocabulary: Vocabulary = BUILT_IN,
) -> ExperimentDocument:
    """Return a drafted document with the known names that its directory and notes mention."""
    words = words_of_name(directory, vocabulary)
    match, source = spellings.find(words), directory
    if match is None and (match := spellings.find(words_of(directory))) is not None:
        words = words_of(directory)  # a customer whose name is otherwise a word that says nothing
    rest = words
    if match is not None:
        rest = [*words[: match.begin], *words[match.end :]]
    elif not is_by_habit(document, directory):
        match, source = _in_notes(notes, spellings)
    if match is None:
        return document
    parts = {} if _says_the_same(document, match) else {"customer": _customer(match, source)}
    if source == directory:
        parts |= _by_habit(rest, directory, vocabulary)
    known = _known_parts(match.customer, rest, directory, notes)
    return _with(document, parts | _news(known, known=parts))


def is_by_habit(document: ExperimentDocument, directory: str) -> bool:
    """Whether the name follows the house convention, so its customer is not that of a note."""
    customer = document.evidence.get("site.customer")
    region = document.evidence.get("site.region")
    return customer is not None and region is not None and region.source == directory


def _says_the_same(document: ExperimentDocument, match: Match) -> bool:
    """Whether the draft names a customer that is known only because drafts like it name it."""
    return not match.customer.is_certain and document.site.customer == match.customer.name


def _in_notes(notes: Sequence[NoteLine], spellings: Spellings) -> tuple[Match | None, str]:
    for line in notes:
        match = spellings.find(words_of_line(line.text))
        if match is not None:
            return match, line.source
    return None, ""


def _customer(match: Match, source: str) -> _Part:
    is_sure = match.is_exact and match.customer.is_certain
    if match.customer.is_certain:
        reason = reasons.KNOWN_SPELLING if match.is_exact else reasons.SOUNDS_KNOWN
    else:
        reason = reasons.GUESSED_SPELLING if match.is_exact else reasons.SOUNDS_GUESSED
    confidence = Confidence.SURE if is_sure else Confidence.LIKELY
    name = match.customer.name
    text = reason(spelling=match.spelling, customer=name)
    return _Part(value=name, evidence=_evidence(confidence, source, text))


def _by_habit(rest: Sequence[str], directory: str, vocabulary: Vocabulary) -> dict[str, _Part]:
    """Return what the words next to the customer mean, as if it were in the usual position."""
    place = read_name("-".join(["customer", *rest]), vocabulary)
    guesses = {part: getattr(place, part) for part in _PARTS}
    return {
        part: _Part(value=guess.value, evidence=replace(guess.evidence, source=directory))
        for part, guess in guesses.items()
        if guess is not None
    }


def _known_parts(
    customer: KnownCustomer, rest: Sequence[str], directory: str, notes: Sequence[NoteLine]
) -> dict[str, _Part]:
    known = {"region": customer.regions, "plant": customer.plants, "zone": customer.zones}
    found: dict[str, _Part] = {}
    for words, source in _texts(rest, directory, notes):
        for part, names in known.items():
            name = next((name for name in names for word in words if same_name(word, name)), None)
            if name and part not in found:
                evidence = _evidence(Confidence.LIKELY, source, reasons.KNOWN_PLACE())
                found[part] = _Part(value=name, evidence=evidence)
    return found


def _texts(
    rest: Sequence[str], directory: str, notes: Sequence[NoteLine]
) -> Iterator[tuple[Sequence[str], str]]:
    yield rest, directory
    for line in notes:
        yield words_of_line(line.text), line.source


def _news(parts: dict[str, _Part], *, known: dict[str, _Part]) -> dict[str, _Part]:
    """Return the parts that are not guessed already, with the same value and surely."""
    sure = {
        name: part for name, part in known.items() if part.evidence.confidence == Confidence.SURE
    }
    return {
        name: part
        for name, part in parts.items()
        if name not in sure or sure[name].value != part.value
    }


def _with(document: ExperimentDocument, parts: dict[str, _Part]) -> ExperimentDocument:
    drafted = {
        name: _Part(value=value, evidence=document.evidence[f"site.{name}"])
        for name in ("customer", *_PARTS)
        if (value := getattr(document.site, name)) and f"site.{name}" in document.evidence
    }
    parts = _news(parts, known=drafted)
    values = {part: guess.value for part, guess in parts.items()}
    evidence = {f"site.{part}": guess.evidence for part, guess in parts.items()}
    site: SiteDocument = replace(document.site, **values)
    return replace(document, site=site, evidence=document.evidence | evidence)


def _evidence(confidence: Confidence, source: str, reason: Message) -> Evidence:
    return Evidence(confidence=str(confidence), source=source, reason=(reason,))
