"""What every test starts from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """The language of the code: a page that an earlier test opened may have left another one."""
    with translation.override("en"):
        yield
