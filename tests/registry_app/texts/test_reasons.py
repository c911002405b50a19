"""Why the scan believes something, in the reader's language."""

from __future__ import annotations

from pathlib import Path

from django.utils import translation

from registry_app.reading import message_text
from registry_app.scan.run import scan
from registry_app.texts import reasons

FIXTURES = Path(__file__).parents[3] / "fixtures" / "experiments"


def test_every_reason_of_a_scan_can_be_shown_in_korean() -> None:
    found = scan([FIXTURES]).experiments
    messages = [
        message
        for item in found
        for evidence in item.document.evidence.values()
        for message in evidence.reason
    ]
    messages += [
        message
        for item in found
        for script in item.scripts
        for message in script.entry.types.reason
    ]
    assert messages
    with translation.override("ko"):
        for message in messages:
            assert any("가" <= character <= "힣" for character in message_text(message)), message


def test_a_type_in_a_reason_is_called_as_in_the_rest_of_the_portal() -> None:
    message = reasons.ONLY_ONE(kind="quant")
    with translation.override("ko"):
        assert message_text(message) == "유일한 양자화 스크립트"
    with translation.override("en"):
        assert message_text(message) == "the only quantize script"


def test_a_value_that_looks_like_the_end_of_a_reason_is_translated_all_the_same() -> None:
    message = reasons.KEY_OF_YAML(key="names; ids")
    with translation.override("ko"):
        assert message_text(message) == "YAML 파일의 “names; ids” 키"
