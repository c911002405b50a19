"""How pages word what a run has."""

from __future__ import annotations

from runs_app.views.wording import source_text


def test_source_is_untouched_changed_or_unknown() -> None:
    assert source_text(None) == ""
    assert source_text([]) == "untouched"
    assert source_text(["train.py"]) == "changed while it ran"
