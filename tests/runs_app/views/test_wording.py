"""How pages word what a run has."""

from __future__ import annotations

import pytest
from django.utils import translation

from runs_app.runner.outputs import copying, keeping
from runs_app.views.wording import left_out_text, source_text


@pytest.mark.parametrize(
    "reason",
    [
        keeping.OTHER_KIND,
        keeping.TOO_LONG,
        copying.STILL_WRITTEN,
        "the files of one run are kept up to 2048 MiB",
    ],
)
def test_why_a_file_was_left_out_is_told_in_the_readers_language(reason: str) -> None:
    assert left_out_text(reason) == reason
    with translation.override("ko"):
        assert left_out_text(reason) != reason
        assert ("2048" in reason) == ("2048" in left_out_text(reason))


@pytest.mark.parametrize("reason", ["", "Permission denied", "kept {up} to 7", "12 34"])
def test_what_is_none_of_our_reasons_stays_as_it_is(reason: str) -> None:
    assert left_out_text(reason) == reason


def test_source_is_untouched_changed_or_unknown() -> None:
    assert source_text(None) == ""
    assert source_text([]) == "untouched"
    assert source_text(["train.py"]) == "changed while it ran"
