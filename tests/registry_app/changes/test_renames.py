"""A directory is known again under a new name by what its scripts hold."""

from __future__ import annotations

import pytest

from registry_app.changes.renames import find_renames
from registry_app.choices import Confidence


def digests(words: str) -> frozenset[str]:
    return frozenset(words.split())


@pytest.mark.parametrize(
    ("before", "now", "elsewhere", "found"),
    [
        ("a b c", "a b c", "", True),
        ("a b c d", "a b c x", "", True),  # one script was edited meanwhile
        ("a b", "a b c", "", True),  # one script is new
        ("a b", "a x", "", True),  # half of them changed
        ("a b c", "a x y", "", False),
        ("a", "x", "", False),
        ("", "", "", False),
        ("a b", "a b", "a b", False),  # copies of what lies elsewhere tell nothing
        ("a b c", "a b c", "a b", True),  # the one that lies nowhere else tells
        ("a b c", "a b x", "a b", False),
    ],
)
def test_how_alike_is_alike_enough(before: str, now: str, elsewhere: str, found: bool) -> None:
    renames = find_renames(
        {"old": digests(before)}, {"new": digests(now)}, elsewhere=digests(elsewhere)
    )
    assert [(rename.old, rename.new) for rename in renames] == ([("old", "new")] if found else [])


@pytest.mark.parametrize(
    ("before", "now", "confidence"),
    [
        ("a b c d", "a b c d", Confidence.SURE),
        ("a b c d", "a b c x", Confidence.LIKELY),
        ("a b c d", "a b x y", Confidence.UNSURE),
    ],
)
def test_the_more_is_the_same_the_surer(before: str, now: str, confidence: Confidence) -> None:
    (rename,) = find_renames({"old": digests(before)}, {"new": digests(now)})
    assert rename.confidence == confidence


def test_the_better_of_two_candidates_is_taken() -> None:
    found = find_renames(
        {"old": digests("a b c d")}, {"copy": digests("a b x y"), "new": digests("a b c d")}
    )
    assert [(item.old, item.new, item.same, item.count) for item in found] == [("old", "new", 4, 4)]


def test_two_candidates_that_fit_equally_well_are_none() -> None:
    twins = {"one": digests("a b"), "other": digests("a b")}
    assert find_renames({"old": digests("a b")}, twins) == []
    assert find_renames(twins, {"new": digests("a b")}) == []


def test_a_refused_candidate_does_not_stand_in_the_way_of_another() -> None:
    new = {"copy": digests("a b c d"), "new": digests("a b c x")}
    found = find_renames({"old": digests("a b c d")}, new, refused={("old", "copy")})
    assert [item.new for item in found] == ["new"]


def test_several_renames_at_once() -> None:
    gone = {"p": digests("a b"), "q": digests("c d")}
    found = find_renames(gone, {"s": digests("c d"), "r": digests("a b")})
    assert [(item.old, item.new) for item in found] == [("p", "r"), ("q", "s")]
