"""Which files a person would start."""

from __future__ import annotations

import json

import pytest

from registry_app.choices import Confidence, ScriptLaunch
from registry_app.inference.code.project import Project
from registry_app.inference.purpose.entry_points import find_entry_scripts, launch_of, template_for
from tests.registry_app.inference.projects import make_project, make_source

GUARD = "if __name__ == '__main__':\n    main()\n"


@pytest.mark.parametrize(
    ("path", "text", "launch"),
    [
        ("train.py", f"def main(): ...\n{GUARD}", "main_guard"),
        ("train.py", "if '__main__' == __name__:\n    go()\n", "main_guard"),
        ("train.py", "import a\nfor epoch in range(3):\n    a.step()\n", "top_level"),
        ("train.py", "import a\na.fit()\n", "top_level"),
        # What is set up in any library is no work.
        ("train.py", "import a\na.set_format('b')\ndef go(): ...\n", "library"),
        ("train.py", "import a\na.setup('b')\n", "top_level"),
        ("train.py", "try:\n    fit()\nexcept OSError:\n    pass\n", "top_level"),
        ("model.py", "import sys\nsys.path.append('.')\nclass Net: ...\n", "library"),
        ("model.py", "'''Only words.'''\nX = 3\n", "library"),
        ("net/__main__.py", "from . import go\ngo()\n", "package_main"),
        ("train.sh", "python train.py\n", "shell"),
        ("train.bat", "python train.py\n", "batch"),
        ("old.py", "print 'x'\nif __name__ == '__main__': go()\n", "main_guard"),
        ("odd.py", "go(]\nif __name__ == '__main__': go()\n", "main_guard"),
        # A file ends with work of its own, whose answer is kept.
        ("rows.py", "def test_folds(): ...\nrows = test_folds()\n", "top_level"),
        ("rows.py", "from a import test_folds\nrows = test_folds()\n", "library"),
        ("rows.py", "def load_rows(): ...\nrows = load_rows()\n", "library"),
        ("rows.py", "def test_folds(): ...\nrows = test_folds()\nX = 3\n", "library"),
        ("train.py", "import a\nresults = a.YOLO('x').train(data='a')\n", "top_level"),
        ("model.py", "import a\nnet = a.build()\n", "library"),
        # What a variable holds is called: a model sees a picture, whatever both are called.
        ("see.py", "import a\nseer = a.load()\nboxes = seer(a.read())\n", "top_level"),
        ("see.py", "import a\nnet = a.Net()\nboxes = net.forward()\n", "top_level"),
        ("options.py", "import a\np = a.Parser()\nargs = p.parse_args()\n", "library"),
        ("client_app.py", "import flwr\napp = flwr.client.ClientApp(make)\n", "top_level"),
        ("exif.py", "for tag in TAGS:\n    if tag == 3:\n        break\n", "library"),
        ("infer.py", "import a\nboxes = a.get().infer(x)[0]\n", "top_level"),
        ("later.py", "def main(): ...\nif __name__ == '__main__':\n    pass\n", "library"),
        ("empty.py", "", "library"),
    ],
)
def test_how_a_file_starts(path: str, text: str, launch: str) -> None:
    assert launch_of(make_source(text, path)) == ScriptLaunch(launch)


def test_a_notebook_without_code_is_nothing_to_start() -> None:
    cells = {"cells": [{"cell_type": "markdown", "source": "x"}]}
    assert launch_of(make_source(json.dumps(cells), "a.ipynb")) is ScriptLaunch.LIBRARY


def test_modules_tests_and_packaging_are_left_out() -> None:
    project = make_project(
        {
            "train.py": "from model import Net\nfrom utils import tf\nNet().fit()\n",
            "model.py": f"class Net: ...\ndef main(): print(Net())\n{GUARD}",
            "tests/test_train.py": "def test_it(): ...\nx()\n",
            "tests/helper.py": "x()\n",
            "test_model.py": "import pytest\nx()\n",
            "model_test.py": "def test_forward(): ...\nx()\n",
            "utils/aws/userdata.sh": "python detect.py\n",
            "utils/tf.py": f"import argparse\nargparse.ArgumentParser().parse_args()\n{GUARD}",
            "setup.py": "setup()\n",
            "conftest.py": "x()\n",
            "net/__init__.py": "x()\n",
        }
    )
    assert [item.path for item in find_entry_scripts(project)] == ["train.py"]


@pytest.mark.parametrize(
    ("path", "text", "is_script"),
    [
        # Nobody trains just to try a module out, wherever it lies and whoever imports it.
        ("models/net.py", f"def main(): model.fit(x)\n{GUARD}", True),
        ("net.py", f"def main(): cv2.VideoCapture(0)\n{GUARD}", False),
        ("face_detector.py", "class FaceDetector: ...\nif '__main__' == __name__: go()\n", False),
        ("loader.py", "import torch\nadd_folders()\nclass Loader: ...\n", False),
    ],
)
def test_modules_that_try_themselves_out_are_no_scripts(
    path: str, text: str, is_script: bool
) -> None:
    dotted = path.removesuffix(".py").replace("/", ".")
    user = f"import {dotted}\nmodel.fit(x)\n" if path != "face_detector.py" else "model.fit(x)\n"
    project = make_project({path: text, "use.py": user})
    assert (path in [item.path for item in find_entry_scripts(project)]) is is_script


