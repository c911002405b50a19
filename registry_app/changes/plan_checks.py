"""What a registry file must not change, and what it probably should not; checked for its plan."""

from __future__ import annotations

from collections.abc import Sequence

from registry_app.changes.directories import place_of
from registry_app.changes.plan import ExperimentPlan
from registry_app.document.model import RegistryDocument
from registry_app.exceptions import Problem, RegistryFileError
from registry_app.fields.rows import RegistryRows
from registry_app.fields.templates import plan_problems
from registry_app.files import interpreter_check
from registry_app.models import Experiment
from registry_app.texts.changes import IS_ARCHIVED
from registry_app.texts.problems import SAME_DIRECTORY


def refuse_directories(
    document: RegistryDocument, plans: Sequence[ExperimentPlan], rows: RegistryRows
) -> None:
    """Refuse the file if it moves an experiment to the directory of one that stays there."""
    moved = {plan.name for plan in plans if any(change.field == "path" for change in plan.changes)}
    if not moved:
        return
    stay = {name: row.path for name, row in rows.experiments.items() if name not in moved}
    owners = {place: name for name, path in stay.items() if (place := place_of(path))}
    problems = []
    for experiment in document.experiments:
        place = place_of(experiment.path) if experiment.name in moved else None
        if (
            place is not None
            and (owner := owners.setdefault(place, experiment.name)) != experiment.name
        ):
            message = SAME_DIRECTORY(name=experiment.name, other=owner)
            problems.append(Problem(message=message, line=experiment.lines.get("path")))
    if problems:
        raise RegistryFileError(sorted(problems, key=lambda problem: problem.line or 0))


def refuse_archived(document: RegistryDocument) -> None:
    """Refuse the file if it names an archived experiment, or the directory of one."""
    rows = dict(Experiment.everything.exclude(archived_at=None).values_list("name", "path"))
    if not rows:
        return
    places = {place: name for name, path in rows.items() if (place := place_of(path))}
    problems = []
    for experiment in document.experiments:
        place = place_of(experiment.path) if experiment.path else None
        name = experiment.name if experiment.name in rows else places.get(place) if place else None
        if name is not None:
            message = IS_ARCHIVED(name=name)
            problems.append(Problem(message=message, line=experiment.lines.get("path")))
    if problems:
        raise RegistryFileError(sorted(problems, key=lambda problem: problem.line or 0))


def refuse_interpreters(
    document: RegistryDocument,
    plans: Sequence[ExperimentPlan],
    rows: RegistryRows,
    *,
    anywhere: bool,
) -> None:
    """Refuse the file if it sets an interpreter that its user must not set."""
    lines = {experiment.name: experiment.lines for experiment in document.experiments}
    paths = {name: row.path for name, row in rows.experiments.items()}
    paths |= {
        experiment.name: experiment.path for experiment in document.experiments if experiment.path
    }
    written = {plan.name: {change.field: change.new for change in plan.written} for plan in plans}
    problems = [
        Problem(message=message.at(f"{name}.{field}"), line=lines[name].get(field))
        for name, field, message in interpreter_check.plan_problems(
            written, paths, anywhere=anywhere
        )
    ]
    if problems:
        raise RegistryFileError(sorted(problems, key=lambda problem: problem.line or 0))


def doubts(
    document: RegistryDocument, plans: Sequence[ExperimentPlan], rows: RegistryRows
) -> tuple[Problem, ...]:
    """Name each template that does not fit its script, with the nearest line.

    That is no reason to refuse the file: it may come from a machine with a newer script, and a run
    omits a name that its script does not take.
    """
    lines = {experiment.name: experiment.lines for experiment in document.experiments}
    written = {plan.name: {change.field: change.new for change in plan.written} for plan in plans}
    found = []
    for name, prefix, message in plan_problems(written, rows.fields):
        line = lines[name].get(f"{prefix}.args_template") or lines[name].get(prefix)
        place = f"{name}.{prefix}.args_template"
        found.append(Problem(message=message.at(place), line=line))
    return tuple(sorted(found, key=lambda problem: problem.line or 0))
