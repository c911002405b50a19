"""Draft the conda environment that a file of a directory names, if this machine has it.

The scan cache does not include it: an environment may be created at any time, and no file has to
be read again for it.
"""

from __future__ import annotations

import dataclasses
import pwd
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import overload

from django.conf import settings

from registry_app.choices import Confidence
from registry_app.document.model import EntryPointDocument, Evidence, ExperimentDocument
from registry_app.files.conda import conda_python, rank
from registry_app.files.environment_folders import USUAL_NAMES
from registry_app.files.interpreters import CONDA_PREFIX
from registry_app.inference.environment.requirements import RequirementFile
from registry_app.messages import Message
from registry_app.scan.run import ScanResult
from registry_app.scan.scanned import ScannedExperiment
from registry_app.texts import reasons, remarks

IsThere = Callable[[str], bool]


def with_conda_environments(result: ScanResult, is_there: IsThere | None = None) -> ScanResult:
    """Return a result whose entry points name the conda environment of their directory.

    An environment that this machine does not have is a warning. A directory with an environment of
    its own needs none.
    """
    is_there = is_there or _is_on_this_machine
    warnings = list(result.warnings)
    found: dict[str, ExperimentDocument] = {}
    for experiment in result.experiments:
        named = _named(experiment)
        if named is None:
            continue
        if is_there(named.environment):
            found[experiment.document.name] = _with_interpreter(experiment.document, named)
        else:
            warnings.append(_missing(experiment, named))
    experiments = _Changed(result.experiments, found)
    return dataclasses.replace(result, experiments=experiments, warnings=tuple(warnings))


def _named(scanned: ScannedExperiment) -> RequirementFile | None:
    files = [row for row in scanned.facts.requirements if row.environment and "/" not in row.path]
    if not files or any((scanned.directory / name).is_dir() for name in USUAL_NAMES):
        return None
    return min(files, key=lambda row: rank(row.path))


def _missing(scanned: ScannedExperiment, named: RequirementFile) -> Message:
    text = remarks.NO_CONDA_ENVIRONMENT(name=named.environment, file=named.path)
    return text.at(scanned.document.name)


def _with_interpreter(document: ExperimentDocument, named: RequirementFile) -> ExperimentDocument:
    written = f"{CONDA_PREFIX}{named.environment}"
    evidence = dict(document.evidence)
    entry_points: dict[str, EntryPointDocument] = {}
    for kind, entry in document.entry_points.items():
        entry_points[kind] = dataclasses.replace(entry, interpreter=written)
        evidence[f"entry_points.{kind}.interpreter"] = Evidence(
            confidence=str(Confidence.LIKELY),
            source=f"{named.path}:{named.line}",
            reason=(reasons.NAMES_ENVIRONMENT(name=named.environment),),
        )
    return dataclasses.replace(document, entry_points=entry_points, evidence=evidence)


def _is_on_this_machine(name: str) -> bool:
    return conda_python(name, _home()) is not None


def _home() -> Path:
    """Return the home directory of the user that scripts run as."""
    name = str(settings.GUARDIANFLOW_RUN_AS)
    try:
        return Path(pwd.getpwnam(name).pw_dir) if name else Path.home()
    except KeyError:
        return Path.home()


class _Changed(Sequence[ScannedExperiment]):
    """Experiments in scan order, some with a changed document."""

    def __init__(
        self, experiments: Sequence[ScannedExperiment], documents: dict[str, ExperimentDocument]
    ) -> None:
        self._experiments = experiments
        self._documents = documents

    def __len__(self) -> int:
        return len(self._experiments)

    @overload
    def __getitem__(self, index: int) -> ScannedExperiment: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ScannedExperiment]: ...
    def __getitem__(self, index: int | slice) -> ScannedExperiment | Sequence[ScannedExperiment]:
        if isinstance(index, slice):
            return [self._changed(experiment) for experiment in self._experiments[index]]
        return self._changed(self._experiments[index])

    def __iter__(self) -> Iterator[ScannedExperiment]:
        return map(self._changed, self._experiments)

    def _changed(self, scanned: ScannedExperiment) -> ScannedExperiment:
        document = self._documents.get(scanned.document.name)
        return scanned if document is None else dataclasses.replace(scanned, document=document)
