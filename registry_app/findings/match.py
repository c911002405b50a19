"""Match each scanned directory to an experiment of the registry.

A known directory keeps the name that users gave its experiment. A new directory that resembles a
missing one is held back, because it may be the same under a new name: a user decides.
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
from registry_app.models import Proposal, Script
from registry_app.scan.left_out import LeftOut
from registry_app.scan.run import ScanResult
from registry_app.scan.scanned import ScannedExperiment
from registry_app.texts import left_out, reasons


@dataclass(frozen=True, kw_only=True)
class Match:
    """The scan with the registry's names, and the directories that are held back left out."""

    result: ScanResult
    found_again: tuple[FoundAgain, ...] = ()


def without_archived(result: ScanResult, archived: Sequence[KnownDirectory]) -> ScanResult:
    """Return the scan with the directories of archived experiments left out."""
    if not archived:
        return result
    places = {directory.written: directory.name for directory in archived} | {
        directory.place: directory.name for directory in archived
    }
    kept: list[ScannedExperiment] = []
    left = list(result.left_out)
    for scanned in result.experiments:
        place = Path(os.path.realpath(scanned.directory))
        name = places.get(scanned.directory) or places.get(place)
        if name is None:
            kept.append(scanned)
        else:
            left.append(LeftOut(path=scanned.directory, reason=left_out.ARCHIVED(name=name)))
    return dataclasses.replace(result, experiments=tuple(kept), left_out=tuple(left))


def match(
    result: ScanResult, known: Sequence[KnownDirectory], archived: Sequence[KnownDirectory] = ()
) -> Match:
    """Compare a scan with the directories of the registry; no query unless some are missing.

    A new directory gets another name than that of an archived experiment.
    """
    names = _known_names(result, known)
    archived_names = {directory.name for directory in archived}
    there = {directory.name for directory in known if directory.is_there} | archived_names
    taken = {directory.name for directory in known} | archived_names
    taken |= {experiment.document.name for experiment in result.experiments}
    gone = {directory.name: directory for directory in known if not directory.is_there}
    named: list[ScannedExperiment] = []
    fresh: dict[str, ScannedExperiment] = {}
    for experiment in result.experiments:
        name = names.get(experiment.directory, experiment.document.name)
        if experiment.directory not in names and name in there:
            name = _free(name, taken)
            taken.add(name)
        # A directory with the name of a missing one is the same directory, wherever it is.
        if experiment.directory in names or name in gone:
            named.append(_renamed(experiment, name))
            gone.pop(name, None)
        else:
            fresh[name] = _renamed(experiment, name)
    found = _found_again(named, fresh, gone)
    held_back = {again.path: again.name for again in found}
    kept = [
        *named,
        *(scanned for scanned in fresh.values() if scanned.document.path not in held_back),
    ]
    left = [
        LeftOut(
            path=scanned.directory,
            reason=left_out.RENAMED(name=held_back[scanned.document.path]),
        )
        for scanned in fresh.values()
        if scanned.document.path in held_back
    ]
    experiments = sorted(map(_with_path_evidence, kept), key=lambda scanned: scanned.document.name)
    return Match(
        result=dataclasses.replace(
            result, experiments=tuple(experiments), left_out=(*result.left_out, *left)
        ),
        found_again=found,
    )


def _known_names(result: ScanResult, known: Sequence[KnownDirectory]) -> dict[Path, str]:
    """Return the experiments of scanned directories; a directory may be reached by several links.

    The experiment registered under exactly this path takes precedence.
    """
    by_path = {
        directory.written: directory.name for directory in known if directory.written is not None
    }
    directories = [experiment.directory for experiment in result.experiments]
    names = {directory: by_path[directory] for directory in directories if directory in by_path}
    left = {
        directory.place: directory.name
        for directory in known
        if directory.name not in names.values()
    }
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
    by_path = {scanned.document.path: name for name, scanned in fresh.items()}
    found = find_renames(
        _digests_of_rows(gone),
        {name: _digests(scanned) for name, scanned in fresh.items()},
        elsewhere=frozenset().union(*(_digests(scanned) for scanned in named)),
        refused={(name, by_path[path]) for name, path in _refused(gone) if path in by_path},
    )
    return tuple(
        FoundAgain(
            pk=gone[rename.old].pk,
            name=rename.old,
            path=fresh[rename.new].document.path,
            evidence=_evidence(rename),
        )
        for rename in found
    )


def _refused(gone: Iterable[str]) -> list[tuple[str, str]]:
    """Return the new paths that a user rejected for these missing experiments."""
    rows = Proposal.objects.rejected().filter(field="path", experiment__name__in=list(gone))
    return [(name, str(path)) for name, path in rows.values_list("experiment__name", "value")]


def _digests_of_rows(gone: Iterable[str]) -> dict[str, Digests]:
    found: dict[str, set[str]] = {name: set() for name in gone}
    rows = Script.objects.filter(experiment__name__in=found).exclude(sha256="")
    for name, sha256 in rows.values_list("experiment__name", "sha256"):
        found[name].add(sha256)
    return {name: frozenset(digests) for name, digests in found.items()}


def _digests(scanned: ScannedExperiment) -> Digests:
    return frozenset(script.sha256 for script in scanned.scripts if script.sha256)


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


def _renamed(scanned: ScannedExperiment, name: str) -> ScannedExperiment:
    if name == scanned.document.name:
        return scanned
    return dataclasses.replace(scanned, document=_with_name(scanned.document, name))


def _with_name(document: ExperimentDocument, name: str) -> ExperimentDocument:
    return dataclasses.replace(document, name=name)


def _with_path_evidence(scanned: ScannedExperiment) -> ScannedExperiment:
    why = Evidence(
        confidence=Confidence.SURE, source=scanned.directory.name, reason=(reasons.FOUND_THERE(),)
    )
    document = dataclasses.replace(
        scanned.document, evidence={"path": why, **scanned.document.evidence}
    )
    return dataclasses.replace(scanned, document=document)
