"""Check everything the portal needs, and report the fix of each problem."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from portal.doctor import core_repository, isolation, script_user, services, setup
from portal.doctor.line import Line

EXAMINATIONS: tuple[Callable[[], Iterator[Line]], ...] = (
    setup.python,
    setup.packages,
    setup.assets,
    setup.folders,
    setup.control_groups,
    setup.exposure,
    script_user.user,
    script_user.experiments,
    isolation.scripts,
    core_repository.remote,
    services.rows,
    services.mlflow,
    services.gpus,
)


def examine() -> Iterator[Line]:
    """Yield each line as soon as it is known; nothing is changed or repaired."""
    for examination in EXAMINATIONS:
        yield from examination()