def test_a_notebook_that_cannot_be_read_is_reported_by_its_name() -> None:
    data = {"export_tensorrt.ipynb": None, "notes.ipynb": None, "train.ipynb": b""}
    project = Project(name="sampyo-gimhae-bct", paths=list(data), read=data.get)
    found = {item.path: item for item in find_entry_scripts(project)}
    assert list(found) == ["export_tensorrt.ipynb", "train.ipynb"]
    assert found["export_tensorrt.ipynb"].types.value == ("quant",)
    assert found["export_tensorrt.ipynb"].types.confidence is Confidence.UNSURE
    assert "only its name was used" in str(found["export_tensorrt.ipynb"].warnings[0])


def test_checkpoints_of_notebooks_are_left_out() -> None:
    project = make_project({"a/train-checkpoint.ipynb": "{}", "a/._train.py": "model.fit(x)\n"})
    assert [item.path for item in find_entry_scripts(project)] == []


def test_a_notebook_may_take_functions_from_a_script() -> None:
    text = f"import torch\ndef main(): torch.load(a)(cv2.imread(b))\n{GUARD}"
    cell = {"cell_type": "code", "source": "from answers import main\nmain()"}
    project = make_project({"answers.py": text, "a.ipynb": json.dumps({"cells": [cell]})})
    assert "answers.py" in [item.path for item in find_entry_scripts(project)]


@pytest.mark.parametrize(
    ("importer", "is_script"),
    [
        ("tests/test_main.py", True),
        ("test_answers.py", True),
        ("tests/helper.py", True),
        ("serve.py", False),
    ],
)
def test_a_test_may_take_functions_from_a_script(importer: str, is_script: bool) -> None:
    text = f"import torch\ndef main(): torch.load(a)(cv2.imread(b))\n{GUARD}"
    check = "from answers import main\ndef test_it(): main()\n"
    files = {"answers.py": text, importer: check, "tests/test_it.py": "def test_one(): ...\n"}
    found = [item.path for item in find_entry_scripts(make_project(files))]
    assert ("answers.py" in found) is is_script


def test_a_module_with_a_command_line_is_a_script_although_it_is_imported() -> None:
    text = f"import argparse\ndef main(): argparse.ArgumentParser().parse_args()\n{GUARD}"
    project = make_project({"val.py": text, "train.py": "import val\nval.run()\n"})
    assert [item.path for item in find_entry_scripts(project)] == ["train.py", "val.py"]


def test_a_test_by_name_that_tries_a_model_is_a_script() -> None:
    project = make_project({"test_quant.py": "torch.onnx.export(model, x, 'a.onnx')\n"})
    assert [item.types.value for item in find_entry_scripts(project)] == [("quant",)]


def test_a_folder_of_documents_holds_a_script_where_its_code_works_on_a_model() -> None:
    train = "from ultralytics import YOLO\nYOLO('a').train(data='b', epochs=3)\n"
    files = {"docs/course/train.py": train, "docs/conf.py": "setup()\n", "docker/train.sh": "x"}
    found = find_entry_scripts(make_project(files))
    assert [item.path for item in found] == ["docs/course/train.py"]


def test_a_launcher_names_what_it_starts_and_keeps_its_command_line_to_itself() -> None:
    project = make_project(
        {"scripts/go.sh": "cd ..\npython train.py\n", "train.py": "import a\na.fit()\n"}
    )
    launcher = find_entry_scripts(project)[0]
    assert (launcher.path, launcher.starts) == ("scripts/go.sh", ("train.py",))
    assert not launcher.parameters.known


def test_the_sub_command_of_the_type_is_drafted() -> None:
    text = """
    import argparse
    p = argparse.ArgumentParser()
    s = p.add_subparsers()
    a = s.add_parser("bench"); a.add_argument("--n", default=1)
    b = s.add_parser("train"); b.add_argument("--epochs", type=int, default=3)
    p.parse_args()
    model.fit()
    """
    script = find_entry_scripts(make_project({"train_net.py": text}))[0]
    assert script.args_template == "train --epochs {epochs}"
    assert [parameter.name for parameter in script.parameters.parameters] == ["epochs"]
    assert [parameter.name for parameter in script.command_line.parameters] == ["n", "epochs"]


def test_each_type_of_a_script_has_the_sub_command_of_its_own() -> None:
    text = """
    import fire
    def train(epochs=3): model.fit(x)
    def predict(source): onnxruntime.InferenceSession(source)
    fire.Fire({"train": train, "predict": predict})
    """
    (script,) = find_entry_scripts(make_project({"work.py": text}))
    assert script.types.value == ("train", "infer")
    assert [template_for(script, kind) for kind in ("train", "infer", "quant")] == [
        "train",
        "predict --source={source}",
        "",
    ]
