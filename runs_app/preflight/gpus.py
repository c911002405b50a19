"""Whether a script is told a GPU by a number that it will not see."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from runs_app.models import HostHeartbeat

# Names of options that choose a device; `gpus` is as often a count, and is not among them.
CHOOSES_DEVICE = frozenset({"cuda", "cuda_device", "device", "devices", "gpu", "gpu_id", "gpu_ids"})
_NUMBERS = re.compile(r"\s*(?:cuda:)?(\d{1,2})\s*")


def check(params: Mapping[str, Any], *, gpus: int) -> list[str]:
    """Return warnings of parameters that name a GPU beyond the `gpus` that the run gets.

    Scripts count what they are shown from 0. Nothing is said where no machine has GPUs.
    """
    beyond = [
        (name, value)
        for name, value in params.items()
        if name.lower() in CHOOSES_DEVICE and any(one >= gpus for one in numbers_in(value))
    ]
    if not beyond or not HostHeartbeat.objects.exclude(gpus=[]).exists():
        return []
    return [
        _(
            "{name}={value} names a GPU that the run does not see: it gets {count}, counted from "
            "0. Leave it out, or let the entry point want more GPUs."
        ).format(name=name, value=value, count=gpus)
        for name, value in beyond
    ]


def numbers_in(value: Any) -> list[int]:
    """Return the devices that a value names: `0`, `cuda:1`, `0,1`, or a list of such."""
    parts = value if isinstance(value, list) else str(value).split(",")
    found = [_NUMBERS.fullmatch(str(part)) for part in parts]
    return [int(match[1]) for match in found if match]
