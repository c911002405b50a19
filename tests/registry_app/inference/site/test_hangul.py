"""Hangul in Latin letters; the examples of sounds that meet are those of the published system."""

from __future__ import annotations

import pytest

from registry_app.inference.site.hangul import romanised


@pytest.mark.parametrize(
    ("hangul", "latin"),
    [
        ("동화엔텍", "donghwaentek"),
        ("삼표", "sampyo"),
        ("부산", "busan"),
        ("울산", "ulsan"),
        ("구미", "gumi"),
        ("영동", "yeongdong"),
        ("백마", "baengma"),
        ("왕십리", "wangsimni"),
        ("종로", "jongno"),
        ("신라", "silla"),
        ("별내", "byeollae"),
        ("독립문", "dongnimmun"),
        ("같이", "gachi"),
        ("해돋이", "haedoji"),
        ("좋고", "joko"),
        ("놓다", "nota"),
        ("낳지", "nachi"),
        ("묵호", "mukho"),
        ("집현전", "jiphyeonjeon"),
        ("압구정", "apgujeong"),
        ("벚꽃", "beotkkot"),
        ("읽어", "ilgeo"),
        ("PPE 안전모 v2", "PPE anjeonmo v2"),
        ("", ""),
    ],
)
def test_words_by_their_sound(hangul: str, latin: str) -> None:
    assert romanised(hangul) == latin


def test_syllable_by_syllable_as_people_often_write() -> None:
    assert romanised("왕십리", by_sound=False) == "wangsipri"
