"""Phrases of names that tell what a script makes."""

from __future__ import annotations

import json

import pytest

from registry_app.inference.purpose.evidence.telling_names import makes_data_by_name
from registry_app.inference.purpose.purpose import guess_types
from tests.registry_app.inference.projects import make_project

YOLO = "from ultralytics import YOLO\nYOLO('a').predict(source='b', save=True)\n"
TRAIN = "YOLO('a').train(data='b.yaml', epochs=3)\n"
CAMERA = (
    "import onvif, subprocess\nsubprocess.call(command)\nonvif.ONVIFCamera('a').GetProfiles()\n"
)
READ = "import cv2, mmcv, os\nmmcv.imwrite(cv2.VideoCapture('a').read(), 'b')\n"
FOLDS = "from ultralytics import YOLO\nYOLO('a').train(data='b.yaml', epochs=3)\nYOLO('a').val()\n"
FITS = "import sklearn, json\njson.load(a)\nIsotonicRegression().fit(scores, labels)\n"
CUTS = "import kit, cv2\ncv2.imwrite(a, kit.cut(cv2.imread(b)))\n"
STEPS = (
    "import torch\noptimizer = torch.optim.AdamW({})\nnet(x)\nloss.backward()\noptimizer.step()\n"
)
FIXES = (
    "import torch, shutil\ndef detect_version(path):\n"
    "    with torch.no_grad(): return open(path).read()\n"
    "detect_version('a')\nshutil.copy2('a', 'b')\n"
)
READ_ON = "import cv2, numpy, feed\nnumpy.save('a', feed.next())\n"
DRAWS = (
    '"""Draw pictures for inference."""\nimport pandas, kit, shutil\n'
    "def detect_axis(rows): return rows\ndetect_axis(pandas.read_csv('a'))\n"
    "shutil.copy2('a', 'b')\n"
)
SCORES = (
    "import importlib, torch\nkit = importlib.import_module('kit')\n"
    "for value in range(9): print(kit.score(torch.load('a'), value))\n"
)


@pytest.mark.parametrize(
    ("path", "makes"),
    [
        ("autolabel.py", True),
        ("auto_annotate_yard.py", True),
        ("yard_auto_label.py", True),
        ("auto_detect.py", False),
        ("automatic.py", False),
        ("tools/convert_datasets/drive.py", True),
        ("dataset_converters/yard.py", True),
        ("convert_models/yard.py", False),
        ("datasets/yard.py", False),
    ],
)
def test_a_name_says_that_data_are_made(path: str, makes: bool) -> None:
    assert makes_data_by_name(path) is makes


