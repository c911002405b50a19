"""What takes classes away from a list, by tables of examples."""

from __future__ import annotations

import pytest

from registry_app.inference.task.class_names import guess_classes
from registry_app.inference.task.second_models import models_of_crops
from tests.registry_app.inference.projects import make_project

LISTS = 'ALL_CLASSES = ["ok", "dent", "scratch"]\nBAD_CLASSES = ["dent", "scratch"]\n'


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        ("keep = [ALL_CLASSES.index(name) for name in BAD_CLASSES]", ("dent", "scratch")),
        (
            "keep = {n: c for n, c in enumerate(ALL_CLASSES) if c in BAD_CLASSES}",
            ("dent", "scratch"),
        ),
        ("keep = [n for n in BAD_CLASSES if n not in others]", ("ok", "dent", "scratch")),
        ("print(ALL_CLASSES, BAD_CLASSES)", ("ok", "dent", "scratch")),
        # Of which the outputs are counted: only a part is looked at besides.
        (
            "keep = [ALL_CLASSES.index(n) for n in BAD_CLASSES]\nnum_classes = len(ALL_CLASSES)",
            ("ok", "dent", "scratch"),
        ),
        (
            "keep = [ALL_CLASSES.index(n) for n in BAD_CLASSES]\nn_classes = len(BAD_CLASSES)",
            ("dent", "scratch"),
        ),
    ],
)
def test_a_list_that_narrows_another_holds_the_classes(use: str, expected: tuple[str, ...]) -> None:
    project = make_project({"labels.py": LISTS, "train.py": f"from labels import *\n{use}\n"})
    found = guess_classes(project)
    assert found is not None
    assert found.value == expected


def test_a_list_does_not_narrow_another_of_its_own_name() -> None:
    files = {
        "main.py": "class_names = ['fire', 'smoke', 'clear']\ny = [class_names[i] for i in p]\n",
        "eval.py": "class_names = ['fire', 'smoke', 'clear']\n",
        "old/x.py": "class_names = ['fire', 'smoke']\n",
    }
    found = guess_classes(make_project(files))
    assert found is not None
    assert found.value == ("fire", "smoke", "clear")


TWO = 'whole, part = YOLO("w/whole.pt"), YOLO("part.pt")\n'


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        ("whole.predict(image)\npart.predict(source=image[a:b, c:d], conf=0.4)", {"part"}),
        ("whole(image)\ncut = image[a:b, c:d, :].copy()\npart(cut)", {"part"}),
        ("whole(image)\npart([image[a:b, c:d]])", {"part"}),
        ("whole(image)\npart(image)\npart(image[a:b, c:d])", set()),  # it sees the whole too
        ("whole(image[a:b, c:d])\npart(image[a:b, c:d])", set()),  # a region of interest
        ("whole(image)\npart(image[:, :, ::-1])", set()),  # colours in another order
        ("part(image[a:b, c:d])", set()),
    ],
)
def test_a_model_that_sees_only_crops_comes_second(use: str, expected: set[str]) -> None:
    assert models_of_crops(make_project({"infer.py": TWO + use})) == expected


def test_the_classes_are_those_of_the_model_that_sees_the_whole() -> None:
    files = {
        "data/a-part/data.yaml": "train: x\nnames: [hook]\n",
        "data/whole/data.yaml": "train: x\nnames: [person, hook]\n",
        "infer.py": TWO.replace("part.pt", "a-part.pt") + "whole(image)\npart(image[a:b, c:d])\n",
    }
    found = guess_classes(make_project(files))
    assert found is not None
    assert (found.value, found.source) == (("person", "hook"), "data/whole/data.yaml:2")


LETTERS = "\n".join("0123456789ABCDEFGHKLMN")


@pytest.mark.parametrize(
    ("files", "first"),
    [
        ({"plate.yaml": "names: [license_plate]", "model/read.names": LETTERS}, "license_plate"),
        ({"plate.names": "plate\nno plate", "letters.names": LETTERS}, "plate"),
        ({"letters.names": LETTERS}, "0"),  # only the reader is here
        ({"car.names": "car\nbus", "a.names": LETTERS}, "0"),  # signs may be all that is read
    ],
)
def test_what_reads_a_plate_comes_after_what_finds_it(files: dict[str, str], first: str) -> None:
    project = make_project({**files, "infer.py": "names = open('letters.names')\n"})
    found = guess_classes(project)
    assert found is not None
    assert found.value[0] == first


@pytest.mark.parametrize(
    ("name", "names", "expected"),
    [
        ("people-counter", ["Male", "Female"], None),  # of those who were counted
        ("gender-classifier", ["Male", "Female"], ("Male", "Female")),
        ("people-counter", ["man", "helmet"], ("man", "helmet")),
        ("people-counter", ["man"], ("man",)),
    ],
)
def test_what_is_told_of_people_besides(
    name: str, names: list[str], expected: tuple[str, ...] | None
) -> None:
    found = guess_classes(make_project({"infer.py": f"CLASSES = {names}"}, name=name))
    assert (found.value if found else None) == expected
