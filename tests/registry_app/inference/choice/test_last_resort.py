"""A demo or a test infers where no other script does."""

from __future__ import annotations

import pytest

from registry_app.inference.choice.last_resort import with_inference
from registry_app.inference.purpose.entry_points import find_entry_scripts
from tests.registry_app.inference.projects import make_project

MODEL = "import torch\nimport cv2\nnet = torch.load('fire.pt')\nnet.eval()\n"
SHOWS = "import cv2\nfrom net import look\ncv2.imshow('yard', look(cv2.imread('a.jpg')))\n"
NET = "import torch\nnet = torch.load('fire.pt')\ndef look(image): return net(image)\n"
PAGE = "import gradio\n" + MODEL + "gradio.Interface(lambda image: net(image)).launch()\n"
TRIES = "import keras\nimport cv2\nnet.load_weights(path)\nloss = net.predict(cv2.imread(path))\n"
MEASURES = "import keras\nnet.load_weights(path)\nprint(net.evaluate(pictures))\n"


def types_of(files: dict[str, str]) -> dict[str, tuple[str, ...]]:
    project = make_project({"net.py": NET, **files})
    found = with_inference(find_entry_scripts(project), project)
    return {script.path: script.types.value for script in found}


@pytest.mark.parametrize(
    ("files", "path", "types"),
    [
        ({"demo.py": SHOWS}, "demo.py", ("demo", "infer")),
        ({"demo.py": SHOWS, "infer.py": MODEL + "net(cv2.imread('a.jpg'))"}, "demo.py", ("demo",)),
        # A copy and a test leave the demo what it is.
        (
            {"demo.py": SHOWS, "old/infer.py": MODEL + "net(cv2.imread('a.jpg'))"},
            "demo.py",
            ("demo", "infer"),
        ),
        ({"demo.py": SHOWS, "test.py": TRIES}, "test.py", ("eval",)),  # the demo is nearer
        ({"app.py": PAGE}, "app.py", ("demo",)),  # a page is a demo alone
        ({"app.py": PAGE, "test.py": TRIES}, "test.py", ("eval", "infer")),
        ({"test.py": TRIES}, "test.py", ("eval", "infer")),
        ({"test.py": MEASURES}, "test.py", ("eval",)),  # it looks at no picture
        # Several scores measure, whatever is looked at besides.
        ({"test.py": SHOWS + "COCOeval(a)\nap_per_class(b)\n"}, "test.py", ("eval",)),
        ({"evaluate.py": TRIES}, "evaluate.py", ("eval",)),  # no name of a trial
    ],
)
def test_what_infers_where_nothing_else_does(
    files: dict[str, str], path: str, types: tuple[str, ...]
) -> None:
    assert types_of(files)[path] == types


def test_it_is_started_as_before() -> None:
    project = make_project({"demo.py": SHOWS, "net.py": NET})
    (script,) = with_inference(find_entry_scripts(project), project)
    assert script.type_starts["infer"] == script.type_starts["demo"]
