"""What a scan could not read, in the reader's language."""

from __future__ import annotations

import pytest
from django.utils import translation

from registry_app.inference import remarks


@pytest.mark.parametrize(
    "warning",
    [
        "read as cp949, not as UTF-8",
        "donghwa-entec-fall: scripts/convert_labels.py: read as cp949, not as UTF-8",
        "old.py: line 3: no Python 3 syntax (invalid syntax)",
        "a: b.py: a link out of the directory, not followed",
    ],
)
def test_names_stay_and_the_rest_is_translated(warning: str) -> None:
    with translation.override("en"):
        assert remarks.shown(warning) == warning
    with translation.override("ko"):
        told = remarks.shown(warning)
    assert any("가" <= sign <= "힣" for sign in told)
    assert told.startswith(warning.partition(": ")[0]) or ": " not in warning


def test_words_from_elsewhere_stay_as_they_are() -> None:
    assert remarks.shown("a: b: <c>") == "a: b: <c>"
