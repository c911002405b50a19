"""Whether numbers of runs may be compared; what is not known is never the same."""

from __future__ import annotations

import pytest

from runs_app.comparing.comparability import Aspect, Basis, among, between, is_company
from runs_app.comparing.data import SameData

SAME, DIFFERENT = SameData.SAME, SameData.DIFFERENT
NAMED_SAME, UNKNOWN = SameData.NAMED_SAME, SameData.UNKNOWN
DAY, DAY_EDITED = "data.yaml@0123456789abcdef", "data.yaml@fedcba9876543210"
NIGHT = "night.yaml@aaaaaaaaaaaaaaaa"


@pytest.mark.parametrize(
    ("one", "other", "known"),
    [
        (DAY, DAY, SAME),
        (DAY, "copy.yaml@0123456789abcdef", SAME),
        (DAY, DAY_EDITED, DIFFERENT),
        (DAY, NIGHT, DIFFERENT),
        ("/data/coco", "/data/coco", NAMED_SAME),
        (DAY, "data.yaml", NAMED_SAME),
        ("/data/coco", "/data/own", DIFFERENT),
        ("", DAY, UNKNOWN),
        ("", "", UNKNOWN),
    ],
)
def test_data(one: str, other: str, known: SameData) -> None:
    for pair in ((one, other), (other, one)):
        assert between(*(Basis(data_key=key) for key in pair)).data == known
        assert among([Basis(data_key=key) for key in pair]).data == known


@pytest.mark.parametrize(
    ("one", "other", "known"),
    [
        ("metrics/mAP50(B)", "mAP50(B)", SAME),
        ("val accuracy", "accuracy", SAME),
        ("mAP50", "mAP50-95", DIFFERENT),
        ("mAP50", "", UNKNOWN),
        ("", "", UNKNOWN),
    ],
)
def test_main_metrics_are_compared_by_their_words(one: str, other: str, known: SameData) -> None:
    pair = Basis(main_metric=one), Basis(main_metric=other)
    assert between(*pair).metric == known
    assert between(*reversed(pair)).metric == known


def test_one_odd_run_among_many_is_said() -> None:
    usual = Basis(data_key=DAY, classes_key="a", main_metric="mAP50")
    assert among([usual] * 5).different == ()
    assert among([usual] * 5).uncertain == ()
    odd = Basis(data_key=NIGHT, classes_key="b", main_metric="mAP50")
    assert among([usual, usual, odd]).different == (Aspect.DATA, Aspect.CLASSES)
    assert among([usual, usual, Basis()]).uncertain == (
        Aspect.DATA,
        Aspect.CLASSES,
        Aspect.METRIC,
    )


def test_unknown_runs_do_not_hide_that_others_differ() -> None:
    found = among([Basis(data_key=DAY), Basis(), Basis(data_key=NIGHT)])
    assert found.data == DIFFERENT


def test_company_are_runs_of_which_the_same_is_known() -> None:
    one = Basis(data_key=DAY, classes_key="a", main_metric="metrics/mAP50")
    assert is_company(one, Basis(data_key=DAY, classes_key="a", main_metric="mAP50"))
    assert is_company(Basis(), Basis())
    assert not is_company(one, Basis(data_key=DAY, classes_key="b", main_metric="mAP50"))
    assert not is_company(one, Basis(data_key="", classes_key="a", main_metric="mAP50"))
