"""Hit rates count kept and corrected guesses by kind and confidence, and speak of shares late."""

from __future__ import annotations

import pytest

from registry_app.findings.hit_rates import Counted, HitRate, as_json, hit_rates, totals

CUSTOMER, TASK, DEFAULT = "site.customer", "task.type", "entry_points.train.default"


def counted(field: str, confidence: str, *, kept: int = 0, corrected: int = 0) -> list[Counted]:
    return [
        Counted(field=field, confidence=confidence, is_kept=is_kept, count=count)
        for is_kept, count in ((True, kept), (False, corrected))
        if count
    ]


def short(rates: list[HitRate]) -> list[tuple[str, str, int, int]]:
    return [(rate.field, rate.confidence, rate.kept, rate.corrected) for rate in rates]


def test_each_kind_and_confidence_has_a_rate_the_most_harmful_kind_first() -> None:
    rates = hit_rates(
        [
            *counted(CUSTOMER, "unsure", kept=1, corrected=2),
            *counted(CUSTOMER, "sure", kept=4),
            *counted(TASK, "likely", corrected=1),
            *counted("entry_points.train.type", "likely", kept=1),
            *counted(DEFAULT, "sure", kept=3),
        ]
    )
    assert short(rates) == [
        (DEFAULT, "sure", 3, 0),
        ("entry_points.train.type", "likely", 1, 0),
        (TASK, "likely", 0, 1),
        (CUSTOMER, "sure", 4, 0),
        (CUSTOMER, "unsure", 1, 2),
    ]
    assert short(totals(rates)) == [("", "sure", 7, 0), ("", "likely", 1, 1), ("", "unsure", 1, 2)]
    assert hit_rates([]) == totals([]) == []


@pytest.mark.parametrize(
    ("kept", "corrected", "percent"),
    [
        (1, 0, None),
        (18, 1, None),  # 19 decisions are too few
        (20, 0, 100),
        (19, 1, 95),
        (199, 1, 99),  # never rounded up to all
        (0, 20, 0),
    ],
)
def test_few_decisions_have_no_percentage(kept: int, corrected: int, percent: int | None) -> None:
    [rate] = hit_rates(counted(TASK, "sure", kept=kept, corrected=corrected))
    assert (rate.count, rate.percent) == (kept + corrected, percent)


def test_programs_read_the_counts_and_no_share_of_few() -> None:
    rates = hit_rates([*counted(TASK, "sure", kept=30), *counted(TASK, "unsure", corrected=1)])
    sure = {"confidence": "sure", "kept": 30, "corrected": 0, "share": 1.0}
    unsure = {"confidence": "unsure", "kept": 0, "corrected": 1, "share": None}
    assert as_json(rates) == {
        "total": [sure, unsure],
        "kinds": [{"field": TASK, **sure}, {"field": TASK, **unsure}],
    }
