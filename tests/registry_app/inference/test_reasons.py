"""Why the scan believes something, in the reader's language."""

from __future__ import annotations

import ast
from pathlib import Path

from django.utils import translation

from registry_app.inference import reasons
from registry_app.scan.run import scan

FIXTURES = Path(__file__).parents[3] / "fixtures" / "experiments"


def test_every_reason_of_a_scan_can_be_shown_in_korean() -> None:
    found = scan([FIXTURES]).experiments
    said = {row.reason for one in found for row in one.document.evidence.values()}
    said |= {script.entry.types.reason for one in found for script in one.scripts}
    said.discard("")
    with translation.override("ko"):
        for reason in said:
            for piece in reasons.shown(reason).split("; "):
                assert any("가" <= sign <= "힣" for sign in piece), reason


def test_values_in_a_reason_are_kept() -> None:
    reason = reasons.joined(
        reasons.HIGHEST_VERSION.format(count=3, kind="train"), reasons.NAMED_ELSEWHERE, ""
    )
    with translation.override("en"):
        assert reasons.shown(reason) == reason
    with translation.override("ko"):
        assert "3" in reasons.shown(reason)


def test_a_type_in_a_reason_is_called_as_in_the_rest_of_the_portal() -> None:
    reason = reasons.joined(
        reasons.ONLY_ONE.format(kind="quant"), reasons.NAME_SPEAKS_OF.format(kind="infer")
    )
    with translation.override("ko"):
        assert reasons.shown(reason) == "유일한 양자화 스크립트; 이름으로 보아 추론용"
    with translation.override("en"):
        assert reasons.shown(reason) == "the only quantize script; its name speaks of infer"


def test_words_from_elsewhere_stay_as_they_are() -> None:
    assert reasons.shown("a person <wrote> this") == "a person <wrote> this"
    assert reasons.shown("") == ""


def test_no_reason_hides_another_of_its_name() -> None:
    body = ast.parse(Path(reasons.__file__).read_text()).body
    names = [
        target.id
        for node in body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    assert sorted(names) == sorted(set(names))
