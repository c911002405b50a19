"""Warns if a parameter names a GPU index outside the run's allocation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from registry_app.messages import Message
from runs_app.models import HostHeartbeat
from runs_app.texts.refusals import GPU_NOT_SEEN

# Names of options that choose a device; not `gpus`, which is just as often a count.
CHOOSES_DEVICE = frozenset({"cuda", "cuda_device", "device", "devices", "gpu", "gpu_id", "gpu_ids"})
_NUMBERS = re.compile(r"\s*(?:cuda:)?(\d{1,2})\s*")


def check(params: Mapping[str, Any], *, gpus: int) -> list[Message]:
    """Return warnings about parameters that name a GPU index beyond the run's `gpus`.

    Scripts count visible GPUs from 0. Returns no warnings if no machine has GPUs.
    """
    beyond = [
        (name, value)
        for name, value in params.items()
        if name.lower() in CHOOSES_DEVICE and any(index >= gpus for index in numbers_in(value))
    ]
    if not beyond or not HostHeartbeat.objects.exclude(gpus=[]).exists():
        return []
    return [GPU_NOT_SEEN(name=name, value=str(value), count=gpus) for name, value in beyond]


def numbers_in(value: Any) -> list[int]:
    """Return the devices that a value names: `0`, `cuda:1`, `0,1`, or a list of such."""
    parts = value if isinstance(value, list) else str(value).split(",")
    found = [_NUMBERS.fullmatch(str(part)) for part in parts]
    return [int(match[1]) for match in found if match]
