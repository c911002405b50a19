"""Looks at everything the portal needs and says what to do where something lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from portal import doctor_services, doctor_setup
from portal.doctor_line import Line

EXAMINATIONS: tuple[Callable[[], Iterator[Line]], ...] = (
    doctor_setup.python,
    doctor_setup.packages,
    doctor_setup.assets,
    doctor_setup.folders,
    doctor_setup.control_groups,
    doctor_setup.doors,
    doctor_services.rows,
    doctor_services.mlflow,
    doctor_services.gpus,
)


def examine() -> Iterator[Line]:
    """Yield each line as soon as it is known; nothing is changed or repaired."""
    for examination in EXAMINATIONS:
        yield from examination()
