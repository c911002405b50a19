"""Known customers and their places in names of directories and in notes."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from registry_app.choices import Confidence
from registry_app.document.model import ExperimentDocument
from registry_app.inference.draft import draft_experiment
from registry_app.inference.site.known_places import recognise
from registry_app.inference.site.spellings import KnownCustomer, Spellings
from registry_app.messages import joined
from tests.registry_app.inference.projects import make_project

DONGHWA = KnownCustomer(
    name="donghwa-entec",
    spellings=("동화엔텍",),
    regions=("busan",),
    plants=("plant1",),
    zones=("welding-2", "도장"),
)
SAMPYO = KnownCustomer(name="sampyo", spellings=("삼표",))


def document(name: str, note: str = "") -> ExperimentDocument:
    files = {"train.py": "train()"} | ({"README.md": note} if note else {})
    draft = draft_experiment(make_project(files, name=name), path=name)
    return recognise(
        draft.document, directory=name, notes=draft.notes, spellings=Spellings([DONGHWA, SAMPYO])
    )


def site(name: str, note: str = "") -> dict[str, str]:
    values = asdict(document(name, note).site)
    return {part: value for part, value in values.items() if value is not None}


@pytest.mark.parametrize(
    ("name", "note", "values"),
    [
        ("동화엔텍-부산-ppe", "", {"customer": "donghwa-entec", "region": "busan"}),
        ("donghwaentec_fall", "", {"customer": "donghwa-entec"}),
        ("PPE_DonghwaEntec_v2", "", {"customer": "donghwa-entec"}),
        (
            "donghwa-entech-busan-plant1-welding-2-ppe",
            "",
            {
                "customer": "donghwa-entec",
                "region": "busan",
                "plant": "plant1",
                "zone": "welding-2",
            },
        ),
        ("exp7", "# 동화엔텍 1공장 도장 구역 안전모", {
            "customer": "donghwa-entec", "plant": "plant1", "zone": "도장"}),
        ("exp7", "nothing of a customer", {}),
        ("lotte-ulsan-ppe", "# 동화엔텍 모델을 옮긴 것", {"customer": "lotte", "region": "ulsan"}),
        ("yellow-fall", "# (주)삼표의 낙상", {"customer": "sampyo"}),
    ],
)  # fmt: skip
def test_known_names_win_over_guesses(name: str, note: str, values: dict[str, str]) -> None:
    assert site(name, note) == values


@pytest.mark.parametrize("name", ["sampyo-busan-ppe", "donghwa-entec-busan-plant1-ppe"])
def test_what_a_name_says_surely_is_as_sure_where_customer_and_place_are_known(name: str) -> None:
    files = {"train.py": "train()"}
    drafted = draft_experiment(make_project(files, name=name), path=name).document.evidence
    recognised = document(name).evidence
    sure = [field for field, item in drafted.items() if item.confidence == Confidence.SURE]
    assert "site.region" in sure
    assert {field: recognised[field] for field in sure} == {field: drafted[field] for field in sure}


def test_a_known_spelling_says_so() -> None:
    evidence = document("exp7", "intro\n\n동화엔텍 부산").evidence["site.customer"]
    assert evidence.source == "README.md:3"
    assert evidence.confidence == Confidence.SURE
    assert joined(evidence.reason) == "“동화엔텍” is the known customer donghwa-entec"


def test_what_only_sounds_alike_is_less_sure() -> None:
    evidence = document("donghwa-entech-ppe").evidence["site.customer"]
    assert evidence.confidence == Confidence.LIKELY
