"""What CUDA_VISIBLE_DEVICES means, by CUDA's own rules.

Entries are read in turn: a number, or the beginning of a UUID that belongs to one device alone
(`GPU-`, `MIG-`). The list ends at the first entry that names no device; a device that is named
twice makes it empty. Of a number only the leading digits count (`1foo` is 1); it counts devices in
the order of CUDA_DEVICE_ORDER. Source: NVIDIA's CUDA programming guide, "Environment variables".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

PCI_BUS_ID = "PCI_BUS_ID"
_NUMBER = re.compile(r"[+-]?\d+")


@dataclass(frozen=True, kw_only=True)
class Card:
    """A whole GPU; `slices` are the UUIDs of its MIG devices if it is partitioned.

    `speed` is any number that is larger for a faster GPU.
    """

    uuid: str
    slices: tuple[str, ...] = ()
    is_parted: bool = False
    speed: int = 0

    @property
    def devices(self) -> tuple[str, ...]:
        """The UUIDs of the devices that can be given to a run."""
        return self.slices if self.is_parted else (self.uuid,)


def visible_devices(cards: Sequence[Card], *, shown: str | None, order: str | None) -> set[str]:
    """Return the UUIDs of the devices that the variables leave visible; `cards` in bus order.

    `shown` and `order` are CUDA_VISIBLE_DEVICES and CUDA_DEVICE_ORDER, None if they are not set.
    """
    if shown is None:
        return {uuid for card in cards for uuid in card.devices}
    counted = list(cards)
    if order != PCI_BUS_ID:  # the fastest first; equal ones stay in bus order
        counted.sort(key=lambda card: -card.speed)
    found: list[tuple[str, ...]] = []
    for entry in shown.split(","):
        named = _named(entry.strip(), counted)
        if not named:
            break
        if named in found:
            return set()
        found.append(named)
    return {uuid for named in found for uuid in named}


def _named(entry: str, cards: Sequence[Card]) -> tuple[str, ...]:
    """Return the devices that an entry names, () if it names none or is ambiguous."""
    if entry.startswith("MIG-"):
        slices = [uuid for card in cards for uuid in card.slices]
        return tuple(_only(entry, slices))
    if entry.startswith("GPU-"):
        only = _only(entry, [card.uuid for card in cards])
        return next((card.devices for card in cards if [card.uuid] == only), ())
    number = _NUMBER.match(entry)
    place = int(number.group()) if number else -1
    return cards[place].devices if 0 <= place < len(cards) else ()


def _only(beginning: str, uuids: Iterable[str]) -> list[str]:
    fitting = [uuid for uuid in uuids if uuid.startswith(beginning)]
    return fitting if len(fitting) == 1 else []
