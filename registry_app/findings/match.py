"""Says which experiment of the registry each scanned directory is.

A directory that the registry knows keeps the name that people gave its experiment. One that looks
like a directory which is gone is held back, as it may be the same under a new name: people say so.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from registry_app.changes.directories import KnownDirectory
from registry_app.changes.renames import Digests, FoundAgain, Rename, find_renames
from registry_app.choices import Confidence
from registry_app.document.model import Evidence, ExperimentDocument
from registry_app.inference import reasons
from registry_app.models import Proposal, Script
from registry_app.scan.run import ScanResult
from registry_app.scan.scanned import ScannedExperiment


@dataclass(frozen=True, kw_only=True)
class Match:
    """The scan under the names of the registry, without the directories that are held back."""

    result: ScanResult
    found_again: tuple[FoundAgain, ...] = ()


def match(result: ScanResult, known: Sequence[KnownDirectory]) -> Match:
    """Compare a scan with the directories of the registry; no query unless some are gone."""
    names = _known_names(result, known)
    there = {one.name for one in known if one.is_there}
    taken = {one.name for one in known} | {one.document.name for one in result.experiments}
    gone = {one.name: one for one in known if not one.is_there}
    named: list[ScannedExperiment] = []
    fresh: dict[str, ScannedExperiment] = {}
    for one in result.experiments:
        name = names.get(one.directory, one.document.name)
        if one.directory not in names and name in there:
            name = _free(name, taken)
            taken.add(name)
        # A directory of the name of one that is gone is that one, wherever it lies.
        if one.directory in names or name in gone:
            named.append(_renamed(one, name))
            gone.pop(name, None)
        else:
            fresh[name] = _renamed(one, name)
    found = _found_again(named, fresh, gone)
    held_back = {again.path for again in found}
    kept = [*named, *(one for one in fresh.values() if one.document.path not in held_back)]
    experiments = sorted(map(_with_path_evidence, kept), key=lambda one: one.document.name)
    return Match(
        result=dataclasses.replace(result, experiments=tuple(experiments)), found_again=found
    )


def _known_names(result: ScanResult, known: Sequence[KnownDirectory]) -> dict[Path, str]:
    """Return the experiments of scanned directories; a directory may be reached by several links.

    Whoever stands in the registry under the very path comes first.
    """
    by_path = {one.written: one.name for one in known if one.written is not None}
    directories = [one.directory for one in result.experiments]
    names = {one: by_path[one] for one in directories if one in by_path}
    left = {one.place: one.name for one in known if one.name not in names.values()}
    for directory in directories:
        if directory not in names:
            name = left.pop(Path(os.path.realpath(directory)), None)
            if name is not None:
                names[directory] = name
    return names


def _found_again(
    named: Iterable[ScannedExperiment],
    fresh: Mapping[str, ScannedExperiment],
    gone: Mapping[str, KnownDirectory],
) -> tuple[FoundAgain, ...]:
    if not gone or not fresh:
        return ()
    by_path = {one.document.path: name for name, one in fresh.items()}
    found = find_renames(
        _digests_of_rows(gone),
        {name: _digests(one) for name, one in fresh.items()},
        elsewhere=frozenset().union(*(_digests(one) for one in named)),
        refused={(name, by_path[path]) for name, path in _refused(gone) if path in by_path},
    )
    return tuple(
        FoundAgain(
            pk=gone[one.old].pk,
            name=one.old,
            path=fresh[one.new].document.path,
            evidence=_evidence(one),
        )
        for one in found
    )


def _refused(gone: Iterable[str]) -> list[tuple[str, str]]:
    """Return the new places of which somebody said that these experiments do not lie there."""
    rows = Proposal.objects.rejected().filter(field="path", experiment__name__in=list(gone))
    return [(name, str(path)) for name, path in rows.values_list("experiment__name", "value")]


def _digests_of_rows(gone: Iterable[str]) -> dict[str, Digests]:
    found: dict[str, set[str]] = {name: set() for name in gone}
    rows = Script.objects.filter(experiment__name__in=found).exclude(sha256="")
    for name, sha256 in rows.values_list("experiment__name", "sha256"):
        found[name].add(sha256)
    return {name: frozenset(digests) for name, digests in found.items()}


def _digests(one: ScannedExperiment) -> Digests:
    return frozenset(script.sha256 for script in one.scripts if script.sha256)


def _evidence(rename: Rename) -> Evidence:
    return Evidence(
        confidence=rename.confidence,
        source=rename.new,
        reason=(reasons.SAME_SCRIPTS(same=rename.same, count=rename.count),),
    )


def _free(name: str, taken: set[str]) -> str:
    """Return a name like this one that no experiment has."""
    number = 2
    while f"{name}-{number}" in taken:
        number += 1
    return f"{name}-{number}"


def _renamed(one: ScannedExperiment, name: str) -> ScannedExperiment:
    if name == one.document.name:
        return one
    return dataclasses.replace(one, document=_with_name(one.document, name))


def _with_name(document: ExperimentDocument, name: str) -> ExperimentDocument:
    return dataclasses.replace(document, name=name)


def _with_path_evidence(one: ScannedExperiment) -> ScannedExperiment:
    why = Evidence(
        confidence=Confidence.SURE, source=one.directory.name, reason=(reasons.FOUND_THERE(),)
    )
    document = dataclasses.replace(one.document, evidence={"path": why, **one.document.evidence})
    return dataclasses.replace(one, document=document)
