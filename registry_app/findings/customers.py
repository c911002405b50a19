"""Joins what a scan found under one customer: known ones, and those that it found itself.

What is kept from one scan to the next holds neither, so a new alias needs no file read again.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import overload

from registry_app.choices import Confidence
from registry_app.document.model import ExperimentDocument
from registry_app.inference.site.known_places import recognise
from registry_app.inference.site.spellings import KnownCustomer, Spellings
from registry_app.scan.run import ScanResult
from registry_app.scan.scanned import ScannedExperiment

# So many directories that guess the same customer are no accident.
AGREEING = 2


def with_known_customers(result: ScanResult, known: Sequence[KnownCustomer]) -> ScanResult:
    """Return a result in whose names and notes known customers and their places are recognised.

    Beside `known` count those customers that this scan is sure of, or finds more than once.
    """
    names = {one.name.casefold() for one in known}
    found = [KnownCustomer(name=name) for name in _found(result) if name.casefold() not in names]
    spellings = Spellings([*known, *found])
    return dataclasses.replace(result, experiments=_Recognised(result.experiments, spellings))


def _found(result: ScanResult) -> list[str]:
    named: Counter[str] = Counter()
    for one in result.experiments:
        name = one.document.site.customer
        if name:
            evidence = one.document.evidence["site.customer"]
            named[name] += AGREEING if evidence.confidence == Confidence.SURE else 1
    return sorted(name for name, weight in named.items() if weight >= AGREEING)


class _Recognised(Sequence[ScannedExperiment]):
    """Experiments as they come, each with what was recognised, which is worked out once."""

    def __init__(self, experiments: Sequence[ScannedExperiment], spellings: Spellings) -> None:
        self._experiments = experiments
        self._spellings = spellings
        self._seen: dict[str, ExperimentDocument | None] = {}

    def __len__(self) -> int:
        return len(self._experiments)

    @overload
    def __getitem__(self, index: int) -> ScannedExperiment: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ScannedExperiment]: ...
    def __getitem__(self, index: int | slice) -> ScannedExperiment | Sequence[ScannedExperiment]:
        if isinstance(index, slice):
            return [self._with_known(one) for one in self._experiments[index]]
        return self._with_known(self._experiments[index])

    def __iter__(self) -> Iterator[ScannedExperiment]:
        return map(self._with_known, self._experiments)

    def _with_known(self, one: ScannedExperiment) -> ScannedExperiment:
        name = one.document.name
        if name not in self._seen:
            document = recognise(
                one.document,
                directory=one.directory.name,
                notes=one.notes,
                spellings=self._spellings,
            )
            self._seen[name] = None if document is one.document else document
        changed = self._seen[name]
        return one if changed is None else dataclasses.replace(one, document=changed)
