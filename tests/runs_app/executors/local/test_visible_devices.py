"""What CUDA_VISIBLE_DEVICES leaves, by CUDA's own rules."""

from __future__ import annotations

import pytest

from runs_app.executors.local.visible_devices import Card, visible_devices

A = Card(uuid="GPU-aa11", speed=5)
B = Card(uuid="GPU-ab22", speed=9)
C = Card(uuid="GPU-cc33", is_parted=True, slices=("MIG-c1", "MIG-c2"), speed=5)
EMPTY = Card(uuid="GPU-dd44", is_parted=True)
CARDS = [A, B, C]
SLICES = {"MIG-c1", "MIG-c2"}


@pytest.mark.parametrize(
    ("shown", "left"),
    [
        (None, {"GPU-aa11", "GPU-ab22", *SLICES}),
        ("", set()),
        ("-1", set()),
        ("NoDevFiles", set()),
        ("0", {"GPU-aa11"}),
        (" 1 , 0 ", {"GPU-aa11", "GPU-ab22"}),
        ("+1", {"GPU-ab22"}),
        ("1foo", {"GPU-ab22"}),
        ("2", SLICES),
        # The list ends at the first entry that names nothing.
        ("0,-1,1", {"GPU-aa11"}),
        ("0,,1", {"GPU-aa11"}),
        ("1,9,0", {"GPU-ab22"}),
        ("9,0", set()),
        ("0,x,1", {"GPU-aa11"}),
        # What is named twice leaves nothing.
        ("0,0", set()),
        ("GPU-aa,GPU-aa11", set()),
        ("GPU-aa11", {"GPU-aa11"}),
        ("GPU-aa", {"GPU-aa11"}),
        ("GPU-a", set()),  # which of two
        ("GPU-ab,GPU-aa", {"GPU-aa11", "GPU-ab22"}),
        ("GPU-ab,GPU-zz,GPU-aa", {"GPU-ab22"}),
        ("GPU-cc33", SLICES),
        ("MIG-c2", {"MIG-c2"}),
        ("MIG-c", set()),
        ("MIG-c2,MIG-c1", SLICES),
        ("gpu-aa11", set()),
        ("aa11", set()),
    ],
)
def test_entries_are_read_in_turn(shown: str | None, left: set[str]) -> None:
    assert visible_devices(CARDS, shown=shown, order="PCI_BUS_ID") == left


@pytest.mark.parametrize(
    ("order", "first"),
    [("PCI_BUS_ID", "GPU-aa11"), ("FASTEST_FIRST", "GPU-ab22"), (None, "GPU-ab22")],
)
def test_numbers_count_in_the_order_of_cuda(order: str | None, first: str) -> None:
    assert visible_devices(CARDS, shown="0", order=order) == {first}


def test_alike_devices_are_counted_in_the_order_of_the_bus() -> None:
    assert visible_devices([A, C], shown="0", order=None) == {"GPU-aa11"}


def test_a_parted_gpu_without_slices_gives_nothing() -> None:
    assert visible_devices([EMPTY], shown=None, order=None) == set()
    assert visible_devices([EMPTY, A], shown="0,1", order="PCI_BUS_ID") == set()
