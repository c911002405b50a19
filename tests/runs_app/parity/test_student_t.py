"""Quantiles agree with the printed tables, and those that the rule uses with scipy's."""

from __future__ import annotations

import pytest

from runs_app.parity.student_t import probability_within, two_sided

# Printed tables of Student's t: degrees of freedom, error on both sides, t.
PRINTED = [
    (1, 0.05, 12.706),
    (2, 0.05, 4.303),
    (3, 0.01, 5.841),
    (4, 0.05, 2.776),
    (6, 0.10, 1.943),
    (6, 0.05, 2.447),
    (7, 0.01, 3.499),
    (10, 0.05, 2.228),
    (10, 0.001, 4.587),
    (30, 0.05, 2.042),
    (120, 0.01, 2.617),
]
# As scipy computes them: degrees of freedom, number of metrics, t.
EXACT = [
    (4, 1, 2.776445105198),
    (6, 2, 2.968686684153),
    (6, 3, 3.287455157088),
    (6, 4, 3.521222710509),
    (7, 4, 3.335294939817),
    (10, 3, 2.870072555659),
    (8, 4, 3.205955453323),
]


@pytest.mark.parametrize(("freedom", "error", "t"), PRINTED)
def test_quantiles_are_those_of_printed_tables(freedom: int, error: float, t: float) -> None:
    assert two_sided(error, freedom) == pytest.approx(t, abs=0.0006)
    assert probability_within(two_sided(error, freedom), freedom) == pytest.approx(1 - error)


@pytest.mark.parametrize(("freedom", "count", "t"), EXACT)
def test_quantiles_of_the_rule_are_exact(freedom: int, count: int, t: float) -> None:
    assert two_sided(0.05 / count, freedom) == pytest.approx(t, rel=1e-10)


@pytest.mark.parametrize(("error", "freedom"), [(0.0, 4), (1.0, 4), (0.05, 0)])
def test_impossible_questions_are_refused(error: float, freedom: int) -> None:
    with pytest.raises(ValueError, match=r"probability|degrees"):
        two_sided(error, freedom)