@pytest.mark.parametrize(
    ("path", "text", "first"),
    [
        ("autolabel.py", YOLO, "data"),
        ("label_yard.py", YOLO, "infer"),
        ("convert_datasets/yard.py", READ, "data"),
        (
            "convert_datasets/yard.py",
            "import torch\ntorch.onnx.export(net, x, 'a.onnx')\n",
            "quant",
        ),
        ("convert_models/yard.py", READ, "infer"),
        # What is exported are a model's answers.
        ("export_demo_examples.py", YOLO, "infer"),
        ("export_examples.py", "import torch\ntorch.onnx.export(net, x, 'a.onnx')\n", "quant"),
        ("export_onnx_examples.py", YOLO, "quant"),
        ("export_detection_model.py", YOLO, "quant"),
        # Values behind a trained model are tried out.
        ("choose_threshold.py", YOLO, "eval"),
        (
            "postprocess_search.py",
            "import keras\nmodel.load_weights('a')\nmodel.predict(x)\n",
            "eval",
        ),
        ("threshold.py", YOLO, "infer"),
        ("ensemble_best.py", YOLO, "infer"),
        ("search_yard.py", YOLO, "infer"),
        ("gate_sweep.py", SCORES, "eval"),
        ("class_sweep.py", SCORES, "eval"),
        ("class_sweep.py", SCORES + "wandb.agent(kit.sweep)\n", "train"),
        ("class_sweep.py", SCORES + "loss.backward()\noptimizer.step()\n", "train"),
        ("train_sweep.py", SCORES, "train"),
        # Pictures are stored for later, or drawn from numbers.
        ("record_field_test.py", READ_ON, "data"),
        ("camera_recorder.py", READ_ON, "data"),
        ("record_detections.py", YOLO, "infer"),
        ("generate_chart_images.py", DRAWS, "data"),
        ("generate_charts_later.py", DRAWS, "infer"),
        # Each fold is trained and measured.
        ("cross_validation.py", FOLDS, "train"),
        ("kfold.py", FOLDS, "train"),
        ("cross_validation.py", YOLO + "YOLO('a').val()\n", "eval"),
        # Scores become probabilities; weights stay what they are.
        ("calibrate_probabilities.py", FITS, "eval"),
        ("calibrate_camera_model.py", FITS, "train"),
        ("calibrate_probabilities.py", "loss.backward()\noptimizer.step()\n", "train"),
        # A number behind a trained model is stepped.
        ("reliability.py", STEPS.format("[self.temperature]"), "eval"),
        ("reliability.py", STEPS.format("[self.log_T]"), "eval"),
        ("reliability.py", STEPS.format("net.parameters()"), "train"),
        ("reliability.py", STEPS.format("[weights]"), "train"),
        ("reliability.py", STEPS.format("[T], lr=1") + "net.fit(x)\n", "train"),
        # Layers are trained without to see which a model needs.
        ("sensitivity.py", STEPS.format("net.parameters()"), "eval"),
        ("sensitivity.py", "import torch\ntorch.onnx.export(net, x, 'a.onnx')\n", "quant"),
        # Inference is only how something is made.
        ("volumes_with_tracking.py", CUTS, "data"),
        ("tracking_with_flow.py", CUTS, "infer"),
        ("video_with_tracking.py", CUTS, "infer"),
        ("webcam_with_tracking.py", YOLO, "infer"),
        # A set is prepared with a model's help, and written.
        ("preprocess_resize.py", YOLO + "json.dump(json.load(a), b)\n", "data"),
        ("preprocess_resize.py", YOLO, "infer"),
        ("resize_yard.py", YOLO + "json.dump(json.load(a), b)\n", "infer"),
        # Weights are moved to where they are kept.
        ("model_sync.py", "'Export models to a drive.'\nimport kit\nkit.move()\n", None),
        ("model_out.py", "'Export models to a drive.'\nimport kit\nkit.move()\n", "quant"),
        # What goes wrong is looked into.
        ("debug_dataset.py", YOLO, "data"),
        ("debug_net.py", YOLO, "infer"),
        ("debug_dataset.py", YOLO + "cv2.imshow('a', b)\n", "infer"),
        ("debug_dataset.py", "loss.backward()\noptimizer.step()\n", "train"),
        ("diagnose_yard.py", YOLO + "confusion_matrix(a, b)\n", "eval"),
        ("diagnose_lungs.py", YOLO, "infer"),
        # What a model stands, and how good pictures are, is measured.
        ("robustness.py", YOLO, "eval"),
        ("fid_yard.py", YOLO, "eval"),
        ("quick_suite.py", YOLO, "eval"),
        ("kmeans_anchors.py", "import sklearn\nkm.fit(boxes)\n", None),
        ("anchors.py", "loss.backward()\noptimizer.step()\n", "train"),
        ("train_anchors.py", "import keras\nnet.fit(boxes)\n", "train"),
        # A file is repaired.
        ("fix_version.py", FIXES, "data"),
        ("fix_version.py", FIXES + "net(cv2.imread('a.jpg'))\n", "infer"),
        # People in pictures are made unrecognisable.
        ("deid_blur.py", "import os\nos.listdir('a')\n" + YOLO, "data"),
        ("anonymize_yard.py", "import os\nos.listdir('a')\n" + YOLO, "data"),
        ("blur_camera.py", "import os\nos.listdir('a')\ncv2.VideoCapture(0)\n" + YOLO, "infer"),
        ("detect_blur.py", "import os\nos.listdir('a')\n" + YOLO, "infer"),
        # Cameras are checked; their pictures are not looked at.
        ("profile_camera.py", CAMERA, None),
        ("list_cameras.py", CAMERA, None),
        ("profile_camera.py", YOLO, "infer"),
        ("camera.py", CAMERA, "infer"),
        ("run_camera.py", CAMERA, "infer"),
        # What a window offers.
        ("ui.py", "import tkinter\ntkinter.Tk().mainloop()\n" + YOLO + TRAIN, "demo"),
        ("yard.py", "import tkinter\ntkinter.Tk().mainloop()\n" + TRAIN, "train"),
        # A launcher that streams files gives the pictures.
        ("stream_all.sh", "ffmpeg -re -i a.mp4 -f rtsp rtsp://localhost/a\n", None),
        ("stream_all.sh", "ffmpeg -i a.mp4 b.avi\n./build/look a.onnx b.avi\n", "infer"),
    ],
)
def test_a_name_tells_what_is_done_with_a_model(path: str, text: str, first: str | None) -> None:
    project = make_project({path: text})
    source = project.source(path)
    assert source is not None
    assert next(iter(guess_types(source, project).value), None) == first


