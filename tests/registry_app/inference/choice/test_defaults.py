"""Which script of a type is started first, and why."""

from __future__ import annotations

import fnmatch
import json

import pytest

from registry_app.choices import Confidence
from registry_app.inference.choice.defaults import (
    choose_default,
    draft_patterns,
)
from registry_app.inference.choice.lesser_scripts import is_copy
from registry_app.inference.choice.vendored import vendored_folders
from registry_app.inference.choice.versions import numbers_in_series, step_of, version_of
from registry_app.inference.purpose.entry_points import EntryScript, find_entry_scripts
from registry_app.messages import joined
from tests.registry_app.inference.projects import make_project

CLI = """\
import argparse
import cv2
import torch
from torch.utils.data import DataLoader
from net import Net


def train(args):
    model, loader = Net(), DataLoader(args.data)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for images, labels in loader:
        loss = model(images).sum()
        loss.backward()
        optimizer.step()
    torch.save(model.state_dict(), 'best.pt')


def predict(args):
    model = Net()
    model.load_state_dict(torch.load(args.weights))
    model.eval()
    with torch.no_grad():
        print(model(cv2.imread(args.image)))


def export(args):
    model = Net()
    model.load_state_dict(torch.load(args.weights))
    torch.onnx.export(model, torch.zeros(1, 3, 64, 64), 'model.onnx')


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("train")
    one.add_argument("--data")
    one.set_defaults(run=train)
    one = commands.add_parser("predict")
    one.add_argument("--image")
    one.add_argument("--weights")
    one.set_defaults(run=predict)
    one = commands.add_parser("export")
    one.add_argument("--weights")
    one.set_defaults(run=export)
    args = parser.parse_args()
    args.run(args)
"""


NET = "import torch\nclass Net(torch.nn.Module):\n    pass\n"


def notebook(code: str) -> str:
    return json.dumps({"cells": [{"cell_type": "code", "source": code}]})


def scripts(*paths: str) -> list[EntryScript]:
    fits = "model.fit()\n"
    texts = {path: notebook(fits) if path.endswith(".ipynb") else fits for path in paths}
    return find_entry_scripts(make_project(texts))


def default_of(*paths: str) -> str:
    guess = choose_default("train", scripts(*paths), vendored=vendored_folders(paths))
    assert guess is not None
    return guess.value


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("train_v2.py", (2,)),
        ("train_yolov11_v2.py", (2,)),
        ("train_v2.1.py", (2, 1)),
        ("train-v10-final.py", (10,)),
        ("v3_train.py", (3,)),
        ("train_yolov8.py", ()),
        ("train.py", ()),
        ("train_ver4.py", (4,)),
        ("train_20240503.py", (20240503,)),
        ("train_240503_b.py", (240503,)),
        ("train_123456.py", ()),
    ],
)
def test_versions_in_names(path: str, version: tuple[int, ...]) -> None:
    assert version_of(path) == version


@pytest.mark.parametrize(
    ("paths", "numbers"),
    [
        (["a/net1.py", "a/net2.py", "a/net3.py"], {"a/net1.py": 1, "a/net2.py": 2, "a/net3.py": 3}),
        (["a/net1.py", "a/net2.py", "b/net3.py"], {}),  # beside each other
        (["net1.py", "net2.py", "net3.sh"], {}),
        (["net1.py", "net2.py", "net4.py"], {}),
        (["fold1.py", "fold2.py", "fold3.py"], {}),
        (["1.py", "2.py", "3.py"], {}),  # steps
    ],
)
def test_numbers_of_attempts(paths: list[str], numbers: dict[str, int]) -> None:
    assert numbers_in_series(paths) == numbers


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("src/s4_train.py", 4),
        ("04_train.py", 4),
        ("step2-train.sh", 2),
        ("train_4.py", None),
        ("2d_train.py", None),
        ("20240503_train.py", None),
    ],
)
def test_steps_in_names(path: str, number: int | None) -> None:
    assert step_of(path) == number


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("old/train.py", True),
        ("train_backup.py", True),
        ("train (copy).py", True),
        ("train_사본.py", True),
        ("train_bold.py", False),
        ("gold/train.py", False),
        ("train_backupV2.py", True),
        ("train_old2.py", True),
        ("train_backups.py", False),
        ("kit/Archive/train.py", True),  # what is no longer used
        ("archive_model.py", False),  # what it makes
    ],
)
def test_old_copies(path: str, expected: bool) -> None:
    assert is_copy(path) is expected


