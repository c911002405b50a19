"""Words of a directory's name that can say something of a site or a task."""

from __future__ import annotations

import unicodedata

import pytest

from registry_app.inference.site.name_words import composed, telling_words


@pytest.mark.parametrize(
    "name",
    [
        "posco-pohang-fire",
        "posco-pohang-fire-v2",
        "posco_pohang_fire_ver1.2",
        "POSCO.Pohang.Fire",
        "posco pohang fire",
        "posco-pohang-fire-20250612",
        "20250612_posco-pohang-fire",
        "posco-pohang-fire_250612",
        "posco-pohang-fire-2025-06-12",
        "2025.06.12 posco-pohang-fire",
        "posco-pohang-fire-25년6월",
        "posco-pohang-fire-2025",
        "posco-pohang-fire_old",
        "posco-pohang-fire-final-final2",
        "posco-pohang-fire (복사본)",
        "posco-pohang-fire - Copy (3)",
        "posco-pohang-fire_최종",
        "posco-pohang-fire-3차",
        "posco-pohang-fire-yolov8n-onnx-int8",
        "posco-pohang-fire-rtdetr",
        "posco-pohang-fire-fasterrcnn",
        "posco-pohang-fire-exp7",
        "posco-pohang-fire-2",
    ],
)
def test_versions_dates_states_and_models_say_nothing(name: str) -> None:
    assert telling_words(name) == ["posco", "pohang", "fire"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("kcc-yeoju-line3-smoke", ["kcc", "yeoju", "line3", "smoke"]),
        ("posco-pohang-p3d", ["posco", "pohang", "p3d"]),
        ("hanil-danyang-plant2-swing", ["hanil", "danyang", "plant2", "swing"]),
        ("삼표-김해-1공장-지게차", ["삼표", "김해", "1공장", "지게차"]),
        ("lotte-ulsan-ppe+intrusion", ["lotte", "ulsan", "ppe+intrusion"]),
        ("vital-signs", ["vital", "signs"]),
    ],
)
def test_no_number_and_no_word_is_cut_off(name: str, words: list[str]) -> None:
    assert telling_words(name) == words


def test_both_forms_of_unicode_are_one_name() -> None:
    name = "광양-헬멧"
    assert composed(unicodedata.normalize("NFD", name)) == composed(name)
    assert telling_words(unicodedata.normalize("NFD", name)) == ["광양", "헬멧"]
