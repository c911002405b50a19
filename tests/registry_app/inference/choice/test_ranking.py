"""What a script is compared with others by."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry_app.choices import Confidence
from registry_app.inference.choice.defaults import choose_default
from registry_app.inference.purpose.entry_points import EntryScript, find_entry_scripts
from registry_app.words import ScriptLaunch
from tests.registry_app.inference.choice.test_defaults import notebook, scripts
from tests.registry_app.inference.projects import make_project

COMMANDS = "[project.scripts]\nkit = '{}:main'\n"


MAIN = "def main():\n    run_training()\n"


@pytest.mark.parametrize(
    ("files", "default"),
    [
        # The command that the project installs comes before notebooks that try things.
        ({"kit/cli.py": MAIN, "pyproject.toml": COMMANDS.format("kit.cli")}, "kit/cli.py"),
        ({"kit/node.py": MAIN, "pyproject.toml": COMMANDS.format("kit.node")}, "parts.ipynb"),
        ({"kit/cli.py": MAIN + "main()\n"}, "parts.ipynb"),
        ({"kit/__main__.py": MAIN + "main()\n", "finetune_x.ipynb": ""}, "kit/__main__.py"),
    ],
)
def test_commands_and_main_parts_of_packages(files: dict[str, str], default: str) -> None:
    fits = notebook("model.fit()\n")
    texts = {path: text or fits for path, text in files.items()}
    if len(files) == 1 or "pyproject.toml" in files:
        texts["parts.ipynb"] = fits
    project = make_project(texts)
    found = [
        replace(
            script,
            types=replace(
                script.types,
                value=("train",),
                confidence=Confidence.LIKELY if script.path == "parts.ipynb" else Confidence.UNSURE,
            ),
        )
        for script in find_entry_scripts(project)
    ]
    guess = choose_default("train", found)
    assert guess is not None
    assert guess.value == default


LEARNS = "from ultralytics import YOLO\nYOLO('a').train(data='b.yaml', epochs=3)\n"
LOOKS = "import torch\nimport cv2\nnet = torch.load('a.pt')\nprint(net(cv2.imread('a.jpg')))\n"


def typed(path: str, *types: str, confidence: Confidence = Confidence.SURE) -> EntryScript:
    (script,) = find_entry_scripts(make_project({path: LOOKS}))
    return replace(script, types=replace(script.types, value=types, confidence=confidence))


@pytest.mark.parametrize(
    ("candidates", "default"),
    [
        # A name that begins with `test` is that of a test, also with what pictures come from.
        ([typed("test_webcam.py", "infer"), typed("main.py", "infer")], "main.py"),
        ([typed("detect_webcam.py", "infer"), typed("main.py", "infer")], "detect_webcam.py"),
        # What a name alone says, and much more, comes after what code beside it shows.
        (
            [
                typed("kit/detect_3d_node.py", "infer", confidence=Confidence.UNSURE),
                typed("kit/yolo_node.py", "infer", confidence=Confidence.LIKELY),
            ],
            "kit/yolo_node.py",
        ),
        (
            [
                typed("kit/detect_3d_node.py", "infer", confidence=Confidence.UNSURE),
                typed("other/kit/yolo_node.py", "infer"),
            ],
            "kit/detect_3d_node.py",
        ),
        (
            [
                typed("detect_fire.py", "infer", confidence=Confidence.UNSURE),
                typed("yard.py", "infer"),
            ],
            "detect_fire.py",
        ),
        (
            [
                typed("detect_hot_areas.py", "infer", confidence=Confidence.UNSURE),
                typed("test_yard.py", "infer"),
            ],
            "detect_hot_areas.py",
        ),
        # A probe of a board and a table for an analysis come last.
        (
            [
                typed("probe_npu.py", "infer"),
                typed("examples/kit_tour.py", "infer", confidence=Confidence.UNSURE),
            ],
            "examples/kit_tour.py",
        ),
        ([typed("generate_plate_scores.py", "infer"), typed("a/crane.py", "infer")], "a/crane.py"),
        (
            [typed("generate_plates.py", "infer"), typed("a/crane.py", "infer")],
            "generate_plates.py",
        ),
        # Also where it is spelled otherwise.
        (
            [typed("show_with_inferance.py", "infer"), typed("go.py", "infer")],
            "show_with_inferance.py",
        ),
        # A guess that the name backs comes before a test, and no other guess does.
        (
            [
                typed("test_yard.py", "infer"),
                typed("main.py", "infer", confidence=Confidence.UNSURE),
            ],
            "main.py",
        ),
        (
            [typed("crane.py", "infer"), typed("main.py", "infer", confidence=Confidence.UNSURE)],
            "crane.py",
        ),
        (
            [
                typed("test_yard.py", "infer"),
                typed("crane.py", "infer", confidence=Confidence.UNSURE),
            ],
            "test_yard.py",
        ),
        # A demo that surely infers too is what a test tries.
        ([typed("quick_test.py", "infer"), typed("app.py", "demo", "infer")], "app.py"),
        ([typed("quick_test.py", "infer"), typed("demo.py", "demo", "infer")], "demo.py"),
        ([typed("quick_test.py", "infer"), typed("app.py", "train", "infer")], "quick_test.py"),
        ([typed("crane.py", "infer"), typed("app.py", "demo", "infer")], "crane.py"),
    ],
)
def test_a_test_comes_after_what_it_tries(candidates: list[EntryScript], default: str) -> None:
    guess = choose_default("infer", candidates)
    assert guess is not None
    assert guess.value == default


@pytest.mark.parametrize(
    ("kind", "files", "default"),
    [
        ("infer", {"run.sh": "python test.py", "test.py": LOOKS, "crane.py": LOOKS}, "crane.py"),
        ("infer", {"yard/run.sh": "python look.py", "yard/look.py": LOOKS}, "yard/look.py"),
        ("train", {"production.py": LEARNS, "transfer.py": LEARNS}, "production.py"),
        (
            "infer",
            {"evaluation/noise.py": LOOKS, "yard/deep/crane.py": LOOKS},
            "yard/deep/crane.py",
        ),
    ],
)
def test_what_is_in_use_comes_before_what_tries_or_measures(
    kind: str, files: dict[str, str], default: str
) -> None:
    guess = choose_default(kind, find_entry_scripts(make_project(files)))
    assert guess is not None
    assert guess.value == default


@pytest.mark.parametrize(
    ("paths", "imported", "default"),
    [
        (["reads.py", "window_all.py"], {"reads.py"}, "window_all.py"),
        (["reads.py", "window_all.py"], set(), "reads.py"),
        # What is named for the type, or as the main part, is started even so.
        (["train_net.py", "tools/deep/app.py"], {"train_net.py"}, "train_net.py"),
        (["main.py", "tools/deep/app.py"], {"main.py"}, "main.py"),
    ],
)
def test_what_others_import_comes_after_what_nobody_does(
    paths: list[str], imported: set[str], default: str
) -> None:
    guess = choose_default("train", scripts(*paths), imported=imported)
    assert guess is not None
    assert guess.value == default


@pytest.mark.parametrize(
    ("paths", "default"),
    [
        (["ppe/run_net.py", "health/train.py"], "ppe/run_net.py"),
        (["ppe/net.py", "health/run_net.py"], "ppe/net.py"),
        # A part in the folder of the task is no project of its own.
        (["ppe/net.py", "health/train.py"], "health/train.py"),
        (["ppe/net.py", "ppe/train.py", "health/train.py"], "ppe/train.py"),
    ],
)
def test_the_project_that_is_named_after_the_task(paths: list[str], default: str) -> None:
    guess = choose_default("train", scripts(*paths), on_task={"ppe"})
    assert guess is not None
    assert guess.value == default


@pytest.mark.parametrize(
    ("paths", "default"),
    [
        (["predict_digits.py", "predict_video.py"], "predict_video.py"),
        (["predict.py", "predict_video.py"], "predict.py"),
    ],
)
def test_a_name_of_where_pictures_come_from_wins_among_equals(
    paths: list[str], default: str
) -> None:
    guess = choose_default("infer", [typed(path, "infer") for path in paths])
    assert guess is not None
    assert guess.value == default


@pytest.mark.parametrize(
    ("candidates", "default"),
    [
        # What explains an answer, or prepares pictures with a model, is not what gives answers.
        ([typed("gradcam.py", "infer"), typed("demo.py", "demo", "infer")], "demo.py"),
        ([typed("gradcam.py", "infer"), typed("infer_gradcam.py", "infer")], "infer_gradcam.py"),
        (
            [
                typed("tools/extract_poses.py", "infer"),
                typed("app/yard.py", "infer", confidence=Confidence.UNSURE),
            ],
            "app/yard.py",
        ),
        (
            [typed("extract_poses.py", "infer"), typed("app.py", "demo", "infer")],
            "extract_poses.py",
        ),
        # A version of what surely infers is no guess; another name is.
        (
            [
                typed("crane.py", "infer"),
                typed("crane_v2.py", "infer", confidence=Confidence.UNSURE),
            ],
            "crane_v2.py",
        ),
        (
            [
                typed("crane.py", "infer"),
                typed("yard_v2.py", "infer", confidence=Confidence.UNSURE),
            ],
            "crane.py",
        ),
    ],
)
def test_the_work_comes_before_what_is_done_around_it(
    candidates: list[EntryScript], default: str
) -> None:
    guess = choose_default("infer", candidates)
    assert guess is not None
    assert guess.value == default


@pytest.mark.parametrize(
    ("candidates", "default"),
    [
        # A step before the training makes what it needs; one without a number may be anything.
        (
            [
                typed("s1_poses.py", "infer"),
                typed("s4_train.py", "train"),
                typed("s5_test.py", "infer"),
            ],
            "s5_test.py",
        ),
        (
            [
                typed("01_look.py", "infer"),
                typed("a/02_train.py", "train"),
                typed("3_test.py", "infer"),
            ],
            "01_look.py",
        ),
        ([typed("1_look.py", "infer"), typed("test.py", "infer")], "1_look.py"),
        # A tool of OpenMMLab that compares a server's answers; a demo for a rented server.
        (
            [
                typed("tools/serve/test_torchserve.py", "infer"),
                typed("demo/image_demo.py", "infer"),
            ],
            "demo/image_demo.py",
        ),
        ([typed("look_aws.py", "infer"), typed("look_scripted.py", "infer")], "look_scripted.py"),
    ],
)
def test_steps_tools_and_variants_come_after_the_work(
    candidates: list[EntryScript], default: str
) -> None:
    guess = choose_default("infer", candidates)
    assert guess is not None
    assert guess.value == default


@pytest.mark.parametrize(
    ("source", "default"), [("kit/part.py:8", "kit/make_all_of_it.py"), ("kit/b.py:8", "a.ipynb")]
)
def test_what_starts_the_other_candidates_is_no_guess(source: str, default: str) -> None:
    whole = typed("kit/make_all_of_it.py", "infer", confidence=Confidence.UNSURE)
    part, book = typed("kit/part.py", "infer"), typed("a.py", "infer")
    candidates = [
        replace(whole, types=replace(whole.types, source=source)),
        part,
        replace(book, path="a.ipynb", launch=ScriptLaunch.NOTEBOOK),
    ]
    guess = choose_default("infer", candidates, imported={"kit/part.py"})
    assert guess is not None
    assert guess.value == default