@pytest.mark.parametrize(
    ("paths", "default"),
    [
        (["train_v1.py", "train_v2.py"], "train_v2.py"),
        (["train_v9.py", "train_v10.py"], "train_v10.py"),
        (["train_v1.py", "train_yolov11_v1.py", "train_yolov11_v2.py"], "train_yolov11_v2.py"),
        (["train.py", "train_v2.py"], "train_v2.py"),
        (["train_v3_old.py", "train_v2.py"], "train_v2.py"),
        (["tools/deep/train.py", "train.py"], "train.py"),
        (["backup/train.py", "src/train.py"], "src/train.py"),
        (["main.py", "train.py"], "train.py"),
        (["lib/deep/train.py", "main.py"], "main.py"),
        (["tools/train.py", "net.py"], "tools/train.py"),
        (["train_large_batch.py", "train_x.py"], "train_x.py"),
        (["train_20240101.py", "train_20240503.py"], "train_20240503.py"),
        (
            ["yolov9/train.py", "yolov9/models/yolo.py", "detectors/own/train_plates.py"],
            "detectors/own/train_plates.py",
        ),
        # A folder of scripts that use a model, which bears its name.
        (["yolov8/train.py", "parts/basic_fit.py"], "yolov8/train.py"),
        # First tries on a public data set.
        (["MNIST/train.py", "parts/deep/train.py"], "parts/deep/train.py"),
        (["train_ablation.py", "train_with_long_name.py"], "train_with_long_name.py"),
        # Many runs of a script come after it.
        (["multi_train_net.py", "train_net.py"], "train_net.py"),
        (["train_all.py", "tools/train_net.py"], "tools/train_net.py"),
        (["train_multi_gpu.py", "tools/deep/net.py"], "train_multi_gpu.py"),
        (["train_nets.py", "train_net.py"], "train_net.py"),
        # A part of others comes last, even after a notebook; its plain name may tell more.
        (["train_utils.py", "deep/parts/net.py"], "deep/parts/net.py"),
        (["utils/loggers/sweep.py", "learn.ipynb"], "learn.ipynb"),
        (["utils/train.py", "deep/parts/net.py"], "utils/train.py"),
        (["utils/train_net.py", "deep/parts/net.py"], "utils/train_net.py"),
        (["utils/train_tools.py", "deep/parts/net.py"], "deep/parts/net.py"),
        (["tests/train_part.py", "deep/net/try_test.py"], "deep/net/try_test.py"),
        # A search for settings trains many times; a worker gets its work from a server.
        (["hyper_param_tuner.py", "kit/deep/net.ipynb"], "kit/deep/net.ipynb"),
        (["train_optuna.py", "kit/deep/net_train.py"], "kit/deep/net_train.py"),
        (["api/train_worker.py", "kit/deep/net.py"], "kit/deep/net.py"),
        (["api/train_worker.py"], "api/train_worker.py"),
        (["train_ensemble.py", "kit/deep/net_train.py"], "kit/deep/net_train.py"),
        # Research keeps in this folder what it tries, or all that it runs.
        (["experiments/train_net.py", "steps/03_fit_more.py"], "experiments/train_net.py"),
        (["experiments/train.py", "src/train.py"], "src/train.py"),
        (["my_experiments/train.py", "steps/deep/net.py"], "steps/deep/net.py"),
        # The last of counted attempts; parts and models are counted otherwise.
        (["net1.py", "net2.py", "net3.py"], "net3.py"),
        (["net_1.py", "net_2.py", "net_10.py"], "net_1.py"),
        (["net1.py", "net2.py"], "net1.py"),
        (["net1.py", "net2.py", "net3.py", "train.py"], "train.py"),
        (["net_stage1.py", "net_stage2.py", "net_stage3.py"], "net_stage1.py"),
        (["yolov5.py", "yolov6.py", "yolov7.py"], "yolov5.py"),
        # A test that trains comes after what is named as a training.
        (["test_run.py", "tools/deep/net_train.py"], "tools/deep/net_train.py"),
    ],
)
def test_newest_version_nearest_to_the_top_no_old_copy(paths: list[str], default: str) -> None:
    assert default_of(*paths) == default


def test_the_reason_says_that_the_version_won() -> None:
    guess = choose_default("train", scripts("train_v1.py", "train_v2.py"))
    assert guess is not None
    assert joined(guess.reason) == "highest version among 2 train scripts; next: train_v1.py"
    assert guess.confidence is Confidence.LIKELY


@pytest.mark.parametrize(
    ("paths", "reason"),
    [
        (
            ("train.py", "tools/train.py"),
            "first of 2 train scripts, nearest to the top; next: tools/train.py",
        ),
        (
            ("train_utils.py", "tools/fit_train.py"),
            "calls fit in line 1; its name suggests train; next: train_utils.py",
        ),
    ],
)
def test_the_reason_says_what_is_nearest_only_if_it_is(paths: tuple[str, ...], reason: str) -> None:
    guess = choose_default("train", scripts(*paths))
    assert guess is not None
    assert joined(guess.reason) == reason


def test_the_evidence_opens_at_the_line_that_tells_the_type() -> None:
    guess = choose_default("train", scripts("train.py"))
    assert guess is not None
    assert guess.source == "train.py:1"


