"""Readers that stay between the scans of different tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext

import pytest

from registry_app.scan import run
from registry_app.scan.pool import Pool

READERS = 2


@pytest.fixture(scope="session")
def pool_at_hand() -> Iterator[Callable[[], Pool]]:
    """Return the pool of this process; it is made when a scan asks for it first."""
    with ExitStack() as stack:
        pools: list[Pool] = []

        def get() -> Pool:
            if not pools:
                pools.append(stack.enter_context(Pool(READERS)))
            return pools[0]

        yield get


@pytest.fixture(autouse=True)
def readers_that_stay(pool_at_hand: Callable[[], Pool], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the scans of this process ask readers that are up: a start takes longer than reading."""

    def lent(_size: int) -> AbstractContextManager[Pool]:
        pool = pool_at_hand()
        assert not any(reader.task for reader in pool.readers), "a scan was left in the middle"
        return nullcontext(pool)

    monkeypatch.setattr(run, "Pool", lent)
