"""What is seen in a directory beside its scripts: shown to people, decided by nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from registry_app.inference.code.project import Project
from registry_app.inference.environment.frameworks import Framework, find_frameworks
from registry_app.inference.environment.imports import NeededModule, needed_modules
from registry_app.inference.environment.requirements import RequirementFile, find_requirements
from registry_app.inference.past_runs import PastRun, find_past_runs

MOST_MODULES = 200


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Frameworks, files that name packages, modules that scripts need, and past runs."""

    frameworks: tuple[Framework, ...] = ()
    requirements: tuple[RequirementFile, ...] = ()
    needed: tuple[NeededModule, ...] = ()
    past_runs: tuple[PastRun, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "frameworks": [asdict(one) for one in self.frameworks],
            "requirements": [
                {**asdict(one), "packages": len(one.packages)} for one in self.requirements
            ],
            "needed": [{**asdict(one), "distribution": one.distribution} for one in self.needed],
            "past_runs": [asdict(one) for one in self.past_runs],
        }


def find_facts(project: Project, scripts: Sequence[str]) -> Facts:
    """Return the facts of a directory; `scripts` are the paths of what can be started there.

    Of the modules, those are told that Python does not bring.
    """
    requirements = find_requirements(project)
    sources = [source for path in scripts if (source := project.source(path))]
    needed = [one for one in needed_modules(project, *scripts) if not one.is_standard]
    return Facts(
        frameworks=find_frameworks(project, requirements, sources),
        requirements=requirements,
        needed=tuple(needed[:MOST_MODULES]),
        past_runs=find_past_runs(project),
    )