CELLS = {
    "fit": "model.fit(x)",
    "start": "!python train.py",
    "page": "import streamlit\nmodel.fit(x)",
}


@pytest.mark.parametrize(
    ("path", "cell", "first"),
    [
        ("VGG16_Tutorial.ipynb", "fit", "train"),
        ("VGG16_Tutorial.ipynb", "start", "train"),
        ("tutorial.ipynb", "start", "demo"),
        ("VGG16_Tutorial.ipynb", "page", "demo"),
        ("VGG_data_augmentation_final.ipynb", "fit", "train"),
        ("prepare_data.ipynb", "fit", "data"),
    ],
)
def test_notebooks_that_train_whatever_they_are_named_after(
    path: str, cell: str, first: str
) -> None:
    text = json.dumps({"cells": [{"cell_type": "code", "source": CELLS[cell]}]})
    project = make_project({path: text, "train.py": "loss.backward()\nopt.step()\n"})
    source = project.source(path)
    assert source is not None
    assert guess_types(source, project).value[0] == first


ASK = "from kit.ask import go\ngo(open(path))\n"


@pytest.mark.parametrize(
    ("path", "text", "first"),
    [
        ("process_images.py", "def go(a): DefaultPredictor(cfg)(a)\n", "infer"),
        ("process_video.py", "def go(a): cv2.VideoCapture(a)\nimport kit2\n", "data"),
        ("process_labels.py", "def go(a): DefaultPredictor(cfg)(a)\n", "data"),
        ("preprocess_images.py", "def go(a): DefaultPredictor(cfg)(a)\n", "data"),
    ],
)
def test_pictures_that_are_processed_by_a_model(path: str, text: str, first: str) -> None:
    project = make_project({path: ASK, "kit/ask.py": text})
    source = project.source(path)
    assert source is not None
    assert guess_types(source, project).value[0] == first


def test_a_launcher_of_folds_trains_whatever_it_prepares() -> None:
    files = {
        "run_kfold.sh": "python split.py\npython train.py\n",
        "split.py": "train_test_split(files)\n",
        "train.py": "loss.backward()\nopt.step()\n",
    }
    project = make_project(files)
    source = project.source("run_kfold.sh")
    assert source is not None
    assert guess_types(source, project).value == ("train",)
    project = make_project(files | {"run_kfold.sh": "python split.py\n"})
    source = project.source("run_kfold.sh")
    assert source is not None
    assert guess_types(source, project).value == ("data",)
