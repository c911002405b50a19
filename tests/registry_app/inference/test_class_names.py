"""The classes of a model and where they are written."""

from __future__ import annotations

import pytest

from registry_app.choices import Confidence
from registry_app.inference.class_names import guess_classes, names_in_yaml
from tests.registry_app.inference.projects import make_project

BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nnames: [*c, *c]\n"


@pytest.mark.parametrize(
    ("text", "names", "line"),
    [
        ("nc: 3\nnames: [helmet, vest, 사람]\n", ("helmet", "vest", "사람"), 2),
        ("names:\n  - helmet\n  - vest\n", ("helmet", "vest"), 1),
        ("# labels\nnames:\n  1: vest\n  0: helmet\n", ("helmet", "vest"), 2),
        ("names: {0: background, 1: smoke}\n", ("background", "smoke"), 1),
        ("classes: [fire, smoke]\n", ("fire", "smoke"), 1),
        ("names: [yes, no]\n", ("yes", "no"), 1),
        ("!!python/object/apply:os.system [x]\n", None, None),
        ("names: !!python/name:os.system\n", None, None),
        ("names: [1, 2, 3]\n", None, None),
        ("names: [a, a]\n", None, None),
        ("names: []\n", None, None),
        ("names: [[a], [b]]\n", None, None),
        ("names: text\n", None, None),
        ("- names\n", None, None),
        ("names: [a\n", None, None),
        ("", None, None),
        (BOMB, None, None),
    ],
)
def test_names_in_yaml(text: str, names: tuple[str, ...] | None, line: int | None) -> None:
    found = names_in_yaml(text)
    assert (found[:2] if found else None) == ((names, line) if names else None)


def test_the_dataset_file_that_the_training_takes_wins() -> None:
    project = make_project(
        {"a.yaml": "names: [x, y]", "data/ppe.yaml": "names: [helmet, vest]", "c.yaml": "lr: 1"}
    )
    guess = guess_classes(project, mentioned=["data/ppe.yaml"])
    assert guess is not None
    assert (guess.value, guess.source) == (("helmet", "vest"), "data/ppe.yaml:1")
    assert guess.confidence is Confidence.SURE


def test_eighty_everyday_things_are_the_last_resort() -> None:
    coco = ", ".join(f"thing{n}" for n in range(80))
    project = make_project(
        {"coco.yaml": f"names: [{coco}]", "x/y/own.yaml": "names: [fire, smoke]"}
    )
    guess = guess_classes(project)
    assert guess is not None
    assert guess.value == ("fire", "smoke")


def test_a_sample_set_of_a_framework_is_the_last_resort_too() -> None:
    project = make_project({"VOC.yaml": "names: [car, dog]", "x/own.yaml": "names: [fire]"})
    guess = guess_classes(project)
    assert guess is not None
    assert guess.value == ("fire",)


@pytest.mark.parametrize(
    ("path", "text", "names", "source"),
    [
        ("classes.txt", "truck\nhopper\n\n", ("truck", "hopper"), "classes.txt:1"),
        ("cfg/obj.names", "a\nb\n", ("a", "b"), "cfg/obj.names:1"),
        ("train.py", "\nCLASSES = ['stand', 'sit']\n", ("stand", "sit"), "train.py:2"),
        ("train.py", "NAMES = {1: 'b', 0: 'a'}\n", ("a", "b"), "train.py:1"),
        ("train.py", "LABELS: dict = {'b': 1, 'a': 0}\n", ("a", "b"), "train.py:1"),
    ],
)
def test_lists_and_constants_name_classes_too(
    path: str, text: str, names: tuple[str, ...], source: str
) -> None:
    guess = guess_classes(make_project({path: text}))
    assert guess is not None
    assert (guess.value, guess.source) == (names, source)


def test_unknown_stays_unknown() -> None:
    assert guess_classes(make_project({"train.py": "CLASSES = load()\n"})) is None
