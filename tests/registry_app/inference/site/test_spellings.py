"""Customers in any spelling."""

from __future__ import annotations

import pytest

from registry_app.inference.site.spellings import KnownCustomer, Spellings, words_of_line

CUSTOMERS = [
    KnownCustomer(name="donghwa-entec"),
    KnownCustomer(name="sampyo", spellings=("삼표산업", "SP Cement")),
    KnownCustomer(name="posco"),
    KnownCustomer(name="hanil-cement"),
    KnownCustomer(name="hyundai"),
    KnownCustomer(name="sk-hynix"),
    KnownCustomer(name="kcc"),
]


@pytest.mark.parametrize(
    ("text", "name", "is_exact"),
    [
        ("donghwa-entec", "donghwa-entec", True),
        ("DONGHWA ENTEC", "donghwa-entec", True),
        ("동화엔텍 부산 1공장", "donghwa-entec", False),
        ("(주)동화엔텍의 보호구", "donghwa-entec", False),
        ("㈜동화엔텍에서", "donghwa-entec", False),
        ("Donghwa Entech Co., Ltd.", "donghwa-entec", False),
        ("삼표 김해", "sampyo", True),
        ("삼표산업", "sampyo", True),
        ("sp_cement", "sampyo", True),
        ("포스코 포항제철소", "posco", False),
        ("한일시멘트", "hanil-cement", False),
        ("hyeondae", "hyundai", False),
        ("현대", "hyundai", False),
        ("에스케이하이닉스 이천", "sk-hynix", False),
        ("케이씨씨 여주", "kcc", True),
        ("삼표시멘트 삼척", None, None),  # of the same group, and another company
        ("hanil danyang", None, None),
        ("bosco", None, None),
        ("sampo", None, None),
        ("", None, None),
    ],
)
def test_a_customer_is_known_by_its_spelling(
    text: str, name: str | None, is_exact: bool | None
) -> None:
    match = Spellings(CUSTOMERS).find(words_of_line(text.replace("-", " ").replace("_", " ")))
    assert (match and match.customer.name, match and match.is_exact) == (name, is_exact)


def test_the_longer_name_wins() -> None:
    customers = [KnownCustomer(name="sampyo"), KnownCustomer(name="sampyo-cement")]
    match = Spellings(customers).find(["sampyo", "cement", "samcheok"])
    assert match is not None
    assert match.customer.name == "sampyo-cement"


def test_a_name_that_may_mean_two_means_none() -> None:
    customers = [
        KnownCustomer(name="daehan-steel", spellings=("대한",)),
        KnownCustomer(name="daehan-cement", spellings=("대한",)),
    ]
    assert Spellings(customers).find(["대한"]) is None
