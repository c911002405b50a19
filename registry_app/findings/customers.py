"""Group a scan's findings by customer: known customers, and those that the scan found itself.

The scan cache holds neither, so a new alias does not require any file to be read again.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import overload

from registry_app.document.model import ExperimentDocument
from registry_app.inference.site.known_places import is_by_habit, recognise
from registry_app.inference.site.spellings import KnownCustomer, Spellings
from registry_app.inference.task.vocabulary import Vocabulary
from registry_app.scan.run import ScanResult
from registry_app.scan.scanned import ScannedExperiment

# This many directories that guess the same customer or place are not a coincidence.
AGREEING = 2


def with_known_customers(result: ScanResult, known: Sequence[KnownCustomer]) -> ScanResult:
    """Return a result with the known customers and places of its names and notes recognised.

    Besides `known`, customers count that names of directories have before a region, or that this
    scan finds more than once. Only the latter are certain.
    """
    names = {customer.name.casefold() for customer in known}
    seen = _seen(result)
    found = [
        KnownCustomer(name=name, is_certain=seen[name] >= AGREEING)
        for name in _found(result, seen)
        if name.casefold() not in names
    ]
    certain = {name.casefold() for name, count in seen.items() if count >= AGREEING}
    known = [
        dataclasses.replace(customer, is_certain=True)
        if customer.name.casefold() in certain
        else customer
        for customer in known
    ]
    spellings = Spellings([*known, *found])
    recognised = _Recognised(result.experiments, spellings, result.vocabulary)
    return dataclasses.replace(result, experiments=recognised)


def _seen(result: ScanResult) -> Counter[str]:
    """Count the directories whose draft names each customer."""
    names = (experiment.document.site.customer for experiment in result.experiments)
    return Counter(name for name in names if name)


def _found(result: ScanResult, seen: Counter[str]) -> list[str]:
    """Return the customers that more than one directory names, or that precede a region."""
    by_habit = {
        experiment.document.site.customer
        for experiment in result.experiments
        if is_by_habit(experiment.document, experiment.directory.name)
    }
    return sorted(name for name, count in seen.items() if count >= AGREEING or name in by_habit)


class _Recognised(Sequence[ScannedExperiment]):
    """Experiments in scan order, each with what was recognised, computed once."""

    def __init__(
        self,
        experiments: Sequence[ScannedExperiment],
        spellings: Spellings,
        vocabulary: Vocabulary,
    ) -> None:
        self._experiments = experiments
        self._spellings = spellings
        self._vocabulary = vocabulary
        self._seen: dict[str, ExperimentDocument | None] = {}

    def __len__(self) -> int:
        return len(self._experiments)

    @overload
    def __getitem__(self, index: int) -> ScannedExperiment: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ScannedExperiment]: ...
    def __getitem__(self, index: int | slice) -> ScannedExperiment | Sequence[ScannedExperiment]:
        if isinstance(index, slice):
            return [self._with_known(experiment) for experiment in self._experiments[index]]
        return self._with_known(self._experiments[index])

    def __iter__(self) -> Iterator[ScannedExperiment]:
        return map(self._with_known, self._experiments)

    def _with_known(self, scanned: ScannedExperiment) -> ScannedExperiment:
        name = scanned.document.name
        if name not in self._seen:
            document = recognise(
                scanned.document,
                directory=scanned.directory.name,
                notes=scanned.notes,
                spellings=self._spellings,
                vocabulary=self._vocabulary,
            )
            self._seen[name] = None if document is scanned.document else document
        changed = self._seen[name]
        return scanned if changed is None else dataclasses.replace(scanned, document=changed)
