"""Both sides edit, and no edit is lost: the merge of a registry file with the portal."""

from __future__ import annotations

from typing import Any

import pytest

from registry_app.sync.merge import is_accepted, merge
from registry_app.sync.objects import WHOLE, Answer, Known, Side
from tests.registry_app.sync.sides import People, Sides

SAMPLE, FULL = 150, 2000
STEPS = 30


def one(
    name: str = "a", path: str = "a", fields: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    return {"name": name, "path": path, **(fields or {}), **more}


@pytest.mark.parametrize(
    ("base", "file", "portal", "result"),
    [
        ("x", "x", "x", "x"),
        ("x", "y", "x", "y"),
        ("x", "x", "y", "y"),
        ("x", "y", "y", "y"),
        ("x", None, "x", None),
        ("x", "x", None, None),
        ("x", "", "x", None),
        (None, "y", None, "y"),
        ("x", "y", "z", "?"),
        ("x", None, "z", "?"),
        (None, "y", "z", "?"),
    ],
)
def test_a_field_that_one_side_changed_is_taken_and_both_is_a_question(
    base: Any, file: Any, portal: Any, result: Any
) -> None:
    known = {"1": Known(fields=one(owner=base) if base else one())}
    after = merge(known, {"1": one(owner=file)}, {"1": one(owner=portal)})
    if result == "?":
        (question,) = after.questions
        assert (question.field, question.base, question.file, question.portal) == (
            "owner", base, file, portal
        )  # fmt: skip
        assert after.file["1"].get("owner") == file
        assert after.portal["1"].get("owner") == portal
        assert after.known["1"].fields.get("owner") == base
    else:
        assert after.questions == ()
        assert after.file["1"].get("owner") == after.portal["1"].get("owner") == result
        assert after.known["1"].fields.get("owner") == result


@pytest.mark.parametrize(
    ("file", "portal", "is_weak", "result"),
    [
        ("x", "x", False, "x"),
        (None, "y", False, "y"),
        ("x", None, False, "x"),
        ("x", "guess", True, "x"),
        ("x", "y", False, "?"),
    ],
)
def test_at_the_first_sync_a_guess_gives_way_and_only_differences_are_asked(
    file: Any, portal: Any, is_weak: bool, result: Any
) -> None:
    weak = {("1", "owner")} if is_weak else set()
    after = merge({}, {"1": one(owner=file)}, {"1": one(owner=portal)}, weak=weak)
    if result == "?":
        assert [question.field for question in after.questions] == ["owner"]
        assert after.known["1"].unknown == {"owner"}
        again = merge(after.known, after.file, after.portal)
        assert (again.file, again.portal, again.questions) == (
            after.file, after.portal, after.questions
        )  # fmt: skip
    else:
        assert after.questions == ()
        assert after.file["1"]["owner"] == after.portal["1"]["owner"] == result


def test_sets_are_merged_by_element_and_classes_as_a_whole() -> None:
    base = one(aliases=["a", "b"], fields={"task.classes": ["x", "y"]})
    file = one(aliases=["b", "c"], fields={"task.classes": ["y", "x"]})
    portal = one(aliases=["a", "b", "d"], fields={"task.classes": ["x", "y", "z"]})
    after = merge({"1": Known(fields=base)}, {"1": file}, {"1": portal})
    assert after.file["1"]["aliases"] == after.portal["1"]["aliases"] == ["b", "c", "d"]
    assert [question.field for question in after.questions] == ["task.classes"]


def test_parameters_are_merged_by_name_and_by_key() -> None:
    field = "entry_points.train.parameters"
    rows = [{"name": "epochs", "type": "int"}, {"name": "size", "default": 1}]
    file = [{"name": "epochs", "type": "int", "default": 10}, rows[1], {"name": "amp"}]
    portal = [{"name": "epochs", "type": "int", "help": "x"}]
    known = {"1": Known(fields=one(fields={field: rows}))}
    after = merge(known, {"1": one(fields={field: file})}, {"1": one(fields={field: portal})})
    assert after.portal["1"][field] == [
        {"name": "epochs", "type": "int", "default": 10, "help": "x"},
        {"name": "amp"},
    ]
    file = [{"name": "epochs", "type": "float"}]
    portal = [{"name": "epochs", "type": "str"}]
    after = merge(known, {"1": one(fields={field: file})}, {"1": one(fields={field: portal})})
    assert [question.field for question in after.questions] == [field]


def test_a_deletion_is_taken_unless_the_other_side_edited() -> None:
    known = {"1": Known(fields=one(owner="x"))}
    after = merge(known, {}, {"1": one(owner="x")})
    assert (after.file, after.portal, after.known, after.questions) == ({}, {}, {}, ())
    after = merge(known, {"1": one(owner="y")}, {})
    (question,) = after.questions
    assert (question.field, question.file, question.portal) == (WHOLE, "a", None)
    for side, count in ((Side.FILE, 1), (Side.PORTAL, 0)):
        answers = {("1", WHOLE): Answer(side=side, file="a", portal=None)}
        answered = merge(known, after.file, after.portal, answers=answers)
        assert (len(answered.file), len(answered.portal)) == (count, count)
        assert answered.questions == ()


def test_an_answer_counts_for_what_was_seen_and_its_question_never_comes_back() -> None:
    known = {"1": Known(fields=one(owner="x"))}
    file, portal = {"1": one(owner="y")}, {"1": one(owner="z")}
    for side, result in ((Side.FILE, "y"), (Side.PORTAL, "z"), (Side.VALUE, "w")):
        answers = {("1", "owner"): Answer(side=side, file="y", portal="z", value="w")}
        after = merge(known, file, portal, answers=answers)
        assert after.file["1"]["owner"] == after.portal["1"]["owner"] == result
        assert merge(after.known, after.file, after.portal).questions == ()
    late = merge(known, {"1": one(owner="y2")}, portal, answers=answers)
    assert [question.file for question in late.questions] == ["y2"]


def test_an_object_that_both_made_is_known_again_while_its_names_are_in_question() -> None:
    sides = Sides(file=[one("n1", "p1")], portal={"row1": one("n2", "p1")})
    sides.sync()
    assert [question.field for question in sides.questions] == ["name"]
    sides.sync()
    assert len(sides.file) == len(sides.portal) == 1


def test_a_name_in_question_is_found_by_what_the_file_last_had() -> None:
    sides = Sides(file=[one("n1", "p1")], portal={"row1": one("n1", "p1")})
    sides.sync()
    sides.file[0]["name"], sides.portal["row1"]["name"] = "n2", "n3"
    sides.sync()
    sides.file[0]["path"] = "p2"
    sides.sync()
    assert len(sides.file) == len(sides.portal) == 1
    assert sides.portal["row1"]["path"] == "p2"


def test_names_that_both_sides_swap_differently_end_in_one_pass_of_syncs() -> None:
    sides = Sides()
    sides.portal = {f"row{n}": one(f"n{n}", f"p{n}") for n in (1, 2, 3)}
    sides.sync()
    for entry, name in zip(sides.file, ("n2", "n1", "n3"), strict=True):
        entry["name"] = name
    for number, name in enumerate(("n1", "n3", "n2"), start=1):
        sides.portal[f"row{number}"]["name"] = name
    sides.sync()
    before = (list(sides.file), dict(sides.portal), sides.questions)
    sides.sync()
    assert (sides.file, sides.portal, sides.questions) == before


def test_an_answer_takes_a_name_before_an_unanswered_new_object_does() -> None:
    known = {"1": Known(fields=one("n1", "p1"))}
    file = {"1": one("n2", "p1")}
    portal = {"1": one("n3", "p1"), "2": one("n4", "p4")}
    answers = {("1", "name"): Answer(side=Side.VALUE, file="n2", portal="n3", value="n4")}
    after = merge(known, file, portal, answers=answers)
    assert not is_accepted(after, ("1", "name"))
    file["2"] = one("n5", "p4")
    after = merge(known, file, portal, answers=answers)
    assert not is_accepted(after, ("1", "name"))
    assert after.portal["2"]["name"] == "n4"


def test_an_object_that_is_held_back_can_be_deleted_by_its_answer() -> None:
    known = {"1": Known(fields=one("n1", "p1"))}
    file = {"1": one("n1", "p1"), "file:n2": one("n2", "p2")}
    portal = {"1": one("n2", "p1")}
    after = merge(known, file, portal)
    keys = {(question.id, question.field) for question in after.questions}
    assert ("file:n2", WHOLE) in keys
    answers = {("file:n2", WHOLE): Answer(side=Side.PORTAL, file="n2", portal=None)}
    after = merge(known, file, portal, answers=answers)
    assert "file:n2" not in after.file
    assert after.file["1"]["name"] == "n2"
    assert after.questions == ()


def test_what_cannot_be_written_into_the_file_stays_a_question() -> None:
    known = {"1": Known(fields=one(owner="x"))}
    after = merge(known, {"1": one(owner="x")}, {"1": one(owner="y")}, held={("1", "owner")})
    assert [question.field for question in after.questions] == ["owner"]
    assert (after.file["1"]["owner"], after.portal["1"]["owner"]) == ("x", "y")


def run(seed: int) -> None:
    """Let people edit, sync and answer at random, then answer all that is open."""
    people = People(seed)
    for _step in range(STEPS):
        people.act()
    people.sides.sync()
    for _attempt in range(100):
        if people.sides.questions:
            people.answer(people.rng.choice(people.sides.questions))
    assert not people.sides.questions, seed
    people.is_quiet()
    file, portal = people.sides.by_id()
    assert file == portal, seed


def test_random_edits_of_both_sides_lose_nothing_and_can_be_answered_to_the_end() -> None:
    for seed in range(SAMPLE):
        run(seed)


@pytest.mark.long
def test_two_thousand_sequences_lose_nothing() -> None:
    for seed in range(SAMPLE, SAMPLE + FULL):
        run(seed)
