"""What directory names and notes say of customer, place and task."""

from __future__ import annotations

import pytest

from registry_app.choices import Confidence
from registry_app.inference.site.places import Place, read_name, read_notes


def parts(place: Place) -> dict[str, str]:
    return {name: guess.value for name, guess in vars(place).items() if guess is not None}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("donghwa-entec-ppe", {"customer": "donghwa-entec", "task": "ppe"}),
        ("sampyo-gimhae-bct", {"customer": "sampyo", "region": "gimhae", "task": "bct"}),
        ("삼표-김해-지게차", {"customer": "삼표", "region": "gimhae", "task": "forklift"}),
        (
            "hanil-danyang-plant2-kiln-fire",
            {
                "customer": "hanil",
                "region": "danyang",
                "plant": "plant2",
                "zone": "kiln",
                "task": "fire",
            },
        ),
        (
            "sampyo_gimhae_1공장_ppe",
            {"customer": "sampyo", "region": "gimhae", "plant": "plant1", "task": "ppe"},
        ),
        (
            "lotte-ulsan-ppe+intrusion",
            {"customer": "lotte", "region": "ulsan", "task": "ppe+intrusion"},
        ),
        ("sampyo-gimhae-seat-belt", {"customer": "sampyo", "region": "gimhae", "task": "ppe"}),
        ("hard-drive", {}),
        ("yolov7-face", {}),
        ("retinanet-face", {}),
        ("kim+vehicle-counting", {}),
        ("hanil-conveyor", {"customer": "hanil", "task": "conveyor"}),
        ("YOLOv8-Fire-and-Smoke-Detection", {}),
        ("ppe", {}),
        ("seoul", {}),
        ("posco-pohang", {"customer": "posco", "region": "pohang"}),
        ("POSCO.Pohang.Helmet", {"customer": "posco", "region": "pohang", "task": "ppe"}),
        ("fire_hanil_danyang", {"customer": "hanil", "region": "danyang", "task": "fire"}),
        (
            "posco-pohang-helmet_yolov11n-v2",
            {"customer": "posco", "region": "pohang", "task": "ppe"},
        ),
        ("kcc-yeoju-smoke (복사본)", {"customer": "kcc", "region": "yeoju", "task": "smoke"}),
        (
            "hanil-danyang-crane-helmet-detection",
            {"customer": "hanil", "region": "danyang", "zone": "crane", "task": "ppe"},
        ),
        ("lotte-ulsan-fire-smoke", {"customer": "lotte", "region": "ulsan", "task": "fire"}),
        (
            "posco-pohang-coil-count2",
            {"customer": "posco", "region": "pohang", "zone": "coil", "task": "count2"},
        ),
        ("posco-pohang-test", {"customer": "posco", "region": "pohang"}),
        ("crack-yolo", {}),
    ],
)
def test_names_by_the_habit_of_the_house(name: str, values: dict[str, str]) -> None:
    assert parts(read_name(name)) == values


def test_notes_add_the_place_with_file_and_line() -> None:
    place = read_notes([("README.md", "# PPE\n동화엔텍 부산 1공장 용접 구역\n")])
    assert parts(place) == {"region": "busan", "plant": "plant1", "zone": "welding"}
    assert place.region is not None
    assert (place.region.source, place.region.confidence) == ("README.md:2", Confidence.UNSURE)


def test_the_first_note_that_speaks_of_a_part_wins() -> None:
    place = read_notes([("a.md", "김해 공장"), ("b.md", "부산 2공장")])
    assert parts(place) == {"region": "gimhae", "plant": "plant2"}


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("김해 공장 출하 라인", {"region": "gimhae", "zone": "shipping"}),
        ("부산광역시 1공장", {"region": "busan", "plant": "plant1"}),
        ("위치: 울산", {"region": "ulsan"}),
        ("고객사: (주)동화엔텍 부산", {"region": "busan"}),
        ("포항제철소 원료 공정", {"region": "pohang", "zone": "raw-material"}),
        ("kiln 구역", {"zone": "kiln"}),
        ("음성 알림을 보냅니다", {}),  # a voice, not a town
        ("공주와 화성", {}),
        ("위험 구역에 들어오면", {}),
        ("학습 파이프라인", {}),
        ("온라인 데모", {}),
    ],
)
def test_everyday_words_of_a_note_are_no_places(line: str, values: dict[str, str]) -> None:
    assert parts(read_notes([("README.md", line)])) == values


def test_a_customer_before_a_region_is_likely_and_an_unknown_task_unsure() -> None:
    place = read_name("posco-pohang-p3d")
    assert place.customer is not None
    assert place.task is not None
    assert (place.customer.confidence, place.task.confidence) == (
        Confidence.LIKELY,
        Confidence.UNSURE,
    )
