"""What a scan could not read, in the reader's language."""

from __future__ import annotations

import pytest
from django.utils import translation

from registry_app.messages import Message
from registry_app.reading import message_text
from registry_app.texts import remarks


@pytest.mark.parametrize(
    ("warning", "english"),
    [
        (remarks.READ_AS(encoding="cp949"), "read as cp949, not as UTF-8"),
        (
            remarks.READ_AS(encoding="cp949").at("scripts/labels.py").at("donghwa-entec-fall"),
            "donghwa-entec-fall: scripts/labels.py: read as cp949, not as UTF-8",
        ),
        (
            remarks.NO_PYTHON(line=3, problem="invalid syntax").at("old.py"),
            "old.py: line 3: not Python 3 syntax (invalid syntax)",
        ),
    ],
)
def test_places_stay_and_the_rest_is_translated(warning: Message, english: str) -> None:
    assert str(warning) == english
    with translation.override("ko"):
        shown = message_text(warning)
    assert any("가" <= character <= "힣" for character in shown)
    assert shown.startswith(warning.place)
