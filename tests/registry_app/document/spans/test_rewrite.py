"""Files that people wrote are edited in place: each edit is exact, or refused with its line."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
import yaml

from registry_app.document.spans.edits import EditKind, applied, canonical, differences
from registry_app.document.spans.rewrite import Rewritten, content_of, rewrite
from registry_app.document.yaml_nodes import LOADER
from registry_app.exceptions import RegistryFileError
from tests.registry_app.document.spans.hand_written import REFUSED, TEXTS, large
from tests.registry_app.document.spans.random_edits import Plan

SAMPLE, FULL = 20, 1000
SEED = 20261128


def edited(text: str, change: Any) -> Rewritten:
    """Return a file after a change of its content, made by a function."""
    content = content_of(text.encode())
    wanted = content_of(text.encode())
    change(wanted)
    return rewrite(text.encode(), content, differences(content, wanted))


def try_randomly(name: str, count: int) -> Counter[str]:
    """Check so many random plans on a file; return how many edits were made and refused."""
    data = TEXTS[name].encode()
    content = content_of(data)
    comments = comments_of(TEXTS[name])
    rng = random.Random(f"{SEED} {name}")  # noqa: S311
    found: Counter[str] = Counter()
    for number in range(count):
        plan = Plan(content, rng, rng.choice([1, 1, 1, 2, 5]))
        edits = differences(content, plan.wanted, renames=plan.renames)
        after = rewrite(data, content, edits)
        refused = [item.edit for item in after.refusals]
        done = [edit for edit in edits if edit not in refused]
        expected = applied(content, done)
        assert canonical(content_of(after.data)) == canonical(expected), (name, number)
        assert all(item.line for item in after.refusals if item.edit.kind is not EditKind.ADD_ENTRY)
        removed = any(edit.kind is EditKind.REMOVE or edit.new == [] for edit in done)
        is_list = any(isinstance(edit.new, list) for edit in done)
        if not removed and not is_list:
            lost = comments - comments_of(after.data.decode())
            assert not lost, (name, number, lost)
        if not done:
            assert after.data == data
        found.update(made=len(done), refused=len(refused))
        found.update(str(item.reason) for item in after.refusals)
    return found


def comments_of(text: str) -> Counter[str]:
    """Return the comments of a text: what stands behind `#` outside of its values."""
    text = text.removeprefix("\ufeff")
    inside: set[int] = set()
    for event in yaml.parse(text, Loader=LOADER):
        if isinstance(event, yaml.ScalarEvent) and event.start_mark and event.end_mark:
            start, end = event.start_mark.index, event.end_mark.index
            if event.style in {"|", ">"}:
                start = text.index("\n", start) if "\n" in text[start:end] else end
            inside.update(range(start, end))
    return Counter(
        line[position - start :].strip()
        for line, start in _lines(text)
        if (position := _comment(text, start, start + len(line), inside)) is not None
    )


def _lines(text: str) -> list[tuple[str, int]]:
    found, position = [], 0
    for line in text.splitlines(keepends=True):
        found.append((line, position))
        position += len(line)
    return found


def _comment(text: str, start: int, end: int, inside: set[int]) -> int | None:
    return next((at for at in range(start, end) if text[at] == "#" and at not in inside), None)


@pytest.mark.parametrize("name", [name for name in TEXTS if name != "thousand"])
def test_random_edits_are_exact_or_refused(name: str) -> None:
    try_randomly(name, SAMPLE)


@pytest.mark.long
@pytest.mark.parametrize("name", TEXTS)
def test_a_thousand_random_edits_are_exact_or_refused(name: str) -> None:
    count = FULL if name != "thousand" else FULL // 10
    found = try_randomly(name, count)
    assert found["made"] >= count // 4  # a file without experiments has little to edit


def test_no_edit_means_the_same_bytes() -> None:
    for text in (text for name, text in TEXTS.items() if name != "thousand"):
        assert edited(text, lambda content: None).data == text.encode()


SHORT = "experiments:\n  a:\n    path: a\n    owner: jiwoo  # who\n"


def owner(value: Any) -> Any:
    return lambda content: content["experiments"]["a"].update(owner=value)


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("sujin", "    owner: sujin  # who\n"),
        ("yes", "    owner: 'yes'  # who\n"),
        ("a: b", "    owner: 'a: b'  # who\n"),
        (7, "    owner: 7  # who\n"),
        (True, "    owner: true  # who\n"),
        ("one\ntwo", "    owner: |-  # who\n      one\n      two\n"),
        ("one\n\n\n", '    owner: "one\\n\\n\\n"  # who\n'),
        (["x", "y z"], "    owner: [x, y z]  # who\n"),
    ],
)
def test_a_value_is_written_as_the_portal_writes_it_before_the_comment(
    value: Any, line: str
) -> None:
    after = edited(SHORT, owner(value)).data.decode()
    assert after == SHORT.replace("    owner: jiwoo  # who\n", line)


@pytest.mark.parametrize(
    ("before", "after"),
    [("'ji'", "'su jin'"), ('"ji"', '"su jin"'), ("ji", "su jin"), ("!!str 12", "su jin")],
)
def test_quotes_are_kept(before: str, after: str) -> None:
    text = SHORT.replace("jiwoo", before)
    assert edited(text, owner("su jin")).data.decode() == SHORT.replace("jiwoo", after)


def test_an_empty_value_is_filled_before_its_comment() -> None:
    text = SHORT.replace(" jiwoo", "")
    assert edited(text, owner("sujin")).data.decode() == SHORT.replace("jiwoo", "sujin")


def test_a_block_becomes_one_line_and_keeps_the_comment_of_its_head() -> None:
    text = SHORT.replace("jiwoo  # who\n", "|  # who\n      one\n      two\n\n  b: {path: b}\n")
    after = edited(text, owner("sujin")).data.decode()
    assert after == ("experiments:\n  a:\n    path: a\n    owner: sujin  # who\n\n  b: {path: b}\n")


def test_a_new_key_stands_behind_its_predecessor_in_the_format() -> None:
    def change(content: dict[str, Any]) -> None:
        entry = content["experiments"]["a"]
        content["experiments"]["a"] = {
            "path": entry["path"], "task": {"type": "ppe"}, "stage": 2, "owner": entry["owner"],
            "notes": "x",
        }  # fmt: skip

    assert edited(SHORT, change).data.decode() == (
        "experiments:\n  a:\n    path: a\n    task:\n      type: ppe\n    stage: 2\n"
        "    owner: jiwoo  # who\n    notes: x\n"
    )


def test_a_new_experiment_is_put_by_name_if_the_others_are() -> None:
    text = "experiments:\n  a: {path: a}\n  # about c\n  c: {path: c}\n"

    def change(content: dict[str, Any]) -> None:
        content["experiments"]["b"] = {"path": "b"}

    assert edited(text, change).data.decode() == (
        "experiments:\n  a: {path: a}\n  b:\n    path: b\n  # about c\n  c: {path: c}\n"
    )
    unsorted = "experiments:\n  c: {path: c}\n  a: {path: a}"
    assert edited(unsorted, change).data.decode() == f"{unsorted}\n  b:\n    path: b"


def test_the_last_experiment_leaves_an_empty_mapping() -> None:
    assert edited(SHORT, lambda content: content["experiments"].clear()).data == (
        b"experiments: {}\n"
    )


def test_names_can_be_swapped() -> None:
    text = "experiments:\n  a: {path: one}  # first\n  'b': {path: two}\n"
    content = content_of(text.encode())
    wanted = {"experiments": {"b": {"path": "one"}, "a": {"path": "two"}}}
    renames: dict[tuple[str, ...], str] = {("experiments", "a"): "b", ("experiments", "b"): "a"}
    after = rewrite(text.encode(), content, differences(content, wanted, renames=renames))
    assert after.data.decode() == ("experiments:\n  b: {path: one}  # first\n  'a': {path: two}\n")


def test_elements_of_a_list_keep_their_own_comments() -> None:
    def change(content: dict[str, Any]) -> None:
        content["experiments"]["a"]["task"]["classes"] = ["helmet", "harness", "vest"]

    after = edited(TEXTS["flush lists"], change).data.decode()
    assert after == TEXTS["flush lists"].replace("headgear", "helmet").replace("hook", "vest")
    after = edited(TEXTS["flow lists in lines"], change).data.decode()
    assert after == TEXTS["flow lists in lines"].replace("headgear", "helmet").replace(
        "hook ", "vest "
    )


def test_what_cannot_be_made_is_refused_with_its_line_and_the_lines_to_write() -> None:
    def change(content: dict[str, Any]) -> None:
        del content["experiments"]["a"]
        content["experiments"]["b"]["notes"] = "new"

    after = edited(TEXTS["explicit keys"], change)
    (refusal,) = after.refusals
    assert refusal.line == 2
    assert str(refusal.reason) == "the key shares its line with something else"
    assert after.data.decode() == TEXTS["explicit keys"].replace("notes: x", "notes: new")

    def clear(content: dict[str, Any]) -> None:
        content["experiments"]["a"]["task"]["classes"] = ["one"]

    text = "experiments:\n  a:\n    task:\n      classes: [x, y,  # two\n        z]\n"
    (refusal,) = edited(text, clear).refusals
    assert (refusal.line, refusal.wanted) == (4, "classes: [one]")


@pytest.mark.parametrize("name", REFUSED)
def test_what_an_import_refuses_is_not_edited(name: str) -> None:
    text, line = REFUSED[name]
    with pytest.raises(RegistryFileError) as caught:
        content_of(text.encode())
    assert caught.value.problems[0].line == line


def test_one_field_is_one_line() -> None:
    text = large(50)

    def change(content: dict[str, Any]) -> None:
        for entry in content["experiments"].values():
            entry["owner"] = "sujin"
            entry["site"]["zone"] = "press"

    after = edited(text, change).data.decode()
    pairs = list(zip(text.splitlines(), after.splitlines(), strict=True))
    assert sum(old != new for old, new in pairs) == 100


def test_a_file_of_comments_gets_its_content_behind_them() -> None:
    after = rewrite(b"# to be filled", {}, differences({}, {"experiments": {"a": {"path": "a"}}}))
    assert after.data == b"# to be filled\nexperiments:\n  a:\n    path: a\n"
