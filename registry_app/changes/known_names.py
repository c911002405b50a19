"""The names by which files outside the portal may still call an experiment."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from registry_app.models import Experiment


def former_names(experiment: Experiment) -> Any:
    """Return the names that an experiment had before, as a query to be part of another one.

    A name that another experiment has by now is that one's.
    """
    others = Experiment.everything.exclude(pk=experiment.pk)
    return (
        experiment.history.exclude(Q(name__in=others.values("name")) | Q(name=experiment.name))
        .order_by()
        .values_list("name", flat=True)
        .distinct()
    )


def is_name_of(name: str, experiment: Experiment) -> bool:
    """Whether an experiment has this name or alias, or had the name before; one query at most."""
    if name in {experiment.name, *experiment.aliases}:
        return True
    return bool(name) and former_names(experiment).filter(name=name).exists()