def test_runners_up_are_named_as_far_as_one_reads_them() -> None:
    guess = choose_default("train", scripts(*(f"train_v{number}.py" for number in range(1, 7))))
    assert guess is not None
    assert joined(guess.reason).endswith("next: train_v5.py, train_v4.py, train_v3.py (+2)")


@pytest.mark.parametrize(
    ("paths", "folders"),
    [
        (["yolov5/train.py", "yolov5/models/yolo.py", "src/train.py"], {"yolov5"}),
        (["parts/yolov7/hubconf.py"], {"parts/yolov7"}),
        (["yolov8/training.py", "yolov8/tracking.py"], set()),  # the author's own
        (["libs/mmdetection/tools/train.py"], {"libs/mmdetection"}),
        (["lib/net/hubconf.py", "lib/net/train.py"], {"lib/net"}),
        (["fork/setup.py", "fork/README.md", "fork/train.py"], {"fork"}),
        (["setup.py", "README.md", "train.py"], set()),
        (["yolo_defect/train.py", "detection/train.py"], set()),
    ],
)
def test_folders_that_hold_a_framework(paths: list[str], folders: set[str]) -> None:
    assert vendored_folders(paths) == folders


@pytest.mark.parametrize(
    ("paths", "default"),
    [
        (["export_engine.py", "convert_keras_to_torch.py"], "export_engine.py"),
        # A converter of weights comes after one that makes what is deployed, wherever it lies.
        (["tools/onnx2trt.py", "weights_to_keras.py"], "tools/onnx2trt.py"),
        (["tools/to_onnx.py", "darknet_to_torch.py"], "tools/to_onnx.py"),
        (["weights_to_keras.py"], "weights_to_keras.py"),
        # A format alone may be what a script uses.
        (["nlp/words_tflite.py", "cnn/small/tflite_convert.py"], "cnn/small/tflite_convert.py"),
        (["nlp/words_tflite.py", "cnn/small/net.py"], "nlp/words_tflite.py"),
    ],
)
def test_a_deployed_form_before_weights_of_another_framework(
    paths: list[str], default: str
) -> None:
    text = "import torch\ntorch.onnx.export(net, x, 'a.onnx')\n"
    found = find_entry_scripts(make_project(dict.fromkeys(paths, text)))
    guess = choose_default("quant", found)
    assert guess is not None
    assert guess.value == default


def test_what_a_note_names_wins_among_equals() -> None:
    both = scripts("train_a.py", "train_b.py")
    guess = choose_default("train", both, mentioned={"train_b.py"})
    assert guess is not None
    assert (guess.value, guess.confidence) == ("train_b.py", Confidence.SURE)


@pytest.mark.parametrize(
    ("changed_on", "default"),
    [
        ({}, "train_a.py"),
        ({"train_a.py": 20_000, "train_b.py": 20_000}, "train_a.py"),
        ({"train_a.py": 20_000, "train_b.py": 20_001}, "train_b.py"),
    ],
)
def test_what_was_changed_on_a_later_day_wins_among_equals(
    changed_on: dict[str, int], default: str
) -> None:
    guess = choose_default("train", scripts("train_a.py", "train_b.py"), changed_on=changed_on)
    assert guess is not None
    assert guess.value == default


def test_a_type_without_scripts_has_no_default() -> None:
    assert choose_default("quant", scripts("train.py")) is None


def test_patterns_offer_all_of_a_type_and_none_of_another() -> None:
    found = find_entry_scripts(
        make_project(
            {
                **dict.fromkeys(["train_v1.py", "train_v2.py", "fit[1].py"], "model.fit()\n"),
                "infer.py": "cv2.VideoCapture(0)\n",
                "train_export.sh": "yolo export model=a.pt\n",
            }
        )
    )
    patterns = draft_patterns("train", "train_v2.py", found)
    assert patterns[0] == "train*.py"
    for item in found:
        offered = any(fnmatch.fnmatchcase(item.path, pattern) for pattern in patterns)
        assert offered == ("train" in item.types.value), item.path


def test_a_single_script_needs_no_pattern() -> None:
    assert draft_patterns("train", "train.py", scripts("train.py")) == ()


@pytest.mark.parametrize(
    ("kind", "source", "reason"),
    [
        ("train", "cli.py:13", "the only train script; calls backward in line 13"),
        ("infer", "cli.py", "the only infer script; its sub-command “predict”"),
        ("quant", "cli.py", "the only quant script; its sub-command “export”"),
    ],
)
def test_a_type_of_a_sub_command_is_not_explained_by_the_training(
    kind: str, source: str, reason: str
) -> None:
    guess = choose_default(
        kind, find_entry_scripts(make_project({"cli.py": CLI, "net.py": NET})), vendored=frozenset()
    )
    assert guess is not None
    assert (guess.value, guess.source, joined(guess.reason)) == ("cli.py", source, reason)
