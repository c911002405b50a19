"""Facts about a directory besides its scripts: for display only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import PYTHON, Source
from registry_app.inference.code.trainer_classes import BASES, TrainerClass, trainer_classes
from registry_app.inference.environment.frameworks import Framework, find_frameworks
from registry_app.inference.environment.imports import NeededModule, needed_modules
from registry_app.inference.environment.requirements import RequirementFile, find_requirements
from registry_app.inference.past_runs import PastRun, find_past_runs

MAX_MODULES = 200


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Frameworks, files that name packages, needed modules, past runs, and standard trainers."""

    frameworks: tuple[Framework, ...] = ()
    requirements: tuple[RequirementFile, ...] = ()
    needed: tuple[NeededModule, ...] = ()
    past_runs: tuple[PastRun, ...] = ()
    trainers: tuple[TrainerClass, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "frameworks": [asdict(framework) for framework in self.frameworks],
            "requirements": [
                {**asdict(requirement), "packages": len(requirement.packages)}
                for requirement in self.requirements
            ],
            "needed": [
                {**asdict(module), "distribution": module.distribution} for module in self.needed
            ],
            "past_runs": [asdict(run) for run in self.past_runs],
            "trainers": [asdict(trainer) for trainer in self.trainers],
        }


def find_facts(project: Project, scripts: Sequence[str]) -> Facts:
    """Return the facts of a directory; `scripts` are the paths of its runnable scripts.

    Modules of the standard library are omitted.
    """
    requirements = find_requirements(project)
    needed = [module for module in needed_modules(project, *scripts) if not module.is_standard]
    return Facts(
        frameworks=find_frameworks(project, requirements, scripts),
        requirements=requirements,
        needed=tuple(needed[:MAX_MODULES]),
        past_runs=find_past_runs(project),
        trainers=tuple(_trainers(project)),
    )


def _trainers(project: Project) -> Iterator[TrainerClass]:
    """Yield the classes of the standard interface."""
    for _path, classes in project.found_in_scripts(trainers_of):
        yield from classes


def trainers_of(source: Source) -> tuple[TrainerClass, ...]:
    """Return the classes of the standard interface that one script defines."""
    if not source.path.endswith(PYTHON) or not any(name in source.text for name in BASES):
        return ()
    return tuple(trainer_classes(source.path, source.tree))
