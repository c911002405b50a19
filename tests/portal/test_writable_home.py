"""A data directory into which nothing can be written is noticed."""

from __future__ import annotations

import resource

from portal.writable_home import problem_of_home


def test_a_home_on_a_full_disk_cannot_be_written() -> None:
    """A limit on the size of files stands for the disk: even one block is too much."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        assert problem_of_home() is not None
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert problem_of_home() is None
